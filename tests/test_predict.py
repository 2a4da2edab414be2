"""A model over songs: genres and embeddings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
import torch

from groovecli import predict
from groovecli.catalog import Catalog
from groovecli.checkpoints import LoadedModel
from groovecli.errors import LibraryError, ModelError
from groovecli.extraction import Cut, cut
from groovecli.features.spec import FeatureSpec
from groovecli.predict import answers, classify, embed
from tests.conftest import tone, write_song
from tests.small import Stopper, World, describing, loaded, untrained, world


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("small")) as made:
        made.ingest()
        yield made


@pytest.fixture(scope="module")
def model(small: World) -> LoadedModel:
    return loaded(small.train())


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with Catalog(tmp_path / "catalog.db") as opened:
        yield opened


def pixels(spec: FeatureSpec, n: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (n, *spec.shape), dtype=np.uint8)


# answers


def test_a_clip_is_the_mean_of_its_windows(tmp_path: Path) -> None:
    squeeze = loaded(untrained(tmp_path / "m", describing("conv-autoencoder", genres=(), clip_s=30.0)))
    spec = squeeze.description.feature
    codes = pixels(spec, 2)
    found = answers(squeeze, codes)
    assert found.probabilities is None and found.embeddings.shape == (2, 64)
    one_window = replace(squeeze.description, feature=spec.for_clips_of(10.0))
    alone = answers(replace(squeeze, description=one_window), codes.reshape(6, 1, 256, 256)).embeddings
    assert np.allclose(found.embeddings, alone.reshape(2, 3, 64).mean(axis=1), atol=1e-5)


def test_answers_do_not_depend_on_the_batch(model: LoadedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    codes = pixels(model.description.feature, 7)
    whole = answers(model, codes)
    monkeypatch.setattr(predict, "_BATCH_WINDOWS", 3)
    pieces = answers(model, codes)
    assert np.allclose(whole.embeddings, pieces.embeddings, atol=1e-5)
    assert whole.probabilities is not None and pieces.probabilities is not None
    assert np.allclose(whole.probabilities, pieces.probabilities, atol=1e-5)
    assert np.allclose(whole.probabilities.sum(axis=1), 1, atol=1e-5)


def test_another_feature_is_refused(model: LoadedModel) -> None:
    with pytest.raises(ModelError, match=r"mel-323 of shape \(1, 323, 33\), not \(1, 323, 44\)"):
        answers(model, np.zeros((1, 1, 323, 44), np.uint8))


# classify


def test_tones_get_their_genre(small: World, model: LoadedModel) -> None:
    found = classify(model, [small.library], jobs=1)
    assert found.failed == () and found.model == "quick" and len(found.results) == 12
    right = [song.genre == song.path.parent.name for song in found.results]
    assert np.mean(right) > 0.8
    for song in found.results:
        assert sum(song.probabilities.values()) == pytest.approx(1, abs=1e-5)
        assert next(iter(song.probabilities)) == song.genre
        assert song.confidence == max(song.probabilities.values())
        assert list(song.probabilities.values()) == sorted(song.probabilities.values(), reverse=True)


def test_a_song_is_the_mean_of_its_clips(small: World, model: LoadedModel) -> None:
    song = small.library / "low" / "0.wav"
    spec = model.description.feature
    (result,) = classify(model, [song], n_clips=2, jobs=1).results
    track = predict.scan([song], jobs=1).tracks[0]
    task = Cut(song, tuple(predict.clips.spread(track.id, track.duration_s, 3.0, 2)), (spec,))
    assert len(task.clips) == 2
    mean = answers(model, np.stack([f[0] for f in cut(task).features.values()])).probabilities.mean(axis=0)
    assert result.probabilities == pytest.approx({"high": mean[0], "low": mean[1]}, abs=1e-5)


def test_order_and_number_of_jobs_change_nothing(small: World, model: LoadedModel) -> None:
    songs = sorted(small.library.rglob("*.wav"))
    straight = classify(model, songs, jobs=1).results
    turned = classify(model, songs[::-1], jobs=2).results
    assert [song.path for song in straight] == songs
    for a, b in zip(straight, turned[::-1], strict=True):
        assert (a.path, a.genre) == (b.path, b.genre)
        assert a.probabilities == pytest.approx(b.probabilities, abs=1e-5)


@pytest.mark.parametrize("seconds", [0.05, 0.5, 2.0, 2.9, 3.0, 3.1])
def test_short_songs_are_tiled(model: LoadedModel, tmp_path: Path, seconds: float) -> None:
    (result,) = classify(model, [write_song(tmp_path / "a.wav", seconds, hz=2000)], jobs=1).results
    assert set(result.probabilities) == {"high", "low"}
    assert np.isfinite(result.confidence)


def test_silence_is_called_silent(model: LoadedModel, tmp_path: Path) -> None:
    sf.write(tmp_path / "silence.wav", np.zeros(8000 * 6, np.float32), 8000)
    found = classify(model, [tmp_path], jobs=1)
    (result,) = found.results
    assert (result.genre, result.confidence, result.probabilities) == ("silent", 0.0, {})
    assert found.failed == ()


def test_a_song_that_sounds_in_part_is_judged_by_that(model: LoadedModel, tmp_path: Path) -> None:
    y = np.concatenate([np.zeros(8000 * 8, np.float32), tone(4.0, sr=8000, hz=2000)])
    sf.write(tmp_path / "late.wav", y, 8000)
    (result,) = classify(model, [tmp_path], jobs=1).results
    assert result.genre in ("high", "low")


def test_what_is_no_song_is_listed(small: World, model: LoadedModel, tmp_path: Path) -> None:
    (tmp_path / "text.mp3").write_text("no music " * 500)
    (tmp_path / "empty.wav").touch()
    sound = (small.library / "low" / "0.wav").read_bytes()
    (tmp_path / "header.wav").write_bytes(sound[:40])
    good = write_song(tmp_path / "good.wav", 6)
    found = classify(model, [tmp_path, tmp_path / "missing.wav", good], jobs=1)
    assert [song.path for song in found.results] == [good]
    assert {failed.path.name for failed in found.failed} == {
        "text.mp3", "empty.wav", "header.wav", "missing.wav",
    }  # fmt: skip
    assert all(failed.reason for failed in found.failed)


def test_no_music_at_all(model: LoadedModel, tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="no music"):
        classify(model, [tmp_path], jobs=1)


def test_only_models_with_genres_classify(small: World, tmp_path: Path) -> None:
    squeeze = loaded(untrained(tmp_path / "m", describing("conv-autoencoder", genres=(), clip_s=10.0)))
    with pytest.raises(ModelError, match="names no genres"):
        classify(squeeze, [small.library], jobs=1)


def test_classify_needs_no_catalogue(small: World, model: LoadedModel) -> None:
    assert classify(model, [small.library / "low"], jobs=1).results
    assert not {"clips", "runs"} & {path.name for path in small.root.iterdir()}


# embed


class Counting(torch.nn.Module):
    """A network that counts the images it has seen."""

    def __init__(self, network: torch.nn.Module) -> None:
        super().__init__()
        self.network, self.n_seen = network, 0

    def forward(self, x: torch.Tensor) -> object:
        self.n_seen += len(x)
        return self.network(x)


def counted(model: LoadedModel) -> tuple[LoadedModel, Counting]:
    network = Counting(model.network)
    return replace(model, network=network), network


def test_one_vector_a_song(small: World, model: LoadedModel, catalog: Catalog) -> None:
    found = embed(model, [small.library], catalog, jobs=1)
    assert [t.path for t in found.tracks] == sorted(small.library.rglob("*.wav"))
    assert found.vectors.shape == (12, 256) and found.vectors.dtype == np.float32
    assert np.isfinite(found.vectors).all() and len(np.unique(found.vectors, axis=0)) == 12
    assert not found.interrupted and found.failed == ()


def test_what_is_known_is_not_computed_again(small: World, model: LoadedModel, catalog: Catalog) -> None:
    watched, network = counted(model)
    first = embed(watched, [small.library], catalog, jobs=1)
    n_seen = network.n_seen
    assert n_seen >= 12
    again = embed(watched, [small.library], catalog, jobs=1)
    assert network.n_seen == n_seen
    assert (again.vectors == first.vectors).all()
    embed(replace(watched, id="other weights"), [small.library], catalog, jobs=1)
    assert network.n_seen == 2 * n_seen
    embed(watched, [small.library], catalog, n_clips=1, jobs=1)
    assert network.n_seen == 2 * n_seen + 12


def test_copies_share_a_vector(model: LoadedModel, catalog: Catalog, tmp_path: Path) -> None:
    song = write_song(tmp_path / "music" / "a.wav", 6)
    (tmp_path / "music" / "b.wav").write_bytes(song.read_bytes())
    watched, network = counted(model)
    found = embed(watched, [tmp_path / "music"], catalog, n_clips=1, jobs=1)
    assert network.n_seen == 1
    assert [t.path.name for t in found.tracks] == ["a.wav", "b.wav"]
    assert (found.vectors[0] == found.vectors[1]).all()


def test_a_moved_song_is_known(model: LoadedModel, catalog: Catalog, tmp_path: Path) -> None:
    song = write_song(tmp_path / "music" / "a.wav", 6)
    before = embed(model, [song], catalog, jobs=1)
    song.rename(song.with_name("moved.wav"))
    watched, network = counted(model)
    after = embed(watched, [tmp_path / "music"], catalog, jobs=1)
    assert network.n_seen == 0 and (after.vectors == before.vectors).all()
    assert after.tracks[0].path.name == "moved.wav"


@pytest.mark.parametrize("saved_together", [2, 200])
def test_interrupted_what_is_done_is_kept(
    small: World, model: LoadedModel, catalog: Catalog, monkeypatch: pytest.MonkeyPatch, saved_together: int
) -> None:
    monkeypatch.setattr(predict, "_SAVED_TOGETHER", saved_together)
    found = embed(model, [small.library], catalog, jobs=1, monitor=Stopper("embed", 5))
    assert found.interrupted and 5 <= len(found.tracks) < 12
    watched, network = counted(model)
    n_done = len(found.tracks)
    rest = embed(watched, [small.library], catalog, n_clips=3, jobs=1)
    assert len(rest.tracks) == 12 and network.n_seen == 2 * (12 - n_done)
    assert (rest.vectors[:n_done] == found.vectors).all()


def test_a_crash_costs_only_what_was_not_saved(
    small: World, model: LoadedModel, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(predict, "_SAVED_TOGETHER", 1)
    monkeypatch.setattr(predict, "_BATCH_WINDOWS", 1)
    calls = []
    save = catalog.add_embeddings
    monkeypatch.setattr(
        catalog, "add_embeddings", lambda key, some: (calls.append(len(some)), save(key, some))
    )
    embed(model, [small.library], catalog, jobs=1)
    assert calls == [1] * 12 + [0]


def test_failures_are_listed_and_the_rest_goes_on(
    model: LoadedModel, catalog: Catalog, tmp_path: Path
) -> None:
    write_song(tmp_path / "music" / "a.wav", 6)
    sf.write(tmp_path / "music" / "silence.wav", np.zeros(48000, np.float32), 8000)
    (tmp_path / "music" / "text.mp3").write_text("no music")
    found = embed(model, [tmp_path / "music"], catalog, jobs=1)
    assert [t.path.name for t in found.tracks] == ["a.wav"]
    assert {f.path.name: f.reason for f in found.failed}["silence.wav"] == "is silent"
    assert len(found.failed) == 2


def test_nothing_but_failures_is_an_empty_answer(
    model: LoadedModel, catalog: Catalog, tmp_path: Path
) -> None:
    (tmp_path / "text.mp3").write_text("no music")
    found = embed(model, [tmp_path], catalog, jobs=1)
    assert found.vectors.shape == (0, 256) and found.tracks == () and len(found.failed) == 1
