"""What a trained model is worth: measured on its dataset's test songs, beside what serves now."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from groovecli.actions.context import Context
from groovecli.datasets.dataset import Dataset
from groovecli.datasets.reach import Reach
from groovecli.errors import GrooveError, Interrupted, ModelError, NothingToMeasure
from groovecli.evaluation.figures import Evaluation
from groovecli.evaluation.measure import evaluate
from groovecli.evaluation.verdict import Verdict, verdict
from groovecli.messages.actions import (
    interrupted_before_test,
    names_no_genres_to_test,
    not_measured_so_not_used,
    test_not_kept,
    test_stopped,
)
from groovecli.models.file import StoredModel, fitted_to
from groovecli.models.tested import OwnTest, keep_test, own_test_of
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
    classify uses the model from now on; `not_used` why it does not, where that was asked for. `test_hint`
    is how the model can be tested where its dataset can't do it; `test_notes` what to know of its test.
    `reach` has the dataset's songs whose files are not there.
    """

    test: Verdict | None = None
    untested: str = ""
    rival: Rival | None = None
    is_in_use: bool = False
    not_used: str = ""
    test_hint: str = ""
    test_notes: tuple[str, ...] = ()
    reach: Reach = field(default_factory=Reach)

    @property
    def next_command(self) -> str:
        """What to run next, without `groove`."""
        about = self.description
        if not about.genres:
            return f"cluster MUSIC --out playlists --model {about.name}"
        if self.test_hint and about.hears_sound:
            return f"classify SONG --model {about.name}"
        if not about.hears_sound or self.test is None or not self.test.is_better:
            return f"evaluate {about.name}"
        return "classify SONG" if self.is_in_use else f"models use {about.name}"


def tested(result: TrainResult, dataset: Dataset, context: Context, *, use: bool = False) -> Trained:
    """Measure a trained model on its dataset's test songs, and keep what came of it beside it.

    A model that can't be measured, and a test that is stopped, are said; the model is kept.
    """
    stored = StoredModel(result.path, result.description)
    evaluation, why, hint = _measured(stored, dataset, context)
    own = rival = None
    if evaluation:
        own, why = verdict(evaluation), keep(stored, evaluation)
        rival = _rival(stored, evaluation, dataset, context)
    is_in_use, not_used = _taken(stored, context) if use else (False, "")
    return Trained(
        **vars(result),
        test=own,
        untested=why,
        rival=rival,
        is_in_use=is_in_use,
        not_used=not_used,
        test_hint=hint,
        test_notes=tuple(evaluation.notes) if evaluation else (),
    )


def keep(stored: StoredModel, found: Evaluation) -> str:
    """Write a model's test beside it; why that failed, or nothing."""
    verdict_json = verdict(found).to_json()
    try:
        keep_test(
            stored.path.parent,
            verdict_json,
            dataset=found.dataset,
            split_by=found.split_by,
            leaky=found.leaky,
            curve=found.calibration.rows,
        )
    except GrooveError as error:
        return test_not_kept(error.what)
    return ""


def _measured(
    stored: StoredModel, dataset: Dataset, context: Context
) -> tuple[Evaluation | None, str, str]:
    """What a model's test songs give, or why there is nothing, and what helps where that is the songs."""
    name = stored.description.name
    if not stored.description.genres:
        return None, names_no_genres_to_test(name), ""
    if context.monitor.stopped:
        return None, interrupted_before_test(name), ""
    try:
        return _evaluation(stored, dataset, context), "", ""
    except NothingToMeasure as error:
        return None, error.what, error.hint or ""
    except Interrupted:
        return None, test_stopped(name), ""


def _evaluation(
    stored: StoredModel, dataset: Dataset, context: Context, of_genres: tuple[str, ...] = ()
) -> Evaluation:
    model = context.loaded(stored)
    return evaluate(
        dataset,
        replace(model, description=fitted_to(model.description, dataset.settings)),
        of_genres=of_genres,
        trained_on=training_songs(stored.path),
        seed=context.seed,
        monitor=context.monitor,
    )


def _rival(stored: StoredModel, own: Evaluation, dataset: Dataset, context: Context) -> Rival | None:
    """What serves classify now, on the same songs where that costs next to nothing and is fair."""
    now = context.shelf.serving().classify
    if now is None or now.path == stored.path:
        return None
    if _is_comparable(now, stored, dataset):
        try:
            theirs = _evaluation(now, dataset, context, stored.description.genres)
            if theirs.n_songs == own.n_songs:
                return Rival(now.name, verdict(theirs), on_same_songs=True)
        except (NothingToMeasure, ModelError, Interrupted):
            pass  # its own test is said instead
    test = own_test_of(now)
    return Rival(now.name, Verdict.from_json(test.to_json()) if test else None, on_same_songs=False)


def _is_comparable(rival: StoredModel, stored: StoredModel, dataset: Dataset) -> bool:
    """Whether the rival's features are there, it has all the genres, and never learned a test song."""
    ours, theirs = stored.description, fitted_to(rival.description, dataset.settings)
    songs = {song.track_id for song in dataset.songs.values() if song.side == "test"}
    return (
        set(theirs.features) <= set(ours.features)
        and set(ours.genres) <= set(theirs.genres)
        and ours.recipe.protocol is None
        and not training_songs(rival.path) & songs
    )


def _taken(stored: StoredModel, context: Context) -> tuple[bool, str]:
    """Let classify use a model if it is better than guessing; whether it does, and why not."""
    test: OwnTest | None = own_test_of(stored)
    if test is None:
        return False, not_measured_so_not_used(stored.name)
    try:
        context.shelf.use(stored.name, ("classify",))
    except GrooveError as error:
        return False, error.what
    return True, ""
