"""Draw a dataset: its songs, the side of each, and the clips of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Mapping
from dataclasses import dataclass, replace

from groovecli.audio import clips
from groovecli.datasets import splits
from groovecli.datasets.dataset import Dataset
from groovecli.datasets.groups import Genred, Groups, grouped
from groovecli.datasets.splits import Member, Side
from groovecli.datasets.tables import DatasetSettings, SideClip, Song
from groovecli.messages.words import count

_FEWEST = 2  # songs of a genre: one for training, one for the test
_TEST_PART = 6  # `clips_per_genre` clips for training come with a sixth of that for testing


@dataclass(frozen=True)
class Plan:
    """The new songs and clips of a dataset, and what there is to say about drawing them."""

    songs: tuple[Song, ...]
    clips: tuple[SideClip, ...]
    genres: frozenset[str]
    left_out: Mapping[str, str]
    n_untagged: int
    loosened: tuple[str, ...]
    n_fewer_clips: int


def sample_plan(dataset: Dataset, tracks: Genred, official: Mapping[str, str] | None = None) -> Plan:
    """Draw the sides and clips of the dataset's songs and of the new `tracks`, which join them.

    `official` has the sides of songs that come with a split of their own, by track id.
    """
    settings, songs_there = dataset.settings, dataset.songs
    everything = {
        key: tracks[key] if key in tracks else (dataset.tracks[key][0], song.genre)
        for key, song in songs_there.items()
        if key in tracks or key in dataset.tracks
    }
    everything |= tracks
    by_clip = settings.split_by == "clip"
    amounts = _amounts_without_sides(settings, everything)
    if official:
        there_sides = {key: song.side for key, song in songs_there.items()}
        split = _as_published(everything, {**official, **there_sides})
    else:
        split = _drawn(dataset, everything, amounts)
    if not by_clip:
        amounts = _amounts(settings, everything, split.sides)
    groups = grouped(everything, settings.split_by)
    unusable = dataset.tables.unusable_songs()
    left_out = {genre: _why_one_sided(genre, everything, groups, unusable) for genre in split.one_sided}
    songs, side_clips = [], []
    n_there = dataset.tables.n_clips()
    for track_id, (track, genre) in everything.items():
        if genre in left_out:
            continue
        song = Song(track_id, genre, "both" if by_clip else split.sides[track_id])
        songs.append(songs_there[track_id] if songs_there.get(track_id) == song else song)
        amount, seed = amounts[track_id], settings.seed
        if n_there.get(track_id, 0) >= amount:
            continue
        drawn = clips.sample_clips(track_id, track.duration_s, settings.clip_s, amount, seed=seed)
        side_clips += [SideClip(c, split.sides[_clip_key(c) if by_clip else track_id]) for c in drawn]
    wanted = settings.clips_per_song
    return Plan(
        songs=tuple(songs),
        clips=tuple(side_clips),
        genres=frozenset(song.genre for song in songs),
        left_out=left_out,
        n_untagged=_n_alone(everything, groups, left_out, settings.split_by),
        loosened=groups.loosened,
        n_fewer_clips=0
        if settings.clips_per_genre
        else sum(amounts[t] < wanted for t in everything if everything[t][1] not in left_out),
    )


def _why_one_sided(genre: str, everything: Genred, groups: Groups, unusable: Container[str]) -> str:
    """Why a genre can't be on both sides: it has too few usable songs, or all are in one group."""
    own = [
        groups.of[key] for key, (_, other) in everything.items() if other == genre and key not in unusable
    ]
    if len(own) > 1 and len(set(own)) == 1 and not own[0].startswith("song:"):
        kind = own[0].partition(":")[0]
        return f"is all of one {kind}, so that it can't stand in training and in test"
    if len(own) < _FEWEST:
        return (
            f"has {count(len(own), 'song')} of the {_FEWEST} that it needs to stand in training and in test"
        )
    return f"has {count(len(own), 'song')}, which can't be divided into training and test"


def _n_alone(everything: Genred, groups: Groups, left_out: Container[str], by: str) -> int:
    """Songs of the dataset that should be in a group, and whose tags name none."""
    if by not in ("album", "artist"):
        return 0
    songs = [key for key, (_, genre) in everything.items() if genre not in left_out]
    return sum(groups.of[key].startswith("song:") for key in songs)


def _as_published(everything: Genred, sides: Mapping[str, str]) -> splits.Split:
    """An official split, as far as its songs are there."""
    known_sides = {track_id: sides[track_id] for track_id in everything if track_id in sides}
    genres = {genre for _, genre in everything.values()}
    genre_sides = {(everything[track_id][1], side) for track_id, side in known_sides.items()}
    one_sided = sorted(g for g in genres if not {(g, "train"), (g, "test")} <= genre_sides)
    return splits.Split(known_sides, tuple(one_sided))


def _clip_key(clip: clips.Clip) -> str:
    return f"{clip.track_id}:{clip.index:05d}"


def _drawn(dataset: Dataset, everything: Genred, amounts: Mapping[str, int]) -> splits.Split:
    """Draw what has no side yet: songs in their groups, or single clips."""
    settings = dataset.settings
    fixed: dict[str, Side] = {}
    members: list[Member] = []
    if settings.split_by == "clip":
        for item in dataset.clips:
            fixed[_clip_key(item.clip)] = "train" if item.side == "train" else "test"
        for track_id, (_, genre) in everything.items():
            keys = [_clip_key(clips.Clip(track_id, i, 0.0)) for i in range(amounts[track_id])]
            members += [Member(key, genre, key) for key in keys]
    else:
        for song in dataset.songs.values():
            fixed[song.track_id] = "train" if song.side == "train" else "test"
        unusable = dataset.tables.unusable_songs()
        usable = everything
        if unusable:
            usable = {key: song for key, song in everything.items() if key not in unusable}
        groups = grouped(usable, settings.split_by).for_sides(fixed)
        members = [Member(key, genre, groups[key]) for key, (_, genre) in usable.items()]
    split = splits.sample_sides(members, test_share=settings.test_share, seed=settings.seed, fixed=fixed)
    return replace(split, sides={**split.sides, **fixed})


def _amounts_without_sides(settings: DatasetSettings, everything: Genred) -> dict[str, int]:
    """Clips of each song if the side makes no difference."""
    n = settings.clips_per_genre
    if n is None:
        clip_s, wanted = settings.clip_s, settings.clips_per_song
        return {k: min(wanted, clips.capacity(t.duration_s, clip_s)) for k, (t, _) in everything.items()}
    return _filled(settings, everything, dict.fromkeys(everything, "both"), {"both": n + n // _TEST_PART})


def _amounts(settings: DatasetSettings, everything: Genred, sides: Mapping[str, str]) -> dict[str, int]:
    """Clips of each song: a fixed number per song, or as many as fill the genre's two sides."""
    n = settings.clips_per_genre
    if n is None:
        return _amounts_without_sides(settings, everything)
    return _filled(
        settings, everything, sides, {"train": n, "validation": n // _TEST_PART, "test": n // _TEST_PART}
    )


def _filled(
    settings: DatasetSettings,
    everything: Genred,
    sides: Mapping[str, str],
    wanted: Mapping[str, int],
) -> dict[str, int]:
    capacities: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for track_id, (track, genre) in everything.items():
        room = clips.capacity(track.duration_s, settings.clip_s)
        capacities[genre, sides[track_id]][track_id] = room
    amounts: dict[str, int] = {}
    for (_, side), rooms in capacities.items():
        amounts |= clips.quotas(rooms, wanted[side], seed=settings.seed)
    return amounts
