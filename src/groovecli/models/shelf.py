"""The models that are there: which serves what, choosing one, removing one."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from groovecli.errors import GrooveError, ModelError
from groovecli.files import storage_errors
from groovecli.home import checked_name, models_folder
from groovecli.models.choice import choose_model, chosen_model, forget_choice
from groovecli.models.file import StoredModel, find_model, shipped_models, stored_model, unknown_model


@dataclass(frozen=True)
class Serving:
    """Which model serves where none is named; None where there is none that can.

    `classify` names genres, `embed` tells songs apart (for `groove embed` and `groove cluster`);
    `chosen` is what `groove models use` chose.
    """

    classify: StoredModel | None
    embed: StoredModel | None
    chosen: str | None

    def uses_of(self, model: StoredModel) -> tuple[str, ...]:
        """The commands that a model serves."""
        names_genres = self.classify is not None and self.classify.path == model.path
        tells_apart = self.embed is not None and self.embed.path == model.path
        return (*(("classify",) if names_genres else ()), *(("embed", "cluster") if tells_apart else ()))


@dataclass(frozen=True)
class Removed:
    """A model that was removed, and whether it was the one in use."""

    name: str
    folder: Path
    was_chosen: bool


def serving() -> Serving:
    """Which model serves what now."""
    return Serving(_found(with_genres=True), _found(with_genres=False), chosen_model())


def _found(*, with_genres: bool) -> StoredModel | None:
    try:
        return find_model(with_genres=with_genres)
    except GrooveError:
        return None


def use(name: str) -> StoredModel:
    """Let a model serve wherever none is named; a network's name is its latest training.

    Raises
    ------
    ModelError
        There is no such model, or it is damaged.
    StorageError
        groove's home can't be written.
    """
    model = find_model(name)
    choose_model(model.name)
    return model


def use_default() -> Serving:
    """Let the default model serve again.

    Raises
    ------
    StorageError
        groove's home can't be written.
    """
    forget_choice()
    return serving()


def removable(name: str) -> Path:
    """The folder of a model that may be removed; a damaged one may.

    Raises
    ------
    ModelError
        There is no such model, or it ships with groove.
    UsageError
        The name can't be a model's.
    """
    folder = models_folder() / checked_name(name, "model")
    if folder.is_dir():
        return folder
    if any(model.name == name for model in shipped_models()):
        raise ModelError(
            f"{name} ships with groove and can't be removed", "`groove models use` chooses another"
        )
    found = stored_model(name)  # one whose folder was renamed
    if found is None:
        raise unknown_model(name)
    return found.path.parent


def remove(name: str) -> Removed:
    """Remove a model, and all that training left beside it.

    If it was the one in use, the default serves again.

    Raises
    ------
    ModelError
        There is no such model, or it ships with groove.
    StorageError
        Its folder can't be written.
    """
    folder = removable(name)
    with storage_errors(folder):
        shutil.rmtree(folder)
    was_chosen = chosen_model() == folder.name
    if was_chosen:
        forget_choice()
    return Removed(folder.name, folder, was_chosen)
