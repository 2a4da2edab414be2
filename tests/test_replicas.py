"""Recordings that a dataset has twice, found in its files and remembered."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import soundfile as sf

from groovecli.actions.context import Context
from groovecli.actions.leakage import measured_splits
from groovecli.audio import fingerprints as prints
from groovecli.datasets.tables import DatasetSettings, Song, Tables
from groovecli.errors import DatasetError, Interrupted
from groovecli.home import Home
from groovecli.library import copies
from groovecli.library.copies import Replicas
from groovecli.library.tracks import FileState, Track
from groovecli.training.request import TrainRequest
from tests.conftest import melody
from tests.small import Stopper, World, world

SR = 8000


def write(path: Path, seed: int, *, gain: float = 1.0, cut_s: float = 0.0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    sf.write(path, gain * melody(32, sr=SR, seed=seed)[round(cut_s * SR) :], SR)
    return path


def add_melodies(library: Path) -> None:
    """Five songs of each of two genres, and a copy each: quieter within its genre, later in the other."""
    for number in range(5):
        write(library / "a" / f"{number}.flac", number)
        write(library / "b" / f"{number}.flac", 10 + number)
    write(library / "a" / "quiet.ogg", 3, gain=0.5)
    write(library / "b" / "later [1].wav", 1, cut_s=1.5)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("replicas"), {}) as made:
        add_melodies(made.library)
        made.ingest()
        yield made


def find(small: World, **options: object) -> Replicas:
    return copies.find(small.catalog, small.dataset().tracks, jobs=1, **options)


def test_copies_are_named_with_their_paths_and_offset(small: World) -> None:
    found = find(small)
    assert (found.n_songs, found.unread) == (12, ())
    named = {
        (str(p.first.path.relative_to(small.library)), str(p.second.path.relative_to(small.library)))
        for p in found.pairs
    }
    assert named == {("a/3.flac", "a/quiet.ogg"), ("a/1.flac", "b/later [1].wav")}
    by_name = {pair.second.path.name: pair for pair in found.pairs}
    assert by_name["quiet.ogg"].offset_s == 0
    assert by_name["later [1].wav"].offset_s == pytest.approx(-1.5, abs=0.05)
    assert all(0.6 < pair.likeness <= 1 for pair in found.pairs)
    assert [p.likeness for p in found.pairs] == sorted((p.likeness for p in found.pairs), reverse=True)


def test_no_file_is_read_twice(small: World, monkeypatch: pytest.MonkeyPatch) -> None:
    once = find(small)

    def refuse(*_: object) -> None:
        raise AssertionError("it read a file again")

    monkeypatch.setattr(prints, "of_file", refuse)
    assert find(small) == once


def test_files_that_are_gone_are_told_and_lose_nothing(tmp_path: Path) -> None:
    with world(tmp_path, {}) as made:
        add_melodies(made.library)
        made.ingest()
        gone = made.library / "a" / "3.flac"
        aside = gone.rename(tmp_path / "aside.flac")
        clips = made.dataset().clips
        found = find(made)
        assert [item.path for item in found.unread] == [gone]
        assert str(gone) not in found.unread[0].text
        assert (found.n_songs, len(found.pairs)) == (11, 1)
        assert made.dataset().clips == clips  # its cached features serve as before
        shutil.move(aside, gone)
        assert len(find(made).pairs) == 2


def test_stopping_keeps_what_was_made(tmp_path: Path) -> None:
    with world(tmp_path, {}) as made:
        add_melodies(made.library)
        made.ingest()
        with pytest.raises(Interrupted, match="stopped while comparing songs"):
            find(made, monitor=Stopper("compare songs", 4))
        assert len(made.catalog.prints(prints.KIND, made.dataset().songs)) >= 4
        assert len(find(made).pairs) == 2


@pytest.fixture
def context(home: Path) -> Iterator[Context]:
    with Context(Home(home), jobs=1, device="cpu") as made:
        yield made


def test_a_dataset_has_to_be_there(context: Context) -> None:
    with pytest.raises(DatasetError, match="no dataset 'nowhere'"):
        measured_splits(TrainRequest(dataset="nowhere"), context)


def test_music_without_sound_has_none(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    song = Track("a" * 32, Path("/m/a.h5"), FileState(1, 1), 200.0)
    context.catalog.remember([song])
    tables = Tables(context.catalog, "default")
    tables.put_settings(DatasetSettings("default", "song", 0.2, 0, 30.0, "folder", 1, None, "msd"))
    tables.add_songs([Song(song.id, "rock", "train")], [])
    found: list[Replicas] = []

    def once(*args: Any, **options: Any) -> Replicas:
        found.append(find_copies(*args, **options))
        raise Interrupted("that is all this test is about")

    find_copies = copies.find
    monkeypatch.setattr(copies, "find", once)
    with pytest.raises(Interrupted):
        measured_splits(TrainRequest("dense"), context)
    assert found == [Replicas((), 0, ())]
