"""What `groove evaluate` says."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from shlex import quote
from typing import TYPE_CHECKING

from groovecli.cli import render, screen
from groovecli.cli.typesetting import n_cells, shortened
from groovecli.cli.views import reach
from groovecli.cli.views.verdicts import say
from groovecli.messages import words
from groovecli.messages.evaluation import part

if TYPE_CHECKING:
    from groovecli.evaluation.figures import Evaluation, Level
    from groovecli.evaluation.judged import Judged
    from groovecli.evaluation.mixed_up import Found
    from groovecli.evaluation.results import Evaluated

_LISTED = 5  # wrong songs
_GENRES = 3  # at each end of the line of genres
_PAIRS, _ALL_PAIRS = 3, 20
_NAME = 24  # columns of a genre's name
_MOST_IN_MATRIX = 12  # genres; of more, pairs say more than a matrix


def follow_up(evaluated: Evaluated, *, has_report: bool = False) -> str:
    """What a model that was measured can do; of one that only guesses, a look at its mistakes."""
    from groovecli.evaluation.verdict import verdict

    about = evaluated.model.description
    if not about.hears_sound:
        dataset = quote(evaluated.measured.dataset.name)
        return f"compare --network dense,seq-cnn,seq-lstm --dataset {dataset}"
    if not evaluated.evaluation:
        return f"cluster MUSIC --out playlists --model {quote(about.name)}"
    if verdict(evaluated.evaluation).is_better:
        return f"classify SONG --model {quote(about.name)}"
    where = f" --dataset {quote(evaluated.other_dataset)}" if evaluated.other_dataset else ""
    return f"evaluate {quote(about.name)}{where} {'--full' if has_report else '--report report'}"


def show(evaluated: Evaluated, *, has_report: bool, full: bool = False) -> None:
    """Print what a model's accuracy means, what it gets right and mixes up; all tables if `full`."""
    from groovecli.reports import tables

    measured, evaluation = evaluated.measured, evaluated.evaluation
    if evaluation:
        _show_verdict(evaluated, evaluation, has_report=has_report, full=full)
    else:
        render.answer(f"{evaluated.model.description.name} names no genres: its space of sound is measured")
    if full and evaluation:
        _show_scores(evaluation)
    if full or not evaluation:
        figures = tables.of_space(evaluated.space, evaluation)
        for what, figure in figures.rows:
            if figure != words.NONE:
                render.answer(f"{what}: {figure}")
        _say(tables.few_songs(evaluation) or figures.note)
    render.answer(tables.protocol(measured, evaluation))
    for line in measured.notes:
        render.note(line)
    reach.show(evaluated.reach)
    if evaluation and not full:
        charts = "" if has_report else "; charts, and the wrong songs to play: --report DIR"
        render.note(f"all tables: --full{charts}")


def _show_verdict(evaluated: Evaluated, evaluation: Evaluation, *, has_report: bool, full: bool) -> None:
    from groovecli.evaluation.verdict import verdict
    from groovecli.reports.advice import advice

    found = verdict(evaluation)
    say(f"{evaluated.model.description.name}: {found.text}")
    if evaluation.parents:
        say(f"main genres: {verdict(evaluation.parents).text}")
    if evaluation.leaky:
        render.warning("pieces of one song are in training and in test, so the accuracy looks too good")
    if hint := advice(evaluated):
        render.hint(hint)
    for line in (*_genre_lines(evaluation), *_pair_lines(evaluation, _PAIRS)):
        render.answer(line)
    if evaluated.misjudged and (full or found.is_better):
        _show_wrong(evaluated.misjudged, evaluation.n_songs, has_report=has_report)


def _say(note: str) -> None:
    """Print what the dashes above mean, if there are any."""
    if note:
        render.answer(note)


def _short(name: str) -> str:
    """A name that leaves room for others in its line."""
    return name if screen.is_wide() else shortened(name, _NAME, screen.ellipsis(sys.stdout))


def _genre_lines(level: Evaluation | Level) -> list[str]:
    """Which genres are found best, and which never or worst."""
    from groovecli.evaluation.mixed_up import found

    genres = found(level)
    best = [each for each in genres if each.n_right][:_GENRES]
    never = [each for each in genres if not each.n_right]
    worst = [] if never else [each for each in genres[-_GENRES:] if each not in best]
    untested = [genre for genre in level.genres if genre not in {each.genre for each in genres}]
    lines = [f"best found: {_listed(best)}"] if best else []
    if never:
        lines.append(f"never found: {_names([each.genre for each in never])}")
    elif worst:
        lines.append(f"worst found: {_listed(worst[::-1])}")
    together, room = "   ".join(lines), screen.line_width(sys.stdout) or screen.UNKNOWN_WIDTH
    lines = [together] if n_cells(together) <= room else lines
    return [*lines, f"no test song: {_names(untested)}"] if untested else lines


def _listed(genres: Sequence[Found]) -> str:
    return ", ".join(f"{_short(each.genre)} {part(each.n_right, each.n_songs)}" for each in genres)


def _names(genres: Sequence[str]) -> str:
    """Names of genres, the first of many."""
    n_more = len(genres) - _MOST_IN_MATRIX
    more = f" and {n_more} more" if n_more > 0 else ""
    return ", ".join(map(_short, genres[:_MOST_IN_MATRIX])) + more


def _pair_lines(level: Evaluation | Level, n_most: int) -> list[str]:
    from groovecli.evaluation.mixed_up import mixed_up

    pairs = mixed_up(level)[:n_most]
    texts = [f"{_short(pair.genre)} -> {_short(pair.guess)} {pair.n_songs}" for pair in pairs]
    return [f"most mixed up: {', '.join(texts)}"] if texts else []


def _show_wrong(songs: Sequence[Judged], n_songs: int, *, has_report: bool) -> None:
    """The surest mistakes, and where the others are."""
    rows = [
        (_short(song.genre), _short(song.guess), words.percent(song.confidence, 0), song.name)
        for song in songs[:_LISTED]
    ]
    title = f"Wrong songs: {len(songs):,} of {n_songs:,}, the surest mistakes first"
    render.table(title, ("true genre", "guess", "sure", "song"), rows, left=4, ranks=(0, 0, 1, 0))
    if len(songs) > len(rows) and not has_report:
        n_more = len(songs) - len(rows)
        render.note(f"and {n_more:,} more: --report DIR lists them with players, --json without")


def _show_scores(measured: Evaluation) -> None:
    from groovecli.reports.tables import of_confidence, of_scores

    scores, confidence = of_scores(measured), of_confidence(measured)
    render.table(scores.title, scores.columns, scores.rows)
    if measured.parents:
        _show_genres(measured.parents, "main genre")
        _show_genres(measured, "sub-genre")
    else:
        _show_genres(measured, "genre")
    if confidence.rows:
        render.table(confidence.title, confidence.columns, confidence.rows)
        _say(confidence.note)


def _show_genres(level: Evaluation | Level, what: str) -> None:
    from groovecli.reports.tables import genre_note, genre_rows

    columns = (what, "recall", "precision", "F1", "songs")
    render.table(f"Results per {what}", columns, list(genre_rows(level)), ranks=(0, 1, 2, 3, 0))
    _say(genre_note(level))
    if not _show_matrix(level):
        _show_pairs(level)


def _show_matrix(level: Evaluation | Level) -> bool:
    """Counts by true genre and guess, the guesses by the genres' numbers; whether there is room for it."""
    n_genres, n_digits = len(level.genres), len(str(level.confusion.max()))
    names = [f"{number} {_short(genre)}" for number, genre in enumerate(level.genres, 1)]
    needed = max(map(n_cells, names)) + n_genres * (2 + max(n_digits, len(str(n_genres))))
    room = screen.width(sys.stdout) or screen.MAX_LINE
    if n_genres > _MOST_IN_MATRIX or needed > room:
        return False
    rows = [
        (name, *(f"{n}" if n else "·" for n in row))
        for name, row in zip(names, level.confusion.tolist(), strict=True)
    ]
    heads = ("true genre", *map(str, range(1, n_genres + 1)))
    render.table("Songs by true genre (rows) and guess (columns)", heads, rows, ranks=[0] * len(heads))
    return True


def _show_pairs(level: Evaluation | Level) -> None:
    """The pairs of genres that are mixed up most, where a matrix has no room."""
    from groovecli.evaluation.mixed_up import mixed_up

    pairs = mixed_up(level)
    rows = [(pair.genre, pair.guess, pair.n_songs) for pair in pairs[:_ALL_PAIRS]]
    if rows:
        render.table("Most mixed up", ("true genre", "guess", "songs"), rows, left=2, ranks=(0, 0, 0))
    if len(pairs) > len(rows):
        render.note(f"and {len(pairs) - len(rows):,} more pairs; --json has them all (confusion)")
