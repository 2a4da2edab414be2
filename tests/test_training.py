"""Metrics and the loop."""

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

from groovecli.datasets.examples import Example
from groovecli.datasets.tables import Place
from groovecli.datasets.windows import Batch
from groovecli.errors import Diverged
from groovecli.evaluation.metrics import (
    Interval,
    accuracy,
    average_precision,
    confusion,
    difference,
    per_genre,
    scores,
)
from groovecli.features.lyrics import LyricsSpec
from groovecli.features.segments import SegmentsSpec
from groovecli.features.spec import FeatureSpec, ImageSpec
from groovecli.features.wave import WaveSpec
from groovecli.monitor import Monitor
from groovecli.networks.build import build
from groovecli.networks.output import Output
from groovecli.networks.registry import MODELS, Hyperparameters, ModelSpec, model_spec
from groovecli.training.loop import LoopOptions, Trainer
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


def wilson(right: int, n: int) -> Interval:
    """A share with its score interval."""
    z, p = 1.959964, right / n
    middle, half = n * p + z**2 / 2, z * np.sqrt(n * p * (1 - p) + z**2 / 4)
    return Interval(p, (middle - half) / (n + z**2), (middle + half) / (n + z**2))


def test_the_interval_of_a_difference_is_newcombes() -> None:
    """56 of 70 against 48 of 80: table II of his paper."""
    found = difference(wilson(56, 70), wilson(48, 80))
    assert (found.value, found.low, found.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)


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
    assert copied.accuracy.value == alone.accuracy.value and copied.macro_f1 == alone.macro_f1
    assert copied.accuracy.low == pytest.approx(alone.accuracy.low, abs=0.03)  # one is exact, one resampled
    assert copied.accuracy.high == pytest.approx(alone.accuracy.high, abs=0.03)
    assert copied.n == 400


def test_intervals_follow_from_the_seed() -> None:
    truth, guess = guessed(60, 0.5, 3)
    drawn = [scores(truth, guess, np.arange(60), 3, seed=seed).macro_f1 for seed in (0, 0, 1)]
    assert drawn[0] == drawn[1] != drawn[2]


def test_average_precision_is_scikit_learns_over_the_genres_that_occur() -> None:
    rng = np.random.default_rng(0)
    truth, shares = rng.integers(0, 3, 40), rng.random((40, 4))
    wanted = sk.average_precision_score(np.eye(3)[truth], shares[:, :3], average="macro")
    assert average_precision(truth, shares) == pytest.approx(wanted)
    assert average_precision(truth, np.eye(4)[truth]) == 1
    assert average_precision(np.array([2, 2]), rng.random((2, 4))) == 1


# The loop

SPEC = ImageSpec(
    name="tiny", kind="mel", sr=8000, clip_s=3.0, window_s=3.0, step_s=3.0, n_fft=512, hop_length=256,
    n_bands=16, n_frames=16, low=-80.0, high=0.0, scale="mean",
)  # fmt: skip
HYPER = Hyperparameters("adam", learning_rate=1e-3, batch_size=4, epochs=5, dropout=0.3)


class Windows:
    """Images whose genre is where they are loud; stands for a WindowDataset."""

    n_windows = 1

    def __init__(self, n: int, seed: int = 0, n_genres: int = 2) -> None:
        rng = np.random.default_rng(seed)
        self.specs: tuple[FeatureSpec, ...] = (SPEC,)
        self.labels = np.arange(n) % n_genres
        self.clip_numbers = np.arange(n)
        self.clips = [Example(f"{i:032x}", 0, "", (Place(f"{i % 3}", i),)) for i in range(n)]
        self.codes = rng.integers(0, 60, (n, SPEC.n_bands, SPEC.n_frames), dtype=np.uint8)
        for image, label in zip(self.codes, self.labels, strict=True):
            image[4 * label : 4 * label + 3] += 150

    def __len__(self) -> int:
        return len(self.labels)

    def __getitems__(self, chosen: Sequence[int]) -> Batch:
        return (torch.from_numpy(self.codes[chosen]),), torch.from_numpy(self.labels[chosen])


TIME_CNN = model_spec("time-cnn")


def trainer(
    n: int = 18, n_validation: int = 7, hyper: Hyperparameters = HYPER, model: nn.Module | None = None,
    row: ModelSpec = TIME_CNN, n_genres: int = 2, data: Any = None, **options: Any,
) -> Trainer:  # fmt: skip
    torch.manual_seed(1)
    if model is None:
        model = build("time-cnn", [SPEC.input_shape], n_genres=n_genres, dropout=hyper.dropout)
    data = data or (Windows(n, n_genres=n_genres), Windows(n_validation, 1, n_genres))
    return Trainer(model, row, *data, hyper, LoopOptions(**options), torch.device("cpu"), n_genres)


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
    run = trainer(n=18)
    next(run.epochs(monitor))
    assert monitor.seen == [("epoch 1", n, 25) for n in range(1, 6)]
    monitor.seen.clear()
    list(run.epochs(monitor))
    assert monitor.seen == [(f"epoch {1 + (n - 1) // 5}", n, 25) for n in range(6, 26)]


# What goes wrong


class Failing(nn.Module):
    """Answers with `answer` from its `at`-th training step on; good till then."""

    def __init__(self, at: int, answer: float) -> None:
        super().__init__()
        self.at, self.answer, self.n_steps = at, answer, 0
        self.weight = nn.Parameter(torch.zeros(1))
        self.register_buffer("mark", torch.tensor(0))

    def forward(self, x: torch.Tensor) -> Output:
        if self.training:
            self.n_steps += 1
            self.mark.fill_(self.n_steps)
        logits = torch.ones(len(x), 2) * self.weight
        return Output(logits=logits + self.answer if self.n_steps >= self.at and self.training else logits)


@pytest.mark.parametrize("answer", [float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize(("at", "where"), [(1, "step 1 of epoch 1"), (20, "step 20 of epoch 1"),
    (21, "step 21 of epoch 1"), (23, "step 23 of epoch 1"), (24, "step 1 of epoch 2"),
    (50, "step 4 of epoch 3")])  # fmt: skip
def test_a_loss_that_is_no_number_is_told_with_its_step_and_epoch(
    answer: float, at: int, where: str
) -> None:
    run = trainer(n=23, hyper=replace(HYPER, batch_size=1), model=Failing(at, answer))
    with pytest.raises(Diverged, match=rf"the loss is nan at {where}$"):
        list(run.epochs())
    n_done = (at - 1) // 23
    assert len(run.history) == n_done
    assert run.finish().state_dict()["mark"] == (23 if n_done else 0)  # of the best epoch, the first


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize("learning_rate", [1e9, 1e30])
@pytest.mark.parametrize("batch_size", [4, 18])
@pytest.mark.parametrize("n_validation", [0, 7])
def test_a_learning_rate_beyond_all_bounds_is_told_in_the_epoch_that_it_ruins(
    optimizer: Any, learning_rate: float, batch_size: int, n_validation: int
) -> None:
    """Also where an epoch is one step, whose loss is that of the weights before it."""
    hyper = Hyperparameters(optimizer, learning_rate=learning_rate, batch_size=batch_size, epochs=3)
    run = trainer(hyper=hyper, n_validation=n_validation)
    with pytest.raises(Diverged, match=r"the loss is .* epoch 1$"):
        list(run.epochs())
    assert run.history == [] and run.best_epoch is None


def test_what_the_best_epoch_before_it_learnt_is_kept() -> None:
    good = trainer(hyper=replace(HYPER, epochs=2))
    list(good.epochs())
    run = trainer()
    steps = run.epochs()
    next(steps), next(steps)
    run.optimizer.param_groups[0]["lr"] = 1e12
    with pytest.raises(Diverged, match="epoch 3"):
        list(steps)
    assert figures(run) == figures(good)
    assert run.best_epoch == run.history[good.best_epoch.number - 1]  # type: ignore[union-attr]
    assert same(weights(run.finish()), weights(good.finish()))
    assert len(run.state()["history"]) == 2


def test_resumed_a_loss_is_still_compared_with_the_first() -> None:
    """Epochs of one step: what blows up from one to the next is seen, also by a run that goes on."""
    hyper = Hyperparameters("sgd", learning_rate=0.01, batch_size=18, epochs=3)
    first = trainer(hyper=replace(hyper, epochs=1), n_validation=0)
    list(first.epochs())
    state = first.state()
    state["model"]["genres.bias"] = torch.tensor([1e9, 0.0])
    run = trainer(hyper=hyper, n_validation=0)
    run.restore(state)
    with pytest.raises(Diverged, match="at step 1 of epoch 2"):
        list(run.epochs())


def test_an_input_that_is_no_number() -> None:
    data = Heard(18), Heard(7)
    data[0].inputs[0][5, 3] = float("nan")
    with pytest.raises(Diverged, match=r"the loss is nan at step \d of epoch 1"):
        list(heard(data).epochs())
    data = Heard(18), Heard(7)
    data[1].inputs[0][5, 3] = float("nan")
    with pytest.raises(Diverged, match="the loss is nan after epoch 1"):
        list(heard(data).epochs())


# Networks that eat, or give, several things


class Heard(Windows):
    """Vectors whose genre is their sign; as many inputs as there are specs."""

    def __init__(self, n: int, *specs: FeatureSpec) -> None:
        super().__init__(n)
        self.specs = specs or (WAVE,)
        rng = np.random.default_rng(n)
        sign = (self.labels * 2 - 1).astype(np.float32)
        self.inputs = [
            rng.random((n, *spec.input_shape), np.float32)
            * sign.reshape(-1, *([1] * len(spec.input_shape)))
            for spec in self.specs
        ]

    def __getitems__(self, chosen: Sequence[int]) -> Batch:
        return tuple(torch.from_numpy(x[chosen]) for x in self.inputs), torch.from_numpy(
            self.labels[chosen]
        )


WAVE = WaveSpec(name="tiny-wave", kind="wave", sr=100, clip_s=5.0, window_s=5.0, step_s=5.0)
TUNE = SegmentsSpec(
    name="tiny-tune", kind="segments", sr=8000, clip_s=3.0, window_s=3.0, step_s=3.0,
    n_fft=512, hop_length=512, n_frames=8,
)  # fmt: skip
WORDS = LyricsSpec(name="lyrics", kind="lyrics", width=5)


def heard(data: tuple[Heard, Heard], name: str = "two-layer", **changes: Any) -> Trainer:
    torch.manual_seed(0)
    model = build(name, [spec.input_shape for spec in data[0].specs], n_genres=2)
    return trainer(model=model, row=model_spec(name), data=data, **changes)


@pytest.mark.parametrize("name", ["dense", "seq-cnn", "seq-lstm"])
def test_a_network_with_two_inputs_learns_and_goes_on_as_if_never_stopped(name: str) -> None:
    def run(epochs: int) -> Trainer:
        data = Heard(18, TUNE, WORDS), Heard(7, TUNE, WORDS)
        return heard(data, name, hyper=replace(HYPER, epochs=epochs, l1=1e-5, l2=1e-4, resample=(9, 9)))

    whole, first, second = run(5), run(2), run(5)
    list(whole.epochs())
    assert whole.history[-1].loss < whole.history[0].loss
    list(first.epochs())
    second.restore(first.state())
    list(second.epochs())
    assert figures(second) == figures(whole)
    assert same(weights(second.finish()), weights(whole.finish()))


def test_a_dense_that_was_stopped_before_there_were_scales_goes_on_without() -> None:
    data = Heard(18, TUNE, WORDS), Heard(7, TUNE, WORDS)
    first, second = (heard(data, "dense", hyper=replace(HYPER, epochs=n)) for n in (2, 3))
    list(first.epochs())
    state = first.state()
    del state["model"]["scales"], state["best"]["scales"]
    second.restore(state)
    assert len(list(second.epochs())) == 1
    assert second.finish().state_dict()["scales"].tolist() == [1, 1]


@pytest.mark.parametrize("name", ["vanilla-autoencoder", "deep-softmax-autoencoder"])
def test_what_an_epoch_says_follows_from_what_a_network_gives(name: str) -> None:
    run = heard((Heard(18), Heard(7)), name)
    epochs = list(run.epochs())
    assert epochs[-1].loss < epochs[0].loss
    assert (epochs[0].train_accuracy is None) == (epochs[0].validation_accuracy is None)
    assert (epochs[0].validation_accuracy is None) == (not MODELS[name].has_genres)
    assert epochs[0].validation_loss is not None


# What an epoch sees


def test_an_epoch_has_the_steps_of_its_draw() -> None:
    class Counting(Monitor):
        n_steps = 0

        def progress(self, stage: str, done: int, total: int) -> None:  # noqa: ARG002
            Counting.n_steps = total

    for changes, n_steps in (
        ({}, 5), ({"subset": 9}, 3), ({"resample": (20, 20)}, 10), ({"resample": (20, 20), "subset": 4}, 1),
        ({"resample": (20, 3)}, 2),  # of genres alike in size
    ):  # fmt: skip
        next(trainer(hyper=replace(HYPER, **changes)).epochs(Counting()))
        assert Counting.n_steps == n_steps * HYPER.epochs


@pytest.mark.parametrize("changes", [{"subset": 9, "redraw_every": 2}, {"resample": (6, 6)}], ids=str)
@pytest.mark.parametrize("by_chunk", [False, True])
def test_draws_go_on_where_a_run_was_stopped(changes: dict[str, Any], by_chunk: bool) -> None:
    hyper = replace(HYPER, **changes)
    whole, first, second = (trainer(hyper=replace(hyper, epochs=n), by_chunk=by_chunk) for n in (5, 3, 5))
    list(whole.epochs())
    list(first.epochs())
    second.restore(first.state())
    list(second.epochs())
    assert figures(second) == figures(whole)
    assert same(weights(second.finish()), weights(whole.finish()))


def test_chunk_by_chunk_it_learns_as_well() -> None:
    run = trainer(by_chunk=True)
    epochs = list(run.epochs())
    assert epochs[-1].loss < epochs[0].loss and epochs[-1].validation_accuracy == 1


@pytest.mark.parametrize("penalty", [{"l1": 0.05}, {"l2": 0.5}])
def test_penalties_hold_the_weights_down_and_are_not_in_the_loss(penalty: dict[str, float]) -> None:
    plain, held = (
        heard((Heard(18), Heard(7)), hyper=replace(HYPER, epochs=20, dropout=0.0, **changes))
        for changes in ({}, penalty)
    )
    for run in (plain, held):
        list(run.epochs())
    sizes = [
        sum(float(w.abs().sum()) for n, w in weights(r.model).items() if "weight" in n)
        for r in (plain, held)
    ]
    assert sizes[1] < 0.9 * sizes[0]
    assert held.history[0].loss < 2  # of two genres; the penalty alone is far above


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
    (x,), _ = run._inputs(run.train.__getitems__(range(n)))
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
            run.model, TIME_CNN, Uneven(18), Uneven(9), HYPER, LoopOptions(class_weights=on),
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
    model = build(name, [(1, size, size)], n_genres=2)
    run = trainer(bf16=True, model=model, row=model_spec(name))
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
