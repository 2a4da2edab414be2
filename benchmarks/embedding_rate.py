"""Songs per second that `groove embed` computes, against merely decoding and resampling the same clips.

    python benchmarks/embedding_rate.py [MUSIC] [--model NAME] [--songs N] [--seed S]
        [--rounds R] [--seconds S]

N songs of three to four minutes (or of S seconds) are made in a temporary folder of excerpts from
MUSIC, or rendered without it: stereo mp3 at 44,100 Hz and 320 kbit/s. In each round all of them are
decoded and resampled, then embedded (decoded, resampled, features, network, in batches as `groove embed`
makes them), in one process on one thread; every other round the other way about. Times are the processor's,
so that other programs count as little as can be. Embedding should go at 0.60 of the rate of decoding.
Finding the songs (hash, duration, tags), which is done once a file and remembered, is timed by itself.
"""

from __future__ import annotations

import os

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

import argparse
import random
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import torch
from numpy.typing import NDArray

import copies
import made_music
import songs
from groovecli.actions.context import Context
from groovecli.audio import clips, read
from groovecli.features import clip, cutting
from groovecli.features.spec import AudioSpec
from groovecli.library import scan
from groovecli.library.tracks import Track
from groovecli.models import listen
from groovecli.models.loaded import LoadedModel
from groovecli.models.results import CLIPS_PER_SONG, SongAnswers
from groovecli.monitor import SILENT
from rounds import Figure, report, with_rows

TARGET = 0.60
# Of a song's embedding: the function that does it, where it is called.
STAGES = {
    "decoding": (clip, "read"),
    "resampling": (clip, "resample"),
    "features": (clip, "extract"),
    "network": (listen, "said_of"),
}
_SR = 44100
_LENGTHS_S = (180.0, 240.0)


@dataclass(frozen=True)
class Rates:
    """Seconds of the processor for all songs.

    Parameters
    ----------
    decoding_s, embedding_s : np.ndarray [shape=(rounds,)]
    stages_s : dict of str to float
        Of all rounds' embedding.
    """

    n_songs: int
    decoding_s: NDArray[np.float64]
    embedding_s: NDArray[np.float64]
    stages_s: dict[str, float]

    @property
    def ratios(self) -> NDArray[np.float64]:
        """Rate of embedding as a share of that of decoding, each round [shape=(rounds,)]."""
        ratios: NDArray[np.float64] = self.decoding_s / self.embedding_s
        return ratios


def measure(model: LoadedModel, tracks: Sequence[Track], *, n_rounds: int = 9) -> Rates:
    """Decode and embed the songs in turn, after one round of both that does not count."""
    times = np.zeros((n_rounds, 2))
    stages_s = dict.fromkeys(STAGES, 0.0)
    ways = (lambda: _decode(model, tracks), lambda: _embed(model, tracks, stages_s))
    for way in ways:
        _seconds(way)
    stages_s.update(dict.fromkeys(STAGES, 0.0))
    for number in range(n_rounds):
        for column in (0, 1) if number % 2 else (1, 0):
            times[number, column] = _seconds(ways[column])
    return Rates(len(tracks), times[:, 0], times[:, 1], stages_s)


def _seconds(function: Callable[[], None]) -> float:
    started = time.process_time()
    function()
    return time.process_time() - started


def _decode(model: LoadedModel, tracks: Sequence[Track]) -> None:
    """Decode and resample the clips that `_embed` hears."""
    description = model.description
    rates = {spec.sr for spec in description.features if isinstance(spec, AudioSpec)}
    for track in tracks:
        for start_s, length_s in _heard(track, model):
            y, sr = read.read(track.path, start_s=start_s, length_s=length_s)
            for rate in rates:
                read.resample(y, sr, rate)


def _heard(track: Track, model: LoadedModel) -> list[tuple[float, float]]:
    """Start and length of what `_embed` hears of a song (in seconds)."""
    n, clip_s = CLIPS_PER_SONG, model.description.clip_s
    if model.description.spec.joins_clips:
        starts_s = clips.stretches(track.duration_s, clip_s, n)
        return [(start_s, clip_s / len(starts_s)) for start_s in starts_s]
    return [(clip.start_s, clip_s) for clip in clips.spread(track.id, track.duration_s, clip_s, n)]


def _embed(model: LoadedModel, tracks: Sequence[Track], stages_s: dict[str, float]) -> None:
    """Embed songs as `groove embed` does on one core; add up the time of each stage."""
    with ExitStack() as timers:
        timers.enter_context(mock.patch.object(cutting, "imap", _here))
        for name, (module, function) in STAGES.items():
            timers.enter_context(_timed(module, function, name, stages_s))
        heard = list(listen.over(model, tracks, CLIPS_PER_SONG, jobs=1, stage="embed", monitor=SILENT))
    assert all(isinstance(said, SongAnswers) for _, said in heard)


def _here(function: Callable[[Any], Any], items: Iterable[Any], **_: Any) -> Iterator[Any]:
    """In place of a worker, whose time would not count."""
    return (function(item) for item in items)


@contextmanager
def _timed(module: Any, function: str, name: str, stages_s: dict[str, float]) -> Iterator[None]:
    """Let a function of a module add the time that it takes to a stage's."""
    timed = getattr(module, function)

    def timing(*args: Any, **kwargs: Any) -> Any:
        started = time.process_time()
        try:
            return timed(*args, **kwargs)
        finally:
            stages_s[name] += time.process_time() - started

    with mock.patch.object(module, function, timing):
        yield


def made(
    folder: Path, excerpts: Sequence[Path], n_songs: int, *, lengths_s: tuple[float, float], seed: int
) -> list[Path]:
    """Write whole songs, each of some excerpts one after the other; the channels differ a little.

    Without excerpts they are rendered.
    """
    rng = random.Random(seed)
    paths = []
    for number in range(n_songs):
        seconds = rng.uniform(*lengths_s)
        if not excerpts:
            paths.append(made_music.song(folder / str(number), number, "rock", "mp3 320", seconds=seconds))
            continue
        n = round(seconds * _SR)
        parts: list[copies.Sound] = []
        while sum(map(len, parts)) < n:
            parts.append(read.load(rng.choice(excerpts), sr=_SR))
        y = np.concatenate(parts)[:n]
        stereo = np.stack([y, 0.8 * np.roll(y, 300)], axis=1)
        paths.append(copies.mp3(folder / str(number), stereo, _SR, kbits=320))
    return paths


def _report(rates: Rates, finding_s: float) -> None:
    for name, seconds in (("decoding and resampling", rates.decoding_s), ("embedding", rates.embedding_s)):
        per_s = rates.n_songs / seconds
        print(f"{name:24} {np.median(per_s):6.2f} songs/s ({per_s.min():.2f} to {per_s.max():.2f})")
    whole_s = float(rates.embedding_s.sum())
    for name, part_s in {**rates.stages_s, "the rest": whole_s - sum(rates.stages_s.values())}.items():
        print(f"  {name:22} {100 * part_s / whole_s:6.1f} % of the embedding")
    print(f"finding the songs        {1000 * finding_s / rates.n_songs:6.1f} ms per song, once")


def _arguments() -> argparse.Namespace:
    parser = with_rows(
        songs.parser(__doc__, n_songs=20, songs_help="how many songs to make (20)", needs_music=False)
    )
    parser.add_argument("--rounds", metavar="R", type=int, default=9, help="how often to embed them (9)")
    parser.add_argument(
        "--seconds", metavar="S", type=float, help="length of each song (default: drawn from 180 to 240)"
    )
    return parser.parse_args()


def main() -> None:
    """Print both rates, their ratio with its range, and where the time goes."""
    asked = _arguments()
    torch.set_num_threads(1)
    model = Context(device="cpu").load(asked.model)
    excerpts = songs.spread(asked.music, 5 * asked.songs, seed=asked.seed) if asked.music else []
    with tempfile.TemporaryDirectory() as folder:
        lengths_s = (asked.seconds, asked.seconds) if asked.seconds else _LENGTHS_S
        paths = made(Path(folder), excerpts, asked.songs, lengths_s=lengths_s, seed=asked.seed)
        started = time.process_time()
        with mock.patch.object(scan, "imap", _here):
            tracks = scan.find_tracks(paths, None, jobs=1, monitor=SILENT).tracks
        finding_s = time.process_time() - started
        minutes = sum(track.duration_s for track in tracks) / 60
        print(
            f"{len(tracks)} songs of {minutes / len(tracks):.1f} min, {model.description.name}, one thread"
        )
        rates = measure(model, tracks, n_rounds=asked.rounds)
    _report(rates, finding_s)
    name = f"embedding by {model.description.name}: its rate as a share of that of decoding and resampling"
    report([Figure(name, tuple(rates.ratios), "times", at_least=TARGET)], asked.rows)


if __name__ == "__main__":
    main()
