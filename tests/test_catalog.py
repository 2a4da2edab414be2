"""The catalogue: what goes in comes out, and what is no catalogue is refused."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import threading
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from groovecli.audio.clips import Clip
from groovecli.audio.tags import Tags
from groovecli.datasets.tables import DatasetSettings, Tables
from groovecli.errors import DatasetError, StorageError
from groovecli.library.answers import StoredAnswer, are_sound, put_answers
from groovecli.library.catalog import Catalog
from groovecli.library.matrices import scaled
from groovecli.library.schema import MIGRATIONS
from groovecli.library.tracks import FileState, Rejected, Track
from groovecli.messages.library import catalog_unusable
from groovecli.reasons import Problem, Reason

SETTINGS = DatasetSettings("default", "song", 0.2, 0, 30.0, "folder", 3, None)


def track(number: int, path: str, **tags: str) -> Track:
    return Track(f"{number:032x}", Path(path), FileState(1000 + number, 5), 200.0, Tags(**tags))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new" / "catalog.db"


def test_files_are_remembered_between_openings(path: Path) -> None:
    song = track(1, "/m/a.mp3", artist="A", title="\u2028 odd 'quotes'; DROP TABLE files")
    bad = Rejected(Path("/m/b.mp3"), Reason.EMPTY, state=FileState(0, 7))
    gone = Rejected(Path("/m/c.mp3"), Reason.UNREADABLE, "there is no such file")
    with Catalog(path) as catalog:
        catalog.remember([song, bad, gone])
    with Catalog(path) as catalog:
        assert catalog.known_files() == {song.path: song, bad.path: bad}


@given(st.binary(min_size=1, max_size=30).filter(lambda raw: b"\0" not in raw))
def test_any_path_comes_back(raw: bytes) -> None:
    song = track(1, os.fsdecode(b"/m/" + raw), artist=os.fsdecode(raw))
    with Catalog(Path(":memory:")) as catalog:
        catalog.remember([song])
        assert catalog.known_files() == {song.path: song}


def test_a_file_that_is_gone_is_not_forgotten(path: Path) -> None:
    songs = [track(1, "/m/a.mp3"), track(2, "/m/b.mp3")]
    with Catalog(path) as catalog:
        catalog.remember([*songs])
        catalog.remember([songs[0]])
        assert set(catalog.known_files()) == {song.path for song in songs}


def test_a_changed_file_is_another_track(path: Path) -> None:
    with Catalog(path) as catalog:
        catalog.remember([track(1, "/m/a.mp3")])
        catalog.remember([track(2, "/m/a.mp3")])
        assert [item.id for item in catalog.known_files().values()] == [f"{2:032x}"]  # type: ignore[union-attr]


def test_tracks_have_all_their_files(path: Path) -> None:
    song, copy, other = track(1, "/m/b.mp3"), track(1, "/m/a.mp3"), track(2, "/m/c.mp3")
    with Catalog(path) as catalog:
        catalog.remember([song, replace(copy, state=song.state), other])
        found = catalog.tracks([song.id])
        assert [item.path.name for item in found[song.id]] == ["a.mp3", "b.mp3"]
        assert list(found) == [song.id]


def answers_of(n_songs: int, dim: int = 64) -> dict[str, StoredAnswer]:
    vectors = {f"{n:032x}": np.random.default_rng(n).random(dim, np.float32) for n in range(n_songs)}
    return {key: StoredAnswer(vector, vector[:3] / 3.0) for key, vector in vectors.items()}


def assert_kept(found: dict[str, StoredAnswer], answers: dict[str, StoredAnswer]) -> None:
    assert found.keys() == answers.keys()
    for key, answer in answers.items():
        kept, back = answer.as_kept(), found[key]
        assert (back.vector == kept.vector).all() and np.allclose(back.vector, answer.vector, atol=1e-3)
        if answer.probabilities is None:
            assert back.probabilities is None
        else:
            assert back.probabilities is not None and (back.probabilities == kept.probabilities).all()


def test_answers_and_runs(path: Path) -> None:
    answers = answers_of(3)
    last = f"{2:032x}"
    answers[last] = StoredAnswer(answers[last].vector)
    with Catalog(path) as catalog:
        catalog.add_answers("a model", answers)
        catalog.add_answers("a model", {})
        assert_kept(catalog.answers("a model", [*answers, "f" * 32]), answers)
        assert catalog.answers("another", answers) == {} == catalog.answers("a model", answers, words="x")
        catalog.log_run("groove ingest /m/\udcff", {"songs": 3, "path": "\udcff"})


def test_answers_of_other_words_are_others(path: Path) -> None:
    (key, answer), other = next(iter(answers_of(1).items())), StoredAnswer(np.ones(64, np.float32))
    with Catalog(path) as catalog:
        catalog.add_answers("m", {key: answer}, words="ab")
        catalog.add_answers("m", {key: other}, words="cd")
        assert_kept(catalog.answers("m", [key], words="ab"), {key: answer})
        assert_kept(catalog.answers("m", [key], words="cd"), {key: other})


@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=5, max_size=5))
def test_vectors_of_any_size_come_back_to_three_digits(numbers: list[float]) -> None:
    vector = np.array([numbers], np.float32)
    error = np.abs(scaled(vector).vectors.astype(np.float64) - vector).max()
    assert error <= np.abs(vector).max() / 2000


def test_answers_are_replaced_and_another_length_begins_again(path: Path) -> None:
    answers = answers_of(3)
    with Catalog(path) as catalog:
        catalog.add_answers("m", answers)
        newer = {key: StoredAnswer(answer.vector + 1) for key, answer in list(answers.items())[:1]}
        catalog.add_answers("m", newer)
        assert_kept(catalog.answers("m", answers), answers | newer)
        catalog.add_answers("m", longer := answers_of(2, dim=8))
        assert_kept(catalog.answers("m", answers), longer)


def test_a_damaged_or_missing_vector_is_as_if_there_were_none(path: Path) -> None:
    answers = answers_of(4)
    with Catalog(path) as catalog:
        catalog.add_answers("m", answers)
        matrix = catalog.matrix("m")
        assert matrix is not None and matrix.n_rows == 4
        raw = bytearray(matrix.path.read_bytes())
        raw[2 * 64 * 1 + 5] ^= 1  # in the second row
        matrix.path.write_bytes(raw[: 3 * 64 * 2])  # and the last is gone
        assert list(catalog.answers("m", answers)) == [f"{0:032x}", f"{2:032x}"]
        matrix.path.unlink()
        assert catalog.answers("m", answers) == {}
        catalog.add_answers("m", answers)
        assert_kept(catalog.answers("m", answers), answers)


def test_a_file_that_became_shorter_gets_no_hole_and_no_row_of_another_song(path: Path) -> None:
    answers = answers_of(6)
    first, later = dict(list(answers.items())[:5]), dict(list(answers.items())[5:])
    with Catalog(path) as catalog:
        catalog.add_answers("m", first)
        matrix = catalog.matrix("m")
        assert matrix is not None
        matrix.path.write_bytes(matrix.path.read_bytes()[: 2 * 64 * 2 + 7])
        catalog.add_answers("m", later)
        kept = dict(list(first.items())[:2]) | later
        assert_kept(catalog.answers("m", answers), kept)
        assert matrix.n_rows == 3 and set(catalog.vectors_at("m", answers)) == set(kept)
        catalog.add_answers("m", {key: first[key] for key in first if key not in kept})
        assert_kept(catalog.answers("m", answers), answers)


@pytest.mark.parametrize("n_looked_at", [40, 100])
def test_damaged_rows_are_found_in_all_or_once_some_are_seen(
    path: Path, monkeypatch: pytest.MonkeyPatch, n_looked_at: int
) -> None:
    monkeypatch.setattr("groovecli.library.answers._LOOKED_AT", n_looked_at)
    answers = answers_of(100)
    with Catalog(path) as catalog:
        catalog.add_answers("m", answers)
        matrix, rows = catalog.matrix("m"), catalog.rows("SELECT place, crc FROM answers ORDER BY place")
        assert matrix is not None
        places, checksums = np.array(rows, np.int64).T
        assert are_sound(matrix, places, checksums).all()
        raw = bytearray(matrix.path.read_bytes()[: 95 * 128])
        raw[10 * 128 : 40 * 128] = bytes(30 * 128)
        matrix.path.write_bytes(raw)
        found = are_sound(matrix, places, checksums)
        assert np.flatnonzero(~found).tolist() == [*range(10, 40), *range(95, 100)]


def test_what_a_crash_left_behind_the_last_row_is_written_over(path: Path) -> None:
    answers = answers_of(4)
    first, second = dict(list(answers.items())[:2]), dict(list(answers.items())[2:])
    with Catalog(path) as catalog:
        catalog.add_answers("m", first)
        with pytest.raises(ZeroDivisionError), catalog.transaction() as db:
            put_answers(db, catalog.vectors, "m", second, words="")
            raise ZeroDivisionError
        assert_kept(catalog.answers("m", answers), first)
        catalog.add_answers("m", second)
        assert_kept(catalog.answers("m", answers), answers)
        matrix = catalog.matrix("m")
        assert matrix is not None and matrix.n_rows == 4


def test_failures_are_kept_by_stage_until_the_file_is_another(path: Path) -> None:
    song = track(1, "/m/a.mp3")
    bad = Rejected(song.path, Reason.SLOW, "60 s", song.state)
    away = Rejected(Path("/m/away.mp3"), Reason.UNREADABLE, "no such device")
    with Catalog(path) as catalog:
        catalog.remember([song])
        catalog.add_failures("listen", [bad, away])
        assert catalog.failures("listen", [song.path, away.path]) == {song.path: bad}
        assert catalog.failures("cut", [song.path]) == {} == catalog.failures("listen", [])
        catalog.remember([replace(song, state=FileState(1, 2))])
        assert catalog.failures("listen", [song.path]) == {}


def test_fingerprints_come_back_for_the_songs_that_are_asked_for(path: Path) -> None:
    words = {name * 32: np.array([0, n, 2**32 - 1], np.uint32) for n, name in enumerate("abc")}
    with Catalog(path) as catalog:
        catalog.add_prints("x", words)
    asked = ["a" * 32, "b" * 32]
    with Catalog(path) as catalog:
        found = catalog.prints("x", asked)
        assert {key: some.tolist() for key, some in found.items()} == {
            "a" * 32: [0, 0, 2**32 - 1],
            "b" * 32: [0, 1, 2**32 - 1],
        }
        assert catalog.prints("y", asked) == {} == catalog.prints("x", ["d" * 32])


def test_any_number_of_songs_can_be_asked_for(path: Path) -> None:
    """SQLite takes only so many values in a query."""
    asked = [f"{n:032x}" for n in range(100_000)]
    with Catalog(path) as catalog:
        words = np.array([1, 2], np.uint32)
        catalog.add_prints("x", {asked[-1]: words})
        assert list(catalog.prints("x", asked)) == [asked[-1]]
        assert catalog.tracks(asked) == {}


def made_by_the_first_groove(path: Path, *statements: tuple[str, list[tuple[object, ...]]]) -> None:
    """A catalogue of schema 1 with some rows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(path)
    database.executescript(MIGRATIONS[0])
    for statement, rows in statements:
        database.executemany(statement, rows)
    fields = {key: value for key, value in asdict(SETTINGS).items() if key not in ("source", "depth")}
    database.execute("INSERT INTO datasets VALUES ('default', ?)", (json.dumps(fields),))
    database.execute("PRAGMA user_version = 1")
    database.commit()
    database.close()


SONG = "INSERT INTO songs VALUES ('default', ?, 'rock', 'train')"
CLIP = "INSERT INTO clips VALUES ('default', ?, 0, 1.5, 'train', ?)"


@pytest.mark.parametrize(
    ("sentence", "problem"),
    [
        ("could not be read: Permission denied", Problem(Reason.UNREADABLE, "Permission denied")),
        ("cannot decode: no audio: in it", None),  # gets another try
        ("ends early: after 12 s", None),
        ("is silent", None),
        ("took more than 60 s to decode", Problem(Reason.OTHER, "took more than 60 s to decode")),
        (None, None),
    ],
)
def test_the_sentences_of_an_older_catalogue_become_reasons(
    path: Path, sentence: str | None, problem: Problem | None
) -> None:
    rejected: list[tuple[object, ...]] = [
        (b"/m/a", "is empty (0 bytes)"),
        (b"/m/b", "cannot decode: noise"),
        (b"/m/c", "is odd"),
    ]
    made_by_the_first_groove(
        path,
        (SONG, [("a",)]),
        (CLIP, [("a", sentence)]),
        ("INSERT INTO files VALUES (?, 0, 0, NULL, ?, 0)", rejected),
    )
    with Catalog(path) as catalog:
        (item,) = Tables(catalog, "default").clips()
        assert item.problem == problem
        assert catalog.known_files() == {}  # files that were no songs get another try
    if problem is not None:
        assert problem.text == (sentence or "").replace("could not", "cannot")


def test_a_catalogue_of_the_first_groove_keeps_all_it_knows(path: Path) -> None:
    songs = [track(n, f"/m/{n}.mp3", artist="A") for n in range(3)]
    vector = np.random.default_rng(0).random(4, np.float32)
    made_by_the_first_groove(
        path,
        (
            "INSERT INTO files VALUES (?, ?, ?, ?, NULL, 0)",
            [(os.fsencode(s.path), s.state.size, s.state.mtime_ns, s.id) for s in songs],
        ),
        ("INSERT INTO tracks VALUES (?, 200.0, ?)", [(s.id, json.dumps(asdict(s.tags))) for s in songs]),
        (SONG, [(song.id,) for song in songs]),
        (CLIP, [(song.id, None) for song in songs]),
        (
            "INSERT INTO chunk_rows VALUES ('default', 'mel', ?, 0, 'mel/c.pkl', ?)",
            [(song.id, place) for place, song in enumerate(songs)],
        ),
        (
            "INSERT INTO embeddings VALUES (?, ?, ?)",
            [(s.id, key, vector.tobytes()) for s in songs[:2] for key in ("m-3", "m-3-joined-" + 16 * "a")],
        ),
    )
    for _ in range(2):  # it is migrated once
        with Catalog(path) as catalog:
            tables = Tables(catalog, "default")
            assert catalog.known_files() == {song.path: song for song in songs}
            assert tables.settings() == SETTINGS
            assert list(tables.songs()) == [song.id for song in songs]
            assert [item.clip for item in tables.clips()] == [Clip(song.id, 0, 1.5) for song in songs]
            assert [place.row for place in tables.places("mel").values()] == [0, 1, 2]
            answers = {song.id: StoredAnswer(vector) for song in songs[:2]}
            assert_kept(catalog.answers("m-3", tables.songs()), answers)
            assert_kept(catalog.answers("m-3-joined", tables.songs(), words=16 * "a"), answers)
            assert catalog.rows("SELECT * FROM words") == []
            files = sorted(file.name for file in catalog.vectors.iterdir())
            assert files == ["m-3-joined.f16", "m-3.f16"]
    database = sqlite3.connect(path)
    assert database.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
    database.close()


def test_two_at_once_migrate_it_once(path: Path) -> None:
    made_by_the_first_groove(path)
    errors: list[Exception] = []
    start = threading.Barrier(4)

    def work() -> None:
        try:
            start.wait()
            with Catalog(path) as catalog:
                assert Tables(catalog, "default").settings() == SETTINGS
                assert catalog.rows("SELECT * FROM words") == []
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_a_catalogue_of_a_newer_groove_is_refused(path: Path) -> None:
    with Catalog(path):
        pass
    database = sqlite3.connect(path)
    database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(DatasetError, match="newer groove"):
        Catalog(path)


@pytest.mark.parametrize("content", [b"no database at all, just text" * 99, os.urandom(9000)])
def test_what_is_no_catalogue_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "catalog.db"
    path.write_bytes(content)
    with pytest.raises(DatasetError, match=r"the catalogue .* can't be used"):
        Catalog(path)
    assert path.read_bytes() == content


def test_a_folder_in_the_catalogues_place_is_said(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(StorageError, match="a folder is where groove's catalogue should be") as caught:
        Catalog(path)
    assert "move that folder away" in caught.value.hint


def test_a_full_disk_of_which_sqlite_says_something_else(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    full = type(shutil.disk_usage(path.parent))(100, 100, 0)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: full)
    assert "free some space" in catalog_unusable(path, "disk I/O error").hint


def test_a_full_disk_is_told_apart_from_a_place_that_may_not_be_written(path: Path) -> None:
    assert "free some space" in catalog_unusable(path, "database or disk is full").hint
    assert "you may write there" in catalog_unusable(path, "attempt to write a readonly database").hint


def test_a_damaged_catalogue_is_refused(path: Path) -> None:
    with Catalog(path) as catalog:
        catalog.remember([*(track(n, f"/m/{n}.mp3") for n in range(2000))])
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(200_000))
    with pytest.raises((DatasetError, StorageError)), Catalog(path) as catalog:
        catalog.known_files()


def test_a_folder_that_cannot_be_made_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError):
        Catalog(tmp_path / "file" / "catalog.db")
    (tmp_path / "catalog.db").mkdir()
    with pytest.raises(StorageError):
        Catalog(tmp_path / "catalog.db")


def test_two_at_once_both_get_their_say(path: Path) -> None:
    """Both make the catalogue, and both write to it, each over a connection of its own."""
    errors: list[Exception] = []
    start = threading.Barrier(4)

    def work(name: int) -> None:
        try:
            start.wait()
            with Catalog(path) as catalog:
                for number in range(25):
                    catalog.remember([track(100 * name + number, f"/m/{name}/{number}.mp3")])
                    catalog.known_files()
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with Catalog(path) as catalog:
        assert len(catalog.known_files()) == 100
