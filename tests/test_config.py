"""Settings and places."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groovecli.cli import settings as config
from groovecli.errors import ExitCode, GrooveError, UsageError
from groovecli.home import Home, genre_folder, shipped
from groovecli.reasons import Reason

pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture(autouse=True)
def _own_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    user = tmp_path / "user.toml"
    monkeypatch.setattr(config, "config_files", lambda: (Path("groove.toml"), user))


def value(name: str, environ: dict[str, str] | None = None) -> tuple[object, str]:
    found = {item.name: item for item in config.resolve(environ or {})}
    return found[name].value, found[name].origin


def test_each_place_wins_over_the_next(tmp_path: Path) -> None:
    assert value("seed") == (0, "default")
    (tmp_path / "user.toml").write_text("seed = 1\njobs = 2\n")
    assert value("seed") == (1, str(tmp_path / "user.toml"))
    Path("groove.toml").write_text("seed = 3\n")
    assert value("seed") == (3, "groove.toml")
    assert value("jobs") == (2, str(tmp_path / "user.toml"))
    assert value("seed", {"GROOVE_SEED": "4"}) == (4, "GROOVE_SEED")


def test_a_file_that_notepad_wrote_is_read() -> None:
    Path("groove.toml").write_text("seed = 3\n", "utf-8-sig")
    assert value("seed") == (3, "groove.toml")


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("jobs", "abc", "whole number"),
        ("jobs", "1.5", "whole number"),
        ("jobs", "-1", "0 or more"),
        ("seed", "-1", "0 or more"),
        ("seed", str(2**32), f"{2**32 - 1} or less"),
        ("seed", str(2**32 - 1), None),
        ("file_timeout", "0", "1 or more"),
        ("file_timeout", "1", None),
        ("max_memory", "much", "such as 2G"),
        ("max_memory", "2G", None),
        ("device", "gpu", "cuda"),
        ("device", "cuda:1", None),
        ("dataset", "a b", "letters"),
        ("dataset", "home", None),
    ],
)
def test_what_no_command_can_use_is_called_invalid(name: str, text: str, problem: str | None) -> None:
    found = {item.name: item for item in config.resolve({f"GROOVE_{name.upper()}": text})}[name]
    assert str(found.value) == text
    assert (problem or "None") in str(found.problem)


def test_an_empty_variable_sets_nothing() -> None:
    Path("groove.toml").write_text("jobs = 2\n")
    assert value("jobs", {"GROOVE_JOBS": ""}) == (2, "groove.toml")


def test_invalid_values_of_files_are_called_so_too() -> None:
    Path("groove.toml").write_text("seed = -1\n")
    assert {item.name: item.problem for item in config.resolve({})}["seed"] == "give 0 or more"


def test_a_user_without_a_home_has_no_file_of_theirs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    without_home(monkeypatch)
    assert config.config_files() == (Path("groove.toml"),)
    monkeypatch.setenv("GROOVE_HOME", "kept")
    assert Home.default().path == Path("kept")
    for name in ("", "~/kept"):
        monkeypatch.setenv("GROOVE_HOME", name)
        with pytest.raises(UsageError, match="no home folder"):
            Home.default()


def without_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """As for a uid that has no line in /etc/passwd."""
    for name in [name for name in os.environ if name == "HOME" or name.startswith(("XDG_", "GROOVE_"))]:
        monkeypatch.delenv(name)

    def nobody(_: object) -> None:
        raise KeyError

    monkeypatch.setattr("pwd.getpwuid", nobody)
    monkeypatch.setattr("pwd.getpwnam", nobody)


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("seed = ", "cannot read"),
        ("sead = 1", "'sead', which is no setting"),
        ('seed = "1"', "sets seed to"),
        ("seed = true", "sets seed to"),
        ("device = 1", "sets device to 1"),
        ("\udcff", "cannot read"),
    ],
)
def test_a_wrong_file_is_named(text: str, match: str) -> None:
    Path("groove.toml").write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(UsageError, match=match) as caught:
        config.resolve({})
    assert "groove.toml" in caught.value.what


def test_every_setting_has_help_and_a_default() -> None:
    assert [item.name for item in config.resolve({})] == [item.name for item in config.SETTINGS]
    assert all(item.help and item.envvar.startswith("GROOVE_") for item in config.SETTINGS)


def test_everything_is_below_home(home: Path) -> None:
    own = Home.default()
    assert own.path == home
    for place in (
        own.catalog,
        own.dataset("a"),
        own.models,
        own.model_in_use,
        own.comparisons,
        own.vectors,
    ):
        assert home in place.parents


@pytest.mark.parametrize("name", ["", ".", "..", "../up", "a/b", "-a", "a b", "a\n", "x" * 65, "é", "\0"])
def test_names_that_are_no_safe_folder_are_refused(name: str) -> None:
    with pytest.raises(UsageError, match="can't be the name of a dataset"):
        Home.default().dataset(name)


@given(st.text(max_size=80), st.text(max_size=80))
def test_a_genre_has_a_folder_of_its_own_that_any_disk_takes(one: str, other: str) -> None:
    folder = genre_folder(one)
    assert 0 < len(folder) <= 60
    assert folder.isascii()
    assert folder == folder.lower().strip()
    assert not set(folder) & set('/\\:*?"<>|.\0\n')
    assert (folder == genre_folder(other)) == (one == other)


def test_plain_genres_keep_their_name() -> None:
    for genre in ("rock", "hip-hop", "drum and bass", "80s"):
        assert genre_folder(genre) == genre


def test_what_does_not_ship_is_an_error() -> None:
    assert shipped("demo").is_dir()
    with pytest.raises(GrooveError, match="lacks its folder nothing"):
        shipped("nothing")


def test_errors_survive_a_worker_and_have_exit_codes() -> None:
    import pickle

    from groovecli import errors

    kinds = [
        kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, GrooveError)
    ]
    for kind in kinds:
        if kind not in (errors.AudioError, errors.FieldError):  # made of other parts
            error = pickle.loads(pickle.dumps(kind("what", "hint")))
            assert (type(error), error.what, error.hint) == (kind, "what", "hint")
        assert isinstance(kind.exit_code, ExitCode)
        assert kind.__name__ in (errors.__doc__ or "")
    damaged = errors.AudioError(Path("a [1].mp3"), Reason.UNDECODABLE, "it is damaged")
    again = pickle.loads(pickle.dumps(damaged))
    assert again.what == damaged.what == "a [1].mp3 cannot be decoded: it is damaged"
    assert (again.path, again.problem) == (damaged.path, damaged.problem)
