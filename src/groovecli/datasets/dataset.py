"""A dataset, read from the catalogue once and passed on as a value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from groovecli.datasets.groups import grouped
from groovecli.datasets.tables import DatasetSettings, SideClip, Song, Tables, dataset_names
from groovecli.home import Home, checked_name
from groovecli.library.catalog import Catalog
from groovecli.library.tracks import Track
from groovecli.messages.datasets import no_such_dataset


@dataclass(frozen=True)
class Dataset:
    """A dataset's content when it was read; `reread` gives its content after a change.

    Parameters
    ----------
    songs : mapping of track id to Song
    tracks : mapping of track id to sequence of Track
        The files that are known for each song, at least one.
    tables : Tables
        Where changes are stored.
    """

    home: Home
    settings: DatasetSettings
    songs: Mapping[str, Song]
    tracks: Mapping[str, Sequence[Track]]
    tables: Tables = field(repr=False)

    @property
    def name(self) -> str:
        """The dataset's name."""
        return self.settings.name

    @property
    def folder(self) -> Path:
        """The folder of its chunk files."""
        return self.home.dataset(self.name)

    @cached_property
    def clips(self) -> Sequence[SideClip]:
        """By track and number, those that can't be used included; read when they are first asked for.

        A large library has millions: where a number or a few are enough, ask `tables`.
        """
        return tuple(self.tables.clips())

    @cached_property
    def artists(self) -> dict[str, str]:
        """The artist's group of each song, by track id; a song without one is its own."""
        songs = {key: (files[0], self.songs[key].genre) for key, files in self.tracks.items()}
        return dict(grouped(songs, "artist").of)

    def reread(self) -> Dataset:
        """The same dataset as the catalogue has it now."""
        return read_dataset(self.tables.catalog, self.home, self.settings)


def read_dataset(
    catalog: Catalog, home: Home, settings: DatasetSettings, read: Iterable[Track] = ()
) -> Dataset:
    """A dataset of these settings, empty where the catalogue has none of its name.

    Tracks that were `read` from the catalogue already are taken as they are.
    """
    tables = Tables(catalog, settings.name)
    songs = tables.songs()
    return Dataset(home, settings, songs, catalog.tracks(songs, read), tables)


def open_dataset(catalog: Catalog, home: Home, name: str) -> Dataset:
    """A dataset that must exist.

    Raises
    ------
    DatasetError
        There is no such dataset.
    """
    settings = Tables(catalog, checked_name(name, "dataset")).settings()
    if settings is None:
        raise no_such_dataset(name, dataset_names(catalog))
    return read_dataset(catalog, home, settings)
