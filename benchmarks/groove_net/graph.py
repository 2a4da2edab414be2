"""The graph of groove-net for onnxruntime, without weights.

    python benchmarks/groove_net/graph.py [FOLDER]

writes graph.onnx, and graph.json with the shapes of its inputs and weights, to pretrained/groove-net or
FOLDER. A model's own weights are put in when it is opened (`groovecli.models.session`). FCN-5's layers have
filters in multiples of 16, the added ones of zeros: onnxruntime keeps such images in blocks of 16 channels,
and pools them so.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import onnx
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from groovecli.models.file import WEIGHTS, describe
from groovecli.models.onnx import Flat, silent, to_program
from groovecli.models.session import ABOUT, GRAPH
from groovecli.models.weights import built
from groovecli.networks.groove_net import GrooveNet, Squares
from groovecli.networks.output import Output

SHIPPED = Path(__file__).parents[2] / "pretrained" / "groove-net"
_BLOCK = 16  # channels
_STRIP = 512  # frames: fewer are no quicker, all at once take 80 MB more


def main() -> None:
    """Write the graph."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=SHIPPED)
    folder = parser.parse_args().folder
    description = describe(SHIPPED / WEIGHTS)
    network = built(SHIPPED / WEIGHTS, description).eval()
    assert isinstance(network, GrooveNet)
    inputs = {spec.name: spec.input_shape for spec in description.features}
    shapes = {name: list(weight.shape) for name, weight in network.state_dict().items()}
    proto = weightless(Embedding(network), inputs)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / GRAPH).write_bytes(proto.SerializeToString())
    weights = {each.name: list(each.dims) for each in proto.graph.initializer if each.external_data}
    own = {name: shapes[name] for name, shape in weights.items() if shapes[name] != shape}
    (folder / ABOUT).write_text(
        json.dumps({"inputs": inputs, "weights": weights, "own": own}, indent=1) + "\n", "utf-8"
    )
    print(f"{folder / GRAPH}: {(folder / GRAPH).stat().st_size / 1000:.0f} kB, {len(weights)} weights")


class Embedding(nn.Module):
    """groove-net without its layer of genres."""

    def __init__(self, network: GrooveNet) -> None:
        super().__init__()
        self.network = network
        network.squares = InBlocks(network.squares)

    def forward(self, pair: Tensor, fine: Tensor) -> Output:
        """As GrooveNet's, without logits."""
        return Output(
            embedding=self.network.embed(self.network.standard(self.network.statistics(pair, fine)))
        )


class InBlocks(Squares):
    """FCN-5 with filters in multiples of 16, its first layer without the channel that PyTorch needs."""

    def __init__(self, squares: Squares) -> None:
        super().__init__()
        self.norm = squares.norm
        theirs = [layer for layer in squares.layers if isinstance(layer, nn.Conv2d)]
        self.n_filters = [layer.out_channels for layer in theirs]
        n_out = [-(-n // _BLOCK) * _BLOCK for n in self.n_filters]
        self.layers = nn.ModuleList(map(_wider, theirs, [1, *n_out], n_out))

    def heard(self, x: Tensor, number: int) -> Tensor:
        """As Squares', without the filters of zeros."""
        return x[:, : self.n_filters[number]]

    def _first(self, x: Tensor) -> Tensor:
        pool = self.pools[0]
        n_frames = x.shape[3] // pool[1] * pool[1]
        x = F.pad(x, (1, 1))
        weight, bias = self.layers[0].weight, self.layers[0].bias
        strips = (x[..., a : min(a + _STRIP, n_frames) + 2] for a in range(0, n_frames, _STRIP))
        pooled = [F.max_pool2d(F.conv2d(s, weight, bias, padding=(1, 0)), pool) for s in strips]  # type: ignore[arg-type]
        return F.relu(torch.cat(pooled, dim=3))


def _wider(layer: nn.Conv2d, n_in: int, n_out: int) -> nn.Conv2d:
    """A layer of other sizes, with the filters that there are and zeros."""
    wider = nn.Conv2d(n_in, n_out, 3, padding=1)
    own, theirs = wider.state_dict(), layer.state_dict()
    for name, tensor in own.items():
        place = tuple(slice(min(a, b)) for a, b in zip(tensor.shape, theirs[name].shape, strict=True))
        tensor.zero_()[place] = theirs[name][place]
    return wider


def weightless(network: nn.Module, inputs: dict[str, tuple[int, ...]]) -> onnx.ModelProto:
    """A network's graph; its weights have names and shapes alone."""
    flat = Flat(network.eval(), len(inputs))
    with silent():
        proto = to_program(flat, list(inputs.values()), list(inputs), optimize=False).model_proto
    prefix = "network.network."
    weights = [each for each in proto.graph.initializer if each.name.startswith(prefix)]
    renamed = {each.name: each.name.removeprefix(prefix) for each in weights}
    for each in weights:
        each.ClearField("raw_data")
        each.name, each.data_location = renamed[each.name], onnx.TensorProto.EXTERNAL
        place = each.external_data.add()
        place.key, place.value = "location", WEIGHTS
    for node in proto.graph.node:
        node.input[:] = [renamed.get(name, name) for name in node.input]
        node.ClearField("metadata_props")
        node.ClearField("doc_string")
    proto.graph.ClearField("value_info")
    proto.graph.ClearField("metadata_props")
    return proto


if __name__ == "__main__":
    main()
