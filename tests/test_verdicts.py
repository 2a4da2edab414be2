"""What an accuracy means: guessing is called guessing, and what is better is called better."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, binomtest

from groovecli.evaluation.calibration import calibration
from groovecli.evaluation.figures import Level, SongsRight
from groovecli.evaluation.metrics import (
    Interval,
    chance_of_at_least,
    exact_interval,
    paired_difference,
    per_genre,
    scores,
)
from groovecli.evaluation.mixed_up import found, mixed_up
from groovecli.evaluation.verdict import Verdict, is_apart, lead, verdict
from groovecli.messages.evaluation import part, reach, share

counts = st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def level(confusion: Sequence[Sequence[int]], genres: Sequence[str] = "abcdef") -> Level:
    """A level of figures with this confusion of songs."""
    table = np.array(confusion)
    pairs = [(t, g) for (t, g), n in np.ndenumerate(table) for _ in range(n)]
    truth, guess = (np.array(column) for column in zip(*pairs, strict=True))
    per_song, names = scores(truth, guess, np.arange(len(truth)), len(table)), tuple(genres[: len(table)])
    sure = calibration(np.full(len(truth), 0.5), truth == guess)
    return Level(names, per_song, per_song, None, per_genre(truth, guess, names), table, sure)


# Intervals and tests


@given(counts)
def test_an_interval_has_a_width_and_holds_its_share(found: tuple[int, int]) -> None:
    """At none and all right, too, where a bootstrap has none."""
    n_right, n = found
    interval = exact_interval(n_right, n)
    assert 0 <= interval.low <= interval.value == n_right / n <= interval.high <= 1
    assert interval.high - interval.low > 1 / (n + 2)
    theirs = binomtest(n_right, n).proportion_ci(method="exact")
    assert (interval.low, interval.high) == pytest.approx((theirs.low, theirs.high))


@given(counts, st.floats(0, 1))
def test_the_chance_of_so_many_is_the_binomials(found: tuple[int, int], share: float) -> None:
    n_right, n = found
    assert chance_of_at_least(n_right, n, share) == pytest.approx(binom.sf(n_right - 1, n, share), abs=1e-9)


def test_none_of_none_is_certain() -> None:
    assert chance_of_at_least(0, 0, 0.5) == 1


def test_all_and_none_right_have_intervals_in_the_scores() -> None:
    """Of clips too, of which a song has several: then by songs."""
    truth = np.zeros(30, int)
    right, wrong = (scores(truth, truth + n, np.arange(30) // 3, 2).accuracy for n in (0, 1))
    assert (right.low, right.high) == pytest.approx((0.025**0.1, 1))
    assert (wrong.low, wrong.high) == pytest.approx((0, 1 - 0.025**0.1))


booleans = st.integers(1, 80).flatmap(
    lambda n: st.tuples(*[st.lists(st.booleans(), min_size=n, max_size=n).map(np.array)] * 2)
)


@given(booleans)
def test_a_paired_difference_changes_sign_with_its_sides(both: tuple[np.ndarray, np.ndarray]) -> None:
    gap, back = paired_difference(*both), paired_difference(*both[::-1])
    assert gap.value == pytest.approx(both[0].mean() - both[1].mean())
    assert -1 <= gap.low <= gap.value + 1e-12 and gap.value - 1e-12 <= gap.high <= 1
    assert (gap.value, gap.low, gap.high) == pytest.approx((-back.value, -back.high, -back.low))
    assert gap.high - gap.low > 1 / (len(both[0]) + 4)


def test_a_paired_difference_is_newcombes() -> None:
    """Worked by hand for 20 both right, 12 and 2 one alone, 16 neither; phi is corrected by n/2."""
    first = np.repeat([True, True, False, False], [20, 12, 2, 16])
    second = np.repeat([True, False, True, False], [20, 12, 2, 16])
    gap = paired_difference(first, second)
    phi = (20 * 16 - 12 * 2 - 25) / math.sqrt(32 * 18 * 22 * 28)
    low1, high1 = wilson(32, 50)
    low2, high2 = wilson(22, 50)
    a, b = 0.64 - low1, high2 - 0.44
    c, d = high1 - 0.64, 0.44 - low2
    assert gap.value == pytest.approx(0.2)
    assert gap.low == pytest.approx(0.2 - math.sqrt(a * a - 2 * phi * a * b + b * b), abs=1e-6)
    assert gap.high == pytest.approx(0.2 + math.sqrt(c * c - 2 * phi * c * d + d * d), abs=1e-6)


def wilson(n_right: int, n: int) -> tuple[float, float]:
    found = binomtest(n_right, n).proportion_ci(method="wilson")
    return found.low, found.high


# Judgements


def judgement_rates(sizes: Sequence[int], guesses: Sequence[float]) -> dict[str, float]:
    """How likely each judgement is of a model that says each genre with a probability, whatever it hears.

    Exact: of the songs of the largest genre and of the others it is right on so many, each with its chance.
    """
    largest = int(np.argmax(sizes))
    of_largest = binom.pmf(np.arange(sizes[largest] + 1), sizes[largest], guesses[largest])
    of_others = np.ones(1)
    for number, (n, chance) in enumerate(zip(sizes, guesses, strict=True)):
        if number != largest:
            of_others = np.convolve(of_others, binom.pmf(np.arange(n + 1), n, chance))
    rates = dict.fromkeys(("worse", "no-better", "better-by-unknown", "better"), 0.0)
    n_songs = sum(sizes)
    for own, others in product(range(len(of_largest)), range(len(of_others))):
        likely = of_largest[own] * of_others[others]
        if likely > 1e-9:
            judged = Verdict(
                own + others, n_songs, Interval(0, 0, 1), sizes[largest] / n_songs, "", others,
                sizes[largest] - own,
            ).judgement  # fmt: skip
            rates[judged] += likely
    return rates


shares = st.lists(st.floats(0.01, 1), min_size=4, max_size=4)


@given(st.lists(st.integers(1, 14), min_size=2, max_size=4), shares)
def test_a_model_that_guesses_is_seldom_called_better(sizes: list[int], weights: list[float]) -> None:
    """Whatever it says and however often: in 2.5 % of tests at most, by each of two questions."""
    guesses = np.array(weights[: len(sizes)]) / sum(weights[: len(sizes)])
    rates = judgement_rates(sizes, guesses.tolist())
    assert rates["better"] + rates["better-by-unknown"] <= 0.05
    assert sum(rates.values()) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize(
    ("sizes", "guesses"),
    [
        ((50, 50), (0.5, 0.5)),
        ((6, 6, 6, 6, 6), (0.2,) * 5),
        ((80, 10, 10), (0.98, 0.01, 0.01)),
        ((10,) * 10, (0.1,) * 10),
        ((30, 28), (0.0, 1.0)),
    ],
)
def test_guessing_is_called_better_in_2_5_percent_at_most(
    sizes: Sequence[int], guesses: Sequence[float]
) -> None:
    rates = judgement_rates(sizes, guesses)
    assert rates["better"] + rates["better-by-unknown"] <= 0.025


def test_always_saying_the_largest_genre_is_no_better() -> None:
    said = verdict(level([[60, 0], [40, 0]]))
    assert (said.n_right, said.n_guess, said.gained, said.lost) == (60, 60, 0, 0)
    assert said.judgement == "no-better" and not said.is_better
    assert said.text == "60 % of 100 test songs right (50 to 70 %). No better than guessing (60 %)."


def test_always_saying_another_is_worse() -> None:
    said = verdict(level([[0, 60], [0, 40]]))
    assert said.judgement == "worse"
    assert said.text == "40 % of 100 test songs right (30 to 50 %). Worse than guessing (60 %)."


@pytest.mark.parametrize(
    ("confusion", "text"),
    [
        (  # the example of a model that learnt nothing
            [[2, 1, 1, 1, 1], [1, 1, 2, 1, 1], [1, 1, 2, 1, 1], [4, 0, 1, 0, 1], [1, 1, 2, 2, 0]],
            "17 % of 30 test songs right (6 to 35 %). No better than guessing (20 %).",
        ),
        (
            [[4, 0], [4, 4]],
            "8 of 12 test songs right (95 % sure: 4 to 11). No better than guessing (8 of 12).",
        ),
        (
            [[9, 0], [0, 9]],
            "18 of 18 test songs right (95 % sure: 15 to 18). Better than guessing (9 of 18); too few songs"
            " to say how much.",
        ),
        (
            [[28, 2], [2, 28]],
            "93 % of 60 test songs right (84 to 98 %). Better than guessing (50 %); too few songs to say"
            " how much.",
        ),
        ([[90, 10], [10, 90]], "90 % of 200 test songs right (85 to 94 %). Better than guessing (50 %)."),
        (  # more than guessing, and it may be luck
            [[1, 0, 0, 0], [0, 1, 0, 0], [1, 0, 0, 0], [1, 0, 0, 0]],
            "2 of 4 test songs right (95 % sure: 0 to 4). Not shown to be better than guessing (1 of 4):"
            " too few songs.",
        ),
        (
            [[12, 18], [17, 13]],
            "42 % of 60 test songs right (29 to 55 %). No better than guessing (50 %).",
        ),
        (
            [[16, 14], [14, 16]],
            "53 % of 60 test songs right (40 to 66 %). Not shown to be better than guessing (50 %).",
        ),
        (  # nothing to guess
            [[0, 0], [0, 1]],
            "1 of 1 test song right (95 % sure: 0 to 1). All are of one genre, so guessing is right, too.",
        ),
    ],
)
def test_verdicts_in_words(confusion: Sequence[Sequence[int]], text: str) -> None:
    assert verdict(level(confusion)).text == text


def test_where_one_genre_is_most_the_songs_gained_count() -> None:
    """88 of 100 right where guessing has 80 may be luck by itself, but not that none of the 80 is lost."""
    said = verdict(level([[80, 0, 0], [6, 4, 0], [6, 0, 4]]))
    assert said.accuracy.low < said.guess and said.judgement == "better"
    assert Verdict(88, 100, said.accuracy, 0.8, "a").judgement == "no-better"


def test_the_best_of_many_needs_more() -> None:
    of = level([[28, 22], [14, 36]])
    assert verdict(of).is_better and not verdict(of, n_tried=14).is_better


def test_a_verdict_survives_json() -> None:
    said = verdict(level([[28, 2], [2, 28]]), n_tried=3)
    plain = json.loads(json.dumps(said.to_json()))
    assert Verdict.from_json(plain) == said
    assert (plain["judgement"], plain["text"], plain["guess_genre"]) == (said.judgement, said.text, "a")
    older = {name: plain[name] for name in ("n_right", "n_songs", "accuracy", "guess", "guess_genre")}
    assert Verdict.from_json(older).judgement == "better-by-unknown"


# One model against another


class _Of:
    """What `lead` looks at."""

    def __init__(self, right: str, key: str | None) -> None:
        self.songs = SongsRight(key, right) if key else None
        self.per_song = scores(
            np.array([1] * len(right)), np.array([*map(int, right)]), np.arange(len(right)), 2
        )


def test_on_the_same_songs_models_are_compared_song_by_song() -> None:
    right = "1" * 30 + "0" * 10, "1" * 22 + "0" * 18
    same = lead(_Of(right[0], "x"), _Of(right[1], "x"))  # type: ignore[arg-type]
    other = lead(_Of(right[0], "x"), _Of(right[1], "y"))  # type: ignore[arg-type]
    unknown = lead(_Of(right[0], "x"), _Of(right[1], None))  # type: ignore[arg-type]
    assert [same.value, other.value, unknown.value] == pytest.approx([0.2] * 3)
    assert is_apart(same) and not is_apart(other) and unknown == other
    assert not is_apart(lead(_Of(right[0], "x"), _Of(right[0], "x")))  # type: ignore[arg-type]


# In words


@given(counts)
def test_shares_of_few_songs_are_counts(found: tuple[int, int]) -> None:
    n_part, n = found
    text = part(n_part, n)
    assert text == (f"{n_part} of {n}" if n < 20 else f"{100 * n_part / n:.0f} %")
    assert share(n_part / n, n) == text
    assert ("%" in reach(exact_interval(n_part, n), n)) == (n >= 20)


def test_which_genres_are_found_and_which_mixed_up() -> None:
    of = level([[5, 1, 0, 0], [3, 0, 1, 0], [0, 0, 2, 0], [0, 0, 0, 0]], ("pop", "rock", "rap", "none"))
    assert [(each.genre, each.n_right, each.n_songs) for each in found(of)] == [
        ("rap", 2, 2), ("pop", 5, 6), ("rock", 0, 4),
    ]  # fmt: skip
    pairs = [(each.genre, each.guess, each.n_songs) for each in mixed_up(of)]
    assert pairs == [("rock", "pop", 3), ("pop", "rock", 1), ("rock", "rap", 1)]
