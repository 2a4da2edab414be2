"""Whether the same song, altered, keeps its genre and stays nearest to itself.

    python benchmarks/robustness.py MUSIC [--model NAME] [--songs N] [--seed S] [--min-confidence C]
        [--only NAME]

N songs, spread over the genre folders, are written again in a temporary folder: as mp3, Opus and
Vorbis, at other sample rates, 6 dB quieter, as mono (those that are not), or only their middle 15 s.
`groove classify` and `groove embed` answer for both. Counted are the songs that were named with at
least the confidence C and keep their genre (95 % of them should), and the songs whose altered vector
is nearest to their own unaltered one among all N (99 % should). Intervals are 95 %, by Wilson.
"""

from __future__ import annotations

import os

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")

import argparse
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist
from scipy.stats import binomtest

import copies
import songs
from copies import Sound
from groovecli.actions.classify import classify
from groovecli.actions.context import Context
from groovecli.actions.embed import embed
from groovecli.audio.read import resample
from groovecli.library.catalog import Catalog
from groovecli.models.loaded import LoadedModel

KEPT_TARGET, FOUND_TARGET = 0.95, 0.99
_EXCERPT_S = 15.0
_TOGETHER = 50  # songs whose copies lie on the disk at once

Alter = Callable[[Path, Sound, int], Path | None]
"""Writes an altered copy of a sound; None where there is nothing to alter."""


def _at(sr: int) -> Alter:
    return lambda path, y, native_sr: copies.wav(path, resample(y, native_sr, sr), sr)


def _mono(path: Path, y: Sound, sr: int) -> Path | None:
    return copies.wav(path, y.mean(axis=1, dtype=np.float32), sr) if y.ndim > 1 and y.shape[1] > 1 else None


def _excerpt(path: Path, y: Sound, sr: int) -> Path | None:
    n = round(_EXCERPT_S * sr)
    start = (len(y) - n) // 2
    return copies.wav(path, y[start : start + n], sr) if start > 0 else None


ALTERATIONS: dict[str, Alter] = {
    "mp3, 64 kbit/s": lambda path, y, sr: copies.mp3(path, y, sr, kbits=64),
    "mp3, 128 kbit/s": lambda path, y, sr: copies.mp3(path, y, sr, kbits=128),
    "Opus, 48 kbit/s": lambda path, y, sr: copies.opus(path, y, sr, kbits=48),
    "Vorbis, quality 2": lambda path, y, sr: copies.vorbis(path, y, sr, quality=2),
    "at 16,000 Hz": _at(16000),
    "at 22,050 Hz": _at(22050),
    "at 48,000 Hz": _at(48000),
    "6 dB quieter": lambda path, y, sr: copies.wav(path, copies.quieter(y), sr),
    "mono": _mono,
    "15 s of it": _excerpt,
}


@dataclass(frozen=True)
class Heard:
    """What a model says of a file; no vector where it could not be used."""

    genre: str = ""
    confidence: float = 0.0
    vector: NDArray[np.float32] | None = None


@dataclass(frozen=True)
class Share:
    """How many of n."""

    count: int
    n: int

    @property
    def value(self) -> float:
        """Share in [0, 1]; NaN of nothing."""
        return self.count / self.n if self.n else float("nan")

    def __str__(self) -> str:
        if not self.n:
            return "none"
        low, high = binomtest(self.count, self.n).proportion_ci(method="wilson")
        return f"{self.count} of {self.n}: {self.value:.1%} ({low:.1%} to {high:.1%})".replace("%", " %")


@dataclass(frozen=True)
class Row:
    """What an alteration does: confident songs that keep their genre, songs nearest to themselves."""

    name: str
    kept: Share
    found: Share


def measure(
    model: LoadedModel,
    paths: Sequence[Path],
    *,
    min_confidence: float = 0.5,
    jobs: int = 0,
    names: Sequence[str] = tuple(ALTERATIONS),
) -> Iterator[Row]:
    """A row for each alteration that applies to any of the songs, as soon as it is measured.

    Songs that the model can't use as they are, silent ones too, are left out.
    """
    heard = list(zip(paths, hear(model, paths, jobs=jobs), strict=True))
    usable = [(path, clean) for path, clean in heard if clean.vector is not None]
    originals = [clean for _, clean in usable]
    for name in names:
        altered = _altered(model, [path for path, _ in usable], ALTERATIONS[name], jobs)
        if altered:
            yield _row(name, originals, altered, min_confidence, model.description.spec.similarity)


def hear(model: LoadedModel, paths: Sequence[Path], *, jobs: int) -> list[Heard]:
    """What `groove classify` and `groove embed` say of songs at absolute paths, in their order."""
    classified = classify(model, paths, jobs=jobs).results
    with tempfile.TemporaryDirectory() as folder, Catalog(Path(folder, "catalog.db")) as catalog:
        embedded = embed(model, paths, catalog, jobs=jobs)
    vectors = {track.path: vector for track, vector in zip(embedded.tracks, embedded.vectors, strict=True)}
    said = {song.path: Heard(song.genre, song.confidence, vectors.get(song.path)) for song in classified}
    return [said.get(path, Heard()) for path in paths]


def _altered(model: LoadedModel, paths: Sequence[Path], alter: Alter, jobs: int) -> dict[int, Heard]:
    """What is said of the altered copies, by the number of the song."""
    said: dict[int, Heard] = {}
    for first in range(0, len(paths), _TOGETHER):
        with tempfile.TemporaryDirectory() as folder:
            made = {
                number: copy
                for number, path in enumerate(paths[first : first + _TOGETHER], first)
                if (copy := alter(Path(folder, str(number)), *copies.read(path))) is not None
            }
            if made:
                said |= zip(made, hear(model, list(made.values()), jobs=jobs), strict=True)
    return said


def _row(
    name: str, originals: Sequence[Heard], altered: dict[int, Heard], min_confidence: float, metric: str
) -> Row:
    confident = [n for n in altered if originals[n].confidence >= min_confidence]
    n_kept = sum(altered[n].genre == originals[n].genre for n in confident)
    targets = np.stack([original.vector for original in originals if original.vector is not None])
    n_found = sum(_is_nearest(said.vector, targets, n, metric) for n, said in altered.items())
    return Row(name, Share(n_kept, len(confident)), Share(n_found, len(altered)))


def _is_nearest(
    vector: NDArray[np.float32] | None, targets: NDArray[np.float32], number: int, metric: str
) -> bool:
    """Whether no target is nearer to a vector than that of its own number."""
    if vector is None:
        return False
    distances = cdist(vector[None], targets, metric)[0]
    return bool(distances[number] <= distances.min())


def _arguments() -> argparse.Namespace:
    parser = songs.parser(__doc__, n_songs=300, songs_help="how many songs (300)")
    parser.add_argument("--min-confidence", metavar="C", type=float, default=0.5, help="from 0 to 1 (0.5)")
    parser.add_argument(
        "--only", metavar="NAME", choices=ALTERATIONS, action="append", help="of these alone"
    )
    parser.add_argument("--jobs", metavar="N", type=int, default=0, help="processes (0: one per core)")
    return parser.parse_args()


def main() -> None:
    """Print the table, and which rows miss a target."""
    asked = _arguments()
    model = Context().load(asked.model, with_genres=True)
    paths = songs.spread(asked.music, asked.songs, seed=asked.seed)
    print(f"{len(paths)} songs by {model.description.name}; confident from {asked.min_confidence:g} on")
    print(f"{'':18}  {'confident ones that keep their genre':38}  nearest to themselves")
    rows = []
    names = asked.only or tuple(ALTERATIONS)
    for row in measure(model, paths, min_confidence=asked.min_confidence, jobs=asked.jobs, names=names):
        print(f"{row.name:18}  {row.kept!s:38}  {row.found}", flush=True)
        rows.append(row)
    missed = [r.name for r in rows if r.kept.value < KEPT_TARGET or r.found.value < FOUND_TARGET]
    print(
        f"below {KEPT_TARGET:.0%} or {FOUND_TARGET:.0%}: {'; '.join(missed) or 'none'}".replace("%", " %")
    )


if __name__ == "__main__":
    main()
