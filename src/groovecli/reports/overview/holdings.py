"""What the library holds, as sections of the report's page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from groovecli.library.tracks import Rejected
from groovecli.messages import report as messages
from groovecli.messages.words import count
from groovecli.reports.overview.content import Held, Overview
from groovecli.reports.web.frame import Section
from groovecli.reports.web.histogram import Counts, histogram, tally
from groovecli.reports.web.html import Html, join, name, tag
from groovecli.reports.web.parts import Column, Table, table

_LISTED = 100
_FEW = 2  # bars that are better in a table
_LINKS = {
    "genres": "songs by genre", "tempo": "tempo", "keys": "keys", "loudness": "loudness", "years": "years",
    "lengths": "lengths", "formats": "formats", "bit_rates": "bit rates", "sample_rates": "sample rates",
}  # fmt: skip


def sections(overview: Overview) -> Iterator[Section]:
    """A chart for each thing that is known, then what is missing."""
    for held in overview.held:
        yield Section(held.title, join(_chart(held), _beside(held)), _LINKS[held.key])
    yield _missing(overview)


def _chart(held: Held) -> Html:
    given = Counts(held.key, held.noun, held.labels, held.counts, held.of, held.unit)
    return histogram(given) if held.is_scale and len(held.labels) > _FEW else tally(given)


def _beside(held: Held) -> Html | None:
    if not held.n_unknown:
        return None
    return tag("p", f"{count(held.n_unknown, held.of)} left out: {held.unknown}.", class_="soft small")


def _missing(overview: Overview) -> Section:
    n_failed = len(overview.failed)
    rows = tuple((each.what, f"{each.n:,}") for each in overview.missing)
    title = messages.lacking(n_failed, len(rows))
    parts = (
        [table(Table("", (Column("files", "words"), "number"), rows), label="what is missing")]
        if rows
        else []
    )
    if 0 < overview.n_described < overview.n_songs or not overview.n_described:
        said = messages.describe_hint(overview.library, overview.n_described, overview.n_songs)
        parts.append(tag("p", said, class_="soft"))
    if n_failed:
        parts.append(_failed(overview.failed, overview.library))
    return Section(title, join(*parts), "missing")


def _failed(failed: Sequence[Rejected], library: Path) -> Html:
    rows = tuple((name(_below(item.path, library)), item.text) for item in failed[:_LISTED])
    more = f"{len(failed) - _LISTED:,} more are in `--json`." if len(failed) > _LISTED else ""
    columns = (Column("file", "words"), Column("why", "words"))
    return table(Table("Files that can't be read", columns, rows, more))


def _below(path: Path, library: Path) -> Path:
    root = library.absolute()
    return path.relative_to(root) if path.is_relative_to(root) else path
