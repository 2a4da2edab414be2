"""What networks are trained towards: each objective's loss, and the penalties on weights."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from groovecli.errors import ModelError
from groovecli.networks.output import Output
from groovecli.networks.registry import model_spec
from groovecli.networks.spec import ModelSpec
from groovecli.training.objectives import balanced_weights, loss_of, penalty

CLASSIFY, RECONSTRUCT = model_spec("time-cnn"), model_spec("conv-autoencoder")
JOINT = model_spec("joint-autoencoder")
HYPER = JOINT.defaults
LABELS = torch.tensor([0, 1, 2, 0])


def outputs(seed: int = 0) -> tuple[Output, Tensor]:
    """What a network might give for four images of three genres, and the images."""
    torch.manual_seed(seed)
    x = torch.rand(4, 1, 8, 6)
    return Output(logits=torch.randn(4, 3), reconstruction=torch.rand(4, 1, 8, 6)), x


# Losses


def test_losses_are_those_of_their_objectives() -> None:
    output, x = outputs()
    classify, reconstruct = loss_of(CLASSIFY, HYPER), loss_of(RECONSTRUCT, HYPER)
    assert classify(output, x, LABELS) == nn.CrossEntropyLoss()(output.logits, LABELS)
    assert reconstruct(Output(reconstruction=x + 0.5), x, LABELS) == pytest.approx(0.25)
    with pytest.raises(ModelError):
        classify(Output(reconstruction=x), x, LABELS)
    with pytest.raises(ModelError):
        reconstruct(Output(logits=output.logits), x, LABELS)


@given(share=st.floats(0, 1), seed=st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_a_joint_loss_shares_its_weight(share: float, seed: int) -> None:
    output, x = outputs(seed)
    joint = loss_of(JOINT, replace(HYPER, reconstruction_weight=share))(output, x, LABELS)
    squares = (output.reconstruction - x).square().mean()
    genres = nn.functional.cross_entropy(output.logits, LABELS)
    assert joint == pytest.approx(float(share * squares + (1 - share) * genres), rel=1e-5)


@pytest.mark.parametrize("missing", ["logits", "reconstruction"])
def test_a_joint_loss_needs_both(missing: str) -> None:
    output, x = outputs()
    with pytest.raises(ModelError):
        loss_of(JOINT, HYPER)(output._replace(**{missing: None}), x, LABELS)


@pytest.mark.parametrize("row", [RECONSTRUCT, replace(JOINT, objective="reconstruct")])
def test_a_sum_of_squares_is_over_an_input_and_a_mean_over_the_batch(row: ModelSpec) -> None:
    output, x = outputs()
    each = (output.reconstruction - x).square().flatten(1)
    for squared_error, wanted in (("sum", each.sum(dim=1).mean()), ("mean", each.mean())):
        found = loss_of(replace(row, squared_error=squared_error), HYPER)(output, x, LABELS)
        assert found == pytest.approx(float(wanted), rel=1e-5)


def test_a_sum_does_not_grow_with_the_batch() -> None:
    output, x = outputs()
    loss = loss_of(replace(JOINT, squared_error="sum"), HYPER)
    twice = Output(*(None if part is None else torch.cat([part, part]) for part in output))
    doubled = loss(twice, torch.cat([x, x]), torch.cat([LABELS, LABELS]))
    assert doubled == pytest.approx(float(loss(output, x, LABELS)), rel=1e-5)


def test_the_softmax_autoencoder_sums_as_its_paper_does() -> None:
    """Sawhney et al., equation 3, with 0.9 of 500 squared errors."""
    row = model_spec("deep-softmax-autoencoder")
    output, x = (
        Output(logits=torch.zeros(2, 4), reconstruction=torch.full((2, 500), 0.1)),
        torch.zeros(2, 500),
    )
    wanted = 0.9 * 500 * 0.01 + 0.1 * torch.tensor(4.0).log()
    assert loss_of(row, row.defaults)(output, x, torch.tensor([0, 3])) == pytest.approx(
        float(wanted), rel=1e-5
    )


# Class weights


@given(labels=st.lists(st.integers(0, 3), min_size=1).map(lambda n: torch.tensor(n)))
@settings(max_examples=40, deadline=None)
def test_class_weights_give_each_genre_the_same_in_all(labels: torch.Tensor) -> None:
    weights = balanced_weights(labels, 4)
    totals = torch.bincount(labels, minlength=4) * weights
    there = totals[totals > 0]
    assert torch.allclose(there, there[0].expand_as(there))
    if len(there) == 4:
        assert weights[labels].mean() == pytest.approx(1, rel=1e-5)


@pytest.mark.parametrize("row", [CLASSIFY, JOINT], ids=lambda row: row.objective)
def test_class_weights_reach_the_genres_of_any_objective(row: ModelSpec) -> None:
    output, x = outputs()
    hyper = replace(HYPER, reconstruction_weight=0.0)
    weights = torch.tensor([1.0, 5.0, 0.1])
    found = loss_of(row, hyper, weights)(output, x, LABELS)
    assert found == pytest.approx(float(nn.CrossEntropyLoss(weights)(output.logits, LABELS)), rel=1e-5)


# Penalties


class Chosen(nn.Module):
    """Two dense layers, of which it wants one penalised."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.a, self.b = nn.Linear(3, 2), nn.Linear(2, 2)

    def penalised(self) -> Iterator[nn.Parameter]:
        yield self.b.weight


@given(l1=st.floats(0, 2), l2=st.floats(0, 2))
@settings(max_examples=40, deadline=None)
def test_penalties_are_on_the_weights_that_a_network_names(l1: float, l2: float) -> None:
    model = Chosen()
    found = penalty(model, replace(HYPER, l1=l1, l2=l2))
    if not l1 and not l2:
        assert found is None
        return
    w = model.b.weight.detach()
    assert found.item() == pytest.approx(float(l1 * w.abs().sum() + l2 * w.square().sum()), rel=1e-5)
    found.backward()
    assert torch.allclose(model.b.weight.grad, l1 * w.sign() + 2 * l2 * w, atol=1e-5)
    assert model.a.weight.grad is None and model.b.bias.grad is None


def test_without_a_choice_the_dense_layers_weights_are_penalised() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Conv1d(1, 2, 3), nn.BatchNorm1d(2), nn.Flatten(), nn.Linear(4, 3), nn.Linear(3, 2)
    )
    weights = [model[3].weight.detach(), model[4].weight.detach()]
    for l1, l2 in ((0.5, 0.0), (0.0, 0.25), (0.5, 0.25)):
        wanted = sum(float(l1 * w.abs().sum() + l2 * w.square().sum()) for w in weights)
        found = penalty(model, replace(HYPER, l1=l1, l2=l2))
        assert found is not None and found.item() == pytest.approx(wanted, rel=1e-5)


def test_a_network_without_dense_layers_has_no_penalty() -> None:
    assert penalty(nn.Conv1d(1, 2, 3), replace(HYPER, l1=1.0, l2=1.0)) is None
