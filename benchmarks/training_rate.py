"""Images a second of `time-cnn`'s training step: as published, and as groove runs it, interleaved.

    python benchmarks/training_rate.py [BATCH] [--rounds R]

"as published" is the first convolution as a convolution, in float32; the others replace it by one
matrix product, then compute in bfloat16 as well.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import time
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from groovecli.features.registry import feature
from groovecli.networks.build import build
from groovecli.networks.time_cnn import TallConv
from rounds import Figure, program, report

WANTED = 1.9
_N_GENRES = 6
_SHAPE = feature("mel-323").input_shape


def ours() -> nn.Module:
    """The network as groove builds it."""
    return build("time-cnn", (_SHAPE,), n_genres=_N_GENRES)


class Published(nn.Module):
    """The network with its first layer as a plain convolution."""

    def __init__(self) -> None:
        super().__init__()
        self.network = ours()
        first = self.network.conv1
        assert isinstance(first, TallConv)
        first.forward = lambda x: nn.Conv2d.forward(first, x)  # type: ignore[method-assign]

    def forward(self, x: Tensor) -> object:
        """As the network."""
        return self.network(x)


def step(
    network: nn.Module, optimizer: torch.optim.Optimizer, x: Tensor, y: Tensor, *, bf16: bool
) -> float:
    """Seconds of one training step."""
    started = time.perf_counter()
    optimizer.zero_grad()
    with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
        logits = network(x).logits
    cross_entropy(logits.float(), y).backward()  # type: ignore[no-untyped-call]
    optimizer.step()
    return time.perf_counter() - started


def main() -> None:
    """Print each way's rate and its ratio to the first."""
    parser = program(__doc__, n_rounds=12)
    parser.add_argument("batch", metavar="BATCH", type=int, nargs="?", default=64, help="images (64)")
    asked = parser.parse_args()
    batch = asked.batch
    x, y = torch.rand(batch, *_SHAPE), torch.randint(0, _N_GENRES, (batch,))
    makers: tuple[tuple[str, Callable[[], nn.Module], bool], ...] = (
        ("as published", Published, False),
        ("one product", ours, False),
        ("one product, bf16", ours, True),
    )
    ways = []
    for name, make, bf16 in makers:
        network = make()
        ways.append((name, network, torch.optim.SGD(network.parameters(), 0.001, 0.9), bf16))
    for _, network, optimizer, bf16 in ways:
        step(network, optimizer, x, y, bf16=bf16)
    times = np.array([[step(n, o, x, y, bf16=b) for _, n, o, b in ways] for _ in range(asked.rounds)])
    rates = batch / np.median(times, axis=0)
    for (name, *_), rate in zip(ways, rates, strict=True):
        print(f"{name:18} {rate:7.0f} images/s")
    figures = [
        Figure.ratio(
            f"`time-cnn`, step of {batch} images: rate of {name} against the network as published",
            times[:, 0].tolist(),
            times[:, number].tolist(),
            at_least=WANTED if bf16 else None,
        )
        for number, (name, _, _, bf16) in enumerate(ways)
        if number
    ]
    report(figures, asked.rows)


if __name__ == "__main__":
    main()
