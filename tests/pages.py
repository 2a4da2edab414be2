"""A page of all that pages are made of, with the worst names; for tests with and without a browser."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from groovecli.datasets.tables import DatasetSettings
from groovecli.evaluation.calibration import calibration
from groovecli.evaluation.figures import Evaluation
from groovecli.evaluation.judged import Judged, misjudged
from groovecli.evaluation.metrics import Scores, confusion, exact_interval, per_genre
from groovecli.evaluation.neighbours import Space
from groovecli.evaluation.results import Comparison, Leakage, Row, SplitRow
from groovecli.evaluation.verdict import verdict
from groovecli.library.copies import Replicas
from groovecli.reports import comparison_page, leakage_page
from groovecli.reports.colours import Scheme
from groovecli.reports.sections.confidence import confidence, precision
from groovecli.reports.sections.course import course
from groovecli.reports.sections.genres import card_of, mixed_genres, right_genres, wrong_songs
from groovecli.reports.sections.listed import listed, room
from groovecli.reports.sections.space import sample as songs_to_draw
from groovecli.reports.sections.space import space
from groovecli.reports.subject import Songs, curves
from groovecli.reports.web import confusion as web_confusion
from groovecli.reports.web import song_map
from groovecli.reports.web.frame import Card, Foot, Frame, Section
from groovecli.reports.web.html import tag
from groovecli.reports.web.parts import Column, Table, details, figure, legend, mark, table
from groovecli.reports.web.songs import Song, play
from groovecli.training.loop import Epoch
from groovecli.training.protocols import Unit
from groovecli.training.request import TrainRequest

HOSTILE = '"><img src=x onerror=alert(1)></script><script>alert(1)</script><!--'
NAMES = (
    HOSTILE,
    "日本の音楽 アンビエント",
    "מוזיקה עברית",
    "\U0001f3b5\U0001f941",
    "x" * 70,
    "\x1b[31mred\x1b[0m",
    "two\nlines",
    "not UTF-8 \udcff",
    "$x$ <b>&amp;",
)


def sample(folder: Path) -> Frame:
    """A page for `folder`, in which a file `a song.wav` may lie."""
    songs = [Song.at(folder / "a song.wav", name, folder) for name in NAMES] + [Song("gone", None)]
    columns = (Column("song", "words"), Column("genre", "words"), *(f"column {n}" for n in range(12)))
    rows = tuple((play(song), song.name, *range(12)) for song in songs)
    scheme = Scheme.of(NAMES, {name: n for n, name in enumerate(NAMES)})
    dots = [
        tag("use", href=f"#shape-{scheme.shape(name)}", x=f"{10 * n}%", y="50%", class_="g0")
        for n, name in enumerate(NAMES)
    ]
    return Frame(
        title=f"time-cnn-1: 24 of 30 songs right {HOSTILE}",
        kind="evaluation",
        card=Card("80 %", "of 30 test songs right", ("Better than guessing.", NAMES[4] * 3), "good"),
        sections=(
            Section("Songs", table(Table("All songs", columns, rows, note=HOSTILE)), "songs"),
            Section(
                "Picture",
                (
                    legend(scheme, has_others=True),
                    figure(
                        tag("svg", dots, width="100%", height=60),
                        label="ten dots " + HOSTILE * 3,
                        caption=("dots of ", mark(scheme, HOSTILE), HOSTILE),
                        data=Table("", ("name", "n"), tuple((name, 1) for name in NAMES)),
                    ),
                ),
                "picture",
            ),
            Section("Settings", details("All settings", tag("p", HOSTILE)), HOSTILE),
        ),
        foot=Foot("groove evaluate " + HOSTILE, HOSTILE, "by artist", 0, ("evaluation.json",)),
        warnings=("one", HOSTILE),
        notes=("few songs",),
        data={"songs": [song.to_json() for song in songs]},
        scripts=("document.title = groove.data('songs')[0].n; // </script>",),
        style="/* </style><b> */",
    )


def judged(n_genres: int, n_songs: int, folder: Path, *, seed: int = 0) -> Frame:
    """The page of an evaluation of made-up songs, as `write_evaluation` puts it together.

    The last genre has no test song where there are several. Names are the worst; the first song is there.
    """
    rng = np.random.default_rng(seed)
    genres = tuple(NAMES[n] if n < len(NAMES) else f"genre {n:02}" for n in range(n_genres))
    truth = rng.integers(0, max(1, n_genres - 1), n_songs)
    guess = np.where(rng.random(n_songs) < 0.6, truth, rng.integers(0, n_genres, n_songs))
    sure = rng.uniform(1 / n_genres, 1, n_songs)
    here = folder / "a song.wav"
    songs = tuple(
        Judged(f"id{n}", here if n % 3 else None, genres[t], genres[g], c, f"{n} {genres[t]}")
        for n, (t, g, c) in enumerate(zip(truth.tolist(), guess.tolist(), sure.tolist(), strict=True))
    )
    counts = confusion(truth, guess, n_genres)
    right = Scores(*[exact_interval(int(counts.trace()), n_songs)] * 2, n_songs)
    level = Evaluation(
        "time-cnn-1", "default", "artist", False, 0, genres, right, right, None, 0.5,
        per_genre(truth, guess, genres), counts, calibration(sure, truth == guess), n_songs,
    )  # fmt: skip
    shares = rng.dirichlet(np.ones(n_genres), n_songs)
    of_songs = Songs(np.array(genres)[truth], rng.normal(size=(n_songs, 8)), np.log(shares), shares)
    scheme, found = Scheme.of(genres), curves(of_songs, genres)
    epochs = [Epoch(n, 1 / n, 0.5, 1.1 / n, 0.4, 1.0, 9.0) for n in range(1, 301)]
    before = (
        right_genres(level, scheme, found),
        mixed_genres(level),
        wrong_songs(misjudged(songs), n_songs, folder),
    )
    after = (confidence(level), precision(found, scheme, 0.5), course(epochs, 7))
    free = room((*before, *after))
    on_map = songs_to_draw(of_songs.embeddings, free.n_dots, seed)
    listing = listed(songs, genres, folder, on_map=on_map, most_bytes=free.n_bytes)
    place = space(songs, of_songs.embeddings, on_map, listing, scheme, seed)
    return Frame(
        title=f"time-cnn-1: {verdict(level).right}",
        kind="evaluation",
        card=card_of(verdict(level)),
        sections=(*before, *([place] if place else []), *after),
        foot=Foot("groove evaluate", "default", "by artist", 0, ("evaluation.json",)),
        style=web_confusion.styles() + song_map.styles(),
        scripts=web_confusion.scripts() + song_map.scripts(),
        data={"judged": listing.data},
    )


def _row(
    network: str, n_right: int, n_songs: int, split_by: Unit = "artist", protocol: str = "dataset"
) -> Row:
    """A network's figures: so many right of so many songs, half of which are of each genre."""
    truth = np.arange(n_songs) % 2
    guess = np.where(np.arange(n_songs) < n_right, truth, 1 - truth)
    genres, counts = (HOSTILE, "日本"), confusion(truth, guess, 2)
    scores = Scores(*[exact_interval(n_right, n_songs)] * 2, n_songs)
    evaluation = Evaluation(
        network, "default", split_by, split_by == "clip", 0, genres, scores, scores, None, 0.5,
        per_genre(truth, guess, genres), counts, calibration(np.full(n_songs, 0.7), truth == guess),
        n_songs,
    )  # fmt: skip
    space = Space(0.3, 0.2, 0.4, None, n_songs)
    return Row(network, protocol, split_by, split_by == "clip", 2, n_songs, 1000, 9, 7, 60.0, 0.01, space,
               evaluation, None)  # fmt: skip


_SETTINGS = DatasetSettings(HOSTILE, "artist", 0.2, 0, 30.0, "folder", 3, None)


def comparison(folder: Path) -> Path:
    """The page of a comparison, under the dataset's split and the papers'."""
    rows = (_row("time-cnn", 120, 200), _row("dense", 115, 200), _row("seq-cnn", 60, 200),
            _row("time-cnn", 150, 200, "clip", "paper"))  # fmt: skip
    compared = Comparison(_SETTINGS, 0, rows, {"seq-lstm": HOSTILE}, by_paper=True)
    return comparison_page.write_report(compared, folder, command="groove compare")[-1]


def leakage(folder: Path) -> Path:
    """The page of a recipe under three splits."""
    splits: tuple[tuple[Unit, int], ...] = (("clip", 140), ("song", 118), ("artist", 100))
    rows = tuple(SplitRow(by, _row("time-cnn", n, 200, by), {}) for by, n in splits)
    request = TrainRequest(network="time-cnn", name="x")
    found = Leakage(_SETTINGS, request, rows, {}, Replicas((), 200, ()), (HOSTILE,))
    return leakage_page.write_report(found, folder, command="groove leakage")[-1]
