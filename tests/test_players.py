"""How playlists name songs for a player: what is written is what the player makes of it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from urllib.parse import unquote_to_bytes
from xml.etree import ElementTree

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from groovecli.errors import UsageError
from groovecli.playlists.folder import write_playlists
from groovecli.playlists.formats.format import ONE_FILE
from groovecli.playlists.formats.registry import FORMATS, format_for, format_of
from groovecli.playlists.naming import Naming, mapped, naming_for, path_maps
from groovecli.playlists.players.locations import Unheard, as_line, as_uri, heard
from groovecli.playlists.players.player import Player, Reading
from groovecli.playlists.players.registry import ANY, PLAYERS
from groovecli.playlists.playlist import Entry, Playlist
from groovecli.playlists.reading import read_playlist

PARTS = st.binary(min_size=1, max_size=8) | st.sampled_from(
    [
        b"#1.mp3",
        b" a ",
        b"[x] {y}",
        b"caf\xe9",
        "\u00e9\u6f22e\u0301".encode(),
        b"http:",
        b"\t.mp3",
        b"a\\b",
        b"%41",
        b"100%",
        b"a+b%20c",
        b"what?",
        b"a&b;c",
        b"\xe2\x80\xae",
        b"a\nb",
        b"file:",
        b"~",
        b"C:",
    ]
)
LOCATIONS = st.lists(PARTS, min_size=1, max_size=3).map(
    lambda parts: b"/".join(part.replace(b"/", b"_").replace(b"\0", b"_") for part in parts)
)
READINGS = [
    pytest.param(player, suffix, id=f"{player.name}{suffix}")
    for player in PLAYERS.values()
    for suffix in player.reads
    if suffix in (".m3u", ".m3u8")
]


def song(path: Path | str, artist: str = "A", title: str = "T") -> Entry:
    return Entry(Path(path), 61.4, artist, title, "rock")


def playlist(*entries: Entry, name: str = "P") -> Playlist:
    return Playlist(name, entries, entries[0])


# A line and what a player makes of it


@pytest.mark.parametrize(("player", "suffix"), READINGS)
@given(location=LOCATIONS)
def test_a_line_is_heard_as_the_path_that_it_was_written_for(
    player: Player, suffix: str, location: bytes
) -> None:
    reading = player.reads[suffix]
    for path in (b"./" + location, b"/m/" + location):
        line = as_line(path, reading)
        if line is None:
            assert reading != Reading() or b"\n" in location or b"\r" in location
            continue
        assert b"\n" not in line and b"\r" not in line
        if reading != Reading():
            assert heard(line, reading) == path


@given(LOCATIONS)
def test_vlc_can_be_told_any_path(location: bytes) -> None:
    for suffix in (".m3u", ".m3u8"):
        assert as_line(b"/" + location, PLAYERS["vlc"].reads[suffix]) is not None


@given(LOCATIONS)
def test_simple_lines_stay_as_they_are(location: bytes) -> None:
    """Escapes are for paths that would be missed without."""
    plain = b"m/" + b"".join(bytes([c]) for c in location if chr(c).isalnum() and c < 128) + b".mp3"
    for player in PLAYERS.values():
        for suffix in (".m3u", ".m3u8"):
            if suffix in player.reads:
                assert as_line(plain, player.reads[suffix]) == plain


@pytest.mark.parametrize(
    ("player", "line", "path"),
    [
        ("jellyfin", b"50%20off.mp3", b"50 off.mp3"),
        ("jellyfin", b"a+b.mp3", b"a+b.mp3"),  # nothing but + would change
        ("jellyfin", b"a+b%21.mp3", b"a b!.mp3"),
        ("navidrome", b"50%20off.mp3", b"50%20off.mp3"),
        ("navidrome", b"file:///m/50%20off.mp3", b"/m/50 off.mp3"),
        ("navidrome", b"  a.mp3\t", b"a.mp3"),
        ("navidrome", b"caf\xe9.mp3", "caf\u00e9.mp3".encode()),
        ("mixxx", b"a\\b.mp3", b"a/b.mp3"),
        ("mixxx", b"file:///m/%C3%A9.mp3", "/m/\u00e9.mp3".encode()),
        ("mixxx", b"file:///m/a%5Cb.mp3", b"/m/a\\b.mp3"),
        ("kodi", b"a\\b.mp3", b"a/b.mp3"),
        ("mpd", b" a /b .mp3 ", b"a/b .mp3"),
        ("mpd", b"file:///m/100% pure.mp3", b"/m/100% pure.mp3"),
        ("vlc", b"\ta#b.mp3", b"a"),
        ("vlc", b"100% pure %41.mp3", b"100% pure %41.mp3"),
        ("vlc", b"pure%41.mp3", b"pureA.mp3"),
        ("vlc", b"C:\\m\\a#b.mp3", b"C:\\m\\a#b.mp3"),
    ],
)
def test_players_read_a_line_each_in_their_way(player: str, line: bytes, path: bytes) -> None:
    assert heard(line, PLAYERS[player].reads[".m3u"]) == path


@pytest.mark.parametrize(
    ("player", "line", "why"),
    [
        ("vlc", b"#1.mp3", "comment"),
        ("navidrome", b" #1.mp3", "comment"),
        ("vlc", b"a:b.mp3", "address"),
        ("mpd", b"caf\xe9.mp3", "not-utf8"),
        ("jellyfin", b"caf\xe9.mp3", "not-utf8"),
        ("jellyfin", b"caf%E9.mp3", "not-utf8"),
        ("mixxx", b"file:///m/caf%E9.mp3", "not-utf8"),
    ],
)
def test_lines_that_are_no_paths_to_a_player(player: str, line: bytes, why: str) -> None:
    with pytest.raises(Unheard, match=why):
        heard(line, PLAYERS[player].reads[".m3u8"])


@given(LOCATIONS)
def test_any_path_is_a_uri_and_back(location: bytes) -> None:
    assert unquote_to_bytes(as_uri(location)) == location or location[1:3] in (b":\\", b":/")
    assert unquote_to_bytes(as_uri(b"/" + location)) == b"file:///" + location
    assert as_uri(b"/" + location, "localhost").startswith("file://localhost/")


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        (b"Z:\\Music\\a b.mp3", "file:///Z:/Music/a%20b.mp3"),
        (b"Z:/Music/a.mp3", "file:///Z:/Music/a.mp3"),
        (b"\\\\nas\\music\\a.mp3", "file://nas/music/a.mp3"),
    ],
)
def test_paths_of_windows_as_uris(path: bytes, uri: str) -> None:
    assert as_uri(path) == uri


# The formats


@settings(deadline=None)
@given(st.lists(LOCATIONS, min_size=1, max_size=4), st.text(st.characters(), max_size=20))
@example([b"new\nline", b"caf\xe9", b"x"], '\ud800<&"]]>\x00\ufffe')
def test_xml_and_json_hold_any_path_and_text(locations: list[bytes], text: str) -> None:
    entries = [song(os.fsdecode(b"/m/" + location), text, text) for location in locations]
    paths = {os.fsencode(entry.path) for entry in entries}
    for kind in ("xspf", "jspf", "rekordbox"):
        rendered = FORMATS[kind].render(playlist(*entries, name=text), Path("/m"), Naming(is_absolute=True))
        assert rendered.left_out == () and FORMATS[kind].is_marked(rendered.data)
        if kind == "jspf":
            tracks = json.loads(rendered.data)["playlist"]["track"]
            uris = [track["location"][0] for track in tracks]
        else:
            root = ElementTree.fromstring(rendered.data)
            uris = [each.text or "" for each in root.iterfind(".//{*}location")]
            uris = uris or [each.get("Location", "") for each in root.iterfind("COLLECTION/TRACK")]
        found = {
            unquote_to_bytes(uri.replace("://localhost", "://").removeprefix("file://")) for uri in uris
        }
        assert found == paths


def test_rekordbox_gets_one_file_with_every_song_once(tmp_path: Path) -> None:
    a, b, c = (song(tmp_path / name) for name in ("a.mp3", "b & c.mp3", "c.mp3"))
    lists = [playlist(a, b, name="One"), playlist(b, c, name="Two & more")]
    for _ in range(2):
        result = write_playlists(lists, tmp_path / "out", format=FORMATS["rekordbox"])
        assert [(w.name, w.path.name, w.n_songs) for w in result.written] == [
            ("One", f"{ONE_FILE}.xml", 2),
            ("Two & more", f"{ONE_FILE}.xml", 2),
        ]
        assert result.removed == () and result.kept == ()
    root = ElementTree.parse(tmp_path / "out" / f"{ONE_FILE}.xml").getroot()
    tracks = root.findall("COLLECTION/TRACK")
    assert [track.get("TotalTime") for track in tracks] == ["61"] * 3
    nodes = root.findall("PLAYLISTS/NODE/NODE")
    assert [(node.get("Name"), node.get("Entries")) for node in nodes] == [
        ("One", "2"),
        ("Two & more", "2"),
    ]
    assert [[each.get("Key") for each in node] for node in nodes] == [["1", "2"], ["2", "3"]]
    (tmp_path / "out" / f"{ONE_FILE}.xml").write_text("edited")
    edited = write_playlists(lists, tmp_path / "out", format=FORMATS["rekordbox"])
    assert edited.written[0].path.name == f"{ONE_FILE} (2).xml" and len(edited.kept) == 1


def test_rekordbox_reads_the_file(tmp_path: Path) -> None:
    rbxml = pytest.importorskip("pyrekordbox.rbxml", reason="pyrekordbox is not installed")
    entries = [song(tmp_path / name) for name in ("a b.mp3", "c#d%20.mp3")]
    data = FORMATS["rekordbox"].render(playlist(*entries), tmp_path, Naming()).data
    (tmp_path / "r.xml").write_bytes(data)
    tracks = rbxml.RekordboxXml(tmp_path / "r.xml").get_tracks()
    assert ["/" + track["Location"].lstrip("/") for track in tracks] == [
        str(entry.path) for entry in entries
    ]


def test_another_format_replaces_what_groove_wrote(tmp_path: Path) -> None:
    lists = [playlist(song(tmp_path / "a.mp3"), name="Jazz")]
    last: Path | None = None
    for kind in (*FORMATS, "m3u8"):
        result = write_playlists(lists, tmp_path / "out", format=FORMATS[kind])
        assert result.removed == (() if last is None else (last,))
        last = result.written[0].path
        assert read_playlist(last).items


# Naming


def location(naming: Naming, path: Path | str, folder: Path) -> str:
    (found,) = naming.locations([Path(path)], folder)
    assert found is not None
    return os.fsdecode(found)


def test_paths_start_where_they_should(tmp_path: Path) -> None:
    music, out = tmp_path / "music", tmp_path / "out"
    for folder in (music / "x", out, music / "lists"):
        folder.mkdir(parents=True)
    path = music / "x" / "a.mp3"
    for player, there, expected in [
        ("any", out, "../music/x/a.mp3"),
        ("mpd", out, "x/a.mp3"),  # its folder of playlists
        ("mpd", music / "lists", "../x/a.mp3"),
        ("navidrome", music / "lists", "../x/a.mp3"),
        ("mixxx", out, str(path)),
    ]:
        assert location(naming_for(player, music, there), path, there) == expected
    wishes: list[tuple[dict[str, object], str]] = [
        ({"absolute": True}, str(path)),
        ({"relative_to": music / "x"}, "a.mp3"),
        ({"prefix": "/mnt/"}, "/mnt/x/a.mp3"),
        ({"prefix": "#", "relative_to": tmp_path}, "#music/x/a.mp3"),
        ({"path_map": [f"{music}=/srv/m/"]}, "/srv/m/x/a.mp3"),
        ({"path_map": [f"{music}=Z:\\M", f"{music}/x=/x"]}, "/x/a.mp3"),
        ({"path_map": [f"{music}=Z:\\M"]}, "Z:\\M\\x\\a.mp3"),
        ({"path_map": [f"{music}=\\\\nas\\m"]}, "\\\\nas\\m\\x\\a.mp3"),
    ]
    for wish, expected in wishes:
        assert location(naming_for("any", music, out, **wish), path, out) == expected  # type: ignore[arg-type]
    assert location(naming_for("mixxx", music, out, relative_to=music), path, out) == "x/a.mp3"


def test_a_map_follows_links_of_the_library(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "music").symlink_to(tmp_path / "disk")
    maps = path_maps([f"{tmp_path}/disk=/there"], tmp_path / "music")
    assert mapped(tmp_path / "music" / "a.mp3", maps) == "/there/a.mp3"
    assert mapped(tmp_path / "other.mp3", maps) is None
    assert mapped(tmp_path / "diskette" / "a.mp3", maps) is None


def test_songs_that_no_map_has_are_left_out(tmp_path: Path) -> None:
    entries = [song(tmp_path / "in" / "a.mp3"), song(tmp_path / "b.mp3")]
    naming = Naming(path_map=((str(tmp_path / "in"), "/m"),))
    for kind in FORMATS.values():
        assert kind.render(playlist(*entries), tmp_path, naming).left_out == (tmp_path / "b.mp3",)


@pytest.mark.parametrize(
    ("wish", "complaint"),
    [
        ({"absolute": True, "prefix": "x"}, "--absolute and --prefix each say"),
        ({"absolute": True, "relative_to": Path("/")}, "--absolute and --relative-to each say"),
        ({"path_map": ["/a=/b"], "prefix": "x"}, "--path-map and --prefix each say"),
        ({"path_map": ["nothing"]}, "--path-map takes FROM=TO, not 'nothing'"),
        ({"path_map": ["=x"]}, "--path-map takes FROM=TO"),
        ({"path_map": ["/nowhere=/b"]}, "--path-map /nowhere=... fits no song: "),
        ({"path_map": ["/=/b", "/.=/c"]}, "--path-map is given two times for /"),
        ({"path_map": ["/=/b\n/c"]}, "--path-map has a line break"),
        ({"prefix": "a\nb"}, "--prefix has a line break"),
        ({"relative_to": Path("/nowhere")}, "--relative-to needs a folder, and /nowhere is none"),
    ],
)
def test_wishes_that_can_not_be_are_refused(tmp_path: Path, wish: dict, complaint: str) -> None:
    with pytest.raises(UsageError) as refused:
        naming_for("any", tmp_path, tmp_path, **wish)
    assert refused.value.what.startswith(complaint) and refused.value.hint


def test_every_player_opens_what_it_gets() -> None:
    for player in PLAYERS.values():
        chosen = format_for(player)
        assert chosen.suffix in player.reads and chosen.suffix not in player.hides and player.source
    assert format_for(ANY, "jspf").name == "jspf" and format_of(Path("x.M3U")).name == "m3u"
    for call, complaint in [
        (lambda: format_for(PLAYERS["mpd"], "xspf"), "MPD can't open playlists of the format xspf"),
        (lambda: format_for(ANY, "wpl"), "there is no playlist format 'wpl'"),
        (lambda: format_of(Path("a.mp3")), "a.mp3 does not end like a playlist"),
        (lambda: naming_for("winamp", Path(), Path()), "groove has no rules for the player 'winamp'"),
    ]:
        with pytest.raises(UsageError) as refused:
            call()
        assert refused.value.what == complaint
