"""Word vectors: learnt from a library's own lyrics, or read from a word2vec or GloVe file."""

from __future__ import annotations

import gzip
import json
import logging
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from groovecli.features.stems import stems_of
from groovecli.files import write_bytes
from groovecli.messages.features import no_gensim, unreadable_vectors, vectors_damaged, vectors_missing

Bag = Mapping[str, int]  # word -> occurrences
Vectors = NDArray[np.float32]

_MIN_SONGS = 2  # in which a word has to occur: what is in one song alone says nothing of others
_MOST_WORDS = 20_000
_HEADER = "groove_words"


@dataclass(frozen=True)
class Coverage:
    """How many songs with words have a word with a vector, and how many occurrences of words have one."""

    n_songs: int
    n_known_songs: int
    n_words: int
    n_known_words: int

    @property
    def song_share(self) -> float | None:
        """Of the songs with words, in 0..1; None where there are none."""
        return self.n_known_songs / self.n_songs if self.n_songs else None

    @property
    def word_share(self) -> float | None:
        """Of all occurrences of words, in 0..1; None where there are none."""
        return self.n_known_words / self.n_words if self.n_words else None


@dataclass(frozen=True, eq=False)
class WordVectors:
    """Words, and as many vectors (n, width) float32."""

    words: tuple[str, ...]
    vectors: Vectors

    @property
    def width(self) -> int:
        """Length of a vector."""
        return int(self.vectors.shape[1])

    @cached_property
    def id(self) -> str:
        """16 hexadecimal digits that change with any word and any number."""
        hashed = sha256(json.dumps([self.words, self.vectors.shape]).encode())
        hashed.update(np.ascontiguousarray(self.vectors, "<f4").data)
        return hashed.hexdigest()[:16]

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {word: row for row, word in enumerate(self.words)}

    def mean(self, bag: Bag) -> Vectors:
        """The sum of the vectors of a bag's words, each weighted by its share of all occurrences.

        Words without a vector add nothing: (width,), all zero where none has one (Lengyel et al.,
        "Understanding Music with Deep Learning", Lyrics).
        """
        n_all = sum(bag.values())
        shares = {self._rows[word]: n / n_all for word, n in bag.items() if word in self._rows}
        rows = sorted(shares)  # sums in one order, however the bag is sorted
        weights = np.array([shares[row] for row in rows])
        return (weights @ self.vectors[rows]).astype(np.float32)

    def coverage(self, bags: Iterable[Bag]) -> Coverage:
        """How much of songs' words has a vector that is not zero; a bag without words doesn't count."""
        known = {self.words[row] for row in np.flatnonzero(self.vectors.any(axis=1))}
        n_songs = n_known_songs = n_words = n_known_words = 0
        for bag in filter(None, bags):
            n_known = sum(n for word, n in bag.items() if word in known)
            n_songs += 1
            n_known_songs += n_known > 0
            n_words += sum(bag.values())
            n_known_words += n_known
        return Coverage(n_songs, n_known_songs, n_words, n_known_words)

    def by_stem(self) -> WordVectors:
        """Vectors of the stems that musiXmatch's bags hold: each is that of the word it stands for.

        Raises
        ------
        GrooveError
            The package PyStemmer is missing.
        """
        rows = {stem: self._rows[word] for stem, word in stems_of(self.words).items()}
        stems = sorted(rows, key=lambda stem: rows[stem])
        return WordVectors(tuple(stems), self.vectors[[rows[stem] for stem in stems]])


def no_vectors(width: int) -> WordVectors:
    """Vectors of no word: for a model trained without lyrics."""
    return WordVectors((), np.zeros((0, width), np.float32))


def learnt(bags: Iterable[Bag], width: int = 100, seed: int = 0) -> WordVectors:
    """Vectors from the songs' words alone: words of the same songs are near each other.

    The positive pointwise mutual information of any two words, factorised by a truncated SVD: U times
    the root of the singular values (Levy & Goldberg 2014, "Neural Word Embedding as Implicit Matrix
    Factorization", section 4), where a word's context is all words of its songs, itself among them.

    Parameters
    ----------
    bags : iterable of Bag
        One a song; the same bags in any order give the same bytes.
    width : int
        Length of a vector; the last columns are zero where there are fewer words.
    seed : int
        Of the SVD's random projection.

    Returns
    -------
    WordVectors
        At most 20,000 words, the most common first, none that occurs in one song alone. Vectors are of
        length 1, but zero for words that say nothing, as those in all songs.
    """
    songs = [bag for bag in bags if bag]
    n_songs_with = Counter(word for song in songs for word in song)
    common = [word for word, n in n_songs_with.items() if n >= _MIN_SONGS]
    words = tuple(sorted(common, key=lambda word: (-n_songs_with[word], word))[:_MOST_WORDS])
    vectors = np.zeros((len(words), width), np.float32)
    information = _information(songs, words)
    if information.nnz:
        factors = _factors(information, min(width, len(words)), seed)
        vectors[:, : factors.shape[1]] = factors
    return WordVectors(words, vectors)


def _information(songs: list[Bag], words: tuple[str, ...]) -> Any:
    """Positive pointwise mutual information of words that share songs: (n, n), sparse, symmetric."""
    from scipy.sparse import csr_array

    numbers = {word: number for number, word in enumerate(words)}
    known = [[numbers[word] for word in song if word in numbers] for song in songs]
    starts = np.cumsum([0, *map(len, known)], dtype=np.int32)
    columns = np.fromiter((number for song in known for number in song), np.int32, starts[-1])
    occurs = csr_array((np.ones(len(columns), np.int32), columns, starts), (len(songs), len(words)))
    together = (occurs.T @ occurs).tocsr()
    together.sort_indices()  # the order of the songs leaves no trace
    n_with = occurs.sum(axis=0)
    together.data = together.data / np.repeat(n_with, np.diff(together.indptr)) * len(songs)
    together.data /= n_with[together.indices]
    together.data = np.log(together.data).clip(0)
    together.eliminate_zeros()
    return together.astype(np.float32)


def _factors(information: Any, width: int, seed: int) -> Vectors:
    """Rows of length 1 (n, width), zero where all that remains of a word is rounding."""
    from sklearn.utils.extmath import randomized_svd
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # several threads sum in any order: not the same bytes each time
        u, values, _ = randomized_svd(information, n_components=width, n_iter=4, random_state=seed)
    values[values < 1e-5 * values[0]] = 0
    factors: Vectors = u * np.sqrt(values)
    lengths = np.linalg.norm(factors, axis=1, keepdims=True)
    lengths[lengths < 1e-4 * lengths.max()] = np.inf
    factors /= lengths
    return factors


_COUNTS = re.compile(rb" *([1-9]\d{0,9}) +([1-9]\d{0,3})\s*")  # of words, and of numbers per word
_GZIP = b"\x1f\x8b"
_HEAD = 1 << 20  # bytes that hold the first two lines


@dataclass(frozen=True)
class _Layout:
    """How a file is written; a GloVe file is a word2vec text file without its first line."""

    is_binary: bool
    has_header: bool
    width: int


def read_vectors(path: Path, n_words: int = 200_000) -> WordVectors:
    """Read the first, most common words of a word2vec file (binary or text) or a GloVe text file.

    Words are casefolded as those of lyrics are; of several that then are one, the first counts. The
    file may be compressed by gzip. Nothing in it can run.

    Raises
    ------
    DatasetError
        The file is of another format or encoding, damaged, or has numbers that are not finite.
    GrooveError
        The package gensim is missing.
    """
    try:
        from gensim.models import KeyedVectors
    except ImportError as error:
        raise no_gensim() from error
    logging.getLogger("gensim").setLevel(logging.ERROR)  # else it warns of each word that comes twice
    try:
        layout = _layout(path)
        if not layout.is_binary:
            _check_lines(path, layout, n_words)
        keyed_vectors = KeyedVectors.load_word2vec_format(
            path.absolute(), binary=layout.is_binary, no_header=not layout.has_header, limit=n_words
        )
        if not np.isfinite(keyed_vectors.vectors).all():
            raise ValueError("not all its numbers are finite")
    except Exception as error:  # gensim and those that unpack raise many kinds
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise unreadable_vectors(path, reason) from error
    rows: dict[str, int] = {}
    for word, row in keyed_vectors.key_to_index.items():  # index_to_key has None for words that came twice
        rows.setdefault(word.casefold(), row)
    return WordVectors(tuple(rows), keyed_vectors.vectors[list(rows.values())])


def _opened(path: Path) -> IO[bytes]:
    """The file's bytes, unpacked if need be."""
    with path.open("rb") as file:
        is_packed = file.read(len(_GZIP)) == _GZIP
    if is_packed and path.suffix != ".gz":
        raise ValueError("it is compressed, yet its name does not end in .gz")
    return gzip.open(path) if is_packed else path.open("rb")  # type: ignore[return-value]


def _layout(path: Path) -> _Layout:
    """Recognise a file by its first two lines; raises a ValueError at any other."""
    with _opened(path) as file:
        first, _, rest = file.read(_HEAD).partition(b"\n")
    counts = _COUNTS.fullmatch(first)
    if counts:
        _, *numbers = rest.partition(b"\n")[0].split(b" ")
        seen = [number for number in numbers if number.strip()][:2]  # bytes may look like one, hardly two
        return _Layout(not (seen and all(map(_is_number, seen))), True, int(counts[2]))
    _, *numbers = first.rstrip().split(b" ")
    if len(numbers) < 2 or not all(map(_is_number, numbers)):
        raise ValueError("it starts as neither format does")
    return _Layout(False, False, len(numbers))


def _is_number(text: bytes) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _check_lines(path: Path, layout: _Layout, n_words: int) -> None:
    """Raise a ValueError at a line of another length: gensim would repeat a single number over a row."""
    with _opened(path) as file:
        for number, line in enumerate(islice(file, layout.has_header, n_words + layout.has_header), 1):
            if line.rstrip().count(b" ") != layout.width:
                line_number = number + layout.has_header
                raise ValueError(f"line {line_number} is not one word and {layout.width} numbers")


def _file(folder: Path, id: str) -> Path:
    return folder / f"{id}.safetensors"


def store(folder: Path, vectors: WordVectors) -> Path:
    """Write word vectors to a folder, where `stored` finds them by their id."""
    from safetensors.numpy import save

    path = _file(folder, vectors.id)
    tensors = {"vectors": np.ascontiguousarray(vectors.vectors)}
    write_bytes(path, save(tensors, metadata={_HEADER: json.dumps(vectors.words)}))
    return path


def stored(folder: Path, id: str) -> WordVectors:
    """The word vectors of an id that `store` wrote to a folder.

    Raises
    ------
    ModelError
        They are not here, or the file is damaged.
    """
    is_id = re.fullmatch(r"[0-9a-f]{16}", id)  # ids come from models' headers
    if not is_id or not _file(folder, id).is_file():
        raise vectors_missing(id)
    return _load(_file(folder, id))


@lru_cache(maxsize=4)
def _load(path: Path) -> WordVectors:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="np") as file:
            words = tuple(json.loads((file.metadata() or {})[_HEADER]))
            vectors = WordVectors(words, file.get_tensor("vectors"))
        if vectors.vectors.dtype != np.float32 or vectors.vectors.shape != (len(words), vectors.width):
            raise ValueError("its words and its vectors do not fit")
        if vectors.id != path.stem:
            raise ValueError(f"what it holds is {vectors.id}")
    except (SafetensorError, OSError, ValueError, TypeError, LookupError, RecursionError) as error:
        raise vectors_damaged(path, str(error)) from error
    return vectors
