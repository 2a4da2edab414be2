"""A music library with every kind of name that a file system takes, and links that go in circles."""

from __future__ import annotations

import hashlib
import os
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import soundfile as sf

from tests.conftest import melody

_NFC, _NFD = (unicodedata.normalize(form, "Café") for form in ("NFC", "NFD"))
NAMES = (
    os.fsdecode(b"caf\xe9"),
    os.fsdecode(b"\xff\xfe\x80"),
    f"{_NFC} 1",
    f"{_NFD} 1",
    "ä" * 120 + "x" * 11,  # with its ending 255 bytes
    "new\nline",
    "carriage\rreturn",
    "--json",
    "-rf",
    "[rock] [red]live[bold]",
    "{x} {0} {",
    "%s %(n)d 100%",
    "شروق\u202eevil\u202c",
    "🎸 👩\u200d🎤",
    "日本の歌",
    "`id` $(id) ;&|<>*?",
    "quo'te\"s \\ back",
    " space ",
    "#EXTM3U",
    "tab\tand \x1b[31mred",
    '=1+1,"csv"',
    "<b>bold &amp;",
)
GENRES = ("[red]Rock[bold]", "-dash", os.fsdecode(b"caf\xe9"), "日本 🎌", f"{_NFD} new\nwave")
"""Folders of genres; the songs of the last wait outside the library."""


def song(path: Path, seed: int) -> Path:
    """A song of eight seconds that is like no other."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        sf.write(file, melody(8, sr=8000, seed=seed), 8000, format="WAV")
    return path


def messy(root: Path) -> tuple[Path, Path]:
    """A library below `root` with four genres, and a folder with the songs of a fifth.

    Every name is used for a song, links lead in circles and to songs that are there anyway.
    """
    library, more = root / "Music {0} [x]", root / GENRES[-1]
    for number, name in enumerate(NAMES):
        song(library / GENRES[number % 4] / f"{name}.wav", number)
    for number, name in enumerate(NAMES[:6]):
        song(more / f"{name}.wav", 100 + number)
    (library / "loop").symlink_to(library)
    (library / GENRES[0] / "up").symlink_to("..")
    (library / GENRES[0] / "self.wav").symlink_to("self.wav")
    (library / GENRES[1] / "again.wav").symlink_to(library / GENRES[1] / f"{NAMES[1]}.wav")
    return library, more


@contextmanager
def read_only(*folders: Path) -> Iterator[None]:
    """Folders that can't be written, as far as the system minds: root may."""
    everything = [
        path for folder in folders for path in (folder, *folder.rglob("*")) if not path.is_symlink()
    ]
    modes = {path: path.stat().st_mode for path in everything}
    for path, mode in modes.items():
        path.chmod(mode & ~0o222)
    try:
        yield
    finally:
        for path, mode in modes.items():
            path.chmod(mode)


def digest(*folders: Path) -> str:
    """Changes with any name, link or byte below the folders."""
    found = hashlib.sha256()
    for path in sorted((p for folder in folders for p in folder.rglob("*")), key=os.fsencode):
        found.update(os.fsencode(path))
        if path.is_symlink():
            found.update(os.fsencode(os.readlink(path)))
        elif path.is_file():
            found.update(path.read_bytes())
    return found.hexdigest()
