"""All sets of tags in a file: most have one, some have another in front of the sound or behind it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import IO, Any

import mutagen
from mutagen.aac import AAC
from mutagen.ac3 import AC3
from mutagen.aiff import AIFF
from mutagen.apev2 import APEv2File
from mutagen.asf import ASF
from mutagen.dsdiff import DSDIFF
from mutagen.dsf import DSF
from mutagen.flac import FLAC
from mutagen.id3 import ID3, ID3FileType, ParseID3v1
from mutagen.monkeysaudio import MonkeysAudio
from mutagen.mp3 import MP3
from mutagen.mp4 import MP4
from mutagen.musepack import Musepack
from mutagen.oggflac import OggFLAC
from mutagen.oggopus import OggOpus
from mutagen.oggspeex import OggSpeex
from mutagen.oggtheora import OggTheora
from mutagen.oggvorbis import OggVorbis
from mutagen.optimfrog import OptimFROG
from mutagen.tak import TAK
from mutagen.trueaudio import TrueAudio
from mutagen.wave import WAVE
from mutagen.wavpack import WavPack

from groovecli.audio.ape import ape_items, decoded
from groovecli.audio.edges import Block, leading, read_at, trailing
from groovecli.audio.lyrics3 import lyrics3_fields

# mutagen's own list; mutagen builds it for each file, which takes a tenth of the time for a file.
_OGG = (OggFLAC, OggOpus, OggSpeex, OggTheora, OggVorbis)
_APE = (APEv2File, MonkeysAudio, Musepack, OptimFROG, TAK, WavPack)
KINDS = (*_OGG, *_APE, AAC, AC3, AIFF, ASF, DSDIFF, DSF, FLAC, ID3FileType, MP3, MP4, TrueAudio, WAVE)

Pairs = list[tuple[str, Any]]  # a key as the file has it, and what mutagen makes of its values


def tag_sets(path: Path) -> Iterator[Pairs]:
    """Yield the sets of tags in a file, the best first; what can't be read is as if there were none."""
    file = _opened(path)
    tags = getattr(file, "tags", None)
    is_short = getattr(tags, "version", (2,))[:1] == (1,)  # ID3v1 cuts its texts at 30 letters
    if tags is not None and not is_short:
        yield _pairs(tags)
    with suppress(OSError), path.open("rb") as raw:
        yield from _further(raw, file)
    if is_short:
        yield _pairs(tags)


def texts(value: Any) -> list[str]:
    """The texts of a tag's value, of any kind of tags: of ID3's frames, of a list, or of a single one."""
    value = getattr(value, "text", value)
    values = value if isinstance(value, list | tuple) else [value]
    # APEv2 has a NUL between the values of one tag.
    return [part for each in values for part in _text(each).split("\0")]


def _text(value: Any) -> str:
    return decoded(value) if isinstance(value, bytes) else str(value)


def _opened(file: Any) -> Any:
    """A file as mutagen sees it, or None."""
    with suppress(Exception):  # mutagen raises many kinds on damaged files, and tags are never vital
        return mutagen.File(file, KINDS)
    return None


def _pairs(tags: Any) -> Pairs:
    """Keys and values; those of Vorbis comments and WMA are a list already."""
    return list(tags) if isinstance(tags, list) else [(key, tags[key]) for key in tags.keys()]  # noqa: SIM118


def _further(raw: IO[bytes], file: Any) -> Iterator[Pairs]:
    """What a first look missed: under another format's ending, in front of the sound, behind it."""
    fronts = leading(raw)
    start = fronts[-1].end if fronts else 0
    if file is None:
        inner = getattr(_opened(_Within(raw, start)), "tags", None)
        if inner is not None:
            yield _pairs(inner)
    elif isinstance(file, ID3FileType) and file.tags is not None:
        fronts = fronts[1:]  # that is the one that it read
    backs = sorted(trailing(raw, start, raw.seek(0, 2)), key=lambda block: block.kind == "id3v1")
    for block in (*fronts, *backs):
        with suppress(Exception):  # as above
            yield _of_block(block, read_at(raw, block.start, block.end - block.start))


def _of_block(block: Block, data: bytes) -> Pairs:
    if block.kind == "ape":
        return list(ape_items(data))
    if block.kind == "lyrics3":
        return list(lyrics3_fields(data))
    if block.kind == "id3v1":
        return list((ParseID3v1(data[-128:]) or {}).items())  # type: ignore[no-untyped-call]
    # One behind the sound has a footer, but begins with a header as well.
    return _pairs(ID3(BytesIO(data), load_v1=False))  # type: ignore[no-untyped-call]


class _Within:
    """A file from some byte on, without its name: mutagen trusts the ending more than the content."""

    def __init__(self, file: IO[bytes], start: int) -> None:
        self._file, self._start = file, start
        file.seek(start)

    def read(self, n: int = -1) -> bytes:
        return self._file.read(n)

    def tell(self) -> int:
        return self._file.tell() - self._start

    def seek(self, offset: int, whence: int = 0) -> int:
        earlier = self._file.tell()
        position = self._file.seek(offset + (0 if whence else self._start), whence)
        if position < self._start:
            self._file.seek(earlier)
            raise OSError("there is nothing before the start")
        return position - self._start
