"""Teach a trained model another genre, and tell what it forgot."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace

from groovecli.actions.context import Context
from groovecli.actions.features import featured
from groovecli.actions.order import Order, ordered
from groovecli.actions.own_test import Trained, keep
from groovecli.actions.train import train_on
from groovecli.datasets.dataset import Dataset
from groovecli.evaluation.figures import Evaluation
from groovecli.evaluation.measure import evaluate
from groovecli.evaluation.verdict import verdict
from groovecli.library.genres import same_genre
from groovecli.messages.actions import forgot_too_much, learnt_already
from groovecli.models.file import StoredModel, check_fits
from groovecli.monitor import SILENT
from groovecli.training.data import known_to, specs_for
from groovecli.training.record import training_songs
from groovecli.training.request import TrainRequest

FINE_TUNING_EPOCHS = 20


@dataclass(frozen=True)
class Extended:
    """A model with a genre more; the evaluations are over the old genres' test songs.

    `new_recall` is the share of the new genre's `n_new` test songs that the model names right.
    """

    base: str
    training: Trained
    before: Evaluation
    after: Evaluation
    new_recall: float
    n_new: int


def extend(
    dataset: Dataset,
    genre: str,
    base: StoredModel,
    context: Context,
    *,
    epochs: int = FINE_TUNING_EPOCHS,
    max_forgetting: float | None = None,
) -> Extended:
    """Give a model's last layer a row for `genre` and fine-tune it on all genres of a dataset.

    The model is kept; the extended one has a name of its own. Every genre counts the same in the
    loss, whatever its number of songs.

    Raises
    ------
    DatasetError
        The model has the genre already, or has genres that the dataset lacks.
    ModelError
        It lost more of its accuracy than `max_forgetting`, and the extended one was deleted.
    """
    about = base.description
    request = TrainRequest(
        network=about.network,
        dataset=dataset.name,
        genres=(*about.genres, genre),
        hyper={"epochs": epochs},
        seed=context.seed,
        class_weights=True,
        base=about.name,
    )
    with ordered(request, context) as order:
        check_extensible(dataset, genre, base)
        return _extended(dataset, genre, base, order, context, max_forgetting)


def _extended(
    dataset: Dataset,
    genre: str,
    base: StoredModel,
    order: Order,
    context: Context,
    max_forgetting: float | None,
) -> Extended:
    about, request = base.description, order.request
    specs = specs_for(dataset, request, base)
    ready = featured(dataset, specs, context, needed="train", genres=request.genres)
    dataset = ready.dataset
    before = _measured(dataset, base, about.genres, context)
    result = train_on(dataset, specs, order, context)
    if result.interrupted:  # what was learnt so far is measured all the same
        context = replace(context, monitor=SILENT)
    extended = StoredModel(result.path, result.description)
    after = _measured(dataset, extended, about.genres, context)
    lost = before.per_song.accuracy.value - after.per_song.accuracy.value
    if max_forgetting is not None and lost > max_forgetting:
        shutil.rmtree(result.path.parent)
        raise forgot_too_much(about.name, genre, lost, max_forgetting)
    everything = _measured(dataset, extended, (), context)
    new = everything.per_genre[genre]
    training = Trained(
        **vars(result), test=verdict(everything), untested=keep(extended, everything), reach=ready.reach
    )
    return Extended(about.name, training, before, after, new.recall, new.support)


def check_extensible(dataset: Dataset, genre: str, base: StoredModel) -> None:
    """Raise what `extend` raises that can be known before the dataset has the genre's songs."""
    about = base.description
    if has := same_genre(genre, about.genres):
        raise learnt_already(about.name, has)
    check_fits(about, dataset.settings)
    known_to(base, {song.genre for song in dataset.songs.values()})


def _measured(
    dataset: Dataset, stored: StoredModel, of_genres: tuple[str, ...], context: Context
) -> Evaluation:
    return evaluate(
        dataset,
        context.loaded(stored),
        of_genres=of_genres,
        trained_on=training_songs(stored.path),
        monitor=context.monitor,
    )
