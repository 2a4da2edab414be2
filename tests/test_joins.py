"""Files that were joined, or recorded from radio: every part is heard, where it is."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from hypothesis import given
from hypothesis import strategies as st

from groovecli.audio import read as audio
from groovecli.audio.decoders.mpeg import Count, count
from groovecli.audio.decoders.ogg import links
from groovecli.errors import AudioError
from tests.encode import chirp, write, write_av

SR = 22050


def tone(seconds: float, hz: float, sr: int = SR, n_channels: int = 1) -> np.ndarray:
    y = 0.4 * np.sin(2 * np.pi * hz * np.arange(round(seconds * sr)) / sr)
    return np.repeat(y[:, None], n_channels, axis=1).astype(np.float32)


def pitch(y: np.ndarray, sr: int) -> float:
    """The loudest frequency (in Hz)."""
    return float(np.argmax(np.abs(np.fft.rfft(y * np.hanning(len(y))))) * sr / len(y))


def joined(path: Path, *parts: Path) -> Path:
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    return path


def check(path: Path, sr: int, pitches: tuple[float, ...], each_s: float = 4.0) -> None:
    """Each part is as long as it was and sounds where it should, in the whole file and in a stretch."""
    info = audio.probe(path)
    whole, native = audio.read(path)
    assert native == info.sr == sr
    assert info.duration_s == pytest.approx(each_s * len(pitches), abs=0.2)
    assert len(whole) == pytest.approx(info.duration_s * sr, abs=0.15 * sr)
    for number, hz in enumerate(pitches):
        start_s = number * each_s + 0.8
        part, _ = audio.read(path, start_s=start_s, length_s=2.5)
        assert len(part) == round(2.5 * sr)
        for y in (part, whole[round(start_s * sr) :][: len(part)]):
            assert pitch(y, sr) == pytest.approx(hz, abs=2)
            assert np.sqrt(np.mean(y**2)) == pytest.approx(0.4 / np.sqrt(2), rel=0.1)
    with pytest.raises(AudioError, match=f"ends early: after {each_s * len(pitches):.0f} s"):
        audio.read(path, start_s=each_s * len(pitches) + 9, length_s=2)


def ogg(path: Path, kind: str, seconds: float, hz: float, sr: int, n_channels: int = 1) -> Path:
    x = tone(seconds, hz, sr, n_channels)
    if kind == "flac":
        return write_av(path, x, sr, "flac", "ogg")
    return write(path.with_suffix(f".{kind}"), x, sr)


@pytest.mark.parametrize("kind", ["ogg", "opus", "flac"])
@pytest.mark.parametrize("n_channels", [1, 2])
def test_every_link_of_a_chain_is_heard(tmp_path: Path, kind: str, n_channels: int) -> None:
    first = ogg(tmp_path / "a", kind, 4, 440, 48000)
    second = ogg(tmp_path / "b", kind, 4, 1000, 48000, n_channels)
    ending = "oga" if kind == "flac" else kind
    check(joined(tmp_path / f"ab.{ending}", first, second), 48000, (440, 1000))
    check(joined(tmp_path / f"bab.{ending}", second, first, second), 48000, (1000, 440, 1000))


def test_a_link_at_another_rate_or_of_another_codec_is_brought_to_the_first_ones(tmp_path: Path) -> None:
    parts = [
        ogg(tmp_path / "a", "ogg", 4, 440, 44100),
        ogg(tmp_path / "b", "opus", 4, 1000, 48000, 2),
        ogg(tmp_path / "c", "flac", 4, 600, 16000),
    ]
    for order in itertools.permutations(range(3)):
        path = joined(tmp_path / "chain.ogg", *(parts[number] for number in order))
        check(path, (44100, 48000, 16000)[order[0]], tuple((440, 1000, 600)[number] for number in order))


def test_a_stretch_goes_over_a_seam(tmp_path: Path) -> None:
    x = chirp(8, 48000)
    parts = [write(tmp_path / f"{n}.ogg", x[n * 96000 : (n + 1) * 96000], 48000) for n in range(4)]
    y, sr = audio.read(joined(tmp_path / "all.ogg", *parts), start_s=1.5, length_s=5)
    assert len(y) == 5 * sr
    assert np.sqrt(np.mean((y - x.mean(axis=1)[72000:][: len(y)]) ** 2)) < 0.02


def test_the_same_file_twice_is_twice_as_long(tmp_path: Path) -> None:
    for ending in ("ogg", "opus"):
        part = write(tmp_path / f"a.{ending}", chirp(5, 48000), 48000)  # both have one serial number
        assert audio.probe(joined(tmp_path / f"b.{ending}", part, part)).duration_s == pytest.approx(
            10, abs=0.1
        )


def page(serial: int, number: int, flags: int, n: int) -> bytes:
    lacing = bytes([255] * (n // 255) + [n % 255])
    head = (
        b"OggS\0" + bytes([flags]) + bytes(8) + serial.to_bytes(4, "little") + number.to_bytes(4, "little")
    )
    return head + bytes(4) + bytes([len(lacing)]) + lacing + b"x" * n


def stream(serials: list[int], sizes: list[int]) -> bytes:
    """A link: the first page of each stream, then the others' in turn."""
    pages = [page(serial, 0, 2, 30) for serial in serials]
    pages += [page(serials[i % len(serials)], 1 + i // len(serials), 0, n) for i, n in enumerate(sizes)]
    return b"".join(pages)


@given(
    st.lists(st.lists(st.integers(1, 60_000), min_size=1, max_size=12), min_size=1, max_size=5),
    st.integers(1, 2),
    st.binary(max_size=128).filter(lambda data: b"O" not in data),
)
def test_links_are_found_whatever_their_pages(
    tmp_path_factory: pytest.TempPathFactory, parts: list[list[int]], n_streams: int, tag: bytes
) -> None:
    chain = [stream([10 * i + k for k in range(n_streams)], sizes) for i, sizes in enumerate(parts)]
    path = tmp_path_factory.getbasetemp() / "pages.ogg"
    path.write_bytes(b"".join(chain) + tag)
    ends = list(itertools.accumulate(map(len, chain)))
    ends[-1] += len(tag)
    with path.open("rb") as file:
        assert links(file, 0, ends[-1]) == list(zip([0, *ends[:-1]], ends, strict=True))


@given(st.integers(2, 300), st.integers(2, 300), st.integers(3000, 9000))
def test_a_number_that_falls_back_is_a_link(
    tmp_path_factory: pytest.TempPathFactory, first: int, second: int, size: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "numbers.ogg"
    chain = [stream([7], [size] * n) for n in (first, second)]
    path.write_bytes(b"".join(chain))
    with path.open("rb") as file:
        assert len(links(file, 0, path.stat().st_size)) == 2


# MP3, MP2 and AAC


def encoded(path: Path, x: np.ndarray, sr: int, *, xing: bool = True) -> Path:
    codec, container = {".mp3": ("libmp3lame", "mp3"), ".aac": ("aac", "adts"), ".mp2": ("mp2", "mp2")}[
        path.suffix
    ]
    options = {"write_xing": str(int(xing))} if path.suffix == ".mp3" else {}
    return write_av(path, x, sr, codec, container, **options)


@pytest.mark.parametrize("ending", [".mp3", ".aac", ".mp2"])
@pytest.mark.parametrize("xing", [True, False])
@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((44100, 1), (44100, 2)),
        ((44100, 2), (44100, 1)),
        ((48000, 2), (44100, 2)),
        ((22050, 1), (44100, 2)),
    ],
)
def test_mono_and_stereo_and_rates_in_one_file(
    tmp_path: Path, ending: str, xing: bool, first: tuple[int, int], second: tuple[int, int]
) -> None:
    one = encoded(tmp_path / f"1{ending}", tone(4, 440, *first), first[0], xing=xing)
    two = encoded(tmp_path / f"2{ending}", tone(4, 1000, *second), second[0], xing=xing)
    check(joined(tmp_path / f"both{ending}", one, two), first[0], (440, 1000))


def with_header(path: Path, flags: int, n_frames: int | None, n_bytes: int | None) -> Path:
    """An MP3 whose Xing header is what is said; None leaves a number as it is."""
    data = bytearray(path.read_bytes())
    at = next(data.find(word) for word in (b"Xing", b"Info") if word in data) + 4
    data[at : at + 4] = flags.to_bytes(4, "big")
    if n_frames is not None:
        data[at + 4 : at + 8] = n_frames.to_bytes(4, "big")
    if n_bytes is not None:
        data[at + 8 : at + 12] = n_bytes.to_bytes(4, "big")
    path.write_bytes(data)
    return path


@pytest.fixture
def rising(tmp_path: Path) -> Path:
    """Twenty seconds, quiet at the start, so that a length guessed from the bit rate there is wrong."""
    x = chirp(20, 44100)
    x[: 8 * 44100] *= 1e-3
    x[8 * 44100 :] += np.random.default_rng(0).normal(0, 0.05, x[8 * 44100 :].shape).astype(np.float32)
    return write_av(tmp_path / "a.mp3", x, 44100, "libmp3lame", "mp3", vbr=True)


@pytest.mark.parametrize(
    ("flags", "n_frames", "n_bytes", "expected"),
    [
        (15, None, None, Count.TRUE),
        (14, None, None, Count.NONE),
        (0, None, None, Count.NONE),
        (15, 0, None, Count.NONE),
        (15, 100, 30_000, Count.UNTRUE),
        (15, 100, 0, Count.UNTRUE),
        (15, 2**31 - 1, None, Count.NONE),
        (15, 2**32 - 1, None, Count.NONE),
        (13, 10, None, Count.UNTRUE),
    ],
)
def test_a_xing_header_is_believed_where_it_counts_the_whole_file(
    rising: Path, flags: int, n_frames: int | None, n_bytes: int | None, expected: Count
) -> None:
    path = with_header(rising, flags, n_frames, n_bytes)
    assert count(path) is expected
    assert audio.probe(path).duration_s == pytest.approx(20, abs=0.1)
    y, sr = audio.read(path, start_s=15, length_s=4)
    assert len(y) == 4 * sr
    assert len(audio.read(path)[0]) == pytest.approx(20 * sr, abs=0.1 * sr)


def test_a_vbri_header_is_counted_too(rising: Path) -> None:
    data = bytearray(rising.read_bytes())
    at = next(data.find(word) for word in (b"Xing", b"Info") if word in data)
    data[at : at + 140] = bytes(140)
    data[at : at + 18] = b"VBRI\0\x01\0\0\0\x4b" + len(data).to_bytes(4, "big") + (99).to_bytes(4, "big")
    rising.write_bytes(data)
    assert abs(sf.info(rising).duration - 20) > 3
    assert audio.probe(rising).duration_s == pytest.approx(20, abs=0.1)
    y, sr = audio.read(rising, start_s=15, length_s=4)
    assert len(y) == 4 * sr


def test_a_song_behind_a_jingle_is_not_too_short(tmp_path: Path) -> None:
    jingle = encoded(tmp_path / "jingle.mp3", tone(2.6, 500, 44100, 2), 44100)
    song = encoded(tmp_path / "song.mp3", chirp(20, 44100), 44100)
    assert audio.probe(joined(tmp_path / "both.mp3", jingle, song)).duration_s == pytest.approx(
        22.6, abs=0.2
    )
