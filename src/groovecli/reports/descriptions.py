"""Descriptions of songs as plain values, as columns of a table, and as files."""

from __future__ import annotations

import csv
import io
import math
import os
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from groovecli.describe.description import SongDescription
from groovecli.files import atomic_writer
from groovecli.paths import StrPath, as_path
from groovecli.reports.endings import check_ending
from groovecli.reports.own_files import check_replaceable, columns_of

Value = float | str | None

NUMBERS: dict[str, Callable[[SongDescription], float | None]] = {
    "bpm": lambda said: said.tempo.bpm,
    "bpm_confidence": lambda said: said.tempo.confidence,
    "other_bpm": lambda said: said.tempo.other_bpm,
    "other_weight": lambda said: said.tempo.other_weight,
    "key_confidence": lambda said: said.key.confidence,
    "tuning_cents": lambda said: said.key.tuning_cents,
    "lufs": lambda said: said.loudness.integrated_lufs,
    "range_lu": lambda said: said.loudness.range_lu,
    "true_peak_dbtp": lambda said: said.loudness.true_peak_dbtp,
    "brightness_hz": lambda said: said.brightness_hz,
}
"""The columns that are numbers, each with what it says of a song."""

TEXTS: dict[str, Callable[[SongDescription], str | None]] = {
    "key": lambda said: said.key.name,
    "camelot": lambda said: said.key.camelot,
    "course": lambda said: said.tempo.course,
}
"""The columns that are words."""

COLUMNS = (*NUMBERS, *TEXTS)


def to_json(said: SongDescription | None) -> dict[str, Any] | None:
    """Plain values of a description, for `--json`; null where there is none."""
    if said is None:
        return None
    tempo, key, loudness = said.tempo, said.key, said.loudness
    return {
        "tempo": {
            "bpm": tempo.bpm,
            "confidence": tempo.confidence,
            "other_bpm": tempo.other_bpm,
            "other_weight": tempo.other_weight,
            "course": tempo.course,
        },
        "key": {
            "name": key.name,
            "camelot": key.camelot,
            "confidence": key.confidence,
            "tuning_cents": key.tuning_cents,
        },
        "loudness": {
            "integrated_lufs": loudness.integrated_lufs,
            "range_lu": loudness.range_lu,
            "true_peak_dbtp": loudness.true_peak_dbtp,
        },
        "brightness_hz": said.brightness_hz,
        "measured_s": said.measured_s,
    }


def row(said: SongDescription | None) -> list[Value]:
    """The columns of a song; None where there is nothing to say."""
    if said is None:
        return [None] * len(COLUMNS)
    return [*(number(said) for number in NUMBERS.values()), *(text(said) for text in TEXTS.values())]


def cells(said: SongDescription | None) -> list[str]:
    """The columns of a song as text: numbers as short as they read back equal, "" for nothing."""
    return ["" if value is None else str(value) for value in row(said)]


def arrays(all_said: Sequence[SongDescription | None]) -> dict[str, np.ndarray[Any, Any]]:
    """The columns of many songs by name: float64 with NaN, or text with "", where there is nothing."""
    columns = list(zip(*map(row, all_said), strict=True)) or [()] * len(COLUMNS)
    return {
        name: np.array([math.nan if value is None else value for value in column], np.float64)
        if name in NUMBERS
        else np.array(["" if value is None else value for value in column], np.str_)
        for name, column in zip(COLUMNS, columns, strict=True)
    }


def check_format(path: StrPath) -> None:
    """Raise now what `write` would raise later.

    Raises
    ------
    UsageError
        No format has this ending.
    GrooveError
        The format needs a package that is not there.
    """
    check_ending(as_path(path, "check_format", "path"), _WRITERS)


def check_there(path: Path, *, force: bool) -> None:
    """Refuse to replace a file that groove did not write so, unless `force` is given.

    Raises
    ------
    UsageError
        There is such a file.
    """
    check_replaceable(path, _is_own, force=force)


def _is_own(path: Path) -> bool:
    """Whether a file has the columns of descriptions."""
    found = list(columns_of(path))
    return found == ["paths" if path.suffix.lower() == ".npz" else "path", *COLUMNS]


def write(path: StrPath, songs: Sequence[tuple[Path, SongDescription]]) -> None:
    """Write songs' paths and descriptions in the format of the path's ending."""
    path = as_path(path, "write", "path")
    check_format(path)
    _WRITERS[path.suffix.lower()](path, songs)


_Songs = Sequence[tuple[Path, SongDescription]]


def _write_csv(file: Path, songs: _Songs) -> None:
    with atomic_writer(file) as raw:
        text = io.TextIOWrapper(raw, "utf-8", "surrogateescape", newline="")
        writer = csv.writer(text)
        writer.writerow(["path", *COLUMNS])
        for path, said in songs:
            writer.writerow([os.fsencode(path).decode("utf-8", "surrogateescape"), *cells(said)])
        text.detach()


def _write_npz(file: Path, songs: _Songs) -> None:
    members = {"paths": np.array([str(path) for path, _ in songs], np.str_)}
    members |= arrays([said for _, said in songs])
    with atomic_writer(file) as raw, zipfile.ZipFile(raw, "w") as archive:
        for name, values in members.items():
            with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as member:
                np.lib.format.write_array(member, values, allow_pickle=False)


def _write_parquet(file: Path, songs: _Songs) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    paths = [os.fsencode(path).decode("utf-8", "backslashreplace") for path, _ in songs]
    with atomic_writer(file) as raw:
        pq.write_table(pa.table({"path": paths, **parquet_columns([said for _, said in songs])}), raw)


def parquet_columns(all_said: Sequence[SongDescription | None]) -> dict[str, Any]:
    """The columns of many songs for a Parquet table: null where there is nothing."""
    import pyarrow as pa

    columns = list(zip(*map(row, all_said), strict=True)) or [()] * len(COLUMNS)
    return {
        name: pa.array(column, pa.float64() if name in NUMBERS else pa.string())
        for name, column in zip(COLUMNS, columns, strict=True)
    }


_WRITERS: dict[str, Callable[[Path, _Songs], None]] = {
    ".npz": _write_npz,
    ".csv": _write_csv,
    ".parquet": _write_parquet,
}
