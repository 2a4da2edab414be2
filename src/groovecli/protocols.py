"""A dataset's clips split anew as a paper split them, so that its figure can be compared with ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from groovecli import splits
from groovecli.datasets import Example
from groovecli.models.spec import Published
from groovecli.splits import Member

Unit = Literal["song", "clip", "window"]


@dataclass(frozen=True)
class Protocol:
    """What is drawn at random into test and validation, and how much of it (shares in (0, 1)).

    Where windows are drawn, pieces of one clip stand on every side: such a split is leaky.
    """

    split_by: Literal["song", "window"]
    test_share: float
    validation_by: Unit
    validation_share: float
    seed: int = 0

    @classmethod
    def of_paper(cls, published: Published, seed: int) -> Protocol:
        """The protocol of a network's paper."""
        return cls(
            published.split_by,
            published.test_share,
            published.validation_by,
            published.validation_share,
            seed,
        )

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Protocol:
        """The protocol that `to_json` gave."""
        return cls(**values)


@dataclass(frozen=True)
class Parts:
    """Numbers of the windows for training, validation and test."""

    train: NDArray[np.int64]
    validation: NDArray[np.int64]
    test: NDArray[np.int64]


def parts(clips: Sequence[Example], n_windows: int, protocol: Protocol) -> Parts:
    """Split the windows of `clips`, clip i having windows i * n_windows and following."""
    everything = np.arange(len(clips) * n_windows)
    rest, test = _drawn(
        clips, everything, n_windows, protocol.split_by, protocol.test_share, seed=protocol.seed
    )
    share = protocol.validation_share
    train, validation = _drawn(
        clips, rest, n_windows, protocol.validation_by, share, seed=protocol.seed + 1
    )
    return Parts(train, validation, test)


def _drawn(
    clips: Sequence[Example],
    windows: NDArray[np.int64],
    n_windows: int,
    by: Unit,
    share: float,
    *,
    seed: int,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Windows that stay, and a share that is drawn: windows, or all those of clips or songs."""
    if by == "window":
        order = np.random.default_rng(seed).permutation(windows)
        n_drawn = round(share * len(windows))
        return np.sort(order[n_drawn:]), np.sort(order[:n_drawn])
    there = sorted({int(window) // n_windows for window in windows})
    keys = {number: clips[number].track_id if by == "song" else clips[number].key for number in there}
    members = {keys[number]: Member(keys[number], clips[number].genre, keys[number]) for number in there}
    sides = splits.draw(members.values(), test_share=share, seed=seed).sides
    is_drawn = np.array([sides[keys[int(window) // n_windows]] == "test" for window in windows], bool)
    return windows[~is_drawn], windows[is_drawn]
