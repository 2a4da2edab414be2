"""Which genres are found, which are mixed up, and the songs behind that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from groovecli.evaluation.figures import Evaluation, Level
from groovecli.evaluation.judged import Judged
from groovecli.evaluation.metrics import exact_interval
from groovecli.evaluation.mixed_up import mixed_up
from groovecli.evaluation.verdict import Verdict, verdict
from groovecli.messages.evaluation import part, share_with_reach
from groovecli.messages.words import NONE, count, percent
from groovecli.reports.colours import Scheme
from groovecli.reports.plots.scores import Curve
from groovecli.reports.tables import of_genres
from groovecli.reports.text import as_html
from groovecli.reports.web.charts import Bar, bars, small_bar
from groovecli.reports.web.confusion import confusion
from groovecli.reports.web.frame import Card, Section
from groovecli.reports.web.html import Child, join, name, tag
from groovecli.reports.web.parts import Column, Table, details, mark, table
from groovecli.reports.web.songs import Song, play

_MOST_WRONG = 60  # songs in the table; the others are behind the counts
_SHOWN = 20  # of these, before somebody asks for more
_NOTE = (
    "Dot: share of the genre's songs named right. Line: 95 % interval. Dashed: how often the model gives"
    " this name to any song; a dot right of it shows that the genre is told apart."
)


def card_of(found: Verdict) -> Card:
    """What an accuracy means, for the top of a page."""
    figure = part(found.n_right, found.n_songs)
    what = found.right.removeprefix(figure).strip()
    guess = f"Guessing is always saying {found.guess_genre}, the largest genre."
    state = "good" if found.is_better else "unsure" if found.n_right > found.n_guess else "bad"
    right = found.accuracy
    bar = Bar("", right.value, right.low, right.high, found.guess)
    return Card(figure, what, (found.sentence, guess), state, small_bar(bar, "guessing"))  # type: ignore[arg-type]


def right_genres(level: Evaluation | Level, scheme: Scheme, curves: Mapping[str, Curve]) -> Section:
    """Bars of the genres, the best first; further figures are folded away."""
    n_named = dict(zip(level.genres, level.confusion.sum(axis=0).tolist(), strict=True))
    n_right = dict(zip(level.genres, level.confusion.diagonal().tolist(), strict=True))
    n_all = int(level.confusion.sum())
    rows, n_songs = [], {genre: score.support for genre, score in level.per_genre.items()}
    for genre in sorted(level.genres, key=lambda each: -_ratio(n_right[each], n_songs[each])):
        right = exact_interval(n_right[genre], n_songs[genre]) if n_songs[genre] else None
        text = share_with_reach(right, n_songs[genre]) if right else NONE
        ends = (right.low, right.high) if right else (0.0, 0.0)
        cells = (text, f"{n_songs[genre]:,}")
        guess = n_named[genre] / n_all if right else None
        rows.append(Bar(_genre(scheme, genre), right.value if right else None, *ends, guess, cells))
    chart = bars("Songs named right, by genre", "genre", rows, ("right", "songs"), _NOTE)
    more = details("More figures of each genre", as_html(of_genres(level, curves)))
    return Section(_best_and_worst(level, n_right, n_songs), (chart, more), "genres")


def _ratio(n: int, of: int) -> float:
    return n / of if of else -1.0


def _genre(scheme: Scheme, genre: str) -> Child:
    return join(mark(scheme, genre), name(genre))


def _best_and_worst(level: Evaluation | Level, n_right: Mapping[str, int], n: Mapping[str, int]) -> str:
    """The finding: which genre is found best, which worst."""
    tested = [genre for genre in level.genres if n[genre]]
    best = max(tested, key=lambda genre: n_right[genre] / n[genre])
    worst = min(tested, key=lambda genre: n_right[genre] / n[genre])
    if n_right[best] / n[best] == n_right[worst] / n[worst]:
        return f"{count(len(tested), 'genre')} tested: {part(n_right[best], n[best])} right in each"
    ends = [f"{genre}, {part(n_right[genre], n[genre])}" for genre in (best, worst)]
    return f"Best found: {ends[0]}; least: {ends[1]}"


def mixed_genres(level: Evaluation | Level, *, has_songs: bool = True) -> Section:
    """Which genres are mixed up, with the songs behind each count."""
    pairs = mixed_up(level)
    title = "No song is named another genre"
    if pairs:
        first = pairs[0]
        title = f"Most mixed up: {first.genre} named {first.guess}, {count(first.n_songs, 'song')}"
    return Section(title, confusion(level.genres, level.confusion, has_songs=has_songs), "mixed up")


def wrong_songs(songs: Sequence[Judged], n_songs: int, folder: Path) -> Section:
    """The songs that were given another genre, each to be played; the surest mistakes first."""
    rows = tuple(
        (
            play(Song.at(song.path, song.called, folder)),
            name(song.genre),
            name(song.guess),
            percent(song.confidence, 0),
        )
        for song in songs[:_MOST_WRONG]
    )
    columns = (
        Column("song", "words"),
        Column("true genre", "words"),
        Column("guess", "words"),
        "confidence",
    )
    n_more = len(songs) - len(rows)
    more = f" {count(n_more, 'more song')}: press a count above, or see evaluation.json." if n_more else ""
    note = f"Some of these may be in the wrong folder, or have the wrong tag.{more}"
    wrong = table(Table("The surest mistakes first", columns, rows[:_SHOWN], note=note)) if rows else None
    rest = Table("", columns, rows[_SHOWN:])
    folded = details(f"{count(len(rest.rows), 'more wrong song')}", table(rest, label="more wrong songs"))
    title = f"Wrong songs: {len(songs):,} of {n_songs:,}" if songs else f"All {n_songs:,} songs are right"
    return Section(title, (wrong, folded if rest.rows else None), "wrong songs")


def parents(level: Level) -> tuple[Section, ...]:
    """The main genres, where a model's genres have sub-genres."""
    scheme = Scheme.of(
        level.genres, dict(zip(level.genres, level.confusion.sum(axis=1).tolist(), strict=True))
    )
    found = verdict(level)
    right = right_genres(level, scheme, {})
    mixed = mixed_genres(level, has_songs=False)
    return (
        Section(f"Main genres: {found.right}", (tag("h3", right.title), right.body), "main genres"),
        Section(f"Main genres. {mixed.title}", mixed.body),
    )
