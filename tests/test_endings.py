"""Files of every ending that a folder is searched for: found there, and read."""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from groovecli.audio import read as audio
from groovecli.library.scan import scan
from groovecli.library.walk import list_audio
from tests.encode import chirp, write_av
from tests.test_odd_files import MUSEPACK

SECONDS, SR = 3, 48000
BY_FFMPEG = {
    ".3g2": ("aac", "3g2"),
    ".3gp": ("aac", "3gp"),
    ".ac3": ("ac3", "ac3"),
    ".asf": ("wmav2", "asf"),
    ".avi": ("mp2", "avi"),
    ".ec3": ("eac3", "eac3"),
    ".flv": ("aac", "flv"),
    ".m4b": ("aac", "ipod"),
    ".m4r": ("aac", "ipod"),
    ".m4v": ("aac", "mp4"),
    ".mka": ("libopus", "matroska"),
    ".mkv": ("aac", "matroska"),
    ".mov": ("aac", "mov"),
    ".mp2": ("mp2", "mp2"),
    ".mpa": ("mp2", "mp2"),
    ".mpg": ("mp2", "mpeg"),
    ".oga": ("libopus", "ogg"),
    ".ogx": ("libopus", "ogg"),
    ".tta": ("tta", "tta"),
    ".wmv": ("wmav2", "asf"),
    ".wv": ("wavpack", "wv"),
}
BY_SOUNDFILE = {
    ".w64": "W64",
    ".wave": "WAV",
    ".aifc": "AIFF",
    ".snd": "AU",
    ".rf64": "RF64",
    ".caf": "CAF",
}


@pytest.mark.parametrize("ending", [*BY_FFMPEG, *BY_SOUNDFILE, ".MKV"])
def test_a_folder_is_searched_for_it_and_it_is_read(ending: str, tmp_path: Path) -> None:
    path, y = tmp_path / f"song{ending}", chirp(SECONDS, SR)
    if ending in BY_SOUNDFILE:
        sf.write(path, y, SR, format=BY_SOUNDFILE[ending])
    else:
        write_av(path, y, SR, *BY_FFMPEG[ending.lower()])
    listing = list_audio(tmp_path)
    assert listing.files == (path,) and not listing.passed_over.endings
    (track,) = scan(listing.files, jobs=1).tracks
    assert track.duration_s == pytest.approx(SECONDS, abs=0.15)
    heard, sr = audio.read(path, start_s=1, length_s=1)
    assert len(heard) == pytest.approx(sr, rel=0.02) and abs(heard).max() > 0.1


DSD_SR = 2_822_400


def _bits(seconds: float, hz: float) -> bytes:
    """A tone as one bit a sample, by a modulator of the first order, the first sample in the lowest bit."""
    t = np.arange(round(seconds * DSD_SR) // 8 * 8) / DSD_SR
    wanted = np.floor(np.cumsum(0.5 + 0.4 * np.sin(2 * np.pi * hz * t)))
    return np.packbits(np.diff(wanted, prepend=0) > 0, bitorder="little").tobytes()


def dsf(sound: bytes) -> bytes:
    block = 4096
    sound += b"\x69" * (-len(sound) % block)
    header = struct.pack("<4s3Q", b"DSD ", 28, 28 + 52 + 12 + len(sound), 0)
    header += struct.pack("<4sQ6IQ2I", b"fmt ", 52, 1, 0, 1, 1, DSD_SR, 1, 8 * len(sound), block, 0)
    return header + struct.pack("<4sQ", b"data", 12 + len(sound)) + sound


def dff(sound: bytes) -> bytes:
    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">4sQ", name, len(content)) + content + b"\0" * (len(content) % 2)

    highest_first = np.packbits(np.unpackbits(np.frombuffer(sound, np.uint8), bitorder="little")).tobytes()
    prop = b"SND " + chunk(b"FS  ", struct.pack(">I", DSD_SR)) + chunk(b"CHNL", b"\0\1C   ")
    prop += chunk(b"CMPR", b"DSD \x0enot compressed")
    body = b"DSD " + chunk(b"FVER", b"\1\5\0\0") + chunk(b"PROP", prop) + chunk(b"DSD ", highest_first)
    return struct.pack(">4sQ", b"FRM8", len(body)) + body


@pytest.mark.parametrize("made", [dsf, dff])
def test_dsd_is_read(made: Callable[[bytes], bytes], tmp_path: Path) -> None:
    path = tmp_path / f"song.{made.__name__}"
    path.write_bytes(made(_bits(2, 440)))
    (track,) = scan(list_audio(tmp_path).files, jobs=1).tracks
    assert track.duration_s == pytest.approx(2, abs=0.05)
    heard, sr = audio.read(path, start_s=0.5, length_s=1)
    spectrum = np.abs(np.fft.rfft(heard * np.hanning(len(heard))))
    loudest_hz = spectrum[1 : len(heard) * 5000 // sr].argmax() + 1
    assert loudest_hz * sr / len(heard) == pytest.approx(440, abs=2)


@pytest.mark.parametrize("ending", [".mpc", ".mp+", ".mpp"])
def test_musepack_is_read_under_each_of_its_names(ending: str, tmp_path: Path) -> None:
    (tmp_path / f"song{ending}").write_bytes(base64.b64decode(MUSEPACK))
    (track,) = scan(list_audio(tmp_path).files, jobs=1).tracks
    assert track.duration_s > 0.5 and len(audio.read(track.path)[0])
