"""What `groove train` says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from groovecli.cli import render
from groovecli.messages import words

if TYPE_CHECKING:
    from groovecli.training.result import TrainResult


def gain(result: TrainResult) -> str:
    """A line on what transfer learning did with so few songs; empty where it has nothing to say."""
    from groovecli.training.transfer import likely_accuracy

    about = result.description
    if about.spec.starts_from or not about.genres or not about.hears_sound:
        return ""
    likely = likely_accuracy(about.learnt_from.n_songs["train"] / len(about.genres))
    if likely is None:
        return ""
    n, accuracy = likely
    right = words.percent(accuracy)
    return (
        f"with {n} songs a genre, `--model transfer` was right on {right} of songs of ten genres by artists"
        " it never heard; time-cnn, with 71, on 47.0 %"
    )


def to_json(result: TrainResult) -> dict[str, Any]:
    """Plain values of a training."""
    from dataclasses import asdict

    return {
        "schema": 1,
        "model": result.description.name,
        "path": str(result.path),
        "epochs": [asdict(epoch) for epoch in result.epochs],
        "best_epoch": result.best_epoch,
        "interrupted": result.interrupted,
        "ended_by_minutes": result.is_out_of_time,
        "seconds": round(result.seconds, 2),
        "draw": result.description.learnt_from.draw,
        "songs_without_lyrics": result.n_without_lyrics,
        "lyrics": asdict(result.lyrics) if result.lyrics else None,
        "description": result.description.to_json(),
    }


def show(result: TrainResult) -> None:
    """Print how a training went."""
    best = result.epochs[result.best_epoch - 1]
    description = result.description
    epochs, spent = words.count(len(result.epochs), "epoch"), words.duration(result.seconds)
    text = f"{description.name}: {epochs} in {spent}, epoch {result.best_epoch} is kept"
    if best.validation_accuracy is not None:
        by = description.figures.validation_by
        text += f", validation accuracy {words.percent(best.validation_accuracy)} (held out by {by})"
    elif best.validation_loss is not None:
        text += f", validation loss {best.validation_loss:.4f}"
    render.answer(text)
    for note in result.notes:
        render.answer(note)
    render.answer(f"model, training curve and figures: {result.path.parent}")
