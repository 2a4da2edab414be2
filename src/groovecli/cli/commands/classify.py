"""`groove classify`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from groovecli.cli import options, render
from groovecli.cli.progress import working
from groovecli.errors import ExitCode
from groovecli.messages import words

if TYPE_CHECKING:
    from groovecli.models.results import Classified, Named


def classify(
    paths: Annotated[list[Path], typer.Argument(help="Songs, or folders of songs.")],
    model: options.Model = None,
    top: Annotated[int, typer.Option(min=1, help="How many genres to show.")] = 3,
    clips: Annotated[int, typer.Option(min=1, help="Places in a song that are heard.")] = 3,
    min_confidence: Annotated[
        float,
        typer.Option(
            metavar="P",
            help="From 0 to 1: call a song unknown whose best genre is less probable than that.",
        ),
    ] = 0.0,
    device: options.Device = "auto",
    jobs: options.Jobs = 0,
    json: options.Json = False,
) -> None:
    """Name the genre of songs. Needs no training: a model is shipped."""
    from groovecli.actions.classify import ClassifyRequest, run

    request = ClassifyRequest(paths, model, clips, min_confidence)
    with working(jobs=jobs, device=device) as context:
        classified = run(request, context)
        interrupted = context.monitor.stopped
    if json:
        _show_json(classified, top)
    else:
        _show(classified, top)
    _note_unknown(classified)
    if interrupted:
        raise typer.Exit(ExitCode.INTERRUPTED)
    if classified.failed:
        raise typer.Exit(ExitCode.PARTIAL if classified.results else ExitCode.FAILED)


def _show_json(classified: Classified, top: int) -> None:
    render.as_json(
        {
            "schema": 1,
            "model": classified.model,
            "min_confidence": classified.min_confidence,
            "results": [
                {
                    "path": str(song.path),
                    "verdict": song.verdict,
                    "genre": song.genre,
                    "guess": song.guess,
                    "confidence": song.confidence,
                    "probabilities": dict(song.probabilities),
                    "top": list(song.probabilities)[:top],
                    "familiar": song.is_familiar,
                    **_parent_json(song.parent),
                }
                for song in classified.results
            ],
            "failed": render.paths_json(classified.failed),
            "notes": list(classified.notes),
            "passed_over": classified.passed_over.to_json(),
        }
    )


def _parent_json(parent: Named | None) -> dict[str, Any]:
    """The likeliest parent and all parents' probabilities; null where genres have none."""
    return {
        "parent_verdict": parent and parent.verdict,
        "parent": parent and parent.genre,
        "parent_guess": parent and parent.guess,
        "parent_confidence": parent and parent.confidence,
        "parent_probabilities": parent and dict(parent.probabilities),
    }


def _show(classified: Classified, top: int) -> None:
    render.note(f"model {classified.model}")
    for song in classified.results:
        levels = (song.parent, song) if song.parent and song.probabilities else (song,)
        text = "; ".join(_in_words(level, top) for level in levels)
        strange = " (unlike anything the model learnt from)" if song.is_familiar is False else ""
        render.answer(f"{song.path}: {text}{strange}")
    for line in classified.notes:
        render.note(line)
    render.passed_over(classified.passed_over)
    render.rejected("failed", classified.failed)


def _in_words(named: Named, top: int) -> str:
    """A name with the likeliest genres: 'rock 81 %, folk 9 %', 'unknown (rock 41 %)', 'silent'."""
    ranked = list(named.probabilities.items())[:top]
    text = ", ".join(f"{genre} {words.percent(share, 0)}" for genre, share in ranked)
    return f"{named.genre} ({text})" if named.is_unknown else text or named.genre


def _note_unknown(classified: Classified) -> None:
    unknown, n_songs = classified.unknown, len(classified.results)
    if classified.strange:
        n = words.count(len(classified.strange), "file")
        render.note(f"{n} of {n_songs} may be no music, or of a kind the model never heard")
    if not unknown:
        return
    text = (
        f"{len(unknown)} of {words.count(n_songs, 'song')} {'is' if len(unknown) == 1 else 'are'}"
        f" below --min-confidence {classified.min_confidence:g}: unknown"
    )
    n_half = sum(song.parent is not None and not song.parent.is_unknown for song in unknown)
    render.note(f"{text}; the parent genre of {n_half} of them is known" if n_half else text)
