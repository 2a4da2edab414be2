"""Which model serves, choosing one, removing one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from groovecli.errors import ModelError, StorageError, UsageError
from groovecli.files import write_json
from groovecli.home import Home
from groovecli.models.shelf import Shelf
from groovecli.models.tested import keep_test, note_of, own_test_of
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


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'{"model": 7}', b'{"more": "x"}', b'{"classify": [1]}', b"\xff", b"[" * 99999],
)
def test_a_damaged_choice_is_said_and_another_one_mends_it(content: bytes) -> None:
    choose("some")
    Home.default().model_in_use.write_bytes(content)
    with pytest.raises(ModelError, match="which model you chose can't be read") as caught:
        shelf().find()
    assert "groove models use --default" in caught.value.hint
    now = shelf().serving()
    assert now.classify is None and set(now.faults) == {"classify", "embed"} and len(now.fault_lines()) == 1
    put("some")
    assert shelf().use("some", force=True).uses == ("classify",)
    assert shelf().serving().faults == {}


def test_the_choice_of_an_older_groove_is_for_everything() -> None:
    put("old")
    choose("old")
    assert shelf().serving().uses_of(shelf().find("old")) == ("classify", "embed", "cluster")
    shelf().use("ours", ("classify",))
    assert shelf().find().name == "old" and shelf().find(with_genres=True).name == "ours"


def test_a_choice_that_is_a_path_is_refused() -> None:
    choose("../some")
    with pytest.raises(UsageError, match="can't be the name of a model"):
        shelf().find()


def test_a_home_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("GROOVE_HOME", str(tmp_path / "file" / "home"))
    with pytest.raises(StorageError, match="model-in-use"):
        shelf().use("ours")


# The order of those that serve


def test_no_training_takes_over() -> None:
    put("new", day=9)
    put("squeeze", "vanilla-autoencoder", day=10)
    assert shelf().find().name == shelf().find(with_genres=True).name == "ours"
    assert shelf().serving().uses_of(shelf().find("ours")) == ("classify", "embed", "cluster")


def test_what_is_named_goes_before_what_was_chosen_and_that_before_the_included() -> None:
    put("old", day=1)
    put("new", day=2)
    shelf().use("old", force=True)
    assert shelf().find(with_genres=True).name == "old"
    assert shelf().find("new", with_genres=True).name == "new"
    shelf().use("ours")
    assert shelf().find(with_genres=True).is_shipped
    assert shelf().use_default().embed == shelf().find("ours")


def test_a_networks_name_chooses_its_latest_training_for_good() -> None:
    put("old", day=1)
    put("new", day=2)
    assert shelf().use("two-layer", force=True).model.name == "new"
    put("newer", day=3)
    assert shelf().find(with_genres=True).name == "new"


def test_what_is_measured_without_a_name_is_chosen_or_the_latest_with_genres() -> None:
    assert shelf().measurable().name == "ours"
    put("old", day=1)
    put("new", day=2)
    put("squeeze", "vanilla-autoencoder", day=3)
    assert shelf().measurable().name == "new"
    shelf().use("old", force=True)
    assert shelf().measurable().name == "old"
    shutil.rmtree(Home.default().models / "old")
    with pytest.raises(ModelError, match="not there any more"):
        shelf().measurable()


def test_a_pulled_model_serves_only_when_it_is_chosen() -> None:
    put("published", "musicnn", day=9)
    assert shelf().find().name == "ours"
    shelf().use("musicnn")
    assert shelf().find().name == "published"


def test_a_model_without_genres_is_not_chosen_to_classify() -> None:
    put("published", "musicnn")
    with pytest.raises(ModelError, match=r"published names no genres") as caught:
        shelf().use("published", ("classify",))
    assert "--for embed,cluster" in caught.value.hint
    assert shelf().use("published").uses == ("embed", "cluster")
    choose("published")  # as an older groove wrote it
    with pytest.raises(ModelError, match=r"published .network musicnn. names no genres"):
        shelf().find(with_genres=True)
    now = shelf().serving()
    assert now.classify is None and now.embed is not None and set(now.faults) == {"classify"}


@pytest.mark.parametrize(
    ("uses", "served"),
    [
        ((), ("classify",)),
        (("embed",), ("embed", "cluster")),
        (("cluster",), ("embed", "cluster")),
        (("classify", "cluster"), ("classify", "embed", "cluster")),
        (("classify", "embed", "cluster"), ("classify", "embed", "cluster")),
    ],
)
def test_a_model_serves_what_it_was_chosen_for(uses: tuple[str, ...], served: tuple[str, ...]) -> None:
    put("mine")
    assert shelf().use("mine", uses, force=True).uses == served
    now = shelf().serving()
    assert now.uses_of(shelf().find("mine")) == served
    rest = tuple(use for use in ("classify", "embed", "cluster") if use not in served)
    assert now.uses_of(shelf().find("ours")) == rest


def test_there_are_no_other_uses() -> None:
    with pytest.raises(UsageError, match="no model can be used for 'search'"):
        shelf().use("ours", ("search",))


def measured_as(name: str, judgement: str) -> None:
    """Write what a model's test gave."""
    verdict = {
        "n_right": 6,
        "n_songs": 30,
        "accuracy": {"value": 0.2, "low": 0.1, "high": 0.35},
        "guess": 0.2,
        "guess_genre": "low",
        "judgement": judgement,
    }
    folder = Home.default().models / name
    keep_test(folder, verdict, dataset="default", split_by="song", leaky=False)


@pytest.mark.parametrize(
    ("judgement", "said"), [("worse", "worse than guessing"), ("no-better", "no better than guessing")]
)
def test_a_model_that_guesses_classifies_only_by_force(judgement: str, said: str) -> None:
    put("poor")
    measured_as("poor", judgement)
    with pytest.raises(ModelError, match=f"poor is {said}") as caught:
        shelf().use("poor")
    assert "guessing (20 %); 20 % of 30 test songs right (10 to 35 %)" in caught.value.what
    assert "groove models use poor --force" in caught.value.hint
    assert shelf().chosen() is None
    assert shelf().use("poor", ("embed",)).notes == ()
    (note,) = shelf().use("poor", force=True).notes
    assert "--force" in note and shelf().find(with_genres=True).name == "poor"


def test_a_model_that_was_never_tested_classifies_only_by_force() -> None:
    put("new")
    never = "new was never tested, so it is not known to be better than guessing"
    with pytest.raises(ModelError, match=never) as caught:
        shelf().use("new")
    assert "`groove evaluate new` tests it" in caught.value.hint
    assert "`groove models use new --force`" in caught.value.hint
    assert shelf().chosen() is None
    assert shelf().use("new", ("embed",)).notes == ()
    assert shelf().use("new", force=True).notes == (f"{never}; --force uses it all the same",)
    measured_as("new", "better")
    assert shelf().use("new").notes == ()


def test_the_first_line_names_model_accuracy_and_date() -> None:
    put("mine", day=7)
    about = shelf().find("mine")
    assert note_of(about).text == "model: mine (made 2026-01-07; never tested)"
    measured_as("mine", "better")
    assert note_of(about).text == "model: mine (20 % right on 30 test songs; made 2026-01-07)"
    assert note_of(about).to_json()["test"]["n_right"] == 6
    assert note_of(shelf().find("ours")).text.startswith("model: ours (included, made 2026-01-01")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"n_right": 7, "n_songs": 3}', "\0"])
def test_a_damaged_test_is_none(text: str) -> None:
    put("mine")
    (Home.default().models / "mine" / "test.json").write_text(text)
    assert own_test_of(shelf().find("mine")) is None


def test_a_better_model_that_is_not_in_use_is_seen() -> None:
    def better() -> str | None:
        found = shelf().better_than_served(shelf().find(with_genres=True))
        return found and found.name

    put("mine", day=5)
    assert better() is None
    measured_as("mine", "better-by-unknown")
    put("poor", day=6)
    measured_as("poor", "no-better")
    assert better() == "mine"
    shelf().use("mine", force=True)
    assert better() is None
    shelf().use("ours")  # the user wants it so
    assert better() is None


def test_damaged_models_are_counted() -> None:
    put("mine")
    put("broken")
    (Home.default().models / "broken" / "model.safetensors").write_bytes(b"oh")
    assert [model.name for model in shelf().trained()] == ["mine"]
    (damaged,) = shelf().damaged()
    assert damaged.name == "broken"
    assert "broken" in damaged.error.what and "delete the folder" in damaged.error.hint


def test_a_damaged_latest_model_is_said_and_not_passed_over() -> None:
    put("two-layer-1")
    put("two-layer-2", day=2)
    (Home.default().models / "two-layer-2" / "model.safetensors").write_bytes(b"oh")
    for ask in (shelf().measurable, lambda: shelf().find("two-layer")):
        with pytest.raises(ModelError, match="latest model two-layer-2 is damaged") as caught:
            ask()
        assert "two-layer-1" in caught.value.hint
    put("two-layer-3", day=3)
    assert shelf().measurable().name == shelf().find("two-layer").name == "two-layer-3"


def test_a_damaged_included_model_is_named(shipped: Path) -> None:
    (shipped / "ours" / "model.safetensors").write_bytes(b"oh")
    with pytest.raises(ModelError, match=r"ours.* can't be used"):
        shelf().find()
    assert "ours" in shelf().serving().fault_lines()[0]


def test_two_models_may_share() -> None:
    put("squeeze", "vanilla-autoencoder", day=9)
    shelf().use("squeeze")
    now = shelf().serving()
    assert now.uses_of(shelf().find("squeeze")) == ("embed", "cluster")
    assert now.uses_of(shelf().find("ours")) == ("classify",)


def test_a_choice_that_is_gone_says_how_to_go_back() -> None:
    put("some")
    shelf().use("some", force=True)
    (Home.default().models / "some" / "model.safetensors").unlink()
    with pytest.raises(ModelError, match=r"some, which .* is not there any more") as caught:
        shelf().find(with_genres=True)
    assert "groove models use --default" in caught.value.hint
    now = shelf().serving()
    assert now.classify is None and now.embed == shelf().find("ours")
    assert shelf().use_default().embed == shelf().find("ours")


def test_using_what_is_not_there_names_the_nearest_and_changes_nothing() -> None:
    put("evening")
    shelf().use("evening", force=True)
    with pytest.raises(ModelError, match="no model 'evenin'") as caught:
        shelf().use("evenin", force=True)
    assert caught.value.hint == "did you mean 'evening'?"
    assert shelf().chosen() == "evening"


def test_a_published_network_that_is_not_here_says_how_to_get_it() -> None:
    with pytest.raises(ModelError, match="not here yet") as caught:
        shelf().find("musicnn")
    assert "groove models pull musicnn" in caught.value.hint


def test_a_folder_that_was_renamed_is_found_by_its_new_name() -> None:
    put("before")
    (Home.default().models / "before").rename(Home.default().models / "after")
    assert shelf().use("after", force=True).model.name == "after"
    assert shelf().find(with_genres=True).path.parent.name == "after"
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
    shelf().use("some", force=True)
    assert shelf().remove("some").was_chosen
    assert shelf().chosen() is None
    assert shelf().find().name == "ours"


def test_another_choice_outlives_a_removal() -> None:
    put("some")
    put("other")
    shelf().use("other", force=True)
    shelf().remove("some")
    assert shelf().chosen() == "other"


def test_shipped_models_stay(shipped: Path) -> None:
    with pytest.raises(ModelError, match="ours is included in groove"):
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
    with pytest.raises(UsageError, match="can't be the name of a model"):
        shelf().remove(name)


def test_a_linked_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "music").mkdir()
    Home.default().models.mkdir(parents=True)
    (Home.default().models / "some").symlink_to(tmp_path / "music")
    with pytest.raises(StorageError):
        shelf().remove("some")
    assert (tmp_path / "music").is_dir()
