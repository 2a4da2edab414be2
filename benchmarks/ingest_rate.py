"""Clips a second from songs to mel spectrograms: groove's way against librosa's, interleaved.

    python benchmarks/ingest_rate.py MUSIC [N_SONGS]

For each song in turn one clip of 30 s is made both ways in this process, so that a machine whose
speed drifts slows both alike. Then the whole of `groove ingest` is timed on all cores.
"""

from __future__ import annotations

import os

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import librosa
import numpy as np

from groovecli.audio import read as audio
from groovecli.features.registry import extract, feature
from groovecli.library.tracks import list_audio

SPEC = feature("mel-323")


def ours(path: Path) -> None:
    """One clip by groove."""
    y = audio.load(path, sr=SPEC.sr, start_s=0, length_s=SPEC.clip_s)
    extract(audio.fit(y, SPEC.n_clip_samples), SPEC)


def librosas(path: Path) -> None:
    """One clip by librosa."""
    y, _ = librosa.load(path, sr=SPEC.sr, offset=0, duration=SPEC.clip_s)
    power = librosa.feature.melspectrogram(
        y=y, sr=SPEC.sr, n_fft=SPEC.n_fft, hop_length=SPEC.hop_length, n_mels=SPEC.n_bands
    )
    librosa.power_to_db(power, ref=np.max)


def seconds(function: object, path: Path) -> float:
    """How long one call takes."""
    started = time.perf_counter()
    function(path)  # type: ignore[operator]
    return time.perf_counter() - started


def main() -> None:
    """Print both rates and their ratio."""
    library, n_songs = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 60
    songs = list_audio(library).files
    songs = songs[:: max(1, len(songs) // n_songs)][:n_songs]
    librosas(songs[0])
    ours(songs[0])
    pairs = np.array([(seconds(ours, song), seconds(librosas, song)) for song in songs])
    groove_rate, librosa_rate = len(songs) / pairs.sum(axis=0)
    ratio = np.median(pairs[:, 1] / pairs[:, 0])
    print(f"{len(songs)} songs, one core, clips/s: groove {groove_rate:.1f}, librosa {librosa_rate:.1f}")
    print(f"median ratio of the pairs: {ratio:.2f}")
    with tempfile.TemporaryDirectory() as home:
        started = time.perf_counter()
        command = [sys.executable, "-m", "groovecli", "ingest", str(library), "--yes"]
        done = subprocess.run(
            command, env={**os.environ, "GROOVE_HOME": home}, capture_output=True, text=True
        )
        print(
            f"groove ingest on {os.cpu_count()} cores: {time.perf_counter() - started:.1f} s, "
            + done.stderr.strip().splitlines()[-2]
        )


if __name__ == "__main__":
    main()
