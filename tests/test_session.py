"""groove-net by onnxruntime: PyTorch's answers, of the included model and of models made of it."""

from __future__ import annotations

import importlib
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

from groovecli.errors import ModelError
from groovecli.models import loaded, session
from groovecli.models.answers import answers
from groovecli.models.file import WEIGHTS, StoredModel
from groovecli.models.listen import said_of
from groovecli.models.loaded import LoadedModel, load_model, open_model
from groovecli.models.session import TOLERANCE, graph_in, may_have_gpu
from groovecli.models.shelf import shipped_model
from groovecli.models.weights import built, save_model


@pytest.fixture(autouse=True)
def without_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loaded, "may_have_gpu", lambda: False)


def windows(model: LoadedModel, n: int) -> list[np.ndarray]:
    """Bytes that vary as a song's do: from band to band, and from frame to frame."""
    rng = np.random.default_rng(n)
    shapes = [spec.input_shape[1:] for spec in model.description.features]
    levels = [rng.integers(0, 256, (n, bands, 1)) * rng.random((n, 1, frames)) for bands, frames in shapes]
    return [each.astype(np.uint8) for each in levels]


def assert_equal_answers(model: LoadedModel, batches: Sequence[list[np.ndarray]]) -> None:
    assert model.session is not None
    ours, theirs = said_of(model, batches), answers(model, batches)
    for one, other in ((ours.logits, theirs.logits), (ours.embeddings, theirs.embeddings)):
        assert (one is None) == (other is None)
        if one is not None and other is not None:
            assert one.dtype == other.dtype == np.float32
            np.testing.assert_allclose(one, other, rtol=TOLERANCE, atol=TOLERANCE)


def retrained(folder: Path, genres: tuple[str, ...]) -> StoredModel:
    """A model of groove-net with other weights and genres."""
    base = shipped_model("groove-net")
    description = replace(base.description, name="own", network="transfer", genres=genres)
    network = built(base.path, base.description)
    torch.manual_seed(1)
    network.genres = torch.nn.Linear(network.embed.out_features, len(genres))  # type: ignore[union-attr,arg-type]
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            if name.startswith("squares.layers.1"):
                parameter.mul_(1.1)
    folder.mkdir()
    save_model(folder / WEIGHTS, network, description)
    return StoredModel(folder / WEIGHTS, description)


def test_the_included_model_answers_as_by_pytorch() -> None:
    model = open_model(shipped_model("groove-net"))
    assert_equal_answers(model, [windows(model, 2), windows(model, 1)])


def test_a_model_made_of_it_answers_by_its_own_weights_and_genres(tmp_path: Path) -> None:
    model = open_model(retrained(tmp_path / "own", ("a", "b", "c")))
    batches = [windows(model, 2)]
    assert_equal_answers(model, batches)
    included = said_of(open_model(shipped_model("groove-net")), batches)
    assert np.abs(said_of(model, batches).embeddings - included.embeddings).max() > 0.01


def test_it_is_not_used_where_it_does_not_fit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stored = shipped_model("groove-net")
    assert load_model(stored, "cpu").session is None  # PyTorch was asked for
    features = tuple(spec.for_clips_of(10.0) for spec in stored.description.features)
    shorter = open_model(stored)
    assert replace(shorter, description=replace(shorter.description, features=features)).session is None
    monkeypatch.setattr(loaded, "may_have_gpu", lambda: True)
    assert open_model(stored, "auto").session is None
    assert open_model(stored, "cpu").session is not None
    monkeypatch.setattr(session, "find_spec", lambda _: None)
    without = open_model(stored, "cpu")
    assert without.session is None
    assert said_of(without, [windows(without, 1)]).embeddings.shape == (1, 720)


def test_damaged_weights_are_refused_as_by_pytorch(tmp_path: Path) -> None:
    stored = retrained(tmp_path / "own", ("a", "b"))
    content = bytearray(stored.path.read_bytes())
    content[-5] ^= 0x41
    stored.path.write_bytes(content)
    with pytest.raises(ModelError, match="not as they were written"):
        _ = open_model(stored).session


@pytest.mark.parametrize("name", ["genres.weight", "squares.layers.1.weight", "squares.layers.0.weight"])
def test_weights_of_other_shapes_are_refused_as_by_pytorch(tmp_path: Path, name: str) -> None:
    stored = retrained(tmp_path / "own", ("a", "b"))
    arrays = load_file(stored.path)
    arrays[name] = np.ascontiguousarray(arrays[name][:, 1:])
    with safe_open(stored.path, "numpy") as file:
        header = {**file.metadata()}
    told = json.loads(header["groove"])
    told.pop("sha256")  # as in files of an older groove
    save_file(arrays, stored.path, {"groove": json.dumps(told)})
    model = open_model(stored)
    assert model.session is None
    with pytest.raises(ModelError, match="do not fit"):
        said_of(model, [windows(model, 1)])


@pytest.mark.parametrize("genres", [("c", "d"), ("a", "b", "c")])
def test_a_file_that_was_replaced_meanwhile_is_refused(tmp_path: Path, genres: tuple[str, ...]) -> None:
    model = open_model(retrained(tmp_path / "own", ("a", "b")))
    other = retrained(tmp_path / "other", genres)
    other.path.replace(tmp_path / "own" / WEIGHTS)
    with pytest.raises(ModelError, match="replaced"):
        said_of(model, [windows(model, 1)])


def test_devices_of_gpus_are_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    there: set[str] = set()
    monkeypatch.setattr(session.Path, "exists", lambda path: str(path) in there)
    assert not may_have_gpu()
    there.add("/dev/nvidiactl")
    assert may_have_gpu() == (session.sys.platform != "win32")


def test_the_graph_is_what_its_program_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("onnxscript")
    monkeypatch.syspath_prepend(str(Path(__file__).parent.parent / "benchmarks" / "groove_net"))
    program: Any = importlib.import_module("graph")
    monkeypatch.setattr("sys.argv", ["graph.py", str(tmp_path)])
    program.main()
    new, old = graph_in(tmp_path), graph_in(program.SHIPPED)
    assert (new.inputs, new.weights, new.own) == (old.inputs, old.weights, old.own)
