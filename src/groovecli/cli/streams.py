"""Standard output and error as they are met: in any encoding, closed, full, or with a reader that left."""

from __future__ import annotations

import codecs
import errno
import io
import os
import select
import sys
from typing import Any, TextIO

from groovecli.messages.ground import cannot_answer

ERRORS = "groove-names"
"""How text is encoded that an encoding lacks, as `escaped` says."""

# Windows says of a pipe that nobody reads that the argument is invalid.
_READER_LEFT = {errno.EPIPE, errno.ECONNRESET, errno.ESHUTDOWN} | (
    {errno.EINVAL} if os.name == "nt" else set()
)
_silenced: list[TextIO] = []
_IN_WORDS = ("utf-16", "utf-32", "utf_16", "utf_32")  # encodings in which one byte is no letter


def escaped(error: UnicodeError) -> tuple[str | bytes, int]:
    """What stands for a letter that an encoding lacks: a byte of a name that is not UTF-8, else \\u1234."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    letter = error.object[error.start]
    if "\udc80" <= letter <= "\udcff" and not error.encoding.lower().startswith(_IN_WORDS):
        return bytes([ord(letter) - 0xDC00]), error.start + 1
    return letter.encode("ascii", "backslashreplace").decode("ascii"), error.start + 1


codecs.register_error(ERRORS, escaped)


def prepare() -> None:
    """Make the standard streams such that what is written to them is never groove's failure."""
    _open_closed()
    sys.stdin = sys.stdin or _nothing("r")
    sys.stdout = _lasting(sys.stdout, is_answer=True)
    sys.stderr = _lasting(sys.stderr, is_answer=False)


def be_silent() -> None:
    """Print nothing from now on, as all but the first of several processes do."""
    _silenced.append(sys.stderr)
    sys.stdout = sys.stderr = _nothing("w")


def speak() -> None:
    """Print what follows on stderr, however silent this process was."""
    if _silenced:
        sys.stderr = _silenced.pop()


def _open_closed() -> None:
    """Put nothing in the place of closed streams: the next file that is opened would be taken for one."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # takes the lowest free number


def _nothing(mode: str) -> TextIO:
    return open(os.devnull, mode, encoding="utf-8", errors=ERRORS)  # type: ignore[return-value]


def _lasting(stream: TextIO | None, *, is_answer: bool) -> TextIO:
    if stream is None:  # closed by who started groove, as cron and pythonw may
        return _nothing("w")
    buffer = getattr(stream, "buffer", None)
    raw = getattr(buffer, "raw", buffer)
    if not isinstance(stream, io.TextIOWrapper):
        return stream
    if not isinstance(raw, io.RawIOBase):
        stream.reconfigure(errors=ERRORS)
        return stream
    stream.flush()
    return io.TextIOWrapper(
        io.BufferedWriter(_Lasting(raw, is_answer)),
        stream.encoding,
        ERRORS,
        line_buffering=stream.line_buffering or stream.write_through,
    )


class _Lasting(io.RawIOBase):
    """A stream that takes what nobody reads any more, and says once that an answer can't be written."""

    def __init__(self, raw: io.RawIOBase, is_answer: bool) -> None:
        self._raw = raw
        self._is_answer = is_answer
        self._is_lost = False

    def writable(self) -> bool:
        """Always."""
        return True

    def fileno(self) -> int:
        """The number of the stream below."""
        return self._raw.fileno()

    def isatty(self) -> bool:
        """Whether a person looks at it."""
        return self._raw.isatty()

    def write(self, data: Any, /) -> int:
        """Write some of the bytes `data`, and return how many.

        Raises
        ------
        StorageError
            The answer can't be written, and not because its reader left.
        """
        while not self._is_lost:
            try:
                n_written = self._raw.write(data)
            except OSError as error:
                self._is_lost = True
                if self._is_answer and error.errno not in _READER_LEFT:
                    raise cannot_answer(error.strerror or str(error)) from error
            else:
                if n_written is not None:
                    return n_written
                select.select([], [self._raw], [])  # whoever shares the pipe made it a non-blocking one
        return len(data)
