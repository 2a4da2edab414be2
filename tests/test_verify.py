"""Verification: what is damaged is found, said and mended; what is whole is left alone."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from groovecli.actions.context import Context
from groovecli.actions.describe import describe_all
from groovecli.actions.embed import EmbedRequest
from groovecli.actions.embed import run as embed
from groovecli.actions.verify.run import Verified, VerifyRequest, run
from groovecli.datasets.tables import Tables
from groovecli.describe.description import SongDescription
from groovecli.describe.rows import keep_descriptions, known_descriptions
from groovecli.errors import DatasetError, UsageError
from groovecli.library import rescue
from groovecli.library.answers import StoredAnswer
from groovecli.library.catalog import Catalog
from groovecli.library.schema import MIGRATIONS
from tests.cli.conftest import groove, groove_json
from tests.small import Stopper, describing, untrained, world


@pytest.fixture(scope="module")
def _kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with world(tmp_path_factory.mktemp("verify"), n_songs=5) as made:
        made.ingest()
        with made.at_home():
            embed(EmbedRequest(made.library / "low"), made.context())
        yield made.root


@pytest.fixture
def small(_kept: Path, home: Path) -> Iterator[Path]:
    """A home with a dataset of ten songs and vectors of a model that is not there, as GROOVE_HOME."""
    shutil.copytree(_kept / "home", home)
    with Context() as context:
        rng = np.random.default_rng(0)
        ids = sorted(Tables(context.catalog, "default").songs())
        vectors = {song: StoredAnswer(rng.normal(size=8).astype(np.float32)) for song in ids}
        context.catalog.add_answers("some-0123456789ab-3", vectors)
        context.catalog.is_copy_due = True
    yield home


def verify(sample: int = 0, minutes: float | None = None, **changes: Any) -> Verified:
    with Context(jobs=1, device="cpu", **changes) as context:
        return run(VerifyRequest(sample, minutes), context)


def flip(path: Path, at: float = 0.5) -> None:
    content = bytearray(path.read_bytes())
    content[int(len(content) * at)] ^= 1
    path.write_bytes(content)


def rows(home: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(home / "catalog.db")) as db:
        return db.execute(query).fetchall()


def change(home: Path, *queries: str) -> None:
    with closing(sqlite3.connect(home / "catalog.db", isolation_level=None)) as db:
        for query in queries:
            db.execute(query)


def chunks(home: Path) -> list[Path]:
    return sorted((home / "datasets").rglob("*.pkl"))


def test_a_new_home_is_whole(home: Path) -> None:
    answer = groove_json("verify")
    assert (answer["damaged"], answer["complete"], answer["catalogue"]) == ([], True, None)
    assert "no damage" in groove("verify").stdout


def test_a_screen_says_what_was_looked_at(small: Path) -> None:
    shown = [line.split() for line in groove("verify").stdout.splitlines()]
    assert ["catalogue", "no", "damage"] in shown
    assert ["chunk", "files", str(len(chunks(small))), "checked"] in shown
    change(small, "INSERT INTO chunks VALUES ('default', 'none.pkl', 'x', 1)")
    assert "damage in 1 place" in groove("verify").stdout


def test_what_is_whole_stays_as_it_is(small: Path) -> None:
    before = {
        path: path.read_bytes() for path in small.rglob("*") if path.is_file() and path.suffix != ".db"
    }
    found = verify()
    assert (found.damaged, found.is_complete) == ((), True)
    assert (found.n_checked["vectors"], found.n_checked["chunk files"]) == (15, len(chunks(small)))
    assert all(
        path.read_bytes() == content for path, content in before.items() if "catalog" not in path.name
    )


@pytest.mark.parametrize("at", [0.01, 0.5, 0.999])
def test_one_flipped_bit_of_a_chunk_is_found_and_computed_again(
    small: Path, _kept: Path, at: float
) -> None:
    path = chunks(small)[0]
    whole = path.read_bytes()
    flip(path, at)
    (damage,) = verify().damaged
    assert (damage.kind, path.name in damage.name, path.exists()) == ("chunk file", True, False)
    assert groove("ingest", _kept / "library", "--jobs", "1").exit_code == 0
    assert path.read_bytes() == whole
    assert not verify().damaged


def test_a_chunk_that_is_gone_or_cannot_be_read(small: Path) -> None:
    gone, folder = chunks(small)[:2]
    gone.unlink()
    folder.unlink()
    folder.mkdir()  # which no one can read as a file
    found = {damage.why.partition(":")[0]: damage.repair for damage in verify().damaged}
    assert set(found) == {"it is missing", "cannot be read"}
    assert found["cannot be read"] == "left as it is"


def test_a_chunk_without_checksum_gets_one_if_it_is_a_chunk(small: Path) -> None:
    change(small, "DELETE FROM chunks")
    chunks(small)[0].write_bytes(b"something else")
    result = groove("verify")
    assert result.exit_code == 3
    assert f"{len(chunks(small))} chunk files had no checksum and got one" in result.stderr
    assert not verify().damaged
    flip(chunks(small)[0])
    assert len(verify().damaged) == 1


def test_damaged_vectors_are_forgotten_and_others_stay(small: Path) -> None:
    (matrix,) = (small / "embeddings").glob("some*")
    flip(matrix)
    (damage,) = verify().damaged
    assert (damage.kind, damage.name, damage.why) == (
        "vectors",
        "some-0123456789ab-3",
        "1 vector not as written",
    )
    assert rows(small, "SELECT count(*) FROM answers") == [(14,)]
    matrix.write_bytes(matrix.read_bytes()[:40])  # ends within the third row
    verify()
    assert rows(small, "SELECT count(*) FROM answers") <= [(7,)]


def test_rows_of_nothing_are_removed(small: Path) -> None:
    change(
        small,
        "INSERT INTO answers VALUES (1, 999, '', 0, 0, 0, NULL)",
        "INSERT INTO clips (dataset, track, number) VALUES ('default', 'nobody', 0)",
        "INSERT INTO chunk_rows VALUES ('default', 'mel', 'nobody', 7, 'c.pkl', 0)",
        "INSERT INTO chunks VALUES ('default', 'none.pkl', 'x', 1)",
    )
    found = verify()
    assert [damage.name for damage in found.damaged] == ["answers", "clips", "chunk_rows", "chunks"]
    assert not verify().damaged


def test_descriptions_that_cannot_be_are_forgotten(small: Path) -> None:
    with Context() as context:
        a, b = sorted(Tables(context.catalog, "default").songs())[:2]
        keep_descriptions(context.catalog, {a: SongDescription(), b: SongDescription()})
    change(
        small,
        "UPDATE descriptions SET bpm = -3 WHERE track = (SELECT max(track) FROM descriptions)",
        "INSERT INTO descriptions (track, version) VALUES (999999, 1)",
    )
    found = {each.kind: each for each in verify().damaged}
    assert "1 description " in found["descriptions"].why and "1 row " in found["table"].why
    assert rows(small, "SELECT count(*) FROM descriptions") == [(1,)]
    assert verify().damaged == ()


def test_lost_settings_come_from_a_copy(small: Path) -> None:
    before = rows(small, "SELECT * FROM datasets")
    change(small, "DELETE FROM datasets")
    (damage,) = verify().damaged
    assert (damage.repair, rows(small, "SELECT * FROM datasets")) == ("restored from a copy", before)
    change(small, "DELETE FROM datasets")
    shutil.rmtree(small / "backups")
    assert "could not be restored" in verify().damaged[0].repair


def test_it_goes_on_where_it_stopped(small: Path) -> None:
    flip(chunks(small)[-1])
    found = verify(monitor=Stopper("chunk files", 1))
    assert (found.is_complete, found.n_checked["chunk files"]) == (False, 1)
    assert found.n_left == len(chunks(small)) - 1
    again = verify()
    assert (again.is_complete, again.n_checked["chunk files"], len(again.damaged)) == (
        True,
        found.n_left,
        1,
    )
    assert verify().n_checked["chunk files"] == len(chunks(small))  # from the beginning


def test_no_time_is_no_harm(small: Path) -> None:
    assert not verify(minutes=1e-9).is_complete
    assert verify().is_complete
    with pytest.raises(UsageError):
        verify(minutes=-1)


DATASET_TABLES = ("datasets", "songs", "clips", "words")


@pytest.mark.parametrize("page", range(1, 31, 3))
def test_a_damaged_catalogue_is_kept_and_built_again(small: Path, _kept: Path, page: int) -> None:
    kept = {table: rows(small, f"SELECT * FROM {table}") for table in DATASET_TABLES}
    change(small, "PRAGMA wal_checkpoint(TRUNCATE)")
    path = small / "catalog.db"
    content = bytearray(path.read_bytes())
    content[page * 4096 : (page + 1) * 4096] = os.urandom(4096)
    path.write_bytes(content)
    if not rescue.damage(path):
        pytest.skip("a page that nothing uses")
    found = verify()
    assert found.rescued is not None
    assert found.rescued.aside is not None
    assert found.rescued.aside.read_bytes() == bytes(content)
    assert {table: rows(small, f"SELECT * FROM {table}") for table in DATASET_TABLES} == kept
    assert (verify().damaged, verify().rescued) == ((), None)
    assert groove("ingest", _kept / "library", "--jobs", "1").exit_code == 0


@pytest.mark.parametrize("content", [None, b"", b"no database" * 1000, "cut"])
def test_a_catalogue_that_is_none_any_more(small: Path, content: bytes | str | None) -> None:
    kept = {table: rows(small, f"SELECT * FROM {table}") for table in DATASET_TABLES}
    n_chunks = len(chunks(small))
    spoil(small, content)
    result = groove("models", "list")  # reads no catalogue
    assert result.exit_code == 0
    answer = groove_json("verify", code=3)
    assert answer["catalogue"]["backup"].endswith(".db")
    assert {table: rows(small, f"SELECT * FROM {table}") for table in DATASET_TABLES} == kept
    assert answer["n_adopted"] == n_chunks
    assert len(chunks(small)) == n_chunks
    assert not verify().rescued


def spoil(home: Path, content: bytes | str | None) -> None:
    """Put something else in the catalogue's place, its own beginning for "cut", or nothing."""
    change(home, "PRAGMA wal_checkpoint(TRUNCATE)")
    path = home / "catalog.db"
    raw = path.read_bytes()[:5000] if content == "cut" else content
    path.unlink()
    if isinstance(raw, bytes):
        path.write_bytes(raw)


@pytest.mark.parametrize("content", [None, b""])
def test_an_empty_catalogue_beside_copies_is_no_new_home(
    small: Path, _kept: Path, content: bytes | None
) -> None:
    songs = rows(small, "SELECT * FROM songs")
    spoil(small, content)
    before = [path.read_bytes() for path in (small / "backups").iterdir()]
    for _ in range(2):  # the first leaves an empty file
        result = groove("ingest", _kept / "library", "--jobs", "1")
        assert (result.exit_code, "`groove verify` restores them" in result.stderr) == (1, True)
    assert [path.read_bytes() for path in (small / "backups").iterdir()] == before
    assert groove("verify").exit_code == 3
    assert groove("ingest", _kept / "library", "--jobs", "1").exit_code == 0
    assert rows(small, "SELECT * FROM songs") == songs


def test_without_copies_an_empty_catalogue_is_a_new_home(small: Path) -> None:
    spoil(small, b"")
    (small / "backups").rename(small / "away")
    assert groove("status").exit_code == 0


@pytest.mark.parametrize("copy", [b"", b"no database" * 1000])
def test_copies_that_cannot_be_read_are_said(small: Path, copy: bytes) -> None:
    spoil(small, None)
    (path,) = (small / "backups").glob("datasets-*.db")
    path.write_bytes(copy)
    result = groove("verify")
    assert result.exit_code == 3
    assert "this copy is damaged, too" in result.stderr
    assert "datasets are lost; `groove ingest MUSIC` makes them again" in result.stderr
    spoil(small, None)
    answer = groove_json("verify", code=3)["catalogue"]
    assert answer["damaged_copies"] == [str(path)]
    assert (answer["datasets_lost"], answer["backup"], answer["kept_as"]) == (True, None, None)


def test_every_command_says_what_helps(small: Path, _kept: Path) -> None:
    (small / "catalog.db").write_bytes(b"no database" * 1000)
    result = groove("ingest", _kept / "library")
    assert result.exit_code == 1
    assert "groove verify" in result.stderr


def test_a_catalogue_of_a_newer_groove_is_left_alone(small: Path) -> None:
    change(small, f"PRAGMA user_version = {len(MIGRATIONS) + 1}", "UPDATE about SET value = '9.1'")
    with pytest.raises(DatasetError, match=r"newer groove \(9\.1\)"):
        verify()
    assert not list(small.glob("catalog-damaged*"))


def test_a_sample_is_analysed_again(small: Path) -> None:
    found = verify(sample=10)
    assert (found.damaged, found.n_checked["songs"], found.n_checked["answers"]) == ((), 10, 5)
    assert found.n_checked["features"] > 0
    assert found.largest_difference == pytest.approx(0, abs=1e-3)


def test_a_vector_that_is_another_one_is_forgotten(small: Path) -> None:
    with Context(jobs=1, device="cpu") as context:
        (model,) = [m for (m,) in context.catalog.rows("SELECT model FROM matrices") if "groove-net" in m]
        answers = context.catalog.answers(
            model, [row[0] for row in context.catalog.rows("SELECT id FROM tracks")]
        )
        wrong = StoredAnswer(answers[next(iter(answers))].vector * 1.5)
        context.catalog.add_answers(model, {next(iter(answers)): wrong})
    (damage,) = verify(sample=10).damaged
    assert (damage.kind, "differs by 33" in damage.why) == ("answer", True)


def test_a_description_that_differs_is_forgotten(small: Path) -> None:
    with Context(jobs=1) as context:
        songs = context.catalog.tracks(Tables(context.catalog, "default").songs())
        tracks = [files[0] for files in songs.values()][:2]
        a, b = describe_all(tracks, context.catalog, jobs=1).songs
        wrong = replace(a.said, brightness_hz=9999.0)
        keep_descriptions(context.catalog, {a.track.id: wrong})
    (damage,) = verify(sample=10).damaged
    assert (damage.kind, damage.name) == ("description", str(a.track.path))
    with Context(jobs=1) as context:
        assert list(known_descriptions(context.catalog, songs)) == [b.track.id]


def test_a_file_with_another_sound_and_the_same_time_is_read_again(
    small: Path, _kept: Path, tmp_path: Path
) -> None:
    song, other = sorted((_kept / "library" / "low").glob("*.wav"))[:2]
    before = song.read_bytes(), song.stat().st_mtime_ns
    try:
        song.write_bytes(other.read_bytes())
        os.utime(song, ns=(before[1], before[1]))
        (damage,) = verify(sample=10).damaged
        assert (damage.kind, damage.name) == ("song", str(song))
    finally:
        song.write_bytes(before[0])
        os.utime(song, ns=(before[1], before[1]))


def test_a_sample_finds_a_damaged_chunk_too(small: Path) -> None:
    chunks(small)[0].write_bytes(b"no chunk")
    kinds = [(damage.kind, damage.name) for damage in verify(sample=10).damaged]
    assert kinds and {kind for kind, _ in kinds} == {"chunk file"}
    assert verify(sample=10).damaged == ()


def test_a_model_whose_songs_can_t_be_read_is_said(small: Path) -> None:
    untrained(small / "models" / "mine" / "model.safetensors", describing("time-cnn", name="mine"))
    (small / "models" / "mine" / "songs.npz").write_text("junk")
    (damage,) = verify().damaged
    assert (damage.kind, damage.name) == ("model", "mine") and "songs.npz" in damage.why


def test_a_model_of_which_a_weight_changed_is_said_and_left(small: Path) -> None:
    stored = untrained(small / "models" / "mine" / "model.safetensors", describing("time-cnn", name="mine"))
    assert verify().n_checked["models"] == 1
    flip(stored.path, 0.9)
    (damage,) = verify().damaged
    assert (damage.kind, damage.name) == ("model", "mine") and "not as they were written" in damage.why
    assert stored.path.exists()


def test_the_vectors_of_an_older_damaged_catalogue_are_kept(tmp_path: Path) -> None:
    path, vector = tmp_path / "catalog.db", np.ones(4, np.float32)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.executescript("".join(MIGRATIONS[:6]))
        db.executemany(
            "INSERT INTO embeddings VALUES (?, 'm-0123456789ab-3', ?, NULL)",
            [(f"{n:032x}", vector.tobytes()) for n in range(3)],
        )
        db.execute("PRAGMA user_version = 6")
    found = rescue.rescue(path, "as an example")
    assert found.n_read["embeddings"] == 3
    with Catalog(path) as catalog:
        answers = catalog.answers("m-0123456789ab-3", [f"{n:032x}" for n in range(3)])
    assert [answer.vector.tolist() for answer in answers.values()] == [[1.0] * 4] * 3


def test_as_json(small: Path) -> None:
    flip(chunks(small)[0])
    result = groove("verify", "--json")
    assert result.exit_code == 3
    answer = json.loads(result.stdout)
    assert [damage["kind"] for damage in answer["damaged"]] == ["chunk file"]
