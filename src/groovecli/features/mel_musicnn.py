"""Mel bands as musicnn has them: log10(10000 x + 1) of their power."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from groovecli.features.kind import Kind
from groovecli.features.mel import mel_filters
from groovecli.features.recipe import Recipe, linear, matrix, of_sound, step, stft_power, windows
from groovecli.features.spec import AudioSpec, Stored
from groovecli.features.spectrum import power_frames

_SPREAD = 10_000


def log_mel(y: NDArray[np.float32], spec: LogMelSpec) -> NDArray[np.float32]:
    """The mel bands of a clip's windows (Pons & Serra, "musicnn").

    The clip's frames are computed once and then cut, so that a window's first frame hears what was
    before it.

    Parameters
    ----------
    y : np.ndarray [shape=(spec.n_clip_samples,), dtype=float32]
        Samples at `spec.sr`.

    Returns
    -------
    S : np.ndarray [shape=spec.stored_shape, dtype=float32]
        Not below 0; all zero for silence.
    """
    power = power_frames(y, spec.n_fft, spec.hop_length, centred=True)
    mel = (mel_filters(spec.sr, spec.n_fft, spec.n_bands) @ power.T).astype(np.float32)
    bands: NDArray[np.float32] = np.log10(_SPREAD * mel + 1)
    return np.stack([bands[:, start : start + spec.n_frames] for start in _first_frames(spec)])


def _recipe(spec: LogMelSpec) -> Recipe:
    """As `log_mel`."""
    starts = _first_frames(spec)
    steps = [
        stft_power(spec.n_fft, spec.hop_length, starts[-1] + spec.n_frames, centred=True),
        matrix(mel_filters(spec.sr, spec.n_fft, spec.n_bands)),
        linear(_SPREAD, 1.0),
        step("log10"),
        windows(starts, spec.n_frames),
    ]
    return of_sound(spec, steps)


def _first_frames(spec: LogMelSpec) -> list[int]:
    """Where each window begins, in frames."""
    return [spec.first_sample(number) // spec.hop_length for number in range(spec.n_windows)]


@dataclass(frozen=True, kw_only=True)
class LogMelSpec(AudioSpec):
    """Mel bands on an absolute logarithmic scale, `n_frames` per window.

    They have no fixed range, so they are stored as floats instead of 256 levels.

    Parameters
    ----------
    n_fft, hop_length : int
        Length and hop of the short-time Fourier transform (in samples).
    n_bands, n_frames : int
        Bands, and frames of a window.
    """

    n_fft: int
    hop_length: int
    n_bands: int
    n_frames: int

    def check_own(self) -> None:
        """As AudioSpec's, and raise a ValueError if a window has fewer frames."""
        super().check_own()
        self.check_frames(self.n_frames, self.n_bands, self.n_fft, self.hop_length)

    @property
    def stored_shape(self) -> tuple[int, int, int]:
        """(windows, bands, frames)."""
        return self.n_windows, self.n_bands, self.n_frames

    @property
    def input_shape(self) -> tuple[int, int]:
        """(bands, frames)."""
        return self.n_bands, self.n_frames

    def window(self, stored: Stored, number: int) -> Stored:
        """The bands of one window."""
        bands: Stored = stored[number]
        return bands


KIND = Kind(
    "log-mel",
    LogMelSpec,
    log_mel,
    (
        LogMelSpec(
            name="mel-96-musicnn",
            kind="log-mel",
            sr=16000,
            clip_s=30.0,
            window_s=187 * 256 / 16000,
            step_s=187 * 256 / 16000,  # side by side, as musicnn cuts a song
            n_windows=10,
            n_fft=512,
            hop_length=256,
            n_bands=96,
            n_frames=187,
        ),
    ),
    _recipe,
)
