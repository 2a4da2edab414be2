"""How many songs per genre a model needs: accuracy over the number of training songs.

    python benchmarks/few_songs.py MUSIC [--model NAME] [--songs N] [--seed S] [--draws D]
        [--row N:GENRE,GENRE,...] [--with-time-cnn [--minutes M] [--cnn-draws D]] [--plot FILE.png]

`transfer` is the head of `--model transfer` on songs' embeddings by a model; `mfcc-svm` a support vector
machine on the means and deviations of MFCCs and their slopes, as one would do without any model, its C
chosen by cross-validation; `time-cnn` a network trained from scratch.

For 5, 10 and 20 songs of each of ten genres, and 50 of each of five, or for each `--row`: a third of
the artists is drawn for testing (fewer where the songs would not suffice), then, D times, the songs to
learn from among those of the other artists. Figures are of songs: the mean over the draws and its 95 %
interval, by Student's t; it says how much the choice of the songs to learn from matters, not how much
that of the songs to test on does. Every way has the same songs.
"""

from __future__ import annotations

import os

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student
from sklearn.metrics import f1_score
from sklearn.pipeline import Pipeline

import learners
import songs
from groovecli.actions.context import Context
from groovecli.audio.clips import capacity
from groovecli.datasets import splits
from groovecli.datasets.groups import grouped
from groovecli.datasets.splits import Member
from groovecli.evaluation.metrics import Interval, accuracy
from groovecli.library.labels import by_folder, selected
from groovecli.library.scan import scan
from groovecli.library.tracks import Track
from groovecli.library.walk import list_audio
from groovecli.models.devices import torch_threads
from groovecli.models.file import StoredModel
from groovecli.models.loaded import LoadedModel
from groovecli.reports.plots.canvas import canvas
from groovecli.training.record import training_songs
from groovecli.workers.pool import imap, n_workers

TEN = ("blues", "classical", "country", "electronic", "folk", "jazz", "rap", "reggae", "rock", "soul")
FIVE = ("classical", "electronic", "jazz", "rap", "rock")
ROWS = ((5, TEN), (10, TEN), (20, TEN), (50, FIVE))
_TEST_SHARE = 1 / 3
_SPARE = 1.05  # times the songs needed: whole artists are drawn, so that the shares are not exact
_CLIP_S = 30.0

Indices = NDArray[np.intp]
Guess = Callable[[Indices, Indices], NDArray[np.str_]]
"""Learns from songs by number, and says the genres of others."""


@dataclass(frozen=True)
class Songs:
    """Songs that are long enough for every way, each once, with its genre [shape=(n,)]."""

    tracks: Sequence[Track]
    genres: NDArray[np.str_]


@dataclass(frozen=True)
class Row:
    """How many songs of which genres to learn from; numbers of the songs to draw from, and to test."""

    n_each: int
    genres: tuple[str, ...]
    pool: Indices
    test: Indices


@dataclass(frozen=True)
class Result:
    """How a way of learning does in a row."""

    way: str
    row: Row
    accuracy: Interval
    macro_f1: Interval


def read_songs(music: Path, genres: Sequence[str], n_most: int, *, jobs: int = 0) -> Songs:
    """Up to `n_most` songs (0: all) of each genre folder."""
    labelled = selected(by_folder(music, list_audio(music).files), genres).genres
    found: dict[str, list[Track]] = {genre: [] for genre in genres}
    seen: set[str] = set()
    for track in scan(list(labelled), jobs=jobs).tracks:
        among = found[labelled[track.path]]
        is_wanted = capacity(track.duration_s, _CLIP_S) and len(among) < (n_most or np.inf)
        if is_wanted and track.id not in seen:
            among.append(track)
            seen.add(track.id)
    chosen = [(track, genre) for genre, tracks in found.items() for track in tracks]
    return Songs([track for track, _ in chosen], np.array([genre for _, genre in chosen]))


def make_row(of: Songs, n_each: int, genres: tuple[str, ...], *, seed: int) -> Row | None:
    """Draw the test artists; None where a genre has too few songs left to learn from."""
    numbers = np.flatnonzero(np.isin(of.genres, genres))
    fewest = min(int((of.genres == genre).sum()) for genre in genres)
    share = min(_TEST_SHARE, 1 - _SPARE * n_each / max(fewest, 1))
    if share <= 0:
        return None
    songs = {t.id: (t, str(of.genres[i])) for i, t in enumerate(of.tracks) if of.genres[i] in genres}
    groups = grouped(songs, "artist").of
    members = [Member(key, genre, groups[key]) for key, (_, genre) in songs.items()]
    sides = splits.sample_sides(members, test_share=share, seed=seed).sides
    is_test = np.array([sides[of.tracks[i].id] == "test" for i in numbers.tolist()])
    row = Row(n_each, genres, numbers[~is_test], numbers[is_test])
    enough = all((of.genres[row.pool] == genre).sum() >= n_each for genre in genres)
    return row if enough else None


def training_draw(of: Songs, row: Row, seed: int, number: int) -> Indices:
    """Songs to learn from, `n_each` of each genre; a larger row's draw holds a smaller one's."""
    rng = np.random.default_rng([seed, number])
    pools = (row.pool[of.genres[row.pool] == genre] for genre in row.genres)
    return np.concatenate([rng.permutation(pool)[: row.n_each] for pool in pools])


def measure(
    of: Songs, rows: Sequence[Row], ways: Mapping[str, tuple[Guess, int]], *, seed: int = 0
) -> Iterator[Result]:
    """Every way in every row; a way comes with how often its training songs are drawn."""
    for row in rows:
        truth = of.genres[row.test]
        for name, (guess, n_draws) in ways.items():
            guesses = [guess(training_draw(of, row, seed, d), row.test) for d in range(n_draws)]
            yield Result(
                name,
                row,
                _over_draws([accuracy(truth, guessed) for guessed in guesses]),
                _over_draws([f1_score(truth, guessed, average="macro") for guessed in guesses]),
            )


def _over_draws(values: Sequence[float]) -> Interval:
    """Mean and its 95 % interval by Student's t, which one draw can't have."""
    mean, n = float(np.mean(values)), len(values)
    half = float("nan") if n < 2 else student.ppf(0.975, n - 1) * np.std(values, ddof=1) / np.sqrt(n)
    low, high = np.clip([mean - half, mean + half], 0, 1)
    return Interval(mean, float(low), float(high))


def _by_vectors(
    fit: Callable[..., Pipeline], vectors: NDArray[np.float32], genres: NDArray[np.str_]
) -> Guess:
    def guess(train: Indices, test: Indices) -> NDArray[np.str_]:
        found: NDArray[np.str_] = fit(vectors[train], genres[train]).predict(vectors[test])
        return found

    return guess


def _ways(
    asked: argparse.Namespace, model: LoadedModel, of: Songs, held: ExitStack
) -> dict[str, tuple[Guess, int]]:
    """Each way with its number of draws; whatever is of a song alone is computed here, once."""
    vectors = learners.embeddings(model, of.tracks, jobs=asked.jobs)
    paths = [track.path for track in of.tracks]
    statistics = np.stack(
        list(imap(learners.mfccs, paths, n_items=len(paths), jobs=asked.jobs, stage="mfcc"))
    )
    ways: dict[str, tuple[Guess, int]] = {
        "transfer": (_by_vectors(learners.fit_head, vectors, of.genres), asked.draws),
        "mfcc-svm": (_by_vectors(learners.fit_svm, statistics, of.genres), asked.draws),
    }
    if asked.with_time_cnn:
        genres = tuple(np.unique(of.genres))
        spectrograms = held.enter_context(learners.spectrograms(asked.music, genres, jobs=asked.jobs))
        ids = [track.id for track in of.tracks]
        guess = partial(learners.learn_and_guess, spectrograms, ids, asked.minutes, asked.seed)
        ways["time-cnn"] = (guess, asked.cnn_draws)
    return ways


def draw(path: Path, results: Sequence[Result]) -> None:
    """Accuracy over the songs per genre, one curve for each way and each set of genres."""
    with canvas(path, 7, 4.5) as figure:
        axes = figure.subplots()
        lines: dict[tuple[str, int], list[Result]] = {}
        for result in results:
            lines.setdefault((result.way, len(result.row.genres)), []).append(result)
        for (way, n_genres), found in lines.items():
            means = [100 * each.accuracy.value for each in found]
            bounds = [(each.accuracy.low, each.accuracy.high) for each in found]
            errors = 100 * np.abs(np.array(bounds).T - [each.accuracy.value for each in found])
            at = [each.row.n_each for each in found]
            axes.errorbar(at, means, errors, marker="o", capsize=3, label=f"{way}, {n_genres} genres")
        axes.set(xlabel="songs per genre", ylabel="accuracy (%)", xscale="log", ylim=(0, 100))
        ticks = sorted({result.row.n_each for result in results})
        axes.set_xticks(ticks, [str(tick) for tick in ticks])
        axes.minorticks_off()
        axes.legend(fontsize=8, frameon=False)


def _print_heard(stored: StoredModel, of: Songs, rows: Sequence[Row]) -> None:
    """Say how many test songs are training songs of the model: then its figure is too high."""
    heard = training_songs(stored.path)
    tested = {of.tracks[i].id for row in rows for i in row.test.tolist()}
    known = f"{len(tested & heard)} of the {len(tested)} test songs" if heard else "it does not say what"
    print(f"{stored.name} was itself trained on: {known}")


def _text(figure: Interval) -> str:
    spread = "" if np.isnan(figure.low) else f" ({100 * figure.low:.1f} to {100 * figure.high:.1f})"
    return f"{100 * figure.value:.1f} %{spread}"


def _row(text: str) -> tuple[int, tuple[str, ...]]:
    """What `--row` says: how many songs of which genres."""
    n_each, _, genres = text.partition(":")
    return int(n_each), tuple(genres.split(","))


def _arguments() -> argparse.Namespace:
    parser = songs.parser(
        __doc__, n_songs=0, songs_help="look at no more than N songs per genre (0: at all)"
    )

    def add(name: str, kind: type, default: Any, text: str, metavar: str) -> None:
        parser.add_argument(name, type=kind, default=default, help=text, metavar=metavar)

    add("--draws", int, 5, "draws of the songs to learn from (5)", "D")
    add("--jobs", int, 0, "processes (0: one per core)", "N")
    parser.add_argument(
        "--row",
        dest="rows",
        metavar="N:GENRE,GENRE,...",
        type=_row,
        action="append",
        help="songs per genre, and the genres; more than once",
    )
    parser.add_argument("--with-time-cnn", action="store_true", help="train time-cnn as well; slow")
    add("--minutes", float, 2.0, "after which a training of time-cnn ends (2)", "M")
    add("--cnn-draws", int, 2, "draws for time-cnn (2)", "D")
    add("--plot", Path, None, "draw the curves", "FILE.png")
    return parser.parse_args()


def main() -> None:
    """Print the table, and draw it where asked."""
    asked = _arguments()
    context = Context()
    stored = context.shelf.find(asked.model)
    wanted = asked.rows or ROWS
    all_genres = sorted({genre for _, genres in wanted for genre in genres})
    of = read_songs(asked.music, all_genres, asked.songs, jobs=asked.jobs)
    rows = []
    for n_each, genres in wanted:
        row = make_row(of, n_each, genres, seed=asked.seed)
        if row is None:
            print(f"left out: {n_each} songs of {len(genres)} genres, of which one has too few")
        else:
            rows.append(row)
    _print_heard(stored, of, rows)
    print("songs/genre    genres  test songs  way       accuracy               macro-F1")
    results = []
    with ExitStack() as held:
        held.enter_context(torch_threads(n_workers(asked.jobs)))
        ways = _ways(asked, context.loaded(stored), of, held)
        for each in measure(of, rows, ways, seed=asked.seed):
            row, figures = each.row, f"{_text(each.accuracy):21}  {_text(each.macro_f1)}"
            counts = f"{row.n_each:13}  {len(row.genres):6}  {len(row.test):10}"
            print(f"{counts}  {each.way:8}  {figures}", flush=True)
            results.append(each)
    if asked.plot and results:
        draw(asked.plot, results)


if __name__ == "__main__":
    main()
