"""A model's answers for songs: from the catalogue if they are kept there, the others computed."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np

from groovecli.features.lyrics import eats_lyrics, key_of_file
from groovecli.library.answers import StoredAnswer, VectorRows
from groovecli.library.catalog import Catalog
from groovecli.library.failures import LISTEN, failed_before, keep_failures
from groovecli.library.matrices import Matrix
from groovecli.library.tracks import Rejected, Track
from groovecli.models.loaded import LoadedModel
from groovecli.models.results import SongAnswers
from groovecli.monitor import Monitor
from groovecli.reasons import Problem, Reason
from groovecli.workers import limits
from groovecli.workers.pool import imap

T = TypeVar("T")

_SAVED_TOGETHER = 200  # songs: a crash costs no more than that many
_SAVED_EVERY_S = 5.0
_READ_TOGETHER = 2000

_Files = Sequence[Track]
"""Files of one sound; where a model reads lyrics, with the same words."""


def hear(
    model: LoadedModel,
    tracks: Sequence[Track],
    catalog: Catalog | None,
    *,
    n_clips: int,
    jobs: int,
    stage: str,
    monitor: Monitor,
    n_before: int = 0,
) -> Iterator[tuple[Track, SongAnswers | Rejected]]:
    """Each file, in any order, with what the model says of it, which the catalogue then keeps.

    Files of one sound are heard once, but for other lyrics, where the model reads these. Nothing is
    begun where the user stopped the stage before. Progress counts `n_before` other songs, too.
    """
    if monitor.stopped:
        return
    missing: list[tuple[str, _Files]] = []
    n_songs = 0
    base = stored_as(model, n_clips)
    for words, songs in _by_words(model, tracks, jobs=jobs, monitor=monitor).items():
        n_songs += len(songs)
        for files, answers in _kept(model, songs, catalog, base, words):
            if answers is None:
                missing.append((words, files))
            else:
                yield from ((track, answers) for track in files)
    failed = failed_before(catalog, LISTEN, (files[0] for _, files in missing))
    for _, files in missing:
        if why := failed.get(files[0].path):
            yield from ((track, replace(why, path=track.path)) for track in files)
    missing = [(words, files) for words, files in missing if files[0].path not in failed]
    first = [files[0] for _, files in missing]
    n_before += n_songs - len(missing)
    if monitor.stopped:  # while lyrics were read
        return
    if not first:
        return
    begin(model)
    from groovecli.models.listen import over  # imports torch

    heard = over(model, first, n_clips, jobs=jobs, stage=stage, monitor=monitor, n_before=n_before)
    outcomes = (outcome for _, outcome in heard)
    for (_, files), outcome in _keeping(zip(missing, outcomes, strict=False), catalog, base):
        if isinstance(outcome, Rejected):
            keep_failures(catalog, LISTEN, ((track, outcome) for track in files))
        for track in files:
            yield track, replace(outcome, path=track.path) if isinstance(outcome, Rejected) else outcome


def begin(model: LoadedModel) -> None:
    """Build a model's network, while a worker loads what it needs: songs that are known need neither."""
    if limits.current().cluster is None:
        from groovecli.workers import crew

        crew.prepare()
    if model.session is None:
        from groovecli.models.answers import warm_up  # imports torch

        warm_up(model)


@dataclass(frozen=True)
class Vectors:
    """The tracks that have vectors, where these lie, and the files that have none; both in given order."""

    tracks: tuple[Track, ...]
    rows: VectorRows
    rejected: tuple[Rejected, ...]


def vectors_of(
    model: LoadedModel,
    tracks: Sequence[Track],
    catalog: Catalog,
    *,
    n_clips: int,
    jobs: int,
    stage: str,
    monitor: Monitor,
) -> Vectors:
    """Where the vectors of songs lie, those included that had to be heard for it."""
    key = stored_as(model, n_clips)
    words = [] if monitor.stopped else _words_of(model, tracks, jobs=jobs, monitor=monitor)
    places = np.full((len(tracks), 2), -1, np.int64)  # and exponents
    by_words: dict[str, list[int]] = defaultdict(list)
    for number, its_words in enumerate(words):
        by_words[its_words].append(number)

    def look_up() -> None:
        for its_words, numbers in by_words.items():
            for part in _parts([number for number in numbers if places[number, 0] < 0]):
                ids = [tracks[number].id for number in part]
                named = bool(model.description.genres)
                found = catalog.vectors_at(key, ids, words=its_words, named=named)
                places[part] = [found.get(track_id, (-1, 0)) for track_id in ids]

    look_up()
    missing = [tracks[number] for number in np.flatnonzero(places[:, 0] < 0).tolist()]
    n_before = len(tracks) - len(missing)
    heard = hear(
        model,
        missing,
        catalog,
        n_clips=n_clips,
        jobs=jobs,
        stage=stage,
        monitor=monitor,
        n_before=n_before,
    )
    bad = {track.path: said for track, said in heard if isinstance(said, Rejected)}
    if missing:
        look_up()
    there = np.flatnonzero(places[:, 0] >= 0)
    matrix = catalog.matrix(key) or Matrix(catalog.vectors, model.description.spec.embedding_dim)
    return Vectors(
        tuple(tracks[number] for number in there.tolist()),
        VectorRows(matrix, places[there, 0], places[there, 1]),
        tuple(bad[track.path] for track in missing if track.path in bad),
    )


def _by_words(
    model: LoadedModel, tracks: Sequence[Track], *, jobs: int, monitor: Monitor
) -> Mapping[str, Mapping[str, _Files]]:
    """The files of each song by the key of their lyrics, where the model reads these, and by track id."""
    words = _words_of(model, tracks, jobs=jobs, monitor=monitor)
    songs: dict[str, dict[str, list[Track]]] = defaultdict(lambda: defaultdict(list))
    for track, key in zip(tracks, words, strict=False):
        songs[key][track.id].append(track)
    return songs


def _words_of(model: LoadedModel, tracks: Sequence[Track], *, jobs: int, monitor: Monitor) -> Sequence[str]:
    """The key of each file's lyrics where the model reads these; fewer where the user stops it."""
    if not eats_lyrics(model.description.features):
        return [""] * len(tracks)
    paths = [track.path for track in tracks]
    return list(
        imap(
            key_of_file,
            paths,
            n_items=len(paths),
            jobs=jobs,
            stage="read lyrics",
            monitor=monitor,
            lost=_no_words,
        )
    )


def _no_words(_: Path, __: Problem) -> str:
    return ""


def stored_as(model: LoadedModel, n_clips: int) -> str:
    """What a model's answers are kept under: others for another model, and for other places in a song."""
    description = model.description
    key = f"{model.id}-{1 if description.takes_songs else n_clips}"
    return key + ("-joined" if description.spec.joins_clips else "")


def _kept(
    model: LoadedModel, songs: Mapping[str, _Files], catalog: Catalog | None, key: str, words: str
) -> Iterator[tuple[_Files, SongAnswers | None]]:
    """Songs with what was kept of them, if it is all that the model says."""
    for some in _parts(list(songs)):
        kept = catalog.answers(key, some, words=words) if catalog else {}
        for track_id in some:
            answer = kept.get(track_id)
            if answer is None or (answer.probabilities is None and model.description.genres):
                yield songs[track_id], None
            else:
                yield songs[track_id], SongAnswers(answer.probabilities, answer.vector)


def _parts(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """The items, as many at a time as are read together."""
    return (items[start : start + _READ_TOGETHER] for start in range(0, len(items), _READ_TOGETHER))


_Outcome = tuple[tuple[str, _Files], SongAnswers | Rejected]


def _keeping(outcomes: Iterator[_Outcome], catalog: Catalog | None, key: str) -> Iterator[_Outcome]:
    """The same, as precise as they are kept, and the catalogue keeps them, also where this ends early."""
    fresh: dict[str, tuple[str, StoredAnswer]] = {}  # in order: where a run stopped makes no difference
    saved = time.monotonic()

    def save() -> None:
        nonlocal saved
        if catalog and fresh:
            answers = {track_id: answer for track_id, (_, answer) in fresh.items()}
            catalog.add_answers(key, answers, words=[words for words, _ in fresh.values()])
        fresh.clear()
        saved = time.monotonic()

    try:
        for (words, files), outcome in outcomes:
            if isinstance(outcome, SongAnswers) and not _is_finite(outcome):
                outcome = Rejected(files[0].path, Reason.NO_ANSWER)
            if isinstance(outcome, SongAnswers):
                kept = StoredAnswer(outcome.embedding, outcome.probabilities).as_kept()
                if files[0].id in fresh:  # with other words
                    save()
                fresh[files[0].id] = words, kept
                outcome = SongAnswers(kept.probabilities, kept.vector)
            if len(fresh) >= _SAVED_TOGETHER or time.monotonic() - saved > _SAVED_EVERY_S:
                save()
            yield (words, files), outcome
    finally:
        save()


def _is_finite(answers: SongAnswers) -> bool:
    """Whether a model gave numbers: damaged weights, or a network that diverged, give none."""
    shares = answers.probabilities
    return bool(np.isfinite(answers.embedding).all() and (shares is None or np.isfinite(shares).all()))
