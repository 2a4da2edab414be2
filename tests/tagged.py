"""Short files of every format whose tags groove writes, with and without tags, for the tests."""

from __future__ import annotations

import hashlib
import os
import shutil
import struct
from pathlib import Path

import mutagen
from mutagen.id3 import ID3, TPE1

from tests.encode import chirp, write, write_av
from tests.retag import EXPECTED, apev2, chunk, id3v1, id3v2, metadata, remux

# Ending -> codec and container of what PyAV writes here, and the container's name for a copy with tags.
OTHERS = {".tta": ("tta", "tta"), ".wv": ("wavpack", "wv"), ".oga": ("flac", "ogg")}
CONTAINERS = {
    ".mp3": "mp3",
    ".flac": "flac",
    ".ogg": "ogg",
    ".opus": "ogg",
    ".wav": "wav",
    ".aiff": "aiff",
    ".m4a": "mp4",
    ".alac.m4a": "mp4",
    ".wma": "asf",
    ".tta": "tta",
    ".wv": "wv",
    ".oga": "ogg",
}
ENDINGS = tuple(CONTAINERS)
UNWRITABLE = (".aac", ".webm", ".mka")


def song(path: Path, ending: str) -> Path:
    """Write a fifth of a second of sound."""
    sound = chirp(0.2, 48000)
    if ending in OTHERS:
        return write_av(path, sound, 48000, *OTHERS[ending])
    if ending == ".mka":
        return write_av(path, sound, 48000, "libopus", "matroska")
    return write(path, sound, 48000)


def variants(folder: Path) -> list[Path]:
    """A file of each format without tags, one with those that FFmpeg writes, and odd ones."""
    made = []
    for ending in ENDINGS:
        plain = song(folder / f"plain{ending}", ending)
        made += [plain, remux(plain, folder / f"tagged{ending}", CONTAINERS[ending], metadata())]
    mp3 = (folder / "plain.mp3").read_bytes()
    made.append(folder / "ends.mp3")
    made[-1].write_bytes(id3v2() + mp3 + apev2(Title="x", Genre="Jazz") + id3v1())
    made.append(folder / "id3v1.mp3")
    made[-1].write_bytes(mp3 + id3v1())
    made.append(folder / "id3v23.mp3")
    made[-1].write_bytes(mp3)
    tags = ID3()
    tags.add(TPE1(encoding=1, text=["Ännchen"]))
    tags.save(made[-1], v2_version=3)
    wav = (folder / "plain.wav").read_bytes()
    made.append(folder / "list.wav")
    listed = chunk(b"LIST", b"INFO" + chunk(b"IGNR", EXPECTED.genre.encode() + b"\0", "<"), "<")
    made[-1].write_bytes(b"RIFF" + struct.pack("<I", len(wav) - 8 + len(listed)) + wav[8:] + listed)
    return made


def many(folder: Path, n: int) -> list[Path]:
    """As many files, of all variants, in genre folders; each with its own time of change."""
    made = variants(folder / "made")
    files = []
    for number in range(n):
        source = made[number % len(made)]
        path = folder / "music" / ("rock", "jazz")[number % 2] / f"{number} {source.name}"
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, path)
        os.utime(path, ns=(1_500_000_000_000_000_000, 1_600_000_000_123_456_789 + 1000 * number))
        files.append(path)
    shutil.rmtree(folder / "made")
    return files


def state(folder: Path) -> dict[str, tuple[str, int, int]]:
    """Content, time of change and rights of every file below a folder, hidden ones too."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            status = path.stat()
            sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
            found[str(path.relative_to(folder))] = sha256, status.st_mtime_ns, status.st_mode
    return found


def kind_of(path: Path) -> str:
    """What mutagen takes a file for."""
    return type(mutagen.File(path)).__name__
