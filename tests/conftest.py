"""What the tests share: groove's demo music, synthesised songs, a home of their own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from groovecli.workers import crew

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ["OMP_WAIT_POLICY"] = "PASSIVE"

DEMO = Path(__file__).parent.parent / "src" / "groovecli" / "demo"


@pytest.fixture
def demo() -> Path:
    """Thirty freely licensed songs in five genre folders."""
    return DEMO


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty GROOVE_HOME, with no settings from outside."""
    folder = tmp_path / "groove-home"
    for name in [name for name in os.environ if name.startswith("GROOVE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GROOVE_HOME", str(folder))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    return folder


@pytest.fixture
def one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give a worker an item once the result before was taken, so that it is known where work stops."""
    monkeypatch.setattr("groovecli.workers.foreman._AHEAD", -1)


def tone(seconds: float, *, sr: int = 22050, hz: float = 440.0, seed: int = 0) -> np.ndarray:
    """A tone in a little noise: float32 samples in [-1, 1]."""
    t = np.arange(round(seconds * sr)) / sr
    noise = np.random.default_rng(seed).normal(0, 0.02, len(t))
    return (0.4 * np.sin(2 * np.pi * hz * t) + noise).astype(np.float32)


def melody(seconds: float, *, sr: int = 22050, seed: int = 0) -> np.ndarray:
    """Four notes at a time, others every fifth of a second, in a little noise: each seed its own song."""
    rng = np.random.default_rng(seed)
    n, step = round(seconds * sr), sr // 5
    hz = rng.uniform(200, 2200, (n // step + 1, 4)).repeat(step, axis=0)[:n]
    loud = rng.uniform(0.02, 0.2, (n // step + 1, 4)).repeat(step, axis=0)[:n]
    y = (loud * np.sin(2 * np.pi * np.cumsum(hz, axis=0) / sr)).sum(axis=1)
    return (y + rng.normal(0, 0.002, n)).astype(np.float32)


def write_song(
    path: Path, seconds: float = 32.0, *, sr: int = 22050, hz: float = 440.0, seed: int = 0
) -> Path:
    """Write a synthesised song in the format of the path's ending."""
    path.parent.mkdir(parents=True, exist_ok=True)
    sf.write(path, tone(seconds, sr=sr, hz=hz, seed=seed), sr)
    return path


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Path]:
    """Two genres of six synthesised songs each: low tones and high tones, short clips suffice."""
    folder = tmp_path / "library"
    for number in range(6):
        write_song(folder / "low" / f"{number}.wav", 12, sr=8000, hz=200 + number, seed=number)
        write_song(folder / "high" / f"{number}.wav", 12, sr=8000, hz=2000 + number, seed=100 + number)
    yield folder


@pytest.fixture(autouse=True)
def _workers_stay() -> Iterator[None]:
    """A test that presses Ctrl-C twice ends the workers; the next test wants some."""
    yield
    crew.stay()
