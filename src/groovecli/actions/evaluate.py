"""A model to figures, on the test songs of a dataset."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from groovecli.actions.context import Context, check_call
from groovecli.checked import Checked
from groovecli.datasets.cache import with_features
from groovecli.datasets.dataset import open_dataset
from groovecli.evaluation.measure import measure, scored
from groovecli.evaluation.neighbours import space
from groovecli.evaluation.results import Evaluated
from groovecli.library.genres import chosen_genres
from groovecli.models.file import check_fits
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
        There is no such model, it is damaged, or eats clips of another length than the dataset's.
    DatasetError
        There is no such dataset, or no test song of the model's genres.
    Interrupted
        The user stopped it.
    """
    check_call("evaluate", request, EvaluateRequest, context)
    stored = context.shelf.find(request.model, with_genres=request.model is None)
    model = context.loaded(stored)
    about, jobs, monitor = model.description, context.jobs, context.monitor
    dataset = open_dataset(context.catalog, context.home, request.dataset or about.dataset)
    check_fits(about, dataset.settings)
    dataset = with_features(dataset, about.features, jobs=jobs, monitor=monitor)
    seen = training_songs(stored.path)
    of_genres = _chosen(request.genres, about.genres or sorted({s.genre for s in dataset.songs.values()}))
    measured = measure(
        dataset, model, of_genres=of_genres or about.genres, trained_on=seen, monitor=monitor
    )
    return Evaluated(
        model=model,
        measured=measured,
        evaluation=scored(model, measured, seed=context.seed) if about.genres else None,
        space=space(model, measured, seed=context.seed),
        history=history_of(stored.path),
        seed=context.seed,
    )


def _chosen(wanted: Sequence[str], genres: Sequence[str]) -> tuple[str, ...]:
    """The genres that a list names; a UsageError where one is not there."""
    chosen = chosen_genres(genres, wanted, 2 if any("/" in genre for genre in genres) else 1)
    return tuple(genre for genre in genres if genre in chosen)
