"""What all pictures share: the figure that becomes a file, names of any kind, colours."""

from __future__ import annotations

import io
import logging
import textwrap
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from groovecli.files import write_bytes
from groovecli.reports.plots.fonts import families_for

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# On standard error it tells of fonts' weights, and that a user without a home has no folder for its caches.
logging.getLogger("matplotlib").setLevel(logging.ERROR)

PICTURES = (".png", ".svg", ".pdf")
"""The endings of pictures that can be written."""

_DPI = 130
_LONGEST_NAME = 40
_ROOM = 0.96  # of a picture's width for a title
_SHORTEST_LINE = 10  # letters
_SHORTER = 0.9  # than the line before, until all fits
_MARKERS = "os^Dv"


@contextmanager
def canvas(path: Path, width: float, height: float) -> Iterator[Figure]:
    """A new figure of a size in inches, written to `path` at the end as its ending says; PNG by default."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    yield figure
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of letters that no font has: boxes, then
        _find_letters(figure)
        _fit_titles(figure)
        kind = path.suffix.lower()
        with rc_context({"svg.fonttype": "none"}):  # letters stay text, and take the reader's font
            figure.savefig(buffer, dpi=_DPI, format=kind[1:] if kind in PICTURES else "png")
    write_bytes(path, buffer.getvalue())


def _find_letters(figure: Figure) -> None:
    """Let fonts stand in for letters that matplotlib's own lacks."""
    from matplotlib.text import Text

    texts: list[Any] = figure.findobj(Text)
    families = families_for(frozenset("".join(text.get_text() for text in texts)))
    for text in texts if families else ():
        text.set_fontfamily([*text.get_fontfamily(), *families])


def _fit_titles(figure: Figure) -> None:
    """Break titles that are wider than the picture."""
    figure.draw_without_rendering()
    titles: list[Any] = [axes.title for axes in figure.axes]
    if figure.get_suptitle():
        titles += [text for text in figure.texts if text.get_text() == figure.get_suptitle()]
    for title in titles:
        box, text = title.get_window_extent(), title.get_text()
        centre = (box.x0 + box.x1) / 2
        room = _ROOM * 2 * min(centre, figure.bbox.width - centre)
        n_letters = len(text)
        while title.get_window_extent().width > room and n_letters > _SHORTEST_LINE:
            n_letters = max(_SHORTEST_LINE, int(n_letters * _SHORTER))
            title.set_text("\n".join(textwrap.wrap(text, n_letters, break_on_hyphens=False)))


def plain(text: str) -> str:
    """Text as it is: a dollar sign would start a formula."""
    return text.encode("utf-8", "replace").decode().replace("$", r"\$")


def short(name: str, longest: int = _LONGEST_NAME) -> str:
    """A name in no more room than a picture has for it, on one line."""
    name = " ".join(name.split())
    return plain(name if len(name) <= longest else name[: longest - 1] + "…")


def looks(names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """A colour for each name, in their order, and another marker each time the colours run out."""
    from matplotlib import colormaps

    n_colours = 10 if len(names) <= 10 else 20
    colours, styles = colormaps[f"tab{n_colours}"], {}
    for number, name in enumerate(names):
        turn, colour = divmod(number, n_colours)
        styles[name] = {"color": colours(colour), "marker": _MARKERS[turn % len(_MARKERS)]}
    return styles
