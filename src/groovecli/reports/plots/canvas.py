"""What all pictures share: the figure that becomes a file, names of any kind, colours."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from groovecli.files import write_bytes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_DPI = 130
_LONGEST_NAME = 40
_MARKERS = "os^Dv"


@contextmanager
def canvas(path: Path, width: float, height: float) -> Iterator[Figure]:
    """A new figure of a size in inches, which is written to `path` at the end."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    yield figure
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of letters that the font lacks: boxes, then
        figure.savefig(buffer, dpi=_DPI, format="png")
    write_bytes(path, buffer.getvalue())


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
