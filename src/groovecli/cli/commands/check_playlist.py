"""`groove check-playlist`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from groovecli.cli import options, render
from groovecli.cli.progress import working
from groovecli.errors import ExitCode


def check_playlist(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE", help="Playlists, or folders of playlists.")
    ],
    players: Annotated[
        list[str] | None,
        typer.Option(
            "--for",
            metavar="PLAYER,...",
            help="Only these players, such as mpd,vlc.",
            show_default="all that open such files",
        ),
    ] = None,
    music: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The music folder of the players.")
    ] = None,
    path_map: Annotated[
        list[str] | None,
        typer.Option(
            "--path-map",
            metavar="FROM=TO",
            help="Look in FROM for what the players call TO; repeatable.",
        ),
    ] = None,
    json: options.Json = False,
) -> None:
    """Check which players find the songs of a playlist."""
    from groovecli.actions.check_playlist import CheckPlaylistRequest, run
    from groovecli.cli.views import check_playlist as views

    request = CheckPlaylistRequest(tuple(files), options.names(players), music, tuple(path_map or ()))
    with working() as context:
        found = run(request, context)
    if json:
        render.as_json(views.to_json(found))
    else:
        views.show(found)
    if not found.is_whole:
        raise typer.Exit(ExitCode.PARTIAL)
