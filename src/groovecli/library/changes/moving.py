"""A file brought to another path where nothing is, never over another file; across file systems, too."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from groovecli.library.changes.delta import sha256_of
from groovecli.library.changes.replacing import stage, synced

_WITHOUT_LINKS = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK})


def folders_to_make(target: Path) -> tuple[Path, ...]:
    """The folders above a path that are not there, the outermost first."""
    missing = [folder for folder in target.parents if not folder.exists()]
    return tuple(reversed(missing))


def remove_empty(folders: Sequence[Path]) -> None:
    """Remove folders that were made for a file, those that are empty."""
    for folder in reversed(folders):
        with suppress(OSError):
            folder.rmdir()


def is_one_file(one: Path, other: Path) -> bool:
    """Whether two names lead to the same file."""
    try:
        return os.path.samestat(one.lstat(), other.lstat())
    except OSError:
        return False


def moved(source: Path, target: Path, staged: Path, sha256: str | None) -> bool:
    """Bring a file to another path; False where something is there.

    Parameters
    ----------
    staged : Path
        Where its copy is written first, if it has to be copied; on the target's file system.
    sha256 : str, optional
        Of the file, with which it may be copied.

    Raises
    ------
    OSError
        The system refused, or `target` is on another file system and there is no `sha256` (EXDEV); the file
        is where it was.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    if is_one_file(source, target):
        return _without(source, target)
    try:
        os.link(source, target, follow_symlinks=False)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno == errno.EXDEV and sha256 is not None:
            return _copied(source, target, staged, sha256)
        if error.errno not in _WITHOUT_LINKS:
            raise
        if os.path.lexists(target):
            return False
        os.rename(source, target)
        _synced(source, target)
        return True
    return _without(source, target)


def _without(source: Path, target: Path) -> bool:
    """Take the old name away from a file that has the new one."""
    synced(target.parent)
    try:
        source.unlink()
    except OSError:
        target.unlink()
        raise
    synced(source.parent)
    return True


def _copied(source: Path, target: Path, staged: Path, sha256: str) -> bool:
    """Bring a file to another file system: copied, on the disk, compared; only then the old one goes."""
    if os.path.lexists(target):
        return False
    try:
        stage(source, staged)
        shutil.copystat(source, staged)
        status = source.stat()
        with suppress(OSError, AttributeError):
            os.chown(staged, status.st_uid, status.st_gid)
        synced(staged)
        if sha256_of(staged) != sha256:
            raise OSError(errno.EIO, "the copy differs from the file")
        if os.path.lexists(target):
            return False
        try:
            os.link(staged, target)
        except FileExistsError:
            return False
        except OSError:
            os.rename(staged, target)
    finally:
        with suppress(OSError):
            staged.unlink(missing_ok=True)
    return _without(source, target)


def finish(source: Path, target: Path, sha256: str | None) -> None:
    """End a move that a killed process left with two names, or with two files.

    Raises
    ------
    OSError
        The system refused.
    """
    if not (os.path.lexists(source) and os.path.lexists(target)):
        return
    is_whole = sha256 is not None and sha256_of(source) == sha256 == sha256_of(target)
    if is_one_file(source, target) or is_whole:
        _without(source, target)


def _synced(source: Path, target: Path) -> None:
    synced(target.parent)
    synced(source.parent)
