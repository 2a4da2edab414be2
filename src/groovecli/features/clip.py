"""What a clip of a file is to networks: decoded once for all its features."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from groovecli.audio.clips import PADDED_FROM, Clip
from groovecli.audio.lyrics import read_lyrics
from groovecli.audio.read import fit, read, resample
from groovecli.errors import AudioError
from groovecli.features.cut import Cut
from groovecli.features.lyrics import LyricsSpec
from groovecli.features.msd_segments import MsdSegmentsSpec, from_segments
from groovecli.features.registry import extract
from groovecli.features.spec import AudioSpec, FeatureSpec, Stored
from groovecli.features.word_vectors import stored as stored_vectors
from groovecli.library.sources.registry import source_without_sound
from groovecli.library.sources.source import Source
from groovecli.reasons import Reason

SILENT_PEAK = 1e-4  # -80 dB of full scale: a few steps of 16-bit dither
FADE_S = 0.01  # of a stretch's start and end, where stretches are joined


def features_of(task: Cut, clip: Clip) -> tuple[Stored, ...]:
    """Each feature of one of a task's clips; an AudioError where it can't be heard."""

    @cache
    def decoded(start_s: float, clip_s: float) -> tuple[NDArray[np.float32], int]:
        if len(task.stretches_s) > 1:
            return _joined(task.path, task.stretches_s, clip_s)
        return _sound(task.path, start_s, min(clip_s, task.duration_s))

    @cache
    def resampled(start_s: float, clip_s: float, sr: int) -> NDArray[np.float32]:
        y, its_sr = decoded(start_s, clip_s)
        return resample(y, its_sr, sr)

    arrays = []
    for spec in task.specs:
        if isinstance(spec, LyricsSpec):
            arrays.append(_of_lyrics(task, spec))
        elif source := source_without_sound(task.path):
            arrays.append(_of_segments(task.path, spec, source))
        else:
            assert isinstance(spec, AudioSpec)
            y = resampled(0.0 if spec.per_song else clip.start_s, spec.clip_s, spec.sr)
            arrays.append(extract(fit(y, spec.n_clip_samples), spec))
    return tuple(arrays)


def _of_lyrics(task: Cut, spec: LyricsSpec) -> Stored:
    """The mean of the words' vectors; zeros where lyrics are left out."""
    if not spec.vectors:
        return np.zeros(spec.stored_shape, np.float32)
    words = read_lyrics(task.path).words if task.words is None else task.words
    return stored_vectors(task.vectors, spec.vectors).mean(words)


def _sound(path: Path, start_s: float, clip_s: float) -> tuple[NDArray[np.float32], int]:
    """A stretch of a file at its own rate; AudioError if it ends early or is silent."""
    y, sr = read(path, start_s=start_s, length_s=clip_s)
    if len(y) < PADDED_FROM * clip_s * sr and start_s > 0:
        raise AudioError(path, Reason.ENDS_EARLY, f"{start_s + len(y) / sr:.0f} s")
    if np.abs(y).max() < SILENT_PEAK:
        raise AudioError(path, Reason.SILENT)
    return y, sr


def _joined(path: Path, starts_s: Sequence[float], clip_s: float) -> tuple[NDArray[np.float32], int]:
    """One clip of several stretches of a file, without those that end early or are silent.

    AudioError where all of them do.
    """
    parts, problems = [], []
    for start_s in starts_s:
        try:
            parts.append(_sound(path, start_s, clip_s / len(starts_s)))
        except AudioError as error:
            problems.append(error)
    if not parts:
        raise next((error for error in problems if error.problem.reason != Reason.SILENT), problems[0])
    sr = parts[0][1]
    return np.concatenate([_faded(y, sr) for y, its_sr in parts if its_sr == sr]), sr


def _faded(y: NDArray[np.float32], sr: int) -> NDArray[np.float32]:
    """Faded in and out, so that seams don't click."""
    n = min(round(FADE_S * sr), len(y))
    ramp = np.linspace(0, 1, n, dtype=np.float32)
    y[:n] *= ramp
    y[len(y) - n :] *= ramp[::-1]
    return y


def _of_segments(path: Path, spec: FeatureSpec, source: Source) -> Stored:
    """A feature of a song of a data set that has segments and no sound."""
    if source.read_segments is None or not isinstance(spec, MsdSegmentsSpec):
        raise AudioError(path, Reason.NO_SOUND, spec.name)
    try:
        return from_segments(*source.read_segments(path), spec)
    except ValueError as error:
        raise AudioError(path, Reason.CHANGED, str(error)) from error
