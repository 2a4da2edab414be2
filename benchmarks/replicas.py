"""How well copies of songs are found, and how long it takes: altered copies of real music, and a big index.

    python benchmarks/replicas.py MUSIC [SONGS] [--sizes N ...] [--pairs N]

Of SONGS songs (150) below MUSIC, drawn by seed 0, six copies each: mp3 at 64 kbit/s, Opus at 48
kbit/s, 16,000 Hz, 6 dB quieter, cut to begin 1 to 2 s later, and cut so, quieter and as Opus at once.
The copies lie in a temporary folder. False pairs are counted among all songs below MUSIC. The time
of the index is of n fingerprints that are put together from seconds of real ones, with a tenth of
their bits flipped, which are more alike than songs are.
"""

from __future__ import annotations

import os

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")

import random
import resource
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np

import copies
import songs
from copies import Sound
from groovecli.audio.fingerprints import HOP_LENGTH, SR, Match, Words, matches, of_file
from groovecli.audio.read import read, resample
from groovecli.errors import AudioError
from groovecli.library.walk import list_audio

_SIZES = (1_000, 10_000, 100_000)
_SECOND = round(SR / HOP_LENGTH)


COPIES: dict[str, Callable[[Path, Sound, int, float], Path]] = {
    "mp3 at 64 kbit/s": lambda path, y, sr, _: copies.mp3(path, y, sr, kbits=64),
    "Opus at 48 kbit/s": lambda path, y, sr, _: copies.opus(path, y, sr, kbits=48),
    "at 16,000 Hz": lambda path, y, sr, _: copies.wav(path, resample(y, sr, 16000), 16000),
    "6 dB quieter": lambda path, y, sr, _: copies.wav(path, copies.quieter(y), sr),
    "cut to begin 1 to 2 s later": lambda path, y, sr, cut_s: copies.wav(path, y[round(cut_s * sr) :], sr),
    "cut so, 6 dB quieter, Opus at 48 kbit/s": lambda path, y, sr, cut_s: copies.opus(
        path, copies.quieter(y[round(cut_s * sr) :]), sr, kbits=48
    ),
}


def _originals(music: Path) -> tuple[list[Path], list[Words]]:
    paths, found = [], []
    started = time.process_time()
    for path in list_audio(music).files:
        try:
            found.append(of_file(path))
        except AudioError as error:
            print(f"left out: {error.what}")
            continue
        paths.append(path)
    each_ms = 1000 * (time.process_time() - started) / len(paths)
    print(f"{len(paths)} songs, {each_ms:.0f} ms each on one core")
    return paths, found


def _copies(paths: list[Path], folder: Path) -> tuple[list[tuple[int, str]], list[Words]]:
    """Which song and which alteration each copy is, and its fingerprint."""
    keys, found = [], []
    rng = random.Random(0)
    for number, path in enumerate(paths):
        y, sr = read(path, length_s=34)
        cut_s = rng.uniform(1, 2)
        for name, make in COPIES.items():
            copy = make(folder / "copy", y, sr, cut_s)
            keys.append((number, name))
            found.append(of_file(copy))
            copy.unlink()
    return keys, found


def _report(
    paths: list[Path],
    originals: list[Words],
    chosen: list[int],
    copied: list[Words],
    keys: list[tuple[int, str]],
) -> None:
    found = matches([*originals, *copied])
    n = len(originals)
    likeness: dict[str, list[float]] = defaultdict(list)
    strange: list[Match] = []
    for match in found:
        if match.first < n <= match.second:
            song, name = keys[match.second - n]
            if chosen[song] == match.first:
                likeness[name].append(match.likeness)
                continue
        if match.second < n:
            strange.append(match)
    for name in COPIES:
        alike = likeness[name] or [0.0]
        least, median = min(alike), np.median(alike)
        print(
            f"{name:42} found {len(likeness[name])} of {len(chosen)}; alike {median:.2f}, least {least:.2f}"
        )
    print(f"pairs among the {n} songs as they are, of {n * (n - 1) // 2:,}: {len(strange)}")
    for match in strange:
        first, second = paths[match.first], paths[match.second]
        print(f"  {match.likeness:.2f} {match.offset_s:+.2f} s  {first.name} | {second.name}")


def _chance(originals: list[Words], n_pairs: int) -> None:
    """The most that two different songs agree, whatever their offset, for some pairs."""
    rng = np.random.default_rng(0)
    worst = 0.0
    for _ in range(n_pairs):
        a, b = (originals[i] for i in rng.choice(len(originals), 2, replace=False))
        offset = int(rng.integers(0, 200))
        n = min(len(a) - offset, len(b))
        if n >= 200:
            wrong = np.bitwise_count(a[offset : offset + n] ^ b[:n]).sum() / (32 * n)
            worst = max(worst, 1 - 2 * float(wrong))
    print(f"alike at most, {n_pairs:,} pairs of songs at a random offset: {worst:.2f}")


def _big(originals: list[Words], n: int) -> None:
    rng = np.random.default_rng(0)
    seconds = np.concatenate([o[: len(o) // _SECOND * _SECOND].reshape(-1, _SECOND) for o in originals])
    made = []
    for _ in range(n):
        song = seconds[rng.integers(0, len(seconds), 29)].reshape(-1)
        flips = rng.random((len(song), 32), dtype=np.float32) < 0.1
        made.append(song ^ np.packbits(flips, axis=1, bitorder="little").view("<u4")[:, 0])
    started = time.process_time()
    found = matches(made)
    seconds_taken = time.process_time() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{n:7} songs compared in {seconds_taken:.1f} s, {len(found)} pairs; peak so far {peak:.0f} MiB")


def main() -> None:
    """Copies found, false pairs, times."""
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    parser = songs.program(__doc__)
    parser.add_argument("music", metavar="MUSIC", type=Path, help="folder of songs")
    parser.add_argument(
        "songs", metavar="SONGS", type=int, nargs="?", default=150, help="songs to copy (150)"
    )
    parser.add_argument(
        "--sizes", metavar="N", type=int, nargs="+", default=_SIZES, help="fingerprints of the index"
    )
    parser.add_argument(
        "--pairs", metavar="N", type=int, default=20_000, help="pairs of different songs (20,000)"
    )
    asked = parser.parse_args()
    paths, originals = _originals(asked.music)
    chosen = sorted(random.Random(0).sample(range(len(paths)), min(asked.songs, len(paths))))
    with tempfile.TemporaryDirectory() as folder:
        keys, copied = _copies([paths[i] for i in chosen], Path(folder))
    _report(paths, originals, chosen, copied, keys)
    _chance(originals, asked.pairs)
    for size in asked.sizes:
        _big(originals, size)


if __name__ == "__main__":
    main()
