"""What all pictures share: the figure that becomes files, names of any kind, colours."""

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
from groovecli.reports.colours import GENRES_LIGHT, LIGHT, SHAPES, Scheme
from groovecli.reports.own_files import MADE_BY
from groovecli.reports.plots.fonts import families_for

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# On standard error it tells of fonts' weights, and that a user without a home has no folder for its caches.
logging.getLogger("matplotlib").setLevel(logging.ERROR)

PICTURES = (".png", ".svg", ".pdf")
"""The endings of pictures that can be written."""

Paths = Path | Sequence[Path]
"""Where a picture is written: into one file, or into several, each as its ending says."""

_MAKERS = {".png": "Software", ".svg": "Creator", ".pdf": "Creator"}
"""Where a picture says who made it."""
_DPI = 200
_LONGEST_NAME = 40
_ROOM = 0.96  # of a picture's width for a title
_SHORTEST_LINE = 10  # letters
_SHORTER = 0.9  # than the line before, until all fits
_MARKERS = dict(zip(SHAPES, "os^DXP*h", strict=True))
_LOOK: dict[Any, Any] = {
    "svg.fonttype": "none",  # letters stay text, and take the reader's font
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": LIGHT["soft"],
    "axes.labelcolor": LIGHT["ink"],
    "text.color": LIGHT["ink"],
    "xtick.color": LIGHT["soft"],
    "ytick.color": LIGHT["soft"],
    "grid.color": LIGHT["line"],
}


@contextmanager
def canvas(paths: Paths, width: float, height: float) -> Iterator[Figure]:
    """A new figure of a size in inches, written at the end as the files' endings say; PNG by default."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context(_LOOK):
        figure = Figure(figsize=(width, height), layout="constrained")
        yield figure
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of letters that no font has: boxes, then
            _find_letters(figure)
            _fit_titles(figure)
            for path in [paths] if isinstance(paths, Path) else paths:
                kind, buffer = path.suffix.lower(), io.BytesIO()
                kind = kind if kind in PICTURES else ".png"
                figure.savefig(buffer, dpi=_DPI, format=kind[1:], metadata={_MAKERS[kind]: MADE_BY})
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
    titles: list[Any] = [title for axes in figure.axes for title in _titles(axes)]
    if figure.get_suptitle():
        titles += [text for text in figure.texts if text.get_text() == figure.get_suptitle()]
    for title in titles:
        box, text, n_letters = title.get_window_extent(), title.get_text(), len(title.get_text())
        room = _ROOM * figure.bbox.width - box.x0
        if title.get_horizontalalignment() == "center":
            centre = (box.x0 + box.x1) / 2
            room = _ROOM * 2 * min(centre, figure.bbox.width - centre)
        while title.get_window_extent().width > room and n_letters > _SHORTEST_LINE:
            n_letters = max(_SHORTEST_LINE, int(n_letters * _SHORTER))
            title.set_text("\n".join(textwrap.wrap(text, n_letters, break_on_hyphens=False)))


def _titles(axes: Any) -> Iterator[Any]:
    """The texts that are titles, wherever they stand."""
    said = {axes.get_title(loc=where) for where in ("left", "center", "right")} - {""}
    for child in axes.get_children():
        if getattr(child, "get_text", str)() in said:
            yield child


def plain(text: str) -> str:
    """Text as it is: a dollar sign would start a formula."""
    return text.encode("utf-8", "replace").decode().replace("$", r"\$")


def short(name: str, longest: int = _LONGEST_NAME) -> str:
    """A name in no more room than a picture has for it, on one line."""
    name = " ".join(name.split())
    return plain(name if len(name) <= longest else name[: longest - 1] + "…")


def look(scheme: Scheme, name: str) -> dict[str, Any]:
    """The colour and the marker of a genre, as on pages; grey for the others."""
    number = scheme.number(name)
    colour = LIGHT["other"] if number is None else GENRES_LIGHT[number]
    return {"color": colour, "marker": _MARKERS[scheme.shape(name)]}
