"""Which bytes of a file are its audio, so that a track keeps its identity when it is retagged.

The hash is over the length of the audio payload and its first and last 256 KiB; over all of it
only where asked, to tell two files apart that agree in those.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import IO

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
        start, end = payload_span(file)
        digest = hashlib.sha256(str(end - start).encode())
        is_ogg = _read_at(file, 0, 4) == b"OggS"
        edges = [(start, end)] if whole or end - start <= 2 * EDGE else _edges(start, end)
        for left, right in edges:
            _update(digest, file, left, right, is_ogg)
    return digest.hexdigest()[:32]


def _edges(start: int, end: int) -> list[tuple[int, int]]:
    return [(start, start + EDGE), (end - EDGE, end)]


def _update(digest: hashlib._Hash, file: IO[bytes], left: int, right: int, is_ogg: bool) -> None:
    for position in range(left, right, EDGE):
        stop = min(position + EDGE, right)
        # A page header may begin before this block: read a little more and drop it again.
        lead = min(32, position) if is_ogg else 0
        block = _read_at(file, position - lead, stop - position + lead)
        digest.update((_masked(block) if is_ogg else block)[lead:])


def _masked(block: bytes) -> bytes:
    """Blank the sequence numbers and checksums of Ogg pages: retagging shifts them."""
    data = bytearray(block)
    for match in _PAGE.finditer(block):
        left = match.start() + 18
        data[left : left + 8] = bytes(len(data[left : left + 8]))
    return bytes(data)


def payload_span(file: IO[bytes]) -> tuple[int, int]:
    """First byte of the audio payload and the byte after its last."""
    size = file.seek(0, 2)
    start, end = _span(file, size)
    return (start, end) if start < end else (0, size)  # an untrue header: take the whole file


def _span(file: IO[bytes], size: int) -> tuple[int, int]:
    start = _after_id3(file)
    magic = _read_at(file, start, 12)
    if magic[:4] == b"fLaC":
        start = _after_flac_blocks(file, start + 4, size)
    elif magic[:4] == b"OggS":
        return _after_ogg_headers(file, size), size
    elif magic[4:8] == b"ftyp":
        return _iso_box(file, size)
    elif magic[:4] in (b"RIFF", b"FORM"):
        return _iff_chunk(file, size, little=magic[:4] == b"RIFF")
    elif magic == _ASF:
        return int.from_bytes(_read_at(file, start + 16, 8), "little"), size
    return start, _before_trailing_tags(file, size)


def _read_at(file: IO[bytes], position: int, n: int) -> bytes:
    file.seek(max(position, 0))
    return file.read(n)


def _after_id3(file: IO[bytes]) -> int:
    header = _read_at(file, 0, 10)
    if header[:3] != b"ID3" or len(header) < 10:
        return 0
    size = 0
    for byte in header[6:10]:  # seven bits a byte
        size = size << 7 | byte & 0x7F
    return 10 + size + (10 if header[5] & 0x10 else 0)


def _before_trailing_tags(file: IO[bytes], size: int) -> int:
    if _read_at(file, size - 128, 3) == b"TAG":
        size -= 128
    footer = _read_at(file, size - 32, 32)
    if footer[:8] == b"APETAGEX" and len(footer) == 32:
        has_header = footer[23] & 0x80
        size -= int.from_bytes(footer[12:16], "little") + (32 if has_header else 0)
    return size


def _after_flac_blocks(file: IO[bytes], position: int, size: int) -> int:
    while position < size:
        header = _read_at(file, position, 4)
        position += 4 + int.from_bytes(header[1:4], "big")
        if len(header) < 4 or header[0] & 0x80:
            break
    return min(position, size)


def _after_ogg_headers(file: IO[bytes], size: int) -> int:
    """Skip the pages of the header packets: two for Opus, three for Vorbis, all at granule 0."""
    position = 0
    while position < size:
        header = _read_at(file, position, 27)
        if len(header) < 27 or header[:4] != b"OggS":
            break
        granule = int.from_bytes(header[6:14], "little", signed=True)
        if granule > 0:
            break
        lacing = file.read(header[26])
        position += 27 + len(lacing) + sum(lacing)
    return min(position, size)


def _iso_box(file: IO[bytes], size: int) -> tuple[int, int]:
    """From the first to the last `mdat` box of an MP4 file, else the whole file."""
    position, start, end = 0, 0, size
    while position + 8 <= size:
        header = _read_at(file, position, 16)
        length = int.from_bytes(header[:4], "big")
        head = 8
        if length == 1:
            length, head = int.from_bytes(header[8:16], "big"), 16
        if header[4:8] == b"mdat":
            start = start or position + head
            end = size if length == 0 else min(position + length, size)
        if length < head:
            break
        position += length
    return start, end


def _iff_chunk(file: IO[bytes], size: int, *, little: bool) -> tuple[int, int]:
    """The samples' chunk of a WAV or AIFF file, else the whole file."""
    position = 12
    while position + 8 <= size:
        header = _read_at(file, position, 8)
        length = int.from_bytes(header[4:8], "little" if little else "big")
        if header[:4] in (b"data", b"SSND"):
            end = min(position + 8 + length, size) if length else size  # 0 where it was streamed
            return position + 8, end
        position += 8 + length + (length & 1)
    return 0, size
