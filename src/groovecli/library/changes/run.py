"""A run that changes songs: alone at work, after what a killed one left is put in order, and taken back."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from groovecli.files import exclusive
from groovecli.library.changes import steps
from groovecli.library.changes.journal import Journal, Record, Step, records, unfinished
from groovecli.library.tracks import Rejected
from groovecli.messages.tidy import damaged_journal, later_run, nothing_to_take_back, only_with_others
from groovecli.reasons import Problem, Reason


@dataclass(frozen=True)
class CutOff:
    """A run that was killed: what it was, how many songs it had changed, and the one that it was at."""

    command: str
    n_done: int
    path: Path | None


@dataclass
class Run:
    """Songs being changed; `cut_off` are earlier runs that were killed and are in order now."""

    journal: Journal
    cut_off: tuple[CutOff, ...]
    is_stopped: bool = False
    n_before: int = 0

    @property
    def n_changed(self) -> int:
        """How many songs it has changed, in this process."""
        return len(self.journal.record.steps) - self.n_before - self.journal.is_half_done


@contextmanager
def changing(changes: Path, *, command: str, library: Path, key: str) -> Iterator[Run]:
    """Be the only one who changes songs; the run of the same `key` goes on if it was cut off.

    Raises
    ------
    DatasetError
        Another process is at it.
    StorageError
        The journal, or a song that was half done, can't be written.
    """
    with exclusive(changes):
        cut_off = _in_order(changes)
        last = records(changes)[-1:]
        if last and last[0].key == key and last[0].end == "cut" and not last[0].is_undo_begun:
            journal = Journal(last[0])
        else:
            started = time.strftime("%Y-%m-%d %H:%M:%S")
            journal = Journal.begun(changes, command=command, library=library, key=key, started=started)
        run = Run(journal, cut_off, n_before=len(journal.record.steps))
        is_whole = False
        try:
            yield run
            is_whole = not run.is_stopped
        finally:
            journal.end("done" if is_whole else "cut")
            if journal.record.steps or journal.is_half_done:
                journal.close()
            else:
                journal.drop()


def repaired(changes: Path) -> tuple[CutOff, ...]:
    """The runs that were killed, in order now: before anybody looks at the songs.

    Raises
    ------
    DatasetError
        Another process is changing songs.
    StorageError
        A song that was half done can't be written.
    """
    if not unfinished(changes):
        return ()
    with exclusive(changes):
        return _in_order(changes)


def _in_order(changes: Path) -> tuple[CutOff, ...]:
    """Finish or take back what killed processes left half done."""
    found = []
    for record in unfinished(changes):
        path = steps.recover(record)
        found.append(CutOff(record.command, len(record.steps), path))
        if not record.steps:
            Journal(record).drop()
    return tuple(found)


@dataclass(frozen=True)
class TakenBack:
    """The last run, taken back: the steps whose songs are as before, the latest first.

    `left` are songs that a person changed since, which stay as they are. `failed` could not be taken back:
    another `groove undo` tries them again, unless they were `given_up`.
    """

    command: str
    library: str
    started: str
    steps: tuple[Step, ...]
    left: tuple[Rejected, ...]
    failed: tuple[Rejected, ...]
    cut_off: tuple[CutOff, ...]
    n_earlier: int
    is_stopped: bool = False
    given_up: tuple[Rejected, ...] = ()


def take_back(
    changes: Path,
    library: Path | None,
    *,
    give_up: bool = False,
    progress: Callable[[int, int], None] = lambda _, __: None,
    is_stopped: Callable[[], bool] = lambda: False,
) -> TakenBack:
    """Take the last run back, byte for byte; of a library, where one is named.

    Parameters
    ----------
    give_up : bool
        Forget the changes of songs that can't be taken back now, so that earlier runs can be.

    Raises
    ------
    LibraryError
        There is none, or its record is damaged.
    DatasetError
        Another process is changing songs.
    StorageError
        The disk is full or failed; what was taken back stays so, and another undo goes on.
    """
    if not changes.is_dir():
        raise nothing_to_take_back(library)
    with exclusive(changes):
        cut_off = _in_order(changes)
        known = records(changes)
        there = [each for each in known if library is None or _is_below(each.library, str(library))]
        if not there:
            above = [
                each for each in known if library is not None and _is_below(str(library), each.library)
            ]
            raise only_with_others(library, above[-1].library) if above else nothing_to_take_back(library)
        record = there[-1]
        if record.is_damaged:
            raise damaged_journal(record.folder)
        journal = Journal(record)
        try:
            later = _later([each for each in known if each.number > record.number])
            done = _taken_back(journal, later, cut_off, len(there) - 1, progress, is_stopped)
            return _given_up(journal, done) if give_up else done
        finally:
            journal.end("undo")
            if record.steps or journal.is_half_done:
                journal.close()
            else:
                journal.drop()


def _taken_back(
    journal: Journal,
    later: Callable[[Step], Problem | None],
    cut_off: tuple[CutOff, ...],
    n_earlier: int,
    progress: Callable[[int, int], None],
    is_stopped: Callable[[], bool],
) -> TakenBack:
    record = journal.record
    done: list[Step] = []
    left: list[Rejected] = []
    failed: list[Rejected] = []
    stopped = False
    there = tuple(reversed(record.steps))
    for n, step in enumerate(there, 1):
        if stopped := is_stopped():
            break
        problem = later(step) or steps.undo(journal, step)
        if problem is None:
            done.append(step)
            journal.void(step, restored=True)
        elif problem.reason == Reason.EDITED:
            left.append(Rejected.by(step.now, problem))
            journal.void(step)
        else:
            failed.append(Rejected.by(step.now, problem))
        progress(n, len(there))
    return TakenBack(
        record.command,
        record.library,
        record.started,
        tuple(done),
        tuple(left),
        tuple(failed),
        cut_off,
        n_earlier,
        stopped,
    )


def _given_up(journal: Journal, done: TakenBack) -> TakenBack:
    """Forget the steps that could not be taken back, but for those that a later run keeps waiting."""
    if done.is_stopped:
        return done
    waiting = tuple(item for item in done.failed if item.reason == Reason.LATER_RUN)
    paths = {item.path for item in waiting}
    for step in tuple(journal.record.steps):
        if step.now not in paths:
            journal.void(step)
    given_up = tuple(item for item in done.failed if item.reason != Reason.LATER_RUN)
    return replace(done, failed=waiting, given_up=given_up)


def _is_below(inner: str, outer: str) -> bool:
    """Whether a folder is another or below it, whichever links lead there."""
    if not inner or not outer or "\0" in inner + outer:
        return False
    return any(
        one == other or one.startswith(os.path.join(other, ""))
        for one, other in ((inner, outer), (os.path.realpath(inner), os.path.realpath(outer)))
    )


def _later(runs: Sequence[Record]) -> Callable[[Step], Problem | None]:
    """What says of a step that a later run changed its song, too."""
    folder = cache(os.path.realpath)

    def place(path: Path) -> str:
        return os.path.join(folder(path.parent), path.name)

    changed = {place(path): each for each in runs for step in each.steps for path in step.songs}

    def problem(step: Step) -> Problem | None:
        if not changed:
            return None
        found = next((changed[at] for at in map(place, step.songs) if at in changed), None)
        return (
            Problem(Reason.LATER_RUN, later_run(found.command, found.started, found.library))
            if found
            else None
        )

    return problem
