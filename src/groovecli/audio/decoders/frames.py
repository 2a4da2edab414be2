"""FFmpeg's frames to mono samples, of whatever sample format, layout and rate they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from groovecli.audio.decoders.decoder import Samples, mono, resample

_N_PLANES = 8  # from so many channels on PyAV reads beyond the planes that FFmpeg points to


@dataclass
class _Run:
    """Blocks (channels, n) of frames of one rate and number of channels."""

    sr: int
    n_channels: int
    blocks: list[NDArray[np.float32]] = field(default_factory=list)


def sound(frames: Iterator[Any], skip: int, sr: int, n_wanted: int | None) -> Samples:
    """Frames as mono samples at `sr` Hz, without the first `skip` at the first frame's rate.

    A file can go from mono to stereo, or to another rate, where two were joined: each run of equal
    frames is mixed by itself and resampled where its rate isn't `sr`.
    """
    runs: list[_Run] = []
    n_read = 0.0
    for its_sr, x in _arrays(frames):
        if not runs or (runs[-1].sr, runs[-1].n_channels) != (its_sr, len(x)):
            skip = round(skip * its_sr / runs[-1].sr) if runs else skip
            runs.append(_Run(its_sr, len(x)))
        runs[-1].blocks.append(x[:, skip:])
        n_read += max(0, x.shape[1] - skip) * sr / its_sr
        skip = max(0, skip - x.shape[1])
        if n_wanted is not None and n_read >= n_wanted:
            break
    parts = [_mixed(run, sr, n_wanted) for run in runs]
    y = np.concatenate(parts) if parts else np.zeros(0, np.float32)
    return y[:n_wanted]


def _mixed(run: _Run, sr: int, n_wanted: int | None) -> Samples:
    x = np.concatenate(run.blocks, axis=1)
    y = mono(x.T if run.sr != sr else x[:, :n_wanted].T)
    return resample(y, run.sr, sr) if len(y) else y


def _arrays(frames: Iterator[Any]) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """Rate and samples (channels, n) of each frame; one that can't be converted is damage, and left out."""
    converters: dict[tuple[str, str, int], Any] = {}
    for frame in frames:
        kind = frame.format.name, frame.layout.name, frame.sample_rate
        if kind not in converters:
            packed = frame.layout.nb_channels >= _N_PLANES
            converters[kind] = av.AudioResampler(format="flt" if packed else "fltp")
        try:
            arrays = [_array(each) for each in converters[kind].resample(frame)]
        except (av.FFmpegError, ValueError):
            continue
        for x in arrays:
            yield frame.sample_rate, x


def _array(frame: Any) -> NDArray[np.float32]:
    if frame.format.is_planar:
        return np.asarray(frame.to_ndarray(), np.float32)
    n, n_channels = frame.samples, frame.layout.nb_channels
    packed = np.frombuffer(frame.planes[0], np.float32, n * n_channels)
    return packed.reshape(n, n_channels).T.copy()
