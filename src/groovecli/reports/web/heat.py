"""Numbers as pictures of pixels, embedded in the page: spectrograms and what networks make of them."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groovecli.reports.web.html import Html, tag

_MOST = (96, 160)  # rows and columns, which a page has room for
_N_COLOURS = 64  # a picture of few colours is small


def heat(
    values: NDArray[np.float32], alternative: str, *, low: float, high: float, both: bool = False
) -> Html:
    """An image [shape=(rows, frames)], its first row lowest, as magma from `low` to `high`.

    With `both`, values are red above the middle and blue below.
    """
    from matplotlib import colormaps
    from PIL import Image

    small = _smaller(np.nan_to_num(values))
    scaled = np.clip((small - low) / max(high - low, 1e-12), 0, 1)
    numbers = np.round(scaled[::-1] * (_N_COLOURS - 1)).astype(np.uint8)
    picture = Image.fromarray(numbers, "P")
    palette = colormaps["RdBu_r" if both else "magma"](np.linspace(0, 1, _N_COLOURS))[:, :3]
    picture.putpalette(np.round(255 * palette).astype(np.uint8).tobytes())
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", optimize=True)
    source = f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"
    return tag("img", src=source, alt=alternative)


def _smaller(values: NDArray[Any]) -> NDArray[Any]:
    """At most as many rows and columns as a page has room for: means of neighbours."""
    for dimension, most in enumerate(_MOST):
        size = values.shape[dimension]
        if size > most:
            edges = np.linspace(0, size, most, endpoint=False).astype(int)
            counts = np.diff([*edges, size])
            shape = (-1, 1) if dimension == 0 else (1, -1)
            values = np.add.reduceat(values, edges, axis=dimension) / counts.reshape(shape)
    return values
