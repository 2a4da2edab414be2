"""What a new song costs, by counts: decodes, bytes that are read, copies of its sound in memory."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
import soundfile as sf

from groovecli.actions.embed import embed
from groovecli.audio import clips
from groovecli.audio.decoders import registry
from groovecli.features import cutting
from groovecli.features.cut import Cut
from groovecli.features.cutting import cut
from groovecli.features.registry import feature
from groovecli.features.spec import AudioSpec
from groovecli.library import scan
from groovecli.library.catalog import Catalog
from groovecli.library.scan import identify_sound
from groovecli.library.tracks import Track
from groovecli.models.loaded import open_model
from groovecli.models.shelf import shipped_model
from tests.small import LOW_AND_HIGH, world

SR, LENGTH_S = 44100, 120
CLIP_S = 30.0


class Decodes:
    """Which stretches of which files were decoded (in seconds), and how often a file was probed."""

    def __init__(self) -> None:
        self.read: list[tuple[Path, float]] = []
        self.probed: list[Path] = []

    def of(self, decoder: Any) -> Any:
        """A decoder that says what it is asked."""

        def read(path: Path, start_s: float, length_s: float | None) -> Any:
            self.read.append((path, length_s if length_s is not None else float("inf")))
            return decoder.read(path, start_s, length_s)

        def probe(path: Path) -> Any:
            self.probed.append(path)
            return decoder.probe(path)

        return replace(decoder, read=read, probe=probe)

    def forget(self) -> None:
        self.read.clear()
        self.probed.clear()


@pytest.fixture
def decodes(monkeypatch: pytest.MonkeyPatch) -> Decodes:
    """What is decoded; workers' tasks are done here."""
    counted = Decodes()
    monkeypatch.setattr(registry, "DECODERS", tuple(map(counted.of, registry.DECODERS)))
    for module in (cutting, scan):
        monkeypatch.setattr(module, "imap", lambda function, items, **_: (function(each) for each in items))
    return counted


def tone(path: Path, seconds: float = LENGTH_S) -> Path:
    """A stereo song of a tone in noise."""
    rng = np.random.default_rng(0)
    y = 0.2 * np.sin(2 * np.pi * 440 * np.arange(round(seconds * SR)) / SR) + rng.normal(0, 0.01, (2, 1))
    noise = rng.normal(0, 0.02, (2, len(y[0])))
    with sf.SoundFile(path, "w", SR, 2) as file:
        for start in range(0, len(y[0]), SR):
            file.write((y + noise).T[start : start + SR])
    return path


@pytest.mark.parametrize("suffix", ["wav", "mp3", "flac"])
def test_embed_decodes_each_place_of_a_song_once(suffix: str, tmp_path: Path, decodes: Decodes) -> None:
    song = tone(tmp_path / f"a.{suffix}")
    model = open_model(shipped_model("groove-net"), "cpu")
    with Catalog(tmp_path / "catalog.db") as catalog:
        embed(model, [song], catalog, jobs=1)
        assert [path for path, _ in decodes.read] == [song] * 3
        assert sum(length_s for _, length_s in decodes.read) <= 46
        assert decodes.probed == [song]
        decodes.forget()
        embed(model, [song], catalog, jobs=1)
        assert not decodes.read and not decodes.probed


def test_ingest_decodes_each_clip_of_a_song_once(tmp_path: Path, decodes: Decodes) -> None:
    with world(tmp_path, LOW_AND_HIGH, n_songs=5) as small:
        small.ingest(clips_per_song=2)
        songs = sorted(small.library.rglob("*.wav"))
        assert sorted(path for path, _ in decodes.read) == sorted(2 * songs)
        assert {length_s for _, length_s in decodes.read} == {3.0}
        assert sorted(decodes.probed) == songs
        decodes.forget()
        small.ingest(clips_per_song=2)
        assert not decodes.read and not decodes.probed


# Bytes read as shares of a file: to know the song (its hash, tags, length), and for a clip of a quarter of
# it. A decoder that has to look for a place in an mp3 reads what comes before it.
READ = {"wav": (0.05, 0.27), "flac": (0.06, 0.35), "mp3": (0.4, 1.1)}


@pytest.mark.skipif(not hasattr(psutil.Process(), "io_counters"), reason="the system does not count bytes")
@pytest.mark.parametrize("suffix", READ)
def test_a_song_is_read_as_far_as_it_is_needed(suffix: str, tmp_path: Path) -> None:
    song = tone(tmp_path / f"a.{suffix}")
    size = song.stat().st_size
    known = identified(song)
    task = task_of(known)
    cut(task)  # imports
    to_know, to_cut = (bytes_read(job) / size for job in (lambda: identify_sound(song), lambda: cut(task)))
    assert 0 < to_know <= READ[suffix][0]
    assert 0.2 < to_cut <= READ[suffix][1]


def identified(song: Path) -> Track:
    known = identify_sound(song)
    assert isinstance(known, Track)
    return known


def task_of(track: Track) -> Cut:
    spec = feature("mel-323", CLIP_S)
    assert isinstance(spec, AudioSpec)
    drawn = clips.sample_clips(track.id, track.duration_s, CLIP_S, 1, seed=0)
    return Cut(track.path, tuple(drawn), (spec,), duration_s=track.duration_s)


def bytes_read(job: Callable[[], object]) -> int:
    process = psutil.Process()
    before = process.io_counters().read_chars
    job()
    return int(process.io_counters().read_chars - before)


def peak(job: Callable[[], object]) -> int:
    """The most memory that Python and NumPy took meanwhile."""
    job()
    tracemalloc.start()
    try:
        job()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("suffix", ["wav", "mp3", "flac"])
def test_a_clip_is_copied_once_at_most(suffix: str, tmp_path: Path) -> None:
    """Both channels as decoded, and their mean: half of them. What comes later is smaller than that."""
    task = task_of(identified(tone(tmp_path / f"a.{suffix}", 60)))
    both_channels = int(CLIP_S * SR) * 2 * 4
    most = peak(lambda: cut(task)) / both_channels
    assert 1.0 <= most <= 1.6


def test_three_stretches_take_no_more_than_their_sound_at_its_own_rate(tmp_path: Path) -> None:
    """What a song's embedding takes: 45 s in mono at the file's rate, and what is made of them."""
    known = identified(tone(tmp_path / "a.wav"))
    starts_s = tuple(clips.stretches(known.duration_s, 45.0, 3))
    specs = open_model(shipped_model("groove-net"), "cpu").description.features
    task = Cut(
        known.path,
        (clips.Clip(known.id, 0, starts_s[0]),),
        specs,
        stretches_s=starts_s,
        duration_s=known.duration_s,
    )
    mono = 45 * SR * 4
    most = peak(lambda: cut(task)) / mono
    assert most <= 2.8
