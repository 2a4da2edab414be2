"""The songs that tempo and key are measured on: they are what their plan says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.rendered import KINDS, SR, Plan, click_track, plans, render

_MAJOR, _MINOR = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10)


@pytest.mark.parametrize("kind", KINDS)
def test_a_plan_is_always_the_same_sound(kind: str) -> None:
    bpm = None if KINDS[kind].bpm is None else 100.0
    plan = Plan(kind, 5, bpm, 3 if KINDS[kind].tonal else None, duration_s=6.0)
    y = render(plan).y
    assert y.dtype == np.float32 and y.shape == (6 * SR,)
    assert np.isfinite(y).all() and 0.5 < np.abs(y).max() < 1
    assert np.array_equal(y, render(plan).y)


def test_beats_are_as_far_apart_as_the_tempo_says() -> None:
    steady = [name for name, kind in KINDS.items() if kind.bpm and kind.course == "steady"]
    for name in steady:
        apart = np.diff(render(Plan(name, 1, 90.0, 0, duration_s=12.0)).beats_s)
        assert apart == pytest.approx(np.full(len(apart), 60 / 90))
    moving = {
        name: np.diff(render(Plan(name, 1, 90.0, 0, duration_s=60.0)).beats_s)
        for name in ("drift", "rubato", "tempo change")
    }
    for name, apart in moving.items():
        assert np.median(apart) == pytest.approx(60 / 90, rel=0.02), name
        assert np.ptp(apart) > 0.05 * 60 / 90, name


def test_plans_spread_over_kinds_keys_and_tempos() -> None:
    drawn = list(plans(252, seed=3))
    assert {plan.kind for plan in drawn} == set(KINDS)
    assert len({plan.seed for plan in drawn}) == 252
    assert len({(plan.tonic, plan.is_minor) for plan in drawn if plan.tonic is not None}) == 24
    for plan in drawn:
        bounds = KINDS[plan.kind].bpm
        assert (plan.bpm is None) == (bounds is None) == (plan.course is None)
        assert bounds is None or bounds[0] <= (plan.bpm or 0) <= bounds[1]
        assert bool(plan.cents) == KINDS[plan.kind].detuned
    assert drawn == list(plans(252, seed=3)) != list(plans(252, seed=4))


@pytest.mark.parametrize(("tonic", "is_minor"), [(0, False), (7, False), (9, True), (3, True)])
def test_the_sound_has_the_notes_of_its_key(tonic: int, is_minor: bool) -> None:
    y = render(Plan("no drums", 2, 100.0, tonic, is_minor, duration_s=20.0)).y
    notes = _notes(y)
    scale = [(tonic + step) % 12 for step in (_MINOR if is_minor else _MAJOR)]
    assert notes[scale].sum() > 0.8 * notes.sum()


def test_a_click_track_beeps_once_a_beat() -> None:
    loud = np.abs(click_track(120.0, 10.0)) > 0.2
    begins = np.flatnonzero(loud)
    begins = begins[np.diff(begins, prepend=-SR) > SR / 10]
    assert np.diff(begins) == pytest.approx(np.full(19, SR / 2), abs=2)


def _notes(y: Any) -> Any:
    """Power of the twelve notes between 110 and 1,000 Hz [shape=(12,)]."""
    power = np.square(np.abs(np.fft.rfft(y)))
    hz = np.arange(len(power)) * SR / len(y)
    kept = (hz > 110) & (hz < 1000)
    note = np.round(12 * np.log2(hz[kept] / 440) + 9).astype(int) % 12
    return np.bincount(note, power[kept], minlength=12)
