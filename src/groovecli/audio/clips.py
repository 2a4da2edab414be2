"""Where to cut clips from songs: at random, spread out, and always the same."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

_GOLDEN = (math.sqrt(5) - 1) / 2
STEP_S = 5.0  # a song gives at most one clip more for every so many seconds beyond the first
PADDED_FROM = 0.9  # share of a clip's length from which a shorter song is repeated to fill it


@dataclass(frozen=True, slots=True)
class Clip:
    """A stretch of a track: `index` counts the track's clips, `start_s` is in seconds."""

    track_id: str
    index: int
    start_s: float


def capacity(duration_s: float, clip_s: float) -> int:
    """Number of clips that fit into a song of `duration_s`; 0 if it is too short."""
    if duration_s < PADDED_FROM * clip_s:
        return 0
    return max(1, math.floor(1 + (duration_s - clip_s) / STEP_S))


def is_padded(duration_s: float, clip_s: float) -> bool:
    """Whether a song is shorter than a clip and repeated to fill it."""
    return PADDED_FROM * clip_s <= duration_s < clip_s


def sample_clips(track_id: str, duration_s: float, clip_s: float, n_clips: int, *, seed: int) -> list[Clip]:
    """Draw up to `n_clips` random clips of a song, as many as it can give.

    The first start is uniform over the song; each further one is a golden-ratio step on, which is
    uniform too and keeps them apart. So more clips, asked for later, leave the earlier ones
    where they are, and a song's clips depend on nothing but the song and the seed.
    """
    import numpy as np  # which many commands that import this do without

    first = np.random.default_rng([seed, int(track_id[:16], 16)]).random()
    room_s = max(0.0, duration_s - clip_s)
    count = min(n_clips, capacity(duration_s, clip_s))
    return [Clip(track_id, i, _to_ms((first + i * _GOLDEN) % 1 * room_s)) for i in range(count)]


def spread(track_id: str, duration_s: float, clip_s: float, n_clips: int) -> list[Clip]:
    """Up to `n_clips` evenly spaced clips of a song, at least one of any song."""
    count = max(1, min(n_clips, capacity(duration_s, clip_s)))
    room_s = max(0.0, duration_s - clip_s)
    return [Clip(track_id, i, _to_ms((i + 0.5) / count * room_s)) for i in range(count)]


def stretches(duration_s: float, clip_s: float, n_stretches: int) -> list[float]:
    """Starts of the stretches that are joined to one clip of a song (in seconds).

    Each is in the middle of its share of the song, so that those of a song as long as a clip are the
    whole song; a shorter one has a single stretch.
    """
    if duration_s < clip_s:
        return [0.0]
    share_s, length_s = duration_s / n_stretches, clip_s / n_stretches
    return [_to_ms(i * share_s + (share_s - length_s) / 2) for i in range(n_stretches)]


def _to_ms(seconds: float) -> float:
    """Down to a millisecond, so that no clip reaches beyond its song."""
    return math.floor(seconds * 1000) / 1000


def quotas(capacities: Mapping[str, int], n_total: int, *, seed: int) -> dict[str, int]:
    """Share `n_total` clips among songs as evenly as their capacities allow.

    Songs are filled one clip at a time in a seeded order until the total or every capacity is
    reached.
    """
    import numpy as np

    names = sorted(capacities)
    order = [names[int(i)] for i in np.random.default_rng(seed).permutation(len(names))]
    quota = dict.fromkeys(order, 0)
    missing = min(n_total, sum(capacities.values()))
    while missing:
        for name in order:
            if missing and quota[name] < capacities[name]:
                quota[name] += 1
                missing -= 1
    return quota
