"""Songs as a model hears them: what the catalogue has kept, and the rest anew."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from groovecli.library.catalog import Catalog, Kept
from groovecli.library.tracks import Rejected, Track
from groovecli.models.file import LoadedModel
from groovecli.models.listen import SongAnswers, over
from groovecli.monitor import Monitor

_SAVED_TOGETHER = 200  # songs: a crash costs no more than that many
_READ_TOGETHER = 2000


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
    """Each song once, in any order, with what the model says of it, which the catalogue then keeps."""
    songs: dict[str, Track] = {}
    for track in tracks:
        songs.setdefault(track.id, track)
    key = _key(model, n_clips)
    missing: list[Track] = []
    ordered = list(songs.values())
    for start in range(0, len(ordered), _READ_TOGETHER):
        some = ordered[start : start + _READ_TOGETHER]
        kept = catalog.kept(key, [track.id for track in some]) if catalog else {}
        for track in some:
            answers = _answers(kept.get(track.id), model)
            if answers is None:
                missing.append(track)
            else:
                yield track, answers
    n_before = len(songs) - len(missing)
    outcomes = over(model, missing, n_clips, jobs=jobs, stage=stage, monitor=monitor, n_before=n_before)
    yield from _kept(outcomes, catalog, key)


def _kept(
    outcomes: Iterator[tuple[Track, SongAnswers | Rejected]], catalog: Catalog | None, key: str
) -> Iterator[tuple[Track, SongAnswers | Rejected]]:
    """The same, and the catalogue keeps them, also where this ends early."""
    fresh: dict[str, Kept] = {}

    def save() -> None:
        if catalog:
            catalog.keep(key, fresh)
        fresh.clear()

    try:
        for track, outcome in outcomes:
            if isinstance(outcome, SongAnswers):
                fresh[track.id] = Kept(outcome.embedding, outcome.probabilities)
            if len(fresh) >= _SAVED_TOGETHER:
                save()
            yield track, outcome
    finally:
        save()


def _answers(kept: Kept | None, model: LoadedModel) -> SongAnswers | None:
    """What was kept of a song, if it is all that the model says."""
    if kept is None or (kept.probabilities is None and model.description.genres):
        return None
    return SongAnswers(kept.probabilities, kept.vector)


def _key(model: LoadedModel, n_clips: int) -> str:
    """What answers are kept under: they are others for another model, or for other places in a song."""
    description = model.description
    key = f"{model.id}-{1 if description.takes_songs else n_clips}"
    return key + ("-joined" if description.spec.joins_clips else "")
