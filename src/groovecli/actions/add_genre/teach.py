"""A genre more for a model that remembers the songs it learnt from: from a few songs, in seconds.

The layer of genres is fitted again to the songs in memory and the new ones. So the old genres lose only
what the new one takes, and genres added one after another end where all at once would have ended.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from groovecli.actions.context import Context
from groovecli.actions.hear import hear
from groovecli.datasets.groups import grouped
from groovecli.datasets.tables import known_genres
from groovecli.evaluation.metrics import scores
from groovecli.evaluation.verdict import Verdict
from groovecli.library.genres import folded, same_genre
from groovecli.library.scan import Found, find_tracks
from groovecli.library.tracks import Rejected, Track
from groovecli.library.walk import PassedOver
from groovecli.messages.actions import (
    folds_of_artists,
    remembers_no_songs,
    stopped_hearing,
    taught_already,
    too_few_songs,
    would_forget_too_much,
)
from groovecli.models.file import WEIGHTS, Description, StoredModel
from groovecli.models.loaded import LoadedModel
from groovecli.models.memory import Memory, artist_hash, read_memory, write_memory
from groovecli.models.results import CLIPS_PER_SONG, SongAnswers
from groovecli.models.tested import keep_test
from groovecli.models.weights import save_model
from groovecli.reasons import Reason
from groovecli.training import transfer
from groovecli.training.head import Head
from groovecli.training.record import training_songs, write_figures

MIN_SONGS = 5
MAX_FORGETTING = 0.02


@dataclass(frozen=True)
class Taught:
    """A model with a genre more, and what it is worth on songs by artists that no head had heard.

    `before` and `after` are shares of the old genres' songs that are right, `new_recall` of the new
    genre's; NaN where there are too few artists to hold any out. `left_out` are silent songs, and songs
    that have another genre already.
    """

    base: str
    path: Path
    description: Description
    before: float
    after: float
    new_recall: float
    n_old: int
    n_new: int
    failed: tuple[Rejected, ...]
    left_out: tuple[Rejected, ...]
    passed_over: PassedOver

    @property
    def forgetting(self) -> float:
        """How much of the old genres' accuracy is lost."""
        return self.before - self.after


def memory_of(stored: StoredModel) -> Memory | None:
    """The songs that a model remembers; None where it remembers none."""
    return read_memory(stored.path.parent, stored.description.spec.embedding_dim)


def teach(
    stored: StoredModel,
    genre: str,
    songs: Path,
    into: Path,
    context: Context,
    *,
    max_forgetting: float | None = MAX_FORGETTING,
    exclude: Sequence[str] = (),
) -> Taught:
    """Write a model that knows a genre more into the folder `into`; the one it grew from stays.

    Parameters
    ----------
    songs : Path
        Folder of the new genre's songs.
    max_forgetting : float, optional
        If more is lost nothing is written; None writes whatever is lost.
    exclude : sequence of str
        Patterns of files that are left out of the folder.

    Raises
    ------
    DatasetError
        The model has the genre already, or there are too few songs.
    ModelError
        It remembers no songs, or would forget too much.
    LibraryError
        There is no audio file in the folder.
    Interrupted
        The user stopped it.
    """
    about, memory = stored.description, memory_of(stored)
    if memory is None:
        raise remembers_no_songs(about.name)
    check_new(stored, genre)
    model, seed = context.loaded(stored), context.seed
    found = find_songs(stored, genre, songs, context, exclude=exclude)
    heard, vectors, found = _heard(model, found, context)
    if context.monitor.stopped:
        raise stopped_hearing()
    check_enough(heard, songs, genre, found.rejected)
    grown = memory.joined(_remembered(heard, vectors, genre))
    genres = (*about.genres, genre)
    old = transfer.head_of(memory, about.genres, seed=seed)
    new = transfer.head_of(grown, genres, seed=seed)
    after = _right(new, grown, genres)
    description = _described(about, into.name, genres, new, seed)
    taught = Taught(
        base=about.name,
        path=into / WEIGHTS,
        description=description,
        before=_mean(_right(old, memory, about.genres)),
        after=_mean(after[: len(memory)]),
        new_recall=_mean(after[len(memory) :]),
        n_old=len(memory),
        n_new=len(heard),
        failed=tuple(item for item in found.rejected if item.reason.is_fault),
        left_out=tuple(item for item in found.rejected if not item.reason.is_fault),
        passed_over=found.passed_over,
    )
    _check(taught, genre, max_forgetting)
    transfer.give_head(model.network, new)
    write_memory(into, grown)
    ids = training_songs(stored.path) | {track.id for track in heard}
    write_figures(into, (), description, songs=ids, validation_songs=())
    save_model(into / WEIGHTS, model.network, description)
    _keep_test(into, description, new, grown, seed)
    return taught


def check_new(stored: StoredModel, genre: str) -> None:
    """Raise a DatasetError if a model has the genre already."""
    if has := same_genre(genre, stored.description.genres):
        raise taught_already(stored.description.name, has)


def find_songs(
    stored: StoredModel, genre: str, folder: Path, context: Context, *, exclude: Sequence[str] = ()
) -> Found:
    """The songs of a folder that a model would learn a genre from, silent ones included.

    Raises
    ------
    DatasetError
        There are too few.
    LibraryError
        There is no audio file in the folder.
    Interrupted
        The user stopped it.
    """
    found = find_tracks(
        [folder], context.catalog, exclude=exclude, jobs=context.jobs, monitor=context.monitor
    )
    if context.monitor.stopped:
        raise stopped_hearing()
    found = songs_to_learn(found, stored, genre, context)
    check_enough(found.tracks, folder, genre, found.rejected)
    return found


def songs_to_learn(found: Found, stored: StoredModel, genre: str, context: Context) -> Found:
    """What was found without the songs that the model has learnt, or that have another genre."""
    elsewhere = _elsewhere(stored, genre, context)
    doubles = [
        Rejected(track.path, Reason.SAME_AUDIO, elsewhere[track.id])
        for track in found.tracks
        if track.id in elsewhere
    ]
    tracks = tuple(track for track in found.tracks if track.id not in elsewhere)
    return replace(found, tracks=tracks, rejected=(*found.rejected, *doubles))


def check_enough(tracks: Sequence[Track], folder: Path, genre: str, left_out: Sequence[Rejected]) -> None:
    """Raise a DatasetError if the songs are too few to learn a genre from."""
    n_songs = len({track.id for track in tracks})
    if n_songs < MIN_SONGS:
        raise too_few_songs(
            folder, genre, n_songs, MIN_SONGS, [(item.path, item.text) for item in left_out]
        )


def _keep_test(into: Path, about: Description, head: Head, memory: Memory, seed: int) -> None:
    """Write how right the layer of genres is on songs by artists that it was fitted without, if any."""
    held = head.held_out >= 0
    if not held.any():
        return
    truth, guess = memory.labels(about.genres)[held], head.held_out[held]
    accuracy = scores(truth, guess, np.arange(len(truth)), len(about.genres), seed=seed).accuracy
    support = np.bincount(truth)
    largest = int(support.argmax())
    found = Verdict(
        n_right=int((truth == guess).sum()),
        n_songs=len(truth),
        accuracy=accuracy,
        guess=float(support[largest] / len(truth)),
        guess_genre=about.genres[largest],
    )
    measured = folds_of_artists(about.name)
    keep_test(
        into, found.to_json(), dataset=about.dataset, split_by="artist", leaky=False, measured=measured
    )


def _remembered(heard: Sequence[Track], vectors: NDArray[np.float32], genre: str) -> Memory:
    """A genre's songs as a model remembers them: vectors, genre, and hashes of the artists."""
    artists = grouped({track.id: (track, genre) for track in heard}, "artist").of
    groups = np.array([artist_hash(artists[track.id]) for track in heard])
    return Memory(vectors, np.array([genre] * len(heard)), groups)


def _described(
    about: Description, name: str, genres: tuple[str, ...], head: Head, seed: int
) -> Description:
    """The model that it was, with another layer of genres."""
    return replace(
        about,
        name=name,
        network="transfer",
        genres=genres,
        created=datetime.now(UTC).isoformat(),
        temperature=1.0,  # that of the head is in its weights
        training={**about.training, "base": about.name, "seed": seed},
        metrics={"validation_accuracy": head.accuracy, "validation_loss": head.loss},
    )


def _elsewhere(stored: StoredModel, genre: str, context: Context) -> dict[str, str]:
    """Songs that have another genre already, by track id: for the model, or in a dataset."""
    learnt = dict.fromkeys(training_songs(stored.path), f"a song that {stored.description.name} has learnt")
    known = known_genres(context.catalog)
    others = {key: other for key, other in known.items() if folded(other) != folded(genre)}
    return learnt | {key: f"a song in {other}" for key, other in others.items()}


def _heard(
    model: LoadedModel, found: Found, context: Context
) -> tuple[list[Track], NDArray[np.float32], Found]:
    """The songs found with the mean of each one's embeddings, and what else was found."""
    catalog, jobs, monitor = context.catalog, context.jobs, context.monitor
    said = dict[str, SongAnswers | Rejected]()
    answers = hear(
        model, found.tracks, catalog, n_clips=CLIPS_PER_SONG, jobs=jobs, stage="embed", monitor=monitor
    )
    for track, outcome in answers:
        said[track.id] = outcome
    heard = {track.id: track for track in found.tracks if isinstance(said.get(track.id), SongAnswers)}
    dim = model.description.spec.embedding_dim
    vectors = [song.embedding[:dim] for key in heard if isinstance(song := said[key], SongAnswers)]
    unheard = tuple(outcome for outcome in said.values() if isinstance(outcome, Rejected))
    found = replace(found, rejected=(*found.rejected, *unheard))
    return list(heard.values()), np.array(vectors, np.float32), found


def _right(head: Head, memory: Memory, genres: tuple[str, ...]) -> NDArray[np.float64]:
    """1 for a song that a head names rightly which has not seen it, 0 for another; NaN: no such head."""
    right: NDArray[np.float64] = (head.held_out == memory.labels(genres)).astype(np.float64)
    right[head.held_out < 0] = np.nan
    return right


def _mean(values: NDArray[np.float64]) -> float:
    return float(np.nanmean(values)) if np.isfinite(values).any() else float("nan")


def _check(taught: Taught, genre: str, max_forgetting: float | None) -> None:
    if max_forgetting is not None and taught.forgetting > max_forgetting:
        raise would_forget_too_much(taught.base, genre, taught.before, taught.after, max_forgetting)
