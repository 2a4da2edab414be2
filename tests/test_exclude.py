"""What a person leaves out by pattern, and dry runs, which change nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groovecli.errors import UsageError
from groovecli.library.scan import expand
from groovecli.library.walk import list_audio
from groovecli.playlists.folder import write_playlists
from groovecli.playlists.playlist import Entry, Playlist


def made(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")
    return folder


def names_in(folder: Path, *exclude: str) -> list[str]:
    return [str(path.relative_to(folder)) for path in list_audio(folder, exclude).files]


@pytest.mark.parametrize(
    ("exclude", "left"),
    [
        ((), ["a live.mp3", "pop/b.mp3", "pop/live/c.mp3", "talk/d.mp3"]),
        (("*live*",), ["pop/b.mp3", "talk/d.mp3"]),
        (("talk/",), ["a live.mp3", "pop/b.mp3", "pop/live/c.mp3"]),
        (("pop/live", "*.mp3", "!b.mp3"), ["pop/b.mp3"]),
        (("/live",), ["a live.mp3", "pop/b.mp3", "pop/live/c.mp3", "talk/d.mp3"]),
    ],
)
def test_patterns_are_those_of_gitignore(tmp_path: Path, exclude: tuple[str, ...], left: list[str]) -> None:
    made(tmp_path, "a live.mp3", "pop/b.mp3", "pop/live/c.mp3", "talk/d.mp3")
    assert names_in(tmp_path, *exclude) == left


def test_what_is_excluded_is_counted_and_said(tmp_path: Path) -> None:
    made(tmp_path, "a live.mp3", "b.mp3", "live/c.mp3", "live/d.mp3")
    found = list_audio(tmp_path, ["*live*"]).passed_over
    assert found.n_excluded == 2 and found.to_json()["excluded"] == 2
    assert found.lines == ["passed over, as --exclude says: 2 files or folders"]


def test_a_pattern_wins_over_ignore_files_that_take_back(tmp_path: Path) -> None:
    made(tmp_path, "pop/live.mp3", "pop/b.mp3")
    (tmp_path / "pop" / ".grooveignore").write_text("!live.mp3\n")
    assert names_in(tmp_path, "*live*") == ["pop/b.mp3"]


def test_a_song_that_is_named_is_left_out_too(tmp_path: Path) -> None:
    """As of a shell's *.mp3."""
    made(tmp_path, "live.mp3", "studio.mp3", "more/live.mp3")
    found = expand([tmp_path / "live.mp3", tmp_path / "studio.mp3", tmp_path / "more"], ["*live*"])
    assert found.files == (tmp_path / "studio.mp3",) and found.passed_over.n_excluded == 2


def test_what_is_no_pattern_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--exclude '\\[z-a\\]' is no pattern"):
        list_audio(tmp_path, ["[z-a]"])


@given(
    st.lists(st.sampled_from(["a", "b", "c", "live a"]), unique=True, min_size=1), st.sampled_from("abc")
)
def test_excluded_and_left_are_all(
    tmp_path_factory: pytest.TempPathFactory, stems: list[str], out: str
) -> None:
    folder = made(tmp_path_factory.mktemp("music"), *(f"{stem}.mp3" for stem in stems))
    found = list_audio(folder, [f"*{out}.mp3"])
    assert {path.stem for path in found.files} == {stem for stem in stems if not stem.endswith(out)}
    assert len(found.files) + found.passed_over.n_excluded == len(stems)


# Dry runs


def playlist(name: str, *paths: Path) -> Playlist:
    entries = tuple(Entry(path, 60.0, "", path.stem, "") for path in paths)
    return Playlist(name, entries, entries[0])


def test_a_dry_run_makes_no_folder(tmp_path: Path) -> None:
    made(tmp_path, "a.mp3")
    result = write_playlists([playlist("one", tmp_path / "a.mp3")], tmp_path / "lists", dry_run=True)
    assert [written.path.name for written in result.written] == ["one.m3u8"]
    assert not (tmp_path / "lists").exists()


def test_a_dry_run_says_what_a_run_does_and_touches_nothing(tmp_path: Path) -> None:
    made(tmp_path, "a.mp3", "b.mp3")
    lists = tmp_path / "lists"
    write_playlists([playlist("old", tmp_path / "a.mp3"), playlist("mine", tmp_path / "b.mp3")], lists)
    (lists / "mine.m3u8").write_text("edited")
    before = {path.name: path.read_bytes() for path in lists.rglob("*") if path.is_file()}
    new = [playlist("new", tmp_path / "a.mp3"), playlist("mine", tmp_path / "b.mp3")]
    would = write_playlists(new, lists, dry_run=True)
    assert {path.name: path.read_bytes() for path in lists.rglob("*") if path.is_file()} == before
    did = write_playlists(new, lists)
    assert would == did
    assert did.removed == () and [(c.was, c.name) for c in did.changes if c.was] == [("old", "new")]
