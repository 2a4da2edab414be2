"""Figures of a model on songs that it has not seen."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from groovecli import evaluation
from groovecli.checkpoints import LoadedModel
from groovecli.datasets import examples, to_input
from groovecli.errors import DatasetError, Interrupted, ModelError
from groovecli.evaluation import evaluate, protocol, to_json, write_report
from groovecli.figures import training_songs
from groovecli.models.output import Output
from tests.small import QUICK, Stopper, World, add_songs, describing, loaded, untrained, world


class Known(torch.nn.Module):
    """Says of an image what `answers` says of its bytes' sum; genres by number."""

    def __init__(self, answers: dict[int, list[float]]) -> None:
        super().__init__()
        self.answers = answers

    def forward(self, x: torch.Tensor) -> Output:
        shares = [self.answers[_mark(image)] for image in x]
        return Output(logits=torch.tensor(shares).log(), embedding=torch.zeros(len(x), 256))


def _mark(image: torch.Tensor) -> int:
    return int(image.double().sum() * 1000) + int(image[0, :50, :20].double().sum() * 1e6)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("small"), n_songs=10) as made:
        made.ingest(test_share=0.4)
        yield made


@pytest.fixture(scope="module")
def model(small: World) -> LoadedModel:
    return loaded(small.train(QUICK))


def test_a_model_that_learnt_something_beats_chance(small: World, model: LoadedModel) -> None:
    found = evaluate(small.catalog, model)
    assert found.per_song.n == found.n_songs == 8 and found.per_clip.n == 16
    assert found.per_song.accuracy.value > 0.8
    assert found.per_song.accuracy.low <= found.per_song.accuracy.value <= found.per_song.accuracy.high
    assert (found.dataset, found.split_by, found.leaky) == ("default", "song", False)
    assert found.confusion.sum() == 8 and found.confusion.sum(axis=1).tolist() == [4, 4]
    assert {genre: score.support for genre, score in found.per_genre.items()} == {"high": 4, "low": 4}
    assert found.notes == ()


def test_a_song_is_the_mean_of_its_clips(small: World, model: LoadedModel) -> None:
    """One clip that is sure outweighs one that is not; clips are counted each for itself."""
    spec = model.description.feature
    clips = examples(small.catalog, "default", spec, "test")
    data = evaluation.WindowDataset("default", clips, spec, ("high", "low"))
    codes, labels = data.__getitems__(range(len(clips)))
    answers = {}
    for clip, image, label in zip(clips, to_input(codes, spec), labels, strict=True):
        sure = [0.95, 0.05] if label == 0 else [0.05, 0.95]
        unsure = [0.4, 0.6] if label == 0 else [0.6, 0.4]
        answers[_mark(image)] = sure if clip.index == 0 else unsure
    assert len(answers) == len(clips)
    found = evaluate(small.catalog, replace(model, network=Known(answers)))
    assert found.per_song.accuracy.value == 1 and found.per_clip.accuracy.value == 0.5


def test_confusion_has_true_genres_as_rows(small: World, model: LoadedModel) -> None:
    class Low(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> Output:
            return Output(logits=torch.tensor([[0.0, 1.0]]).repeat(len(x), 1), embedding=x.mean((1, 2, 3)))

    found = evaluate(small.catalog, replace(model, network=Low()))
    assert found.confusion.tolist() == [[0, 4], [0, 4]]
    assert found.per_genre["low"].recall == 1 and found.per_genre["low"].precision == 0.5
    assert found.per_song.macro_f1.value == pytest.approx(1 / 3)


def test_songs_trained_on_are_left_out(small: World, model: LoadedModel) -> None:
    clips = examples(small.catalog, "default", model.description.feature, "test")
    seen = frozenset(sorted({clip.track_id for clip in clips})[:3])
    found = evaluate(small.catalog, model, trained_on=seen)
    assert found.n_songs == 5
    assert any("3 test songs that the model was trained on" in note for note in found.notes)
    everything = frozenset(clip.track_id for clip in clips)
    with pytest.raises(DatasetError, match=r"no test song.*high, low.*not trained on"):
        evaluate(small.catalog, model, trained_on=everything)


def test_a_model_has_not_seen_its_own_test_songs(small: World) -> None:
    result = small.train(QUICK)
    found = evaluate(small.catalog, loaded(result), trained_on=training_songs(result.path))
    assert found.n_songs == 8


def test_only_songs_of_some_genres(small: World, model: LoadedModel) -> None:
    found = evaluate(small.catalog, model, of_genres=("low",))
    assert found.n_songs == 4 and found.genres == ("high", "low")
    assert found.confusion[0].sum() == 0
    assert 0 <= found.per_song.macro_f1.value <= 1


def test_the_bootstrap_follows_from_the_seed(small: World, model: LoadedModel) -> None:
    assert to_json(evaluate(small.catalog, model, seed=3)) == to_json(
        evaluate(small.catalog, model, seed=3)
    )


def test_other_data_and_genres_that_the_model_does_not_know(model: LoadedModel, tmp_path: Path) -> None:
    with world(tmp_path, {"low": 210.0, "mid": 700.0, "high": 1900.0}, n_songs=5) as three:
        three.ingest(dataset="three")
        found = evaluate(three.catalog, model, dataset="three")
        assert found.dataset == "three" and found.n_songs == 2
        assert any("other genres are left out: mid" in note for note in found.notes)
        assert any("trained on other data (default)" in note for note in found.notes)
        with pytest.raises(DatasetError, match="no dataset 'default'"):
            evaluate(three.catalog, model)
    with world(tmp_path / "none", {"folk": 210.0, "jazz": 700.0}, n_songs=5) as strange:
        strange.ingest()
        with pytest.raises(DatasetError, match="no test song of quick's genres"):
            evaluate(strange.catalog, model)


def test_a_leaky_split_is_called_leaky_everywhere(tmp_path: Path) -> None:
    with world(tmp_path) as leaky:
        leaky.ingest(split_by="clip")
        result = leaky.train(QUICK)
        assert result.description.data["leaky"] and result.description.metrics["validation_by"] == "clip"
        found = evaluate(leaky.catalog, loaded(result), trained_on=training_songs(result.path))
        assert found.leaky and found.split_by == "clip" and found.n_songs > 0
        assert to_json(found)["leaky"] is True
        assert "LEAKY" in protocol(found)
        assert json.loads(write_report(found, tmp_path)[0].read_text())["leaky"] is True


def test_a_model_for_clips_of_another_length(small: World, tmp_path: Path) -> None:
    long = untrained(tmp_path / "m", describing(clip_s=10.0))
    with pytest.raises(ModelError, match=r"clips of 10 s, dataset 'default' has clips of 3 s"):
        evaluate(small.catalog, loaded(long))


def test_a_model_without_genres(small: World, tmp_path: Path) -> None:
    squeeze = untrained(tmp_path / "m", describing("conv-autoencoder", genres=()))
    with pytest.raises(ModelError, match="names no genres"):
        evaluate(small.catalog, loaded(squeeze))


def test_a_feature_that_the_dataset_lacks_is_computed(tmp_path: Path, model: LoadedModel) -> None:
    with world(tmp_path, n_songs=5) as other:
        other.ingest(clip_s=10.0, features=("spec-256",))
        long = loaded(untrained(tmp_path / "m", describing(clip_s=10.0)))
        assert evaluate(other.catalog, long).n_songs == 2
        assert len(other.catalog.cached_features("default")) == 2
    assert model.description.feature.clip_s == 3


def test_stopped_it_says_so(
    small: World, model: LoadedModel, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(evaluation, "_BATCH_CLIPS", 4)
    with pytest.raises(Interrupted):
        evaluate(small.catalog, model, monitor=Stopper("evaluate", 8))
    assert evaluate(small.catalog, model, monitor=Stopper("evaluate", 16)).n_songs == 8
    with world(tmp_path, n_songs=5) as fresh:
        fresh.ingest(features=())
        with pytest.raises(Interrupted, match="features"):
            evaluate(fresh.catalog, model, monitor=Stopper("cut", 2))


def test_batches_change_nothing(small: World, model: LoadedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    clips = examples(small.catalog, "default", model.description.feature, "test")
    data = evaluation.WindowDataset("default", clips, model.description.feature, ("high", "low"))
    whole = evaluation.clip_probabilities(model, data)
    monkeypatch.setattr(evaluation, "_BATCH_CLIPS", 3)
    assert np.allclose(evaluation.clip_probabilities(model, data), whole, atol=1e-5)
    assert np.allclose(whole.sum(axis=1), 1, atol=1e-5)


def test_the_report_is_figures_and_a_picture(small: World, model: LoadedModel, tmp_path: Path) -> None:
    found = evaluate(small.catalog, model)
    figures, picture = write_report(found, tmp_path / "new" / "report")
    assert json.loads(figures.read_text()) == json.loads(json.dumps(to_json(found)))
    assert picture.read_bytes().startswith(b"\x89PNG")
    fields = to_json(found)
    assert fields["schema"] == 1 and fields["model"] == "quick"
    assert {"accuracy", "macro_f1", "n", "accuracy_interval"} <= fields["per_song"].keys()
    assert fields["per_clip"].keys() == fields["per_song"].keys()
    assert np.array(fields["confusion"]).shape == (2, 2) and fields["labels"] == ["high", "low"]
    assert "split by song" in protocol(found) and "LEAKY" not in protocol(found)


def test_names_of_genres_are_no_formulas(small: World, model: LoadedModel, tmp_path: Path) -> None:
    found = replace(evaluate(small.catalog, model), genres=("a $ b $", "c_{$\\frac"), model="x$y")
    assert write_report(found, tmp_path)[1].exists()


def test_a_grown_dataset_keeps_its_test_songs(tmp_path: Path) -> None:
    with world(tmp_path, n_songs=5) as growing:
        growing.ingest()
        model = loaded(growing.train(QUICK))
        add_songs(growing.library, {"mid": 700.0}, 5)
        growing.ingest()
        found = evaluate(growing.catalog, model)
        assert found.n_songs == 2 and "mid" in found.notes[0]
