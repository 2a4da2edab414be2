"""Milliseconds to decode 30 s from the middle of a song by soundfile and by PyAV, interleaved, one core.

    python benchmarks/decoding.py [--only FORMAT] [--songs N] [--rounds R]

The songs are the demo music, four times over, encoded in each format. It also prints the largest
difference between what the two give.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile as sf

from groovecli.audio.decoders.pyav import PYAV
from groovecli.audio.decoders.soundfile import SOUNDFILE
from groovecli.audio.read import load
from groovecli.home import shipped
from rounds import Figure, program, report

_FORMATS = {"opus": ("OGG", "OPUS"), "ogg": ("OGG", "VORBIS"), "mp3": ("MP3", None), "flac": ("FLAC", None)}
_SR, _BLOCK = 48000, 65536
_START_S, _LENGTH_S = 70.0, 30.0


def encoded(song: Path, target: Path, kind: str, subtype: str | None) -> Path:
    """A stereo song of three minutes."""
    y = np.tile(load(song, sr=_SR), 4)
    stereo = np.stack([y, np.roll(y, 300)], axis=1)
    with sf.SoundFile(target, "w", _SR, 2, format=kind, subtype=subtype) as file:
        for start in range(0, len(stereo), _BLOCK):
            file.write(stereo[start : start + _BLOCK])
    return target


def main() -> None:
    """Print both times and the difference for each format."""
    parser = program(__doc__)
    parser.add_argument(
        "--only", metavar="FORMAT", choices=_FORMATS, action="append", help="of these alone"
    )
    parser.add_argument("--songs", metavar="N", type=int, default=3, help="how many songs (3)")
    asked = parser.parse_args()
    figures = []
    chosen = sorted(shipped("demo").glob("*/*.opus"))[::10][: asked.songs]
    with tempfile.TemporaryDirectory() as folder:
        for ending in asked.only or _FORMATS:
            kind, subtype = _FORMATS[ending]
            files = [
                encoded(song, Path(folder, f"{i}.{ending}"), kind, subtype) for i, song in enumerate(chosen)
            ]
            rows: list[tuple[float, float, float]] = []
            for file in files * asked.rounds:
                started = time.perf_counter()
                first, _ = SOUNDFILE.read(file, _START_S, _LENGTH_S)
                between = time.perf_counter()
                second, _ = PYAV.read(file, _START_S, _LENGTH_S)
                n = min(len(first), len(second))
                difference = float(np.abs(first[:n] - second[:n]).max())
                rows.append((between - started, time.perf_counter() - between, difference))
            what = f"{ending}, 30 s decoded: soundfile's rate against PyAV's"
            figures.append(Figure.ratio(what, [row[1] for row in rows], [row[0] for row in rows]))
            with_soundfile, with_av, most = np.median(rows, axis=0)
            print(
                f"{ending:5} soundfile {with_soundfile * 1000:5.1f} ms  PyAV {with_av * 1000:5.1f} ms"
                f"  largest difference {most:.0e}"
            )
    report(figures, asked.rows)


if __name__ == "__main__":
    main()
