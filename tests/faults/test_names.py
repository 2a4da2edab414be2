"""A library with every kind of name goes through every command, for people and as JSON."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from groovecli.errors import ExitCode
from tests.faults.world import Ran, Warm
from tests.messy import GENRES, NAMES, digest, messy, read_only

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork"),
]

LOOP, LINE_BREAKS = 1, 2  # files that can't be read, and songs that no playlist can name
MODEL = ("--model", "m", "--places", "1")


@pytest.fixture(scope="module")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warm]:
    """A world with the library, read-only, whose songs are ingested and learnt."""
    folder = tmp_path_factory.mktemp("names") / "world"
    folder.mkdir()
    library, more = messy(folder)
    before = digest(library, more)
    made = Warm(folder)
    with read_only(library, more):
        assert run(made, "ingest", library.name, *INGEST).code == ExitCode.PARTIAL
        assert run(made, "train", "--network", "two-layer", "--epochs", "1", "--name", "m").code == 0
        yield made
    made.close()
    assert digest(library, more) == before


INGEST = ("--clip-seconds", "3", "--clips-per-song", "1", "--feature", "wave-pooled", "--yes")
MUSIC = "Music {0} [x]"


def run(warm: Warm, *arguments: str) -> Ran:
    ran = warm.run(*arguments)
    assert "Traceback" not in ran.text and "fault in groove" not in ran.text, ran.text
    return ran


def both(warm: Warm, *arguments: str, code: int = 0) -> Any:
    """The JSON of a command, which a person can ask for, too."""
    shown = run(warm, *arguments)
    assert shown.code == code, shown.text
    assert "\x1b" not in shown.text
    told = warm.run(*arguments, "--json", "--quiet")
    assert told.code == code, told.text
    return json.loads(told.text[told.text.index("{") :])


def test_ingest_takes_every_name_once(warm: Warm) -> None:
    answer = both(warm, "ingest", MUSIC, *INGEST, code=ExitCode.PARTIAL)
    assert sum(sum(genre["songs"].values()) for genre in answer["genres"].values()) == len(NAMES)
    assert [item["code"] for item in answer["skipped"]] == ["unreadable"] * LOOP
    assert len(answer["passed_over"]["links"]) == 3
    assert answer["unreachable"] == answer["changed"] == []


def test_evaluate_compare_and_leakage(warm: Warm) -> None:
    assert both(warm, "evaluate", "m", "--report", "a [b] {c}")["unreachable"] == []
    page = (warm.folder / "a [b] {c}" / "index.html").read_text("utf-8")
    assert "<b>bold" not in page
    both(warm, "compare", "--network", "two-layer", "--epochs", "1")
    both(warm, "leakage", "--network", "two-layer", "--minutes", "0.001")


def test_classify_names_each_file(warm: Warm) -> None:
    answer = both(warm, "classify", MUSIC, *MODEL, code=ExitCode.PARTIAL)
    assert {Path(song["path"]).stem for song in answer["results"]} == set(NAMES)
    one = "./" + os.path.relpath(next((warm.folder / MUSIC).rglob("-rf.wav")), warm.folder)
    assert len(both(warm, "classify", one, *MODEL)["results"]) == 1


@pytest.mark.parametrize("ending", ["csv", "npz", "parquet"])
def test_embed_keeps_every_name(warm: Warm, ending: str) -> None:
    out = warm.folder / f"vectors [x].{ending}"
    answer = both(warm, "embed", MUSIC, *MODEL, "--out", out.name, code=ExitCode.PARTIAL)
    assert answer["songs"] == len(NAMES)
    if ending == "csv":
        with out.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
            names = {Path(row["path"]).stem for row in csv.DictReader(file)}
    elif ending == "npz":
        names = {Path(path).stem for path in np.load(out)["paths"]}
    else:
        parquet = pytest.importorskip("pyarrow.parquet")
        found = parquet.read_table(out)["path"].to_pylist()
        assert len(set(found)) == len(NAMES)
        return
    assert names == set(NAMES)


def test_cluster_writes_every_name_but_line_breaks(warm: Warm) -> None:
    answer = both(
        warm, "cluster", MUSIC, *MODEL, "--min-songs", "2", "--out", "lists", code=ExitCode.PARTIAL
    )
    assert len(answer["failed"]) == LOOP + LINE_BREAKS
    listed = set()
    for path in (warm.folder / "lists").glob("*.m3u8"):
        lines = path.read_bytes().splitlines()
        listed |= {
            os.path.normpath(os.path.join(os.fsencode(path.parent), line))
            for line in lines
            if line[:1] != b"#"
        }
    assert all(os.path.exists(song) for song in listed)
    assert len(listed) == len(NAMES) - answer["left_out"]


def test_genres_come_and_go(warm: Warm) -> None:
    new = GENRES[-1]
    answer = both(warm, "add-genre", new, new, "--feature", "wave-pooled")
    (name,) = [genre for genre in answer["ingest"]["genres"] if "wave" in genre]
    both(warm, "add-genre", f"{new} 2", new, "--train", "--model", "m", "--dry-run", code=3)
    shown = run(warm, "remove-genre", "--yes", "--", name)
    assert shown.code == 0, shown.text
    told = warm.run("remove-genre", "--yes", "--json", "--", "-dash")
    assert told.code == 0 and "-dash" not in json.loads(told.text)["left"]
