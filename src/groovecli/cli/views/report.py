"""What `groove report` says."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING

from groovecli.cli import render
from groovecli.messages import report as messages
from groovecli.messages import words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from groovecli.actions.report.run import Reported
    from groovecli.reports.overview.content import Overview


def show_json(found: Reported) -> None:
    """Print what is on the page as JSON."""
    from groovecli.reports.overview.json import to_json

    render.as_json(
        {
            "schema": 1,
            "out": str(found.out),
            "bytes": found.n_bytes,
            **to_json(found.overview),
            "undescribed": render.paths_json(found.undescribed),
            "left_out": render.paths_json(found.left_out),
            "failed": render.paths_json(found.failed),
            "passed_over": found.passed_over.to_json(),
        }
    )


def show(found: Reported) -> None:
    """Print where the page is, and the findings on it."""
    overview = found.overview
    render.answer(str(found.out))
    render.passed_over(found.passed_over)
    render.rejected("left out", found.left_out)
    render.rejected("failed", found.failed)
    render.rejected("not measured", found.undescribed)
    for note in overview.notes:
        render.note(note)
    render.fields(_lines(overview))
    songs = f"{words.count(overview.n_songs, 'song')}, " if overview.health.precision else ""
    render.summary(f"{overview.title}; {songs}{words.size(found.n_bytes)}, by {overview.model}")
    music = quote(str(overview.library))
    is_measured = overview.n_described + len(found.undescribed) >= overview.n_songs
    render.next_step(f"groove map {music}" if is_measured else f"groove report {music} --describe")


def _lines(overview: Overview) -> Iterator[tuple[str, str]]:
    health, n = overview.health, overview.health.n_songs
    if (near := health.precision) is not None:
        share = f"{words.percent(near.corrected.value, 0)} ({words.interval(near.corrected)} %)"
        yield "near songs", f"{share} share the genre, {words.percent(near.by_chance, 0)} at random"
        yield "correction", messages.correction(near.plain.value, near.corrected, near.difference)
    if (hubs := health.hubs) is not None:
        yield "hubs", messages.hubs(hubs.most, n)
        yield "orphans", messages.orphans(hubs.n_orphans, n)
    if (stable := health.stability) is not None:
        yield "playlists", messages.playlists(health.n_playlists, stable.by_seed, stable.of_songs)
    for what, each in health.agreement.items():
        yield "agreement", f"with {what}: ARI {each.ari.value:z.2f}, NMI {each.nmi.value:z.2f}"
