"""The last run that changed songs, taken back byte for byte."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from groovecli.actions.context import Context, check_call
from groovecli.checked import Checked
from groovecli.errors import Interrupted
from groovecli.library.changes.follow import follow_move, follow_tags
from groovecli.library.changes.run import TakenBack, take_back
from groovecli.messages.tidy import stopped_changing
from groovecli.messages.words import GO_ON
from groovecli.paths import StrPath


@dataclass(frozen=True)
class UndoRequest(Checked):
    """Of which library the last `apply` or `tag` is to be taken back; of any without it.

    With `force` the changes of songs that can't be taken back are forgotten.
    """

    library: StrPath | None = None
    force: bool = False


def run(request: UndoRequest, context: Context) -> TakenBack:
    """Take the last run that changed songs back.

    Raises
    ------
    LibraryError
        There is none, or its record is damaged.
    DatasetError
        Another process is changing songs.
    StorageError
        The disk is full or failed; the same again goes on.
    Interrupted
        The user stopped it; the same again goes on.
    """
    check_call("undo", request, UndoRequest, context)
    library = None if request.library is None else Path(os.path.abspath(request.library))
    monitor = context.monitor
    done = take_back(
        context.home.changes,
        library,
        give_up=request.force,
        progress=lambda n, total: monitor.progress("undo", n, total),
        is_stopped=lambda: monitor.stopped,
    )
    for step in done.steps:
        if step.kind == "move":
            follow_move(context.catalog, step.path("target"), step.path("source"))
        else:
            follow_tags(context.catalog, context.catalog.known_files([step.path("path")]))
    if done.is_stopped:
        n_all = len(done.steps) + len(done.left) + len(done.failed)
        raise Interrupted(stopped_changing("undo", len(done.steps), n_all), GO_ON)
    return done
