"""Of three published taggers, the filters that live: what groove-net's layers are made of.

Most filters of musicnn's front and some of FCN-5's have weights of zero: whatever they hear they give
one number. What that number does to the layers after them goes into these layers' biases and, where a
convolution sees zeros beyond the edges, into the weights of one more channel, which is 1.
"""

from __future__ import annotations

from pathlib import Path

import torch
import torch.nn.functional as F  # noqa: N812
from efficientat import give_trunk
from safetensors.torch import load_file
from torch import Tensor

from groovecli.features.mel_pair import HIGHEST, LOWEST_DB, RANGE_DB
from groovecli.networks.groove_net import GrooveNet
from groovecli.networks.musicnn import MusiCNN, from_tensorflow

_DEAD = 1e-3  # of the strongest filter's norm
_DEAD_SQUARE = 1e-4


@torch.no_grad()
def give_layers(network: GrooveNet, teachers: Path) -> None:
    """Give groove-net the living filters of msd_fcn and MSD_musicnn, and EfficientAT's mn04.

    Raises
    ------
    RuntimeError
        Other numbers of filters live than groove-net has room for.
    """
    network.squares.load_state_dict(_squares(load_file(teachers / "msd_fcn.safetensors")))
    tensors = {name: t.numpy() for name, t in load_file(teachers / "MSD_musicnn.safetensors").items()}
    whole = MusiCNN(((96, 187),), 0, 0.0).eval()
    whole.load_state_dict(from_tensorflow(tensors))
    network.patches.load_state_dict(_patches(whole))
    give_trunk(network.windows.trunk, teachers / "efficientat_mn04_as.safetensors")


def _squares(w: dict[str, Tensor]) -> dict[str, Tensor]:
    """FCN-5's convolutions with its batch norms in them; what a dead filter gives is 0."""
    found, alive = _norm(w, "spec_bn", 1e-5, RANGE_DB, LOWEST_DB), torch.ones(1, dtype=torch.bool)
    for number in range(1, 6):
        gain, offset = _affine(w, f"layer{number}.bn", 1e-5)
        kernel = w[f"layer{number}.conv.weight"] * gain[:, None, None, None]
        bias = w[f"layer{number}.conv.bias"] * gain + offset
        norms = kernel.flatten(1).norm(dim=1)
        lives = norms > _DEAD_SQUARE * norms.max()
        assert (bias[~lives] < 1e-5).all(), "a dead filter of FCN-5 is not 0"
        kernel = kernel[lives][:, alive]
        if number == 1:  # groove-net has an empty channel beside the only one
            kernel = F.pad(kernel, (0, 0, 0, 0, 0, 1))
        found[f"layers.{number - 1}.weight"] = kernel
        found[f"layers.{number - 1}.bias"] = bias[lives]
        alive = lives
    return found


def _patches(whole: MusiCNN) -> dict[str, Tensor]:
    """musicnn's layers up to the 200 numbers, whose batch norm no longer matters."""
    w = whole.state_dict()
    found = _norm(w, "norm", 1e-3, HIGHEST, 0.0)
    alive, constant = [], []
    for number in range(5):
        of = f"branches.{number}"
        kernel, bias = w[f"{of}.convolution.weight"], w[f"{of}.convolution.bias"]
        norms = kernel.flatten(1).norm(dim=1)
        lives = norms > _DEAD * norms.max()
        gain, offset = _affine(w, f"{of}.norm", 1e-3)
        alive.append(lives)
        constant.append(bias.relu() * gain + offset)
        found |= {
            name: tensor[lives] if tensor.ndim else tensor
            for name, tensor in w.items()
            if name.startswith(of)
        }
    lives, says = torch.cat(alive), torch.cat(constant)
    found |= {name: tensor for name, tensor in w.items() if name.startswith("middle.")}
    kernel = w["middle.0.convolution.weight"]
    dead = torch.einsum("oct,c->ot", kernel[:, ~lives], says[~lives])
    found["middle.0.convolution.weight"] = torch.cat([kernel[:, lives], dead[:, None]], dim=1)
    return found | _dense(w, lives, says)


def _dense(w: dict[str, Tensor], lives: Tensor, says: Tensor) -> dict[str, Tensor]:
    """The layer of 200, its inputs being all maxima and then all means."""
    gain, offset = _affine(w, "norm_pooled", 1e-3)
    bias = w["dense.bias"] + w["dense.weight"] @ offset
    weight = (w["dense.weight"] * gain).reshape(len(bias), -1, 2)  # (200, 753, maximum and mean)
    n_front = len(lives)
    bias += weight[:, :n_front][:, ~lives].sum(dim=2) @ says[~lives]
    kept = torch.cat([weight[:, :n_front][:, lives], weight[:, n_front:]], dim=1)
    return {"dense.weight": kept.transpose(1, 2).flatten(1), "dense.bias": bias}


def _affine(w: dict[str, Tensor], name: str, epsilon: float) -> tuple[Tensor, Tensor]:
    """A batch norm as gain and offset."""
    gain = w[f"{name}.weight"] / torch.sqrt(w[f"{name}.running_var"] + epsilon)
    return gain, w[f"{name}.bias"] - w[f"{name}.running_mean"] * gain


def _norm(
    w: dict[str, Tensor], name: str, epsilon: float, scale: float, lowest: float
) -> dict[str, Tensor]:
    """The first batch norm, for an input of which 0 is `lowest` and 1 is `scale` more."""
    return {
        "norm.weight": w[f"{name}.weight"],
        "norm.bias": w[f"{name}.bias"],
        "norm.running_mean": (w[f"{name}.running_mean"] - lowest) / scale,
        "norm.running_var": (w[f"{name}.running_var"] + epsilon) / scale**2 - epsilon,
        "norm.num_batches_tracked": torch.zeros((), dtype=torch.int64),
    }
