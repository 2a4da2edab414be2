"""Songs whose files are gone: forgotten, where that is no drive that is not connected."""

from __future__ import annotations

from collections.abc import Iterator

from groovecli.actions.clean.item import Item, Kind
from groovecli.actions.context import Context
from groovecli.datasets.dataset import open_dataset
from groovecli.datasets.forget import forget, songs_only_in
from groovecli.datasets.tables import dataset_names
from groovecli.files import size_of
from groovecli.library.gone import forget_gone, gone_files
from groovecli.messages.words import count


def _found(context: Context, dataset: str | None) -> Iterator[Item]:
    """One item for each library; without files where a dataset is named, whose files these need not be."""
    for each in gone_files(context.catalog) if dataset is None else ():
        gone = f"{count(len(each.paths), 'file')} of {each.n_known:,} gone" if each.paths else ""
        n_taught = len(songs_only_in(context.catalog, each.paths))
        gone += (
            f"; {count(n_taught, 'song')} of datasets go too, with side and features" if n_taught else ""
        )
        moved = f"{count(len(each.moved), 'old path')} of songs that moved" if each.moved else ""
        why, n = ", ".join(filter(None, (gone, moved))), len(each.paths) + len(each.moved)
        yield Item("missing", str(each.root), 0, why, n, each.root, each.paths, each.doubt, each.moved)


def _remove(context: Context, item: Item) -> int:
    before = size_of(context.home.folder / "datasets")
    lost = set(forget_gone(context.catalog, (*item.files, *item.moved)))
    for name in dataset_names(context.catalog):
        dataset = open_dataset(context.catalog, context.home, name)
        own = lost & set(dataset.songs)
        if own:
            forget(dataset, sorted(own))
    return max(0, before - size_of(context.home.folder / "datasets"))


MISSING = Kind("missing", True, _found, _remove)
