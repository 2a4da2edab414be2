"""Files that appear whole or not at all, and hashes."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from groovecli.messages.ground import cannot_write, folder_in_use

try:
    import fcntl
except ImportError:  # Windows: there, two processes at once are the user's to avoid
    fcntl = None  # type: ignore[assignment]

_PREFIX = ".groove-"  # of temporary files


A_FOLDER = "a folder"
_KINDS = {
    stat.S_IFIFO: "a pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a disk",
    stat.S_IFSOCK: "a socket",
    stat.S_IFDIR: A_FOLDER,
}


def other_kind(path: Path) -> str | None:
    """What a path leads to if not to a file, such as "a pipe"; None for a file or nothing.

    Raises
    ------
    OSError
        The path can't be looked at.
    """
    try:
        kind = stat.S_IFMT(path.stat().st_mode)
    except FileNotFoundError:
        return "a broken link" if path.is_symlink() else None
    return None if kind == stat.S_IFREG else _KINDS.get(kind, "something else")


@contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Turn an OSError under this block into a StorageError that names `path`."""
    try:
        yield
    except OSError as error:
        raise cannot_write(path, error.strerror or str(error), error.errno) from error


@contextmanager
def atomic_writer(path: Path) -> Iterator[IO[bytes]]:
    """Open a temporary file that replaces `path` when the block ends without an error.

    Raises
    ------
    StorageError
        When the disk is full or the folder can't be written; `path` is as it was.
    """
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=_PREFIX, suffix=".tmp", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            os.chmod(name, 0o666 & ~_umask())
            os.replace(name, path)
        except BaseException:
            with suppress(OSError):
                os.unlink(name)
            raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Be the only process at work in `folder`, and clear away what a killed one left unfinished.

    Raises
    ------
    DatasetError
        Another process is at work there.
    """
    with storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / ".lock").open("wb")
    with lock:
        if fcntl is not None:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise folder_in_use(folder) from error
            for unfinished in folder.rglob(f"{_PREFIX}*"):
                unfinished.unlink(missing_ok=True)
        yield


def write_bytes(path: Path, data: bytes | memoryview) -> None:
    """Write `data` to `path`, whole or not at all."""
    with atomic_writer(path) as file:
        file.write(data)


def write_json(path: Path, value: Any) -> None:
    """Write `value` as indented JSON, whole or not at all; names that are not UTF-8 keep their bytes."""
    try:
        data = json.dumps(value, indent=2, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        data = json.dumps(value, indent=2).encode()
    write_bytes(path, data + b"\n")


def read_json(path: Path) -> Any:
    """Read a JSON file; None where there is no such file or it holds no JSON."""
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None


def sha256_hex(data: bytes, n_digits: int = 64) -> str:
    """SHA-256 of `data` as `n_digits` hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()[:n_digits]


def key_of(value: Any, n_digits: int = 12) -> str:
    """Hash of a JSON-able value, equal for equal values whatever the order of keys."""
    return sha256_hex(json.dumps(value, sort_keys=True).encode(), n_digits)
