"""The figures of a training, beside its model: how it went, and the songs that were used."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from pathlib import Path

from groovecli.datasets.splits import Side
from groovecli.files import read_json, write_json
from groovecli.models.file import Description
from groovecli.training.loop import Epoch

FIGURES = "figures.json"


def write_figures(
    folder: Path,
    epochs: Sequence[Epoch],
    description: Description,
    *,
    songs: Collection[str],
    validation_songs: Collection[str],
) -> None:
    """Write how a training went; `songs` are the track ids of all songs that were used."""
    figures = {
        "epochs": [asdict(epoch) for epoch in epochs],
        "model": description.to_json(),
        "songs": sorted(songs),
        "validation_songs": sorted(validation_songs),
    }
    write_json(folder / FIGURES, figures)


def training_songs(model_path: Path) -> frozenset[str]:
    """Track ids of the songs that a model, or the model it was extended from, was trained with.

    Empty where that is unknown.
    """
    return _songs(model_path, "songs")


def training_sides(model_path: Path) -> dict[str, Side]:
    """The songs of a model's training: "train" for training, "test" for validation.

    Empty where no song validated it: then none could validate what it becomes.
    """
    validated = _songs(model_path, "validation_songs")
    if not validated:
        return {}
    return {song: "test" if song in validated else "train" for song in training_songs(model_path)}


def _songs(model_path: Path, name: str) -> frozenset[str]:
    figures = read_json(model_path.parent / FIGURES)
    songs = figures.get(name) if isinstance(figures, dict) else None
    return frozenset(map(str, songs)) if isinstance(songs, list) else frozenset()


def history_of(model: Path) -> tuple[Epoch, ...]:
    """How a model was trained, as the file beside it has it; empty where there is none."""
    figures = read_json(model.parent / FIGURES)
    try:
        return tuple(Epoch(**epoch) for epoch in figures["epochs"])
    except (KeyError, TypeError):
        return ()
