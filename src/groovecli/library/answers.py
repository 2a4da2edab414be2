"""What models said of songs: rows of the catalogue, and for each model a matrix of vectors."""

from __future__ import annotations

import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groovecli.library.matrices import Matrix, Scaled, scaled
from groovecli.library.schema import matrix_file

_OF_LYRICS = re.compile(r"(.+-\d+(?:-joined)?)-([0-9a-f]{16})")  # a model's key before schema 7
_MOVED_TOGETHER = 1000
_LOST = -1
"""The place of an answer whose vector is gone: the file became shorter, and other rows lie there now."""
_LOOKED_AT = 20_000  # rows whose checksums are compared before a search: fewer are all looked at
_RUNS = 20  # of so many rows that lie together, spread over the file
_CHECKED_TOGETHER = 4096


@dataclass(frozen=True)
class StoredAnswer:
    """A model's answer for a song.

    vector : np.ndarray [shape=(dim,), dtype=float32]
    probabilities : np.ndarray [shape=(genres,), dtype=float64], or None where it names no genres
    """

    vector: NDArray[np.float32]
    probabilities: NDArray[np.float64] | None = None

    def as_kept(self) -> StoredAnswer:
        """The same, as precise as it comes back from the catalogue: nobody sees whether it was kept."""
        vector = scaled(self.vector[None]).vectors[0]
        return StoredAnswer(vector, _probabilities(_packed(self.probabilities)))


def answers_at(matrix: Matrix, rows: Iterable[Sequence[Any]]) -> dict[str, StoredAnswer]:
    """The answers of rows (id, place, exponent, crc, probabilities), without those that are damaged."""
    n_rows = matrix.n_rows
    there = [row for row in rows if 0 <= row[1] < n_rows]
    exponents = np.array([row[2] for row in there], np.int64)
    kept = Scaled(matrix.read([row[1] for row in there]), exponents)
    return {
        row[0]: StoredAnswer(vector, _probabilities(row[4]))
        for row, vector, crc in zip(there, kept.vectors, kept.checksums, strict=True)
        if crc == row[3]
    }


@dataclass(frozen=True)
class VectorRows:
    """Vectors of n songs where they lie on the disk, read a part at a time: all of them may not fit.

    Indexed by a slice or by numbers, it gives them as np.ndarray [shape=(m, dim), dtype=float32].

    places, exponents : np.ndarray [shape=(n,), dtype=int64]
    """

    matrix: Matrix
    places: NDArray[np.int64]
    exponents: NDArray[np.int64]

    @property
    def shape(self) -> tuple[int, int]:
        """n and dim."""
        return len(self.places), self.matrix.dim

    def __len__(self) -> int:
        return len(self.places)

    def only(self, numbers: NDArray[np.intp]) -> VectorRows:
        """Some of the songs."""
        return VectorRows(self.matrix, self.places[numbers], self.exponents[numbers])

    def __getitem__(self, rows: slice | NDArray[np.intp]) -> NDArray[np.float32]:
        return Scaled(self.matrix.read(self.places[rows]), self.exponents[rows]).vectors


def places_at(matrix: Matrix, rows: Sequence[Sequence[Any]]) -> dict[str, tuple[int, int]]:
    """Place and exponent of the vector of each row (id, place, exponent, crc) that is not damaged."""
    n_rows = matrix.n_rows
    there = [row for row in rows if 0 <= row[1] < n_rows]
    crcs = matrix.checksums([row[1] for row in there])
    return {row[0]: (row[1], row[2]) for row, crc in zip(there, crcs, strict=True) if crc == row[3]}


def are_sound(matrix: Matrix, places: NDArray[np.int64], checksums: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which rows, in the order of their places, are in the file and, as far as was looked, as written.

    Of many rows some runs are looked at, and all once one of these is damaged.
    """
    sound = (places >= 0) & (places < matrix.n_rows)
    there = np.flatnonzero(sound)
    some = there
    if len(there) > _LOOKED_AT:
        starts = np.linspace(0, len(there) - _LOOKED_AT // _RUNS, _RUNS).astype(np.intp)
        some = there[np.unique(starts[:, None] + np.arange(_LOOKED_AT // _RUNS))]
    sound[some] = _as_written(matrix, places[some], checksums[some])
    if len(some) < len(there) and not sound[some].all():
        sound[there] = _as_written(matrix, places[there], checksums[there])
    return sound


def _as_written(
    matrix: Matrix, places: NDArray[np.int64], checksums: NDArray[np.int64]
) -> NDArray[np.bool_]:
    found = np.zeros(len(places), bool)
    for start in range(0, len(places), _CHECKED_TOGETHER):
        part = slice(start, start + _CHECKED_TOGETHER)
        found[part] = np.array(matrix.checksums(places[part]), np.int64) == checksums[part]
    return found


def put_answers(
    db: sqlite3.Connection,
    folder: Path,
    model: str,
    answers: Mapping[str, StoredAnswer],
    *,
    words: str | Sequence[str],
) -> None:
    """Write vectors behind a matrix's last row, and their rows; within a transaction that holds the writer.

    `words` are those of all the answers, or of each.

    A crash before the transaction's end leaves rows in the file that nobody knows, and the next ones
    replace.
    """
    vectors = np.stack([answer.vector for answer in answers.values()])
    matrix = Matrix(matrix_file(folder, model), vectors.shape[1])
    number, place = _place(db, model, matrix)
    kept = scaled(vectors)
    matrix.write(place, kept.halves)
    db.executemany("INSERT OR IGNORE INTO tracks (id) VALUES (?)", ((track,) for track in answers))
    by_song = [words] * len(answers) if isinstance(words, str) else words
    rows = zip(answers.items(), by_song, kept.exponents.tolist(), kept.checksums, strict=True)
    db.executemany(
        "INSERT OR REPLACE INTO answers SELECT ?, n, ?, ?, ?, ?, ? FROM tracks WHERE id = ?",
        (
            (number, its_words, place + i, exponent, crc, _packed(answer.probabilities), track)
            for i, ((track, answer), its_words, exponent, crc) in enumerate(rows)
        ),
    )
    db.execute("UPDATE matrices SET n_rows = ? WHERE n = ?", (place + len(answers), number))


def _place(db: sqlite3.Connection, model: str, matrix: Matrix) -> tuple[int, int]:
    """The number of a model's matrix, which is begun where there is none, and its first free row.

    Where the file became shorter, answers lose the rows that it doesn't have: others come there.
    """
    dim, n_there = matrix.dim, matrix.n_rows
    row = db.execute("SELECT n, n_rows, dim FROM matrices WHERE model = ?", (model,)).fetchone()
    if row is not None and row[2] == dim:
        if n_there < row[1]:
            lost = "UPDATE answers SET place = ? WHERE matrix = ? AND place >= ?"
            db.execute(lost, (_LOST, row[0], n_there))
        return row[0], min(row[1], n_there)
    if row is not None:  # of another length: what was kept can't be of this model
        db.execute("DELETE FROM answers WHERE matrix = ?", (row[0],))
        db.execute("DELETE FROM matrices WHERE n = ?", (row[0],))
    db.execute("INSERT INTO matrices (model, dim, n_rows) VALUES (?, ?, 0)", (model, dim))
    return _place(db, model, matrix)


def _packed(probabilities: NDArray[np.float64] | None) -> bytes | None:
    return None if probabilities is None else probabilities.astype("<f4").tobytes()


def _probabilities(packed: bytes | None) -> NDArray[np.float64] | None:
    return None if packed is None else np.frombuffer(packed, "<f4").astype(np.float64)


def move_vectors(db: sqlite3.Connection, folder: Path) -> None:
    """Move the vectors of an older catalogue, which lay in its rows, into matrices."""
    waiting: dict[tuple[str, str], dict[str, StoredAnswer]] = defaultdict(dict)

    def put(key: tuple[str, str]) -> None:
        put_answers(db, folder, key[0], waiting.pop(key), words=key[1])

    for model, track, vector, probabilities in db.execute(
        "SELECT model, track, vector, probabilities FROM embeddings ORDER BY model, track"
    ):
        lyrics = _OF_LYRICS.fullmatch(model)
        key = (lyrics[1], lyrics[2]) if lyrics else (model, "")
        shares = None if probabilities is None else np.frombuffer(probabilities, np.float64)
        waiting[key][track] = StoredAnswer(np.frombuffer(vector, np.float32), shares)
        if len(waiting[key]) >= _MOVED_TOGETHER:
            put(key)
    for key in list(waiting):
        put(key)
    db.execute("DROP TABLE embeddings")
