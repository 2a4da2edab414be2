"""A model to figures, on the test songs of a dataset."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from groovecli.actions.context import Context, check_call
from groovecli.actions.features import featured
from groovecli.actions.own_test import keep
from groovecli.checked import Checked
from groovecli.datasets.dataset import Dataset, open_dataset
from groovecli.datasets.tables import dataset_names
from groovecli.evaluation.measure import measure, scored
from groovecli.evaluation.neighbours import space
from groovecli.evaluation.results import Evaluated
from groovecli.library.genres import chosen_genres
from groovecli.messages.datasets import measured_on_own_music
from groovecli.messages.models import measured_on_clips
from groovecli.models.file import Description, StoredModel, check_fits, fitted_to
from groovecli.training.record import history_of, training_songs


@dataclass(frozen=True)
class EvaluateRequest(Checked):
    """Which model to measure, and on which dataset's test songs: its own unless another is named.

    `genres` measures on songs of these alone; the model may still guess any that it knows.
    """

    model: str | None = None
    dataset: str | None = None
    genres: tuple[str, ...] = ()


def run(request: EvaluateRequest, context: Context) -> Evaluated:
    """Measure a model: genres, neighbours, reconstructions.

    Songs that it was trained on are never measured.

    Raises
    ------
    ModelError
        There is no such model, it is damaged, or takes clips of another length than the dataset's.
    DatasetError
        There is no such dataset, or no test song of the model's genres.
    Interrupted
        The user stopped it.
    """
    check_call("evaluate", request, EvaluateRequest, context)
    shelf = context.shelf
    stored = shelf.measurable() if request.model is None else shelf.find(request.model)
    model = context.loaded(stored)
    dataset, monitor = _opened(request, stored, context), context.monitor
    about = fitted_to(model.description, dataset.settings)
    notes = _on_clips_of(model.description, about)
    model = replace(model, description=about)
    check_fits(about, dataset.settings)
    here = {song.genre for song in dataset.songs.values()}
    of_genres = _chosen(request.genres, about.genres or sorted(here))
    ready = featured(
        dataset,
        about.features,
        context,
        looked_at="test",
        needed="test",
        genres=[genre for genre in of_genres or about.genres if genre in here],
    )
    dataset, seen = ready.dataset, training_songs(stored.path)
    measured = measure(
        dataset, model, of_genres=of_genres or about.genres, trained_on=seen, monitor=monitor
    )
    evaluation = scored(model, measured, seed=context.seed) if about.genres else None
    if evaluation and dataset.name == about.dataset and not stored.is_shipped and not of_genres:
        not_kept = keep(stored, evaluation)
        notes = (*notes, *filter(None, [not_kept]))
    return Evaluated(
        model=model,
        measured=replace(measured, notes=(*measured.notes, *notes)),
        evaluation=evaluation,
        space=space(model, measured, seed=context.seed),
        history=history_of(stored.path),
        seed=context.seed,
        is_included=stored.is_shipped,
        reach=ready.reach,
    )


def _chosen(wanted: Sequence[str], genres: Sequence[str]) -> tuple[str, ...]:
    """The genres that a list names; a UsageError where one is not there."""
    chosen = chosen_genres(genres, wanted, 2 if any("/" in genre for genre in genres) else 1)
    return tuple(genre for genre in genres if genre in chosen)


def _on_clips_of(own: Description, fitted: Description) -> tuple[str, ...]:
    """That a model is measured on clips of another length than it listens to."""
    if own.clip_s == fitted.clip_s:
        return ()
    return (measured_on_clips(own.name, own.clip_s, fitted.clip_s),)


def _opened(request: EvaluateRequest, stored: StoredModel, context: Context) -> Dataset:
    """The dataset to measure on; an included model's own is the makers', not the user's."""
    name = request.dataset or stored.description.dataset
    if request.dataset is None and stored.is_shipped:
        here = dataset_names(context.catalog)
        if name not in here:
            raise measured_on_own_music(stored.name, here)
    return open_dataset(context.catalog, context.home, name)
