"""groove's own folder: whether it can be written, has room, and holds nothing damaged."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from groovecli.actions.doctor.check import Check, problem, warning
from groovecli.errors import GrooveError
from groovecli.files import A_FOLDER, exclusive, other_kind, size_of
from groovecli.home import Home
from groovecli.library import backups
from groovecli.library.schema import MIGRATIONS
from groovecli.messages.words import count, size
from groovecli.models.shelf import Shelf, shipped_models

_LOW, _LEAST = 5_000_000_000, 500_000_000
_BYTES_A_SONG = 2_000_000  # of a dataset's features, as measured
_LOOK_S = 5.0
_RESTORES = "`groove verify` restores them"


def checks(home: Home) -> Iterator[Check]:
    """The folder, its room, its catalogue and its models."""
    folder = _folder(home.folder)
    yield folder
    yield _space(home)
    yield _catalog(home.catalog)
    yield from _models(home)


def _existing(folder: Path) -> Path:
    """The folder, or the nearest above it that is there."""
    return next(each for each in (folder.absolute(), *folder.absolute().parents) if each.is_dir())


def _folder(folder: Path) -> Check:
    """Whether files can be written and locked there; nothing stays behind."""
    hint = "set GROOVE_HOME to a folder that you may write to"
    try:
        kind = other_kind(folder) or ("a file" if folder.is_file() else A_FOLDER)
        if kind != A_FOLDER:
            return problem("folder", f"{folder} is {kind}", hint, path=str(folder))
        with tempfile.TemporaryDirectory(prefix=".groove-", dir=_existing(folder)) as place:
            (Path(place) / "written").write_bytes(b"groove")
            with exclusive(Path(place)):
                pass
    except (OSError, GrooveError) as error:
        return problem("folder", f"{folder} can't be written: {error}", hint, path=str(folder))
    text = f"{folder}" if folder.is_dir() else f"{folder} (made when it is needed)"
    return Check("folder", text, facts={"path": str(folder)})


def _space(home: Home) -> Check:
    free = shutil.disk_usage(_existing(home.folder)).free
    used, n_waiting = size_of(home.folder), _n_without_features(home.catalog)
    needed = n_waiting * _BYTES_A_SONG
    text = f"{size(free)} free, {size(used)} used by groove"
    if n_waiting:
        text += f"; features of {count(n_waiting, 'more known song')} would take about {size(needed)}"
    facts = {"free": free, "used": used, "needed": needed}
    hint = (
        "free some space, or set GROOVE_HOME to a folder on another disk; `groove clean` says what can go"
    )
    if free < _LEAST:
        return problem("space", text, hint, **facts)
    return (
        warning("space", text, hint, **facts)
        if free < max(_LOW, needed)
        else Check("space", text, facts=facts)
    )


def _n_without_features(catalog: Path) -> int:
    """Songs that are known and in no dataset; 0 where the catalogue can't say."""
    try:
        with closing(_opened(catalog)) as db:
            query = "SELECT (SELECT count(*) FROM tracks) - (SELECT count(DISTINCT track) FROM songs)"
            return max(0, int(db.execute(query).fetchone()[0]))
    except sqlite3.Error:
        return 0


def _opened(catalog: Path) -> sqlite3.Connection:
    """The catalogue to read alone: a doctor neither makes nor migrates one."""
    return sqlite3.connect(f"{catalog.absolute().as_uri()}?mode=ro", uri=True, timeout=_LOOK_S)


def _catalog(path: Path) -> Check:
    copies = backups.backups(backups.folder_of(path))
    if not path.exists():
        gone = "is gone, but there are copies of its datasets"
        return problem("catalogue", gone, _RESTORES) if copies else Check("catalogue", "none yet")
    facts: dict[str, Any] = {"path": str(path), "size": size_of(path)}
    try:
        with closing(_opened(path)) as db:
            version = int(db.execute("PRAGMA user_version").fetchone()[0])
            damage = _damage(db)
    except sqlite3.OperationalError as error:
        return problem(
            "catalogue", f"can't be opened: {error}", "see that you may read and write it", **facts
        )
    except sqlite3.DatabaseError as error:
        return _damaged(str(error), facts)
    facts["version"] = version
    if version > len(MIGRATIONS):
        return problem("catalogue", f"version {version} is of a newer groove", "upgrade groove", **facts)
    if damage:
        return _damaged(damage, facts)
    if not version and copies:
        return problem("catalogue", "is empty, but there are copies of its datasets", _RESTORES, **facts)
    older = "" if version == len(MIGRATIONS) else f", to be made version {len(MIGRATIONS)} when it is used"
    seen = "no damage found" if damage is not None else f"no damage in the first {_LOOK_S:g} s of looking"
    return Check("catalogue", f"{size(facts['size'])}, version {version}{older}; {seen}", facts=facts)


def _damaged(why: str, facts: dict[str, Any]) -> Check:
    hint = "`groove verify` keeps it aside and saves what can be read"
    return problem("catalogue", f"is damaged: {why}", hint, **facts)


def _damage(db: sqlite3.Connection) -> str | None:
    """What SQLite finds damaged: nothing, or the first thing; None where that takes too long."""
    end = time.monotonic() + _LOOK_S
    db.set_progress_handler(lambda: time.monotonic() > end, 100_000)
    try:
        found = str(db.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
            raise
        return None
    return "" if found == "ok" else found.splitlines()[0]


def _models(home: Home) -> Iterator[Check]:
    shelf = Shelf(home)
    for damaged in shelf.damaged():
        yield problem("model", damaged.error.what, damaged.error.hint)
    try:
        serving = shelf.serving()
        faults = tuple(serving.fault_lines())
    except GrooveError as error:
        faults = (error.in_a_line,)
    for line in faults:
        yield problem("model in use", line, "choose another: `groove models use MODEL`")
    if not shipped_models():
        yield problem("models", "the included model is missing", "install groove again")
        return
    n_own = len(shelf.trained())
    text = f"{count(n_own, 'model')} of yours, {count(len(shipped_models()), 'included model')}"
    yield Check("models", text, facts={"n_own": n_own})
