"""One recipe under three splits: what each flatters, which there can't be, what stands on both sides."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import mutagen
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from groovecli.actions import compare
from groovecli.actions import leakage as leaking
from groovecli.actions.leakage import _limits, measured_splits, recipe_of
from groovecli.cli.views.leakage import follow_up
from groovecli.errors import DatasetError, Interrupted, ModelError
from groovecli.evaluation.metrics import Interval, Scores, exact_interval
from groovecli.evaluation.results import Leakage, SplitRow, _gap, across
from groovecli.library.copies import Replica
from groovecli.library.tracks import FileState, Track
from groovecli.messages.words import NONE
from groovecli.monitor import SILENT, Monitor
from groovecli.reports.leakage import findings, in_short, lines, tables, to_json
from groovecli.reports.leakage_page import figures as charts
from groovecli.reports.leakage_page import write_report
from groovecli.training.request import TrainRequest
from tests.conftest import melody
from tests.small import QUICK, Stopper, World, world
from tests.test_replicas import write

HYPER = {"epochs": 2, "batch_size": 8, "optimizer": "adam", "learning_rate": 1e-4}
REQUEST = TrainRequest(hyper=HYPER)
N_SONGS = 12


def add_artists(library: Path, *, of_an_artist: int, untagged: int = 0) -> None:
    """Twelve songs of each of two genres, so many of each artist; a copy of the first one, quieter."""
    for genre in "ab":
        for number in range(N_SONGS):
            seed = number + N_SONGS * (genre == "b")
            song = write(library / genre / f"{number:02}.flac", seed)
            if number >= untagged:
                file = mutagen.File(song)
                file["artist"] = f"{genre}{number // of_an_artist}"
                file.save()
    write(library / "a" / "copy.ogg", 0, gain=0.5)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("leakage"), {}) as made:
        add_artists(made.library, of_an_artist=3)
        made.ingest()
        yield made


def measured(small: World, request: TrainRequest = REQUEST, monitor: Monitor = SILENT) -> Leakage:
    return measured_splits(request, small.context(monitor=monitor))


@pytest.fixture(scope="module")
def found(small: World) -> Leakage:
    return measured(small)


def test_three_splits_of_the_same_clips(small: World, found: Leakage) -> None:
    assert [row.split_by for row in found.rows] == ["clip", "song", "artist"]
    assert [row.figures.leaky for row in found.rows] == [True, False, False]
    for row in found.rows:
        assert row.figures.split_by == row.split_by and row.figures.epochs == 2
        assert row.figures.evaluation is not None
        assert row.figures.evaluation.leaky == (row.split_by == "clip")
        assert len(row.sides) == 2 * N_SONGS + 1


def test_sides_are_those_that_were_trained_and_measured(small: World, found: Leakage) -> None:
    for row in found.rows:
        tested = {song for song, side in row.sides.items() if side in ("test", "both")}
        assert len(tested) == row.figures.n_songs
        assert ("both" in row.sides.values()) == (row.split_by == "clip")
    artists: dict[str, set[str]] = {}
    for song, files in small.dataset().tracks.items():
        artists.setdefault(files[0].tags.artist or song, set()).add(found.rows[2].sides[song])
    assert all(len(sides) == 1 for sides in artists.values())


def test_the_copy_is_named_with_its_sides(small: World, found: Leakage) -> None:
    (pair,) = found.replicas.pairs
    assert {pair.first.path.name, pair.second.path.name} == {"00.flac", "copy.ogg"}
    plain = to_json(found)
    (entry,) = plain["replicas"]
    assert entry["second"].endswith("copy.ogg") and entry["likeness"] > 0.6
    assert set(entry["sides"]) == {"own (by song)", "by clip", "by song", "by artist"}
    for row, shown in zip(found.rows, plain["splits"], strict=True):
        sides = entry["sides"][f"by {row.split_by}"]
        is_across = "both" in sides or set(sides) == {"train", "test"}
        assert shown["replicas_across"] == int(is_across)
        assert (f"by {row.split_by}" in entry["across"]) == is_across


def track(name: str) -> Track:
    return Track(name, Path(name), FileState(1, 1), 30.0)


@pytest.mark.parametrize(
    ("first", "second", "is_across"),
    [
        ("train", "test", True),
        ("test", "train", True),
        ("train", "train", False),
        ("test", "test", False),
        ("both", "train", True),
        ("both", None, True),
        ("validation", "test", True),
        ("train", "validation", False),
        ("train", None, False),
    ],
)
def test_what_is_across(first: str, second: str | None, is_across: bool) -> None:
    sides = {"x": first} | ({"y": second} if second else {})
    assert across(sides, Replica(track("x"), track("y"), 0.9, 0.0)) is is_across


def test_gaps_compare_with_the_most_honest(found: Leakage) -> None:
    assert [(gap.split_by, gap.than) for gap in found.gaps] == [("clip", "artist"), ("song", "artist")]
    for gap in found.gaps:
        assert gap.low <= gap.value <= gap.high


shares = st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1)).map(sorted)


@given(shares, shares)
def test_a_gap_holds_its_value_and_changes_sign_with_its_sides(a: list[float], b: list[float]) -> None:
    def row(values: list[float]) -> Any:
        low, value, high = values
        per_song = SimpleNamespace(accuracy=Interval(value, low, high))
        figures = SimpleNamespace(evaluation=SimpleNamespace(per_song=per_song), network="x")
        return SplitRow("song", figures, {})  # type: ignore[arg-type]

    gap, back = _gap(row(a), row(b)), _gap(row(b), row(a))
    assert gap.low <= gap.value + 1e-12 and gap.value <= gap.high + 1e-12
    assert (gap.value, gap.low, gap.high) == pytest.approx((-back.value, -back.high, -back.low))


def test_the_models_do_not_serve_the_users_commands(small: World, found: Leakage) -> None:
    assert found.rows and small.context().shelf.trained() == []


def test_what_is_done_is_not_done_again(
    small: World, found: Leakage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("it trained again")

    monkeypatch.setattr(compare, "train_on", refuse)
    again, before = (json.dumps(to_json(each)) for each in (measured(small), found))
    assert again == before
    with pytest.raises(AssertionError, match="trained again"):
        measured(small, replace(REQUEST, seed=1))


def test_stopping_and_going_on(small: World) -> None:
    request = replace(REQUEST, seed=7)
    with pytest.raises(Interrupted):
        measured(small, request, Stopper("epoch 2", 1))
    assert len(measured(small, request).rows) == 3


def test_tables_lines_and_a_page(found: Leakage, tmp_path: Path) -> None:
    splits, duplicates = tables(found)
    assert [row[0] for row in splits.rows] == ["by clip (LEAKY)", "by song", "by artist"]
    assert all(len(row) == len(splits.columns) for row in splits.rows)
    assert len(duplicates.rows) == 1 and len(duplicates.rows[0]) == len(duplicates.columns)
    assert list(lines(found))[-1].startswith("duplicates: 1 pair among 25 songs; in both training and test")
    files = write_report(found, tmp_path)
    assert [file.name for file in files] == ["leakage.json", "index.html"]
    figures = json.loads(files[0].read_text())
    assert figures["splits"][0]["leaky"] is True and [*figures][:2] == ["schema", "verdict"]
    assert figures["verdict"]["text"] == " ".join(findings(found))
    assert (figures["verdict"]["split_by"], len(figures["verdict"]["apart"])) == ("artist", 2)
    page = files[1].read_text()
    assert [figure.name for figure in charts(found)] == ["leakage"]
    assert "LEAKY" in page and "copy.ogg" in page
    heading = findings(found)[0].partition(". ")[0]
    assert f"<h1>{heading}</h1>" in page and heading.endswith("songs by new artists")
    assert page.index("<h1>") < page.index('<div class="card') < page.index("<table")


def right_of(found: Leakage, *shares: tuple[int, int]) -> Leakage:
    """The same splits, but with so many right of so many songs, half of which are of one genre."""
    rows = []
    for row, (n_right, n) in zip(found.rows, shares, strict=True):
        half = n // 2
        right = min(n_right, half), n_right - min(n_right, half)
        counts = np.array([[right[0], half - right[0]], [n - half - right[1], right[1]]])
        per_song = Scores(exact_interval(n_right, n), exact_interval(n_right, n), n)
        assert row.figures.evaluation is not None
        evaluation = replace(
            row.figures.evaluation, per_song=per_song, confusion=counts, genres=("a", "b"), songs=None
        )
        rows.append(replace(row, figures=replace(row.figures, evaluation=evaluation, n_songs=n)))
    return replace(found, rows=tuple(rows))


def test_what_it_means_is_said_first(found: Leakage) -> None:
    """69 % by clip, 57 % by song and 51 % by artist, of many songs and of some."""
    assert findings(right_of(found, (6900, 10_000), (5700, 10_000), (5100, 10_000)))[:2] == (
        "time-cnn is right on 51 % of songs by new artists. With artists in both training and test it looks"
        " like 57 %; with pieces of one song in both it looks like 69 %.",
        "Both differences are more than luck.",
    )
    some = findings(right_of(found, (138, 200), (114, 200), (102, 200)))
    assert some[1] == (
        "With pieces of one song in both the difference is more than luck; with artists in both it may be"
        " luck."
    )
    assert (
        some[2] == "New artists: 51 % of 200 test songs right (44 to 58 %). Not shown to be better than"
        " guessing (50 %)."
    )


def test_few_songs_are_counted(found: Leakage) -> None:
    few = right_of(found, (11, 16), (9, 16), (8, 16))
    assert findings(few)[:2] == (
        "time-cnn is right on 8 of 16 songs by new artists. With artists in both training and test it looks"
        " like 9 of 16; with pieces of one song in both it looks like 11 of 16.",
        "Can't tell these apart: the differences may be luck.",
    )
    splits, _ = tables(few)
    assert splits.rows[0][1:4] == ("11 of 16 (7 to 14)", splits.rows[0][2], NONE)
    assert "%" not in " ".join(" ".join(row) for row in splits.rows) and splits.note == "–: too few songs."
    assert not any("points" in line for line in lines(few))


def test_where_one_side_is_counted_all_are(found: Leakage) -> None:
    mixed = right_of(found, (11, 11), (7, 12), (2, 24))
    said = findings(mixed)
    assert said[0].startswith("time-cnn is right on 2 of 24 songs by new artists. With artists in both")
    assert said[0].endswith("looks like 7 of 12; with pieces of one song in both it looks like 11 of 11.")
    assert said[2].startswith(
        "New artists: 2 of 24 test songs right (95 % sure: 0 to 6). Worse than guessing (12"
    )
    assert "%" not in "".join(said).replace("95 % sure", "")
    assert in_short(mixed) == "time-cnn: 2 of 24 songs by new artists right; 1 duplicate"
    assert in_short(right_of(found, (69, 100), (57, 100), (51, 100))).startswith("time-cnn: 51 % of songs")


def test_what_comes_next_fits_what_was_found(found: Leakage) -> None:
    good, poor = (right_of(found, (90, 100), (90, 100), (n, 100)) for n in (90, 20))
    assert follow_up(good, None) == "train --network time-cnn"
    assert follow_up(poor, None) == "train --network transfer"
    assert follow_up(poor, "my own") == "evaluate 'my own'"
    other = replace(good, dataset=replace(good.dataset, name="other"))
    assert follow_up(other, None) == "train --network time-cnn --dataset other"


def test_without_a_model_of_ones_own_a_network_is_taken(
    small: World, found: Leakage, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr(leaking, "measured_splits", lambda recipe, _: asked.append(recipe) or found)
    told = leaking.run(leaking.LeakageRequest(), small.context())
    assert (asked[0].network, asked[0].dataset) == ("time-cnn", "default")
    assert told.notes[0] == (
        "you have no model of your own to check, and groove-net can't be trained here: time-cnn is taken"
    )
    assert told.notes[1:] == found.notes
    with pytest.raises(ModelError, match="groove-net is included"):
        leaking.run(leaking.LeakageRequest("groove-net"), small.context())


def test_a_single_split_is_compared_with_guessing_alone(found: Leakage) -> None:
    alone = replace(right_of(found, (1, 16), (1, 16), (150, 200)), rows=())
    alone = replace(alone, rows=right_of(found, (1, 16), (1, 16), (150, 200)).rows[1:2])
    assert findings(alone) == (
        "time-cnn is right on 1 of 16 new songs.",
        "New songs: 1 of 16 test songs right (95 % sure: 0 to 5). Worse than guessing (8 of 16).",
    )


# Splits that would be another one under a false name


def test_without_artist_tags_there_is_no_split_by_artist(tmp_path: Path) -> None:
    with world(tmp_path, {}) as made:
        add_artists(made.library, of_an_artist=3, untagged=N_SONGS)
        made.ingest()
        found = measured(made)
    assert [row.split_by for row in found.rows] == ["clip", "song"]
    assert any("no split by artist: 25 of 25 songs have no artist tag" in note for note in found.notes)


@pytest.mark.parametrize(
    ("artists", "n_clips", "skipped", "said"),
    [
        (
            {"x": "artist:1", "y": "artist:1", "z": "song:z"},
            2,
            set(),
            "1 of 3 songs have no artist tag; each",
        ),
        ({"x": "artist:1", "y": "artist:2", "z": "artist:3"}, 2, {"artist"}, "no artist has two songs"),
        ({"x": "artist:1", "y": "song:y", "z": "song:z"}, 2, {"artist"}, "2 of 3 songs have no artist tag"),
        ({"x": "artist:1", "y": "artist:1", "z": "artist:1"}, 1, {"clip"}, "every song gives one clip"),
        ({}, 1, {"clip", "artist"}, "3 of 3"),
        ({"x": "artist:1", "y": "artist:1", "z": "artist:1"}, 2, set(), ""),
    ],
)
def test_which_splits_there_can_be(
    artists: dict[str, str], n_clips: int, skipped: set[str], said: str
) -> None:
    clips = [_Clip(song) for song in "xyz" for _ in range(n_clips)]
    left_out, notes = _limits(clips, artists)  # type: ignore[arg-type]
    assert left_out == skipped
    assert said in " ".join(notes) and bool(said) == bool(notes)


class _Clip:
    def __init__(self, track_id: str) -> None:
        self.track_id = track_id


def test_a_genre_of_one_artist_is_named(tmp_path: Path) -> None:
    with world(tmp_path, {}) as made:
        add_artists(made.library, of_an_artist=3)
        for number in range(4):
            song = write(made.library / "c" / f"{number}.flac", 90 + number)
            file = mutagen.File(song)
            file["artist"] = "the only one"
            file.save()
        made.ingest()
        found = measured(made)
    assert "by artist: no test song of c, which can't be divided so" in found.notes


# Recipes


def test_a_models_recipe_is_its_training(small: World) -> None:
    request = replace(QUICK, class_weights=True, genres=("a", "b"), validation_share=0.3)
    result = small.train(request, hyper={**HYPER, "epochs": 1, "dropout": 0.4})
    again = recipe_of(result.description)
    assert again.hyper["dropout"] == 0.4 and again.hyper["epochs"] == 1
    assert (again.class_weights, again.genres, again.validation_share) == (True, ("a", "b"), 0.3)
    assert (again.dataset, again.base, again.name, again.protocol) == ("default", None, None, None)
    assert recipe_of(result.description, "other").genres == ()
    assert len(measured(small, again).rows) == 3


def test_networks_and_datasets_that_will_not_do(small: World) -> None:
    with pytest.raises(ModelError, match="conv-autoencoder names no genres"):
        measured(small, TrainRequest("conv-autoencoder"))
    with pytest.raises(DatasetError, match="no dataset 'other'"):
        measured(small, replace(REQUEST, dataset="other"))


def test_melodies_differ() -> None:
    assert not (melody(1, seed=1) == melody(1, seed=2)).all()
