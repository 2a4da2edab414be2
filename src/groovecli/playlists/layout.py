"""Songs as dots on a plane: near each other where they sound alike, and where they were on the last map.

t-SNE (van der Maaten and Hinton 2008), begun at the principal components or at the last map. Of many
songs, some are laid out first; the others begin beside the nearest of these (Kobak and Berens 2019).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from groovecli.playlists.rows import Rows, blocks, sample

Floats = NDArray[np.float64]
Points = NDArray[np.float32]

N_FIRST = 5_000
"""Songs of a large library that are laid out first."""
_N_DIMS = 50
_PERPLEXITY = 30.0
_FEWEST = 5  # songs that t-SNE lays out; fewer stand along their principal components
_LEARNT_FROM = 20_000  # songs whose vectors say which directions matter
_FROM_THERE = 250  # steps from a place that is nearly right; the fewest that scikit-learn takes
_BESIDE = 3  # songs that say where another one begins
_TINY = 1e-9


def reduced(rows: Rows, n_dims: int = _N_DIMS) -> Points:
    """Vectors along their principal components [shape=(n, <=n_dims)], the largest first."""
    some = sample(rows, _LEARNT_FROM, 0).astype(np.float64)
    some = some[np.isfinite(some).all(axis=1)] if len(some) else some
    mean = some.mean(axis=0) if len(some) else np.zeros(rows.shape[1])
    _, directions = np.linalg.eigh(np.cov((some - mean).T) if len(some) > 1 else np.eye(len(mean)))
    kept = directions[:, ::-1][:, :n_dims]
    kept = kept * np.where(kept[np.abs(kept).argmax(axis=0), np.arange(kept.shape[1])] < 0, -1, 1)
    found = np.empty((len(rows), kept.shape[1]), np.float32)
    for part, block in blocks(rows):
        found[part] = np.nan_to_num((block - mean) @ kept, posinf=0.0, neginf=0.0)
    return found


def laid_out(points: Points, *, seed: int = 0, last: Floats | None = None) -> Floats:
    """Where each song stands.

    Parameters
    ----------
    points : np.ndarray [shape=(n, d)]
        What `reduced` gave.
    last : np.ndarray [shape=(n, 2)], optional
        Where songs stood on the last map, NaN for those that are new.

    Returns
    -------
    places : np.ndarray [shape=(n, 2)]
        Around 0.
    """
    from threadpoolctl import threadpool_limits

    n = len(points)
    with threadpool_limits(1):  # sums of several threads differ from run to run
        if n < _FEWEST:
            places = _along(points)
        elif last is not None and np.isfinite(last).all(axis=1).any():
            places = _moved(points, _begun(points, last), seed, from_there=True)
        elif n <= N_FIRST:
            places = _moved(points, _along(points) * 1e-4, seed)
        else:
            places = _in_two_steps(points, seed)
    return places - places.mean(axis=0) if n else places


def _in_two_steps(points: Points, seed: int) -> Floats:
    first = np.sort(np.random.default_rng(seed).choice(len(points), N_FIRST, replace=False))
    last = np.full((len(points), 2), np.nan)
    last[first] = _moved(points[first], _along(points[first]) * 1e-4, seed)
    last *= math.sqrt(len(points) / N_FIRST) / 2  # more songs take more room
    return _moved(points, _begun(points, last), seed, from_there=True)


def _moved(points: Points, begin: Floats, seed: int, *, from_there: bool = False) -> Floats:
    """Songs moved by t-SNE from where they begin; `from_there` where that is nearly right."""
    from sklearn.manifold import TSNE

    steps = {"early_exaggeration": 1.0, "max_iter": _FROM_THERE} if from_there else {}
    perplexity = min(_PERPLEXITY, (len(points) - 1) / 3)
    layout = TSNE(perplexity=perplexity, init=begin.astype(np.float32), random_state=seed, **steps)
    places: Floats = layout.fit_transform(points).astype(np.float64)
    return places


def _along(points: Points) -> Floats:
    """The first two principal components, of spread 1; zeros where there are none."""
    found = np.zeros((len(points), 2))
    found[:, : min(2, points.shape[1])] = points[:, :2]
    spread = float(found[:, 0].std()) if len(found) else 0.0
    return found / max(spread, _TINY)


def _begun(points: Points, last: Floats) -> Floats:
    """Where each song begins: where it was, or between those songs most like it that were there."""
    from sklearn.neighbors import NearestNeighbors

    is_known = np.isfinite(last).all(axis=1)
    begin, known = last.copy(), points[is_known]
    if is_known.all():
        return begin
    search = NearestNeighbors(n_neighbors=min(_BESIDE, len(known)), algorithm="brute").fit(known)
    distances, near = search.kneighbors(points[~is_known])
    weights = 1 / np.maximum(distances, _TINY) ** 2
    weights /= weights.sum(axis=1, keepdims=True)
    begin[~is_known] = (last[is_known][near] * weights[..., None]).sum(axis=1)
    return begin


def turned(places: Floats, last: Floats) -> Floats:
    """A map turned, mirrored, scaled and shifted so that songs stand as near as can be to where they stood.

    Parameters
    ----------
    places, last : np.ndarray [shape=(n, 2)]
        NaN in `last` for songs that are new. Fewer than two that are known turn nothing.
    """
    both = np.isfinite(last).all(axis=1)
    if both.sum() < 2:
        return places
    here, there = places[both], last[both]
    own, other = here - here.mean(axis=0), there - there.mean(axis=0)
    if not (own.any() and other.any()):
        return places
    left, sizes, right = np.linalg.svd(own.T @ other)
    scale = sizes.sum() / (own**2).sum()
    found: Floats = (places - here.mean(axis=0)) @ (left @ right) * scale + there.mean(axis=0)
    return found
