"""From a song to the spectrogram of a 30 s clip: groove's way, librosa's and the paper's, interleaved.

    python benchmarks/ingest_rate.py [MUSIC] [--songs N] [--seconds S] [--rounds R]

N songs of S seconds are rendered in each of eight formats, or taken from MUSIC. In each round each way
makes one clip of each song, in this process on one thread; every other round goes backwards. Seconds are
the processor's, also of the programs that a way starts. Librosa's way reads the clip by itself; the paper's
decodes the whole song with pydub, writes it as wav, and loads the clip of that with librosa. What a way
can't read is left out, and said.

Then `groove ingest` takes all songs in, on one worker: which share of what it takes, less what the same
command takes when nothing is new, would the bare clips have taken?
"""

from __future__ import annotations

import os

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

import resource
import tempfile
import warnings
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import cast

import librosa
import numpy as np
from pydub import AudioSegment

import made_music
import processes
from groovecli.audio.read import fit, load
from groovecli.features.registry import extract, feature
from groovecli.features.spec import ImageSpec
from groovecli.library.walk import list_audio
from rounds import Figure, interleaved, program, report

SPEC = cast(ImageSpec, feature("mel-323"))
_GENRES = 2  # at least, which an ingest wants
_CLIPS = 3  # of each song that an ingest makes


def ours(path: Path, start_s: float) -> None:
    """One clip by groove."""
    y = load(path, sr=SPEC.sr, start_s=start_s, length_s=SPEC.clip_s)
    extract(fit(y, SPEC.n_clip_samples), SPEC)


def librosas(path: Path, start_s: float) -> None:
    """One clip by librosa."""
    y, _ = librosa.load(path, sr=SPEC.sr, offset=start_s, duration=SPEC.clip_s)
    if not len(y):
        raise ValueError("no samples")
    power = librosa.feature.melspectrogram(
        y=y, sr=SPEC.sr, n_fft=SPEC.n_fft, hop_length=SPEC.hop_length, n_mels=SPEC.n_bands
    )
    librosa.power_to_db(power, ref=np.max)


def papers(path: Path, start_s: float) -> None:
    """One clip of the whole song as wav."""
    with tempfile.NamedTemporaryFile(suffix=".wav") as wav:
        AudioSegment.from_file(path).export(wav.name, format="wav").close()
        librosas(Path(wav.name), start_s)


WAYS: dict[str, Callable[[Path, float], None]] = {"groove": ours, "librosa": librosas, "the paper": papers}


def seconds(way: str, path: Path, start_s: float) -> float:
    """Seconds of the processor that one clip takes, with those of programs that the way starts."""
    before = _used_s()
    WAYS[way](path, start_s)
    return _used_s() - before


def _all_seconds(way: str, paths: list[Path], places: np.random.Generator, room_s: float) -> float:
    return sum(seconds(way, path, places.uniform(0, room_s)) for path in paths)


def _used_s() -> float:
    return sum(
        used.ru_utime + used.ru_stime
        for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def styles_of(
    folder: Path, asked_music: Path | None, n_songs: int, length_s: float
) -> dict[str, list[Path]]:
    """Songs of each format: made ones, or those of a library, by suffix."""
    styles: dict[str, list[Path]] = defaultdict(list)
    if asked_music is not None:
        files = list_audio(asked_music).files
        for path in files[:: max(1, len(files) // n_songs)][:n_songs]:
            styles[path.suffix.lower().lstrip(".")].append(path)
        return styles
    kinds = list(made_music.GENRES.values())[:_GENRES]
    number = 0
    for style in made_music.FORMATS:
        for _ in range(n_songs):
            kind = kinds[number % _GENRES]
            path = folder / kind / str(number)
            styles[style].append(made_music.song(path, number, kind, style, seconds=length_s))
            number += 1
    return styles


def clips(style: str, paths: list[Path], length_s: float, n_rounds: int) -> tuple[list[Figure], float]:
    """Ratios of one format; seconds of groove for one clip of each of its songs."""
    room_s = max(0.0, length_s - SPEC.clip_s)
    ways = {}
    for way in WAYS:
        try:
            for path in paths:
                WAYS[way](path, 0.0)
        except Exception as error:
            print(f"{style}: {way} is left out: {type(error).__name__}: {str(error)[:80]}", flush=True)
            continue
        ways[way] = partial(_all_seconds, way, paths, np.random.default_rng(0), room_s)  # the same places
    times = interleaved(ways, n_rounds)
    figures = []
    for way in times:
        if way != "groove":
            what = f"{style}, a clip to its spectrogram: groove's rate against {way}'s"
            figures.append(Figure.ratio(what, times[way], times["groove"]))
    return figures, float(np.median(times["groove"]))


def whole(music: Path, folder: Path, clips_s: float, n_rounds: int) -> Figure:
    """Which share of an ingest's own time the bare clips would take."""
    shares = []
    for number in range(n_rounds):
        home = folder / f"home{number}"
        words = ("ingest", str(music), "--yes", "--jobs", "1", "--clips-per-song", str(_CLIPS))
        first, again = (processes.groove(words, home).cpu_s for _ in range(2))
        shares.append(_CLIPS * clips_s / (first - again))
    return Figure("bare clips: their share of what `groove ingest` takes", tuple(shares))


def main() -> None:
    """Print the ratios of each format, then that of the whole."""
    parser = program(__doc__)
    parser.add_argument(
        "music", metavar="MUSIC", type=Path, nargs="?", help="folder with one folder per genre"
    )
    parser.add_argument(
        "--songs", metavar="N", type=int, default=1, help="how many songs, of each format where made (1)"
    )
    parser.add_argument(
        "--seconds", metavar="S", type=float, default=200.0, help="length of made songs (200)"
    )
    asked = parser.parse_args()
    warnings.simplefilter("ignore")  # librosa's about the formats that it reads by another library
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        styles = styles_of(folder / "music", asked.music, asked.songs, asked.seconds)
        figures, clips_s = [], 0.0
        for style, paths in styles.items():
            length_s = SPEC.clip_s if asked.music else asked.seconds
            of_style, style_s = clips(style, paths, length_s, asked.rounds)
            figures += of_style
            clips_s += style_s
        if not asked.music:
            figures.append(whole(folder / "music", folder, clips_s, min(3, asked.rounds)))
    report(figures, asked.rows)


if __name__ == "__main__":
    main()
