"""`groove classify`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from groovecli.cli import options, render
from groovecli.cli.progress import watched
from groovecli.errors import ExitCode

if TYPE_CHECKING:
    from groovecli.predict import Classified, SongGenre


def classify(
    paths: Annotated[list[Path], typer.Argument(help="Songs, or folders of songs.")],
    model: options.Model = None,
    top: Annotated[int, typer.Option(min=1, help="How many genres to show.")] = 3,
    clips: Annotated[int, typer.Option(min=1, help="Clips a song, whose answers are averaged.")] = 3,
    device: options.Device = "auto",
    jobs: options.Jobs = 0,
    json: options.Json = False,
) -> None:
    """Name the genre of songs. Needs no training: a model is shipped."""
    from groovecli.checkpoints import find_model, load_model
    from groovecli.devices import choose_device, use_threads
    from groovecli.predict import classify as classify_songs

    use_threads(jobs)
    loaded = load_model(find_model(model, with_genres=True), choose_device(device))
    with watched() as monitor:
        found = classify_songs(loaded, paths, n_clips=clips, jobs=jobs, monitor=monitor)
        interrupted = monitor.stopped
    if json:
        _show_json(found, top, loaded.description.depth)
    else:
        _show(found, top, loaded.description.depth)
    if interrupted:
        raise typer.Exit(ExitCode.INTERRUPTED)
    if found.failed:
        raise typer.Exit(ExitCode.PARTIAL if found.results else ExitCode.FAILED)


def _show_json(found: Classified, top: int, depth: int) -> None:
    render.as_json(
        {
            "schema": 1,
            "model": found.model,
            "results": [
                {
                    "path": str(song.path),
                    "genre": song.genre,
                    "confidence": song.confidence,
                    "probabilities": dict(song.probabilities),
                    "top": list(song.probabilities)[:top],
                    **_parent_json(song, depth),
                }
                for song in found.results
            ],
            "failed": render.paths_json(found.failed),
        }
    )


def _parent_json(song: SongGenre, depth: int) -> dict[str, Any]:
    """The likeliest parent and all parents' probabilities; null where genres have none."""
    from groovecli.levels import by_parent

    if depth == 1:
        return {"parent": None, "parent_confidence": None, "parent_probabilities": None}
    shares = by_parent(song.probabilities)
    best = next(iter(shares), song.genre)  # a silent song has no probabilities
    return {
        "parent": best,
        "parent_confidence": shares.get(best, song.confidence),
        "parent_probabilities": shares,
    }


def _show(found: Classified, top: int, depth: int) -> None:
    from groovecli.levels import by_parent

    render.note(f"model {found.model}")
    for song in found.results:
        answer = _ranked(song.probabilities, top)
        if depth > 1 and answer:
            answer = f"{_ranked(by_parent(song.probabilities), top)}; {answer}"
        render.answer(f"{song.path}: {answer or song.genre}")
    render.rejected("failed", found.failed)


def _ranked(shares: Mapping[str, float], top: int) -> str:
    return ", ".join(f"{genre} {share:.0%}" for genre, share in list(shares.items())[:top])
