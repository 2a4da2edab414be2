"""The state of a training, as a file to resume from."""

from __future__ import annotations

import io
import pickle
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from groovecli.files import write_bytes
from groovecli.messages.training import (
    from_another_groove,
    no_training_state,
    nothing_to_resume,
    state_missing,
)
from groovecli.training.loop import Trainer

STATE = "resume.pt"
_FORMAT = 2
_TYPES = {"request": dict, "data": str, "trainer": dict}


@dataclass(frozen=True)
class State:
    """A training that was stopped.

    `request` is what was asked for, `data` the fingerprint of the clips it learnt from, `trainer`
    what `Trainer.state` gave.
    """

    path: Path
    request: Mapping[str, Any]
    data: str
    trainer: dict[str, Any]

    def restore(self, trainer: Trainer) -> None:
        """Let a trainer go on from here.

        Raises
        ------
        ModelError
            It does not fit the trainer's network.
        """
        try:
            trainer.restore(self.trainer)
        except (RuntimeError, KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
            raise no_training_state(self.path, f"it does not fit: {_first_line(error)}") from error


def save_state(path: Path, request: Mapping[str, Any], data: str, trainer: Trainer) -> None:
    """Write the state of a training, whole or not at all."""
    content = {"format": _FORMAT, "request": request, "data": data, "trainer": trainer.state()}
    buffer = io.BytesIO()  # torch.save reports a full disk as something else
    torch.save(content, buffer)
    write_bytes(path, buffer.getbuffer())


def load_state(path: Path) -> State:
    """Read the state of a training; nothing in the file is run.

    Raises
    ------
    ModelError
        There is no such file, or it is none of groove's, or one of another groove.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd pickles: what can't be read is an error anyway
            content = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise state_missing(path) from error
    except pickle.UnpicklingError as error:
        raise no_training_state(path, "it holds more than numbers, which could run anything") from error
    except Exception as error:  # torch.load fails in many ways on a damaged file
        raise no_training_state(path, _first_line(error)) from error
    if not isinstance(content, dict) or "format" not in content:
        raise no_training_state(path, "it holds something else")
    if content["format"] != _FORMAT:
        raise from_another_groove(path)
    if not all(isinstance(content.get(key), kind) for key, kind in _TYPES.items()):
        raise no_training_state(path, "it holds something else")
    return State(path, content["request"], content["data"], content["trainer"])


def latest_state(folder: Path, network: str) -> State:
    """The latest training of a network below `folder`.

    Raises
    ------
    ModelError
        There is none, or a file on the way to it is damaged.
    """
    paths = sorted(folder.glob(f"*/{STATE}"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    for path in paths:
        state = load_state(path)
        if state.request.get("network") == network:
            return state
    raise nothing_to_resume(network)


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
