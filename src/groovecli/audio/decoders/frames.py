"""FFmpeg's frames to mono samples, of whatever sample format, layout and rate they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from groovecli.audio.decoders.decoder import Mixer, Samples, joined, resample

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
    for frame, x in arrays(frames):
        its_sr = frame.sample_rate
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
    left = n_wanted if run.sr == sr and n_wanted is not None else sum(x.shape[1] for x in run.blocks)
    blocks = []
    for x in run.blocks:
        blocks.append(x[:, :left])
        left -= blocks[-1].shape[1]
    mixer = Mixer()
    for x in blocks:
        mixer.add(x.T)
    channel = mixer.loudest
    y = mixer.samples() if channel is None else joined([x[channel] for x in blocks])
    return resample(y, run.sr, sr) if len(y) else y


def arrays(frames: Iterator[Any]) -> Iterator[tuple[Any, NDArray[np.float32]]]:
    """Each frame with its samples (channels, n); one that can't be converted is damage, and left out."""
    converters: dict[tuple[str, str, int], Any] = {}
    for frame in frames:
        kind = frame.format.name, frame.layout.name, frame.sample_rate
        if kind not in converters:
            packed = frame.layout.nb_channels >= _N_PLANES
            converters[kind] = av.AudioResampler(format="flt" if packed else "fltp")
        try:
            converted = [_array(each) for each in converters[kind].resample(frame)]
        except (av.FFmpegError, ValueError):
            continue
        for x in converted:
            yield frame, x


def _array(frame: Any) -> NDArray[np.float32]:
    if frame.format.is_planar:
        return np.asarray(frame.to_ndarray(), np.float32)
    n, n_channels = frame.samples, frame.layout.nb_channels
    packed = np.frombuffer(frame.planes[0], np.float32, n * n_channels)
    return packed.reshape(n, n_channels).T.copy()
