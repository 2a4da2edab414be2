"""What a network makes of a few test songs, in numbers: for pages and for pictures alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NoReturn

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from groovecli.audio.read import fit, load
from groovecli.errors import AudioError
from groovecli.features.power import scaled_power, spread_power
from groovecli.features.segments import SegmentsSpec
from groovecli.features.spec import AudioSpec, FeatureSpec, ImageSpec
from groovecli.networks.time_cnn import TimeCNN
from groovecli.reasons import Problem
from groovecli.reports.plots.sounds import Reconstruction, Span
from groovecli.reports.subject import Subject
from groovecli.workers.pool import in_worker

Values = NDArray[np.float32]

_N_EXAMPLES = 4
_N_TRIED = 100  # songs whose files may have gone


@dataclass(frozen=True)
class Reconstructions:
    """Test windows beside what an autoencoder gave back; it reduces `n_values` numbers to `dim`."""

    pairs: tuple[Reconstruction, ...]
    span: Span
    n_values: int
    dim: int

    @property
    def songs(self) -> str:
        """Which songs these are."""
        return "; ".join(f"{pair.name} ({pair.label})" for pair in self.pairs)


@dataclass(frozen=True)
class Spread:
    """A test window's power before and after the tanh."""

    song: str
    before: Values
    after: Values
    span: Span


@dataclass(frozen=True)
class HeatMaps:
    """Chroma and timbre of a test song [shape=(frames, n) each]; `seconds` None counts segments."""

    song: str
    chroma: Values
    timbre: Values
    seconds: float | None


@dataclass(frozen=True)
class Layers:
    """What each layer of time-cnn makes of a test song (Smith, figure 3)."""

    song: str
    image: Values
    stages: Mapping[str, Values]
    probabilities: Mapping[str, float]
    span: Span


@torch.inference_mode()
def reconstructions(subject: Subject) -> Reconstructions | None:
    """A few test windows, one of each genre as far as they go; None of a network that gives none back."""
    if not subject.model.description.spec.reconstructs:
        return None
    spec = subject.specs[0]
    numbers = subject.examples[:_N_EXAMPLES]
    inputs = subject.inputs(numbers)
    given = subject.model.network(*inputs).reconstruction.reshape(inputs[0].shape)
    pairs = tuple(
        Reconstruction(
            subject.song(number),
            subject.clip(number).genre,
            _array(before),
            _array(after),
            subject.start_s(number, spec),
        )
        for number, before, after in zip(numbers.tolist(), inputs[0], given, strict=True)
    )
    dim = subject.model.description.spec.embedding_dim
    return Reconstructions(pairs, _span(spec), inputs[0][0].numel(), dim)


def spreads(subject: Subject) -> Iterator[Spread]:
    """A test window of each spectrogram of power, computed from its file; nothing without it."""
    for spec in subject.specs:
        if isinstance(spec, ImageSpec) and spec.kind == "power" and (sound := _a_sound(subject, spec)):
            number, y = sound
            song = subject.song_and_genre(number)
            yield Spread(song, scaled_power(y, spec), spread_power(y, spec), _span(spec))


def _a_sound(subject: Subject, spec: AudioSpec) -> tuple[int, Values] | None:
    """A test window whose song's file is still there, and its samples."""
    data = subject.measured.data
    for number in subject.examples[:_N_TRIED].tolist():
        clip = subject.clip(number)
        start_s = subject.starts[clip.track_id, clip.index]
        first = spec.first_sample(int(data.windows[number]) % data.n_windows)
        for track in subject.tracks.get(clip.track_id, ()):
            with suppress(AudioError):
                sound = partial(load, sr=spec.sr, start_s=start_s, length_s=spec.clip_s)
                y = in_worker(sound, track.path, lost=_not_loaded)
                return number, fit(y, spec.n_clip_samples)[first : first + spec.n_window_samples]
    return None


def _not_loaded(path: Path, problem: Problem) -> NoReturn:
    raise AudioError(path, problem.reason, problem.detail)


def heat_maps(subject: Subject) -> Iterator[HeatMaps]:
    """Chroma and timbre of a test song, for each input that has them."""
    for feature, spec in enumerate(subject.specs):
        if isinstance(spec, SegmentsSpec):
            number = int(subject.examples[0])
            data = subject.measured.data
            frames = data.stored(int(data.clip_numbers[number]), feature)
            chroma, timbre = np.hsplit(frames, [spec.n_chroma])
            is_of_sound = subject.measured.dataset.settings.origin.has_sound
            seconds = spec.n_frames * spec.hop_length / spec.sr if is_of_sound else None
            yield HeatMaps(subject.song_and_genre(number), chroma, timbre, seconds)


@torch.inference_mode()
def layers(subject: Subject) -> Layers | None:
    """The layers of a test song; None of another network than time-cnn."""
    network = subject.model.network
    if not isinstance(network, TimeCNN):
        return None
    (x,) = subject.inputs(subject.examples[:1])
    stages = {name: _array(made[0]) for name, made in network.stages(x).items()}
    logits = torch.from_numpy(stages.pop("genres"))
    probabilities = dict(zip(subject.model.description.genres, logits.softmax(0).tolist(), strict=True))
    song = subject.song_and_genre(int(subject.examples[0]))
    return Layers(song, _array(x[0]), stages, probabilities, _span(subject.specs[0]))


def _span(spec: FeatureSpec) -> Span:
    """What a window of a feature spans."""
    assert isinstance(spec, AudioSpec)
    if not isinstance(spec, ImageSpec):
        return Span(spec.window_s, "amplitude", 1.0)
    if spec.kind == "mel":
        return Span(spec.window_s, "mel band", spec.n_bands)
    return Span(spec.window_s, "kHz", spec.n_bands * spec.sr / spec.n_fft / 1000)


def _array(tensor: Tensor) -> Values:
    """Values on the CPU, without a first dimension of 1."""
    array: Values = tensor.float().cpu().numpy()
    return array[0] if array.ndim > 2 and len(array) == 1 else array
