"""Arrays and tables in one zip file with a checksum each: nothing in it is run, or larger than it says.

The members are not compressed, so that none can be larger than the file. Arrays are their bytes alone;
types and shapes are those that the reader asks for.
"""

from __future__ import annotations

import hashlib
import json
import math
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groovecli import __version__
from groovecli.errors import UsageError
from groovecli.files import atomic_writer
from groovecli.messages.library import archive_of_newer_groove, no_archive, no_file_to_import

FORMAT = "groove-analyses"
SCHEMA = 1
_MANIFEST = "manifest.json"
_MOST_JSON = 256 << 20
_BLOCK = 1 << 20
_DAY = (2026, 1, 1, 0, 0, 0)  # of every member: the same content gives the same file


@dataclass
class Writer:
    """An archive that is being written; `parts` describe its members, as plain values."""

    archive: zipfile.ZipFile
    parts: list[dict[str, Any]] = field(default_factory=list)
    members: dict[str, dict[str, Any]] = field(default_factory=dict)

    def put(self, name: str, content: NDArray[Any] | list[Any]) -> str:
        """Write an array as its bytes, or a list as JSON; returns the member's name."""
        if isinstance(content, np.ndarray):
            data = np.ascontiguousarray(content).tobytes()
        else:
            data = json.dumps(content).encode()
        self.archive.writestr(zipfile.ZipInfo(name, _DAY), data)
        self.members[name] = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        return name


@contextmanager
def writing(path: Path) -> Iterator[Writer]:
    """Write an archive, whole or not at all.

    Raises
    ------
    StorageError
        The disk is full, or the folder can't be written.
    """
    with atomic_writer(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        writer = Writer(archive)
        yield writer
        manifest = {
            "format": FORMAT,
            "schema": SCHEMA,
            "groove": __version__,
            "parts": writer.parts,
            "members": writer.members,
        }
        archive.writestr(zipfile.ZipInfo(_MANIFEST, _DAY), json.dumps(manifest))


class Archive:
    """An archive that is read, whose members are all as its manifest says.

    Raises
    ------
    DatasetError
        It is none, is damaged, or was written by a newer groove.
    """

    def __init__(self, path: Path, progress: Callable[[int, int], None] | None = None) -> None:
        self.path = path
        try:
            self._zip = zipfile.ZipFile(path)
            self._infos = self._checked_infos()
            manifest = self._json(_MANIFEST)
            self._check_manifest(manifest)
            self.groove, self.parts = str(manifest["groove"]), manifest["parts"]
            self._members = manifest["members"]
            self._check_members(progress)
        except OSError as error:
            raise no_file_to_import(path, error.strerror or str(error)) from error
        except (
            zipfile.BadZipFile,
            NotImplementedError,
            RuntimeError,
            ValueError,
            KeyError,
            TypeError,
            EOFError,
        ) as error:
            raise no_archive(path, str(error) or type(error).__name__) from error

    def close(self) -> None:
        """Close the file."""
        self._zip.close()

    def _checked_infos(self) -> dict[str, zipfile.ZipInfo]:
        infos, n_bytes = self._zip.infolist(), self.path.stat().st_size
        if sum(info.file_size for info in infos) > n_bytes:
            raise ValueError("its members are larger than it is")
        if any(info.compress_type != zipfile.ZIP_STORED or info.flag_bits & 1 for info in infos):
            raise ValueError("its members are compressed or encrypted")
        if len({info.filename for info in infos}) < len(infos):
            raise ValueError("two of its members have one name")
        return {info.filename: info for info in infos}

    def _check_manifest(self, manifest: Any) -> None:
        if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
            raise ValueError("it holds something else")
        if type(manifest["schema"]) is not int:
            raise ValueError("its schema is not a number")
        if manifest["schema"] > SCHEMA:
            raise archive_of_newer_groove(self.path, str(manifest.get("groove"))[:40])
        members, parts = manifest["members"], manifest["parts"]
        if not isinstance(members, dict) or set(members) != set(self._infos) - {_MANIFEST}:
            raise ValueError("its members are not those that it lists")
        if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
            raise ValueError("its parts are no parts")

    def _check_members(self, progress: Callable[[int, int], None] | None) -> None:
        """Compare the size and the checksum of every member with the manifest."""
        total = sum(info.file_size for info in self._infos.values())
        done = 0
        for name, wanted in self._members.items():
            if wanted["bytes"] != self._infos[name].file_size:
                raise ValueError(f"{name} has another size than it says")
            hashed = hashlib.sha256()
            with self._zip.open(name) as file:
                while block := file.read(_BLOCK):
                    hashed.update(block)
                    done += len(block)
                    if progress:
                        progress(done, total)
            if hashed.hexdigest() != wanted["sha256"]:
                raise ValueError(f"{name} is not as it was written")

    def _json(self, name: str) -> Any:
        if self._infos[name].file_size > _MOST_JSON:
            raise ValueError(f"{name} is too large")
        try:
            return json.loads(self._zip.read(name))
        except RecursionError as error:
            raise ValueError(f"{name} is nested too deeply") from error

    def rows(self, name: object, kinds: Sequence[type | tuple[type, ...]]) -> list[list[Any]]:
        """A table: rows of values of the given kinds, or of None where a kind allows it.

        Raises
        ------
        DatasetError
            It is something else.
        """
        with self.part_errors():
            rows = self._json(str(name))
            if not isinstance(rows, list) or not all(_is_row(row, kinds) for row in rows):
                raise ValueError(f"{name} is no table")
            return rows

    def array(self, name: object, dtype: str, shape: Sequence[object]) -> NDArray[Any]:
        """An array of a type and a shape, as which its bytes are read.

        Raises
        ------
        DatasetError
            It is of another size.
        """
        with self.part_errors():
            sizes = [size for size in shape if type(size) is int and size >= 0]
            n_bytes = math.prod(sizes) * np.dtype(dtype).itemsize
            if len(sizes) < len(shape) or self._infos[str(name)].file_size != n_bytes:
                raise ValueError(f"{name} is no array of this shape")
            return np.frombuffer(self._zip.read(str(name)), dtype).reshape(sizes)

    @contextmanager
    def part_errors(self) -> Iterator[None]:
        """Turn what goes wrong with a part's values in this block into a DatasetError."""
        try:
            yield
        except UsageError as error:  # a name that can't be one
            raise no_archive(self.path, error.what) from error
        except (ValueError, KeyError, TypeError, OverflowError) as error:
            raise no_archive(self.path, str(error) or type(error).__name__) from error


def _is_row(row: object, kinds: Sequence[type | tuple[type, ...]]) -> bool:
    return (
        isinstance(row, list)
        and len(row) == len(kinds)
        and all(
            isinstance(value, kind) and not isinstance(value, bool)
            for value, kind in zip(row, kinds, strict=True)
        )
    )
