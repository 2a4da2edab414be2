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
    onnx: Annotated[Path, typer.Option(metavar="FILE.onnx", help="ONNX file to write.")],
    json: options.Json = False,
) -> None:
    """Write a model as an ONNX file, for programs without PyTorch."""
    from groovecli.actions.context import Context
    from groovecli.models import onnx as exports

    exports.check_export(onnx)
    found = exports.export(Context(device="cpu").load(name), onnx)
    if json:
        _show_json(found)
        return
    render.answer(f"{found.path}: {found.n_bytes / 1e6:.1f} MB, at most {found.largest_difference:.1g} off")
    for title, ports in (("in", found.inputs), ("out", found.outputs)):
        for port in ports:
            render.answer(f"  {title}: {port.name} (batch, {', '.join(map(str, port.shape))})")


def _show_json(found: Exported) -> None:
    render.as_json(
        {
            "schema": 1,
            "path": str(found.path),
            "bytes": found.n_bytes,
            "inputs": _ports(found.inputs),
            "outputs": _ports(found.outputs),
            "largest_difference": found.largest_difference,
        }
    )


def _ports(ports: tuple[Port, ...]) -> list[dict[str, object]]:
    return [{"name": port.name, "shape": list(port.shape)} for port in ports]
