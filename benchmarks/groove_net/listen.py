"""What groove-net's layers find in each song, and in tracks of other sources.

    python benchmarks/groove_net/listen.py WORK --music MUSIC --teachers TEACHERS \\
        --table debian-music.csv --unpacked PACKAGES [--part 0/2]

writes WORK/found/KEY.npy for each piece, a row a clip of 45 s: as groove hears it and, of the library,
COPIES of it, by which what changes within a song can be told from what does not: shorter excerpts,
repeated to 45 s as groove does, and degraded ones. Pieces that are there are skipped, so that the same
command goes on; parts can run side by side.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import torch
from degrade import degraded
from music import GENRES, Piece, arguments, of_library, of_packages
from numpy.typing import NDArray
from prune import give_layers

from groovecli.audio import clips
from groovecli.audio.read import fit, probe, resample
from groovecli.audio.read import read as read_stretch
from groovecli.errors import AudioError
from groovecli.features.cut import Cut
from groovecli.features.cutting import cut
from groovecli.features.registry import extract, feature
from groovecli.features.spec import AudioSpec, Stored
from groovecli.files import atomic_writer
from groovecli.models.results import CLIPS_PER_SONG
from groovecli.networks.groove_net import GrooveNet
from groovecli.networks.inputs import to_inputs
from groovecli.networks.registry import model_spec

Samples = NDArray[np.float32]
Clip = tuple[Stored, ...]  # one image a feature
CLIP_S = 45.0
SPECS = tuple(feature(name, CLIP_S) for name in model_spec("groove-net").features)
SR = 16000  # of both features
_SHORTEST_S = 3.0
COPIES = ("20 s", "15 s", "15 s", "10 s", "degraded", "degraded", "degraded")


def network_of(teachers: Path) -> GrooveNet:
    """groove-net's layers, its own part not yet made."""
    network = GrooveNet(tuple(spec.input_shape for spec in SPECS), len(GENRES), 0.0).eval()
    give_layers(network, teachers)
    return network


def read(piece: Piece) -> tuple[Samples, int]:
    """A piece's first 45 s, mono, at its file's rate."""
    y, sr = read_stretch(piece.path, length_s=CLIP_S)
    if len(y) < _SHORTEST_S * sr:
        raise ValueError(f"{piece.path} has {len(y) / sr:.1f} s")
    return y, sr


def whole(piece: Piece) -> Clip:
    """A file as groove hears it."""
    starts_s = clips.stretches(probe(piece.path).duration_s, CLIP_S, CLIPS_PER_SONG)
    clip = clips.Clip(piece.key, 0, 0.0)
    result = cut(Cut(piece.path, (clip,), SPECS, stretches_s=tuple(starts_s)))
    if not result.features:
        raise ValueError(f"{piece.path} {result.problems[clip]}")
    return result.features[clip]


def copies(y: Samples, sr: int, rng: np.random.Generator) -> Iterator[Clip]:
    """Excerpts and degraded excerpts, as COPIES names them."""
    for copy in COPIES:
        n = min(len(y), int(sr * (30 if copy == "degraded" else float(copy.removesuffix(" s")))))
        start = rng.integers(0, len(y) - n + 1)
        excerpt, its_sr = y[start : start + n], sr
        if copy == "degraded":
            excerpt, its_sr = degraded(excerpt, sr, rng)
        at_rate = resample(excerpt.astype(np.float32), its_sr, SR)
        y_fit = fit(at_rate, round(CLIP_S * SR))
        yield tuple(extract(y_fit, spec) for spec in SPECS if isinstance(spec, AudioSpec))


def finds(network: GrooveNet, some: Iterable[Clip]) -> NDArray[np.float32]:
    """What the layers find in clips (clips, numbers)."""
    inputs = (to_inputs([torch.from_numpy(image) for image in clip], SPECS) for clip in some)
    return np.concatenate([network.statistics(*pair).numpy() for pair in inputs])


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
            heard = [whole(piece)]
            if number < len(library):
                heard += copies(*read(piece), np.random.default_rng(zlib.crc32(piece.key.encode())))
        except (AudioError, ValueError) as error:
            print(f"{piece.path}: {error}")
            continue
        with atomic_writer(path) as file:
            np.save(file, finds(network, heard))
        if number // n % 50 == 0:
            print(f"{number} of {len(pieces)}", flush=True)


if __name__ == "__main__":
    main()
