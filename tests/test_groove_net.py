"""groove-net: the taggers that it is made of, of which only dead filters are missing."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from groovecli.errors import ModelError
from groovecli.networks.groove_net import EMBEDDING_DIM, GrooveNet, Patches, Squares, Windows
from groovecli.networks.musicnn import MusiCNN

N_FOUND = 2477
ALIVE_SQUARES, ALL_SQUARES = (40, 82, 121, 128, 64), (64, 128, 128, 128, 64)
ALIVE_BRANCHES = (23, 14, 3, 7, 17)


@pytest.fixture(scope="module")
def programs() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(Path(__file__).parent.parent / "benchmarks" / "groove_net"))
        yield


@pytest.fixture
def prune(programs: None) -> ModuleType:
    return importlib.import_module("prune")


@pytest.fixture
def efficientat(programs: None) -> ModuleType:
    return importlib.import_module("efficientat")


def net(seconds: int = 30, n_genres: int = 3) -> GrooveNet:
    torch.manual_seed(0)
    shapes = tuple(tuple(x.shape[1:]) for x in images(1, seconds))
    return GrooveNet(shapes, n_genres, 0.0).eval()


def images(n: int, seconds: int) -> tuple[Tensor, Tensor]:
    """Random images of n clips."""
    return torch.rand(n, 1, 192, 1 + seconds * 125 // 2), torch.randn(n, 1, 128, 1 + seconds * 100)


@pytest.mark.parametrize("seconds", [3, 10, 30, 60])
def test_clips_of_any_length_give_as_many_numbers(seconds: int) -> None:
    with torch.inference_mode():
        output = net(seconds)(*images(2, seconds))
    assert output.logits is not None and output.embedding is not None
    assert output.logits.shape == (2, 3)
    assert output.embedding.shape == (2, EMBEDDING_DIM)
    assert output.embedding.isfinite().all()


@pytest.mark.parametrize(
    "shapes",
    [((96, 187),), ((1, 192, 188),), ((1, 192, 188), (1, 96, 301)), ((1, 128, 301), (1, 192, 188))],
)
def test_other_inputs_are_refused(shapes: tuple[tuple[int, ...], ...]) -> None:
    with pytest.raises(ModelError, match="192 bands and one of 128"):
        GrooveNet(shapes, 3, 0.0)


def test_what_is_found_in_a_clip_depends_on_it_alone() -> None:
    pair, fine = images(3, 6)
    with torch.inference_mode():
        together = net(6).statistics(pair, fine)
        alone = torch.cat([net(6).statistics(pair[i : i + 1], fine[i : i + 1]) for i in range(3)])
    assert together.shape == (3, N_FOUND)
    assert torch.allclose(together, alone, atol=1e-4)


def test_how_strong_filters_are_is_a_mean_over_time() -> None:
    """A song's half says as much of it as the whole, where both sound alike."""
    torch.manual_seed(0)
    squares = Squares().eval()
    for layer in squares.layers:
        torch.nn.init.kaiming_normal_(layer.weight)  # type: ignore[arg-type]
    loud, quiet = torch.rand(1, 1, 96, 1280), 0.1 * torch.rand(1, 1, 96, 1280)
    strong = slice(ALIVE_SQUARES[2], 2 * ALIVE_SQUARES[2])
    with torch.inference_mode():
        alone = [squares(x)[:, strong].square() for x in (loud, quiet)]
        twice = squares(loud.repeat(1, 1, 1, 2))[:, strong].square()
        joined = squares(torch.cat([loud, quiet], dim=3))[:, strong].square()
    size = (alone[0] - alone[1]).abs().max()
    assert size > 1
    assert (twice - alone[0]).abs().max() < 0.1 * size  # seams are heard
    assert (joined - (alone[0] + alone[1]) / 2).abs().max() < 0.2 * size


@pytest.mark.parametrize("n_frames", [1280, 1283, 1281 + 128])
def test_the_first_layer_is_the_same_strip_by_strip(n_frames: int) -> None:
    squares = Squares().eval()
    x = torch.rand(2, 1, 96, n_frames)
    first = squares.layers[0]
    with torch.inference_mode():
        expected = F.relu(F.max_pool2d(first(F.pad(x, (0, 0, 0, 0, 0, 1))), (2, 4)))
        assert torch.allclose(squares._first(x), expected, atol=1e-6)


def test_windows_are_ten_of_every_fifteen_seconds() -> None:
    torch.manual_seed(0)
    windows = Windows().eval()
    for weight in windows.parameters():
        if weight.ndim == 4:
            torch.nn.init.kaiming_normal_(weight)
    x = torch.randn(1, 1, 128, 3001)
    with torch.inference_mode():
        said = windows(x)
        assert torch.allclose(
            said, windows(torch.cat([x[..., :1500], x[..., 1500:3000]], dim=3)), atol=1e-6
        )
        x[..., 1250:1750] = 9.0  # between two windows
        assert torch.equal(said, windows(x))
        x[..., 900:1250] = 9.0
        assert (said - windows(x)).abs().max() > 1


def test_batch_norms_are_folded_into_convolutions(efficientat: ModuleType) -> None:
    torch.manual_seed(0)
    name = "features.0"
    w = {f"{name}.0.weight": torch.randn(4, 2, 3, 3), **normed(f"{name}.1", 4)}
    w[f"{name}.1.running_mean"] = torch.randn(4)
    (_, weight), (_, bias) = efficientat._folded(w)
    x = torch.randn(1, 2, 8, 8)
    parts = ("running_mean", "running_var", "weight", "bias")
    plain = F.conv2d(x, w[f"{name}.0.weight"])
    expected = F.batch_norm(plain, *(w[f"{name}.1.{part}"] for part in parts), eps=1e-3)
    assert torch.allclose(F.conv2d(x, weight, bias), expected, atol=1e-5)


def test_training_keeps_the_statistics() -> None:
    network = net(6).train()
    before = network.standard.running_mean.clone()  # type: ignore[union-attr]
    output = network(*images(4, 6))
    assert output.embedding is not None
    output.embedding.square().sum().backward()
    assert torch.equal(network.standard.running_mean, before)  # type: ignore[arg-type]
    gradients = [p.grad for p in network.parameters() if p.grad is not None]
    assert gradients and all(g.isfinite().all() for g in gradients)


def randomised(module: torch.nn.Module) -> None:
    """Weights and statistics of some size everywhere."""
    for name, tensor in module.state_dict().items():
        if tensor.is_floating_point():
            tensor.copy_(torch.rand_like(tensor) + 0.5 if "var" in name else torch.randn_like(tensor) * 0.1)


def killed(tensor: Tensor, n_alive: int) -> None:
    """Leave some filters."""
    tensor[torch.randperm(len(tensor))[n_alive:]] = 0


@torch.no_grad()
def test_musicnn_without_its_dead_filters_says_the_same(prune: ModuleType) -> None:
    torch.manual_seed(1)
    whole = MusiCNN(((96, 187),), 0, 0.0).eval()
    randomised(whole)
    for branch, n_alive in zip(whole.branches, ALIVE_BRANCHES, strict=True):
        killed(branch.convolution.weight, n_alive)
    pruned = Patches().eval()
    pruned.load_state_dict(prune._patches(whole))
    x = torch.rand(2, 96, 187)  # 0 to 1, of what was 0 to 6
    said, expected = pruned(x), whole(6 * x).embedding
    gain = whole.norm_dense.weight / torch.sqrt(whole.norm_dense.running_var + 1e-3)  # type: ignore[operator]
    normed = (said[:, :200] - whole.norm_dense.running_mean) * gain + whole.norm_dense.bias
    assert expected is not None and expected.std() > 0.1
    assert torch.allclose(normed, expected, atol=1e-3)
    assert torch.allclose(said[:, 200:], torch.full((2, 200), 1e-3))  # one patch has no spread


@torch.no_grad()
def test_fcn_without_its_dead_filters_says_the_same(prune: ModuleType) -> None:
    torch.manual_seed(2)
    w = tagger()
    pruned = Squares().eval()
    pruned.load_state_dict(prune._squares(w))
    x = torch.rand(1, 1, 96, 1280)
    expected = of_tagger(w, 128 * x - 80)
    assert expected.std() > 0
    assert torch.allclose(pruned(x)[:, -64:].square(), expected, rtol=1e-3, atol=1e-4)


def tagger() -> dict[str, Tensor]:
    """FCN-5 with filters that died: no weight, and a bias that ReLU makes 0."""
    w = normed("spec_bn", 1)
    n_in = 1
    for number, (n_alive, n_all) in enumerate(zip(ALIVE_SQUARES, ALL_SQUARES, strict=True), 1):
        kernel = torch.randn(n_all, n_in, 3, 3) / (9 * n_in) ** 0.5
        killed(kernel, n_alive)
        w |= {f"layer{number}.conv.weight": kernel, f"layer{number}.conv.bias": torch.zeros(n_all)}
        w |= normed(f"layer{number}.bn", n_all)
        w[f"layer{number}.bn.bias"][kernel.flatten(1).norm(dim=1) == 0] = -1
        n_in = n_all
    return w


def normed(name: str, n: int) -> dict[str, Tensor]:
    return {
        f"{name}.weight": torch.rand(n) + 0.5,
        f"{name}.bias": torch.rand(n) * 0.1,
        f"{name}.running_mean": torch.zeros(n),
        f"{name}.running_var": torch.rand(n) + 0.5,
    }


def of_tagger(w: dict[str, Tensor], x: Tensor) -> Tensor:
    def norm(x: Tensor, name: str) -> Tensor:
        return F.batch_norm(
            x, *(w[f"{name}.{p}"] for p in ("running_mean", "running_var", "weight", "bias"))
        )

    x = norm(x, "spec_bn")
    for number, pool in enumerate([(2, 4), (2, 4), (2, 4), (3, 5), (4, 4)], 1):
        x = F.conv2d(x, w[f"layer{number}.conv.weight"], w[f"layer{number}.conv.bias"], padding=1)
        x = F.max_pool2d(F.relu(norm(x, f"layer{number}.bn")), pool)
    return x.flatten(1)
