"""A genre more for a dataset, for a model, or for both."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from groovecli.actions import ingest
from groovecli.actions.add_genre.extend import FINE_TUNING_EPOCHS, Extended, extend
from groovecli.actions.add_genre.teach import MAX_FORGETTING, Taught, memory_of, teach
from groovecli.actions.context import Context, check_call
from groovecli.actions.ingest import IngestResult
from groovecli.checked import Checked, Count, Share
from groovecli.datasets.dataset import open_dataset
from groovecli.datasets.intake import IngestRequest
from groovecli.datasets.tables import Tables
from groovecli.library.genres import checked_genre, same_genre
from groovecli.library.scan import find_tracks
from groovecli.library.tracks import Rejected
from groovecli.library.walk import PassedOver
from groovecli.messages.actions import dataset_is_published
from groovecli.models.file import StoredModel
from groovecli.paths import StrPath


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
    """What a dry run found: the songs of the genre, the files left out, and what would learn it."""

    genre: str
    n_songs: int
    left_out: tuple[Rejected, ...]
    passed_over: PassedOver
    dataset: str | None
    model: str | None


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
        There is no such dataset, or the model has the genre already.
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
    if request.dry_run:
        return _looked(request, genre, stored, context, has_dataset=has_dataset)
    if has_dataset:
        ingested = _ingested(request, context)
    if stored and not context.monitor.stopped:
        genre = same_genre(genre, stored.description.genres) or genre
        if remembers:
            into = context.home.models / context.shelf.free_name("transfer")
            taught = teach(
                stored,
                genre,
                Path(request.folder),
                into,
                context,
                max_forgetting=request.max_forgetting,
                exclude=request.exclude,
            )
        else:
            dataset = open_dataset(context.catalog, context.home, request.dataset)
            there = {song.genre for song in dataset.songs.values()}
            extended = extend(
                dataset,
                same_genre(genre, there) or genre,
                stored,
                context,
                epochs=request.epochs,
                max_forgetting=request.max_forgetting,
            )
    is_missing = ingested is not None and same_genre(genre, ingested.genres) is None
    return GenreAdded(ingested, extended, taught, context.monitor.stopped, is_missing)


def _ingested(request: AddGenreRequest, context: Context) -> IngestResult:
    dataset = open_dataset(context.catalog, context.home, request.dataset)
    return ingest.run(
        IngestRequest(
            request.folder,
            dataset.name,
            features=request.features,
            genre=request.genre,
            exclude=request.exclude,
        ),
        context,
    )


def _looked(
    request: AddGenreRequest, genre: str, stored: StoredModel | None, context: Context, *, has_dataset: bool
) -> GenreAdded:
    """What would be added; nothing is written, not even what was read of the files."""
    if has_dataset:
        open_dataset(context.catalog, context.home, request.dataset)
    found = find_tracks(
        [request.folder], None, exclude=request.exclude, jobs=context.jobs, monitor=context.monitor
    )
    would = WouldAdd(
        genre=genre,
        n_songs=len({track.id for track in found.tracks}),
        left_out=found.rejected,
        passed_over=found.passed_over,
        dataset=request.dataset if has_dataset else None,
        model=stored.name if stored else None,
    )
    return GenreAdded(None, None, None, context.monitor.stopped, would=would)
