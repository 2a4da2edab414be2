"""How healthy the space is, as sections of the report's page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from groovecli.evaluation.health.agreement import Agreement
from groovecli.evaluation.health.measure import Health, Hubs, Stability
from groovecli.evaluation.health.precision import GenrePrecision, Precision
from groovecli.evaluation.metrics import Interval
from groovecli.messages import report as messages
from groovecli.messages.words import NONE, interval, percent, points_with_interval
from groovecli.playlists.clusters import MAX_EXACT
from groovecli.reports.overview.content import Named
from groovecli.reports.web.charts import Bar, bars, small_bar
from groovecli.reports.web.frame import Card, Section
from groovecli.reports.web.html import Child, Html, join, name, tag
from groovecli.reports.web.parts import Column, Table, details, table
from groovecli.reports.web.songs import Song, play

State = Literal["good", "bad", "unsure"]
_GOOD = 2.0  # times chance
_FEWEST_ARTISTS = 5  # for an interval: fewer say nothing of others
_SHOWN = 10  # songs of a list


def card(health: Health) -> Card | None:
    """The verdict: how often near songs share the genre, and what else is worth a line."""
    found, hubs = health.precision, health.hubs
    lines = []
    if hubs is not None:
        lines.append(f"{messages.orphans(hubs.n_orphans, health.n_songs)}. {_most(hubs, health.n_songs)}")
    if health.stability is not None:
        lines.append(f"{_lasting(health.n_playlists, health.stability)}.")
    if found is None:
        return Card(f"{health.n_songs:,}", "songs measured", tuple(lines), "unsure") if lines else None
    share = found.corrected
    lines.insert(0, messages.precision_is(share, found.n_songs, found.by_chance, found.most))
    is_good = share.low > found.by_chance and share.value >= _GOOD * found.by_chance
    state: State = "good" if is_good else "bad" if share.low <= found.by_chance else "unsure"
    what = "of the ten nearest songs by other artists share a song's genre"
    beside = small_bar(Bar("", share.value, share.low, share.high, found.by_chance), "drawn at random")
    return Card(percent(share.value, 0), what, tuple(lines), state, beside)


def sections(
    health: Health, hubs: Sequence[Named], orphans: Sequence[Named], folder: Path
) -> Iterator[Section]:
    """Near songs, genres, hubs, orphans, playlists: whatever could be measured."""
    if health.precision is not None:
        yield _precision(health.precision)
        yield _genres(health.precision)
    if health.hubs is not None:
        yield _hubs(health.hubs, health.n_songs, hubs, folder)
        yield _orphans(health.hubs, health.n_songs, orphans, folder)
    if health.stability is not None or health.agreement:
        yield _playlists(health)


def _most(hubs: Hubs, n: int) -> str:
    return f"{messages.hubs(hubs.most, n)}."


def _lasting(n: int, stability: Stability) -> str:
    return messages.playlists(n, stability.by_seed, stability.of_songs)


def _precision(found: Precision) -> Section:
    rows = tuple(
        Bar(what, each.value, each.low, each.high, found.by_chance, _share(each))
        for what, each in (("with the correction", found.corrected), ("by distance alone", found.plain))
    )
    note = (
        f"Difference: {points_with_interval(found.difference)}. Dashed: songs drawn at random,"
        f" {percent(found.by_chance)}. The most possible: {percent(found.most)}. Intervals are of 95 %."
    )
    how = tag(
        "p",
        "For each song, these are the ten nearest songs by other artists. Some songs are near to all",
        " others: hubs. The correction, mutual proximity, counts two songs as near only if each is near",
        " for the other. ",
        tag("code", "groove similar"),
        ", the map and playlists use it.",
    )
    title = messages.correction(found.plain.value, found.corrected, found.difference)
    chart = bars("Near songs that share the genre", "nearest songs", rows, ("share", "interval"), note)
    return Section(title, join(chart, how), "near songs")


def _share(found: Interval) -> tuple[str, str]:
    return percent(found.value), f"{interval(found)} %"


def _genres(found: Precision) -> Section:
    columns = ("share", "interval", "at most", "songs")
    note = (
        "Dashed: songs drawn at random. At most: what is possible with the songs by other artists."
        f" Genres of fewer than {_FEWEST_ARTISTS} artists have no interval."
    )
    best, worst = found.genres[0].genre, found.genres[-1].genre
    title = messages.best_and_worst(best, worst, len(found.genres))
    rows = tuple(map(_genre, found.genres))
    return Section(title, bars("Near songs that share the genre", "genre", rows, columns, note), "genres")


def _genre(found: GenrePrecision) -> Bar:
    share = found.share
    has_interval = found.n_artists >= _FEWEST_ARTISTS
    low, high = (share.low, share.high) if has_interval else (share.value, share.value)
    figures = (percent(share.value), f"{interval(share)} %" if has_interval else NONE)
    cells = (*figures, percent(found.most, 0), f"{found.n_songs:,}")
    return Bar(name(found.genre), share.value, low, high, found.by_chance, cells)


def _hubs(found: Hubs, n: int, songs: Sequence[Named], folder: Path) -> Section:
    rows = tuple(
        (_played(each, folder), f"{each.listed.n_lists:,}", f"{each.listed.n_plain:,}") for each in songs
    )
    columns = (Column("song", "words"), "lists", "without the correction")
    note = f"{messages.before_and_after(found.most_plain, found.most, 'Lists that one song is in')}"
    return Section(messages.hubs(found.most, n), _first("hubs", columns, rows, note), "hubs")


def _orphans(found: Hubs, n: int, songs: Sequence[Named], folder: Path) -> Section:
    rows = tuple(
        (
            _played(each, folder),
            play(Song.at(each.nearest[1], each.nearest[0], folder)) if each.nearest else "",
            f"{each.listed.n_plain:,}",
        )
        for each in songs
    )
    columns = (
        Column("song", "words"),
        Column("its own nearest song", "words"),
        "lists without the correction",
    )
    note = messages.before_and_after(found.n_orphans_plain, found.n_orphans, "Songs in nobody's list")
    if found.n_orphans > len(songs):
        note += f" The {len(songs)} farthest from all others are listed."
    body = _first("orphans", columns, rows, note) if rows else tag("p", note, class_="soft")
    return Section(messages.orphans(found.n_orphans, n), body, "orphans")


def _first(
    label: str, columns: tuple[Column | str, ...], rows: tuple[tuple[Child, ...], ...], note: str
) -> Html:
    """The first rows; the others are folded away."""
    shown = table(Table("", columns, rows[:_SHOWN], note), label=label)
    if len(rows) <= _SHOWN:
        return shown
    rest = table(Table("", columns, rows[_SHOWN:]), label=f"more {label}")
    return join(shown, details(f"{len(rows) - _SHOWN} more", rest))


def _played(song: Named, folder: Path) -> Html:
    return play(Song.at(song.path, song.name, folder))


def _playlists(health: Health) -> Section:
    rows = [_agreed(what, each) for what, each in health.agreement.items()]
    columns = (
        Column("compared with", "words"),
        "pairs alike (ARI)",
        "interval",
        "shared knowledge (NMI)",
        "interval",
    )
    title, parts = messages.playlists_of_few(health.n_playlists), []
    if rows:
        parts.append(
            table(Table("Playlists against genres", columns, tuple(rows)), label="playlists and genres")
        )
    if health.stability is not None:
        title = _lasting(health.n_playlists, health.stability)
        is_drawn = health.n_songs > MAX_EXACT
        note = "" if is_drawn else messages.nothing_drawn(MAX_EXACT)
        parts.append(table(_stable(health.stability, note), label="playlists made again"))
    parts.append(
        tag(
            "p",
            "Both figures are 1 where the groups are the same. ARI, the adjusted Rand index, is 0 where",
            " songs are grouped by chance. NMI, normalised mutual information, is 0 where one says nothing",
            " of the other. Playlists are those that ",
            tag("code", "groove cluster"),
            " would make, by sound alone.",
        )
    )
    return Section(title, join(*parts), "playlists")


def _agreed(what: str, found: Agreement) -> tuple[Child, ...]:
    return (
        f"{what} ({found.n_genres} genres, {found.n_songs:,} songs)",
        *(part for each in (found.ari, found.nmi) for part in (_number(each.value), _ends(each))),
    )


def _number(value: float) -> str:
    return f"{value:z.2f}"


def _ends(found: Interval) -> str:
    return f"{_number(found.low)} to {_number(found.high)}"


def _stable(found: Stability, note: str) -> Table:
    songs = found.by_songs
    rows = (
        ("another seed", _number(found.by_seed), ""),
        (
            f"a tenth of the songs left out, {len(songs)} times",
            _number(found.of_songs),
            f"{_number(min(songs))} to {_number(max(songs))}",
        ),
    )
    columns = (Column("made again with", "words"), "pairs alike (ARI)", "lowest to highest")
    return Table("Playlists against themselves", columns, rows, note)
