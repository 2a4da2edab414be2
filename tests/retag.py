"""Tags as bytes, and files as FFmpeg copies them, for the tests."""

from __future__ import annotations

import io
import struct
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import av
from mutagen.apev2 import APEv2
from mutagen.id3 import ID3, TALB, TCON, TIT2, TPE1, TPE2

from groovecli.audio.tags import Tags

EXPECTED = Tags("Ann", "Début", "Song", "Jazz", "Various")


def id3v2(tags: Tags = EXPECTED) -> bytes:
    """An ID3v2 tag."""
    kinds = ((TPE1, tags.artist), (TALB, tags.album), (TIT2, tags.title), (TCON, tags.genre))
    frames = ID3()
    for kind, text in (*kinds, (TPE2, tags.album_artist)):
        if text:
            frames.add(kind(encoding=3, text=[text]))
    file = io.BytesIO()
    frames.save(file)
    return file.getvalue()


def id3v1(title: str = EXPECTED.title, artist: str = EXPECTED.artist, *, genre: int = 8) -> bytes:
    """An ID3v1 tag."""
    return struct.pack("3s30s30s30s4s30sB", b"TAG", title.encode(), artist.encode(), b"", b"", b"", genre)


def apev2(**texts: str | list[str]) -> bytes:
    """An APEv2 tag; `_` in a name is a space."""
    tags = APEv2()
    for name, text in texts.items():
        tags[name.replace("_", " ")] = text
    file = io.BytesIO()
    tags.save(file)
    return file.getvalue()


def lyrics3(text: str, **fields: str) -> bytes:
    """A Lyrics3 tag of the second version."""
    body = "LYRICSBEGIN" + "".join(
        f"{name}{len(value):05}{value}" for name, value in {"IND": "10", "LYR": text, **fields}.items()
    )
    return f"{body}{len(body):06}LYRICS200".encode()


def chunk(name: bytes, content: bytes, order: str = ">") -> bytes:
    """A chunk of an AIFF file, or (`<`) of a WAV file."""
    return name + struct.pack(f"{order}I", len(content)) + content + b"\0" * (len(content) % 2)


def metadata(tags: Tags = EXPECTED) -> dict[str, str]:
    """Tags by FFmpeg's names."""
    return {name: text for name, text in asdict(tags).items() if text}


def remux(
    source: Path, path: Path, container: str, texts: Mapping[str, str] | None = None, **options: str
) -> Path:
    """Copy the first audio stream with other tags, as `ffmpeg -c copy -metadata` does."""
    with av.open(str(source)) as file, av.open(str(path), "w", format=container, options=options) as copy:
        stream = file.streams.audio[0]
        out = copy.add_stream_from_template(stream)
        copy.metadata.update(texts or {})
        for packet in file.demux(stream):
            if packet.dts is not None:
                packet.stream = out
                copy.mux(packet)
    return path
