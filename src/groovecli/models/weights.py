"""The weights in model files: written, read, checked, and put into their networks; imports torch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save
from torch import Tensor, nn

from groovecli.errors import ModelError
from groovecli.files import write_bytes
from groovecli.messages.models import model_damaged
from groovecli.models.file import HEADER, Description, StoredModel, description_of, header_of, reading
from groovecli.networks.build import build

_CHECKSUM = "sha256"  # of the weights; older files have none


def save_model(path: Path, network: nn.Module, description: Description, *, half: bool = False) -> None:
    """Write a model file; `half` stores its weights as float16, half the size.

    Biases and BatchNorm's statistics, which are small in number and may be large in value, stay.
    """
    tensors = {
        name: (tensor.half() if half and tensor.ndim > 1 else tensor).cpu().contiguous()
        for name, tensor in network.state_dict().items()
    }
    header = {**description.to_json(), _CHECKSUM: _checksum(tensors)}  # two texts would have no order
    write_bytes(path, save(tensors, metadata={HEADER: json.dumps(header)}))


def built(path: Path, description: Description) -> nn.Module:
    """The network of a model file with its weights.

    Raises
    ------
    ModelError
        The file is damaged or its weights do not fit its network.
    """
    weights = {
        name: tensor.to(torch.float32 if tensor.is_floating_point() else tensor.dtype, copy=True)
        for name, tensor in _read(path).items()
    }
    if not all(bool(tensor.isfinite().all()) for tensor in weights.values()):
        raise model_damaged(path, "some of its weights are not finite numbers")
    try:
        with torch.device("meta"):  # takes no memory, whatever the description asks for
            network = build_for(description)
        network.load_state_dict(weights, assign=True)
    except (RuntimeError, ValueError, TypeError, ModelError) as error:
        first = str(error).splitlines()[-1].strip()
        raise model_damaged(path, f"its weights do not fit {description.network}: {first}") from error
    return network


def build_for(description: Description) -> nn.Module:
    """The untrained network that a description speaks of."""
    return build(
        description.network,
        [feature.input_shape for feature in description.features],
        n_genres=len(description.genres),
        dropout=description.dropout,
    )


def check_weights(stored: StoredModel) -> None:
    """Raise a ModelError unless a model's weights are as they were written, as far as the file can tell."""
    _read(stored.path)


def _read(path: Path) -> dict[str, Tensor]:
    """A file's weights by name, if they are as they were written."""
    with reading(path), safe_open(path, framework="pt") as file:
        header = header_of(file.metadata())
        tensors: dict[str, Tensor] = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        description_of(path, header)
        if header.get(_CHECKSUM) not in (None, _checksum(tensors)):
            raise ValueError("its weights are not as they were written")
    return tensors


def _checksum(tensors: Mapping[str, Tensor]) -> str:
    """SHA-256 of weights with their names."""
    found = hashlib.sha256()
    for name in sorted(tensors):
        found.update(f"{name} {tensors[name].dtype} {tuple(tensors[name].shape)}\n".encode())
        found.update(tensors[name].contiguous().view(-1).view(torch.uint8).numpy().data)
    return found.hexdigest()
