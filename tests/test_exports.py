"""ONNX files: every network's answers, under any batch size, by onnxruntime."""

from __future__ import annotations

import importlib.util
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from groovecli.errors import GrooveError, ModelError, StorageError, UsageError
from groovecli.features.lyrics import LyricsSpec
from groovecli.features.segments import SegmentsSpec
from groovecli.features.spec import ImageSpec
from groovecli.features.word_vectors import WordVectors, store
from groovecli.models.loaded import LoadedModel, Ready
from groovecli.models.onnx import Exported, Flat, _run, check_export, export
from groovecli.models.onnx_recipe import recipe_of
from groovecli.models.weights import build_for
from groovecli.networks.registry import NETWORKS, ModelSpec
from tests.small import describing

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")
pytest.importorskip("onnxscript")
SHORT = ("time-cnn", "mel-lstm", "cldnn")


def small(row: ModelSpec, folder: Path) -> LoadedModel:
    """A network that was never trained, for short inputs where it takes them: exporting is slow."""
    vectors = WordVectors(("dark", "sun"), np.eye(2, 5, dtype=np.float32))
    store(folder / "words", vectors)
    about = describing(row.name, genres=("a", "b", "c") if row.has_genres else ())
    specs = tuple(
        replace(spec, n_frames=8) if isinstance(spec, SegmentsSpec)
        else replace(spec, width=5, vectors=vectors.id) if isinstance(spec, LyricsSpec)
        else replace(spec, n_frames=20) if isinstance(spec, ImageSpec) and row.name in SHORT
        else spec
        for spec in about.features
    )  # fmt: skip
    about = replace(about, features=specs)
    torch.manual_seed(0)
    return LoadedModel(
        about, Ready(build_for(about).eval(), torch.device("cpu")), "id", vectors=folder / "words"
    )


@pytest.mark.parametrize("row", NETWORKS.values(), ids=lambda row: row.name)
def test_every_network_answers_the_same_under_any_batch(row: ModelSpec, tmp_path: Path) -> None:
    model = small(row, tmp_path)
    found = export(model, tmp_path / "m.onnx")
    assert isinstance(found, Exported) and found.largest_difference < 1e-4
    session = onnxruntime.InferenceSession(tmp_path / "m.onnx")
    assert [port.name for port in found.inputs] == list(row.features)
    for n in (1, 5):
        given = [torch.rand(n, *port.shape) for port in found.inputs]
        with torch.inference_mode():
            ours = Flat(model.network, len(given)).named(*given)
        fed = {port.name: x.numpy() for port, x in zip(found.inputs, given, strict=True)}
        theirs = session.run([port.name for port in found.outputs], fed)
        assert list(ours) == [port.name for port in found.outputs]
        for port, mine, answer in zip(found.outputs, ours.values(), theirs, strict=True):
            assert answer.shape == (n, *port.shape)
            assert np.abs(mine.numpy() - answer).max() < 1e-4


def test_the_file_says_what_it_is_and_is_one_file(tmp_path: Path) -> None:
    model = small(NETWORKS["two-layer"], tmp_path)
    found = export(model, tmp_path / "m.ONNX")
    written = onnx.load(found.path)
    onnx.checker.check_model(written)
    said = {entry.key: entry.value for entry in written.metadata_props}
    description = json.loads(said["groove"])
    assert description.pop("recipe") == json.loads(json.dumps(recipe_of(model)))
    assert description == json.loads(json.dumps(model.description.to_json()))
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["m.ONNX"]
    assert found.path.stat().st_size == found.n_bytes


def test_nothing_is_logged_or_warned(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], recwarn: pytest.WarningsRecorder
) -> None:
    export(small(NETWORKS["two-layer"], tmp_path), tmp_path / "m.onnx")
    assert capfd.readouterr() == ("", "")
    assert not list(recwarn)


def test_a_file_that_answers_otherwise_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def off(*arguments: Any) -> dict[str, np.ndarray]:
        return {name: answer + 0.01 for name, answer in _run(*arguments).items()}

    monkeypatch.setattr("groovecli.models.onnx._run", off)
    with pytest.raises(ModelError, match="gives other figures"):
        export(small(NETWORKS["two-layer"], tmp_path), tmp_path / "m.onnx")
    assert [path.name for path in tmp_path.iterdir()] == ["words"]


def test_a_missing_package_is_named_with_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "onnxscript" else object()
    )
    with pytest.raises(GrooveError, match="needs the package onnxscript") as caught:
        check_export(tmp_path / "m.onnx")
    assert caught.value.hint == "install it: `pip install onnxscript`"


def test_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"m\.pt"):
        check_export(tmp_path / "m.pt")


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match=r"m\.onnx"):
        export(small(NETWORKS["two-layer"], tmp_path), tmp_path / "file" / "m.onnx")
