"""A model's answers for songs: from the catalogue if they are kept there, the others computed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from groovecli.audio.lyrics import read_lyrics
from groovecli.datasets.lyrics import eats_lyrics
from groovecli.features.lyrics import bag_key
from groovecli.library.catalog import Catalog, StoredAnswer
from groovecli.library.tracks import Rejected, Track
from groovecli.models.file import LoadedModel
from groovecli.models.listen import SongAnswers, over
from groovecli.monitor import Monitor
from groovecli.workers.pool import imap

_SAVED_TOGETHER = 200  # songs: a crash costs no more than that many
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
) -> Iterator[tuple[Track, SongAnswers | Rejected]]:
    """Each file, in any order, with what the model says of it, which the catalogue then keeps.

    Files of one sound are heard once, but for other lyrics, where the model reads these. Nothing is
    begun where the user stopped the stage before.
    """
    if monitor.stopped:
        return
    missing: list[tuple[str, _Files]] = []
    n_songs = 0
    for key, songs in _by_key(model, tracks, n_clips=n_clips, jobs=jobs, monitor=monitor).items():
        n_songs += len(songs)
        for files, answers in _kept(model, songs, catalog, key):
            if answers is None:
                missing.append((key, files))
            else:
                yield from ((track, answers) for track in files)
    first = [files[0] for _, files in missing]
    n_before = n_songs - len(missing)
    if monitor.stopped:  # while lyrics were read
        return
    heard = over(model, first, n_clips, jobs=jobs, stage=stage, monitor=monitor, n_before=n_before)
    outcomes = (outcome for _, outcome in heard)
    for (_, files), outcome in _keeping(zip(missing, outcomes, strict=False), catalog):
        for track in files:
            yield track, replace(outcome, path=track.path) if isinstance(outcome, Rejected) else outcome


def _by_key(
    model: LoadedModel, tracks: Sequence[Track], *, n_clips: int, jobs: int, monitor: Monitor
) -> Mapping[str, Mapping[str, _Files]]:
    """The files of each song by what answers are kept under, and by track id.

    Answers are others for another model, for other places in a song, and for other lyrics.
    """
    words = [""] * len(tracks)
    if eats_lyrics(model.description.features):
        paths = [track.path for track in tracks]
        words = list(
            imap(_words, paths, n_items=len(paths), jobs=jobs, stage="read lyrics", monitor=monitor)
        )
    base = _key(model, n_clips)
    songs: dict[str, dict[str, list[Track]]] = defaultdict(lambda: defaultdict(list))
    for track, key in zip(tracks, words, strict=False):
        songs[f"{base}-{key}" if key else base][track.id].append(track)
    return songs


def _words(path: Path) -> str:
    return bag_key(read_lyrics(path).words)


def _key(model: LoadedModel, n_clips: int) -> str:
    description = model.description
    key = f"{model.id}-{1 if description.takes_songs else n_clips}"
    return key + ("-joined" if description.spec.joins_clips else "")


def _kept(
    model: LoadedModel, songs: Mapping[str, _Files], catalog: Catalog | None, key: str
) -> Iterator[tuple[_Files, SongAnswers | None]]:
    """Songs with what was kept of them, if it is all that the model says."""
    ids = list(songs)
    for start in range(0, len(ids), _READ_TOGETHER):
        some = ids[start : start + _READ_TOGETHER]
        kept = catalog.answers(key, some) if catalog else {}
        for track_id in some:
            answer = kept.get(track_id)
            if answer is None or (answer.probabilities is None and model.description.genres):
                yield songs[track_id], None
            else:
                yield songs[track_id], SongAnswers(answer.probabilities, answer.vector)


_Outcome = tuple[tuple[str, _Files], SongAnswers | Rejected]


def _keeping(outcomes: Iterator[_Outcome], catalog: Catalog | None) -> Iterator[_Outcome]:
    """The same, and the catalogue keeps them, also where this ends early."""
    fresh: dict[str, dict[str, StoredAnswer]] = defaultdict(dict)

    def save() -> None:
        for key, answers in fresh.items():
            if catalog:
                catalog.add_answers(key, answers)
        fresh.clear()

    try:
        for (key, files), outcome in outcomes:
            if isinstance(outcome, SongAnswers):
                fresh[key][files[0].id] = StoredAnswer(outcome.embedding, outcome.probabilities)
            if sum(map(len, fresh.values())) >= _SAVED_TOGETHER:
                save()
            yield (key, files), outcome
    finally:
        save()
