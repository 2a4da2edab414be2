"""A library to playlists: embed, cluster, name, write."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from groovecli.actions.arranged import Arrangement, arranged, entries_of, own_lists, too_many
from groovecli.actions.clustered import Clustered as Clustered
from groovecli.actions.clustered import ClusterRequest as ClusterRequest
from groovecli.actions.context import Context, check_call, check_seed, log_songs
from groovecli.actions.embed import embed
from groovecli.actions.lasting import emptiness, going_on, model_for, refusal
from groovecli.actions.lists_page import PagePlan, check_page, has_page, page_of
from groovecli.actions.once import Once, only, songs_once
from groovecli.actions.previews import previews
from groovecli.actions.remembered import about_run, as_before
from groovecli.datasets.tables import known_genres
from groovecli.errors import GrooveError
from groovecli.files import check_writable
from groovecli.library.labels import genres_of
from groovecli.library.tracks import PLAYLISTS_PAGE, Rejected, Track
from groovecli.library.walk import check_folder
from groovecli.messages.actions import no_song_for_lists, nothing_sounds, stopped_embedding
from groovecli.messages.playlists import journal_damaged, manifest_damaged
from groovecli.models.loaded import LoadedModel
from groovecli.models.results import Embedded
from groovecli.playlists import clusters, journal
from groovecli.playlists.eligible import Rules, rules_for
from groovecli.playlists.folder import Page, WriteResult, write_playlists
from groovecli.playlists.formats.format import Format
from groovecli.playlists.formats.registry import format_for
from groovecli.playlists.manifest import About
from groovecli.playlists.names import check_name_format
from groovecli.playlists.naming import Naming, mapped, naming_for
from groovecli.playlists.order import check_order
from groovecli.playlists.players.registry import ANY, player_called
from groovecli.playlists.playlist import Entry, Playlist
from groovecli.playlists.rows import Rows, compared_by
from groovecli.playlists.sizes import bounds_for, check_bounds
from groovecli.playlists.standing import Standing
from groovecli.playlists.undo import Undone, undo_playlists
from groovecli.reasons import Reason


def run(request: ClusterRequest, context: Context) -> Clustered:
    """Cut a library into playlists of songs that sound alike; see `cluster`.

    Raises
    ------
    ModelError
        There is no such model, it is damaged, or the one that made the folder's lists is gone.
    LibraryError
        A newer groove wrote the folder's lists.
    UsageError
        The seed, the player, the format, or how paths are to be written is wrong.
    """
    check_call("cluster", request, ClusterRequest, context)
    check_folder(request.library)
    check_seed(request.seed)
    standing = Standing(Path(request.out))
    request, as_last = as_before(request, standing)
    _naming(request), _format(request), _rules(request)  # sooner than after minutes of listening
    _check_lists(request)
    if not request.dry_run:
        check_writable(Path(request.out), is_folder=True)
        check_page(Path(request.out), is_wanted=request.page)
    model, note = model_for(standing, request.model, context, again=request.replace)
    done = cluster(model, request, context)
    if done.refused is None:
        done = replace(done, notes=(*done.notes, *filter(None, (note, as_last))))
    if not done.is_dry:
        log_songs(context.catalog, "cluster", [Path(request.library)], done.n_songs, len(done.failed))
    return done


def undo(request: ClusterRequest, context: Context) -> Undone:
    """Take the last run of `cluster` in the request's folder back; see `undo_playlists`."""
    check_call("cluster", request, ClusterRequest, context)
    return undo_playlists(request.out)


def cluster(model: LoadedModel, request: ClusterRequest, context: Context) -> Clustered:
    """Cut a library into playlists of songs that are alike to a model.

    Raises
    ------
    LibraryError
        There is no such library, no song in it that can be decoded, or most of its songs are gone and
        the folder has no lists that could be kept.
    Interrupted
        The user stopped it; no playlist was touched, the embeddings done are kept.
    """
    standing = Standing(Path(request.out))
    songs = _songs(model, request, standing, context)
    embedded, once, tracks, compared = songs.embedded, songs.once, songs.tracks, songs.compared
    clustering = _grouped(compared, request)
    entries = _entries(tracks, Path(request.library), context)
    about, notes = about_run(model, request, len(tracks)), tuple(_damage(standing))
    force, again = request.force, request.replace
    refused, insisting = refusal(standing, about, entries, songs.emptied, force=force, again=again)
    again = again or insisting == "--replace"
    if not again:
        bounds = bounds_for(len(tracks), request.min_size, request.max_size, request.n_clusters)
        clustering, about, more = going_on(standing, about, entries, clustering, compared, bounds.min_size)
        clustering, notes = clusters.within(clustering, compared, bounds), (*notes, *more)
    is_dry = request.dry_run or refused is not None
    lists = arranged(clustering, entries, compared, context.catalog, _arrangement(request))
    page = None if is_dry else _page(model, request, entries, compared, context)
    result = _write(lists, request, about, context, page, again=again, dry_run=is_dry)
    left_out = (
        *once.songs.left_out,
        *(Rejected(tracks[i].path, Reason.STRAY) for i in clustering.left_out),
        *_left_of(result),
        *embedded.left_out,
    )
    in_none, n_in_kept = _in_kept(result, entries, left_out)
    return Clustered(
        model=model.description.name,
        method=clustering.method,
        written=result.written,
        exemplars=tuple(playlist.exemplar.path for playlist in result.playlists),
        sounds_like=tuple(playlist.exemplar.shown for playlist in result.playlists),
        kept=result.kept,
        removed=result.removed,
        n_songs=len(tracks),
        left_out=in_none,
        failed=(*embedded.failed, *once.unread, *_unwritable(result.unwritable, request)),
        passed_over=embedded.passed_over,
        notes=(*once.songs.notes, *clustering.notes, *notes, *_own_lists(result.playlists, request)),
        is_dry=is_dry,
        undescribed=songs.undescribed,
        deleted=result.deleted,
        changes=result.changes,
        refused=refused,
        page=None if page is None else Path(request.out) / PLAYLISTS_PAGE,
        insisting=insisting,
        n_in_kept=n_in_kept,
        is_unchanged=result.is_unchanged,
    )


@dataclass(frozen=True)
class _Songs:
    """The songs that are cut into playlists, each once, and how they are compared.

    `emptied` says that most of the library is gone, where that is no reason to refuse it yet.
    """

    embedded: Embedded
    undescribed: tuple[Rejected, ...]
    once: Once
    tracks: Sequence[Track]
    compared: Rows
    emptied: GrooveError | None


def _songs(model: LoadedModel, request: ClusterRequest, standing: Standing, context: Context) -> _Songs:
    check_folder(library := Path(request.library))
    embedded = _embedded(model, request, context)
    undescribed = _undescribed(embedded.tracks, context) if request.describe else ()
    if not embedded.tracks:
        raise nothing_sounds(library, len(embedded.left_out), len(embedded.failed))
    emptied = None if request.force or request.replace else emptiness(embedded.tracks, library, context)
    if emptied is not None and not standing.lists:
        raise emptied
    once = songs_once(model, embedded, _rules(request), context)
    kept = once.songs.kept
    if not len(kept):
        raise no_song_for_lists(library, len(once.songs.left_out))
    compared = compared_by(model.description.spec.similarity, only(embedded.stored, kept))
    tracks = [embedded.tracks[i] for i in kept.tolist()]
    return _Songs(embedded, undescribed, once, tracks, compared, emptied)


def _page(
    model: LoadedModel, request: ClusterRequest, entries: Sequence[Entry], vectors: Rows, context: Context
) -> Page | None:
    """What makes the playlists one page, where the request wants it or there is one already."""
    folder = Path(request.out)
    if not request.page and not has_page(folder):
        return None
    plan = PagePlan(Path(request.library), folder, model.description.name, request.seed)
    return lambda result: page_of(plan, result, entries, vectors, context)


def _in_kept(
    result: WriteResult, entries: Sequence[Entry], left_out: Sequence[Rejected]
) -> tuple[tuple[Rejected, ...], int]:
    """The songs that are in no list, not in those that stay either; how many are in these alone."""
    listed = {song for each in result.stayed for song in each.songs}
    if not listed:
        return tuple(left_out), 0
    in_none = tuple(item for item in left_out if Path(os.path.abspath(item.path)) not in listed)
    paths = [*(entry.path for entry in entries), *(item.path for item in left_out)]
    written = (entry.path for playlist in result.playlists for entry in playlist.entries)
    songs, others = ({Path(os.path.abspath(path)) for path in some} for some in (paths, written))
    return in_none, len((songs & listed) - others)


def _left_of(result: WriteResult) -> tuple[Rejected, ...]:
    return (*too_many(result.playlists), *result.left_out)


def _embedded(model: LoadedModel, request: ClusterRequest, context: Context) -> Embedded:
    embedded = embed(
        model,
        Path(request.library),
        context.catalog,
        n_clips=request.n_clips,
        exclude=request.exclude,
        genres=request.genres,
        jobs=context.jobs,
        monitor=context.monitor,
    )
    if embedded.interrupted:
        raise stopped_embedding()
    return embedded


def _write(
    lists: Sequence[Playlist],
    request: ClusterRequest,
    about: About,
    context: Context,
    page: Page | None,
    *,
    again: bool,
    dry_run: bool,
) -> WriteResult:
    """Write playlists as the request says; see `write_playlists`."""
    return write_playlists(
        lists,
        request.out,
        naming=_naming(request),
        format=_format(request),
        preview=previews(context.monitor, len(lists)) if request.preview and not dry_run else None,
        page=page,
        dry_run=dry_run,
        about=about,
        again=again,
    )


def _entries(tracks: Sequence[Track], library: Path, context: Context) -> list[Entry]:
    known = known_genres(context.catalog, (track.id for track in tracks))
    return entries_of(tracks, genres_of(tracks, known, [library]), library)


def _arrangement(request: ClusterRequest) -> Arrangement:
    return Arrangement(request.order, request.per_artist, request.name_format, request.seed)


def _own_lists(playlists: Sequence[Playlist], request: ClusterRequest) -> Iterator[str]:
    return own_lists(playlists) if request.per_artist else iter(())


def _damage(standing: Standing) -> Iterator[str]:
    """That groove can't know what it wrote to the folder, where that is so."""
    if standing.manifest.is_damaged:
        yield manifest_damaged(standing.folder, has_files=bool(standing.manifest.files))
    if journal.is_damaged(standing.folder):
        yield journal_damaged(standing.folder)


def _naming(request: ClusterRequest) -> Naming:
    return naming_for(
        request.player or ANY.name,
        Path(request.library),
        Path(request.out),
        absolute=request.absolute,
        relative_to=None if request.relative_to is None else Path(request.relative_to),
        prefix=request.prefix,
        path_map=request.path_map,
    )


def _check_lists(request: ClusterRequest) -> None:
    """Refuse an order, sizes and a format of names that there can't be."""
    check_order(request.order)
    check_bounds(request.min_size, request.max_size)
    if request.name_format:
        check_name_format(request.name_format)


def _rules(request: ClusterRequest) -> Rules:
    return rules_for(request.include, request.max_minutes)


def _format(request: ClusterRequest) -> Format:
    return format_for(player_called(request.player or ANY.name), request.format or "")


def _unwritable(paths: Sequence[Path], request: ClusterRequest) -> Iterator[Rejected]:
    """Songs whose path no playlist can hold, or its player not read, or that no mapped folder has."""
    maps = _naming(request).path_map
    for path in paths:
        if maps and mapped(path, maps) is None:
            yield Rejected(path, Reason.UNMAPPED)
            continue
        if {"\n", "\r"} & set(str(path)):
            yield Rejected(path, Reason.LINE_BREAK)
        else:
            yield Rejected(path, Reason.UNNAMEABLE, player_called(request.player or ANY.name).title)


def _undescribed(tracks: Sequence[Track], context: Context) -> tuple[Rejected, ...]:
    """Describe songs; those that could not be described."""
    from groovecli.actions.describe import describe_all  # with what measures songs

    done = describe_all(tracks, context.catalog, jobs=context.jobs, monitor=context.monitor)
    if done.interrupted:
        raise stopped_embedding()
    return done.failed


def _grouped(vectors: Rows, request: ClusterRequest) -> clusters.Clustering:
    """The songs' vectors in clusters, as the request asks for them."""
    return clusters.cluster(
        vectors,
        method=request.method,
        min_size=request.min_size,
        max_size=request.max_size,
        n_clusters=request.n_clusters,
        seed=request.seed,
    )
