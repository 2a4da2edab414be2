"""Analyses to a file: tracks, answers, descriptions, fingerprints, datasets and their features."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from groovecli.actions.context import Context, check_call
from groovecli.checked import Checked
from groovecli.datasets.chunks import read_chunk
from groovecli.datasets.dataset import Dataset, open_dataset
from groovecli.datasets.tables import dataset_names
from groovecli.describe.rows import as_numbers, description_of
from groovecli.errors import DatasetError, Interrupted
from groovecli.files import check_writable
from groovecli.library.archive import Writer, writing
from groovecli.library.catalog import Catalog
from groovecli.library.descriptions import described_ids, described_versions, stored_descriptions
from groovecli.messages.words import GO_ON
from groovecli.paths import StrPath

_TOGETHER = 20_000  # rows in memory
T = TypeVar("T")


@dataclass(frozen=True)
class ExportRequest(Checked):
    """Where to write analyses; of all datasets, or of one; without their features unless `features`."""

    out: StrPath
    dataset: str | None = None
    features: bool = True


@dataclass(frozen=True)
class Exported:
    """What was written: how many of each kind, and what could not be read, with why."""

    out: Path
    n_bytes: int
    n: Mapping[str, int]
    failed: tuple[tuple[str, str], ...]


@dataclass
class _Export:
    """A file that is being written, and what is in it so far."""

    writer: Writer
    context: Context
    n: dict[str, int]
    failed: list[tuple[str, str]]

    def part(self, kind: str, n_rows: int, **values: Any) -> None:
        self.writer.parts.append({"kind": kind, "n": n_rows, **values})
        self.n[kind] = self.n.get(kind, 0) + n_rows

    def name(self, what: str) -> str:
        return f"{len(self.writer.parts):06}.{what}"


def run(request: ExportRequest, context: Context) -> Exported:
    """Write what was analysed into one file, keyed by the songs' sound; no path of yours is in it.

    Raises
    ------
    StorageError
        The file can't be written.
    DatasetError
        There is no such dataset.
    Interrupted
        The user stopped it; nothing was written.
    """
    check_call("export_analyses", request, ExportRequest, context)
    out = Path(request.out)
    check_writable(out)
    names = dataset_names(context.catalog) if request.dataset is None else [request.dataset]
    datasets = [open_dataset(context.catalog, context.home, name) for name in names]
    with writing(out) as writer:
        export = _Export(writer, context, {}, [])
        _tracks(export, context.catalog)
        _answers(export, context.catalog)
        _descriptions(export, context.catalog)
        _prints(export, context.catalog)
        for dataset in datasets:
            _dataset(export, dataset)
            if request.features:
                _features(export, dataset)
        if context.monitor.stopped:
            raise Interrupted("stopped while exporting; nothing was written", GO_ON)
    return Exported(out, out.stat().st_size, export.n, tuple(export.failed))


def _batches(items: Iterable[T], n_together: int) -> Iterator[list[T]]:
    """The items, so many at a time."""
    rest = iter(items)
    while batch := list(islice(rest, n_together)):
        yield batch


def _ids(ids: list[str]) -> np.ndarray[Any, np.dtype[np.bytes_]]:
    return np.array(ids, dtype="S32")


def _tracks(export: _Export, catalog: Catalog) -> None:
    for rows in _batches(catalog.rows("SELECT id, duration_s FROM tracks ORDER BY id"), _TOGETHER):
        durations = np.array([np.nan if row[1] is None else row[1] for row in rows], "<f8")
        members = {
            "ids": export.writer.put(export.name("ids"), _ids([row[0] for row in rows])),
            "durations": export.writer.put(export.name("durations"), durations),
        }
        export.part("tracks", len(rows), **members)


def _answers(export: _Export, catalog: Catalog) -> None:
    """Each model's answers, a few thousand at a time, as precise as they are stored."""
    for number, model, dim in catalog.rows("SELECT n, model, dim FROM matrices ORDER BY model"):
        keys = catalog.rows(
            "SELECT words, length(probabilities), id FROM answers JOIN tracks ON track = tracks.n"
            " WHERE matrix = ? ORDER BY words, 2, id",
            number,
        )
        for batch in _alike(keys):
            if export.context.monitor.stopped:
                return
            words, n_bytes = batch[0][0], batch[0][1] or 0
            found = catalog.answers(model, [row[2] for row in batch], words=words)
            if len(found) < len(batch):
                export.failed.append((model, f"{len(batch) - len(found)} vectors are damaged"))
            if not found:
                continue
            ids, stored = list(found), list(found.values())
            vectors = np.stack([each.vector for each in stored]).astype("<f4")
            shares = np.zeros(0, "<f4")
            if n_bytes:
                shares = np.array([each.probabilities for each in stored], "<f4")
            members = {
                "ids": export.writer.put(export.name("ids"), _ids(ids)),
                "vectors": export.writer.put(export.name("vectors"), vectors),
                "probabilities": export.writer.put(export.name("probabilities"), shares),
            }
            about = {"model": model, "dim": dim, "words": words, "n_genres": n_bytes // 4}
            export.part("answers", len(ids), **about, **members)


def _alike(rows: list[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    """Neighbouring rows that agree in their first two values, not too many at a time."""
    batch: list[tuple[Any, ...]] = []
    for row in rows:
        if batch and (row[:2] != batch[0][:2] or len(batch) == _TOGETHER):
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch


def _descriptions(export: _Export, catalog: Catalog) -> None:
    for version in described_versions(catalog):
        n_damaged = 0
        for batch in _batches(described_ids(catalog, version), _TOGETHER):
            rows = stored_descriptions(catalog, version, batch)
            good = {track: rows[track] for track in batch if description_of(rows[track])}
            n_damaged += len(batch) - len(good)
            if good:
                values = np.array([as_numbers(row) for row in good.values()], "<f8")
                members = {
                    "ids": export.writer.put(export.name("ids"), _ids(list(good))),
                    "values": export.writer.put(export.name("values"), values),
                }
                export.part("descriptions", len(good), version=version, **members)
        if n_damaged:
            export.failed.append((f"version {version}", f"{n_damaged} descriptions are damaged"))


def _prints(export: _Export, catalog: Catalog) -> None:
    kinds = [kind for (kind,) in catalog.rows("SELECT DISTINCT kind FROM prints ORDER BY kind")]
    for kind in kinds:
        tracks = catalog.rows("SELECT track FROM prints WHERE kind = ? ORDER BY track", kind)
        for batch in _batches([track for (track,) in tracks], _TOGETHER // 10):
            found = catalog.prints(kind, batch)
            lengths = np.array([len(words) for words in found.values()], "<u4")
            words = np.concatenate([np.zeros(0, "<u4"), *found.values()]).astype("<u4")
            members = {
                "ids": export.writer.put(export.name("ids"), _ids(list(found))),
                "lengths": export.writer.put(export.name("lengths"), lengths),
                "words": export.writer.put(export.name("words"), words),
            }
            export.part("prints", len(found), of=kind, n_words=len(words), **members)


def _dataset(export: _Export, dataset: Dataset) -> None:
    """A dataset's settings, songs and clips: what can't be computed again."""
    songs = [[song.track_id, song.genre, song.side] for song in dataset.songs.values()]
    clips = [
        [
            item.clip.track_id,
            item.clip.index,
            item.clip.start_s,
            item.side,
            "" if item.problem is None else str(item.problem.reason),
            "" if item.problem is None else item.problem.detail,
        ]
        for item in dataset.clips
    ]
    about = {"name": dataset.name, "settings": json.loads(json.dumps(asdict(dataset.settings)))}
    export.part("datasets", 1, **about)
    for kind, table in (("songs", songs), ("clips", clips)):
        for rows in _batches(table, _TOGETHER):
            member = export.writer.put(export.name(kind), rows)
            export.part(kind, len(rows), dataset=dataset.name, rows=member)


def _features(export: _Export, dataset: Dataset) -> None:
    """A dataset's chunk files, but for those of lyrics, which depend on more than the sound."""
    starts = {(item.clip.track_id, item.clip.index): item.clip.start_s for item in dataset.clips}
    chunks = sorted(dataset.tables.chunks())
    for done, chunk in enumerate(chunks, 1):
        key = chunk.partition("/")[0]
        if export.context.monitor.stopped or key.startswith("lyrics-"):
            continue
        try:
            content = read_chunk(dataset.folder / chunk)
        except DatasetError as error:
            export.failed.append((f"{dataset.name}/{chunk}", error.what))
            continue
        ids = np.char.decode(content.tracks, "ascii").tolist()
        places = zip(ids, content.indices.tolist(), strict=True)
        at = [starts.get(place, np.nan) for place in places]
        members = {
            "ids": export.writer.put(export.name("ids"), _ids(ids)),
            "starts": export.writer.put(export.name("starts"), np.array(at, "<f8")),
            "data": export.writer.put(export.name("data"), content.features),
        }
        shape = list(content.features.shape[1:])
        about = {"feature": key, "dtype": content.features.dtype.str[1:], "shape": shape}
        export.part("features", len(ids), dataset=dataset.name, **about, **members)
        export.context.monitor.progress(f"features of {dataset.name}", done, len(chunks))
