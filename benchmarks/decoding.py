"""Milliseconds to decode 30 s from the middle of a song by soundfile and by PyAV, interleaved, one core.

    python benchmarks/decoding.py

The songs are the demo music, four times over, encoded in each format. It also prints the largest
difference between what the two give.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile as sf

from groovecli.audio import read as audio
from groovecli.home import shipped

_FORMATS = {"opus": ("OGG", "OPUS"), "ogg": ("OGG", "VORBIS"), "mp3": ("MP3", None), "flac": ("FLAC", None)}
_SR, _BLOCK, _ROUNDS = 48000, 65536, 5
_START_S, _LENGTH_S = 70.0, 30.0


def encoded(song: Path, target: Path, kind: str, subtype: str | None) -> Path:
    """A stereo song of three minutes."""
    y = np.tile(audio.load(song, sr=_SR), 4)
    stereo = np.stack([y, np.roll(y, 300)], axis=1)
    with sf.SoundFile(target, "w", _SR, 2, format=kind, subtype=subtype) as file:
        for start in range(0, len(stereo), _BLOCK):
            file.write(stereo[start : start + _BLOCK])
    return target


def main() -> None:
    """Print both times and the difference for each format."""
    songs = sorted(shipped("demo").glob("*/*.opus"))[::10]
    with tempfile.TemporaryDirectory() as folder:
        for ending, (kind, subtype) in _FORMATS.items():
            files = [
                encoded(song, Path(folder, f"{i}.{ending}"), kind, subtype) for i, song in enumerate(songs)
            ]
            rows = []
            for file in files * _ROUNDS:
                started = time.perf_counter()
                first, _ = audio._read_soundfile(file, _START_S, _LENGTH_S)
                between = time.perf_counter()
                second, _ = audio._read_av(file, _START_S, _LENGTH_S)
                n = min(len(first), len(second))
                difference = np.abs(first[:n] - second[:n]).max()
                rows.append((between - started, time.perf_counter() - between, difference))
            with_soundfile, with_av, difference = np.median(rows, axis=0)
            print(
                f"{ending:5} soundfile {with_soundfile * 1000:5.1f} ms  PyAV {with_av * 1000:5.1f} ms"
                f"  largest difference {difference:.0e}"
            )


if __name__ == "__main__":
    main()
