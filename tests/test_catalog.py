"""The catalogue: what goes in comes out, and what is no catalogue is refused."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from groovecli.audio.clips import Clip
from groovecli.audio.tags import Tags
from groovecli.datasets.tables import DatasetSettings, SideClip, Song, Tables
from groovecli.errors import DatasetError, StorageError
from groovecli.library.catalog import Catalog, StoredAnswer
from groovecli.library.schema import MIGRATIONS
from groovecli.library.tracks import FileState, Rejected, Scan, Track
from groovecli.reasons import Problem, Reason

SETTINGS = DatasetSettings("default", "song", 0.2, 0, 30.0, "folder", 3, None)


def track(number: int, path: str, **tags: str) -> Track:
    return Track(f"{number:032x}", Path(path), FileState(1000 + number, 5), 200.0, Tags(**tags))


def scan(*items: Track | Rejected) -> Scan:
    tracks = tuple(item for item in items if isinstance(item, Track))
    return Scan(tracks, tuple(item for item in items if isinstance(item, Rejected)), {})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new" / "catalog.db"


def test_files_are_remembered_between_openings(path: Path) -> None:
    song = track(1, "/m/a.mp3", artist="A", title="\u2028 odd 'quotes'; DROP TABLE files")
    bad = Rejected(Path("/m/b.mp3"), Reason.EMPTY, state=FileState(0, 7))
    gone = Rejected(Path("/m/c.mp3"), Reason.UNREADABLE, "there is no such file")
    with Catalog(path) as catalog:
        catalog.remember(scan(song, bad, gone))
    with Catalog(path) as catalog:
        assert catalog.known_files() == {song.path: song, bad.path: bad}


@given(st.binary(min_size=1, max_size=30).filter(lambda raw: b"\0" not in raw))
def test_any_path_comes_back(raw: bytes) -> None:
    song = track(1, os.fsdecode(b"/m/" + raw), artist=os.fsdecode(raw))
    with Catalog(Path(":memory:")) as catalog:
        catalog.remember(scan(song))
        assert catalog.known_files() == {song.path: song}


def test_a_file_that_is_gone_is_not_forgotten(path: Path) -> None:
    songs = [track(1, "/m/a.mp3"), track(2, "/m/b.mp3")]
    with Catalog(path) as catalog:
        catalog.remember(scan(*songs))
        catalog.remember(scan(songs[0]))
        assert set(catalog.known_files()) == {song.path for song in songs}


def test_a_changed_file_is_another_track(path: Path) -> None:
    with Catalog(path) as catalog:
        catalog.remember(scan(track(1, "/m/a.mp3")))
        catalog.remember(scan(track(2, "/m/a.mp3")))
        assert [item.id for item in catalog.known_files().values()] == [f"{2:032x}"]  # type: ignore[union-attr]


def test_tracks_have_all_their_files(path: Path) -> None:
    song, copy, other = track(1, "/m/b.mp3"), track(1, "/m/a.mp3"), track(2, "/m/c.mp3")
    with Catalog(path) as catalog:
        catalog.remember(scan(song, replace(copy, state=song.state), other))
        found = catalog.tracks([song.id])
        assert [item.path.name for item in found[song.id]] == ["a.mp3", "b.mp3"]
        assert list(found) == [song.id]


def test_embeddings_and_runs(path: Path) -> None:
    vectors = {f"{n:032x}": np.random.default_rng(n).random(64, np.float32) for n in range(3)}
    with Catalog(path) as catalog:
        answers = {key: StoredAnswer(vector, vector[:3] / 3.0) for key, vector in vectors.items()}
        last = f"{2:032x}"
        answers[last] = StoredAnswer(vectors[last])
        catalog.add_answers("a model", answers)
        found = catalog.answers("a model", [*vectors, "f" * 32])
        assert found.keys() == vectors.keys()
        assert all(np.array_equal(found[key].vector, vectors[key]) for key in vectors)
        for key in (f"{n:032x}" for n in range(2)):
            probabilities = found[key].probabilities
            assert probabilities is not None and (probabilities == vectors[key][:3] / 3.0).all()
        assert found[last].probabilities is None
        assert catalog.answers("another", vectors) == {}
        catalog.log_run("groove ingest /m/\udcff", {"songs": 3, "path": "\udcff"})


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


def as_version_1(path: Path) -> None:
    """Make a catalogue one that the first groove wrote."""
    database = sqlite3.connect(path)
    database.execute("DROP TABLE words")
    database.execute("DROP TABLE prints")
    database.execute("ALTER TABLE files DROP COLUMN code")
    database.execute("ALTER TABLE clips DROP COLUMN code")
    database.execute("ALTER TABLE embeddings DROP COLUMN probabilities")
    for name, text in database.execute("SELECT name, settings FROM datasets").fetchall():
        fields = {key: value for key, value in json.loads(text).items() if key not in ("source", "depth")}
        database.execute("UPDATE datasets SET settings = ? WHERE name = ?", (json.dumps(fields), name))
    database.execute("PRAGMA user_version = 1")
    database.commit()
    database.close()


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
    clip = Clip("a", 0, 1.5)
    with Catalog(path) as catalog:
        Tables(catalog, "default").add_songs([Song("a", "rock", "train")], [SideClip(clip, "train")])
    as_version_1(path)
    database = sqlite3.connect(path)
    database.execute("UPDATE clips SET problem = ?", (sentence,))
    rejected = [(b"/m/a", "is empty (0 bytes)"), (b"/m/b", "cannot decode: noise"), (b"/m/c", "is odd")]
    database.executemany("INSERT INTO files VALUES (?, 0, 0, NULL, ?, 0)", rejected)
    database.commit()
    database.close()
    with Catalog(path) as catalog:
        (item,) = Tables(catalog, "default").clips()
        assert item.problem == problem
        assert catalog.known_files() == {}  # files that were no songs get another try
    if problem is not None:
        assert problem.text == (sentence or "").replace("could not", "cannot")


def test_a_catalogue_of_the_first_groove_keeps_all_it_knows(path: Path) -> None:
    songs = [track(n, f"/m/{n}.mp3", artist="A") for n in range(3)]
    clips = [Clip(song.id, 0, 1.5) for song in songs]
    with Catalog(path) as catalog:
        catalog.remember(scan(*songs))
        tables = Tables(catalog, "default")
        tables.put_settings(SETTINGS)
        tables.add_songs(
            [Song(song.id, "rock", "train") for song in songs], [SideClip(c, "train") for c in clips]
        )
        tables.add_chunk("mel", "mel/c.pkl", clips)
        catalog.add_answers("m", {songs[0].id: StoredAnswer(np.ones(4, np.float32))})
        before = _content(catalog)
    as_version_1(path)
    for _ in range(2):  # it is migrated once
        with Catalog(path) as catalog:
            assert _content(catalog) == before
            settings = Tables(catalog, "default").settings()
            assert settings is not None
            assert (settings.source, settings.depth) == ("folder", 1)
            assert catalog.rows("SELECT * FROM words") == []
    database = sqlite3.connect(path)
    assert database.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
    database.close()


def _content(catalog: Catalog) -> list[object]:
    tables = Tables(catalog, "default")
    return [
        catalog.known_files(),
        tables.settings(),
        tables.songs(),
        tables.clips(),
        tables.places("mel"),
        {key: kept.vector.tolist() for key, kept in catalog.answers("m", tables.songs()).items()},
    ]


def test_two_at_once_migrate_it_once(path: Path) -> None:
    with Catalog(path) as catalog:
        Tables(catalog, "default").put_settings(SETTINGS)
    as_version_1(path)
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


def test_a_damaged_catalogue_is_refused(path: Path) -> None:
    with Catalog(path) as catalog:
        catalog.remember(scan(*(track(n, f"/m/{n}.mp3") for n in range(2000))))
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
                    catalog.remember(scan(track(100 * name + number, f"/m/{name}/{number}.mp3")))
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
