"""What goes wrong in measuring a model and in writing the report."""

from __future__ import annotations

from collections.abc import Sequence

from groovecli.errors import DatasetError, GrooveError, ModelError, NothingToMeasure
from groovecli.messages.words import count


def no_accuracy_to_measure(model: str) -> ModelError:
    """A model without genres is asked how well it names them."""
    return ModelError(
        f"{model} names no genres, so there is no accuracy to measure",
        "choose another model; see `groove models`",
    )


def no_test_songs(dataset: str) -> NothingToMeasure:
    """Nothing of a dataset was kept for testing."""
    return NothingToMeasure(
        f"dataset {dataset!r} has no test song", "ingest more music, or choose another with `--dataset`"
    )


def no_test_songs_of(
    dataset: str, genres: Sequence[str], model: str, known: Sequence[str], n_songs: int
) -> NothingToMeasure:
    """The test songs are of other `genres` than those that the model is measured by."""
    return NothingToMeasure(
        f"dataset {dataset!r} has no test song of {model}'s genres ({', '.join(known)}): its"
        f" {count(n_songs, 'test song')} are of {', '.join(genres)}",
        "choose another model (see `groove models`), or another dataset with `--dataset`",
    )


def all_test_songs_learnt(dataset: str, model: str, learnt_from: str, n_songs: int) -> NothingToMeasure:
    """The model has seen each test song in its training, on a dataset of the same name or another."""
    if dataset == learnt_from:
        why = "the dataset has been split anew since, or the model that it started from knew them"
        hint = f"train anew with `groove train --dataset {dataset}`, or ingest more music"
    else:
        why = f"they are in its own dataset, {learnt_from!r}, too"
        hint = f"measure it on its own with `--dataset {learnt_from}`, or on one with other songs"
    songs = f"all {n_songs} test songs" if n_songs > 1 else "the only test song"
    return NothingToMeasure(
        f"nothing to measure {model} on: it was trained on {songs} of dataset {dataset!r}; {why}", hint
    )


def measured_without_genres(network: str) -> DatasetError:
    """A row that holds no accuracy is to be compared by it."""
    return DatasetError(f"{network} was measured without genres")


def pyarrow_missing() -> GrooveError:
    """What writes Parquet files is not installed."""
    return GrooveError("writing .parquet needs the package pyarrow", "pip install pyarrow")
