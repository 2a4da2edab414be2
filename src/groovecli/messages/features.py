"""What goes wrong with features and word vectors."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from groovecli.errors import DatasetError, GrooveError, ModelError, UsageError

_GET_VECTORS = "train the model again, or copy that file from the computer where it was trained"


def no_such_feature(name: str, features: Sequence[str]) -> UsageError:
    """There is no feature of that name; `features` are those that there are."""
    return UsageError(f"there is no feature {name!r}", f"choose from {', '.join(features)}")


def clip_length_refused(clip_s: float, shortest_s: float, longest_s: float) -> UsageError:
    """No feature can be of clips so short, or so long."""
    return UsageError(
        f"--clip-seconds must be from {shortest_s:g} to {longest_s:g}, not {clip_s:g}",
        "leave it out for 30 s",
    )


def clip_shorter_than_window(feature: str, clip_s: float, window_s: float) -> UsageError:
    """A feature's window does not fit into a clip."""
    return UsageError(
        f"{feature} needs clips of {window_s:g} s or more, not {clip_s:g} s",
        f"add `--clip-seconds {window_s:g}`",
    )


# Word vectors


def no_gensim() -> GrooveError:
    """The package that reads word vectors is not installed."""
    return GrooveError("reading word vectors needs the package gensim", "install it: `pip install gensim`")


def no_stemmer() -> GrooveError:
    """The package that makes stems of words is not installed."""
    return GrooveError(
        "musiXmatch's lyrics need the package PyStemmer", "install it: `pip install PyStemmer`"
    )


def unreadable_vectors(path: Path, reason: str) -> DatasetError:
    """A file is of no format of word vectors, or is damaged."""
    return DatasetError(
        f"{path} can't be read as word vectors: {reason}",
        "give a word2vec file (.bin, .bin.gz or text) or a GloVe text file, in UTF-8 and unpacked",
    )


def vectors_missing(id: str) -> ModelError:
    """A model was trained with word vectors that are not stored on this machine."""
    return ModelError(f"the model needs the word vectors {id}, which are not here", _GET_VECTORS)


def vectors_damaged(path: Path, reason: str) -> ModelError:
    """Stored word vectors are not what was stored."""
    return ModelError(f"the word vectors {path} are damaged: {reason}", _GET_VECTORS)
