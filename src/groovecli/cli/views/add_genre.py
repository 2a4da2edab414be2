"""What `groove add-genre` says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from groovecli.cli import render
from groovecli.cli.views import ingest, train
from groovecli.messages import words

if TYPE_CHECKING:
    from groovecli.actions.add_genre.extend import Extended
    from groovecli.actions.add_genre.run import GenreAdded
    from groovecli.actions.add_genre.teach import Taught


def show(done: GenreAdded) -> None:
    """Print what was added to the dataset and to the model."""
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


def _show_extended(extended: Extended) -> None:
    train.show(extended.training)
    render.table(
        f"accuracy per song on the {extended.before.n_songs} test songs of the old genres",
        ("", "accuracy", "macro-F1"),
        [
            (
                "before",
                words.with_interval(extended.before.per_song.accuracy),
                words.with_interval(extended.before.per_song.macro_f1),
            ),
            (
                "after",
                words.with_interval(extended.after.per_song.accuracy),
                words.with_interval(extended.after.per_song.macro_f1),
            ),
        ],
    )
    known = _share_known(extended.new_recall, extended.n_new)
    render.answer(f"the new genre's {words.count(extended.n_new, 'test song')}: {known}")


def _show_taught(taught: Taught) -> None:
    render.answer(
        f"{taught.description.name}: {taught.base} with {taught.description.genres[-1]},"
        f" from {words.count(taught.n_new, 'song')}"
    )
    render.answer(
        f"of the {taught.n_old} songs of the genres before, by artists held out:"
        f" {words.percent(taught.before)} right before, {words.percent(taught.after)} after"
    )
    known = _share_known(taught.new_recall, taught.n_new)
    render.answer(f"of the new genre's songs, held out likewise: {known}")
    render.rejected("left out", taught.left_out)
    render.rejected("failed", taught.failed)


def _share_known(recall: float, n_songs: int) -> str:
    """How many of a new genre's songs are known; of too few songs it is not said."""
    from groovecli.evaluation.enough import FEWEST_OF_A_GENRE

    if n_songs < FEWEST_OF_A_GENRE:
        return f"{words.NONE} known (fewer than {FEWEST_OF_A_GENRE} songs tell nothing)"
    return f"{words.percent(recall)} known"
