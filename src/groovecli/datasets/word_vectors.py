"""The word vectors that turn a dataset's lyrics into numbers."""

from __future__ import annotations

from pathlib import Path

from groovecli.audio.lyrics import Bag
from groovecli.datasets.dataset import Dataset
from groovecli.datasets.lyrics import update_lyrics, words_of
from groovecli.features.word_vectors import WordVectors, learnt, read_vectors, store
from groovecli.monitor import SILENT, Monitor

WIDTH = 100


def word_vectors(
    dataset: Dataset, path: Path | None, *, jobs: int = 0, monitor: Monitor = SILENT
) -> WordVectors:
    """The vectors of a word2vec or GloVe file, or, without one, learnt from a dataset's training songs.

    They are stored below groove's home, where models that read lyrics find them again. Of a data set whose
    lyrics are stems, a file's words become stems too.

    Raises
    ------
    DatasetError
        The file is of another format or encoding.
    Interrupted
        The user stopped it.
    """
    if path is not None:
        vectors = read_vectors(path)
        vectors = vectors.by_stem() if dataset.settings.origin.has_stems else vectors
    else:
        vectors = learnt(bags(dataset, "train", jobs=jobs, monitor=monitor), WIDTH)
    store(dataset.home.vectors, vectors)
    return vectors


def bags(dataset: Dataset, side: str, *, jobs: int = 0, monitor: Monitor = SILENT) -> list[Bag]:
    """The words of the songs on one side that have any."""
    update_lyrics(dataset, jobs=jobs, monitor=monitor)
    return list(
        words_of(dataset, (s.track_id for s in dataset.songs.values() if s.side in (side, "both"))).values()
    )
