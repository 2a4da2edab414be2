"""The same music as from another source: other speed, tone, room, noise, level and codec."""

from __future__ import annotations

import io

import numpy as np
import scipy.signal
import soundfile as sf
import soxr
from numpy.typing import NDArray

Samples = NDArray[np.float32]
_KNOTS_HZ = (0, 100, 250, 600, 1500, 3500, 6000)


def degraded(y: Samples, sr: int, rng: np.random.Generator) -> tuple[Samples, int]:
    """A copy of a clip as another source might have it, at the rate that it then has."""
    if rng.random() < 0.4:  # pitch and tempo together, up to a semitone
        y = soxr.resample(y, sr * 2 ** (rng.uniform(-1, 1) / 12), sr)
    if rng.random() < 0.6:
        y = _equalised(y, sr, rng)
    if rng.random() < 0.3:
        y = _compressed(y, rng)
    if rng.random() < 0.3:
        low = 2 * rng.uniform(3000, 7500)
        y = soxr.resample(soxr.resample(y, sr, low), low, sr)
    if rng.random() < 0.3:
        loudness = np.sqrt(np.mean(y**2)) * 10 ** (-rng.uniform(20, 45) / 20)
        y = y + loudness * rng.standard_normal(len(y))
    if rng.random() < 0.15:
        y = _in_a_room(y, sr, rng)
    y = y * min(1, 0.9 / (np.abs(y).max() + 1e-9)) * 10 ** (-rng.uniform(0, 18) / 20)
    y = y.astype(np.float32)
    return _encoded(y, sr, rng) if rng.random() < 0.35 else (y, sr)


def _equalised(y: Samples, sr: int, rng: np.random.Generator) -> Samples:
    knots = (*_KNOTS_HZ, sr / 2)
    gain_db = rng.normal(0, 4, len(knots))
    taps = scipy.signal.firwin2(255, knots, 10 ** ((gain_db - gain_db.mean()) / 20), fs=sr)
    equalised: Samples = scipy.signal.oaconvolve(y, taps, "same")
    return equalised


def _compressed(y: Samples, rng: np.random.Generator) -> Samples:
    drive = 10 ** (rng.uniform(0, 12) / 20)
    compressed: Samples = np.tanh(y / (np.abs(y).max() + 1e-9) * drive) / np.tanh(drive)
    return compressed


def _in_a_room(y: Samples, sr: int, rng: np.random.Generator) -> Samples:
    n = int(sr * rng.uniform(0.1, 0.6))
    answer = rng.standard_normal(n) * np.exp(-6.9 * np.arange(n) / n)
    answer *= rng.uniform(0.2, 0.7) / np.sqrt(np.sum(answer**2))
    answer[0] += 1
    heard: Samples = scipy.signal.oaconvolve(y, answer)[: len(y)]
    return heard


def _encoded(y: Samples, sr: int, rng: np.random.Generator) -> tuple[Samples, int]:
    """Through mp3, Vorbis or Opus and back."""
    file, codec = io.BytesIO(), rng.integers(3)
    if codec == 0:
        level = rng.uniform(0.5, 0.95)
        sf.write(file, y, sr, format="MP3", bitrate_mode="CONSTANT", compression_level=level)
    elif codec == 1:
        sf.write(file, y, sr, format="OGG", subtype="VORBIS", compression_level=rng.uniform(0.6, 1))
    else:
        y = soxr.resample(y, sr, 24000)
        sf.write(file, y, 24000, format="OGG", subtype="OPUS", compression_level=rng.uniform(0.7, 1))
    file.seek(0)
    decoded, its_sr = sf.read(file, dtype="float32")
    return decoded, its_sr
