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

from groovecli.tracks import Track

Side = Literal["train", "test"]
SplitBy = Literal["song", "album", "artist", "clip"]
SPLIT_BY: tuple[SplitBy, ...] = get_args(SplitBy)

_OTHER: dict[Side, Side] = {"train": "test", "test": "train"}


def is_leaky(split_by: str) -> bool:
    """Whether pieces of one song stand in training and in test."""
    return split_by == "clip"


def group_of(track: Track, split_by: SplitBy) -> str:
    """Name of the group that a track is drawn with; a track without the tag is its own."""
    artist = _folded(track.tags.artist)
    album = _folded(track.tags.album)
    if split_by == "artist" and artist:
        return f"artist:{artist}"
    if split_by == "album" and album:
        return f"album:{_folded(track.tags.album_artist) or artist}:{album}"
    return f"song:{track.id}"


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


@dataclass(frozen=True)
class Member:
    """One thing to draw: a song (or, split by clip, a clip), its genre and its group."""

    key: str
    genre: str
    group: str


@dataclass(frozen=True)
class Split:
    """The side of each key, and the genres that could not have both sides."""

    sides: Mapping[str, Side]
    one_sided: tuple[str, ...]


def draw(
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
    groups: dict[str, list[Member]] = defaultdict(list)
    for member in members:
        groups[member.group].append(member)
    sides: dict[str, Side] = {m.group: fixed[m.key] for m in members if m.key in fixed}
    free = sorted(set(groups) - set(sides))
    balance = _Balance(members, test_share)
    for group, side in sides.items():
        balance.add(groups[group], side)
    for index in np.random.default_rng(seed).permutation(len(free)):
        group = free[int(index)]
        sides[group] = balance.shorter_side(groups[group])
        balance.add(groups[group], sides[group])
    _repair(groups, sides, set(free), balance)
    member_sides = {m.key: fixed.get(m.key, sides[m.group]) for m in members}
    return Split(member_sides, balance.one_sided())


class _Balance:
    """How many members of each genre stand on each side."""

    def __init__(self, members: list[Member], test_share: float) -> None:
        self.total = Counter(member.genre for member in members)
        self.test_share = test_share
        self.count: dict[Side, Counter[str]] = {"train": Counter(), "test": Counter()}

    def add(self, group: list[Member], side: Side, n: int = 1) -> None:
        for member in group:
            self.count[side][member.genre] += n

    def shorter_side(self, group: list[Member]) -> Side:
        """Test where that brings the genres' test shares nearer to what was asked."""
        gain = 0.0
        for genre, n in Counter(member.genre for member in group).items():
            missing = self.test_share * self.total[genre] - self.count["test"][genre]
            gain += (missing**2 - (missing - n) ** 2) / self.total[genre] ** 2
        return "test" if gain > 0 else "train"

    def spare(self, group: list[Member], side: Side) -> bool:
        """Whether `side` keeps every genre of the group without the group."""
        counts = Counter(member.genre for member in group)
        return all(self.count[side][genre] > n for genre, n in counts.items())

    def one_sided(self) -> tuple[str, ...]:
        sides = self.count.values()
        return tuple(sorted(g for g in self.total if not all(count[g] for count in sides)))


def _repair(
    groups: Mapping[str, list[Member]], sides: dict[str, Side], free: set[str], balance: _Balance
) -> None:
    """Move the smallest spare groups so that every genre stands on both sides, where it can."""
    by_size = sorted(free, key=lambda group: (len(groups[group]), group))
    for genre in balance.one_sided():
        for side in ("train", "test"):
            if balance.count[side][genre]:
                continue
            for group in by_size:
                has_genre = any(member.genre == genre for member in groups[group])
                if has_genre and balance.spare(groups[group], _OTHER[side]):
                    balance.add(groups[group], _OTHER[side], -1)
                    balance.add(groups[group], side)
                    sides[group] = side
                    break
