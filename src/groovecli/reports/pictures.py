"""The pictures of a report: which suit a model, and what they say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from groovecli.audio.read import fit, load
from groovecli.errors import AudioError
from groovecli.evaluation.calibration import Calibration, Threshold
from groovecli.evaluation.figures import Evaluation
from groovecli.features.power import scaled_power, spread_power
from groovecli.features.segments import SegmentsSpec
from groovecli.features.spec import AudioSpec, FeatureSpec, ImageSpec
from groovecli.messages import words
from groovecli.messages.evaluation import is_few, share
from groovecli.messages.words import leaky, percent
from groovecli.networks.time_cnn import TimeCNN
from groovecli.reports.page import Picture
from groovecli.reports.plots.confidence import Label, plot_coverage, plot_reliability
from groovecli.reports.plots.scores import Curve, plot_confusion, plot_precision_recall, plot_scatter
from groovecli.reports.plots.sounds import (
    Reconstruction,
    Span,
    plot_heat_maps,
    plot_layers,
    plot_reconstructions,
    plot_spread,
)
from groovecli.reports.subject import Subject
from groovecli.reports.tables import are_enough, calibration_error
from groovecli.reports.vectors import METHODS, project

_MOST_SONGS = 3000  # in the plane: Lengyel et al.'s number
_FEWEST_SONGS = 6  # for t-SNE
_N_EXAMPLES = 4
_N_TRIED = 100  # songs whose files may have gone
_MEANINGS = {
    "embeddings": "embeddings, the numbers by which songs are compared",
    "logits": "logits, the numbers by which genres are chosen",
}
_METHODS = {
    "pca": (
        "PCA",
        "Drawn along the two directions in which songs differ most.",
    ),
    "tsne": (
        "t-SNE",
        "Songs that are close for the network are close here. Distances between groups, and their sizes,"
        " mean nothing.",
    ),
}


def plot_subject(
    subject: Subject, evaluation: Evaluation | None, curves: Mapping[str, Curve]
) -> Iterator[Picture]:
    """All pictures that suit a model; `curves` are of precision over recall, one per genre."""
    if evaluation is not None:
        yield _confusion(subject, evaluation)
        yield _precision_recall(subject, evaluation, curves)
        if are_enough(evaluation):
            yield _reliability(subject, evaluation)
            yield _coverage(subject, evaluation.calibration)
    yield from _maps(subject, "embeddings", subject.songs.embeddings)
    if subject.songs.logits is not None:
        yield from _maps(subject, "logits", subject.songs.logits)
    if subject.model.description.spec.reconstructs:
        yield _reconstructions(subject)
    for number, spec in enumerate(subject.specs):
        if isinstance(spec, ImageSpec) and spec.kind == "power":
            yield from _spread(subject, spec)
        if isinstance(spec, SegmentsSpec):
            yield _heat_maps(subject, spec, number)
    if isinstance(subject.model.network, TimeCNN):
        yield _layers(subject, subject.model.network)


def _confusion(subject: Subject, evaluation: Evaluation) -> Picture:
    path = subject.folder / "confusion.png"
    right = share(evaluation.per_song.accuracy.value, evaluation.n_songs)
    title = f"{subject.name}: {right} {'' if is_few(evaluation.n_songs) else 'of '}songs right"
    title += leaky(evaluation.leaky)
    plot_confusion(path, evaluation.confusion, evaluation.genres, title=title)
    return Picture(
        path,
        "Genres mixed up",
        f"Matrix of {len(evaluation.genres)} genres; {right} of the songs lie on its diagonal.",
        "Rows: true genres. Columns: guesses. Numbers count songs; right songs are on the diagonal.",
    )


def _precision_recall(subject: Subject, evaluation: Evaluation, curves: Mapping[str, Curve]) -> Picture:
    path = subject.folder / "precision-recall.png"
    area = None if is_few(evaluation.n_songs) else evaluation.average_precision
    title = f"{subject.name}: average precision {words.number(area)}"
    plot_precision_recall(path, curves, title=title)
    areas = ", ".join(f"{name} {words.number(curve.area)}" for name, curve in curves.items())
    return Picture(
        path,
        "Precision and recall of each genre",
        f"One curve per genre; the areas below them are: {areas}.",
        "For each genre, songs are sorted with the likeliest first. Recall: the share of the genre's songs"
        " found so far. Precision: the share of the songs so far that belong to the genre. The legend"
        " gives the area below each curve (average precision, 1 at most).",
    )


def _reliability(subject: Subject, evaluation: Evaluation) -> Picture:
    path, bins = subject.folder / "reliability.png", evaluation.calibration.bins
    text = f"calibration error {percent(calibration_error(evaluation))}"
    confidence, accuracy = [b.confidence for b in bins], [b.accuracy for b in bins]
    plot_reliability(path, confidence, accuracy, title=f"{subject.name}: {text}")
    return Picture(
        path,
        "Is its confidence honest?",
        "Confidence and accuracy of each bin of songs: "
        + ", ".join(f"{percent(b.confidence, 0)} and {percent(b.accuracy, 0)}" for b in bins),
        f"Songs sorted by confidence, in {len(bins)} equal groups. Below the line: too sure. Above it: not"
        " sure enough. The red lines' mean length is the calibration error; part of it is luck.",
    )


def _coverage(subject: Subject, calibration: Calibration) -> Picture:
    path = subject.folder / "coverage.png"
    levels = [Label(f"{at.min_confidence:g}", *_point(at)) for at in calibration.levels if at.n]
    points = sorted({*map(_point, calibration.curve), *((label.x, label.y) for label in levels)})
    plot_coverage(path, points, levels, title=f"{subject.name}: songs named and right")
    return Picture(
        path,
        "If you ask for more confidence",
        "Share of songs named, and right of these, by --min-confidence: "
        + ", ".join(f"{label.text}: {percent(label.x, 0)}, {percent(label.y, 0)}" for label in levels),
        "Further right, more songs get an answer; further up, more answers are right. The marks give"
        " --min-confidence. Where the curve falls to the right, asking for more confidence helps.",
    )


def _point(threshold: Threshold) -> tuple[float, float]:
    """The share of songs that are named, and the share of these that are right."""
    assert threshold.accuracy is not None
    return threshold.share, threshold.accuracy


def _maps(subject: Subject, what: str, vectors: NDArray[np.float64]) -> Iterator[Picture]:
    """Songs in the plane, by their embeddings or logits."""
    n_songs, width = vectors.shape
    chosen = np.random.default_rng(subject.seed).permutation(n_songs)[:_MOST_SONGS]
    genres = subject.songs.genres[chosen].tolist()
    for method in METHODS if width > 1 else ():
        if method == "tsne" and n_songs < _FEWEST_SONGS:
            continue
        name, caption = _METHODS[method]
        path = subject.folder / f"{what}-{method}.png"
        points = project(vectors[chosen].astype(np.float32), method, seed=subject.seed)
        title = f"{len(points)} songs by {subject.name}: {what}, {name}"
        plot_scatter(path, points, genres, title=title)
        yield Picture(
            path,
            f"{what.capitalize()} of songs, by {name}",
            f"{len(points)} songs as points, coloured by their {len(set(genres))} true genres.",
            f"One point per test song: the mean of its {_MEANINGS[what]}. {caption}",
        )


@torch.inference_mode()
def _reconstructions(subject: Subject) -> Picture:
    """A few test windows, one of each genre as far as they go."""
    path, spec = subject.folder / "reconstructions.png", subject.specs[0]
    numbers = subject.examples[:_N_EXAMPLES]
    inputs = subject.inputs(numbers)
    given = subject.model.network(*inputs).reconstruction.reshape(inputs[0].shape)
    pairs = [
        Reconstruction(
            subject.song(number),
            subject.clip(number).genre,
            _array(before),
            _array(after),
            subject.start_s(number, spec),
        )
        for number, before, after in zip(numbers.tolist(), inputs[0], given, strict=True)
    ]
    plot_reconstructions(path, pairs, _span(spec), title=f"reconstructions by {subject.name}")
    songs = "; ".join(f"{pair.name} ({pair.label})" for pair in pairs)
    where = ("above", "below") if pairs[0].before.ndim == 2 else ("in grey", "in red")
    dim, n_values = subject.model.description.spec.embedding_dim, inputs[0][0].numel()
    return Picture(
        path,
        "Reconstructions beside their inputs",
        f"{len(pairs)} test windows, and below each or over it what came back: {songs}.",
        f"{songs}. The input is {where[0]}, the reconstruction {where[1]}. The network reduces {n_values:,}"
        f" numbers to {dim} and rebuilds the input from them. Errors are shares of the window's variance:"
        " 100 % is no better than an even grey.",
    )


def _spread(subject: Subject, spec: ImageSpec) -> Iterator[Picture]:
    """A test window's power before and after the tanh, computed from its file; nothing without it."""
    sound = _a_sound(subject, spec)
    if sound is None:
        return
    number, y = sound
    path, song = subject.folder / "tanh.png", subject.song_and_genre(number)
    plot_spread(path, scaled_power(y, spec), spread_power(y, spec), _span(spec), title=song)
    yield Picture(
        path,
        "Spectrogram before and after the tanh",
        f"A spectrogram of {song} three times: almost black as it is; with shapes, on a logarithmic"
        " scale; with shapes after the tanh.",
        "Power of a test song, scaled to at most 1. On a linear scale nearly all of it is too close to 0 to"
        " be seen; tanh(1,000,000 x) spreads it out. Right: the network's input.",
    )


def _a_sound(subject: Subject, spec: AudioSpec) -> tuple[int, NDArray[np.float32]] | None:
    """A test window whose song's file is still there, and its samples."""
    data = subject.measured.data
    for number in subject.examples[:_N_TRIED].tolist():
        clip = subject.clip(number)
        start_s = subject.starts[clip.track_id, clip.index]
        first = spec.first_sample(int(data.windows[number]) % data.n_windows)
        for track in subject.tracks.get(clip.track_id, ()):
            with suppress(AudioError):
                y = load(track.path, sr=spec.sr, start_s=start_s, length_s=spec.clip_s)
                return number, fit(y, spec.n_clip_samples)[first : first + spec.n_window_samples]
    return None


def _heat_maps(subject: Subject, spec: SegmentsSpec, feature: int) -> Picture:
    """Chroma and timbre of a test song."""
    path, number = subject.folder / "chroma-timbre.png", int(subject.examples[0])
    data = subject.measured.data
    frames = data.stored(int(data.clip_numbers[number]), feature)
    chroma, timbre = np.hsplit(frames, [spec.n_chroma])
    is_of_sound = subject.measured.dataset.settings.origin.has_sound
    seconds = spec.n_frames * spec.hop_length / spec.sr if is_of_sound else None
    plot_heat_maps(path, chroma, timbre, seconds, title=subject.song_and_genre(number))
    return Picture(
        path,
        "Chroma and timbre of a song",
        f"Pitch classes and coefficients of timbre over the start of {subject.song_and_genre(number)}.",
        "Above: strength of each pitch class, 1 for the strongest at each moment. Below: coefficients of"
        " timbre, the first is loudness; red is above the song's mean, blue below.",
    )


@torch.inference_mode()
def _layers(subject: Subject, network: TimeCNN) -> Picture:
    """What each layer of time-cnn makes of a test song (Smith, figure 3)."""
    path, number = subject.folder / "layers.png", int(subject.examples[0])
    (x,) = subject.inputs(subject.examples[:1])
    stages = {name: _array(made[0]) for name, made in network.stages(x).items()}
    logits = torch.from_numpy(stages.pop("genres"))
    probabilities = dict(zip(subject.model.description.genres, logits.softmax(0).tolist(), strict=True))
    title = subject.song_and_genre(number)
    plot_layers(path, _array(x[0]), stages, probabilities, _span(subject.specs[0]), title=title)
    return Picture(
        path,
        f"What each layer of {subject.model.description.network} computes for a song",
        f"From top to bottom: the spectrogram of {title}, channels of two convolutions and two poolings,"
        " two rows of numbers, and the genres with their probabilities.",
        "The first convolution spans the whole height of the spectrogram; later layers run along time only."
        " Drawn: the channels that vary most, each on its own scale (dark is high), and every number of the"
        " dense layers (red above 0, blue below).",
    )


def _span(spec: FeatureSpec) -> Span:
    """What a window of a feature spans."""
    assert isinstance(spec, AudioSpec)
    if not isinstance(spec, ImageSpec):
        return Span(spec.window_s, "amplitude", 1.0)
    if spec.kind == "mel":
        return Span(spec.window_s, "mel band", spec.n_bands)
    return Span(spec.window_s, "kHz", spec.n_bands * spec.sr / spec.n_fft / 1000)


def _array(tensor: Tensor) -> NDArray[np.float32]:
    """Values on the CPU, without a first dimension of 1."""
    array: NDArray[np.float32] = tensor.float().cpu().numpy()
    return array[0] if array.ndim > 2 and len(array) == 1 else array
