"""Training as a whole: from an ingested library to a model's folder."""

from __future__ import annotations

import json
import pickle
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from groovecli.actions import train
from groovecli.actions.classify import classify
from groovecli.actions.embed import embed
from groovecli.actions.train import summary
from groovecli.datasets.cache import with_features
from groovecli.datasets.examples import examples
from groovecli.datasets.windows import WindowDataset
from groovecli.errors import DatasetError, Diverged, Interrupted, ModelError, UsageError
from groovecli.evaluation.measure import evaluate
from groovecli.features.lyrics import LyricsSpec
from groovecli.features.registry import feature
from groovecli.features.word_vectors import stored
from groovecli.models.file import describe
from groovecli.models.loaded import load_model
from groovecli.monitor import Monitor
from groovecli.networks.registry import model_spec
from groovecli.training.data import gather, specs_for
from groovecli.training.loop import Epoch, Trainer
from groovecli.training.protocols import Protocol, parts
from groovecli.training.record import FIGURES, training_sides, training_songs
from groovecli.training.request import TrainRequest
from groovecli.training.result import TrainResult
from groovecli.training.resume import STATE
from tests.small import QUICK, Stopper, World, add_lyrics, add_songs, loaded, world

BRIEF = replace(QUICK, hyper={**QUICK.hyper, "epochs": 2})
WAVES = TrainRequest("two-layer", name="waves", hyper={"epochs": 4, "batch_size": 8})
SONGS = TrainRequest(
    "seq-cnn", name="read", hyper={"epochs": 4, "batch_size": 4, "min_songs": 0, "resample": (20, 20)}
)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("small")) as made:
        made.ingest()
        yield made


@pytest.fixture(scope="module")
def trained(small: World) -> TrainResult:
    return small.train(QUICK)


@pytest.fixture(scope="module")
def changing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world whose dataset tests may add to."""
    with world(tmp_path_factory.mktemp("changing")) as made:
        made.ingest()
        yield made


def same(a: TrainResult, b: TrainResult) -> bool:
    return same_files(a.path, b.path)


def same_files(a: Path, b: Path) -> bool:
    ours, theirs = load_file(a), load_file(b)
    return ours.keys() == theirs.keys() and all(torch.equal(ours[name], theirs[name]) for name in ours)


# What comes of it


def test_it_learns_low_from_high(small: World, trained: TrainResult) -> None:
    assert [epoch.number for epoch in trained.epochs] == list(range(1, 9))
    assert trained.epochs[-1].loss < trained.epochs[0].loss / 2
    assert trained.epochs[trained.best_epoch - 1].validation_accuracy == 1
    clips = examples(small.dataset(), (feature("mel-323", 3.0),), "test")
    assert {clip.genre for clip in clips} == {"high", "low"}


def test_its_folder_holds_model_figures_and_curve(small: World, trained: TrainResult) -> None:
    folder = small.home.models / "quick"
    assert {path.name for path in folder.iterdir()} == {
        "model.safetensors", "figures.json", "curve.png", "test.json", STATE,
    }  # fmt: skip
    assert trained.path == folder / "model.safetensors"
    assert (folder / "curve.png").read_bytes().startswith(b"\x89PNG")
    figures = json.loads((folder / "figures.json").read_text())
    assert [epoch["loss"] for epoch in figures["epochs"]] == [epoch.loss for epoch in trained.epochs]
    assert figures["model"] == json.loads(json.dumps(trained.description.to_json()))


def test_the_file_says_how_it_was_trained(small: World, trained: TrainResult) -> None:
    found = describe(trained.path)
    assert found.genres == ("high", "low")
    assert found.features == (feature("mel-323", 3.0),)
    assert (found.network, found.dataset, found.split_by) == ("time-cnn", "default", "song")
    assert found.data["songs"] == {"train": 8, "validation": 2}
    assert sum(found.data["clips"].values()) == 20 == sum(found.data["clips_per_genre"].values()) + 4
    assert found.training["batch_size"] == 4 and found.training["optimizer"] == "adam"
    assert found.training["momentum"] == 0.9  # the paper's, where nothing else was asked for
    assert found.metrics["best_epoch"] == trained.best_epoch
    assert found.metrics["validation_by"] == "song"
    assert training_songs(trained.path) == {
        clip.track_id for clip in examples(small.dataset(), found.features, "train")
    }


def test_the_same_seed_gives_the_same_weights(small: World, trained: TrainResult) -> None:
    again, other = (small.train(QUICK, name=name, seed=seed) for name, seed in (("again", 0), ("other", 1)))
    assert same(again, trained)
    assert not same(other, trained)


def test_names_are_numbered_and_found(small: World) -> None:
    first, second = (small.train(BRIEF, name=None) for _ in range(2))
    assert (first.description.name, second.description.name) == ("time-cnn-1", "time-cnn-2")
    assert small.context().shelf.find("time-cnn").path == second.path
    assert small.context().shelf.find("time-cnn-1").path == first.path


@pytest.mark.parametrize("name", ["../x", "a/b", "", ".hidden"])
def test_names_that_are_paths_are_refused(small: World, name: str) -> None:
    for resume in (False, True):
        if name or resume:
            with pytest.raises(UsageError, match="can't be the name of a model"):
                small.train(replace(BRIEF, name=name), resume=resume)


def test_half_a_model_is_half_the_size(small: World, trained: TrainResult) -> None:
    half = small.train(BRIEF, name="half", half=True)
    assert half.path.stat().st_size < 0.55 * trained.path.stat().st_size
    assert loaded(half).network.training is False


# What it learns from


def test_a_part_is_a_share_of_the_clips(small: World) -> None:
    parts = [small.train(BRIEF, name=f"part{k}", part=(k, 2), validation_share=0.0) for k in (1, 2)]
    assert [p.description.data["clips"]["train"] for p in parts] == [10, 10]
    assert [p.description.data["clips_per_genre"] for p in parts] == [{"high": 5, "low": 5}] * 2
    assert not same(*parts)
    with pytest.raises(UsageError, match="--part must be K/N with K from 1 to N, not 3/2"):
        small.train(BRIEF, part=(3, 2))


def test_validation_by_clip(small: World) -> None:
    found = small.train(BRIEF, name="by-clip", validation_by="clip", validation_share=0.3).description
    assert found.metrics["validation_by"] == "clip"
    assert found.data["clips"] == {"train": 14, "validation": 6}
    assert sum(found.data["songs"].values()) > 10  # songs stand on both sides


def test_without_validation(small: World) -> None:
    found = small.train(BRIEF, name="all", validation_share=0.0)
    assert found.best_epoch == 2
    assert found.epochs[0].validation_accuracy is None
    assert found.description.data["songs"] == {"train": 10, "validation": 0}
    for share in (-0.1, 1.0):
        with pytest.raises(UsageError, match="--validation-share"):
            small.train(BRIEF, validation_share=share)


def test_only_some_genres(tmp_path: Path) -> None:
    with world(tmp_path, {"low": 200, "mid": 700, "high": 2000}, n_songs=5) as three:
        three.ingest()
        found = three.train(BRIEF, genres=("low", "high")).description
        assert found.genres == ("high", "low")
        assert set(found.data["clips_per_genre"]) == {"high", "low"}
        with pytest.raises(UsageError, match="no genre 'polka'; there are: high, low, mid"):
            three.train(BRIEF, genres=("low", "polka"))
        with pytest.raises(DatasetError, match="has 1 genre to train on; two are needed"):
            three.train(BRIEF, genres=("low",))


def test_there_is_no_dataset(small: World) -> None:
    with pytest.raises(DatasetError, match="no dataset 'other'"):
        small.train(BRIEF, dataset="other")


@pytest.mark.parametrize("hyper", [{"epochs": 0}, {"learning_rate": -1.0}, {"dropout": 2.0}], ids=str)
def test_hyperparameters_that_make_no_sense(small: World, hyper: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=f"--{next(iter(hyper)).replace('_', '-')} must be "):
        small.train(BRIEF, hyper=hyper)


def test_a_feature_that_clips_are_too_short_for(small: World) -> None:
    with pytest.raises(UsageError, match="spec-256 needs clips of 10 s"):
        small.train(BRIEF, network="conv-autoencoder")


def test_the_autoencoder_computes_its_feature_and_learns(tmp_path: Path) -> None:
    with world(tmp_path, n_songs=5) as long:
        long.ingest(clip_s=10.0)
        hyper = {"epochs": 3, "batch_size": 4}
        found = long.train(TrainRequest("conv-autoencoder", name="squeeze", hyper=hyper))
        assert found.description.features == (feature("spec-256", 10.0),)
        assert found.description.genres == ()
        assert found.epochs[-1].loss < found.epochs[0].loss
        assert found.epochs[0].train_accuracy is None
        assert found.epochs[0].validation_loss is not None
        assert loaded(found).network.training is False
        assert len(long.dataset().tables.cached_features()) == 2


def test_one_song_a_genre_left_to_validate_by(tmp_path: Path) -> None:
    """With two songs a genre in training, one of each is held out; with one, none is."""
    with world(tmp_path, n_songs=2) as tiny:
        tiny.ingest(insist=True)
        assert tiny.train(BRIEF).description.data["songs"] == {"train": 2, "validation": 0}
    with world(tmp_path / "more", n_songs=3) as tiny:
        tiny.ingest(insist=True)
        assert tiny.train(BRIEF).description.data["songs"] == {"train": 2, "validation": 2}


def test_genres_of_few_songs_are_dropped(tmp_path: Path) -> None:
    """Counted in songs to learn from, not in clips."""
    with world(tmp_path, n_songs=8) as uneven:
        add_songs(uneven.library, {"mid": 700.0}, 4)
        uneven.ingest(insist=True)
        clips = examples(uneven.dataset(), (feature("mel-323", 3.0),), "train")
        n_mid = len({clip.track_id for clip in clips if clip.genre == "mid"})
        kept, dropped = (
            uneven.train(BRIEF, hyper={**BRIEF.hyper, "min_songs": n}) for n in (n_mid, n_mid + 1)
        )
        assert kept.description.genres == ("high", "low", "mid")
        assert dropped.description.genres == ("high", "low")
        assert "mid" not in dropped.description.data["clips_per_genre"]
        few = r"has 0 genres to train on.*; fewer than 9 songs to learn from: high \(6\), low \(6\), mid"
        with pytest.raises(DatasetError, match=few) as caught:
            uneven.train(BRIEF, hyper={"min_songs": 9})
        assert "--min-songs" in caught.value.hint
        with pytest.raises(DatasetError, match="has 1 genre to train on; two are needed") as caught:
            uneven.train(BRIEF, genres=("low", "mid"), hyper={"min_songs": n_mid + 1})
        assert "--min-songs" in caught.value.hint


@pytest.fixture(scope="module")
def official(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A dataset whose clips table has a validation side: two songs of each of three genres."""
    genres = {"low": 200.0, "mid": 700.0, "high": 2000.0}
    with world(tmp_path_factory.mktemp("official"), genres) as made:
        made.ingest()
        dataset = made.dataset()
        songs = [s for s in dataset.songs.values() if s.side == "train"]
        by_genre = {g: [s for s in songs if s.genre == g][:2] for g in genres}
        moved = {s.track_id: replace(s, side="validation") for some in by_genre.values() for s in some}
        clips = [c for c in dataset.clips if c.clip.track_id in moved]
        dataset.tables.forget_songs(moved)
        dataset.tables.add_songs(moved.values(), [replace(c, side="validation") for c in clips])
        yield made


def test_a_datasets_own_validation_songs_validate(official: World) -> None:
    songs = official.dataset().songs.values()
    for changes in ({}, {"validation_share": 0.9}, {"validation_by": "clip"}):
        found = official.train(BRIEF, **changes)
        sides = training_sides(found.path)
        assert {s for s, side in sides.items() if side == "test"} == {
            s.track_id for s in songs if s.side == "validation"
        }
        assert {s for s, side in sides.items() if side == "train"} == {
            s.track_id for s in songs if s.side == "train"
        }
        assert found.epochs[0].validation_accuracy is not None


def test_a_datasets_own_validation_songs_are_of_the_genres_that_are_learnt(official: World) -> None:
    found = official.train(BRIEF, genres=("low", "high")).description
    assert found.data["songs"]["validation"] == 4
    half = official.train(BRIEF, name="half-official", part=(1, 2)).description
    whole = official.train(BRIEF).description
    assert half.data["clips"]["train"] == whole.data["clips"]["train"] / 2
    assert half.data["clips"]["validation"] == whole.data["clips"]["validation"]


@pytest.mark.parametrize("split_by", ["song", "window"])
def test_a_papers_split_is_drawn_over_the_whole_dataset(small: World, split_by: Any) -> None:
    """Over its test songs too; its figures are for comparison with the paper's alone."""
    protocol = Protocol(split_by, 0.25, "window", 0.2)
    found = small.train(WAVES, name="paper", protocol=protocol).description
    assert found.split_by == split_by and found.data["leaky"] == (split_by == "window")
    assert found.training["protocol"] == protocol.to_json()
    clips = examples(small.dataset(), found.features, None)
    drawn = parts(clips, 3, protocol)
    songs = {
        name: len({clips[window // 3].track_id for window in side})
        for name, side in {"train": drawn.train, "validation": drawn.validation}.items()
    }
    assert found.data["songs"] == songs


def test_the_datas_key_changes_with_any_window(small: World) -> None:
    def key(**changes: Any) -> str:
        request, dataset = replace(WAVES, **changes), small.dataset()
        hyper = model_spec("two-layer").defaults
        specs = specs_for(dataset, request)
        return gather(with_features(dataset, specs, jobs=1), request, hyper, specs).key

    plain = Protocol("window", 0.25, "window", 0.2)
    keys = [
        key(), key(protocol=plain), key(protocol=replace(plain, seed=1)), key(part=(1, 2)),
        key(validation_share=0.3), key(network="time-cnn"),
    ]  # fmt: skip
    assert len(set(keys)) == len(keys)
    assert key(protocol=plain) == keys[1]


def test_what_an_epoch_sees_is_written_down(small: World) -> None:
    hyper = {"resample": (9, 4), "subset": 7, "redraw_every": 3, "l1": 0.25, "l2": 0.5, "min_songs": 1}
    found = small.train(BRIEF, name="drawn", hyper={**BRIEF.hyper, **hyper}, by_chunk=True)
    training = describe(found.path).training
    assert {name: training[name] for name in hyper} == {**hyper, "resample": [9, 4]}
    assert training["by_chunk"] is True
    assert describe(found.path).learnt_from.draw == {
        "genre": "high", "lead": 1.0, "n_largest": 4, "n_others": 4, "asked": 2.25, "unit": "clip",
        "n_seen": 7,
    }  # fmt: skip


@pytest.mark.parametrize(
    "hyper",
    [{"resample": (0, 5)}, {"subset": -1}, {"l1": -1.0}, {"l2": float("inf")}, {"redraw_every": 0},
     {"min_songs": -1}, {"reconstruction_weight": 1.5}],
    ids=str,
)  # fmt: skip
def test_what_an_epoch_cannot_see_is_refused(small: World, hyper: dict[str, Any]) -> None:
    name = next(iter(hyper)).replace("_", "-")
    with pytest.raises(UsageError, match=f"--{name} must be .*, not "):
        small.train(BRIEF, hyper=hyper)


def test_a_dataset_without_sound_feeds_no_network_that_listens(tmp_path: Path) -> None:
    with world(tmp_path, n_songs=5) as silent:
        silent.ingest()
        dataset = silent.dataset()
        dataset.tables.put_settings(replace(dataset.settings, source="msd"))
        with pytest.raises(
            DatasetError, match=r"has no sound, and mel-323 is computed from sound"
        ) as caught:
            silent.train(BRIEF)
        assert "seq-cnn" in caught.value.hint


# Networks of other objectives and inputs


@pytest.mark.parametrize("network", ["two-layer", "vanilla-autoencoder", "deep-softmax-autoencoder"])
def test_networks_of_each_objective_are_trained_and_go_on(small: World, network: str) -> None:
    request = replace(WAVES, network=network, name=network)
    whole = small.train(request)
    assert whole.description.genres == (() if network == "vanilla-autoencoder" else ("high", "low"))
    assert whole.description.data["clips"] == {"train": 16, "validation": 4}
    small.train(replace(request, name="stop"), monitor=Stopper("epoch 3", 1))
    assert same(small.train(TrainRequest(network, name="stop"), resume=True), whole)
    assert loaded(whole).network.training is False


@pytest.fixture(scope="module")
def sung(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Songs with lyrics beside them, all but one of each genre."""
    with world(tmp_path_factory.mktemp("sung")) as made:
        add_lyrics(made.library, without=1)
        made.ingest()
        yield made


@pytest.fixture(scope="module")
def read(sung: World) -> TrainResult:
    return sung.train(SONGS)


def test_a_network_that_reads_learns_from_songs(sung: World, read: TrainResult) -> None:
    assert read.epochs[-1].loss < read.epochs[0].loss
    tune, lyrics = read.description.features
    assert tune == feature("chroma-timbre")
    assert isinstance(lyrics, LyricsSpec)
    assert stored(sung.home.vectors, lyrics.vectors).width == lyrics.width == 100
    assert read.description.data["clips"] == read.description.data["songs"] == {"train": 8, "validation": 2}


def test_a_song_without_lyrics_has_zeros_and_is_counted(sung: World, read: TrainResult) -> None:
    specs, dataset = read.description.features, sung.dataset()
    n_without = 0
    for side in ("train", "test"):
        clips = examples(dataset, specs, side)
        assert clips and {clip.index for clip in clips} == {0}
        assert all({index for _, index in dataset.tables.places(s.key)} == {0} for s in specs)
        data = WindowDataset(dataset.folder, clips, specs, ("high", "low"))
        for number, clip in enumerate(clips):
            vector = data.stored(number, 1)
            has_lyrics = dataset.tracks[clip.track_id][0].path.with_suffix(".txt").exists()
            assert vector.any() == has_lyrics and np.isfinite(vector).all()
            assert data.stored(number, 0).any()
            n_without += side == "train" and not has_lyrics
    assert read.n_without_lyrics == n_without


def test_lyrics_are_counted_only_where_they_are_read(trained: TrainResult) -> None:
    assert trained.n_without_lyrics is None


def test_a_library_without_a_word_is_learnt_from_all_the_same(small: World) -> None:
    found = small.train(SONGS, name="speechless")
    assert found.n_without_lyrics == sum(found.description.data["songs"].values()) == 10
    assert found.epochs[-1].loss < found.epochs[0].loss


def test_a_network_that_reads_goes_on_to_the_same_weights(sung: World, read: TrainResult) -> None:
    stopped = sung.train(replace(SONGS, name="stop"), monitor=Stopper("epoch 3", 1))
    assert stopped.interrupted and len(stopped.epochs) == 2
    assert same(sung.train(TrainRequest("seq-cnn", name="stop"), resume=True), read)


def test_a_network_that_reads_serves_as_any_other(sung: World, read: TrainResult) -> None:
    model = sung.context().load(read.description.name)
    named = classify(model, [sung.library], jobs=1)
    assert len(named.results) == 12 and named.failed == ()
    assert np.mean([song.genre == song.path.parent.name for song in named.results]) > 0.8
    found = embed(model, [sung.library], sung.catalog, jobs=1)
    assert found.vectors.shape == (12, 50) and np.isfinite(found.vectors).all()
    seen = training_songs(read.path)
    measured = evaluate(sung.dataset(), model, trained_on=seen)
    assert measured.n_songs == measured.per_clip.n == 2 and measured.per_window is None


def test_lyrics_that_changed_are_not_gone_on_with(sung: World) -> None:
    """Vectors learnt from other words are other numbers to the same weights."""
    request = TrainRequest("seq-cnn", name="earlier", hyper={"epochs": 3})
    sung.train(replace(SONGS, name="earlier", hyper={**SONGS.hyper, "epochs": 1}))
    dataset = sung.dataset()
    tracks, songs = dataset.tracks, [s.track_id for s in dataset.songs.values() if s.side == "train"]
    song = next(tracks[s][0].path for s in songs if tracks[s][0].path.with_suffix(".txt").exists())
    text = song.with_suffix(".txt").read_text()
    song.with_suffix(".txt").write_text("other words")
    with pytest.raises(DatasetError, match="have changed since earlier was trained"):
        sung.train(request, resume=True)
    song.with_suffix(".txt").write_text(text)
    assert len(sung.train(request, resume=True).epochs) == 3


def test_word_vectors_of_a_file_are_taken(sung: World, tmp_path: Path) -> None:
    path = tmp_path / "vectors.txt"
    path.write_text("2 3\nnight 1 0 0\nsun 0 2 0\n")
    found = sung.train(SONGS, name="given", word_vectors=str(path))
    lyrics = found.description.features[1]
    assert isinstance(lyrics, LyricsSpec) and lyrics.width == 3
    assert stored(sung.home.vectors, lyrics.vectors).words == ("night", "sun")
    path.unlink()
    assert evaluate(sung.dataset(), loaded(found)).n_songs == 2
    with pytest.raises(DatasetError, match=r"vectors\.txt can't be read"):
        sung.train(SONGS, name="gone", word_vectors=str(path))


# Stopping and going on


def test_a_stopped_training_keeps_its_model_and_goes_on(small: World, trained: TrainResult) -> None:
    stopped = small.train(replace(QUICK, name="stop"), monitor=Stopper("epoch 4", 2))
    assert stopped.interrupted and len(stopped.epochs) == 3
    assert small.context().shelf.find("stop").description.metrics["epochs"] == 3
    resumed = small.train(TrainRequest(name="stop"), resume=True)
    assert not resumed.interrupted
    assert [e.loss for e in resumed.epochs] == [e.loss for e in trained.epochs]
    assert resumed.best_epoch == trained.best_epoch
    assert same(resumed, trained)


def test_resumed_it_may_go_on_for_longer(small: World) -> None:
    short = small.train(BRIEF, name="short")
    request = TrainRequest(name="short", hyper={"epochs": 4, "batch_size": 99}, seed=7)
    longer = small.train(request, resume=True)
    assert longer.epochs[:2] == short.epochs and len(longer.epochs) == 4
    assert longer.description.training["batch_size"] == 4 and longer.description.training["seed"] == 0
    done = small.train(TrainRequest(name="short"), resume=True)
    assert done.epochs == longer.epochs


def test_after_its_minutes_it_ends_with_the_step_and_may_go_on(small: World, trained: TrainResult) -> None:
    short = small.train(replace(QUICK, name="timed"), minutes=1e-9)
    (epoch,) = short.epochs
    assert epoch.share == 1 / 4 and short.is_out_of_time and not short.interrupted  # 16 clips, 4 a step
    assert short.notes == ("ended by --minutes within the first epoch, at 25.0 % of it",)
    assert "epoch 1/8, cut short at 25.0 %  loss" in summary(epoch, 8, 4)
    assert len(small.train(TrainRequest(name="timed", minutes=1e-9), resume=True).epochs) == 1
    resumed = small.train(TrainRequest(name="timed"), resume=True)
    assert same(resumed, trained) and not resumed.is_out_of_time and resumed.notes == ()


def test_stopped_in_its_first_epoch_it_goes_on_to_the_same_weights(
    small: World, trained: TrainResult
) -> None:
    stopped = small.train(replace(QUICK, name="early"), monitor=Stopper("epoch 1", 2))
    assert stopped.interrupted and [epoch.share for epoch in stopped.epochs] == [0.5]
    assert same(small.train(TrainRequest(name="early"), resume=True), trained)


@pytest.mark.parametrize(
    "changes",
    [
        {"hyper": {"resample": (9, 4), "l2": 0.01}},
        {"hyper": {"subset": 7, "redraw_every": 2}, "by_chunk": True},
        {"protocol": Protocol("song", 0.3, "window", 0.2)},
    ],
    ids=str,
)
def test_whatever_was_asked_for_is_gone_on_with(small: World, changes: dict[str, Any]) -> None:
    hyper = {**WAVES.hyper, **changes.get("hyper", {})}
    request = replace(WAVES, **{**changes, "hyper": hyper})
    whole = small.train(request, name="whole")
    small.train(request, name="stop", monitor=Stopper("epoch 3", 1))
    assert same(small.train(TrainRequest("two-layer", name="stop"), resume=True), whole)


def test_without_a_name_the_networks_latest_goes_on(small: World) -> None:
    small.train(BRIEF, name="latest")
    (small.home.models / "latest" / "model.safetensors").unlink()  # as when it was killed
    assert small.train(TrainRequest(), resume=True).description.name == "latest"
    with pytest.raises(ModelError, match="no training of conv-autoencoder"):
        small.train(TrainRequest("conv-autoencoder"), resume=True)


def test_a_copied_folder_goes_on_under_its_own_name(small: World) -> None:
    original = small.train(BRIEF, name="original")
    (small.home.models / "copy").mkdir()
    (small.home.models / "copy" / STATE).write_bytes((original.path.parent / STATE).read_bytes())
    before = original.path.read_bytes()
    request = TrainRequest(name="copy", hyper={"epochs": 3})
    assert small.train(request, resume=True).path.parent.name == "copy"
    assert original.path.read_bytes() == before


def test_stopped_before_anything_was_learnt(small: World) -> None:
    class Stopped(Monitor):
        @property
        def stopped(self) -> bool:
            return True

    with pytest.raises(Interrupted):
        small.train(replace(BRIEF, name="never"), monitor=Stopped())
    assert not (small.home.models / "never").exists()


def test_a_loss_that_is_no_number_leaves_the_model_that_was_there(small: World) -> None:
    before = small.train(BRIEF, name="burst").path.read_bytes()
    with pytest.raises(ModelError, match="loss is"):
        small.train(BRIEF, name="burst", hyper={"learning_rate": 1e30})
    assert (small.home.models / "burst" / "model.safetensors").read_bytes() == before


def test_a_first_epoch_that_diverges_leaves_nothing(small: World) -> None:
    for learning_rate in (1e9, 1e30):
        with pytest.raises(Diverged, match=r"the loss is .* epoch 1$") as caught:
            small.train(BRIEF, name="never", hyper={**BRIEF.hyper, "learning_rate": learning_rate})
        assert "--learning-rate" in caught.value.hint
        assert not (small.home.models / "never").exists()


def test_a_later_epoch_that_diverges_leaves_the_best_before_it(
    small: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Bursting(Trainer):
        def _epoch(self, number: int, monitor: Monitor) -> Epoch:
            if number == 3:
                self.optimizer.param_groups[0]["lr"] = 1e12
            return super()._epoch(number, monitor)

    good = small.train(BRIEF, name="good")
    monkeypatch.setattr(train, "Trainer", Bursting)
    with pytest.raises(
        Diverged, match=r"the loss is .* epoch 3; late is saved as it was after epoch \d$"
    ) as caught:
        small.train(QUICK, name="late")
    assert "--learning-rate" in caught.value.hint and "--name" in caught.value.hint
    monkeypatch.undo()
    late = small.context().shelf.find("late")
    assert same_files(late.path, good.path)
    assert (
        late.description.metrics["best_epoch"] == good.best_epoch
        and late.description.metrics["epochs"] == 2
    )
    load_model(late, torch.device("cpu"))
    assert len(small.train(TrainRequest(name="late"), resume=True).epochs) == 8


def test_a_dataset_that_changed_is_not_gone_on_with(changing: World) -> None:
    changing.train(BRIEF, name="earlier")
    request = TrainRequest(name="earlier", hyper={"epochs": 3})
    assert len(changing.train(request, resume=True).epochs) == 3
    add_songs(changing.library, {"mid": 700.0}, 5)
    changing.ingest()
    with pytest.raises(DatasetError, match="have changed since earlier was trained"):
        changing.train(request, resume=True)


class Payload:
    """Pickled, it touches a file when it is read."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.mark,)


def bad_states(sound: Path, mark: Path) -> Iterator[tuple[str, bytes]]:
    content = torch.load(sound, weights_only=True)
    yield "empty", b""
    yield "text", b"what is this"
    yield "truncated", sound.read_bytes()[:-5000]
    yield "a plain pickle", pickle.dumps(Payload(mark))
    for name, value in {
        "hostile": Payload(mark),
        "hostile inside": {**content, "trainer": {"model": Payload(mark)}},
        "hostile beside": {**content, "more": Payload(mark)},
        "a list": [1],
        "another format": {**content, "format": 99},
        "nothing to go on with": {"format": content["format"]},
        "a strange request": {**content, "request": {"mood": "sunny"}},
        "strange hyperparameters": {**content, "request": {**content["request"], "hyper": 5}},
        "no weights": {**content, "trainer": {}},
        "other weights": {**content, "trainer": {**content["trainer"], "model": {"a": torch.zeros(1)}}},
        "a strange protocol": {**content, "request": {**content["request"], "protocol": {"mood": "sunny"}}},
        "no epoch": {**content, "trainer": {**content["trainer"], "best_epoch": 99}},
    }.items():
        torch.save(value, mark.parent / "state")
        yield name, (mark.parent / "state").read_bytes()


def test_states_that_are_none_are_refused_and_run_nothing(small: World, tmp_path: Path) -> None:
    path = small.train(BRIEF, name="hostile").path.parent / STATE
    mark = tmp_path / "it ran"
    for kind, data in list(bad_states(path, mark)):
        path.write_bytes(data)
        with pytest.raises(ModelError, match="hostile") as caught:
            small.train(TrainRequest(name="hostile"), resume=True)
        assert "\n" not in caught.value.what and caught.value.hint, kind
        assert not mark.exists(), kind
    path.unlink()
    with pytest.raises(ModelError, match="no training to go on with"):
        small.train(TrainRequest(name="hostile"), resume=True)


# What else is in its folder


@pytest.mark.parametrize("text", ["", "[]", "[1]", "{}", '{"songs": 7}', "text"])
def test_figures_that_are_damaged_tell_of_no_songs(tmp_path: Path, text: str) -> None:
    (tmp_path / FIGURES).write_text(text)
    assert training_songs(tmp_path / "model.safetensors") == frozenset()
    assert training_songs(tmp_path / "nowhere" / "model.safetensors") == frozenset()


def test_an_epoch_in_one_line(trained: TrainResult) -> None:
    line = summary(trained.epochs[0], 12, 40)
    assert re.fullmatch(r"epoch 1/12  loss \d\.\d{4}  held out: \d+ % right", line)
    assert "left" not in line and "best" not in line
    line = summary(trained.epochs[0], 12, 40, left_s=62.3, is_best=True)
    assert re.search(r"held out: \d+ % right \(best\)  1 min 2 s left$", line)
    few = summary(replace(trained.epochs[0], validation_accuracy=0.4), 12, 5)
    assert few.endswith("held out: 2 of 5 right")
    plain = replace(trained.epochs[0], validation_accuracy=None)
    assert "held out: loss" in summary(plain, 12, 5)
    assert "held out" not in summary(replace(plain, validation_loss=None), 12, 0)


def test_an_epoch_fits_a_line_of_a_screen() -> None:
    last = Epoch(1999, 12.3456, 0.99, 0.1, 1.0, seconds=3.0, windows_per_s=123456.7)
    assert len(summary(last, 2000, 19, left_s=3599, is_best=True)) <= 80
    assert (
        len(summary(replace(last, number=1, share=0.123), 2000, 19, is_best=True)) <= 80
    )  # the last, then


def test_requests_survive_json() -> None:
    plain = replace(QUICK, genres=("a", "b"), part=(2, 5), base="x")
    drawn = replace(
        plain,
        hyper={"resample": (4000, 1000), "subset": 5},
        protocol=Protocol("window", 0.1, "song", 0.2, 7),
        word_vectors="/a/b.bin",
        by_chunk=True,
    )
    for request in (plain, drawn, replace(drawn, hyper={"resample": None})):
        assert TrainRequest.from_json(json.loads(json.dumps(request.to_json()))) == request


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA here")
def test_cuda_trains_in_bf16(small: World) -> None:
    result = train.run(replace(QUICK, name="cuda"), small.context(device="cuda"))
    assert result.epochs[-1].loss < result.epochs[0].loss
    assert load_model(small.context().shelf.find("cuda"), torch.device("cpu")).network.training is False


def test_a_device_that_is_not_there(small: World) -> None:
    for device in ("cuda:99", "tpu", "cpu:x"):
        with pytest.raises(UsageError, match=f"no device '{device}'") as caught:
            train.run(BRIEF, small.context(device=device))
        assert "cpu" in caught.value.hint
    with pytest.raises(UsageError, match="no precision"):
        small.train(BRIEF, precision="int4")
