"""What `groove evaluate` says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from groovecli.cli import render
from groovecli.messages import words

if TYPE_CHECKING:
    from groovecli.evaluation.figures import Evaluation, Level
    from groovecli.evaluation.misjudged import Misjudged
    from groovecli.evaluation.results import Evaluated


_LISTED = 5


def follow_up(evaluated: Evaluated) -> str:
    """What a model that was measured can do."""
    about = evaluated.model.description
    if not about.hears_sound:
        return f"compare --models dense,seq-cnn,seq-lstm --dataset {evaluated.measured.dataset.name}"
    what = "classify SONG" if evaluated.evaluation else "cluster LIBRARY --out playlists"
    return f"{what} --model {about.name}"


def show(evaluated: Evaluated, *, has_report: bool) -> None:
    """Print how good a model is."""
    from groovecli.reports import tables

    render.answer(
        f"{evaluated.model.description.name}: {tables.protocol(evaluated.measured, evaluated.evaluation)}"
    )
    if evaluated.evaluation:
        _show_scores(evaluated.evaluation)
    for what, figure in tables.space_figures(evaluated.space).items():
        render.answer(f"{what}: {figure}")
    _say(tables.figures_note(evaluated.space, evaluated.evaluation))
    if evaluated.misjudged:
        _show_misjudged(evaluated.misjudged, has_report=has_report)
    for line in evaluated.measured.notes:
        render.note(line)


def _say(note: str) -> None:
    """Print what the dashes above mean, if there are any."""
    if note:
        render.answer(note)


def _show_misjudged(songs: Sequence[Misjudged], *, has_report: bool) -> None:
    """The surest mistakes, and where the others are."""
    n_listed = min(len(songs), _LISTED)
    render.answer(f"misjudged: {words.count(len(songs), 'song')}, the surest mistakes first:")
    for song in songs[:n_listed]:
        guess = f"{song.genre}, guess {song.guess} ({words.percent(song.confidence)})"
        render.answer(f"  {song.name}: {guess}")
    if len(songs) > n_listed and not has_report:
        n_more = len(songs) - n_listed
        render.note(f"and {n_more} more; --report DIR lists them all with a player each, --json without")


def _show_scores(measured: Evaluation) -> None:
    from groovecli.reports.tables import of_confidence, of_scores, song_figures

    scores, confidence = of_scores(measured), of_confidence(measured)
    render.table("figures with 95 % intervals", scores.columns, scores.rows)
    if measured.parents:
        _show_genres(measured.parents, "parents of sub-genres")
        _show_genres(measured, "sub-genres", heads=[g.rpartition("/")[2] for g in measured.genres])
    else:
        _show_genres(measured, "genres")
    render.table("what a least confidence would do to these songs", confidence.columns, confidence.rows)
    _say(confidence.note)
    for what, figure in song_figures(measured).items():
        render.answer(f"{what}: {figure}")


def _show_genres(level: Evaluation | Level, what: str, heads: Sequence[str] = ()) -> None:
    from groovecli.reports.tables import genre_note, genre_rows

    columns = ("genre", "precision", "recall", "F1", "support")
    render.table(f"{what}, per song", columns, list(genre_rows(level)))
    _say(genre_note(level))
    render.table(
        "confusion: songs by true genre (rows) and guess (columns)",
        ("", *(head[:9] for head in heads or level.genres)),
        [
            (genre, *(int(n) or "·" for n in row))
            for genre, row in zip(level.genres, level.confusion, strict=True)
        ],
    )
