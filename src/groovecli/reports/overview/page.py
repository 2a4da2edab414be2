"""The page of a report: the verdict, how healthy the space is, what the library holds."""

from __future__ import annotations

from pathlib import Path

from groovecli.messages import report as messages
from groovecli.reports.overview import health, holdings
from groovecli.reports.overview.content import Overview
from groovecli.reports.web import histogram
from groovecli.reports.web.frame import Foot, Frame, write_page

MARK = "report by groove"


def write_overview(path: Path, overview: Overview, foot: Foot) -> int:
    """Write a report as one file that asks nothing of anybody; its size in bytes."""
    write_page(path, frame(overview, path.parent, foot))
    return path.stat().st_size


def frame(overview: Overview, folder: Path, foot: Foot) -> Frame:
    """The page of a report that stands in `folder`."""
    size = messages.holds(overview.n_songs, overview.duration_s / 3600)
    return Frame(
        title=overview.title,
        kind=MARK,
        card=health.card(overview.health),
        sections=(
            *health.sections(overview.health, overview.hubs, overview.orphans, folder),
            *holdings.sections(overview),
        ),
        foot=foot,
        notes=(f"{size}; analysed by {overview.model}.", *overview.notes),
        style=histogram.style(),
        scripts=(histogram.script(),),
    )
