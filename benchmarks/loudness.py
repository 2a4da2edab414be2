"""Groove's loudness against FFmpeg's filter `ebur128`, which PyAV's wheel brings, on the same samples.

    python benchmarks/loudness.py MUSIC [--songs N] [--seed S]

Each song is decoded once, to all its channels, and measured both ways.
"""

from __future__ import annotations

import os

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")

import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

import songs
from groovecli.audio.decoders.decoder import Block
from groovecli.audio.whole import give_all
from groovecli.describe.loudness import Meter
from groovecli.errors import AudioError

_COLUMNS = ("integrated loudness", "loudness range", "true peak")
_UNITS = ("LU", "LU", "dB")
_LAYOUTS = {1: "mono", 2: "stereo", 6: "5.1"}


class Kept:
    """All blocks of a file."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []

    def add(self, block: Block) -> None:
        """Keep what comes next."""
        self.blocks.append(block)


def ours(blocks: list[Block]) -> tuple[float | None, ...]:
    """Loudness, range and true peak by groove; None where there is none."""
    meter = Meter()
    for block in blocks:
        meter.add(block)
    said = meter.loudness()
    return said.integrated_lufs, said.range_lu, said.true_peak_dbtp


def ffmpegs(blocks: list[Block]) -> tuple[float, ...]:
    """The same by FFmpeg."""
    sr, layout = blocks[0].sr, _LAYOUTS[len(blocks[0].x)]
    graph: Any = av.filter.Graph()
    source = graph.add(
        "abuffer", f"time_base=1/{sr}:sample_rate={sr}:sample_fmt=fltp:channel_layout={layout}"
    )
    meter, sink = graph.add("ebur128", "metadata=1:peak=true"), graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    said: dict[str, str] = {}
    at = 0
    for block in blocks:
        frame: Any = av.AudioFrame.from_ndarray(np.ascontiguousarray(block.x), format="fltp", layout=layout)
        frame.sample_rate, frame.pts, frame.time_base = sr, at, Fraction(1, sr)
        at += block.x.shape[1]
        source.push(frame)
        _pull(sink, said)
    peak = float(said["lavfi.r128.true_peak"])
    return float(said["lavfi.r128.I"]), float(said["lavfi.r128.LRA"]), 20 * np.log10(max(peak, 1e-9))


def _pull(sink: Any, said: dict[str, str]) -> None:
    while True:
        try:
            frame = sink.pull()
        except (av.BlockingIOError, av.EOFError):
            return
        said.update(frame.metadata)


def compared(path: Path) -> tuple[list[float], float, float] | None:
    """Differences, and seconds of both ways; None where a song is silent, short or can't be read."""
    try:
        blocks = give_all(path, Kept, duration_s=0.0)[0].blocks
    except AudioError:
        return None
    started = time.process_time()
    here = ours(blocks)
    middle = time.process_time()
    there = ffmpegs(blocks)
    if any(value is None for value in here):
        return None
    differences = [float(a or 0) - b for a, b in zip(here, there, strict=True)]
    return differences, middle - started, time.process_time() - middle


def main() -> None:
    """Print how far both are apart, and what each takes."""
    asked = songs.parser(__doc__, n_songs=1_000_000, songs_help="how many songs (all)").parse_args()
    paths = songs.spread(asked.music, asked.songs, seed=asked.seed)
    found = [each for each in map(compared, paths) if each]
    if not found:
        raise SystemExit("no song can be measured")
    differences: NDArray[np.float64] = np.array([each[0] for each in found])
    print(f"{len(found)} songs; groove's figure minus FFmpeg's")
    for name, unit, column in zip(_COLUMNS, _UNITS, differences.T, strict=True):
        far, most = np.quantile(np.abs(column), 0.95), np.abs(column).max()
        within = f"95 % within {far:.3f} {unit}, all within {most:.3f} {unit}"
        print(f"{name:20} mean {column.mean():+.3f} {unit}, {within}")
    for name, place in (("groove", 1), ("FFmpeg", 2)):
        print(f"{name:20} {1000 * np.mean([each[place] for each in found]):.1f} ms per song")


if __name__ == "__main__":
    main()
