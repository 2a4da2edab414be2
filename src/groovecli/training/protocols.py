"""New splits of a dataset's clips, as in a paper or otherwise, to compare figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from groovecli.datasets import splits
from groovecli.datasets.examples import Example
from groovecli.datasets.splits import Member
from groovecli.networks.spec import Published

Unit = Literal["artist", "song", "clip", "window"]


@dataclass(frozen=True)
class Protocol:
    """What is drawn at random into test and validation, and how much of it (shares in (0, 1)).

    If clips or windows are drawn, pieces of one song are on every side: such a split is leaky.
    """

    split_by: Unit
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


def parts(
    clips: Sequence[Example],
    n_windows: int,
    protocol: Protocol,
    artists: Mapping[str, str] = MappingProxyType({}),
) -> Parts:
    """Split the windows of `clips`, clip i having windows i * n_windows and following.

    `artists` has the artist of each song by track id; a song without one stands for itself.
    """
    everything = np.arange(len(clips) * n_windows)
    rest, test = _drawn(
        clips, everything, n_windows, artists, protocol.split_by, protocol.test_share, seed=protocol.seed
    )
    share = protocol.validation_share
    train, validation = _drawn(
        clips, rest, n_windows, artists, protocol.validation_by, share, seed=protocol.seed + 1
    )
    return Parts(train, validation, test)


def _member(clip: Example, artists: Mapping[str, str], by: Unit) -> Member:
    """The unit that is drawn with a clip: itself, its song, or all songs of its artist."""
    key = clip.key if by == "clip" else clip.track_id
    return Member(key, clip.genre, artists.get(key, key) if by == "artist" else key)


def _drawn(
    clips: Sequence[Example],
    windows: NDArray[np.int64],
    n_windows: int,
    artists: Mapping[str, str],
    by: Unit,
    share: float,
    *,
    seed: int,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Windows that stay, and a share that is drawn: windows, or all those of clips, songs or artists.

    A genre that can't be divided stays whole.
    """
    if by == "window":
        order = np.random.default_rng(seed).permutation(windows)
        n_drawn = round(share * len(windows))
        return np.sort(order[n_drawn:]), np.sort(order[:n_drawn])
    members = {
        number: _member(clips[number], artists, by)
        for number in sorted({int(w) // n_windows for w in windows})
    }
    split = splits.sample_sides(set(members.values()), test_share=share, seed=seed)
    whole = {member.group for member in members.values() if member.genre in split.one_sided}
    drawn = {n for n, m in members.items() if split.sides[m.key] == "test" and m.group not in whole}
    is_drawn = np.array([int(window) // n_windows in drawn for window in windows], bool)
    return windows[~is_drawn], windows[is_drawn]
