"""A training that was ordered: checked, its name kept, and what an earlier one left of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from groovecli.actions.context import Context, check_seed
from groovecli.errors import UsageError
from groovecli.files import key_of
from groovecli.home import checked_name
from groovecli.messages.actions import name_taken
from groovecli.messages.training import no_training_state
from groovecli.models.devices import choose_device, choose_precision
from groovecli.models.file import StoredModel
from groovecli.models.making import making
from groovecli.networks.registry import model_spec, trainable_spec
from groovecli.networks.spec import Hyperparameters
from groovecli.training.data import check_request
from groovecli.training.request import TrainRequest
from groovecli.training.resume import STATE, State, latest_state, load_state


@dataclass(frozen=True)
class Order:
    """A training that can begin: its request checked, its folder free, what it starts from found.

    `state` is what it goes on from, `base` the model whose genres it extends. It `may_restart` where the
    state is of other songs, since nobody asked for this state.
    """

    request: TrainRequest
    hyper: Hyperparameters
    folder: Path
    device: torch.device
    state: State | None
    base: StoredModel | None
    started: float
    may_restart: bool = False

    @property
    def is_fitted(self) -> bool:
        """Whether only a layer of genres is learnt, which is solved for."""
        return bool(model_spec(self.request.network).starts_from) and not self.request.unfreeze


@contextmanager
def ordered(
    request: TrainRequest,
    context: Context,
    *,
    resume: bool = False,
    overwrite: bool = False,
    folder: Path | None = None,
) -> Iterator[Order]:
    """Check a request before anything is computed for it, and keep the model's name; see `run`.

    `folder` holds the models' folders, groove's own unless another is given.
    """
    started = time.monotonic()
    check_seed(request.seed)
    trainable_spec(request.network)
    folder = folder or context.home.models
    device = choose_device(context.device)
    state = None
    if resume:
        request, state = _saved(request, folder)
    choose_precision(request.precision, device, gains=False)
    row = trainable_spec(request.network)
    check_request(request)
    base = context.shelf.find(request.base, with_genres=True) if request.base else None
    hyper = replace(row.defaults, **request.hyper)
    asked = None if request.name is None else checked_name(request.name, "model")
    with making(folder, request.network, asked, request.to_json()) as made:
        own = folder / made.name
        if own.exists() and not (resume or overwrite or made.goes_on):
            raise name_taken(made.name)
        if made.goes_on and state is None:
            state = _left(own / STATE, request)
        order = Order(request, hyper, own, device, state, base, started, may_restart=not resume)
        if order.is_fitted:  # by cross-validation, so that all songs can be learnt from
            order = replace(order, request=replace(request, validation_share=0.0))
        yield order


def _left(path: Path, request: TrainRequest) -> State | None:
    """What a training that was killed left of the same request."""
    if not path.exists():
        return None
    state = load_state(path)
    own = {**request.to_json(), "name": None}
    return state if key_of({**state.request, "name": None}) == key_of(own) else None


def _saved(request: TrainRequest, folder: Path) -> tuple[TrainRequest, State]:
    """The training to go on with; only its epochs and minutes may be others."""
    if request.name is None:
        state = latest_state(folder, request.network)
    else:
        state = load_state(folder / checked_name(request.name, "model") / STATE)
    epochs = {"epochs": request.hyper["epochs"]} if "epochs" in request.hyper else {}
    try:
        saved = TrainRequest.from_json(state.request)
        hyper = {**saved.hyper, **epochs}
        return replace(saved, name=state.path.parent.name, hyper=hyper, minutes=request.minutes), state
    except (KeyError, TypeError, UsageError) as error:
        raise no_training_state(state.path) from error
