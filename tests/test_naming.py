"""What songs are called, and when nothing is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groovecli.errors import UsageError
from groovecli.models.results import UNKNOWN, check_min_confidence, named, silent_song, song_genre

SONG = Path("song.mp3")
FINE = {"jazz": 0.25, "rock/prog": 0.3, "rock/punk": 0.45}

shares = st.dictionaries(
    st.sampled_from(["a", "a/x", "a/y", "b/x", "b/y", "c"]), st.floats(0.001, 1), min_size=1
).map(lambda weights: {name: weight / sum(weights.values()) for name, weight in weights.items()})


@given(shares, st.floats(0, 1))
def test_the_guess_and_the_probabilities_are_kept_whatever_is_asked_for(
    found: Mapping[str, float], min_confidence: float
) -> None:
    free, strict = named(found), named(found, min_confidence)
    assert free.genre == free.guess == strict.guess and not free.is_unknown
    assert free.probabilities == strict.probabilities == found
    assert list(strict.probabilities.values()) == sorted(found.values(), reverse=True)
    assert strict.confidence == max(found.values()) == found[strict.guess]
    assert strict.is_unknown == (strict.confidence < min_confidence) == (strict.genre == UNKNOWN)


@given(shares, st.floats(0, 1))
def test_a_song_whose_sub_genre_is_known_has_a_known_parent(
    found: Mapping[str, float], min_confidence: float
) -> None:
    song = song_genre(SONG, found, depth=2, min_confidence=min_confidence)
    assert song.parent is not None
    assert song.parent.confidence >= song.confidence
    assert song.is_unknown or not song.parent.is_unknown


@pytest.mark.parametrize(
    ("min_confidence", "genre", "parent"),
    [
        (0.0, "rock/punk", "rock"),
        (0.45, "rock/punk", "rock"),
        (0.6, UNKNOWN, "rock"),
        (1, UNKNOWN, UNKNOWN),
    ],
)
def test_each_level_is_named_by_itself(min_confidence: float, genre: str, parent: str) -> None:
    song = song_genre(SONG, FINE, depth=2, min_confidence=min_confidence)
    assert song.parent is not None
    assert (song.genre, song.parent.genre) == (genre, parent)
    assert (song.guess, song.parent.guess) == ("rock/punk", "rock")
    assert song.parent.probabilities == pytest.approx({"rock": 0.75, "jazz": 0.25})


def test_at_one_level_a_slash_is_a_letter() -> None:
    assert song_genre(SONG, {"R&B/Soul": 1.0}).parent is None


def test_silence_is_no_doubt() -> None:
    for depth in (1, 2):
        song = silent_song(SONG, depth=depth)
        assert (song.genre, song.confidence, song.probabilities) == ("silent", 0.0, {})
        assert not song.is_unknown
        assert (song.parent is not None) == (depth == 2)


@pytest.mark.parametrize("value", [-0.1, 1.01, 60, float("nan"), float("inf")])
def test_what_is_no_probability_is_refused(value: float) -> None:
    with pytest.raises(UsageError, match=f"--min-confidence must be a probability, 0 to 1, not {value:g}"):
        check_min_confidence(value)
