"""What `groove add-genre` says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from groovecli.cli import render
from groovecli.cli.views import ingest, train
from groovecli.messages import words

if TYPE_CHECKING:
    from groovecli.actions.add_genre.extend import Extended
    from groovecli.actions.add_genre.run import GenreAdded, WouldAdd
    from groovecli.actions.add_genre.teach import Taught


def show(done: GenreAdded) -> None:
    """Print what was added to the dataset and to the model."""
    if done.would and not done.interrupted:
        _show_plan(done.would)
    if done.ingested:
        ingest.show(done.ingested)
    if done.extended:
        _show_extended(done.extended)
    if done.taught:
        _show_taught(done.taught)
        if not done.ingested:
            render.passed_over(done.taught.passed_over)


def to_json(done: GenreAdded) -> dict[str, Any]:
    """Plain values of a genre that was added."""
    from groovecli.evaluation.figures import to_json as evaluation_json

    extended, taught = done.extended, done.taught
    ingested = ingest.to_json(done.ingested) if done.ingested else None
    result: dict[str, Any] = {"schema": 1, "ingest": ingested, "training": None, "taught": None}
    if done.would:
        result["would_add"] = {
            "genre": done.would.genre,
            "songs": done.would.n_songs,
            "songs_for_dataset": done.would.n_for_dataset,
            "songs_for_model": done.would.n_for_model,
            "left_out": render.paths_json(done.would.left_out),
            "passed_over": done.would.passed_over.to_json(),
            "dataset": done.would.dataset,
            "model": done.would.model,
        }
    if taught:
        result["taught"] = {
            "model": taught.description.name,
            "base": taught.base,
            "before": taught.before,
            "after": taught.after,
            "new_recall": taught.new_recall,
            "n_old": taught.n_old,
            "n_new": taught.n_new,
            "failed": render.paths_json(taught.failed),
            "left_out": render.paths_json(taught.left_out),
            "passed_over": taught.passed_over.to_json(),
        }
    if extended:
        result["training"] = {
            **train.to_json(extended.training),
            "base": extended.base,
            "before": evaluation_json(extended.before),
            "after": evaluation_json(extended.after),
            "new_recall": extended.new_recall,
        }
    return result


def _show_plan(would: WouldAdd) -> None:
    render.rejected("would be left out", would.left_out)
    render.passed_over(would.passed_over)
    if would.why_not:
        render.warning(f"{would.genre} would be left out: it {would.why_not}")
    parts = [
        (f"dataset {would.dataset}" if would.dataset else "", would.n_for_dataset),
        (f"model {would.model}" if would.model else "", would.n_for_model),
    ]
    counts = {n for _, n in parts if n is not None}
    differ = len(counts) > 1
    songs = "" if differ else f" ({words.count(would.n_songs, 'song')})"
    places = [
        f"{place} ({words.count(n, 'song')})" if differ and n is not None else place
        for place, n in parts
        if place
    ]
    render.summary(f"would add {would.genre}{songs} to {' and '.join(places)}; nothing was written")


def _show_extended(extended: Extended) -> None:
    train.show(extended.training)
    rows = [
        (when, words.with_interval(scores.accuracy), words.with_interval(scores.macro_f1))
        for when, scores in (("before", extended.before.per_song), ("after", extended.after.per_song))
    ]
    render.table(
        f"The old genres, on their {words.count(extended.before.n_songs, 'test song')}",
        ("", "accuracy", "macro-F1"),
        rows,
    )
    new = _of_new(extended.new_recall, extended.n_new)
    render.summary(f"{extended.training.description.name}: {new}")


def _show_taught(taught: Taught) -> None:
    render.answer(
        f"old genres: {words.percent(taught.before)} of {words.count(taught.n_old, 'song')} right before,"
        f" {words.percent(taught.after)} after (tested on artists held out)"
    )
    render.answer(_of_new(taught.new_recall, taught.n_new))
    render.rejected("left out", taught.left_out)
    render.rejected("failed", taught.failed)
    genre = taught.description.genres[-1]
    n_songs = words.count(taught.n_new, "song")
    render.summary(f"{taught.description.name}: {taught.base} with {genre}, from {n_songs}")


def _of_new(recall: float, n_songs: int) -> str:
    """How many test songs of a new genre are right, and whether that says anything."""
    from groovecli.evaluation.enough import FEWEST_OF_A_GENRE

    few = f" (fewer than {FEWEST_OF_A_GENRE} songs say little)" if n_songs < FEWEST_OF_A_GENRE else ""
    return f"new genre: {round(recall * n_songs)} of {words.count(n_songs, 'song')} right{few}"
