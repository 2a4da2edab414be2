"""A library to playlists: embed, cluster, name, write."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from groovecli.actions.arranged import Arrangement, arranged, entries_of, own_lists, too_many
from groovecli.actions.context import Context, check_call, check_seed, log_songs
from groovecli.actions.embed import embed
from groovecli.actions.lasting import emptiness, going_on, model_for, refusal
from groovecli.actions.lists_page import PagePlan, check_page, write_lists_page
from groovecli.actions.once import only, songs_once
from groovecli.actions.previews import previews
from groovecli.checked import Checked, Count, Minutes, Places
from groovecli.datasets.tables import known_genres
from groovecli.errors import GrooveError
from groovecli.files import check_writable
from groovecli.library.labels import genres_of
from groovecli.library.tracks import Rejected, Track
from groovecli.library.walk import PassedOver, check_folder
from groovecli.messages.actions import no_song_for_lists, nothing_sounds, stopped_embedding
from groovecli.messages.playlists import journal_damaged, manifest_damaged
from groovecli.models.loaded import LoadedModel
from groovecli.models.results import CLIPS_PER_SONG, Embedded
from groovecli.paths import StrPath
from groovecli.playlists import clusters, journal
from groovecli.playlists.changes import ListChange
from groovecli.playlists.eligible import MAX_MINUTES, Rules, rules_for
from groovecli.playlists.folder import Kept, WriteResult, Written, write_playlists
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


@dataclass(frozen=True)
class ClusterRequest(Checked):
    """Which library to cut into playlists, where to write them, and how.

    `player` gets files as it reads them: the ending, the paths, and the escapes. `format` and the fields
    from `absolute` to `path_map` say it otherwise. `genres` takes only songs of these, `exclude` leaves
    out files by patterns; `include` has the kinds of songs to let in that are left out otherwise, and
    songs over `max_minutes` are long: see `eligible`. `dry_run` writes nothing,
    `force` goes on though most of the library's songs are gone. `describe` also measures tempo, key and
    loudness of each song. Lists of an earlier run go on: `replace`
    makes them again, as if there had been none, and in place of another library's or model's. `order` is
    how songs follow each other, `page` also writes a page of the lists, `per_artist` has the most songs of
    an artist in a list, and `name_format`
    says how lists are named: see `name_playlists`.
    """

    library: StrPath
    out: StrPath
    method: str = "mutual"
    min_size: Count | None = None
    max_size: Count | None = None
    n_clusters: Count | None = None
    order: str = "smooth"
    per_artist: Count | None = None
    name_format: str = ""
    absolute: bool = False
    preview: bool = False
    seed: int = 0
    n_clips: Places = CLIPS_PER_SONG
    model: str | None = None
    player: str = ANY.name
    format: str | None = None
    relative_to: StrPath | None = None
    prefix: str = ""
    path_map: tuple[str, ...] = ()
    genres: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    max_minutes: Minutes = MAX_MINUTES
    dry_run: bool = False
    force: bool = False
    describe: bool = False
    replace: bool = False
    page: bool = False


_REMEMBERED = ("method", "min_size", "max_size", "n_clusters", "n_clips", "seed", "name_format")
"""Fields that a folder remembers: lists go on as they are while those that group songs are the same."""
_UNWRITABLE = (Reason.LINE_BREAK, Reason.UNNAMEABLE, Reason.UNMAPPED)


@dataclass(frozen=True)
class Clustered:
    """The playlists written, what was left alone, and which songs are in none.

    `left_out` are songs that no playlist is made of (see `eligible`), silent songs, and songs that are like
    too few others. `exemplars` has, for each
    playlist, the song that the others sound like, `sounds_like` that song's artist and title. Where it
    `is_dry`, nothing was written or removed. `undescribed` are songs that were to be described, too, and
    could not be. `refused` says why the folder's lists were kept instead; then the rest is what would
    happen with the option `insisting`, which its hint names. `deleted` are names of lists that the user
    deleted, `changes` what becomes of each list.
    """

    model: str
    method: str
    written: tuple[Written, ...]
    exemplars: tuple[Path, ...]
    sounds_like: tuple[str, ...]
    kept: tuple[Kept, ...]
    removed: tuple[Path, ...]
    n_songs: int
    left_out: tuple[Rejected, ...]
    failed: tuple[Rejected, ...]
    passed_over: PassedOver
    notes: tuple[str, ...]
    is_dry: bool = False
    undescribed: tuple[Rejected, ...] = ()
    deleted: tuple[str, ...] = ()
    changes: tuple[ListChange, ...] = ()
    refused: GrooveError | None = None
    page: Path | None = None
    insisting: str = ""

    @property
    def in_no_playlist(self) -> tuple[Rejected, ...]:
        """Files that were read and are in no playlist: left out, or with a path that none can hold."""
        unwritable = (item for item in self.failed if item.reason in _UNWRITABLE)
        return (*self.left_out, *unwritable)

    @property
    def n_left_out(self) -> int:
        """How many files are `in_no_playlist`."""
        return len(self.in_no_playlist)

    @property
    def misses_songs(self) -> bool:
        """Whether songs of the last run's playlists are not there."""
        return any(each.lost for each in self.changes) or any(k.reason == Reason.AWAY for k in self.kept)

    @property
    def share(self) -> float | None:
        """Share of the library's songs that are in a playlist; None where there is no song."""
        n_in = sum(written.n_songs for written in self.written)
        return n_in / (n_in + self.n_left_out) if n_in + self.n_left_out else None


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
    _naming(request), _format(request), _rules(request)  # sooner than after minutes of listening
    _check_lists(request)
    if not request.dry_run:
        check_writable(Path(request.out), is_folder=True)
        check_page(Path(request.out), is_wanted=request.page)
    standing = Standing(Path(request.out))
    model, note = model_for(standing, request.model, context, again=request.replace)
    done = cluster(model, request, context)
    if note and done.refused is None:
        done = replace(done, notes=(*done.notes, note))
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
    check_folder(library := Path(request.library))
    embedded = _embedded(model, request, context)
    undescribed = _undescribed(embedded.tracks, context) if request.describe else ()
    if not embedded.tracks:
        raise nothing_sounds(library, len(embedded.left_out), len(embedded.failed))
    standing = Standing(Path(request.out))
    emptied = None if request.force or request.replace else emptiness(embedded.tracks, library, context)
    if emptied is not None and not standing.lists:
        raise emptied
    once = songs_once(model, embedded, _rules(request), context)
    if not len(once.songs.kept):
        raise no_song_for_lists(library, len(once.songs.left_out))
    tracks = [embedded.tracks[i] for i in once.songs.kept.tolist()]
    vectors = only(embedded.stored, once.songs.kept)
    compared = compared_by(model.description.spec.similarity, vectors)
    clustering = _grouped(compared, request)
    entries = _entries(tracks, library, context)
    about, notes = _about(model, request, len(tracks)), tuple(_damage(standing))
    force, again = request.force, request.replace
    refused, insisting = refusal(standing, about, entries, emptied, force=force, again=again)
    again = again or insisting == "--replace"
    if not again:
        bounds = bounds_for(len(tracks), request.min_size, request.max_size, request.n_clusters)
        clustering, about, more = going_on(standing, about, entries, clustering, compared, bounds.min_size)
        clustering, notes = clusters.within(clustering, compared, bounds), (*notes, *more)
    is_dry = request.dry_run or refused is not None
    lists = arranged(clustering, entries, compared, context.catalog, _arrangement(request))
    result = _write(lists, request, about, context, again=again, dry_run=is_dry)
    page = None if is_dry else _page(model, request, result, entries, compared, context)
    return Clustered(
        model=model.description.name,
        method=clustering.method,
        written=result.written,
        exemplars=tuple(playlist.exemplar.path for playlist in result.playlists),
        sounds_like=tuple(playlist.exemplar.shown for playlist in result.playlists),
        kept=result.kept,
        removed=result.removed,
        n_songs=len(tracks),
        left_out=(
            *once.songs.left_out,
            *(Rejected(tracks[i].path, Reason.STRAY) for i in clustering.left_out),
            *_left_of(result),
            *embedded.left_out,
        ),
        failed=(*embedded.failed, *once.unread, *_unwritable(result.unwritable, request)),
        passed_over=embedded.passed_over,
        notes=(*once.songs.notes, *clustering.notes, *notes, *_own_lists(result.playlists, request)),
        is_dry=is_dry,
        undescribed=undescribed,
        deleted=result.deleted,
        changes=result.changes,
        refused=refused,
        page=page,
        insisting=insisting,
    )


def _page(
    model: LoadedModel,
    request: ClusterRequest,
    result: WriteResult,
    entries: Sequence[Entry],
    vectors: Rows,
    context: Context,
) -> Path | None:
    """The playlists as one page, where the request wants it."""
    if not request.page:
        return None
    plan = PagePlan(Path(request.library), Path(request.out), model.description.name, request.seed)
    return write_lists_page(plan, result, entries, vectors, context)


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


def _about(model: LoadedModel, request: ClusterRequest, n_songs: int) -> About:
    options = {name: getattr(request, name) for name in _REMEMBERED}
    player = request.player if request.player != ANY.name else ""
    library = os.path.abspath(request.library)
    return About(library, model.description.name, model.id, options, n_songs, player)


def _naming(request: ClusterRequest) -> Naming:
    return naming_for(
        request.player,
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
    return format_for(player_called(request.player), request.format or "")


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
            yield Rejected(path, Reason.UNNAMEABLE, player_called(request.player).title)


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
