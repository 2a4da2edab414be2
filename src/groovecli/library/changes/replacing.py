"""Another content for a file that stays the same file: its links, owner, rights and attributes are kept."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from contextlib import suppress
from pathlib import Path

from groovecli.files import PREFIX, sha256_hex

_BLOCK = 1 << 20


def staged_name(path: Path, number: int) -> Path:
    """Where the next content of a file is written first: beside it, hidden, with its ending."""
    return path.with_name(f"{PREFIX}{sha256_hex(os.fsencode(path.name), 8)}-{number}{path.suffix}")


def stage(path: Path, staged: Path) -> None:
    """Write a copy of a file that is whole on the disk, readable to its owner alone as yet.

    Raises
    ------
    OSError
        It can't be read or written; nothing is left then.
    """
    try:
        handle = os.open(staged, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "wb") as copy, path.open("rb") as file:
            shutil.copyfileobj(file, copy, _BLOCK)
    except OSError:
        staged.unlink(missing_ok=True)
        raise


def synced(path: Path) -> None:
    """Wait until the disk has a file, or a folder where the system can do that."""
    is_folder = path.is_dir()
    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError:
        if is_folder:
            return
        raise
    try:
        os.fsync(handle)
    except OSError:
        if not is_folder:
            raise
    finally:
        os.close(handle)


def can_stand_for(staged: Path, path: Path) -> bool:
    """Give a staged file all that a file has but its content and times; whether it can take its place.

    It can't where another name leads to the same file, or where the owner or an attribute can't be given:
    then the file's own bytes have to be written.
    """
    status = path.stat()
    if status.st_nlink > 1:
        return False
    try:
        own = staged.stat()
        if hasattr(os, "chown") and (own.st_uid, own.st_gid) != (status.st_uid, status.st_gid):
            os.chown(staged, status.st_uid, status.st_gid)
        os.chmod(staged, stat.S_IMODE(status.st_mode))
        _give_attributes(path, staged)
    except OSError:
        return False
    return True


def _give_attributes(path: Path, staged: Path) -> None:
    if not hasattr(os, "listxattr"):
        return
    try:
        names = os.listxattr(path)
    except OSError:  # a file system without them
        return
    has = set(os.listxattr(staged))
    for name in names:
        value = os.getxattr(path, name)
        if name not in has or os.getxattr(staged, name) != value:
            os.setxattr(staged, name, value)
    for name in has.difference(names):
        os.removexattr(staged, name)


def put(staged: Path, path: Path, *, in_place: bool, mtime_ns: int | None = None) -> None:
    """Let a file have the content of a staged one, which is gone then.

    Parameters
    ----------
    in_place : bool
        Write the file's own bytes; else the staged file takes its place, from one moment to the next.
    mtime_ns : int, optional
        The time of change that it is to have; now without it.

    Raises
    ------
    OSError
        The disk refused; where not `in_place`, the file is as it was.
    """
    if not in_place:
        if mtime_ns is not None:
            os.utime(staged, ns=(path.stat().st_atime_ns, mtime_ns))
        synced(staged)
        os.replace(staged, path)
        synced(path.parent)
        return
    status = path.stat()
    with staged.open("rb") as new, path.open("r+b") as file:
        _reserve(file.fileno(), status.st_size, os.fstat(new.fileno()).st_size)
        shutil.copyfileobj(new, file, _BLOCK)
        file.truncate()
        file.flush()
        os.fsync(file.fileno())
    if mtime_ns is not None:
        os.utime(path, ns=(status.st_atime_ns, mtime_ns))
    with suppress(OSError):
        staged.unlink()


def _reserve(handle: int, size: int, wanted: int) -> None:
    """Take the room that a file will need before a byte of it changes; an OSError where there is none."""
    if wanted <= size or not hasattr(os, "posix_fallocate"):
        return
    try:
        os.posix_fallocate(handle, size, wanted - size)
    except OSError as error:
        os.ftruncate(handle, size)
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise
