"""Songs that are one recording, or versions of one song, in groups around the best file of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from groovecli.library.quality import Why, best_tagged, by_name, quality_of, why_better
from groovecli.library.titles import title_of
from groovecli.library.tracks import Track

Kind = Literal["same-audio", "recording", "version"]
"""The very same audio; one recording, encoded or mastered otherwise; a live take, a remix."""

AS_LONG_S = 3.0
"""By how much the files of one recording differ in length at most: silence, an encoder's padding."""
ORIGINAL = Why("original", "the title names no version")


@dataclass(frozen=True)
class Alike:
    """Two songs, by number, that are one recording or versions of one song.

    Parameters
    ----------
    likeness : float, optional
        Of their fingerprints, 1 where they are the same; None for versions.
    distance : float
        Of their vectors, from 0 to 2.
    """

    first: int
    second: int
    kind: Kind
    likeness: float | None
    distance: float


@dataclass(frozen=True)
class Copy:
    """A file for which there is a better one, and what makes that one better."""

    track: Track
    kind: Kind
    why: Why
    likeness: float | None = None


@dataclass(frozen=True)
class Group:
    """The best of several files, and the others: each is of its recording, or a version of its song."""

    best: Track
    copies: tuple[Copy, ...]

    @property
    def tracks(self) -> tuple[Track, ...]:
        """All its files, the best first."""
        return (self.best, *(copy.track for copy in self.copies))


def groups_of(tracks: Sequence[Track], alike: Iterable[Alike]) -> tuple[Group, ...]:
    """Files in groups, in the order of their best files' paths; a file is in one group at most.

    A file joins a group by what it shares with the group's best file, never by way of a third: songs
    that lead from one to another, each a little different, are not one. Files of the same audio are
    together always.

    Parameters
    ----------
    tracks : sequence of Track
        All files; `alike` gives numbers of theirs, any file of an audio standing for all of it.
    """
    files: dict[str, list[Track]] = defaultdict(list)
    for track in tracks:
        files[track.id].append(track)
    near: dict[str, dict[str, Alike]] = defaultdict(dict)
    for pair in alike:
        one, two = tracks[pair.first].id, tracks[pair.second].id
        near[one][two] = near[two][one] = _nearer(pair, near[one].get(two))
    groups = list(_stars(files, near))
    in_one = {track.id for group in groups for track in group.tracks}
    for track_id, same in files.items():
        if len(same) > 1 and track_id not in in_one:
            best, *others = best_tagged(same)
            groups.append(Group(best, tuple(_copy(best, other, None) for other in others)))
    return tuple(sorted(groups, key=lambda group: group.best.path))


def _nearer(pair: Alike, other: Alike | None) -> Alike:
    """Of two findings about the same songs the stronger: a recording over a version."""
    return pair if other is None or other.kind == "version" else other


def _stars(
    files: Mapping[str, Sequence[Track]], near: Mapping[str, Mapping[str, Alike]]
) -> Iterator[Group]:
    """Each song from the best on takes those that are one with it and are not taken yet."""
    heads = {song: best_tagged(files[song])[0] for song in near}
    qualities = {song: quality_of(track) for song, track in heads.items()}
    later = _live_takes(heads, near)  # after the songs themselves
    order = sorted(
        near,
        key=lambda song: (
            song in later,
            *(-value for value in qualities[song].rank),
            *by_name(heads[song]),
        ),
    )
    taken: set[str] = set()
    for song in order:
        if song in taken:
            continue
        others = {other: pair for other, pair in near[song].items() if other not in taken}
        if not others:
            continue
        taken |= {song, *others}
        best = heads[song]
        own = [_copy(best, track, None) for track in files[song] if track != best]
        found = [_copy(best, track, pair) for other, pair in others.items() for track in files[other]]
        yield Group(best, tuple(sorted([*own, *found], key=lambda copy: copy.track.path)))


def _live_takes(heads: Mapping[str, Track], near: Mapping[str, Mapping[str, Alike]]) -> set[str]:
    """Songs whose title names a version, as do those of all files of their recording."""
    named = {song for song, head in heads.items() if title_of(head.tags.title).version}
    others = {song for song in heads if song not in named}  # and recordings that have such a file
    waiting = list(others)
    while waiting:
        near_it = near[waiting.pop()].items()
        new = {song for song, pair in near_it if pair.kind == "recording" and song not in others}
        others |= new
        waiting += new
    return named - others


def _copy(best: Track, other: Track, pair: Alike | None) -> Copy:
    if pair is None:
        return Copy(other, "same-audio", why_better(best, other), 1.0)
    is_original = title_of(other.tags.title).version and not title_of(best.tags.title).version
    why = ORIGINAL if is_original and pair.kind == "version" else why_better(best, other)
    return Copy(other, pair.kind, why, pair.likeness)
