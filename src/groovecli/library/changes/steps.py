"""One song moved, or tagged: written down, done, taken back; and what a killed process left half done."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from groovecli.audio.payload import audio_hash
from groovecli.audio.tag_writing import Values, write_values
from groovecli.errors import AudioError, StorageError
from groovecli.files import storage_errors
from groovecli.library.changes import moving
from groovecli.library.changes.delta import delta, restore, restored_sha256, sha256_of
from groovecli.library.changes.journal import Journal, Record, Step
from groovecli.library.changes.replacing import can_stand_for, put, stage, staged_name
from groovecli.reasons import Problem, Reason

_OF_THE_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS})
_WRITABLE = 0o222


def why_untouchable(path: Path) -> Problem | None:
    """Why a song is not to be touched: a person said so, or it is none."""
    if path.is_symlink():
        return Problem(Reason.LINK)
    try:
        status = path.stat()
    except FileNotFoundError:
        return Problem(Reason.MISSING)
    except OSError as error:
        return Problem(Reason.UNREADABLE, error.strerror or str(error))
    return None if status.st_mode & _WRITABLE else Problem(Reason.READ_ONLY)


@contextmanager
def _given_up(journal: Journal, step: Step, path: Path, left: Path | None) -> Iterator[list[Problem]]:
    """Make an OSError of this block the song's problem, or the disk's; then the step was not done."""
    found: list[Problem] = []
    try:
        yield found
    except OSError as error:
        _tidy(left)
        journal.void(step)
        if error.errno in _OF_THE_DISK:
            with storage_errors(path):
                raise
        found.append(Problem(Reason.NOT_WRITTEN, error.strerror or str(error)))
    except AudioError as error:
        _tidy(left)
        journal.void(step)
        found.append(error.problem)
    except StorageError:  # the journal's disk is full: the song was not touched
        if not journal.is_half_done:
            _tidy(left)
            journal.void(step)
        raise


def _tidy(staged: Path | None) -> None:
    if staged is not None:
        with suppress(OSError):
            staged.unlink(missing_ok=True)


# Moves


def move(journal: Journal, source: Path, target: Path) -> Problem | None:
    """Move a song to where no file is; why it stays, if it does.

    Raises
    ------
    StorageError
        The disk is full or failed; the song is where it was.
    """
    if problem := why_untouchable(source):
        return problem
    try:
        made = moving.folders_to_make(target)
    except OSError as error:
        return Problem(Reason.NO_PLACE, f"{target}: {error.strerror}")
    staged = staged_name(target, journal.n_begun)
    places = {"source": str(source), "target": str(target), "staged": str(staged)}
    step = journal.begin("move", **places, made=[str(each) for each in made])
    with _given_up(journal, step, source, staged) as problems:
        if _moved(journal, step, source, target, staged):
            return None
        problems.append(Problem(Reason.TAKEN, str(target)))
        journal.void(step)
    moving.remove_empty(made)
    return problems[0]


def _moved(journal: Journal, step: Step, source: Path, target: Path, staged: Path) -> bool:
    """Bring a file to another path, its hash being written down before it is copied."""
    try:
        return moving.moved(source, target, staged, None)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
    journal.add(step, sha256=sha256_of(source))
    return moving.moved(source, target, staged, step.values["sha256"])


def _back(journal: Journal, step: Step) -> Problem | None:
    """Take a move back; why not, if it can't be."""
    source, target = step.path("source"), step.path("target")
    is_there, is_free = os.path.lexists(target), not os.path.lexists(source)
    if not is_there:
        if is_free:
            return Problem(Reason.MISSING)
        moving.remove_empty(tuple(map(Path, step.values.get("made", ()))))
        return None
    if not is_free and not moving.is_one_file(source, target):
        return Problem(Reason.TAKEN, str(source))
    if problem := why_untouchable(target):
        return problem
    journal.undo(step)
    if not _moved(journal, step, target, source, staged_name(source, step.number)):
        return Problem(Reason.TAKEN, str(source))
    moving.remove_empty(tuple(map(Path, step.values.get("made", ()))))
    return None


# Tags


def tag(journal: Journal, path: Path, values: Values, *, keeps_time: bool = False) -> Problem | None:
    """Write values into a song's tags; why it stays as it is, if it does.

    A copy is written first. Its sound is compared with the song's, then it takes the song's place.

    Parameters
    ----------
    keeps_time : bool
        Whether the file's time of change stays.

    Raises
    ------
    StorageError
        The disk is full or failed; the song is as it was.
    """
    path = Path(os.path.realpath(path))
    if problem := why_untouchable(path):
        return problem
    status, staged = path.stat(), staged_name(path, journal.n_begun)
    about = {"mtime_ns": status.st_mtime_ns, "keeps_time": keeps_time}
    step = journal.begin("tag", path=str(path), staged=str(staged), **about)
    with _given_up(journal, step, path, staged) as problems:
        problem = _staged(journal, step, path, staged, values)
        now = path.stat()
        if problem is None and (now.st_size, now.st_mtime_ns) != (status.st_size, status.st_mtime_ns):
            problem = Problem(Reason.CHANGED_SINCE)
        if problem is None:
            in_place = not can_stand_for(staged, path)
            journal.add(step, ready=True, in_place=in_place)
            mtime_ns = status.st_mtime_ns if keeps_time else None
            _put(journal, step, staged, path, in_place=in_place, mtime_ns=mtime_ns)
            return None
        problems.append(problem)
        _tidy(staged)
        journal.void(step)
    return problems[0]


def _staged(journal: Journal, step: Step, path: Path, staged: Path, values: Values) -> Problem | None:
    """Write the song with other tags beside it, and what restores it; why not, if it can't be."""
    stage(path, staged)
    was, sound = sha256_of(staged), audio_hash(staged, whole=True)
    write_values(staged, values)
    if audio_hash(staged, whole=True) != sound:
        return Problem(Reason.OTHER_SOUND)
    restores = delta(path, staged)
    if restored_sha256(restores, staged) != was:  # tried before the song is touched
        return Problem(Reason.CHANGED_SINCE)
    journal.keep(step, restores)
    journal.add(step, was=was, sha256=sha256_of(staged))
    return None


def _put(
    journal: Journal, step: Step, staged: Path, path: Path, *, in_place: bool, mtime_ns: int | None
) -> None:
    """Let the song have its new bytes; where writing them fails midway, the old ones come back at once."""
    try:
        put(staged, path, in_place=in_place, mtime_ns=mtime_ns)
    except OSError:
        if in_place and sha256_of(path) != step.values["was"]:
            journal.is_half_done = True
            with storage_errors(path):
                _rewritten(journal, step, staged, path)
            journal.is_half_done = False
        raise


def _rewritten(journal: Journal, step: Step, staged: Path, path: Path) -> None:
    """Give a song that is half written its old bytes and time."""
    with path.open("r+b") as file:
        restore(journal.record.blob(step).read_bytes(), staged, file)
        file.truncate()
        os.fsync(file.fileno())
    os.utime(path, ns=(path.stat().st_atime_ns, step.values["mtime_ns"]))


def _untagged(journal: Journal, step: Step) -> Problem | None:
    """Give a song back its bytes and its time; why not, if it can't be."""
    path = step.path("path")
    if "sha256" not in step.values:  # the disk was too full to say that it was not done
        return None
    if problem := why_untouchable(path):
        return problem
    now, mtime_ns = sha256_of(path), step.values["mtime_ns"]
    if now == step.values["was"]:
        if step.is_undo_begun:
            os.utime(path, ns=(path.stat().st_atime_ns, mtime_ns))
        return None
    if now != step.values["sha256"]:
        return Problem(Reason.EDITED)
    try:
        restores = journal.record.blob(step).read_bytes()
    except FileNotFoundError:
        return Problem(Reason.NOT_WRITTEN, "groove's copy is gone")
    staged = staged_name(path, step.number)
    _tidy(staged)
    journal.undo(step)
    try:
        with staged.open("xb") as file:
            staged.chmod(0o600)
            restore(restores, path, file)
        if sha256_of(staged) != step.values["was"]:
            raise ValueError("its bytes are others")
    except ValueError as error:
        _tidy(staged)
        return Problem(Reason.NOT_WRITTEN, f"groove's copy is damaged: {error}")
    except OSError:
        _tidy(staged)
        raise
    in_place = not can_stand_for(staged, path)
    journal.undo(step, in_place=in_place)
    try:
        put(staged, path, in_place=in_place, mtime_ns=mtime_ns)
    except OSError:
        if in_place and sha256_of(path) != now:
            journal.is_half_done = True
            with storage_errors(path):
                raise
        _tidy(staged)
        raise
    return None


# Either


def undo(journal: Journal, step: Step) -> Problem | None:
    """Take a step back; why not, if it can't be.

    Raises
    ------
    StorageError
        The disk is full or failed; the song is as it was.
    """
    path = step.now
    try:
        return _back(journal, step) if step.kind == "move" else _untagged(journal, step)
    except OSError as error:
        if error.errno in _OF_THE_DISK:
            with storage_errors(path):
                raise
        return Problem(Reason.NOT_WRITTEN, error.strerror or str(error))


def recover(record: Record) -> Path | None:
    """Finish or take back the step that a killed process left half done; the song, if there was one.

    Raises
    ------
    StorageError
        The disk refused.
    """
    journal = Journal(record)
    touched = None
    try:
        begun = [step for step in record.steps if step.is_undo_begun]
        for step in begun or record.steps[-1:]:
            touched = step.song
            with storage_errors(touched):
                if step.kind == "move":
                    _recover_move(journal, step)
                else:
                    _recover_tag(journal, step)
    finally:
        journal.end("cut")
        journal.close()
    return touched


def _recover_move(journal: Journal, step: Step) -> None:
    source, target = step.path("source"), step.path("target")
    ways = (target, source) if step.is_undo_begun else (source, target)
    for staged in (step.path("staged"), staged_name(source, step.number)):
        _tidy(staged)
    moving.finish(*ways, step.values.get("sha256"))
    if os.path.lexists(source) and not os.path.lexists(target):
        if not step.is_undo_begun:
            journal.void(step)
        moving.remove_empty(tuple(map(Path, step.values.get("made", ()))))


def _recover_tag(journal: Journal, step: Step) -> None:
    path, staged = step.path("path"), step.path("staged")
    if step.is_undo_begun:
        staged, wanted, in_place = staged_name(path, step.number), step.values["was"], step.undo_in_place
    else:
        wanted, in_place = step.values.get("sha256"), bool(step.values.get("in_place"))
    now = sha256_of(path) if path.is_file() else None
    is_other = now not in (step.values.get("was"), step.values.get("sha256"))
    if in_place and is_other and now is not None and staged.exists() and sha256_of(staged) == wanted:
        keeps_time = step.is_undo_begun or step.values.get("keeps_time")
        put(staged, path, in_place=True, mtime_ns=step.values["mtime_ns"] if keeps_time else None)
        now = wanted
    _tidy(staged)
    if not step.is_undo_begun and ("sha256" not in step.values or now == step.values["was"]):
        journal.void(step)
