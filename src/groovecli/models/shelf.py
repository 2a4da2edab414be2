"""The models that are there: which serves what, choosing one, removing one."""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from groovecli.errors import GrooveError, ModelError
from groovecli.features.registry import feature
from groovecli.features.segments import SegmentsSpec
from groovecli.files import storage_errors, write_json
from groovecli.home import Home, checked_name, shipped
from groovecli.library.catalog import Catalog
from groovecli.messages.models import (
    choice_unreadable,
    chosen_all_the_same,
    chosen_is_gone,
    chosen_untested,
    hears_no_files,
    latest_is_damaged,
    names_no_genres,
    never_tested,
    never_trained,
    no_better_than_guessing,
    no_genres_to_serve,
    no_model_yet,
    no_such_model,
    no_such_use,
    not_pulled,
    not_shipped,
    ships_with_groove,
)
from groovecli.models.file import WEIGHTS, StoredModel, describe
from groovecli.models.serving import USES, Choice, Chosen, Damaged, Removed, Serving
from groovecli.models.tested import own_test_of
from groovecli.networks.registry import NETWORKS


class Shelf:
    """The models that are here: which there are, which serves what, choosing one, removing one."""

    def __init__(self, home: Home) -> None:
        self.home = home

    def trained(self) -> list[StoredModel]:
        """The user's models, the latest first; files that can't be read are in `damaged`."""
        models = map(self._as_it_learnt, _stored_below(self.home.models)[0])
        return sorted(models, key=lambda m: m.description.created, reverse=True)

    def damaged(self) -> tuple[Damaged, ...]:
        """The model files in groove's folder that can't be read."""
        return _stored_below(self.home.models)[1]

    def stored(self, name: str) -> StoredModel | None:
        """The model of exactly this name, the user's before an included one; None if there is none.

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
            `groove models use` chose for this, else the included one.
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
        choice = self.choice()
        chosen = choice.classify if with_genres else choice.embed
        if chosen is not None:
            return _suitable(self._chosen(chosen), with_genres, of_files)
        included = shipped_models()
        if included:
            return included[0]
        raise next((each.error for each in _shipped()[1]), None) or no_model_yet()

    def measurable(self) -> StoredModel:
        """The model that is measured where none is named: the chosen one, else the latest with genres.

        Raises
        ------
        ModelError
            There is none, the chosen one is gone, or a later one is damaged.
        """
        chosen = self.choice().classify
        if chosen is not None:
            return _suitable(self._chosen(chosen), with_genres=True, of_files=False)
        ours = (m for m in self.trained() if m.description.spec.is_trainable and m.description.genres)
        own = next(ours, None)
        self._check_latest(own)
        return own or self.find(with_genres=True)

    def _check_latest(self, model: StoredModel | None, network: str = "") -> None:
        """Raise a ModelError if the latest model, or a network's by its name, is a damaged one instead."""
        for each in self.damaged():
            if each.is_newer_than(model) and each.name.startswith(network):
                raise latest_is_damaged(each.name, each.error.what, model.name if model else "")

    def _named(self, name: str) -> StoredModel:
        model = self.stored(name)
        if model is not None:
            return model
        found = next((model for model in self.trained() if model.description.network == name), None)
        if name in NETWORKS:
            self._check_latest(found, f"{name}-")
        if found is not None:
            return found
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
        from groovecli.datasets.tables import Tables  # with all sources of data, which few models ask for

        try:
            with Catalog(self.home.catalog) as catalog:
                settings = Tables(catalog, dataset).settings()
                return settings is not None and not settings.origin.has_sound
        except GrooveError:  # what reads the catalogue next says so
            return False

    def _names(self) -> list[str]:
        return [model.name for model in self.trained() + shipped_models()]

    def serving(self) -> Serving:
        """Which model serves what now; a choice that can't serve is said, not replaced."""
        found: dict[str, StoredModel | None] = {"classify": None, "embed": None}
        faults: dict[str, GrooveError] = {}
        for use in found:
            try:
                found[use] = self.find(with_genres=use == "classify", of_files=True)
            except GrooveError as error:
                faults[use] = error
        try:
            choice = self.choice()
        except GrooveError:  # which `faults` says
            choice = Choice()
        return Serving(found["classify"], found["embed"], choice, faults)

    def choice(self) -> Choice:
        """Which models were chosen.

        Raises
        ------
        ModelError
            The file that says so is damaged.
        """
        path = self.home.model_in_use
        try:
            return Choice.from_json(json.loads(path.read_bytes()))
        except (FileNotFoundError, NotADirectoryError):
            return Choice()
        except OSError as error:
            raise choice_unreadable(path, error.strerror or str(error)) from error
        except (ValueError, RecursionError) as error:
            raise choice_unreadable(path, "it names no model") from error

    def chosen(self) -> str | None:
        """Name of the model that was chosen; None where none was."""
        return self.choice().name

    def use(self, name: str, uses: Collection[str] = (), *, force: bool = False) -> Chosen:
        """Let a model serve where none is named; a network's name is its latest training.

        Parameters
        ----------
        uses : collection of str
            What for: classify, embed or cluster, the last two always together. Else classify, or embed
            and cluster for a model without genres.
        force : bool
            For classify even if it was never tested, or is no better than guessing.

        Raises
        ------
        ModelError
            There is no such model, it is damaged, it can't hear files, it names no genres, was never
            tested, or is no better than guessing.
        UsageError
            There is no such use.
        StorageError
            groove's home can't be written.
        """
        model = self.find(name, of_files=True)
        for use in uses:
            if use not in USES:
                raise no_such_use(use, USES)
        wanted = set(uses) or {"classify" if model.description.genres else "embed"}
        notes = _as_classifier(model, force=force) if "classify" in wanted else ()
        taken = Choice().with_model(model.name, wanted)
        self._choose(self._mended().with_model(checked_name(model.name, "model"), wanted))
        served = tuple(use for use in USES if getattr(taken, "embed" if use == "cluster" else use))
        return Chosen(model, served, notes)

    def _mended(self) -> Choice:
        """What was chosen before another choice is made, which mends a damaged one."""
        try:
            return self.choice()
        except ModelError:
            return Choice()

    def use_default(self, uses: Collection[str] = USES) -> Serving:
        """Let the included model serve some uses again, or everything.

        Raises
        ------
        StorageError
            groove's home can't be written.
        """
        everything = set(uses) >= {"classify", "embed"} or set(uses) >= {"classify", "cluster"}
        self._choose(Choice() if everything else self._mended().with_model(None, uses))
        return self.serving()

    def _choose(self, choice: Choice) -> None:
        path = self.home.model_in_use
        if choice.name is not None:
            write_json(path, choice.to_json())
            return
        with storage_errors(path):
            path.unlink(missing_ok=True)

    def better_than_served(self, serving: StoredModel) -> StoredModel | None:
        """A model of the user's that is newer than the one that serves, and better than guessing."""
        if serving.is_shipped and self.choice().classify:  # the user wants it so
            return None
        since = "" if serving.is_shipped else serving.description.created
        for model in self.trained():  # the latest first
            about = model.description
            if about.created <= since or model.path == serving.path:
                break
            test = own_test_of(model) if about.genres and about.hears_sound else None
            if test and test.is_better:
                return model
        return None

    def removable(self, name: str) -> Path:
        """The folder of a model that may be removed; a damaged one may.

        Raises
        ------
        ModelError
            There is no such model, or it is included in groove.
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

        What it was chosen for, the included model does again.

        Raises
        ------
        ModelError
            There is no such model, or it is included in groove.
        StorageError
            Its folder can't be written.
        """
        folder = self.removable(name)
        with storage_errors(folder):
            shutil.rmtree(folder)
        try:
            choice = self.choice()
        except ModelError:  # the next command that needs it says so
            choice = Choice()
        was_chosen = folder.name in (choice.classify, choice.embed)
        if was_chosen:
            self._choose(choice.without(folder.name))
        return Removed(folder.name, folder, was_chosen)


def shipped_models() -> list[StoredModel]:
    """The models that came with groove, which has none where it was installed by halves."""
    return [StoredModel(m.path, m.description, True) for m in _shipped()[0]]


def _shipped() -> tuple[list[StoredModel], tuple[Damaged, ...]]:
    try:
        return _stored_below(shipped("pretrained"))
    except GrooveError:
        return [], ()


def shipped_model(name: str) -> StoredModel:
    """The included model of this name, whatever the names of the user's.

    Raises
    ------
    ModelError
        This installation has none.
    """
    for model in shipped_models():
        if model.description.name == name:
            return model
    raise not_shipped(name)


def _stored_below(folder: Path) -> tuple[list[StoredModel], tuple[Damaged, ...]]:
    """The models in a folder, and the files that are none."""
    models, damaged = [], []
    for path in sorted(folder.glob(f"*/{WEIGHTS}")):
        try:
            models.append(StoredModel(path, describe(path)))
        except ModelError as error:
            damaged.append(Damaged(path, error))
    return models, tuple(damaged)


def _as_classifier(model: StoredModel, *, force: bool) -> tuple[str, ...]:
    """What to know of a model that is to classify; a ModelError if it can't, or guesses as well."""
    if not model.description.genres:
        raise no_genres_to_serve(model.name)
    if (test := own_test_of(model)) is None:
        return _untested(model, force=force)
    if not test.is_better and not force:
        raise no_better_than_guessing(model.name, test)
    return () if test.is_better else (chosen_all_the_same(model.name, test),)


def _untested(model: StoredModel, *, force: bool) -> tuple[str, ...]:
    """The same of a model that was never tested; groove's own may classify."""
    if model.is_shipped:
        return ()
    if not force:
        raise never_tested(model.name)
    return (chosen_untested(model.name),)


def _suitable(model: StoredModel, with_genres: bool, of_files: bool) -> StoredModel:
    if of_files and not model.description.hears_sound:
        raise hears_no_files(model.description.name)
    if with_genres and not model.description.genres:
        raise names_no_genres(model.description.name, model.description.network)
    return model
