"""What a trained model is worth: measured on its dataset's test songs, beside what serves now."""

from __future__ import annotations

from dataclasses import dataclass, replace

from groovecli.actions.context import Context
from groovecli.datasets.dataset import Dataset
from groovecli.datasets.splits import is_leaky
from groovecli.errors import GrooveError, Interrupted, ModelError, NothingToMeasure
from groovecli.evaluation.figures import Evaluation
from groovecli.evaluation.measure import Measured, measure, scored
from groovecli.evaluation.verdict import Verdict, verdict
from groovecli.messages.actions import (
    interrupted_before_test,
    names_no_genres_to_test,
    not_measured_so_not_used,
    test_not_kept,
    test_stopped,
)
from groovecli.models.file import StoredModel, fitted_to
from groovecli.models.tested import Tested, keep_test, tested_of
from groovecli.training.record import training_songs
from groovecli.training.result import TrainResult


@dataclass(frozen=True)
class Rival:
    """The model that serves classify now, and what it is worth.

    `test` is of the same songs as the new model's where `on_same_songs`; else its own test's, on other
    songs; None where it was never measured.
    """

    name: str
    test: Verdict | None
    on_same_songs: bool


@dataclass(frozen=True)
class Trained(TrainResult):
    """A finished training, and what the model is worth on songs that it did not learn from.

    `test` is None where there was nothing to measure, or it was stopped; `untested` says why. `rival` is
    the model that serves classify now, None where there is none or it is this one. `is_in_use` says that
    classify uses the model from now on; `not_used` why it does not, where that was asked for.
    """

    test: Verdict | None = None
    untested: str = ""
    rival: Rival | None = None
    is_in_use: bool = False
    not_used: str = ""

    @property
    def next_command(self) -> str:
        """What to run next, without `groove`."""
        about = self.description
        if not about.genres:
            return f"cluster LIBRARY --out playlists --model {about.name}"
        if not about.hears_sound or self.test is None or not self.test.is_better:
            return f"evaluate {about.name}"
        return "classify SONG" if self.is_in_use else f"models use {about.name}"


def tested(result: TrainResult, dataset: Dataset, context: Context, *, use: bool = False) -> Trained:
    """Measure a trained model on its dataset's test songs, and keep what came of it beside it.

    A model that can't be measured, and a test that is stopped, are said; the model is kept.
    """
    stored = StoredModel(result.path, result.description)
    own, measured, why = _measured(stored, dataset, context)
    if own and measured:
        why = keep(stored, own, measured)
    rival = _rival(stored, measured, context) if own else None
    is_in_use, not_used = _taken(stored, context) if use else (False, "")
    return Trained(
        **vars(result), test=own, untested=why, rival=rival, is_in_use=is_in_use, not_used=not_used
    )


def keep(stored: StoredModel, found: Verdict, measured: Measured) -> str:
    """Write a model's test beside it; why that failed, or nothing."""
    split_by = measured.split_by
    try:
        keep_test(
            stored.path.parent,
            found.to_json(),
            dataset=measured.dataset.name,
            split_by=split_by,
            leaky=is_leaky(split_by),
        )
    except GrooveError as error:
        return test_not_kept(error.what)
    return ""


def _measured(
    stored: StoredModel, dataset: Dataset, context: Context
) -> tuple[Verdict | None, Measured | None, str]:
    """What a model's test songs give, or why there is nothing."""
    name = stored.description.name
    if not stored.description.genres:
        return None, None, names_no_genres_to_test(name)
    if context.monitor.stopped:
        return None, None, interrupted_before_test(name)
    try:
        evaluation, measured = _evaluation(stored, dataset, context)
    except NothingToMeasure as error:
        return None, None, error.what
    except Interrupted:
        return None, None, test_stopped(name)
    return verdict(evaluation), measured, ""


def _evaluation(stored: StoredModel, dataset: Dataset, context: Context) -> tuple[Evaluation, Measured]:
    model, seen = context.loaded(stored), training_songs(stored.path)
    model = replace(model, description=fitted_to(model.description, dataset.settings))
    measured = measure(dataset, model, trained_on=seen, monitor=context.monitor)
    return scored(model, measured, seed=context.seed), measured


def _rival(stored: StoredModel, measured: Measured | None, context: Context) -> Rival | None:
    """What serves classify now, on the same songs where that costs next to nothing and is fair."""
    now = context.shelf.serving().classify
    if now is None or now.path == stored.path:
        return None
    if measured is not None and _is_comparable(now, stored, measured):
        try:
            evaluation, _ = _evaluation(now, measured.dataset, context)
            if evaluation.n_songs == len(set(measured.songs.tolist())):
                return Rival(now.name, verdict(evaluation), on_same_songs=True)
        except (NothingToMeasure, ModelError, Interrupted):
            pass
    test = tested_of(now)
    return Rival(now.name, Verdict.from_json(test.to_json()) if test else None, on_same_songs=False)


def _is_comparable(rival: StoredModel, stored: StoredModel, measured: Measured) -> bool:
    """Whether the rival's features are there, it has all the genres, and never learned these songs."""
    ours = stored.description
    theirs = fitted_to(rival.description, measured.dataset.settings)
    has_features = set(theirs.features) <= set(ours.features)
    has_genres = set(ours.genres) <= set(theirs.genres)
    seen = training_songs(rival.path) & set(measured.songs.tolist())
    return has_features and has_genres and not seen and ours.recipe.protocol is None


def _taken(stored: StoredModel, context: Context) -> tuple[bool, str]:
    """Let classify use a model if it is better than guessing; whether it does, and why not."""
    test: Tested | None = tested_of(stored)
    if test is None:
        return False, not_measured_so_not_used(stored.name)
    try:
        context.shelf.use(stored.name, ("classify",))
    except GrooveError as error:
        return False, error.what
    return True, ""
