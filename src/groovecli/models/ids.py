"""Which models are here, by what their answers are kept under: read by json alone, which is fast."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from groovecli.errors import GrooveError
from groovecli.files import read_json, sha256_hex
from groovecli.home import Home, shipped

_WEIGHTS = "model.safetensors"  # as in `models/file.py`, which imports all features
_MOST_HEADER = 100 << 20


@dataclass(frozen=True)
class Here:
    """A model that is here: its name, what its answers' keys begin with, and whether it serves."""

    name: str
    id: str
    is_in_use: bool


def models_here(home: Home) -> list[Here]:
    """The models that are here; a damaged one has no answers, and is left out."""
    own = list(_models(home.models))
    try:
        included = list(_models(shipped("pretrained")))
    except GrooveError:
        included = []
    chosen = _chosen(home)
    first = {included[0][0]} if included and None in chosen else set()
    return [
        Here(folder.name, f"{name}-{key}", folder.name in chosen or folder in first)
        for folder, name, key in own + included
    ]


def _chosen(home: Home) -> set[str | None]:
    """Names of the models in use; None where the included one is."""
    values = read_json(home.model_in_use)
    values = values if isinstance(values, dict) else {}
    one = values.get("model")
    return {values.get("classify", one), values.get("embed", one)}


def _models(folder: Path) -> Iterator[tuple[Path, str, str]]:
    """Each model's folder, the name in its header, and the hash of its file."""
    for path in sorted(folder.glob(f"*/{_WEIGHTS}")):
        try:
            content = path.read_bytes()
            (length,) = struct.unpack("<Q", content[:8])
            header = json.loads(content[8 : 8 + min(length, _MOST_HEADER)])
            name = json.loads(header["__metadata__"]["groove"])["name"]
        except (OSError, ValueError, KeyError, TypeError, struct.error, RecursionError):
            continue
        if isinstance(name, str):
            yield path.parent, name, sha256_hex(content, 12)
