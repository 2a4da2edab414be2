"""What goes wrong in what groove does at large: requests that can't be met, and what Ctrl-C stopped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from shlex import quote

from groovecli.errors import DatasetError, Diverged, Interrupted, LibraryError, ModelError
from groovecli.messages.words import GO_ON, count, percent

_LIST_THEM = "`groove classify {} --json` says what is wrong with each file"

# Ingesting.


def too_few_genres(
    genres: Iterable[str], left_out: Mapping[str, str], skipped: Sequence[tuple[Path, str]]
) -> LibraryError:
    """A library has fewer than two genres; genres left out and files skipped come with the reason."""
    left = "; ".join(f"{genre} {why}" for genre, why in left_out.items())
    there = sorted(genres)
    what = f"only one genre is left: {there[0]}" if there else "no genre is left"
    if left:
        what += f"; {left}"
    if skipped:
        path, why = skipped[0]
        what += f"; {count(len(skipped), 'file')} skipped, such as {path}: {why}"
    return LibraryError(what, "two genres or more are needed: add a folder of songs for each genre")


def made_otherwise(dataset: str, option: str, was: object, asked: object) -> DatasetError:
    """A dataset's setting is to change that can't."""
    return DatasetError(
        f"dataset {dataset!r} was made with --{option} {was}, not {asked}",
        "make another dataset: add `--dataset NAME`",
    )


# Training.


def name_taken(name: str) -> ModelError:
    """A training is to write where a model lies."""
    return ModelError(
        f"there is a model {name!r} already",
        "choose another `--name`, go on with it (`--resume`), or replace it (`--force`)",
    )


def dataset_is_published(dataset: str, source: str) -> DatasetError:
    """A folder's genre is to join a published data set."""
    return DatasetError(
        f"dataset {dataset!r} comes from a published data set (--source {source}); its genres are fixed",
        "add the genre to a dataset made of your own folders: `--dataset NAME`",
    )


def dataset_changed(dataset: str, model: str) -> DatasetError:
    """A training can't go on: what it learns from is not what it was."""
    return DatasetError(
        f"the songs of dataset {dataset!r}, or their lyrics, have changed since {model} was trained",
        f"start again without `--resume`: `groove train --dataset {dataset} --name {model} --force`",
    )


def diverged_at_once(what: str) -> Diverged:
    """The loss exploded before any epoch was over."""
    return Diverged(what, "try a smaller `--learning-rate`")


def diverged_later(what: str, model: str, best_epoch: int) -> Diverged:
    """The loss exploded after an epoch whose weights could be saved."""
    return Diverged(
        f"{what}; {model} is saved as it was after epoch {best_epoch}",
        "try a smaller `--learning-rate`, under another `--name`",
    )


def stopped_before_learning() -> Interrupted:
    """The user stopped a training in its first epoch."""
    return Interrupted("stopped in the first epoch; no model was saved", "run the same command again")


# The test at a training's end.


def names_no_genres_to_test(model: str) -> str:
    """Why a model without genres has no accuracy."""
    return f"{model} names no genres, so there is no accuracy to measure"


def interrupted_before_test(model: str) -> str:
    """That a training that was stopped is not measured."""
    return f"{model} was not measured because the training was stopped: `groove evaluate {model}` does it"


def test_stopped(model: str) -> str:
    """That Ctrl-C ended the test, and the model is kept."""
    return f"the test was stopped; {model} is saved, and `groove evaluate {model}` measures it"


def test_not_kept(why: str) -> str:
    """That a test's figures could not be written beside the model."""
    return f"the test's figures could not be saved: {why}"


def not_measured_so_not_used(model: str) -> str:
    """Why a model does not serve classify though that was asked for."""
    return f"{model} was not measured, so `groove classify` does not use it"


# Adding a genre.


def folds_of_artists(model: str) -> str:
    """What was measured of a model whose layer of genres was fitted to songs that it remembers."""
    return (
        f"the songs that {model} remembers, each named by a layer of genres that was fitted without the"
        " songs of its artist; the layers below it are the same"
    )


def remembers_no_songs(model: str) -> ModelError:
    """A model without a memory is to be taught a genre from a folder."""
    return ModelError(
        f"{model} keeps no songs that it learned from, so a genre can't be added from a folder alone",
        "name the dataset that it learned from with `--dataset NAME`",
    )


def learnt_already(model: str, genre: str) -> DatasetError:
    """A model is to be extended by a genre of its own."""
    return _has(model, genre, "to learn it from more songs: `groove train`")


def taught_already(model: str, genre: str) -> DatasetError:
    """A model is to be taught a genre under the name of one of its own."""
    return _has(model, genre, "give the new genre another name")


def _has(model: str, genre: str, hint: str) -> DatasetError:
    return DatasetError(f"{model} has the genre {genre!r} already", hint)


def too_few_songs(
    folder: Path, genre: str, n_songs: int, n_needed: int, left_out: Sequence[tuple[Path, str]]
) -> DatasetError:
    """A folder holds too few songs to learn a genre from; those left out come with the reason."""
    what = f"{folder} has {count(n_songs, 'song')} to learn {genre!r} from; {n_needed} are needed"
    if left_out:
        path, why = left_out[0]
        what += f"; {count(len(left_out), 'file')} left out, such as {path}: {why}"
    return DatasetError(what, f"put {n_needed - n_songs} or more songs of the genre into that folder")


def forgot_too_much(model: str, genre: str, lost: float, most: float) -> ModelError:
    """A model that was extended by a genre lost too many songs of the others."""
    return ModelError(
        f"with {genre!r}, {model} is right on {100 * lost:.1f} points fewer songs of its other genres;"
        f" --max-forgetting allows {100 * most:g}",
        "give more songs of the genre, start from a model of `transfer`, or save it anyway with `--force`",
    )


def would_forget_too_much(model: str, genre: str, before: float, after: float, most: float) -> ModelError:
    """A model that was taught a genre would lose too many songs of the others."""
    return ModelError(
        f"with {genre!r}, {model} would be right on {percent(after)} of the songs of its genres"
        f" instead of {percent(before)}; --max-forgetting allows a loss of {100 * most:g} points",
        "choose songs that are typical of the genre, or save it anyway with `--force`",
    )


def stopped_hearing() -> Interrupted:
    """The user stopped before a new genre's songs were through."""
    return Interrupted("stopped before all songs were done; no model was saved", GO_ON)


# Classifying and clustering.


def nothing_kept(why: str) -> str:
    """That the catalogue did not take what was computed."""
    return f"nothing is kept for the next time: {why}"


def names_no_genres(model: str) -> ModelError:
    """A model without genres is to classify."""
    return ModelError(f"{model} names no genres", "choose another model with `--model`")


def nothing_to_hear(n_failed: int) -> LibraryError:
    """Not one of the files that were given is a song; they are listed before."""
    what = "the file isn't a song" if n_failed == 1 else f"none of the {n_failed} files is a song"
    return LibraryError(f"{what} that can be read", "give songs or folders of songs")


def nothing_sounds(library: Path, n_silent: int, n_failed: int) -> LibraryError:
    """A library has files, and none of them gives sound: so many are silent, so many fail."""
    if not n_silent:
        return LibraryError(f"no song in {library} can be decoded", _LIST_THEM.format(quote(str(library))))
    failed = f", {n_failed} can't be decoded" if n_failed else ""
    what = f"no song in {library} can be heard: {n_silent} silent{failed}"
    return LibraryError(what, _LIST_THEM.format(quote(str(library))))


def no_song_for_lists(library: Path, n_left_out: int) -> LibraryError:
    """Each of a library's songs is left out of playlists."""
    return LibraryError(
        f"no song in {library} is left for a playlist: {n_left_out} left out",
        f"groove cluster {quote(str(library))} --include all",
    )


def stopped_embedding() -> Interrupted:
    """The user stopped before all songs had their vectors."""
    return Interrupted("stopped before all songs were done", GO_ON)


# Comparing.


def no_recipe_to_repeat(model: str) -> ModelError:
    """An included model is to be trained again, under other splits."""
    return ModelError(
        f"{model} is included and can't be trained again here",
        "name a network: `groove leakage --network time-cnn`, or a model that you trained",
    )


def recipe_of_a_network(model: str, network: str) -> str:
    """That a network is trained, as the included model can't be."""
    return f"you have no model of your own to check, and {model} can't be trained here: {network} is taken"


def no_genres_to_flatter(network: str) -> ModelError:
    """A network without genres is to be measured under each split."""
    return ModelError(
        f"{network} names no genres, so there is no accuracy to compare between splits",
        "choose a network with genres: `groove leakage --network time-cnn`",
    )


def row_failed(why: str, folder: Path) -> DatasetError:
    """A network can't be trained or measured here, and would fail as often as it is tried."""
    return DatasetError(why, f"to try it again, delete the folder {folder}")


def row_failed_before(why: str, day: str, folder: Path) -> DatasetError:
    """A network failed here before, and would again."""
    return DatasetError(f"failed before, on {day}: {why}", f"to try it again, delete the folder {folder}")


def stopped_between_networks() -> Interrupted:
    """The user stopped before all networks had their turn."""
    return Interrupted("stopped before all networks were compared", GO_ON)


def stopped_between_splits() -> Interrupted:
    """The user stopped before all splits had their turn."""
    return Interrupted("stopped before all splits were measured", GO_ON)


def stopped_training(name: str) -> Interrupted:
    """The user stopped one of several trainings."""
    return Interrupted(f"stopped while training {name}", GO_ON)
