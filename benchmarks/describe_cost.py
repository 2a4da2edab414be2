"""What describing a song costs on one core, by what it is spent on, against embedding the same song.

    python benchmarks/describe_cost.py MUSIC [--songs N] [--rounds R] [--seconds S] [--excerpts]

N songs of three to four minutes (or of S seconds) are made in a temporary folder of excerpts from
MUSIC: stereo mp3 at 44,100 Hz and 320 kbit/s. With --excerpts the files of MUSIC are taken as they are.
In each round all of them are described, then embedded, in one process on one thread; every other round
the other way about. Times are the processor's.
"""

from __future__ import annotations

import os

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import torch

import embedding_rate as rate
import songs
from groovecli.actions.context import Context
from groovecli.audio import whole
from groovecli.audio.decoders.decoder import Block, Decoder
from groovecli.describe import loudness, song
from groovecli.describe.description import SongDescription
from groovecli.library import scan
from groovecli.library.tracks import Track
from groovecli.models.loaded import LoadedModel
from groovecli.monitor import SILENT

TARGET = 0.5
# What a description consists of: the function that does it, where it is called.
PARTS = {
    "loudness and range": (loudness, "_tenths"),
    "true peak": (loudness, "true_peak"),
    "tempo": (song, "find_tempo"),
    "key": (song, "find_key"),
    "brightness": (song, "brightness_hz"),
    "resampling": (song, "_at_one_rate"),
}


def measure(model: LoadedModel, tracks: Sequence[Track], n_rounds: int) -> tuple[Any, dict[str, float]]:
    """Seconds of describing and of embedding all songs [shape=(rounds, 2)], and those of each part."""
    parts_s = dict.fromkeys(("decoding", *PARTS), 0.0)
    ways: tuple[Callable[[], None], ...] = (
        lambda: _describe(tracks, parts_s),
        lambda: rate._embed(model, tracks, dict.fromkeys(rate.STAGES, 0.0)),
    )
    for way in ways:
        way()
    parts_s.update(dict.fromkeys(parts_s, 0.0))
    times = np.zeros((n_rounds, 2))
    for number in range(n_rounds):
        for column in (0, 1) if number % 2 else (1, 0):
            times[number, column] = rate._seconds(ways[column])
    return times, parts_s


def _describe(tracks: Sequence[Track], parts_s: dict[str, float]) -> None:
    """Describe songs as `groove describe` does on one core; add up the time of each part."""

    def decoded(decoder: Decoder, path: Path) -> Iterator[Block]:
        blocks = give(decoder, path)
        while True:
            started = time.process_time()
            block = next(blocks, None)
            parts_s["decoding"] += time.process_time() - started
            if block is None:
                return
            yield block

    give = whole._blocks
    with ExitStack() as timers:
        timers.enter_context(mock.patch.object(whole, "_blocks", decoded))
        for name, (module, function) in PARTS.items():
            timers.enter_context(rate._timed(module, function, name, parts_s))
        for track in tracks:
            assert isinstance(song.describe_file(song.Task.of(track)), SongDescription)


def _arguments() -> argparse.Namespace:
    parser = songs.parser(__doc__, n_songs=20, songs_help="how many songs (20)")
    parser.add_argument("--rounds", metavar="R", type=int, default=5, help="how often (5)")
    parser.add_argument(
        "--seconds", metavar="S", type=float, help="length of each song (default: drawn from 180 to 240)"
    )
    parser.add_argument("--excerpts", action="store_true", help="take MUSIC's files as they are")
    return parser.parse_args()


def main() -> None:
    """Print milliseconds per song, what they are spent on, and the ratio to embedding."""
    asked = _arguments()
    torch.set_num_threads(1)
    model = Context(device="cpu").load(asked.model)
    n = asked.songs if asked.excerpts else 5 * asked.songs
    paths = songs.spread(asked.music, n, seed=asked.seed)
    with tempfile.TemporaryDirectory() as folder:
        if not asked.excerpts:
            lengths_s = (asked.seconds, asked.seconds) if asked.seconds else rate._LENGTHS_S
            paths = rate.made(Path(folder), paths, asked.songs, lengths_s=lengths_s, seed=asked.seed)
        with mock.patch.object(scan, "imap", rate._here):
            tracks = scan.find_tracks(paths, None, jobs=1, monitor=SILENT).tracks
        times, parts_s = measure(model, tracks, asked.rounds)
    n_songs, whole_s = len(tracks), float(times[:, 0].sum())
    seconds = sum(track.duration_s for track in tracks) / n_songs
    print(f"{n_songs} songs of {seconds:.0f} s, {model.description.name}, one thread")
    for name, column in (("describing", times[:, 0]), ("embedding", times[:, 1])):
        each = 1000 * column / n_songs
        print(f"{name:22} {np.median(each):7.1f} ms per song ({each.min():.1f} to {each.max():.1f})")
    ratios = times[:, 0] / times[:, 1]
    low, high = ratios.min(), ratios.max()
    middle = f"{np.median(ratios):7.2f} times ({low:.2f} to {high:.2f})"
    print(f"ratio, median          {middle}; target {TARGET}")
    for name, part_s in {**parts_s, "the rest": whole_s - sum(parts_s.values())}.items():
        print(f"  {name:20} {1000 * part_s / n_songs / asked.rounds:7.1f} ms per song")


if __name__ == "__main__":
    main()
