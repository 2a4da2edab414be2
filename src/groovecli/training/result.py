"""A finished training: the facts in its model file, its notes, and its files."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from groovecli.datasets.splits import is_leaky
from groovecli.features.word_vectors import Coverage
from groovecli.messages import words
from groovecli.models.answers import answers, batches_of
from groovecli.models.file import WEIGHTS, Description, StoredModel
from groovecli.models.loaded import LoadedModel, Ready
from groovecli.models.pooling import pooled_logits
from groovecli.models.shelf import shipped_model
from groovecli.models.temperature import fit_temperature
from groovecli.models.weights import save_model
from groovecli.monitor import SILENT
from groovecli.networks.registry import model_spec
from groovecli.networks.spec import Hyperparameters
from groovecli.training.data import TrainingData, clip_numbers, songs_of
from groovecli.training.loop import Epoch
from groovecli.training.record import training_songs, write_figures
from groovecli.training.request import TrainRequest
from groovecli.training.sampling import draw_of

_ENOUGH_SONGS = 20  # to learn from how sure to be
_SAID_ELSEWHERE = ("hyper", "name", "dataset", "network")


@dataclass(frozen=True)
class TrainResult:
    """A trained model, its folder, and how its training went.

    `lyrics` says how many songs have lyrics, and how many of the words have a vector; None where lyrics
    are not an input, or were left out. `is_out_of_time` says that --minutes ended the training early;
    `n_processes` is how many trained together.
    """

    path: Path
    description: Description
    epochs: tuple[Epoch, ...]
    best_epoch: int
    interrupted: bool
    seconds: float
    lyrics: Coverage | None = None
    is_out_of_time: bool = False
    n_processes: int = 1

    @property
    def n_without_lyrics(self) -> int | None:
        """Training and validation songs without lyrics; None if lyrics are not an input."""
        return None if self.lyrics is None else self._n_songs - self.lyrics.n_songs

    @property
    def notes(self) -> tuple[str, ...]:
        """Notes for a person on the training."""
        draw = self.description.learnt_from.draw
        ended = words.out_of_time(len(self.epochs), self.epochs[-1].share) if self.is_out_of_time else ""
        drawn = words.drawn(**draw) if draw else ""
        return tuple(filter(None, (*self._on_lyrics(), drawn, ended, self._on_processes)))

    @property
    def _on_processes(self) -> str:
        """That several processes trained, or that all but one had nothing to do."""
        if self.n_processes == 1:
            return ""
        if self.description.spec.starts_from and not self.description.training.get("unfreeze"):
            return "one process did the work: transfer is shared only with `--unfreeze`"
        return f"trained by {self.n_processes} processes together"

    @property
    def _n_songs(self) -> int:
        return sum(self.description.learnt_from.n_songs.values())

    def _on_lyrics(self) -> Iterator[str]:
        """How many songs have lyrics, and how many of their words the word vectors know."""
        about, lyrics = self.description, self.lyrics
        if lyrics is None and "lyrics" in about.spec.features and not about.recipe.has_lyrics:
            yield "learnt from sound alone (--no-lyrics)"
        if self.n_without_lyrics:
            yield f"songs without lyrics: {self.n_without_lyrics} of {self._n_songs}"
        if lyrics and not lyrics.n_songs and about.learnt_from.source == "msd":
            yield "`groove ingest SONGS --source msd --musixmatch FILE` brings lyrics, also later"
        if lyrics and lyrics.n_known_words < lyrics.n_words:
            share, songs = words.percent(lyrics.word_share), words.count(lyrics.n_songs, "song")
            yield (
                f"the word vectors know {share} of the words, and one or more in {lyrics.n_known_songs} of"
                f" {songs} with lyrics"
            )


def describe_training(
    name: str, request: TrainRequest, data: TrainingData, hyper: Hyperparameters
) -> Description:
    """The facts for the model file, without its figures."""
    split_by = request.protocol.split_by if request.protocol else data.settings.split_by
    sides = {"train": data.train, "validation": data.validation}
    clips_per_genre = Counter(data.train.clips[number].genre for number in clip_numbers(data.train))
    draw = _draw(data, hyper)
    asked = {key: value for key, value in request.to_json().items() if key not in _SAID_ELSEWHERE}
    return Description(
        name=name,
        network=request.network,
        features=data.train.specs,
        genres=data.genres if model_spec(request.network).has_genres else (),
        dropout=hyper.dropout,
        created=datetime.now(UTC).isoformat(),
        dataset=data.settings.name,
        split_by=split_by,
        licence=request.licence,
        data={
            "leaky": is_leaky(split_by),
            "seed": data.settings.seed,
            "test_share": data.settings.test_share,
            "songs": {side: len(songs_of(windows)) for side, windows in sides.items()},
            "clips": {side: len(clip_numbers(windows)) for side, windows in sides.items()},
            "clips_per_genre": dict(sorted(clips_per_genre.items())),
            "depth": data.settings.depth,
            "source": data.settings.source,
            **({"lyrics": asdict(data.lyrics)} if data.lyrics else {}),
            **({"draw": draw} if draw else {}),
        },
        training={**asdict(hyper), **asked},
    )


def _draw(data: TrainingData, hyper: Hyperparameters) -> dict[str, Any] | None:
    """The number of songs that an epoch draws from each genre, as plain values; None if it uses all."""
    if hyper.resample is None:
        return None
    draw = draw_of(data.train.labels, *hyper.resample)
    return {
        "genre": data.genres[draw.largest],
        "lead": draw.lead if math.isfinite(draw.lead) else None,
        "n_largest": draw.n_largest,
        "n_others": draw.n_others,
        "asked": hyper.resample[0] / hyper.resample[1],
        "unit": "song" if all(spec.per_song for spec in data.train.specs) else "clip",
        "n_seen": hyper.subset or None,
    }


def held_out_temperature(
    network: nn.Module, description: Description, data: TrainingData, device: torch.device
) -> float:
    """The temperature that fits the validation songs; 1 if they are few, or if no genres are named."""
    held = data.validation
    if len(songs_of(held)) < _ENOUGH_SONGS or not description.genres:
        return 1.0
    model = LoadedModel(description, Ready(network.eval(), device), "")
    logits = answers(model, batches_of(held, model.n_together, "calibrate", SILENT)).logits
    assert logits is not None
    tracks = np.array([clip.track_id for clip in held.clips])[held.clip_numbers]
    _, first, number = np.unique(tracks, return_index=True, return_inverse=True)
    return fit_temperature(pooled_logits(logits, number, description.spec), held.labels[first])


def write_trained(
    folder: Path,
    network: nn.Module,
    history: Sequence[Epoch],
    best: Epoch,
    description: Description,
    data: TrainingData,
    *,
    base: StoredModel | None,
    interrupted: bool,
    seconds: float,
) -> TrainResult:
    """Write model and figures into a folder.

    `best` is the epoch whose weights these are, `base` the model that the training started from.
    """
    metrics = {
        "epochs": len(history),
        "best_epoch": best.number,
        "loss": best.loss,
        "train_accuracy": best.train_accuracy,
        "validation_loss": best.validation_loss,
        "validation_accuracy": best.validation_accuracy,
        "validation_by": description.recipe.validation_by or description.split_by,
    }
    description = replace(description, metrics=metrics)
    save_model(folder / WEIGHTS, network, description, half=description.recipe.is_half)
    validated = songs_of(data.validation)
    songs = validated | songs_of(data.train) | _heard_before(description, base)
    write_figures(folder, history, description, songs=songs, validation_songs=validated)
    return TrainResult(
        folder / WEIGHTS,
        description,
        tuple(history),
        best.number,
        interrupted,
        seconds,
        data.lyrics,
    )


def _heard_before(description: Description, base: StoredModel | None) -> frozenset[str]:
    """Track ids of the songs that the model had seen that the training started from."""
    songs: frozenset[str] = frozenset()
    if base:
        songs |= training_songs(base.path)
    if starts_from := description.spec.starts_from:
        songs |= training_songs(shipped_model(starts_from).path)
    return songs
