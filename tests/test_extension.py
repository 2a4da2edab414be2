"""A genre more for a trained model."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from groovecli.actions.add_genre.extend import Extended, extend
from groovecli.datasets.tables import dataset_names
from groovecli.errors import DatasetError, ModelError, UsageError
from groovecli.features.registry import feature
from groovecli.files import write_json
from groovecli.models.file import StoredModel
from groovecli.networks.build import build
from groovecli.training.record import FIGURES, training_sides, training_songs
from groovecli.training.request import TrainRequest
from groovecli.training.transfer import start_from
from tests.conftest import write_song
from tests.small import QUICK, Stopper, World, add_lyrics, add_songs, describing, untrained, world


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A model of `high` and `low`, and a dataset that has `bass` and `mid` beside them."""
    with world(tmp_path_factory.mktemp("grown")) as made:
        made.ingest()
        made.train(replace(QUICK, name="base"))
        add_songs(made.library, {"mid": 700.0, "bass": 60.0})
        made.ingest()
        yield made


def by_name(grown: World, name: str) -> StoredModel:
    return grown.context().shelf.find(name)


@pytest.fixture(scope="module")
def extended(grown: World) -> Extended:
    return extend(grown.dataset(), "bass", by_name(grown, "base"), grown.context(), epochs=6)


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_old_genres_keep_their_numbers_and_the_new_one_is_last(extended: Extended) -> None:
    assert extended.base == "base"
    assert extended.training.description.genres == ("high", "low", "bass")
    assert load_file(extended.training.path)["genres.weight"].shape == (3, 256)
    assert extended.training.description.training["base"] == "base"
    assert extended.training.description.training["class_weights"] is True


def test_it_is_measured_on_the_same_songs_before_and_after(extended: Extended) -> None:
    before, after = extended.before, extended.after
    assert before.n_songs == after.n_songs == 2
    assert before.model == "base" and after.model == extended.training.description.name
    assert {g for g, s in after.per_genre.items() if s.support} == {"high", "low"}
    assert 0 <= extended.new_recall <= 1
    assert after.confusion.shape == (3, 3)  # the new genre may be guessed for an old one


def test_the_model_that_was_there_stays(grown: World) -> None:
    path = by_name(grown, "base").path
    before = {file: digest(file) for file in path.parent.iterdir()}
    more = extend(grown.dataset(), "mid", by_name(grown, "base"), grown.context(), epochs=1).training
    assert {file: digest(file) for file in path.parent.iterdir()} == before
    assert by_name(grown, more.description.name).description.genres == ("high", "low", "mid")


def test_old_rows_are_copied_before_anything_is_learnt(grown: World) -> None:
    """With a step too small to matter, the extended model still is the base."""
    hyper = {"epochs": 1, "learning_rate": 1e-12, "momentum": 0.0}
    genres = ("high", "low", "bass")
    result = grown.train(replace(QUICK, name="still", hyper=hyper, genres=genres, base="base"))
    old, new = load_file(by_name(grown, "base").path), load_file(result.path)
    for name in old:
        if name.startswith("norm.running") or name == "norm.num_batches_tracked":
            continue
        rows = new[name][:2] if name.startswith("genres.") else new[name]
        assert torch.allclose(rows, old[name], atol=1e-6), name
    assert new["genres.weight"].shape == (3, 256) and new["genres.weight"][2].any()


def test_extended_twice(grown: World, extended: Extended) -> None:
    name = extended.training.description.name
    again = extend(grown.dataset(), "mid", by_name(grown, name), grown.context(), epochs=1)
    assert again.training.description.genres == ("high", "low", "bass", "mid")


def test_songs_that_the_base_has_seen_are_not_measured_later(grown: World, extended: Extended) -> None:
    seen = training_songs(extended.training.path)
    assert training_songs(by_name(grown, "base").path) < seen
    stored = untrained(grown.home.models / "elsewhere" / "model.safetensors", _named("elsewhere"))
    write_json(stored.path.parent / FIGURES, {"songs": ["ab" * 16]})
    result = grown.train(replace(QUICK, name="after", hyper={"epochs": 1}, base="elsewhere"))
    of_high_and_low = training_songs(by_name(grown, "base").path)
    assert training_songs(result.path) >= {"ab" * 16} | of_high_and_low


def _named(name: str) -> object:
    return describing(name=name, clip_s=3.0, created="2020-01-01")


def test_what_it_knows_already_is_refused(grown: World) -> None:
    with pytest.raises(DatasetError, match="base has the genre 'low' already"):
        extend(grown.dataset(), "low", by_name(grown, "base"), grown.context())


def test_a_genre_that_is_not_ingested_is_refused(grown: World) -> None:
    with pytest.raises(UsageError, match="no genre 'polka'"):
        extend(grown.dataset(), "polka", by_name(grown, "base"), grown.context())


def test_a_dataset_that_lacks_a_genre_the_model_knows(grown: World, tmp_path: Path) -> None:
    for number in range(5):
        write_song(tmp_path / "low" / f"{number}.wav", 12, sr=8000, hz=220 + number, seed=number)
        write_song(tmp_path / "polka" / f"{number}.wav", 12, sr=8000, hz=900 + number, seed=50 + number)
    grown.ingest(library=tmp_path, dataset="other")
    with pytest.raises(DatasetError, match="no songs of high, so base would lose"):
        extend(grown.dataset("other"), "polka", by_name(grown, "base"), grown.context())


def test_a_model_without_genres_or_for_other_clips(grown: World) -> None:
    squeeze = describing("conv-autoencoder", name="squeeze", genres=(), created="2020-01-01")
    untrained(grown.home.models / "squeeze" / "model.safetensors", squeeze)
    with pytest.raises(ModelError, match="names no genres"):
        extend(grown.dataset(), "mid", by_name(grown, "squeeze"), grown.context())
    long = describing(name="long", clip_s=10.0, created="2020-01-01")
    untrained(grown.home.models / "long" / "model.safetensors", long)
    with pytest.raises(ModelError, match="clips of 10 s"):
        extend(grown.dataset(), "mid", by_name(grown, "long"), grown.context())
    with pytest.raises(ModelError, match="clips of 10 s; dataset 'default' has clips of 3 s"):
        grown.train(replace(QUICK, name="wrong", base="long"))


def test_interrupted_it_keeps_and_measures_what_it_learnt(grown: World) -> None:
    context = grown.context(monitor=Stopper("epoch 2", 1))
    found = extend(grown.dataset(), "mid", by_name(grown, "base"), context)
    assert found.training.interrupted
    assert len(found.training.epochs) == 2  # the second has one step, and that was done
    assert found.after.n_songs == 2
    assert by_name(grown, found.training.description.name).description.genres[-1] == "mid"


def test_a_taller_layer_begins_with_the_old_rows(grown: World) -> None:
    stored = by_name(grown, "base")
    network = build("time-cnn", [feature("mel-323", 3.0).input_shape], n_genres=4)
    start_from(network, stored)
    old = load_file(stored.path)
    assert torch.equal(network.genres.weight[:2], old["genres.weight"])
    assert torch.equal(network.genres.bias[:2], old["genres.bias"])
    assert dataset_names(grown.catalog)


def test_what_the_base_learnt_from_does_not_validate_the_extension(
    grown: World, extended: Extended
) -> None:
    before = training_sides(by_name(grown, "base").path)
    after = training_sides(extended.training.path)
    assert {after[song] for song, side in before.items() if side == "train"} == {"train"}
    assert {after[song] for song, side in before.items() if side == "test"} == {"test"}


def test_a_network_that_reads_keeps_its_word_vectors(tmp_path: Path) -> None:
    """Those of the extended dataset would give its old weights other inputs."""
    hyper = {"epochs": 1, "resample": (20, 20), "min_songs": 0}
    with world(tmp_path, n_songs=5) as sung:
        add_lyrics(sung.library)
        sung.ingest()
        request = TrainRequest("dense", name="reader", hyper=hyper)
        base = sung.train(request).description
        add_songs(sung.library, {"mid": 700.0}, 5)
        add_lyrics(sung.library, words={"mid": "other words alone"})
        sung.ingest()
        few = {"epochs": 1, "resample": (20, 20)}  # of all genres fewer than the paper's ten songs
        found = sung.train(request, name="more", base="reader", genres=("high", "low", "mid"), hyper=few)
        assert found.description.features == base.features
        assert found.description.genres == ("high", "low", "mid")
        assert found.n_without_lyrics == 0
        assert found.lyrics is not None  # the four of the new genre are in words that are not known
        assert (found.lyrics.n_songs, found.lyrics.n_known_songs) == (12, 8)
        fresh = sung.train(request, name="fresh")
        assert fresh.description.features != base.features and fresh.n_without_lyrics == 0
