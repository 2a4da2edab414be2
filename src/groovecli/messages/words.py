"""Figures in words: per cents, intervals, counts, durations, and what is said of a leaky split."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

NONE = "–"
"""What stands where there is no figure."""

FEWEST_FOR_PERCENT = 20
"""Songs, for a share of them in per cent: of fewer, it is said how many."""


class Interval(Protocol):
    """A figure and the ends of its interval."""

    @property
    def value(self) -> float:
        """The figure."""

    @property
    def low(self) -> float:
        """The lower end."""

    @property
    def high(self) -> float:
        """The upper end."""


GO_ON = "the same command goes on"
"""What is said after Ctrl-C, where what is done is not done again."""

STARTS_AGAIN = "the same command starts again"
"""The same where nothing is kept."""

LEAK = "LEAKY SPLIT: pieces of one song are in training and in test, so the accuracy is too high"


def percent(share: float | None, digits: int = 1, *, none: str = NONE) -> str:
    """0.1234 -> '12.3 %'."""
    return none if share is None else f"{share:z.{digits}%}".replace("%", " %")


def number(value: float | None, *, none: str = NONE) -> str:
    """0.1234 -> '0.12'."""
    return none if value is None else f"{value:.2f}"


def interval(figure: Interval, digits: int = 0) -> str:
    """The ends of an interval, in per cent -> '12 to 34'."""
    return f"{100 * figure.low:.{digits}f} to {100 * figure.high:.{digits}f}"


def with_interval(figure: Interval) -> str:
    """A figure and its interval, in per cent -> '23.4 % (12.3 % to 34.5 %)'."""
    return f"{percent(figure.value)} ({percent(figure.low)} to {percent(figure.high)})"


def points(difference: float) -> str:
    """A difference of two shares -> '+1.2 points'."""
    return f"{100 * difference:+.1f} points"


def points_with_interval(difference: Interval) -> str:
    """A difference of two shares and its interval -> '+1.2 points (-3.0 to +5.4)'."""
    return f"{points(difference.value)} ({100 * difference.low:+.1f} to {100 * difference.high:+.1f})"


def behind_names(texts: Iterable[tuple[str, str]]) -> Iterator[str]:
    """("a", "text"), ("b", "text") -> 'a, b: text': each text once, behind the names that it is of."""
    names: dict[str, list[str]] = {}
    for name, text in texts:
        names.setdefault(text, []).append(name)
    return (f"{', '.join(of)}: {text}" for text, of in names.items())


def count(n: int, noun: str, plural: str = "") -> str:
    """1, "song" -> '1 song'; 2, "song" -> '2 songs'."""
    return f"{n} {noun}" if n == 1 else f"{n:,} {plural or noun + 's'}"


def size(n_bytes: int) -> str:
    """1536 -> '1.5 kB'; 2_500_000_000 -> '2.5 GB': powers of a thousand, as disks are sold."""
    if n_bytes < 1000:
        return count(n_bytes, "byte")
    value, units = n_bytes / 1000, iter(("kB", "MB", "GB", "TB", "PB"))
    unit = next(units)
    while value >= 999.5 and unit != "PB":
        value, unit = value / 1000, next(units)
    return f"{value:.0f} {unit}" if value >= 99.5 else f"{value:.1f} {unit}"


def drawn(
    genre: str,
    lead: float | None,
    n_largest: int,
    n_others: int,
    asked: float,
    unit: str,
    n_seen: int | None = None,
) -> str:
    """What an epoch draws of genres, and why.

    `genre` is the largest, `lead` how many times as many clips it has as the next (None: there is none),
    `asked` how many times as many are to be drawn of it, if it leads; `n_seen` how many of all these
    windows it then sees (None: all).
    """
    text = _drawn(genre, lead, n_largest, n_others, asked, unit)
    return text if n_seen is None else f"{text}; at most {n_seen:,} of these windows are seen (--subset)"


def _drawn(genre: str, lead: float | None, n_largest: int, n_others: int, asked: float, unit: str) -> str:
    of_each = f"an epoch draws {count(n_others, unit)} of each genre"
    if asked == 1:
        return of_each
    if n_largest == n_others:
        return f"{of_each}: none has about {round(max(asked, 1 / asked), 1):g} times as many as the next"
    if lead is None:
        return f"an epoch draws {count(n_largest, unit)} of {genre}, the only genre"
    of_it = f"{count(n_largest, unit)} of {genre}, which has {lead:.1f} times as many as the next genre"
    return f"an epoch draws {of_it}, and {n_others:,} of each other genre"


def out_of_time(n_epochs: int, share: float) -> str:
    """That --minutes ended a training, and when; `share` of the last epoch's steps were done."""
    if share < 1:
        return f"ended by --minutes within the first epoch, at {percent(share)} of it"
    return f"ended by --minutes after {count(n_epochs, 'epoch')}"


def a(noun: str) -> str:
    """ "song" -> 'a song'; "album" -> 'an album'."""
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"


def duration(seconds: float) -> str:
    """75.2 -> '1 min 15 s'; 3725 -> '1 h 2 min'."""
    minutes, rest = divmod(round(seconds), 60)
    if minutes >= 60:
        return f"{minutes // 60} h {minutes % 60} min"
    return f"{minutes} min {rest} s" if minutes else f"{seconds:.1f} s"


def about(seconds: float) -> str:
    """A duration in a table: 75.2 -> '1.3 min'."""
    return f"{seconds / 60:.1f} min" if seconds >= 60 else f"{seconds:.0f} s"


def leaky(is_leaky: bool, mark: str = "LEAKY") -> str:
    """What stands behind the name of a split that leaks; nothing behind another."""
    return f" ({mark})" if is_leaky else ""


def with_leak(is_leaky: bool, text: str) -> str:
    """A line on figures, which begins with the leak where their split leaks."""
    return f"{LEAK}: {text}" if is_leaky else text


def ordinal(n: int) -> str:
    """1st, 2nd, 3rd, 4th, 11th, 1,001st."""
    ending = "th" if n % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n:,}{ending}"
