"""Which model serves, choosing one, removing one."""

from __future__ import annotations

from pathlib import Path

import pytest

from groovecli.errors import ModelError, StorageError, UsageError
from groovecli.files import write_json
from groovecli.home import Home
from groovecli.models.shelf import Shelf
from tests.small import describing, untrained

pytestmark = pytest.mark.usefixtures("home")


def shelf() -> Shelf:
    """The models of the home that the environment names."""
    return Shelf(Home.default())


def choose(name: str) -> None:
    """Write a choice, whether there is such a model or not."""
    write_json(Home.default().model_in_use, {"model": name})


@pytest.fixture(autouse=True)
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of shipped models with one in it."""
    folder = tmp_path / "pretrained"
    put("ours", folder=folder)
    monkeypatch.setattr("groovecli.models.shelf.shipped", lambda _: folder)
    return folder


def put(name: str, network: str = "two-layer", day: int = 1, folder: Path | None = None) -> None:
    genres = () if network in ("musicnn", "vanilla-autoencoder") else ("high", "low")
    created = f"2026-01-{day:02}T00:00:00+00:00"
    description = describing(network, name=name, genres=genres, created=created, clip_s=3.0)
    untrained((folder or Home.default().models) / name / "model.safetensors", description)


# The choice


def test_nothing_is_chosen_at_first() -> None:
    assert shelf().chosen() is None
    assert shelf().serving().chosen is None


def test_a_choice_lasts_until_it_is_forgotten() -> None:
    choose("some")
    assert shelf().chosen() == "some"
    shelf().use_default()
    shelf().use_default()
    assert shelf().chosen() is None


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"model": 7}', b'{"more": "x"}', b"\xff"])
def test_a_damaged_choice_is_none(content: bytes) -> None:
    choose("some")
    Home.default().model_in_use.write_bytes(content)
    assert shelf().chosen() is None
    assert shelf().find().name == "ours"


def test_a_choice_that_is_a_path_is_refused() -> None:
    choose("../some")
    with pytest.raises(UsageError, match="cannot name a model"):
        shelf().find()


def test_a_home_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("GROOVE_HOME", str(tmp_path / "file" / "home"))
    with pytest.raises(StorageError, match="model-in-use"):
        shelf().use("ours")


# The order of those that serve


def test_what_is_named_goes_before_what_was_chosen_and_that_before_the_default() -> None:
    put("old", day=1)
    put("new", day=2)
    assert shelf().find().name == "new"
    shelf().use("old")
    assert shelf().find().name == "old"
    assert shelf().find("new").name == "new"
    shelf().use("ours")
    assert shelf().find().is_shipped
    assert shelf().use_default().embed == shelf().find("new")


def test_a_networks_name_chooses_its_latest_training_for_good() -> None:
    put("old", day=1)
    put("new", day=2)
    assert shelf().use("two-layer").name == "new"
    put("newer", day=3)
    assert shelf().find().name == "new"


def test_a_pulled_model_serves_only_when_it_is_chosen() -> None:
    put("published", "musicnn", day=9)
    assert shelf().find().name == "ours"
    shelf().use("musicnn")
    assert shelf().find().name == "published"


def test_a_chosen_model_without_genres_does_not_classify() -> None:
    put("published", "musicnn")
    shelf().use("published")
    with pytest.raises(ModelError, match=r"published .musicnn. names no genres") as caught:
        shelf().find(with_genres=True)
    assert "--model" in caught.value.hint
    now = shelf().serving()
    assert now.classify is None and now.embed is not None
    assert now.uses_of(now.embed) == ("embed", "cluster")


def test_one_model_may_serve_all_and_two_may_share() -> None:
    assert shelf().serving().uses_of(shelf().find()) == ("classify", "embed", "cluster")
    put("squeeze", "vanilla-autoencoder", day=9)
    now = shelf().serving()
    assert now.uses_of(shelf().find("squeeze")) == ("embed", "cluster")
    assert now.uses_of(shelf().find("ours")) == ("classify",)


def test_a_choice_that_is_gone_says_how_to_go_back() -> None:
    put("some")
    shelf().use("some")
    (Home.default().models / "some" / "model.safetensors").unlink()
    with pytest.raises(ModelError, match=r"some, which .* is not there any more") as caught:
        shelf().find()
    assert "groove models use --default" in caught.value.hint
    assert shelf().serving().embed is None
    assert shelf().use_default().embed == shelf().find("ours")


def test_using_what_is_not_there_names_the_nearest_and_changes_nothing() -> None:
    put("evening")
    shelf().use("evening")
    with pytest.raises(ModelError, match="no model 'evenin'") as caught:
        shelf().use("evenin")
    assert caught.value.hint == "did you mean 'evening'?"
    assert shelf().chosen() == "evening"


def test_a_published_network_that_is_not_here_says_how_to_get_it() -> None:
    with pytest.raises(ModelError, match="not here yet") as caught:
        shelf().find("musicnn")
    assert "groove models pull musicnn" in caught.value.hint


def test_a_folder_that_was_renamed_is_found_by_its_new_name() -> None:
    put("before")
    (Home.default().models / "before").rename(Home.default().models / "after")
    assert shelf().use("after").name == "after"
    assert shelf().find().path.parent.name == "after"
    assert shelf().remove("after").was_chosen


# Removing


def test_a_removed_model_is_gone_with_all_beside_it() -> None:
    put("some")
    (Home.default().models / "some" / "curve.png").touch()
    removed = shelf().remove("some")
    assert not removed.folder.exists() and not removed.was_chosen
    assert shelf().stored("some") is None


def test_removing_the_one_in_use_goes_back_to_the_default() -> None:
    put("some")
    shelf().use("some")
    assert shelf().remove("some").was_chosen
    assert shelf().chosen() is None
    assert shelf().find().name == "ours"


def test_another_choice_outlives_a_removal() -> None:
    put("some")
    put("other")
    shelf().use("other")
    shelf().remove("some")
    assert shelf().chosen() == "other"


def test_shipped_models_stay(shipped: Path) -> None:
    with pytest.raises(ModelError, match="ours ships with groove"):
        shelf().remove("ours")
    assert (shipped / "ours").is_dir()


def test_a_users_model_with_a_shipped_name_can_be_removed(shipped: Path) -> None:
    put("ours")
    assert shelf().remove("ours").folder.parent == Home.default().models
    assert (shipped / "ours").is_dir()


def test_a_damaged_model_can_be_removed() -> None:
    put("some")
    (Home.default().models / "some" / "model.safetensors").write_bytes(b"oh")
    shelf().remove("some")
    assert not (Home.default().models / "some").exists()


@pytest.mark.parametrize("name", ["two-layer", "evenin", "nothing"])
def test_what_is_not_there_is_not_removed(name: str) -> None:
    put("evening")
    with pytest.raises(ModelError, match=f"no model '{name}'"):
        shelf().remove(name)
    assert shelf().stored("evening") is not None


@pytest.mark.parametrize("name", ["..", ".", "", "../outside", "/etc"])
def test_nothing_outside_is_removed(name: str) -> None:
    with pytest.raises(UsageError, match="cannot name a model"):
        shelf().remove(name)


def test_a_linked_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "music").mkdir()
    Home.default().models.mkdir(parents=True)
    (Home.default().models / "some").symlink_to(tmp_path / "music")
    with pytest.raises(StorageError):
        shelf().remove("some")
    assert (tmp_path / "music").is_dir()
