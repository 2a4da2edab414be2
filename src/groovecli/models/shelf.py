"""The models that are there: which serves what, choosing one, removing one."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from groovecli.datasets.tables import Tables
from groovecli.errors import GrooveError
from groovecli.features.registry import feature
from groovecli.features.segments import SegmentsSpec
from groovecli.files import read_json, storage_errors, write_json
from groovecli.home import Home, checked_name, shipped
from groovecli.library.catalog import Catalog
from groovecli.messages.models import (
    chosen_is_gone,
    hears_no_files,
    names_no_genres,
    never_trained,
    no_model_yet,
    no_such_model,
    not_pulled,
    not_shipped,
    ships_with_groove,
)
from groovecli.models.file import WEIGHTS, StoredModel, describe
from groovecli.networks.registry import NETWORKS


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


class Shelf:
    """The models that are here: which there are, which serves what, choosing one, removing one."""

    def __init__(self, home: Home) -> None:
        self.home = home

    def trained(self) -> list[StoredModel]:
        """The user's models, the latest first; files that can't be read are left out."""
        models = map(self._as_it_learnt, _stored_below(self.home.models))
        return sorted(models, key=lambda m: m.description.created, reverse=True)

    def stored(self, name: str) -> StoredModel | None:
        """The model of just this name, the user's before a shipped one; None where there is none.

        Raises
        ------
        ModelError
            Its file is damaged.
        UsageError
            The name can't be a model's.
        """
        path = self.home.models / checked_name(name, "model") / WEIGHTS
        if path.exists():
            return self._as_it_learnt(StoredModel(path, describe(path)))
        models = self.trained() + shipped_models()
        return next((model for model in models if model.description.name == name), None)

    def find(
        self, name: str | None = None, *, with_genres: bool = False, of_files: bool = False
    ) -> StoredModel:
        """The model that serves.

        Parameters
        ----------
        name : str, optional
            A model's name, or a network's for its latest training. Without it: the model that
            `groove models use` chose, else the first that can serve of those that do by default.
        with_genres : bool
            Whether it has to name genres.
        of_files : bool
            Whether it has to hear files: a model that learnt from a data set's own segments can't.

        Raises
        ------
        ModelError
            There is no such model, or it can't do this; the message says what to do.
        UsageError
            The name can't be a model's.
        """
        if name is not None:
            return _suitable(self._named(name), with_genres, of_files)
        chosen = self.chosen()
        if chosen is not None:
            return _suitable(self._chosen(chosen), with_genres, of_files)
        for model in self._default_order():
            about = model.description
            if (about.genres or not with_genres) and (about.hears_sound or not of_files):
                return model
        raise no_model_yet()

    def _default_order(self) -> list[StoredModel]:
        """What serves where nothing was named or chosen: the latest that was trained, else a shipped one.

        A published model that was pulled serves only when it is asked for.
        """
        return [m for m in self.trained() if m.description.spec.is_trainable] + shipped_models()

    def _named(self, name: str) -> StoredModel:
        model = self.stored(name)
        if model is not None:
            return model
        for model in self.trained():
            if model.description.network == name:
                return model
        if name in NETWORKS and not NETWORKS[name].is_trainable:
            raise not_pulled(name)
        if name in NETWORKS:
            raise never_trained(name)
        raise no_such_model(name, self._names())

    def _chosen(self, name: str) -> StoredModel:
        model = self.stored(name)
        if model is None:
            raise chosen_is_gone(name)
        return model

    def _as_it_learnt(self, model: StoredModel) -> StoredModel:
        """A model as it is; one of an older groove that called the Million Song Dataset's segments
        `chroma-timbre` is told by the dataset that it learnt from.
        """
        about = model.description
        if about.learnt_from.source or not any(isinstance(f, SegmentsSpec) for f in about.features):
            return model
        if not self._is_without_sound(about.dataset):
            return model
        theirs = feature("msd-segments")
        features = tuple(theirs if isinstance(f, SegmentsSpec) else f for f in about.features)
        return replace(model, description=replace(about, features=features))

    def _is_without_sound(self, dataset: str) -> bool:
        if not self.home.catalog.exists():
            return False
        try:
            with Catalog(self.home.catalog) as catalog:
                settings = Tables(catalog, dataset).settings()
                return settings is not None and not settings.origin.has_sound
        except GrooveError:  # what reads the catalogue next says so
            return False

    def _names(self) -> list[str]:
        return [model.name for model in self.trained() + shipped_models()]

    def serving(self) -> Serving:
        """Which model serves what now."""
        return Serving(self._found(with_genres=True), self._found(with_genres=False), self.chosen())

    def _found(self, *, with_genres: bool) -> StoredModel | None:
        try:
            return self.find(with_genres=with_genres, of_files=True)
        except GrooveError:
            return None

    def chosen(self) -> str | None:
        """Name of the model that was chosen; None where none was, or the file can't be read."""
        choice = read_json(self.home.model_in_use)
        name = choice.get("model") if isinstance(choice, dict) else None
        return name if isinstance(name, str) else None

    def use(self, name: str) -> StoredModel:
        """Let a model serve wherever none is named; a network's name is its latest training.

        Raises
        ------
        ModelError
            There is no such model, it is damaged, or it can't hear files.
        StorageError
            groove's home can't be written.
        """
        model = self.find(name, of_files=True)
        write_json(self.home.model_in_use, {"model": checked_name(model.name, "model")})
        return model

    def use_default(self) -> Serving:
        """Let the default model serve again.

        Raises
        ------
        StorageError
            groove's home can't be written.
        """
        self._forget_choice()
        return self.serving()

    def _forget_choice(self) -> None:
        with storage_errors(self.home.model_in_use):
            self.home.model_in_use.unlink(missing_ok=True)

    def removable(self, name: str) -> Path:
        """The folder of a model that may be removed; a damaged one may.

        Raises
        ------
        ModelError
            There is no such model, or it ships with groove.
        UsageError
            The name can't be a model's.
        """
        folder = self.home.models / checked_name(name, "model")
        if folder.is_dir():
            return folder
        if any(model.name == name for model in shipped_models()):
            raise ships_with_groove(name)
        model = self.stored(name)  # one whose folder was renamed
        if model is None:
            raise no_such_model(name, self._names())
        return model.path.parent

    def remove(self, name: str) -> Removed:
        """Remove a model, and all that training left beside it.

        If it was the one in use, the default serves again.

        Raises
        ------
        ModelError
            There is no such model, or it ships with groove.
        StorageError
            Its folder can't be written.
        """
        folder = self.removable(name)
        with storage_errors(folder):
            shutil.rmtree(folder)
        was_chosen = self.chosen() == folder.name
        if was_chosen:
            self._forget_choice()
        return Removed(folder.name, folder, was_chosen)

    def free_name(self, network: str, folder: Path | None = None) -> str:
        """A name for a new model of a network: the network's with the first number that is not taken."""
        number, folder = 1, folder or self.home.models
        while (folder / f"{network}-{number}").exists():
            number += 1
        return f"{network}-{number}"


def shipped_models() -> list[StoredModel]:
    """The models that came with groove, which has none where it was installed by halves."""
    try:
        folder = shipped("pretrained")
    except GrooveError:
        return []
    return [StoredModel(m.path, m.description, True) for m in _stored_below(folder)]


def shipped_model(name: str) -> StoredModel:
    """The shipped model of this name, whatever the user's are called.

    Raises
    ------
    ModelError
        This installation has none.
    """
    for model in shipped_models():
        if model.description.name == name:
            return model
    raise not_shipped(name)


def _stored_below(folder: Path) -> list[StoredModel]:
    models = []
    for path in sorted(folder.glob(f"*/{WEIGHTS}")):
        try:
            models.append(StoredModel(path, describe(path)))
        except GrooveError:
            continue
    return models


def _suitable(model: StoredModel, with_genres: bool, of_files: bool) -> StoredModel:
    if of_files and not model.description.hears_sound:
        raise hears_no_files(model.description.name)
    if with_genres and not model.description.genres:
        raise names_no_genres(model.description.name, model.description.network)
    return model
