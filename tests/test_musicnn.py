"""musicnn: the network, its feature, its weights, and what must not be done with it."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import librosa
import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812

from groovecli.actions import compare, train
from groovecli.actions.compare import CompareRequest
from groovecli.actions.context import Context
from groovecli.actions.embed import embed
from groovecli.audio.read import fit, load
from groovecli.errors import ModelError, UsageError
from groovecli.features.registry import extract, feature
from groovecli.home import Home
from groovecli.library.catalog import Catalog
from groovecli.models.file import StoredModel
from groovecli.models.loaded import load_model
from groovecli.models.pull import PUBLICATIONS
from groovecli.models.tensorflow import read_bundle
from groovecli.networks.build import build
from groovecli.networks.layers import Branch
from groovecli.networks.musicnn import MSD_TAGS, MTT_TAGS, from_tensorflow
from groovecli.networks.registry import MODELS, NETWORKS, model_spec, trainable_spec
from groovecli.training.request import TrainRequest
from tests.conftest import tone, write_song
from tests.small import describing, untrained

SPEC = feature("mel-96-musicnn")
SHAPE = (96, 187)
_KERNELS = [
    *((7, 38, 1, 204), (7, 67, 1, 204), (128, 1, 1, 51), (64, 1, 1, 51), (32, 1, 1, 51)),
    *((7, 561, 1, 64), (7, 64, 1, 64), (7, 64, 1, 64)),
]
_NORMS = [1, 204, 204, 51, 51, 51, 64, 64, 64, 1506, 200]


@pytest.mark.parametrize("length", [32, 33, 128])
@pytest.mark.parametrize("n_frames", [1, 16, 187])
def test_rhythms_are_what_a_convolution_finds(length: int, n_frames: int) -> None:
    torch.manual_seed(0)
    branch = Branch(5, length, 1).eval()
    with torch.no_grad():
        branch.norm.weight[:2] = -1  # where the weakest band is the strongest
    x = torch.randn(2, 1, n_frames, 96)
    padded = F.pad(x, (0, 0, (length - 1) // 2, length // 2))
    with torch.inference_mode():
        expected = branch.norm(F.relu(branch.convolution(padded))).amax(dim=3)
        assert torch.allclose(branch(x), expected, atol=1e-5)


def suffix(number: int) -> str:
    return f"_{number}" if number else ""


def tensorflow_weights(seed: int = 0) -> dict[str, np.ndarray]:
    """Random weights with the published checkpoints' names and shapes."""
    rng = np.random.default_rng(seed)
    found = {}
    for number, shape in enumerate([*_KERNELS, (1506, 200), (200, 50)]):
        dense = number >= len(_KERNELS)
        name = f"dense{suffix(number - 8)}" if dense else f"conv2d{suffix(number)}"
        found[f"{name}/kernel"] = rng.normal(0, np.prod(shape[:-1]) ** -0.5, shape)
        found[f"{name}/bias"] = rng.normal(0, 0.1, shape[-1])
    for number, size in enumerate(_NORMS):
        name = f"batch_normalization{suffix(number)}"
        found[f"{name}/gamma"] = rng.normal(1, 0.5, size)  # some are negative
        found[f"{name}/beta"] = rng.normal(0, 0.1, size)
        found[f"{name}/moving_mean"] = rng.normal(0, 0.1, size)
        found[f"{name}/moving_variance"] = rng.uniform(0.5, 2, size)
    return {name: array.astype(np.float32) for name, array in found.items()}


def forward(weights: Mapping[str, np.ndarray], patch: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The paper's network on one patch (frames, bands), as TensorFlow would: embedding and tags."""

    def norm(x: np.ndarray, number: int) -> np.ndarray:  # channels last
        mean, variance, gamma, beta = (
            weights[f"batch_normalization{suffix(number)}/{part}"]
            for part in ("moving_mean", "moving_variance", "gamma", "beta")
        )
        return (x - mean) / np.sqrt(variance + 1e-3) * gamma + beta

    def convolved(x: np.ndarray, number: int, before: int, after: int) -> np.ndarray:
        """(time, width) -> (time, width, filters), with ReLU and batch norm."""
        kernel = torch.from_numpy(weights[f"conv2d{suffix(number)}/kernel"]).permute(3, 2, 0, 1)
        padded = torch.from_numpy(np.pad(x, ((before, after), (0, 0)))).float()
        y = F.conv2d(padded[None, None], kernel)[0].permute(1, 2, 0).numpy()
        return norm(np.maximum(y + weights[f"conv2d{suffix(number)}/bias"], 0), number + 1)

    x = norm(patch[:, :, None], 0)[:, :, 0]
    pads = [(3, 3), (3, 3), (63, 64), (31, 32), (15, 16)]
    front = np.concatenate([convolved(x, n, *pad).max(axis=1) for n, pad in enumerate(pads)], axis=1)
    one = convolved(front, 5, 3, 3)[:, 0]
    two = convolved(one, 6, 3, 3)[:, 0] + one
    three = convolved(two, 7, 3, 3)[:, 0] + two
    everything = np.concatenate([front, one, two, three], axis=1)
    assert everything.shape == (187, 753)
    pooled = norm(np.stack([everything.max(axis=0), everything.mean(axis=0)], axis=1).reshape(-1), 9)
    dense = np.maximum(pooled @ weights["dense/kernel"] + weights["dense/bias"], 0)
    embedding = norm(dense, 10)
    logits = embedding @ weights["dense_1/kernel"] + weights["dense_1/bias"]
    return embedding, 1 / (1 + np.exp(-logits))


@pytest.fixture(scope="module")
def weights() -> dict[str, np.ndarray]:
    return tensorflow_weights()


# The network


def test_it_is_the_network_that_was_published(weights: dict[str, np.ndarray]) -> None:
    network = build("musicnn", [SHAPE]).eval()
    network.load_state_dict(from_tensorflow(weights))
    x = torch.rand(2, *SHAPE) * 3
    with torch.no_grad():
        output = network(x)
    assert output.logits is None and output.reconstruction is None
    for number in range(2):
        embedding, tags = forward(weights, x[number].T.numpy())
        assert np.abs(output.embedding[number].numpy() - embedding).max() < 1e-4
        assert np.abs(output.tags[number].numpy() - tags).max() < 1e-5


def test_a_tensor_that_is_missing_is_named(weights: dict[str, np.ndarray]) -> None:
    with pytest.raises(KeyError, match="conv2d_6/bias"):
        from_tensorflow({name: array for name, array in weights.items() if name != "conv2d_6/bias"})


@pytest.mark.parametrize("shapes", [(), ((96,),), ((1, 96, 187),), ((120, 187),), (SHAPE, SHAPE)], ids=str)
def test_inputs_of_other_shapes_are_refused(shapes: tuple[tuple[int, ...], ...]) -> None:
    with pytest.raises(ModelError, match=r"musicnn needs 96 bands.*, not"):
        build("musicnn", shapes)


def test_fifty_tags_each() -> None:
    assert len(set(MSD_TAGS)) == len(set(MTT_TAGS)) == 50
    assert (MSD_TAGS[0], MSD_TAGS[-1], MTT_TAGS[0], MTT_TAGS[-1]) == ("rock", "happy", "guitar", "choral")


def test_it_survives_its_file(tmp_path: Path) -> None:
    stored = untrained(tmp_path / "m", describing("musicnn", genres=()))
    network = load_model(stored, torch.device("cpu")).network
    with torch.no_grad():
        output = network(torch.rand(2, *SHAPE))
    assert output.embedding.shape == (2, model_spec("musicnn").embedding_dim)
    assert output.tags.shape == (2, 50)


def test_it_names_no_genres(tmp_path: Path) -> None:
    description = describing("musicnn", genres=("a", "b"))
    stored = untrained(tmp_path / "m", description)
    with pytest.raises(ModelError, match="2 genres do not fit musicnn"):
        load_model(StoredModel(stored.path, description), torch.device("cpu"))


def test_it_is_shown_few_windows_at_once(tmp_path: Path) -> None:
    """Its first convolution makes 9 MB of a window."""
    stored = untrained(tmp_path / "m", describing("musicnn", genres=()))
    model, seen = load_model(stored, torch.device("cpu")), []
    model.network.register_forward_pre_hook(lambda _, given: seen.append(len(given[0])))
    song = write_song(tmp_path / "song.wav", 30, sr=8000)
    with Catalog(tmp_path / "catalog.db") as catalog:
        found = embed(model, [song], catalog, n_clips=1, jobs=1)
    assert found.vectors.shape == (1, 200)
    assert seen == [4, 4, 2]


# Its feature


def test_its_bands_equal_librosas(demo: Path) -> None:
    song = sorted((demo / "metal").glob("*.opus"))[0]
    y = fit(load(song, sr=16000, start_s=5, length_s=30), 480_000)
    power = librosa.feature.melspectrogram(y=y, sr=16000, n_fft=512, hop_length=256, n_mels=96)
    wanted = np.log10(10000 * power + 1)
    found = extract(y, SPEC)
    assert found.shape == (10, 96, 187) and found.dtype == np.float32
    for number, window in enumerate(found):
        assert np.abs(window - wanted[:, number * 187 : number * 187 + 187]).max() < 1e-4


def test_windows_lie_side_by_side_as_musicnn_cuts_a_song() -> None:
    assert (SPEC.n_windows, SPEC.input_shape, SPEC.window_s) == (10, SHAPE, 2.992)
    assert feature("mel-96-musicnn", 3.0).stored_shape == (1, 96, 187)
    assert feature("mel-96-musicnn", 60.0).stored_shape == (20, 96, 187)


# What must not be done with it


def test_it_is_no_network_to_train() -> None:
    assert "musicnn" not in MODELS and "musicnn" in NETWORKS
    assert all(row.is_trainable for row in MODELS.values())
    with pytest.raises(UsageError, match="can't be trained here") as caught:
        trainable_spec("musicnn")
    assert "groove models pull musicnn" in caught.value.hint


def test_training_and_comparing_refuse_it(home: Path) -> None:
    with Context(Home(home), jobs=1, device="cpu") as context:
        with pytest.raises(UsageError, match="musicnn can't be trained"):
            train.run(TrainRequest(network="musicnn"), context)
        with pytest.raises(UsageError, match="musicnn can't be trained"):
            compare.run(CompareRequest(networks=("time-cnn", "musicnn")), context)


# The published weights: only where somebody gives the wheel, as MUSICNN_WHEEL=FILE

GOLDEN_TAGS = {
    "msd": [0.06273, 0.00929, 0.0556, 0.09032],
    "mtt": [0.00152, 0.00002, 0.03948, 0.0],
}
GOLDEN_EMBEDDINGS = {
    "msd": [-0.1772, 0.074, -0.2848, -0.2751],
    "mtt": [-0.08, 0.731, -0.0923, 0.5644],
}


@pytest.mark.skipif("MUSICNN_WHEEL" not in os.environ, reason="no wheel of musicnn is given")
@pytest.mark.parametrize("name", ["msd", "mtt"])
def test_the_published_weights_answer_as_they_did(name: str) -> None:
    (checkpoint,) = (each for each in PUBLICATIONS["musicnn"].checkpoints if each.name == f"musicnn-{name}")
    with zipfile.ZipFile(os.environ["MUSICNN_WHEEL"]) as archive:
        tensors = read_bundle(archive.read(checkpoint.index.path), archive.read(checkpoint.data.path))
    network = build("musicnn", [SHAPE]).eval()
    network.load_state_dict(from_tensorflow(tensors))
    bands = extract(tone(3.0, sr=16000), replace(SPEC, clip_s=3.0, n_windows=1))
    with torch.no_grad():
        output = network(torch.from_numpy(bands))
    embedding, tags = forward(tensors, bands[0].T)
    assert np.abs(output.embedding[0].numpy() - embedding).max() < 1e-3
    assert np.abs(output.tags[0].numpy() - tags).max() < 1e-4
    assert output.tags[0, :4].tolist() == pytest.approx(GOLDEN_TAGS[name], abs=1e-3)
    assert output.embedding[0, :4].tolist() == pytest.approx(GOLDEN_EMBEDDINGS[name], abs=5e-3)
