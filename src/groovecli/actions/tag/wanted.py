"""What can be written of songs: only what is right as often as was asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from groovecli.actions.classify import classify
from groovecli.actions.context import Context
from groovecli.actions.describe import describe_all
from groovecli.actions.tag.request import TagRequest
from groovecli.audio.tag_writing import Field, Values
from groovecli.describe.description import SongDescription
from groovecli.errors import Interrupted
from groovecli.library.genres import SILENT, parent_of
from groovecli.library.tracks import Rejected, Track
from groovecli.messages.tidy import never_so_precise, no_curve, no_playlists_in, nothing_written, too_unsure
from groovecli.models.file import StoredModel
from groovecli.models.precision import Needed, curve_of
from groovecli.models.results import SongGenre
from groovecli.playlists.manifest import path_of, read_manifest
from groovecli.reasons import Reason

_SHORT = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_SHORT_MINOR = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B")


@dataclass(frozen=True)
class Wanted:
    """What is known of a song that can be written, and why its genre can't be, if it can't."""

    values: Values
    why_not: Rejected | None = None


def threshold(stored: StoredModel, precision: float) -> Needed | None:
    """How sure a genre has to be, as was measured; None where any will do.

    Raises
    ------
    ModelError
        The model was never measured, or never found to be so precise.
    """
    if precision <= 0:
        return None
    curve = curve_of(stored)
    if curve is None:
        raise no_curve(stored.name, is_shipped=stored.is_shipped)
    needed = curve.least(precision)
    if needed is None:
        raise never_so_precise(stored.name, precision, curve.best)
    return needed


def names_of(request: TagRequest) -> Mapping[Path, tuple[str, ...]]:
    """The names of the playlists that each song is in."""
    if request.playlists is None:
        return {}
    folder = Path(request.playlists)
    manifest = read_manifest(folder)
    if not any(each.songs for each in manifest.lists):
        raise no_playlists_in(folder)
    names: dict[Path, tuple[str, ...]] = {}
    for each in manifest.lists:
        if each.is_deleted:
            continue
        for line in each.songs:
            path = path_of(line, manifest.about.library)
            if each.name not in names.get(path, ()):
                names[path] = (*names.get(path, ()), each.name)
    return names


def wanted_of(
    request: TagRequest,
    tracks: Sequence[Track],
    stored: StoredModel | None,
    needed: Needed | None,
    names: Mapping[Path, tuple[str, ...]],
    context: Context,
) -> tuple[dict[Path, Wanted], list[Rejected]]:
    """What can be written of each song, and the songs of which something could not be told.

    Parameters
    ----------
    stored : StoredModel, optional
        The model that names genres, where these are asked for.
    needed : Needed, optional
        How sure it has to be.
    names : mapping
        The playlists that each song is in.

    Raises
    ------
    Interrupted
        The user stopped it; nothing was written.
    """
    failed: list[Rejected] = []
    genres: dict[Path, SongGenre] = {}
    said: dict[str, SongDescription] = {}
    if stored is not None:
        done = classify(
            context.loaded(stored),
            [track.path for track in tracks],
            context.catalog,
            n_clips=request.n_clips,
            jobs=context.jobs,
            monitor=context.monitor,
        )
        genres = {song.path: song for song in done.results}
        failed += done.failed
    if request.tempo or request.key:
        described = describe_all(tracks, context.catalog, jobs=context.jobs, monitor=context.monitor)
        said = {song.track.id: song.said for song in described.songs}
        failed += [item for item in described.failed if item.path not in {each.path for each in failed}]
    _check_not_stopped(context)
    depth = stored.description.depth if stored else 1
    wanted = {
        track.path: _of_song(
            request, track, genres.get(track.path), said.get(track.id), names, needed, depth
        )
        for track in tracks
    }
    return wanted, failed


def _check_not_stopped(context: Context) -> None:
    if context.monitor.stopped:
        raise Interrupted(nothing_written(), "")


def _of_song(
    request: TagRequest,
    track: Track,
    song: SongGenre | None,
    said: SongDescription | None,
    names: Mapping[Path, tuple[str, ...]],
    needed: Needed | None,
    depth: int,
) -> Wanted:
    values: dict[Field, tuple[str, ...]] = {}
    why_not = None
    if song is not None and song.verdict == SILENT:
        why_not = Rejected(track.path, Reason.SILENT)
    elif song is not None and song.is_familiar is False:
        why_not = Rejected(track.path, Reason.UNLIKE)
    elif song is not None and not _is_sure(song, needed):
        detail = too_unsure(song.guess, song.confidence)
        why_not = Rejected(track.path, Reason.NOT_SURE, detail)
    elif song is not None:
        is_sub = depth > 1 and parent_of(song.guess) != song.guess
        values["genre"] = (parent_of(song.guess), song.guess.partition("/")[2]) if is_sub else (song.guess,)
    least = request.min_precision
    if said is not None and request.tempo and said.tempo.bpm and said.tempo.confidence >= least:
        values["tempo"] = (str(round(said.tempo.bpm)),)
    if said is not None and request.key and said.key.tonic is not None and said.key.confidence >= least:
        tonic = said.key.tonic
        values["key"] = (f"{_SHORT_MINOR[tonic]}m" if said.key.is_minor else _SHORT[tonic],)
    if track.path in names:
        values["playlist"] = names[track.path]
    return Wanted(values, why_not)


def _is_sure(song: SongGenre, needed: Needed | None) -> bool:
    if needed is None:
        return True
    least = needed.of(song.guess)
    return least is not None and song.confidence >= least
