"""The colours and shapes of all pages and pictures; how they were measured stands in docs/decisions.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

LIGHT = {
    "bg": "#ffffff", "panel": "#f5f6f8", "line": "#d5d9e0", "ink": "#1b1f24", "soft": "#5a6270",
    "accent": "#0072b2", "warn": "#8a5a00", "warn-bg": "#fff4d6", "bad": "#a8461a", "good": "#00794f",
    "other": "#8a8f98",
}  # fmt: skip
DARK = {
    "bg": "#15181d", "panel": "#1d2128", "line": "#353b45", "ink": "#e8eaed", "soft": "#a6adb8",
    "accent": "#5aa9e6", "warn": "#f0c674", "warn-bg": "#332a12", "bad": "#ec6f4a", "good": "#23cb89",
    "other": "#8a8f98",
}  # fmt: skip
GENRES_LIGHT = ("#0f72a9", "#a8461a", "#00ab57", "#df6b9f", "#a47e04", "#4a8bf2", "#742558", "#616b68")
GENRES_DARK = ("#4c7df1", "#ec6f4a", "#23cb89", "#d198d3", "#d8d133", "#baf1ff", "#ac5b94", "#96a19d")
SHAPES = {
    "circle": "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0z",
    "square": "M-4.4-4.4h8.8v8.8h-8.8z",
    "triangle": "M0-5.4L5.2 4.2H-5.2z",
    "diamond": "M0-5.8L5.2 0L0 5.8L-5.2 0z",
    "cross": "M-5-3L-3-5L0-2L3-5L5-3L2 0L5 3L3 5L0 2L-3 5L-5 3L-2 0z",
    "plus": "M-1.6-5.2h3.2v3.6h3.6v3.2h-3.6v3.6h-3.2v-3.6h-3.6v-3.2h3.6z",
    "star": "M0-6L1.6-1.9L5.9-1.8L2.5 .9L3.6 5.1L0 2.6L-3.6 5.1L-2.5 .9L-5.9-1.8L-1.6-1.9z",
    "hexagon": "M0-5.4L4.7-2.7V2.7L0 5.4L-4.7 2.7V-2.7z",
}
"""Outlines around 0, about 10 px wide, in the order of the colours."""

OTHERS = "others"
N_COLOURS = len(GENRES_LIGHT)


@dataclass(frozen=True)
class Scheme:
    """Which colour and shape each genre has.

    Up to 8 genres have one each, in the order of their names. Of more, the 7 largest have one; all
    others share grey and the circle, and the name "others". None is used for two.
    """

    numbers: Mapping[str, int]

    @classmethod
    def of(cls, genres: Sequence[str], sizes: Mapping[str, int] | None = None) -> Scheme:
        """The scheme of genres; pass a model's genres and training songs, so that pages agree.

        `sizes` are songs of each genre; without them, the first genres by name have the colours.
        """
        names, sizes = sorted(set(genres)), sizes or {}
        if len(names) > N_COLOURS:
            names = sorted(sorted(names, key=lambda name: -sizes.get(name, 0))[: N_COLOURS - 1])
        return cls({name: number for number, name in enumerate(names)})

    def number(self, genre: str) -> int | None:
        """Of the colour and the shape, from 0 to 7; None is the grey of the others."""
        return self.numbers.get(genre)

    def variable(self, genre: str) -> str:
        """The colour as CSS: `var(--g3)`, or `var(--other)`."""
        number = self.number(genre)
        return "var(--other)" if number is None else f"var(--g{number})"

    def shape(self, genre: str) -> str:
        """The name of its shape in SHAPES."""
        return tuple(SHAPES)[self.number(genre) or 0]


def variables(colours: Mapping[str, str], genres: Sequence[str]) -> str:
    """Colours as CSS variables: `--bg`, ..., `--g0` to `--g7`."""
    named = {**colours, **{f"g{number}": colour for number, colour in enumerate(genres)}}
    return ";".join(f"--{name}:{colour}" for name, colour in named.items())
