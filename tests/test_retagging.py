"""Retagging leaves a song's identity, in the containers and with the tags that few files have."""

from __future__ import annotations

import struct
from pathlib import Path

import mutagen
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mutagen.apev2 import APEv2
from mutagen.id3 import ID3, TIT2

from groovecli.audio.payload import EDGE, audio_hash
from tests.encode import FORMATS, chirp, write, write_av
from tests.retag import apev2, id3v1, id3v2, lyrics3, metadata, remux

# Ending -> codec, container, the container's options.
COPIED: dict[str, tuple[str, str, dict[str, str]]] = {
    ".mka": ("libopus", "matroska", {}),
    ".flac.mka": ("flac", "matroska", {}),
    ".webm": ("libopus", "webm", {}),
    ".caf": ("pcm_s16le", "caf", {}),
    ".rf64.wav": ("pcm_s16le", "wav", {"rf64": "always"}),
    ".w64": ("pcm_s16le", "w64", {}),
    ".wav": ("pcm_s24le", "wav", {}),
    ".aiff": ("pcm_s16be", "aiff", {}),
    ".mov": ("aac", "mov", {}),
    ".m4a": ("aac", "mp4", {}),
    ".flac": ("flac", "flac", {}),
    ".tta": ("tta", "tta", {}),
    ".wv": ("wavpack", "wv", {}),
    ".wma": ("wmav2", "asf", {}),
}
LONGER = {"title": "Another title " * 400, "comment": "and a comment"}


@pytest.mark.parametrize("ending", COPIED)
def test_copies_by_ffmpeg(tmp_path: Path, ending: str) -> None:
    codec, container, options = COPIED[ending]
    song = write_av(tmp_path / f"a{ending}", chirp(6, 48000), 48000, codec, container, **options)
    copy = remux(song, tmp_path / f"b{ending}", container, metadata(), **options)
    again = remux(copy, tmp_path / f"c{ending}", container, LONGER, **options)
    assert audio_hash(song) == audio_hash(copy) == audio_hash(again)
    assert audio_hash(song, whole=True) == audio_hash(again, whole=True)
    other = write_av(tmp_path / f"d{ending}", chirp(6, 48000)[::-1], 48000, codec, container, **options)
    assert audio_hash(other) != audio_hash(song)


FRONTS = (b"", id3v2(), id3v2() + id3v2(), apev2(Title="front"))
APE = apev2(Title="x")
BACKS = (b"", id3v1(), APE, APE + lyrics3("la") + id3v1(), id3v1() + APE)


@pytest.mark.parametrize("ending", FORMATS)
def test_tags_in_front_and_behind(tmp_path: Path, ending: str) -> None:
    path = write(tmp_path / f"a{ending}", chirp(1, 48000), 48000)
    sound, before = path.read_bytes(), audio_hash(path)
    for front in FRONTS:
        for back in BACKS:
            path.write_bytes(front + sound + back)
            assert audio_hash(path) == before, (front[:3], back[-20:])


def test_either_of_two_id3_tags(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp3", chirp(1, 48000), 48000)
    sound, before = path.read_bytes(), audio_hash(path)
    path.write_bytes(id3v2() + id3v2() + sound)
    assert audio_hash(path) == before
    tags = ID3(path)
    tags.add(TIT2(encoding=3, text=["A title " * 500]))
    tags.save()
    assert audio_hash(path) == before
    tags.delete()
    assert audio_hash(path) == before


def test_blocks_before_id3v1(tmp_path: Path) -> None:
    """mutagen puts its APEv2 behind what it doesn't know, and removes what is behind the old one."""
    path = write(tmp_path / "a.mp3", chirp(1, 48000), 48000)
    sound, before = path.read_bytes(), audio_hash(path)
    longer_titles = b"TAG+" + bytes(223)
    blocks = (lyrics3("la"), b"LYRICSBEGINlaLYRICSEND", longer_titles, apev2(Artist="Ann") + lyrics3("la"))
    for block in blocks:
        path.write_bytes(sound + block + id3v1())
        assert audio_hash(path) == before
        tags = APEv2()
        tags["Title"] = "Another"
        tags.save(path)
        assert audio_hash(path) == before
        mutagen.File(path).delete()
        assert audio_hash(path) == before


def test_an_id3v2_tag_at_the_end(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp3", chirp(1, 48000), 48000)
    before, tag = audio_hash(path), bytearray(id3v2())
    tag[5] |= 0x10
    path.write_bytes(path.read_bytes() + tag + b"3DI" + tag[3:10])
    assert audio_hash(path) == before


def _retagged(path: Path) -> None:
    file = mutagen.File(path)
    if file.tags is None:
        file.add_tags()
    file.tags.add(TIT2(encoding=3, text=["A title " * 500]))
    file.save()


def test_dsf(tmp_path: Path) -> None:
    path, sound = tmp_path / "a.dsf", np.random.default_rng(0).bytes(8192)
    size = 28 + 52 + 12 + len(sound)
    header = struct.pack("<4s3Q", b"DSD ", 28, size, 0)
    header += struct.pack("<4sQ6IQ2I", b"fmt ", 52, 1, 0, 2, 2, 2822400, 1, 4096 * 8, 4096, 0)
    path.write_bytes(header + struct.pack("<4sQ", b"data", 12 + len(sound)) + sound)
    before = audio_hash(path)
    _retagged(path)
    assert audio_hash(path) == before
    data = bytearray(path.read_bytes())
    data[100] ^= 1
    path.write_bytes(data)
    assert audio_hash(path) != before


def test_dff(tmp_path: Path) -> None:
    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">4sQ", name, len(content)) + content + b"\0" * (len(content) % 2)

    path, sound = tmp_path / "a.dff", np.random.default_rng(0).bytes(4097)
    prop = b"SND " + chunk(b"FS  ", struct.pack(">I", 2822400)) + chunk(b"CHNL", b"\0\2SLFTSRGT")
    prop += chunk(b"CMPR", b"DSD \x0enot compressed")
    body = b"DSD " + chunk(b"FVER", b"\1\5\0\0") + chunk(b"PROP", prop) + chunk(b"DSD ", sound)
    path.write_bytes(struct.pack(">4sQ", b"FRM8", len(body)) + body)
    before = audio_hash(path)
    _retagged(path)
    assert audio_hash(path) == before


def test_wavpack_in_a_wav_header(tmp_path: Path) -> None:
    """The header tells the length of the sound as it was before it was packed."""
    sound = b"wvpk" + np.random.default_rng(0).bytes(3000)
    fmt = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 2, 44100, 176400, 4, 16)
    header = struct.pack("<4sI4s", b"RIFF", 90_036, b"WAVE") + fmt + struct.pack("<4sI", b"data", 90_000)
    path = tmp_path / "a.wv"
    path.write_bytes(header + sound)
    before = audio_hash(path)
    for tag in (apev2(Title="A"), apev2(Title="Another"), apev2(Title="A") + id3v1()):
        path.write_bytes(header + sound + tag)
        assert audio_hash(path) == before


def test_quicktime_without_a_type(tmp_path: Path) -> None:
    """Old files begin with what they hold; the tags are behind or before it."""
    path, sound = tmp_path / "a.mov", np.random.default_rng(0).bytes(3000)
    mdat, moov = struct.pack(">I4s", 8 + len(sound), b"mdat") + sound, struct.pack(">I4s", 108, b"moov")
    hashes = set()
    for data in (mdat + moov + b"a" * 100, mdat + moov + b"b" * 100, moov + b"c" * 100 + mdat):
        path.write_bytes(data)
        hashes.add(audio_hash(path))
    assert len(hashes) == 1


def _element(name: bytes, content: bytes, *, is_open: bool = False) -> bytes:
    length = b"\x01" + b"\xff" * 7 if is_open else (len(content) | 1 << 56).to_bytes(8, "big")
    return name + length + content


def _matroska(blocks: list[bytes], *, is_open: bool = False, tags: bytes = b"") -> bytes:
    tracks = b""
    for number, kind in ((1, 1), (2, 2), (3, 2)):  # pictures, sound, another language
        tracks += _element(b"\xae", _element(b"\xd7", bytes([number])) + _element(b"\x83", bytes([kind])))
    clusters = b"".join(
        _element(b"\x1f\x43\xb6\x75", _element(b"\xe7", b"\0") + block, is_open=is_open) for block in blocks
    )
    segment = _element(b"\x16\x54\xae\x6b", tracks) + clusters + _element(b"\x12\x54\xc3\x67", tags)
    return _element(b"\x1a\x45\xdf\xa3", b"") + _element(b"\x18\x53\x80\x67", segment, is_open=is_open)


def _block(track: int, content: bytes, *, lacing: int = 0, in_group: bool = False) -> bytes:
    block = bytes([0x80 | track, 0, 7, lacing << 1]) + content
    return _element(b"\xa0", _element(b"\xa1", block)) if in_group else _element(b"\xa3", block)


def test_frames_of_matroska_however_they_are_packed(tmp_path: Path) -> None:
    one, two, three = bytes(300), b"b" * 300, b"c" * 300
    sizes = {
        1: b"\x02\xff\x2d\xff\x2d",
        2: b"\x02",
        3: b"\x02\x41\x2c\xbf",  # 300, and no more
    }
    packed = [
        [_block(2, one), _block(2, two), _block(2, three)],
        [
            _block(2, one) + _block(1, b"picture") + _block(2, two, in_group=True),
            _block(3, b"x") + _block(2, three),
        ],
        *([_block(2, size + one + two + three, lacing=lacing)] for lacing, size in sizes.items()),
    ]
    hashes = set()
    for number, blocks in enumerate(packed):
        for is_open in (False, True):
            path = tmp_path / "a.mka"
            path.write_bytes(_matroska(blocks, is_open=is_open, tags=bytes(10 * number)))
            hashes.add(audio_hash(path))
    assert len(hashes) == 1
    path.write_bytes(_matroska([_block(2, one), _block(2, three), _block(2, two)]))
    assert audio_hash(path) not in hashes


def test_edges_of_many_frames_are_those_of_one(tmp_path: Path) -> None:
    """What is hashed of frames is what is hashed of as many bytes at a stretch."""
    sound = np.random.default_rng(0).bytes(3 * EDGE)
    cut = [sound[place : place + 10_000] for place in range(0, len(sound), 10_000)]
    (tmp_path / "a.mka").write_bytes(_matroska([_block(2, frame) for frame in cut]))
    (tmp_path / "a.mp3").write_bytes(sound)
    for whole in (False, True):
        assert audio_hash(tmp_path / "a.mka", whole=whole) == audio_hash(tmp_path / "a.mp3", whole=whole)


MAGIC = (
    b"\x1a\x45\xdf\xa3\x80\x18\x53\x80\x67\xff",
    b"RF64\xff\xff\xff\xffWAVEds64",
    b"caff\0\1\0\0",
    b"DSD ",
    b"FRM8\0\0\0\0\0\0\0\0DSD ",
    b"\0\0\0\x08wide",
    b"APETAGEX",
)


ENDS = (b"", b"LYRICS200", b"3DI" + bytes(7))


@given(st.sampled_from(MAGIC), st.binary(max_size=300), st.sampled_from(ENDS))
def test_any_bytes_have_a_hash(magic: bytes, rest: bytes, end: bytes) -> None:
    path = _scratch[0] / "any.bin"
    path.write_bytes(magic + rest + end)
    assert len(audio_hash(path)) == len(audio_hash(path, whole=True)) == 32


_scratch: list[Path] = []


@pytest.fixture(autouse=True, scope="module")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    _scratch[:] = [tmp_path_factory.mktemp("retagging")]
