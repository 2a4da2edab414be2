"""Files that players play and programs stumble over: odd channels, tags in odd places, damage."""

from __future__ import annotations

import base64
import re
import struct
import subprocess
import sys
import warnings
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile as sf

from groovecli.audio import read as audio
from groovecli.audio.clips import Clip
from groovecli.errors import AudioError
from groovecli.features.cut import Cut
from groovecli.features.cutting import cut
from groovecli.features.registry import feature
from groovecli.reasons import Reason
from tests.conftest import DEMO
from tests.encode import chirp, write, write_av

SR = 44100

# Eight seconds at 32 kHz in Musepack 8, silent but for a click at four seconds; its second seek point is
# four seconds in.
MUSEPACK = (
    "TVBDS1NIDu/RYA4Ij9AAAGgbUkcMAQAAAAAAAAAARUkHUQEeAVNPCINFAAAAQVAMH//////////AQVCDHR///////4AIAddvof/8"
    "NVKuNkaDDAYJOnqiQpkn3+/3+/3/Py1rBu5PoQhGjiN11r9fn9/HTM3uOzSVsWa5our/b8ff7/f7/f7/v+/7/v+z7M95ytY1IEmD"
    "bGFGSGcGdmdmfGkmwnjINWiJHb86foDSn1fj9/3/f9/3/f+/9/7/3/x/o1B106+bHC95KWPtkHJBkQmkKBCYQcD/I6uMqS0APZ5x"
    "wY3A1k1U+9977/3/v/f+/v7+/v6/8vw6xFwCd8KbtMDss5m9XjWrIeAcAa7bS67Off19/f39/f379+/fv7Q3/kuRQl3Vzn6P35++"
    "7zYggCWS1c7N+/fv379+/f39/f3+fOty3UZIkus4v1rPr8+vj8xXeUgAtwmr1Gb+/r7+/v7+/v379+/dH9faBdcQubvT///ful+6"
    "GxSwVZddn5v379+/fv37777777NpvcSbZg/zfffaPsHRGPO1//P9999999999999/901jTiTZrX2j77V/6bAGBbBXz5vvvvvvvs/"
    "/2adC2zjLX+Z6hlF3fnl//gH//5BUAwf/////////8BBUAgf////gFNUCAIS2DVgU0UD"
)


def rms(y: np.ndarray) -> float:
    return float(np.sqrt(np.mean(y.astype(np.float64) ** 2)))


# Channels


@pytest.mark.parametrize("ending", [".flac", ".wav", ".mp3", ".opus", ".m4a", ".alac.m4a"])
def test_channels_in_opposite_phase_are_heard(tmp_path: Path, ending: str) -> None:
    y = chirp(6, 48000)[:, :1]
    for share, wanted in ((1.0, 1.0), (0.95, 1.0), (0.4, 0.3)):  # only what all but cancels isn't mixed
        path = write(tmp_path / f"{share}{ending}", np.concatenate([-share * y, y], axis=1), 48000)
        for start_s in (0.0, 1.0):
            heard, sr = audio.read(path, start_s=start_s, length_s=3)
            assert rms(heard) == pytest.approx(wanted * rms(y[: 3 * sr]), rel=0.1)


@pytest.mark.parametrize("ending", [".ogg", ".opus", ".mp3"])
def test_music_in_opposite_phase_is_heard_of_lossy_files(tmp_path: Path, ending: str) -> None:
    """Vorbis keeps the difference of channels less exactly than their sum."""
    for number, song in enumerate(sorted(DEMO.glob("*/*.opus"))[::5]):
        y = audio.load(song, sr=48000, length_s=9)[:, None]
        path = write(tmp_path / f"{number}{ending}", np.concatenate([y, -y], axis=1), 48000)
        for start_s in (0.0, 3.0, 6.0):
            own = y[round(start_s * 48000) : round((start_s + 3) * 48000)]
            heard, _ = audio.read(path, start_s=start_s, length_s=3)
            assert rms(heard) == pytest.approx(rms(own), rel=0.25), song


def test_karaoke_is_as_loud_as_its_louder_channel(tmp_path: Path) -> None:
    y = chirp(4, SR)[:, :1]
    sf.write(tmp_path / "a.flac", np.concatenate([0.97 * y, -y], axis=1), SR)
    heard, _ = audio.read(tmp_path / "a.flac")
    assert np.abs(heard + y[:, 0]).max() < 1e-3


@pytest.mark.parametrize("n_channels", range(2, 9))
def test_one_channel_alone_is_its_share_of_the_mean(tmp_path: Path, n_channels: int) -> None:
    x = np.zeros((SR, n_channels), np.float32)
    x[:, -1] = chirp(1, SR)[:, 0]
    sf.write(tmp_path / "a.wav", x, SR, subtype="FLOAT")
    assert np.allclose(audio.read(tmp_path / "a.wav")[0], x[:, -1] / n_channels, atol=1e-6)


EIGHT = {
    "m4a": ("aac", "mp4"),
    "opus": ("libopus", "ogg"),
    "wv": ("wavpack", "wv"),
    "tta": ("tta", "tta"),
    "mka": ("flac", "matroska"),
    "webm": ("libopus", "webm"),
    "mov": ("pcm_s16le", "mov"),
    "caf": ("pcm_s16le", "caf"),
}


@pytest.mark.parametrize("ending", EIGHT)
def test_eight_channels_do_not_end_the_process(tmp_path: Path, ending: str) -> None:
    x = np.concatenate([chirp(3, 48000)[:, :1] * (k + 1) / 8 for k in range(8)], axis=1)
    path = write_av(tmp_path / f"a.{ending}", x, 48000, *EIGHT[ending])
    code = (
        "import sys; from pathlib import Path; from groovecli.audio.decoders.pyav import PYAV;"
        "path = Path(sys.argv[1]); info = PYAV.probe(path); y, sr = PYAV.read(path, 0.5, 2.0);"
        "print(info.n_channels, len(y), sr, float((y ** 2).mean() ** 0.5))"
    )
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    n_channels, n, sr, loudness = map(float, done.stdout.split())
    assert (n_channels, n, sr) == (8, 96000, 48000)
    assert loudness == pytest.approx(rms(x[24000:120000].mean(axis=1)), rel=0.15)


def test_half_a_file_of_eight_channels_is_heard(tmp_path: Path) -> None:
    x = np.repeat(chirp(8, SR)[:, :1], 8, axis=1)
    sf.write(tmp_path / "a.flac", x, SR)
    data = (tmp_path / "a.flac").read_bytes()
    (tmp_path / "a.flac").write_bytes(data[: len(data) // 2])
    y, sr = audio.read(tmp_path / "a.flac")
    assert len(y) == pytest.approx(4 * sr, rel=0.2)
    assert rms(y) == pytest.approx(rms(x[: len(y), 0]), rel=0.01)


# Where the sound begins


@pytest.mark.parametrize(
    ("ending", "codec"), [("mka", "aac"), ("mka", "pcm_s16le"), ("webm", "libopus"), ("wma", "wmav2")]
)
@pytest.mark.parametrize("start_s", [600, 36_000])
def test_a_recording_that_begins_late_is_as_long_as_its_sound(
    tmp_path: Path, ending: str, codec: str, start_s: int
) -> None:
    container = {"mka": "matroska", "webm": "webm", "wma": "asf"}[ending]
    x = chirp(12, 48000)
    path = write_av(tmp_path / f"a.{ending}", x, 48000, codec, container, start_s=start_s)
    assert audio.probe(path).duration_s == pytest.approx(12, abs=0.1)
    whole, sr = audio.read(path)
    assert len(whole) == pytest.approx(12 * sr, abs=0.1 * sr)
    y, _ = audio.read(path, start_s=7, length_s=3)
    assert min(np.abs(y - whole[at : at + len(y)]).max() for at in range(7 * sr - 99, 7 * sr + 99)) < 0.01


@pytest.mark.parametrize("start_s", [0.0, 1.0, 2.4, 3.0, 3.9])
def test_musepack_8_is_read_where_it_is_asked_for(tmp_path: Path, start_s: float) -> None:
    path = tmp_path / "a.mpc"
    path.write_bytes(base64.b64decode(MUSEPACK))
    assert audio.probe(path).duration_s == 8
    y, sr = audio.read(path, start_s=start_s, length_s=4.05 - start_s)
    assert start_s + float(np.argmax(np.abs(y))) / sr == pytest.approx(4.02, abs=0.01)
    assert len(y) == round((4.05 - start_s) * sr)


# Tags in front and behind

TAGGED = {
    "wv": ("wavpack", "wv"),
    "wma": ("wmav2", "asf"),
    "caf": ("pcm_s16le", "caf"),
    "mka": ("aac", "matroska"),
    "webm": ("libopus", "webm"),
    "m4a": ("aac", "mp4"),
    "ac3": ("ac3", "ac3"),
    "tta": ("tta", "tta"),
    "aac": ("aac", "adts"),
    "opus": ("libopus", "ogg"),
    "flac": ("flac", "flac"),
    "mp3": ("libmp3lame", "mp3"),
}


def id3(n: int) -> bytes:
    return b"ID3\4\0\0" + bytes(n >> shift & 127 for shift in (21, 14, 7, 0)) + bytes(n)


ID3V1 = b"TAG" + b"a title".ljust(125, b"\0")
APEV2 = b"APETAGEX" + struct.pack("<4I8x", 2000, 49, 1, 0x80000000) + b"\x05\0\0\0\0\0\0\0title\0abcde\0"


@pytest.mark.parametrize("ending", [*TAGGED, "mpc"])
@pytest.mark.parametrize(
    ("before", "behind"),
    [
        (id3(300), b""),
        (id3(2_500_000), b""),
        (id3(9) + id3(50), b""),
        (b"", ID3V1),
        (b"", APEV2),
        (b"", APEV2 + ID3V1),
        (id3(40), ID3V1),
    ],
    ids=["ID3v2", "large ID3v2", "two ID3v2", "ID3v1", "APEv2", "APEv2 and ID3v1", "ID3v2 and ID3v1"],
)
def test_tags_around_the_sound_cost_nothing_of_it(
    tmp_path: Path, ending: str, before: bytes, behind: bytes
) -> None:
    path = tmp_path / f"a.{ending}"
    if ending == "mpc":
        path.write_bytes(base64.b64decode(MUSEPACK))
    else:
        write_av(path, chirp(4, 48000), 48000, *TAGGED[ending])
    info, (whole, sr) = audio.probe(path), audio.read(path)
    path.write_bytes(before + path.read_bytes() + behind)
    assert audio.probe(path).duration_s == pytest.approx(info.duration_s, abs=0.06)
    y, its_sr = audio.read(path)
    assert its_sr == sr
    assert len(y) == pytest.approx(len(whole), abs=0.06 * sr)
    assert np.abs(y[: len(y) - 4000] - whole[: len(y) - 4000]).max() < 0.01
    assert len(audio.read(path, start_s=1.5, length_s=2)[0]) == 2 * sr


def test_a_packet_that_fails_costs_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_av(tmp_path / "a.wv", chirp(8, SR), SR, "wavpack", "wv")
    whole, _ = audio.read(path)
    data = bytearray(path.read_bytes())
    blocks = [match.start() for match in re.finditer(b"wvpk", data)]
    middle = blocks[len(blocks) // 2]
    data[middle + 100 : middle + 400] = bytes(300)
    path.write_bytes(data)
    y, sr = audio.read(path)
    assert len(whole) - 1.5 * sr < len(y) <= len(whole)
    assert np.abs(y[: 3 * sr] - whole[: 3 * sr]).max() < 1e-3


@pytest.mark.parametrize("ending", ["m4a", "wma", "mka"])
def test_tags_that_are_no_text_do_not_matter(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.{ending}"
    codec, container = TAGGED[ending]
    with av.open(str(path), "w", format=container) as file:
        file.metadata["title"] = "QQQQQQQQ"
        stream = file.add_stream(codec, rate=SR, layout="mono")
        stream.bit_rate = 128_000
        frame = av.AudioFrame.from_ndarray(
            chirp(3, SR, n_channels=1).T.copy(), format="fltp", layout="mono"
        )
        frame.sample_rate = SR
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            file.mux(packet)
    data = path.read_bytes()
    spoilt = data.replace(b"QQQQQQQQ", b"\xff\xfe\x80QQ\xc3\x28Q").replace(
        "QQQQQQQQ".encode("utf-16-le"), b"\0\xd8" * 8
    )
    assert spoilt != data
    path.write_bytes(spoilt)
    assert audio.probe(path).duration_s == pytest.approx(3, abs=0.2)
    assert len(audio.read(path, start_s=1, length_s=1)[0]) == SR


# What is said of a file


@pytest.mark.parametrize("ending", [".mp3", ".flac", ".m4a", ".ogg"])
def test_a_song_that_was_cut_short_says_where_it_ends(tmp_path: Path, ending: str) -> None:
    options = {"movflags": "+faststart"} if ending == ".m4a" else {}
    path = tmp_path / f"a{ending}"
    if options:
        write_av(path, chirp(36, SR), SR, "aac", "mp4", **options)
    else:
        write(path, chirp(36, SR), SR)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 20 // 36])
    clips = tuple(Clip("0" * 32, number, start_s) for number, start_s in enumerate((2.0, 24.0, 32.0)))
    result = cut(Cut(path, clips, (feature("mel-128", 3.0),)))
    assert set(result.features) == {clips[0]}
    for problem in result.problems.values():
        assert problem.reason is Reason.ENDS_EARLY
        assert 17 <= float(re.search(r"after (\d+) s", problem.text)[1]) <= 21


RAW = re.compile(
    "errno|error number|operation not|cannot allocate|patch|dimension|array|invalid|argument|avcodec|numpy",
    re.I,
)


@pytest.mark.parametrize("number", range(6))
def test_no_librarys_words_reach_the_user(tmp_path: Path, number: int) -> None:
    rng = np.random.default_rng(number)
    for ending, kind in {**TAGGED, "ogg": ("flac", "ogg"), "mp2": ("mp2", "mp2")}.items():
        path = write_av(tmp_path / f"a.{ending}", chirp(2, 48000), 48000, *kind)
        data = bytearray(path.read_bytes())
        if number % 2:
            for place in rng.integers(0, 200, 12):
                data[place] = int(rng.integers(256))
        else:
            data[int(rng.integers(20, 3000)) :] = rng.bytes(4000)
        path.write_bytes(data)
        for start_s in (0.0, 1.0):
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                try:
                    audio.probe(path)
                    audio.read(path, start_s=start_s, length_s=1)
                except AudioError as error:
                    assert not RAW.search(error.problem.text), error.problem.text


@pytest.mark.parametrize(
    "error",
    [
        av.error.PermissionError(1, "Operation not permitted"),
        av.error.MemoryError(12, "Cannot allocate memory"),
        av.error.PatchWelcomeError(1163346256, "Not yet implemented in FFmpeg, patches welcome"),
        av.error.FFmpegError(50531338, "Error number -50531338 occurred"),
        ValueError("negative dimensions are not allowed"),
        np.exceptions.AxisError("array is too big"),
        MemoryError("Unable to allocate 4. TiB for an array"),
        OSError(22, "Invalid argument"),
    ],
)
def test_every_error_of_a_decoder_has_words_for_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    path = write(tmp_path / "a.m4a", chirp(1, SR), SR)

    def failing(*_args: object, **_options: object) -> None:
        raise error

    monkeypatch.setattr(av, "open", failing)
    for use in (audio.probe, audio.read):
        with pytest.raises(AudioError, match="damaged") as caught:
            use(path)
        assert str(error) not in caught.value.what
        assert not RAW.search(caught.value.problem.text)


def test_a_recording_of_infinite_samples_warns_of_nothing(tmp_path: Path) -> None:
    x = np.tile(np.array([[np.inf, -np.inf], [3e38, 3e38], [0.25, 0.25]], np.float32), (100, 1))
    sf.write(tmp_path / "a.wav", x, 8000, subtype="FLOAT")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        y, _ = audio.read(tmp_path / "a.wav")
    assert y[:3].tolist() == [0.0, 1.0, 0.25]
