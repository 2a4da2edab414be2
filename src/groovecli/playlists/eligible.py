"""Which songs playlists are made of, and which are left out, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from groovecli.library.quality import best_tagged
from groovecli.library.recordings import Alike, groups_of
from groovecli.library.tracks import Rejected, Track
from groovecli.messages.playlists import no_such_kind
from groovecli.messages.words import count
from groovecli.reasons import Reason

UNLIKE, LONG, SHORT, DUPLICATES, VERSIONS = "unlike", "long", "short", "duplicates", "versions"
KINDS = (UNLIKE, LONG, SHORT, DUPLICATES, VERSIONS)
"""What is left out of playlists unless it is asked for."""
ALL = "all"
MAX_MINUTES = 20.0

MOST = 0.5
"""Share of a library that is no exception any more."""

ODD = (UNLIKE, LONG, SHORT)
"""What is left out of lists of near songs unless it is asked for."""
_LEAST_S = 60.0


@dataclass(frozen=True)
class Rules:
    """What is let into playlists besides single songs.

    `include` has some of `KINDS`; songs over `max_minutes` are long.
    """

    include: frozenset[str] = frozenset()
    max_minutes: float = MAX_MINUTES

    def leave_out(self, kind: str) -> bool:
        """Whether songs of a kind are left out."""
        return kind not in self.include


@dataclass(frozen=True)
class Eligible:
    """The songs that playlists are made of, by number, the others with reasons, and what to know.

    kept : np.ndarray [shape=(n,), dtype=int64]
        One number for each audio, in order.
    """

    kept: NDArray[np.intp]
    left_out: tuple[Rejected, ...]
    notes: tuple[str, ...]


def rules_for(
    include: Iterable[str], max_minutes: float = MAX_MINUTES, kinds: Sequence[str] = KINDS
) -> Rules:
    """The rules that a user asks for; `all` stands for each kind.

    Raises
    ------
    UsageError
        There is no such kind.
    """
    asked = set(include)
    for kind in sorted(asked):
        if kind not in (*kinds, ALL):
            raise no_such_kind(kind, (*kinds, ALL))
    return Rules(frozenset(kinds if ALL in asked else asked), max_minutes)


def eligible(
    tracks: Sequence[Track],
    is_unlike: NDArray[np.bool_] | None,
    compare: Callable[[NDArray[np.intp]], Iterable[Alike]],
    rules: Rules,
) -> Eligible:
    """Choose the songs for playlists: music, of a song's length, each recording once.

    Files of the very same audio are one song whatever is asked for. What most songs of a library are is
    no reason to leave them out: short songs in a library of excerpts, and songs unlike the model's music.

    Parameters
    ----------
    tracks : sequence of Track
        All songs that have a vector.
    is_unlike : np.ndarray of bool [shape=(n,)], optional
        Which of them are unlike all music that the model has learnt from; None where it can't be told.
    compare : function
        Numbers of songs -> those that are alike, in the numbers of `tracks`. Asked once, only for songs
        that nothing else speaks against.
    """
    one_each, left_out = _one_of_each_audio(tracks)
    of_kind = _kinds(tracks, one_each, is_unlike, rules)
    notes = []
    for kind in (SHORT, UNLIKE):
        if len(of_kind[kind]) > MOST * len(one_each):
            if kind == UNLIKE:
                n = count(len(of_kind[kind]), "song")
                notes.append(f"{n} of {len(one_each)} are unlike the model's music; they are not left out")
            of_kind[kind] = {}
    reasons: dict[int, Rejected] = {}
    for found in of_kind.values():
        reasons = found | reasons
    numbers = np.array([number for number in one_each if number not in reasons], np.intp)
    if rules.leave_out(DUPLICATES) or rules.leave_out(VERSIONS):
        reasons |= _repeated(tracks, compare(numbers), rules)
    kept = np.array([number for number in one_each if number not in reasons], np.intp)
    in_order = (reasons[number] for number in sorted(reasons))
    return Eligible(kept, (*left_out, *in_order), tuple(notes))


def _one_of_each_audio(tracks: Sequence[Track]) -> tuple[list[int], list[Rejected]]:
    """The best tagged file of each audio, by number in order, and the others."""
    files: dict[str, list[int]] = {}
    for number, track in enumerate(tracks):
        files.setdefault(track.id, []).append(number)
    chosen, others = [], []
    for numbers in files.values():
        best = numbers[0] if len(numbers) == 1 else _best(tracks, numbers)
        chosen.append(best)
        others += [(number, best) for number in numbers if number != best]
    said = [
        Rejected(tracks[i].path, Reason.SAME_AUDIO, str(tracks[best].path)) for i, best in sorted(others)
    ]
    return sorted(chosen), said


def _best(tracks: Sequence[Track], numbers: Sequence[int]) -> int:
    best = best_tagged(tracks[number] for number in numbers)[0]
    return next(number for number in numbers if tracks[number] is best)


def _kinds(
    tracks: Sequence[Track], numbers: Sequence[int], is_unlike: NDArray[np.bool_] | None, rules: Rules
) -> dict[str, dict[int, Rejected]]:
    """The songs of each kind that is to be left out, by number."""
    found: dict[str, dict[int, Rejected]] = {UNLIKE: {}, LONG: {}, SHORT: {}}
    for number in numbers:
        is_odd = is_unlike is not None and bool(is_unlike[number])
        for kind, item in odd_kinds(tracks[number], is_unlike=is_odd, rules=rules).items():
            found[kind][number] = item
    return found


def odd_kinds(track: Track, *, is_unlike: bool, rules: Rules) -> dict[str, Rejected]:
    """Why a song may be no song, by kind: it is unlike music, too long, or too short."""
    found = {}
    if is_unlike and rules.leave_out(UNLIKE):
        found[UNLIKE] = Rejected(track.path, Reason.UNLIKE)
    if track.duration_s > 60 * rules.max_minutes and rules.leave_out(LONG):
        found[LONG] = Rejected(track.path, Reason.LONG, f"{rules.max_minutes:g} min")
    if track.duration_s < _LEAST_S and rules.leave_out(SHORT):
        found[SHORT] = Rejected(track.path, Reason.SHORT, f"{_LEAST_S:.0f} s")
    return found


def _repeated(tracks: Sequence[Track], alike: Iterable[Alike], rules: Rules) -> dict[int, Rejected]:
    """The songs for which there is a better file of their recording or another version, by number."""
    kinds = {"recording": DUPLICATES, "version": VERSIONS}
    counted = [pair for pair in alike if rules.leave_out(kinds[pair.kind])]
    ids = {tracks[number].id: number for pair in counted for number in (pair.first, pair.second)}
    groups = groups_of([tracks[number] for number in ids.values()], _renumbered(tracks, counted, ids))
    found = {}
    for group in groups:
        for copy in group.copies:
            reason = Reason.VERSION if copy.kind == "version" else Reason.DUPLICATE
            detail = f"{group.best.path} ({copy.why.text})"
            found[ids[copy.track.id]] = Rejected(copy.track.path, reason, detail)
    return found


def _renumbered(tracks: Sequence[Track], alike: Iterable[Alike], ids: dict[str, int]) -> Iterator[Alike]:
    """Pairs in the numbers of those songs alone that are in one."""
    place = {track_id: place for place, track_id in enumerate(ids)}
    for pair in alike:
        first, second = place[tracks[pair.first].id], place[tracks[pair.second].id]
        yield Alike(first, second, pair.kind, pair.likeness, pair.distance)
