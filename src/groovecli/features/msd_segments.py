"""The Million Song Dataset's own chroma and timbre, which can't be computed from sound."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from groovecli.features.kind import Kind
from groovecli.features.segments import peaks_at_one
from groovecli.features.spec import FeatureSpec


def from_segments(
    pitches: NDArray[np.floating], timbre: NDArray[np.floating], spec: MsdSegmentsSpec
) -> NDArray[np.float32]:
    """A song's first segments, whose ends the Echo Nest's analyser put at the notes' onsets.

    Parameters
    ----------
    pitches : np.ndarray [shape=(n, spec.n_chroma)]
        `segments_pitches`, >= 0; scaled here to a maximum of 1 a segment.
    timbre : np.ndarray [shape=(n, spec.n_timbre)]
        `segments_timbre`, taken as it is: coefficients of the Echo Nest's own, in no unit, and others
        than those of `chroma_timbre`.
    spec : MsdSegmentsSpec

    Returns
    -------
    frames : np.ndarray [shape=spec.stored_shape, dtype=float32]

    Raises
    ------
    ValueError
        There are fewer than `spec.n_frames` segments, or they are of another shape.
    """
    widths = (spec.n_chroma, spec.n_timbre)
    if (pitches.shape[1:], timbre.shape[1:]) != tuple((width,) for width in widths):
        raise ValueError(f"segments of shapes {pitches.shape} and {timbre.shape} are not {widths} wide")
    n_segments = min(len(pitches), len(timbre))
    if n_segments < spec.n_frames:
        raise ValueError(f"{n_segments} segments are fewer than {spec.n_frames}")
    frames = [peaks_at_one(pitches[: spec.n_frames]), timbre[: spec.n_frames]]
    return np.hstack(frames).astype(np.float32)


@dataclass(frozen=True, kw_only=True)
class MsdSegmentsSpec(FeatureSpec):
    """Chroma and timbre, side by side, of a song's first segments.

    Parameters
    ----------
    n_frames, n_chroma, n_timbre : int
        Segments, pitch classes and coefficients of timbre.
    """

    n_frames: int
    n_chroma: int = 12
    n_timbre: int = 12

    per_song: ClassVar[bool] = True

    @property
    def stored_shape(self) -> tuple[int, int]:
        """(segments, chroma and timbre)."""
        return self.n_frames, self.n_chroma + self.n_timbre

    @property
    def input_shape(self) -> tuple[int, int]:
        """(segments, chroma and timbre)."""
        return self.stored_shape


KIND = Kind(
    "msd-segments",
    MsdSegmentsSpec,
    None,
    (MsdSegmentsSpec(name="msd-segments", kind="msd-segments", n_frames=300),),
)
