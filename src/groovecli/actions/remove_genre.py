"""A genre less for a dataset; the music itself is left alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from groovecli.actions.context import Context, check_call
from groovecli.checked import Checked
from groovecli.datasets.dataset import Dataset, open_dataset
from groovecli.datasets.forget import forget
from groovecli.library.genres import chosen_genres
from groovecli.messages.library import genre_without_name


@dataclass(frozen=True)
class RemoveGenreRequest(Checked):
    """Which genres to take out of which dataset; a `dry_run` only says what would go.

    `genres` is one name, several, or several with commas between them.
    """

    genres: tuple[str, ...]
    dataset: str = "default"
    dry_run: bool = False


@dataclass(frozen=True)
class GenreRemoved:
    """What went, or would go: the genres, or all sub-genres of a parent; and the genres that are left."""

    dataset: str
    genres: tuple[str, ...]
    n_songs: int
    n_clips: int
    left: tuple[str, ...]


def run(request: RemoveGenreRequest, context: Context) -> GenreRemoved:
    """Take genres' songs, their clips and features out of a dataset; models that have them keep them.

    Raises
    ------
    DatasetError
        There is no such dataset, or another groove is at work in it.
    UsageError
        It has no such genre.
    StorageError
        Its files can't be removed.
    """
    check_call("remove_genre", request, RemoveGenreRequest, context)
    dataset = open_dataset(context.catalog, context.home, request.dataset)
    wanted = [name.strip() for given in request.genres for name in given.split(",") if name.strip()]
    if not wanted:
        raise genre_without_name()
    removed = _removed(dataset, wanted)
    if not request.dry_run:
        forget(dataset, [key for key, song in dataset.songs.items() if song.genre in removed.genres])
        context.catalog.log_run("remove-genre", {"dataset": dataset.name, "genres": list(removed.genres)})
    return removed


def _removed(dataset: Dataset, wanted: Sequence[str]) -> GenreRemoved:
    genres = {song.genre for song in dataset.songs.values()}
    chosen = chosen_genres(genres, wanted, dataset.settings.depth)
    songs = {key for key, song in dataset.songs.items() if song.genre in chosen}
    return GenreRemoved(
        dataset=dataset.name,
        genres=tuple(sorted(chosen)),
        n_songs=len(songs),
        n_clips=sum(item.clip.track_id in songs for item in dataset.clips),
        left=tuple(sorted(genres - chosen)),
    )
