"""What groove-net's layers find in each song, and in tracks of other sources.

    python benchmarks/groove_net/listen.py WORK --music MUSIC --teachers TEACHERS \\
        --table debian-music.csv --unpacked PACKAGES [--part 0/2]

writes WORK/found/KEY.npy for each piece, a row a clip of 30 s: at its start, at its end, and, of the
library, COPIES of it, by which what changes within a song can be told from what does not: shorter
excerpts, repeated to 30 s as groove does, and degraded ones. Pieces that are there are skipped, so that
the same command goes on; parts can run side by side.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile as sf
import soxr
import torch
from degrade import degraded
from music import GENRES, Piece, arguments, of_library, of_packages
from numpy.typing import NDArray
from prune import give_layers

from groovecli.features.catalog import FEATURES, extract
from groovecli.features.spec import ImageSpec
from groovecli.models.groove_net import GrooveNet
from groovecli.store import atomic_writer

Samples = NDArray[np.float32]
SPEC = FEATURES["mel-2x96"]
assert isinstance(SPEC, ImageSpec)
_SHORTEST_S = 3.0
N_CLIPS = 2  # of a piece as it is; its copies come after them
COPIES = ("20 s", "15 s", "15 s", "10 s", "degraded", "degraded", "degraded")


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
    return [y[:n], y[-n:]]


def copies(y: Samples, sr: int, rng: np.random.Generator) -> list[Samples]:
    """Excerpts and degraded excerpts, as COPIES names them, each 30 s at 16 kHz."""
    made = []
    for copy in COPIES:
        n = min(len(y), int(sr * (30 if copy == "degraded" else float(copy.removesuffix(" s")))))
        start = rng.integers(0, len(y) - n + 1)
        excerpt = y[start : start + n]
        made.append(clips(*(degraded(excerpt, sr, rng) if copy == "degraded" else (excerpt, sr)))[0])
    return made


def finds(network: GrooveNet, some: Sequence[Samples]) -> NDArray[np.float32]:
    """What the layers find in clips (clips, numbers)."""
    codes = np.stack([extract(y, SPEC) for y in some])  # (clips, 1, bands, frames)
    found: NDArray[np.float32] = network.found(torch.from_numpy(codes).float() / 255).numpy()
    return found


@torch.inference_mode()
def main() -> None:
    """Listen to all pieces, or to a part of them."""
    parser = arguments(__doc__, "--music", "--teachers", "--table", "--unpacked")
    parser.add_argument("--part", default="0/1")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    k, n = map(int, asked.part.split("/"))
    library = of_library(asked.music)
    pieces = library + of_packages(asked.table, asked.unpacked)
    network = network_of(asked.teachers)
    (asked.work / "found").mkdir(parents=True, exist_ok=True)
    for number in range(k, len(pieces), n):
        piece = pieces[number]
        path = asked.work / "found" / f"{piece.key}.npy"
        if path.exists():
            continue
        try:
            y, sr = read(piece)
        except (sf.LibsndfileError, ValueError) as error:
            print(f"{piece.path}: {error}")
            continue
        some = clips(y, sr)
        if number < len(library):
            some += copies(y, sr, np.random.default_rng(zlib.crc32(piece.key.encode())))
        with atomic_writer(path) as file:
            np.save(file, finds(network, some))
        if number // n % 50 == 0:
            print(f"{number} of {len(pieces)}", flush=True)


if __name__ == "__main__":
    main()
