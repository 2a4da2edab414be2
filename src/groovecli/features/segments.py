"""Chroma and timbre of a song's start, computed from its sound."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from groovecli.features.kind import Kind
from groovecli.features.mel import mel_filters
from groovecli.features.recipe import Recipe, decibels, matrix, of_sound, step, stft_power, windows
from groovecli.features.spec import AudioSpec
from groovecli.features.spectrum import power_frames

_AMIN = 1e-10
_RANGE_DB = 80.0
_N_MELS = 128
_LOWEST_A_HZ = 27.5
_MIDDLE_OCTAVE, _N_OCTAVES = 5.0, 2.0  # above that A: which frequencies chroma attends to


def chroma_timbre(y: NDArray[np.float32], spec: SegmentsSpec) -> NDArray[np.float32]:
    """Chroma and timbre of a song's first frames (Lengyel, Devulapalli, Li, section "Dataset").

    In place of the Million Song Dataset's segments, whose ends an analyser put at the notes' onsets,
    there are frames at even distances. Both halves come from one Fourier transform and are librosa's:
    `chroma_stft` with A4 at 440 Hz, its tuning not estimated, and the first coefficients of `mfcc`.

    Parameters
    ----------
    y : np.ndarray [shape=(spec.n_clip_samples,), dtype=float32]
        The song's start at `spec.sr`.
    spec : SegmentsSpec

    Returns
    -------
    frames : np.ndarray [shape=spec.stored_shape, dtype=float32]
        Pitch classes C, C#, ... B in [0, 1], the largest of a frame being 1 and all of a silent one
        0; then coefficients of timbre (in dB), the first of them a frame's loudness.
    """
    power = power_frames(y, spec.n_fft, spec.hop_length, centred=True)[: spec.n_frames]
    return np.hstack([_chroma(power, spec), _timbre(power, spec)])


def _recipe(spec: SegmentsSpec) -> Recipe:
    """As `chroma_timbre`."""
    from scipy.fft import dct  # slow to import

    chroma = [matrix(_chroma_filters(spec.sr, spec.n_fft, spec.n_chroma).T), step("over_peak", of="frame")]
    timbre = [
        matrix(mel_filters(spec.sr, spec.n_fft, _N_MELS)),
        *decibels(_AMIN),
        step("below_peak", at_most=_RANGE_DB),
        matrix(dct(np.eye(_N_MELS), axis=0, norm="ortho")[: spec.n_timbre]),
    ]
    steps = [
        windows([0], spec.n_clip_samples),
        stft_power(spec.n_fft, spec.hop_length, spec.n_frames, centred=True),
        step("stack", parts=[chroma, timbre]),
        step("transpose"),
    ]
    return of_sound(spec, steps)


def _chroma(power: NDArray[np.float32], spec: SegmentsSpec) -> NDArray[np.float32]:
    return peaks_at_one(power @ _chroma_filters(spec.sr, spec.n_fft, spec.n_chroma))


def _timbre(power: NDArray[np.float32], spec: SegmentsSpec) -> NDArray[np.float32]:
    from scipy.fft import dct

    mel = (mel_filters(spec.sr, spec.n_fft, _N_MELS) @ power.T).T
    decibel = 10 * np.log10(np.maximum(mel, np.float32(_AMIN)))
    decibel = np.maximum(decibel, decibel.max() - np.float32(_RANGE_DB))
    cepstrum: NDArray[np.float32] = dct(decibel, axis=1, norm="ortho")
    return cepstrum[:, : spec.n_timbre]


def peaks_at_one(frames: NDArray[np.floating]) -> NDArray[np.floating]:
    """Each frame divided by its largest value; an empty frame stays zero."""
    peaks = frames.max(axis=1, keepdims=True)
    return frames / np.where(peaks >= np.finfo(np.float32).tiny, peaks, np.inf)


@cache
def _chroma_filters(sr: int, n_fft: int, n_chroma: int) -> NDArray[np.float32]:
    """Weight of each frequency in each pitch class: librosa's `filters.chroma`.

    Bells half a semitone or, for low notes, half a bin wide, under a wide bell about the fifth octave.

    Returns
    -------
    filters : np.ndarray [shape=(1 + n_fft // 2, n_chroma), dtype=float32]
    """
    octaves = np.log2(np.arange(1, n_fft) * sr / n_fft / _LOWEST_A_HZ)
    octaves = np.insert(octaves, 0, octaves[0] - 1.5)  # 0 Hz has no pitch: librosa's choice
    pitches = octaves * n_chroma  # from A up
    widths = np.maximum(np.diff(pitches, append=pitches[-1]), 1.0)
    away = pitches[:, None] - np.arange(n_chroma) - n_chroma // 4  # from C up
    away -= n_chroma * np.rint(away / n_chroma)
    bells = np.exp(-2 * np.square(away / widths[:, None]))
    bells /= np.linalg.norm(bells, axis=1, keepdims=True)
    bells *= np.exp(-0.5 * np.square((octaves - _MIDDLE_OCTAVE) / _N_OCTAVES))[:, None]
    return np.ascontiguousarray(bells[: 1 + n_fft // 2], np.float32)


@dataclass(frozen=True, kw_only=True)
class SegmentsSpec(AudioSpec):
    """Chroma and timbre, side by side, of the frames at a song's start.

    Parameters
    ----------
    n_fft, hop_length : int
        Length and hop of the short-time Fourier transform (in samples).
    n_frames, n_chroma, n_timbre : int
        Frames, pitch classes and coefficients of timbre.
    """

    n_fft: int
    hop_length: int
    n_frames: int
    n_chroma: int = 12
    n_timbre: int = 12

    per_song: ClassVar[bool] = True

    def check_own(self) -> None:
        """As AudioSpec's, and raise a ValueError if a window has fewer frames."""
        super().check_own()
        self.check_frames(self.n_frames, self.n_chroma, self.n_fft, self.hop_length)

    @property
    def stored_shape(self) -> tuple[int, int]:
        """(frames, chroma and timbre)."""
        return self.n_frames, self.n_chroma + self.n_timbre

    @property
    def input_shape(self) -> tuple[int, int]:
        """(frames, chroma and timbre)."""
        return self.stored_shape


KIND = Kind(
    "segments",
    SegmentsSpec,
    chroma_timbre,
    (
        SegmentsSpec(
            name="chroma-timbre",
            kind="segments",
            sr=22050,
            clip_s=30.0,
            window_s=30.0,
            step_s=30.0,
            n_fft=4096,
            hop_length=2205,
            n_frames=300,
        ),
    ),
    _recipe,
)
