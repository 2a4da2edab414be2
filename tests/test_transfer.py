"""A head for other genres on the shipped network: fitted to few songs, believed as far as it is right."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
import torch

from groovecli.actions.classify import classify
from groovecli.errors import Interrupted, UsageError
from groovecli.models.file import StoredModel
from groovecli.models.loaded import load_model
from groovecli.models.shelf import shipped_model
from groovecli.training.head import fit_head
from groovecli.training.record import training_songs
from groovecli.training.transfer import FEW_SONGS, likely_accuracy, take_trunk
from tests.small import LOW_AND_HIGH, Stopper, World, loaded, world


def blobs(n: int, n_genres: int, *, apart: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Songs in 8 dimensions, the genres so far apart."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % n_genres
    return rng.normal(size=(n, 8)) + apart * np.eye(n_genres, 8)[labels], labels


def artists(n: int, per_artist: int = 1) -> list[str]:
    return [f"artist {number // per_artist}" for number in range(n)]


@pytest.mark.parametrize("n_genres", [2, 3, 5])
def test_learns_genres_that_lie_apart(n_genres: int) -> None:
    vectors, labels = blobs(60 * n_genres, n_genres, apart=5)
    head = fit_head(vectors, labels, artists(len(labels)), n_genres)
    new, truth = blobs(300, n_genres, apart=5, seed=1)
    guess = (new @ head.weight.T + head.bias).argmax(axis=1)
    assert head.weight.shape == (n_genres, 8)
    assert (guess == truth).mean() > 0.95
    assert head.accuracy is not None and head.accuracy > 0.95


def test_cross_validation_tells_what_songs_by_new_artists_will_be_worth() -> None:
    """An artist's songs are all alike, and nothing else is: only folds by artist can see that."""
    rng = np.random.default_rng(0)
    vectors = 3 * np.eye(20).repeat(10, axis=0) + 0.1 * rng.normal(size=(200, 20))
    labels = (np.arange(20) % 2).repeat(10)
    by_artist = fit_head(vectors, labels, artists(200, 10), 2)
    by_song = fit_head(vectors, labels, artists(200), 2)
    assert by_song.accuracy is not None and by_artist.accuracy is not None
    assert by_song.accuracy > 0.9 > 0.75 > by_artist.accuracy
    assert by_artist.loss is not None and by_song.loss is not None and by_artist.loss > by_song.loss


def test_every_genre_counts_the_same() -> None:
    rng = np.random.default_rng(0)
    labels = np.array([0] * 190 + [1] * 10)
    vectors = rng.normal(size=(200, 8)) + np.outer(labels, np.ones(8))
    head = fit_head(vectors, labels, artists(200), 2)
    guess = (vectors @ head.weight.T + head.bias).argmax(axis=1)
    assert (guess[labels == 1] == 1).mean() > 0.8


def test_too_few_artists_for_folds_still_give_a_head() -> None:
    vectors, labels = blobs(6, 3, apart=8)
    head = fit_head(vectors, labels, ["one"] * 6, 3)
    assert (head.accuracy, head.loss) == (None, None)
    assert head.training_accuracy == 1


def test_the_same_seed_gives_the_same_head() -> None:
    vectors, labels = blobs(90, 3, apart=1)
    one, other = (fit_head(vectors, labels, artists(90, 3), 3, seed=4) for _ in range(2))
    assert np.array_equal(one.weight, other.weight)


def test_what_few_songs_are_likely_worth() -> None:
    assert likely_accuracy(4) is None
    assert likely_accuracy(7) == (5, FEW_SONGS[5])
    assert likely_accuracy(299.0) == (20, FEW_SONGS[20])
    assert likely_accuracy(300) is None


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("transfer"), LOW_AND_HIGH | {"middle": 600.0}, n_songs=5) as made:
        made.ingest(clip_s=10.0)
        yield made


@pytest.fixture(scope="module")
def taught(small: World) -> StoredModel:
    result = small.train(network="transfer", name="mine", hyper={})
    return StoredModel(result.path, result.description)


def test_teaches_the_shipped_network_a_users_genres(small: World, taught: StoredModel) -> None:
    assert taught.description.genres == ("high", "low", "middle")
    assert taught.description.metrics["train_accuracy"] == 1
    songs = sorted(small.library.glob("*/*.wav"))
    found = classify(load_model(taught, torch.device("cpu")), songs, n_clips=1, jobs=1)
    right = [song.genre == song.path.parent.name for song in found.results]
    assert np.mean(right) > 0.9


def test_only_the_layer_of_genres_differs_from_the_shipped_network(taught: StoredModel) -> None:
    base = load_model(shipped_model("groove-net"), torch.device("cpu")).network.state_dict()
    own = load_model(taught, torch.device("cpu")).network.state_dict()
    differing = {name.split(".")[0] for name in base if not torch.equal(base[name], own[name])}
    assert differing == {"genres"}


def test_knows_what_the_shipped_network_has_heard(small: World, taught: StoredModel) -> None:
    heard = training_songs(shipped_model("groove-net").path)
    assert heard
    assert heard < training_songs(taught.path)


def test_unfreezing_goes_on_from_the_head(tmp_path: Path) -> None:
    alike = {"one": 600.0, "other": 600.5}  # told apart so badly that there is something to learn
    with world(tmp_path, alike, n_songs=5) as small:
        small.ingest(clip_s=10.0)
        kept = small.train(network="transfer", name="mine", hyper={})
        thawed = small.train(
            network="transfer", name="thawed", unfreeze=True, hyper={"epochs": 1, "batch_size": 4}
        )
    base, own = (loaded(result).network.state_dict() for result in (kept, thawed))
    assert not torch.equal(base["squares.layers.0.weight"], own["squares.layers.0.weight"])
    assert torch.allclose(base["squares.layers.0.weight"], own["squares.layers.0.weight"], atol=0.01)


def test_there_is_nothing_to_unfreeze_elsewhere(small: World) -> None:
    with pytest.raises(UsageError, match="unfreeze"):
        small.train(network="time-cnn", unfreeze=True)


def test_stops_when_asked_to(small: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("groovecli.models.loaded.BATCH_WINDOWS", 4)
    with pytest.raises(Interrupted):
        small.train(network="transfer", name="stopped", hyper={}, monitor=Stopper("embed", 1))


def test_the_shipped_network_serves_without_any_training(small: World) -> None:
    stored = small.context().shelf.find("groove-net", with_genres=True)
    assert stored.is_shipped
    assert len(stored.description.genres) == 10


def test_a_trunk_fits_whatever_the_genres(tmp_path: Path) -> None:
    from groovecli.networks.build import build

    network = build("transfer", [(1, 192, 1876), (1, 128, 3001)], n_genres=3)
    before = network.head().weight.clone()
    take_trunk(network, shipped_model("groove-net"))
    assert torch.equal(network.head().weight, before)


def test_a_test_tone_is_unlike_anything_it_learnt_from_and_music_is_not(tmp_path: Path, demo: Path) -> None:
    beep = 0.3 * np.sin(2 * np.pi * 440 * np.arange(32 * 22050) / 22050)
    sf.write(tmp_path / "beep.wav", beep, 22050)
    songs = sorted(demo.glob("orchestral/*"))
    model = load_model(shipped_model("groove-net"), torch.device("cpu"))
    found = classify(model, [tmp_path / "beep.wav", *songs], n_clips=1, jobs=1)
    assert "beep.wav" in [song.path.name for song in found.strange]
    assert len(found.strange) <= 1 + len(songs) // 2
    assert all(song.is_familiar is not None for song in found.results)


def test_a_model_without_memory_calls_nothing_strange(small: World) -> None:
    hyper = {"epochs": 1, "batch_size": 4}
    result = small.train(network="transfer", name="thawed", unfreeze=True, hyper=hyper)
    songs = sorted(small.library.glob("*/*.wav"))[:2]
    found = classify(loaded(result), songs, n_clips=1, jobs=1)
    assert [song.is_familiar for song in found.results] == [None, None]
    assert found.strange == ()


@pytest.mark.parametrize("network", ["transfer", "time-cnn"])
def test_weights_that_are_trained_over_forget_the_songs_of_those_before(small: World, network: str) -> None:
    kept = small.train(network="transfer", name="again", hyper={})
    assert loaded(kept).memory is not None
    hyper = {"epochs": 1, "batch_size": 4}
    over = small.train(network=network, name="again", unfreeze=network == "transfer", hyper=hyper)
    assert over.path == kept.path
    assert loaded(over).memory is None
