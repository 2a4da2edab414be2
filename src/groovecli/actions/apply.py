"""A plan -> songs moved, or tagged; written down first, so that `undo` takes them back."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from groovecli.actions.changed import put_in_words, until_stopped
from groovecli.actions.context import Context, check_call
from groovecli.audio.lyrics_files import lyrics_paths
from groovecli.audio.tag_writing import tagged_values
from groovecli.checked import Checked
from groovecli.errors import AudioError
from groovecli.library.changes import steps
from groovecli.library.changes.follow import follow_move, follow_tags
from groovecli.library.changes.journal import Journal
from groovecli.library.changes.plan import Change, Plan, is_song, read_plan, source_of, target_of
from groovecli.library.changes.run import CutOff, Run, changing
from groovecli.library.tracks import Rejected
from groovecli.messages.tidy import library_gone, of_another_library
from groovecli.paths import StrPath
from groovecli.reasons import Problem, Reason

_OTHERS = frozenset({Reason.MISSING, Reason.CHANGED_SINCE})


@dataclass(frozen=True)
class ApplyRequest(Checked):
    """Which plan to carry out; with `dry_run` it is only looked at."""

    plan: StrPath
    dry_run: bool = False


@dataclass(frozen=True)
class Done:
    """A change that was made, or would be: to `target`, or to the tags of `path`."""

    path: Path
    target: Path | None = None
    genre: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True)
class Applied:
    """What a plan changed, or would change.

    `n_before` songs were so already. `refused` stay as they are. `beside` are lyrics files of songs that
    moved: they stay. `cut_off` are earlier runs that were killed.
    """

    plan: Path
    library: Path
    done: tuple[Done, ...]
    n_before: int
    refused: tuple[Rejected, ...]
    beside: tuple[Path, ...] = ()
    cut_off: tuple[CutOff, ...] = ()
    is_dry: bool = False

    @property
    def n_moved(self) -> int:
        """How many songs moved."""
        return sum(each.target is not None for each in self.done)


@dataclass(frozen=True)
class _Task:
    """A change that fits its song: where it is, and where it moves."""

    change: Change
    path: Path
    target: Path | None


def run(request: ApplyRequest, context: Context) -> Applied:
    """Carry out a plan, song by song.

    Raises
    ------
    UsageError
        There is no such plan, or it is damaged.
    LibraryError
        It is for another library.
    DatasetError
        Another process is changing songs.
    StorageError
        The disk is full or failed; what was done before that stays, and can be taken back.
    Interrupted
        The user stopped it; the same again goes on.
    """
    check_call("apply", request, ApplyRequest, context)
    path = Path(request.plan)
    plan = read_plan(path)
    if not plan.library.is_dir():
        raise library_gone(plan.library)
    if request.dry_run:
        found, tasks = _planned(path, plan, context)
        return replace(found, done=tuple(map(_done, tasks)), is_dry=True)
    with changing(context.home.changes, command="apply", library=plan.library, key=plan.key) as run:
        found, tasks = _planned(path, plan, context)  # behind what a killed process left: that is in order
        with put_in_words(run):
            return _applied(found, tasks, run, context)


def _planned(path: Path, plan: Plan, context: Context) -> tuple[Applied, list[_Task]]:
    """What a plan leaves as it is, and what it changes."""
    tasks, refused, n_before = _looked_at(plan, context)
    unknown = [item for item in refused if item.reason in _OTHERS]
    if plan.changes and len(unknown) == len(plan.changes):
        raise of_another_library(plan.library, len(plan.changes))
    return Applied(path, plan.library, (), n_before, tuple(refused)), tasks


def _looked_at(plan: Plan, context: Context) -> tuple[list[_Task], list[Rejected], int]:
    """The changes that can be made, those that can't, and how many are made already."""
    tasks: list[_Task] = []
    refused = [Rejected.by(plan.library / name, problem) for name, problem in plan.unfit]
    seen: set[Path] = set()
    targets: set[Path] = set()
    folders: set[Path] = set()
    n_before = 0
    for change in plan.changes:
        path = plan.library / change.path
        if path in seen:
            refused.append(Rejected(path, Reason.IN_PLAN_BEFORE))
            continue
        seen.add(path)
        task = _task(plan.library, change)
        if task is None:
            n_before += 1
        elif isinstance(task, Problem):
            refused.append(Rejected.by(path, _with_new_place(task, change, context)))
        elif task.target in targets:
            refused.append(Rejected(path, Reason.TAKEN, str(task.target)))
        elif task.target in folders:
            refused.append(Rejected(path, Reason.TAKEN, f"{task.target} (a folder of this plan)"))
        elif task.target and (file := next((up for up in task.target.parents if up in targets), None)):
            refused.append(Rejected.by(path, _in_file(task.target, file)))
        else:
            tasks.append(task)
            if task.target is not None:
                targets.add(task.target)
                folders.update(task.target.parents)
    return tasks, refused, n_before


def _task(library: Path, change: Change) -> _Task | Problem | None:
    """What is to be done; None where it is done already."""
    target = target_of(library, change) if change.to else None
    if isinstance(target, Problem):
        return target
    path = source_of(library, change)
    if isinstance(path, Problem):
        return None if _is_done(library, change, target) else path
    if problem := steps.why_untouchable(path):
        return problem
    if target is not None:
        if target == path:
            return None
        if os.path.lexists(target):
            return Problem(Reason.TAKEN, str(target))
        there = next(folder for folder in target.parents if os.path.lexists(folder))
        return _Task(change, path, target) if there.is_dir() else _in_file(target, there)
    try:
        own = tagged_values(path, ("genre",)).get("genre")
    except AudioError as error:
        return error.problem
    return None if own == change.genre else _Task(change, path, None)


def _in_file(target: Path, file: Path) -> Problem:
    return Problem(Reason.NO_PLACE, f"{target}: {file} is no folder")


def _is_done(library: Path, change: Change, target: Path | None) -> bool:
    path = library / change.path
    if target is not None:
        return not os.path.lexists(path) and target.is_file() and is_song(target, change.id)
    try:
        is_so = path.is_file() and tagged_values(path, ("genre",)).get("genre") == change.genre
    except (AudioError, OSError):
        return False
    return is_so and is_song(path, change.id)


def _with_new_place(problem: Problem, change: Change, context: Context) -> Problem:
    """That a song has moved, where groove knows where to."""
    if problem.reason != Reason.MISSING:
        return problem
    files = context.catalog.tracks([change.id]).get(change.id, ())
    there = next((track.path for track in files if track.path.is_file()), None)
    return Problem(Reason.MOVED_SINCE, str(there)) if there else problem


def _done(task: _Task) -> Done:
    return Done(task.path, task.target, task.change.genre, task.change.why)


def _applied(applied: Applied, tasks: list[_Task], run: Run, context: Context) -> Applied:
    done: list[Done] = []
    refused = list(applied.refused)
    beside: list[Path] = []
    for task in until_stopped("apply", tasks, run, context):
        problem = _carried_out(run.journal, task, context)
        if problem is not None:
            refused.append(Rejected.by(task.path, problem))
            continue
        done.append(_done(task))
        if task.target is not None:
            beside += _beside(task.path)
    return replace(
        applied, done=tuple(done), refused=tuple(refused), beside=tuple(beside), cut_off=run.cut_off
    )


def _carried_out(journal: Journal, task: _Task, context: Context) -> Problem | None:
    if task.target is not None:
        if (problem := steps.move(journal, task.path, task.target)) is None:
            follow_move(context.catalog, task.path, task.target)
        return problem
    known = context.catalog.known_files([task.path])
    problem = steps.tag(journal, task.path, {"genre": task.change.genre})
    if problem is None:
        follow_tags(context.catalog, known)
    return problem


def _beside(path: Path) -> Iterator[Path]:
    """Lyrics files of a song that moved away."""
    return (each for each, _ in lyrics_paths(path))
