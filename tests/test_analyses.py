"""Analyses between machines: all that went out comes in, once, and a hostile file does no harm."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from groovecli.actions.analyses import export, merge
from groovecli.actions.context import Context
from groovecli.datasets.tables import Tables
from groovecli.describe.description import Key, SongDescription, Tempo
from groovecli.describe.rows import keep_descriptions, known_descriptions
from groovecli.errors import DatasetError, Interrupted, StorageError
from groovecli.home import Home
from groovecli.library.answers import StoredAnswer
from tests.cli.conftest import groove, groove_json
from tests.small import Stopper, world

MODEL = "some-0123456789ab-3"
OF_LYRICS = "lyrical-0123456789ab-3-joined"


@pytest.fixture(scope="module")
def _kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with world(tmp_path_factory.mktemp("analyses"), n_songs=5) as made:
        made.ingest()
        rng = np.random.default_rng(0)
        ids = sorted(Tables(made.catalog, "default").songs())
        for model, words in ((MODEL, ""), (OF_LYRICS, "0123456789abcdef")):
            shares = rng.dirichlet([1, 1, 1], len(ids)) if words else [None] * len(ids)
            vectors = rng.normal(size=(len(ids), 8)).astype(np.float32) * 1e4
            answers = {key: StoredAnswer(*each) for key, *each in zip(ids, vectors, shares, strict=True)}
            made.catalog.add_answers(model, answers, words=words)
        made.catalog.add_prints("some", {key: np.arange(n, dtype=np.uint32) for n, key in enumerate(ids)})
        said = [
            SongDescription(Tempo(100.5, course="drifting"), Key(n, n > 5, 0.5), measured_s=200)
            for n in range(len(ids))
        ]
        keep_descriptions(made.catalog, dict(zip(ids, said, strict=True)))
        with made.at_home():
            export.run(export.ExportRequest(made.root / "a.zip"), made.context())
        yield made.root


@pytest.fixture
def theirs(_kept: Path) -> Path:
    """A file of the analyses of ten songs."""
    return _kept / "a.zip"


def take(path: Path, home: Path | None = None, **changes: Any) -> merge.Imported:
    with Context(Home(home) if home else Home.default(), **changes) as context:
        return merge.run(merge.ImportRequest(path), context)


def content(home: Path) -> dict[str, Any]:
    """What the other machine must have, too, as plain values."""
    with Context(Home(home)) as context:
        catalog, tables = context.catalog, Tables(context.catalog, "default")
        ids = [row[0] for row in catalog.rows("SELECT id FROM tracks ORDER BY id")]
        answers = {
            model: {
                track: (
                    answer.vector.tolist(),
                    None if answer.probabilities is None else answer.probabilities.tolist(),
                )
                for track, answer in catalog.answers(model, ids, words=words).items()
            }
            for model, words in ((MODEL, ""), (OF_LYRICS, "0123456789abcdef"))
        }
        features = {}
        from groovecli.datasets.chunks import read_chunk

        for key in tables.cached_features():
            for clip, place in tables.places(key).items():
                features[key, clip] = (
                    read_chunk(home / "datasets/default" / place.chunk).features[place.row].tobytes()
                )
        return {
            "tracks": catalog.rows("SELECT id, duration_s FROM tracks ORDER BY id"),
            "answers": answers,
            "descriptions": known_descriptions(catalog, ids),
            "prints": {key: words.tolist() for key, words in catalog.prints("some", ids).items()},
            "dataset": (tables.settings(), tables.songs(), tables.clips()),
            "features": features,
        }


def test_all_that_went_out_comes_in(_kept: Path, theirs: Path, home: Path) -> None:
    done = take(theirs)
    assert done.n_new == done.n_in_file
    assert content(home) == content(_kept / "home")
    assert not groove_json("verify")["damaged"]


def test_what_came_is_not_analysed_again(_kept: Path, theirs: Path, home: Path) -> None:
    take(theirs)
    answer = groove_json("ingest", _kept / "library", "--jobs", "1")
    assert answer["new_clips"] == 0


def test_a_second_time_changes_nothing(theirs: Path, home: Path) -> None:
    take(theirs)
    before = content(home)
    done = take(theirs)
    assert (sum(done.n_new.values()), done.n_conflicts) == (0, {})
    assert content(home) == before


def test_no_path_and_no_tag_is_in_the_file(_kept: Path, theirs: Path) -> None:
    raw = theirs.read_bytes()
    assert str(_kept).encode() not in raw
    assert b".wav" not in raw


def test_the_same_analyses_give_the_same_file(_kept: Path, theirs: Path, tmp_path: Path) -> None:
    with Context(Home(_kept / "home")) as context:
        export.run(export.ExportRequest(tmp_path / "b.zip"), context)
    assert (tmp_path / "b.zip").read_bytes() == theirs.read_bytes()


def test_without_features(_kept: Path, tmp_path: Path, theirs: Path) -> None:
    shutil.copytree(_kept / "home", tmp_path / "h")
    with Context(Home(tmp_path / "h")) as context:
        done = export.run(export.ExportRequest(tmp_path / "b.zip", features=False), context)
    assert "features" not in done.n
    assert done.n_bytes < theirs.stat().st_size / 2


def test_what_is_here_stays_and_conflicts_are_said(_kept: Path, theirs: Path, home: Path) -> None:
    shutil.copytree(_kept / "home", home)
    with Context() as context:
        (song,) = list(Tables(context.catalog, "default").songs())[:1]
        context.catalog.add_answers(MODEL, {song: StoredAnswer(np.ones(8, np.float32))})
        context.catalog.add_prints("some", {song: np.array([9], np.uint32)})
        keep_descriptions(context.catalog, {song: SongDescription(Tempo(50.0))})
    before = content(home)
    result = groove("analyses", "import", theirs)
    assert result.exit_code == 3
    assert "1 differ from yours" in result.stderr
    assert content(home) == before


def test_a_dataset_with_other_settings_gets_features_alone(_kept: Path, theirs: Path, home: Path) -> None:
    shutil.copytree(_kept / "home", home)
    with closing(sqlite3.connect(home / "catalog.db", isolation_level=None)) as db:
        changed = json.loads(db.execute("SELECT settings FROM datasets").fetchone()[0]) | {
            "test_share": 0.3
        }
        db.execute("UPDATE datasets SET settings = ?", (json.dumps(changed),))
        db.execute("DELETE FROM chunk_rows")
    done = take(theirs)
    assert (done.n_conflicts, done.n_new["songs"]) == ({"datasets": 1}, 0)
    assert done.n_new["features"] == done.n_in_file["features"]


@pytest.mark.parametrize("at", [0, 1, 3, 7, 12])
def test_stopped_anywhere_the_same_again_goes_on(_kept: Path, theirs: Path, home: Path, at: int) -> None:
    with suppress(Interrupted):
        take(theirs, monitor=Stopper("import", at))
    take(theirs)
    assert content(home) == content(_kept / "home")


def test_damaged_chunks_and_vectors_do_not_go_out(_kept: Path, home: Path, tmp_path: Path) -> None:
    shutil.copytree(_kept / "home", home)
    next((home / "datasets").rglob("*.pkl")).write_bytes(b"none")
    matrix = home / "embeddings" / f"{MODEL}.f16"
    matrix.write_bytes(b"\1" + matrix.read_bytes()[1:])
    result = groove("analyses", "export", tmp_path / "b.zip")
    assert result.exit_code == 3
    assert "1 vector" in result.stderr
    assert ".pkl" in result.stderr
    assert take(tmp_path / "b.zip", tmp_path / "other").n_new["answers"] == 19


def test_an_export_that_cannot_be_written_begins_nothing(_kept: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with Context(Home(_kept / "home")) as context, pytest.raises(StorageError):
        export.run(export.ExportRequest(tmp_path / "file" / "b.zip"), context)
    with (
        Context(Home(_kept / "home"), monitor=Stopper("features", 1)) as context,
        pytest.raises(Interrupted),
    ):
        export.run(export.ExportRequest(tmp_path / "b.zip"), context)
    assert not (tmp_path / "b.zip").exists()


# Hostile files


def rebuilt(
    path: Path, change: Callable[[dict[str, Any], dict[str, bytes]], None], to: Path, **options: Any
) -> Path:
    """The same file with its manifest or its members changed, and checksums that fit."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(members.pop("manifest.json"))
    change(manifest, members)
    for name, data in members.items():
        if name in manifest["members"]:
            manifest["members"][name] = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    with zipfile.ZipFile(to, "w", **options) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
        archive.writestr("manifest.json", json.dumps(manifest))
    return to


def first(manifest: dict[str, Any], kind: str) -> dict[str, Any]:
    return next(part for part in manifest["parts"] if part["kind"] == kind)


def set_part(kind: str, /, **values: Any) -> Callable[[dict[str, Any], dict[str, bytes]], None]:
    return lambda manifest, _: first(manifest, kind).update(values)


def set_member(kind: str, field: str, data: Callable[[bytes], bytes]) -> Callable[..., None]:
    def change(manifest: dict[str, Any], members: dict[str, bytes]) -> None:
        name = first(manifest, kind)[field]
        members[name] = data(members[name])

    return change


def genre(escaped: str) -> Callable[[bytes], bytes]:
    return lambda data: data.replace(b'"low"', f'"{escaped}"'.encode())


def first_row(field: int, value: object) -> Callable[[bytes], bytes]:
    def change(data: bytes) -> bytes:
        rows = json.loads(data)
        rows[0][field] = value
        return json.dumps(rows).encode()

    return change


def bad_setting(**values: Any) -> Callable[[dict[str, Any], dict[str, bytes]], None]:
    return lambda manifest, _: first(manifest, "datasets")["settings"].update(values)


HOSTILE: dict[str, Callable[..., None]] = {
    "another format": lambda manifest, _: manifest.update(format="other"),
    "no schema": lambda manifest, _: manifest.pop("schema"),
    "a schema of words": lambda manifest, _: manifest.update(schema="1"),
    "parts that are none": lambda manifest, _: manifest.update(parts=["x"]),
    "an unknown kind": set_part("answers", kind="code"),
    "a kind that is a list": set_part("answers", kind=["x"]),
    "a size below zero": set_part("answers", n=-1),
    "a size of words": set_part("answers", n="10"),
    "a huge size": set_part("answers", n=1 << 62),
    "a huge dimension": set_part("answers", dim=1 << 40),
    "a model that is a path": set_part("answers", model="../../evil-0123456789ab-3"),
    "a model that is none": set_part("answers", model=7),
    "words that are none": set_part("answers", words="x' OR 1"),
    "vectors that are not finite": set_member("answers", "vectors", lambda data: b"\xff" * len(data)),
    "vectors of another size": set_member("answers", "vectors", lambda data: data[:-4]),
    "ids that are none": set_member("answers", "ids", lambda data: b"/" * len(data)),
    "ids that are not letters": set_member("tracks", "ids", lambda data: b"\xff" * len(data)),
    "a member that is not there": set_part("answers", vectors="none"),
    "another part's member": lambda manifest, _: first(manifest, "answers").update(
        vectors=first(manifest, "tracks")["ids"]
    ),
    "descriptions of no version": set_part("descriptions", version="1"),
    "descriptions of a version below zero": set_part("descriptions", version=-1),
    "descriptions that are endless": set_member(
        "descriptions", "values", lambda data: np.full(len(data) // 8, np.inf).tobytes()
    ),
    "descriptions that are minus one": set_member(
        "descriptions", "values", lambda data: np.full(len(data) // 8, -1.0).tobytes()
    ),
    "descriptions of nothing": set_member(
        "descriptions", "values", lambda data: np.full(len(data) // 8, np.nan).tobytes()
    ),
    "descriptions of another size": set_member("descriptions", "values", lambda data: data[:-8]),
    "prints of other lengths": set_member("prints", "lengths", lambda data: b"\xff" * len(data)),
    "prints of a strange kind": set_part("prints", of="\0" * 5),
    "a dataset that is a path": set_part("datasets", name="../x"),
    "settings that are none": set_part("datasets", settings={"a": 1}),
    "settings that are a list": set_part("datasets", settings=[1]),
    "settings of another kind": bad_setting(source="http://x"),
    "settings out of range": bad_setting(clip_s=1e308),
    "settings that are not finite": bad_setting(clip_s=float("nan")),
    "settings with words for a count": bad_setting(clips_per_genre="\udcff"),
    "songs that are no table": set_member("songs", "rows", lambda _: b'{"a": 1}'),
    "songs that are nested": set_member("songs", "rows", lambda _: b"[" * 100_000),
    "songs on no side": set_member("songs", "rows", lambda data: data.replace(b'"train"', b'"trial"')),
    "songs of half a character": set_member("songs", "rows", genre("\\ud800")),
    "songs with control characters": set_member("songs", "rows", genre("a\\n\\u001b[31m")),
    "songs of no dataset": lambda manifest, _: first(manifest, "songs").pop("dataset"),
    "songs of a list": set_part("songs", dataset=["x"]),
    "songs of a dataset that is a path": set_part("songs", dataset="../x"),
    "clips of no dataset": lambda manifest, _: first(manifest, "clips").pop("dataset"),
    "clips of no song": set_member("clips", "rows", first_row(0, "0" * 32)),
    "clips of another dataset's songs": set_part("clips", dataset="other"),
    "clips with half a character": set_member("clips", "rows", first_row(5, "\udcff")),
    "clips for a reason that is half a character": set_member("clips", "rows", first_row(4, "\udcff")),
    "clips that are no table": set_member("clips", "rows", lambda _: b"[[1]]"),
    "clips nowhere": set_member("clips", "rows", lambda data: data.replace(b"0.", b"-0.1")),
    "features of objects": set_part("features", dtype="O"),
    "features of a strange shape": set_part("features", shape=[-1, 5]),
    "features of a huge shape": set_part("features", shape=[1 << 40, 1 << 40]),
    "features that are a path": set_part("features", feature="../../x"),
    "features of nobody": set_part("features", ids="none"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_or_harmless(theirs: Path, home: Path, tmp_path: Path, name: str) -> None:
    path = rebuilt(theirs, HOSTILE[name], tmp_path / "bad.zip")
    before = {each for each in tmp_path.rglob("*") if home not in each.parents}
    try:
        take(path)
    except DatasetError as error:
        assert "can't be imported" in error.what
        assert not home.exists()  # refused as a whole
    else:
        assert name in (
            "features that are a path",
            "another part's member",
        )  # nobody lacks such, and numbers
    assert {each for each in tmp_path.rglob("*") if home not in each.parents} <= before | {home}
    names = {each.relative_to(home).parts[0] for each in home.rglob("*") if each.is_file()}
    assert names <= {"catalog.db", "catalog.db-wal", "catalog.db-shm", "embeddings", "datasets", "backups"}


def test_a_file_that_is_compressed_or_not_what_it_lists(theirs: Path, home: Path, tmp_path: Path) -> None:
    def extra(_: dict[str, Any], members: dict[str, bytes]) -> None:
        members["more"] = b"x"

    bomb = rebuilt(theirs, lambda *_: None, tmp_path / "a.zip", compression=zipfile.ZIP_DEFLATED)
    more = rebuilt(theirs, extra, tmp_path / "b.zip")
    for path in (bomb, more):
        with pytest.raises(DatasetError, match="its members"):
            take(path)
    assert not (home / "catalog.db").exists()


def test_a_file_of_a_newer_groove_says_which(theirs: Path, home: Path, tmp_path: Path) -> None:
    path = rebuilt(theirs, lambda manifest, _: manifest.update(schema=2, groove="9.1"), tmp_path / "a.zip")
    result = groove("analyses", "import", path)
    assert result.exit_code == 1
    assert "newer groove (9.1)" in result.stderr


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_file_that_is_damaged_or_cut_changes_nothing(
    theirs: Path, home: Path, tmp_path: Path, data: st.DataObject
) -> None:
    raw = bytearray(theirs.read_bytes())
    if data.draw(st.booleans()):
        del raw[data.draw(st.integers(0, len(raw) - 1)) :]
    else:
        raw[data.draw(st.integers(0, len(raw) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    path = tmp_path / "bad.zip"
    path.write_bytes(raw)
    try:
        take(path)
    except DatasetError:
        assert not (home / "catalog.db").exists()
    else:  # a bit that zip doesn't look at, such as a date
        shutil.rmtree(home)


@pytest.mark.parametrize("raw", [b"", b"no zip", b"PK\5\6" + b"\0" * 18])
def test_a_file_that_is_none(home: Path, tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "none.zip").write_bytes(raw)
    result = groove("analyses", "import", tmp_path / "none.zip", "--json")
    assert result.exit_code == 1
    assert "groove analyses export" in json.loads(result.stdout)["error"]["hint"]
    assert groove("analyses", "import", tmp_path / "missing.zip").exit_code in (1, 2)


def test_dry_run_verifies_and_changes_nothing(theirs: Path, home: Path) -> None:
    answer = groove_json("analyses", "import", theirs, "--dry-run")
    assert answer["in_file"]["answers"] == 20
    assert not (home / "catalog.db").exists()
    assert "nothing was changed" in groove("analyses", "import", theirs, "--dry-run").stdout


def test_alone_it_shows_its_commands() -> None:
    assert "export" in groove("analyses").stdout
