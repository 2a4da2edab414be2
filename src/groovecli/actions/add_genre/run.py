"""A genre more for a dataset, for a model, or for both."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from groovecli.actions import ingest
from groovecli.actions.add_genre.extend import FINE_TUNING_EPOCHS, Extended, check_extensible, extend
from groovecli.actions.add_genre.teach import (
    MAX_FORGETTING,
    Taught,
    check_enough,
    check_new,
    find_songs,
    memory_of,
    songs_to_learn,
    teach,
)
from groovecli.actions.context import Context, check_call
from groovecli.actions.ingest import IngestResult
from groovecli.checked import Checked, Count, Share
from groovecli.datasets.dataset import Dataset, open_dataset
from groovecli.datasets.forget import forget
from groovecli.datasets.intake import IngestRequest
from groovecli.datasets.tables import Tables
from groovecli.errors import ModelError
from groovecli.library.genres import checked_genre, same_genre
from groovecli.library.scan import Found, find_tracks
from groovecli.library.tracks import Rejected, Track
from groovecli.library.walk import PassedOver
from groovecli.messages.actions import dataset_is_published
from groovecli.models.file import StoredModel
from groovecli.models.making import making
from groovecli.paths import StrPath
from groovecli.reasons import Reason


@dataclass(frozen=True)
class AddGenreRequest(Checked):
    """Which genre to add, from which songs, and to what.

    `train` also teaches a model: the one of a name, else the one that serves. `max_forgetting` None
    keeps it whatever it lost. `epochs` is for a model that remembers no songs. `exclude` has patterns of
    files that are left out of the folder; `dry_run` changes nothing.
    """

    genre: str
    folder: StrPath
    train: bool = False
    model: str | None = None
    max_forgetting: Share | None = MAX_FORGETTING
    epochs: Count = FINE_TUNING_EPOCHS
    features: tuple[str, ...] = ("mel-323",)
    dataset: str = "default"
    exclude: tuple[str, ...] = ()
    dry_run: bool = False


@dataclass(frozen=True)
class WouldAdd:
    """What a dry run found: the songs that would be added, the files left out, and what would learn it.

    `n_for_dataset` and `n_for_model` are None where no folder's songs go there: a model that remembers no
    songs learns from the dataset. Silent songs are counted: nothing is listened to. `why_not` says why
    the dataset would not have the genre even then.
    """

    genre: str
    n_songs: int
    n_for_dataset: int | None
    n_for_model: int | None
    left_out: tuple[Rejected, ...]
    passed_over: PassedOver
    dataset: str | None
    model: str | None
    why_not: str = ""


@dataclass(frozen=True)
class GenreAdded:
    """What became of the dataset and of the model; None where it was left as it is.

    A model that remembers its songs was `taught`, another one `extended`. `is_missing` says that the
    dataset has no song of the genre even now; `would` is all that a dry run gives.
    """

    ingested: IngestResult | None
    extended: Extended | None
    taught: Taught | None
    interrupted: bool
    is_missing: bool = False
    would: WouldAdd | None = None

    @property
    def known_by(self) -> str | None:
        """Name of the model that now knows the genre."""
        if self.extended:
            return self.extended.training.description.name
        return self.taught.description.name if self.taught else None


def run(request: AddGenreRequest, context: Context) -> GenreAdded:
    """Add a genre to a dataset and, if asked for, to a model; nothing that was there is lost.

    A model that remembers the songs it learnt from needs no dataset: one is added to if it is there.

    Raises
    ------
    DatasetError
        There is no such dataset, the model has the genre already, or there are too few songs for it.
        What can be known without listening is, before anything is added to the dataset.
    ModelError
        There is no such model, or it would forget too much.
    LibraryError
        There is no music in the folder.
    UsageError
        The genre has no name, or one that is kept for songs without a genre.
    """
    check_call("add_genre", request, AddGenreRequest, context)
    genre = checked_genre(request.genre)
    stored = None
    if request.train:
        stored = context.shelf.find(request.model, with_genres=True, of_files=True)
    remembers = stored is not None and memory_of(stored) is not None
    ingested = extended = taught = None
    settings = Tables(context.catalog, request.dataset).settings()
    if settings and settings.origin.listing is not None and not remembers:
        raise dataset_is_published(request.dataset, settings.source)
    has_dataset = not remembers or (settings is not None and settings.origin.listing is None)
    dataset = open_dataset(context.catalog, context.home, request.dataset) if has_dataset else None
    if stored:
        _check(stored, genre, dataset)
    if request.dry_run:
        return _looked(request, genre, stored, context, dataset)
    if dataset:
        if stored and remembers:
            find_songs(stored, genre, Path(request.folder), context, exclude=request.exclude)
        ingested = _ingested(request, context)
    if stored and not context.monitor.stopped:
        with _unless_refused(dataset):
            if remembers:
                taught = _taught(request, genre, stored, context)
            else:
                extended = _extended(request, genre, stored, context)
    is_missing = ingested is not None and same_genre(genre, ingested.genres) is None
    return GenreAdded(ingested, extended, taught, context.monitor.stopped, is_missing)


@contextmanager
def _unless_refused(dataset: Dataset | None) -> Iterator[None]:
    """Take back what a dataset got meanwhile, if the model that it was for is refused."""
    try:
        yield
    except ModelError:
        if dataset:
            now = dataset.reread()
            forget(now, set(now.songs) - set(dataset.songs))
        raise


def _taught(request: AddGenreRequest, genre: str, stored: StoredModel, context: Context) -> Taught:
    """The model with the genre more, under the next free name."""
    what = [genre, os.path.abspath(request.folder), stored.name, list(request.exclude), context.seed]
    with making(context.home.models, "transfer", None, what) as made:
        return teach(
            stored,
            genre,
            Path(request.folder),
            context.home.models / made.name,
            context,
            max_forgetting=request.max_forgetting,
            exclude=request.exclude,
        )


def _check(stored: StoredModel, genre: str, dataset: Dataset | None) -> None:
    """Raise what can be known before the folder is read."""
    if memory_of(stored) is not None:
        check_new(stored, genre)
    elif dataset:
        check_extensible(dataset, genre, stored)


def _extended(request: AddGenreRequest, genre: str, stored: StoredModel, context: Context) -> Extended:
    """The model, trained on with the genre that its dataset has now."""
    dataset = open_dataset(context.catalog, context.home, request.dataset)
    there = {song.genre for song in dataset.songs.values()}
    return extend(
        dataset,
        same_genre(genre, there) or genre,
        stored,
        context,
        epochs=request.epochs,
        max_forgetting=request.max_forgetting,
    )


def _ingested(request: AddGenreRequest, context: Context) -> IngestResult:
    return ingest.run(
        IngestRequest(
            request.folder,
            request.dataset,
            features=request.features,
            genre=request.genre,
            exclude=request.exclude,
            insist=request.max_forgetting is None,
        ),
        context,
    )


def _looked(
    request: AddGenreRequest,
    genre: str,
    stored: StoredModel | None,
    context: Context,
    dataset: Dataset | None,
) -> GenreAdded:
    """What would be added; nothing is written, not even what was read of the files."""
    found = find_tracks(
        [request.folder], None, exclude=request.exclude, jobs=context.jobs, monitor=context.monitor
    )
    if context.monitor.stopped:
        return GenreAdded(None, None, None, interrupted=True)
    left_out = {item.path: item for item in found.rejected}
    for_dataset: set[str] | None = None
    for_model: set[str] | None = None
    why_not = ""
    if stored and memory_of(stored) is not None:
        learnt = songs_to_learn(found, stored, genre, context)
        check_enough(learnt.tracks, Path(request.folder), genre, learnt.rejected)
        for_model = {track.id for track in learnt.tracks}
        left_out |= {item.path: item for item in learnt.rejected}
    if dataset:
        for_dataset, unused, why_not = _new_to(dataset, genre, found)
        left_out |= {item.path: item for item in unused}
    would = WouldAdd(
        genre=genre,
        n_songs=len((for_dataset or set()) | (for_model or set())),
        n_for_dataset=None if for_dataset is None else len(for_dataset),
        n_for_model=None if for_model is None else len(for_model),
        left_out=tuple(left_out.values()),
        passed_over=found.passed_over,
        dataset=request.dataset if dataset else None,
        model=stored.name if stored else None,
        why_not=why_not,
    )
    return GenreAdded(None, None, None, context.monitor.stopped, would=would)


def _new_to(dataset: Dataset, genre: str, found: Found) -> tuple[set[str], list[Rejected], str]:
    """The songs that a dataset would get, by track id, the files left out, and why it gets none, if so."""
    genre = same_genre(genre, {song.genre for song in dataset.songs.values()}) or genre
    tracks, unused = ingest.usable({track.path: (track, genre) for track in found.tracks}, dataset)
    genred = {track.id: (track, genre) for track, genre in tracks.values()}
    skipped = [*found.rejected, *unused]
    plan = ingest.planned(dataset, genred, {}, skipped)
    unused += _there(dataset, [track for track, _ in tracks.values()])
    new = {song.track_id for song in plan.songs} - set(dataset.songs)
    none = "" if genre in plan.genres else "has no song that could be added"
    return new, unused, plan.left_out.get(genre, none)


def _there(dataset: Dataset, tracks: Sequence[Track]) -> list[Rejected]:
    """The files whose song is in the dataset, under this genre."""
    where = f"a song in dataset {dataset.name}"
    return [Rejected(t.path, Reason.SAME_AUDIO, where) for t in tracks if t.id in dataset.songs]
