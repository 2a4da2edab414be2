"""The list that a person gets: each recording once, artists apart, and some chance."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groovecli.audio.tags import Tags
from groovecli.library.tracks import FileState, Track
from groovecli.playlists.picks import Pick, Rules, allowed, called, picked


def song(number: int, artist: str = "", title: str = "", track_id: str = "") -> Track:
    tags = Tags(artist=artist, title=title)
    return Track(track_id or f"{number:016x}", Path(f"{number}.mp3"), FileState(1, 1), 60.0, tags)


def pick(track: Track, place: int) -> Pick:
    return Pick(track, place, place / 100, place / 100, 1 - place / 100)


SONGS = st.lists(
    st.tuples(
        st.sampled_from(["", "A", "a", "The A", "B feat. A", "C"]), st.sampled_from(["", "x", "X", "y"])
    ),
    max_size=40,
)


@given(SONGS, st.integers(1, 3), st.integers(1, 12), st.floats(0, 1), st.integers(0, 5))
def test_a_list_keeps_its_rules(
    songs: list[tuple[str, str]], per_artist: int, n: int, variation: float, seed: int
) -> None:
    picks = [pick(song(i, *each), i) for i, each in enumerate(songs)]
    found = picked(allowed(iter(picks), Rules(per_artist)), n, variation=variation, seed=seed)
    assert len(found) <= n and [p.place for p in found] == sorted(p.place for p in found)
    artists = Counter(
        p.track.tags.artist[:1].casefold() for p in found if p.track.tags.artist in ("A", "a")
    )
    assert all(count <= per_artist for count in artists.values())
    assert found == picked(allowed(iter(picks), Rules(per_artist)), n, variation=variation, seed=seed)


def test_what_is_known_is_not_taken() -> None:
    rules = Rules(5)
    rules.know(song(1, "A", "x"))
    assert rules.take(song(2, "The A", "X")) and not rules.take(song(3, track_id=f"{1:016x}"))
    assert rules.take(song(4, "A", "y")) and not rules.take(song(4, "A", "y"))


def test_no_more_is_read_than_needed() -> None:
    read = []
    candidates = (read.append(i) or pick(song(i), i) for i in range(1000))
    assert len(picked(candidates, 10)) == 10 and len(read) == 10
    assert len(picked(candidates, 10, variation=0.5)) == 10 and len(read) <= 45


def test_variation_draws_from_more_and_a_seed_gives_the_same() -> None:
    picks = [pick(song(i), i) for i in range(100)]
    lists = {tuple(p.place for p in picked(iter(picks), 10, variation=1.0, seed=s)) for s in range(20)}
    assert len(lists) > 15 and all(max(each) < 50 for each in lists)
    assert [p.place for p in picked(iter(picks), 10)] == list(range(10))


@pytest.mark.parametrize(
    ("artist", "title", "name"), [("A", "x", "A - x"), ("A", "", "7"), ("", "x", "x"), (" ", " ", "7")]
)
def test_a_song_is_called_by_its_tags_or_its_file(artist: str, title: str, name: str) -> None:
    assert called(song(7, artist, title)) == name
