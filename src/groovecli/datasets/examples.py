"""The usable clips of a dataset, and the choice of those for validation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from groovecli.datasets import splits
from groovecli.datasets.dataset import Dataset
from groovecli.datasets.groups import grouped
from groovecli.datasets.splits import Member, Side, SplitBy
from groovecli.datasets.tables import Place
from groovecli.messages.datasets import no_such_part
from groovecli.networks.inputs import Specs


@dataclass(frozen=True)
class Example:
    """A clip that is in the cache: its song, its genre, and the place of each of its features."""

    track_id: str
    index: int
    genre: str
    places: tuple[Place, ...]

    @property
    def key(self) -> str:
        """Name of the clip."""
        return f"{self.track_id}:{self.index:05d}"


def examples(dataset: Dataset, specs: Specs, side: str | None) -> list[Example]:
    """The usable clips of one side of a dataset, or of all, by track and clip.

    If all features are of whole songs, a song's first clip stands for the song.
    """
    tables = [dataset.tables.places(spec.key) for spec in specs]
    whole_songs = all(spec.per_song for spec in specs)
    usable_clips = []
    for item in dataset.clips:
        track_id, index = item.clip.track_id, item.clip.index
        if item.problem is not None or side not in (None, item.side) or (whole_songs and index):
            continue
        keys = ((track_id, 0 if spec.per_song else index) for spec in specs)
        places = [table.get(key) for table, key in zip(tables, keys, strict=True)]
        cached_places = tuple(place for place in places if place is not None)
        if len(cached_places) == len(specs):
            usable_clips.append(Example(track_id, index, dataset.songs[track_id].genre, cached_places))
    return usable_clips


def part(clips: Sequence[Example], k: int, n: int, *, seed: int) -> list[Example]:
    """The k-th of n equal parts of the clips, drawn at random within each genre.

    Raises
    ------
    UsageError
        There is no such part.
    """
    if not 1 <= k <= n:
        raise no_such_part(k, n)
    rng = np.random.default_rng(seed)
    by_genre: dict[str, list[Example]] = defaultdict(list)
    for clip in clips:
        by_genre[clip.genre].append(clip)
    chosen = []
    for genre in sorted(by_genre):
        order = rng.permutation(len(by_genre[genre]))
        chosen += [by_genre[genre][int(i)] for i in order[k - 1 :: n]]
    return sorted(chosen, key=lambda clip: clip.key)


def held_out(
    dataset: Dataset,
    clips: Sequence[Example],
    by: SplitBy,
    share: float,
    *,
    seed: int,
    fixed: Mapping[str, Side] | None = None,
) -> tuple[list[Example], list[Example]]:
    """Clips for training and clips held out, drawn by song, album or artist, or by clip.

    A group whose genre would have nothing left to train on, or that is all there is of it, stays
    in training whole. `fixed` has the sides of songs that a model has seen already: what it was
    trained on can't validate what it becomes.
    """
    members = {}
    known = {
        c.track_id: (dataset.tracks[c.track_id][0], c.genre) for c in clips if c.track_id in dataset.tracks
    }
    groups = grouped(known, by).of
    for clip in clips:
        if by == "clip":
            group, key = clip.key, clip.key
        else:
            group, key = groups.get(clip.track_id, f"song:{clip.track_id}"), clip.track_id
        members[key] = Member(key, clip.genre, group)
    split = splits.sample_sides(members.values(), test_share=share, seed=seed, fixed=fixed)
    indivisible = {m.group for m in members.values() if m.genre in split.one_sided}
    drawn = {key for key, m in members.items() if split.sides[key] == "test" and m.group not in indivisible}
    chosen = {clip for clip in clips if (clip.key if by == "clip" else clip.track_id) in drawn}
    return [clip for clip in clips if clip not in chosen], [clip for clip in clips if clip in chosen]
