"""Ways that are run in turn, round by round, and figures with their spread against what is wanted.

    from rounds import Figure, interleaved, program, report

    times = interleaved({"ours": run_ours, "theirs": run_theirs}, 5)   # what each way gave, each round
    report([Figure.ratio("ours against theirs", times["theirs"], times["ours"], at_least=2)], asked.rows)

A machine's speed drifts, so that a ratio is of two ways of one round; every other round goes backwards.
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import songs

ROUNDS = 5


@dataclass(frozen=True)
class Figure:
    """One measured thing.

    Parameters
    ----------
    what : str
        Said in a table.
    values : tuple of float
        One for each round.
    unit : str
        "times" for ratios, else "s", "ms", "MB" and the like.
    at_most, at_least : float, optional
        What the median is wanted to be.
    """

    what: str
    values: tuple[float, ...]
    unit: str = "times"
    at_most: float | None = None
    at_least: float | None = None

    @classmethod
    def ratio(
        cls,
        what: str,
        values: Iterable[float],
        by: Iterable[float],
        *,
        at_most: float | None = None,
        at_least: float | None = None,
    ) -> Figure:
        """`values` as multiples of those `by` which they are divided, round by round."""
        pairs = zip(values, by, strict=True)
        return cls(what, tuple(one / other for one, other in pairs), "times", at_most, at_least)

    @property
    def median(self) -> float:
        """The middle of the rounds."""
        return statistics.median(self.values)

    @property
    def measured(self) -> str:
        """The median, with the least and the largest where there are several rounds."""
        middle = f"{_number(self.median)} {self.unit}"
        if len(self.values) == 1:
            return middle
        return f"{middle} ({_number(min(self.values))} to {_number(max(self.values))})"

    @property
    def wanted(self) -> str:
        """The goal in words; "" without one."""
        if self.at_most is not None:
            return f"at most {_number(self.at_most)} {self.unit}"
        return "" if self.at_least is None else f"at least {_number(self.at_least)} {self.unit}"

    @property
    def verdict(self) -> str:
        """Whether the median is what was wanted, or by how much not; "" without a goal."""
        if self.at_most is not None:
            over = self.median / self.at_most - 1
            return "met" if over <= 0 else f"{100 * over:.0f} % too much"
        if self.at_least is not None:
            under = 1 - self.median / self.at_least
            return "met" if under <= 0 else f"{100 * under:.0f} % too little"
        return ""

    @property
    def line(self) -> str:
        """All of it in one line."""
        parts = [f"{self.what}: {self.measured}", self.wanted, self.verdict]
        return "; ".join(filter(None, parts))


def _number(value: float) -> str:
    """Three digits or so."""
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.{1 if value >= 100 else 2 if value >= 0.1 else 3}f}"


def interleaved(
    ways: Mapping[str, Callable[[], float]], n_rounds: int, *, warms_up: bool = True
) -> dict[str, list[float]]:
    """What each way gives in each round, where it `warms_up` after a first round that does not count."""
    given: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(0 if warms_up else 1, n_rounds + 1):
        order = list(ways) if number % 2 else list(ways)[::-1]
        for name in order:
            value = ways[name]()
            if number:
                given[name].append(value)
    return given


def program(doc: str | None, *, n_rounds: int = ROUNDS) -> argparse.ArgumentParser:
    """The arguments of a program that prints figures."""
    parser = songs.program(doc)
    parser.add_argument(
        "--rounds", metavar="R", type=int, default=n_rounds, help=f"how often each is run ({n_rounds})"
    )
    return with_rows(parser)


def with_rows(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Add the option for `all.py`, which collects the figures of all programs."""
    parser.add_argument(
        "--rows", metavar="FILE", type=Path, help="append the figures to FILE, as JSON lines"
    )
    return parser


def report(figures: Sequence[Figure], rows: Path | None) -> None:
    """Print figures, and append them to a file where one is wanted."""
    for figure in figures:
        print(figure.line, flush=True)
    if rows is not None:
        with rows.open("a") as file:
            file.writelines(json.dumps(asdict(figure)) + "\n" for figure in figures)


def read_figures(rows: Path) -> list[Figure]:
    """The figures that `report` appended."""
    if not rows.exists():
        return []
    known = [json.loads(line) for line in rows.read_text().splitlines()]
    return [Figure(**{**figure, "values": tuple(figure["values"])}) for figure in known]
