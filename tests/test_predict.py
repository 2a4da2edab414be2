"""A model over songs: genres and embeddings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile as sf
import torch
from scipy.special import softmax

from groovecli.actions.classify import classify
from groovecli.actions.embed import embed
from groovecli.audio.clips import spread
from groovecli.errors import LibraryError, ModelError, UsageError
from groovecli.features.cut import Cut
from groovecli.features.cutting import cut
from groovecli.features.spec import FeatureSpec
from groovecli.features.word_vectors import WordVectors, store
from groovecli.library.catalog import Catalog
from groovecli.library.scan import scan
from groovecli.models import listen
from groovecli.models.answers import answers, warm_up
from groovecli.models.loaded import LoadedModel, Ready, load_model
from groovecli.models.shelf import shipped_model
from groovecli.reasons import Reason
from tests.conftest import tone, write_song
from tests.small import Stopper, World, describing, loaded, untrained, with_network, world


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


def pixels(spec: FeatureSpec, n: int, seed: int = 0) -> torch.Tensor:
    """Random windows of a feature of images."""
    shape = (n, *spec.input_shape[1:])
    return torch.from_numpy(np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8))


# answers


def test_windows_are_answered_one_by_one_in_order(tmp_path: Path) -> None:
    squeeze = loaded(untrained(tmp_path / "m", describing("conv-autoencoder", genres=(), clip_s=30.0)))
    (spec,) = squeeze.description.features
    codes = pixels(spec, 5)
    found = answers(squeeze, [(codes,)])
    assert found.logits is None and found.embeddings.shape == (5, 64)
    alone = [answers(squeeze, [(codes[n : n + 1],)]) for n in (3, 0)]
    for n, one in zip((3, 0), alone, strict=True):
        assert np.allclose(found.embeddings[n], one.embeddings[0], atol=1e-5)
        assert found.errors[n] == pytest.approx(one.errors[0], rel=1e-4)


def test_errors_are_those_of_the_reconstruction_beside_what_was_to_be_reconstructed(tmp_path: Path) -> None:
    squeeze = loaded(untrained(tmp_path / "m", describing("conv-autoencoder", genres=(), clip_s=10.0)))
    (spec,) = squeeze.description.features
    codes = pixels(spec, 3)
    x = spec.decode(codes.numpy()).reshape(3, -1)
    with torch.no_grad():
        given = squeeze.network(torch.from_numpy(x).reshape(3, *spec.input_shape)).reconstruction
    found = answers(squeeze, [(codes[:2],), (codes[2:],)])
    assert np.allclose(found.errors, ((given.numpy().reshape(3, -1) - x) ** 2).mean(axis=1), rtol=1e-4)
    assert np.allclose(found.moments, np.stack([x.mean(axis=1), (x**2).mean(axis=1)], axis=1), rtol=1e-4)


def test_answers_do_not_depend_on_the_batch(model: LoadedModel) -> None:
    codes = pixels(model.description.features[0], 7)
    whole = answers(model, [(codes,)])
    pieces = answers(model, [(codes[:3],), (codes[3:6],), (codes[6:],)])
    assert np.allclose(whole.embeddings, pieces.embeddings, atol=1e-5)
    assert whole.logits is not None and pieces.logits is not None
    assert np.allclose(whole.logits, pieces.logits, atol=1e-4)
    assert whole.errors is None and whole.moments is None


def test_another_feature_is_refused(model: LoadedModel) -> None:
    with pytest.raises(ModelError, match=r"mel-323 of shape \(1, 323, 33\), not \(1, 323, 44\)"):
        answers(model, [(torch.zeros(1, 323, 44, dtype=torch.uint8),)])


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
    (result,) = classify(model, [song], n_clips=2, jobs=1).results
    mean = softmax(answers(model, [cut_windows(model, song, 2)]).logits, axis=1).mean(axis=0)
    assert result.probabilities == pytest.approx({"high": mean[0], "low": mean[1]}, abs=1e-5)


def cut_windows(model: LoadedModel, song: Path, n_clips: int) -> tuple[torch.Tensor, ...]:
    """Every window of a song's clips, for a network of one feature."""
    (spec,) = model.description.features
    track = scan([song], jobs=1).tracks[0]
    clips = spread(track.id, track.duration_s, model.description.clip_s, n_clips)
    assert len(clips) == n_clips
    stored = [features[0] for features in cut(Cut(song, tuple(clips), (spec,))).features.values()]
    return (torch.from_numpy(np.stack([spec.window(s, n) for s in stored for n in range(spec.n_windows)])),)


def test_songs_that_it_is_not_sure_of_are_unknown(small: World, model: LoadedModel) -> None:
    free = classify(model, [small.library], jobs=1)
    assert free.unknown == () and free.min_confidence == 0
    middle = float(np.median([song.confidence for song in free.results]))
    strict = classify(model, [small.library], min_confidence=middle, jobs=1)
    for a, b in zip(free.results, strict.results, strict=True):
        assert (b.guess, b.confidence, b.probabilities) == (a.genre, a.confidence, a.probabilities)
        assert b.genre == ("unknown" if a.confidence < middle else a.genre)
    assert 0 < len(strict.unknown) < len(strict.results)
    assert all(song.genre == "unknown" for song in strict.unknown)


def test_a_least_confidence_that_is_none_is_refused_before_any_work(
    model: LoadedModel, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="--min-confidence must be a probability, 0 to 1, not 60"):
        classify(model, [tmp_path / "nowhere"], min_confidence=60, jobs=1)


@pytest.mark.parametrize("network", ["mel-lstm", "soundnet", "deep-softmax-autoencoder"])
def test_a_song_is_the_mean_of_its_clips_windows(
    small: World, catalog: Catalog, tmp_path: Path, network: str
) -> None:
    song = small.library / "high" / "0.wav"
    model = loaded(untrained(tmp_path / "m", describing(network, clip_s=6.0)))
    windows = cut_windows(model, song, 2)
    assert len(windows[0]) == 2 * model.description.features[0].n_windows > 2
    said = answers(model, [windows])
    (result,) = classify(model, [song], n_clips=2, jobs=1).results
    mean = softmax(said.logits, axis=1).mean(axis=0)
    assert result.probabilities == pytest.approx({"high": mean[0], "low": mean[1]}, abs=1e-5)
    (vector,) = embed(model, [song], catalog, n_clips=2, jobs=1).vectors
    mean = said.embeddings.mean(axis=0)
    assert np.abs(vector - mean).max() < np.abs(mean).max() / 1000  # kept at half precision


def test_songs_do_not_depend_on_the_batch(
    small: World, model: LoadedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = classify(model, [small.library], jobs=1).results
    monkeypatch.setattr("groovecli.models.loaded.BATCH_WINDOWS", 3)
    for a, b in zip(whole, classify(model, [small.library], jobs=1).results, strict=True):
        assert a.path == b.path and a.probabilities == pytest.approx(b.probabilities, abs=1e-5)


def test_cuda_is_shown_many_songs_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The included model hears one song at a time on the processor; both ways give the same answers."""
    song_by_song = shipped_model("groove-net")
    model = load_model(song_by_song, "cpu")
    there = replace(model, weights=Ready(model.network, torch.device("cuda")))
    assert (model.n_together, there.n_together) == (1, 32)
    warm_up(model)  # of which there is nothing to do here
    paths = [write_song(tmp_path / f"{n}.wav", 4, hz=300.0 + 90 * n, seed=n, sr=8000) for n in range(3)]
    groups: list[int] = []
    answered = listen._answered

    def counted(*given: Any) -> Any:
        groups.append(len(given[-1]))
        return answered(*given)

    monkeypatch.setattr(listen, "_answered", counted)
    alone = classify(model, paths, jobs=1).results
    assert groups == [1, 1, 1]
    groups.clear()
    monkeypatch.setattr(LoadedModel, "n_together", 2)
    for a, b in zip(alone, classify(model, paths, jobs=1).results, strict=True):
        assert a.path == b.path and a.probabilities == pytest.approx(b.probabilities, abs=1e-5)
    assert groups == [2, 1]


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
    found = classify(model, [tmp_path], min_confidence=0.9, jobs=1)
    (result,) = found.results
    assert found.unknown == ()
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
    assert all(failed.text for failed in found.failed)


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

    def forward(self, *inputs: torch.Tensor) -> object:
        self.n_seen += len(inputs[0])
        return self.network(*inputs)


def counted(model: LoadedModel) -> tuple[LoadedModel, Counting]:
    network = Counting(model.network)
    return with_network(model, network), network


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


def test_classify_uses_what_embed_has_kept_and_the_reverse(
    small: World, model: LoadedModel, catalog: Catalog
) -> None:
    alone = classify(model, [small.library], jobs=1)
    watched, network = counted(model)
    embed(watched, [small.library / "low"], catalog, jobs=1)
    n_seen = network.n_seen
    found = classify(watched, [small.library], catalog, jobs=1)
    assert network.n_seen == 2 * n_seen
    assert found == alone
    assert classify(watched, [small.library], catalog, jobs=1) == alone
    assert embed(watched, [small.library], catalog, jobs=1).failed == ()
    assert network.n_seen == 2 * n_seen


def test_vectors_from_before_genres_were_kept_are_made_anew(
    small: World, model: LoadedModel, catalog: Catalog
) -> None:
    alone = classify(model, [small.library], catalog, jobs=1)
    with catalog.transaction() as db:
        db.execute("UPDATE answers SET probabilities = NULL")
    assert classify(model, [small.library], catalog, jobs=1) == alone


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
    monkeypatch.setattr("groovecli.actions.hear._SAVED_TOGETHER", saved_together)
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
    monkeypatch.setattr("groovecli.actions.hear._SAVED_TOGETHER", 1)
    monkeypatch.setattr("groovecli.models.loaded.BATCH_WINDOWS", 1)
    calls = []
    save = catalog.add_answers
    monkeypatch.setattr(
        catalog,
        "add_answers",
        lambda key, some, words: (calls.append(len(some)), save(key, some, words=words)),
    )
    embed(model, [small.library], catalog, jobs=1)
    assert calls == [1] * 12


def test_an_answer_that_is_no_number_is_a_failure_and_not_kept(
    small: World, model: LoadedModel, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    song = small.library / "low" / "0.wav"
    with monkeypatch.context() as patched:
        patched.setattr(listen, "pooled_vectors", lambda *_: np.full((1, 64), np.nan))
        found = embed(model, [song], catalog, jobs=1)
    assert [item.reason for item in found.failed] == [Reason.NO_ANSWER] and not len(found.vectors)
    assert len(embed(model, [song], catalog, jobs=1).vectors) == 1


def test_failures_are_listed_and_the_rest_goes_on(
    model: LoadedModel, catalog: Catalog, tmp_path: Path
) -> None:
    write_song(tmp_path / "music" / "a.wav", 6)
    sf.write(tmp_path / "music" / "silence.wav", np.zeros(48000, np.float32), 8000)
    (tmp_path / "music" / "text.mp3").write_text("no music")
    found = embed(model, [tmp_path / "music"], catalog, jobs=1)
    assert [t.path.name for t in found.tracks] == ["a.wav"]
    assert [(item.path.name, item.text) for item in found.left_out] == [("silence.wav", "is silent")]
    assert [item.path.name for item in found.failed] == ["text.mp3"]


def test_nothing_but_failures_is_an_empty_answer(
    model: LoadedModel, catalog: Catalog, tmp_path: Path
) -> None:
    (tmp_path / "text.mp3").write_text("no music")
    found = embed(model, [tmp_path], catalog, jobs=1)
    assert found.vectors.shape == (0, 256) and found.tracks == () and len(found.failed) == 1


# Networks that listen to whole songs and read


@pytest.fixture(scope="module")
def reader(small: World) -> LoadedModel:
    """A network, never trained, that knows ten words."""
    rng = np.random.default_rng(0)
    words = WordVectors(tuple("abcdefghij"), rng.normal(size=(10, 100)).astype(np.float32))
    store(small.home.vectors, words)
    plain = describing("dense")
    tune, lyrics = plain.features
    description = replace(plain, features=(tune, replace(lyrics, vectors=words.id)))
    return replace(loaded(untrained(small.root / "reader", description)), vectors=small.home.vectors)


def test_a_song_is_read_once_whatever_the_number_of_clips(
    small: World, reader: LoadedModel, catalog: Catalog
) -> None:
    watched, network = counted(reader)
    found = embed(watched, [small.library], catalog, n_clips=5, jobs=1)
    assert found.vectors.shape == (12, 50) and found.failed == ()
    assert network.n_seen == 12
    again = embed(watched, [small.library], catalog, n_clips=2, jobs=1)
    assert network.n_seen == 12 and (again.vectors == found.vectors).all()
    assert len(classify(watched, [small.library], jobs=1).results) == 12
    assert network.n_seen == 24


def test_lyrics_beside_a_song_count(reader: LoadedModel, tmp_path: Path) -> None:
    song = write_song(tmp_path / "a.wav", 6)

    def said() -> dict[str, float]:
        (result,) = classify(reader, [song], jobs=1).results
        return dict(sorted(result.probabilities.items()))

    without = said()
    (tmp_path / "a.txt").write_text("unheard-of words alone")
    assert said() == pytest.approx(without, abs=1e-6)
    (tmp_path / "a.txt").write_text("a b b a")
    assert said() != pytest.approx(without, abs=1e-6)


def test_other_lyrics_are_another_answer(reader: LoadedModel, catalog: Catalog, tmp_path: Path) -> None:
    """One sound at two paths: each is heard with its own words, and again when these change."""
    paths = [write_song(tmp_path / name / "a.wav", 6) for name in ("one", "two")]
    watched, network = counted(reader)

    def vectors() -> dict[Path, list[float]]:
        found = embed(watched, paths, catalog, jobs=1)
        return {t.path: v.tolist() for t, v in zip(found.tracks, found.vectors, strict=True)}

    speechless = vectors()
    assert network.n_seen == 1 and speechless[paths[0]] == speechless[paths[1]]
    (tmp_path / "two" / "a.txt").write_text("a b b a")
    sung = vectors()
    assert network.n_seen == 2
    assert sung[paths[0]] == speechless[paths[0]] != sung[paths[1]]
    assert vectors() == sung and network.n_seen == 2
    (tmp_path / "two" / "a.txt").write_text("c d e f")
    assert vectors()[paths[1]] != sung[paths[1]] and network.n_seen == 3
    (tmp_path / "two" / "a.txt").write_text("b a a b")
    assert vectors() == sung and network.n_seen == 3


def test_word_vectors_that_are_gone_are_told_by_name(
    small: World, reader: LoadedModel, tmp_path: Path
) -> None:
    tune, lyrics = reader.description.features
    for vectors in ("0" * 16, "../../../etc/passwd"):
        lost = replace(reader.description, features=(tune, replace(lyrics, vectors=vectors)))
        with pytest.raises(ModelError, match=f"word vectors {vectors}"):
            classify(replace(reader, description=lost), [small.library / "low"], jobs=1)
