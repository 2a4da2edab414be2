"""The weights in model files as arrays: read and checked, without PyTorch."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open

from groovecli.messages.models import model_damaged
from groovecli.models.file import StoredModel, description_of, header_of, reading

CHECKSUM = "sha256"
"""The header's name of the weights' checksum; older files have none."""

Arrays = Mapping[str, NDArray[Any]]


def read_tensors(path: Path) -> dict[str, NDArray[Any]]:
    """A model file's weights by name, those of fewer bits than 32 in single precision.

    Raises
    ------
    ModelError
        The file is damaged, or its weights are not as they were written.
    """
    arrays = {
        name: array.astype(np.float32) if array.dtype.kind == "f" else array
        for name, array in _read(path).items()
    }
    if not all(bool(np.isfinite(array).all()) for array in arrays.values()):
        raise model_damaged(path, "some of its weights are not finite numbers")
    return arrays


def check_weights(stored: StoredModel) -> None:
    """Raise a ModelError unless a model's weights are as they were written, as far as the file can tell."""
    _read(stored.path)


def checksum(arrays: Arrays) -> str:
    """SHA-256 of weights with their names."""
    found = hashlib.sha256()
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        found.update(f"{name} torch.{array.dtype} {arrays[name].shape}\n".encode())
        found.update(array.tobytes())
    return found.hexdigest()


def _read(path: Path) -> dict[str, NDArray[Any]]:
    """A file's weights by name, if they are as they were written."""
    with reading(path), safe_open(path, framework="numpy") as file:
        header = header_of(file.metadata())
        arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        description_of(path, header)
        if header.get(CHECKSUM) not in (None, checksum(arrays)):
            raise ValueError("its weights are not as they were written")
    return arrays
