"""Embeddings as files and as a picture."""

from __future__ import annotations

import csv
import io
import os
import warnings
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import repeat
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groovecli.files import atomic_writer
from groovecli.messages.options import no_such_ending, no_such_kind
from groovecli.models.results import Embedded
from groovecli.paths import StrPath, as_path
from groovecli.reports import descriptions
from groovecli.reports.endings import check_ending
from groovecli.reports.own_files import check_replaceable, columns_of, is_own_picture
from groovecli.reports.plots.canvas import PICTURES
from groovecli.reports.plots.scores import plot_scatter

METHODS = ("pca", "tsne")
_MIN_TSNE = 5
_AT_ONCE = 4096  # vectors


def check_format(path: StrPath) -> None:
    """Raise a UsageError unless the ending says how to write.

    Raises
    ------
    UsageError
        No format has this ending.
    GrooveError
        The format needs a package that is not there.
    """
    check_ending(as_path(path, "check_format", "path"), _WRITERS)


def check_plot(path: StrPath | None) -> None:
    """Raise a UsageError unless the ending of a picture, if there is to be one, says how to draw it."""
    picture = None if path is None else as_path(path, "check_plot", "path")
    if picture is not None and picture.suffix.lower() not in PICTURES:
        raise no_such_ending(picture, PICTURES)


def check_there(path: Path | None, plot: Path | None, *, force: bool) -> None:
    """Refuse to replace a file or a picture that groove did not write, unless `force` is given.

    Raises
    ------
    UsageError
        There is such a file.
    """
    if path is not None:
        check_replaceable(path, _is_own, force=force)
    if plot is not None:
        check_replaceable(plot, is_own_picture, force=force)


def _is_own(path: Path) -> bool:
    """Whether a file has the columns of vectors, described or not."""
    found = [name for name in columns_of(path) if name not in descriptions.COLUMNS]
    if path.suffix.lower() == ".npz":
        return found == ["paths", "tracks", "genres", "vectors", "model"]
    if path.suffix.lower() == ".parquet":
        return found == ["path", "genre", "vector"]
    return len(found) > 2 and found == ["path", "genre", *(f"v{i}" for i in range(len(found) - 2))]


def write(path: StrPath, embedded: Embedded) -> None:
    """Write songs' paths, genres and vectors in the format of the path's ending."""
    path = as_path(path, "write", "path")
    check_format(path)
    _WRITERS[path.suffix.lower()](path, embedded)


def _write_npz(path: Path, embedded: Embedded) -> None:
    with atomic_writer(path) as file, zipfile.ZipFile(file, "w") as archive:
        _write_texts(archive, "paths", [str(t.path) for t in embedded.tracks])
        _write_texts(archive, "tracks", [t.id for t in embedded.tracks])
        _write_texts(archive, "genres", embedded.genres)
        header = {"descr": "<f4", "fortran_order": False, "shape": embedded.stored.shape}
        with archive.open(zipfile.ZipInfo("vectors.npy"), "w", force_zip64=True) as member:
            np.lib.format.write_array_header_1_0(member, header)
            for _, vectors in _parts(embedded):
                member.write(np.ascontiguousarray(vectors, "<f4").tobytes())
        _write_texts(archive, "model", embedded.model)
        for name, values in _described(embedded).items():
            with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as member:
                np.lib.format.write_array(member, values, allow_pickle=False)


def _described(embedded: Embedded) -> dict[str, NDArray[Any]]:
    """What is known of the songs' tempo, key and loudness, in columns; nothing where none is described."""
    return descriptions.arrays(embedded.descriptions) if embedded.descriptions else {}


def _write_texts(archive: zipfile.ZipFile, name: str, texts: str | Sequence[str]) -> None:
    with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as member:
        np.lib.format.write_array(member, np.array(texts, np.str_), allow_pickle=False)


def _parts(embedded: Embedded) -> Iterator[tuple[slice, NDArray[np.float32]]]:
    """The vectors, some at a time: all of them may not fit in memory."""
    for start in range(0, len(embedded.tracks), _AT_ONCE):
        rows = slice(start, start + _AT_ONCE)
        yield rows, embedded.stored[rows]


def _write_csv(file: Path, embedded: Embedded) -> None:
    with atomic_writer(file) as raw:
        text = io.TextIOWrapper(raw, "utf-8", "surrogateescape", newline="")
        writer = csv.writer(text)
        said = embedded.descriptions
        heads = descriptions.COLUMNS if said else ()
        writer.writerow(["path", "genre", *(f"v{i}" for i in range(embedded.stored.shape[1])), *heads])
        for rows, vectors in _parts(embedded):
            songs = zip(embedded.tracks[rows], embedded.genres[rows], vectors, strict=True)
            own: Iterable[Sequence[str]]
            own = map(descriptions.cells, said[rows]) if said else repeat(())
            for (track, genre, vector), more in zip(songs, own, strict=False):
                path = os.fsencode(track.path).decode("utf-8", "surrogateescape")  # as on the disk
                numbers = map(str, vector)  # the shortest that read back equal
                writer.writerow([path, genre, *numbers, *more])
        text.detach()


def _readable(path: Path) -> str:
    """A path as UTF-8, which is all that Parquet has: other bytes as \\x and two digits."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _write_parquet(path: Path, embedded: Embedded) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table(
        {
            "path": [_readable(t.path) for t in embedded.tracks],
            "genre": list(embedded.genres),
            "vector": pa.array(list(embedded.vectors), pa.list_(pa.float32())),
            **(descriptions.parquet_columns(embedded.descriptions) if embedded.descriptions else {}),
        }
    )
    with atomic_writer(path) as file:
        pq.write_table(table, file)


_WRITERS: dict[str, Callable[[Path, Embedded], None]] = {
    ".npz": _write_npz,
    ".csv": _write_csv,
    ".parquet": _write_parquet,
}


def plot_vectors(path: StrPath, embedded: Embedded, *, method: str, seed: int) -> None:
    """Draw the songs in the plane, coloured by genre, by PCA or t-SNE."""
    path = as_path(path, "plot_vectors", "path")
    points = project(embedded.vectors, method, seed=seed)
    plot_scatter(path, points, embedded.genres, title=f"{len(points)} songs by {embedded.model} ({method})")


def project(vectors: NDArray[np.float32], method: str, *, seed: int) -> NDArray[np.float32]:
    """Vectors to the plane [shape=(n, 2)]; too few for t-SNE, or all equal, are drawn by PCA.

    Raises
    ------
    UsageError
        There is no such method.
    """
    if method not in METHODS:
        raise no_such_kind("projection", method, METHODS)
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE

    if len(vectors) < 3:
        return np.pad(vectors[:, :2], ((0, 0), (0, max(0, 2 - vectors.shape[1]))))
    differ = bool((vectors != vectors[0]).any())  # t-SNE of equal vectors crashes the process
    if method == "tsne" and len(vectors) > _MIN_TSNE and differ:
        perplexity = min(30.0, (len(vectors) - 1) / 3)
        model = TSNE(perplexity=perplexity, random_state=seed, init="pca")
    else:
        model = PCA(2, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        points: NDArray[np.float32] = model.fit_transform(vectors)
    return points
