"""Music that a benchmark makes itself: rendered songs, stereo, 44,100 Hz, in the formats that people have.

from made_music import FORMATS, library, song

path = song(folder / "a", 0, "mp3 320", seconds=200)
library(folder, n_songs=40, seconds=60)          # genre folders, every format in turn
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import soundfile as sf

import copies
from copies import Sound
from groovecli.audio.read import resample
from rendered import plans, render

SR = 44100
GENRES = {"rock": "rock", "house": "house", "jazz": "swing", "ambient": "ambient"}
"""Folders of genres, and the kind of rendered song in each."""
_PART_S = 60.0  # is rendered; longer songs repeat it
_BLOCK = 65536


def flac(path: Path, y: Sound, sr: int) -> Path:
    """Write 16-bit samples without loss."""
    path = path.with_suffix(".flac")
    with sf.SoundFile(path, "w", sr, y.shape[1], "PCM_16", format="FLAC") as file:
        for start in range(0, len(y), _BLOCK):
            file.write(y[start : start + _BLOCK])
    return path


FORMATS: dict[str, Callable[[Path, Sound, int], Path]] = {
    "mp3 320": partial(copies.mp3, kbits=320),
    "mp3 192": partial(copies.mp3, kbits=192),
    "mp3 VBR": copies.mp3_vbr,
    "mp3 VBR, no header": partial(copies.mp3_vbr, has_header=False),
    "ogg": partial(copies.vorbis, quality=6),
    "flac": flac,
    "m4a": partial(copies.m4a, kbits=192),
    "opus": partial(copies.opus, kbits=128),
}
"""Each format, and what writes it."""


def sound(number: int, kind: str, seconds: float) -> Sound:
    """A rendered song [shape=(n, 2)] whose channels differ a little; `number` makes it another one."""
    [plan] = plans(1, seed=number, kinds=[kind], duration_s=min(seconds, _PART_S))
    rendered = render(plan)
    y = resample(rendered.y, rendered.sr, SR)
    n = round(seconds * SR)
    y = np.tile(y, -(-n // len(y)))[:n]
    hiss = np.random.default_rng(number).normal(0, 0.003, (n, 2))  # also above what is rendered
    stereo: Sound = (np.stack([y, 0.8 * np.roll(y, 300)], axis=1) + hiss).clip(-1, 1).astype(np.float32)
    return stereo


def song(path: Path, number: int, kind: str, style: str, *, seconds: float) -> Path:
    """Write a song; `style` is one of `FORMATS`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return FORMATS[style](path, sound(number, kind, seconds), SR)


def library(
    folder: Path, n_songs: int, *, seconds: float, styles: Sequence[str] = tuple(FORMATS)
) -> list[Path]:
    """Write songs into folders of genres, and give their paths; formats are taken in turn."""
    genres = list(GENRES)
    return [
        song(
            folder / genres[i % len(genres)] / f"{i}",
            i,
            GENRES[genres[i % len(genres)]],
            styles[i // len(genres) % len(styles)],
            seconds=seconds,
        )
        for i in range(n_songs)
    ]
