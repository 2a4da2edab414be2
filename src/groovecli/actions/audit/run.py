"""A library -> its songs that are likely in the wrong genre, with what speaks for another one."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groovecli.actions.audit.found import Audit, Doubtful, Near
from groovecli.actions.audit.planned import planned, spelling_of
from groovecli.actions.context import Context, check_call, check_seed, log_songs
from groovecli.actions.embed import embed
from groovecli.actions.similar.written import check_out, write_list
from groovecli.checked import Checked, Count, Places
from groovecli.datasets.groups import grouped
from groovecli.evaluation.misfiled import Doubt, doubts, judgeable
from groovecli.files import check_writable
from groovecli.library import labels
from groovecli.library.changes.plan import Plan, write_plan
from groovecli.library.labels import LabelFrom, Labelled
from groovecli.library.tracks import Track
from groovecli.library.walk import check_folder
from groovecli.messages.actions import nothing_sounds, stopped_embedding
from groovecli.messages.options import no_such_ending
from groovecli.messages.tidy import plan_there, too_few_to_audit
from groovecli.models.results import CLIPS_PER_SONG, Embedded
from groovecli.paths import StrPath
from groovecli.playlists.nearest import nearest

N_NEAREST = 3


@dataclass(frozen=True)
class AuditRequest(Checked):
    """Which library to look through, and what to write of what is found.

    `insist` takes folders for genres that look like artists.

    Parameters
    ----------
    label_from : str
        Whether a song's genre is its "folder" or its "tag".
    n_songs : int
        How many songs are listed at most, and written.
    out, plan : str or Path, optional
        A playlist of them, and a plan for `apply`; `force` puts them in the place of files.
    """

    library: StrPath
    label_from: LabelFrom = "folder"
    genres: tuple[str, ...] = ()
    n_songs: Count = 20
    out: StrPath | None = None
    plan: StrPath | None = None
    force: bool = False
    insist: bool = False
    exclude: tuple[str, ...] = ()
    n_clips: Places = CLIPS_PER_SONG
    model: str | None = None
    seed: int = 0


def run(request: AuditRequest, context: Context) -> Audit:
    """Find the songs of a library that are likely in the wrong genre; nothing is changed.

    Raises
    ------
    LibraryError
        There is no such library, its folders are not genres, or none of its songs can be decoded.
    UsageError
        A genre is not there; a file to write is there; `out` has no ending of a playlist, or `plan` has
        another than .json.
    ModelError
        There is no such model, or it is damaged.
    StorageError
        A file can't be written.
    Interrupted
        The user stopped it; what was heard is kept.
    """
    check_call("audit", request, AuditRequest, context)
    check_seed(request.seed)
    check_folder(request.library)
    check_out(None if request.out is None else Path(request.out), force=request.force)
    _check_plan(request)
    library = Path(os.path.abspath(request.library))
    model = context.load(request.model)
    embedded = embed(
        model,
        library,
        context.catalog,
        n_clips=request.n_clips,
        exclude=request.exclude,
        jobs=context.jobs,
        monitor=context.monitor,
    )
    if embedded.interrupted:
        raise stopped_embedding()
    if not embedded.tracks:
        raise nothing_sounds(library, len(embedded.left_out), len(embedded.failed))
    labelled = _labelled(embedded.tracks, library, request)
    found = _audited(embedded, model.description.spec.embedding_dim, labelled, library, request)
    log_songs(context.catalog, "audit", [library], found.n_songs, len(found.failed))
    spelling = spelling_of(labelled, embedded.tracks, library, request.label_from)
    return _written(found, request, spelling)


def _check_plan(request: AuditRequest) -> None:
    if request.plan is None:
        return
    plan = Path(request.plan)
    if plan.suffix.lower() != ".json":
        raise no_such_ending(plan, (".json",))
    check_writable(plan)
    if os.path.lexists(plan) and not request.force:
        raise plan_there(plan)


def _labelled(tracks: Sequence[Track], library: Path, request: AuditRequest) -> Labelled:
    """The genre of each song, as `ingest` has it."""
    if request.label_from == "tag":
        found = labels.by_tag(tracks)
    else:
        found = labels.by_folder(library, [track.path for track in tracks])
    found, _ = labels.named_once(found, ())
    if request.genres:
        return labels.selected(found, request.genres)
    if not request.insist or not found.genres:
        labels.check_are_genres(library, found, request.label_from, command="audit")
    return found


def _audited(
    embedded: Embedded, dim: int, labelled: Labelled, library: Path, request: AuditRequest
) -> Audit:
    rows = [n for n, track in enumerate(embedded.tracks) if track.path in labelled.genres]
    tracks = [embedded.tracks[row] for row in rows]
    own = [labelled.genres[track.path] for track in tracks]
    genres = sorted(set(own))
    numbers = np.array([genres.index(genre) for genre in own], np.int64)
    # Without the model's own genres, which may have been learnt from these very songs.
    vectors = np.asarray(embedded.stored[np.array(rows, np.intp)][:, :dim], np.float64)
    artists = grouped(
        {f"{n}": (track, genre) for n, (track, genre) in enumerate(zip(tracks, own, strict=True))}, "artist"
    )
    groups = _by_sound(tracks, [artists.of[f"{n}"] for n in range(len(tracks))])
    n_judgeable = int(judgeable(numbers, groups, len(genres)).sum())
    if n_judgeable < 2:
        raise too_few_to_audit(library, n_judgeable)
    found = doubts(vectors, numbers, groups, len(genres), seed=request.seed)
    listed = [doubt for doubt in found.ranking if doubt.is_likely][: request.n_songs]
    return Audit(
        model=embedded.model,
        library=library,
        label_from=request.label_from,
        songs=tuple(_doubtful(listed, tracks, own, genres, vectors)),
        n_songs=len(tracks),
        n_judged=len(found.ranking),
        n_likely=found.n_likely,
        unjudged=dict(sorted(Counter(own[place] for place in found.unjudged).items())),
        loose=labelled.loose,
        left_out=embedded.left_out,
        failed=embedded.failed,
        passed_over=embedded.passed_over,
    )


def _by_sound(tracks: Sequence[Track], groups: Sequence[str]) -> list[str]:
    """The groups, with files of one sound in one: a copy in another folder must not tell of the song."""
    first: dict[str, str] = {}
    return [first.setdefault(track.id, group) for track, group in zip(tracks, groups, strict=True)]


def _doubtful(
    listed: Sequence[Doubt],
    tracks: Sequence[Track],
    own: Sequence[str],
    genres: Sequence[str],
    vectors: NDArray[Any],
) -> list[Doubtful]:
    """The songs of doubts, with those that sound most like them."""
    if not listed:
        return []
    places = [doubt.place for doubt in listed]
    k = min(len(tracks), N_NEAREST + 5)  # other files of the same sound are passed over
    found = nearest(vectors.astype(np.float32), vectors[places], k=k, metric="cosine").places
    result = []
    for doubt, near in zip(listed, found.tolist(), strict=True):
        song = tracks[doubt.place]
        others = [Near(tracks[n], own[n]) for n in near if tracks[n].id != song.id][:N_NEAREST]
        result.append(
            Doubtful(
                song,
                genres[doubt.label],
                genres[doubt.guess],
                doubt.own,
                doubt.confidence,
                doubt.is_sure,
                tuple(others),
            )
        )
    return result


def _written(found: Audit, request: AuditRequest, spelling: Mapping[str, str]) -> Audit:
    """The same, with the playlist and the plan that are asked for."""
    if request.out is not None and found.songs:
        out, tracks = Path(request.out), [song.track for song in found.songs]
        unwritable = write_list(out, "Likely misfiled", tracks, absolute=False)
        found = replace(found, out=out, failed=(*found.failed, *unwritable))
    sure = [song for song in found.songs if song.is_sure]
    if request.plan is not None and sure:
        changes = planned(sure, found.library, found.label_from, spelling)
        plan = Path(request.plan)
        write_plan(plan, Plan(found.library, found.model, tuple(changes)))
        found = replace(found, plan=plan, n_planned=len(changes))
    return found
