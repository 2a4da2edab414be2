"""Loudness: the EBU's test signals, FFmpeg's own filter, and sound that has none."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groovecli.audio.decoders.decoder import Block
from groovecli.describe.brightness import brightness_hz
from groovecli.describe.description import Loudness
from groovecli.describe.loudness import Meter, channel_weights, integrated_lufs
from groovecli.describe.true_peak import true_peak

STEREO = ("FL", "FR")
SURROUND = ("FL", "FR", "FC", "LFE", "BL", "BR")
LAYOUTS = {1: "mono", 2: "stereo", 6: "5.1"}


def sine(seconds: float, dbfs: float, *, sr: int = 48_000, hz: float = 1000.0) -> np.ndarray:
    t = np.arange(round(seconds * sr)) / sr
    return (10 ** (dbfs / 20) * np.sin(2 * np.pi * hz * t)).astype(np.float32)


def in_both(*parts: tuple[float, float], hz: float = 1000.0) -> np.ndarray:
    """A tone in two channels: its seconds and its level, one after another."""
    y = np.concatenate([sine(seconds, dbfs, hz=hz) for seconds, dbfs in parts])
    return np.stack([y, y])


def measured(x: np.ndarray, sr: int = 48_000, channels: tuple[str, ...] = STEREO, n: int = 0) -> Loudness:
    meter, n = Meter(), n or sr
    for start in range(0, x.shape[1], n):
        meter.add(Block(np.ascontiguousarray(x[:, start : start + n]), sr, channels))
    return meter.loudness()


def by_ffmpeg(x: np.ndarray, sr: int) -> dict[str, float]:
    """What FFmpeg's filter `ebur128` says at the end of some sound (channels, n)."""
    graph, layout = av.filter.Graph(), LAYOUTS[len(x)]
    source = graph.add(
        "abuffer", f"time_base=1/{sr}:sample_rate={sr}:sample_fmt=fltp:channel_layout={layout}"
    )
    meter, sink = graph.add("ebur128", "metadata=1:peak=true"), graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    said: dict[str, Any] = {}
    for start in range(0, x.shape[1], sr):
        piece = np.ascontiguousarray(x[:, start : start + sr])
        frame = av.AudioFrame.from_ndarray(piece, format="fltp", layout=layout)
        frame.sample_rate, frame.pts, frame.time_base = sr, start, Fraction(1, sr)
        source.push(frame)
        while True:
            try:
                frame = sink.pull()
            except (av.BlockingIOError, av.EOFError):
                break
            said |= getattr(frame, "metadata", {})
    if not said:
        pytest.skip("this PyAV doesn't show what a filter says")
    return {key.removeprefix("lavfi.r128."): float(value) for key, value in said.items()}


def noise(seconds: float, n_channels: int, sr: int, seed: int = 0) -> np.ndarray:
    """Pink noise that comes and goes."""
    rng, n = np.random.default_rng(seed), round(seconds * sr)
    spectrum = np.fft.rfft(rng.normal(size=(n_channels, n)))
    pink = np.fft.irfft(spectrum / np.sqrt(np.arange(1, spectrum.shape[1] + 1)), n)
    swell = 0.55 + 0.45 * np.sin(2 * np.pi * np.arange(n) / sr / 7)
    return (0.5 * swell * pink / np.abs(pink).max()).astype(np.float32)


# EBU Tech 3341, table 1: the integrated loudness is within 0.1 LU of what it says.
@pytest.mark.parametrize(
    ("parts", "lufs"),
    [
        ([(20, -23.0)], -23.0),
        ([(20, -33.0)], -33.0),
        ([(10, -36.0), (60, -23.0), (10, -36.0)], -23.0),
        ([(10, -72.0), (10, -36.0), (60, -23.0), (10, -36.0), (10, -72.0)], -23.0),
        ([(20, -26.0), (20.1, -20.0), (20, -26.0)], -23.0),
    ],
)
def test_the_ebus_signals_are_as_loud_as_it_says(parts: list[tuple[float, float]], lufs: float) -> None:
    assert measured(in_both(*parts)).integrated_lufs == pytest.approx(lufs, abs=0.1)


def test_each_channel_of_surround_sound_counts_as_it_should() -> None:
    levels = (-28.0, -28.0, -24.0, -20.0, -30.0, -30.0)  # EBU Tech 3341, signal 6, and a loud LFE
    x = np.stack([sine(20, dbfs) for dbfs in levels])
    assert measured(x, channels=SURROUND).integrated_lufs == pytest.approx(-23.0, abs=0.1)
    assert channel_weights(("FL", "LFE", "BL", "SR", "?")).round(2).tolist() == [1, 0, 1.41, 1.41, 1]


# EBU Tech 3342, table 1: the range is within 1 LU of what it says.
@pytest.mark.parametrize(
    ("parts", "lu"),
    [
        ([(20, -20.0), (20, -30.0)], 10.0),
        ([(20, -20.0), (20, -15.0)], 5.0),
        ([(20, -40.0), (20, -20.0)], 20.0),
        ([(20, -50.0), (20, -35.0), (20, -20.0), (20, -35.0), (20, -50.0)], 15.0),
    ],
)
def test_the_ebus_signals_have_the_range_that_it_says(parts: list[tuple[float, float]], lu: float) -> None:
    assert measured(in_both(*parts)).range_lu == pytest.approx(lu, abs=1.0)


@pytest.mark.parametrize("n_channels", [1, 2, 6])
@pytest.mark.parametrize("sr", [8_000, 22_050, 44_100, 48_000, 96_000])
def test_it_is_what_ffmpeg_says(n_channels: int, sr: int) -> None:
    x = noise(20, n_channels, sr)
    names = {1: ("FC",), 2: STEREO, 6: SURROUND}[n_channels]
    ours, theirs = measured(x, sr, names), by_ffmpeg(x, sr)
    assert ours.integrated_lufs == pytest.approx(theirs["I"], abs=0.1)
    assert ours.true_peak_dbtp == pytest.approx(20 * np.log10(theirs["true_peak"]), abs=0.3)


@settings(max_examples=20, deadline=None)
@given(n=st.integers(1, 30_000), seed=st.integers(0, 99))
def test_blocks_of_any_size_give_the_same(n: int, seed: int) -> None:
    x = noise(4, 2, 8000, seed)
    whole, pieces = measured(x, 8000, n=x.shape[1]), measured(x, 8000, n=n)
    assert pieces.integrated_lufs == pytest.approx(whole.integrated_lufs, abs=1e-4)
    assert pieces.range_lu == pytest.approx(whole.range_lu, abs=1e-3)


@settings(max_examples=20, deadline=None)
@given(gain=st.floats(-30, 6), seed=st.integers(0, 99))
def test_twice_as_loud_is_six_units_more(gain: float, seed: int) -> None:
    x = noise(4, 2, 8000, seed)
    softer = measured((x * 10 ** (gain / 20)).astype(np.float32), 8000)
    usual = measured(x, 8000)
    assert softer.integrated_lufs == pytest.approx(usual.integrated_lufs + gain, abs=0.01)
    assert softer.true_peak_dbtp == pytest.approx(usual.true_peak_dbtp + gain, abs=0.3)


@pytest.mark.parametrize("x", [np.zeros((2, 96_000)), np.zeros((2, 0)), np.full((2, 96_000), 0.3)])
def test_what_is_silent_has_no_number(x: np.ndarray) -> None:
    assert measured(x.astype(np.float32)) == Loudness()
    assert brightness_hz([np.zeros(50_000, np.float32)], 22_050) is None
    assert brightness_hz([], 22_050) is None


def test_short_sound_has_a_loudness_but_no_range() -> None:
    short = measured(in_both((2, -23.0)))
    assert short.integrated_lufs == pytest.approx(-23.0, abs=0.1)
    assert short.range_lu is None
    assert measured(in_both((0.3, -23.0))) == Loudness()


def test_rate_and_channels_may_change_on_the_way() -> None:
    meter = Meter()
    meter.add(Block(in_both((10, -23.0)), 48_000, STEREO))
    meter.add(Block(sine(10, -20.0, sr=22_050)[None], 22_050, ("FC",)))
    assert meter.loudness().integrated_lufs == pytest.approx(-23.0, abs=0.1)
    assert integrated_lufs(np.zeros(0)) is None


def test_a_peak_between_samples_is_found() -> None:
    x = np.sin(2 * np.pi * 12_000 * np.arange(48_000) / 48_000 + np.pi / 4).astype(np.float32)[None]
    assert np.abs(x).max() == pytest.approx(0.707, abs=0.001)
    assert true_peak(x, 48_000) == pytest.approx(1.0, abs=0.03)
    assert true_peak(x, 192_000) == pytest.approx(0.707, abs=0.001)
    assert true_peak(x[:, :5], 48_000, 2.0) == 2.0


@pytest.mark.parametrize("hz", [200.0, 1000.0, 5000.0])
def test_a_tone_is_as_bright_as_it_is_high(hz: float) -> None:
    y = sine(2, -20.0, sr=22_050, hz=hz)
    assert brightness_hz([y, y[:5000]], 22_050) == pytest.approx(hz, rel=0.02)


def test_brightness_is_librosas_centroid() -> None:
    import librosa

    y = noise(10, 1, 22_050)[0]
    powers = np.square(np.lib.stride_tricks.sliding_window_view(y, 2048)[::1024]).mean(axis=1)
    loud = powers > powers.mean() / 100
    theirs = librosa.feature.spectral_centroid(y=y, sr=22_050, n_fft=2048, hop_length=1024, center=False)
    assert brightness_hz([y], 22_050) == pytest.approx(float(theirs[0][loud].mean()), rel=1e-3)


def test_soft_noise_between_sounds_is_not_bright() -> None:
    tone, hiss = sine(2, -20.0, sr=22_050, hz=500.0), noise(2, 1, 22_050)[0] / 200
    assert brightness_hz([tone, hiss], 22_050) == pytest.approx(500.0, rel=0.02)
