"""Pulling published models, from a wheel that the test writes; nothing here needs a network."""

from __future__ import annotations

import hashlib
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from groovecli.errors import ModelError, StorageError, UsageError
from groovecli.home import Home
from groovecli.models import pull as published
from groovecli.models.file import describe
from groovecli.models.loaded import load_model
from groovecli.models.pull import PUBLICATIONS, Publication, PublishedFile, Pulled, pull
from groovecli.models.shelf import Shelf
from groovecli.networks.build import build
from groovecli.networks.musicnn import from_tensorflow
from tests.small import describing, untrained
from tests.test_bundles import bundle
from tests.test_musicnn import SHAPE, tensorflow_weights

pytestmark = pytest.mark.usefixtures("home")
LICENCE = b"Copyright (c) somebody.\n\nPermission is granted.\n"
NAMES = ("musicnn-msd", "musicnn-mtt")


def member(path: str, content: bytes) -> PublishedFile:
    return PublishedFile(path, hashlib.sha256(content).hexdigest())


def fetched(source: Publication, wheel: Path | None = None) -> Pulled:
    """Pull into the home that the environment names."""
    return pull(source, Home.default().models, wheel)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Publication, Path]:
    """A wheel like musicnn's with other weights, and the source that knows its hashes."""
    real, files = PUBLICATIONS["musicnn"], {PUBLICATIONS["musicnn"].licence.path: LICENCE}
    checkpoints = []
    for seed, checkpoint in enumerate(real.checkpoints):
        index, data = bundle(tensorflow_weights(seed), per_block=20)
        files |= {checkpoint.index.path: index, checkpoint.data.path: data}
        paths = checkpoint.index.path, checkpoint.data.path
        checkpoints.append(replace(checkpoint, index=member(paths[0], index), data=member(paths[1], data)))
    path = tmp_path_factory.mktemp("wheel") / real.wheel.path
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return (
        replace(
            real,
            wheel=member(real.wheel.path, path.read_bytes()),
            licence=member(real.licence.path, LICENCE),
            checkpoints=tuple(checkpoints),
        ),
        path,
    )


def nothing_is_there() -> bool:
    return not list(Home.default().models.glob("*"))


class Pip:
    """Stands for subprocess.run: puts a file where pip was told to, or fails."""

    def __init__(self, wheel: Path | None, stderr: str = "") -> None:
        self.wheel, self.stderr = wheel, stderr
        self.commands: list[list[str]] = []

    def __call__(self, command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        self.commands.append(command)
        if self.wheel is not None:
            folder = Path(command[command.index("--dest") + 1])
            (folder / self.wheel.name).write_bytes(self.wheel.read_bytes())
        return subprocess.CompletedProcess(command, self.wheel is None, "", self.stderr)


# What is pulled


def test_pulled_models_answer_as_the_checkpoints(made: tuple[Publication, Path]) -> None:
    source, wheel = made
    pulled = fetched(source, wheel)
    assert pulled.is_new and [model.name for model in pulled.models] == list(NAMES)
    x = torch.rand(1, *SHAPE)
    for seed, model in enumerate(pulled.models):
        expected = build("musicnn", [SHAPE]).eval()
        expected.load_state_dict(from_tensorflow(tensorflow_weights(seed)))
        network = load_model(model, torch.device("cpu")).network
        with torch.no_grad():
            assert torch.equal(network(x).embedding, expected(x).embedding)


def test_a_pulled_model_says_what_it_is_and_carries_its_licence(made: tuple[Publication, Path]) -> None:
    model = fetched(*made).models[0]
    about = model.description
    assert len(about.data["tags"]) == 50 and about.genres == ()
    for text in (about.licence, model.card or ""):
        assert "ISC" in text and LICENCE.decode().strip() in text
    assert "rock, pop" in (model.card or "")


def test_pulled_again_it_is_the_same_file(made: tuple[Publication, Path]) -> None:
    first = fetched(*made).models[0]
    before = first.path.read_bytes()
    first.path.unlink()
    assert fetched(*made).is_new
    assert first.path.read_bytes() == before


def test_what_is_here_needs_no_network(
    made: tuple[Publication, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched(*made)
    monkeypatch.setattr(published.subprocess, "run", Pip(None))
    again = fetched(made[0])
    assert not again.is_new
    assert Shelf(Home.default()).find("musicnn-mtt") in again.models


def test_a_damaged_one_is_pulled_again(made: tuple[Publication, Path]) -> None:
    model = fetched(*made).models[1]
    model.path.write_bytes(b"oh")
    assert fetched(*made).is_new
    assert describe(model.path).name == "musicnn-mtt"


def test_a_users_model_of_that_name_is_left_alone(made: tuple[Publication, Path]) -> None:
    path = Home.default().models / NAMES[1] / "model.safetensors"
    untrained(path, describing("two-layer", name=NAMES[1]))
    before = path.read_bytes()
    with pytest.raises(ModelError, match="you have a model 'musicnn-mtt' already") as caught:
        fetched(*made)
    assert "groove models remove musicnn-mtt" in caught.value.hint
    assert path.read_bytes() == before


# Fetching


def test_pip_fetches_the_wheel_alone_and_runs_nothing_of_it(
    made: tuple[Publication, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    pip = Pip(made[1])
    monkeypatch.setattr(published.subprocess, "run", pip)
    assert fetched(made[0]).is_new
    (command,) = pip.commands
    assert command[1:4] == ["-m", "pip", "download"] and command[-1] == "musicnn==0.1.0"
    assert "--no-deps" in command
    assert command[command.index("--only-binary") + 1] == ":all:"
    assert not Path(command[command.index("--dest") + 1]).exists()


@pytest.mark.parametrize("stderr", ["", "WARNING: slow\nERROR: No matching distribution found\n"])
def test_no_network_is_one_line(
    made: tuple[Publication, Path], monkeypatch: pytest.MonkeyPatch, stderr: str
) -> None:
    monkeypatch.setattr(published.subprocess, "run", Pip(None, stderr))
    with pytest.raises(ModelError, match=r"can't download musicnn==0\.1\.0") as caught:
        fetched(made[0])
    assert "\n" not in caught.value.what and "--wheel" in caught.value.hint
    assert ("No matching" in caught.value.what) == bool(stderr)
    assert nothing_is_there()


# What is not what was published


def test_a_wheel_with_another_hash_is_refused_and_nothing_is_kept(
    made: tuple[Publication, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = tmp_path / made[1].name
    changed.write_bytes(made[1].read_bytes() + b"\0")
    with pytest.raises(ModelError, match=r"not what its authors published.*nothing was kept"):
        fetched(made[0], changed)
    monkeypatch.setattr(published.subprocess, "run", Pip(changed))
    with pytest.raises(ModelError, match="not what its authors published"):
        fetched(made[0])
    assert nothing_is_there()


@pytest.mark.parametrize("part", ["index", "data"])
def test_a_checkpoint_with_another_hash_is_refused_and_nothing_is_kept(
    made: tuple[Publication, Path], part: str
) -> None:
    source, wheel = made
    first, last = source.checkpoints
    wrong = replace(getattr(last, part), sha256="0" * 64)
    with pytest.raises(ModelError, match=r"MTT_musicnn.* is not what its authors published"):
        fetched(replace(source, checkpoints=(first, replace(last, **{part: wrong}))), wheel)
    assert nothing_is_there()


def test_the_hashes_are_whole_and_differ() -> None:
    for source in PUBLICATIONS.values():
        members = [source.wheel, source.licence]
        members += [each for point in source.checkpoints for each in (point.index, point.data)]
        assert {len(each.sha256) for each in members} == {64}
        assert len({each.sha256 for each in members}) == len(members)


def test_a_wheel_that_is_not_there(made: tuple[Publication, Path], tmp_path: Path) -> None:
    for path in (tmp_path / "none.whl", tmp_path):
        with pytest.raises(ModelError, match=f"cannot read {path}"):
            fetched(made[0], path)


def test_a_home_that_cannot_be_written(
    made: tuple[Publication, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("GROOVE_HOME", str(tmp_path / "file"))
    with pytest.raises(StorageError, match="cannot write"):
        fetched(*made)


def test_a_write_that_fails_leaves_no_half_model(
    made: tuple[Publication, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise StorageError("the disk is full")

    monkeypatch.setattr(published, "save_model", full)
    with pytest.raises(StorageError):
        fetched(*made)
    assert nothing_is_there()


@pytest.mark.parametrize("name", ["musicnn", *NAMES])
def test_a_source_goes_by_its_own_name_and_its_models(name: str) -> None:
    assert published.source(name) is PUBLICATIONS["musicnn"]


def test_an_unknown_source_gets_the_nearest_name() -> None:
    with pytest.raises(UsageError, match="'musicn'") as caught:
        published.source("musicn")
    assert caught.value.hint == "did you mean 'musicnn'?"
