"""A figure without enough songs behind it is a dash, and what the dash means is said below it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from groovecli.evaluation.calibration import calibration
from groovecli.evaluation.enough import FEWEST_FOR_CONFIDENCE, FEWEST_NAMED, FEWEST_OF_A_GENRE
from groovecli.evaluation.figures import Evaluation, from_json, to_json
from groovecli.evaluation.metrics import confusion, per_genre, scores
from groovecli.evaluation.neighbours import Space
from groovecli.messages.words import NONE
from groovecli.reports import tables
from groovecli.reports.subject import Songs, curves

GENRES = ("few", "many")
SPACE = Space(0.5, 0.1, 0.2, None, 99)


def evaluation(n_few: int, n_many: int) -> Evaluation:
    """Songs of two genres; seven of eight are right, the surest first."""
    n = n_few + n_many
    truth = np.array([0] * n_few + [1] * n_many)
    is_right = np.arange(n) % 8 != 7
    guess = np.where(is_right, truth, 1 - truth)
    per_song = scores(truth, guess, np.arange(n), 2)
    return Evaluation(
        model="some",
        dataset="default",
        split_by="song",
        leaky=False,
        seed=0,
        genres=GENRES,
        per_song=per_song,
        per_clip=per_song,
        per_window=None,
        average_precision=0.5,
        per_genre=per_genre(truth, guess, GENRES),
        confusion=confusion(truth, guess, 2),
        calibration=calibration(np.linspace(0.95, 0.35, n), is_right),
        n_songs=n,
    )


def test_a_genre_of_few_songs_has_dashes() -> None:
    few, many = list(tables.genre_rows(evaluation(FEWEST_OF_A_GENRE - 1, FEWEST_OF_A_GENRE)))
    assert few == ("few", NONE, NONE, NONE, "4")
    assert NONE not in many and many[-1] == "5"
    table = tables.of_genres(evaluation(4, 8), {})
    assert table.note == f"{NONE}: fewer than 5 test songs are of the genre."
    assert tables.of_genres(evaluation(5, 8), {}).note == ""


def test_a_genre_of_few_songs_has_a_curve_without_its_area() -> None:
    shares = np.random.default_rng(0).dirichlet(np.ones(2), 12)
    found = curves(Songs(np.array(["few"] * 4 + ["many"] * 8), shares, None, shares), GENRES)
    assert found["few"].area is None and found["many"].area is not None
    rows = tables.of_genres(evaluation(4, 8), found).rows
    assert rows[0][4] == NONE and rows[1][4] != NONE


@pytest.mark.parametrize("n", [FEWEST_FOR_CONFIDENCE - 1, FEWEST_FOR_CONFIDENCE])
def test_confidence_needs_a_hundred_songs(n: int) -> None:
    measured, is_enough = evaluation(20, n - 20), n >= FEWEST_FOR_CONFIDENCE
    texts = tables.song_figures(measured)
    error = next(text for what, text in texts.items() if "calibration" in what)
    assert (error != NONE) == is_enough
    assert ("calibration error needs 100" in tables.of_space(SPACE, measured).note) == (not is_enough)
    table = tables.of_confidence(measured)
    (eighty,) = (row for row in table.rows if "80 % right" in row[0])
    assert eighty[0].startswith(NONE) == (not is_enough) and (eighty[3] == NONE) == (not is_enough)
    assert ("needs 100 test songs" in table.note) == (not is_enough)


def test_how_many_of_few_named_songs_are_right_is_not_said() -> None:
    table = tables.of_confidence(evaluation(60, 60))
    named = {row[0]: (int(row[1]), row[3]) for row in table.rows if row[1] != NONE}
    assert {n < FEWEST_NAMED for n, _ in named.values()} == {True, False}
    assert all((right == NONE) == (n < FEWEST_NAMED) for n, right in named.values())
    assert f"fewer than {FEWEST_NAMED} songs are named" in table.note


def test_nothing_is_said_of_dashes_where_there_are_none() -> None:
    assert tables.of_space(SPACE, None).note == tables.of_space(SPACE, evaluation(60, 60)).note == ""
    none = replace(SPACE, precision_at_10=None, precision_by_chance=None)
    assert tables.figures_note(none, None).startswith(f"{NONE}: the ten nearest need")
    (what, figure), *_ = tables.space_figures(none).items()
    assert figure == NONE and "chance" not in what


def test_the_figures_as_json_are_all_there() -> None:
    values = to_json(evaluation(2, 3))
    assert values["genres"]["few"]["recall"] == 1
    assert values["calibration"]["expected_calibration_error"] > 0
    assert to_json(from_json(values)) == values
