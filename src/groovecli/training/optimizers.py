"""Optimisers, and their saved states on another device."""

from __future__ import annotations

import warnings
from typing import Any

from torch import nn
from torch.optim import SGD, Adam, Optimizer

from groovecli.networks.spec import Hyperparameters


def optimizer_of(model: nn.Module, hyper: Hyperparameters, *, capturable: bool = False) -> Optimizer:
    """A network's optimiser; `capturable` is for CUDA graphs, where Adam counts steps on the device."""
    rate, decay = hyper.learning_rate, hyper.weight_decay
    if hyper.optimizer == "adam":
        # A few steps run without the graph, which PyTorch holds to be a mistake.
        warnings.filterwarnings("ignore", "This instance was constructed with capturable=True")
        return Adam(model.parameters(), lr=rate, weight_decay=decay, capturable=capturable)
    return SGD(model.parameters(), lr=rate, momentum=hyper.momentum, weight_decay=decay)


def restore_optimizer(optimizer: Optimizer, state: dict[str, Any]) -> None:
    """Go on from a saved state, which may be of another device."""
    own = optimizer.param_groups[0]
    kept = {key: own[key] for key in ("capturable",) if key in own}
    groups = [{**group, **kept} for group in state["param_groups"]]
    optimizer.load_state_dict({**state, "param_groups": groups})
