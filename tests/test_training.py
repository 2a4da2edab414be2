"""Metrics, losses and the loop."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn import metrics as sk
from torch import nn
from torch.utils.data import DataLoader

from groovecli.datasets import Batch
from groovecli.errors import ModelError
from groovecli.features.spec import FeatureSpec
from groovecli.models.build import build
from groovecli.models.catalog import Hyperparameters
from groovecli.models.output import Output
from groovecli.monitor import Monitor
from groovecli.training.loop import LoopOptions, Trainer
from groovecli.training.metrics import accuracy, confusion, per_genre, scores
from groovecli.training.objectives import balanced_weights, loss_of
from tests.small import Stopper

# Metrics

guesses = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=40).map(
    lambda rows: tuple(np.array(column, np.int64) for column in zip(*rows, strict=True))
)


@given(pairs=guesses)
@settings(max_examples=60, deadline=None)
def test_figures_are_scikit_learns(pairs: tuple[NDArray[np.int64], NDArray[np.int64]]) -> None:
    truth, guess = pairs
    found = scores(truth, guess, np.arange(len(truth)), 4)
    assert found.n == len(truth)
    assert found.accuracy.value == pytest.approx(sk.accuracy_score(truth, guess))
    assert accuracy(truth, guess) == pytest.approx(found.accuracy.value)
    there = np.unique(truth)
    macro = sk.f1_score(truth, guess, labels=there, average="macro", zero_division=0)
    assert found.macro_f1.value == pytest.approx(macro)
    for figure in (found.accuracy, found.macro_f1):
        assert 0 <= figure.low <= figure.high <= 1


def test_macro_f1_is_over_the_genres_that_occur() -> None:
    truth, guess = np.array([0, 0, 1, 1]), np.array([0, 0, 1, 2])
    assert scores(truth, guess, np.arange(4), 9).macro_f1.value == pytest.approx((1 + 2 / 3) / 2)


def test_confusion_has_truth_as_rows_and_guesses_as_columns() -> None:
    counts = confusion(np.array([0, 0, 0, 2]), np.array([1, 1, 0, 2]), 3)
    assert counts.tolist() == [[1, 2, 0], [0, 0, 0], [0, 0, 1]]


def test_each_genre_has_its_figures() -> None:
    found = per_genre(np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1]), ("a", "b", "never"))
    assert (found["a"].precision, found["a"].recall, found["a"].support) == (1, pytest.approx(2 / 3), 3)
    assert (found["b"].precision, found["b"].recall, found["b"].support) == (0.5, 1, 1)
    assert found["b"].f1 == pytest.approx(2 / 3)
    assert (found["never"].f1, found["never"].support) == (0, 0)


def guessed(n: int, share: float, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, n)
    return truth, np.where(rng.random(n) < share, truth, (truth + 1) % 3)


@given(n=st.integers(5, 200), share=st.floats(0.1, 0.9), seed=st.integers(0, 99))
@settings(max_examples=25, deadline=None)
def test_an_interval_contains_its_figure(n: int, share: float, seed: int) -> None:
    found = scores(*guessed(n, share, seed), np.arange(n), 3)
    assert found.accuracy.low <= found.accuracy.value <= found.accuracy.high


def test_an_interval_narrows_with_the_number_of_songs() -> None:
    widths = []
    for n in (50, 200, 800):
        found = scores(*guessed(n, 0.6, 1), np.arange(n), 3).accuracy
        widths.append(found.high - found.low)
        normal = 2 * 1.96 * np.sqrt(found.value * (1 - found.value) / n)
        assert widths[-1] == pytest.approx(normal, rel=0.15)
    assert widths[0] > widths[1] > widths[2]


def test_whole_songs_are_drawn_again() -> None:
    """Ten clips that are one song's tell no more than one."""
    truth, guess = guessed(40, 0.6, 2)
    songs = np.array([f"song {n}" for n in range(40)])
    alone = scores(truth, guess, songs, 3)
    copied = scores(*(np.repeat(column, 10) for column in (truth, guess, songs)), 3)
    assert copied.accuracy == alone.accuracy and copied.macro_f1 == alone.macro_f1
    assert copied.n == 400


def test_intervals_follow_from_the_seed() -> None:
    truth, guess = guessed(60, 0.5, 3)
    drawn = [scores(truth, guess, np.arange(60), 3, seed=seed).macro_f1 for seed in (0, 0, 1)]
    assert drawn[0] == drawn[1] != drawn[2]


# Objectives


def test_losses_are_those_of_their_objectives() -> None:
    logits, x = torch.randn(4, 3), torch.rand(4, 1, 8, 8)
    labels = torch.tensor([0, 1, 2, 0])
    classify, reconstruct = loss_of("classify"), loss_of("reconstruct")
    assert classify(Output(logits=logits), x, labels) == nn.CrossEntropyLoss()(logits, labels)
    assert reconstruct(Output(reconstruction=x + 0.5), x, labels) == pytest.approx(0.25)
    with pytest.raises(ModelError):
        classify(Output(reconstruction=x), x, labels)
    with pytest.raises(ModelError):
        reconstruct(Output(logits=logits), x, labels)


@given(labels=st.lists(st.integers(0, 3), min_size=1).map(lambda n: torch.tensor(n)))
def test_class_weights_give_each_genre_the_same_in_all(labels: torch.Tensor) -> None:
    weights = balanced_weights(labels, 4)
    totals = torch.bincount(labels, minlength=4) * weights
    there = totals[totals > 0]
    assert torch.allclose(there, there[0].expand_as(there))
    if len(there) == 4:
        assert weights[labels].mean() == pytest.approx(1, rel=1e-5)


# The loop

SPEC = FeatureSpec("tiny", "mel", 8000, 512, 256, 16, 16, 3.0, 3.0, -80.0, 0.0, divide_by_mean=True)
HYPER = Hyperparameters("adam", learning_rate=1e-3, batch_size=4, epochs=5, dropout=0.3)


class Windows:
    """Images whose genre is where they are loud; stands for a WindowDataset."""

    def __init__(self, n: int, seed: int = 0, n_genres: int = 2) -> None:
        rng = np.random.default_rng(seed)
        self.spec = SPEC
        self.labels = np.arange(n) % n_genres
        self.codes = rng.integers(0, 60, (n, SPEC.n_bands, SPEC.n_frames), dtype=np.uint8)
        for image, label in zip(self.codes, self.labels, strict=True):
            image[4 * label : 4 * label + 3] += 150

    def __len__(self) -> int:
        return len(self.labels)

    def __getitems__(self, chosen: Sequence[int]) -> Batch:
        return torch.from_numpy(self.codes[chosen]), torch.from_numpy(self.labels[chosen])

    def loader(self, batch_size: int, *, shuffle_seed: int | None = None, pin: bool = False) -> Any:
        generator = None if shuffle_seed is None else torch.Generator().manual_seed(shuffle_seed)
        return DataLoader(
            self, batch_size, generator is not None, generator=generator, collate_fn=list, pin_memory=pin
        )  # type: ignore[arg-type]


def trainer(
    n: int = 18, n_validation: int = 7, hyper: Hyperparameters = HYPER, model: nn.Module | None = None,
    objective: Any = "classify", n_genres: int = 2, **options: Any,
) -> Trainer:  # fmt: skip
    torch.manual_seed(1)
    if model is None:
        model = build("time-cnn", n_genres=n_genres, n_bands=16, n_frames=16, dropout=hyper.dropout)
    data = Windows(n, n_genres=n_genres), Windows(n_validation, 1, n_genres)
    return Trainer(model, objective, *data, hyper, LoopOptions(**options), torch.device("cpu"), n_genres)  # type: ignore[arg-type]


def weights(model: nn.Module) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in model.state_dict().items()}


def same(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def figures(run: Trainer) -> list[Any]:
    return [replace(epoch, seconds=0, windows_per_s=0) for epoch in run.history]


def test_the_loss_falls_and_epochs_are_numbered() -> None:
    run = trainer()
    epochs = list(run.epochs())
    assert [epoch.number for epoch in epochs] == [1, 2, 3, 4, 5]
    assert epochs[-1].loss < epochs[0].loss
    assert epochs[-1].validation_accuracy == 1
    assert all(0 <= epoch.train_accuracy <= 1 for epoch in epochs)
    assert all(epoch.windows_per_s > 0 for epoch in epochs)


class Wandering(nn.Module):
    """Answers as well as `plan` says for this epoch, whatever it learns."""

    def __init__(self, plan: Sequence[float]) -> None:
        super().__init__()
        self.plan, self.epoch = plan, -1
        self.weight = nn.Parameter(torch.zeros(1))
        self.register_buffer("mark", torch.tensor(-1))

    def train(self, mode: bool = True) -> Wandering:
        if mode:
            self.epoch += 1
            self.mark.fill_(self.epoch)
        return super().train(mode)

    def forward(self, x: torch.Tensor) -> Output:
        loud = x.mean(dim=(1, 3))  # (batch, bands)
        is_first = (loud[:, 0:3].mean(1) < loud[:, 4:7].mean(1)).float() * 2 - 1  # divided by a mean < 0
        side = is_first * self.plan[min(self.epoch, len(self.plan) - 1)] + self.weight
        return Output(logits=torch.stack([side, -side], dim=1))


@pytest.mark.parametrize(
    ("plan", "best"),
    [((-1, 1, -1), 2), ((1, -1, -1), 1), ((0.5, 2, 1), 2), ((-2, -1, -3), 2), ((1, 1, 1), 1)],
)
def test_the_best_epoch_is_kept(plan: tuple[float, ...], best: int) -> None:
    """By validation accuracy, then by validation loss, then the earlier."""
    hyper = replace(HYPER, epochs=3, learning_rate=1e-9)
    run = trainer(hyper=hyper, model=Wandering(plan))
    list(run.epochs())
    assert run.best_epoch is not None and run.best_epoch.number == best
    assert run.finish().state_dict()["mark"] == best - 1


def test_without_validation_the_last_epoch_is_kept() -> None:
    run = trainer(n_validation=0)
    epochs = list(run.epochs())
    assert run.best_epoch == epochs[-1]
    assert epochs[-1].validation_loss is None and epochs[-1].validation_accuracy is None


@pytest.mark.parametrize("n_validation", [7, 1, 0])
def test_a_resumed_run_equals_an_uninterrupted_one(n_validation: int) -> None:
    whole = trainer(n_validation=n_validation)
    list(whole.epochs())
    first = trainer(n_validation=n_validation, hyper=replace(HYPER, epochs=2))
    list(first.epochs())
    second = trainer(n_validation=n_validation)
    torch.manual_seed(99)
    second.restore(first.state())
    list(second.epochs())
    assert figures(second) == figures(whole)
    assert second.best_epoch == second.history[whole.best_epoch.number - 1]  # type: ignore[union-attr]
    assert same(weights(second.model), weights(whole.model))
    assert same(weights(second.finish()), weights(whole.finish()))


def test_a_state_is_of_its_moment() -> None:
    run = trainer()
    steps = run.epochs()
    next(steps)
    state = run.state()
    kept = {name: tensor.clone() for name, tensor in state["model"].items()}
    list(steps)
    assert same(state["model"], kept) and len(state["history"]) == 1


def test_the_seed_decides() -> None:
    runs = [trainer(seed=seed) for seed in (0, 0, 1)]
    for run in runs:
        list(run.epochs())
    assert figures(runs[0]) == figures(runs[1]) != figures(runs[2])


def test_stopped_in_the_first_epoch_what_was_learnt_counts() -> None:
    monitor = Stopper("epoch 1", 2)
    run = trainer()
    before = weights(run.model)
    (epoch,) = run.epochs(monitor)
    assert epoch == run.best_epoch
    assert not same(weights(run.finish()), before)


def test_stopped_later_the_epoch_in_hand_is_dropped() -> None:
    whole, run = trainer(hyper=replace(HYPER, epochs=2)), trainer()
    list(whole.epochs())
    assert len(list(run.epochs(Stopper("epoch 3", 1)))) == 2
    assert figures(run) == figures(whole)
    assert same(weights(run.finish()), weights(whole.finish()))


def test_stopped_before_it_began_it_learns_nothing() -> None:
    class Stopped(Monitor):
        @property
        def stopped(self) -> bool:
            return True

    assert list(trainer().epochs(Stopped())) == []


def test_progress_counts_batches() -> None:
    class Counting(Monitor):
        def __init__(self) -> None:
            self.seen: list[tuple[str, int, int]] = []

        def progress(self, stage: str, done: int, total: int) -> None:
            self.seen.append((stage, done, total))

    monitor = Counting()
    next(trainer(n=18).epochs(monitor))
    assert monitor.seen == [("epoch 1", n, 5) for n in range(1, 6)]


def test_a_loss_that_is_no_number_is_an_error() -> None:
    run = trainer(hyper=Hyperparameters("sgd", learning_rate=1e30, batch_size=4, epochs=3))
    with pytest.raises(ModelError, match="epoch") as caught:
        list(run.epochs())
    assert "--learning-rate" in caught.value.hint


@pytest.mark.parametrize("n", [1, 4, 5, 9])
def test_any_number_of_examples_will_do(n: int) -> None:
    """The last batch may hold one alone."""
    assert len(list(trainer(n=n, n_validation=1).epochs())) == 5


# BatchNorm


def test_recalibration_changes_running_statistics_alone() -> None:
    runs = trainer(recalibrate=True), trainer(recalibrate=False)
    for run in runs:
        list(run.epochs())
    runs[0].best = _copy(runs[1].best)
    ours, plain = (weights(run.finish()) for run in runs)
    changed = {name for name in ours if not torch.equal(ours[name], plain[name])}
    assert changed <= {"norm.running_mean", "norm.running_var", "norm.num_batches_tracked"}
    assert "norm.running_mean" in changed


def _copy(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in tensors.items()}


@pytest.mark.parametrize("n", [100, 129, 257])
def test_recalibrated_statistics_are_those_of_all_training_windows(n: int) -> None:
    """Also where the last batch would hold one window and count as much as a full one."""
    run = trainer(n=n, n_validation=0, hyper=replace(HYPER, epochs=1, batch_size=64))
    run.train.codes[:] = np.sort(run.train.codes, axis=0)  # type: ignore[attr-defined]
    list(run.epochs())
    model = run.finish()
    seen: list[torch.Tensor] = []
    model.conv2.register_forward_hook(lambda _, __, y: seen.append(y))
    x, _ = run._to_device(run.train.__getitems__(range(n)))
    with torch.no_grad():
        model(x)
    y = seen[0]
    spread = y.std(dim=(0, 2, 3))
    assert ((model.norm.running_mean - y.mean(dim=(0, 2, 3))).abs() / spread).max() < 0.02
    assert model.norm.running_var == pytest.approx(y.var(dim=(0, 2, 3)), rel=0.1)


def test_a_network_without_batchnorm_needs_no_recalibration() -> None:
    run = trainer(hyper=replace(HYPER, epochs=1), model=Wandering((1.0,)))
    list(run.epochs())
    before = weights(run.model)
    assert same(weights(run.finish()), before)


def test_the_finished_network_is_ready_to_answer() -> None:
    run = trainer()
    list(run.epochs())
    assert not run.finish().training


# Options


def test_class_weights_make_a_rare_genre_count() -> None:
    class Uneven(Windows):
        def __init__(self, n: int) -> None:
            super().__init__(n)
            self.labels = (np.arange(n) % 9 == 0).astype(np.int64)

    run = trainer(class_weights=True)
    plain, weighted = (
        Trainer(
            run.model, "classify", Uneven(18), Uneven(9), HYPER, LoopOptions(class_weights=on),
            torch.device("cpu"), 2,
        )._loss
        for on in (False, True)
    )  # fmt: skip
    x, labels = torch.zeros(9, 1, 16, 16), torch.tensor([1] + [0] * 8)
    always_common = Output(logits=torch.tensor([[5.0, 0.0]]).repeat(9, 1))
    assert weighted(always_common, x, labels) > 4 * plain(always_common, x, labels)


@pytest.mark.parametrize("name", ["time-cnn", "conv-autoencoder"])
def test_bf16_trains_as_well(name: str) -> None:
    reconstructs = name == "conv-autoencoder"
    size = 32 if reconstructs else 16
    model = build(name, n_genres=2, n_bands=size, n_frames=size)
    run = trainer(bf16=True, model=model, objective="reconstruct" if reconstructs else "classify")
    if reconstructs:
        for data in (run.train, run.validation):
            data.codes = data.codes.repeat(2, axis=1).repeat(2, axis=2)  # type: ignore[attr-defined]
    epochs = list(run.epochs())
    assert epochs[-1].loss < epochs[0].loss
    finished = run.finish()
    assert all(tensor.dtype != torch.bfloat16 for tensor in finished.state_dict().values())
    assert (epochs[0].train_accuracy is None) == reconstructs


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Sums in one order, so that runs can be equal to the last bit."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
