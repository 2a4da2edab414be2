"""Whether a tempo stays, drifts or changes in the course of a song, and its exact number."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from groovecli.describe.description import Course
from groovecli.describe.tempo_evidence import Likeness

Array = NDArray[np.float64]

_BEATS = (1, 2, 4, 8)
_FINE = 0.001  # between tempos that are compared
_WITHIN = 0.02  # of a tempo that was found
_FAR = 0.33  # how far a piece's tempo may be from the song's: less than to its half or double
_FAVOUR = 0.8  # of a piece for a tempo that is not the song's
_CLEAR = 0.5  # of the clearest piece: in others the beat is too weak to say
_STEADY = 0.03  # of the tempo, between the slowest and the fastest piece
_JUMP = 0.06  # least change from one part of a song to the next


def refined(bpm: float, alike: Sequence[Likeness]) -> float:
    """A tempo to 0.1 %: where the pieces are most alike some beats later, within 2 % of it."""
    tried = bpm * np.arange(1 - _WITHIN, 1 + _WITHIN, _FINE)
    return float(tried[_alike(tried, alike).argmax()])


def course_of(bpm: float, alike: Sequence[Likeness]) -> Course:
    """Steady, drifting or changing, from the own tempos of those pieces whose beat is clear."""
    found = [local_bpm(bpm, each) for each in alike]
    clearest = max(clarity for _, clarity in found)
    return course(np.array([own for own, clarity in found if clarity >= _CLEAR * clearest]))


def course(bpms: Array) -> Course:
    """What tempos in the order of the song do [shape=(pieces,)].

    They are steady within 3 %. They change where they fall into two parts, each steady, with a jump
    of more than 6 % from piece to piece; otherwise they drift.
    """
    if _spread(bpms) <= _STEADY:
        return "steady"
    for i in range(1, len(bpms)):
        before, after = bpms[:i], bpms[i:]
        jump = abs(after[0] / before[-1] - 1)
        if jump > _JUMP and max(_spread(before), _spread(after)) <= _STEADY:
            return "changing"
    return "drifting"


def local_bpm(bpm: float, alike: Likeness) -> tuple[float, float]:
    """The tempo of a piece, and how clear it is, where that of the song is known.

    It is the song's unless another is clearly more likely.
    """
    tried = bpm * np.exp(np.arange(-_FAR, _FAR, _FINE))
    clarity = _alike(tried, [alike])
    likely = np.where(np.abs(tried / bpm - 1) <= _STEADY, clarity, _FAVOUR * clarity)
    best = int(likely.argmax())
    return float(tried[best]), float(clarity[best])


def _alike(bpms: Array, alike: Sequence[Likeness]) -> Array:
    """How alike the pieces are to themselves after some beats of each tempo."""
    beat_s = 60 / bpms
    mean: Array = np.mean([each.at(beat_s * n) for each in alike for n in _BEATS], axis=0)
    return mean


def _spread(bpms: Array) -> float:
    return float(bpms.max() / bpms.min() - 1)
