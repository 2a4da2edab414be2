"""`groove duplicates` and the lists of `groove cluster`: one recording in several files counts once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from groovecli.actions import duplicates as action
from groovecli.actions.cluster import ClusterRequest
from groovecli.actions.cluster import run as cluster
from groovecli.actions.context import Context
from groovecli.actions.duplicates import DuplicatesRequest
from groovecli.actions.once import Compared, compared
from groovecli.audio import fingerprints as prints
from groovecli.audio.tags import Tags
from groovecli.errors import UsageError
from groovecli.home import Home
from groovecli.library.recordings import groups_of
from groovecli.library.tracks import FileState, Track
from groovecli.reasons import Reason
from tests import encode
from tests.conftest import melody, tone

SR = 22050


@pytest.fixture
def context(home: Path) -> Iterator[Context]:
    with Context(Home(home), jobs=1, device="cpu") as made:
        yield made


def sound(seconds: float, seed: int) -> np.ndarray:
    return melody(seconds, sr=SR, seed=seed)[:, None]


def write(folder: Path, name: str, y: np.ndarray, *, title: str = "", artist: str = "A") -> Track:
    path = encode.write(folder / name, y, SR)
    state = FileState(path.stat().st_size, 1)
    own = hashlib.sha256(path.read_bytes()).hexdigest()
    return Track(own, path, state, len(y) / SR, Tags(artist=artist, title=title) if title else Tags())


def vectors(*kinds: int) -> np.ndarray:
    """A vector for each song; the same kind of sound gives nearly the same one."""
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(10, 80))
    return (centres[list(kinds)] + 0.05 * rng.normal(size=(len(kinds), 80))).astype(np.float32)


def named(tracks: list[Track], found: Compared) -> set[tuple[str, str, str]]:
    return {
        (tracks[pair.first].path.name, tracks[pair.second].path.name, pair.kind) for pair in found.alike
    }


def test_encodings_and_a_remaster_are_one_recording_and_nothing_else_is(
    tmp_path: Path, context: Context
) -> None:
    song = sound(34, 1)
    longer = np.concatenate([0.6 * np.tanh(2 * song), np.zeros((SR // 2, 1), np.float32)])
    mix = np.concatenate([song, sound(40, 2)])
    tracks = [
        write(tmp_path, "a.flac", song, title="夜曲", artist="周杰倫"),
        write(tmp_path, "b.mp3", song),
        write(tmp_path, "c.ogg", song),
        write(tmp_path, "d remaster.flac", longer, title="夜曲 (Remastered)", artist="周杰倫"),
        write(tmp_path, "e live.flac", sound(35, 3), title="夜曲（ライブ）", artist="周杰倫"),
        write(tmp_path, "f mix.flac", mix),
        write(tmp_path, "g other.flac", sound(34, 4), title="夜曲", artist="周杰倫"),
    ]
    table = vectors(0, 0, 0, 0, 2, 0, 3)
    found = compared(tracks, table, context)
    songs = ["a.flac", "b.mp3", "c.ogg", "d remaster.flac"]
    pairs = {frozenset(pair[:2]) for pair in named(tracks, found)}
    assert pairs == {frozenset((a, b)) for a in songs for b in songs if a != b}
    assert {pair[2] for pair in named(tracks, found)} == {"recording"}
    (group,) = groups_of(tracks, found.alike)
    assert group.best.path.name == "a.flac"
    assert [copy.why.code for copy in group.copies][:2] == ["lossless", "lossless"]
    assert found.n_made == found.n_compared == 6  # the mix is longer than all others


def test_only_songs_that_may_be_repeated_are_read_and_only_once(
    tmp_path: Path, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    y = sound(32, 1)
    tracks = [
        write(tmp_path, "a.flac", y),
        write(tmp_path, "b.mp3", y),
        write(tmp_path, "c.mp3", sound(32, 2)),
    ]
    first = compared(tracks, vectors(0, 0, 1), context)
    assert (first.n_compared, first.n_made, len(first.alike)) == (2, 2, 1)

    def refuse(*_: object) -> None:
        raise AssertionError("it read a file again")

    monkeypatch.setattr(prints, "of_file", refuse)
    again = compared(tracks, vectors(0, 0, 1), context)
    assert again == replace(first, n_made=0)


def test_a_live_take_of_the_same_title_is_a_version_where_it_sounds_the_same(
    tmp_path: Path, context: Context
) -> None:
    tracks = [
        write(tmp_path, "a.mp3", sound(32, 1), title="Song"),
        write(tmp_path, "b.flac", sound(50, 2), title="Song (Live)"),
    ]
    assert named(tracks, compared(tracks, vectors(0, 0), context)) == {("a.mp3", "b.flac", "version")}
    assert named(tracks, compared(tracks, vectors(0, 1), context)) == set()


def test_silence_is_like_nothing(tmp_path: Path, context: Context) -> None:
    silence = np.zeros((32 * SR, 1), np.float32)
    tracks = [write(tmp_path, "a.flac", silence), write(tmp_path, "b.mp3", silence)]
    assert compared(tracks, np.zeros((2, 80), np.float32), context).alike == ()


def test_a_file_that_vanished_is_told_and_the_others_are_compared(tmp_path: Path, context: Context) -> None:
    y = sound(32, 1)
    tracks = [write(tmp_path, name, y) for name in ("a.flac", "b.mp3", "c.ogg")]
    tracks[1].path.unlink()
    found = compared(tracks, vectors(0, 0, 0), context)
    assert [item.path for item in found.unread] == [tracks[1].path]
    assert named(tracks, found) == {("a.flac", "c.ogg", "recording")}


@pytest.fixture
def music(tmp_path: Path) -> Path:
    """Four songs, of which one is there in three encodings, and the same file once more."""
    folder = tmp_path / "music"
    for number in range(4):
        write(folder, f"{number}.flac", sound(32, number))
    y, sr = sf.read(folder / "1.flac", dtype="float32", always_2d=True)
    encode.write(folder / "1 small.mp3", y, sr)
    encode.write(folder / "1 small.ogg", y, sr)
    (folder / "3 again.flac").write_bytes((folder / "3.flac").read_bytes())
    return folder


def test_duplicates_are_listed_written_and_left_where_they_are(music: Path, context: Context) -> None:
    before = {path: path.read_bytes() for path in music.iterdir()}
    out = music.parent / "duplicates.m3u8"
    found = action.run(DuplicatesRequest(music, out, n_clips=1), context)
    groups = {
        group.best.path.name: [(copy.track.path.name, copy.kind) for copy in group.copies]
        for group in found.groups
    }
    assert groups == {
        "1.flac": [("1 small.mp3", "recording"), ("1 small.ogg", "recording")],
        "3.flac": [("3 again.flac", "same-audio")],
    }
    assert (found.n_songs, found.n_copies, found.n_versions, found.failed) == (7, 3, 0, ())
    sizes = ((music / name).stat().st_size for name in ("1 small.mp3", "1 small.ogg", "3 again.flac"))
    assert found.n_bytes == sum(sizes)
    songs = [line for line in out.read_text().splitlines() if not line.startswith("#")]
    assert songs == [
        f"music/{name}" for name in ("1.flac", "1 small.mp3", "1 small.ogg", "3.flac", "3 again.flac")
    ]
    assert {path: path.read_bytes() for path in music.iterdir()} == before

    with pytest.raises(UsageError, match="is there already"):
        action.run(DuplicatesRequest(music, out, n_clips=1), context)
    assert action.run(DuplicatesRequest(music, out, n_clips=1, force=True), context).n_made == 0

    lists = cluster(ClusterRequest(music, music.parent / "lists", n_clips=1, min_size=1), context)
    assert lists.n_songs == 4
    assert {item.path.name: item.reason for item in lists.left_out} == {
        "1 small.mp3": Reason.DUPLICATE,
        "1 small.ogg": Reason.DUPLICATE,
        "3 again.flac": Reason.SAME_AUDIO,
    }
    request = ClusterRequest(music, music.parent / "lists", n_clips=1, include=("duplicates",))
    assert cluster(request, context).n_songs == 6


def test_a_tone_is_in_no_playlist_unless_it_is_asked_for(
    demo: Path, tmp_path: Path, context: Context
) -> None:
    folder = tmp_path / "music"
    folder.mkdir()
    for path in sorted(demo.rglob("*.opus"))[::10]:
        (folder / path.name).write_bytes(path.read_bytes())
    encode.write(folder / "tone.wav", tone(30, sr=SR)[:, None], SR)
    request = ClusterRequest(folder, tmp_path / "lists", min_size=1)
    lists = cluster(request, context)
    assert [(item.path.name, item.reason) for item in lists.left_out] == [("tone.wav", Reason.UNLIKE)]
    assert lists.n_songs == 3
    assert cluster(replace(request, include=("unlike",)), context).n_songs == 4


def test_an_ending_that_is_no_playlists_is_found_before_the_work(music: Path, context: Context) -> None:
    with pytest.raises(UsageError, match="cannot tell from"):
        action.run(DuplicatesRequest(music, music.parent / "x.txt"), context)
    assert not context.home.catalog.exists() or not context.catalog.known_files()
