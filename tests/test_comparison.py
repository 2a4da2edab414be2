"""Networks side by side: the same songs, rows that are kept, papers' splits that say they leak."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from groovecli.actions import compare
from groovecli.actions.compare import CompareRequest
from groovecli.errors import Interrupted, UsageError
from groovecli.evaluation.results import Comparison
from groovecli.monitor import SILENT, Monitor
from groovecli.networks.registry import MODELS
from groovecli.reports.comparison import tables, to_json, write_report
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
    assert "always the largest genre: 50.0 % of songs" in tables(found)[0].title


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


def test_unknown_networks_are_refused_before_anything_is_trained(small: World) -> None:
    with pytest.raises(UsageError, match="two-layers"):
        compared(small, replace(QUICK, networks=("time-cnn", "two-layers")))


def test_minutes_end_a_training_with_its_epoch(small: World) -> None:
    result = compared(small, replace(QUICK, networks=("two-layer",), epochs=50, minutes=1e-9))
    assert result.rows[0].epochs == 1


def test_the_report_has_figures_and_tables(found: Comparison, tmp_path: Path) -> None:
    files = write_report(found, tmp_path / "report")
    figures = json.loads((tmp_path / "report" / "comparison.json").read_text())
    assert len(figures["rows"]) == len(found.rows)
    text = (tmp_path / "report" / "comparison.md").read_text()
    assert all(network in text for network in NETWORKS)
    assert all(path.exists() for path in files)
    page = (tmp_path / "report" / "index.html").read_text()
    assert all(network in page for network in NETWORKS) and "LEAKY" in page


def test_the_caption_speaks_of_leaky_splits_only_where_there_is_one(
    found: Comparison, tmp_path: Path
) -> None:
    def page(compared: Comparison) -> str:
        return write_report(compared, tmp_path)[-1].read_text()

    assert "How far a leaky split" in page(found)
    honest = replace(found, rows=tuple(row for row in found.rows if not row.leaky))
    assert "leaky" not in page(honest).lower() and "95 % interval" in page(honest)
    leaky = replace(found, rows=tuple(row for row in found.rows if row.leaky))
    assert "How far a leaky split" not in page(leaky)  # of what would it be to the right?
