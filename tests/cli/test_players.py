"""`groove cluster --for PLAYER`: what is written, what is left out, and that the check agrees."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.conftest import Workshop, groove, groove_json


@pytest.fixture
def odd(workshop: Workshop, tmp_path: Path) -> Path:
    """Six songs, of which five have names that some player misses."""
    music = tmp_path / "music"
    music.mkdir()
    songs = sorted((workshop.library / "folk").glob("*.opus"))
    for song, name in zip(songs, ["plain", "50%20", "a#b", "a\\b", " x", "caf\udce9"], strict=True):
        (music / f"{name}.opus").write_bytes(song.read_bytes())
    return music


NOT_UTF8 = "caf\udce9"
LOST = {"mpd": {" x", NOT_UTF8}, "mixxx": {NOT_UTF8}}


@pytest.mark.parametrize("player", ["any", "mpd", "mixxx", "rekordbox"])
def test_every_song_that_is_written_is_found(odd: Path, tmp_path: Path, player: str) -> None:
    out = odd / "lists" if player not in ("mpd", "rekordbox") else tmp_path / "out"
    lost = LOST.get(player, set())
    made = groove_json("cluster", odd, "-o", out, "--for", player, code=3 if lost else 0)
    assert {Path(each["path"]).stem for each in made["failed"]} == lost
    assert {each["code"] for each in made["failed"]} <= {"unnameable"}
    assert sum(each["songs"] for each in made["playlists"]) == 6 - len(lost)
    if player != "any":
        found = groove_json("check-playlist", out, "--music", odd, "--for", player)
        assert sum(each["songs"] for each in found["playlists"]) == 6 - len(lost)


def test_paths_for_a_container(odd: Path, tmp_path: Path) -> None:
    made = groove_json("cluster", odd, "-o", tmp_path / "out", "--path-map", f"{odd}=/srv/music")
    (file,) = {Path(each["file"]) for each in made["playlists"]}
    lines = [line for line in file.read_bytes().split(b"\n") if line and not line.startswith(b"#")]
    assert len(lines) == 6 and all(line.startswith(b"/srv/music/") for line in lines)
    assert os.fsencode("/srv/music/caf\udce9.opus") in lines
    found = groove_json("check-playlist", file, "--for", "vlc", "--path-map", f"{odd}=/srv/music", code=3)
    assert found["playlists"][0]["players"][0]["found"] == 3


def test_songs_that_no_mapped_folder_has_are_said_to_be_in_none(odd: Path, tmp_path: Path) -> None:
    (odd / "in").mkdir()
    for name in ("plain", "a#b"):
        (odd / f"{name}.opus").rename(odd / "in" / f"{name}.opus")
    made = groove_json("cluster", odd, "-o", tmp_path / "out", "--path-map", f"{odd}/in=/srv", code=3)
    assert [each["code"] for each in made["failed"]] == ["unmapped"] * 4
    assert made["failed"][0]["reason"] == "is in no folder that --path-map names"


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("--path-map", "/nowhere=/srv"), "fits no song"),
        (("--path-map", "x"), "takes FROM=TO"),
        (("--absolute", "--prefix", "/x/"), "each say how paths are written"),
        (("--relative-to", "/nowhere"), "needs a folder"),
        (("--for", "winamp"), "no rules for the player"),
        (("--for", "mpd", "--format", "jspf"), "MPD can't open playlists of the format jspf"),
        (("--format", "wpl"), "there is no playlist format"),
    ],
)
def test_what_can_not_be_is_refused_before_the_work(
    home: Path, tmp_path: Path, options: tuple[str, ...], complaint: str
) -> None:
    (tmp_path / "music").mkdir()
    result = groove("cluster", tmp_path / "music", "-o", tmp_path / "out", *options)
    assert result.exit_code == 2 and complaint in " ".join(result.stderr.split())
    assert "hint:" in result.stderr and not (tmp_path / "out").exists()
