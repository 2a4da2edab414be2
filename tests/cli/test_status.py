"""What is there, in counts: right in small, and what failed is listed and tried again."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from groovecli.actions.context import Context
from groovecli.cli.views.status import moment
from groovecli.datasets.tables import Tables
from groovecli.library.answers import StoredAnswer
from groovecli.library.forget import add_tracks, forget_files
from groovecli.library.tracks import FileState, Rejected
from groovecli.models.file import model_id
from groovecli.models.ids import models_here
from groovecli.models.shelf import Shelf, shipped_models
from groovecli.reasons import Problem, Reason
from tests.cli.conftest import groove, groove_json
from tests.small import describing, untrained, world


@pytest.fixture(scope="module")
def _kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with world(tmp_path_factory.mktemp("status"), n_songs=5) as made:
        (made.library / "low" / "empty.mp3").touch()
        made.ingest()
        yield made.root


@pytest.fixture
def small(_kept: Path, home: Path) -> Iterator[Path]:
    """A home with a dataset of ten songs and one empty file, as GROOVE_HOME."""
    shutil.copytree(_kept / "home", home)
    yield home


def test_a_new_home(home: Path) -> None:
    answer = groove_json("status")
    assert (answer["songs"], answer["files"], answer["datasets"], answer["runs"]) == (0, 0, [], [])
    assert [(each["model"], each["use"]) for each in answer["models"]] == [("groove-net", "in use")]
    assert "0 in 0 files" in groove("status").stdout


def test_counts_are_those_of_the_library(small: Path) -> None:
    answer = groove_json("status")
    assert (answer["songs"], answer["files"], answer["duration_s"]) == (10, 10, pytest.approx(120))
    assert answer["failed"] == [{"stage": "read", "code": "empty", "n": 1}]
    (dataset,) = answer["datasets"]
    with Context() as context:
        tables = Tables(context.catalog, "default")
        n_clips, chunks = len(tables.clips()), tables.chunks()
    assert (dataset["n_songs"], dataset["n_clips"], dataset["features"][0]["n_missing"]) == (10, n_clips, 0)
    assert dataset["bytes"] == sum((small / "datasets" / "default" / c).stat().st_size for c in chunks)
    assert answer["runs"][0]["command"] == "ingest"
    assert "default" in groove("status").stdout


def test_files_that_are_gone_are_counted_with_the_command(small: Path, _kept: Path) -> None:
    library = _kept / "library"
    assert groove_json("status")["gone"] == 0 and "not there" not in groove("status").stdout
    (library / "low").rename(library / "renamed")
    try:
        assert groove_json("status")["gone"] == 5
        said = groove("status").stdout
    finally:
        (library / "renamed").rename(library / "low")
    assert "5 files not there now; `groove clean --missing` lists them" in said


def test_songs_without_an_analysis_are_named(small: Path, _kept: Path) -> None:
    with Context() as context:
        (key,) = [f"{each.id}-3" for each in models_here(context.home) if each.name == "groove-net"]
        rows = context.catalog.rows("SELECT id FROM tracks JOIN files ON track = n ORDER BY path")
        ids = [track_id for (track_id,) in rows]
        answer = StoredAnswer(np.ones(4, np.float32), None)
        context.catalog.add_answers(key, dict.fromkeys(ids[1:], answer))
        (first,) = context.catalog.rows("SELECT min(path) FROM files WHERE track IS NOT NULL")[0]
    (model,) = groove_json("status")["models"]
    assert (model["n_missing"], model["missing"]) == (1, [os.fsdecode(first)])
    assert f"groove-net has no analysis of {os.fsdecode(first)}" in groove("--wide", "status").stderr


def test_missing_features_are_counted(small: Path) -> None:
    with Context() as context:
        tables = Tables(context.catalog, "default")
        chunk = sorted(tables.chunks())[0]
        n_lost = len(
            [place for place in tables.places(tables.cached_features()[0]).values() if place.chunk == chunk]
        )
        tables.forget_chunks([chunk])
    assert groove_json("status")["datasets"][0]["features"][0]["n_missing"] == n_lost > 0


def test_models_without_pytorch_are_the_shelfs(home: Path) -> None:
    for name in ("a", "b"):
        untrained(home / "models" / name / "model.safetensors", describing(name=name))
    (home / "models" / "bad").mkdir()
    (home / "models" / "bad" / "model.safetensors").write_bytes(b"\xff" * 100)
    shelf = Shelf(Context().home)
    expected = {model_id(model) for model in [*shelf.trained(), *shipped_models()]}
    assert {each.id for each in models_here(shelf.home)} == expected
    assert [each.name for each in models_here(shelf.home) if each.is_in_use] == ["groove-net"]
    shelf.use("a", ("embed",), force=True)
    assert {each.name for each in models_here(shelf.home) if each.is_in_use} == {"a", "groove-net"}


def test_answers_count_by_the_songs_that_have_a_file(small: Path) -> None:
    """One song of the library was replaced, and an analysis came from another machine."""
    with Context() as context:
        known = sorted(Tables(context.catalog, "default").songs())
        forget_files(context.catalog, [context.catalog.tracks(known[:1])[known[0]][0].path])
        add_tracks(context.catalog, [("f" * 32, 1000.0)])
        answers = {song: StoredAnswer(np.ones(4, np.float32)) for song in [*known[:4], "f" * 32]}
        context.catalog.add_answers("gone-0123456789ab-3", answers)
    found = groove_json("status")
    counts = {each["model"]: each for each in found["models"]}["gone-0123456789ab-3"]
    assert (found["songs"], found["duration_s"]) == (9, pytest.approx(108))
    assert (counts["n_songs"], counts["n_missing"], counts["n_without_file"]) == (3, 6, 2)
    assert "analyses of 2 songs besides, of which groove knows no file" in groove("status").stderr


def test_failures_are_listed_and_tried_again(small: Path, _kept: Path) -> None:
    answer = groove_json("status", "--failed")
    (failure,) = answer["failures"]
    assert (Path(failure["path"]).name, failure["stage"], failure["reason"]) == (
        "empty.mp3",
        "read",
        "is empty (0 bytes)",
    )
    assert abs(failure["at"] - time.time()) < 600
    assert not groove_json("status", "--failed", _kept / "library" / "high")["failures"]
    assert groove_json("status", "--retry", _kept / "library" / "low")["forgotten"]
    assert groove_json("status", "--failed")["n"] == 0


def test_clips_that_failed_are_files_that_failed(small: Path) -> None:
    with Context() as context:
        tables = Tables(context.catalog, "default")
        first, second = [item.clip for item in tables.clips() if item.clip.index == 0][:2]
        tables.mark_clips(
            {first: Problem(Reason.UNDECODABLE, "it is damaged"), second: Problem(Reason.SILENT)}
        )
        path = context.catalog.tracks([first.track_id])[first.track_id][0].path
    result = groove("status", "--failed", path)
    assert f"{path}: cannot be decoded: it is damaged (cut)" in result.stdout
    assert groove("status", "--retry").exit_code == 0
    with Context() as context:
        left = [item.problem for item in Tables(context.catalog, "default").clips() if item.problem]
    assert left == [Problem(Reason.SILENT)]


def test_paths_are_bytes_and_folders_end_at_a_slash(home: Path) -> None:
    names = [b"/m/a", b"/m/a/x\xff.mp3", b"/m/a\n.mp3", b"/m/ab/y.mp3", b"/m/a/-[b]*.mp3"]
    paths = [Path(os.fsdecode(name)) for name in names]
    with Context() as context:
        failed = [Rejected(path, Reason.EMPTY, state=FileState(0, 1)) for path in paths]
        context.catalog.add_failures("listen", failed)
    assert groove_json("status", "--failed", "/m/a")["n"] == 3
    assert groove_json("status", "--retry", "/m/a/")["n"] == 3
    assert groove("status", "--failed").stdout.count("is empty") == 2


def test_a_path_alone_is_a_question_too_many(home: Path) -> None:
    assert groove("status", "/m").exit_code == 2


def test_times_of_a_clock_that_went_backwards(small: Path) -> None:
    with closing(sqlite3.connect(small / "catalog.db", isolation_level=None)) as db:
        db.execute("UPDATE runs SET started = ?", (time.time() + 10**7,))
    assert "the clock was changed" in groove("status").stdout
    assert moment(0) == moment(1e20) == "unknown"
