"""Songs -> a medley of a few seconds of each, faded into one another, as the bytes of an MP3 file.

Every player and browser opens MP3, and libsndfile writes it: no ffmpeg program is needed.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile as sf

from groovecli.audio.decoders.decoder import Samples
from groovecli.audio.mark import marked
from groovecli.audio.read import load, probe
from groovecli.errors import AudioError
from groovecli.reasons import Problem

_LOUDNESS_DBFS = -18.0  # root mean square that each piece is brought to
_PEAK_DBFS = -1.0  # and the peak at which that stops: MP3 overshoots a little
_FULL_SCALE = 32767
_BETWEEN_S = 0.5  # that passages which are compared share


@dataclass(frozen=True)
class Skipped:
    """A song that is missing in a medley, and why."""

    path: Path
    problem: Problem


@dataclass(frozen=True)
class Medley:
    """An MP3 file, None where no song could be decoded; its songs, and those that could not be."""

    mp3: bytes | None
    paths: tuple[Path, ...]
    skipped: tuple[Skipped, ...]


def no_medley(paths: Sequence[Path], problem: Problem) -> Medley:
    """What there is of songs of which one ends or blocks its decoder."""
    return Medley(None, (), tuple(Skipped(path, problem) for path in paths))


def medley(
    paths: Sequence[Path],
    *,
    n_songs: int = 12,
    each_s: float = 10.0,
    crossfade_s: float = 2.0,
    sr: int = 44100,
    title: str = "",
    album: str = "",
) -> Medley:
    """Cross-fade the middles of the first songs that can be decoded.

    Parameters
    ----------
    paths : sequence of Path
        Songs in the order in which they are to be heard.
    n_songs : int >= 1
        How many of them.
    each_s, crossfade_s : float > 0
        How much of each song, and how much of that is shared with the next (in seconds); less of
        a song that is shorter.
    sr : int
        Sample rate of the medley (in Hz), one that MP3 has.
    title, album : str
        What players show; the tags also mark it as a preview, as `is_marked` reads.

    Returns
    -------
    medley : Medley
        Mono, each song equally loud.
    """
    mixed: Any = None
    heard: list[Path] = []
    skipped: list[Skipped] = []
    for path in paths:
        if len(heard) == n_songs:
            break
        try:
            piece = _levelled(_segment(_middle(path, each_s, sr), sr))
        except AudioError as error:
            skipped.append(Skipped(path, error.problem))
            continue
        heard.append(path)
        mixed = piece if mixed is None else _crossfaded(mixed, piece, crossfade_s)
    mp3 = None if mixed is None else marked(_mp3(mixed), title, album=album)
    return Medley(mp3, tuple(heard), tuple(skipped))


def turns(
    passages: Sequence[tuple[Path, float]], length_s: float, *, sr: int = 44100, title: str = ""
) -> bytes:
    """Passages of songs, one after the other, as the bytes of an MP3 file; each equally loud.

    Parameters
    ----------
    passages : sequence of (path, start_s)
        At least one: the file, and where its passage begins (in seconds).
    length_s : float > 0
        How much of each (in seconds).
    sr, title
        As `medley` takes them.

    Raises
    ------
    AudioError
        One of them can't be decoded.
    """
    mixed: Any = None
    for path, start_s in passages:
        piece = _levelled(_segment(load(path, sr=sr, start_s=start_s, length_s=length_s), sr))
        mixed = piece if mixed is None else _crossfaded(mixed, piece, _BETWEEN_S)
    return marked(_mp3(mixed), title, of="two songs")


def _middle(path: Path, length_s: float, sr: int) -> Samples:
    start_s = max(0.0, (probe(path).duration_s - length_s) / 2)
    return load(path, sr=sr, start_s=start_s, length_s=length_s)


def _segment(y: Samples, sr: int) -> Any:
    """Samples as pydub's 16-bit AudioSegment."""
    with warnings.catch_warnings():  # pydub warns that there is no ffmpeg program, but none is needed
        warnings.simplefilter("ignore")
        from pydub import AudioSegment
    pcm = np.clip(np.round(y * _FULL_SCALE), -_FULL_SCALE, _FULL_SCALE)  # resampling overshoots 1
    return AudioSegment(pcm.astype("<i2").tobytes(), frame_rate=sr, sample_width=2, channels=1)


def _levelled(piece: Any) -> Any:
    """A piece as loud as the others, as far as its peaks allow."""
    if piece.max == 0:
        return piece
    return piece.apply_gain(min(_LOUDNESS_DBFS - piece.dBFS, _PEAK_DBFS - piece.max_dBFS))


def _crossfaded(mixed: Any, piece: Any, crossfade_s: float) -> Any:
    shared_ms = min(round(1000 * crossfade_s), len(mixed) // 2, len(piece) // 2)
    return mixed.append(piece, crossfade=shared_ms)


def _mp3(segment: Any) -> bytes:
    sr = segment.frame_rate
    y = np.array(segment.get_array_of_samples(), np.int16)
    file = io.BytesIO()
    with sf.SoundFile(file, "w", sr, 1, format="MP3", subtype="MPEG_LAYER_III") as mp3:
        for start in range(0, len(y), sr):  # libsndfile's encoders fail on long writes
            mp3.write(y[start : start + sr])
    return file.getvalue()
