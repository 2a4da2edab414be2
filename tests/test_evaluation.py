"""Figures of a model on songs that it has not seen."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.metrics import average_precision_score

from groovecli.actions.evaluate import EvaluateRequest, run
from groovecli.datasets.examples import Example, examples
from groovecli.datasets.windows import WindowDataset
from groovecli.errors import DatasetError, Interrupted, ModelError
from groovecli.evaluation.figures import from_json, to_json
from groovecli.evaluation.measure import evaluate, measure, scored
from groovecli.features.registry import feature
from groovecli.models.file import WEIGHTS
from groovecli.models.loaded import LoadedModel
from groovecli.models.results import Answers
from groovecli.networks.inputs import to_inputs
from groovecli.networks.output import Output
from groovecli.networks.registry import model_spec
from groovecli.reports.tables import protocol
from groovecli.training.data import gather, specs_for
from groovecli.training.protocols import Protocol
from groovecli.training.record import training_songs
from groovecli.training.request import TrainRequest
from tests.small import QUICK, Stopper, World, add_songs, describing, loaded, untrained, with_network, world


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
    found = evaluate(small.dataset(), model)
    assert found.per_song.n == found.n_songs == 8 and found.per_clip.n == 16
    assert found.per_song.accuracy.value > 0.8
    assert found.per_song.accuracy.low <= found.per_song.accuracy.value <= found.per_song.accuracy.high
    assert (found.dataset, found.split_by, found.leaky) == ("default", "song", False)
    assert found.confusion.sum() == 8 and found.confusion.sum(axis=1).tolist() == [4, 4]
    assert {genre: score.support for genre, score in found.per_genre.items()} == {"high": 4, "low": 4}
    assert found.notes == ()


def test_a_song_is_the_mean_of_its_clips(small: World, model: LoadedModel) -> None:
    """One clip that is sure outweighs one that is not; clips are counted each for itself."""
    specs = model.description.features
    clips = examples(small.dataset(), specs, "test")
    data = WindowDataset(small.dataset().folder, clips, specs, ("high", "low"))
    stored, labels = data.__getitems__(range(len(clips)))
    answers = {}
    for clip, image, label in zip(clips, to_inputs(stored, specs)[0], labels, strict=True):
        sure = [0.95, 0.05] if label == 0 else [0.05, 0.95]
        unsure = [0.4, 0.6] if label == 0 else [0.6, 0.4]
        answers[_mark(image)] = sure if clip.index == 0 else unsure
    assert len(answers) == len(clips)
    found = evaluate(small.dataset(), with_network(model, Known(answers)))
    assert found.per_song.accuracy.value == 1 and found.per_clip.accuracy.value == 0.5


def test_confusion_has_true_genres_as_rows(small: World, model: LoadedModel) -> None:
    class Low(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> Output:
            return Output(logits=torch.tensor([[0.0, 1.0]]).repeat(len(x), 1), embedding=x.mean((1, 2, 3)))

    found = evaluate(small.dataset(), with_network(model, Low()))
    assert found.confusion.tolist() == [[0, 4], [0, 4]]
    assert found.per_genre["low"].recall == 1 and found.per_genre["low"].precision == 0.5
    assert found.per_song.macro_f1.value == pytest.approx(1 / 3)


def test_songs_trained_on_are_left_out(small: World, model: LoadedModel) -> None:
    clips = examples(small.dataset(), model.description.features, "test")
    seen = frozenset(sorted({clip.track_id for clip in clips})[:3])
    found = evaluate(small.dataset(), model, trained_on=seen)
    assert found.n_songs == 5
    assert any("3 test songs that the model was trained on" in note for note in found.notes)
    everything = frozenset(clip.track_id for clip in clips)
    with pytest.raises(DatasetError, match=r"trained on all 8 test songs.*split again"):
        evaluate(small.dataset(), model, trained_on=everything)


def test_a_model_has_not_seen_its_own_test_songs(small: World) -> None:
    result = small.train(QUICK)
    found = evaluate(small.dataset(), loaded(result), trained_on=training_songs(result.path))
    assert found.n_songs == 8


def test_only_songs_of_some_genres(small: World, model: LoadedModel) -> None:
    found = evaluate(small.dataset(), model, of_genres=("low",))
    assert found.n_songs == 4 and found.genres == ("high", "low")
    assert found.confusion[0].sum() == 0
    assert 0 <= found.per_song.macro_f1.value <= 1


def test_the_bootstrap_follows_from_the_seed(small: World, model: LoadedModel) -> None:
    assert to_json(evaluate(small.dataset(), model, seed=3)) == to_json(
        evaluate(small.dataset(), model, seed=3)
    )


def test_confidence_is_measured_beside_accuracy(small: World, model: LoadedModel) -> None:
    """Sure by 0.7 of everything, right in half of it."""

    class Low(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> Output:
            logits = torch.tensor([[0.3, 0.7]]).log().repeat(len(x), 1)
            return Output(logits=logits, embedding=x.mean((1, 2, 3)))

    sure = evaluate(small.dataset(), with_network(model, Low())).calibration
    assert len(sure.bins) == 8 and sum(b.n for b in sure.bins) == 8
    assert [b.confidence for b in sure.bins] == pytest.approx([0.7] * 8)
    assert [level.n for level in sure.levels] == [8, 8, 8, sure.levels[3].n, 0]
    assert sure.levels[0].accuracy == 0.5 and sure.levels[4].accuracy is None
    assert len(sure.curve) == 1
    one = evaluate(small.dataset(), with_network(model, Low()), of_genres=("low",)).calibration
    assert one.error == pytest.approx(0.3, abs=1e-5) and one.targets[0].reached is not None


def test_a_temperature_changes_confidence_and_no_guess(small: World, model: LoadedModel) -> None:
    warm = replace(model, description=replace(model.description, temperature=50.0))
    before, after = evaluate(small.dataset(), model), evaluate(small.dataset(), warm)
    assert (before.confusion == after.confusion).all()
    assert before.calibration.bins[-1].confidence > after.calibration.bins[-1].confidence
    assert after.calibration.bins[-1].confidence == pytest.approx(0.5, abs=0.1)


def test_other_data_and_genres_that_the_model_does_not_know(model: LoadedModel, tmp_path: Path) -> None:
    with world(tmp_path, {"low": 210.0, "mid": 700.0, "high": 1900.0}, n_songs=5) as three:
        three.ingest(dataset="three")
        untrained(three.home.models / "quick" / WEIGHTS, model.description)
        found = evaluate(three.dataset("three"), model)
        assert found.dataset == "three" and found.n_songs == 2
        assert any("other genres are left out: mid" in note for note in found.notes)
        assert any("trained on other data (default)" in note for note in found.notes)
        with pytest.raises(DatasetError, match="no dataset 'default'"):
            run(EvaluateRequest("quick"), three.context())
    with world(tmp_path / "none", {"folk": 210.0, "jazz": 700.0}, n_songs=5) as strange:
        strange.ingest()
        with pytest.raises(DatasetError, match="no test song of quick's genres"):
            evaluate(strange.dataset(), model)


def test_a_leaky_split_is_called_leaky_everywhere(tmp_path: Path) -> None:
    with world(tmp_path) as leaky:
        leaky.ingest(split_by="clip")
        result = leaky.train(QUICK)
        assert result.description.data["leaky"] and result.description.metrics["validation_by"] == "clip"
        model = loaded(result)
        measured = measure(leaky.dataset(), model, trained_on=training_songs(result.path))
        found = scored(model, measured)
        assert found.leaky and found.split_by == "clip" and found.n_songs > 0
        assert to_json(found)["leaky"] is True
        assert protocol(measured, found).startswith("LEAKY SPLIT")


def test_a_model_for_clips_of_another_length(small: World, tmp_path: Path) -> None:
    long = untrained(tmp_path / "m", describing(clip_s=10.0))
    with pytest.raises(ModelError, match=r"clips of 10 s; dataset 'default' has clips of 3 s"):
        evaluate(small.dataset(), loaded(long))


def test_a_model_without_genres(small: World, tmp_path: Path) -> None:
    squeeze = untrained(tmp_path / "m", describing("conv-autoencoder", genres=()))
    with pytest.raises(ModelError, match="names no genres"):
        evaluate(small.dataset(), loaded(squeeze))


def test_a_feature_that_the_dataset_lacks_is_computed(tmp_path: Path, model: LoadedModel) -> None:
    with world(tmp_path, n_songs=5) as other:
        other.ingest(clip_s=10.0, features=("spec-256",))
        untrained(other.home.models / "long" / WEIGHTS, describing(name="long", clip_s=10.0))
        found = run(EvaluateRequest("long"), other.context())
        assert found.evaluation is not None and found.evaluation.n_songs == 2
        assert len(other.dataset().tables.cached_features()) == 2
    assert model.description.clip_s == 3


def test_stopped_it_says_so(
    small: World, model: LoadedModel, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("groovecli.models.loaded.BATCH_WINDOWS", 4)
    with pytest.raises(Interrupted):
        evaluate(small.dataset(), model, monitor=Stopper("evaluate", 8))
    assert evaluate(small.dataset(), model, monitor=Stopper("evaluate", 16)).n_songs == 8
    with world(tmp_path, n_songs=5) as fresh:
        fresh.ingest(features=("wave-pooled",))
        untrained(fresh.home.models / "quick" / WEIGHTS, model.description)
        with pytest.raises(Interrupted, match="features"):
            run(EvaluateRequest("quick"), fresh.context(monitor=Stopper("cut", 2)))


def test_batches_change_nothing(small: World, model: LoadedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = measure(small.dataset(), model).answers.logits
    monkeypatch.setattr("groovecli.models.loaded.BATCH_WINDOWS", 3)
    assert np.allclose(measure(small.dataset(), model).answers.logits, whole, atol=1e-5)


def test_figures_are_plain_values(small: World, model: LoadedModel) -> None:
    measured = measure(small.dataset(), model)
    found = scored(model, measured)
    fields = to_json(found)
    assert json.loads(json.dumps(fields)) == fields
    again = from_json(json.loads(json.dumps(fields)))
    assert to_json(again) == fields and again.n_songs == found.n_songs
    assert 0 <= fields["calibration"]["expected_calibration_error"] <= 1
    assert fields["schema"] == 1 and fields["model"] == "quick"
    assert {"accuracy", "macro_f1", "n", "accuracy_interval"} <= fields["per_song"].keys()
    assert fields["per_clip"].keys() == fields["per_song"].keys()
    assert np.array(fields["confusion"]).shape == (2, 2) and fields["labels"] == ["high", "low"]
    assert "split by song" in protocol(measured, found) and "LEAKY" not in protocol(measured, found)


def test_a_grown_dataset_keeps_its_test_songs(tmp_path: Path) -> None:
    with world(tmp_path, n_songs=5) as growing:
        growing.ingest()
        model = loaded(growing.train(QUICK))
        add_songs(growing.library, {"mid": 700.0}, 5)
        growing.ingest()
        found = evaluate(growing.dataset(), model)
        assert found.n_songs == 2 and "mid" in found.notes[0]


# Clips of several windows


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Three genres, of which models may know two."""
    genres = {"low": 200.0, "mid": 700.0, "high": 2000.0}
    with world(tmp_path_factory.mktemp("three"), genres, n_songs=5) as made:
        made.ingest(features=("wave-pooled",))
        yield made


WAVES = TrainRequest(
    "two-layer", name="waves", hyper={"epochs": 2, "batch_size": 8}, genres=("high", "low")
)


def keys(data: WindowDataset) -> set[tuple[str, int]]:
    """The windows of some data, by clip and number."""
    return {(data.clips[w // data.n_windows].key, w % data.n_windows) for w in data.windows.tolist()}


def test_windows_clips_and_songs_are_counted_each_for_itself(three: World) -> None:
    """Whatever a network says: a clip and a song are the means of what it says of their windows."""
    model = loaded(three.train(WAVES))
    rng = np.random.default_rng(0)
    clips = [clip for clip in _all_clips(three) if clip.genre != "mid"]
    some = np.sort(rng.permutation(3 * len(clips))[: 2 * len(clips)])  # not as many of each song
    specs = model.description.features
    data = WindowDataset(three.dataset().folder, clips, specs, ("high", "low"), some)
    shares = rng.random((len(data), 2)) + 0.2 * np.eye(2)[data.labels]
    shares /= shares.sum(axis=1, keepdims=True)
    said = Answers(np.log(shares).astype(np.float32), np.zeros((len(data), 1), np.float32))
    measured = replace(measure(three.dataset(), model), data=data, answers=said)
    found = scored(model, measured)
    for scores, groups in (
        (found.per_window, list(range(len(data)))),
        (found.per_clip, [clips[c].key for c in data.clip_numbers]),
        (found.per_song, [clips[c].track_id for c in data.clip_numbers]),
    ):
        names = sorted(set(groups))
        members = [[i for i, group in enumerate(groups) if group == name] for name in names]
        right = [shares[m].mean(axis=0).argmax() == data.labels[m[0]] for m in members]
        assert scores is not None and scores.n == len(names)
        assert scores.accuracy.value == pytest.approx(np.mean(right))
    assert found.per_window.n > found.per_clip.n > found.per_song.n == found.n_songs == 10
    songs = sorted(set(measured.songs))
    means = np.array([shares[measured.songs == song].mean(axis=0) for song in songs])
    truth = np.array([data.labels[measured.songs == song][0] for song in songs])
    areas = [average_precision_score(truth == genre, means[:, genre]) for genre in (0, 1)]
    assert found.average_precision == pytest.approx(np.mean(areas)) and found.average_precision < 1
    assert to_json(found)["per_window"]["n"] == len(data)


def test_a_clip_of_one_window_has_no_figures_of_windows(small: World, model: LoadedModel) -> None:
    found = evaluate(small.dataset(), model)
    assert found.per_window is None and to_json(found)["per_window"] is None


def test_genres_that_the_model_does_not_know_are_never_measured(three: World) -> None:
    model = loaded(three.train(WAVES))
    measured = measure(three.dataset(), model)
    assert {clip.genre for clip in measured.data.clips} == {"high", "low"}
    assert set(measured.data.labels.tolist()) == {0, 1}
    assert measured.notes == ("songs of other genres are left out: mid",)
    assert evaluate(three.dataset(), model, of_genres=("low", "mid")).n_songs == 1
    with pytest.raises(DatasetError, match="no test song of waves's genres"):
        evaluate(three.dataset(), model, of_genres=("mid",))


def test_a_network_without_genres_is_measured_by_its_reconstructions(three: World) -> None:
    request = replace(WAVES, network="vanilla-autoencoder", name="squeeze", genres=())
    measured = measure(three.dataset(), loaded(three.train(request)))
    assert {clip.genre for clip in measured.data.clips} == {"high", "low", "mid"}
    assert measured.answers.logits is None
    assert measured.answers.errors.shape == (len(measured.data),) and (measured.answers.errors > 0).all()


# Papers' own splits


@pytest.mark.parametrize("split_by", ["song", "window"])
@pytest.mark.parametrize("genres", [(), ("high", "low")])
@pytest.mark.parametrize("network", ["two-layer", "vanilla-autoencoder"])
def test_under_a_papers_split_no_window_that_was_learnt_is_measured(
    three: World, split_by: Any, genres: tuple[str, ...], network: str
) -> None:
    drawn = Protocol(split_by, 0.25, "window", 0.25, seed=3)
    request = replace(WAVES, network=network, name="paper", genres=genres, protocol=drawn)
    dataset = three.dataset()
    data = gather(dataset, request, model_spec(network).defaults, specs_for(dataset, request))
    result = three.train(request)
    measured = measure(three.dataset(), loaded(result), trained_on=training_songs(result.path))
    sides = [keys(side) for side in (data.train, data.validation, measured.data)]
    assert all(sides)
    assert not sides[0] & sides[2] and not sides[1] & sides[2]
    n_clips = sum(clip.genre in (genres or ("high", "low", "mid")) for clip in _all_clips(three))
    assert sum(map(len, sides)) == 3 * n_clips
    assert measured.split_by == split_by == result.description.split_by
    assert result.description.data["leaky"] == (split_by == "window")
    if network == "two-layer":
        found = scored(loaded(result), measured)
        assert found.leaky == (split_by == "window")
        assert ("LEAKY" in protocol(measured, found)) == found.leaky


def _all_clips(three: World) -> list[Example]:
    return examples(three.dataset(), (feature("wave-pooled", 3.0),), None)


def test_under_a_papers_split_some_genres_are_measured_on_the_same_windows(three: World) -> None:
    """The split is drawn over all that was learnt from, not over what is asked for."""
    result = three.train(replace(WAVES, name="paper", protocol=Protocol("window", 0.3, "window", 0.2)))
    everything = measure(three.dataset(), loaded(result)).data
    low = measure(three.dataset(), loaded(result), of_genres=("low",)).data
    of_low = {key for key in keys(everything) if _genre(everything, key) == "low"}
    assert keys(low) == of_low and 0 < len(of_low) < len(keys(everything))


def _genre(data: WindowDataset, key: tuple[str, int]) -> str:
    return next(clip.genre for clip in data.clips if clip.key == key[0])


def test_a_papers_split_is_of_the_models_own_dataset(three: World) -> None:
    result = three.train(replace(WAVES, name="paper", protocol=Protocol("window", 0.3, "window", 0.2)))
    three.ingest(dataset="other", features=("wave-pooled",), seed=1)
    measured = measure(three.dataset("other"), loaded(result))
    assert measured.split_by == "song"
    assert {clip.key for clip in measured.data.clips} == {
        clip.key
        for clip in examples(three.dataset("other"), result.description.features, "test")
        if clip.genre != "mid"
    }


def test_songs_that_moved_to_the_test_part_of_a_grown_dataset_are_left_out(tmp_path: Path) -> None:
    with world(tmp_path, n_songs=6) as growing:
        growing.ingest(features=("wave-pooled",))
        request = replace(WAVES, genres=(), protocol=Protocol("song", 0.3, "song", 0.2, seed=1))
        result = growing.train(request)
        add_songs(growing.library, {"low": 200.0, "high": 2000.0}, 12)
        growing.ingest(features=("wave-pooled",))
        seen = training_songs(result.path)
        moved = set(measure(growing.dataset(), loaded(result)).songs) & seen
        measured = measure(growing.dataset(), loaded(result), trained_on=seen)
        assert moved and not set(measured.songs) & seen
        assert f"{len(moved)} test songs that the model was trained on are left out" in measured.notes
