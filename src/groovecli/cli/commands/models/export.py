"""`groove models export`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from groovecli.cli import options, render

if TYPE_CHECKING:
    from groovecli.models.onnx import Exported, Port


def export(
    name: options.ModelName,
    out: Annotated[
        Path, typer.Option("--out", "-o", "--onnx", metavar="FILE", help="File to write, ending in .onnx.")
    ],
    json: options.Json = False,
) -> None:
    """Write a model as an ONNX file, for programs without PyTorch."""
    from groovecli.actions.context import Context
    from groovecli.models import onnx as exports

    exports.check_export(out)
    context = Context(device="cpu")
    exported = exports.export(context.loaded(context.shelf.find(name)), out)
    if json:
        _show_json(exported)
        return
    render.answer(
        f"{exported.path}: {exported.n_bytes / 1e6:.1f} MB, at most {exported.largest_difference:.1g} off"
    )
    for title, ports in (("in", exported.inputs), ("out", exported.outputs)):
        for port in ports:
            render.answer(f"  {title}: {port.name} (batch, {', '.join(map(str, port.shape))})")
    for why in exported.not_from_files:
        render.note(why)


def _show_json(exported: Exported) -> None:
    render.as_json(
        {
            "schema": 1,
            "path": str(exported.path),
            "bytes": exported.n_bytes,
            "inputs": _ports(exported.inputs),
            "outputs": _ports(exported.outputs),
            "largest_difference": exported.largest_difference,
            "not_from_files": list(exported.not_from_files),
        }
    )


def _ports(ports: tuple[Port, ...]) -> list[dict[str, object]]:
    return [{"name": port.name, "shape": list(port.shape)} for port in ports]
