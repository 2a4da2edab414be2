"""What `groove train` says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from groovecli.cli import render
from groovecli.cli.views import reach
from groovecli.cli.views.verdicts import say
from groovecli.messages import words

if TYPE_CHECKING:
    from groovecli.actions.own_test import Trained
    from groovecli.training.result import TrainResult

_GOOD = 0.5  # share of songs right from which no other network is recommended


def gain(result: TrainResult) -> str:
    """A hint on what transfer learning does with so few songs; empty where it has nothing to say."""
    from groovecli.messages.evaluation import better_with_transfer
    from groovecli.training.transfer import likely_accuracy

    about, test = result.description, getattr(result, "test", None)
    if about.spec.starts_from or not about.genres or not about.hears_sound:
        return ""
    if test and test.judgement == "better" and test.accuracy.value >= _GOOD:
        return ""
    likely = likely_accuracy(about.learnt_from.n_songs["train"] / len(about.genres))
    return better_with_transfer(*likely) if likely else ""


def to_json(result: TrainResult) -> dict[str, Any]:
    """Plain values of a training, and of the model's test where it had one."""
    from dataclasses import asdict

    from groovecli.actions.own_test import Trained

    tested = result if isinstance(result, Trained) else None
    return {
        "schema": 1,
        "verdict": tested.test.to_json() if tested and tested.test else None,
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
        **(_test_json(tested) if tested else {}),
    }


def _test_json(result: Trained) -> dict[str, Any]:
    rival = result.rival
    measured = (
        {
            "name": rival.name,
            "verdict": rival.test.to_json() if rival.test else None,
            "on_same_songs": rival.on_same_songs,
        }
        if rival
        else None
    )
    return {
        "untested": result.untested or None,
        "untested_hint": result.test_hint or None,
        "test_notes": list(result.test_notes),
        "rival": measured,
        "in_use": result.is_in_use,
        "not_used": result.not_used or None,
        **result.reach.to_json(),
    }


def show(result: TrainResult) -> None:
    """Print what the new model is worth, and how its training went."""
    from groovecli.actions.own_test import Trained

    if isinstance(result, Trained):
        _show_test(result)
        reach.show(result.reach)
    render.answer(_course(result))
    for note in result.notes:
        render.answer(note)
    render.answer(f"model, training curve and figures: {result.path.parent}")


def _show_test(result: Trained) -> None:
    name, rival = result.description.name, result.rival
    if result.test:
        say(f"{name}: {result.test.text}")
    if result.untested:
        render.answer(result.untested)
    if result.test_hint:
        render.hint(result.test_hint)
    for note in result.test_notes:
        render.note(note)
    if rival and rival.test:
        where = "on the same songs" if rival.on_same_songs else "on other songs"
        render.answer(f"{rival.name} (in use now): {rival.test.right}, {where}")
    if result.is_in_use:
        render.answer(f"`groove classify` uses {name} from now on")
    elif result.not_used:
        render.warning(result.not_used)


def _course(result: TrainResult) -> str:
    """How the training went, in words."""
    about, spent = result.description, words.duration(result.seconds)
    if about.spec.starts_from and not about.training.get("unfreeze"):
        n_songs = words.count(about.learnt_from.n_songs["train"], "song")
        genres = words.count(len(about.genres), "genre")
        return f"{about.name}: learned {genres} from {n_songs} in {spent}, on top of the included model"
    text = f"{about.name}: {words.count(len(result.epochs), 'epoch')} in {spent}"
    return f"{text}; epoch {result.best_epoch} is kept{_held_out(result)}"


def _held_out(result: TrainResult) -> str:
    """What the epoch was chosen by: no per cent of few songs."""
    best, about = result.epochs[result.best_epoch - 1], result.description
    n_songs = about.learnt_from.n_songs.get("validation", 0)
    songs = f"{words.count(n_songs, 'song')} held out by {about.figures.validation_by}"
    if best.validation_accuracy is not None:
        if n_songs < words.FEWEST_FOR_PERCENT:
            return f", the best on {songs}"
        return f", right on {words.percent(best.validation_accuracy, 0)} of {songs}"
    if best.validation_loss is not None:
        return f", loss {best.validation_loss:.4f} on {songs}"
    return ""
