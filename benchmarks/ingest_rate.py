"""Clips a second from songs to mel spectrograms: groove's way against librosa's, interleaved.

    python benchmarks/ingest_rate.py MUSIC [N_SONGS]

For each song in turn one clip of 30 s is made both ways in this process, so that a machine whose
speed drifts slows both alike; songs that librosa can't read are left out. Then the whole of `groove
ingest` is timed on all cores.
"""

from __future__ import annotations

import os

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import cast

import librosa
import numpy as np
from audioread import DecodeError

import songs
from groovecli.audio.read import fit, load
from groovecli.features.registry import extract, feature
from groovecli.features.spec import ImageSpec
from groovecli.library.walk import list_audio

SPEC = cast(ImageSpec, feature("mel-323"))


def ours(path: Path) -> None:
    """One clip by groove."""
    y = load(path, sr=SPEC.sr, start_s=0, length_s=SPEC.clip_s)
    extract(fit(y, SPEC.n_clip_samples), SPEC)


def librosas(path: Path) -> None:
    """One clip by librosa."""
    y, _ = librosa.load(path, sr=SPEC.sr, offset=0, duration=SPEC.clip_s)
    power = librosa.feature.melspectrogram(
        y=y, sr=SPEC.sr, n_fft=SPEC.n_fft, hop_length=SPEC.hop_length, n_mels=SPEC.n_bands
    )
    librosa.power_to_db(power, ref=np.max)


def seconds(function: Callable[[Path], None], path: Path) -> float:
    """How long one call takes."""
    started = time.perf_counter()
    function(path)
    return time.perf_counter() - started


def both(path: Path) -> tuple[float, float] | None:
    """Seconds by groove and by librosa; None where librosa can't read the file."""
    try:
        return seconds(ours, path), seconds(librosas, path)
    except DecodeError:
        return None


def main() -> None:
    """Print both rates and their ratio."""
    parser = songs.program(__doc__)
    parser.add_argument("music", metavar="MUSIC", type=Path, help="folder with one folder per genre")
    parser.add_argument(
        "n_songs", metavar="N_SONGS", type=int, nargs="?", default=60, help="how many songs (60)"
    )
    asked = parser.parse_args()
    files = list_audio(asked.music).files
    files = files[:: max(1, len(files) // asked.n_songs)][: asked.n_songs]
    next(filter(None, map(both, files)), None)  # the first does not count: it compiles and loads
    pairs = np.array([pair for pair in map(both, files) if pair])
    if not len(pairs):
        raise SystemExit("librosa can read none of the songs")
    groove_rate, librosa_rate = len(pairs) / pairs.sum(axis=0)
    ratio = np.median(pairs[:, 1] / pairs[:, 0])
    print(
        f"{len(pairs)} of {len(files)} songs, one core, clips/s:"
        f" groove {groove_rate:.1f}, librosa {librosa_rate:.1f}"
    )
    print(f"median ratio of the pairs: {ratio:.2f}")
    with tempfile.TemporaryDirectory() as home:
        started = time.perf_counter()
        command = [sys.executable, "-m", "groovecli", "ingest", str(asked.music), "--yes"]
        done = subprocess.run(
            command, env={**os.environ, "GROOVE_HOME": home}, capture_output=True, text=True
        )
        if done.returncode not in (0, 3):
            raise SystemExit(done.stderr)
        print(
            f"groove ingest on {os.cpu_count()} cores: {time.perf_counter() - started:.1f} s, "
            + done.stderr.strip().splitlines()[-2]
        )


if __name__ == "__main__":
    main()
