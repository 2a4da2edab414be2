"""The catalogue and the cache, compared with their checksums and with the music, and mended."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from groovecli.actions.context import Context, check_call
from groovecli.actions.verify.chunks import check_chunks
from groovecli.actions.verify.database import (
    check_descriptions,
    check_orphans,
    check_settings,
    check_vectors,
)
from groovecli.actions.verify.found import Damage, Findings
from groovecli.actions.verify.models import check_models
from groovecli.checked import Checked, Minutes, Range
from groovecli.datasets.adopt import adopt_chunks
from groovecli.datasets.dataset import open_dataset
from groovecli.datasets.tables import dataset_names
from groovecli.library.rescue import Rescued, damage, rescue
from groovecli.messages.library import catalog_unusable


@dataclass(frozen=True)
class VerifyRequest(Checked):
    """How many songs to analyse again (`sample`), and how long it may take (`minutes`)."""

    sample: Annotated[int, Range(0)] = 0
    minutes: Minutes | None = None


@dataclass(frozen=True)
class Verified:
    """What was looked at, and what was damaged.

    Parameters
    ----------
    rescued : Rescued, optional
        What became of a catalogue that was damaged itself.
    n_checked : mapping of kind to int
    damaged : tuple of Damage
        What was damaged, each with what was done about it.
    n_left : int
        Chunk files that the next verification begins with.
    n_adopted : int
        Chunk files that a damaged catalogue had lost.
    largest_difference : float, optional
        Between stored and fresh vectors, as a share of their length; of those that count as equal.
    notes : tuple of str
    is_complete : bool
    """

    rescued: Rescued | None
    n_checked: Mapping[str, int]
    damaged: tuple[Damage, ...]
    n_left: int
    n_adopted: int
    largest_difference: float | None
    notes: tuple[str, ...]
    is_complete: bool


def run(request: VerifyRequest, context: Context) -> Verified:
    """Look at everything that groove keeps, and mend what is damaged.

    What can be computed again is forgotten, and computed when it is needed; what can't be comes from a
    copy. Where the time is up, or the user stopped it, the next one goes on with the next chunk file.

    Raises
    ------
    DatasetError
        The catalogue is of a newer groove, or another groove is at work in a dataset with damage.
    StorageError
        There is no room to mend it.
    """
    check_call("verify", request, VerifyRequest, context)
    end = None if request.minutes is None else time.monotonic() + 60 * request.minutes
    found = Findings(context.monitor, end)
    rescued, n_adopted = _rescued(context), 0
    found.checked("catalogue")
    check_settings(context.catalog, found)
    if rescued is not None:
        for name in dataset_names(context.catalog):
            n_adopted += adopt_chunks(open_dataset(context.catalog, context.home, name))
    check_orphans(context.catalog, found)
    check_vectors(context.catalog, found)
    check_descriptions(context.catalog, found)
    check_models(context, found)
    if request.sample and not found.is_over:
        from groovecli.actions.verify.sample import check_sample  # imports torch

        check_sample(context, request.sample, found)
    check_chunks(context, found)
    summary = {"damaged": len(found.damaged) + (rescued is not None), "complete": found.is_complete}
    context.catalog.log_run("verify", summary)
    return Verified(
        rescued,
        found.n_checked,
        tuple(found.damaged),
        n_left=found.facts.get("n_chunks_left", 0),
        n_adopted=n_adopted,
        largest_difference=found.facts.get("largest_difference"),
        notes=tuple(found.notes),
        is_complete=found.is_complete,
    )


def _rescued(context: Context) -> Rescued | None:
    """Build the catalogue again if it is damaged."""
    path = context.home.catalog
    try:
        why = damage(path)
    except sqlite3.OperationalError as error:
        raise catalog_unusable(path, str(error)) from error
    return rescue(path, why) if why else None
