"""Reports of made-up libraries with the worst names, for tests with and without a browser."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from groovecli.actions.report.holdings import by_year, in_order, named, on_scale
from groovecli.evaluation.health.measure import Listed, Songs, health
from groovecli.library.tracks import Rejected
from groovecli.reasons import Reason
from groovecli.reports.overview.content import Missing, Named, Overview
from groovecli.reports.overview.page import write_overview
from groovecli.reports.web.frame import Foot
from tests.conftest import write_song
from tests.pages import HOSTILE, NAMES


def overview(folder: Path, n: int = 120, n_genres: int = 60) -> Overview:
    """A library of songs with all names; the first files are there to be played."""
    rng = np.random.default_rng(0)
    names = [NAMES[i] if i < len(NAMES) else f"kind {i}" for i in range(n_genres)]
    of = np.arange(n) // 2 % n_genres
    rows = rng.normal(size=(n, 8)) + 3 * rng.normal(size=(n_genres, 8))[of]
    genres = tuple(names[each] for each in of)
    labels = {"folders": genres, HOSTILE: genres}
    songs = Songs(rows.astype(np.float32), "cosine", np.arange(n, dtype=np.intp) // 3, genres, labels)
    measured = health(songs, n)
    paths = [folder / "music" / f"{i:03}.wav" for i in range(n)]
    for path in paths[:2]:
        write_song(path, 1.0, sr=8000)
    held = (
        named("genres", "genre", genres, unknown="no genre"),
        on_scale("tempo", "tempo", rng.normal(120, 20, n).tolist(), range(50, 210, 10), "BPM"),
        in_order("keys", "key", ["A minor", None] * (n // 2), ("C major", "A minor"), unknown="no key"),
        by_year([*range(1950, 1950 + n), None]),
        named("formats", "format", ["MP3"] * n, of="file"),
    )

    def called(listed: Listed) -> Named:
        near = listed.song if listed.nearest is None else listed.nearest
        return Named(listed, NAMES[listed.song % 9], paths[listed.song % 4], (NAMES[near % 9], paths[near]))

    lists = measured.hubs
    return Overview(
        title=f"Songs {HOSTILE}",
        model="net",
        library=folder / "music",
        n_songs=n,
        n_files=n,
        n_described=n // 2,
        duration_s=200.0 * n,
        health=measured,
        hubs=tuple(map(called, lists.hubs if lists else ())),
        orphans=tuple(map(called, lists.orphans if lists else ())),
        held=tuple(each for each in held if each is not None),
        missing=(Missing("can't be read", "failed", 2),),
        failed=tuple(Rejected(folder / "music" / name, Reason.UNDECODABLE, HOSTILE) for name in NAMES[:7]),
        notes=(HOSTILE,),
    )


def write(folder: Path, n: int = 120, n_genres: int = 60) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "report.html"
    write_overview(path, overview(folder, n, n_genres), Foot("groove report", seed=0))
    return path


def nothing_known(made: Overview) -> Overview:
    """The same library, of which only the number of songs is known."""
    empty = replace(made.health, precision=None, hubs=None, agreement={}, stability=None)
    return replace(
        made,
        n_described=made.n_songs,
        health=empty,
        hubs=(),
        orphans=(),
        held=(),
        missing=(),
        failed=(),
        notes=(),
    )
