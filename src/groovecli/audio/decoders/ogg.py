"""The links of a chained Ogg file: recorded radio, or files joined one behind the other."""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterator
from typing import IO, NamedTuple

_CAPTURE = b"OggS\x00"
_BEGINS = re.compile(rb"OggS\x00[\x02\x03\x06\x07]")  # a page that begins a stream
_HEAD = 27  # bytes of a page's header before its table of segments
_LONGEST_PAGE = _HEAD + 255 + 255 * 255
_WINDOW = 20_000  # bytes; an encoder of Opus makes pages of a second
_FIRST_LOOK = 1 << 12
_STEP = 1.5  # from one look to the next


class _Page(NamedTuple):
    """Where a page is in its file, its stream, its number there, and its header."""

    position: int
    begins: bool
    serial: bytes
    number: int
    head: bytes

    @property
    def length(self) -> int:
        """How many bytes it takes."""
        n_segments = self.head[26]
        return _HEAD + n_segments + sum(self.head[_HEAD : _HEAD + n_segments])


def links(file: IO[bytes], start: int, size: int) -> list[tuple[int, int]]:
    """First byte of each link from `start` on, and the byte after its last."""
    if not _may_be_chain(file, start, size):
        return [(start, size)]
    begins, after_last = [], -1
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        for match in _BEGINS.finditer(data, start):
            page = _page(data[match.start() : match.start() + _HEAD + 255], match.start())
            if page is not None:
                if match.start() != after_last:  # streams that sound together begin on neighbouring pages
                    begins.append(match.start())
                after_last = match.start() + page.length
    return list(zip([start, *begins[1:]], [*begins[1:], size], strict=True))


def _may_be_chain(file: IO[bytes], start: int, size: int) -> bool:
    """Whether some pages show a stream that isn't one of the first, or page numbers that begin again.

    The distance between these pages grows from the start on, so that a dozen do for a long file and page
    numbers fall back whether the first link is the shorter or the longer.
    """
    numbers: dict[bytes, int] = {}
    page = _page(_read(file, start, _HEAD + 255), start)
    while page is not None and page.begins:
        numbers[page.serial] = page.number
        after = page.position + page.length
        page = _page(_read(file, after, _HEAD + 255), after)
    last = -1
    for page in _looks(file, start, size):
        is_new = page.position > last
        if page.serial not in numbers or (is_new and page.number <= numbers[page.serial]):
            return True
        numbers[page.serial], last = page.number, page.position
    return False


def _looks(file: IO[bytes], start: int, size: int) -> Iterator[_Page]:
    """The first page after each place to look at, and the file's last."""
    distance = _FIRST_LOOK
    while start + distance < size:
        page = _next_page(file, start + distance)
        if page is not None:
            yield page
        distance = int(distance * _STEP)
    for window in (_WINDOW, _LONGEST_PAGE + _HEAD):
        position = max(start + 1, size - window)
        tail = _read(file, position, window)
        page = _page(tail[(at := tail.rfind(_CAPTURE)) :], position + at) if _CAPTURE in tail else None
        if page is not None:
            yield page
            return


def _next_page(file: IO[bytes], position: int) -> _Page | None:
    for window in (_WINDOW, _LONGEST_PAGE + _HEAD):
        data = _read(file, position, window)
        at = data.find(_CAPTURE)
        if at >= 0:
            return _page(data[at : at + _HEAD + 255], position + at)
    return None


def _page(data: bytes, position: int) -> _Page | None:
    """The page whose header `data` begins with."""
    if len(data) < _HEAD or not data.startswith(_CAPTURE):
        return None
    return _Page(position, bool(data[5] & 2), data[14:18], int.from_bytes(data[18:22], "little"), data)


def _read(file: IO[bytes], position: int, n: int) -> bytes:
    file.seek(position)
    return file.read(n)
