"""Playlist files open, lead to their songs, and never cost a user a file."""

from __future__ import annotations

import json
import os
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groovecli.errors import StorageError
from groovecli.library.tracks import PLAYLISTS_MANIFEST
from groovecli.playlists.folder import WriteResult, write_playlists
from groovecli.playlists.formats.m3u import render
from groovecli.playlists.journal import HIDDEN
from groovecli.playlists.names import name_playlists, safe_name
from groovecli.playlists.naming import Naming
from groovecli.playlists.playlist import Entry, Playlist


def entry(path: Path | str = "a.mp3", artist: str = "", title: str = "", genre: str = "") -> Entry:
    return Entry(Path(path), 200.4, artist, title, genre)


def playlist(name: str, *entries: Entry) -> Playlist:
    return Playlist(name, entries, entries[0])


def names_of(*groups: tuple[list[str], Entry]) -> tuple[str, ...]:
    """Names of groups, each given by the genres of its songs and its exemplar."""
    songs = [[entry(genre=genre) for genre in genres] for genres, _ in groups]
    return name_playlists(songs, [exemplar for _, exemplar in groups])


# Names


def test_names_say_the_genre_and_then_what_tells_them_apart() -> None:
    davis = entry(artist="Miles Davis", title="So What")
    assert names_of((["jazz"] * 6 + ["rock"] * 4, davis)) == ("Jazz",)
    assert names_of((["jazz"] * 5 + ["rock"] * 4, davis)) == ("Jazz & rock",)
    assert names_of((["jazz"], davis), (["JAZZ "], entry("x/02 Naima.flac")), (["folk"], davis)) == (
        "Jazz like Miles Davis",
        "Jazz like 02 Naima",
        "Folk",
    )
    naima = entry(artist="Miles Davis", title="Naima")
    assert names_of((["jazz"], davis), (["jazz"], naima), (["jazz"], naima)) == (
        "Jazz like Miles Davis, So What",
        "Jazz like Miles Davis, Naima",
        "Jazz like Miles Davis, Naima 2",
    )
    assert names_of((["", ""], davis)) == ("Like Miles Davis",)
    assert names_of((["jazz", "", ""], davis)) == ("Like Miles Davis",)  # one song is not the genre


def is_file_name_anywhere(name: str) -> bool:
    stem = name.partition(".")[0].rstrip().casefold()
    reserved = {"con", "prn", "aux", "nul", "conin$", "conout$"}
    reserved |= {kind + digit for kind in ("com", "lpt") for digit in "0123456789¹²³"}
    return (
        0 < len(name) <= 81
        and len(name.encode()) <= 210
        and not set(name) & set('/\\:*?"<>|')
        and not any(unicodedata.category(c) in ("Cc", "Cs") for c in name)
        and name == name.strip() == name.strip(".")
        and name == unicodedata.normalize("NFC", name)
        and stem not in reserved
    )


ANY_TEXT = st.text(st.characters(), max_size=120) | st.sampled_from(
    [
        "con",
        "NUL.txt",
        "com1 .x",
        "LPT¹",
        "...",
        " ",
        "a/b",
        "e\u0301",
        "\udcff",
        "x" * 300,
        "漢" * 90,
        "\u0958",
    ]
)


@given(ANY_TEXT)
def test_any_text_becomes_a_file_name_anywhere(text: str) -> None:
    assert is_file_name_anywhere(safe_name(text))
    assert safe_name(safe_name(text)) == safe_name(text)


@given(ANY_TEXT, st.sampled_from(["latin-1", "ascii", "cp1252"]))
def test_any_text_becomes_a_name_that_the_disk_takes(text: str, encoding: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.getfilesystemencoding", lambda: encoding)
        name = safe_name(text)
        name.encode(encoding)
        assert is_file_name_anywhere(name)
        assert safe_name(name) == name


def test_letters_that_the_disk_lacks_lose_their_accents_or_are_underscores(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.getfilesystemencoding", lambda: "latin-1")
    assert safe_name("Café Dvořák 日本？") == "Café Dvorák __"
    monkeypatch.setattr("sys.getfilesystemencoding", lambda: "utf-8")
    assert safe_name("Café Dvořák 日本") == "Café Dvořák 日本"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("../../etc/passwd", "-..-etc-passwd"),
        ("/dev/null", "-dev-null"),
        ("\U0001f600\U0001f3b8", "\U0001f600\U0001f3b8"),
        ("\u202egnp.exe", "gnp.exe"),
        ("\u2066\u200f\ufeff", "Playlist"),
        ("x" * 79 + "\U0001f468\u200d\U0001f469", "x" * 79 + "\U0001f468"),  # a family is cut to a man
    ],
)
def test_names_that_are_paths_emoji_or_turn_the_text(text: str, name: str) -> None:
    assert safe_name(text) == name


@given(st.lists(st.tuples(st.lists(ANY_TEXT, min_size=1, max_size=3), ANY_TEXT, ANY_TEXT), max_size=8))
def test_any_names_differ_whatever_the_case(groups: list[tuple[list[str], str, str]]) -> None:
    names = names_of(*((genres, entry("a", artist, title)) for genres, artist, title in groups))
    assert len({unicodedata.normalize("NFD", name).casefold() for name in names}) == len(groups)
    assert all(is_file_name_anywhere(name) for name in names)


def test_many_equal_names_are_numbered() -> None:
    same = [(["x" * 100], entry(artist="y" * 100, title="z" * 100))] * 30
    names = names_of(*same)
    assert len(set(names)) == 30
    assert all(len(name) <= 80 for name in names)


# The file


def paths_in(file: Path) -> list[bytes]:
    """Where each song is, as a player in any folder finds it from the file's bytes."""
    lines = [line for line in file.read_bytes().split(b"\n") if line and not line.startswith(b"#")]
    return [os.path.join(os.fsencode(file.parent), line) for line in lines]


def test_file_has_the_lines_that_players_know(tmp_path: Path) -> None:
    song = Entry(tmp_path / "in" / "b.mp3", 59.6, "A\nB", "T\r#\u2028x", "")
    unknown = Entry(tmp_path / "lists" / "c.mp3", float("nan"), "", " ", "")
    lines = render(playlist("N\nx", song, unknown), tmp_path / "lists").data.split(b"\n")
    assert lines[0] == b"#EXTM3U"
    assert lines[1].startswith(b"# Written by groove")
    assert lines[2:] == [
        b"#PLAYLIST:N x",
        b"#EXTINF:60,A B - T # x",
        b"../in/b.mp3",
        b"#EXTINF:-1,c",
        b"c.mp3",
        b"",
    ]
    absolute = render(playlist("N", song), tmp_path / "lists", Naming(is_absolute=True)).data
    assert os.fsencode(tmp_path / "in" / "b.mp3") in absolute.split(b"\n")


@pytest.mark.parametrize("path", [" a.mp3", "\ta.mp3", "#a.mp3", "http:/a.mp3", "\u3000.mp3"])
def test_a_path_that_could_be_taken_for_something_else_starts_with_a_dot(tmp_path: Path, path: str) -> None:
    assert render(playlist("P", entry(tmp_path / path)), tmp_path).data.endswith(f"\n./{path}\n".encode())
    assert render(playlist("P", entry(tmp_path / "x" / path)), tmp_path).data.endswith(
        f"\nx/{path}\n".encode()
    )


PATH_PARTS = st.binary(min_size=1, max_size=12).map(
    lambda raw: raw.replace(b"/", b"_").replace(b"\0", b"_")
)
ODD_PARTS = st.sampled_from(
    [b"#1.mp3", b" a ", b"[x] {y}", b"caf\xe9", "é漢".encode(), b"http:", b"\t.mp3", b"a\\b", b"%41", b"-x"]
)


@settings(deadline=None)
@given(
    st.lists(st.lists(PATH_PARTS | ODD_PARTS, min_size=1, max_size=3), min_size=1, max_size=5),
    st.booleans(),
)
def test_any_path_is_found_again(
    tmp_path_factory: pytest.TempPathFactory, songs: list, absolute: bool
) -> None:
    root = tmp_path_factory.mktemp("root")
    parts = [[part for part in song if part not in (b".", b"..")] or [b"x"] for song in songs]
    paths = [root / os.fsdecode(b"/".join(song)) for song in parts]
    result = write_playlists([playlist("P", *map(entry, paths))], root, naming=Naming(is_absolute=absolute))
    sayable = [path for path in paths if not {"\n", "\r"} & set(str(path))]
    found = paths_in(result.written[0].path)
    assert [os.path.normpath(path) for path in found] == [os.fsencode(path) for path in sayable]
    assert set(result.unwritable) == set(paths) - set(sayable)
    assert result.written[0].n_songs == len(sayable)


def test_songs_are_found_through_linked_folders(tmp_path: Path) -> None:
    for folder in ("disk/deep/music", "disk/deep/other", "disk/very/deep/lists", "home"):
        (tmp_path / folder).mkdir(parents=True)
    song = tmp_path / "disk/deep/music/a.mp3"
    song.write_bytes(b"sound")
    (tmp_path / "disk/deep/other/c.mp3").write_bytes(b"sound")
    (tmp_path / "home/lists").symlink_to(tmp_path / "disk/very/deep/lists")
    (tmp_path / "home/music").symlink_to(tmp_path / "disk/deep/music")
    (tmp_path / "disk/deep/music/b.mp3").symlink_to(song)
    entries = [entry(tmp_path / "home/music" / name) for name in ("a.mp3", "b.mp3", "../other/c.mp3")]
    for absolute in (False, True):
        result = write_playlists(
            [playlist("P", *entries)], tmp_path / "home/lists", naming=Naming(is_absolute=absolute)
        )
        found = paths_in(result.written[0].path)
        assert [Path(os.fsdecode(path)).read_bytes() for path in found] == [b"sound"] * 3
        assert os.path.basename(found[1]) == b"b.mp3"  # a linked song goes by the name that it has here


@pytest.mark.parametrize("out", ["link", "link/..", "link/../lists", "above"])
def test_a_linked_folder_that_has_the_library_is_left_by_its_true_way(out: str, tmp_path: Path) -> None:
    music = tmp_path / "disk/deep/music"
    (music / "jazz").mkdir(parents=True)
    (music / "jazz/a.mp3").write_bytes(b"sound")
    (tmp_path / "link").symlink_to(music)
    (tmp_path / "above").symlink_to(tmp_path / "disk")
    result = write_playlists([playlist("P", entry(music / "jazz/a.mp3"))], tmp_path / out)
    line = result.written[0].path.read_bytes().splitlines()[-1]
    true = Path(os.path.realpath(result.written[0].path)).parent
    assert (true / os.fsdecode(line)).read_bytes() == b"sound"


def test_relative_paths_from_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert render(playlist("P", entry("m/a.mp3")), Path("lists")).data.endswith(b"\n../m/a.mp3\n")


# The folder


def write(folder: Path, *names: str, title: str = "t") -> WriteResult:
    return write_playlists([playlist(name, entry(folder / "a.mp3", title=title)) for name in names], folder)


def files_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {PLAYLISTS_MANIFEST, HIDDEN}


def test_a_rerun_replaces_what_the_last_run_wrote(tmp_path: Path) -> None:
    first = write(tmp_path / "new" / "lists", "Jazz", "Rock")
    folder = tmp_path / "new" / "lists"
    assert [(one.name, one.path, one.n_songs) for one in first.written] == [
        ("Jazz", folder / "Jazz.m3u8", 1),
        ("Rock", folder / "Rock.m3u8", 1),
    ]
    second = write(folder, "Jazz", "Folk", title="other")
    assert files_in(folder) == {"Jazz.m3u8", "Folk.m3u8"}
    assert b"other" in (folder / "Jazz.m3u8").read_bytes()
    assert second.removed == () and [c.was for c in second.changes if c.kind == "renamed"] == ["Rock"]
    assert second.kept == first.kept == ()
    assert json.loads((folder / PLAYLISTS_MANIFEST).read_bytes())["files"].keys() == files_in(folder)


def test_a_file_of_the_users_is_never_touched(tmp_path: Path) -> None:
    mine = tmp_path / "jazz.M3U8"  # one name with Jazz.m3u8 where case does not count
    mine.write_bytes(b"mine")
    (tmp_path / "Rock.m3u8").symlink_to(mine)
    (tmp_path / "Folk.m3u8").mkdir()
    (tmp_path / "else.m3u8").write_bytes(b"else")
    for in_the_way in (["jazz.M3U8", "Rock.m3u8", "Folk.m3u8"], []):  # then the lists have their names
        result = write(tmp_path, "Jazz", "Rock", "Folk")
        assert [one.name for one in result.written] == ["Jazz (2)", "Rock (2)", "Folk (2)"]
        assert [one.path.name for one in result.kept] == in_the_way
        assert b"#PLAYLIST:Jazz (2)\n" in result.written[0].path.read_bytes()
        assert result.removed == ()
    assert mine.read_bytes() == b"mine"
    assert (tmp_path / "Rock.m3u8").is_symlink()


def test_an_edited_playlist_is_the_users(tmp_path: Path) -> None:
    write(tmp_path, "Jazz", "Rock")
    for name in ("Jazz", "Rock"):
        with (tmp_path / f"{name}.m3u8").open("ab") as file:
            file.write(b"more.mp3\n")
    edited = (tmp_path / "Jazz.m3u8").read_bytes()
    for _ in range(2):  # it is not forgotten
        result = write(tmp_path, "Jazz")
        assert {one.path.name: one.text for one in result.kept} == {
            "Jazz.m3u8": "was changed since groove wrote it",
            "Rock.m3u8": "was changed since groove wrote it",
        }
        assert result.written == result.removed == ()
    insisted = write_playlists([playlist("Jazz", entry(tmp_path / "a.mp3"))], tmp_path, again=True)
    assert {one.path.name: one.instead for one in insisted.kept} == {
        "Jazz.m3u8": "Jazz (2)",
        "Rock.m3u8": "",
    }
    assert write(tmp_path, "Jazz").kept[0].path.name == "Jazz.m3u8"
    assert (tmp_path / "Jazz.m3u8").read_bytes() == edited
    assert files_in(tmp_path) == {"Jazz.m3u8", "Rock.m3u8", "Jazz (2).m3u8"}


def test_a_playlist_that_the_user_put_elsewhere_and_linked_is_the_users(tmp_path: Path) -> None:
    moved = tmp_path / "moved.m3u8"
    folder = tmp_path / "lists"
    (write(folder, "Jazz").written[0].path).rename(moved)
    (folder / "Jazz.m3u8").symlink_to(moved)
    assert [one.path.name for one in write(folder, "Jazz").kept] == ["Jazz.m3u8"]
    assert (folder / "Jazz.m3u8").is_symlink() and files_in(folder) == {"Jazz.m3u8"}


def test_a_playlist_copied_by_the_user_is_the_users(tmp_path: Path) -> None:
    write(tmp_path, "Jazz")
    (tmp_path / "Copy.m3u8").write_bytes((tmp_path / "Jazz.m3u8").read_bytes())
    write(tmp_path, "Copy")
    assert files_in(tmp_path) == {"Copy.m3u8", "Copy (2).m3u8"}


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"[]", b'{"files": []}', b'{"files": {"Jazz.m3u8": 3}}', b"\xff"]
)
def test_with_a_damaged_manifest_nothing_is_grooves(tmp_path: Path, damage: bytes) -> None:
    write(tmp_path, "Jazz", "Rock")
    (tmp_path / PLAYLISTS_MANIFEST).write_bytes(damage)
    result = write(tmp_path, "Jazz")
    assert files_in(tmp_path) == {"Jazz.m3u8", "Rock.m3u8", "Jazz (2).m3u8"}
    assert [one.path.name for one in result.kept] == ["Jazz.m3u8"]


def test_a_manifest_can_claim_nothing_but_playlists_in_its_folder(tmp_path: Path) -> None:
    import hashlib

    folder = tmp_path / "lists"
    write(folder, "Jazz")
    sound, outside = folder / "song.mp3", tmp_path / "Out.m3u8"
    outside.write_bytes((folder / "Jazz.m3u8").read_bytes())
    unmarked = folder / "Mine.m3u8"
    for path in (sound, unmarked):
        path.write_bytes(b"mine")
    claims = {"song.mp3": sound, "../Out.m3u8": outside, "Mine.m3u8": unmarked}
    hashes = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in claims.items()}
    (folder / PLAYLISTS_MANIFEST).write_text(json.dumps({"schema": 1, "files": hashes}))
    write(folder, "Rock")
    assert all(path.exists() for path in claims.values())


def test_equal_names_in_one_run_get_numbers(tmp_path: Path) -> None:
    result = write(tmp_path, "Jazz", "JAZZ", "a/b:c", "")
    assert [one.path.name for one in result.written] == [
        "Jazz.m3u8",
        "JAZZ (2).m3u8",
        "a-b-c.m3u8",
        "Playlist.m3u8",
    ]


def test_a_name_in_another_case_replaces_the_last_runs(tmp_path: Path) -> None:
    write(tmp_path, "Jazz")
    result = write(tmp_path, "JAZZ", title="new")
    (only,) = (tmp_path / name for name in files_in(tmp_path))
    assert only == result.written[0].path == tmp_path / "Jazz.m3u8"  # else two files here, one elsewhere
    assert b"new" in only.read_bytes()


def test_previews_come_and_go_with_their_playlists(tmp_path: Path) -> None:
    playlists = [playlist(name, entry(tmp_path / f"{name}.mp3")) for name in ("Jazz", "Rock")]
    (tmp_path / "Jazz.preview.mp3").write_bytes(b"mine")

    def preview(one: Playlist) -> bytes | None:
        return b"sound of " + one.name.encode() if one.name != "Rock" else None

    for _ in range(2):
        result = write_playlists(playlists, tmp_path, preview=preview)
        assert [one.preview for one in result.written] == [tmp_path / "Jazz (2).preview.mp3", None]
        assert files_in(tmp_path) == {
            "Jazz.preview.mp3",
            "Jazz (2).m3u8",
            "Jazz (2).preview.mp3",
            "Rock.m3u8",
        }
    assert not write_playlists(playlists, tmp_path).removed  # a preview stays while its list does
    assert files_in(tmp_path) == {
        "Jazz.preview.mp3",
        "Jazz (2).m3u8",
        "Jazz (2).preview.mp3",
        "Rock.m3u8",
    }
    result = write_playlists(playlists[1:], tmp_path)
    assert files_in(tmp_path) == {"Jazz.preview.mp3", "Rock.m3u8"}
    assert set(result.removed) == {tmp_path / "Jazz (2).m3u8", tmp_path / "Jazz (2).preview.mp3"}


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError) as caught:
        write(tmp_path / "file", "Jazz")
    assert "\n" not in caught.value.what
    assert str(tmp_path / "file") in caught.value.what
