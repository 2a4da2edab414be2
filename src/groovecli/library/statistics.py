"""Counts of the catalogue, each by one query, however many songs there are; and its failures."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from groovecli.library.catalog import Catalog
from groovecli.library.gone import is_gone
from groovecli.reasons import Problem, stored_problem

MOST_LOOKED_AT = 50_000
"""Files that are looked for on the disk, to count those that are gone."""
_WITH_FILE = "SELECT track FROM files WHERE track IS NOT NULL"


@dataclass(frozen=True)
class LibraryCounts:
    """Files that are known, the songs that they are, and how long these are together (in seconds).

    `n_failed` counts failures by stage and reason.
    """

    n_files: int
    n_songs: int
    duration_s: float
    n_failed: dict[tuple[str, str], int]


@dataclass(frozen=True)
class Failure:
    """A file that failed: in which stage, why, and when (in seconds since 1970; 0 where unknown)."""

    path: Path
    stage: str
    problem: Problem
    at: float

    def to_json(self) -> dict[str, Any]:
        """Plain values, for `--json`."""
        own = {"path": str(self.path), "stage": self.stage, "code": str(self.problem.reason)}
        return {**own, "reason": self.problem.text, "at": self.at}


@dataclass(frozen=True)
class LoggedRun:
    """A command that ran: when it ended (in seconds since 1970), and what it noted."""

    command: str
    at: float
    summary: dict[str, Any]


def library_counts(catalog: Catalog) -> LibraryCounts:
    """How much is known of the user's files."""
    n_files, n_songs = catalog.rows("SELECT count(*), count(DISTINCT track) FROM files")[0]
    (duration_s,) = catalog.rows(f"SELECT total(duration_s) FROM tracks WHERE n IN ({_WITH_FILE})")[0]
    failed = catalog.rows("SELECT stage, code, count(*) FROM failures GROUP BY stage, code")
    return LibraryCounts(n_files, n_songs, duration_s, {(stage, code): n for stage, code, n in failed})


@dataclass(frozen=True)
class AnswerCounts:
    """How many songs have answers of a model: those with a known file, and those without one.

    `n_damaged` songs with a known file count in neither: their vectors lie beyond the end of the file.
    """

    n_songs: int
    n_without_file: int
    n_damaged: int = 0


def answer_counts(catalog: Catalog) -> dict[str, AnswerCounts]:
    """How many songs there are answers of, by what they are kept under.

    A song is without a file where its file holds another one now, or where only its analysis is here.
    """
    found = {}
    for model, number in catalog.rows("SELECT model, n FROM matrices ORDER BY model"):
        counts = catalog.rows(
            "SELECT total(is_there AND is_sound), total(NOT is_there), total(is_there AND NOT is_sound)"
            f" FROM (SELECT track IN ({_WITH_FILE}) AS is_there,"
            " max(place >= 0 AND place < ?) AS is_sound FROM answers WHERE matrix = ? GROUP BY track)",
            catalog.n_rows(model),
            number,
        )[0]
        if any(counts):
            found[model] = AnswerCounts(*map(int, counts))
    return found


def n_gone(catalog: Catalog) -> int | None:
    """How many known files are not there now; None where there are too many to look at each.

    Those that the system refuses to look at count as there.
    """
    (n_files,) = catalog.rows("SELECT count(*) FROM files")[0]
    if n_files > MOST_LOOKED_AT:
        return None
    return sum(is_gone(Path(os.fsdecode(raw))) for (raw,) in catalog.each("SELECT path FROM files"))


def without_answer(catalog: Catalog, model: str, n: int) -> list[Path]:
    """Files of the first n songs that have none of a model's answers, by path."""
    rows = catalog.rows(
        "SELECT min(path) AS first FROM files WHERE track IS NOT NULL AND track NOT IN (SELECT track FROM"
        " answers JOIN matrices ON matrix = n WHERE model = ? AND place >= 0 AND place < ?)"
        " GROUP BY track ORDER BY first LIMIT ?",
        model,
        catalog.n_rows(model),
        n,
    )
    return [Path(os.fsdecode(raw)) for (raw,) in rows]


def last_runs(catalog: Catalog, n_runs: int) -> list[LoggedRun]:
    """The latest commands that were logged, the last one first, whatever the clock said."""
    rows = catalog.rows("SELECT command, started, summary FROM runs ORDER BY id DESC LIMIT ?", n_runs)
    return [LoggedRun(command, at, json.loads(summary)) for command, at, summary in rows]


def failures(catalog: Catalog, below: Sequence[Path] = ()) -> Iterator[Failure]:
    """Files that failed, of all or of those at or below some paths, by path; only faults of theirs."""
    condition, values = _below(below)
    query = f"SELECT path, stage, code, detail, at FROM failures WHERE {condition} ORDER BY path, stage"
    for path, stage, code, detail, at in catalog.rows(query, *values):
        problem = stored_problem(code or "", detail)
        if problem.reason.is_fault:
            yield Failure(Path(os.fsdecode(path)), stage, problem, at or 0.0)


def forget_failures(catalog: Catalog, below: Sequence[Path] = ()) -> int:
    """Forget that files failed, all or those at or below some paths, so that they are tried again."""
    condition, values = _below(below)
    with catalog.transaction() as db:
        return db.execute(f"DELETE FROM failures WHERE {condition}", values).rowcount


def _below(paths: Sequence[Path], column: str = "path") -> tuple[str, tuple[bytes, ...]]:
    """A condition on a path in the catalogue, with its values."""
    if not paths:
        return "1", ()
    raw = [os.fsencode(path.absolute()).rstrip(b"/") for path in paths]
    condition = " OR ".join([f"{column} = ? OR ({column} > ? AND {column} < ?)"] * len(raw))
    return f"({condition})", tuple(value for path in raw for value in (path, path + b"/", path + b"0"))


def tracks_below(catalog: Catalog, paths: Sequence[Path]) -> list[str]:
    """Ids of the tracks with a file at or below some paths; of all files without paths."""
    condition, values = _below(paths)
    return [
        track
        for (track,) in catalog.rows(
            f"SELECT DISTINCT id FROM files JOIN tracks ON track = n WHERE {condition}", *values
        )
    ]
