"""Papers' splits: disjoint parts that cover everything, drawn as each paper drew."""

from __future__ import annotations

import json
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groovecli.datasets.examples import Example
from groovecli.datasets.tables import Place
from groovecli.networks.registry import MODELS
from groovecli.training.protocols import Parts, Protocol, Unit, parts

clip_lists = st.lists(
    st.tuples(st.integers(0, 11), st.integers(0, 2)), min_size=1, max_size=24, unique=True
).map(
    lambda rows: [
        Example(f"{song:032x}", index, "abc"[song % 3], (Place("c", 0),)) for song, index in sorted(rows)
    ]
)
shares = st.floats(0.02, 0.5)
protocols = st.builds(
    Protocol,
    st.sampled_from(get_args(Unit)),
    shares,
    st.sampled_from(get_args(Unit)),
    shares,
    st.integers(0, 99),
)


def sides(found: Parts) -> list[np.ndarray]:
    return [found.train, found.validation, found.test]


@given(clips=clip_lists, n_windows=st.integers(1, 5), protocol=protocols)
@settings(max_examples=150, deadline=None)
def test_every_window_is_in_exactly_one_part(
    clips: list[Example], n_windows: int, protocol: Protocol
) -> None:
    together = np.concatenate(sides(parts(clips, n_windows, protocol)))
    assert sorted(together.tolist()) == list(range(len(clips) * n_windows))


@given(clips=clip_lists, n_windows=st.integers(1, 5), protocol=protocols)
@settings(max_examples=150, deadline=None)
def test_what_is_drawn_whole_stays_whole(clips: list[Example], n_windows: int, protocol: Protocol) -> None:
    """Split by song, no song is on both sides; validated by clip, no clip is."""

    def of(windows: np.ndarray, unit: str) -> set[Any]:
        clips_there = {int(window) // n_windows for window in windows}
        return {clips[c].track_id for c in clips_there} if unit == "song" else clips_there

    found = parts(clips, n_windows, protocol)
    if protocol.split_by == "song":
        rest = np.concatenate([found.train, found.validation])
        assert not of(rest, "song") & of(found.test, "song")
        if protocol.validation_by in ("song", "clip"):
            unit = protocol.validation_by
            assert not of(found.train, unit) & of(found.validation, unit)


@given(clips=clip_lists, n_windows=st.integers(1, 5), protocol=protocols)
@settings(max_examples=60, deadline=None)
def test_the_same_clips_and_seed_give_the_same_parts(
    clips: list[Example], n_windows: int, protocol: Protocol
) -> None:
    once, again = (sides(parts(clips, n_windows, protocol)) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(once, again, strict=True))


@given(
    clips=clip_lists, n_windows=st.integers(1, 5), test=shares, validation=shares, seed=st.integers(0, 9)
)
@settings(max_examples=100, deadline=None)
def test_windows_are_drawn_to_the_number(
    clips: list[Example], n_windows: int, test: float, validation: float, seed: int
) -> None:
    """The validation share is one of what testing leaves, as with songs."""
    protocol = Protocol("window", test, "window", validation, seed)
    n = len(clips) * n_windows
    found = parts(clips, n_windows, protocol)
    n_test = round(test * n)
    assert len(found.test) == n_test
    assert len(found.validation) == round(validation * (n - n_test))


def library(n_songs: int = 120, n_clips: int = 2) -> list[Example]:
    return [
        Example(f"{n:032x}", index, "abc"[n % 3], (Place("c", 0),))
        for n in range(n_songs)
        for index in range(n_clips)
    ]


@given(clips=clip_lists, n_windows=st.integers(1, 3), seed=st.integers(0, 99), share=shares)
@settings(max_examples=100, deadline=None)
def test_no_artist_stands_on_two_sides(
    clips: list[Example], n_windows: int, seed: int, share: float
) -> None:
    artists = {clip.track_id: f"artist {int(clip.track_id, 16) // 3}" for clip in clips}
    found = parts(clips, n_windows, Protocol("artist", share, "artist", share, seed), artists)
    of = [{artists[clips[int(w) // n_windows].track_id] for w in side} for side in sides(found)]
    assert not of[0] & of[1] and not of[0] & of[2] and not of[1] & of[2]


def test_a_genre_of_one_artist_is_not_tested_but_learnt() -> None:
    clips = library()
    artists = {clip.track_id: "one" if clip.genre == "a" else clip.track_id for clip in clips}
    found = parts(clips, 2, Protocol("artist", 0.2, "artist", 0.1, 0), artists)
    genres = [{clips[int(w) // 2].genre for w in side} for side in sides(found)]
    assert genres == [set("abc"), set("bc"), set("bc")]


def test_a_split_by_clip_divides_songs_but_no_clip() -> None:
    clips = library(n_clips=3)
    found = parts(clips, 4, Protocol("clip", 0.2, "clip", 0.1, 0))
    numbers = [{int(w) // 4 for w in side} for side in sides(found)]
    assert not numbers[0] & numbers[2]
    songs = [{clips[n].track_id for n in side} for side in numbers]
    assert songs[0] & songs[2]


def test_a_split_by_window_puts_pieces_of_a_clip_on_every_side() -> None:
    found = parts(library(), 10, Protocol("window", 0.1, "window", 0.1, 0))
    clips = [{int(window) // 10 for window in side} for side in sides(found)]
    assert clips[0] & clips[1] & clips[2]


def test_songs_are_drawn_in_their_shares_from_every_genre() -> None:
    clips = library()
    found = parts(clips, 5, Protocol("song", 0.25, "song", 0.2, 0))
    for side, n_wanted in zip(sides(found), (24, 6, 10), strict=True):
        songs = {(clips[int(w) // 5].genre, clips[int(w) // 5].track_id) for w in side}
        counts = [sum(genre == one for genre, _ in songs) for one in "abc"]
        assert all(abs(n - n_wanted) <= 1 for n in counts), counts


@pytest.mark.parametrize("split_by", ["song", "window"])
def test_another_seed_gives_other_parts(split_by: Any) -> None:
    tests = {
        tuple(parts(library(), 5, Protocol(split_by, 0.2, "window", 0.1, seed)).test) for seed in range(4)
    }
    assert len(tests) == 4


@pytest.mark.parametrize("row", [row for row in MODELS.values() if row.published], ids=lambda row: row.name)
def test_every_papers_protocol_can_be_drawn_and_written_down(row: Any) -> None:
    protocol = Protocol.of_paper(row.published, 3)
    assert Protocol.from_json(json.loads(json.dumps(protocol.to_json()))) == protocol
    assert protocol.seed == 3
    found = parts(library(), 4, protocol)
    n = sum(map(len, sides(found)))
    assert len(found.test) / n == pytest.approx(row.published.test_share, abs=0.02)
    left = len(found.train) + len(found.validation)
    assert len(found.validation) / left == pytest.approx(row.published.validation_share, abs=0.02)
