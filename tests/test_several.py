"""Several processes that train together, as torchrun starts them: gloo on the processor."""

from __future__ import annotations

import json
import multiprocessing
import os
import pickle
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from groovecli.errors import DatasetError, ExitCode, GrooveError, ProcessFailed, UsageError
from groovecli.models.weights import build_for
from groovecli.monitor import Monitor
from groovecli.networks.registry import model_spec
from groovecli.training import several
from groovecli.training.objectives import loss_of
from groovecli.training.request import TrainRequest
from groovecli.training.result import TrainResult
from groovecli.training.several import Ranks, joined
from groovecli.workers import crew
from groovecli.workers.ranks import Rank, own_rank
from tests.cli.conftest import groove
from tests.small import World, describing, world

REQUEST = TrainRequest(hyper={"epochs": 3, "batch_size": 5, "dropout": 0.0}, seed=3)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """An ingested library, one model's features of it computed."""
    with world(tmp_path_factory.mktemp("several")) as here:
        here.ingest()
        yield here


def in_each(n: int, function: Callable[[], Any]) -> list[Any]:
    """What a function gives, or the error that it raises, in each of n processes."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    fork = multiprocessing.get_context("fork")
    pipes = [fork.Pipe(duplex=False) for _ in range(n)]
    processes = [
        fork.Process(target=_run, args=(function, rank, n, port, pipe[1]))
        for rank, pipe in enumerate(pipes)
    ]
    for process in processes:
        process.start()
    for _, sending in pipes:
        sending.close()
    try:
        return [_received(receiving) for receiving, _ in pipes]
    finally:
        for process in processes:
            process.join(20)
            process.kill()


def _received(pipe: Any) -> Any:
    assert pipe.poll(60), "a process hangs"
    try:
        return pickle.loads(pipe.recv_bytes())
    except EOFError:
        return None  # it was killed


def _run(function: Callable[[], Any], rank: int, n: int, port: int, pipe: Any) -> None:
    os.environ.update(RANK=str(rank), WORLD_SIZE=str(n), MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port))
    torch.set_num_threads(1)
    crew._crew = crew._Crew()  # the parent's workers have no threads here
    try:
        answer = function()
    except GrooveError as error:
        answer = error
    pipe.send_bytes(pickle.dumps(answer))
    pipe.close()
    sys.stdout.flush()
    os._exit(0)


def same(ones: TrainResult, others: TrainResult) -> None:
    """Whether two trainings gave the same, but for rounding."""
    for one, other in zip(ones.epochs, others.epochs, strict=True):
        assert other.loss == pytest.approx(one.loss, rel=1e-4)
        assert other.train_accuracy == pytest.approx(one.train_accuracy)
        assert other.validation_loss == pytest.approx(one.validation_loss, rel=1e-4)
        assert other.validation_accuracy == pytest.approx(one.validation_accuracy)
    assert ones.best_epoch == others.best_epoch
    found = load_file(others.path)
    for name, weights in load_file(ones.path).items():
        torch.testing.assert_close(found[name], weights, rtol=1e-3, atol=1e-4)


@pytest.fixture(scope="module")
def alone(small: World) -> TrainResult:
    """What one process trains; each epoch's last batch has a single window."""
    return small.train(replace(REQUEST, name="one"))


def test_a_training_is_that_of_one_process(small: World, alone: TrainResult) -> None:
    results = in_each(2, lambda: small.train(replace(REQUEST, name="two")))
    for result in results:
        same(alone, result)
    assert results[0] == results[1]
    assert "trained by 2 processes together" in results[0].notes
    assert results[0].description.training["n_processes"] == 2


def test_it_goes_on_where_it_was_stopped_with_another_number(small: World, alone: TrainResult) -> None:
    stopped = in_each(2, lambda: small.train(replace(REQUEST, name="part"), monitor=_Second()))
    assert [result.interrupted for result in stopped] == [True, True]
    assert len(stopped[0].epochs) == 2
    same(alone, small.train(replace(REQUEST, name="part"), resume=True))


class _Second(Monitor):
    """The second of two processes is asked to stop in the third epoch."""

    def __init__(self) -> None:
        self.is_third = False

    def progress(self, stage: str, done: int, total: int) -> None:  # noqa: ARG002
        self.is_third = stage == "epoch 3"

    @property
    def stopped(self) -> bool:
        return self.is_third and own_rank().number == 1


def test_one_process_fits_the_head_of_transfer(small: World) -> None:
    request = TrainRequest(network="transfer", name="head")
    first, second = in_each(2, lambda: small.train(request))
    assert first == second
    assert any("one process did the work" in note for note in first.notes)


def test_an_error_of_the_first_process_ends_all(small: World) -> None:
    request = replace(REQUEST, dataset="nowhere", name="none")
    errors = in_each(2, lambda: small.train(request))
    assert [type(error) for error in errors] == [DatasetError] * 2
    assert errors[0].what == errors[1].what


def test_an_error_of_another_process_is_said_by_the_first(small: World) -> None:
    def failing() -> TrainResult:
        request = replace(REQUEST, name="failing")
        with pytest.MonkeyPatch.context() as patch:
            if own_rank().number == 1:
                patch.setattr("groovecli.actions.train.gather", _fail)
            return small.train(request)

    errors = in_each(2, failing)
    assert {type(error) for error in errors} == {ProcessFailed}
    assert errors[0].what == "process 2 of 2 failed: OSError: no such disk"


def _fail(*_: Any) -> None:
    raise OSError("no such disk")


def test_a_process_that_is_gone_ends_the_others(small: World) -> None:
    def dying() -> TrainResult:
        return small.train(replace(REQUEST, name="dying"), monitor=_Dying())

    error, nothing = in_each(2, dying)
    assert nothing is None
    assert isinstance(error, ProcessFailed)
    assert error.what == "another process of this training has ended"


class _Dying(Monitor):
    def progress(self, stage: str, done: int, total: int) -> None:  # noqa: ARG002
        if stage == "epoch 2" and own_rank().number == 1:
            os._exit(9)


@pytest.mark.parametrize("name", ["time-cnn", "conv-autoencoder", "seq-cnn", "mel-lstm", "soundnet-lstm"])
def test_networks_learn_from_shares_as_from_the_whole(name: str) -> None:
    torch.manual_seed(0)
    about = describing(name, clip_s=10.0)
    network = build_for(replace(about, dropout=0.0)).train()
    inputs = [torch.rand(5, *spec.input_shape) for spec in about.features]
    labels = torch.tensor([0, 1, 1, 0, 1])

    def gradients(ranks: Ranks) -> tuple[float, list[torch.Tensor]]:
        loss = loss_of(model_spec(name), model_spec(name).defaults, torch.tensor([0.3, 1.7]), ranks.total)
        own, learner = ranks.parallel(network)
        chosen = ranks.share([0, 1, 2, 3, 4])
        mine = [each[chosen] for each in inputs]
        value = loss(learner(*mine), mine[0], labels[chosen], len(chosen) / 5)
        (value * ranks.n).backward()  # type: ignore[no-untyped-call]
        found = [weight.grad for weight in own.parameters() if weight.grad is not None]
        return float(ranks.total(value.detach())), found

    def together() -> Any:
        with joined("cpu") as ranks:
            return gradients(ranks)

    shared = in_each(2, together)
    value, wanted = gradients(several.ALONE)
    largest = max(float(each.abs().max()) for each in wanted)
    for own_value, found in shared:
        assert own_value == pytest.approx(value, rel=1e-4)
        for one, other in zip(wanted, found, strict=True):
            torch.testing.assert_close(other, one, rtol=1e-2, atol=1e-3 * largest)


@pytest.mark.parametrize("momentum", [0.1, None])
def test_shared_statistics_are_those_of_the_whole_batch(momentum: float | None) -> None:
    x = torch.randn(7, 3, 4) * 2 + 5

    def followed(ranks: Ranks) -> Any:
        norm, _ = (
            ranks.parallel(nn.BatchNorm1d(3, momentum=momentum))
            if ranks.n > 1
            else (
                nn.BatchNorm1d(3, momentum=momentum),
                None,
            )
        )
        for batch in (x, 2 * x):
            norm(batch[ranks.share(list(range(7)))])
        return norm.running_mean, norm.running_var

    def together() -> Any:
        with joined("cpu") as ranks:
            return followed(ranks)

    for found in in_each(3, together):
        torch.testing.assert_close(found, followed(several.ALONE))


@pytest.mark.parametrize("n", [1, 2, 3, 8])
@pytest.mark.parametrize("size", [1, 2, 7, 8])
def test_shares_make_up_the_batch(n: int, size: int) -> None:
    batch = list(range(size))
    ranks = [Ranks(Rank(number, n)) for number in range(n)]
    shares = [each.share(batch) for each in ranks]
    assert all(shares)
    assert {item for share in shares for item in share} == set(batch)
    assert sum(ranks[0].weight(size) * len(share) for share in shares) == pytest.approx(size)


def test_the_device_must_do_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(several, "own_rank", lambda: Rank(1, 3, 1, 3))
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    for device, said in (("cuda", "3 processes for 2 CUDA devices"), ("cuda:1", "share the device cuda:1")):
        monkeypatch.setattr(several, "choose_device", torch.device)
        with pytest.raises(UsageError, match=said), joined(device):
            pass


@pytest.mark.parametrize(
    ("environment", "rank"),
    [
        ({}, Rank()),
        ({"WORLD_SIZE": "4"}, Rank()),
        ({"RANK": "0", "WORLD_SIZE": "1", "MASTER_ADDR": "x", "MASTER_PORT": "1"}, Rank()),
        ({"RANK": "x", "WORLD_SIZE": "?", "MASTER_ADDR": "x", "MASTER_PORT": "1"}, Rank()),
        ({"RANK": "1", "WORLD_SIZE": "2", "MASTER_ADDR": "x", "MASTER_PORT": "1"}, Rank(1, 2, 1, 2)),
    ],
)
def test_ranks_are_what_a_launcher_says(
    environment: dict[str, str], rank: Rank, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT", "LOCAL_RANK", "LOCAL_WORLD_SIZE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert own_rank() == rank


@pytest.mark.faults
def test_torchrun_gives_one_answer(small: World) -> None:
    command = f"-m torch.distributed.run --nproc-per-node 2 -m groovecli train --name by-torchrun {_HYPER}"
    with small.at_home():
        done = subprocess.run(
            [sys.executable, *command.split()], capture_output=True, text=True, timeout=120, check=True
        )
    assert json.loads(done.stdout)["model"] == "by-torchrun"
    assert done.stderr.count("epoch 1/1") == 1


_HYPER = "--epochs 1 --batch-size 5 --device cpu --jobs 1 --json"


def test_other_commands_are_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"RANK": "0", "WORLD_SIZE": "2", "MASTER_ADDR": "x", "MASTER_PORT": "1"}.items():
        monkeypatch.setenv(name, value)
    done = groove("cluster", "music")
    assert done.exit_code == ExitCode.USAGE
    assert "torchrun starts only `groove train`" in done.stderr
