"""The lyrics of a dataset's songs, and the word vectors that turn them into numbers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from groovecli.audio.lyrics import Bag, read_lyrics
from groovecli.datasets.dataset import Dataset
from groovecli.features.word_vectors import WordVectors, learnt, read_vectors, store
from groovecli.monitor import SILENT, Monitor
from groovecli.workers.pool import imap

WIDTH = 100


def word_vectors(
    dataset: Dataset, path: Path | None, *, jobs: int = 0, monitor: Monitor = SILENT
) -> WordVectors:
    """The vectors of a word2vec or GloVe file, or, without one, learnt from a dataset's training songs.

    They are stored below groove's home, where models that eat lyrics find them again.

    Raises
    ------
    DatasetError
        The file is of another format or encoding.
    """
    if path is not None:
        vectors = read_vectors(path)
    else:
        vectors = learnt(bags(dataset, "train", jobs=jobs, monitor=monitor), WIDTH)
    store(dataset.home.vectors, vectors)
    return vectors


def bags(dataset: Dataset, side: str, *, jobs: int = 0, monitor: Monitor = SILENT) -> list[Bag]:
    """The words of the songs on one side that have any: the catalogue's, else the files'."""
    known = dataset.tables.catalog.lyrics(dataset.songs)
    songs = [s.track_id for s in dataset.songs.values() if s.side in (side, "both")]
    tracks = dataset.tracks
    unread = [
        tracks[track_id][0].path for track_id in songs if track_id in tracks and track_id not in known
    ]
    read_bags: Sequence[Bag] = list(
        imap(
            read_lyrics,
            unread,
            n_items=len(unread),
            jobs=jobs,
            stage="read lyrics",
            monitor=monitor,
            n_before=sum(track_id in known for track_id in songs),
        )
    )
    return [bag for bag in (*(known[t] for t in songs if t in known), *read_bags) if bag]
