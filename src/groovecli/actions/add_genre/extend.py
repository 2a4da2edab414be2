"""Teach a trained model another genre, and tell what it forgot."""

from __future__ import annotations

import shutil
from dataclasses import dataclass

from groovecli.actions.train import train
from groovecli.errors import DatasetError, ModelError
from groovecli.evaluation.measure import Evaluation, evaluate
from groovecli.library.catalog import Catalog
from groovecli.models.devices import choose_device
from groovecli.models.file import StoredModel, find_model, load_model
from groovecli.monitor import SILENT, Monitor
from groovecli.training.data import TrainRequest
from groovecli.training.record import training_songs
from groovecli.training.result import TrainResult

FINE_TUNING_EPOCHS = 20


@dataclass(frozen=True)
class Extended:
    """A model with a genre more; the evaluations are over the old genres' test songs.

    `new_recall` is the share of the new genre's test songs that the model knows.
    """

    base: str
    training: TrainResult
    before: Evaluation
    after: Evaluation
    new_recall: float


def extend(
    catalog: Catalog,
    genre: str,
    *,
    dataset: str,
    model: str | None = None,
    name: str | None = None,
    epochs: int = FINE_TUNING_EPOCHS,
    max_forgetting: float | None = None,
    seed: int = 0,
    device: str = "auto",
    jobs: int = 0,
    monitor: Monitor = SILENT,
) -> Extended:
    """Give a model's last layer a row for `genre` and fine-tune it on all genres.

    The model is kept; the extended one has a name of its own. Every genre counts the same in the
    loss, whatever its number of songs.

    Raises
    ------
    DatasetError
        The model knows the genre already, or knows genres that the dataset lacks.
    ModelError
        There is no model to extend; or it lost more of its accuracy than `max_forgetting`, and the
        extended one was deleted.
    """
    base = find_model(model, with_genres=True)
    if genre in base.description.genres:
        raise DatasetError(
            f"{base.description.name} knows {genre!r} already", "train it anew with `groove train`"
        )
    old = base.description.genres
    request = TrainRequest(
        network=base.description.network,
        dataset=dataset,
        name=name,
        genres=(*old, genre),
        hyper={"epochs": epochs},
        seed=seed,
        class_weights=True,
        base=base.description.name,
    )
    before = _measured(catalog, base, dataset, old, device=device, jobs=jobs, monitor=monitor)
    result = train(catalog, request, device=device, jobs=jobs, monitor=monitor)
    monitor = SILENT if result.interrupted else monitor  # what was learnt so far is measured all the same
    extended = StoredModel(result.path, result.description)
    after = _measured(catalog, extended, dataset, old, device=device, jobs=jobs, monitor=monitor)
    lost = before.per_song.accuracy.value - after.per_song.accuracy.value
    if max_forgetting is not None and lost > max_forgetting:
        shutil.rmtree(result.path.parent)
        raise ModelError(
            f"with {genre!r}, {base.description.name} lost {lost:.1%} of its songs,"
            f" more than --max-forgetting {max_forgetting:g}",
            "teach `--model transfer` instead, give more songs, or --force it",
        )
    everything = _measured(catalog, extended, dataset, (), device=device, jobs=jobs, monitor=monitor)
    return Extended(base.description.name, result, before, after, everything.per_genre[genre].recall)


def _measured(
    catalog: Catalog,
    stored: StoredModel,
    dataset: str,
    of_genres: tuple[str, ...],
    *,
    device: str,
    jobs: int,
    monitor: Monitor,
) -> Evaluation:
    loaded = load_model(stored, choose_device(device))
    return evaluate(
        catalog,
        loaded,
        dataset=dataset,
        of_genres=of_genres,
        trained_on=training_songs(stored.path),
        jobs=jobs,
        monitor=monitor,
    )
