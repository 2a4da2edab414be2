"""A figure without enough songs behind it is counted, a dash or not shown, and it is said why."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from groovecli.evaluation.calibration import calibration
from groovecli.evaluation.enough import FEWEST_FOR_CONFIDENCE, FEWEST_FOR_SCORES, FEWEST_NAMED
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


def test_a_genre_of_few_songs_is_counted() -> None:
    few, many = list(tables.genre_rows(evaluation(FEWEST_FOR_SCORES - 1, 40)))
    assert few == ("few", "17 of 19", "77 %", NONE, "19")  # 22 songs are called so
    assert many == ("many", "88 %", "95 %", "91 %", "40")
    reason = "–: fewer than 20 test songs of the genre, or none was named so."
    assert tables.genre_note(evaluation(19, 40)).endswith(reason)
    assert "–" not in tables.of_genres(evaluation(20, 20), {}).note


def test_a_genre_without_songs_or_guesses_has_dashes() -> None:
    truth, guess = np.array([1, 1, 1]), np.array([1, 1, 1])
    none = replace(
        evaluation(8, 8), confusion=confusion(truth, guess, 2), per_genre=per_genre(truth, guess, GENRES)
    )
    few, many = tables.genre_rows(none)
    assert few == ("few", NONE, NONE, NONE, "0") and many == ("many", "3 of 3", "3 of 3", NONE, "3")


@pytest.mark.parametrize("n", [FEWEST_FOR_SCORES - 1, FEWEST_FOR_SCORES])
def test_few_songs_in_all_are_counted(n: int) -> None:
    """Clips too, though there may be more of them."""
    measured = evaluation(9, n - 9)
    (_, songs, f1, _), (_, clips, *_) = tables.of_scores(
        replace(measured, per_clip=replace(measured.per_clip, n=3 * n))
    ).rows
    is_enough = n >= FEWEST_FOR_SCORES
    assert ("%" in songs) == ("%" in clips) == (f1 != NONE) == is_enough
    assert songs == ("90 % (68 to 99 %)" if is_enough else "17 of 19 (13 to 19)")
    assert clips.startswith("90 % (" if is_enough else "51 of 57 (")
    (area,) = tables.song_figures(measured).values()
    assert (area != NONE) == is_enough
    assert ("F1, average precision" in tables.few_songs(measured)) != is_enough


def test_a_genre_of_few_songs_has_a_curve_without_its_area() -> None:
    shares = np.random.default_rng(0).dirichlet(np.ones(2), 59)
    found = curves(Songs(np.array(["few"] * 19 + ["many"] * 40), shares, None, shares), GENRES)
    assert found["few"].area is None and found["many"].area is not None
    rows = tables.of_genres(evaluation(19, 40), found).rows
    assert rows[0][4] == NONE and rows[1][4] != NONE


@pytest.mark.parametrize("n", [FEWEST_FOR_CONFIDENCE - 1, FEWEST_FOR_CONFIDENCE])
def test_confidence_needs_a_hundred_songs(n: int) -> None:
    """Neither figures nor thresholds before, and a note in their place."""
    measured, is_enough = evaluation(20, n - 20), n >= FEWEST_FOR_CONFIDENCE
    assert any("calibration" in what for what in tables.song_figures(measured)) == is_enough
    assert bool(tables.of_confidence(measured).rows) == is_enough
    note = "few songs: confidence is measured from 100 test songs on"
    assert tables.few_songs(measured) == ("" if is_enough else note)


def test_what_is_not_reached_is_said() -> None:
    rows = {row[0]: row[1:] for row in tables.of_confidence(evaluation(60, 60)).rows}
    assert rows["80 % right: 0"] == ("120", "100 %", "88 %")
    never = replace(
        evaluation(60, 60), calibration=calibration(np.linspace(0.9, 0.3, 120), np.zeros(120, bool))
    )
    rows = {row[0]: row[1:] for row in tables.of_confidence(never).rows}
    assert rows["80 % right: not reached"] == (NONE, NONE, NONE)


def test_how_many_of_few_named_songs_are_right_is_not_said() -> None:
    table = tables.of_confidence(evaluation(60, 60))
    named = {row[0]: (int(row[1]), row[3]) for row in table.rows if row[1] != NONE}
    assert {n < FEWEST_NAMED for n, _ in named.values()} == {True, False}
    assert all((right == NONE) == (n < FEWEST_NAMED) for n, right in named.values())
    assert f"fewer than {FEWEST_NAMED} songs are named" in table.note


def test_nothing_is_said_of_dashes_where_there_are_none() -> None:
    assert tables.of_space(SPACE, None).note == tables.of_space(SPACE, evaluation(60, 60)).note == ""
    assert tables.few_songs(evaluation(60, 60)) == tables.few_songs(None) == ""
    none = replace(SPACE, precision_at_10=None, precision_by_chance=None)
    assert tables.figures_note(none).startswith(f"{NONE}: the ten nearest need")
    assert tables.figures_note(replace(none, n_songs=19)) == f"{NONE}: too few songs; 20 are needed."
    (what, figure), *_ = tables.space_figures(none).items()
    assert figure == NONE and "chance" not in what


def test_the_figures_as_json_are_all_there() -> None:
    values = to_json(evaluation(2, 3))
    assert values["genres"]["few"]["recall"] == 1
    assert values["calibration"]["expected_calibration_error"] > 0
    assert to_json(from_json(values)) == values
