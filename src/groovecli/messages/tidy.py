"""What is said where songs are moved, tagged, and taken back."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from shlex import quote

from groovecli.errors import LibraryError, ModelError, UsageError
from groovecli.messages.words import count, percent

# Plans


def how_to_edit() -> str:
    """What stands in a plan for who edits it."""
    return (
        'Delete the changes that you do not want, or change "to" or "genre"; then run `groove apply` on'
        " this file."
    )


def plan_not_there(path: Path) -> UsageError:
    """There is no plan at a path."""
    return UsageError(f"{path} is no file", "`groove audit MUSIC --plan FILE` writes a plan")


def no_plan(path: Path, why: str) -> UsageError:
    """A file is no plan."""
    return UsageError(f"{path} is no plan: {why}", "`groove audit MUSIC --plan FILE` writes a new one")


def plan_of_newer_groove(path: Path) -> UsageError:
    """A plan has a form that only later versions know."""
    return UsageError(
        f"{path} was written by a newer groove", "update groove, or write the plan with this one"
    )


def plan_there(path: Path) -> UsageError:
    """A plan is to be written where a file is."""
    return UsageError(f"{path} is there already", "choose another name, or add `--force`")


def library_gone(library: Path) -> LibraryError:
    """The library of a plan is not there."""
    return LibraryError(
        f"the plan is for {library}, which is not there",
        "connect its drive, or write a plan for your library: `groove audit MUSIC --plan FILE`",
    )


def of_another_library(library: Path, n: int) -> LibraryError:
    """None of a plan's songs is in its library."""
    return LibraryError(
        f"the plan fits another library: none of its {count(n, 'song')} is in {library} as it was",
        "write a plan for your library: `groove audit MUSIC --plan FILE`",
    )


# Taking back


def nothing_to_take_back(library: Path | None) -> LibraryError:
    """No run changed songs, or all were taken back."""
    where = f" in {library}" if library else ""
    return LibraryError(
        f"there is nothing to undo{where}: `groove apply` and `groove tag` changed no song",
        "for playlists, use `groove cluster MUSIC --undo`",
    )


def only_with_others(library: Path | None, above: str) -> LibraryError:
    """The runs that may have changed songs of a folder were on one above it."""
    return LibraryError(
        f"there is nothing to undo in {library} alone: the last changes were those of {above}",
        f"take all of them back: `groove undo {quote(above)}`",
    )


def later_run(command: str, started: str, library: str) -> str:
    """Which run is to be taken back before."""
    return f"`groove undo {quote(library)}` takes back `groove {command}` of {started}"


def damaged_journal(folder: Path) -> LibraryError:
    """What was written down of a run can't be read."""
    return LibraryError(
        f"the record of the last changes in {folder} is damaged, so they can't be taken back",
        "move that folder away to undo earlier changes",
    )


def cut_off(command: str, n_done: int, path: Path | None) -> str:
    """That an earlier run was killed, and is in order now."""
    whole = f"; {path} is whole" if path else ""
    return f"an earlier `groove {command}` was cut off after {count(n_done, 'song')}{whole}"


def left_unfinished(command: str) -> str:
    """That a run was killed, and nobody looked after it yet."""
    return (
        f"a `groove {command}` was cut off: run it again to go on, or take back what it did: `groove undo`"
    )


def disk_refused(what: str, n_done: int) -> str:
    """That the disk ended a run midway."""
    return f"{what}; {count(n_done, 'song')} done before that (`groove undo` takes them back)"


# Audit


def too_few_to_audit(library: Path, n_genres: int) -> LibraryError:
    """Fewer than two genres have songs by two artists."""
    return LibraryError(
        f"{library} can't be audited: {count(n_genres, 'genre')} with songs by two artists or more",
        "groove compares songs with those of other artists: it needs two such genres",
    )


# Tags


def no_curve(model: str, *, is_shipped: bool) -> ModelError:
    """It was never measured how right a model is at each confidence."""
    return ModelError(
        f"{model} has no measured curve, so no precision can be promised",
        "use the included model, or add `--min-precision 0` to write every best genre"
        if is_shipped
        else f"measure it first: `groove evaluate {model}`; or add `--min-precision 0`",
    )


def never_so_precise(model: str, wanted: float, best: float) -> ModelError:
    """At no confidence is a model as right as is asked for."""
    return ModelError(
        f"{model} is right on {percent(best, 0)} at best, not on {percent(wanted, 0)}",
        f"ask for less: `--min-precision {max(0.0, int(best * 100) / 100):g}`",
    )


def nothing_to_write() -> UsageError:
    """No tag is to be written."""
    return UsageError("with --no-genre there is nothing to write", "add --tempo, --key or --playlists DIR")


def precision_line(confidence: float, n: int, accuracy: float, by_genre: Mapping[str, float | None]) -> str:
    """How sure a genre has to be to be written, and what was measured there.

    `by_genre` has genres of their own: None of one that is never sure enough.
    """
    more = [f"{g} from {percent(c, 0)}" for g, c in by_genre.items() if c is not None and c > confidence]
    never = [genre for genre, least in by_genre.items() if least is None]
    more += [f"never {' or '.join(never)}"] if never else []
    others = f"; {', '.join(more)}" if more else ""
    return (
        f"genres are written from {percent(confidence, 0)} confidence on: {percent(accuracy, 0)} of"
        f" {count(n, 'test song')} were right there{others}"
    )


def nothing_written() -> str:
    """That Ctrl-C came before a file was touched."""
    return "stopped before a tag was written"


def not_reached() -> str:
    """That nothing asked for is known of a song so surely."""
    return "no tag: nothing that was asked for is sure enough"


def too_unsure(guess: str, confidence: float) -> str:
    """That the best guess is not sure enough for the precision that is asked for."""
    return f"no genre: {guess} {percent(confidence, 0)} is not sure enough"


def no_playlists_in(folder: Path) -> UsageError:
    """A folder has no playlists that groove wrote."""
    return UsageError(
        f"{folder} has no playlists that groove wrote", "`groove cluster MUSIC --out DIR` writes some"
    )


def stopped_changing(command: str, n_done: int, n_all: int) -> str:
    """How far a run was when Ctrl-C ended it."""
    return f"stopped {command}: {n_done:,} of {count(n_all, 'song')} done"
