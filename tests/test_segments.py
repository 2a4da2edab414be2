"""Chroma and timbre: librosa's, of a song's first 300 frames, or the Million Song Dataset's own."""

from __future__ import annotations

from pathlib import Path

import librosa
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groovecli.audio import read as audio
from groovecli.features.msd_segments import MsdSegmentsSpec, from_segments
from groovecli.features.registry import FEATURES
from groovecli.features.segments import SegmentsSpec, _chroma_filters, chroma_timbre

SPEC = FEATURES["chroma-timbre"]
assert isinstance(SPEC, SegmentsSpec)
THEIRS = FEATURES["msd-segments"]
assert isinstance(THEIRS, MsdSegmentsSpec)


def song_start(folder: Path) -> np.ndarray:
    return audio.load(sorted(folder.glob("*.opus"))[0], sr=22050, length_s=30)


def noise(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 0.1, SPEC.n_clip_samples).astype(np.float32)


def tone(hz: float) -> np.ndarray:
    t = np.arange(SPEC.n_clip_samples) / SPEC.sr
    return (np.sin(2 * np.pi * hz * t) / 2).astype(np.float32)


def librosa_frames(y: np.ndarray) -> np.ndarray:
    sizes = {"y": y, "sr": 22050, "n_fft": 4096, "hop_length": 2205}
    chroma = librosa.feature.chroma_stft(**sizes, tuning=0.0, norm=np.inf)
    mfcc = librosa.feature.mfcc(**sizes, n_mfcc=12, n_mels=128)
    return np.vstack([chroma, mfcc])[:, :300].T


def check_equals_librosa(y: np.ndarray) -> None:
    ours, theirs = chroma_timbre(y, SPEC), librosa_frames(y)
    assert ours.shape == theirs.shape == (300, 24)
    assert ours.dtype == np.float32
    assert np.abs(ours - theirs)[:, :12].max() < 1e-5
    assert np.abs(ours - theirs)[:, 12:].max() < 1e-2  # dB


@pytest.mark.parametrize("genre", ["ambient", "electronic", "folk", "metal", "orchestral"])
def test_frames_equal_librosas_on_music(demo: Path, genre: str) -> None:
    check_equals_librosa(song_start(demo / genre))


def test_frames_equal_librosas_on_noise_tones_and_silence() -> None:
    check_equals_librosa(noise())
    check_equals_librosa(noise() * np.float32(1e-5))
    check_equals_librosa(tone(440))
    check_equals_librosa(tone(30) + tone(10000))
    check_equals_librosa(np.zeros(SPEC.n_clip_samples, np.float32))


@pytest.mark.parametrize(("sr", "n_fft"), [(22050, 4096), (44100, 2048), (8000, 512)])
def test_chroma_filters_equal_librosas(sr: int, n_fft: int) -> None:
    theirs = librosa.filters.chroma(sr=sr, n_fft=n_fft, tuning=0.0)
    assert np.abs(_chroma_filters(sr, n_fft, 12).T - theirs).max() < 1e-6


@settings(max_examples=20, deadline=None)
@given(st.integers(48, 96))
def test_a_notes_pitch_class_is_the_strongest(midi: int) -> None:
    chroma = chroma_timbre(tone(440 * 2 ** ((midi - 69) / 12)), SPEC)[:, :12]
    assert (chroma.argmax(axis=1) == midi % 12).all()  # C is 0


def test_each_frame_has_a_maximum_of_one_and_a_silent_one_is_zero(demo: Path) -> None:
    y = song_start(demo / "metal")
    y[: 10 * SPEC.sr] = 0
    chroma = chroma_timbre(y, SPEC)[:, :12]
    assert not chroma[:99].any()
    assert np.abs(chroma[101:].max(axis=1) - 1).max() < 1e-6
    assert chroma.min() >= 0


def test_chroma_does_not_know_how_loud_a_song_is_and_timbre_does() -> None:
    loud, soft = chroma_timbre(noise(), SPEC), chroma_timbre(noise() / 10, SPEC)
    assert np.abs(loud - soft)[:, :12].max() < 1e-5
    assert np.abs(loud - soft)[:, 13:].max() < 1e-2
    assert np.abs((loud - soft)[:, 12] - 20 * np.sqrt(128)).max() < 1e-2  # 20 dB in 128 bands


def test_what_comes_after_the_first_300_frames_does_not_count() -> None:
    y = noise()
    end = 299 * 2205 + 2048
    longer = np.concatenate([y[:end], 5 * noise(1)])
    assert np.array_equal(chroma_timbre(longer, SPEC), chroma_timbre(y[:end], SPEC))


def segments(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.uniform(0, 1, (n, 12)), rng.normal(0, 60, (n, 12))


@given(st.integers(300, 1200), st.integers(0, 99), st.sampled_from([np.float32, np.float64]))
def test_the_first_300_segments_are_taken(n: int, seed: int, dtype: type) -> None:
    pitches, timbre = (part.astype(dtype) for part in segments(n, seed))
    frames = from_segments(pitches, timbre, THEIRS)
    assert (frames.shape, frames.dtype) == ((300, 24), np.float32)
    assert np.abs(frames[:, :12].max(axis=1) - 1).max() < 1e-6
    assert np.allclose(frames[:, :12] * pitches[:300].max(axis=1, keepdims=True), pitches[:300])
    assert np.array_equal(frames[:, 12:], timbre[:300].astype(np.float32))


def test_segments_without_a_pitch_stay_zero() -> None:
    pitches, timbre = segments(300, 0)
    pitches[7] = 0
    frames = from_segments(pitches, timbre, THEIRS)
    assert not frames[7, :12].any()
    assert np.isfinite(frames).all()


@pytest.mark.parametrize(("n_pitches", "n_timbre"), [(299, 299), (299, 300), (300, 299), (0, 0)])
def test_fewer_segments_are_refused(n_pitches: int, n_timbre: int) -> None:
    with pytest.raises(ValueError, match="are fewer than 300"):
        from_segments(np.zeros((n_pitches, 12)), np.zeros((n_timbre, 12)), THEIRS)


@pytest.mark.parametrize(
    ("pitches", "timbre"),
    [((300, 11), (300, 12)), ((300, 11), (300, 13)), ((300,), (300, 12)), ((300, 12), ())],
)
def test_segments_of_another_width_are_refused(pitches: tuple[int, ...], timbre: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="wide"):
        from_segments(np.zeros(pitches), np.zeros(timbre), THEIRS)
