"""A step of learning that is captured and done again; here by a recorder that needs no CUDA."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch

from groovecli.errors import Diverged
from groovecli.features.registry import feature
from groovecli.models.devices import choose_precision, placed
from groovecli.monitor import Monitor
from groovecli.networks.build import build
from groovecli.networks.registry import MODELS, model_spec
from groovecli.training.graph import N_WARM_UP, Captured, Figures, is_capturable
from groovecli.training.loop import Trainer
from groovecli.training.optimizers import optimizer_of, restore_optimizer
from groovecli.training.watch import Guard
from tests.test_training import HYPER, figures, same, trainer, weights


class Again:
    """Does a captured function's work by calling it again, and puts what it gives where it was told."""

    def __init__(self, fails: Exception | None = None) -> None:
        self.fails = fails
        self.n_warm = self.n_captured = self.n_replayed = 0

    def warm_up(self, function: Callable[[], Figures]) -> Figures:
        self.n_warm += 1
        return function()

    def capture(self, function: Callable[[], Figures]) -> tuple[Callable[[], None], Figures]:
        self.n_captured += 1
        if self.fails:
            raise self.fails
        given = torch.zeros(()), torch.zeros((), dtype=torch.int64)

        def replay() -> None:
            self.n_replayed += 1
            for there, here in zip(given, function(), strict=True):
                there.copy_(here)

        return replay, given


class Notes(Monitor):
    """Keeps what was said."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def note(self, text: str) -> None:
        self.said.append(text)


def captured(recorder: Again, **options: Any) -> Trainer:
    run = trainer(**options)
    run._graph = Captured(run._learn_from, recorder)
    return run


def test_a_captured_step_learns_as_the_plain_one() -> None:
    """18 windows by 4: each epoch's last batch has two, and is not the graph's."""
    plain, recorder = trainer(), Again()
    run = captured(recorder)
    list(plain.epochs())
    list(run.epochs())
    assert figures(run) == figures(plain)
    assert same(weights(run.finish()), weights(plain.finish()))
    assert (recorder.n_warm, recorder.n_captured) == (N_WARM_UP, 1)
    assert recorder.n_replayed == 5 * 4 - N_WARM_UP


def test_a_run_goes_on_with_a_graph_of_its_own() -> None:
    """What a graph works on is replaced by the saved state."""
    whole = trainer()
    list(whole.epochs())
    begun, recorder = captured(Again(), hyper=replace(HYPER, epochs=2)), Again()
    list(begun.epochs())
    second = captured(recorder)
    epochs = second.epochs()
    next(epochs)
    assert second._graph is not None and second._graph.is_captured
    second.restore(begun.state())
    assert not second._graph.is_captured
    list(second.epochs())
    assert figures(second) == figures(whole) and recorder.n_captured == 2
    assert same(weights(second.finish()), weights(whole.finish()))


def test_where_capturing_fails_it_learns_all_the_same_and_says_so_once() -> None:
    plain, notes = trainer(), Notes()
    list(plain.epochs())
    recorder = Again(RuntimeError("operation not permitted\nwhen a stream is captured"))
    run = captured(recorder)
    list(run.epochs(notes))
    assert same(weights(run.finish()), weights(plain.finish()))
    assert recorder.n_captured == 1
    (said,) = notes.said
    assert said.endswith("takes longer: operation not permitted")


def test_losses_are_looked_at_every_20_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    looked = []
    look = Guard.look

    def counted(guard: Guard) -> None:
        before = guard.n_seen
        look(guard)
        looked.append(guard.n_seen - before)

    monkeypatch.setattr(Guard, "look", counted)
    hyper = replace(HYPER, epochs=1, batch_size=2)
    for run in (trainer(n=90, hyper=hyper), captured(Again(), n=90, hyper=hyper)):
        looked.clear()
        list(run.epochs())
        assert looked == [20, 20, 5]


def test_the_step_that_diverged_is_named() -> None:
    """Of losses that are overwritten by the next step's, too."""
    hyper = replace(HYPER, optimizer="sgd", learning_rate=1e20, epochs=1, batch_size=2)
    said = []
    for run in (trainer(n=90, hyper=hyper), captured(Again(), n=90, hyper=hyper)):
        with pytest.raises(Diverged) as caught:
            list(run.epochs())
        said.append(caught.value.what)
    assert said[0] == said[1] and "at step" in said[0]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("time-cnn", True), ("conv-autoencoder", True), ("joint-autoencoder", True), ("mel-lstm", False),
     ("soundnet", False), ("two-layer", False), ("dense", False)],
)  # fmt: skip
def test_networks_of_images_are_captured(name: str, expected: bool) -> None:
    specs = tuple(feature(each) for each in MODELS[name].features)
    model = build(name, [spec.input_shape for spec in specs], n_genres=2)
    assert is_capturable(model, specs) == expected


def test_nothing_is_captured_without_cuda() -> None:
    assert trainer()._graph is None


def test_adams_state_goes_from_device_to_device() -> None:
    """A graph's Adam counts steps on the device, the processor's does not."""
    model = torch.nn.Linear(3, 2)
    ours, graphs = (optimizer_of(model, HYPER, capturable=on) for on in (False, True))
    model(torch.ones(1, 3)).sum().backward()
    ours.step()
    restore_optimizer(graphs, ours.state_dict())
    assert graphs.param_groups[0]["capturable"] is True
    restore_optimizer(ours, graphs.state_dict())
    assert ours.param_groups[0]["capturable"] is False
    assert [int(each["step"]) for each in ours.state.values()] == [1, 1]
    ours.step()
    plain = optimizer_of(model, replace(HYPER, optimizer="sgd"))
    restore_optimizer(plain, plain.state_dict())


def test_bf16_is_for_those_that_gain_by_it() -> None:
    cuda, cpu = torch.device("cuda"), torch.device("cpu")
    assert {name for name, spec in MODELS.items() if spec.bf16_on_cuda} == {"time-cnn", "conv-autoencoder"}
    assert choose_precision("auto", cuda, gains=True)
    assert not choose_precision("auto", cuda, gains=False)
    assert not choose_precision("auto", cpu, gains=True)
    assert choose_precision("bf16", cpu, gains=False)
    assert not choose_precision("float32", cuda, gains=True)


def test_the_processor_has_channels_last() -> None:
    """1.3 times as fast for conv-autoencoder."""
    model = build("conv-autoencoder", [(1, 32, 32)], n_genres=0)
    moved = placed(model, torch.device("cpu"), model_spec("conv-autoencoder"))
    assert moved.encoder[1][0].weight.is_contiguous(memory_format=torch.channels_last)  # type: ignore[union-attr, index]
