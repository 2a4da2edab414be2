"""A file to all that is said of its sound, in one pass over what is decoded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from groovecli.audio import clips
from groovecli.audio.decoders.decoder import Block, joined, mono, resample
from groovecli.audio.whole import give_all
from groovecli.describe.brightness import brightness_hz
from groovecli.describe.description import SongDescription
from groovecli.describe.key import find_key
from groovecli.describe.loudness import Meter
from groovecli.describe.tempo import find_tempo
from groovecli.errors import AudioError
from groovecli.library.scan import file_state
from groovecli.library.tracks import FileState, Track
from groovecli.library.unchanged import why_not
from groovecli.reasons import Problem, Reason

SR = 22_050
"""Sample rate of the stretches that tempo, key and brightness are measured of (in Hz)."""

STRETCHES_S = 60.0
"""How much of a song these are together (in seconds)."""
N_STRETCHES = 3

Stretch = NDArray[np.float32]


@dataclass(frozen=True)
class Task:
    """A file to describe, the song that it is known to hold, and its state when that was known."""

    path: Path
    track_id: str
    duration_s: float
    state: FileState

    @classmethod
    def of(cls, track: Track) -> Task:
        """The task of a file."""
        return cls(track.path, track.id, track.duration_s, track.state)


def describe_file(task: Task) -> SongDescription | Problem:
    """Decode all of a file and measure it, or say why that can't be; the work of a worker."""
    try:
        task.path.open("rb").close()
    except OSError as error:
        return Problem(Reason.UNREADABLE, str(error.strerror or error))
    before = file_state(task.path)
    if problem := why_not(task.path, task.track_id, task.state):
        return problem
    try:
        listener, length_s = give_all(
            task.path, lambda: Listener(task.duration_s), duration_s=task.duration_s
        )
        description = listener.description(length_s)
    except AudioError as error:
        return error.problem
    if before is not None and (problem := why_not(task.path, task.track_id, before)):  # meanwhile
        return problem
    return description


class Listener:
    """Takes a song's blocks: measures its loudness, and keeps some stretches for the rest."""

    def __init__(self, duration_s: float) -> None:
        self._meter = Meter()
        self._at_s = 0.0
        n = 1 if duration_s <= STRETCHES_S else N_STRETCHES
        starts_s = [0.0] if n == 1 else clips.stretches(duration_s, STRETCHES_S, n)
        self._spans_s = [(start_s, start_s + STRETCHES_S / n) for start_s in starts_s]
        self._parts: list[list[tuple[int, Stretch]]] = [[] for _ in self._spans_s]

    def add(self, block: Block) -> None:
        """Take what comes next."""
        self._meter.add(block)
        end_s = self._at_s + block.length_s
        for (start_s, stop_s), parts in zip(self._spans_s, self._parts, strict=True):
            if start_s < end_s and stop_s > self._at_s:
                first, last = (max(0, round((s - self._at_s) * block.sr)) for s in (start_s, stop_s))
                parts.append((block.sr, mono(block.x[:, first:last].T)))
        self._at_s = end_s

    def description(self, length_s: float) -> SongDescription:
        """What was measured of sound of this length (in seconds)."""
        loudness = self._meter.loudness()
        stretches = [y for parts in self._parts if len(y := _at_one_rate(parts))]
        if loudness.integrated_lufs is None or not stretches:
            return SongDescription(loudness=loudness, measured_s=length_s)
        return SongDescription(
            find_tempo(stretches, SR),
            find_key(stretches, SR),
            loudness,
            brightness_hz(stretches, SR),
            length_s,
        )


def _at_one_rate(parts: list[tuple[int, Stretch]]) -> Stretch:
    """Parts of a stretch, joined where they have one rate, at the rate of all stretches."""
    runs: list[tuple[int, list[Stretch]]] = []
    for sr, y in parts:
        if not runs or runs[-1][0] != sr:
            runs.append((sr, []))
        runs[-1][1].append(y)
    return joined([resample(y, sr, SR) for sr, each in runs if len(y := joined(each))])
