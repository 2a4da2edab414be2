"""S-KEY's network: how likely each of 24 keys is, in numpy."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
import scipy.fft
from numpy.typing import NDArray
from safetensors.numpy import load_file

from groovecli.describe.vqt import BINS_PER_OCTAVE
from groovecli.home import shipped

_LEAST_FRAMES = 128  # fewer are nothing after seven halvings
_N_BLOCKS = 7
_EPS = 1e-5
_N_ROWS = 512  # at once, so that they stay in the processor's cache
_FIRST_MAJOR, _FIRST_MINOR = 9, 11  # its outputs begin at A major and at B minor
_RANGE_DB = 80.0

Weights = Mapping[str, NDArray[np.float32]]


def key_scores(magnitudes: NDArray[np.float32]) -> NDArray[np.float64]:
    """Log-probabilities of the keys of a piece (Kong et al. 2025, S-KEY; their weights).

    Parameters
    ----------
    magnitudes : np.ndarray [shape=(84, n_frames), dtype=float32]
        As `constant_q` gives them; fewer than 128 frames (6 s) are repeated.

    Returns
    -------
    scores : np.ndarray [shape=(24,), dtype=float64]
        C major, C# major, ... B major, C minor, ... B minor; their exponentials add up to 1.
    """
    weights = _weights()
    n_times = -(-_LEAST_FRAMES // magnitudes.shape[1])
    level = 10 * np.log10(np.maximum(np.tile(magnitudes, n_times), np.float32(1e-10)))
    x = np.maximum(level, level.max() - np.float32(_RANGE_DB))[:, :, None]
    for n in range(_N_BLOCKS):
        x = _block(_halved(x, n, weights), n, weights)
    return _classified(x, weights)


def _classified(x: NDArray[np.float32], weights: Weights) -> NDArray[np.float64]:
    """Keys from the last block's (84, frames, 3)."""
    pitch_classes = x.mean(axis=1).reshape(-1, BINS_PER_OCTAVE, x.shape[2]).mean(axis=0)
    modes = pitch_classes @ weights["classifier.weight"][:, :, 0, 0].T + weights["classifier.bias"]
    modes -= weights["batch_norm.running_mean"]
    modes /= np.sqrt(weights["batch_norm.running_var"] + np.float32(_EPS))
    from_c = (np.roll(modes[:, 0], _FIRST_MAJOR), np.roll(modes[:, 1], _FIRST_MINOR))
    scores: NDArray[np.float64] = np.concatenate(from_c).astype(np.float64)
    scores -= scores.max()
    scores -= np.log(np.exp(scores).sum())
    return scores


def _halved(x: NDArray[np.float32], n: int, weights: Weights) -> NDArray[np.float32]:
    """Half as many frames: two become one, with other channels."""
    kernel = weights[f"time_downsampling_blocks.{n}.conv.weight"][:, :, 0, :]  # (out, in, 2)
    bias = weights[f"time_downsampling_blocks.{n}.conv.bias"]
    bins, frames = x.shape[0], x.shape[1] // 2
    pairs = _normed(x)[:, : 2 * frames].reshape(bins * frames, -1)  # (2 in)
    y = pairs @ kernel.transpose(2, 1, 0).reshape(pairs.shape[1], -1) + bias
    return _gelu(y).reshape(bins, frames, -1)


def _block(x: NDArray[np.float32], n: int, weights: Weights) -> NDArray[np.float32]:
    """A ConvNeXt block (Liu et al. 2022): each channel over bins and frames, then the channels together."""
    name = f"convnext_blocks.{n}."
    y = _depthwise(x, weights[name + "dwconv.weight"][:, 0]) + weights[name + "dwconv.bias"]
    rows = _normed(y).reshape(-1, x.shape[2])
    wide, narrow = weights[name + "pwconv1.weight"].T, weights[name + "pwconv2.weight"].T
    for first in range(0, len(rows), _N_ROWS):
        part = rows[first : first + _N_ROWS]
        hidden = part @ wide
        hidden += weights[name + "pwconv1.bias"]
        part[:] = _gelu(hidden) @ narrow
    rows += weights[name + "pwconv2.bias"]
    rows *= weights[name + "gamma"]
    return x + rows.reshape(x.shape)


def _depthwise(x: NDArray[np.float32], kernels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each channel with its own kernel, by Fourier transforms; beyond the edges, the edge goes on."""
    half_height, half_width = kernels.shape[1] // 2, kernels.shape[2] // 2
    padded = np.pad(x, ((half_height,) * 2, (half_width,) * 2, (0, 0)), mode="edge")
    size = tuple(scipy.fft.next_fast_len(n, real=True) for n in padded.shape[:2])
    shape = scipy.fft.rfft2(kernels.transpose(1, 2, 0), size, axes=(0, 1)).conj()
    product = scipy.fft.rfft2(padded, size, axes=(0, 1)) * shape
    y: NDArray[np.float32] = scipy.fft.irfft2(product, size, axes=(0, 1))[: x.shape[0], : x.shape[1]]
    return y


def _normed(x: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mean 0 and variance 1 over all of it."""
    centred: NDArray[np.float32] = x - x.mean()
    centred /= np.sqrt(np.square(centred).mean() + np.float32(_EPS))
    return centred


def _gelu(x: NDArray[np.float32]) -> NDArray[np.float32]:
    """The Gaussian error linear unit, by tanh, which is 0.001 off at most (Hendrycks & Gimpel 2016)."""
    inner = x * x
    inner *= np.float32(0.044715 * np.sqrt(2 / np.pi))
    inner += np.float32(np.sqrt(2 / np.pi))
    inner *= x
    np.tanh(inner, out=inner)
    inner += 1
    inner *= x
    inner *= np.float32(0.5)
    return inner


@cache
def _weights() -> Weights:
    return load_file(shipped("pretrained") / "key" / "weights.safetensors")
