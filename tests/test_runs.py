"""Training as a whole: from an ingested library to a model's folder."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from groovecli import figures, runs
from groovecli.checkpoints import describe, find_model, load_model
from groovecli.datasets import examples
from groovecli.errors import DatasetError, Interrupted, ModelError, UsageError
from groovecli.features.catalog import feature
from groovecli.figures import training_songs
from groovecli.monitor import Monitor
from groovecli.paths import models_folder
from groovecli.runs import TrainRequest, TrainResult, train
from groovecli.training.states import STATE
from tests.small import QUICK, Stopper, World, add_songs, loaded, world

BRIEF = replace(QUICK, hyper={**QUICK.hyper, "epochs": 2})


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


def weights(result: TrainResult) -> dict[str, torch.Tensor]:
    return load_file(result.path)


def same(a: TrainResult, b: TrainResult) -> bool:
    ours, theirs = weights(a), weights(b)
    return ours.keys() == theirs.keys() and all(torch.equal(ours[name], theirs[name]) for name in ours)


# What comes of it


def test_it_learns_low_from_high(small: World, trained: TrainResult) -> None:
    assert [epoch.number for epoch in trained.epochs] == list(range(1, 9))
    assert trained.epochs[-1].loss < trained.epochs[0].loss / 2
    assert trained.epochs[trained.best_epoch - 1].validation_accuracy == 1
    clips = examples(small.catalog, "default", feature("mel-323", 3.0), "test")
    assert {clip.genre for clip in clips} == {"high", "low"}


def test_its_folder_holds_model_figures_and_curve(trained: TrainResult) -> None:
    folder = models_folder() / "quick"
    assert {path.name for path in folder.iterdir()} == {
        "model.safetensors", "figures.json", "curve.png", STATE,
    }  # fmt: skip
    assert trained.path == folder / "model.safetensors"
    assert (folder / "curve.png").read_bytes().startswith(b"\x89PNG")
    figures = json.loads((folder / "figures.json").read_text())
    assert [epoch["loss"] for epoch in figures["epochs"]] == [epoch.loss for epoch in trained.epochs]
    assert figures["model"] == json.loads(json.dumps(trained.description.to_json()))


def test_the_file_says_how_it_was_trained(small: World, trained: TrainResult) -> None:
    found = describe(trained.path)
    assert found.genres == ("high", "low")
    assert found.feature == feature("mel-323", 3.0)
    assert (found.network, found.dataset, found.split_by) == ("time-cnn", "default", "song")
    assert found.data["songs"] == {"train": 8, "validation": 2}
    assert sum(found.data["clips"].values()) == 20 == sum(found.data["clips_per_genre"].values()) + 4
    assert found.training["batch_size"] == 4 and found.training["optimizer"] == "adam"
    assert found.training["momentum"] == 0.9  # the paper's, where nothing else was asked for
    assert found.metrics["best_epoch"] == trained.best_epoch
    assert found.metrics["validation_by"] == "song"
    assert training_songs(trained.path) == {
        clip.track_id for clip in examples(small.catalog, "default", found.feature, "train")
    }


def test_the_same_seed_gives_the_same_weights(small: World, trained: TrainResult) -> None:
    again, other = (small.train(QUICK, name=name, seed=seed) for name, seed in (("again", 0), ("other", 1)))
    assert same(again, trained)
    assert not same(other, trained)


def test_names_are_numbered_and_found(small: World) -> None:
    first, second = (small.train(BRIEF, name=None) for _ in range(2))
    assert (first.description.name, second.description.name) == ("time-cnn-1", "time-cnn-2")
    assert find_model("time-cnn").path == second.path
    assert find_model("time-cnn-1").path == first.path


@pytest.mark.parametrize("name", ["../x", "a/b", "", ".hidden"])
def test_names_that_are_paths_are_refused(small: World, name: str) -> None:
    for resume in (False, True):
        if name or resume:
            with pytest.raises(UsageError, match="cannot name a model"):
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
    with pytest.raises(UsageError, match="--part 3/2"):
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
        with pytest.raises(UsageError, match="no genre polka; it has: high, low, mid"):
            three.train(BRIEF, genres=("low", "polka"))
        with pytest.raises(DatasetError, match="clips of 1 genres"):
            three.train(BRIEF, genres=("low",))


def test_there_is_no_dataset(small: World) -> None:
    with pytest.raises(DatasetError, match="no dataset 'other'"):
        small.train(BRIEF, dataset="other")


@pytest.mark.parametrize("hyper", [{"epochs": 0}, {"learning_rate": -1.0}, {"dropout": 2.0}], ids=str)
def test_hyperparameters_that_make_no_sense(small: World, hyper: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="makes no sense"):
        small.train(BRIEF, hyper=hyper)


def test_a_feature_that_clips_are_too_short_for(small: World) -> None:
    with pytest.raises(UsageError, match="spec-256 needs clips of 10 s"):
        small.train(BRIEF, network="conv-autoencoder")


def test_the_autoencoder_computes_its_feature_and_learns(tmp_path: Path) -> None:
    with world(tmp_path, n_songs=5) as long:
        long.ingest(clip_s=10.0)
        hyper = {"epochs": 3, "batch_size": 4}
        found = long.train(TrainRequest("conv-autoencoder", name="squeeze", hyper=hyper))
        assert found.description.feature == feature("spec-256", 10.0)
        assert found.description.genres == ()
        assert found.epochs[-1].loss < found.epochs[0].loss
        assert found.epochs[0].train_accuracy is None
        assert found.epochs[0].validation_loss is not None
        assert loaded(found).network.training is False
        assert len(long.catalog.cached_features("default")) == 2


def test_one_song_a_genre_left_to_validate_by(tmp_path: Path) -> None:
    """With two songs a genre in training, one of each is held out; with one, none is."""
    with world(tmp_path, n_songs=2) as tiny:
        tiny.ingest(insist=True)
        assert tiny.train(BRIEF).description.data["songs"] == {"train": 2, "validation": 0}
    with world(tmp_path / "more", n_songs=3) as tiny:
        tiny.ingest(insist=True)
        assert tiny.train(BRIEF).description.data["songs"] == {"train": 2, "validation": 2}


# Stopping and going on


def test_a_stopped_training_keeps_its_model_and_goes_on(small: World, trained: TrainResult) -> None:
    stopped = small.train(replace(QUICK, name="stop"), monitor=Stopper("epoch 4", 2))
    assert stopped.interrupted and len(stopped.epochs) == 3
    assert find_model("stop").description.metrics["epochs"] == 3
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


def test_without_a_name_the_networks_latest_goes_on(small: World) -> None:
    small.train(BRIEF, name="latest")
    (models_folder() / "latest" / "model.safetensors").unlink()  # as when it was killed
    assert small.train(TrainRequest(), resume=True).description.name == "latest"
    with pytest.raises(ModelError, match="no training of conv-autoencoder"):
        small.train(TrainRequest("conv-autoencoder"), resume=True)


def test_a_copied_folder_goes_on_under_its_own_name(small: World) -> None:
    original = small.train(BRIEF, name="original")
    (models_folder() / "copy").mkdir()
    (models_folder() / "copy" / STATE).write_bytes((original.path.parent / STATE).read_bytes())
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
    assert not (models_folder() / "never").exists()


def test_a_loss_that_is_no_number_leaves_the_model_that_was_there(small: World) -> None:
    before = small.train(BRIEF, name="burst").path.read_bytes()
    with pytest.raises(ModelError, match="loss is"):
        small.train(BRIEF, name="burst", hyper={"learning_rate": 1e30})
    assert (models_folder() / "burst" / "model.safetensors").read_bytes() == before


def test_a_dataset_that_changed_is_not_gone_on_with(changing: World) -> None:
    changing.train(BRIEF, name="earlier")
    request = TrainRequest(name="earlier", hyper={"epochs": 3})
    assert len(changing.train(request, resume=True).epochs) == 3
    add_songs(changing.library, {"mid": 700.0}, 5)
    changing.ingest()
    with pytest.raises(DatasetError, match="has changed since earlier was trained"):
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
    with pytest.raises(ModelError, match="no training to resume"):
        small.train(TrainRequest(name="hostile"), resume=True)


# What else is in its folder


@pytest.mark.parametrize("text", ["", "[]", "[1]", "{}", '{"songs": 7}', "text"])
def test_figures_that_are_damaged_tell_of_no_songs(tmp_path: Path, text: str) -> None:
    (tmp_path / figures.FIGURES).write_text(text)
    assert training_songs(tmp_path / "model.safetensors") == frozenset()
    assert training_songs(tmp_path / "nowhere" / "model.safetensors") == frozenset()


def test_an_epoch_in_one_line(trained: TrainResult) -> None:
    line = runs.summary(trained.epochs[0], 12)
    assert line.startswith("epoch 1/12  loss ") and "validation accuracy" in line and "images/s" in line
    plain = replace(trained.epochs[0], validation_accuracy=None)
    assert "validation loss" in runs.summary(plain, 12)
    assert "validation" not in runs.summary(replace(plain, validation_loss=None), 12)


def test_requests_survive_json() -> None:
    request = replace(QUICK, genres=("a", "b"), part=(2, 5), base="x")
    assert TrainRequest.from_json(json.loads(json.dumps(request.to_json()))) == request


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA here")
def test_cuda_trains_in_bf16(small: World) -> None:
    result = train(small.catalog, replace(QUICK, name="cuda"), device="cuda")
    assert result.epochs[-1].loss < result.epochs[0].loss
    assert load_model(find_model("cuda"), torch.device("cpu")).network.training is False


def test_a_device_that_is_not_there(small: World) -> None:
    for device in ("cuda:99", "tpu", "cpu:x"):
        with pytest.raises(UsageError, match=f"no device '{device}'") as caught:
            train(small.catalog, BRIEF, device=device)
        assert "cpu" in caught.value.hint
    with pytest.raises(UsageError, match="no precision"):
        small.train(BRIEF, precision="int4")
