"""What groove-net's layers find in each song, and in tracks of other sources.

    python benchmarks/groove_net/listen.py WORK --music MUSIC --teachers TEACHERS \\
        --table debian-music.csv --unpacked PACKAGES [--part 0/2]

writes WORK/found/KEY.npz for each piece: `found`, of the one or two clips of 30 s at its ends, and
`products`, the mean products of the fourth layer's filters, from which pairs are made. Pieces that are
there are skipped, so that the same command goes on; parts can run side by side.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile as sf
import soxr
import torch
from music import GENRES, Piece, arguments, of_library, of_packages
from numpy.typing import NDArray
from prune import give_layers

from groovecli.features.catalog import FEATURES, extract
from groovecli.features.spec import ImageSpec
from groovecli.models.groove_net import PAIRED_LAYER, GrooveNet
from groovecli.store import atomic_writer

Samples = NDArray[np.float32]
SPEC = FEATURES["mel-2x96"]
assert isinstance(SPEC, ImageSpec)
_SHORTEST_S = 3.0


def network_of(teachers: Path) -> GrooveNet:
    """groove-net's layers, its own part not yet made."""
    network = GrooveNet((SPEC.input_shape,), len(GENRES), 0.0).eval()
    give_layers(network, teachers)
    return network


def read(piece: Piece) -> tuple[Samples, int]:
    """A piece's samples, mono, at its file's rate."""
    sr = sf.info(piece.path).samplerate
    first, n = int(piece.start_s * sr), int(piece.length_s * sr)
    y, _ = sf.read(piece.path, start=first, frames=n, dtype="float32", always_2d=True)
    if len(y) < _SHORTEST_S * sr:
        raise ValueError(f"{piece.path} has {len(y) / sr:.1f} s")
    return np.ascontiguousarray((y[:, 0] + y[:, -1]) / 2), sr


def clips(y: Samples, sr: int) -> list[Samples]:
    """30 s at the start and at the end, at 16 kHz; what is shorter is repeated."""
    n = SPEC.n_clip_samples
    y = soxr.resample(y, sr, SPEC.sr).astype(np.float32)
    y = np.tile(y, -(-n // len(y)))[: max(n, len(y))]
    return [y[:n]] if len(y) < n + SPEC.sr else [y[:n], y[-n:]]


def finds(network: GrooveNet, some: Sequence[Samples]) -> dict[str, NDArray[np.float32]]:
    """What the layers find in clips."""
    codes = np.stack([extract(y, SPEC) for y in some])  # (clips, 1, bands, frames)
    layer_maps = []
    hook = network.squares.layers[PAIRED_LAYER + 1].register_forward_pre_hook(
        lambda _, inputs: layer_maps.append(inputs[0].flatten(2))
    )
    found = network.found(torch.from_numpy(codes).float() / 255)
    hook.remove()
    products = layer_maps[0] @ layer_maps[0].mT / layer_maps[0].shape[2]
    return {"found": found.numpy(), "products": products.numpy()}


@torch.inference_mode()
def main() -> None:
    """Listen to all pieces, or to a part of them."""
    parser = arguments(__doc__, "--music", "--teachers", "--table", "--unpacked")
    parser.add_argument("--part", default="0/1")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    k, n = map(int, asked.part.split("/"))
    pieces = of_library(asked.music)
    pieces += of_packages(asked.table, asked.unpacked)
    network = network_of(asked.teachers)
    (asked.work / "found").mkdir(parents=True, exist_ok=True)
    for number, piece in enumerate(pieces[k::n]):
        path = asked.work / "found" / f"{piece.key}.npz"
        if path.exists():
            continue
        try:
            found = finds(network, clips(*read(piece)))
        except (sf.LibsndfileError, ValueError) as error:
            print(f"{piece.path}: {error}")
            continue
        with atomic_writer(path) as file:
            np.savez(file, **found)
        if number % 50 == 0:
            print(f"{number} of {len(pieces[k::n])}", flush=True)


if __name__ == "__main__":
    main()
