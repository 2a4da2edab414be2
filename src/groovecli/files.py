"""Files that appear whole or not at all, and hashes."""

from __future__ import annotations

import errno
import json
import os
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from groovecli.messages.ground import cannot_write, folder_in_use
from groovecli.reasons import BROKEN_LINK

try:
    import fcntl
except ImportError:  # Windows: there, two processes at once are the user's to avoid
    fcntl = None  # type: ignore[assignment]

PREFIX = ".groove-"
"""How the names of temporary files begin."""


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
        return BROKEN_LINK if path.is_symlink() else None
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

    One that a killed process left of the same file is removed.

    Raises
    ------
    StorageError
        When the disk is full or the folder can't be written; `path` is as it was.
    """
    with storage_errors(path):
        _refuse_other_kinds(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = _temporary(path)
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


def _refuse_other_kinds(path: Path) -> None:
    """Raise an OSError where a file would take the place of a device, a pipe or a socket."""
    kind = other_kind(path)
    if kind not in (None, BROKEN_LINK, A_FOLDER):
        raise OSError(errno.EEXIST, f"{kind} is there")


def _temporary(path: Path) -> tuple[int, str]:
    """A new temporary file for `path`, locked for as long as it is open; those that nobody writes go."""
    prefix = f"{PREFIX}{sha256_hex(os.fsencode(path.name), 8)}-"
    for left in path.parent.glob(f"{prefix}*"):
        with suppress(OSError), left.open("rb") as file:
            if fcntl is not None:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                left.unlink()
    import tempfile  # slow, with the generators of random numbers

    folder = os.path.realpath(path.parent)  # tempfile takes `link/..` for the folder that the link is in
    while True:
        handle, name = tempfile.mkstemp(prefix=prefix, suffix=".tmp", dir=folder)
        with suppress(OSError):  # a file system without locks
            if fcntl is not None:
                fcntl.flock(handle, fcntl.LOCK_EX)
        if fcntl is None or os.fstat(handle).st_nlink:  # else another process took it for a left one
            return handle, name
        os.close(handle)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def check_writable(path: Path, *, is_folder: bool = False) -> None:
    """Raise a StorageError unless a file can be written there, or files in a folder; nothing is left there.

    For the places of results, before the work whose results they are.
    """
    with storage_errors(path):
        if path.exists() and path.is_dir() != is_folder:
            number = errno.ENOTDIR if is_folder else errno.EISDIR
            raise OSError(number, os.strerror(number))
        _refuse_other_kinds(path)
        folder = path if is_folder else path.parent
        while not folder.exists():
            folder = folder.parent
        if not _can_hold_nameless(folder):
            handle, name = _temporary(folder / path.name)  # which removes what a killed check left
            os.close(handle)
            os.unlink(name)


def _can_hold_nameless(folder: Path) -> bool:
    """Whether a file without a name, which no kill can leave behind, was made in a folder.

    Raises
    ------
    OSError
        The folder can't be written. False means that the system or the file system has no such files.
    """
    if not hasattr(os, "O_TMPFILE"):
        return False
    try:
        os.close(os.open(folder, os.O_TMPFILE | os.O_WRONLY, 0o600))
    except OSError as error:
        if error.errno in (errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL, errno.ENOENT):
            return False
        raise
    return True


_held: set[tuple[str, int]] = set()  # folders that a thread of this process works in


@contextmanager
def exclusive(folder: Path, *, again: bool = False) -> Iterator[None]:
    """Be the only one at work in `folder`, and clear away what a killed process left unfinished.

    With `again` the thread that has the folder already goes on.

    Raises
    ------
    DatasetError
        Another process is at work there.
    """
    key = os.path.abspath(folder), threading.get_ident()
    if again and key in _held:
        yield
        return
    with storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / ".lock").open("wb")
    with lock:
        if fcntl is not None:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise folder_in_use(folder) from error
            for unfinished in folder.rglob(f"{PREFIX}*"):
                unfinished.unlink(missing_ok=True)
        _held.add(key)
        try:
            yield
        finally:
            _held.discard(key)


def is_in_use(folder: Path) -> bool:
    """Whether a process is at work in a folder, as `exclusive` has it; False where nobody can tell."""
    if fcntl is None:
        return False
    try:
        with (folder / ".lock").open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


def size_of(path: Path) -> int:
    """Bytes of a file, or of all files in a folder; 0 where there is nothing. Links are not followed."""
    try:
        if not path.is_dir() or path.is_symlink():
            return path.lstat().st_size
        return sum(size_of(Path(entry.path)) for entry in os.scandir(path))
    except OSError:  # gone meanwhile, or out of reach
        return 0


def write_bytes(path: Path, data: bytes | memoryview) -> None:
    """Write `data` to `path`, whole or not at all."""
    with atomic_writer(path) as file:
        file.write(data)


def write_json(path: Path, value: Any) -> None:
    """Write `value` as indented JSON, whole or not at all."""
    write_bytes(path, json_bytes(value))


def json_bytes(value: Any, indent: int = 2) -> bytes:
    """JSON with a line end, put together piece by piece; names that are not UTF-8 keep their bytes."""
    try:
        return _json_bytes(value, indent, is_ascii=False)
    except UnicodeEncodeError:
        return _json_bytes(value, indent, is_ascii=True)


def _json_bytes(value: Any, indent: int, *, is_ascii: bool) -> bytes:
    written = BytesIO()
    for part in json.JSONEncoder(indent=indent, ensure_ascii=is_ascii).iterencode(value):
        written.write(part.encode())
    written.write(b"\n")
    return written.getvalue()


def read_json(path: Path) -> Any:
    """Read a JSON file; None where there is no such file or it holds no JSON."""
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None


def sha256_hex(data: bytes, n_digits: int = 64) -> str:
    """SHA-256 of `data` as `n_digits` hexadecimal digits."""
    from hashlib import sha256

    return sha256(data).hexdigest()[:n_digits]


def key_of(value: Any, n_digits: int = 12) -> str:
    """Hash of a JSON-able value, equal for equal values whatever the order of keys."""
    return sha256_hex(json.dumps(value, sort_keys=True).encode(), n_digits)
