"""Decoding: every format, exact stretches, damaged files."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from groovecli.audio import read as audio
from groovecli.audio.decoders.registry import DECODERS
from groovecli.audio.suffixes import SUFFIXES
from groovecli.errors import AudioError
from tests.encode import FORMATS, SF_FORMATS, chirp, write, write_av


def rates(ending: str) -> tuple[int, ...]:
    return (8000, 48000) if ending in (".opus", ".webm") else (8000, 44100, 48000)


CASES = [(ending, sr) for ending in FORMATS for sr in rates(ending)]


@pytest.fixture(scope="module")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve seconds of a stereo chirp in each format and rate."""
    folder = tmp_path_factory.mktemp("sounds")
    for ending, sr in CASES:
        write(folder / f"{sr}{ending}", chirp(12, sr), sr)
    return folder


@pytest.mark.parametrize(("ending", "sr"), CASES)
def test_probe_tells_duration_rate_and_channels(sounds: Path, ending: str, sr: int) -> None:
    info = audio.probe(sounds / f"{sr}{ending}")
    assert info.duration_s == pytest.approx(12, abs=0.2)
    assert info.n_channels == 2
    assert info.sr == (48000 if ending == ".webm" else sr)


@pytest.mark.parametrize(("ending", "sr"), CASES)
def test_stereo_becomes_the_mean_of_its_channels(sounds: Path, ending: str, sr: int) -> None:
    y, native = audio.read(sounds / f"{sr}{ending}")
    expected = audio.resample(chirp(12, sr).mean(axis=1), sr, native)
    assert y.dtype == np.float32
    assert len(y) == pytest.approx(12 * native, abs=0.2 * native)
    loudness = float(np.sqrt(np.mean(y[native : 4 * native] ** 2)))
    wanted = float(np.sqrt(np.mean(expected[native : 4 * native] ** 2)))
    assert loudness == pytest.approx(wanted, rel=0.05)  # FFmpeg's own downmix is 3 dB off
    if ending in (".wav", ".aiff", ".flac", ".alac.m4a"):
        assert np.abs(y - expected).max() < 1e-4


@pytest.mark.parametrize(("ending", "sr"), CASES)
def test_a_stretch_is_the_same_as_in_the_whole_file(sounds: Path, ending: str, sr: int) -> None:
    path = sounds / f"{sr}{ending}"
    whole, native = audio.read(path)
    for start_s in (0.0, 0.01, 0.3, 3.217, 8.0):
        y, _ = audio.read(path, start_s=start_s, length_s=3)
        assert len(y) == 3 * native
        assert _distance(y, whole, round(start_s * native), reach=native // 1000 + 1) < 0.005


def _distance(y: np.ndarray, whole: np.ndarray, start: int, reach: int) -> float:
    """Largest difference, where `y` may be off by `reach` samples: some formats count milliseconds."""
    begins = range(max(0, start - reach), start + reach + 1)
    return min(float(np.abs(y - whole[b : b + len(y)]).max()) for b in begins if b + len(y) <= len(whole))


def test_a_stretch_beyond_the_end_is_short_and_one_after_it_an_error(sounds: Path) -> None:
    for ending in FORMATS:
        path = sounds / f"48000{ending}"
        y, sr = audio.read(path, start_s=10, length_s=30)
        assert len(y) == pytest.approx(2 * sr, abs=0.2 * sr)
        with pytest.raises(AudioError, match="ends early: after 12 s"):
            audio.read(path, start_s=500, length_s=3)


def test_load_resamples(sounds: Path) -> None:
    y = audio.load(sounds / "44100.flac", sr=22050, start_s=2, length_s=4)
    assert len(y) == 4 * 22050
    assert np.abs(y).max() <= 1


def test_more_than_two_channels(tmp_path: Path) -> None:
    x = np.stack([np.full(4000, 0.1 * k, np.float32) for k in range(6)], axis=1)
    y, _ = audio.read(write(tmp_path / "six.wav", x, 8000))
    assert np.allclose(y, 0.25, atol=1e-3)


def test_fit_cuts_or_repeats() -> None:
    y = np.arange(5, dtype=np.float32)
    assert audio.fit(y, 3).tolist() == [0, 1, 2]
    assert audio.fit(y, 12).tolist() == [0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1]


def test_songs_that_soundfile_cannot_open_are_read_by_pyav(demo: Path) -> None:
    refused = []
    for path in sorted(demo.rglob("*.opus")):
        try:
            sf.info(path)
        except sf.SoundFileError:
            refused.append(path)
            y, sr = audio.read(path, start_s=5, length_s=2)
            assert audio.probe(path).duration_s > 40
            assert len(y) == 2 * sr
            assert np.abs(y).max() > 0
    assert len(refused) == 5


def test_vbr_mp3_without_a_header_has_its_true_length(tmp_path: Path) -> None:
    x = chirp(30, 44100)
    x[: 10 * 44100] = 0  # a quiet start has a low bit rate, from which the length is guessed
    x[10 * 44100 :] += np.random.default_rng(0).normal(0, 0.05, x[10 * 44100 :].shape)
    path = write_av(tmp_path / "a.mp3", x, 44100, "libmp3lame", "mp3", vbr=True, write_xing="0")
    assert abs(sf.info(path).duration - 30) > 5
    assert audio.probe(path).duration_s == pytest.approx(30, abs=0.1)
    y, sr = audio.read(path, start_s=25, length_s=4)
    assert len(y) == 4 * sr
    assert np.abs(y).max() > 0.1


def test_flac_and_wav_that_were_streamed_have_their_true_length(tmp_path: Path) -> None:
    flac = bytearray(write(tmp_path / "a.flac", chirp(5, 8000), 8000).read_bytes())
    flac[21] &= 0xF0
    flac[22:26] = bytes(4)  # the number of samples is not known
    wav = bytearray(write(tmp_path / "a.wav", chirp(5, 8000), 8000).read_bytes())
    place = wav.index(b"data")
    for name, size in (("zero", b"\0" * 4), ("full", b"\xff" * 4)):
        wav[4:8] = wav[place + 4 : place + 8] = size
        (tmp_path / f"{name}.wav").write_bytes(wav)
        assert audio.probe(tmp_path / f"{name}.wav").duration_s == pytest.approx(5, abs=0.01)
    (tmp_path / "a.flac").write_bytes(flac)
    assert audio.probe(tmp_path / "a.flac").duration_s == pytest.approx(5, abs=0.01)


@pytest.mark.parametrize(
    "name", ["http:..m4a", "concat:a|b.m4a", "file:x.m4a", "-v.m4a", "a\nb.m4a", "%03d.m4a"]
)
def test_names_that_look_like_addresses_are_files(
    sounds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_bytes((sounds / "8000.m4a").read_bytes())
    assert audio.probe(Path(name)).duration_s == pytest.approx(12, abs=0.2)


@pytest.mark.parametrize("ending", [".mp3", ".m4a"])
def test_names_that_are_no_unicode(sounds: Path, tmp_path: Path, ending: str) -> None:
    path = tmp_path / os.fsdecode(b"\xff\xfe" + ending.encode())
    path.write_bytes((sounds / f"8000{ending}").read_bytes())
    assert audio.probe(path).duration_s == pytest.approx(12, abs=0.2)
    assert len(audio.read(path, start_s=1, length_s=1)[0]) == 8000


@pytest.mark.parametrize("ending", FORMATS)
@pytest.mark.parametrize(
    "content", [b"", b"no music, just text\n" * 50, b"\0" * 5000, bytes(range(256)) * 40]
)
def test_what_is_no_audio_is_an_error(tmp_path: Path, ending: str, content: bytes) -> None:
    path = tmp_path / f"a{ending}"
    path.write_bytes(content)
    for use in (audio.probe, audio.read):
        with pytest.raises(AudioError) as caught:
            use(path)
        assert "\n" not in caught.value.what
        assert str(path) in caught.value.what


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    for name in ("a.mp3", "a.m4a"):
        with pytest.raises(AudioError, match="No such file"):
            audio.probe(tmp_path / name)


def damaged(data: bytes, seed: int) -> bytes:
    """Cut short, bits flipped, a stretch of noise, a spoilt header, a hole: one of them by seed."""
    rng, spoilt = np.random.default_rng(seed), bytearray(data)
    at = int(rng.integers(len(data)))
    if seed % 5 == 0:
        del spoilt[at:]
    elif seed % 5 == 1:
        for place in rng.integers(0, len(data), 30):
            spoilt[place] ^= 1 << int(rng.integers(8))
    elif seed % 5 == 2:
        spoilt[at : at + 20000] = rng.bytes(min(20000, len(data) - at))
    elif seed % 5 == 3:
        for place in rng.integers(0, 400, 6):
            spoilt[place] = int(rng.integers(256))
    else:
        del spoilt[at : at + 20000]
    return bytes(spoilt)


@pytest.mark.parametrize("ending", FORMATS)
def test_damaged_files_give_sound_samples_or_an_error(
    sounds: Path, tmp_path: Path, ending: str, capfd: pytest.CaptureFixture[str]
) -> None:
    whole = (sounds / f"48000{ending}").read_bytes()
    path = tmp_path / f"a{ending}"
    for seed in range(20):
        path.write_bytes(damaged(whole, seed))
        for start_s in (0.0, 7.5):
            try:
                y, sr = audio.read(path, start_s=start_s, length_s=4)
            except AudioError:
                continue
            assert 0 < len(y) <= 4 * sr
            assert np.isfinite(y).all()
            assert np.abs(y).max() <= 1
        try:
            assert audio.probe(path).duration_s > 0
        except AudioError:
            continue
    assert capfd.readouterr() == ("", "")  # libmpg123 would print its opinions there


def test_peaks_and_nan_are_clamped(tmp_path: Path) -> None:
    x = np.array([[0.5], [243.0], [np.nan], [-np.inf], [np.inf]] * 100, np.float32)
    sf.write(tmp_path / "a.wav", x, 8000, subtype="FLOAT")
    y, _ = audio.read(tmp_path / "a.wav")
    assert y[:5].tolist() == [0.5, 1.0, 0.0, -1.0, 1.0]


def test_every_format_of_the_list_is_known() -> None:
    assert set(SF_FORMATS) | {".m4a", ".aac", ".alac", ".wma"} <= SUFFIXES
    assert {suffix for decoder in DECODERS for suffix in decoder.suffixes} == SUFFIXES
