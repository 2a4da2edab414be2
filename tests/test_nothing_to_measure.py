"""Where no test song is left to measure a model on, it says why, and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from groovecli.datasets.examples import examples
from groovecli.errors import DatasetError, NothingToMeasure
from groovecli.evaluation import measure as measuring
from groovecli.evaluation.measure import evaluate
from groovecli.models.loaded import LoadedModel
from groovecli.training.protocols import Protocol
from tests.small import World, describing, loaded, untrained, world


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("small"), n_songs=8) as made:
        made.ingest(test_share=0.5)
        yield made


def model_of(made: World, **changes: object) -> LoadedModel:
    return loaded(untrained(made.root / "model.safetensors", describing(clip_s=3.0, **changes)))


def named(model: LoadedModel, **changes: object) -> LoadedModel:
    return replace(model, description=replace(model.description, **changes))


def test_all_were_learnt_from_since_the_dataset_was_split_anew(small: World) -> None:
    model = model_of(small)
    learnt = frozenset(
        clip.track_id for clip in examples(small.dataset(), model.description.features, None)
    )
    own = named(model, dataset="default")
    with pytest.raises(
        DatasetError, match=r"some.*trained on all 8 test songs.*'default'.*split again"
    ) as told:
        evaluate(small.dataset(), own, trained_on=learnt)
    assert told.value.hint and "groove train --dataset default" in told.value.hint
    with pytest.raises(DatasetError, match=r"trained on all 4 test songs"):
        evaluate(small.dataset(), own, of_genres=("low",), trained_on=learnt)


def test_all_are_in_the_models_own_dataset_too(small: World) -> None:
    small.ingest(dataset="other", test_share=0.5, seed=7)
    model = named(model_of(small), dataset="another")
    learnt = frozenset(small.dataset("other").songs)
    with pytest.raises(
        DatasetError, match=r"dataset 'other'; they are in its own dataset, 'another'"
    ) as told:
        evaluate(small.dataset("other"), model, trained_on=learnt)
    assert told.value.hint and "--dataset another" in told.value.hint


def test_the_included_model_that_it_starts_from_learned_them(
    small: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset, transfer = (
        small.dataset(),
        named(model_of(small), name="mine", training={"base": "groove-net"}),
    )
    test_songs = {key for key, song in dataset.songs.items() if song.side == "test"}
    learnt = frozenset(test_songs)
    monkeypatch.setattr(measuring, "training_songs", lambda _: learnt)
    what = "groove-net, which mine starts from, learned all 8 test songs of dataset 'default'"
    with pytest.raises(NothingToMeasure, match=f"^{what}: they can't test it$") as told:
        evaluate(dataset, transfer, trained_on=learnt)
    assert "`groove evaluate mine --dataset NAME`" in told.value.hint
    some = frozenset(sorted(test_songs)[:3])
    monkeypatch.setattr(measuring, "training_songs", lambda _: some)
    by_itself = sorted(test_songs)[3]
    notes = evaluate(dataset, transfer, trained_on=some | {by_itself}).notes
    assert "3 of 8 test songs are left out: groove-net, which mine starts from, learned them" in notes
    assert "1 test song that the model was trained on is left out" in notes


def test_an_included_model_that_learned_them_has_no_dataset_here(
    small: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, learnt = named(model_of(small), name="groove-net"), frozenset(small.dataset().songs)
    monkeypatch.setattr(measuring, "training_songs", lambda _: learnt)
    with pytest.raises(NothingToMeasure, match=r"^groove-net learned all 8 test songs of dataset") as told:
        evaluate(small.dataset(), model, trained_on=learnt)
    assert "`groove evaluate groove-net --dataset NAME`" in told.value.hint


def test_none_is_of_the_models_genres(small: World) -> None:
    model = model_of(small, genres=("jazz", "rock"))
    match = r"no test song of some's genres \(jazz, rock\): its 8 test songs are of high, low"
    with pytest.raises(DatasetError, match=match) as told:
        evaluate(small.dataset(), model)
    assert told.value.hint and "another model" in told.value.hint
    training = {**model.description.training, "protocol": Protocol("song", 0.5, "song", 0.1).to_json()}
    papers = named(model, dataset="default", training=training)
    with pytest.raises(DatasetError, match=r"no test song of some's genres"):
        evaluate(small.dataset(), papers)


def test_there_is_no_test_song_at_all(small: World) -> None:
    dataset = small.dataset()
    songs = {key: replace(song, side="train") for key, song in dataset.songs.items()}
    clips = tuple(replace(item, side="train") for item in dataset.clips)
    with pytest.raises(DatasetError, match=r"'default' has no test song$"):
        only_train = replace(dataset, songs=songs)
        vars(only_train)["clips"] = clips  # as if they had been read
        evaluate(only_train, model_of(small))
