"""Cached chunks as a torch Dataset of windows, and the stored arrays back to what a network eats."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from groovecli.datasets import splits
from groovecli.datasets.chunks import Chunk, read_chunk
from groovecli.datasets.splits import Member, Side, SplitBy
from groovecli.errors import DatasetError, UsageError
from groovecli.features.spec import FeatureSpec, ImageSpec, Stored
from groovecli.home import dataset_folder
from groovecli.library.catalog import Catalog, Place

Specs = tuple[FeatureSpec, ...]
Inputs = tuple[Tensor, ...]
"""One tensor a feature."""
Batch = tuple[Inputs, Tensor]


@dataclass(frozen=True)
class Example:
    """A clip that is in the cache: its song, its genre, and the place of each of its features."""

    track_id: str
    index: int
    genre: str
    places: tuple[Place, ...]

    @property
    def key(self) -> str:
        """Name of the clip."""
        return f"{self.track_id}:{self.index:05d}"


def examples(catalog: Catalog, dataset: str, specs: Specs, side: str | None) -> list[Example]:
    """The usable clips of one side of a dataset, or of all, by track and clip.

    Where all features are of whole songs, a song's first clip stands for it.
    """
    songs = catalog.songs(dataset)
    tables = [catalog.places(dataset, spec.fingerprint) for spec in specs]
    whole_songs = all(spec.per_song for spec in specs)
    found = []
    for item in catalog.clips(dataset):
        track_id, index = item.clip.track_id, item.clip.index
        if item.problem is not None or side not in (None, item.side) or (whole_songs and index):
            continue
        keys = ((track_id, 0 if spec.per_song else index) for spec in specs)
        places = [table.get(key) for table, key in zip(tables, keys, strict=True)]
        there = tuple(place for place in places if place is not None)
        if len(there) == len(specs):
            found.append(Example(track_id, index, songs[track_id].genre, there))
    return found


def part(clips: Sequence[Example], k: int, n: int, *, seed: int) -> list[Example]:
    """The k-th of n equal parts of the clips, drawn at random within each genre.

    Raises
    ------
    UsageError
        There is no such part.
    """
    if not 1 <= k <= n:
        raise UsageError(f"--part {k}/{n} makes no sense", "give K/N with K from 1 to N")
    rng = np.random.default_rng(seed)
    by_genre: dict[str, list[Example]] = defaultdict(list)
    for clip in clips:
        by_genre[clip.genre].append(clip)
    chosen = []
    for genre in sorted(by_genre):
        order = rng.permutation(len(by_genre[genre]))
        chosen += [by_genre[genre][int(i)] for i in order[k - 1 :: n]]
    return sorted(chosen, key=lambda clip: clip.key)


def artists(catalog: Catalog, dataset: str) -> dict[str, str]:
    """The artist's group of each song of a dataset, by track id; a song without one is its own."""
    return {song: splits.group_of(found[0], "artist") for song, found in catalog.tracks(dataset).items()}


def held_out(
    catalog: Catalog,
    dataset: str,
    clips: Sequence[Example],
    by: SplitBy,
    share: float,
    *,
    seed: int,
    fixed: Mapping[str, Side] | None = None,
) -> tuple[list[Example], list[Example]]:
    """Clips for training and clips held out, drawn by song, album or artist, or by clip.

    A group whose genre would have nothing left to train on, or that is all there is of it, stays
    in training whole. `fixed` has the sides of songs that a model has seen already: what it was
    trained on can't validate what it becomes.
    """
    tracks = catalog.tracks(dataset)
    members = {}
    for clip in clips:
        if by == "clip":
            group, key = clip.key, clip.key
        else:
            found = tracks.get(clip.track_id)
            group = splits.group_of(found[0], by) if found else f"song:{clip.track_id}"
            key = clip.track_id
        members[key] = Member(key, clip.genre, group)
    split = splits.draw(members.values(), test_share=share, seed=seed, fixed=fixed)
    indivisible = {m.group for m in members.values() if m.genre in split.one_sided}
    drawn = {key for key, m in members.items() if split.sides[key] == "test" and m.group not in indivisible}
    chosen = {clip for clip in clips if (clip.key if by == "clip" else clip.track_id) in drawn}
    return [clip for clip in clips if clip not in chosen], [clip for clip in clips if clip in chosen]


class WindowDataset(Dataset[Batch]):
    """Windows of cached clips with their genres' numbers; batches are read from memory maps.

    Parameters
    ----------
    dataset : str
        The dataset's name.
    clips : sequence of Example
        Which clips, in order; clip i has windows i * n_windows and following.
    specs : tuple of FeatureSpec
        The features of each clip, in the order of the network's inputs.
    genres : sequence of str
        Genres in the order of their numbers; a clip of none of them is numbered -1.
    windows : np.ndarray of int, optional
        The windows that are items; all where it is left out.
    """

    def __init__(
        self,
        dataset: str,
        clips: Sequence[Example],
        specs: Specs,
        genres: Sequence[str],
        windows: NDArray[np.int64] | None = None,
    ) -> None:
        self.clips = clips
        self.specs = specs
        self.n_windows = max(spec.n_windows for spec in specs)
        self.windows = np.arange(len(clips) * self.n_windows) if windows is None else windows
        self.clip_numbers = self.windows // self.n_windows
        numbers = {genre: number for number, genre in enumerate(genres)}
        clip_labels = np.array([numbers.get(clip.genre, -1) for clip in clips], np.int64)
        self.labels = clip_labels[self.clip_numbers]
        self._folder = dataset_folder(dataset)

    def __len__(self) -> int:
        return len(self.windows)

    def __getitem__(self, index: int) -> Batch:
        inputs, labels = self.__getitems__([index])
        return tuple(one[0] for one in inputs), labels[0]

    def __getitems__(self, indices: Sequence[int]) -> Batch:
        """Items by number: for each feature (n, *window), and labels (n,)."""
        chosen = self.windows[np.asarray(indices)]
        inputs = tuple(self._batch(number, chosen) for number in range(len(self.specs)))
        return inputs, torch.from_numpy(self.labels[np.asarray(indices)])

    def _batch(self, number: int, windows: NDArray[np.int64]) -> Tensor:
        """The windows of one of the features; the only window where it has no more."""
        spec = self.specs[number]
        pairs = ((int(w) // self.n_windows, int(w) % self.n_windows) for w in windows)
        last = spec.n_windows - 1
        return torch.from_numpy(
            np.stack([spec.window(self.stored(clip, number), min(w, last)) for clip, w in pairs])
        )

    def stored(self, clip_number: int, number: int) -> Stored:
        """The cached array of a clip, of one of the features."""
        clip = self.clips[clip_number]
        place = clip.places[number]
        chunk = self._chunk(place.chunk, self.specs[number])
        is_there = place.row < len(chunk.tracks) and chunk.tracks[place.row] == clip.track_id.encode()
        if not is_there:
            raise _unfit(self._folder / place.chunk, f"does not have clip {clip.key} in row {place.row}")
        stored: Stored = chunk.features[place.row]
        return stored

    def _chunk(self, name: str, spec: FeatureSpec) -> Chunk:
        if name not in self._open:
            self._open[name] = _checked(self._folder / name, spec)
        return self._open[name]

    @cached_property
    def _open(self) -> dict[str, Chunk]:
        return {}

    def loader(
        self,
        batch_size: int,
        *,
        order: NDArray[np.int64] | None = None,
        shuffle_seed: int | None = None,
        pin: bool = False,
    ) -> DataLoader[Batch]:
        """Batches of all items, or of those in `order`; shuffled by a seed where one is given."""
        generator = None if shuffle_seed is None else torch.Generator().manual_seed(shuffle_seed)
        return DataLoader(
            self,
            batch_size=batch_size,
            sampler=None if order is None else order.tolist(),
            shuffle=generator is not None,
            generator=generator,
            collate_fn=_as_it_is,
            pin_memory=pin,
        )


def _checked(path: Path, spec: FeatureSpec) -> Chunk:
    chunk = read_chunk(path)
    if chunk.features.shape[1:] != spec.stored_shape or chunk.features.dtype != spec.dtype:
        found = f"{chunk.features.dtype} features of shape {chunk.features.shape[1:]}"
        raise _unfit(path, f"holds {found}, not {np.dtype(spec.dtype)} of {spec.stored_shape}")
    return chunk


def _unfit(path: Path, what: str) -> DatasetError:
    return DatasetError(f"{path} {what}", "delete it and run `groove ingest` again")


def _as_it_is(batch: Any) -> Any:
    return batch


def to_inputs(stored: Sequence[Tensor], specs: Specs) -> Inputs:
    """Cached windows to a network's inputs, on the device that holds them.

    Parameters
    ----------
    stored : sequence of Tensor [shape=(batch, *window)]
        One a feature, as `WindowDataset` gives them.

    Returns
    -------
    inputs : tuple of Tensor [shape=(batch, *spec.input_shape), dtype=float32]
    """
    return tuple(
        _to_image(tensor, spec) if isinstance(spec, ImageSpec) else tensor.float()
        for tensor, spec in zip(stored, specs, strict=True)
    )


def _to_image(codes: Tensor, spec: ImageSpec) -> Tensor:
    """Bytes (batch, bands, frames) -> values (batch, 1, bands, frames), scaled as the spec says."""
    if spec.scale == "unit":
        return codes.float().mul_(1 / 255).unsqueeze(1)
    x = codes.float().mul_((spec.high - spec.low) / 255).add_(spec.low)
    if spec.scale == "mean":
        mean = x.mean(dim=(1, 2), keepdim=True)
        x = x / torch.where(mean == 0, torch.ones_like(mean), mean)
    return x.unsqueeze(1)
