"""What goes wrong when playlists are written for a player or checked, and why a player misses a song."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from groovecli.errors import Interrupted, LibraryError, UsageError


def no_such_player(name: str, players: Sequence[str]) -> UsageError:
    """There is no player of that name; `players` are those that there are."""
    return UsageError(f"groove has no rules for the player {name!r}", f"choose from {', '.join(players)}")


# How songs are named


def options_contradict(options: Sequence[str]) -> UsageError:
    """Several options say each how paths are written."""
    return UsageError(
        f"{' and '.join(options)} each say how paths are written", f"use only one: {options[0]}"
    )


def no_folder_to_start_from(folder: Path) -> UsageError:
    """The folder that paths are to start from is not there."""
    return UsageError(
        f"--relative-to needs a folder, and {folder} is none",
        "name the folder that the player starts from",
    )


def no_path_map(text: str) -> UsageError:
    """A text that should say what a folder is called elsewhere doesn't."""
    return UsageError(
        f"--path-map takes FROM=TO, not {text!r}", "name both folders: --path-map ~/Music=/mnt/music"
    )


def path_map_again(folder: str) -> UsageError:
    """A folder is called two things elsewhere."""
    return UsageError(f"--path-map is given two times for {folder}", "give each folder one name")


def line_break_in(option: str, text: str) -> UsageError:
    """What stands before each song would end its line."""
    return UsageError(f"{option} has a line break: {text!r}", "write it in one line")


def path_map_fits_nothing(folder: str, library: Path) -> UsageError:
    """No song of the library is in the folder that is to be called otherwise."""
    return UsageError(
        f"--path-map {folder}=... fits no song: {library} is somewhere else",
        f"name the library or a folder in it: --path-map {library}=/mnt/music",
    )


# Playlists to check


def no_playlists(folder: Path, suffixes: Sequence[str]) -> LibraryError:
    """A folder has no file that is a playlist."""
    return LibraryError(
        f"there is no playlist in {folder}", f"groove checks files that end in {', '.join(suffixes)}"
    )


def no_playlist(path: Path, why: str) -> LibraryError:
    """What should be a playlist is none, or can't be read; `why` says why."""
    return LibraryError(
        f"{path} {why}", "name a playlist: .m3u8, .m3u, .xspf, .jspf, or the .xml of rekordbox"
    )


NO_PLAYLIST_ENDING = "does not end like a playlist that groove reads"
NOT_TEXT = "is not a playlist: its bytes are not text"
IS_UTF16 = "is in UTF-16, which most players can't read; save it as UTF-8"
NO_XML = "is not the XML that its ending says: {}"
NO_JSON = "is not the JSON that its ending says: {}"
NO_LIST_IN_IT = "has no list of songs in it"
IS_LARGE = "has over {} MB, which no playlist has"

# Why a player misses a song: by code, read behind a song and before a player's name.

WHY = {
    "comment": "a line that begins with # is a comment",
    "not-utf8": "the path is not UTF-8",
    "encoding": "another line is not UTF-8, so every line is read in another encoding",
    "address": "the part before : is read as the kind of an address",
    "cut": "the path is cut at # or ?",
    "percent": "% signs are decoded",
    "not-decoded": "% signs are not decoded",
    "backslash": "a backslash is read as /",
    "spaces": "spaces at the ends of names are lost",
    "case": "capital and small letters differ from the file's name",
    "accents": "accents have another form (NFC or NFD) than in the file's name",
    "start": "paths start from another folder",
    "leaves": "a path must not lead out of the music folder with ..",
    "outside": "the song is outside the music folder",
    "ending": "files with this ending are not opened",
    "stored": "the player's folder of playlists takes only .m3u files",
    "too-many": "the list has more songs than the player takes",
    "missing": "there is no such file",
}


# What is no fault, but should be known


def stopped_checking() -> Interrupted:
    """The user stopped before all playlists were checked."""
    return Interrupted("stopped before all playlists were checked", "run the same command again")


def music_not_known(titles: Sequence[str]) -> str:
    """The music folder of some players was not named."""
    return (
        f"{', '.join(titles)}: the music folder is not checked, since --music was not given; "
        "paths start from the playlist's folder"
    )


def made_for(title: str, folder: Path) -> str:
    """Playlists were written for a player, which is therefore the one that counts."""
    return f"the playlists in {folder} were made for {title}, and are checked for it alone without `--for`"


def hidden(title: str, suffix: str) -> str:
    """A player opens a file, but doesn't list it."""
    return f"{title}: its list of playlists hides {suffix} files; open the file from its folder"


def not_checked(titles: Sequence[str], suffix: str) -> str:
    """Players that open no such file."""
    return f"not checked, since they open no {suffix} files: {', '.join(titles)}"


def no_songs_in(path: Path) -> str:
    """A playlist names nothing."""
    return f"{path} names no songs"
