"""Fingerprints of songs: which bands of sound rise against their neighbours, as 32 bits per frame.

After Haitsma and Kalker (2002). A bit says whether the difference between two neighbouring bands
grew; encoders, levels and sample rates hardly change that. Two songs are compared where they share
a frame's 32 bits; an index of these makes that quick.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

KIND = "bands-1"
"""Name of what this module makes; another one when any number below changes."""

LENGTH_S = 30.0  # of a song's start
SR = 6000
HOP_LENGTH = 300
_N_FFT = 3072  # long, so that a copy whose frames lie between ours has nearly the same bits
_LAG = 6  # frames between those compared
_EDGES_HZ = np.geomspace(300, 2000, 34)  # 33 bands; what even 64 kbit/s keep
_SILENT = 1e-6  # of the loudest frame's power
_N_WORDS = (round(LENGTH_S * SR) - _N_FFT) // HOP_LENGTH + 1 - _LAG

_MAX_WRONG = 0.35  # share of differing bits; 0.46 was the least of 1.9 million comparisons of songs
_MIN_FRAMES = 200  # 10 s
_COMMON = 50  # times that a frame's bits occur: then they tell nothing
_BLOCK = 4_000_000  # words looked up at once
_BATCH = 2048  # pairs compared at once

Words = NDArray[np.uint32]


@dataclass(frozen=True)
class Match:
    """Two songs, by number, that are one recording.

    Parameters
    ----------
    likeness : float
        1 where all bits agree, 0 where they do by chance alone.
    offset_s : float
        How much later the recording begins in `second` than in `first` (in seconds).
    """

    first: int
    second: int
    likeness: float
    offset_s: float


def of_file(path: Path) -> Words:
    """The fingerprint of a song's first 30 s; see `words`.

    Raises
    ------
    AudioError
        The file can't be decoded.
    """
    from groovecli.audio.read import load  # with what decodes

    return words(load(path, sr=SR, length_s=LENGTH_S))


def words(y: NDArray[np.float32]) -> Words:
    """The fingerprint of samples at 6,000 Hz, a word for every 0.05 s.

    Returns
    -------
    words : np.ndarray [shape=(n,), dtype=uint32]
        0 where nothing sounds or nothing changes; none of less than a second.
    """
    if len(y) < _N_FFT + _LAG * HOP_LENGTH:
        return np.zeros(0, np.uint32)
    frames = np.lib.stride_tricks.sliding_window_view(y, _N_FFT)[::HOP_LENGTH]
    window = (0.5 - 0.5 * np.cos(2 * np.pi / _N_FFT * np.arange(_N_FFT))).astype(np.float32)
    from scipy.fft import rfft  # slow, and prints that are kept do without

    spectrum = rfft(frames * window, axis=1, overwrite_x=True)
    edges = np.round(_EDGES_HZ / SR * _N_FFT).astype(int)
    power = (np.square(spectrum.real) + np.square(spectrum.imag))[:, : edges[-1]]
    bands = np.sqrt(np.add.reduceat(power, edges[:-1], axis=1))
    loudness = power.sum(axis=1)
    sounds = loudness > _SILENT * loudness.max()
    slopes = np.diff(bands, axis=1)
    bits = np.packbits(slopes[_LAG:] > slopes[:-_LAG], axis=1, bitorder="little")
    frame_words: Words = bits.view("<u4")[:, 0].astype(np.uint32)
    return np.where(sounds[_LAG:] & sounds[:-_LAG], frame_words, np.uint32(0))


def matches(prints: Sequence[Words]) -> list[Match]:
    """All pairs of songs that are one recording, the most alike first.

    Takes 2.4 KB per song, and at most a few hundred MB on top.
    """
    table = np.zeros((len(prints), _N_WORDS), np.uint32)
    for row, fingerprint in zip(table, prints, strict=True):
        row[: len(fingerprint)] = fingerprint[:_N_WORDS]
    best: dict[tuple[int, int], Match] = {}
    for candidates in _candidates(table):
        for match in _confirmed(table, candidates):
            pair = match.first, match.second
            if pair not in best or best[pair].likeness < match.likeness:
                best[pair] = match
    return sorted(best.values(), key=lambda match: (-match.likeness, match.first, match.second))


def _candidates(table: Words) -> Iterator[NDArray[np.int64]]:
    """Pairs of songs that share a word, and how far apart it lies (n, 3); a share of the words at once."""
    flat = table.reshape(-1)
    n_blocks = 1 + flat.size // _BLOCK
    for block in range(n_blocks):
        places = np.flatnonzero((flat % n_blocks == block) & (flat != 0))
        places = places[np.argsort(flat[places], kind="stable")]
        places = places[_is_rare(flat[places])]
        neighbours = list(_neighbours(flat[places], places, table.shape[1]))
        if neighbours:
            yield np.unique(np.concatenate(neighbours), axis=0)


def _is_rare(ordered: Words) -> NDArray[np.bool_]:
    """Whether each of some sorted words occurs a few times only, but not once."""
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    counts = np.diff(np.r_[starts, len(ordered)]) if len(ordered) else starts
    rare: NDArray[np.bool_] = np.repeat((counts > 1) & (counts <= _COMMON), counts)
    return rare


def _neighbours(ordered: Words, places: NDArray[np.int64], width: int) -> Iterator[NDArray[np.int64]]:
    """First song, second song and offset in frames of equal words in different songs."""
    for step in range(1, _COMMON):
        same = np.flatnonzero(ordered[step:] == ordered[:-step])
        if not len(same):
            return
        first, second = np.divmod(places[same], width), np.divmod(places[same + step], width)
        other = first[0] != second[0]
        pairs = np.stack([first[0], second[0], second[1] - first[1]], axis=1)[other]
        yield pairs  # the order is stable, so that the first song has the lower number


def _confirmed(table: Words, candidates: NDArray[np.int64]) -> Iterator[Match]:
    """The candidates that agree in most bits of all that they have in common."""
    positions = np.arange(table.shape[1])
    for start in range(0, len(candidates), _BATCH):
        first, second, offset = candidates[start : start + _BATCH].T
        shifted = positions + offset[:, None]
        inside = (shifted >= 0) & (shifted < table.shape[1])
        x = table[first]
        y = table[second[:, None], np.where(inside, shifted, 0)]
        counts = inside & (x != 0) & (y != 0)
        n_frames = counts.sum(axis=1)
        n_wrong = (np.bitwise_count(x ^ y) * counts).sum(axis=1, dtype=np.int64)
        wrong = n_wrong / np.maximum(32 * n_frames, 1)
        for i in np.flatnonzero((n_frames >= _MIN_FRAMES) & (wrong <= _MAX_WRONG)):
            yield Match(
                int(first[i]), int(second[i]), 1 - 2 * float(wrong[i]), float(offset[i]) * HOP_LENGTH / SR
            )
