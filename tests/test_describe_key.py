"""The key of a song: named where there is one, in any tuning, and not named where there is none."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from torch.nn import functional

from groovecli.describe import key_network
from groovecli.describe.chroma import PROFILES, cents_of, chroma, fits, tuning
from groovecli.describe.description import Key
from groovecli.describe.key import find_key, key_evidence, key_from, pieces
from groovecli.describe.key_network import key_scores
from groovecli.describe.vqt import N_BINS, constant_q, pitches, spectrum
from tests.rendered import KINDS, Plan, click_track, plans, render

SR = 22050
Samples = NDArray[np.float32]
C4_HZ = 261.6256
MAJOR_CHORDS = ((0, 4, 7), (5, 9, 12), (7, 11, 14), (0, 4, 7))
MINOR_CHORDS = ((0, 3, 7), (5, 8, 12), (7, 11, 14), (0, 3, 7))


def chord(steps: Sequence[float], duration_s: float, *, sr: int = SR, per_octave: int = 12) -> Samples:
    """Notes above C4 with four harmonics each."""
    at_s = np.arange(int(duration_s * sr)) / sr
    hz = C4_HZ * 2 ** (np.array(steps) / per_octave)
    waves = [np.sin(2 * np.pi * one * k * at_s) / k for one in hz for k in range(1, 5)]
    shape = np.minimum(1, np.minimum(at_s, duration_s - at_s) / 0.02)
    return (0.05 * shape * np.sum(waves, axis=0)).astype(np.float32)


def song(tonic: float, is_minor: bool = False, *, n_rounds: int = 2, sr: int = SR) -> Samples:
    """A cadence of four seconds, so often, in a key; `tonic` may lie between two keys."""
    chords = MINOR_CHORDS if is_minor else MAJOR_CHORDS
    return np.tile(
        np.concatenate([chord([tonic + step for step in steps], 1.0, sr=sr) for steps in chords]), n_rounds
    )


def named(key: Key) -> tuple[int | None, bool]:
    return key.tonic, key.is_minor


def noise(duration_s: float, seed: int = 0) -> Samples:
    return 0.1 * np.random.default_rng(seed).standard_normal(int(duration_s * SR)).astype(np.float32)


@pytest.mark.parametrize("is_minor", [False, True])
@pytest.mark.parametrize("tonic", range(12))
def test_a_cadence_is_in_its_key(tonic: int, is_minor: bool) -> None:
    key = find_key([song(tonic, is_minor)], SR)
    assert named(key) == (tonic, is_minor)
    assert 0.5 < key.confidence < 1
    assert abs(key.tuning_cents) < 3


def test_a_key_has_the_names_of_musicians_and_djs() -> None:
    key = find_key([song(0, True)], SR)
    assert (key.name, key.camelot) == ("C minor", "5A")
    key = find_key([song(0)], SR)
    assert (key.name, key.camelot) == ("C major", "8B")


@settings(max_examples=20, deadline=None)
@given(tonic=st.integers(0, 11), is_minor=st.booleans(), cents=st.floats(-50, 50))
def test_a_song_that_is_tuned_differently_keeps_its_key(tonic: int, is_minor: bool, cents: float) -> None:
    key = find_key([song(tonic + cents / 100, is_minor)], SR)
    assert key.tonic is not None and key.is_minor == is_minor
    above = 100 * (key.tonic - tonic) + key.tuning_cents - cents  # 50 cents up is 50 cents below the next
    assert abs((above + 600) % 1200 - 600) < 5
    assert -50 <= key.tuning_cents <= 50


@pytest.mark.parametrize("sr", [8000, 16000, 44100])
def test_the_sample_rate_makes_no_difference(sr: int) -> None:
    assert named(find_key([song(3, sr=sr)], sr)) == (3, False)


def test_two_seconds_are_enough_for_a_chord_with_its_scale() -> None:
    steps = (0, 4, 7, 5, 9, 12, 11, 14)
    y = np.concatenate([chord((step,), 0.25) for step in steps])
    key = find_key([y], SR)
    assert key.tonic is not None and 0 < key.confidence < 1


def drone(*steps: float) -> Samples:
    return chord([step - 12 for step in steps], 8.0)


WITHOUT_KEY = {
    "nothing": [],
    "no samples": [np.zeros(0, np.float32)],
    "half a second": [song(0)[: SR // 2]],
    "silence": [np.zeros(20 * SR, np.float32)],
    "too quiet": [1e-4 * song(0)],
    "noise": [noise(12)],
    "a click track": [click_track(120.0, 12.0)],
    "one note": [drone(9)],
    "a fifth": [drone(0, 7)],
    "octaves": [drone(0, 12, 24)],
    "seven equal steps": [
        np.tile(np.concatenate([chord([n, n + 2, n + 4], 1.0, per_octave=7) for n in (0, 3, 4, 5)]), 2)
    ],
    "thirteen equal steps": [
        np.tile(np.concatenate([chord([n, n + 4, n + 8], 1.0, per_octave=13) for n in (0, 3, 1, 6)]), 2)
    ],
    "whole tones": [
        np.tile(np.concatenate([chord([n, n + 2, n + 4], 1.0) for n in (0, 6, 4, 2)]), 2),
    ],
}


@pytest.mark.parametrize("what", WITHOUT_KEY)
def test_without_a_key_none_is_named(what: str) -> None:
    key = find_key(WITHOUT_KEY[what], SR)
    assert (key.tonic, key.confidence, key.name, key.camelot) == (None, 0.0, None, None)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if not KINDS[kind].tonal])
def test_rendered_songs_without_a_key_have_none(kind: str) -> None:
    bpm = None if KINDS[kind].bpm is None else 110.0
    y = render(Plan(kind, 4, bpm, duration_s=30.0)).y
    assert find_key([y], SR).tonic is None


def test_rendered_songs_have_their_key() -> None:
    drawn = [
        replace(plan, duration_s=30.0)
        for plan in plans(12, seed=11, kinds=("rock", "no drums", "detuned", "ambient"))
    ]
    keys = [find_key([render(plan).y], SR) for plan in drawn]
    right = [named(key) == (plan.tonic, plan.is_minor) for key, plan in zip(keys, drawn, strict=True)]
    assert sum(right) >= 9
    off = [abs(key.tuning_cents - plan.cents) for key, plan in zip(keys, drawn, strict=True)]
    assert max(off) < 5


def test_most_stretches_decide() -> None:
    key = find_key([song(2), song(8), song(2)], SR)
    assert named(key) == (2, False)
    assert key.confidence < find_key([song(2)] * 3, SR).confidence


def test_noise_makes_a_key_less_sure() -> None:
    y = song(4)
    clean, noisy = (find_key([y + level * noise(8)], SR) for level in (0.0, 3.0))
    assert noisy.confidence < clean.confidence


def test_silent_stretches_are_passed_over() -> None:
    silence = np.zeros(10 * SR, np.float32)
    assert find_key([silence, song(7), silence], SR) == find_key([song(7)], SR)


def test_loudness_makes_no_difference() -> None:
    loud, soft = (find_key([gain * song(1, True)], SR) for gain in (4.0, 0.02))
    assert named(loud) == named(soft) == (1, True)
    assert loud.confidence == pytest.approx(soft.confidence, abs=0.01)


@settings(max_examples=50)
@given(
    lengths_s=st.lists(st.floats(0, 50), max_size=6),
    sr=st.sampled_from([100, 441]),
)
def test_pieces_are_few_and_short(lengths_s: list[float], sr: int) -> None:
    stretches = [np.ones(int(length * sr), np.float32) for length in lengths_s]
    cut = pieces(stretches, sr)
    assert len(cut) <= 3
    assert all(sr <= len(piece) <= 15 * sr for piece in cut)
    assert bool(cut) == any(len(y) >= sr for y in stretches)


@pytest.mark.parametrize(
    ("lengths_s", "expected_s"),
    [((20, 20, 20), [15, 15, 15]), ((30,), [15, 15]), ((10,), [10]), ((60,), [15, 15, 15])],
)
def test_each_stretch_gives_its_pieces(lengths_s: tuple[int, ...], expected_s: list[int]) -> None:
    cut = pieces([np.ones(100 * length, np.float32) for length in lengths_s], 100)
    assert [len(piece) // 100 for piece in cut] == expected_s


def test_an_hour_is_cut_without_a_copy() -> None:
    y = np.zeros(3600 * SR, np.float32)
    y[:: SR // 2] = 0.5
    cut = pieces([y], SR)
    assert len(cut) == 3
    assert all(np.shares_memory(piece, y) for piece in cut)
    assert sum(len(piece) for piece in cut) <= 45 * SR


# The parts


def test_a_semitone_is_strong_at_its_own_pitch_and_time() -> None:
    y = np.zeros(6 * SR, np.float32)
    at_s = np.arange(2 * SR) / SR
    y[2 * SR : 4 * SR] = np.sin(2 * np.pi * pitches()[36] * at_s)
    bands = constant_q(spectrum(y, SR))
    assert bands.shape[0] == N_BINS and bands.dtype == np.float32
    assert bands.mean(axis=1).argmax() == 36
    loud = bands[36] > 0.5 * bands[36].max()
    frames = np.flatnonzero(loud) * 1024 / SR
    assert frames[0] == pytest.approx(2, abs=0.1) and frames[-1] == pytest.approx(4, abs=0.1)


def test_magnitudes_are_those_of_windows_laid_over_the_samples() -> None:
    y, k, frame = noise(4), 45, 40
    hz = pitches(13.0)[k]
    bands = constant_q(spectrum(y, SR), 13.0)
    n = round(SR / hz / (2 ** (1 / 12) - 1))
    first = frame * 1024 - n // 2
    window = np.hanning(n + 1)[:n]
    turns = np.exp(-2j * np.pi * hz / SR * np.arange(n))
    expected = abs((y[first : first + n] * window / window.sum()) @ turns) * np.sqrt(n)
    assert bands[k, frame] == pytest.approx(expected, rel=0.1)


def test_pitches_above_the_sample_rate_are_silent() -> None:
    bands = constant_q(spectrum(noise(3)[: 3 * 4000], 4000))
    assert np.isfinite(bands).all()
    assert not bands[pitches() > 2300].any() and bands[pitches() < 1500].all()


@settings(max_examples=15, deadline=None)
@given(cents=st.floats(-49, 49), note=st.floats(-12, 12))
def test_tuning_is_measured_to_a_few_cents(cents: float, note: float) -> None:
    y = chord([round(note) + cents / 100, round(note) + 7 + cents / 100], 3.0)
    direction = tuning(spectrum(y, SR))
    off = cents_of(direction) - cents
    assert abs((off + 50) % 100 - 50) < 4
    assert abs(direction) > 0.5


def test_noise_has_no_tuning() -> None:
    for seed, duration_s in enumerate((2, 5, 10)):
        assert abs(tuning(spectrum(noise(duration_s, seed), SR))) < 0.2
    assert tuning(spectrum(np.zeros(SR, np.float32), SR)) == 0


def test_chroma_counts_the_notes_that_sound() -> None:
    classes = chroma(constant_q(spectrum(chord((2, 6, 9), 5.0), SR)))
    assert set(np.argsort(classes)[-3:]) == {2, 6, 9}
    assert (classes >= 0).all()


@given(
    st.lists(st.floats(0, 1), min_size=12, max_size=12), st.integers(0, 11), st.sampled_from([*PROFILES])
)
def test_fits_move_with_the_notes(shares: list[float], up: int, profile: str) -> None:
    classes = np.array(shares)
    here, there = fits(classes, profile), fits(np.roll(classes, up), profile)
    assert (np.abs(here) <= 1 + 1e-9).all()
    assert np.roll(here[:12], up) == pytest.approx(there[:12], abs=1e-6)
    assert np.roll(here[12:], up) == pytest.approx(there[12:], abs=1e-6)


@pytest.mark.parametrize("profile", PROFILES)
def test_a_profile_fits_its_own_key_best(profile: str) -> None:
    for mode, weights in enumerate(PROFILES[profile]):
        r = fits(np.roll(np.array(weights), 5), profile)
        assert r.argmax() == 5 + 12 * mode and r.max() == pytest.approx(1)
    assert not fits(np.ones(12), profile).any()


def test_the_network_is_the_published_one() -> None:
    magnitudes = constant_q(spectrum(song(5, n_rounds=3) + 0.02 * noise(12), SR))
    assert key_scores(magnitudes) == pytest.approx(_by_torch(magnitudes), abs=0.01)


def test_the_network_answers_in_probabilities_for_any_length() -> None:
    for n_frames in (1, 127, 128, 300):
        scores = key_scores(np.abs(np.random.default_rng(1).normal(size=(N_BINS, n_frames))).astype("f4"))
        assert scores.shape == (24,) and np.exp(scores).sum() == pytest.approx(1)


def _by_torch(magnitudes: NDArray[np.float32]) -> NDArray[np.float64]:
    """As its authors' layers compute it."""
    w = {name: torch.tensor(value) for name, value in key_network._weights().items()}
    x = 10 * torch.log10(torch.tensor(magnitudes)[None, None].clamp(min=1e-10))
    x = torch.maximum(x, x.max() - 80) / 80 + 1
    for n in range(7):
        down, block = f"time_downsampling_blocks.{n}.conv.", f"convnext_blocks.{n}."
        x = functional.layer_norm(x, x.shape[1:])
        x = functional.gelu(functional.conv2d(x, w[down + "weight"], w[down + "bias"], stride=(1, 2)))
        kernel = w[block + "dwconv.weight"]
        padded = functional.pad(x, (kernel.shape[-1] // 2,) * 4, mode="replicate")
        y = functional.conv2d(padded, kernel, w[block + "dwconv.bias"], groups=len(kernel))
        y = functional.layer_norm(y, y.shape[1:]).permute(0, 2, 3, 1)
        y = functional.gelu(functional.linear(y, w[block + "pwconv1.weight"], w[block + "pwconv1.bias"]))
        y = (
            functional.linear(y, w[block + "pwconv2.weight"], w[block + "pwconv2.bias"])
            * w[block + "gamma"]
        )
        x = x + y.permute(0, 3, 1, 2)
    x = x.reshape(1, x.shape[1], -1, 12, x.shape[-1]).mean((2, 4))[..., None]
    x = functional.conv2d(x, w["classifier.weight"], w["classifier.bias"])
    x = functional.batch_norm(x, w["batch_norm.running_mean"], w["batch_norm.running_var"])
    scores = functional.log_softmax(x.flatten(1), dim=-1)[0].double().numpy()
    return np.concatenate([np.roll(scores[:12], 9), np.roll(scores[12:], 11)])  # from A and from B


def test_a_key_needs_evidence() -> None:
    evidence = key_evidence([song(9)], SR)
    assert evidence is not None
    assert named(key_from(evidence)) == (9, False)
    assert key_from(replace(evidence, direction=0.17 + 0j)) == Key()
    assert key_from(replace(evidence, direction=0.17 + 0j, n_pieces=3)).tonic == 9
    two = np.zeros(12)
    two[[9, 4]] = 0.5
    assert key_from(replace(evidence, classes=two)).tonic is None
    assert key_from(replace(evidence, fits=np.zeros(24), network=np.full(24, -np.log(24)))).tonic is None


def test_keys_are_named_without_torch_librosa_or_numba() -> None:
    program = (
        "import sys, numpy as np; from groovecli.describe.key import find_key;"
        "find_key([np.sin(np.arange(40000) / 8).astype('f4')], 22050);"
        "print({'torch', 'librosa', 'numba'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
