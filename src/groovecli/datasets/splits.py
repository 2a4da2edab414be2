"""Which songs are for training and which for testing, drawn before anything is cut.

Songs are drawn in groups (a song alone, an album, an artist), so that no group stands on both
sides; once over all genres, because an artist may play in several.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

Side = Literal["train", "test"]
SplitBy = Literal["song", "album", "artist", "clip", "official"]
AskedSplit = Literal["song", "album", "artist", "clip"]
"""What can be asked for; an official split comes with the music."""
SPLIT_BY: tuple[AskedSplit, ...] = get_args(AskedSplit)

_MOVES = 1000  # of the walk that repairs a draw; a dozen are enough for real libraries
_RESTLESS = 0.2  # share of its moves that are random
_OTHER: dict[Side, Side] = {"train": "test", "test": "train"}


def is_leaky(split_by: str) -> bool:
    """Whether pieces of one song are in both training and test."""
    return split_by in ("clip", "window")


@dataclass(frozen=True, slots=True)
class Member:
    """One thing to draw: a song (or, split by clip, a clip), its genre and its group."""

    key: str
    genre: str
    group: str


@dataclass(frozen=True)
class Split:
    """The side of each key, and the genres that could not have both sides."""

    sides: Mapping[str, str]
    one_sided: tuple[str, ...]


def sample_sides(
    members: Iterable[Member], *, test_share: float, seed: int, fixed: Mapping[str, Side] | None = None
) -> Split:
    """Draw groups into train and test, greedily stratified over the genres.

    Parameters
    ----------
    members : iterable of Member
        Everything that takes part, what has a side already included.
    test_share : float in (0, 1)
        Share of each genre's members that should be for testing.
    seed : int
        Seed of the order in which groups are drawn.
    fixed : mapping of key to side, optional
        Sides that were drawn before and never change; a new member of such a group joins it.

    Returns
    -------
    split : Split
        No group on both sides unless `fixed` already has it so; each genre on both sides where
        its groups allow it.
    """
    members = sorted(members, key=lambda member: member.key)
    fixed = fixed or {}
    free: dict[str, Counter[str]] = defaultdict(Counter)
    sides: dict[str, Side] = {m.group: fixed[m.key] for m in members if m.key in fixed}
    balance = _Balance(members, test_share)
    for member in members:
        if member.group in sides:
            balance.add({member.genre: 1}, fixed.get(member.key, sides[member.group]))
        else:
            free[member.group][member.genre] += 1
    rng = np.random.default_rng(seed)
    names = sorted(free)
    for index in rng.permutation(len(names)):
        group = names[int(index)]
        sides[group] = balance.shorter_side(free[group])
        balance.add(free[group], sides[group])
    _repair(free, sides, balance, rng)
    member_sides = {m.key: fixed.get(m.key, sides[m.group]) for m in members}
    return Split(member_sides, balance.one_sided())


class _Balance:
    """Number of members of each genre on each side."""

    def __init__(self, members: list[Member], test_share: float) -> None:
        self.total = Counter(member.genre for member in members)
        self.test_share = test_share
        self.count: dict[Side, Counter[str]] = {"train": Counter(), "test": Counter()}

    def add(self, group: Mapping[str, int], side: Side, times: int = 1) -> None:
        for genre, n in group.items():
            self.count[side][genre] += times * n

    def move(self, group: Mapping[str, int], side: Side) -> None:
        self.add(group, _OTHER[side], -1)
        self.add(group, side)

    def shorter_side(self, group: Mapping[str, int]) -> Side:
        """Test, if that brings the genres' test shares nearer to the requested share."""
        gain = 0.0
        for genre, n in group.items():
            missing = self.test_share * self.total[genre] - self.count["test"][genre]
            gain += (missing**2 - (missing - n) ** 2) / self.total[genre] ** 2
        return "test" if gain > 0 else "train"

    def n_emptied(self, group: Mapping[str, int], side: Side) -> int:
        """How many of the group's genres would have nothing else on `side`."""
        return sum(self.count[side][genre] == n for genre, n in group.items())

    def one_sided(self) -> tuple[str, ...]:
        sides = self.count.values()
        return tuple(sorted(g for g in self.total if not all(count[g] for count in sides)))


def _repair(
    free: Mapping[str, Counter[str]], sides: dict[str, Side], balance: _Balance, rng: np.random.Generator
) -> None:
    """Move groups until as many genres as possible are on both sides.

    If artists play in many genres, the best choice is hard to find, so this is a random walk: a group of a
    one-sided genre crosses over, mostly the one that leaves the fewest genres without it, now and
    then any, so as not to go in circles. The best split of the walk is kept.
    """
    groups_of: dict[str, list[str]] = defaultdict(list)
    for group in sorted(free):
        for genre in free[group]:
            groups_of[genre].append(group)
    divisible = {g for g, names in groups_of.items() if free[names[0]][g] < balance.total[g]}
    best, fewest = dict(sides), len(balance.one_sided())
    for _ in range(_MOVES):
        broken = [genre for genre in balance.one_sided() if genre in divisible]
        if not broken:
            break
        names = groups_of[broken[rng.integers(len(broken))]]
        costs = {name: (balance.n_emptied(free[name], sides[name]), free[name].total()) for name in names}
        at_random = rng.random() < _RESTLESS
        group = names[rng.integers(len(names))] if at_random else min(names, key=costs.__getitem__)
        sides[group] = _OTHER[sides[group]]
        balance.move(free[group], sides[group])
        if len(balance.one_sided()) < fewest:
            best, fewest = dict(sides), len(balance.one_sided())
    for group in free:
        if sides[group] != best[group]:
            balance.move(free[group], best[group])
    sides.update(best)
