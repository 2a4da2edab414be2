"""`groove why`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from groovecli.cli import options
from groovecli.cli.progress import working
from groovecli.errors import ExitCode
from groovecli.messages.similar import no_preview_of_playlist, why_what


def why(
    song: Annotated[Path, typer.Argument(metavar="A", help="Song.")],
    other: Annotated[
        Path | None, typer.Argument(metavar="B", help="Song to compare with.", show_default=False)
    ] = None,
    playlist: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Compare with this playlist's songs instead.")
    ] = None,
    preview: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write what is alike, to listen to: .mp3.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a preview that is there.")] = False,
    library: options.In = None,
    places: options.Places = 3,
    model: options.Model = None,
    device: options.Device = "auto",
    jobs: options.Jobs = 0,
    file_timeout: options.FileTimeout = 60,
    max_memory: options.MaxMemory = "",
    json: options.Json = False,
) -> None:
    """Say how alike two songs are, where and in what."""
    if (other is None) == (playlist is None):
        raise why_what()
    if playlist is not None and preview is not None:
        raise no_preview_of_playlist()
    from groovecli.actions.why import playlist as in_playlist
    from groovecli.actions.why import run as pair
    from groovecli.cli.views import why as views

    machine = options.machine(jobs, file_timeout, max_memory, device)
    with working(**machine, stages=("scan", "embed", "compare songs")) as context:
        if playlist is not None:
            request = in_playlist.WhyInRequest(song, playlist, library, places, model)
            in_it = in_playlist.run(request, context)
            (views.show_playlist_json if json else views.show_playlist)(in_it)
            is_partial = bool(in_it.failed or in_it.n_damaged)
        else:
            assert other is not None
            found = pair.run(pair.WhyRequest(song, other, preview, library, places, model, force), context)
            (views.show_json if json else views.show)(found)
            is_partial = bool(found.failed or found.n_damaged)
    if is_partial:
        raise typer.Exit(ExitCode.PARTIAL)
