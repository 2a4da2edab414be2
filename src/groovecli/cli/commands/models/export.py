"""`groove models export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from groovecli.cli import options, render


def export(
    name: options.ModelName,
    out: Annotated[
        Path, typer.Option("--out", "-o", "--onnx", metavar="FILE", help="File to write, ending in .onnx.")
    ],
    json: options.Json = False,
) -> None:
    """Write a model as an ONNX file, for programs without PyTorch."""
    from groovecli.actions.context import Context
    from groovecli.cli.views import models as views
    from groovecli.models import onnx as exports

    exports.check_export(out)
    context = Context(device="cpu")
    exported = exports.export(context.loaded(context.shelf.find(name)), out)
    if json:
        render.as_json(views.exported_json(exported))
    else:
        views.show_exported(exported)
