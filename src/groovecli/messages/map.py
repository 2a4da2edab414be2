"""What goes wrong with maps, and what is said of them."""

from __future__ import annotations

from pathlib import Path

from groovecli.errors import UsageError
from groovecli.messages.words import count, percent


def no_page_ending(path: Path, example: str = "map.html") -> UsageError:
    """A page is to be written to a file of another kind."""
    return UsageError(f"{path} does not end in .html", f"end its name in .html, such as {example}")


def no_map_there(path: Path) -> UsageError:
    """A map is to be written where another file is."""
    return UsageError(
        f"{path} is there already, and groove did not write it as a map",
        "choose another name, or replace the file with `--force`",
    )


def no_lists_page_there(path: Path) -> UsageError:
    """A page of playlists is to be written where another file is."""
    return UsageError(
        f"{path} is there already, and groove did not write it",
        "move the file away, or write to another folder: `--out DIR`",
    )


def share_of(genre: str, n: int, n_all: int) -> str:
    """How many of a playlist's songs are of a genre."""
    return f"{genre}: {n:,} of {n_all:,}"


def last_map_damaged(file: Path) -> str:
    """Where songs stood on the last map can't be read, so that the new one may look different."""
    return f"groove's record of the last map is damaged, so this map starts from scratch: {file}"


def same_sound(n: int) -> str:
    """Files that are left out because another one has the same sound."""
    files = count(n, "file")
    return f"{files} with the same sound as another one: each sound is on the map once"


def not_on_map(n: int) -> str:
    """Playlists were given, and none of the songs in some of them is on the map."""
    return f"{count(n, 'playlist')} without a song on the map left out"


def in_no_playlist(n: int) -> str:
    """Songs that are on the map and that `groove cluster` puts into no playlist."""
    return (
        f"not in playlists, as with `groove cluster`: {count(n, 'song')}"
        " (duplicates, other versions, speech, too long or too short)"
    )


def shared_genre(n_songs: int, share: float, by_chance: float) -> str:
    """A map's finding: how much sound and genre have to do with each other."""
    return (
        f"{count(n_songs, 'song')}: {percent(share, 0)} of the nearest songs share the genre"
        f" ({percent(by_chance, 0)} by chance)"
    )


def laid_out(n_songs: int) -> str:
    """A map's title where nothing is known of genres."""
    if n_songs == 1:
        return "1 song: add more music to see what sounds alike"
    return f"{count(n_songs, 'song')}: those near each other sound alike"
