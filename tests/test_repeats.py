"""Which songs are worth a look, and which of those that share their sound are one recording."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groovecli.audio.tags import Tags
from groovecli.library.tracks import FileState, Track
from groovecli.playlists import repeats
from groovecli.playlists.repeats import (
    Limits,
    distances_of,
    limits_for,
    parts,
    recordings,
    same_titles,
    suspects,
    versions,
)

DIM = 200  # more than are compared at first


def track(number: int, seconds: float = 200.0, artist: str = "", title: str = "") -> Track:
    tags = Tags(artist=artist, title=title)
    return Track(str(number), Path(f"/m/{number}"), FileState(1, 1), seconds, tags)


def songs(n: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, DIM)).astype(np.float32)


def near(vectors: np.ndarray, by: float = 0.1) -> np.ndarray:
    """The same songs, each moved by a share of its length: by 0.1 to a distance of about 0.005."""
    moved = np.random.default_rng(9).normal(size=vectors.shape)
    moved *= (
        by * np.linalg.norm(vectors, axis=1, keepdims=True) / np.linalg.norm(moved, axis=1, keepdims=True)
    )
    return (3 * (vectors + moved)).astype(np.float32)  # the length of a vector says nothing


def suspected(tracks: list[Track], vectors: np.ndarray) -> set[int]:
    return set(suspects(tracks, vectors, same_titles(tracks), Limits()).tolist())


def test_near_songs_of_one_length_are_suspects() -> None:
    vectors = songs(6)
    table = np.concatenate([vectors, near(vectors[:3])])
    lengths = [200, 210, 220, 230, 240, 250, 200.5, 217, 222.9]
    tracks = [track(i, seconds) for i, seconds in enumerate(lengths)]
    assert suspected(tracks, table) == {0, 6, 2, 8}


def test_songs_that_are_near_by_their_main_parts_alone_are_none() -> None:
    """Songs that differ a little everywhere seem one where only some numbers are looked at."""
    rng = np.random.default_rng(0)
    table = rng.normal(size=(1, DIM)) + 0.6 * rng.normal(size=(40, DIM))
    tracks = [track(i) for i in range(40)]
    assert suspected(tracks, table.astype(np.float32)) == set()


def test_songs_of_one_title_and_length_are_suspects_however_far() -> None:
    tracks = [
        track(0, 200, "周杰倫", "夜曲"),
        track(1, 201, "周杰倫", "夜曲 (Remastered)"),
        track(2, 300, "周杰倫", "夜曲"),
        track(3, 200, "他", "夜曲"),
        track(4, 200, "", "夜曲"),
    ]
    assert suspected(tracks, songs(5)) == {0, 1}


def test_few_songs_and_lengths_that_nobody_knows_are_no_trouble() -> None:
    assert suspected([], songs(0)) == set() == suspected([track(0)], songs(1))
    same = np.ones((3, DIM), np.float32)
    assert suspected([track(0, np.nan), track(1, np.nan), track(2)], same) == set()
    assert suspected([track(0), track(1)], np.zeros((2, DIM), np.float32)) == set()  # near to nothing


@given(
    lengths=st.lists(st.floats(10, 60), min_size=2, max_size=40),
    copies=st.lists(st.integers(0, 12), min_size=40, max_size=40),
)
@settings(max_examples=40, deadline=None)
def test_the_size_of_a_block_changes_nothing_and_no_pair_is_missed(
    lengths: list[float], copies: list[int]
) -> None:
    vectors = songs(13)[copies[: len(lengths)]]
    tracks = [track(i, seconds) for i, seconds in enumerate(lengths)]
    whole = suspected(tracks, vectors)
    expected = {
        i
        for i in range(len(lengths))
        for j in range(len(lengths))
        if i != j and copies[i] == copies[j] and abs(lengths[i] - lengths[j]) <= 3.0
    }
    assert whole == expected
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(repeats, "_ROWS", 3)
        patch.setattr(repeats, "_COLUMNS", 2)
        patch.setattr(repeats, "_PAIRS", 2)
        assert suspected(tracks, vectors) == whole


@given(lengths=st.lists(st.integers(0, 40), min_size=1, max_size=50), at_once=st.integers(1, 9))
@settings(max_examples=60, deadline=None)
def test_every_pair_of_one_length_is_in_the_part_of_the_shorter_song(
    lengths: list[int], at_once: int
) -> None:
    tracks = [track(i, float(seconds)) for i, seconds in enumerate(lengths)]
    numbers = repeats.by_length(tracks).order
    seen = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(repeats, "_AT_ONCE", at_once)
        for part, n_own in parts(tracks, numbers):
            places = [(a, b) for a in range(len(part)) for b in range(a + 1, len(part)) if a < n_own]
            seen += [frozenset((int(part[a]), int(part[b]))) for a, b in places]
    assert len(seen) == len(set(seen))
    for i in range(len(lengths)):
        for j in range(i):
            assert abs(lengths[i] - lengths[j]) > 3 or frozenset((i, j)) in seen


def is_recording(first: Track, second: Track, *, apart: float = 0.1) -> bool:
    vectors = songs(1)
    table = np.concatenate([vectors, near(vectors, apart)])
    return bool(list(recordings([first, second], table, [(0, 1, 0.9)], Limits())))


def test_one_recording_is_as_long_and_near_as_a_whole() -> None:
    assert is_recording(track(0), track(1, 200.5))
    assert not is_recording(track(0), track(1, 3600))  # a mix that begins with the song
    assert is_recording(track(0), track(1), apart=0.4)
    assert not is_recording(track(0), track(1), apart=0.9)


def test_titles_speak_for_or_against_one_recording() -> None:
    def named(number: int, title: str) -> Track:
        return track(number, 200, "A", title)

    assert is_recording(named(0, "Song"), named(1, "Song (2011 Remaster)"), apart=0.9)
    assert not is_recording(named(0, "Song"), named(1, "Song (Instrumental)"), apart=0.4)
    assert is_recording(named(0, "Song"), named(1, "Song (Radio Edit)"), apart=0.1)
    assert is_recording(named(0, "Song"), named(1, "Track 01"), apart=0.4)


def test_versions_are_of_one_title_and_one_sound() -> None:
    song = songs(1)
    table = np.concatenate([song, near(song, 0.2), songs(1, seed=5), near(song, 0.2)])
    tracks = [
        track(0, 200, "A", "Song"),
        track(1, 260, "A", "Song (Live)"),
        track(2, 200, "A", "Song"),  # another song of the same title
        track(3, 200, "B", "Song"),
    ]
    found = list(versions(same_titles(tracks), table, set(), Limits()))
    assert [(pair.first, pair.second, pair.kind) for pair in found] == [(0, 1, "version")]
    assert list(versions(same_titles(tracks), table, {(1, 0)}, Limits())) == []


def test_distances_are_those_of_cosines(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = songs(20)
    pairs = np.random.default_rng(0).integers(0, 20, (50, 2))
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    expected = 1 - (unit[pairs[:, 0]] * unit[pairs[:, 1]]).sum(axis=1)
    monkeypatch.setattr(repeats, "_PAIRS", 7)
    assert distances_of(vectors, pairs) == pytest.approx(expected, abs=1e-5)
    assert distances_of(vectors, np.zeros((0, 2), np.intp)).shape == (0,)


def test_where_a_model_finds_all_songs_alike_nearer_ones_count() -> None:
    wide = songs(300)
    assert limits_for(wide) == Limits() == limits_for(wide[:5])
    crowded = limits_for(0.1 * wide + 1)
    assert 0 < crowded.near < 0.02 and crowded.same_sound == pytest.approx(crowded.near / 2)
    assert limits_for(np.ones((300, 4), np.float32)).near == pytest.approx(0, abs=1e-6)
