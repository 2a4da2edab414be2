"""The weights in model files: written, and put into their networks; imports torch."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from safetensors.torch import save
from torch import nn

from groovecli.errors import ModelError
from groovecli.files import write_bytes
from groovecli.messages.models import model_damaged
from groovecli.models.file import HEADER, Description
from groovecli.models.tensors import CHECKSUM, checksum, read_tensors
from groovecli.networks.build import build


def save_model(path: Path, network: nn.Module, description: Description, *, half: bool = False) -> None:
    """Write a model file; `half` stores its weights as float16, half the size.

    Biases and BatchNorm's statistics, which are small in number and may be large in value, stay.
    """
    tensors = {
        name: (tensor.half() if half and tensor.ndim > 1 else tensor).cpu().contiguous()
        for name, tensor in network.state_dict().items()
    }
    arrays = {name: tensor.numpy() for name, tensor in tensors.items()}
    header = {**description.to_json(), CHECKSUM: checksum(arrays)}  # two texts would have no order
    write_bytes(path, save(tensors, metadata={HEADER: json.dumps(header)}))


def built(path: Path, description: Description) -> nn.Module:
    """The network of a model file with its weights.

    Raises
    ------
    ModelError
        The file is damaged or its weights do not fit its network.
    """
    weights = {name: torch.from_numpy(array) for name, array in read_tensors(path).items()}
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
