"""Scanning: which files are songs, and which songs are the same."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from hypothesis import given, settings
from hypothesis import strategies as st

from groovecli.audio import payload
from groovecli.errors import LibraryError
from groovecli.library import scan as scanning
from groovecli.library.scan import expand, identify_sound, scan
from groovecli.library.tracks import PLAYLISTS_MANIFEST, PREVIEW_SUFFIX, Rejected, Track
from groovecli.library.walk import list_audio
from groovecli.reasons import Reason
from tests.conftest import write_song


def audio_files(folder: Path) -> list[Path]:
    return list(list_audio(folder).files)


ODD_NAMES = [
    b"[2004] [FLAC] 01 [live].wav",
    b"line\nbreak.wav",
    b"\xff\xfe\x80.wav",
    b"-rf.wav",
    "Cafe\u0301.wav".encode(),
    b" spaces .wav",
    "日本語.WAV".encode(),
    b"a'b\"c$d`e.wav",
]


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_song(tmp_path_factory.mktemp("tracks") / "song.wav", 1, sr=8000)


def copied(song: Path, *places: Path) -> None:
    for place in places:
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(song, place)


def test_odd_names_are_songs(song: Path, tmp_path: Path) -> None:
    for name in ODD_NAMES:
        copied(song, tmp_path / os.fsdecode(name))
    files = audio_files(tmp_path)
    assert [os.fsencode(path.name) for path in files] == sorted(ODD_NAMES)
    found = scan(files, jobs=1)
    assert [track.path for track in found.tracks] == files
    assert len({track.id for track in found.tracks}) == 1


@settings(max_examples=40)
@given(st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=40))
def test_any_file_name_is_found(name: str) -> None:
    folder = _scratch[0]
    for old in folder.iterdir():
        old.unlink()
    path = folder / f"{name}.wav"
    if len(os.fsencode(path.name)) > 255:
        return
    path.write_bytes(b"")
    hidden = name.startswith(".")
    assert audio_files(folder) == ([] if hidden else [path])


_scratch: list[Path] = []


@pytest.fixture(autouse=True, scope="module")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    _scratch[:] = [tmp_path_factory.mktemp("names")]


def test_hidden_files_other_files_and_previews_are_left_out(song: Path, tmp_path: Path) -> None:
    left_out = (".b.wav", ".hidden/c.wav", "d.txt", f"playlists/x{PREVIEW_SUFFIX}")
    kept = ("a.wav", "deep/er/e.wav", "playlists/song.wav")
    copied(song, *(tmp_path / name for name in (*left_out, *kept)))
    (tmp_path / "playlists" / PLAYLISTS_MANIFEST).write_text("{}")
    assert audio_files(tmp_path) == [tmp_path / name for name in kept]


def test_links_are_followed_once(song: Path, tmp_path: Path) -> None:
    library, elsewhere = tmp_path / "library", tmp_path / "elsewhere"
    copied(song, library / "a" / "1.wav", elsewhere / "2.wav")
    (library / "a" / "loop").symlink_to(library)
    (library / "linked").symlink_to(elsewhere)
    (library / "broken.wav").symlink_to(tmp_path / "nowhere.wav")
    names = [path.name for path in audio_files(library)]
    assert names == ["1.wav", "broken.wav", "2.wav"]
    found = scan(audio_files(library), jobs=1)
    assert [item.path.name for item in found.rejected] == ["broken.wav"]


def test_a_folder_that_is_not_there(song: Path, tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="does not exist"):
        audio_files(tmp_path / "none")
    with pytest.raises(LibraryError, match="is not a folder"):
        audio_files(song)


def test_a_folder_that_cannot_be_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "listdir", refuse)
    with pytest.raises(LibraryError, match="Permission denied"):
        audio_files(tmp_path)


def test_expand_takes_files_and_folders(song: Path, tmp_path: Path) -> None:
    copied(song, tmp_path / "in" / "a.wav", tmp_path / "b.odd")
    found = expand([tmp_path / "in", tmp_path / "b.odd", tmp_path / "in" / "a.wav", tmp_path / "no"])
    assert found.files == (tmp_path / "in" / "a.wav", tmp_path / "b.odd")
    assert [item.path for item in found.rejected] == [tmp_path / "no"]


def test_what_is_no_song_is_rejected_with_a_reason(song: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.mp3").touch()
    (tmp_path / "text.mp3").write_text("just text\n" * 99)
    (tmp_path / "cut.flac").write_bytes(b"fLaC" + bytes(30))
    os.mkfifo(tmp_path / "pipe.wav")
    copied(song, tmp_path / "good.wav")
    found = scan(audio_files(tmp_path), jobs=1)
    assert [track.path.name for track in found.tracks] == ["good.wav"]
    reasons = {item.path.name: item.text for item in found.rejected}
    assert reasons["empty.mp3"] == "is empty (0 bytes)"
    assert set(reasons) == {"empty.mp3", "text.mp3", "cut.flac", "pipe.wav"}
    assert all(str(tmp_path) not in reason and "\n" not in reason for reason in reasons.values())


def test_a_file_that_may_not_be_read_is_rejected_and_tried_again(
    song: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied(song, tmp_path / "a.wav")

    def refuse(*_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(payload, "audio_hash", refuse)
        found = identify_sound(tmp_path / "a.wav")  # what a worker does
    assert found == Rejected(tmp_path / "a.wav", Reason.UNREADABLE, "Permission denied")
    known = {found.path: found}
    assert len(scan(audio_files(tmp_path), known=known, jobs=1).tracks) == 1


def test_unchanged_files_are_not_opened_again(
    song: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied(song, tmp_path / "a.wav", tmp_path / "copy.wav")
    (tmp_path / "bad.mp3").write_text("text")
    first = scan(audio_files(tmp_path), jobs=1)
    known: dict[Path, Track | Rejected] = {item.path: item for item in (*first.tracks, *first.rejected)}

    def refuse(*_: object, **__: object) -> str:
        raise AssertionError("opened again")

    with monkeypatch.context() as patched:
        patched.setattr(scanning, "identify_sound", refuse)
        patched.setattr(payload, "audio_hash", refuse)
        again = scan(audio_files(tmp_path), known=known, jobs=1)
    assert (again.tracks, again.rejected) == (first.tracks, first.rejected)
    sf.write(tmp_path / "a.wav", np.ones(9000, np.float32) / 2, 8000)
    changed = scan(audio_files(tmp_path), known=known, jobs=1)
    assert changed.tracks[0].id != first.tracks[0].id
    assert changed.tracks[1] == first.tracks[1]


def long_song(path: Path, *, middle: int) -> Path:
    """Two minutes of noise that differ only in the middle."""
    x = np.random.default_rng(0).integers(-9000, 9000, 400_000).astype(np.int16)
    x[200_000] = middle
    path.parent.mkdir(parents=True, exist_ok=True)
    sf.write(path, x, 4000, subtype="PCM_16")
    return path


def test_songs_that_differ_only_in_the_middle_are_two(tmp_path: Path) -> None:
    for name, middle in (("a", 1), ("b", 2), ("c", 1)):
        long_song(tmp_path / f"{name}.wav", middle=middle)
    a, b, c = scan(audio_files(tmp_path), jobs=1).tracks
    assert a.id == c.id != b.id


def test_a_known_song_keeps_its_id_when_its_double_comes(tmp_path: Path) -> None:
    """The same songs have the same ids, whenever which of them was found."""
    long_song(tmp_path / "m.wav", middle=1)
    known: dict[Path, Track | Rejected] = {}
    ids: dict[str, str] = {}
    for name, middle in (("m", 1), ("a", 2), ("z", 1), ("b", 2)):
        long_song(tmp_path / f"{name}.wav", middle=middle) if name != "m" else None
        found = scan(audio_files(tmp_path), known=known, jobs=1)
        assert all(ids.get(track.path.name, track.id) == track.id for track in found.tracks)
        ids = {track.path.name: track.id for track in found.tracks}
        known = {track.path: track for track in found.tracks}
    assert ids["m.wav"] == ids["z.wav"] != ids["a.wav"] == ids["b.wav"]


def test_workers_find_the_same(tmp_path: Path) -> None:
    for number in range(6):
        write_song(tmp_path / f"{number}.wav", 1, sr=8000, seed=number)
    (tmp_path / "bad.mp3").write_text("text")
    assert scan(audio_files(tmp_path), jobs=1) == scan(audio_files(tmp_path), jobs=2)


def test_a_folder_that_cannot_be_listed_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_song(tmp_path / "open" / "song.wav", 1)
    locked = write_song(tmp_path / "locked" / "song.wav", 1).parent
    scandir = os.scandir

    def refused(path: Path | str) -> object:
        if Path(path) == locked:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refused)
    found = list_audio(tmp_path)
    assert found.files == (tmp_path / "open" / "song.wav",)
    assert found.rejected == (Rejected(locked, Reason.NOT_LISTED, "Permission denied"),)
    assert expand([tmp_path]) == found
