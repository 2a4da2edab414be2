"""A library to playlists: embed, cluster, name, write."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from groovecli.actions.context import Context, check_call, check_seed
from groovecli.actions.embed import embed
from groovecli.checked import Checked, Count, Places
from groovecli.datasets.tables import known_genres
from groovecli.library.labels import genres_of
from groovecli.library.tracks import Rejected, Track
from groovecli.library.walk import PassedOver, check_folder
from groovecli.messages.actions import nothing_sounds, stopped_embedding
from groovecli.models.file import LoadedModel
from groovecli.models.listen import CLIPS_PER_SONG
from groovecli.monitor import Monitor
from groovecli.paths import StrPath
from groovecli.playlists import clusters
from groovecli.playlists.folder import Kept, Written, write_playlists
from groovecli.playlists.formats.m3u import M3U8
from groovecli.playlists.formats.registry import playlist_format
from groovecli.playlists.names import name_playlists
from groovecli.playlists.playlist import Entry, Playlist
from groovecli.reasons import Reason


@dataclass(frozen=True)
class ClusterRequest(Checked):
    """Which library to cut into playlists, where to write them, and how.

    `genres` takes only songs of these, `exclude` leaves out files by patterns; `dry_run` writes nothing.
    """

    library: StrPath
    out: StrPath
    method: str = "affinity"
    min_size: Count = 5
    n_clusters: Count | None = None
    absolute: bool = False
    preview: bool = False
    seed: int = 0
    n_clips: Places = CLIPS_PER_SONG
    model: str | None = None
    format: str = M3U8.name
    genres: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    dry_run: bool = False


@dataclass(frozen=True)
class Clustered:
    """The playlists written, what was left alone, and which songs are in none.

    `left_out` are copies, silent songs, and songs that are like too few others. `exemplars` has, for each
    playlist, the song that the others sound like, `sounds_like` that song's artist and title. Where it
    `is_dry`, nothing was written or removed.
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

    @property
    def in_no_playlist(self) -> tuple[Rejected, ...]:
        """Files that were read and are in no playlist: left out, or with a path that none can hold."""
        unwritable = (item for item in self.failed if item.reason == Reason.LINE_BREAK)
        return (*self.left_out, *unwritable)

    @property
    def n_left_out(self) -> int:
        """How many files are `in_no_playlist`."""
        return len(self.in_no_playlist)


def run(request: ClusterRequest, context: Context) -> Clustered:
    """Cut a library into playlists of songs that sound alike; see `cluster`.

    Raises
    ------
    ModelError
        There is no such model, or it is damaged.
    UsageError
        The seed or the format is wrong.
    """
    check_call("cluster", request, ClusterRequest, context)
    check_folder(request.library)
    check_seed(request.seed)
    playlist_format(request.format)  # sooner than after minutes of listening
    return cluster(context.load(request.model), request, context)


def cluster(model: LoadedModel, request: ClusterRequest, context: Context) -> Clustered:
    """Cut a library into playlists of songs that are alike to a model.

    Raises
    ------
    LibraryError
        There is no such library, or no song in it that can be decoded.
    Interrupted
        The user stopped it; no playlist was touched, the embeddings done are kept.
    """
    check_folder(library := Path(request.library))
    embedded = embed(
        model,
        library,
        context.catalog,
        n_clips=request.n_clips,
        exclude=request.exclude,
        genres=request.genres,
        jobs=context.jobs,
        monitor=context.monitor,
    )
    if embedded.interrupted:
        raise stopped_embedding()
    if not embedded.tracks:
        raise nothing_sounds(library, len(embedded.left_out), len(embedded.failed))
    chosen = _without_copies(embedded.tracks)
    tracks = [embedded.tracks[i] for i in chosen]
    clustering = _grouped(embedded.vectors[chosen], model.description.spec.similarity, request)
    genres = genres_of(tracks, known_genres(context.catalog), [library])
    entries = _entries(tracks, genres)
    lists = _playlists(clustering, entries)
    result = write_playlists(
        lists,
        request.out,
        absolute=request.absolute,
        format=playlist_format(request.format),
        preview=_preview(context.monitor, len(lists)) if request.preview and not request.dry_run else None,
        dry_run=request.dry_run,
    )
    unwritable = [Rejected(path, Reason.LINE_BREAK) for path in result.unwritable]
    return Clustered(
        model=model.description.name,
        method=clustering.method,
        written=result.written,
        exemplars=tuple(playlist.exemplar.path for playlist in lists),
        sounds_like=tuple(_called(playlist.exemplar) for playlist in lists),
        kept=result.kept,
        removed=result.removed,
        n_songs=len(tracks),
        left_out=(
            *_copies(embedded.tracks, chosen),
            *(Rejected(tracks[i].path, Reason.STRAY) for i in clustering.left_out),
            *embedded.left_out,
        ),
        failed=(*embedded.failed, *unwritable),
        passed_over=embedded.passed_over,
        notes=clustering.notes,
        is_dry=request.dry_run,
    )


def _grouped(vectors: NDArray[np.float32], similarity: str, request: ClusterRequest) -> clusters.Clustering:
    """The songs' vectors in clusters, as the request asks for them."""
    return clusters.cluster(
        _comparable(vectors, similarity),
        method=request.method,
        min_size=request.min_size,
        n_clusters=request.n_clusters,
        seed=request.seed,
    )


def _without_copies(tracks: Sequence[Track]) -> list[int]:
    """Number of the first file of each track."""
    first = {track.id: number for number, track in reversed(list(enumerate(tracks)))}
    return sorted(first.values())


def _copies(tracks: Sequence[Track], chosen: Sequence[int]) -> Iterator[Rejected]:
    """The files whose song is taken from another file."""
    first = {tracks[i].id: tracks[i].path for i in chosen}
    for track in tracks:
        if track.path != first[track.id]:
            yield Rejected(track.path, Reason.SAME_AUDIO, str(first[track.id]))


def _comparable(vectors: NDArray[np.float32], similarity: str) -> NDArray[np.float32]:
    """Vectors whose Euclidean distances are as the model's embeddings are compared."""
    if similarity == "euclidean":
        return vectors
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True).astype(np.float32)
    normalised: NDArray[np.float32] = vectors / np.maximum(lengths, np.finfo(np.float32).tiny)
    return normalised


def _entries(tracks: Sequence[Track], genres: Sequence[str]) -> list[Entry]:
    return [
        Entry(track.path, track.duration_s, track.tags.artist, track.tags.title, genre)
        for track, genre in zip(tracks, genres, strict=True)
    ]


def _called(entry: Entry) -> str:
    """A song as a person knows it: by its tags, else by its file's name."""
    artist, title = entry.artist.strip(), entry.title.strip()
    return f"{artist} - {title}" if artist and title else entry.path.stem


def _playlists(clustering: clusters.Clustering, entries: Sequence[Entry]) -> list[Playlist]:
    groups = [tuple(entries[i] for i in cluster.members) for cluster in clustering.clusters]
    exemplars = [entries[cluster.exemplar] for cluster in clustering.clusters]
    named = name_playlists(groups, exemplars)
    return [Playlist(*parts) for parts in zip(named, groups, exemplars, strict=True)]


def _preview(monitor: Monitor, n_playlists: int) -> Callable[[Playlist], bytes | None]:
    from groovecli.audio.medley import medley

    done = 0

    def made(playlist: Playlist) -> bytes | None:
        nonlocal done
        sound = medley([entry.path for entry in playlist.entries], title=f"{playlist.name} (preview)")
        done += 1
        monitor.progress("preview", done, n_playlists)
        return sound.mp3

    return made
