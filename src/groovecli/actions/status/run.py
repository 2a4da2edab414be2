"""What groove knows of a library, in counts and sizes: one query each, however many songs there are."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from groovecli.actions.context import Context, check_call
from groovecli.checked import Checked, Range
from groovecli.datasets.statistics import DatasetCounts, dataset_counts
from groovecli.describe.description import VERSION
from groovecli.files import size_of
from groovecli.library import backups
from groovecli.library.descriptions import n_described
from groovecli.library.schema import matrix_file
from groovecli.library.statistics import (
    LibraryCounts,
    LoggedRun,
    answer_counts,
    last_runs,
    library_counts,
    n_gone,
    without_answer,
)
from groovecli.models.ids import models_here

_NAMED = 3  # songs without an analysis


@dataclass(frozen=True)
class StatusRequest(Checked):
    """How many of the last runs to tell."""

    n_runs: Annotated[int, Range(0)] = 5


@dataclass(frozen=True)
class Analysed:
    """What a model answered: its name, what the answers are kept under, and of how many songs.

    `use` is "in use", "here" or "gone". Songs are those with a known file: `n_songs` have an answer,
    `n_missing` have none, of which `missing` are the first by path. `n_without_file` are answers of other
    songs; `n_damaged` of those that are missing have lost their vectors.
    """

    model: str
    key: str
    n_songs: int
    n_missing: int
    n_bytes: int
    use: str
    n_without_file: int = 0
    n_damaged: int = 0
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Status:
    """What there is.

    Parameters
    ----------
    home : Path
    library : LibraryCounts
    models : tuple of Analysed
    datasets : tuple of DatasetCounts
    sizes : mapping of str to int
        Bytes of each part of groove's folder.
    free : int
        Bytes that are free on its disk.
    copy_of : str, optional
        The day of the newest copy of what can't be computed.
    runs : tuple of LoggedRun
        The latest first.
    n_described : int
        Songs with a known file that this groove has described.
    n_gone : int, optional
        Known files that are not there now; None in libraries of too many files to look at each.
    """

    home: Path
    library: LibraryCounts
    models: tuple[Analysed, ...]
    datasets: tuple[DatasetCounts, ...]
    sizes: Mapping[str, int]
    free: int
    copy_of: str | None
    runs: tuple[LoggedRun, ...]
    n_described: int = 0
    n_gone: int | None = None


def run(request: StatusRequest, context: Context) -> Status:
    """Count what is analysed by which model, what is missing, and what it takes on the disk.

    Raises
    ------
    DatasetError
        The catalogue is damaged, or of a newer groove.
    """
    check_call("status", request, StatusRequest, context)
    catalog, home = context.catalog, context.home
    library = library_counts(catalog)
    copies = backups.backups(home.backups)
    return Status(
        home.folder,
        library,
        tuple(_models(context, library.n_songs)),
        tuple(dataset_counts(catalog)),
        _sizes(context),
        shutil.disk_usage(home.folder).free,
        copies[0].day if copies else None,
        tuple(last_runs(catalog, request.n_runs)),
        n_described(catalog, VERSION),
        n_gone(catalog),
    )


def _models(context: Context, n_songs: int) -> list[Analysed]:
    """Every model with answers, and those in use without any."""
    counts, here = answer_counts(context.catalog), models_here(context.home)
    found = []
    for key, n in counts.items():
        model = next((each for each in here if key.startswith(f"{each.id}-")), None)
        name = model.name if model is not None else key
        use = "gone" if model is None else "in use" if model.is_in_use else "here"
        n_bytes = size_of(matrix_file(context.home.embeddings, key))
        n_missing = n_songs - n.n_songs
        missing = without_answer(context.catalog, key, _NAMED) if n_missing else []
        found.append(
            Analysed(
                name,
                key,
                n.n_songs,
                n_missing,
                n_bytes,
                use,
                n.n_without_file,
                n.n_damaged,
                tuple(str(path) for path in missing),
            )
        )
    named = {each.model for each in found}
    idle = [each for each in here if each.is_in_use and each.name not in named]
    return found + [Analysed(each.name, each.id, 0, n_songs, 0, "in use") for each in idle]


def _sizes(context: Context) -> dict[str, int]:
    home = context.home
    catalog = sum(size_of(Path(f"{home.catalog}{ending}")) for ending in ("", "-wal", "-shm"))
    parts = {
        "catalogue": catalog,
        "vectors": size_of(home.embeddings),
        "datasets": size_of(home.folder / "datasets"),
        "models": size_of(home.models),
        "comparisons": size_of(home.comparisons),
        "word vectors": size_of(home.vectors),
        "copies": size_of(home.backups),
    }
    return {**parts, "other": max(0, size_of(home.folder) - sum(parts.values()))}
