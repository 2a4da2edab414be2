"""Files of the catalogue that are not there any more, and whether that is believable."""

from __future__ import annotations

import json
import os
import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from groovecli.library.catalog import Catalog
from groovecli.messages.words import count

_FEW = 20  # files that may go from a folder without a doubt that it is there
_AWAY = "leads to a folder that isn't there, or to an empty one: its drive may not be connected"
_DEPTH = 3  # parts of a path that stand for a library where no folder was given, such as /home/me/


@dataclass(frozen=True)
class Gone:
    """The files below a folder that are not there any more.

    `moved` are old paths of songs that are at another known path. `doubt` says why the files may be out
    of reach instead; it is empty where they are gone.
    """

    root: Path
    paths: tuple[Path, ...]
    moved: tuple[Path, ...]
    n_known: int
    doubt: str


def gone_files(catalog: Catalog) -> list[Gone]:
    """What is not there any more, by library, or by the link that leads nowhere.

    A file that the system refuses to look at is out of reach, and not among them.
    """
    known: dict[Path, int] = defaultdict(int)
    gone: dict[Path, list[tuple[Path, int]]] = defaultdict(list)
    lost: dict[Path, list[Path]] = defaultdict(list)
    libraries, there = _libraries(catalog), set()
    lost_link, emptied = cache(_lost_link), cache(_emptied)
    for raw, track in catalog.rows("SELECT path, track FROM files ORDER BY path"):
        path = Path(os.fsdecode(raw))
        if not is_gone(path):
            there.add(track)
            known[_root(path, libraries)] += 1
            continue
        root = _root(path, libraries)
        if away := lost_link(path.parent) or (root not in libraries and emptied(path.parent)):
            lost[away].append(path)
        else:
            known[root] += 1
            gone[root].append((path, track))
    of_links = [Gone(link, tuple(paths), (), len(paths), _AWAY) for link, paths in lost.items()]
    found = [_gone(root, files, there, known[root]) for root, files in gone.items()]
    return sorted((*found, *of_links), key=lambda each: each.root)


def _gone(root: Path, files: list[tuple[Path, int]], there: set[int], n_known: int) -> Gone:
    """What is gone from a library: songs that are elsewhere have only moved."""
    paths = tuple(path for path, track in files if track not in there)
    moved = tuple(path for path, track in files if track in there)
    doubt = _doubt(root, len(paths), n_known - len(moved)) if paths else ""
    return Gone(root, paths, moved, n_known, doubt)


def _libraries(catalog: Catalog) -> set[Path]:
    """The folders that commands were given, as far as their runs tell by whole paths."""
    runs = [json.loads(summary) for (summary,) in catalog.rows("SELECT summary FROM runs")]
    named = (name for said in runs for name in (said.get("library"), *(said.get("paths") or ())))
    return {Path(name) for name in named if name and os.path.isabs(name)}


def _root(path: Path, libraries: set[Path]) -> Path:
    """The library that a file is in: the largest that was given, else the beginning of its path."""
    given = [parent for parent in path.parents if parent in libraries]
    return given[-1] if given else Path(*path.parts[: min(_DEPTH, len(path.parts) - 1)])


def is_gone(path: Path) -> bool:
    """Whether there is no such file; one that the system refuses to look at may be there."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def _lost_link(folder: Path) -> Path | None:
    """The link above a file's place that leads to nothing, or to an empty folder; None if none does."""
    for above in (folder, *folder.parents):
        if os.path.lexists(above):
            is_lost = above.is_symlink() and (not above.is_dir() or not os.listdir(above))
            return above if is_lost else None
    return None


def _emptied(folder: Path) -> Path | None:
    """The nearest folder above a file's place, if it is empty: perhaps a drive's."""
    for above in (folder, *folder.parents):
        if os.path.lexists(above):
            return above if above.is_dir() and not os.listdir(above) else None
    return None


def _doubt(root: Path, n_gone: int, n_known: int) -> str:
    try:
        is_empty = not any(True for _ in os.scandir(root))
    except OSError as error:
        return f"can't be reached: {error.strerror or error}"
    if is_empty:
        return "is empty: its drive may not be connected"
    if n_gone > _FEW and 2 * n_gone > n_known:
        return f"lacks {n_gone:,} of its {count(n_known, 'file')}: its drive may not be connected"
    return ""


def forget_gone(catalog: Catalog, paths: Iterable[Path]) -> list[str]:
    """Forget files, and the analyses of their tracks that have no other file; the ids of these tracks."""
    with catalog.transaction() as db:
        tracks = {track for path in paths if (track := _forget_file(db, os.fsencode(path))) is not None}
        bare = [number for number in sorted(tracks) if not _has_file(db, number)]
        ids = [db.execute("SELECT id FROM tracks WHERE n = ?", (number,)).fetchone()[0] for number in bare]
        for table in ("answers", "descriptions"):
            db.executemany(f"DELETE FROM {table} WHERE track = ?", [(number,) for number in bare])
        db.executemany("DELETE FROM prints WHERE track = ?", [(track_id,) for track_id in ids])
        db.executemany("DELETE FROM tracks WHERE n = ?", [(number,) for number in bare])
    return ids


def _forget_file(db: sqlite3.Connection, raw: bytes) -> int | None:
    """Forget a file and its failures; the number of its track."""
    row = db.execute("SELECT track FROM files WHERE path = ?", (raw,)).fetchone()
    for table in ("files", "failures"):
        db.execute(f"DELETE FROM {table} WHERE path = ?", (raw,))
    return row[0] if row else None


def _has_file(db: sqlite3.Connection, number: int) -> bool:
    return db.execute("SELECT 1 FROM files WHERE track = ? LIMIT 1", (number,)).fetchone() is not None
