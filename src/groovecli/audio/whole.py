"""All of a file's sound, with its channels, to something that takes it a block at a time.

An hour takes no more memory than a second. The next decoder begins again, with something new to take it,
where one fails midway or ends early.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np

from groovecli.audio.decoders.decoder import Block, Decoder
from groovecli.audio.read import COMPLETE, fastest_first, reason_of
from groovecli.errors import AudioError
from groovecli.messages import audio as say
from groovecli.reasons import Reason

LARGEST = 4.0
"""What samples are limited to: lossy codecs go beyond 1, damaged files to 243 and NaN."""


class Taker(Protocol):
    """What is given a file's blocks."""

    def add(self, block: Block) -> None:
        """Take what comes next."""


T = TypeVar("T", bound=Taker)


def give_all(path: Path, make: Callable[[], T], *, duration_s: float) -> tuple[T, float]:
    """Give all of a file to a taker; that, and how long the sound was (in seconds).

    Parameters
    ----------
    make : function
        () -> a taker that has nothing yet.
    duration_s : float
        How long the file is said to be; another decoder is asked where one gives less.

    Raises
    ------
    AudioError
        Nothing could be decoded.
    """
    best: tuple[T, float] | None = None
    why = say.NO_AUDIO
    for decoder in fastest_first(path):
        taker, length_s = make(), 0.0
        try:
            for block in _blocks(decoder, path):
                taker.add(_limited(block))
                length_s += block.length_s
        except decoder.failures as error:
            why = reason_of(path, error)
        if length_s > (best[1] if best else 0.0):
            best = taker, length_s
        if length_s and length_s >= COMPLETE * duration_s:
            break
    if best is None:
        raise AudioError(path, Reason.UNDECODABLE, why)
    return best


def _blocks(decoder: Decoder, path: Path) -> Iterator[Block]:
    """A decoder's blocks; one that has none gives all as mono."""
    if decoder.blocks is not None:
        yield from decoder.blocks(path)
        return
    y, sr = decoder.read(path, 0.0, None)
    yield Block(y[None], sr, ("FC",))


def _limited(block: Block) -> Block:
    """The same without what only damage makes."""
    x = block.x
    if not -LARGEST <= float(x.min(initial=0.0)) <= float(x.max(initial=0.0)) <= LARGEST:  # NaN, too
        x = np.nan_to_num(np.clip(x, -LARGEST, LARGEST), copy=False, nan=0.0)
    return Block(x, block.sr, block.channels)
