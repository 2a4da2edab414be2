"""What goes wrong when songs are clustered and playlists written."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from groovecli.errors import LibraryError, ModelError, UsageError
from groovecli.messages.words import count

_OPTION_OF = {
    "n_clusters": "playlists",
    "min_size": "min-songs",
    "max_size": "max-songs",
    "n_clips": "places",
}
_LEFT_ALONE = "files there are left alone, and new ones stand beside them"


def no_such_format(name: str, formats: Sequence[str]) -> UsageError:
    """There is no playlist format of that name; `formats` are those that there are."""
    return UsageError(f"there is no playlist format {name!r}", f"choose from {', '.join(formats)}")


def not_for_player(player: str, format: str, formats: Sequence[str]) -> UsageError:
    """A player can't open a format; `formats` are those that it opens."""
    return UsageError(
        f"{player} can't open playlists of the format {format}", f"choose from {', '.join(formats)}"
    )


def unknown_ending(path: Path, endings: Sequence[str]) -> UsageError:
    """The name of a file doesn't say what kind of playlist it is to be."""
    return UsageError(
        f"{path} does not end like a playlist", f"end its name in one of {', '.join(endings)}"
    )


# The folder


def manifest_of_newer_groove(folder: Path) -> LibraryError:
    """A later groove wrote a folder's manifest, in a way that this one can't read."""
    return LibraryError(
        f"the playlists in {folder} are of a newer groove; nothing was changed",
        "update groove, or write to another folder: `--out DIR`",
    )


def manifest_damaged(folder: Path, *, has_files: bool) -> str:
    """That groove's record in a folder can't be read: without it, groove's own files are a stranger's."""
    what = "the lists were read from their files" if has_files else _LEFT_ALONE
    return f"groove's record of its playlists in {folder} is damaged: {what}"


def journal_damaged(folder: Path) -> str:
    """That a run was killed midway, and what it left of its plan can't be read."""
    return (
        f"a run in {folder} was stopped midway, and its record is damaged: files stay as that run left them"
    )


def undo_damaged(folder: Path) -> LibraryError:
    """The record of what the last run changed can't be read."""
    return LibraryError(
        f"the last run in {folder} can't be taken back: the record of what it changed is damaged",
        "`groove cluster MUSIC --out DIR --replace` makes all playlists again",
    )


def last_run_changed_nothing(folder: Path) -> LibraryError:
    """The last run left all as it was; the one before it is older than a user may think."""
    return LibraryError(
        f"the last run in {folder} changed nothing, so nothing was taken back",
        "the same command again takes back the run before it",
    )


def nothing_to_undo(folder: Path) -> LibraryError:
    """No run in a folder can be taken back: there was none, or it was taken back already."""
    return LibraryError(
        f"there is nothing to undo in {folder}",
        "name the folder that `groove cluster` wrote to: `--out DIR`",
    )


def of_other_library(folder: Path, was: str, now: Path, n_lists: int) -> LibraryError:
    """The lists of a folder are of another library."""
    return LibraryError(
        f"the {count(n_lists, 'playlist')} in {folder} are of {was}, not of {now}; nothing was changed",
        "write to another folder: `--out DIR`; or add `--replace` to put these playlists in their place",
    )


def of_other_model(folder: Path, was: str, now: str, n_lists: int) -> LibraryError:
    """The lists of a folder were made by another model."""
    by = f"another version of {was}" if was == now else f"the model {was}, not by {now}"
    return LibraryError(
        f"the {count(n_lists, 'playlist')} in {folder} were made by {by}; nothing was changed",
        "write to another folder: `--out DIR`; or add `--replace` to make them by this model",
    )


def songs_of_lists_gone(folder: Path, n_known: int, n_there: int) -> LibraryError:
    """Most songs of a folder's lists can't be found."""
    return LibraryError(
        f"{n_known - n_there:,} of the {n_known:,} songs in the playlists in {folder} are gone;"
        " nothing was changed",
        "connect the drive that they are on; if they are gone for good, add `--force` to the command",
    )


def model_of_lists_gone(folder: Path, model: str) -> ModelError:
    """The model that made a folder's lists isn't there any more."""
    return ModelError(
        f"the model {model}, which made the playlists in {folder}, is gone; nothing was changed",
        "name a model and make the playlists by it: `--model NAME --replace`",
    )


# Songs that are left out


def no_such_kind(name: str, kinds: Sequence[str]) -> UsageError:
    """There is no such kind of songs to include; `kinds` are those that there are."""
    return UsageError(f"there is no kind of songs {name!r} to include", f"choose from {', '.join(kinds)}")


def model_of_folder(folder: Path, model: str, serving: str) -> str:
    """That a folder's lists go on with the model that made them, though another one serves."""
    return (
        f"the playlists in {folder} go on with {model}, which made them;"
        f" `--model {serving} --replace` makes them by {serving}"
    )


def grouped_anew(options: Sequence[str]) -> str:
    """That songs were grouped as if there had been no lists, for options differ from the last run's."""
    named = (f"--{_OPTION_OF.get(option, option.replace('_', '-'))}" for option in options)
    return f"songs were grouped without regard to the last run: other {', '.join(named)}"


def written_as_before(options: str) -> str:
    """That a folder's files are written as the options of an earlier run said, for none is given."""
    return (
        f"files are written as in the last run, with `{options}`;"
        " give other options for the player to change this, or `--for any` to drop them"
    )


def much_grown(n_grouped: int, n_songs: int) -> str:
    """That lists were made when the library was much smaller."""
    return (
        f"these playlists were made of {n_grouped:,} songs, and there are {n_songs:,} now:"
        " `--diff --replace` says what new ones would be"
    )


def lists_go_on() -> str:
    """That another seed moves no song from its list."""
    return "each song stays in its playlist, whatever the seed; `--replace` groups all songs again"


# Clusters: options


def no_such_method(name: str, methods: Sequence[str]) -> UsageError:
    """There is no clustering method of that name; `methods` are those that there are."""
    return UsageError(f"there is no clustering method {name!r}", f"choose from {', '.join(methods)}")


def smallest_cluster_too_small(min_size: int) -> UsageError:
    """Clusters are asked to hold no song."""
    return UsageError(
        f"a playlist must have 1 song or more, not {min_size}", "leave the number out to let groove choose"
    )


def largest_below_smallest(min_size: int, max_size: int) -> UsageError:
    """The largest playlist is to have fewer songs than the smallest."""
    return UsageError(
        f"the largest playlist can't have {max_size} songs while the smallest has {min_size}",
        f"make --max-songs {2 * min_size} or more",
    )


def bounds_too_close(min_size: int, max_size: int) -> UsageError:
    """Some numbers of songs can't be divided into lists of such sizes."""
    return UsageError(
        f"songs can't always be divided into playlists of {min_size} to {max_size} songs",
        f"make --max-songs {2 * min_size} or more, or --min-songs smaller",
    )


def too_few_clusters(n_clusters: int) -> UsageError:
    """No cluster is asked for."""
    return UsageError(
        f"there must be 1 playlist or more, not {n_clusters}", "leave the number out to let groove choose"
    )


def number_not_for_method(method: str, n_clusters: int, counted: Sequence[str]) -> UsageError:
    """A number of clusters is asked of a method that takes none; `counted` are those that do."""
    return UsageError(
        f"--method {method} chooses the number of playlists itself, so {n_clusters} can't be asked of it",
        f"leave the number out, or choose --method {' or '.join(counted)}",
    )


# Order and names


def no_such_order(name: str, orders: Sequence[str]) -> UsageError:
    """There is no order of that name; `orders` are those that there are."""
    return UsageError(f"there is no order {name!r}", f"choose from {', '.join(orders)}")


def no_such_field(format: str, fields: Sequence[str]) -> UsageError:
    """A format of names has a field that there is not, or is not one; `fields` are those that there are."""
    return UsageError(
        f"--name-format {format!r} can't be filled in", f"use these fields: {' '.join(fields)}"
    )


def no_field_in_format(format: str, fields: Sequence[str]) -> UsageError:
    """A format of names has no field, so that all lists would have one name."""
    return UsageError(
        f"--name-format {format!r} names nothing of a playlist, so all playlists would be called the same",
        f"use one of these fields or more: {' '.join(fields)}",
    )


# Clusters: vectors


def no_songs_to_cluster() -> UsageError:
    """There is not one vector to cluster."""
    return UsageError("there are no songs to make playlists of", "name a folder with music")


def vectors_not_a_table(shape: Sequence[int]) -> ModelError:
    """An array does not have one row of numbers per song."""
    return ModelError(
        f"vectors must have the shape (songs, numbers), not {tuple(shape)}", "give one row per song"
    )


def vectors_not_finite(n_bad: int, n_vectors: int, first: int) -> ModelError:
    """Distances of some vectors can't be computed; `first` is the row of the first of them."""
    return ModelError(
        f"{n_bad} of {n_vectors} vectors are not finite numbers, the first in row {first}",
        "use another model: `--model groove-net`",
    )
