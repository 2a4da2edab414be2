"""Models that a newer one stands in for, damaged ones, and the models of comparisons."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from groovecli.actions.clean.item import Item, Kind
from groovecli.actions.context import Context
from groovecli.files import size_of, storage_errors
from groovecli.models.file import StoredModel


def _old(context: Context, dataset: str | None) -> Iterator[Item]:
    """Models that do not serve, where a newer one learnt the same genres of the same dataset."""
    shelf = context.shelf
    serving = shelf.serving()
    chosen = {serving.choice.classify, serving.choice.embed}
    newest: dict[tuple[object, ...], StoredModel] = {}
    for model in shelf.trained():  # the latest first
        about = model.description
        if dataset not in (None, about.dataset):
            continue
        newer = newest.setdefault((about.network, about.dataset, about.genres), model)
        if newer is not model and model.name not in chosen and not serving.uses_of(model):
            folder = model.path.parent
            yield Item("old-models", model.name, size_of(folder), f"{newer.name} is newer", path=folder)


def _remove_model(context: Context, item: Item) -> int:
    context.shelf.remove(item.name)
    return item.size


def _comparisons(context: Context, dataset: str | None) -> Iterator[Item]:
    """What `compare` and `leakage` trained; of one dataset by the folders' names."""
    folder = context.home.comparisons
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        of_dataset = path.name.removeprefix("honest-").rpartition("-")[0]
        if path.is_dir() and dataset in (None, of_dataset):
            why = "the same comparison would train its networks again"
            yield Item("comparisons", path.name, size_of(path), why, _n_rows(path), path)


def _n_rows(folder: Path) -> int:
    return sum(path.is_dir() for path in folder.iterdir())


def _remove_comparison(_: Context, item: Item) -> int:
    assert item.path is not None
    with storage_errors(item.path):
        shutil.rmtree(item.path)
    return item.size


MODELS = Kind("old-models", True, _old, _remove_model)
COMPARISONS = Kind("comparisons", True, _comparisons, _remove_comparison)
