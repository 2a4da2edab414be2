"""What `evaluate`, `train`, `compare` and `leakage` say first, as it stands on a screen."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from groovecli.actions.own_test import Rival, Trained
from groovecli.cli.typesetting import n_cells
from groovecli.cli.views import evaluate, train
from groovecli.cli.views.verdicts import say
from groovecli.datasets.reach import Reach
from groovecli.evaluation.calibration import calibration
from groovecli.evaluation.figures import Evaluation
from groovecli.evaluation.judged import Judged
from groovecli.evaluation.metrics import per_genre, scores
from groovecli.evaluation.neighbours import Space
from groovecli.evaluation.verdict import Verdict, verdict
from groovecli.training.loop import Epoch
from tests.small import describing

LEARNT = {"songs": {"train": 120, "validation": 12}}
GUESSING = [[2, 1, 1, 1, 1], [1, 2, 1, 1, 1], [1, 2, 1, 1, 1], [0, 1, 4, 0, 1], [2, 4, 0, 0, 0]]
FIVE = ("blues", "jazz", "latin", "rock", "folk")


class _Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Call a view on a screen of so many columns; what stands on it."""

    def shown(width: int, view: Any, *given: Any, **options: Any) -> list[str]:
        out = _Screen()
        monkeypatch.setenv("COLUMNS", str(width))
        monkeypatch.setenv("NO_COLOR", "1")
        monkeypatch.setattr(sys, "stdout", out)
        monkeypatch.setattr(sys, "stderr", out)
        view(*given, **options)
        return out.getvalue().splitlines()

    return shown


def evaluated(
    counts: Sequence[Sequence[int]],
    genres: tuple[str, ...] = FIVE,
    *,
    wrong: Sequence[Judged] = (),
    leaky: bool = False,
    **about: Any,
) -> Any:
    """What `groove evaluate` measured, with this confusion of songs."""
    table = np.array(counts)
    pairs = [(t, g) for (t, g), n in np.ndenumerate(table) for _ in range(n)]
    truth, guess = (np.array(column) for column in zip(*pairs, strict=True))
    n = len(truth)
    per_song, split_by = scores(truth, guess, np.arange(n), len(genres)), "clip" if leaky else "song"
    description = replace(describing(genres=genres, name="time-cnn-1"), **{"data": LEARNT, **about})
    figures = Evaluation(
        "time-cnn-1", "default", split_by, leaky, 0, genres, per_song, per_song, None, 0.3,
        per_genre(truth, guess, genres), table, calibration(np.linspace(0.9, 0.3, n), truth == guess), n,
    )  # fmt: skip
    measured = SimpleNamespace(
        songs=np.arange(n).astype(str), dataset=SimpleNamespace(name="default"), split_by=split_by, notes=()
    )
    return SimpleNamespace(
        model=SimpleNamespace(description=description),
        measured=measured,
        evaluation=figures,
        space=Space(0.3, 0.2, 0.1, None, n),
        history=(),
        seed=0,
        misjudged=tuple(wrong),
        reach=Reach(),
        is_included=False,
        other_dataset="",
    )


ALL_TABLES = "all tables: --full; charts, and the wrong songs to play: --report DIR"


def test_a_model_that_guesses_is_told_what_to_do(screen: Any) -> None:
    assert screen(80, evaluate.show, evaluated(GUESSING), has_report=False) == [
        "time-cnn-1: 17 % of 30 test songs right (6 to 35 %).",
        "No better than guessing (20 %).",
        "hint: with 24 songs per genre, start from the included model:",
        "  `groove train --network transfer`",
        "best found: blues 2 of 6, jazz 2 of 6, latin 1 of 6   never found: rock, folk",
        "most mixed up: rock -> latin 4, folk -> jazz 4, latin -> jazz 2",
        "30 test songs of dataset default, split by song, seed 0; 95 % intervals;",
        "  guessing: always blues",
        ALL_TABLES,
    ]


def test_a_model_that_is_good_is_praised_and_its_wrong_songs_listed(screen: Any) -> None:
    good = [[40, 2, 1, 0, 0], [1, 30, 2, 0, 0], [0, 0, 25, 5, 0], [0, 3, 0, 20, 2], [1, 1, 1, 0, 19]]
    song = Judged(
        "1", Path("/home/me/Music/rock/日本語の名前 - とても長い曲の名前.flac"), "rock", "folk", 0.934
    )
    assert screen(60, evaluate.show, evaluated(good, wrong=[song] * 6), has_report=True) == [
        "time-cnn-1: 88 % of 153 test songs right (81 to 92 %).",
        "Better than guessing (28 %).",
        "best found: blues 93 %, jazz 91 %, folk 86 %",
        "worst found: rock 80 %, latin 83 %",
        "most mixed up: latin -> rock 5, rock -> jazz 3, blues ->",
        "  jazz 2",
        "Wrong songs: 6 of 153, the surest mistakes first",
        "true genre  guess  sure  song",
        "─" * 60,
        *["rock        folk   93 %  /home/me/Music/ro…長い曲の名前.flac"] * 5,
        "",
        "153 test songs of dataset default, split by song, seed 0;",
        "  95 % intervals; guessing: always blues",
        "all tables: --full",
    ]


def test_few_songs_are_counted_everywhere(screen: Any) -> None:
    few = evaluated([[4, 0], [4, 4]], ("a", "b"))
    lines = screen(100, evaluate.show, few, has_report=False, full=True)
    assert (
        lines[0]
        == "time-cnn-1: 8 of 12 test songs right (95 % sure: 4 to 11). No better than guessing (8 of 12)."
    )
    assert "per song  8 of 12 (4 to 11)         –  12" in lines
    assert "b      4 of 8     4 of 4   –      8" in lines
    text = "\n".join(lines)
    assert (
        "%" not in text.replace("95 % intervals", "").replace("95 % sure", "") and "confidence?" not in text
    )
    assert "few songs: F1, average precision, neighbours and clusters are measured from 20" in text


def test_what_helps_fits_the_model(screen: Any) -> None:
    def hint(of: Any) -> str:
        text = " ".join(screen(100, evaluate.show, of, has_report=False))
        return " ".join(text.partition("hint: ")[2].split())

    assert hint(evaluated(GUESSING, leaky=True)).startswith("keep songs and artists whole: `groove ingest")
    many = evaluated(GUESSING, data={"songs": {"train": 5 * 400}})
    assert hint(many).startswith("look at the wrong songs, are they in the right folders? `groove evaluate")
    many.history = (Epoch(1, 1.0, 0.1, 1.0, 0.1, 1.0, 1.0),) * 3
    usual = many.model.description.spec.defaults.epochs
    longer = f"`groove train --resume --name time-cnn-1 --epochs {usual}`"
    assert hint(many).startswith(f"it was trained for 3 of {usual} epochs: {longer}")
    few = evaluated([[2, 1], [1, 2]], ("a", "b"), data={"songs": {"train": 2 * 400}})
    assert hint(few).startswith("6 test songs can't show much: add music")
    assert hint(evaluated([[28, 2], [2, 28]], ("a", "b"))) == ""
    other = evaluated(GUESSING)
    other.measured.dataset.name = other.other_dataset = "mine too"
    assert "`groove train --network transfer --dataset 'mine too'`" in hint(other)
    other.is_included = True  # which is what transfer starts from, and can't be trained
    assert "`groove evaluate time-cnn-1 --dataset 'mine too' --report report`" in hint(other)
    few.is_included = True
    few.measured.dataset.name = few.other_dataset = "mine"
    assert hint(few).startswith("6 test songs can't show much") and "MUSIC --dataset mine`" in hint(few)


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("n_genres", [2, 12, 60])
@pytest.mark.parametrize(
    "name",
    [
        "{}",
        "a genre of which the name has seventy letters, which is longer than most {}",
        "日本語" * 8 + "{}",
    ],
)
def test_nothing_is_wider_than_the_screen(screen: Any, width: int, n_genres: int, name: str) -> None:
    counts = np.random.default_rng(0).integers(0, 3, (n_genres, n_genres)) + 2 * np.eye(n_genres, dtype=int)
    of = evaluated(counts.tolist(), tuple(name.format(n) for n in range(n_genres)))
    lines = screen(width, evaluate.show, of, has_report=False, full=True)
    assert max(map(n_cells, lines)) <= width
    text = "\n".join(lines)
    is_matrix = "rows) and guess (columns)" in text
    assert is_matrix == (n_genres == 2 or (n_genres == 12 and (width > 60 or name == "{}")))
    assert ("Most mixed up" in text) != is_matrix
    if not is_matrix:
        assert "more pairs; --json has them all (confusion)" in text


def test_a_matrix_has_numbers_for_guesses(screen: Any) -> None:
    lines = screen(80, evaluate._show_genres, evaluated(GUESSING).evaluation, "genre")
    assert lines[-8:] == [
        "true genre  1  2  3  4  5",
        "─────────────────────────",
        "1 blues     2  1  1  1  1",
        "2 jazz      1  2  1  1  1",
        "3 latin     1  2  1  1  1",
        "4 rock      ·  1  4  ·  1",
        "5 folk      2  4  ·  ·  ·",
        "",
    ]


def test_genres_without_test_songs_are_named(screen: Any) -> None:
    of = evaluated([[3, 0, 0], [0, 3, 1], [0, 0, 0]], ("a", "b", "c"))
    lines = screen(80, evaluate.show, of, has_report=True)
    assert "best found: a 3 of 3, b 3 of 4" in lines and "no test song: c" in lines


def test_a_model_without_genres_has_no_verdict(screen: Any) -> None:
    of = evaluated(GUESSING)
    of.evaluation, of.space = None, Space(0.3, 0.2, 0.1, 0.5, 30)
    lines = screen(100, evaluate.show, of, has_report=False)
    assert lines[0] == "time-cnn-1 names no genres: its space of sound is measured"
    assert "reconstruction error, share of the input's variance: 50.0 %" in lines


def test_what_comes_next_is_not_what_was_done() -> None:
    guessing, good = evaluated(GUESSING), evaluated([[90, 10], [10, 90]], ("a", "b"))
    assert evaluate.follow_up(guessing) == "evaluate time-cnn-1 --report report"
    assert evaluate.follow_up(guessing, has_report=True) == "evaluate time-cnn-1 --full"
    guessing.other_dataset = "default"
    assert evaluate.follow_up(guessing) == "evaluate time-cnn-1 --dataset default --report report"
    assert evaluate.follow_up(good, has_report=True) == "classify SONG --model time-cnn-1"


def test_a_training_that_its_test_songs_cannot_measure_says_what_can(screen: Any) -> None:
    untested = trained("transfer", untested="groove-net learned them", test_hint="test it on other songs")
    lines = screen(100, train.show, untested)
    assert lines[:2] == ["groove-net learned them", "hint: test it on other songs"]
    assert untested.next_command == "classify SONG --model transfer-1"
    assert trained("transfer", untested="stopped").next_command == "evaluate transfer-1"
    some = trained("transfer", test=of(GUESSING), test_notes=("6 of 36 test songs are left out",))
    assert "6 of 36 test songs are left out" in screen(100, train.show, some)
    assert train.to_json(some)["test_notes"] == ["6 of 36 test songs are left out"]
    assert train.to_json(untested)["untested_hint"] == "test it on other songs"


def test_lines_break_between_sentences_first(screen: Any) -> None:
    assert screen(30, say, "One sentence here. And another. Third.") == [
        "One sentence here.",
        "And another. Third.",
    ]
    assert screen(80, say, "One. Two.", "Three.") == ["One. Two.", "Three."]


# Trainings


def trained(network: str = "time-cnn", **changes: Any) -> Trained:
    """A training of 120 songs of five genres, 12 held out."""
    about = replace(
        describing(network, genres=FIVE, name=f"{network}-1"),
        data=LEARNT,
        metrics={"validation_by": "song"},
    )
    epochs = tuple(Epoch(n, 1.0, 0.5, 1.1, 0.456, 1.0, 100.0) for n in (1, 2))
    return replace(Trained(Path("models/x/model.safetensors"), about, epochs, 2, False, 75.2), **changes)


def of(confusion: Sequence[Sequence[int]]) -> Verdict:
    return verdict(evaluated(confusion, FIVE[: len(confusion)]).evaluation)


def test_a_training_ends_with_what_the_model_is_worth(screen: Any) -> None:
    rival = Rival("groove-net", of([[28, 2], [2, 28]]), on_same_songs=True)
    assert screen(100, train.show, trained(test=of(GUESSING), rival=rival)) == [
        "time-cnn-1: 17 % of 30 test songs right (6 to 35 %). No better than guessing (20 %).",
        "groove-net (in use now): 93 % of 60 test songs right (84 to 98 %), on the same songs",
        "time-cnn-1: 2 epochs in 1 min 15 s; epoch 2 is kept, the best on 12 songs held out by song",
        "model, training curve and figures: models/x",
    ]
    plain = train.to_json(trained(test=of(GUESSING), rival=rival))
    assert [*plain][:2] == ["schema", "verdict"] and plain["verdict"]["judgement"] == "no-better"
    assert plain["rival"]["verdict"]["n_songs"] == 60 and plain["in_use"] is False
    assert train.to_json(trained())["verdict"] is None


def test_a_training_that_was_not_tested_says_why(screen: Any) -> None:
    lines = screen(
        100, train.show, trained(untested="there is no test song", not_used="it was not measured")
    )
    assert lines[:2] == ["there is no test song", "warning: it was not measured"]


def test_a_head_is_not_trained_for_one_epoch(screen: Any) -> None:
    lines = screen(100, train.show, trained("transfer", test=of([[28, 2], [2, 28]]), is_in_use=True))
    assert "`groove classify` uses transfer-1 from now on" in lines
    assert (
        "transfer-1: learned 5 genres from 120 songs in 1 min 15 s, on top of the included model" in lines
    )
    assert "epoch" not in " ".join(lines)


def test_transfer_is_recommended_to_who_has_few_songs() -> None:
    text = train.gain(trained(test=of(GUESSING)))
    assert text == (
        "with so few songs, `groove train --network transfer` is usually far better: in our tests 62 %"
        " right from 20 songs per genre; time-cnn, from 71, 47 %"
    )
    assert train.gain(trained(test=of([[90, 10], [10, 90]]))) == ""
    assert train.gain(trained("transfer")) == ""
