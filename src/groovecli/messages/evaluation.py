"""What goes wrong in measuring a model and in writing the report."""

from __future__ import annotations

from collections.abc import Sequence

from groovecli.errors import DatasetError, GrooveError, ModelError


def no_accuracy_to_measure(model: str) -> ModelError:
    """A model without genres is asked how well it names them."""
    return ModelError(
        f"{model} names no genres, so there is no accuracy to measure",
        "choose another model; see `groove models`",
    )


def nothing_to_measure_on(dataset: str, model: str, genres: Sequence[str]) -> DatasetError:
    """No test song is of the wanted genres and new to the model."""
    whose = f" of {model}'s genres ({', '.join(genres)})" if genres else ""
    return DatasetError(
        f"dataset {dataset!r} has no test song{whose} that it was not trained on",
        "ingest more music, or choose another with `--dataset`",
    )


def measured_without_genres(network: str) -> DatasetError:
    """A row that holds no accuracy is to be compared by it."""
    return DatasetError(f"{network} was measured without genres")


def pyarrow_missing() -> GrooveError:
    """What writes Parquet files is not installed."""
    return GrooveError("writing .parquet needs the package pyarrow", "pip install pyarrow")
