"""Features: as their sources have them, in their range, and known by their fingerprint."""

from __future__ import annotations

import json
import math
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import librosa
import numpy as np
import pytest
import soxr
from hypothesis import assume, example, given
from hypothesis import strategies as st

from groovecli.audio import read as audio
from groovecli.errors import UsageError
from groovecli.features.images import images
from groovecli.features.mel import htk_filters, mel_db, mel_filters
from groovecli.features.mel_kaldi import mel_kaldi
from groovecli.features.mel_pair import LOUDNESS, mel_pair
from groovecli.features.power import spread_power
from groovecli.features.registry import FEATURES, extract, feature, spec_from_dict
from groovecli.features.segments import SegmentsSpec
from groovecli.features.spec import AudioSpec, FeatureSpec, ImageSpec
from groovecli.features.wave import WaveSpec, waves

OF_SOUND = sorted(name for name, spec in FEATURES.items() if isinstance(spec, AudioSpec))
IMAGES = sorted(name for name, spec in FEATURES.items() if isinstance(spec, ImageSpec))
WAVES = sorted(name for name, spec in FEATURES.items() if isinstance(spec, WaveSpec))


def of_sound(name: str, clip_s: float = 30.0) -> AudioSpec:
    spec = feature(name, clip_s)
    assert isinstance(spec, AudioSpec)
    return spec


def image(name: str, clip_s: float = 30.0) -> ImageSpec:
    spec = feature(name, clip_s)
    assert isinstance(spec, ImageSpec)
    return spec


def wave(name: str, clip_s: float = 30.0) -> WaveSpec:
    spec = feature(name, clip_s)
    assert isinstance(spec, WaveSpec)
    return spec


MEL, SHORT_MEL, POWER = image("mel-323"), image("mel-120"), image("spec-256")


def noise(spec: AudioSpec, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 0.1, spec.n_clip_samples).astype(np.float32)


def song(folder: Path, spec: AudioSpec, start_s: float = 0.0) -> np.ndarray:
    path = sorted(folder.glob("*.opus"))[0]
    y = audio.load(path, sr=spec.sr, start_s=start_s, length_s=spec.clip_s)
    return audio.fit(y, spec.n_clip_samples)


# Mel pairs


PAIR = image("mel-2x96")


def test_the_upper_half_has_htks_filters_in_decibels() -> None:
    filters = librosa.filters.mel(sr=16000, n_fft=512, n_mels=96, htk=True, norm=None)
    assert np.abs(htk_filters(16000, 512, 96).toarray() - filters).max() < 1e-5


def test_a_pair_is_what_both_taggers_hear_of_the_clip_at_its_loudness() -> None:
    y = noise(PAIR)
    y *= LOUDNESS / np.sqrt(np.square(y).mean())
    power = np.abs(librosa.stft(y, n_fft=512, hop_length=256, pad_mode="constant")) ** 2
    slaney = librosa.filters.mel(sr=16000, n_fft=512, n_mels=96) @ power
    htk = librosa.filters.mel(sr=16000, n_fft=512, n_mels=96, htk=True, norm=None) @ power
    found = mel_pair(y, PAIR)
    assert found.shape == (192, 1876)
    assert np.abs(found[:96] * 128 - 80 - 10 * np.log10(np.maximum(htk, 1e-10))).max() < 0.01
    assert np.abs(found[96:] * 6 - np.log10(10000 * slaney + 1)).max() < 0.001


@given(gain=st.floats(1e-3, 1.0))
def test_a_pair_knows_no_loudness(gain: float) -> None:
    y, spec = noise(PAIR), replace(PAIR, clip_s=3.0, window_s=3.0, n_frames=188)
    assert np.abs(mel_pair(y[:48000], spec) - mel_pair(y[:48000] * np.float32(gain), spec)).max() < 1e-3


def test_a_silent_pair_is_zero() -> None:
    codes = extract(np.zeros(PAIR.n_clip_samples, np.float32), PAIR)
    assert not codes.any()


# Kaldi's mel bands


KALDI = image("mel-128")


def test_kaldis_bands_are_those_of_twice_the_rate() -> None:
    """As EfficientAT was taught: pre-emphasised samples at 32 kHz, of which the upper half is silent."""
    y = soxr.resample(noise(KALDI)[: 3 * 16000], 16000, 32000, quality="VHQ")
    y *= LOUDNESS / np.sqrt(np.square(y).mean())
    found = mel_kaldi(soxr.resample(y, 32000, 16000, quality="VHQ"), replace(KALDI, n_frames=301))
    window = np.hanning(801)[:-1]
    power = (
        np.abs(
            librosa.stft(y[1:] - 0.97 * y[:-1], n_fft=1024, hop_length=320, win_length=800, window=window)
        )
        ** 2
    )
    mels = 1127 * np.log1p(np.arange(513) * 31.25 / 700)
    step = 1127 * np.log1p(15000 / 700) / 129
    left = np.arange(128)[:, None] * step
    filters = np.maximum(0, np.minimum((mels - left) / step, (left + 2 * step - mels) / step))
    expected = (np.log(filters @ power + 1e-5) + 4.5) / 5
    below = (left[:, 0] + 2 * step) < 1127 * np.log1p(7500 / 700)
    assert found.shape == (128, 301) and below.sum() > 90
    n = expected.shape[1]
    apart = (found[:, :n] - expected)[below][:, 5:-5]
    assert np.median(np.abs(apart)) < 0.005  # where noise happens to cancel, they differ
    assert np.abs(apart.mean(axis=1)).max() < 0.02


@given(gain=st.floats(1e-2, 1.0))
def test_kaldis_bands_know_no_loudness(gain: float) -> None:
    y, spec = noise(KALDI)[:48000], replace(KALDI, clip_s=3.0, window_s=3.0, n_frames=301)
    assert np.abs(mel_kaldi(y, spec) - mel_kaldi(y * np.float32(gain), spec)).max() < 1e-3


def test_kaldis_bands_of_silence_are_the_lowest() -> None:
    codes = extract(np.zeros(KALDI.n_clip_samples, np.float32), KALDI)
    assert codes.max() == codes.min() <= 1


def test_a_tone_stays_in_kaldis_range() -> None:
    t = np.arange(48000) / 16000
    spec = replace(KALDI, clip_s=3.0, window_s=3.0, n_frames=301)
    loudest = max(
        float(mel_kaldi(np.sin(2 * np.pi * hz * t).astype(np.float32), spec).max())
        for hz in (100, 1000, 7000)
    )
    assert loudest < KALDI.high


# Mel spectrograms


def librosa_mel_db(y: np.ndarray, spec: ImageSpec) -> np.ndarray:
    power = librosa.feature.melspectrogram(
        y=y, sr=spec.sr, n_fft=spec.n_fft, hop_length=spec.hop_length, n_mels=spec.n_bands
    )[:, : spec.n_frames]
    return librosa.power_to_db(power, ref=np.max, top_db=80)


def check_equals_librosa(y: np.ndarray, spec: ImageSpec) -> None:
    ours = mel_db(y, spec)
    assert ours.shape == spec.stored_shape[1:]
    assert ours.dtype == np.float32
    assert np.abs(ours - librosa_mel_db(y, spec)).max() < 0.001


def test_mel_equals_librosa_on_music(demo: Path) -> None:
    for genre in ("metal", "ambient"):
        check_equals_librosa(song(demo / genre, MEL, start_s=5), MEL)


def test_mel_equals_librosa_on_noise_and_tones() -> None:
    check_equals_librosa(noise(MEL), MEL)
    t = np.arange(MEL.n_clip_samples) / MEL.sr
    check_equals_librosa((np.sin(2 * np.pi * (60 + 300 * t) * t) / 2).astype(np.float32), MEL)
    check_equals_librosa((noise(MEL) * 1e-4).astype(np.float32), MEL)


@pytest.mark.parametrize("genre", ["electronic", "orchestral"])
def test_mel_of_20_windows_equals_librosas(demo: Path, genre: str) -> None:
    """SYSTEMS.md: 3 s, 120 bands x 300 frames, n_fft 2048, hop 441, centred, the first 300."""
    y = song(demo / genre, SHORT_MEL)
    decoded = SHORT_MEL.decode(images(mel_db)(y, SHORT_MEL))
    assert decoded.shape == (20, 120, 300)
    for number, values in enumerate(decoded):
        start = SHORT_MEL.first_sample(number)
        window = y[start : start + 3 * 44100]
        check_equals_librosa(window, SHORT_MEL)
        assert np.abs(values - librosa_mel_db(window, SHORT_MEL)).max() < 80 / 255 / 2 + 0.002


@pytest.mark.parametrize(
    ("sr", "n_fft", "n_bands"), [(22050, 4096, 323), (44100, 2048, 120), (16000, 512, 40)]
)
def test_mel_filters_equal_librosas(sr: int, n_fft: int, n_bands: int) -> None:
    theirs = librosa.filters.mel(sr=sr, n_fft=n_fft, n_mels=n_bands)
    assert np.abs(mel_filters(sr, n_fft, n_bands).toarray() - theirs).max() < 1e-8


# Power spectrograms


def test_power_is_the_papers() -> None:
    """SYSTEMS.md: |STFT|^2 with n_fft 512 and hop 1722, scaled to [0, 1], then tanh(1e6 x)."""
    y = noise(POWER)[: POWER.n_window_samples]
    power = np.abs(librosa.stft(y, n_fft=512, hop_length=1722, center=False)) ** 2
    expected = np.tanh(1e6 * power[:256, :256] / power[:256, :256].max())
    values = spread_power(y, POWER)
    assert values.shape == (256, 256)
    assert np.abs(values - expected).max() < 1e-3


def test_power_of_a_clip_is_three_images_in_range(demo: Path) -> None:
    codes = extract(song(demo / "folk", POWER), POWER)
    assert codes.shape == POWER.stored_shape == (3, 256, 256)
    values = POWER.decode(codes)
    assert values.min() >= 0
    assert 0.99 < values.max() <= 1
    half = np.zeros(POWER.n_clip_samples, np.float32)
    half[: POWER.n_window_samples] = 0.5 * np.sin(np.arange(POWER.n_window_samples))
    assert [image.any() for image in extract(half, POWER)] == [True, False, False]


# Samples


def test_pooled_samples_are_means_of_forty_of_the_first_600_000(demo: Path) -> None:
    spec = wave("wave-pooled")
    y = song(demo / "folk", spec)
    stored = waves(y, spec)
    means = y[:600_000].reshape(15_000, 40).mean(axis=1)
    assert stored.shape == (15_000,)
    assert np.abs(stored - means).max() < 1e-6
    changed = np.concatenate([y[:600_000], noise(spec)[600_000:]])
    assert np.array_equal(waves(changed, spec), stored)


def test_pooled_windows_are_thirty_pieces_of_500_side_by_side() -> None:
    spec = wave("wave-pooled")
    stored = np.arange(15_000)
    pieces = [spec.window(stored, number) for number in range(spec.n_windows)]
    assert [len(piece) for piece in pieces] == [500] * 30
    assert np.array_equal(np.concatenate(pieces), stored)


def test_raw_windows_are_twenty_spread_from_the_clips_start_to_its_end() -> None:
    spec = wave("wave-8k")
    stored = np.arange(*spec.stored_shape)
    assert len(stored) == 30 * 8000
    windows = [spec.window(stored, number) for number in range(spec.n_windows)]
    assert [len(window) for window in windows] == [30_000] * 20
    starts = np.array([window[0] for window in windows])
    assert (starts[0], windows[-1][-1]) == (0, len(stored) - 1)
    assert np.ptp(np.diff(starts)) <= 1


@pytest.mark.parametrize("name", WAVES)
def test_samples_stay_as_loud_as_they_are(name: str) -> None:
    spec = wave(name)
    y = noise(spec)
    assert np.allclose(waves(y / 4, spec), waves(y, spec) / 4, atol=1e-7)
    assert np.abs(waves(np.ones_like(y), spec) - 1).max() < 1e-5


def test_raw_samples_are_the_clips() -> None:
    spec = wave("wave-8k")
    assert np.array_equal(waves(noise(spec), spec), noise(spec))


# Every feature


@pytest.mark.parametrize("name", OF_SOUND)
def test_every_feature_has_its_shape_and_range(name: str) -> None:
    spec = of_sound(name)
    stored = extract(noise(spec), spec)
    assert stored.shape == spec.stored_shape
    assert stored.dtype == np.dtype(spec.dtype)
    assert stored.flags.c_contiguous
    if isinstance(spec, ImageSpec):
        values = spec.decode(stored)
        assert values.dtype == np.float32
        assert spec.low <= values.min() <= values.max() <= spec.high + 1e-6
    assert np.isfinite(stored).all()


@pytest.mark.parametrize("name", OF_SOUND)
@pytest.mark.parametrize("clip_s", [3.0, 3.77, 10.0, 29.5, 33.333])
def test_a_clip_of_any_length_has_what_its_spec_says(name: str, clip_s: float) -> None:
    try:
        spec = of_sound(name, clip_s)
    except UsageError:
        pytest.skip("shorter than a window")
    assert extract(noise(spec), spec).shape == spec.stored_shape


@pytest.mark.parametrize("name", OF_SOUND)
def test_silence_is_no_number_out_of_range(name: str) -> None:
    spec = of_sound(name)
    stored = extract(np.zeros(spec.n_clip_samples, np.float32), spec)
    if isinstance(spec, ImageSpec):
        silence = spec.low if spec.kind == "mel-kaldi" else 0
        assert np.abs(spec.decode(stored) - silence).max() < 1e-6
    elif isinstance(spec, SegmentsSpec):
        assert not stored[:, :12].any()
        assert np.isfinite(stored).all()
    else:
        assert not stored.any()


clips_s = st.one_of(st.floats(3, 600), st.integers(3, 600).map(float))


@given(st.sampled_from(OF_SOUND), clips_s)
@example("wave-8k", 3.75)
@example("wave-pooled", 30.0)
@example("mel-120", 3.0)
@example("spec-256", 20.0)
def test_windows_lie_within_the_stored_array(name: str, clip_s: float) -> None:
    assume(clip_s >= FEATURES[name].window_s or name in ("mel-323", "chroma-timbre"))
    spec = of_sound(name, clip_s)
    stored = np.broadcast_to(np.zeros((), spec.dtype), spec.stored_shape)
    assert {spec.window(stored, n).size for n in range(spec.n_windows)} == {math.prod(spec.input_shape)}
    assert spec.first_sample(spec.n_windows - 1) + spec.n_window_samples <= spec.n_clip_samples
    if name != "wave-pooled" or clip_s != 30:  # the paper leaves out the last 2.8 s
        assert (spec.n_windows * spec.step_s + spec.window_s) > spec.clip_s - 1e-6


def test_windows_of_fixed_length_become_more_or_fewer() -> None:
    assert feature("spec-256", 60.0).stored_shape == (6, 256, 256)
    assert feature("spec-256", 10.0).stored_shape == (1, 256, 256)
    assert feature("spec-256", 25.0).stored_shape == (2, 256, 256)
    assert feature("mel-120", 3.0).stored_shape == (1, 120, 300)
    assert feature("mel-120", 60.0).stored_shape == (41, 120, 300)
    assert feature("wave-8k", 3.75).stored_shape == (30_000,)
    assert feature("wave-pooled", 10.0).stored_shape == (11 * 500,)


def test_what_is_of_the_song_does_not_change_with_the_clip() -> None:
    for spec in FEATURES.values():
        assert not spec.per_song or spec.for_clips_of(10.0) is spec


@pytest.mark.parametrize("clip_s", [3.0, 10.0, 29.5, 60.0])
def test_other_clips_have_other_frames_and_fingerprints(clip_s: float) -> None:
    spec = image("mel-323", clip_s)
    assert spec.n_frames == 1 + round(clip_s * 22050) // 2048
    assert (spec.hop_length, spec.n_bands) == (2048, 323)
    assert spec.key != MEL.key
    assert extract(noise(spec), spec).shape == (1, 323, spec.n_frames)
    assert feature("mel-323", 30.0).key == MEL.key


def test_whole_seconds_may_be_written_either_way() -> None:
    assert feature("mel-323", 10).key == feature("mel-323", 10.0).key


@pytest.mark.parametrize(
    ("name", "clip_s"),
    [
        ("mel-323", 2.9),
        ("mel-323", 601.0),
        ("mel-323", float("nan")),
        ("spec-256", 9.0),
        ("spec-256", 1e9),
        ("mel-120", 2.9),
        ("wave-8k", 3.7),
        ("wave-pooled", -1.0),
    ],
)
def test_clips_of_senseless_lengths_are_refused(name: str, clip_s: float) -> None:
    with pytest.raises(UsageError):
        feature(name, clip_s)


def test_an_unknown_feature_names_those_there() -> None:
    with pytest.raises(UsageError, match="no feature 'mel'") as caught:
        feature("mel")
    assert all(name in caught.value.hint for name in FEATURES)


# One byte a pixel


@given(st.sampled_from(IMAGES), st.lists(st.floats(0, 1, width=32), min_size=1, max_size=50))
def test_a_stored_value_is_half_a_level_off_at_most(name: str, shares: list[float]) -> None:
    spec = image(name)
    y = np.array(shares, np.float32) * np.float32(spec.high - spec.low) + np.float32(spec.low)
    half = (spec.high - spec.low) / 255 / 2  # 0.16 dB of 80
    assert np.abs(spec.decode(spec.encode(y)) - y).max() <= half * 1.001


@given(st.sampled_from(IMAGES), st.floats(-1e6, 1e6, width=32))
def test_values_out_of_range_are_stored_as_the_nearest(name: str, value: float) -> None:
    spec = image(name)
    stored = float(spec.decode(spec.encode(np.array([value], np.float32)))[0])
    assert spec.low <= stored <= spec.high + 1e-5


# Specs


@pytest.mark.parametrize("name", sorted(FEATURES))
def test_the_fingerprint_changes_with_every_field(name: str) -> None:
    spec = FEATURES[name]
    seen = {spec.key}
    for field in fields(spec):
        value = getattr(spec, field.name)
        other = f"{value}x" if isinstance(value, str) else value + 1
        seen.add(replace(spec, **{field.name: other}).key)
    assert len(seen) == 1 + len(fields(spec))


@given(st.sampled_from(sorted(FEATURES)), clips_s)
def test_a_spec_survives_a_file(name: str, clip_s: float) -> None:
    assume(name == "mel-323" or FEATURES[name].per_song or clip_s >= FEATURES[name].window_s)
    spec = feature(name, clip_s)
    again = spec_from_dict(json.loads(json.dumps(spec.to_dict())))
    assert again == spec
    assert again.key == spec.key


HOSTILE: list[tuple[str, dict[str, Any]]] = [
    ("mel-323", {"kind": "sound"}),
    ("mel-323", {"kind": ["mel"]}),
    ("mel-323", {"kind": "wave"}),
    ("mel-323", {"more": 1}),
    ("mel-323", {"name": "../../../home"}),
    ("mel-323", {"name": ""}),
    ("mel-323", {"name": "mel-323\n"}),
    ("mel-323", {"sr": "22050"}),
    ("mel-323", {"sr": True}),
    ("mel-323", {"sr": 0}),
    ("mel-323", {"sr": 22050.0}),
    ("mel-323", {"n_fft": 1 << 20}),
    ("mel-323", {"n_fft": 1 << 21}),
    ("mel-323", {"hop_length": 1}),
    ("mel-323", {"n_bands": 1 << 20}),
    ("mel-323", {"n_frames": 324}),
    ("mel-323", {"n_windows": 2}),
    ("mel-323", {"clip_s": float("nan")}),
    ("mel-323", {"clip_s": float("inf")}),
    ("mel-323", {"clip_s": 10**400, "window_s": 10**400}),
    ("mel-323", {"window_s": 30.1}),
    ("mel-323", {"low": float("nan")}),
    ("mel-323", {"low": -(10**400)}),
    ("mel-323", {"low": 0.0}),
    ("mel-323", {"high": float("inf")}),
    ("mel-323", {"scale": "median"}),
    ("mel-120", {"n_windows": 21}),
    ("mel-120", {"step_s": 0.0}),
    ("mel-120", {"step_s": -1.0}),
    ("wave-8k", {"n_windows": 1 << 20}),
    ("wave-pooled", {"pool": 0}),
    ("wave-pooled", {"pool": 40_000}),
    ("wave-pooled", {"pool": 40.0}),
    ("chroma-timbre", {"n_windows": 2}),
    ("chroma-timbre", {"n_chroma": 1 << 19}),
    ("chroma-timbre", {"n_frames": 302}),
    ("lyrics", {"width": 0}),
    ("lyrics", {"width": None}),
    ("lyrics", {"vectors": 7}),
    ("lyrics", {"n_windows": 9}),
]


@pytest.mark.parametrize(("name", "changes"), HOSTILE)
def test_a_spec_that_makes_no_sense_is_refused(name: str, changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="feature"):
        spec_from_dict(FEATURES[name].to_dict() | changes)


@pytest.mark.parametrize("name", sorted(FEATURES))
def test_a_spec_without_a_field_is_refused_or_the_default(name: str) -> None:
    values = FEATURES[name].to_dict()
    for field in fields(FEATURES[name]):
        rest = {key: value for key, value in values.items() if key != field.name}
        try:
            assert isinstance(spec_from_dict(rest), FeatureSpec)
        except ValueError:
            continue
    with pytest.raises(ValueError, match="knows no feature"):
        spec_from_dict({})


json_values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-2, 1 << 21),
    st.floats(),
    st.text(max_size=9),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)


@given(st.data())
def test_no_spec_from_a_file_leads_outside_or_fills_the_memory(data: st.DataObject) -> None:
    values = FEATURES[data.draw(st.sampled_from(sorted(FEATURES)))].to_dict()
    keys = data.draw(st.lists(st.sampled_from(sorted(values)), min_size=1, max_size=4, unique=True))
    try:
        spec = spec_from_dict(values | {key: data.draw(json_values) for key in keys})
    except ValueError:
        return
    assert "/" not in spec.key and ".." not in spec.key
    assert math.prod(spec.stored_shape) <= 1 << 26
    assert math.prod(spec.input_shape) > 0
    if isinstance(spec, AudioSpec):
        last = spec.first_sample(spec.n_windows - 1) + spec.n_window_samples
        assert last <= spec.n_clip_samples
