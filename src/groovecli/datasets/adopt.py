"""Chunk files that the catalogue lost: their features are entered again where their clips are known."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from groovecli.audio.clips import Clip
from groovecli.datasets.chunks import read_chunk
from groovecli.datasets.dataset import Dataset
from groovecli.errors import DatasetError
from groovecli.files import exclusive


def adopt_chunks(dataset: Dataset) -> int:
    """Enter the chunk files below a dataset's folder that the catalogue doesn't know; how many.

    A file that can't be read, or that has a clip that the dataset lacks, stays out.
    """
    known = {(item.clip.track_id, item.clip.index) for item in dataset.clips}
    n_adopted = 0
    with exclusive(dataset.folder):
        taken = dataset.tables.chunks()
        for path in _files(dataset.folder):
            chunk = path.relative_to(dataset.folder).as_posix()
            clips = [] if chunk in taken else _clips(path)
            if clips and all((clip.track_id, clip.index) in known for clip in clips):
                dataset.tables.add_chunk(chunk.partition("/")[0], chunk, clips)
                n_adopted += 1
    return n_adopted


def _files(folder: Path) -> Iterator[Path]:
    for where, _, names in sorted(os.walk(folder)):
        yield from (Path(where) / name for name in sorted(names) if name.endswith(".pkl"))


def _clips(path: Path) -> list[Clip]:
    """The clips of a chunk file; none where it can't be read."""
    try:
        chunk = read_chunk(path)
    except DatasetError:
        return []
    ids = np.char.decode(chunk.tracks, "ascii", "replace").tolist()
    return [Clip(track, index, 0.0) for track, index in zip(ids, chunk.indices.tolist(), strict=True)]
