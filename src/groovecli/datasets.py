"""Cached chunks as a torch Dataset of windows, and the bytes back to what a network eats."""

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

from groovecli import splits
from groovecli.catalog import Catalog, Place
from groovecli.chunks import Chunk, read_chunk
from groovecli.errors import DatasetError, UsageError
from groovecli.features.spec import FeatureSpec
from groovecli.paths import dataset_folder
from groovecli.splits import Member, Side, SplitBy

Batch = tuple[Tensor, Tensor]


@dataclass(frozen=True)
class Example:
    """A clip that is in the cache: its song, genre and place."""

    track_id: str
    index: int
    genre: str
    place: Place

    @property
    def key(self) -> str:
        """Name of the clip."""
        return f"{self.track_id}:{self.index:05d}"


def examples(catalog: Catalog, dataset: str, spec: FeatureSpec, side: str) -> list[Example]:
    """The usable clips of one side of a dataset, by track and clip."""
    songs = catalog.songs(dataset)
    places = catalog.places(dataset, spec.fingerprint)
    found = []
    for item in catalog.clips(dataset):
        place = places.get((item.clip.track_id, item.clip.index))
        if item.side == side and item.problem is None and place is not None:
            genre = songs[item.clip.track_id].genre
            found.append(Example(item.clip.track_id, item.clip.index, genre, place))
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
    """Clips for training and for validation, drawn by song, album or artist, or by clip.

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
        Which clips, in order; clip i gives items i * n_windows and following.
    genres : sequence of str
        Genres in the order of their numbers; a clip of none of them is numbered -1.
    """

    def __init__(
        self, dataset: str, clips: Sequence[Example], spec: FeatureSpec, genres: Sequence[str]
    ) -> None:
        self.clips = clips
        self.spec = spec
        numbers = {genre: number for number, genre in enumerate(genres)}
        self.labels = np.array([numbers.get(clip.genre, -1) for clip in clips], np.int64)
        self._folder = dataset_folder(dataset)

    def __len__(self) -> int:
        return len(self.clips) * self.spec.n_windows

    def __getitem__(self, index: int) -> Batch:
        codes, labels = self.__getitems__([index])
        return codes[0], labels[0]

    def __getitems__(self, indices: Sequence[int]) -> Batch:
        """Items by number: codes (n, bands, frames), labels (n,)."""
        n_windows = self.spec.n_windows
        codes = np.stack([self._clip(i // n_windows)[i % n_windows] for i in indices])
        labels = self.labels[np.asarray(indices) // n_windows]
        return torch.from_numpy(codes), torch.from_numpy(labels)

    def _clip(self, number: int) -> NDArray[np.uint8]:
        clip, place = self.clips[number], self.clips[number].place
        chunk = self._chunks(place.chunk)
        is_there = place.row < len(chunk.tracks) and chunk.tracks[place.row] == clip.track_id.encode()
        if not is_there:
            raise _unfit(self._folder / place.chunk, f"does not have clip {clip.key} in row {place.row}")
        features: NDArray[np.uint8] = chunk.features[place.row]
        return features

    def _chunks(self, name: str) -> Chunk:
        if name not in self._open:
            self._open[name] = self._checked(self._folder / name)
        return self._open[name]

    @cached_property
    def _open(self) -> dict[str, Chunk]:
        return {}

    def _checked(self, path: Path) -> Chunk:
        chunk = read_chunk(path)
        if chunk.features.shape[1:] != self.spec.shape or chunk.features.dtype != np.uint8:
            found = f"{chunk.features.dtype} features of shape {chunk.features.shape[1:]}"
            raise _unfit(path, f"holds {found}, not uint8 of {self.spec.shape}")
        return chunk

    def loader(
        self, batch_size: int, *, shuffle_seed: int | None = None, pin: bool = False
    ) -> DataLoader[Batch]:
        """Batches in order, or shuffled by a seed."""
        generator = None if shuffle_seed is None else torch.Generator().manual_seed(shuffle_seed)
        return DataLoader(
            self,
            batch_size=batch_size,
            shuffle=generator is not None,
            generator=generator,
            collate_fn=_as_it_is,
            pin_memory=pin,
        )


def _unfit(path: Path, what: str) -> DatasetError:
    return DatasetError(f"{path} {what}", "delete it and run `groove ingest` again")


def _as_it_is(batch: Any) -> Any:
    return batch


def to_input(codes: Tensor, spec: FeatureSpec) -> Tensor:
    """Cached bytes to a network's input, on the device that holds them.

    Parameters
    ----------
    codes : Tensor [shape=(batch, bands, frames), dtype=uint8]

    Returns
    -------
    x : Tensor [shape=(batch, 1, bands, frames), dtype=float32]
        Values in [spec.low, spec.high], or those divided by each image's own mean.
    """
    x = codes.float().mul_((spec.high - spec.low) / 255).add_(spec.low)
    if spec.divide_by_mean:
        mean = x.mean(dim=(1, 2), keepdim=True)
        x = x / torch.where(mean == 0, torch.ones_like(mean), mean)
    return x.unsqueeze(1)
