"""What groove says of players, against the players: MPD, VLC and the parser of GNOME's players."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from groovecli.playlists.checking import check
from groovecli.playlists.formats.registry import FORMATS
from groovecli.playlists.naming import Naming, naming_for
from groovecli.playlists.players.registry import ANY, PLAYERS
from groovecli.playlists.playlist import Entry, Playlist
from groovecli.playlists.reading import read_playlist
from tests.conftest import write_song
from tests.real_players import Mpd, Vlc, mpd, totem

ODD = [
    b"plain",
    b"50%20off",
    b"100% pure",
    b"100%",
    b"a#b",
    b"#1",
    b" lead",
    b"what?",
    b"[br]ack{et}",
    b"a:b",
    b"http:x",
    b"back\\slash",
    b"plus+%41",
    "nfc\u00e9".encode(),
    "nfde\u0301".encode(),
    b"latin\xe9",
    b"new\nline",
    b"amp&semi;",
    b"quo'te\"",
    b"tab\there",
    b"ctl\x01",
    b"x;y,z=@!$",
    b"trail /a",
    b"~tilde",
    b"50%25 sp#q?",
    "\u202eright".encode(),
    "\U0001f600".encode(),
    b"CON",
    b"-x",
]
LETTERS = [*(bytes([c]) for c in b"ab #?%+&;:@[]'\"\\~\t.,41"), "\u00e9".encode(), b"%41", b"%2F", b"/"]


def random_names(n: int) -> list[bytes]:
    """Names of odd letters, the same each time."""
    rng = random.Random(7)
    names = {b"".join(rng.choices(LETTERS, k=rng.randint(1, 9))) for _ in range(n)}
    return sorted(b"r" + b"/".join(part or b"-" for part in name.split(b"/")) for name in names)


@pytest.fixture(scope="module")
def songs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Songs with odd names, in a music folder."""
    music = tmp_path_factory.mktemp("world") / "music"
    music.mkdir()
    data = write_song(music.parent / "song.wav", seconds=0.2).read_bytes()
    paths = []
    for name in [*ODD, *random_names(150)]:
        path = Path(os.fsdecode(os.path.join(os.fsencode(music), name + b".wav")))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        paths.append(path)
    return paths


@pytest.fixture(scope="module")
def music(songs: list[Path]) -> Path:
    return songs[0].parent


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, music: Path) -> Iterator[Mpd]:
    with mpd(tmp_path_factory.mktemp("mpd"), music) as running:
        yield running


@pytest.fixture(scope="module")
def vlc() -> Vlc:
    return Vlc()


def write(songs: list[Path], folder: Path, name: str, kind: str, naming: Naming) -> tuple[Path, set[Path]]:
    """A playlist of the songs: the file, and the songs in it."""
    entries = tuple(Entry(song, 1.0, "A", "T", "") for song in songs)
    rendered = FORMATS[kind].render(Playlist(name, entries, entries[0]), folder, naming)
    path = folder / f"{name}{FORMATS[kind].suffix}"
    path.write_bytes(rendered.data)
    return path, set(songs) - set(rendered.left_out)


def found(paths: list[bytes]) -> set[Path]:
    """Those of the paths that lead to a song."""
    normal = (os.fsdecode(os.path.normpath(path)) for path in paths)
    return {Path(path) for path in normal if os.path.isfile(path)}


def expected(file: Path, player: str, songs: list[Path], music: Path | None = None) -> int:
    """How many songs of a list a player finds, by groove's rules."""
    verdict = check(read_playlist(file), [PLAYERS[player]], music=music).verdicts[0]
    assert verdict.n_found + len(verdict.missed) <= len(songs)
    return verdict.n_found


@pytest.mark.parametrize("kind", ["m3u", "m3u8"])
def test_mpd_finds_every_song_of_lists_for_it(
    server: Mpd, songs: list[Path], music: Path, tmp_path: Path, kind: str
) -> None:
    naming = Naming(PLAYERS["mpd"])
    file, listed = write(songs, music, "for-mpd", kind, naming)
    server.update()
    assert found(server.load(file.name)) == listed
    assert expected(file, "mpd", songs, music) == len(listed) > len(songs) // 2
    odd = {os.fsencode(path.relative_to(music)) for path in set(songs) - listed}
    assert {b" lead.wav", b"trail /a.wav", b"latin\xe9.wav", b"new\nline.wav"} <= odd


def test_mpd_finds_every_song_of_its_own_folder(
    server: Mpd, songs: list[Path], music: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    lists = server.lists
    file, listed = write(songs, lists, "stored", "m3u", Naming(PLAYERS["mpd"], relative_to=music))
    assert found(server.load("stored")) == listed
    assert expected(file, "mpd", songs, music) == len(listed)
    other, _ = write(songs, lists, "hidden", "m3u8", Naming(PLAYERS["mpd"], relative_to=music))
    assert server.load("hidden") == [] and expected(other, "mpd", songs, music) == 0


def test_mpd_is_not_led_out_of_its_music_and_back(server: Mpd, songs: list[Path], music: Path) -> None:
    file = music / "x" / "back.m3u"
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"../../{music.name}/plain.wav\n../plain.wav\n../../{music.name}/plain.wav\n")
    server.update()
    assert server.load("x/back.m3u") == [os.fsencode(songs[0])]
    assert expected(file, "mpd", songs, music) == 1


def test_links_in_the_music_are_no_hindrance(
    tmp_path_factory: pytest.TempPathFactory, vlc: Vlc, songs: list[Path]
) -> None:
    home = tmp_path_factory.mktemp("linked")
    (home / "music" / "lists").mkdir(parents=True)
    (home / "disk").mkdir()
    (home / "disk" / "a.wav").write_bytes(songs[0].read_bytes())
    (home / "music" / "in").symlink_to(home / "disk")
    linked = [home / "music" / "in" / "a.wav"]
    with mpd(home / "mpd", home / "music") as server:
        for folder, name in ((home / "music" / "lists", "lists/l.m3u"), (home / "mpd" / "lists", "l")):
            naming = naming_for("mpd", home / "music", folder)
            file, _ = write(linked, folder, "l", "m3u", naming)
            server.update()
            assert found(server.load(name)) == set(linked)
            assert expected(file, "mpd", linked, home / "music") == 1
    file, _ = write(linked, home / "music" / "lists", "v", "m3u8", Naming(PLAYERS["vlc"]))
    assert found(vlc.load(file)) == set(linked)


def test_vlc_takes_the_folder_above_a_link_for_the_one_that_it_seems_to_be(
    tmp_path: Path, vlc: Vlc, songs: list[Path]
) -> None:
    for folder in ("disk/deep/lists", "home"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "disk" / "a.wav").write_bytes(songs[0].read_bytes())
    (tmp_path / "home" / "lists").symlink_to(tmp_path / "disk" / "deep" / "lists")
    for folder, n_found in (("home/lists", 0), ("disk/deep/lists", 1)):
        file = tmp_path / folder / "l.m3u"
        file.write_text("#EXTM3U\n../../a.wav\n")
        assert len(found(vlc.load(file))) == expected(file, "vlc", songs) == n_found


def test_mpd_misses_what_groove_says(server: Mpd, songs: list[Path], music: Path) -> None:
    for kind in ("m3u8", "xspf"):
        file, _ = write(songs, music, "plain", kind, Naming())
        server.update()
        assert len(found(server.load(file.name))) == expected(file, "mpd", songs, music)


def test_vlc_finds_every_song_of_lists_for_it(vlc: Vlc, songs: list[Path], music: Path) -> None:
    for kind in ("m3u8", "m3u", "xspf"):
        for naming in (Naming(PLAYERS["vlc"]), Naming(PLAYERS["vlc"], is_absolute=True)):
            file, listed = write(songs, music, "for-vlc", kind, naming)
            assert found(vlc.load(file)) == listed == set(songs)
            assert expected(file, "vlc", songs) == len(songs)


def test_vlc_misses_what_groove_says(vlc: Vlc, songs: list[Path], music: Path) -> None:
    for kind in ("m3u8", "m3u"):
        for naming in (Naming(), Naming(is_absolute=True)):
            file, listed = write(songs, music, "plain", kind, naming)
            missed = check(read_playlist(file), [PLAYERS["vlc"]]).verdicts[0].missed
            n_found = len(found(vlc.load(file)))
            assert len(missed) > 0 and n_found == len(listed) - len(missed)


def test_gnomes_players_find_every_song_in_utf8(songs: list[Path], music: Path) -> None:
    valid = [song for song in songs if "\udce9" not in str(song)]
    file, listed = write(valid, music, "gnome", "m3u8", Naming(ANY))
    assert found(totem(file)) == listed
    file, listed = write(valid, music, "gnome", "xspf", Naming(ANY, is_absolute=True))
    assert found(totem(file)) == listed == set(valid)


def test_one_name_that_is_not_utf8_costs_gnomes_players_all_accents(songs: list[Path], music: Path) -> None:
    named = [song for song in songs if song.stem in ("nfc\u00e9", "latin\udce9", "plain")]
    file, _ = write(named, music, "mixed", "m3u8", Naming(ANY))
    assert {path.stem for path in found(totem(file))} == {"plain"}
