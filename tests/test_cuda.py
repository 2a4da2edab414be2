"""Training and answering on a GPU; `pytest -m cuda` runs these alone, where there is one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from groovecli.actions.embed import embed
from groovecli.datasets.resident import Resident
from groovecli.datasets.sources import item_batches, source_of
from groovecli.datasets.streamed import Streamed
from groovecli.errors import Diverged
from groovecli.features.registry import feature
from groovecli.library.catalog import Catalog
from groovecli.models.devices import placed
from groovecli.models.loaded import load_model
from groovecli.models.shelf import shipped_model
from groovecli.networks.build import build
from groovecli.networks.output import Output
from groovecli.networks.registry import model_spec
from groovecli.training.loop import LoopOptions, Trainer
from groovecli.training.watch import Guard
from tests.conftest import write_song
from tests.test_graph import Notes
from tests.test_training import weights

pytestmark = [
    pytest.mark.cuda,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU with CUDA here"),
]
CUDA = torch.device("cuda")
N_STEPS = 32  # four an epoch: three full batches, and one of five windows
BATCH = 30


class Images:
    """Images of two genres, one of them with a loud band; stands for a WindowDataset."""

    def __init__(self, name: str, n: int, seed: int = 0) -> None:
        self.specs = (feature(name),)
        rng = np.random.default_rng(seed)
        self.labels = np.arange(n) % 2
        self.codes = rng.integers(0, 90, (n, *self.specs[0].input_shape[1:]), dtype=np.uint8)
        self.codes[self.labels == 1, 20:60] += 120

    def __len__(self) -> int:
        return len(self.labels)

    def __getitems__(self, chosen: Any) -> Any:
        return (torch.from_numpy(self.codes[chosen]),), torch.from_numpy(self.labels[chosen])


def on_cuda(name: str, n: int = 3 * BATCH + 5, model: nn.Module | None = None, **options: Any) -> Trainer:
    row = model_spec(name)
    torch.manual_seed(0)
    train, validation = Images(row.features[0], n), Images(row.features[0], 7, 1)
    hyper = replace(row.defaults, batch_size=BATCH, epochs=N_STEPS // 4, subset=0)
    if model is None:
        model = build(name, [train.specs[0].input_shape], n_genres=2, dropout=hyper.dropout)
    data: tuple[Any, Any] = train, validation
    return Trainer(placed(model, CUDA, row), row, *data, hyper, LoopOptions(**options), CUDA, 2)


@pytest.fixture(autouse=True)
def deterministic() -> Iterator[None]:
    """Sums in one order: Adam makes whole steps of a rounding error where a gradient is nothing else."""
    before = torch.backends.cudnn.deterministic
    torch.backends.cudnn.deterministic = True
    yield
    torch.backends.cudnn.deterministic = before


def alike(ours: Trainer, plain: Trainer) -> None:
    """Whether two trainings gave the same to 1e-5."""
    for one, other in zip(ours.history, plain.history, strict=True):
        assert one.loss == pytest.approx(other.loss, rel=1e-5)
        assert one.train_accuracy == other.train_accuracy
    found, expected = weights(ours.model), weights(plain.model)
    for name, tensor in expected.items():
        torch.testing.assert_close(found[name], tensor, rtol=1e-5, atol=1e-5, msg=f"{name} differs")


@pytest.mark.parametrize("is_resident", [True, False])
@pytest.mark.parametrize("name", ["time-cnn", "conv-autoencoder"])
def test_a_graph_learns_as_the_plain_loop(
    monkeypatch: pytest.MonkeyPatch, name: str, is_resident: bool
) -> None:
    """In float32, after 32 steps, with dropout where the network has it, and uneven last batches."""
    monkeypatch.setattr("groovecli.training.loop.source_of", Resident if is_resident else Streamed)
    plain, notes = on_cuda(name), Notes()
    plain._graph = None  # Adam counts its steps on the device in both
    list(plain.epochs())
    ours = on_cuda(name)
    list(ours.epochs(notes))
    assert not notes.said and ours._graph is not None and ours._graph.is_captured
    alike(ours, plain)


def test_the_last_batch_is_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once captured, the step itself is called for an epoch's last batch alone."""
    run, sizes = on_cuda("time-cnn"), []
    step = run._learn_from
    assert run._graph is not None
    monkeypatch.setattr(run._graph, "_step", lambda given, n: (sizes.append(n), step(given, n))[1])
    list(run.epochs())
    assert sizes == [30, 30, 30, 5, 30] + [5] * 7  # three to warm up, the capture, and the last ones


def test_losses_are_looked_at_every_20_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    looked, look = [], Guard.look

    def counted(guard: Guard) -> None:
        before = guard.n_seen
        look(guard)
        looked.append(guard.n_seen - before)

    monkeypatch.setattr(Guard, "look", counted)
    run = on_cuda("time-cnn", n=44 * BATCH + 1)
    next(run.epochs())
    assert looked == [20, 20, 5]


def test_a_loss_that_explodes_within_a_graph_is_named() -> None:
    run = on_cuda("time-cnn", n=44 * BATCH)
    for group in run.optimizer.param_groups:
        group["lr"] = 1e20
    with pytest.raises(Diverged, match="at step"):
        list(run.epochs())


class Waiting(nn.Module):
    """Looks at what it computes, which no graph can hold."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Sequential(nn.Dropout(0.2), nn.Linear(323, 2))

    def forward(self, x: torch.Tensor) -> Output:
        y = self.layer(x.mean(dim=(1, 3)))
        return Output(logits=y if float(y.detach().sum()) > -1e30 else -y, embedding=y)


def test_where_capturing_fails_it_learns_all_the_same_and_says_so() -> None:
    plain, ours = on_cuda("time-cnn", model=Waiting(), graph=False), on_cuda("time-cnn", model=Waiting())
    ours.model.load_state_dict(plain.model.state_dict())
    notes = Notes()
    list(plain.epochs())
    list(ours.epochs(notes))
    assert len(notes.said) == 1 and "CUDA graph" in notes.said[0]
    alike(ours, plain)


def test_a_run_goes_on_from_a_state_of_the_processor() -> None:
    whole, begun, second = (on_cuda("conv-autoencoder") for _ in range(3))
    list(whole.epochs())
    begun.hyper = replace(begun.hyper, epochs=4)
    list(begun.epochs())
    state = begun.state()
    state["optimizer"]["state"] = {
        number: {name: value.cpu() for name, value in values.items()}
        for number, values in state["optimizer"]["state"].items()
    }
    second.restore(state)
    list(second.epochs())
    assert [epoch.loss for epoch in second.history] == pytest.approx(
        [epoch.loss for epoch in whole.history], rel=1e-3
    )


def test_both_ways_bring_the_same_bytes() -> None:
    data: Any = Images("mel-323", 100)
    assert isinstance(source_of(data, CUDA), Resident)
    parts = item_batches(100, 30, shuffle_seed=1)
    ways = (Resident(data, CUDA), Streamed(data, CUDA))
    batches = [[way.batch(given) for given in way.given(parts)] for way in ways]
    assert len(batches[0]) == len(batches[1]) == 4
    for ((a,), labels), ((b,), others), part in zip(*batches, parts, strict=True):
        assert a.device.type == b.device.type == "cuda" and a.dtype == torch.uint8
        assert torch.equal(a, b) and torch.equal(labels, others)
        assert torch.equal(a.cpu(), torch.from_numpy(data.codes[part]))


def test_songs_are_answered_as_on_the_processor(tmp_path: Path) -> None:
    """Several at once by the included model, after what loads its kernels."""
    paths = [write_song(tmp_path / f"{n}.wav", 20, hz=300.0 + 90 * n, seed=n) for n in range(5)]
    found = []
    for device in ("cpu", "cuda"):
        model = load_model(shipped_model("groove-net"), device)
        with Catalog(tmp_path / f"{device}.db") as catalog:
            found.append(embed(model, paths, catalog, jobs=2).vectors)
    here, there = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True) for vectors in found)
    assert (here * there).sum(axis=1).min() > 0.999


def test_channels_come_last_where_that_is_faster() -> None:
    def is_last(name: str, layer: str) -> bool:
        weight = dict(on_cuda(name).model.named_parameters())[layer]
        return weight.is_contiguous(memory_format=torch.channels_last)

    assert is_last("conv-autoencoder", "encoder.1.0.weight")
    assert not is_last("time-cnn", "conv2.weight")
