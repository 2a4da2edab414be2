"""From windows to songs: what is averaged, and what a song's vector keeps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import softmax

from groovecli.models.pooling import pooled_logits, pooled_probabilities, pooled_vectors
from groovecli.networks.registry import model_spec

BY_PROBABILITY = model_spec("time-cnn")
BY_LOGIT = model_spec("transfer")
GROUPS = st.lists(st.integers(0, 4), min_size=1, max_size=12)


def numbered(groups: list[int]) -> np.ndarray:
    return np.unique(groups, return_inverse=True)[1]


@given(GROUPS, st.integers(0, 100), st.floats(0.1, 10))
@pytest.mark.parametrize("spec", [BY_PROBABILITY, BY_LOGIT], ids=["probabilities", "logits"])
def test_shares_are_probabilities_and_the_temperature_moves_no_guess(
    spec: object, groups: list[int], seed: int, temperature: float
) -> None:
    group = numbered(groups)
    logits = np.random.default_rng(seed).normal(0, 2, (len(group), 3)).astype(np.float32)
    shares = pooled_probabilities(logits, group, spec, temperature)
    assert shares.shape == (group.max() + 1, 3)
    assert np.allclose(shares.sum(axis=1), 1)
    assert (shares.argmax(axis=1) == pooled_logits(logits, group, spec).argmax(axis=1)).all()


def test_probabilities_are_averaged_or_logits() -> None:
    logits, song = np.array([[8.0, 0.0], [-1.0, 0.0]], np.float32), np.array([0, 0])
    by_probability = pooled_probabilities(logits, song, BY_PROBABILITY, 1.0)[0]
    by_logit = pooled_probabilities(logits, song, BY_LOGIT, 1.0)[0]
    assert by_probability == pytest.approx(softmax(logits, axis=1).mean(axis=0))
    assert by_logit == pytest.approx(softmax(logits.mean(axis=0)))


def test_a_certain_window_does_not_end_in_infinity() -> None:
    logits = np.array([[1000.0, -1000.0]], np.float32)
    assert np.isfinite(pooled_logits(logits, np.array([0]), BY_PROBABILITY)).all()


def test_a_vector_has_the_genres_beside_the_mean_where_the_network_joins_them() -> None:
    embeddings = np.array([[1.0, 4.0], [3.0, 4.0], [5.0, 6.0]], np.float32)
    song, logits = np.array([0, 0, 1]), np.zeros((3, 4), np.float32)
    assert pooled_vectors(embeddings, song, BY_PROBABILITY, logits).tolist() == [[2, 4], [5, 6]]
    spec = replace(BY_LOGIT, embedding_dim=2)
    assert pooled_vectors(embeddings, song, spec).tolist() == [[2, 4], [5, 6]]
    joined = pooled_vectors(embeddings, song, spec, logits)
    assert joined[:, :2].tolist() == [[2, 4], [5, 6]]
    assert joined[:, 2:] == pytest.approx(np.full((2, 4), np.sqrt(2) * 0.5))


@given(GROUPS, st.integers(0, 100))
def test_the_order_of_windows_does_not_matter(groups: list[int], seed: int) -> None:
    group = numbered(groups)
    embeddings = np.random.default_rng(seed).normal(size=(len(group), 4)).astype(np.float32)
    order = np.random.default_rng(seed + 1).permutation(len(group))
    assert np.allclose(
        pooled_vectors(embeddings, group, BY_LOGIT),
        pooled_vectors(embeddings[order], group[order], BY_LOGIT),
    )
