"""Damaged, cut and mislabelled files: each is a row, and none ends or holds up the others."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from groovecli.audio import clips
from groovecli.features.cut import Cut
from groovecli.features.cutting import imap_cuts
from groovecli.features.registry import feature
from groovecli.library.scan import scan
from groovecli.monitor import SILENT
from groovecli.reasons import Reason
from groovecli.workers.limits import Limits, limited
from tests.encode import chirp, write

pytestmark = pytest.mark.faults

ENDINGS = (".wav", ".flac", ".mp3", ".ogg", ".opus", ".m4a")
N_FILES = 500
Bytes = np.ndarray
Mutate = Callable[[Bytes, np.random.Generator], Bytes]


def flip(data: Bytes, rng: np.random.Generator) -> Bytes:
    """Change some bytes, of which half are in the first kilobyte."""
    places = rng.integers(0, len(data), 20) // np.repeat([1, max(1, len(data) // 1000)], 10)
    data[places] = rng.integers(0, 256, 20)
    return data


def shorten(data: Bytes, rng: np.random.Generator) -> Bytes:
    return data[: rng.integers(0, len(data))]


def blank(data: Bytes, rng: np.random.Generator) -> Bytes:
    start = rng.integers(0, len(data))
    data[start : start + len(data) // 4] = 0
    return data


def insert(data: Bytes, rng: np.random.Generator) -> Bytes:
    place = rng.integers(0, len(data))
    return np.insert(data, place, rng.integers(0, 256, 5000).astype(np.uint8))


def lose(data: Bytes, rng: np.random.Generator) -> Bytes:
    place = rng.integers(0, len(data))
    return np.delete(data, slice(place, place + len(data) // 10))


MUTATIONS: tuple[Mutate, ...] = (flip, shorten, blank, insert, lose)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Short sounds in six formats, each damaged in one of five ways, a third of them mislabelled."""
    folder = tmp_path_factory.mktemp("damaged")
    whole = [write(folder / f"whole{ending}", chirp(2, 24000), 24000) for ending in ENDINGS]
    rng = np.random.default_rng(0)
    made = []
    for number in range(N_FILES):
        source = whole[number % len(whole)]
        data = MUTATIONS[number % len(MUTATIONS)](np.fromfile(source, np.uint8), rng)
        ending = source.suffix if number % 3 else ENDINGS[rng.integers(len(ENDINGS))]
        made.append(folder / f"{number}{ending}")
        made[-1].write_bytes(data.tobytes())
    return made


def test_every_damaged_file_is_a_row(files: list[Path]) -> None:
    spec = feature("mel-128")
    with limited(Limits(file_timeout_s=20)):
        found = scan(files, jobs=2)
        assert len(found.tracks) + len(found.rejected) == N_FILES
        tasks = [
            Cut(track.path, tuple(clips.spread(track.id, track.duration_s, spec.clip_s, 1)), (spec,))
            for track in found.tracks[::4]
        ]
        cuts = list(imap_cuts(tasks, jobs=2, stage="cut", monitor=SILENT))
    assert len(cuts) == len(tasks)
    assert all(len(result.features) + len(result.problems) == 1 for _, result in cuts)
    reasons = {item.reason for item in found.rejected}
    reasons |= {problem.reason for _, result in cuts for problem in result.problems.values()}
    assert reasons <= {Reason.UNDECODABLE, Reason.EMPTY, Reason.SILENT, Reason.ENDS_EARLY}


def test_a_file_that_is_long_work_is_ended_from_outside(files: list[Path], tmp_path: Path) -> None:
    """Zeros before a song, which decoders search for its beginning in a single call."""
    song = tmp_path / "z.mp3"
    sound = (files[0].parent / "whole.mp3").read_bytes()
    with song.open("wb") as file:
        file.truncate(1 << 34)
        file.seek(0, os.SEEK_END)
        file.write(sound)
    good = files[0].parent / "whole.flac"
    with limited(Limits(file_timeout_s=0.5)):
        found = scan([song, good], jobs=1)
    assert [item.reason for item in found.rejected] == [Reason.SLOW]
    assert [track.path for track in found.tracks] == [good]
    assert found.rejected[0].state is not None  # so that it is remembered
