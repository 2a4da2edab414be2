"""A model to figures, on the test songs of a dataset."""

from __future__ import annotations

from dataclasses import dataclass

from groovecli.actions.context import Context, check_call
from groovecli.checked import Checked
from groovecli.datasets.cache import with_features
from groovecli.datasets.dataset import open_dataset
from groovecli.evaluation.measure import measure, scored
from groovecli.evaluation.neighbours import space
from groovecli.evaluation.results import Evaluated
from groovecli.models.file import check_fits
from groovecli.training.record import history_of, training_songs


@dataclass(frozen=True)
class EvaluateRequest(Checked):
    """Which model to measure, and on which dataset's test songs: its own unless another is named."""

    model: str | None = None
    dataset: str | None = None


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
    measured = measure(dataset, model, of_genres=about.genres, trained_on=seen, monitor=monitor)
    return Evaluated(
        model=model,
        measured=measured,
        evaluation=scored(model, measured, seed=context.seed) if about.genres else None,
        space=space(model, measured, seed=context.seed),
        history=history_of(stored.path),
        seed=context.seed,
    )
