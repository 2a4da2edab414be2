"""Tempo: of songs that are rendered in a known one, and of sound that has none."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from groovecli.describe.description import Tempo
from groovecli.describe.onsets import onsets
from groovecli.describe.tempo import N_PIECES, PIECE_S, find_tempo, near, pieces
from groovecli.describe.tempo_course import course
from groovecli.describe.tempo_evidence import N_KINDS, evidence, likeness, tempos
from tests.rendered import SR, Plan, click_track, render

STEADY = {"house": 124.0, "rock": 96.0, "funk": 104.0, "waltz": 128.0, "no drums": 100.0, "swing": 132.0}


def song(
    kind: str, bpm: float | None, seed: int = 4, duration_s: float = 45.0, mess: float = 0.0
) -> np.ndarray:
    return render(Plan(kind, seed, bpm, 2, duration_s=duration_s, mess=mess)).y


@pytest.mark.parametrize(("kind", "bpm"), STEADY.items())
def test_the_tempo_of_a_steady_song_is_found_or_is_an_octave_away_and_said(kind: str, bpm: float) -> None:
    found = find_tempo(song(kind, bpm), SR)
    assert found.bpm is not None and found.other_bpm is not None
    assert found.course == "steady"
    assert bpm in (pytest.approx(found.bpm, rel=0.01), pytest.approx(found.other_bpm, rel=0.04))
    assert 0 <= found.other_weight <= 0.5


@pytest.mark.parametrize("bpm", [60.0, 97.3, 120.0, 150.0])
def test_a_metronome_is_as_fast_as_it_says_or_doubled(bpm: float) -> None:
    found = find_tempo(click_track(bpm), SR)
    assert found.bpm == pytest.approx(bpm, rel=0.005)
    assert found.course == "steady"


@pytest.mark.parametrize(("kind", "course_"), [("drift", "drifting"), ("tempo change", "changing")])
def test_a_tempo_that_does_not_stay_is_said_to(kind: str, course_: str) -> None:
    assert find_tempo(song(kind, 100.0), SR).course == course_


@pytest.mark.parametrize("kind", ["drone", "noise", "speech-like"])
def test_sound_without_a_beat_has_no_number(kind: str) -> None:
    assert find_tempo(song(kind, None), SR) == Tempo()


def test_a_singer_who_keeps_no_time_lowers_the_confidence_at_most() -> None:
    clean, messy = (find_tempo(song("rock", 110.0, mess=mess), SR) for mess in (0.0, 1.0))
    assert clean.bpm == pytest.approx(110.0, rel=0.01) == messy.bpm
    assert messy.confidence <= clean.confidence


@pytest.mark.parametrize(
    "y",
    [np.zeros(30 * SR), np.zeros(0), click_track(120.0, 2.0), np.full(30 * SR, np.nan), np.ones(30 * SR)],
    ids=["silence", "nothing", "2 s", "no numbers", "constant"],
)
def test_what_cannot_have_a_tempo_has_none(y: np.ndarray) -> None:
    assert find_tempo(y.astype(np.float32), SR) == Tempo()
    assert find_tempo([y.astype(np.float32)] * 2, SR) == Tempo()
    assert find_tempo([], SR) == Tempo()


def test_stretches_are_as_good_as_the_whole_and_level_does_not_matter() -> None:
    y = song("house", 126.0, duration_s=60.0)
    whole = find_tempo(y, SR)
    assert whole.bpm == pytest.approx(126.0, rel=0.01)
    third = len(y) // 3
    assert find_tempo([y[:third], y[third : 2 * third], y[2 * third :]], SR) == whole
    assert find_tempo(y * np.float32(0.001), SR).bpm == whole.bpm


@pytest.mark.parametrize("sr", [8000, 44100, 48000])
def test_other_rates_are_taken_too(sr: int) -> None:
    y = song("rock", 96.0, duration_s=20.0)
    at = np.arange(int(len(y) * sr / SR)) * (SR / sr)
    again = np.interp(at, np.arange(len(y)), y).astype(np.float32)
    assert find_tempo(again, sr).bpm == pytest.approx(96.0, rel=0.02)


def test_an_hour_is_looked_at_in_pieces_only() -> None:
    hour = np.broadcast_to(np.float32(0.5), (3600 * SR,))  # takes no memory
    found = pieces(hour, SR)
    assert len(found) == N_PIECES
    assert {len(y) for y in found} == {int(PIECE_S * SR)}


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0.5, 40.0), max_size=9))
def test_pieces_are_few_short_and_from_the_sound(seconds: list[float]) -> None:
    sr = 100
    given_ = [np.full(int(s * sr), 1 + i, np.float32) for i, s in enumerate(seconds)]
    found = pieces(given_, sr)
    usable = [y for y in given_ if len(y) >= 4 * sr]
    assert len(found) <= N_PIECES and bool(found) == bool(usable)
    assert all(4 * sr <= len(y) <= PIECE_S * sr for y in found)
    numbers = [float(y[0]) for y in found]
    assert numbers == sorted(numbers) and set(numbers) <= {float(y[0]) for y in usable}


@settings(max_examples=30, deadline=None)
@given(
    hnp.arrays(np.float32, st.integers(SR, 6 * SR), elements=st.floats(-1, 1, width=32), fill=st.just(0.0))
)
def test_any_sound_gives_finite_evidence(y: np.ndarray) -> None:
    curve = onsets(y, SR)
    assert curve.strength.min() >= 0
    seen = evidence(curve, likeness(curve))
    assert seen.shape == (len(tempos()), N_KINDS) and np.isfinite(seen).all()
    found = find_tempo(y, SR)
    assert 0 <= found.confidence <= 1 and (found.bpm is None) == (found.course is None)


@given(hnp.arrays(np.float64, len(tempos()), elements=st.floats(0, 1)))
def test_probabilities_nearby_are_summed(chances: np.ndarray) -> None:
    chances = (chances + 1e-6) / (chances + 1e-6).sum()
    expected = [chances[max(0, i - 3) : i + 4].sum() for i in range(len(chances))]
    assert near(chances) == pytest.approx(np.array(expected))


@pytest.mark.parametrize(
    ("bpms", "expected"),
    [
        ([100, 101, 100, 99], "steady"),
        ([100], "steady"),
        ([100, 100, 100, 120], "changing"),
        ([90, 91, 120, 121], "changing"),
        ([100, 103, 106, 109], "drifting"),
        ([100, 120, 100, 120], "drifting"),
    ],
)
def test_the_course_of_tempos(bpms: list[float], expected: str) -> None:
    assert course(np.array(bpms, float)) == expected
