"""What a library holds, counted: genres, tempo, keys, years, loudness, lengths, formats, rates."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from groovecli.audio.header import Header, read_header
from groovecli.audio.year import read_year
from groovecli.describe.description import SongDescription
from groovecli.library.tracks import Track
from groovecli.messages import report as messages
from groovecli.messages.actions import stopped_embedding
from groovecli.monitor import Monitor
from groovecli.reports.overview.content import Held

MOST_OPENED = 20_000
"""Files whose headers and years are read; of more, that many are drawn."""
_TEMPOS = tuple(range(50, 210, 10))
_LOUDNESSES = tuple(range(-30, -3, 2))
_MINUTES = (1, 2, 3, 4, 5, 6, 7, 8, 10, 15, 20, 30, 60)
_KBIT_S = (32, 48, 64, 96, 128, 160, 192, 224, 256, 320, 500, 700, 1000, 1500)
_MOST_YEARS = 25  # a bar each; more are counted by decade
_KEYS = (
    *("C major", "Db major", "D major", "Eb major", "E major", "F major", "F# major", "G major"),
    *("Ab major", "A major", "Bb major", "B major", "C minor", "C# minor", "D minor", "Eb minor"),
    *("E minor", "F minor", "F# minor", "G minor", "G# minor", "A minor", "Bb minor", "B minor"),
)


@dataclass(frozen=True)
class Opened:
    """What some files say of themselves, in their order; `n_all` were there."""

    headers: tuple[Header | None, ...]
    years: tuple[int | None, ...]
    n_all: int


def opened(tracks: Sequence[Track], seed: int, monitor: Monitor) -> Opened:
    """Read headers and years of files, of so many at most; nothing is decoded."""
    some: Sequence[Track] = tracks
    if len(tracks) > MOST_OPENED:
        drawn = np.random.default_rng(seed).choice(len(tracks), MOST_OPENED, replace=False)
        some = [tracks[number] for number in np.sort(drawn).tolist()]
    headers, years = [], []
    for done, track in enumerate(some, 1):
        if monitor.stopped:
            raise stopped_embedding()
        headers.append(read_header(track.path))
        years.append(read_year(track.path))
        monitor.progress("read tags", done, len(some))
    return Opened(tuple(headers), tuple(years), len(tracks))


def holdings(
    songs: Sequence[Track],
    files: Sequence[Track],
    genres: Sequence[str],
    said: Sequence[SongDescription | None],
    read: Opened,
) -> Iterator[Held]:
    """What is known, in the order of the page; what is known of no song is left out.

    Parameters
    ----------
    songs, files : sequences of Track
        One file of each sound, and all files.
    genres, said : sequences
        Of each song.
    """
    bpm = [each.tempo.bpm if each else None for each in said]
    keys = [each.key.name if each else None for each in said]
    lufs = [each.loudness.integrated_lufs if each else None for each in said]
    seconds = [track.duration_s / 60 for track in songs]
    rates = [8 * t.state.size / t.duration_s / 1000 if t.duration_s > 0 else None for t in files]
    srs = [f"{each.sr / 1000:g} kHz" if each else None for each in read.headers]
    found = (
        named("genres", "genre", genres, unknown="no genre known"),
        on_scale("tempo", "tempo", bpm, _TEMPOS, "BPM", unknown="not measured, or without a beat"),
        in_order("keys", "key", keys, _KEYS, unknown="not measured, or without a key"),
        on_scale("loudness", "loudness", lufs, _LOUDNESSES, "LUFS", unknown="not measured, or silent"),
        by_year(read.years),
        on_scale("lengths", "length", seconds, _MINUTES, "min", digits=1),
        named("formats", "format", [each.codec if each else None for each in read.headers], of="file"),
        on_scale("bit_rates", "bit rate", rates, _KBIT_S, "kbit/s", of="file"),
        named("sample_rates", "sample rate", srs, of="file"),
    )
    return (each for each in found if each is not None)


def named(
    key: str, noun: str, values: Sequence[str | None], *, unknown: str = "not readable", of: str = "song"
) -> Held | None:
    """How many have each name, from the largest."""
    counts = Counter(value for value in values if value)
    if not counts:
        return None
    rows = sorted(counts.items(), key=lambda item: (-item[1], item[0].casefold(), item[0]))
    n_known = sum(counts.values())
    title = messages.largest(noun, rows[0][0], rows[0][1], n_known, len(rows), of)
    labels, numbers = zip(*rows, strict=True)
    return Held(key, title, noun, labels, numbers, "", of, len(values) - n_known, unknown)


def in_order(
    key: str, noun: str, values: Sequence[str | None], order: Sequence[str], *, unknown: str
) -> Held | None:
    """How many have each of some names that have an order of their own."""
    by_size = named(key, noun, values, unknown=unknown)
    if by_size is None:
        return None
    counts = dict(zip(by_size.labels, by_size.counts, strict=True))
    numbers = tuple(counts.get(label, 0) for label in order)
    return Held(
        key,
        by_size.title,
        noun,
        tuple(order),
        numbers,
        "",
        "song",
        by_size.n_unknown,
        unknown,
        is_scale=True,
    )


def on_scale(
    key: str,
    noun: str,
    values: Sequence[float | None],
    edges: Sequence[int],
    unit: str,
    *,
    unknown: str = "not known",
    of: str = "song",
    digits: int = 0,
) -> Held | None:
    """How many are between each two edges, without the empty ends."""
    known = np.array([value for value in values if value is not None and np.isfinite(value)], np.float64)
    if not len(known):
        return None
    labels = [f"under {edges[0]}", *(f"{a} to {b}" for a, b in pairwise(edges)), f"{edges[-1]} and more"]
    counts = np.bincount([bisect_right(edges, value) for value in known], minlength=len(labels))
    there = np.flatnonzero(counts)
    kept = slice(int(there[0]), int(there[-1]) + 1)
    low, high = (f"{value:.{digits}f}" for value in np.percentile(known, [25, 75]))
    return Held(
        key,
        messages.middle(low, high, unit, len(known), of),
        noun,
        tuple(labels[kept]),
        tuple(counts[kept].tolist()),
        unit,
        of,
        len(values) - len(known),
        unknown,
        is_scale=True,
    )


def by_year(years: Sequence[int | None]) -> Held | None:
    """How many files are from each year, or from each decade where there are many."""
    known = sorted(year for year in years if year)
    if not known:
        return None
    step = 1 if known[-1] - known[0] < _MOST_YEARS else 10
    bins = list(range(known[0] // step * step, known[-1] + 1, step))
    counts = np.bincount([(year - bins[0]) // step for year in known], minlength=len(bins))
    label: Callable[[int], str] = (lambda year: f"{year}s") if step > 1 else str
    low, high = (str(known[round(share * (len(known) - 1))]) for share in (0.25, 0.75))
    title = messages.middle(low, high, "", len(known), "file")
    n_unknown = len(years) - len(known)
    labels = tuple(map(label, bins))
    return Held(
        "years", title, "year", labels, tuple(counts.tolist()), "", "file", n_unknown,
        "no year in the tags", is_scale=True,
    )  # fmt: skip
