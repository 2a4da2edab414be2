"""Values on their way between machines that see the same folders at different places."""

from __future__ import annotations

import io
import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def packed(value: Any, roots: Sequence[Path]) -> bytes:
    """A value as bytes; its paths below one of the roots are kept by their way from there."""
    file = io.BytesIO()
    _Packer(file, roots).dump(value)
    return file.getvalue()


def opened(content: bytes, roots: Sequence[Path]) -> Any:
    """The value that `packed` was given, for a machine on which the roots lie at other places."""
    return _Opener(io.BytesIO(content), roots).load()


class _Packer(pickle.Pickler):
    def __init__(self, file: io.BytesIO, roots: Sequence[Path]) -> None:
        super().__init__(file, protocol=5)
        self._roots = roots

    def persistent_id(self, value: Any) -> tuple[int, str] | None:
        """A path below a root: the root's number, and the way from there."""
        if not isinstance(value, Path):
            return None
        for number, root in enumerate(self._roots):
            if value.is_relative_to(root):
                return number, str(value.relative_to(root))
        return None


class _Opener(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, roots: Sequence[Path]) -> None:
        super().__init__(file)
        self._roots = roots

    def persistent_load(self, pid: tuple[int, str]) -> Path:
        """The path at its place on this machine."""
        number, way = pid
        return self._roots[number] / way
