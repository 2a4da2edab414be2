"""Networks side by side: the same songs, rows that are kept, papers' splits that say they leak."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from groovecli.actions import compare
from groovecli.actions.compare import CompareRequest
from groovecli.actions.leakage import measured_splits
from groovecli.actions.order import Order
from groovecli.cli.views import compare as view
from groovecli.errors import DatasetError, GrooveError, Interrupted, UsageError
from groovecli.evaluation.figures import SongsRight
from groovecli.evaluation.metrics import Interval, Scores, exact_interval
from groovecli.evaluation.results import Comparison, Row
from groovecli.messages.evaluation import no_test_songs
from groovecli.messages.training import exploded
from groovecli.models.loaded import LoadedModel
from groovecli.monitor import SILENT, Monitor
from groovecli.networks.registry import MODELS
from groovecli.reports.comparison import findings, in_short, notes, tables, to_json
from groovecli.reports.comparison_page import figures as charts
from groovecli.reports.comparison_page import write_report
from groovecli.training.request import TrainRequest
from tests.small import Stopper, World, world

NETWORKS = ("time-cnn", "two-layer", "vanilla-autoencoder", "deep-softmax-autoencoder")
QUICK = CompareRequest(NETWORKS, epochs=2, subset=24)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("world")) as found:
        found.ingest()
        yield found


def compared(small: World, request: CompareRequest = QUICK, monitor: Monitor = SILENT) -> Comparison:
    return compare.run(request, small.context(monitor=monitor))


@pytest.fixture(scope="module")
def found(small: World) -> Comparison:
    return compared(small, replace(QUICK, by_paper=True))


def test_every_network_has_its_row_and_classifiers_their_papers_too(found: Comparison) -> None:
    assert [(row.network, row.protocol) for row in found.rows] == [
        ("time-cnn", "dataset"),
        ("time-cnn", "paper"),
        ("two-layer", "dataset"),
        ("two-layer", "paper"),
        ("vanilla-autoencoder", "dataset"),
        ("deep-softmax-autoencoder", "dataset"),
        ("deep-softmax-autoencoder", "paper"),
    ]
    assert found.failed == {}
    for row in found.rows:
        assert (row.evaluation is not None) == MODELS[row.network].has_genres
        assert (row.space.reconstruction_error is not None) == MODELS[row.network].reconstructs
        assert 0 < row.epochs <= 2 and row.n_parameters > 1000 and row.song_s is not None and row.song_s > 0


def test_all_are_measured_on_the_same_songs(found: Comparison) -> None:
    honest = {row.n_songs for row in found.rows if row.protocol == "dataset"}
    assert len(honest) == 1


def test_a_papers_split_of_windows_is_called_leaky(found: Comparison) -> None:
    leaky = {(row.network, row.protocol) for row in found.rows if row.leaky}
    assert leaky == {("two-layer", "paper"), ("deep-softmax-autoencoder", "paper")}
    papers = tables(found)[-1]
    texts = {line[0]: " ".join(line) for line in papers.rows}
    assert "LEAKY" in texts["two-layer"] and "36.4 %" in texts["two-layer"]
    assert "LEAKY" not in texts["time-cnn"] and "80.06 %" in texts["time-cnn"]
    assert "none published" in texts["vanilla-autoencoder"]


def test_the_table_says_what_knowing_nothing_is_worth(found: Comparison) -> None:
    assert "always high: 1 of 2 right" in tables(found)[0].title


def test_the_models_do_not_serve_the_users_commands(small: World, found: Comparison) -> None:
    assert found.rows and small.context().shelf.trained() == []


def test_rows_are_read_back(small: World, found: Comparison, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("it trained again")

    monkeypatch.setattr(compare, "train_on", refuse)
    again = compared(small, replace(QUICK, by_paper=True))
    assert to_json(again) == json.loads(json.dumps(to_json(found)))
    assert [row.network for row in compared(small).rows] == list(NETWORKS)  # the same rows without papers
    with pytest.raises(AssertionError, match="trained again"):
        compared(small, replace(QUICK, epochs=1))


def test_a_stopped_comparison_goes_on_where_it_was(small: World) -> None:
    request = replace(QUICK, networks=("two-layer", "time-cnn"), seed=5, epochs=3)
    with pytest.raises(Interrupted):
        compared(small, request, Stopper("epoch 2", 1))
    resumed = compared(small, request)
    whole = compared(small, replace(request, networks=("time-cnn", "two-layer")))
    assert [row.epochs for row in resumed.rows] == [3, 3]
    assert {row.network for row in whole.rows} == {"time-cnn", "two-layer"}


def test_a_network_that_cannot_learn_here_is_left_out_and_named(small: World) -> None:
    result = compared(small, replace(QUICK, networks=("dense", "two-layer"), subset=16))
    assert [row.network for row in result.rows] == ["two-layer"]
    assert "genres" in result.failed["dense"]  # 6 songs a genre, and its paper drops those under 10
    assert not list(small.home.comparisons.glob("*/dense/failure.json"))  # nothing was tried


def test_unknown_networks_are_refused_before_anything_is_trained(small: World) -> None:
    with pytest.raises(UsageError, match="two-layers"):
        compared(small, replace(QUICK, networks=("time-cnn", "two-layers")))


def test_minutes_end_a_training_with_its_step(small: World) -> None:
    result = compared(small, replace(QUICK, networks=("two-layer",), epochs=50, minutes=1e-9))
    assert result.rows[0].epochs == 1
    assert "two-layer: ended by --minutes after 1 epoch" in notes(result)


# Rows that fail


@pytest.mark.parametrize(
    ("function", "error", "why"),
    [
        (
            "train_on",
            exploded(float("nan"), "at step 3 of epoch 1"),
            "the loss is nan at step 3 of epoch 1",
        ),
        ("measure", no_test_songs("default"), "dataset 'default' has no test song"),
    ],
    ids=["diverged", "nothing to measure"],
)
def test_a_network_that_fails_is_kept_as_failed_and_the_others_go_on(
    small: World, monkeypatch: pytest.MonkeyPatch, function: str, error: GrooveError, why: str
) -> None:
    request = replace(QUICK, networks=("time-cnn", "two-layer"), seed=11 + len(function), epochs=1)
    sound, calls = getattr(compare, function), list[str]()

    def failing(dataset: Any, *rest: Any, **options: Any) -> Any:
        about = next(each for each in rest if isinstance(each, Order | LoadedModel))
        name = (about.request if isinstance(about, Order) else about.description).network
        calls.append(name)
        if name == "time-cnn":
            raise error
        return sound(dataset, *rest, **options)

    with monkeypatch.context() as patch:
        patch.setattr(compare, function, failing)
        first, second = compared(small, request), compared(small, request)
    assert [row.network for row in first.rows] == [row.network for row in second.rows] == ["two-layer"]
    assert calls == ["time-cnn", "two-layer"]  # neither was tried again
    text, again = first.failed["time-cnn"], second.failed["time-cnn"]
    folder = Path(text.removeprefix(f"{why}; to try it again, delete the folder "))
    assert re.fullmatch(rf"failed before, on \d{{4}}-\d\d-\d\d: {re.escape(text)}", again)
    shutil.rmtree(folder)
    assert [row.network for row in compared(small, request).rows] == ["time-cnn", "two-layer"]


def test_a_row_that_failed_ends_the_splits_of_one_recipe(
    small: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`evaluate --honest` needs all of its rows; its message says what to delete, too."""

    def diverging(*_: Any) -> Any:
        raise exploded(float("inf"), "after epoch 1")

    with monkeypatch.context() as patch:
        patch.setattr(compare, "train_on", diverging)
        for begin in ("the loss is inf", "failed before, on "):
            with pytest.raises(DatasetError, match=f"^{begin}") as caught:
                measured_splits(TrainRequest("two-layer", hyper={"epochs": 1}), small.context())
            assert re.fullmatch("to try it again, delete the folder .*by-clip", caught.value.hint)


# What is said of the rows


def test_a_network_that_no_paper_describes_has_no_papers_row(found: Comparison) -> None:
    """Neither in the tables nor in the JSON; it is said that there is none."""
    assert [row.name for row in MODELS.values() if row.published is None] == ["transfer"]
    requests = compare._requests(replace(QUICK, by_paper=True), "transfer")
    assert [request.name for request in requests] == ["transfer"]
    rows = tuple(
        replace(row, network="transfer" if row.network == "time-cnn" else row.network)
        for row in found.rows
        if (row.network, row.protocol) != ("time-cnn", "paper")
    )
    ours = replace(found, rows=rows)
    assert "transfer" not in to_json(ours)["published"] and "two-layer" in to_json(ours)["published"]
    assert [line[0] for line in tables(ours)[-1].rows] == [*NETWORKS[1:]]
    said = "no row as a paper split: none describes transfer"
    assert said in notes(ours)
    assert said not in notes(replace(ours, by_paper=False))


def with_accuracy(row: Row, low: float, value: float, high: float) -> Row:
    def of(scores: Scores) -> Scores:
        return replace(scores, accuracy=Interval(value, low, high))

    assert row.evaluation is not None
    shown = replace(row.evaluation, per_clip=of(row.evaluation.per_clip))
    if shown.per_window:
        shown = replace(shown, per_window=of(shown.per_window))
    return replace(row, evaluation=shown)


def test_the_splits_part_has_its_interval(found: Comparison, tmp_path: Path) -> None:
    """50 % (40 to 60) against 30 % (18 to 43) is 20 points: -16.4 and +15.6 by Pythagoras."""
    figures = {"paper": (0.4, 0.5, 0.6), "dataset": (0.18, 0.3, 0.43)}
    rows = tuple(
        replace(with_accuracy(row, *figures[row.protocol]), n_songs=200) if row.evaluation else row
        for row in found.rows
    )
    ours = replace(found, rows=rows)
    cells = {line[0]: line[-1] for line in tables(ours)[-1].rows}
    named = ("time-cnn", "two-layer", "deep-softmax-autoencoder")
    text = "+20.0 points (+3.6 to +35.6)"
    assert cells == {network: text if network in named else "" for network in NETWORKS}
    gaps = to_json(ours)["gaps"]
    assert [gap["network"] for gap in gaps] == list(named)
    shown = [gaps[0][name] for name in ("value", "low", "high")]
    assert shown == pytest.approx([0.2, 0.0360, 0.3562], abs=1e-4)
    write_report(ours, tmp_path)
    assert (tmp_path / "comparison.md").read_text().count(text) == 3


def of_songs(found: Comparison, n: int, right: dict[str, int], *, key: str = "same") -> Comparison:
    """The networks `right` of `n` songs, half of which are of each genre; the first ones of them are."""
    rows = []
    for row in found.rows:
        if row.protocol != "dataset" or row.network not in right:
            continue
        assert row.evaluation is not None
        k, half = right[row.network], n // 2
        hits = min(k, half), max(k - half, 0)
        counts = np.array([[hits[0], half - hits[0]], [n - half - hits[1], hits[1]]])
        scores = replace(row.evaluation.per_song, accuracy=exact_interval(k, n), n=n)
        songs = SongsRight(key if key == "same" else row.network, "1" * k + "0" * (n - k))
        shown = replace(row.evaluation, per_song=scores, confusion=counts, songs=songs, n_songs=n)
        rows.append(replace(row, evaluation=shown, n_songs=n))
    return replace(found, rows=tuple(rows), by_paper=False)


THREE = ("time-cnn", "two-layer", "deep-softmax-autoencoder")


def test_the_best_network_is_named_first(found: Comparison) -> None:
    """102 of 200 may be luck beside 100; on the same songs 120 against 102 is not."""
    guessing = of_songs(found, 200, {"time-cnn": 102, "two-layer": 100})
    assert findings(guessing) == (
        "None of 2 networks is shown to be better than guessing (50 %). Most: time-cnn, 51 % of 200"
        " test songs right (44 to 58 %).",
    )
    ahead = of_songs(found, 200, {"time-cnn": 102, "two-layer": 130})
    assert findings(ahead) == (
        "Best: two-layer, 65 % of 200 test songs right (58 to 72 %). Better than guessing (50 %).",
        "The next is time-cnn (51 %), 14 points (9 to 19) behind: more than luck.",
    )


def test_few_songs_are_counted(found: Comparison) -> None:
    few = of_songs(found, 16, {"time-cnn": 15, "two-layer": 5})
    assert findings(few) == (
        "Best: time-cnn, 15 of 16 test songs right (95 % sure: 11 to 16). Better than guessing (8 of 16);"
        " too few songs to say how much.",
        "The next is two-layer (5 of 16), 10 songs behind: more than luck.",
    )
    genres, *_ = tables(few)
    assert [row[1] for row in genres.rows] == ["15 of 16 (11 to 16)", "5 of 16 (2 to 9)"]
    assert all(row[3:5] == ("–", "–") for row in genres.rows) and genres.note.startswith("few songs: F1")
    assert "%" not in " ".join(" ".join(row) for row in genres.rows)


def test_the_same_songs_tell_apart_what_others_cannot(found: Comparison) -> None:
    """Of 60 songs one network is right on 8 that the other is not, and the reverse never."""
    right = {"time-cnn": 45, "two-layer": 37}
    assert "more than luck" in findings(of_songs(found, 60, right))[1]
    assert "Can't tell these two apart" in findings(of_songs(found, 60, right, key="other songs"))[1]


def test_the_best_of_many_is_compared_more_strictly(found: Comparison) -> None:
    """Each of three has its chance to be lucky."""
    alone, among = (of_songs(found, 60, dict.fromkeys(names, 36)) for names in (("time-cnn",), THREE))
    assert alone.verdict is not None and among.verdict is not None
    assert alone.verdict.is_better and not among.verdict.is_better
    assert findings(alone) == (
        "Best: time-cnn, 60 % of 60 test songs right (47 to 72 %). Better than guessing (50 %); too few"
        " songs to say how much.",
    )
    (none,) = findings(among)
    assert none.startswith("None of 3 networks is shown to be better than guessing (50 %). Most: time-")


def test_without_genres_there_is_no_best(found: Comparison) -> None:
    spaces = replace(found, rows=tuple(row for row in found.rows if row.network == "vanilla-autoencoder"))
    assert findings(spaces) == ("No network here names genres: compare their spaces.",)
    assert spaces.verdict is None and to_json(spaces)["verdict"] is None


def test_the_verdict_is_in_the_json_and_first_on_the_page(found: Comparison, tmp_path: Path) -> None:
    ours = of_songs(found, 200, {"time-cnn": 102, "two-layer": 130})
    plain = to_json(ours)
    assert [*plain][:2] == ["schema", "verdict"]
    assert plain["verdict"]["network"] == "two-layer" and plain["verdict"]["judgement"] == "better"
    (rival,) = plain["verdict"]["rivals"]
    assert (rival["network"], rival["apart"]) == ("time-cnn", True)
    assert rival["low"] < rival["value"] < rival["high"] and rival["value"] == pytest.approx(0.14)
    assert plain["verdict"]["text"] == " ".join(findings(ours))
    page = write_report(ours, tmp_path)[-1].read_text()
    assert "<h1>Best of 2 networks on default: two-layer, 65 % right</h1>" in page
    assert page.index("<h1>") < page.index('<div class="card good">') < page.index("<table")
    assert (tmp_path / "comparison.md").read_text().startswith("Best: two-layer, 65 % of 200")


def test_notes_on_lyrics_are_each_rows_own(found: Comparison) -> None:
    own, fewer = "songs without lyrics: 5 of 20", "songs without lyrics: 3 of 14"
    said_of = {
        ("time-cnn", "dataset"): own, ("time-cnn", "paper"): fewer, ("two-layer", "dataset"): own,
    }  # fmt: skip
    rows = tuple(
        replace(row, notes=[text] if (text := said_of.get((row.network, row.protocol))) else [])
        for row in found.rows
    )
    said = [line for line in notes(replace(found, rows=rows)) if "lyrics" in line]
    assert said == [f"time-cnn, two-layer: {own}", f"time-cnn (split as its paper did): {fewer}"]


def test_what_was_left_out_is_in_each_report(found: Comparison, tmp_path: Path) -> None:
    ours = replace(found, failed={"dense": "too few genres", "seq-cnn-paper": "the loss is nan"})
    write_report(ours, tmp_path)
    for name in ("comparison.md", "index.html"):
        text = (tmp_path / name).read_text()
        assert (
            "left out: dense: too few genres" in text
            and "left out: seq-cnn (split as its paper did): the loss" in text
        )
    assert json.loads((tmp_path / "comparison.json").read_text())["failed"] == ours.failed


def test_what_helps_a_network_that_was_left_out_has_its_own_line(
    found: Comparison, capsys: pytest.CaptureFixture[str]
) -> None:
    failed = {
        "dense": "too few genres; add some",
        "seq-cnn": "too few songs; add some",
        "x": "it is so; odd",
    }
    ours = replace(found, failed=failed, hints=dict.fromkeys(("dense", "seq-cnn"), "add some"))
    assert "left out: dense: too few genres; add some" in list(notes(ours))
    view.show(ours)
    said = capsys.readouterr()
    lines = said.err.splitlines()
    assert "left out: dense: too few genres" in lines and "left out: x: it is so; odd" in lines
    assert lines.count("hint: add some") == 1
    assert said.out.splitlines()[-1] == in_short(ours) and in_short(ours).endswith("; 3 left out")


def test_the_last_line_and_what_comes_next(found: Comparison) -> None:
    guessing = of_songs(found, 200, {"time-cnn": 102, "two-layer": 100})
    assert in_short(guessing) == "2 networks compared: none is shown to be better than guessing"
    assert view.follow_up(guessing) == "train --network transfer"
    ahead = of_songs(found, 200, {"time-cnn": 102, "two-layer": 130})
    assert in_short(ahead) == "2 networks compared: best two-layer, 65 % right"
    assert view.follow_up(ahead) == "train --network two-layer"
    other = replace(ahead, dataset=replace(ahead.dataset, name="other"))
    assert view.follow_up(other) == "train --network two-layer --dataset other"


def test_the_report_has_figures_and_tables(found: Comparison, tmp_path: Path) -> None:
    files = write_report(found, tmp_path / "report")
    figures = json.loads((tmp_path / "report" / "comparison.json").read_text())
    assert len(figures["rows"]) == len(found.rows)
    text = (tmp_path / "report" / "comparison.md").read_text()
    assert all(network in text for network in NETWORKS)
    assert [path.name for path in files] == ["comparison.json", "comparison.md", "index.html"]
    assert all(path.exists() for path in files)
    assert [figure.name for figure in charts(found)] == ["accuracy"]
    page = (tmp_path / "report" / "index.html").read_text()
    assert all(network in page for network in NETWORKS) and "LEAKY" in page


def test_the_caption_speaks_of_leaky_splits_only_where_there_is_one(
    found: Comparison, tmp_path: Path
) -> None:
    def page(compared: Comparison) -> str:
        return write_report(compared, tmp_path)[-1].read_text()

    assert "what the leak adds" in page(found)
    honest = replace(found, rows=tuple(row for row in found.rows if not row.leaky))
    assert "leaky" not in page(honest).lower() and "95 % interval" in page(honest)
    leaky = replace(found, rows=tuple(row for row in found.rows if row.leaky))
    assert "what the leak adds" not in page(leaky)  # of what would it be to the right?


def test_a_papers_row_is_shown_though_the_datasets_failed(found: Comparison, tmp_path: Path) -> None:
    """Nothing stands in the JSON alone, and no table is empty."""
    ours = replace(found, rows=tuple(row for row in found.rows if row.protocol == "paper"))
    (papers,) = tables(ours)
    assert {line[0] for line in papers.rows} == {row.network for row in ours.rows}
    assert all(line[3] and not line[4] and not line[5] for line in papers.rows)
    write_report(ours, tmp_path)
    assert "****" not in (tmp_path / "comparison.md").read_text()
