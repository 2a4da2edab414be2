"""BeatNet's network and a state-space decoder in numpy: what `find_tempo` is compared with.

    from beatnet import BeatNet

    net = BeatNet(Path("beatnet_1.safetensors"))   # weights of model 1, CC BY 4.0: not in the project
    net.activations(y)                             # of each 20 ms: probability of a beat
    beat_paths(likely, FRAMES_PER_S)               # the likeliest beats

Heydari et al., "BeatNet" (ISMIR 2021); Krebs et al., "An efficient state-space model" (ISMIR 2015).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import scipy.fft
from numpy.typing import NDArray
from safetensors.numpy import load_file

Array = NDArray[np.float32]
Indices = NDArray[np.intp]

SR = 22050
HOP_LENGTH = 441  # 50 per second
FRAMES_PER_S = SR / HOP_LENGTH

_WIN_LENGTH = 1411  # 64 ms
_BANDS_PER_OCTAVE = 24
_LOWEST_HZ, _HIGHEST_HZ = 30.0, 17000.0
_TOGETHER = 96  # frames that are transformed at a time, so that they stay in the processor's cache


def beat_input(y: Array) -> NDArray[np.float32]:
    """Loudness and its rise in bands of half a semitone (Heydari et al. 2021, section 3.1).

    Parameters
    ----------
    y : np.ndarray [shape=(n,), dtype=float32]
        Mono samples at 22,050 Hz.

    Returns
    -------
    X : np.ndarray [shape=(1 + n // 441, 272), dtype=float32]
        log10(1 + magnitude) of 136 bands, then their rises since the frame before; not below 0.
    """
    bands = np.log10(1 + _magnitudes(y) @ _filters())
    rises = np.maximum(np.diff(bands, axis=0, prepend=bands[:1]), 0)
    return np.hstack([bands, rises])


def _magnitudes(y: Array) -> NDArray[np.float32]:
    """The size of each bin of frames that are centred each 441 samples [shape=(frames, 705)]."""
    padded = np.pad(y, (_WIN_LENGTH // 2, _WIN_LENGTH))
    frames = np.lib.stride_tricks.sliding_window_view(padded, _WIN_LENGTH)[::HOP_LENGTH]
    frames = frames[: 1 + len(y) // HOP_LENGTH]
    window = np.hanning(_WIN_LENGTH).astype(np.float32)
    sizes = np.empty((len(frames), _WIN_LENGTH // 2), np.float32)
    for start in range(0, len(frames), _TOGETHER):
        batch = slice(start, start + _TOGETHER)
        spectrum = scipy.fft.rfft(frames[batch] * window, axis=1, overwrite_x=True)
        sizes[batch] = np.abs(spectrum[:, : sizes.shape[1]])
    return sizes


@cache
def _filters() -> NDArray[np.float32]:
    """Triangles of area 1 between half semitones of A4 = 440 Hz, one a column [shape=(705, 136)]."""
    n_bins = _WIN_LENGTH // 2
    steps = np.arange(
        np.ceil(np.log2(_LOWEST_HZ / 440) * _BANDS_PER_OCTAVE),
        np.floor(np.log2(_HIGHEST_HZ / 440) * _BANDS_PER_OCTAVE) + 1,
    )
    hz = 440 * 2 ** (steps / _BANDS_PER_OCTAVE)
    bins = np.unique(np.clip(np.round(hz * 2 * n_bins / SR), 0, n_bins - 1).astype(int))
    columns = []
    for start, centre, stop in zip(bins, bins[1:], bins[2:], strict=False):
        column = np.zeros(n_bins)
        if stop - start < 2:
            column[start] = 1
        else:
            column[start:centre] = np.linspace(0, 1, centre - start, endpoint=False)
            column[centre:stop] = np.linspace(1, 0, stop - centre, endpoint=False)
        columns.append(column / column.sum())
    return np.stack(columns, axis=1).astype(np.float32)


_N_HIDDEN = 150


@dataclass(frozen=True)
class BeatNet:
    """The network with the weights of a file."""

    path: Path

    def activations(self, y: Array) -> Array:
        """How likely each 20 ms of sound holds a beat [shape=(1 + n // 441,)]."""
        likely: Array = beat_activations(beat_input(y)[None], _weights(self.path))[0, :, :2].sum(axis=1)
        return likely


@cache
def _weights(path: Path) -> Mapping[str, Array]:
    return {name: array.astype(np.float32) for name, array in load_file(path).items()}


def beat_activations(inputs: Array, weights: Mapping[str, Array]) -> Array:
    """The network's answer for pieces of sound of one length, all at once (Heydari et al. 2021, figure 2).

    Parameters
    ----------
    inputs : np.ndarray [shape=(pieces, frames, 272), dtype=float32]
        Of each piece what `beat_input` gives.

    Returns
    -------
    P : np.ndarray [shape=(pieces, frames, 3), dtype=float32]
        Probabilities of a beat within the bar, of its first beat, and of neither.
    """
    x = _narrowed(inputs, weights)
    for layer in ("l0", "l1"):
        x = _lstm(x, weights, layer)
    scores = x @ weights["linear.weight"].T + weights["linear.bias"]
    odds = np.exp(scores - scores.max(axis=-1, keepdims=True))
    answer: Array = (odds / odds.sum(axis=-1, keepdims=True)).transpose(1, 0, 2)
    return answer


def _narrowed(inputs: Array, weights: Mapping[str, Array]) -> Array:
    """Two filters along a frame, the larger of each two, then 150 sums [shape=(frames, pieces, 150)]."""
    n_pieces, n_frames, n_inputs = inputs.shape
    rows = inputs.transpose(1, 0, 2).reshape(n_frames * n_pieces, n_inputs)
    windows = np.lib.stride_tricks.sliding_window_view(rows, 10, axis=1)
    out = np.empty((len(rows), 2, 131), np.float32)
    for filter_, kernel in enumerate(weights["conv1.weight"][:, 0]):
        found = windows @ kernel + weights["conv1.bias"][filter_]
        out[:, filter_] = np.maximum(np.maximum(found[:, 0:262:2], found[:, 1:262:2]), 0)
    flat = out.reshape(len(rows), 262) @ weights["linear0.weight"].T + weights["linear0.bias"]
    return flat.reshape(n_frames, n_pieces, _N_HIDDEN)


def _lstm(x: Array, weights: Mapping[str, Array], layer: str) -> Array:
    """One layer of long short-term memory, over time [shape=(frames, pieces, 150)]."""
    n_frames, n_pieces, _ = x.shape
    bias = weights[f"lstm.bias_ih_{layer}"] + weights[f"lstm.bias_hh_{layer}"]
    given = (x.reshape(-1, _N_HIDDEN) @ weights[f"lstm.weight_ih_{layer}"].T + bias).reshape(
        n_frames, n_pieces, -1
    )
    back = np.ascontiguousarray(weights[f"lstm.weight_hh_{layer}"].T)
    out = np.empty((n_frames, n_pieces, _N_HIDDEN), np.float32)
    h = np.zeros((n_pieces, _N_HIDDEN), np.float32)
    c = np.zeros_like(h)
    for t in range(n_frames):
        gates = given[t] + h @ back
        i, f, g, o = np.split(gates, 4, axis=1)
        c = _sigmoid(f) * c + _sigmoid(i) * np.tanh(g)
        h = _sigmoid(o) * np.tanh(c)
        out[t] = h
    return out


def _sigmoid(x: Array) -> Array:
    half = np.float32(0.5)
    risen: Array = half + half * np.tanh(half * x)
    return risen


SLOWEST_BPM, FASTEST_BPM = 50.0, 220.0
_STIFFNESS = 100.0  # how unlikely a change of the interval is (Krebs et al. 2015, section 3.1)
_BEAT_SHARE = 16  # of an interval, the first sixteenth is the beat (section 3.2)
_LEAST = 1e-6  # so that no frame forbids a path


@dataclass(frozen=True)
class _Intervals:
    """The intervals that a path may have, in frames, and what a change from a column to a row costs."""

    frames: Indices
    changes: Array


def beat_paths(likely: Array, frames_per_s: float) -> list[Indices]:
    """Frames of the beats on the likeliest path through each of several stretches of one length.

    The state space is that of Krebs, Boeck and Widmer (2015): a place in an interval, and the
    interval; it may change only at a beat. Computed from beat to beat, which is the same and faster.

    Parameters
    ----------
    likely : np.ndarray [shape=(stretches, frames), dtype=float32, range=0..1]
        Probability that a frame holds a beat.
    frames_per_s : float

    Returns
    -------
    list of np.ndarray [shape=(beats,)]
        Rising numbers of frames, one array a stretch; empty where it is shorter than the longest interval.
    """
    allowed = _intervals(frames_per_s)
    longest = int(allowed.frames[-1])
    n_stretches, n_frames = likely.shape
    if n_frames <= longest:
        return [np.zeros(0, np.intp)] * n_stretches
    beat, rest = _likelihoods(likely, longest)
    worth = _worth(beat, rest, allowed.frames)
    at_beat = np.full((n_stretches, n_frames + longest + 1, len(allowed.frames)), -np.inf, np.float32)
    lead_in = np.concatenate([np.zeros((n_stretches, 1), np.float32), np.cumsum(rest, axis=1)], axis=1)
    columns = np.arange(len(allowed.frames))
    for t in range(n_frames):
        best = (at_beat[:, t, None] + allowed.changes).max(axis=2)
        if t < longest:  # the first beat
            best = np.maximum(best, lead_in[:, t, None])
        at_beat[:, t + allowed.frames, columns] = best + worth[:, t]
    return [_traced(scores, allowed, n_frames) for scores in at_beat]


def _traced(scores: Array, allowed: _Intervals, n_frames: int) -> Indices:
    """Back from the best end, beat by beat; ends lie beyond the last frame."""
    beyond = scores[n_frames:]
    end, column = np.unravel_index(int(beyond.argmax()), beyond.shape)
    t, beats = int(end) + n_frames, []
    while True:
        t -= int(allowed.frames[column])
        beats.append(t)
        before = scores[t] + allowed.changes[column]
        if t < allowed.frames[0] or not np.isfinite(before.max()):
            break
        column = before.argmax()
    return np.array(beats[::-1], np.intp)


def _likelihoods(likely: Array, longest: int) -> tuple[Array, Array]:
    """Logarithms for a frame with and without a beat; past the end nothing counts."""
    pad = ((0, 0), (0, longest + 1))
    beat = np.log(np.maximum(likely, _LEAST))
    rest = np.log(np.maximum(1 - likely, _LEAST) / (_BEAT_SHARE - 1))
    return np.pad(beat, pad), np.pad(rest, pad)


def _worth(beat: Array, rest: Array, intervals: Indices) -> Array:
    """What an interval that begins at a frame adds [shape=(stretches, frames, intervals)]."""
    zero = np.zeros((len(beat), 1), np.float32)
    beats = np.concatenate([zero, np.cumsum(beat, axis=1, dtype=np.float64)], axis=1)
    rests = np.concatenate([zero, np.cumsum(rest, axis=1, dtype=np.float64)], axis=1)
    n_frames = beat.shape[1] - int(intervals[-1]) - 1
    starts = np.arange(n_frames)[:, None]
    on = starts + np.maximum(1, -(-intervals // _BEAT_SHARE))
    ends = starts + intervals
    sums = beats[:, on] - beats[:, starts] + rests[:, ends] - rests[:, on]
    return np.asarray(sums, np.float32)


@cache
def _intervals(frames_per_s: float) -> _Intervals:
    shortest, longest = (round(60 * frames_per_s / bpm) for bpm in (FASTEST_BPM, SLOWEST_BPM))
    frames = np.arange(shortest, longest + 1)
    likely = np.exp(-_STIFFNESS * np.abs(frames[:, None] / frames[None] - 1))
    changes = np.log(np.maximum(likely / likely.sum(axis=0), 1e-30))
    return _Intervals(frames, changes.astype(np.float32))
