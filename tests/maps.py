"""Maps of made-up songs with the worst names, for tests with and without a browser."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from groovecli.reports.map.content import Area, Column, Content
from groovecli.reports.map.page import write_map
from groovecli.reports.web.frame import Foot
from tests.conftest import write_song
from tests.pages import NAMES

SQUARE = np.array([[-2, -2], [2, -2], [2, 2], [-2, 2]])
UNSEEN = "Don\u00e2\u0080\u0099t \x85\x7f\uffff.wav"
GENRES = tuple(f"kind-{number:02}" for number in range(60))


def column(key: str, values: list[str], *, is_ordered: bool = False) -> Column:
    labels = sorted(set(values) - {""})
    of = [labels.index(value) + 1 if value else 0 for value in values]
    return Column(key, key, tuple(labels), np.array(of, np.int64), is_ordered)


def content(folder: Path, n: int = 60, n_genres: int = 12) -> Content:
    """Songs of `n_genres` in as many heaps; the first files are there to be played."""
    rng = np.random.default_rng(0)
    of = np.arange(n) % max(1, n_genres)
    middles = rng.normal(size=(max(1, n_genres), 2)) * 20
    places = middles[of] + rng.normal(size=(n, 2))
    near = (np.arange(n)[:, None] + np.arange(1, 11)[None] * 3) % max(1, n)
    names = [NAMES[i] if i < len(NAMES) else f"Title {i}" for i in range(n)]
    artists = ["" if i % 7 == 6 else NAMES[i % 9] if i < 18 else f"Artist {i % 20}" for i in range(n)]
    paths = [folder / "music" / f"{i:03}.wav" for i in range(n)]
    for path in paths[:3]:
        write_song(path, 1.0, sr=8000)
    if n > 6:
        paths[4] = folder / "music" / UNSEEN
        paths[5] = folder / "music" / "not UTF-8 \udcff.wav"
        paths[6] = folder / "music" / "two\nlines.wav"
    genres = [GENRES[each] for each in of]
    years = ["" if i % 5 == 0 else f"{1960 + i % 6 * 10}s" for i in range(n)]
    return Content(
        places=places,
        neighbours=near.astype(np.int64),
        paths=paths,
        titles=names,
        seconds=[200.4] * n,
        columns=(
            column("genre", genres),
            column("year", years, is_ordered=True),
            column("artist", artists),
        ),
        areas=(Area(NAMES[0], (middles[0] + SQUARE,), (tuple(middles[0]),)),) if n > 1 else (),
    )


def write(folder: Path, n: int = 60, n_genres: int = 12, name: str = "map.html") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    write_map(path, f"{n} songs {NAMES[0]}", content(folder, n, n_genres), foot=Foot("groove map", seed=0))
    return path


def untagged(made: Content) -> Content:
    """The same songs, of which nothing is known."""
    nothing = column("artist", [""] * len(made))
    return replace(made, columns=(nothing,), titles=[path.stem for path in made.paths], areas=())
