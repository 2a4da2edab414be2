"""Features of datasets that no model needs: they are computed again from the songs if one does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from groovecli.actions.clean.item import Item, Kind
from groovecli.actions.context import Context
from groovecli.datasets.tables import Tables, dataset_names
from groovecli.errors import GrooveError
from groovecli.files import exclusive, size_of, storage_errors
from groovecli.networks.registry import NETWORKS
from groovecli.training.resume import STATE, load_state

_WHY = "no model of yours needs it; computed again when one does"


def _found(context: Context, dataset: str | None) -> Iterator[Item]:
    names = dataset_names(context.catalog) if dataset is None else [dataset]
    for name in names:
        needed = _needed(context, name)
        tables, folder = Tables(context.catalog, name), context.home.dataset(name)
        chunks = tables.chunks()
        for key in tables.cached_features():
            own = [chunk for chunk in chunks if chunk.startswith(f"{key}/")]
            if not needed & {key, _name(key)}:
                size = sum(size_of(folder / chunk) for chunk in own)
                yield Item("features", f"{name}/{key}", size, _WHY, len(own), folder / key)


def _name(key: str) -> str:
    """The feature's name in its key."""
    return key.rpartition("-")[0]


def _needed(context: Context, dataset: str) -> set[str]:
    """Keys of the features that a dataset's models have as input, and names of a stopped training's."""
    models = [model.description for model in context.shelf.trained()]
    needed = {spec.key for each in models if each.dataset == dataset for spec in each.features}
    for folder in (context.home.models, context.home.comparisons):
        for path in folder.glob(f"**/{STATE}"):
            with suppress(GrooveError):  # one that can't be read can't go on either
                request = load_state(path).request
                if request.get("dataset") == dataset and request.get("network") in NETWORKS:
                    needed |= set(NETWORKS[request["network"]].features)
    return needed


def _remove(context: Context, item: Item) -> int:
    """Forget first: a chunk file that nobody knows of costs only its room."""
    name, _, key = item.name.partition("/")
    tables, folder = Tables(context.catalog, name), context.home.dataset(name)
    with exclusive(folder):
        own = [chunk for chunk in tables.chunks() if chunk.startswith(f"{key}/")]
        sizes = sum(size_of(folder / chunk) for chunk in own)
        tables.forget_chunks(own)
        with storage_errors(folder):
            for chunk in own:
                (folder / chunk).unlink(missing_ok=True)
    return sizes


FEATURES = Kind("features", True, _found, _remove)
