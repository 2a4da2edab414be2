"""Walking a library: links, trash and folders of the system, ignore files, endings."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groovecli.library.ignore import RULES
from groovecli.library.walk import Link, Listing, PassedOver, list_audio
from groovecli.reasons import Reason


def made(folder: Path, *names: str) -> Path:
    """A folder of empty files."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return folder


def ignoring(folder: Path, texts: Mapping[str, str]) -> None:
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def names(listing: Listing, folder: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in listing.files]


# Links


def test_a_linked_folder_does_not_take_songs_out_of_their_genre(tmp_path: Path) -> None:
    made(tmp_path, "rock/album/1.mp3", "jazz/2.mp3", "favourites/.keep")
    (tmp_path / "favourites" / "best").symlink_to("../rock/album")
    listing = list_audio(tmp_path)
    assert names(listing, tmp_path) == ["jazz/2.mp3", "rock/album/1.mp3"]
    link = Link(tmp_path / "favourites" / "best", tmp_path / "rock" / "album")
    assert listing.passed_over == PassedOver(links=(link,))
    assert listing.passed_over.lines == [
        f"a link to what is in the library anyway: {link.path} -> {link.target}"
    ]


def test_a_linked_song_does_not_either(tmp_path: Path) -> None:
    made(tmp_path, "rock/1.mp3", "favourites/2.mp3")
    (tmp_path / "favourites" / "1.mp3").symlink_to("../rock/1.mp3")
    listing = list_audio(tmp_path)
    assert names(listing, tmp_path) == ["favourites/2.mp3", "rock/1.mp3"]
    assert [link.target for link in listing.passed_over.links] == [tmp_path / "rock" / "1.mp3"]


def test_links_that_lead_elsewhere_count_once(tmp_path: Path) -> None:
    elsewhere = made(tmp_path / "elsewhere", "1.mp3", "in/2.mp3")
    library = made(tmp_path / "library", "rock/3.mp3")
    (library / "a").symlink_to(elsewhere)
    (library / "b").symlink_to(elsewhere)
    (library / "c").symlink_to(elsewhere / "in")
    (library / "song.mp3").symlink_to(elsewhere / "in" / "2.mp3")
    listing = list_audio(library)
    assert names(listing, library) == ["a/1.mp3", "a/in/2.mp3", "rock/3.mp3"]
    assert [link.path.name for link in listing.passed_over.links] == ["b", "c", "song.mp3"]


def test_a_library_that_is_reached_through_a_link(tmp_path: Path) -> None:
    real = made(tmp_path / "real", "rock/1.mp3")
    (real / "best").symlink_to(real / "rock")
    (tmp_path / "linked").symlink_to(real)
    listing = list_audio(tmp_path / "linked")
    assert listing.files == (tmp_path / "linked" / "rock" / "1.mp3",)
    assert listing.passed_over.links[0].target == tmp_path / "linked" / "rock"


def test_a_link_to_a_folder_above_is_not_followed(tmp_path: Path) -> None:
    music = made(tmp_path / "music", "rock/1.mp3", "new/2.mp3")
    elsewhere = made(tmp_path / "elsewhere", "3.mp3")
    (music / "new" / "loop").symlink_to(music)
    (music / "new" / "more").symlink_to(elsewhere)
    (elsewhere / "up").symlink_to(tmp_path)
    (tmp_path / "linked").symlink_to(music / "new")
    for folder in (music / "new", tmp_path / "linked"):
        listing = list_audio(folder)
        assert names(listing, folder) == ["2.mp3", "more/3.mp3"]
        above = listing.passed_over.links_above
        assert [(link.path, link.target) for link in above] == [
            (folder / "loop", music),
            (folder / "more" / "up", tmp_path),
        ]
        assert listing.passed_over.lines == [
            f"passed over: a link to a folder above: {folder / 'loop'} -> {music}, and 1 link more"
        ]
        assert listing.passed_over.to_json()["links_above"][0]["target"] == str(music)
    assert names(list_audio(music), music) == ["new/2.mp3", "new/more/3.mp3", "rock/1.mp3"]


def test_a_link_to_what_is_hidden_counts(tmp_path: Path) -> None:
    made(tmp_path, "pool/1.mp3", "rock/2.mp3")
    ignoring(tmp_path, {".grooveignore": "/pool\n"})
    (tmp_path / "rock" / "1.mp3").symlink_to("../pool/1.mp3")
    assert names(list_audio(tmp_path), tmp_path) == ["rock/1.mp3", "rock/2.mp3"]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(["a", "b", "a/c", "b/d", "a/c/e"]), min_size=1, unique=True),
    st.lists(st.tuples(st.sampled_from(["a", "b", "a/c", "b/d"]), st.sampled_from(["", "a", "b", "a/c"]))),
)
def test_real_names_win_over_links(folders: list[str], links: list[tuple[str, str]]) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        library = Path(os.path.realpath(scratch))
        made(library, *(f"{folder}/song.mp3" for folder in folders))
        for number, (where, target) in enumerate(links):
            if (library / where).is_dir():
                (library / where / f"link{number}").symlink_to(library / target)
        listing = list_audio(library)
        assert names(listing, library) == sorted(f"{folder}/song.mp3" for folder in folders)
        assert all(not link.target.is_symlink() for link in listing.passed_over.links)


# Trash and folders of the system

SYSTEM = [
    "#recycle",
    "#Recycle",
    "$RECYCLE.BIN",
    "$Recycle.Bin",
    "#snapshot",
    "@Recently-Snapshot",
    "@eaDir",
    "System Volume Information",
    "lost+found",
]


@pytest.mark.parametrize("name", SYSTEM)
def test_folders_of_the_system_are_no_genres(name: str, tmp_path: Path) -> None:
    made(tmp_path, "rock/1.mp3", f"{name}/2.mp3", f"rock/{name.upper()}/deep/3.mp3", ".Trash-1000/4.mp3")
    listing = list_audio(tmp_path)
    assert names(listing, tmp_path) == ["rock/1.mp3"]
    assert listing.passed_over == PassedOver(n_system=3)
    assert listing.passed_over.lines == ["passed over: 3 folders of the system, such as trash"]


def test_hidden_ones_are_counted(tmp_path: Path) -> None:
    made(tmp_path, "rock/1.mp3", "rock/._1.mp3", "rock/.DS_Store", ".thumbs/2.mp3", ".nothing/readme")
    listing = list_audio(tmp_path)
    assert names(listing, tmp_path) == ["rock/1.mp3"]
    assert listing.passed_over.n_hidden == 3
    assert listing.passed_over.lines == ["passed over: 3 hidden files or folders"]


def test_a_link_to_a_folder_that_is_gone_is_a_failure(tmp_path: Path) -> None:
    made(tmp_path, "rock/1.mp3")
    (tmp_path / "jazz").symlink_to("/mnt/nas/jazz")
    (tmp_path / "rock" / "cover.jpg").symlink_to("gone.jpg")
    listing = list_audio(tmp_path)
    assert [(item.path.name, item.text) for item in listing.rejected] == [
        ("jazz", "is a link to a folder or file that isn't there; perhaps a drive is not connected")
    ]
    assert listing.rejected[0].reason.is_fault and listing.passed_over.endings == {".jpg": 1}


def test_links_into_the_system_are_not_followed(tmp_path: Path) -> None:
    made(tmp_path, "rock/1.mp3")
    (tmp_path / "rock" / "proc").symlink_to("/proc")
    (tmp_path / "rock" / "self").symlink_to("/proc/self")
    listing = list_audio(tmp_path)
    assert names(listing, tmp_path) == ["rock/1.mp3"] and listing.passed_over.n_system == 2


def test_such_a_folder_is_read_where_it_is_given(tmp_path: Path) -> None:
    assert len(list_audio(made(tmp_path / "#recycle", "1.mp3")).files) == 1


# Ignore files

PATTERNS = {
    "*.wav\n": ["rock/1.mp3", "rock/live/2.mp3", "spoken/3.mp3"],
    "spoken/\n": ["rock/1.mp3", "rock/9.wav", "rock/live/2.mp3"],
    "/live\n": ["rock/1.mp3", "rock/9.wav", "rock/live/2.mp3", "spoken/3.mp3"],
    "live\n": ["rock/1.mp3", "rock/9.wav", "spoken/3.mp3"],
    "rock/**\n!rock/live/\n!rock/live/*\n": ["rock/live/2.mp3", "spoken/3.mp3"],
    "# all but these\n*.mp3\n!/rock/1.mp3\n": ["rock/1.mp3", "rock/9.wav"],
    "\n": ["rock/1.mp3", "rock/9.wav", "rock/live/2.mp3", "spoken/3.mp3"],
    "": ["rock/1.mp3", "rock/9.wav", "rock/live/2.mp3", "spoken/3.mp3"],
}


@pytest.mark.parametrize("name", [".grooveignore", ".plexignore", ".mpdignore"])
@pytest.mark.parametrize("text", PATTERNS)
def test_patterns_go_by_the_rules_of_gitignore(name: str, text: str, tmp_path: Path) -> None:
    made(tmp_path, "rock/1.mp3", "rock/9.wav", "rock/live/2.mp3", "spoken/3.mp3")
    ignoring(tmp_path, {name: text})
    assert names(list_audio(tmp_path), tmp_path) == PATTERNS[text]


@pytest.mark.parametrize("name", [".nomedia", ".notmusic", ".ndignore", ".ignore"])
def test_an_empty_marker_hides_its_folder(name: str, tmp_path: Path) -> None:
    made(tmp_path, "rock/1.mp3", f"podcasts/{name}", "podcasts/2.mp3", "podcasts/in/3.mp3")
    listing = list_audio(tmp_path)
    assert names(listing, tmp_path) == ["rock/1.mp3"]
    assert listing.passed_over == PassedOver(n_ignored_folders=1)


@pytest.mark.parametrize("name", RULES)
def test_files_of_patterns_all_hide_what_they_name(name: str, tmp_path: Path) -> None:
    made(tmp_path, "rock/1.mp3", "rock/demo.mp3", "rock/cover.jpg", "talk/2.mp3")
    ignoring(tmp_path, {name: "demo.*\ncover.*\ntalk\n"})
    listing = list_audio(tmp_path)
    assert names(listing, tmp_path) == ["rock/1.mp3"]
    assert listing.passed_over.lines == ["passed over, as ignore files say: 1 folder, 1 file"]


def test_a_nearer_file_has_the_last_word(tmp_path: Path) -> None:
    made(tmp_path, "rock/demo.mp3", "jazz/demo.mp3", "jazz/in/demo.mp3")
    ignoring(tmp_path, {".grooveignore": "demo.mp3\n", "jazz/.grooveignore": "!demo.mp3\n"})
    assert names(list_audio(tmp_path), tmp_path) == ["jazz/demo.mp3", "jazz/in/demo.mp3"]


def test_names_are_compared_composed(tmp_path: Path) -> None:
    made(tmp_path, "Bjo\u0308rk/1.mp3", "rock/2.mp3")
    ignoring(tmp_path, {".grooveignore": "Bj\u00f6rk\n"})
    assert names(list_audio(tmp_path), tmp_path) == ["rock/2.mp3"]


def test_a_line_that_is_no_pattern_is_named(tmp_path: Path) -> None:
    made(tmp_path, "rock/1.mp3", "talk/2.mp3")
    ignoring(tmp_path, {".grooveignore": "talk\n!\n"})
    listing = list_audio(tmp_path)
    assert names(listing, tmp_path) == ["rock/1.mp3"]
    assert [(item.path.name, item.text) for item in listing.rejected] == [
        (".grooveignore", "line 2 is no pattern: !")
    ]
    assert listing.rejected[0].reason.is_fault


def test_an_ignore_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    made(tmp_path, "rock/1.mp3")
    (tmp_path / ".grooveignore").mkdir()
    listing = list_audio(tmp_path)
    assert names(listing, tmp_path) == ["rock/1.mp3"]
    assert [item.text for item in listing.rejected] == ["is a folder, not a file"]


def test_an_ignore_file_that_is_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    made(tmp_path, "rock/1.mp3")
    os.mkfifo(tmp_path / ".grooveignore")
    listing = list_audio(tmp_path)
    assert names(listing, tmp_path) == ["rock/1.mp3"]
    assert [item.reason for item in listing.rejected] == [Reason.NO_FILE]


@given(st.lists(st.text(max_size=12), max_size=6))
def test_any_text_may_be_in_an_ignore_file(lines: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        made(Path(folder), "rock/1.mp3")
        ignoring(Path(folder), {".grooveignore": "\n".join([*lines, "Album [FLAC-16bit]/"])})
        listing = list_audio(Path(folder))
        assert len(listing.files) <= 1
        assert any("is no pattern: Album [FLAC-16bit]/" in item.text for item in listing.rejected)


# Endings


def test_what_is_no_audio_is_counted_by_ending(tmp_path: Path) -> None:
    strange = ("1.mid", "2.MID", "3.mod", "README", "rock/4.xyz1", "5.xyz2", "6.xyz3", ".hidden.mid")
    made(tmp_path, "rock/1.mp3", "rock/cover.jpg", "rock/album.cue", *strange)
    passed_over = list_audio(tmp_path).passed_over
    assert passed_over.endings[".mid"] == 2
    assert passed_over.endings[".jpg"] == passed_over.endings[".cue"] == passed_over.endings[""] == 1
    (line,) = passed_over.lines
    assert line.startswith("no audio by their endings: 2 .mid, 1 ")
    assert line.endswith(", 1 other ending") and ".jpg" not in line


def test_endings_of_many_kinds_are_audio(tmp_path: Path) -> None:
    endings = [
        "dsf",
        "dff",
        "mp2",
        "m4r",
        "mkv",
        "mov",
        "3gp",
        "asf",
        "spx",
        "w64",
        "wave",
        "mp+",
        "ec3",
        "ogx",
    ]
    made(tmp_path, *(f"song.{ending}" for ending in endings), "SONG.DSF")
    assert len(list_audio(tmp_path).files) == len(endings) + 1


def test_two_folders_add_up() -> None:
    both = PassedOver(1, 5, 7, 2, 3, 2, (), (), {".mid": 1}) + PassedOver(
        1, 1, 1, 0, 1, 3, (), (), {".mid": 2, ".mod": 1}
    )
    assert both == PassedOver(2, 6, 8, 2, 4, 5, (), (), {".mid": 3, ".mod": 1})


def test_a_folder_that_goes_away_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(tmp_path, "rock/1.mp3", "jazz/2.mp3")
    stat = os.stat

    def gone(path: str, **options: bool) -> os.stat_result:
        if str(path) == str(tmp_path / "jazz"):
            raise FileNotFoundError(path)
        return stat(path, **options)

    monkeypatch.setattr(os, "stat", gone)
    assert [path.name for path in list_audio(tmp_path).files] == ["1.mp3"]
