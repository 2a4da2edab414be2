"""Every network of the catalogue, and what each of the two has to be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from groovecli import audio
from groovecli.checkpoints import Description, StoredModel, load_model, save_model
from groovecli.datasets import to_input
from groovecli.errors import ModelError, UsageError
from groovecli.features.catalog import extract, feature
from groovecli.models.build import build
from groovecli.models.catalog import MODELS, Hyperparameters, ModelSpec, model_spec
from groovecli.models.output import Output
from groovecli.models.time_cnn import TallConv
from groovecli.training.objectives import loss_of
from tests.small import describing

ROWS = list(MODELS.values())
every_row = pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
N_GENRES = 5


def images(row: ModelSpec, n: int = 4) -> Tensor:
    spec = feature(row.features[0])
    codes = np.random.default_rng(0).integers(0, 256, (n, spec.n_bands, spec.n_frames), dtype=np.uint8)
    return to_input(torch.from_numpy(codes), spec)


def network(row: ModelSpec) -> nn.Module:
    torch.manual_seed(0)
    spec = feature(row.features[0])
    return build(row.name, n_genres=N_GENRES, n_bands=spec.n_bands, n_frames=spec.n_frames)


@every_row
def test_gives_what_its_row_says(row: ModelSpec) -> None:
    x = images(row, 3)
    with torch.no_grad():
        output = network(row).eval()(x)
    assert isinstance(output, Output)
    assert output.embedding is not None
    assert output.embedding.shape == (3, row.embedding_dim)
    assert (output.logits is not None) == row.has_genres
    assert (output.reconstruction is not None) == (row.objective == "reconstruct")
    if output.logits is not None:
        assert output.logits.shape == (3, N_GENRES)
    if output.reconstruction is not None:
        assert output.reconstruction.shape == x.shape
        assert 0 <= output.reconstruction.min() <= output.reconstruction.max() <= 1


@every_row
def test_answers_do_not_depend_on_the_rest_of_the_batch(row: ModelSpec) -> None:
    x, model = images(row, 3), network(row).eval()
    with torch.no_grad():
        together, alone = model(x).embedding, model(x[1:2]).embedding
    assert torch.allclose(together[1:2], alone, atol=1e-5)


@every_row
def test_a_step_lowers_the_loss(row: ModelSpec) -> None:
    model, x, labels = network(row).train(), images(row), torch.arange(4) % N_GENRES
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
    loss_function = loss_of(row.objective)
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
    before = loss_function(model(x), x, labels)
    before.backward()
    optimizer.step()
    assert loss_function(model(x), x, labels) < before


@every_row
def test_every_weight_gets_a_gradient(row: ModelSpec) -> None:
    model, x = network(row).train(), images(row)
    loss_of(row.objective)(model(x), x, torch.arange(4)).backward()
    without = [name for name, p in model.named_parameters() if p.grad is None or not p.grad.any()]
    assert without == []


@every_row
def test_a_batch_of_one_can_be_trained_on(row: ModelSpec) -> None:
    model, x = network(row).train(), images(row, 1)
    assert torch.isfinite(loss_of(row.objective)(model(x), x, torch.tensor([0])))


@every_row
def test_saved_and_loaded_it_answers_the_same(row: ModelSpec, tmp_path: Path) -> None:
    model, x = network(row), images(row)
    model.train()(x)  # so that BatchNorm's statistics are not those of the start
    genres = tuple("abcde") if row.has_genres else ()
    description = describing(row.name, genres=genres)
    save_model(tmp_path / "model.safetensors", model, description)
    loaded = load_model(StoredModel(tmp_path / "model.safetensors", description), torch.device("cpu"))
    with torch.no_grad():
        for ours, theirs in zip(model.eval()(x), loaded.network(x), strict=True):
            assert (ours is None and theirs is None) or torch.equal(ours, theirs)
    assert isinstance(loaded.description, Description)


@every_row
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA here")
def test_cuda_answers_as_the_processor(row: ModelSpec) -> None:
    model, x = network(row).eval(), images(row)
    with torch.no_grad():
        here, there = model(x), model.cuda()(x.cuda())
    for ours, theirs in zip(here, there, strict=True):
        assert ours is None or torch.allclose(ours, theirs.cpu(), atol=1e-2, rtol=1e-2)


@every_row
def test_the_row_is_complete(row: ModelSpec) -> None:
    assert row.summary and row.paper
    assert row.similarity in ("cosine", "euclidean")
    assert all(feature(name).name == name for name in row.features)


def test_an_unknown_network_gets_the_nearest_name() -> None:
    with pytest.raises(UsageError, match="time-cnn, conv-autoencoder") as caught:
        build("time-cn", n_genres=2)
    assert "'time-cnn'" in caught.value.hint
    with pytest.raises(UsageError):
        model_spec("")


@pytest.mark.parametrize(
    "wrong",
    [
        {"epochs": 0},
        {"batch_size": 0},
        {"learning_rate": 0.0},
        {"learning_rate": float("nan")},
        {"momentum": 1.0},
        {"weight_decay": -1.0},
        {"dropout": 1.0},
        {"optimizer": "adamw"},
    ],
    ids=str,
)
def test_hyperparameters_that_make_no_sense_are_refused(wrong: dict[str, float]) -> None:
    sound = {"optimizer": "sgd", "learning_rate": 0.1, "batch_size": 1, "epochs": 1}
    with pytest.raises(UsageError, match="--" + next(iter(wrong)).replace("_", "-")):
        Hyperparameters(**{**sound, **wrong})  # type: ignore[arg-type]


# time-cnn


def test_time_cnn_has_the_papers_parameters() -> None:
    assert sum(p.numel() for p in build("time-cnn", n_genres=6).parameters()) == 3_609_326


def test_time_cnn_has_the_papers_shapes() -> None:
    model = build("time-cnn", n_genres=6)
    ins: dict[str, tuple[int, ...]] = {}
    outs: dict[str, tuple[int, ...]] = {}

    def note(name: str, module: nn.Module) -> None:
        def hook(_: nn.Module, given: tuple[Tensor, ...], output: Tensor) -> None:
            ins[name], outs[name] = tuple(given[0].shape[1:]), tuple(output.shape[1:])

        module.register_forward_hook(hook)

    for name, module in model.named_children():
        note(name, module)
    output = model(torch.zeros(2, 1, 323, 323))
    assert outs["conv1"] == (20, 5, 327)
    assert ins["conv2"] == (20, 2, 163)  # pooled
    assert outs["conv2"] == outs["norm"] == (40, 2, 163)
    assert F.max_pool2d(torch.zeros(1, *outs["norm"]), 2).shape[1:] == (40, 1, 81)
    assert ins["dropout"] == ins["dense1"] == (3240,)
    assert outs["dense1"] == (1024,)
    assert outs["dense2"] == (256,)
    assert outs["genres"] == (6,)
    assert output.logits.shape == (2, 6)


def test_time_cnn_is_the_network_that_the_paper_draws() -> None:
    torch.manual_seed(0)
    model = build("time-cnn", n_genres=6).eval()
    conv1 = nn.Conv2d(1, 20, (323, 1), padding=2)
    conv1.load_state_dict(model.conv1.state_dict())
    plain = nn.Sequential(
        conv1, nn.ReLU(), nn.MaxPool2d(2), model.conv2, model.norm, nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), model.dropout, model.dense1, model.dense2, model.genres,
    ).eval()  # fmt: skip
    x = images(MODELS["time-cnn"], 2)
    with torch.no_grad():
        assert torch.allclose(plain(x), model(x).logits, atol=1e-5)


@pytest.mark.parametrize(("height", "frames"), [(323, 323), (323, 33), (16, 7), (3, 1)])
def test_tall_conv_equals_a_plain_convolution(height: int, frames: int) -> None:
    torch.manual_seed(height)
    ours = TallConv(20, height)
    plain = nn.Conv2d(1, 20, (height, 1), padding=2)
    plain.load_state_dict(ours.state_dict())
    x = torch.randn(2, 1, height, frames, requires_grad=True)
    y = x.detach().clone().requires_grad_()
    a, b = ours(x), plain(y)
    assert a.shape == b.shape == (2, 20, 5, frames + 4)
    assert torch.allclose(a, b, atol=1e-5)
    weights = torch.randn_like(a)
    (a * weights).sum().backward()
    (b * weights).sum().backward()
    assert torch.allclose(x.grad, y.grad, atol=1e-4)
    assert ours.weight.grad is not None and ours.bias is not None
    assert torch.allclose(ours.weight.grad, plain.weight.grad, atol=1e-3)
    assert torch.allclose(ours.bias.grad, plain.bias.grad, atol=1e-3)


@pytest.mark.parametrize("clip_s", [3.0, 10.0, 30.0, 45.5])
def test_time_cnn_takes_clips_of_any_length(clip_s: float) -> None:
    spec = feature("mel-323", clip_s)
    model = build("time-cnn", n_genres=2, n_bands=spec.n_bands, n_frames=spec.n_frames).eval()
    with torch.no_grad():
        assert model(torch.zeros(1, 1, spec.n_bands, spec.n_frames)).logits.shape == (1, 2)


def test_dropout_is_the_papers_unless_it_is_given() -> None:
    assert build("time-cnn", n_genres=2).dropout.p == 0.2
    assert build("time-cnn", n_genres=2, dropout=0.0).dropout.p == 0.0


def test_time_cnn_overfits_ten_examples() -> None:
    x = images(MODELS["time-cnn"], 10)
    labels = torch.arange(10) % N_GENRES
    model = network(MODELS["time-cnn"])
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-4)
    for _ in range(25):
        optimizer.zero_grad()
        F.cross_entropy(model.train()(x).logits, labels).backward()
        optimizer.step()
    assert (model(x).logits.argmax(1) == labels).all()


# conv-autoencoder


def test_conv_autoencoder_refuses_sizes_that_do_not_halve() -> None:
    with pytest.raises(ModelError, match="32, not 323 x 256"):
        build("conv-autoencoder", n_bands=323, n_frames=256)


def test_conv_autoencoder_squeezes_into_64_through_few_enough_inputs() -> None:
    model = build("conv-autoencoder")
    assert model.squeeze.out_features == 64
    assert model.squeeze.in_features < 7000
    assert sum(isinstance(m, nn.Conv2d) for m in model.modules()) == 6


def test_conv_autoencoder_overfits_ten_examples(demo: Path) -> None:
    spec = feature("spec-256", 10.0)
    songs = sorted(demo.rglob("*.opus"))[::3]
    assert len(songs) == 10
    clips = []
    for song in songs:
        y, sr = audio.read(song, start_s=10.0, length_s=10.0)
        clips.append(extract(audio.fit(audio.resample(y, sr, spec.sr), spec.n_clip_samples), spec)[0])
    x = to_input(torch.from_numpy(np.stack(clips)), spec)
    torch.manual_seed(0)
    model = build("conv-autoencoder")
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(100):
        model.train()
        for batch in torch.randperm(10).split(2):
            optimizer.zero_grad()
            F.mse_loss(model(x[batch]).reconstruction, x[batch]).backward()
            optimizer.step()
    with torch.no_grad():
        error = F.mse_loss(model.eval()(x).reconstruction, x)
    assert error < 0.15 * x.var()
