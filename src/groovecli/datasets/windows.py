"""Cached chunks as a torch Dataset of windows, and stored arrays back to a network's input."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from groovecli.datasets.chunks import Chunk, read_chunk
from groovecli.datasets.examples import Example
from groovecli.features.spec import FeatureSpec, Stored
from groovecli.messages.datasets import chunk_of_other_features, clip_not_in_chunk
from groovecli.networks.inputs import Inputs, Specs

Batch = tuple[Inputs, Tensor]


class WindowDataset(Dataset[Batch]):
    """Windows of cached clips with their genres' numbers; batches are read from memory maps.

    Parameters
    ----------
    folder : Path
        Where the dataset's chunk files lie.
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
        folder: Path,
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
        self._folder = folder

    def __len__(self) -> int:
        return len(self.windows)

    def __getitem__(self, index: int) -> Batch:
        inputs, labels = self.__getitems__([index])
        return tuple(one[0] for one in inputs), labels[0]

    def __getitems__(self, indices: Sequence[int] | NDArray[np.int64]) -> Batch:
        """Items by number: for each feature (n, *window), and labels (n,)."""
        chosen = self.windows[np.asarray(indices)]
        inputs = tuple(self._batch(number, chosen) for number in range(len(self.specs)))
        return inputs, torch.from_numpy(self.labels[np.asarray(indices)])

    def _batch(self, number: int, windows: NDArray[np.int64]) -> Tensor:
        """The windows of one of the features; the same window again if there is only one."""
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
            raise clip_not_in_chunk(self._folder / place.chunk, clip.key, place.row)
        stored: Stored = chunk.features[place.row]
        return stored

    def _chunk(self, name: str, spec: FeatureSpec) -> Chunk:
        if name not in self._open:
            self._open[name] = _checked(self._folder / name, spec)
        return self._open[name]

    @cached_property
    def _open(self) -> dict[str, Chunk]:
        return {}


def _checked(path: Path, spec: FeatureSpec) -> Chunk:
    chunk = read_chunk(path)
    dtype, shape = chunk.features.dtype, chunk.features.shape[1:]
    if shape != spec.stored_shape or dtype != spec.dtype:
        wanted = str(np.dtype(spec.dtype)), spec.stored_shape
        raise chunk_of_other_features(path, (str(dtype), shape), wanted)
    return chunk
