"""What the catalogue does for an answer, in steps of SQLite: ten songs cost as much in any library."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from groovecli.audio.tags import Tags
from groovecli.library.answers import StoredAnswer
from groovecli.library.catalog import Catalog
from groovecli.library.descriptions import COLUMNS, add_descriptions, stored_descriptions
from groovecli.library.tracks import FileState, Rejected, Track
from groovecli.reasons import Reason
from tests.small import World, world

MODEL, VERSION, KIND = "made-up", 3, "audio"
N_ASKED = 10
SMALL, LARGE = 300, 3000


@contextmanager
def counting(db: sqlite3.Connection) -> Iterator[list[int]]:
    """Counts the steps that a connection's virtual machine takes meanwhile."""
    steps = [0]

    def step() -> int:
        steps[0] += 1
        return 0

    db.set_progress_handler(step, 1)
    try:
        yield steps
    finally:
        db.set_progress_handler(None, 1)


def track_id(number: int) -> str:
    return f"{number * 2654435761 % 2**32:032x}"


def path_of(number: int) -> Path:
    return Path(f"/music/{number % 7}/{number}.mp3")


def filled(folder: Path, n_songs: int) -> Catalog:
    """A catalogue of songs with answers, descriptions, fingerprints and some failures."""
    catalog = Catalog(folder / f"{n_songs}" / "catalog.db")
    ids = [track_id(number) for number in range(n_songs)]
    tracks = [
        Track(id, path_of(number), FileState(1, 1), 30.0, Tags(artist=f"{number // 9}"))
        for number, id in enumerate(ids)
    ]
    catalog.remember(tracks)
    vector = np.ones(4, np.float32)
    for words in ("", "others"):
        given = {id: StoredAnswer(vector, np.array([0.5, 0.5])) for id in ids}
        catalog.add_answers(MODEL, given, words=words)
    catalog.add_answers("another", {id: StoredAnswer(vector) for id in ids})
    catalog.add_prints(KIND, {id: np.arange(3, dtype=np.uint32) for id in ids})
    for version in (1, VERSION):
        add_descriptions(catalog, version, {id: (0,) * len(COLUMNS) for id in ids})
    catalog.add_failures(
        "decode", [Rejected(t.path, Reason.SILENT, state=FileState(1, 1)) for t in tracks[::2]]
    )
    return catalog


@pytest.fixture(scope="module")
def catalogs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Catalog, Catalog]]:
    folder = tmp_path_factory.mktemp("catalogs")
    with filled(folder, SMALL) as small, filled(folder, LARGE) as large:
        yield small, large


Question = Callable[[Catalog, Sequence[str], Sequence[Path]], object]
QUESTIONS: dict[str, tuple[Question, int]] = {
    "answers": (lambda catalog, ids, _: catalog.answers(MODEL, ids), N_ASKED),
    "vectors at": (lambda catalog, ids, _: catalog.vectors_at(MODEL, ids), N_ASKED),
    "vectors at, named": (lambda catalog, ids, _: catalog.vectors_at(MODEL, ids, named=True), N_ASKED),
    "descriptions": (lambda catalog, ids, _: stored_descriptions(catalog, VERSION, ids), N_ASKED),
    "fingerprints": (lambda catalog, ids, _: catalog.prints(KIND, ids), N_ASKED),
    "files of tracks": (lambda catalog, ids, _: catalog.tracks(ids), N_ASKED),
    "failures": (lambda catalog, _, paths: catalog.failures("decode", paths), N_ASKED // 2),
    "a matrix": (lambda catalog, *_: [catalog.matrix(MODEL)], 1),
}
"""What is asked about ten songs, and how many things the answer has."""


@pytest.mark.parametrize("name", QUESTIONS)
def test_ten_songs_take_as_many_steps_in_any_library(name: str, catalogs: tuple[Catalog, Catalog]) -> None:
    ask, n_expected = QUESTIONS[name]
    numbers = range(20, 20 + N_ASKED)
    ids, paths = [track_id(number) for number in numbers], [path_of(number) for number in numbers]
    taken = []
    for catalog in catalogs:
        with counting(catalog._db) as steps:
            answer = ask(catalog, ids, paths)
        assert len(answer) == n_expected  # type: ignore[arg-type]
        taken.append(steps[0])
    assert 0 < taken[1] <= 1.2 * taken[0] + 20, taken


@contextmanager
def statements(catalog: Catalog) -> Iterator[list[str]]:
    asked: list[str] = []
    catalog._db.set_trace_callback(asked.append)
    try:
        yield asked
    finally:
        catalog._db.set_trace_callback(None)


def unchanged(world: World) -> tuple[int, int]:
    """Statements and steps of an ingest that finds nothing new: the first one, which looks at all songs."""
    world.ingest()
    for file in (world.root / "home" / ".unchanged").glob("*"):
        file.unlink()
    with statements(world.catalog) as asked, counting(world.catalog._db) as steps:
        world.ingest()
    return len(asked), steps[0]


STEPS_OF_A_SONG = 900


def test_an_unchanged_song_takes_no_statement_and_few_steps(tmp_path: Path) -> None:
    with world(tmp_path / "few", n_songs=5) as few:
        n_few, steps_few = unchanged(few)
    with world(tmp_path / "many", n_songs=11) as many:
        n_many, steps_many = unchanged(many)
    assert 0 < n_many <= n_few
    assert 0 < (steps_many - steps_few) / 12 <= STEPS_OF_A_SONG
