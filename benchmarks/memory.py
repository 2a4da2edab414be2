"""Memory that groove and a worker take for short, long and wide files: `python benchmarks/memory.py`.

Three files are made: a song of 3 minutes (MP3), a mix of three hours (MP3), and 30 minutes in 24 bits at
192,000 Hz (FLAC). Each goes through `groove classify` and through one worker's other tasks: identification,
fingerprint, and the clips of a network that is trained. The figure is the largest resident set of a process
that was seen, looked at every 10 ms. They take 1.5 GB on the disk, and some minutes.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import soundfile as sf

from groovecli.audio import clips, fingerprints
from groovecli.features.cut import Cut
from groovecli.features.cutting import cut
from groovecli.features.registry import feature
from groovecli.features.spec import AudioSpec
from groovecli.library.scan import identify_sound
from groovecli.library.tracks import Track
from groovecli.networks.registry import MODELS
from groovecli.workers import crew
from groovecli.workers.pool import imap

_LOOK_S = 0.01
_BLOCK_S = 10


class Peak:
    """The largest resident sets that were seen, in MB: of a process, and of any of those it started."""

    def __init__(self) -> None:
        self.own = self.worker = 0.0

    def look(self, process: psutil.Process) -> None:
        """Look at a process and at its children."""
        try:
            self.own = max(self.own, process.memory_info().rss / 1e6)
            for child in process.children(recursive=True):
                self.worker = max(self.worker, child.memory_info().rss / 1e6)
        except psutil.Error:
            pass  # one that ended meanwhile


@contextmanager
def watched(process: psutil.Process) -> Iterator[Peak]:
    """Look at a process for as long as the block runs."""
    peak, is_over = Peak(), threading.Event()

    def look() -> None:
        while not is_over.wait(_LOOK_S):
            peak.look(process)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield peak
    finally:
        is_over.set()
        thread.join()


def write(path: Path, seconds: float, sr: int, kind: str) -> Path:
    """A file of tones that change every ten seconds, in a little noise."""
    rng = np.random.default_rng(0)
    t = np.arange(_BLOCK_S * sr) / sr
    noise = rng.normal(0, 0.001, (len(t), 2)).astype(np.float32)
    with sf.SoundFile(path, "w", sr, 2, subtype=kind) as file:
        for start in range(0, round(seconds), _BLOCK_S):
            tone = 0.3 * np.sin(2 * np.pi * rng.uniform(100, 2000) * t).astype(np.float32)
            y = (tone[:, None] + noise)[: round(min(_BLOCK_S, seconds - start) * sr)]
            for part in range(0, len(y), sr):  # libsndfile's encoders fail on long writes
                file.write(y[part : part + sr])
    return path


def files(folder: Path, scale: float) -> Iterator[tuple[str, Path]]:
    """Each file with what it is called; shorter ones with a `scale` below 1."""
    song = write(folder / "song.mp3", 180 * scale, 44100, "MPEG_LAYER_III")
    yield "3 min MP3", song
    mix = folder / "mix.mp3"
    mix.write_bytes(60 * song.read_bytes())  # joined, as mixes often are
    yield "3 h MP3", mix
    yield "30 min FLAC, 24 bits, 192 kHz", write(folder / "wide.flac", 1800 * scale, 192000, "PCM_24")


def task(track: Track) -> Cut:
    """The three clips of a song that `time-cnn` is trained on."""
    spec = feature(MODELS["time-cnn"].features[0])
    assert isinstance(spec, AudioSpec)
    drawn = clips.sample_clips(track.id, track.duration_s, spec.clip_s, 3, seed=0)
    return Cut(track.path, tuple(drawn), (spec,), duration_s=track.duration_s)


def in_a_worker(function: Callable[[Any], Any], item: Any) -> tuple[Any, Peak]:
    """What a function gives in a new worker, and what that took."""
    with watched(psutil.Process()) as peak:
        [result] = imap(function, [item], n_items=1, jobs=1, stage="measure")
        time.sleep(2 * _LOOK_S)
    crew.send_home()
    return result, peak


def classified(path: Path) -> Peak:
    """What `groove classify` takes."""
    command = [sys.executable, "-m", "groovecli", "classify", str(path), "--jobs", "1"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with watched(psutil.Process(process.pid)) as peak:
        code = process.wait()
    if code:
        raise SystemExit(f"groove classify ended with {code}")
    return peak


def main() -> None:
    """Make the files, measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="share of the files' lengths")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["GROOVE_HOME"] = str(Path(folder) / "home")
        print(f"{'file':32}{'main':>10}{'worker':>10}{'identify':>10}{'print':>10}{'cut':>10}")
        for name, path in files(Path(folder), asked.scale):
            track, identified = in_a_worker(identify_sound, path)
            _, printed = in_a_worker(fingerprints.of_file, path)
            _, cut_up = in_a_worker(cut, task(track))
            whole = classified(path)
            figures = (whole.own, whole.worker, identified.worker, printed.worker, cut_up.worker)
            print(f"{name:32}" + "".join(f"{figure:>7.1f} MB" for figure in figures))


if __name__ == "__main__":
    main()
