"""What goes wrong when songs are looked for that sound like others."""

from __future__ import annotations

from pathlib import Path
from shlex import quote

from groovecli.errors import LibraryError, UsageError
from groovecli.messages.words import count


def nothing_analysed(model: str, command: str) -> LibraryError:
    """No song has been listened to with the model that compares songs."""
    return LibraryError(
        f"no song was analysed with {model} yet, so there is nothing to compare with",
        f"analyse your music first, once: `groove {command} --in ~/Music`",
    )


DAMAGED = "vectors are damaged, so that these songs are left out"
DAMAGED_HINT = "groove embed ~/Music --out songs.npz"


def all_damaged(model: str, n_songs: int) -> LibraryError:
    """Not one song has a vector that is as it was written."""
    return LibraryError(
        f"the vectors of all {n_songs:,} songs that were analysed with {model} are damaged",
        f"`{DAMAGED_HINT}` analyses the songs again",
    )


def only_song(song: Path) -> LibraryError:
    """The library has no song but the one that others are looked for to."""
    return LibraryError(
        f"{song} is the only song that was analysed", "analyse more music: add `--in ~/Music`"
    )


_FIND = "see that the path is right, and that its drive is connected"


def no_seed(path: Path, why: str, *, is_missing: bool) -> LibraryError:
    """The one song that was given can't be used."""
    hint = _FIND if is_missing else "give a song that can be played and that isn't silent"
    return LibraryError(f"{path}: {why}" if is_missing else f"{path} {why}", hint)


def is_an_artist(path: Path, artist: str) -> LibraryError:
    """A song or folder that was given is not there; an artist has that name."""
    return LibraryError(f"{path}: no such file or folder", f"groove similar --artist {quote(artist)}")


def no_seeds(n: int, path: Path, why: str, *, is_missing: bool) -> LibraryError:
    """None of several songs that were given can be used; the first of them comes with the reason."""
    hint = _FIND if is_missing else f"`groove classify {quote(str(path))}` says what is wrong with a file"
    return LibraryError(f"none of the {n} songs can be used, such as {path}: {why}", hint)


def wanted_and_not(song: Path) -> UsageError:
    """What is found should be both near to a song and far from it."""
    return UsageError(
        f"{song} is given both as a song to be like and with --not", "give it once, or two different songs"
    )


def none_left(n_compared: int, *, excluded: bool, n_gone: int) -> str:
    """Why no song of the library is listed."""
    are = ["are what you asked about"]
    if excluded:
        are.append("are left out by --exclude")
    if n_gone:
        are.append("are not there any more")
    return f"no song is left: all of {count(n_compared, 'song')} {' or '.join(are)}"


def no_song_asked() -> UsageError:
    """Songs like nothing are asked for."""
    return UsageError("no song is given", "give songs, or `--artist NAME`, or `--playlist FILE`")


def no_weights(n_songs: int, n_weights: int) -> UsageError:
    """Some songs have weights, and others have none."""
    return UsageError(
        f"there are {n_weights} weights for {n_songs} songs", "give one weight for each song, or none"
    )


def no_weight(song: str, weight: str, most: float) -> UsageError:
    """What stands behind a song's `=` is not a weight."""
    return UsageError(
        f"the weight of {song} must be a number above 0, at most {most:,.0f}, not {weight!r}",
        "write it behind the song: `song.mp3=2`",
    )


def no_such_artist(name: str, closest: str | None) -> LibraryError:
    """No analysed song is by an artist; `closest` is a name that is spelt like it."""
    hint = (
        f"perhaps you mean `--artist {quote(closest)}`" if closest else "give the name as the tags have it"
    )
    return LibraryError(f"no analysed song is by {name!r}", hint)


def empty_playlist(path: Path) -> LibraryError:
    """A playlist names not one file."""
    return LibraryError(f"{path} names no song", "give a playlist with songs in it")


def preview_over_song(path: Path) -> UsageError:
    """A preview is to be written where a song is."""
    return UsageError(
        f"{path} is a song; a preview never replaces one", "choose another name: `--preview alike.mp3`"
    )


def is_folder(path: Path) -> UsageError:
    """A folder stands where a song is asked for."""
    return UsageError(f"{path} is a folder, not a song", "give one song")


def same_songs(one: Path, other: Path) -> UsageError:
    """A way is asked for between two files of one song."""
    return UsageError(
        f"{one} and {other} are the same song, so there is no way between them", "give two different songs"
    )


def alone_in_playlist(song: Path, playlist: Path) -> LibraryError:
    """A playlist has no song but the one that is compared with it."""
    return LibraryError(f"{playlist} has no other song than {song}", "name a playlist with more songs")


def why_what() -> UsageError:
    """One song is to be explained, and nothing is named to compare it with, or too much."""
    return UsageError(
        "a song is compared with another song or with a playlist",
        "give two songs, or `groove why SONG --playlist FILE`",
    )


def no_preview_of_playlist() -> UsageError:
    """A preview is asked for of a song and a playlist."""
    return UsageError("--preview plays two songs in turn", "give two songs, or leave `--preview` out")
