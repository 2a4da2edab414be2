"""`groove check-playlist`: which player misses which song, and what is no playlist."""

from __future__ import annotations

import json
import os
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from groovecli import CheckPlaylistRequest, Context, check_playlist
from groovecli.cli.app import app
from groovecli.errors import LibraryError, UsageError
from groovecli.messages.players import WHY
from groovecli.playlists.checking import check
from groovecli.playlists.folder import write_playlists
from groovecli.playlists.formats.registry import FORMATS
from groovecli.playlists.manifest import About
from groovecli.playlists.naming import naming_for
from groovecli.playlists.players.registry import PLAYERS
from groovecli.playlists.playlist import Entry, Playlist
from groovecli.playlists.reading import read_playlist

ALL = ("mpd", "navidrome", "jellyfin", "kodi", "vlc", "mixxx")


def make(folder: Path, *names: str | bytes) -> None:
    for name in names:
        path = folder / os.fsdecode(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def write(path: Path, *lines: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"#EXTM3U\n" + b"".join(os.fsencode(line) + b"\n" for line in lines))
    return path


def missed(path: Path, music: Path | None = None, players: tuple[str, ...] = ALL) -> dict[str, dict]:
    """For each player that misses something: the lines and why."""
    found = check(read_playlist(path), [PLAYERS[name] for name in players], music=music)
    for verdict in found.verdicts:
        assert verdict.n_found + len(verdict.missed) == found.n_songs
        assert all(miss.code in WHY for miss in verdict.missed)
    return {
        verdict.player.name: {miss.item.number: miss.code for miss in verdict.missed}
        for verdict in found.verdicts
        if verdict.missed
    }


def groove(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["check-playlist", *map(str, arguments)])


def groove_json(*arguments: object, code: int = 0) -> Any:
    result = groove(*arguments, "--json")
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


def test_each_player_misses_what_its_rules_lose(tmp_path: Path) -> None:
    names = ["plain.mp3", "50%20off.mp3", "a#b.mp3", "a\\b.mp3", " x.mp3", "a:b.mp3", "#1.mp3", "y /z.mp3"]
    make(tmp_path, *names)
    path = write(
        tmp_path / "l.m3u8", "plain.mp3", *(f"./{name}" for name in names[1:]), "gone.mp3", *names[6:7]
    )
    assert missed(path, tmp_path) == {
        "mpd": {6: "spaces", 9: "spaces", 10: "missing", 11: "comment"},
        "navidrome": {10: "missing", 11: "comment"},
        "jellyfin": {3: "percent", 10: "missing", 11: "comment"},
        "kodi": {5: "backslash", 10: "missing", 11: "comment"},
        "vlc": {3: "percent", 4: "cut", 8: "cut", 10: "missing", 11: "comment"},
        "mixxx": {5: "backslash", 10: "missing", 11: "comment"},
    }


def test_one_line_that_is_not_utf8_costs_some_players_all_accents(tmp_path: Path) -> None:
    make(tmp_path, "caf\u00e9.mp3", b"latin\xe9.mp3", "plain.mp3")
    path = write(tmp_path / "l.m3u8", "caf\u00e9.mp3", b"latin\xe9.mp3", "plain.mp3")
    found = missed(path)
    assert found["navidrome"] == found["mixxx"] == {2: "encoding", 3: "not-utf8"}
    assert found["mpd"] == found["jellyfin"] == found["kodi"] == found["vlc"] == {3: "not-utf8"}


def test_an_old_list_in_latin_1_is_decoded_by_some_players(tmp_path: Path) -> None:
    make(tmp_path, "caf\u00e9.mp3")
    found = missed(write(tmp_path / "l.m3u", b"caf\xe9.mp3"))
    assert set(found) == {"mpd", "jellyfin", "kodi"}


def test_case_and_accents_count_for_all_but_navidrome(tmp_path: Path) -> None:
    nfc, nfd = (unicodedata.normalize(form, "\u00e9.mp3") for form in ("NFC", "NFD"))
    make(tmp_path, nfd, "In/Loud.mp3")
    found = missed(write(tmp_path / "l.m3u8", nfc, "in/LOUD.mp3"), tmp_path)
    assert set(found) == set(ALL) - {"navidrome"}
    assert all(codes == {2: "accents", 3: "case"} for codes in found.values())


def test_mpds_own_folder_starts_from_the_music(tmp_path: Path) -> None:
    music, lists = tmp_path / "music", tmp_path / "lists"
    make(music, "x/a.mp3")
    from_music = write(lists / "a.m3u", "x/a.mp3")
    assert set(missed(from_music, music)) == set(ALL) - {"mpd"}
    assert missed(from_music, music, ("vlc",)) == {"vlc": {2: "start"}}
    from_list = write(lists / "b.m3u", "../music/x/a.mp3")
    assert missed(from_list, music) == {"mpd": {2: "leaves"}}
    assert missed(write(lists / "a.m3u8", "x/a.mp3"), music, ("mpd",)) == {"mpd": {2: "stored"}}
    assert missed(write(music / "c.m3u8", "x/a.mp3"), music) == {}


def test_servers_play_only_what_is_in_their_music_folder(tmp_path: Path) -> None:
    music = tmp_path / "music"
    make(tmp_path, "other/b.mp3")
    path = write(music / "l.m3u", "../other/b.mp3")
    assert missed(path) == {}
    assert missed(path, music) == {
        "mpd": {2: "leaves"},
        "navidrome": {2: "outside"},
        "jellyfin": {2: "outside"},
    }


def test_the_folder_above_a_link_is_the_one_that_it_seems_to_be(tmp_path: Path) -> None:
    make(tmp_path, "disk/music/a.mp3", "disk/deep/lists/x")
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "lists").symlink_to(tmp_path / "disk" / "deep" / "lists")
    path = write(tmp_path / "home" / "lists" / "l.m3u8", "../../music/a.mp3")
    assert set(missed(path)) == set(ALL) - {"mixxx"}
    assert missed(tmp_path / "disk" / "deep" / "lists" / "l.m3u8") == {}


def test_mpd_takes_a_number_of_songs(tmp_path: Path) -> None:
    make(tmp_path, "a.mp3")
    path = write(tmp_path / "l.m3u", *["a.mp3"] * 16_386)
    (codes,) = missed(path, tmp_path).values()
    assert codes == {16_386: "too-many", 16_387: "too-many"}


def test_players_terms_are_turned_back(tmp_path: Path) -> None:
    make(tmp_path, "x/a.mp3")
    for line, there in [("/srv/x/a.mp3", "/srv"), ("Z:\\M\\x\\a.mp3", "Z:\\M"), ("Z:/M/x/a.mp3", "Z:/M")]:
        path = write(tmp_path / "l.m3u8", line)
        assert (
            groove_json(path, "--for", "vlc,jellyfin", code=3)["playlists"][0]["players"][0]["found"] == 0
        )
        found = groove_json(path, "--for", "vlc,jellyfin", "--path-map", f"{tmp_path}={there}")
        assert [each["found"] for each in found["playlists"][0]["players"]] == [1, 1]


def test_xspf_jspf_and_rekordbox(tmp_path: Path) -> None:
    make(tmp_path, "a b.mp3", "c+d.mp3")
    texts = {
        ".xspf": '<playlist version="1" xmlns="http://xspf.org/ns/0/"><trackList><track><location>{}'
        "</location></track><track><location>{}</location></track><track/></trackList></playlist>",
        ".jspf": '{{"playlist": {{"track": [{{"location": ["{}"]}}, {{"location": ["{}"]}}, {{}}, 3]}}}}',
        ".xml": '<DJ_PLAYLISTS><COLLECTION><TRACK Location="{}"/><TRACK Location="{}"/>'
        "</COLLECTION></DJ_PLAYLISTS>",
    }
    expected = {
        ".xspf": {"mpd": {1: "not-decoded"}, "kodi": {2: "percent"}},
        ".jspf": {},
        ".xml": {},
    }
    for suffix, text in texts.items():
        path = tmp_path / f"l{suffix}"
        base = f"file://localhost{tmp_path}/" if suffix == ".xml" else ""
        path.write_text(text.format(f"{base}a%20b.mp3", f"{base}c+d.mp3"))
        able = tuple(name for name, player in PLAYERS.items() if suffix in player.reads)
        assert missed(path, tmp_path, able) == expected[suffix], suffix
        named = missed(path, tmp_path, ("navidrome",))["navidrome"]
        assert named == {1: "ending", 2: "ending"}


def test_what_is_on_the_network_is_not_looked_up(tmp_path: Path) -> None:
    path = write(tmp_path / "l.m3u", "http://example.org/a.mp3", "HTTPS://example.org/b")
    found = groove_json(path)
    assert (found["playlists"][0]["songs"], found["playlists"][0]["addresses"]) == (0, 2)
    assert "not looked up: 2 addresses on the network" in groove(path).stderr


# The command


def test_what_is_missed_is_code_3_and_said_by_song(tmp_path: Path) -> None:
    make(tmp_path, "a#b.mp3", "c.mp3")
    path = write(tmp_path / "l.m3u8", "a#b.mp3", "c.mp3")
    result = groove(path)
    assert result.exit_code == 3
    assert f"{path}, line 2, a#b.mp3: VLC: the path is cut at # or ?" in result.stdout
    assert result.stdout.splitlines()[-1] == "1 song not found by: VLC"
    assert "hint:" not in result.stderr  # groove didn't write it
    assert "MPD, Navidrome, Jellyfin: the music folder is not checked" in result.stderr
    assert "Kodi: its list of playlists hides .m3u8 files" in result.stderr
    (found,) = groove_json(path, "--for", "vlc", code=3)["playlists"][0]["players"]
    assert found["missed"] == [
        {"number": 2, "location": "a#b.mp3", "reason": "the path is cut at # or ?", "code": "cut"}
    ]
    assert groove(path, "--for", "kodi,mpd").stdout.splitlines()[-1] == "every player finds every song"


def test_a_playlist_of_grooves_is_checked_for_the_player_it_was_made_for(tmp_path: Path) -> None:
    music, lists = tmp_path / "music", tmp_path / "lists"
    make(music, "a/Track #1.mp3", "a/2.mp3")
    songs = tuple(Entry(music / "a" / name, 1.0, "", "", "") for name in ("Track #1.mp3", "2.mp3"))
    about = About(str(music), "m", "m-1", {}, 2, "mpd")
    naming = naming_for("mpd", music, lists)
    write_playlists(
        [Playlist("A", songs, songs[0])], lists, naming=naming, format=FORMATS["m3u"], about=about
    )
    write(lists / "mine.m3u", "../music/a/2.mp3")
    found = groove_json(lists)
    players = {
        Path(each["file"]).name: [p["player"] for p in each["players"]] for each in found["playlists"]
    }
    assert players["A.m3u"] == ["mpd"] and len(players["mine.m3u"]) > 3
    assert groove(lists / "A.m3u").stdout.splitlines()[-1] == "MPD finds every song"
    assert any("were made for MPD" in note for note in found["notes"])
    asked = groove(lists / "A.m3u", "--for", "vlc,mpd", "--music", music)
    assert asked.exit_code == 3 and "hint: groove cluster MUSIC --for vlc" in asked.stderr


def test_a_folder_is_all_its_playlists(tmp_path: Path) -> None:
    make(tmp_path, "a.mp3")
    write(tmp_path / "one.m3u8", "a.mp3")
    write(tmp_path / "two.M3U", "gone.mp3", "gone too.mp3")
    found = groove_json(tmp_path, code=3)["playlists"]
    assert [Path(each["file"]).name for each in found] == ["one.m3u8", "two.M3U"]
    assert f"{tmp_path}/two.M3U, all 2 songs: " in groove(tmp_path).stdout


BAD = {
    "binary.m3u": (b"\x00\x01\x02", "is not a playlist: its bytes are not text"),
    "utf16.m3u8": ("a.mp3".encode("utf-16"), "is in UTF-16"),
    "song.mp3": (b"ID3", "does not end like a playlist that groove reads"),
    "cut.xspf": (b"<playlist", "is not the XML that its ending says: "),
    "other.xml": (b"<plist/>", "has no list of songs in it"),
    "cut.jspf": (b"{", "is not the JSON that its ending says: "),
    "list.jspf": (b"[1]", "has no list of songs in it"),
    "deep.jspf": (b"[" * 100_000, "is not the JSON that its ending says: "),
    "odd.jspf": (b'{"playlist": {"track": 3}}', "has no list of songs in it"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_playlist_is_refused(tmp_path: Path, name: str) -> None:
    data, complaint = BAD[name]
    (tmp_path / name).write_bytes(data)
    result = groove(tmp_path / name)
    assert result.exit_code == 1 and complaint in " ".join(result.stderr.split())
    good = write(tmp_path / "good.m3u", "a.mp3")
    make(tmp_path, "a.mp3")
    found = groove_json(tmp_path / name, good, code=3)
    assert [Path(each["path"]).name for each in found["failed"]] == [name]
    assert found["failed"][0]["reason"].startswith(complaint)
    assert len(found["playlists"]) == 1


def test_other_things_than_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.m3u").mkdir()
    os.mkfifo(tmp_path / "pipe.m3u")
    (tmp_path / "link.m3u").symlink_to(tmp_path / "nowhere")
    for name, complaint in [
        ("folder.m3u", "there is no playlist in"),
        ("pipe.m3u", "is a pipe, not a playlist"),
        ("link.m3u", "is a broken link, not a playlist"),
        ("nothing.m3u", "cannot be read: No such file or directory"),
    ]:
        result = groove(tmp_path / name)
        assert result.exit_code == 1 and complaint in " ".join(result.stderr.split()), result.stderr


@pytest.mark.parametrize("data", [b"", b"#EXTM3U\n", b"\xef\xbb\xbf#EXTM3U\r\n\r\n"])
def test_an_empty_playlist_is_said_to_be_one(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "l.m3u8"
    path.write_bytes(data)
    result = groove(path)
    assert result.exit_code == 0 and "names no songs" in result.stderr
    assert groove_json(path)["playlists"][0]["songs"] == 0


def test_line_ends_and_the_mark_of_utf8_are_no_part_of_paths(tmp_path: Path) -> None:
    make(tmp_path, "a.mp3", "b.mp3")
    path = tmp_path / "l.m3u"
    path.write_bytes(b"\xef\xbb\xbf#EXTM3U\r\na.mp3\r\n#EXTINF:1,x\r\nb.mp3")
    assert missed(path) == {} and len(read_playlist(path).items) == 2


def test_a_list_of_100000_songs(tmp_path: Path) -> None:
    make(tmp_path, "a.mp3")
    path = write(tmp_path / "l.m3u8", *["a.mp3", "gone.mp3"] * 50_000)
    found = groove(path, "--for", "vlc,mpd")
    assert found.exit_code == 3 and "100,000 songs in 1 playlist" in found.stdout
    assert "--json lists them all" in found.stderr


def test_from_python(tmp_path: Path) -> None:
    make(tmp_path, "a.mp3")
    path = write(tmp_path / "l.m3u8", "a.mp3")
    found = check_playlist(CheckPlaylistRequest(path, ("vlc",)), Context())
    assert found.is_whole and found.checks[0].n_songs == 1
    for request, error in [
        (CheckPlaylistRequest(path, ("winamp",)), UsageError),
        (CheckPlaylistRequest(path, path_map=("x",)), UsageError),
        (CheckPlaylistRequest(path, music=tmp_path / "gone"), LibraryError),
    ]:
        with pytest.raises(error):
            check_playlist(request, Context())
