"""The work on a task: decode the clips of one file once, and compute their features, in a worker."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing

from groovecli.audio.clips import Clip
from groovecli.errors import AudioError
from groovecli.features.cut import Cut, CutResult
from groovecli.features.spec import Stored
from groovecli.library.scan import file_state
from groovecli.library.sources.registry import source_without_sound
from groovecli.library.tracks import FileState
from groovecli.library.unchanged import why_not
from groovecli.monitor import Monitor
from groovecli.reasons import Problem, Reason
from groovecli.workers.pool import imap


def cut(task: Cut) -> CutResult:
    """Decode the clips of one file and compute their features."""
    features: dict[Clip, tuple[Stored, ...]] = {}
    problems: dict[Clip, Problem] = {}
    try:
        task.path.open("rb").close()
    except OSError as error:
        unreadable = Problem(Reason.UNREADABLE, str(error.strerror or error))
        return CutResult({}, dict.fromkeys(task.clips, unreadable))
    from groovecli.features.clip import features_of  # with the decoders, which only workers need

    before = file_state(task.path)
    if problem := _replaced(task, task.state):
        return CutResult({}, dict.fromkeys(task.clips, problem))
    for clip in task.clips:
        try:
            features[clip] = features_of(task, clip)
        except AudioError as error:
            problems[clip] = error.problem
    if problem := _replaced(task, before):  # meanwhile
        return CutResult({}, dict.fromkeys(task.clips, problem))
    return CutResult(features, problems)


def _replaced(task: Cut, state: FileState | None) -> Problem | None:
    """Why the file is no longer the song that is to be cut, since it had this state; None where it is."""
    if task.state is None or state is None:
        return None
    source = source_without_sound(task.path)
    return why_not(task.path, task.clips[0].track_id, state, source.identify if source else None)


def lost(task: Cut, problem: Problem) -> CutResult:
    """The result of a song that a worker was lost over."""
    return CutResult({}, dict.fromkeys(task.clips, problem))


def is_bad(result: CutResult) -> bool:
    """Whether a fault left nothing of a song."""
    faults = (problem.reason.is_fault for problem in result.problems.values())
    return not result.features and any(faults)


def imap_cuts(
    tasks: Sequence[Cut], *, jobs: int, stage: str, monitor: Monitor, n_before: int = 0
) -> Generator[tuple[Cut, CutResult], None, None]:
    """Cut songs that are in no dataset, each with its result, in order; `n_before` as for `imap`."""
    results = imap(
        cut,
        tasks,
        n_items=len(tasks),
        jobs=jobs,
        stage=stage,
        monitor=monitor,
        n_before=n_before,
        lost=lost,
        failed=is_bad,
    )
    with closing(results):
        yield from zip(tasks, results, strict=False)
