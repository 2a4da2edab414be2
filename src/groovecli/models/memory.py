"""The songs that a head was fitted to, as vectors, kept beside its model.

With them another genre can be added and the old ones are learnt again, not forgotten; and a song that
is like none of them can be told.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from groovecli.files import atomic_writer, sha256_hex
from groovecli.messages.models import memory_damaged

MEMORY = "songs.npz"
_LARGEST = 1 << 30


@dataclass(frozen=True)
class Memory:
    """Songs with their genres.

    vectors : np.ndarray [shape=(n, dim), dtype=float32]
        The means of the embeddings of their windows.
    genres : np.ndarray of str [shape=(n,)]
    artists : np.ndarray of str [shape=(n,)]
        A hash of what a fold has to keep together: the artist, else the song.
    """

    vectors: NDArray[np.float32]
    genres: NDArray[np.str_]
    artists: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.genres)

    def labels(self, genres: tuple[str, ...]) -> NDArray[np.int64]:
        """Numbers of the songs' genres in `genres`; -1 of others."""
        numbers = {genre: number for number, genre in enumerate(genres)}
        return np.array([numbers.get(str(genre), -1) for genre in self.genres], np.int64)

    def joined(self, other: Memory) -> Memory:
        """The songs of both."""
        return Memory(
            np.concatenate([self.vectors, other.vectors]),
            np.concatenate([self.genres, other.genres]),
            np.concatenate([self.artists, other.artists]),
        )


def artist_hash(name: str) -> str:
    """A short name for an artist that does not tell who it is."""
    return sha256_hex(name.encode("utf-8", "surrogateescape"), 12)


def write_memory(folder: Path, memory: Memory) -> None:
    """Write a model's songs beside it, at half precision."""
    with atomic_writer(folder / MEMORY) as file:
        np.savez(
            file,
            vectors=memory.vectors.astype(np.float16),
            genres=memory.genres.astype(np.str_),
            artists=memory.artists.astype(np.str_),
        )


def forget(folder: Path) -> None:
    """Delete the songs beside a model whose weights are no longer those that heard them."""
    (folder / MEMORY).unlink(missing_ok=True)


def read_memory(folder: Path, dim: int) -> Memory | None:
    """The songs beside a model whose embeddings have `dim` numbers; None where there are none.

    Raises
    ------
    ModelError
        The file is damaged or is no memory of such a model.
    """
    path = folder / MEMORY
    if not path.exists():
        return None
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(member.file_size for member in archive.infolist()) > _LARGEST:
                raise ValueError("it is too large")
        with np.load(path, allow_pickle=False) as file:
            vectors, genres, artists = (file[name] for name in ("vectors", "genres", "artists"))
        fits = vectors.ndim == 2 and vectors.shape == (len(genres), dim) and len(artists) == len(genres)
        if not fits or vectors.dtype.kind != "f" or genres.dtype.kind != "U" or artists.dtype.kind != "U":
            raise ValueError("its tables do not fit")
        if not np.isfinite(vectors).all():
            raise ValueError("some of its numbers are not finite")
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise memory_damaged(path, str(error)) from error
    return Memory(vectors.astype(np.float32), genres, artists)
