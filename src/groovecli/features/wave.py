"""Samples themselves: for networks whose input is raw audio."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from groovecli.features.kind import Kind
from groovecli.features.recipe import Recipe, of_sound, step, windows
from groovecli.features.spec import AudioSpec, Stored


def waves(y: NDArray[np.float32], spec: WaveSpec) -> NDArray[np.float32]:
    """A clip's samples, or their means over `spec.pool` samples each, as loud as they are.

    Neither paper says how its input is scaled (Hebbar & Srinivasa, section "Shifting to raw
    audio"; Sawhney et al., section 3, "a raw audio time series of amplitudes"). Loudness stays in:
    the second paper's networks take metal for pop and classical for jazz, loud for loud and soft for
    soft, and where all clips are made equally loud they learn next to nothing of genres.

    Parameters
    ----------
    y : np.ndarray [shape=(spec.n_clip_samples,), dtype=float32]
        In [-1, 1].

    Returns
    -------
    samples : np.ndarray [shape=spec.stored_shape, dtype=float32]
        In [-1, 1].
    """
    (n_samples,) = spec.stored_shape
    pools = y[: n_samples * spec.pool].reshape(n_samples, spec.pool)
    means: NDArray[np.float32] = pools @ np.full(spec.pool, 1 / spec.pool, np.float32)
    return means


def _recipe(spec: WaveSpec) -> Recipe:
    """As `waves`, and the windows that are cut from them."""
    starts = [spec.first_sample(number) // spec.pool for number in range(spec.n_windows)]
    return of_sound(spec, [step("means", of=spec.pool), windows(starts, spec.input_shape[0])])


@dataclass(frozen=True, kw_only=True)
class WaveSpec(AudioSpec):
    """Samples as they are, or means of `pool` samples each; windows are cut from the stored clip.

    Parameters
    ----------
    pool : int
        How many samples at `sr` become one.
    """

    pool: int = 1

    @property
    def stored_shape(self) -> tuple[int]:
        """(samples,) of the clip, to the end of its last window."""
        return (self.first_sample(self.n_windows - 1) // self.pool + self.input_shape[0],)

    @property
    def input_shape(self) -> tuple[int]:
        """(samples,)."""
        return (self.n_window_samples // self.pool,)

    def window(self, stored: Stored, number: int) -> Stored:
        """One stretch of a clip."""
        first = self.first_sample(number) // self.pool
        return stored[first : first + self.input_shape[0]]


KIND = Kind(
    "wave",
    WaveSpec,
    waves,
    (
        WaveSpec(
            name="wave-8k",
            kind="wave",
            sr=8000,
            clip_s=30.0,
            window_s=3.75,
            step_s=26.25 / 19,
            n_windows=20,
        ),
        WaveSpec(
            name="wave-pooled",
            kind="wave",
            sr=22050,
            clip_s=30.0,
            window_s=20000 / 22050,
            step_s=20000 / 22050,
            n_windows=30,  # of the 33 that fit: the paper takes 600,000 samples
            pool=40,
        ),
    ),
    _recipe,
)
