"""Features: equal to librosa's, in their range, and known by their fingerprint."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import librosa
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from groovecli import audio
from groovecli.errors import UsageError
from groovecli.features.catalog import FEATURES, extract, feature
from groovecli.features.mel import mel_db, mel_filters
from groovecli.features.power import spread_power
from groovecli.features.spec import FeatureSpec

MEL, POWER = feature("mel-323"), feature("spec-256")


def noise(spec: FeatureSpec, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 0.1, spec.n_clip_samples).astype(np.float32)


def librosa_mel_db(y: np.ndarray) -> np.ndarray:
    power = librosa.feature.melspectrogram(y=y, sr=22050, n_fft=4096, hop_length=2048, n_mels=323)
    return librosa.power_to_db(power, ref=np.max, top_db=80)


def check_equals_librosa(y: np.ndarray) -> None:
    ours = mel_db(y, MEL)
    assert ours.shape == (323, 323)
    assert ours.dtype == np.float32
    assert np.abs(ours - librosa_mel_db(y)).max() < 0.001


def test_mel_equals_librosa_on_music(demo: Path) -> None:
    for genre in ("metal", "ambient"):
        song = sorted((demo / genre).glob("*.opus"))[0]
        check_equals_librosa(audio.load(song, sr=22050, start_s=5, length_s=30))


def test_mel_equals_librosa_on_noise_and_tones() -> None:
    check_equals_librosa(noise(MEL))
    t = np.arange(MEL.n_clip_samples) / MEL.sr
    check_equals_librosa((np.sin(2 * np.pi * (60 + 300 * t) * t) / 2).astype(np.float32))
    check_equals_librosa((noise(MEL) * 1e-4).astype(np.float32))


@pytest.mark.parametrize(
    ("sr", "n_fft", "n_bands"), [(22050, 4096, 323), (44100, 2048, 120), (16000, 512, 40)]
)
def test_mel_filters_equal_librosas(sr: int, n_fft: int, n_bands: int) -> None:
    theirs = librosa.filters.mel(sr=sr, n_fft=n_fft, n_mels=n_bands)
    assert np.abs(mel_filters(sr, n_fft, n_bands).toarray() - theirs).max() < 1e-8


def test_silence_is_all_zero() -> None:
    for spec in FEATURES.values():
        zeros = np.zeros(spec.n_clip_samples, np.float32)
        values = spec.decode(extract(zeros, spec))
        assert np.abs(values).max() < 1e-6


def test_power_is_the_papers() -> None:
    """SYSTEMS.md: |STFT|^2 with n_fft 512 and hop 1722, scaled to [0, 1], then tanh(1e6 x)."""
    y = noise(POWER)[: POWER.n_window_samples]
    power = np.abs(librosa.stft(y, n_fft=512, hop_length=1722, center=False)) ** 2
    expected = np.tanh(1e6 * power[:256, :256] / power[:256, :256].max())
    image = spread_power(y, POWER)
    assert image.shape == (256, 256)
    assert np.abs(image - expected).max() < 1e-3


def test_power_of_a_clip_is_three_images_in_range(demo: Path) -> None:
    song = sorted((demo / "folk").glob("*.opus"))[0]
    codes = extract(audio.load(song, sr=44100, length_s=30), POWER)
    assert codes.shape == POWER.shape == (3, 256, 256)
    values = POWER.decode(codes)
    assert values.min() >= 0
    assert 0.99 < values.max() <= 1
    half = np.zeros(POWER.n_clip_samples, np.float32)
    half[: POWER.n_window_samples] = 0.5 * np.sin(np.arange(POWER.n_window_samples))
    assert [image.any() for image in extract(half, POWER)] == [True, False, False]


@pytest.mark.parametrize("name", sorted(FEATURES))
def test_every_feature_has_its_shape_and_range(name: str) -> None:
    spec = feature(name)
    codes = extract(noise(spec), spec)
    assert codes.shape == spec.shape
    assert codes.dtype == np.uint8
    values = spec.decode(codes)
    assert values.dtype == np.float32
    assert spec.low <= values.min() <= values.max() <= spec.high + 1e-6


@given(st.lists(st.floats(-80, 0, width=32), min_size=1, max_size=50))
def test_a_stored_value_is_half_a_level_off_at_most(values: list[float]) -> None:
    y = np.array(values, np.float32)
    assert np.abs(MEL.decode(MEL.encode(y)) - y).max() <= 80 / 255 / 2 + 1e-4  # 0.16 dB


@given(st.floats(-1e6, 1e6, width=32))
def test_values_out_of_range_are_stored_as_the_nearest(value: float) -> None:
    assert MEL.low <= float(MEL.decode(MEL.encode(np.array([value], np.float32)))[0]) <= MEL.high + 1e-5


@pytest.mark.parametrize("clip_s", [3.0, 10.0, 29.5, 60.0])
def test_other_clips_have_other_frames_and_fingerprints(clip_s: float) -> None:
    spec = feature("mel-323", clip_s)
    assert spec.n_frames == 1 + round(clip_s * 22050) // 2048
    assert (spec.hop_length, spec.n_bands) == (2048, 323)
    assert spec.fingerprint != MEL.fingerprint
    assert extract(noise(spec), spec).shape == (1, 323, spec.n_frames)
    assert feature("mel-323", 30.0).fingerprint == MEL.fingerprint


def test_windows_of_fixed_length_become_more_or_fewer() -> None:
    assert feature("spec-256", 60.0).shape == (6, 256, 256)
    assert feature("spec-256", 10.0).shape == (1, 256, 256)
    assert feature("spec-256", 25.0).shape == (2, 256, 256)


@pytest.mark.parametrize(
    ("name", "clip_s"),
    [("mel-323", 2.9), ("mel-323", 601.0), ("mel-323", float("nan")), ("spec-256", 9.0), ("spec-256", 1e9)],
)
def test_clips_of_senseless_lengths_are_refused(name: str, clip_s: float) -> None:
    with pytest.raises(UsageError):
        feature(name, clip_s)


def test_an_unknown_feature_names_those_there() -> None:
    with pytest.raises(UsageError, match="no feature 'mel'") as caught:
        feature("mel")
    assert "mel-323" in caught.value.hint


def test_the_fingerprint_changes_with_every_field() -> None:
    seen = {MEL.fingerprint}
    for field in fields(MEL):
        value = getattr(MEL, field.name)
        other = (
            f"{value}x" if isinstance(value, str) else not value if isinstance(value, bool) else value + 1
        )
        seen.add(replace(MEL, **{field.name: other}).fingerprint)
    assert len(seen) == 1 + len(fields(MEL))


def test_a_spec_survives_a_file() -> None:
    for spec in FEATURES.values():
        assert FeatureSpec.from_dict(spec.to_dict()) == spec
