"""Features from a file, for the clips of datasets here that lack them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groovecli.actions.context import Context
from groovecli.audio.clips import Clip
from groovecli.datasets.cache import store_chunk
from groovecli.datasets.dataset import Dataset, open_dataset
from groovecli.datasets.tables import dataset_names
from groovecli.errors import UsageError
from groovecli.features.registry import FEATURES, feature
from groovecli.features.spec import AudioSpec, FeatureSpec
from groovecli.files import exclusive
from groovecli.library.archive import Archive

_DTYPES = {"u1", "f4"}


class Wanted:
    """What the datasets here lack: clips by the track and the place, for every feature of sound."""

    def __init__(self, context: Context) -> None:
        names = dataset_names(context.catalog)
        self.datasets = [open_dataset(context.catalog, context.home, name) for name in names]
        self._lacking: dict[tuple[str, str], dict[tuple[str, float], tuple[Clip, str]]] = {}

    def specs(self, dataset: Dataset) -> dict[str, FeatureSpec]:
        """The features that a dataset may have, by key."""
        specs: dict[str, FeatureSpec] = {}
        for name in FEATURES:
            try:
                spec = feature(name, dataset.settings.clip_s)
            except UsageError:  # it can't be of such clips
                continue
            if isinstance(spec, AudioSpec):
                specs[spec.key] = spec
        return specs

    def lacking(self, dataset: Dataset, key: str) -> dict[tuple[str, float], tuple[Clip, str]]:
        """The clips of a dataset that lack a feature, with their sides, by track and start (in seconds)."""
        found = self._lacking.get((dataset.name, key))
        if found is None:
            places = dataset.tables.places(key)
            found = {
                (item.clip.track_id, item.clip.start_s): (item.clip, item.side)
                for item in dataset.clips
                if item.problem is None and (item.clip.track_id, item.clip.index) not in places
            }
            self._lacking[dataset.name, key] = found
        return found


def read_features(part: Mapping[str, Any], archive: Archive) -> tuple[list[float], NDArray[Any]]:
    """Where the clips of a part begin (in seconds), and their features [shape=(n, ...)].

    Raises
    ------
    ValueError, DatasetError
        They are no features.
    """
    if part["dtype"] not in _DTYPES or not isinstance(part["feature"], str):
        raise ValueError("features are of an unknown type")
    starts: list[float] = archive.array(part["starts"], "<f8", (part["n"],)).tolist()
    return starts, archive.array(part["data"], f"<{part['dtype']}", (part["n"], *part["shape"]))


def merge_features(
    part: Mapping[str, Any], archive: Archive, ids: Sequence[str], wanted: Wanted
) -> tuple[int, int]:
    """Store a part's features where clips lack them: how many were, and how many nobody lacks.

    A chunk file of each genre and side is written whole, then entered, as when features are computed.
    """
    key, n = part["feature"], part["n"]
    starts, data = read_features(part, archive)
    used: set[int] = set()
    n_new = 0
    for dataset in wanted.datasets:
        spec = wanted.specs(dataset).get(key)
        if spec is None or spec.stored_shape != data.shape[1:] or np.dtype(spec.dtype) != data.dtype:
            continue
        lacking = wanted.lacking(dataset, key)
        folders: dict[tuple[str, str], list[tuple[Clip, int]]] = defaultdict(list)
        for row, place in enumerate(zip(ids, starts, strict=True)):
            if place in lacking:
                clip, side = lacking.pop(place)
                folders[dataset.songs[clip.track_id].genre, side].append((clip, row))
        for (genre, side), rows in folders.items():
            with exclusive(dataset.folder):
                clips, features = [clip for clip, _ in rows], [data[row] for _, row in rows]
                store_chunk(dataset, spec, (genre, side), clips, features)
            n_new += len(rows)
            used |= {row for _, row in rows}
    return n_new, n - len(used)
