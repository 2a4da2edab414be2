"""Genres, tempo, key and playlists of songs -> their files' tags; what a person wrote stays."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from groovecli.actions.changed import put_in_words, until_stopped
from groovecli.actions.context import Context, check_call, log_songs
from groovecli.actions.tag.request import Tagged, TaggedSong, TagRequest
from groovecli.actions.tag.wanted import Wanted, names_of, threshold, wanted_of
from groovecli.audio.tag_reading import read_tags
from groovecli.audio.tag_writing import Field, Values, tagged_values
from groovecli.errors import AudioError
from groovecli.files import key_of
from groovecli.library.changes import steps
from groovecli.library.changes.follow import follow_tags
from groovecli.library.changes.run import changing, repaired
from groovecli.library.scan import find_tracks
from groovecli.library.tracks import Rejected, Track
from groovecli.messages.options import not_together
from groovecli.messages.tidy import not_reached, nothing_to_write, precision_line
from groovecli.paths import as_paths
from groovecli.reasons import Reason

T = TypeVar("T", TaggedSong, Rejected)

_WORDS: dict[Field, str] = {"genre": "a genre", "tempo": "a tempo", "key": "a key", "playlist": "a group"}


def run(request: TagRequest, context: Context) -> Tagged:
    """Write what is known of songs into their files' tags.

    Raises
    ------
    UsageError
        Nothing is to be written; options don't go together; the folder has no playlists.
    ModelError
        There is no such model, it names no genres, or was never measured to be so precise.
    LibraryError
        There is no audio file at any of the paths.
    DatasetError
        Another process is changing songs.
    StorageError
        The disk is full or failed; what was done before that stays, and can be taken back.
    Interrupted
        The user stopped it; the same again goes on.
    """
    check_call("tag", request, TagRequest, context)
    paths = as_paths(request.paths, "TagRequest", "paths")
    if request.replace and request.add:
        raise not_together("--replace", "--add")
    if not (request.genre or request.tempo or request.key or request.playlists):
        raise nothing_to_write()
    names = names_of(request)
    stored = context.shelf.find(request.model, with_genres=True, of_files=True) if request.genre else None
    about = Tagged("", (), 0, (), (), is_dry=request.dry_run)
    needed = None
    if stored is not None:
        about = replace(about, model=stored.name)
        if needed := threshold(stored, request.min_precision):
            point = needed.point
            line = precision_line(point.confidence, point.n, point.accuracy, needed.by_genre)
            about = replace(about, line=line, min_confidence=point.confidence)
    if not request.dry_run:
        about = replace(about, cut_off=repaired(context.home.changes))
    found = find_tracks(
        paths, context.catalog, exclude=request.exclude, jobs=context.jobs, monitor=context.monitor
    )
    about = replace(about, failed=found.rejected, passed_over=found.passed_over)
    if not found.tracks:
        return _as_given(about, found.given)
    wanted, failed = wanted_of(request, found.tracks, stored, needed, names, context)
    about = replace(about, failed=(*about.failed, *failed))
    done = _tagged(about, request, found.tracks, wanted, context)
    log_songs(context.catalog, "tag", paths, len(done.songs), len(done.failed))
    return _as_given(done, found.given)


def _as_given(done: Tagged, given: Mapping[Path, Path]) -> Tagged:
    """The same under the names that the user gave."""

    def renamed(items: Sequence[T]) -> tuple[T, ...]:
        return tuple(replace(item, path=given.get(item.path, item.path)) for item in items)

    return replace(done, songs=renamed(done.songs), kept=renamed(done.kept), failed=renamed(done.failed))


def _tagged(
    about: Tagged,
    request: TagRequest,
    tracks: Sequence[Track],
    wanted: Mapping[Path, Wanted],
    context: Context,
) -> Tagged:
    """Look at what the files have, and write what is missing."""
    tasks: list[TaggedSong] = []
    kept: list[Rejected] = []
    failed = list(about.failed)
    bad = {item.path for item in failed}
    n_before = 0
    for track in tracks:
        song = wanted[track.path]
        if song.why_not is not None:
            kept.append(song.why_not)
        if not song.values:
            if song.why_not is None and track.path not in bad:
                kept.append(Rejected(track.path, Reason.NOT_SURE, not_reached()))
            continue
        outcome = _looked_at(track.path, song.values, request)
        if outcome is None:
            n_before += 1
        elif isinstance(outcome, TaggedSong):
            tasks.append(outcome)
        else:
            (failed if outcome.reason.is_fault else kept).append(outcome)
    about = replace(about, n_before=n_before, kept=tuple(kept), failed=tuple(failed))
    if request.dry_run:
        return replace(about, songs=tuple(tasks))
    return _written(about, request, tasks, context)


def _looked_at(path: Path, wanted: Values, request: TagRequest) -> TaggedSong | Rejected | None:
    """What is to be written into a file; None where it has all of it."""
    if problem := steps.why_untouchable(Path(os.path.realpath(path))):
        return Rejected.by(path, problem)
    try:
        before = tagged_values(path, tuple(wanted))
    except AudioError as error:
        return Rejected.by(path, error.problem)
    except OSError as error:
        return Rejected(path, Reason.UNREADABLE, error.strerror or str(error))
    if "genre" in wanted and "genre" not in before and (other := read_tags(path).genre):
        before = {**before, "genre": (other,)}  # in tags of another kind than those that are written
    values: dict[Field, tuple[str, ...]] = {}
    for name, own in wanted.items():
        there = before.get(name, ())
        if request.add and name in ("genre", "playlist"):
            known = {text.casefold() for text in there}
            own = (*there, *(text for text in own if text.casefold() not in known))
        if there != own and (not there or request.replace or (request.add and there == own[: len(there)])):
            values[name] = own
    if values:
        return TaggedSong(path, values, before)
    differ = [name for name in wanted if before.get(name, ()) != wanted[name] and not request.add]
    if not differ:
        return None
    return Rejected(path, Reason.HAS_TAG, " and ".join(_WORDS[name] for name in differ))


def _written(about: Tagged, request: TagRequest, tasks: Sequence[TaggedSong], context: Context) -> Tagged:
    paths = [os.path.abspath(path) for path in as_paths(request.paths, "TagRequest", "paths")]
    library = Path(os.path.commonpath(paths))
    options = {name: str(value) for name, value in vars(request).items() if name != "paths"}
    key = key_of(["tag", paths, options, about.model], 32)
    done: list[TaggedSong] = []
    failed = list(about.failed)
    with changing(context.home.changes, command="tag", library=library, key=key) as run:
        with put_in_words(run):
            for task in until_stopped("tag", tasks, run, context):
                known = context.catalog.known_files([task.path])
                problem = steps.tag(run.journal, task.path, task.values, keeps_time=request.preserve)
                if problem is not None:
                    failed.append(Rejected.by(task.path, problem))
                    continue
                follow_tags(context.catalog, known)
                done.append(task)
        return replace(
            about, songs=tuple(done), failed=tuple(failed), cut_off=(*about.cut_off, *run.cut_off)
        )
