"""Tags of containers that mutagen doesn't read: Matroska, QuickTime, CAF, and WAV's and AIFF's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av

from groovecli.audio import matroska
from groovecli.audio.ape import decoded
from groovecli.audio.boxes import is_boxed
from groovecli.audio.edges import leading, read_at

_KEEPS_BYTES: Any = {"metadata_errors": "surrogateescape"} if int(av.__version__.split(".")[0]) < 19 else {}
# The protocol is named, or FFmpeg would take `http:x.mka`, or a play list in a file, to the network; it
# need not look at the sound, which takes it 12 ms for a WAV file.
_OPTIONS = {"protocol_whitelist": "file", "probesize": "4096"}
_OF_A_TRACK = ("title", "language", "handler_name")  # names of a stream, not of a song


def container_tags(path: Path) -> list[tuple[str, str]]:
    """Keys and texts of a container's tags; none where mutagen knows the format, or where it is damaged."""
    try:
        with path.open("rb") as file:
            start = max((block.end for block in leading(file)), default=0)
            magic = read_at(file, start, 16)
            if magic.startswith(matroska.MAGIC):
                return matroska.tags(file, start, file.seek(0, 2))
        return _by_ffmpeg(path, start) if is_boxed(magic) else []
    except (av.FFmpegError, OSError, ValueError, ArithmeticError):
        return []


def _by_ffmpeg(path: Path, start: int) -> list[tuple[str, str]]:
    options = _OPTIONS | {"skip_initial_bytes": str(start)}
    with av.open(f"file:{path}", options=options, **_KEEPS_BYTES) as container:
        return _tags(container)


def _tags(container: Any) -> list[tuple[str, str]]:
    pairs = list(container.metadata.items())
    for stream in container.streams.audio[:1]:
        pairs += [(key, text) for key, text in stream.metadata.items() if key not in _OF_A_TRACK]
    return [(key, _repaired(text)) for key, text in pairs]


def _repaired(text: str) -> str:
    """The text of bytes that are not UTF-8."""
    return text if text.isprintable() else decoded(text.encode("utf-8", "surrogateescape"))
