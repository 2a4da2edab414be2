"""Retagging leaves a song's identity; another sound has another."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path

import mutagen
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mutagen.apev2 import APEv2
from mutagen.flac import Picture
from mutagen.id3 import APIC, ID3, TIT2
from mutagen.mp4 import MP4Cover

from groovecli.audio.payload import EDGE, audio_hash
from tests.encode import chirp, write

ENDINGS = (".mp3", ".flac", ".ogg", ".opus", ".m4a", ".alac.m4a", ".wav", ".aiff", ".wma")
COVER = np.random.default_rng(0).bytes(700_000)


def add_title(path: Path) -> None:
    _set(path, "A title of some length " * 40)


def change_title(path: Path) -> None:
    _set(path, "B")


def _set(path: Path, title: str) -> None:
    file = mutagen.File(path)
    if file.tags is None:
        file.add_tags()
    if isinstance(file.tags, ID3):
        file.tags.add(TIT2(encoding=3, text=[title]))
    else:
        file.tags["\xa9nam" if path.suffix == ".m4a" else "title"] = title
    file.save()


def add_cover(path: Path) -> None:
    file = mutagen.File(path)
    picture = Picture()
    picture.data, picture.type, picture.mime = COVER, 3, "image/jpeg"
    if isinstance(file.tags, ID3):
        file.tags.add(APIC(encoding=3, mime="image/jpeg", type=3, data=COVER))
    elif path.suffix == ".m4a":
        file.tags["covr"] = [MP4Cover(COVER)]
    elif path.suffix == ".flac":
        file.add_picture(picture)
    elif path.suffix == ".wma":
        file.tags["WM/Picture"] = [mutagen.asf.ASFByteArrayAttribute(COVER)]
    else:
        file.tags["metadata_block_picture"] = base64.b64encode(picture.write()).decode()
    file.save()


def add_old_id3(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"TAG" + b"x" * 125)


def add_ape(path: Path) -> None:
    tags = APEv2()
    tags["Artist"] = "Ape" * 300
    tags.save(path)


def remove(path: Path) -> None:
    mutagen.File(path).delete()


STEPS: tuple[Callable[[Path], None], ...] = (add_title, add_cover, change_title, remove, add_title)


@pytest.mark.parametrize("ending", ENDINGS)
def test_retagging_changes_nothing(tmp_path: Path, ending: str) -> None:
    path = write(tmp_path / f"a{ending}", chirp(20, 48000), 48000)
    before, before_whole = audio_hash(path), audio_hash(path, whole=True)
    for step in STEPS:
        step(path)
        assert audio_hash(path) == before, step.__name__
        assert audio_hash(path, whole=True) == before_whole, step.__name__


def test_trailing_tags_of_mp3(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp3", chirp(5, 44100), 44100)
    before = audio_hash(path)
    for step in (add_ape, add_title, add_old_id3, add_cover, remove):
        step(path)
        assert audio_hash(path) == before, step.__name__


def test_retagged_demo_songs(demo: Path, tmp_path: Path) -> None:
    for song in sorted(demo.rglob("*.opus"))[::7]:
        path = tmp_path / "a.opus"
        path.write_bytes(song.read_bytes())
        add_cover(path)
        assert audio_hash(path) == audio_hash(song)


@pytest.mark.parametrize("ending", ENDINGS)
def test_another_sound_has_another_hash(tmp_path: Path, ending: str) -> None:
    one = write(tmp_path / f"a{ending}", chirp(2, 48000), 48000)
    other = write(tmp_path / f"b{ending}", chirp(2, 48000)[::-1], 48000)
    assert audio_hash(one) != audio_hash(other)


def test_the_middle_counts_only_when_all_of_it_is_asked_for(tmp_path: Path) -> None:
    data = bytearray(np.random.default_rng(0).bytes(4 * EDGE))
    (tmp_path / "a.mp3").write_bytes(data)
    data[2 * EDGE] ^= 1
    (tmp_path / "b.mp3").write_bytes(data)
    assert audio_hash(tmp_path / "a.mp3") == audio_hash(tmp_path / "b.mp3")
    hashes = {audio_hash(tmp_path / name, whole=True) for name in ("a.mp3", "b.mp3")}
    assert len(hashes) == 2


@pytest.mark.parametrize("place", [0, EDGE - 1, -1])
def test_each_byte_of_the_edges_counts(tmp_path: Path, place: int) -> None:
    data = bytearray(np.random.default_rng(0).bytes(3 * EDGE))
    (tmp_path / "a.mp3").write_bytes(data)
    data[place] ^= 1
    (tmp_path / "b.mp3").write_bytes(data)
    assert audio_hash(tmp_path / "a.mp3") != audio_hash(tmp_path / "b.mp3")


def test_untrue_headers_do_not_make_songs_equal(tmp_path: Path) -> None:
    """A tag longer than the file, and a WAV whose length was never filled in."""
    header = b"ID3\x04\0\0\x7f\x7f\x7f\x7f"
    (tmp_path / "a.mp3").write_bytes(header + b"one song" * 99)
    (tmp_path / "b.mp3").write_bytes(header + b"another!" * 99)
    assert audio_hash(tmp_path / "a.mp3") != audio_hash(tmp_path / "b.mp3")
    for name, seconds in (("a.wav", 2), ("b.wav", 3)):
        wav = bytearray(write(tmp_path / name, chirp(seconds, 8000), 8000).read_bytes())
        place = wav.index(b"data") + 4
        wav[place : place + 4] = b"\0" * 4
        (tmp_path / name).write_bytes(wav)
    assert audio_hash(tmp_path / "a.wav") != audio_hash(tmp_path / "b.wav")


MAGIC = (
    b"",
    b"ID3\x04\0\0",
    b"fLaC",
    b"OggS\0\0",
    b"\0\0\0\x18ftyp",
    b"RIFF\0\0\0\0WAVE",
    b"FORM",
    b"\x30\x26\xb2\x75",
)


@given(st.sampled_from(MAGIC), st.binary(max_size=600))
def test_any_bytes_have_a_hash(magic: bytes, rest: bytes) -> None:
    path = _scratch[0] / "any.bin"
    path.write_bytes(magic + rest)
    assert len(audio_hash(path)) == len(audio_hash(path, whole=True)) == 32
    int(audio_hash(path), 16)


_scratch: list[Path] = []


@pytest.fixture(autouse=True, scope="module")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    _scratch[:] = [tmp_path_factory.mktemp("payload")]
