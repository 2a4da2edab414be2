"""Analyses from a file: verified, then merged; what is here stays as it is."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groovecli.actions.analyses.merge_features import Wanted, merge_features, read_features
from groovecli.actions.context import Context, check_call
from groovecli.audio.clips import Clip
from groovecli.checked import Checked
from groovecli.datasets.tables import SideClip, Song, Tables, checked_settings
from groovecli.describe.rows import as_numbers, from_numbers
from groovecli.errors import Interrupted
from groovecli.home import checked_name
from groovecli.library.answers import StoredAnswer
from groovecli.library.archive import Archive
from groovecli.library.descriptions import COLUMNS, add_descriptions, stored_descriptions
from groovecli.library.forget import add_tracks
from groovecli.messages.words import GO_ON
from groovecli.paths import StrPath
from groovecli.reasons import stored_problem

_ID = re.compile(r"[0-9a-f]{32}")
_MODEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}-[0-9a-f]{12}-[0-9]{1,3}(-joined)?")
_WORDS = re.compile(r"|[0-9a-f]{16}")
_BEGUN = "begun"
_SIDES = {"train", "test", "both"}
_NEAR = 0.02  # distance of two vectors, as a share of their length, up to which they count as equal


@dataclass(frozen=True)
class ImportRequest(Checked):
    """The file to take analyses from; a `dry_run` only verifies it."""

    path: StrPath
    dry_run: bool = False


@dataclass(frozen=True)
class Imported:
    """What came of a file.

    `n_new` counts by kind what was added, `n_known` what was here already, and `n_conflicts` what was here
    as something else: it stays. `n_unused` are features that are here, or of no clip here.
    """

    groove: str
    n_in_file: Mapping[str, int]
    n_new: Mapping[str, int]
    n_known: Mapping[str, int]
    n_conflicts: Mapping[str, int]
    n_unused: int
    is_dry: bool


@dataclass
class Merging:
    """A file that is merged, or at first only looked through, and what came of it so far."""

    archive: Archive
    context: Context
    is_check: bool = False
    new: dict[str, int] = field(default_factory=dict)
    known: dict[str, int] = field(default_factory=dict)
    conflicts: dict[str, int] = field(default_factory=dict)
    n_unused: int = 0
    songs: dict[str, set[bytes]] = field(default_factory=lambda: defaultdict(set))
    """The tracks of each dataset in the file, as far as it was looked through."""

    def are_songs(self, dataset: str, tracks: set[str]) -> bool:
        """Whether all of some tracks are a dataset's songs, in the file or here."""
        seen, home = self.songs[dataset], self.context.home
        rest = {track for track in tracks if bytes.fromhex(track) not in seen}
        if rest and home.catalog.exists():
            rest -= set(Tables(self.context.catalog, dataset).songs())
        return not rest

    def count(self, kind: str, *, new: int = 0, known: int = 0, conflicts: int = 0) -> None:
        """Count what came of some rows."""
        for counts, n in ((self.new, new), (self.known, known), (self.conflicts, conflicts)):
            counts[kind] = counts.get(kind, 0) + n

    def ids(self, part: Mapping[str, Any]) -> list[str]:
        """The tracks of a part's rows."""
        raw = self.archive.array(part["ids"], "S32", (part["n"],))
        ids: list[str] = np.char.decode(raw, "ascii").tolist()
        if not all(map(_ID.fullmatch, ids)):
            raise ValueError("a track's id is none")
        return ids


def run(request: ImportRequest, context: Context) -> Imported:
    """Verify a file with analyses, all of it, and then add what is not here.

    Nothing in the file is run. Stopped or killed, the same again goes on.

    Raises
    ------
    DatasetError
        The file is none of groove's, damaged, or of a newer groove; or another groove is at work.
    Interrupted
        The user stopped it; what was merged stays.
    """
    check_call("import_analyses", request, ImportRequest, context)
    monitor = context.monitor
    archive = Archive(Path(request.path), lambda done, total: monitor.progress("verify", done, total))
    try:
        merging = Merging(archive, context)
        n_in_file: dict[str, int] = {}
        with archive.part_errors():
            for part in archive.parts:
                if part["kind"] not in _MERGED and part["kind"] != "features":
                    raise ValueError(f"it has parts of an unknown kind, {str(part['kind'])[:40]!r}")
                if type(part["n"]) is not int or part["n"] < 0:
                    raise ValueError("a part has no size")
                n_in_file[part["kind"]] = n_in_file.get(part["kind"], 0) + part["n"]
        _merge(Merging(archive, context, is_check=True))  # a file is refused as a whole
        if not request.dry_run:
            _merge(merging)
            context.catalog.log_run("analyses import", {"new": merging.new})
    finally:
        archive.close()
    conflicts = {kind: n for kind, n in merging.conflicts.items() if n}
    return Imported(
        archive.groove, n_in_file, merging.new, merging.known, conflicts, merging.n_unused, request.dry_run
    )


def _merge(merging: Merging) -> None:
    """Merge all parts, the features last: they need the clips."""
    archive, monitor = merging.archive, merging.context.monitor
    parts = sorted(archive.parts, key=lambda part: part["kind"] == "features")
    created: set[str] = set()
    wanted = None
    for done, part in enumerate(parts, 1):
        if monitor.stopped:
            raise Interrupted("stopped while importing", GO_ON)
        with archive.part_errors():
            if part["kind"] == "features" and merging.is_check:
                merging.ids(part)
                read_features(part, archive)
            elif part["kind"] == "features":
                wanted = wanted or Wanted(merging.context)
                n_new, n_unused = merge_features(part, archive, merging.ids(part), wanted)
                merging.count("features", new=n_new)
                merging.n_unused += n_unused
            else:
                _MERGED[part["kind"]](part, merging, created)
        monitor.progress("look through" if merging.is_check else "import", done, len(parts))
    for name in created:
        merging.context.catalog.note(_note(name), "done")


def _tracks(part: Mapping[str, Any], merging: Merging, _: set[str]) -> None:
    ids = merging.ids(part)
    durations = merging.archive.array(part["durations"], "<f8", (part["n"],))
    if merging.is_check:
        return
    lengths = (s if math.isfinite(s) and s > 0 else None for s in durations.tolist())
    n_new = add_tracks(merging.context.catalog, zip(ids, lengths, strict=True))
    merging.count("tracks", new=n_new, known=len(ids) - n_new)


def _answers(part: Mapping[str, Any], merging: Merging, _: set[str]) -> None:
    model, words = part["model"], part["words"]
    if not _MODEL.fullmatch(model) or not _WORDS.fullmatch(words) or not 0 < part["dim"] <= 1 << 16:
        raise ValueError("answers are of no model")
    n, n_genres = part["n"], part["n_genres"]
    vectors = merging.archive.array(part["vectors"], "<f4", (n, part["dim"]))
    shares = merging.archive.array(part["probabilities"], "<f4", (n, n_genres))
    if not np.isfinite(vectors).all() or not np.isfinite(shares).all():
        raise ValueError("some numbers of answers are not finite")
    ids = merging.ids(part)
    if merging.is_check:
        return
    catalog = merging.context.catalog
    matrix = catalog.matrix(model)
    if matrix is not None and matrix.dim != part["dim"]:
        merging.count("answers", conflicts=n)
        return
    here = catalog.answers(model, ids, words=words)
    fresh = {
        track: StoredAnswer(vector, share.astype(np.float64) if n_genres else None)
        for track, vector, share in zip(ids, vectors, shares, strict=True)
        if track not in here
    }
    catalog.add_answers(model, fresh, words=words)
    n_other = sum(
        not _is_near(here[track].vector, vector)
        for track, vector in zip(ids, vectors, strict=True)
        if track in here
    )
    merging.count("answers", new=len(fresh), known=len(here) - n_other, conflicts=n_other)


def _is_near(ours: NDArray[np.float32], theirs: NDArray[np.float32]) -> bool:
    return bool(np.linalg.norm(ours - theirs) <= _NEAR * max(float(np.linalg.norm(ours)), 1e-9))


def _descriptions(part: Mapping[str, Any], merging: Merging, _: set[str]) -> None:
    version = part["version"]
    if type(version) is not int or not 0 < version < 1 << 20:
        raise ValueError("descriptions are of no version")
    values = merging.archive.array(part["values"], "<f8", (part["n"], len(COLUMNS)))
    ids, rows = merging.ids(part), [from_numbers(row) for row in values.tolist()]
    if merging.is_check:
        return
    here = stored_descriptions(merging.context.catalog, version, ids)
    each = dict(zip(ids, rows, strict=True))
    fresh = {track: row for track, row in each.items() if track not in here}
    add_descriptions(merging.context.catalog, version, fresh)
    n_other = sum(
        not np.allclose(as_numbers(here[track]), as_numbers(each[track]), rtol=_NEAR, equal_nan=True)
        for track in here
    )
    merging.count("descriptions", new=len(fresh), known=len(here) - n_other, conflicts=n_other)


def _prints(part: Mapping[str, Any], merging: Merging, _: set[str]) -> None:
    kind = part["of"]
    if not isinstance(kind, str) or not kind.isprintable() or len(kind) > 40:
        raise ValueError("fingerprints are of no kind")
    lengths = merging.archive.array(part["lengths"], "<u4", (part["n"],)).astype(np.int64)
    words = merging.archive.array(part["words"], "<u4", (part["n_words"],))
    if lengths.sum() != len(words):
        raise ValueError("fingerprints have other lengths than they say")
    ids = merging.ids(part)
    if merging.is_check:
        return
    catalog = merging.context.catalog
    here = catalog.prints(kind, ids)
    each = dict(zip(ids, np.split(words, np.cumsum(lengths)[:-1]), strict=True)) if ids else {}
    fresh = {track: own for track, own in each.items() if track not in here}
    catalog.add_prints(kind, fresh)
    n_other = sum(not np.array_equal(here[track], each[track]) for track in here)
    merging.count("prints", new=len(fresh), known=len(here) - n_other, conflicts=n_other)


def _dataset(part: Mapping[str, Any], merging: Merging, created: set[str]) -> None:
    """A dataset that is not here is made; one of the same name stays as it is, and gets features alone."""
    name = checked_name(part["name"], "dataset")
    settings = checked_settings({**part["settings"], "name": name})
    if merging.is_check:
        return
    tables = Tables(merging.context.catalog, name)
    ours = tables.settings()
    if ours is None:
        merging.context.catalog.note(_note(name), _BEGUN)
        tables.put_settings(settings)
    if ours is None or merging.context.catalog.noted(_note(name)) == _BEGUN:
        created.add(name)  # or began to be, before the import was stopped
        merging.count("datasets", new=1)
    elif ours == settings:
        merging.count("datasets", known=1)
    else:
        merging.count("datasets", conflicts=1)


def _dataset_of(part: Mapping[str, Any]) -> str:
    """The dataset that songs or clips belong to."""
    name = part.get("dataset")
    if not isinstance(name, str):
        raise ValueError("songs or clips are of no dataset")
    return checked_name(name, "dataset")


def _note(dataset: str) -> str:
    return f"import {dataset}"


def _songs(part: Mapping[str, Any], merging: Merging, created: set[str]) -> None:
    rows = merging.archive.rows(part["rows"], (str, str, str))
    if not all(_ID.fullmatch(track) and _is_genre(genre) and side in _SIDES for track, genre, side in rows):
        raise ValueError("a song is none")
    dataset = _dataset_of(part)
    if merging.is_check:
        merging.songs[dataset].update(bytes.fromhex(row[0]) for row in rows)
        return
    if dataset in created:
        Tables(merging.context.catalog, dataset).add_songs([Song(*row) for row in rows], [])
        merging.count("songs", new=len(rows))
    else:
        merging.count("songs", known=len(rows))


def _is_genre(name: str) -> bool:
    """Whether a genre can be called so: a name has no control characters."""
    return bool(name) and _is_text(name) and "Cc" not in map(unicodedata.category, name)


def _is_text(text: str) -> bool:
    """Whether the catalogue can keep a text: JSON can have halves of characters."""
    return "Cs" not in map(unicodedata.category, text)


def _clips(part: Mapping[str, Any], merging: Merging, created: set[str]) -> None:
    rows = merging.archive.rows(part["rows"], (str, int, (int, float), str, str, str))
    for track, number, start_s, side, *why in rows:
        if not _ID.fullmatch(track) or not 0 <= number < 1 << 20 or side not in _SIDES:
            raise ValueError("a clip is none")
        if not (math.isfinite(start_s) and start_s >= 0):
            raise ValueError("a clip is nowhere")
        if not _is_text("".join(why)):
            raise ValueError("a clip's problem isn't a text")
    dataset = _dataset_of(part)
    if merging.is_check:
        if not merging.are_songs(dataset, {row[0] for row in rows}):
            raise ValueError("a clip is of no song")
        return
    if dataset not in created:
        merging.count("clips", known=len(rows))
        return
    tables = Tables(merging.context.catalog, dataset)
    clips = {Clip(row[0], row[1], float(row[2])): row for row in rows}
    tables.add_songs([], [SideClip(clip, row[3]) for clip, row in clips.items()])
    tables.mark_clips({clip: stored_problem(row[4], row[5]) for clip, row in clips.items() if row[4]})
    merging.count("clips", new=len(rows))


_MERGED: dict[str, Callable[[Mapping[str, Any], Merging, set[str]], None]] = {
    "tracks": _tracks,
    "answers": _answers,
    "descriptions": _descriptions,
    "prints": _prints,
    "datasets": _dataset,
    "songs": _songs,
    "clips": _clips,
}
