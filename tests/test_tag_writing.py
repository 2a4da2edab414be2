"""Values in tags: each format has them in its own way, the sound stays, and every byte can be restored."""

from __future__ import annotations

import io
import random
import shutil
import tempfile
from pathlib import Path

import mutagen
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mutagen.id3 import ID3, TCON, TPE1

from groovecli.audio.payload import audio_hash
from groovecli.audio.tag_reading import read_tags
from groovecli.audio.tag_writing import tagged_values, write_values
from groovecli.audio.tags import primary_genre
from groovecli.errors import AudioError
from groovecli.library.changes.delta import delta, restore
from groovecli.reasons import Reason
from tests.tagged import UNWRITABLE, kind_of, song, variants

ALL = {"genre": ("Jazz", "Drum & Bäss"), "tempo": ("128",), "key": ("F#m",), "playlist": ("Soft", "Late")}
FIELDS = tuple(ALL)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return variants(tmp_path_factory.mktemp("variants"))


def test_every_writable_kind_is_tried(files: list[Path]) -> None:
    kinds = {kind_of(path) for path in files}
    assert kinds >= {
        *("MP3", "FLAC", "OggVorbis", "OggOpus", "OggFLAC", "MP4", "ASF", "WAVE", "AIFF"),
        *("TrueAudio", "WavPack"),
    }


def test_values_come_back_and_all_else_stays(files: list[Path], tmp_path: Path) -> None:
    for source in files:
        path = shutil.copyfile(source, tmp_path / source.name)
        before, artist = audio_hash(path, whole=True), read_tags(path).artist
        write_values(path, ALL)
        assert tagged_values(path, FIELDS) == ALL, source.name
        assert audio_hash(path, whole=True) == before, source.name
        assert read_tags(path).artist == artist, source.name
        assert primary_genre(read_tags(path)) == "jazz", source.name


def test_what_was_is_restored_from_little(files: list[Path], tmp_path: Path) -> None:
    for source in files:
        path = Path(shutil.copyfile(source, tmp_path / source.name))
        write_values(path, ALL)
        kept, out = delta(source, path), io.BytesIO()
        restore(kept, path, out)
        assert out.getvalue() == source.read_bytes(), source.name
        assert len(kept) < 4000, source.name


def test_values_of_other_programs_are_read(files: list[Path]) -> None:
    for path in files:
        if path.name.startswith("tagged") and path.suffix not in (".wav", ".aiff", ".tta"):
            assert tagged_values(path, FIELDS) == {"genre": ("Jazz",)}, path.name


@pytest.mark.parametrize("ending", UNWRITABLE)
def test_formats_without_tags_of_mutagen_are_a_reason(tmp_path: Path, ending: str) -> None:
    path = song(tmp_path / f"a{ending}", ending)
    before = path.read_bytes()
    for act in (lambda: write_values(path, ALL), lambda: tagged_values(path, FIELDS)):
        with pytest.raises(AudioError) as caught:
            act()
        assert caught.value.problem.reason == Reason.NO_TAGS_THERE
    assert path.read_bytes() == before


def test_id3_keeps_its_version(files: list[Path], tmp_path: Path) -> None:
    by_name = {path.name: path for path in files}
    path = Path(shutil.copyfile(by_name["id3v23.mp3"], tmp_path / "a.mp3"))
    write_values(path, ALL)
    tags = ID3(path, translate=False)
    assert tags.version == (2, 3, 0) and tags["TCON"].text == ["Jazz/Drum & Bäss"]
    assert tags["TPE1"].text == ["Ännchen"]
    path = Path(shutil.copyfile(by_name["plain.mp3"], tmp_path / "b.mp3"))
    write_values(path, ALL)
    assert ID3(path).version == (2, 4, 0) and ID3(path)["TCON"].text == ["Jazz", "Drum & Bäss"]


def test_numbers_of_genres_are_names(files: list[Path], tmp_path: Path) -> None:
    path = Path(shutil.copyfile(files[0], tmp_path / files[0].name))
    tags = ID3()
    tags.add(TCON(encoding=3, text=["(17)(4)"]))
    tags.add(TPE1(encoding=3, text=["A"]))
    tags.save(path)
    assert tagged_values(path, ("genre",)) == {"genre": ("Rock", "Disco")}


@pytest.mark.parametrize(
    "data", [b"", b"no sound at all", b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f", b"fLaC" + bytes(9)]
)
def test_damaged_files_are_a_reason(tmp_path: Path, data: bytes) -> None:
    for ending in (".mp3", ".flac", ".ogg", ".m4a", ".wav"):
        path = tmp_path / f"a{ending}"
        path.write_bytes(data)
        try:
            tagged_values(path, FIELDS)
        except AudioError as error:
            assert error.problem.reason == Reason.NO_TAGS_THERE


@given(
    st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1), min_size=1)
)
def test_any_text_comes_back_from_vorbis_comments(texts: list[str]) -> None:
    texts = [text for text in (each.strip() for each in texts) if text]
    if not texts:
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.flac"
        path.write_bytes(_flac())
        write_values(path, {"playlist": tuple(texts)})
        assert mutagen.File(path)["grouping"] == texts


_MADE: dict[str, bytes] = {}
_NOISE = random.Random(0).randbytes(40_000)


def _flac() -> bytes:
    if not _MADE:
        with tempfile.TemporaryDirectory() as folder:
            _MADE["flac"] = song(Path(folder) / "a.flac", ".flac").read_bytes()
    return _MADE["flac"]


@given(
    st.binary(max_size=300),
    st.binary(max_size=300),
    st.binary(max_size=300),
    st.binary(max_size=100),
    st.booleans(),
)
def test_any_two_files_restore_each_other(
    front: bytes, old: bytes, new: bytes, behind: bytes, is_large: bool
) -> None:
    noise = _NOISE if is_large else b""
    with tempfile.TemporaryDirectory() as folder:
        one, other = Path(folder) / "one", Path(folder) / "other"
        one.write_bytes(front + old + noise + behind)
        other.write_bytes(front + new + noise + behind + new)
        for was, now in ((one, other), (other, one), (one, one)):
            out = io.BytesIO()
            restore(delta(was, now), now, out)
            assert out.getvalue() == was.read_bytes()


def test_a_delta_of_another_file_is_refused(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_bytes(b"a" * 1000)
    other.write_bytes(b"a" * 500 + b"b")
    kept = delta(one, other)
    for bad in (b"", kept[:9], kept[:-5], b"x" * len(kept)):
        with pytest.raises(ValueError):
            restore(bad, other, io.BytesIO())
    other.write_bytes(b"a")
    with pytest.raises(ValueError):
        restore(kept, other, io.BytesIO())
