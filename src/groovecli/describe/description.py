"""What is measured of a song, as values; where nothing can be said, there is no number."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

VERSION = 1
"""Of the describer: another one says other things of the same sound."""

Course = Literal["steady", "drifting", "changing"]


@dataclass(frozen=True)
class Tempo:
    """How fast a song is.

    bpm : float, or None
        Beats a minute; None where there is no beat.
    confidence : float [range=0..1]
        How often a number like this is right within 4 %.
    other_bpm : float, or None
        The next likely tempo, mostly half or twice as fast.
    other_weight : float [range=0..0.5]
        Its share of what speaks for the two.
    course : str, or None
        Whether the tempo stays, drifts or changes.
    """

    bpm: float | None = None
    confidence: float = 0.0
    other_bpm: float | None = None
    other_weight: float = 0.0
    course: Course | None = None


@dataclass(frozen=True)
class Key:
    """The key of a song.

    tonic : int [range=0..11], or None
        Semitones above C; None where there is no key.
    is_minor : bool
    confidence : float [range=0..1]
        How often a key like this is right.
    tuning_cents : float [range=-50..50]
        How far the song is above A4 = 440 Hz.
    """

    tonic: int | None = None
    is_minor: bool = False
    confidence: float = 0.0
    tuning_cents: float = 0.0

    @property
    def name(self) -> str | None:
        """The key as musicians write it, such as "C minor"; None where there is none."""
        if self.tonic is None:
            return None
        return (
            f"{(_MINOR if self.is_minor else _MAJOR)[self.tonic]} {'minor' if self.is_minor else 'major'}"
        )

    @property
    def camelot(self) -> str | None:
        """The key on the DJs' wheel, such as "5A"; None where there is none."""
        if self.tonic is None:
            return None
        major = (self.tonic + 3) % 12 if self.is_minor else self.tonic  # of the same notes
        return f"{(7 * major + 7) % 12 + 1}{'A' if self.is_minor else 'B'}"


_MAJOR = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_MINOR = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B")


@dataclass(frozen=True)
class Loudness:
    """How loud a song is, by EBU R128; None where it is silent.

    integrated_lufs, range_lu, true_peak_dbtp : float, or None
    """

    integrated_lufs: float | None = None
    range_lu: float | None = None
    true_peak_dbtp: float | None = None


@dataclass(frozen=True)
class SongDescription:
    """All that is measured of a song.

    brightness_hz : float, or None
        Spectral centroid (in Hz); see `brightness.py`. None where it is silent.
    measured_s : float
        How long the sound was that could be decoded (in seconds).
    """

    tempo: Tempo = field(default_factory=Tempo)
    key: Key = field(default_factory=Key)
    loudness: Loudness = field(default_factory=Loudness)
    brightness_hz: float | None = None
    measured_s: float = 0.0
