"""Every network of the catalogue, and what each of the five systems has to be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from groovecli.audio.read import fit, read, resample
from groovecli.errors import ModelError, UsageError
from groovecli.features.registry import extract, feature
from groovecli.features.segments import SegmentsSpec
from groovecli.features.spec import FeatureSpec, ImageSpec
from groovecli.models.file import Description, StoredModel
from groovecli.models.loaded import load_model
from groovecli.models.weights import save_model
from groovecli.networks.build import build
from groovecli.networks.inputs import to_inputs
from groovecli.networks.layers import LastStep
from groovecli.networks.output import Output
from groovecli.networks.registry import MODELS, Hyperparameters, ModelSpec, Shape, model_spec
from groovecli.networks.time_cnn import TallConv
from groovecli.training.objectives import loss_of
from tests.small import describing

ROWS = list(MODELS.values())
N_GENRES = 5


def each(*names: str) -> pytest.MarkDecorator:
    """The test is of every network, or of those named."""
    rows = [MODELS[name] for name in names] or ROWS
    return pytest.mark.parametrize("row", rows, ids=[row.name for row in rows])


def shapes_of(row: ModelSpec) -> tuple[Shape, ...]:
    return tuple(feature(name).input_shape for name in row.features)


def network(name: str, *, n_genres: int = N_GENRES, dropout: float | None = None) -> nn.Module:
    torch.manual_seed(0)
    return build(name, shapes_of(MODELS[name]), n_genres=n_genres, dropout=dropout)


def inputs(row: ModelSpec, n: int = 4) -> tuple[Tensor, ...]:
    """Noise of the scale of each of a network's features."""
    rng = np.random.default_rng(0)
    specs = [feature(name) for name in row.features]
    return to_inputs([torch.from_numpy(noise(rng, n, spec)) for spec in specs], specs)


def noise(rng: np.random.Generator, n: int, spec: FeatureSpec) -> np.ndarray:
    if isinstance(spec, ImageSpec):  # in blocks of 12 x 12 pixels, so that there is something to squeeze
        few = rng.integers(0, 256, (n, spec.n_bands // 12 + 1, spec.n_frames // 12 + 1), dtype=np.uint8)
        return few.repeat(12, axis=1).repeat(12, axis=2)[:, : spec.n_bands, : spec.n_frames]
    if isinstance(spec, SegmentsSpec):
        chroma, timbre = rng.random((2, n, spec.n_frames, 12), dtype=np.float32)
        return np.concatenate([chroma, 200 * timbre - 300], axis=2)
    return rng.normal(0, 0.1, (n, *spec.input_shape)).astype(np.float32)


def loss(row: ModelSpec, model: nn.Module, given: tuple[Tensor, ...], labels: Tensor) -> Tensor:
    return loss_of(row, row.defaults)(model(*given), given[0], labels)


# all of them


@each()
def test_gives_what_its_row_says(row: ModelSpec) -> None:
    given = inputs(row, 3)
    with torch.no_grad():
        output = network(row.name).eval()(*given)
    assert isinstance(output, Output)
    assert output.embedding is not None
    assert output.embedding.shape == (3, row.embedding_dim)
    assert output.embedding.norm(dim=1).min() > 0  # or it can't be brought to length 1
    assert (output.logits is not None) == row.has_genres
    assert (output.reconstruction is not None) == row.reconstructs
    if output.logits is not None:
        assert output.logits.shape == (3, N_GENRES)
    if output.reconstruction is not None:
        assert output.reconstruction.shape == given[0].shape
        if given[0].min() >= 0:
            assert 0 <= output.reconstruction.min() <= output.reconstruction.max() <= 1


@each()
def test_answers_do_not_depend_on_the_rest_of_the_batch(row: ModelSpec) -> None:
    given, model = inputs(row, 3), network(row.name).eval()
    with torch.no_grad():
        together, alone = model(*given).embedding, model(*(x[1:2] for x in given)).embedding
    assert torch.allclose(together[1:2], alone, atol=1e-5)


@each()
def test_a_step_lowers_the_loss(row: ModelSpec) -> None:
    model, given, labels = network(row.name, dropout=0.0).train(), inputs(row), torch.arange(4)
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
    before = loss(row, model, given, labels)
    before.backward()
    optimizer.step()
    assert loss(row, model, given, labels) < before


@each()
def test_every_weight_gets_a_gradient(row: ModelSpec) -> None:
    model, given = network(row.name).train(), inputs(row)
    loss(row, model, given, torch.arange(4)).backward()
    without = [name for name, p in model.named_parameters() if p.grad is None or not p.grad.any()]
    assert without == []


@each()
def test_a_batch_of_one_can_be_trained_on(row: ModelSpec) -> None:
    model = network(row.name).train()
    one = loss(row, model, inputs(row, 1), torch.tensor([0]))
    one.backward()
    assert torch.isfinite(one)


@each()
def test_silence_and_no_lyrics_can_be_trained_on(row: ModelSpec) -> None:
    model = network(row.name).train()
    given = tuple(torch.zeros(2, *shape) for shape in shapes_of(row))
    nothing = loss(row, model, given, torch.tensor([0, 1]))
    nothing.backward()
    assert torch.isfinite(nothing)
    assert all(p.grad is None or p.grad.isfinite().all() for p in model.parameters())


@each()
def test_saved_and_loaded_it_answers_the_same(row: ModelSpec, tmp_path: Path) -> None:
    model, given = network(row.name), inputs(row)
    model.train()(*given)  # so that BatchNorm's statistics are not those of the start
    genres = tuple("abcde") if row.has_genres else ()
    description = describing(row.name, genres=genres)
    save_model(tmp_path / "model.safetensors", model, description)
    loaded = load_model(StoredModel(tmp_path / "model.safetensors", description), torch.device("cpu"))
    with torch.no_grad():
        for ours, theirs in zip(model.eval()(*given), loaded.network(*given), strict=True):
            assert (ours is None and theirs is None) or torch.equal(ours, theirs)
    assert isinstance(loaded.description, Description)


@each()
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA here")
def test_cuda_answers_as_the_processor(row: ModelSpec) -> None:
    model, given = network(row.name).eval(), inputs(row)
    with torch.no_grad():
        here, there = model(*given), model.cuda()(*(x.cuda() for x in given))
    for ours, theirs in zip(here, there, strict=True):
        assert ours is None or torch.allclose(ours, theirs.cpu(), atol=1e-2, rtol=1e-2)


@each()
def test_the_head_has_a_row_a_genre(row: ModelSpec) -> None:
    model = network(row.name)
    assert hasattr(model, "head") == row.has_genres
    if row.has_genres:
        assert model.head().weight.shape[0] == N_GENRES
        assert model.head() in set(model.modules())


@each()
def test_dropout_is_the_papers_unless_it_is_given(row: ModelSpec) -> None:
    def shares(dropout: float | None) -> set[float]:
        modules = network(row.name, dropout=dropout).modules()
        return {module.p for module in modules if isinstance(module, nn.Dropout)}

    assert shares(None) == {row.defaults.dropout}
    assert shares(0.3) == {0.3}


@each()
def test_the_row_is_complete(row: ModelSpec) -> None:
    assert row.summary and row.paper
    assert row.similarity in ("cosine", "euclidean")
    assert all(feature(name).name == name for name in row.features)


def test_an_unknown_network_gets_the_nearest_name() -> None:
    with pytest.raises(UsageError, match="time-cnn, conv-autoencoder") as caught:
        build("time-cn", ((1, 323, 323),), n_genres=2)
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
        {"l1": -1.0},
        {"l2": float("inf")},
        {"reconstruction_weight": 1.1},
        {"resample": (4000, 0)},
        {"min_songs": -1},
        {"subset": -1},
        {"redraw_every": 0},
    ],
    ids=str,
)
def test_hyperparameters_that_make_no_sense_are_refused(wrong: dict[str, object]) -> None:
    sound = {"optimizer": "sgd", "learning_rate": 0.1, "batch_size": 1, "epochs": 1}
    with pytest.raises(UsageError, match=next(iter(wrong)).replace("_", "[-_]")):
        Hyperparameters(**{**sound, **wrong})  # type: ignore[arg-type]


# Learning rate and steps of Adam after which ten examples are known by heart, with room to spare.
BY_HEART = {
    "time-cnn": (1e-4, 20),
    "dense": (1e-3, 15),
    "seq-cnn": (1e-3, 25),
    "seq-lstm": (1e-2, 30),
    "mel-lstm": (1e-3, 20),
    "cldnn": (2e-3, 25),
    "joint-autoencoder": (3e-3, 80),
    "soundnet": (1e-3, 8),
    "soundnet-lstm": (1e-3, 12),
    "soundnet-deep-lstm": (1e-3, 12),
    "two-layer": (1e-2, 20),
    "vanilla-autoencoder": (1e-3, 300),
    "deep-softmax-autoencoder": (1e-3, 300),
}


@each(*BY_HEART)
def test_learns_ten_examples_by_heart(row: ModelSpec) -> None:
    given, labels = inputs(row, 10), torch.arange(10) % 3
    if row.name == "joint-autoencoder":  # whole images would take eight times as long
        given = (given[0][..., :48, :96],)
    torch.manual_seed(0)
    model = build(row.name, [x.shape[1:] for x in given], n_genres=3, dropout=0.0).train()
    learning_rate, n_steps = BY_HEART[row.name]
    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate)
    for _ in range(n_steps):
        optimizer.zero_grad()
        loss(row, model, given, labels).backward()
        optimizer.step()
    with torch.no_grad():
        output = model(*given)
    assert output.logits is None or (output.logits.argmax(1) == labels).all()
    if output.reconstruction is not None:
        assert F.mse_loss(output.reconstruction, given[0]) < 0.1 * given[0].var()


@each(*BY_HEART)
@pytest.mark.parametrize(
    "shapes", [(), ((),), ((1, 2),), ((1, 2, 3, 4),), ((500,), (500,)), ((4, 24), (100,))], ids=str
)
def test_inputs_of_other_shapes_are_refused(row: ModelSpec, shapes: tuple[Shape, ...]) -> None:
    if row.name != "time-cnn":
        with pytest.raises(ModelError, match=f"{row.name}.* need.*, not"):
            build(row.name, shapes, n_genres=2)


# What comes out on the way, without the batch


def shapes_through(name: str, *modules: str) -> list[Shape]:
    """What comes out of a network's modules so called."""
    model, seen = network(name).eval(), dict[str, Shape]()

    def note(module: str) -> None:
        def hook(_: nn.Module, __: tuple[Tensor, ...], output: Tensor) -> None:
            seen[module] = tuple(output.shape[1:])

        model.get_submodule(module).register_forward_hook(hook)

    for module in modules:
        note(module)
    with torch.no_grad():
        model(*inputs(MODELS[name], 2))
    return [seen[module] for module in modules]


# time-cnn


def test_time_cnn_has_the_papers_parameters() -> None:
    assert sum(p.numel() for p in network("time-cnn", n_genres=6).parameters()) == 3_609_326


def test_time_cnn_has_the_papers_shapes() -> None:
    names = ("conv1", "conv2", "norm", "dropout", "dense1", "dense2", "genres")
    conv1, conv2, norm, *dense = shapes_through("time-cnn", *names)
    assert conv1 == (20, 5, 327)
    assert conv2 == norm == (40, 2, 163)  # pooled before
    assert F.max_pool2d(torch.zeros(1, *norm), 2).shape[1:] == (40, 1, 81)
    assert dense == [(3240,), (1024,), (256,), (N_GENRES,)]


def test_time_cnn_is_the_network_that_the_paper_draws() -> None:
    model = network("time-cnn").eval()
    conv1 = nn.Conv2d(1, 20, (323, 1), padding=2)
    conv1.load_state_dict(model.conv1.state_dict())
    plain = nn.Sequential(
        conv1, nn.ReLU(), nn.MaxPool2d(2), model.conv2, model.norm, nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), model.dropout, model.dense1, model.dense2, model.genres,
    ).eval()  # fmt: skip
    (x,) = inputs(MODELS["time-cnn"], 2)
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
    shape = feature("mel-323", clip_s).input_shape
    model = build("time-cnn", [shape], n_genres=2).eval()
    with torch.no_grad():
        assert model(torch.zeros(1, *shape)).logits.shape == (1, 2)


# conv-autoencoder


def test_conv_autoencoder_refuses_sizes_that_do_not_halve() -> None:
    with pytest.raises(ModelError, match="32, not 323 x 256"):
        build("conv-autoencoder", [(1, 323, 256)])


def test_conv_autoencoder_squeezes_into_64_through_few_enough_inputs() -> None:
    model = network("conv-autoencoder")
    assert model.squeeze.out_features == 64
    assert model.squeeze.in_features < 7000
    assert sum(isinstance(m, nn.Conv2d) for m in model.modules()) == 6


def test_conv_autoencoder_overfits_ten_examples(demo: Path) -> None:
    spec = feature("spec-256", 10.0)
    songs = sorted(demo.rglob("*.opus"))[::3]
    assert len(songs) == 10
    clips = []
    for song in songs:
        y, sr = read(song, start_s=10.0, length_s=10.0)
        clips.append(extract(fit(resample(y, sr, spec.sr), spec.n_clip_samples), spec)[0])
    (x,) = to_inputs([torch.from_numpy(np.stack(clips))], [spec])
    model = network("conv-autoencoder")
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(60):  # the paper allows itself 100
        model.train()
        for batch in torch.randperm(10).split(2):
            optimizer.zero_grad()
            F.mse_loss(model(x[batch]).reconstruction, x[batch]).backward()
            optimizer.step()
    with torch.no_grad():
        error = F.mse_loss(model.eval()(x).reconstruction, x)
    assert error < 0.15 * x.var()


# dense, seq-cnn, seq-lstm

SONGS = ("dense", "seq-cnn", "seq-lstm")


@each(*SONGS)
def test_dense_layers_are_the_papers(row: ModelSpec) -> None:
    model = network(row.name)
    assert [m.out_features for m in model.modules() if isinstance(m, nn.Linear)] == [128, 128, 50, N_GENRES]
    n_heard = {"dense": 300 * 24, "seq-cnn": 256 + 256, "seq-lstm": 10 + 10}[row.name]
    assert model.dense[0].in_features == n_heard + feature("lyrics").input_shape[0]


@each(*SONGS)
def test_dense_layers_weights_are_penalised(row: ModelSpec) -> None:
    model = network(row.name)
    dense = [module.weight for module in model.modules() if isinstance(module, nn.Linear)]
    assert {id(weight) for weight in model.penalised()} == {id(weight) for weight in dense}


@each(*SONGS)
def test_any_number_of_frames_and_any_lyrics_will_do(row: ModelSpec) -> None:
    for n_frames, width in ((8, 1), (77, 300)):
        model = build(row.name, [(n_frames, 24), (width,)], n_genres=2).train()
        assert model(torch.rand(1, n_frames, 24), torch.rand(1, width)).logits.shape == (1, 2)


@each(*SONGS)
def test_the_scale_of_timbre_and_of_lyrics_does_not_matter(row: ModelSpec) -> None:
    frames, lyrics = inputs(row, 8)
    model = network(row.name, dropout=0.0).train()
    other = torch.cat([frames[..., :12], 7 * frames[..., 12:] + 1000], dim=2)
    with torch.no_grad():
        assert torch.allclose(model(frames, lyrics).logits, model(other, 3 * lyrics).logits, atol=1e-3)


@each(*SONGS)
def test_songs_without_lyrics_are_told_by_their_sound_alone(row: ModelSpec) -> None:
    frames, lyrics = inputs(row, 2)
    model = network(row.name).eval()
    with torch.no_grad():
        without = model(frames, torch.zeros_like(lyrics)).logits
        model.dense[0].weight[:, -lyrics.shape[1] :] = 0
        assert torch.equal(without, model(frames, lyrics).logits)


def taught_by_lyrics(scales: tuple[float, float] | None) -> float:
    """The accuracy of a `dense` of 2,400 numbers of noise and 20 of lyrics, which name the genre."""
    draw = torch.Generator().manual_seed(0)
    labels = torch.arange(180) % 3
    frames = torch.randn(180, 100, 24, generator=draw)
    lyrics = torch.randn(180, 20, generator=draw) + 4 * F.one_hot(labels, 20)
    torch.manual_seed(0)
    model = build("dense", [(100, 24), (20,)], n_genres=3).train()
    if scales:
        model.scales.copy_(torch.tensor(scales))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(40):
        optimizer.zero_grad()
        F.cross_entropy(model(frames[:120], lyrics[:120]).logits, labels[:120]).backward()
        optimizer.step()
    with torch.no_grad():
        logits = model.eval()(frames[120:], lyrics[120:]).logits
    return float((logits.argmax(1) == labels[120:]).float().mean())


def test_dense_hears_a_few_numbers_of_lyrics_beside_thousands_of_sound() -> None:
    assert taught_by_lyrics((1.0, 1.0)) < 0.6 < 0.85 < taught_by_lyrics(None)


@pytest.mark.parametrize(("n_frames", "width"), [(300, 100), (300, 300), (8, 1), (8, 500)])
def test_sound_and_lyrics_have_a_say_alike(n_frames: int, width: int) -> None:
    """Their sums are the same, and so is the sum of all squares as without scales."""
    sound, read = build("dense", [(n_frames, 24), (width,)], n_genres=2).scales.tolist()
    n_heard = n_frames * 24
    assert n_heard * sound == pytest.approx(width * read)
    assert n_heard * sound**2 + width * read**2 == pytest.approx(n_heard + width)


def test_seq_cnn_has_the_papers_filters() -> None:
    for branch in ("chroma", "timbre"):
        convolutions = shapes_through("seq-cnn", *(f"{branch}.{layer}" for layer in (0, 3, 6, 8)))
        assert convolutions == [(128, 1, 300), (128, 1, 150), (256, 1, 75), (256, 1, 37)]


def test_seq_cnn_is_the_network_that_the_paper_draws() -> None:
    model = network("seq-cnn").eval()

    def along_frames(x: Tensor, branch: nn.Sequential) -> Tensor:
        for layer in branch:
            if isinstance(layer, nn.Conv2d):
                x = F.conv1d(x, layer.weight[:, :, 0], layer.bias, padding=1)
                x = F.max_pool1d(F.relu(x), 2)
        return x.mean(dim=2)

    frames, lyrics = inputs(MODELS["seq-cnn"], 3)
    with torch.no_grad():
        scaled = (frames - frames.mean((0, 1))) / frames.std((0, 1))
        chroma, timbre = scaled.mT.split(12, dim=1)
        heard = [along_frames(chroma, model.chroma), along_frames(timbre, model.timbre)]
        read = lyrics / lyrics.square().mean(1, keepdim=True).sqrt()
        embedding = model.dense(torch.cat([*heard, read], dim=1))
        assert torch.allclose(embedding, model.train()(frames, lyrics).embedding, atol=1e-3)


def test_seq_lstm_has_two_layers_of_ten() -> None:
    lstms = [m for m in network("seq-lstm").modules() if isinstance(m, nn.LSTM)]
    assert [(m.input_size, m.hidden_size, m.num_layers) for m in lstms] == [(12, 10, 2)] * 2
    assert shapes_through("seq-lstm", "chroma", "timbre") == [(10,), (10,)]


# mel-lstm, cldnn


def test_the_last_step_is_that_of_the_top_layer() -> None:
    torch.manual_seed(0)
    last_step, x = LastStep(3, 4, n_layers=2), torch.randn(2, 7, 3)
    steps, (hidden, _) = last_step.lstm(x)
    assert torch.equal(last_step(x), steps[:, -1]) and torch.equal(last_step(x), hidden[-1])


def test_forget_gates_start_open() -> None:
    for name, bias in LastStep(3, 4, n_layers=2).lstm.named_parameters():
        if name.startswith("bias"):
            assert (bias[4:8] == float("ih" in name)).all()


def test_mel_lstm_has_the_papers_sizes() -> None:
    model = network("mel-lstm")
    lstm = model.last_step.lstm
    assert (lstm.input_size, lstm.hidden_size, lstm.num_layers) == (120, 256, 1)
    assert shapes_through("mel-lstm", "last_step", "dense", "genres") == [(256,), (64,), (N_GENRES,)]


def test_mel_lstm_reads_along_time() -> None:
    (x,) = inputs(MODELS["mel-lstm"], 2)
    model = network("mel-lstm").eval()
    with torch.no_grad():
        steps, _ = model.last_step.lstm(torch.stack([x[:, 0, :, frame] for frame in range(300)], dim=1))
        assert torch.allclose(model(x).embedding, model.dense(steps[:, -1]), atol=1e-6)


def test_cldnn_has_the_papers_shapes() -> None:
    maps, last, dense = shapes_through("cldnn", "convolutions", "last_step", "dense")
    assert (maps, last, dense) == ((4, 300, 30), (120,), (64,))
    lstm = network("cldnn").last_step.lstm
    assert (lstm.input_size, lstm.hidden_size, lstm.num_layers) == (120, 120, 2)


def test_cldnn_is_the_network_that_the_paper_draws() -> None:
    model = network("cldnn").eval()
    (x,) = inputs(MODELS["cldnn"], 2)
    with torch.no_grad():
        y = x  # (B, 1, 120, 300)
        for number, layer in enumerate(m for m in model.convolutions if isinstance(m, nn.Conv2d)):
            y = F.relu(F.conv2d(F.pad(y, (0, 0, 0, 1)), layer.weight.mT, layer.bias))  # kernel (2, 1)
            y = F.max_pool2d(y, (2, 1)) if number < 2 else y
        assert y.shape == (2, 4, 30, 300)
        read = y.permute(0, 3, 2, 1).flatten(2)  # (B, 300, 120)
        assert torch.allclose(model(x).embedding, model.dense(model.last_step(read)), atol=1e-5)


# joint-autoencoder


def test_joint_autoencoder_has_the_papers_shapes() -> None:
    names = ("encoder.0", "encoder.1", "encoder.2", "encoder", "squeeze", "decoder", "genres")
    assert shapes_through("joint-autoencoder", *names) == [
        (16, 60, 150), (32, 30, 75), (64, 10, 25), (128, 10, 25), (250,), (1, 120, 300), (N_GENRES,),
    ]  # fmt: skip


def test_joint_autoencoders_decoder_mirrors_its_encoder() -> None:
    names = [f"decoder.{layer}" for layer in range(4)]
    assert shapes_through("joint-autoencoder", *names) == [
        (64, 10, 25), (32, 30, 75), (16, 60, 150), (1, 120, 300),
    ]  # fmt: skip


def test_joint_autoencoder_names_genres_by_three_dense_layers_with_dropout() -> None:
    model = network("joint-autoencoder", dropout=0.4)
    parts = [*model.classifier, model.genres]
    assert sum(isinstance(part, nn.Linear) for part in parts) == 3
    assert sum(isinstance(part, nn.Dropout) for part in parts) == 2


# soundnet, soundnet-lstm, soundnet-deep-lstm


def steps_after_convolutions(name: str) -> list[int]:
    layers = network(name).convolutions
    convolutions = [f"convolutions.{i}" for i, m in enumerate(layers) if isinstance(m, nn.Conv2d)]
    return [shape[-1] for shape in shapes_through(name, *convolutions)]


def test_soundnet_has_the_papers_shapes() -> None:
    assert steps_after_convolutions("soundnet") == [3751, 235, 118, 119, 120, 15, 6]
    assert shapes_through("soundnet", "convolutions", "summary", "dense.1", "dense") == [
        (1024, 1, 6), (6 * 1024,), (512,), (128,),
    ]  # fmt: skip


@each("soundnet-lstm", "soundnet-deep-lstm")
def test_soundnet_lstm_has_the_papers_shapes(row: ModelSpec) -> None:
    assert shapes_through(row.name, "convolutions", "summary", "dense.1", "dense") == [
        (512, 1, 15), (256,), (512,), (128,),
    ]  # fmt: skip
    lstm = network(row.name).summary.lstm
    assert (lstm.input_size, lstm.hidden_size, lstm.num_layers) == (512, 256, 2)


def test_three_convolutions_of_stride_2_stand_for_one_of_stride_8() -> None:
    assert steps_after_convolutions("soundnet-lstm") == [3751, 235, 118, 119, 120, 15]
    deep = [15001, 7501, 3751, 938, 469, 235, 118, 119, 120, 15]
    assert steps_after_convolutions("soundnet-deep-lstm") == deep


def test_soundnet_is_the_network_that_the_paper_draws() -> None:
    model = network("soundnet").eval()
    (x,) = inputs(MODELS["soundnet"], 2)
    with torch.no_grad():
        y = x[:, None]  # (B, 1, 30000)
        for layer in model.convolutions:
            if isinstance(layer, nn.Conv2d):
                stride, padding = layer.stride[1], layer.padding[1]
                y = F.conv1d(y, layer.weight[:, :, 0], None, stride, padding)
            elif isinstance(layer, nn.BatchNorm2d):
                y = F.relu(layer(y[:, :, None])[:, :, 0])
            elif isinstance(layer, nn.MaxPool2d):
                y = F.max_pool1d(y, layer.kernel_size[1])
        assert torch.allclose(model(x).embedding, model.dense(y.mT.flatten(1)), atol=1e-4)


# two-layer, vanilla-autoencoder, deep-softmax-autoencoder


def activations(*parts: nn.Module) -> list[type[nn.Module]]:
    modules = [module for part in parts for module in part.modules()]
    return [type(m) for m in modules if not isinstance(m, nn.Linear | nn.Sequential | nn.Dropout)]


def test_two_layer_has_one_hidden_layer_with_tanh() -> None:
    assert shapes_through("two-layer", "hidden", "genres") == [(128,), (N_GENRES,)]
    assert activations(network("two-layer").hidden) == [nn.Tanh]


@each("vanilla-autoencoder", "deep-softmax-autoencoder")
def test_the_autoencoders_are_the_papers(row: ModelSpec) -> None:
    model = network(row.name)
    both = (*model.encoder.modules(), *model.decoder.modules())
    layers = [module for module in both if isinstance(module, nn.Linear)]
    assert [m.in_features for m in layers] == [500, 256, 192, 128, 64, 128, 192, 256]
    assert layers[-1].out_features == 500
    assert activations(model.encoder) == [nn.Sigmoid, nn.Tanh, nn.ReLU, nn.ReLU]
    assert activations(model.decoder) == [nn.Sigmoid, nn.Sigmoid, nn.ReLU, nn.Identity]


def test_deep_softmax_autoencoder_names_genres_by_32_and_16() -> None:
    names = ("encoder", "classifier.0", "classifier.1", "genres")
    assert shapes_through("deep-softmax-autoencoder", *names) == [(64,), (32,), (16,), (N_GENRES,)]
    assert activations(network("deep-softmax-autoencoder").classifier) == [nn.Tanh, nn.Tanh]


@each("vanilla-autoencoder", "deep-softmax-autoencoder")
def test_dropout_comes_after_the_second_layers(row: ModelSpec) -> None:
    model = network(row.name)
    for part in ("encoder", "decoder", "classifier"):
        if hasattr(model, part):
            places = [i for i, m in enumerate(getattr(model, part)) if isinstance(m, nn.Dropout)]
            assert places == [2]
