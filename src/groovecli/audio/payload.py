"""The bytes of a file that are its audio: a track keeps its identity when it is retagged.

The hash is over the length of the audio payload and its first and last 256 KiB; over all of it
only where asked, to tell two files apart that agree in those.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from groovecli.audio import boxes, edges, matroska
from groovecli.audio.boxes import Span
from groovecli.audio.edges import read_at

EDGE = 256 * 1024
_ASF = bytes.fromhex("3026b2758e66cf11a6d900aa")  # how a WMA file's header begins
_PAGE = re.compile(rb"OggS\x00", re.DOTALL)


def audio_hash(path: Path, *, whole: bool = False) -> str:
    """Hash of a file's audio payload, as 32 hexadecimal digits.

    Raises
    ------
    OSError
        The file can't be read.
    """
    with path.open("rb") as file:
        spans, is_ogg = _payload(file)
        n_bytes = sum(end - start for start, end in spans)
        digest = hashlib.sha256(str(n_bytes).encode())
        if not whole and n_bytes > 2 * EDGE:
            spans = [*_first(spans), *_last(spans)]
        for left, right in spans:
            _update(digest, file, left, right, is_ogg)
    return digest.hexdigest()[:32]


def _first(spans: Sequence[Span]) -> Iterator[Span]:
    """The first EDGE bytes."""
    rest = EDGE
    for start, end in spans:
        yield start, min(start + rest, end)
        rest -= end - start
        if rest <= 0:
            break


def _last(spans: Sequence[Span]) -> list[Span]:
    """The last EDGE bytes."""
    rest, last = EDGE, []
    for start, end in reversed(spans):
        last.append((max(end - rest, start), end))
        rest -= end - start
        if rest <= 0:
            break
    return last[::-1]


def _update(digest: hashlib._Hash, file: IO[bytes], left: int, right: int, is_ogg: bool) -> None:
    for position in range(left, right, EDGE):
        stop = min(position + EDGE, right)
        # A page header may begin before this block: read a little more and drop it again.
        lead = min(32, position) if is_ogg else 0
        block = read_at(file, position - lead, stop - position + lead)
        digest.update((_masked(block) if is_ogg else block)[lead:])


def _masked(block: bytes) -> bytes:
    """Blank the sequence numbers and checksums of Ogg pages: retagging shifts them."""
    data = bytearray(block)
    for match in _PAGE.finditer(block):
        left = match.start() + 18
        data[left : left + 8] = bytes(len(data[left : left + 8]))
    return bytes(data)


def payload_span(file: IO[bytes]) -> Span:
    """First byte of the audio payload, and the byte after its last."""
    spans, _ = _payload(file)
    return spans[0][0], spans[-1][1]


def _payload(file: IO[bytes]) -> tuple[list[Span], bool]:
    """The span of the audio payload, and whether it is in pages of Ogg."""
    size = file.seek(0, 2)
    fronts = edges.leading(file)
    start = fronts[-1].end if fronts else 0
    magic = read_at(file, start, 12)
    if magic[:4] == matroska.MAGIC:
        frames = matroska.frames(file, start, size)
        if frames:
            return frames, False
    left, right = _span(file, magic, start, size)
    # An untrue header: take the whole file.
    return [(left, right) if left < right else (0, size)], magic[:4] == b"OggS"


def _span(file: IO[bytes], magic: bytes, start: int, size: int) -> Span:
    """First byte of the audio payload, and the byte after its last."""
    sound = boxes.sound_span(file, start, size)
    if sound is not None and sound.is_sure:
        return sound.start, sound.end
    if sound is not None:
        start = sound.start
    elif magic[:4] == b"OggS":
        start = _after_ogg_headers(file, start, size)
    elif magic == _ASF:
        start += int.from_bytes(read_at(file, start + 16, 8), "little")
    elif magic[:4] == b"fLaC":
        start = _after_flac_blocks(file, start + 4, size)
    backs = edges.trailing(file, start, size)
    return start, backs[-1].start if backs else size


def _after_flac_blocks(file: IO[bytes], position: int, size: int) -> int:
    while position < size:
        header = read_at(file, position, 4)
        position += 4 + int.from_bytes(header[1:4], "big")
        if len(header) < 4 or header[0] & 0x80:
            break
    return min(position, size)


def _after_ogg_headers(file: IO[bytes], position: int, size: int) -> int:
    """Skip the pages of the header packets: two for Opus, three for Vorbis, all at granule 0."""
    while position < size:
        header = read_at(file, position, 27)
        if len(header) < 27 or header[:4] != b"OggS":
            break
        granule = int.from_bytes(header[6:14], "little", signed=True)
        if granule > 0:
            break
        lacing = file.read(header[26])
        position += 27 + len(lacing) + sum(lacing)
    return min(position, size)
