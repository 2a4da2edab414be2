"""What an ingest of nothing new said is said again, until anything changes that it depends on."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from groovecli.actions import again
from groovecli.actions.ingest import IngestResult
from groovecli.datasets import intake
from groovecli.reasons import Reason
from tests.small import World, add_lyrics, world


@pytest.fixture
def small(tmp_path: Path) -> Iterator[World]:
    """A library with a copy of a song, lyrics and a file that is no audio, ingested twice."""
    with world(tmp_path, n_songs=5) as made:
        add_lyrics(made.library, without=1)
        (made.library / "low" / "copy.wav").write_bytes((made.library / "low" / "0.wav").read_bytes())
        (made.library / "low" / "broken.wav").write_text("no sound")
        made.ingest()
        made.ingest()
        yield made


@pytest.fixture
def n_read(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """An item for each library that was read song by song."""
    calls = list[object]()
    read = intake.read

    def counted(*arguments: object, **options: object) -> intake.Library:
        calls.append(arguments)
        return read(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(intake, "read", counted)
    return calls


def without_time(result: IngestResult) -> IngestResult:
    return replace(result, seconds=0.0)


def test_what_is_kept_is_what_a_full_pass_says(small: World, n_read: list[object]) -> None:
    short = small.ingest()
    assert not n_read
    for file in (small.root / "home" / ".unchanged").iterdir():
        file.unlink()
    full = small.ingest()
    assert len(n_read) == 1 and without_time(short) == without_time(full)
    assert {item.reason for item in full.skipped} >= {Reason.SAME_AUDIO} and full.lyrics.n_songs == 8


def add_song(small: World) -> None:
    song = small.library / "low" / "0.wav"
    (small.library / "low" / "new.wav").write_bytes(song.read_bytes() + b"\0" * 8)


def touch(small: World) -> None:
    os.utime(small.library / "low" / "1.wav", ns=(1, 1))


def remove_song(small: World) -> None:
    (small.library / "low" / "copy.wav").unlink()


def change_lyrics(small: World) -> None:
    (small.library / "low" / "0.txt").write_text("another text")


def add_lyrics_file(small: World) -> None:
    (small.library / "low" / "2.LRC").write_text("words")


def remove_chunk(small: World) -> None:
    next((small.root / "home" / "datasets").rglob("*.pkl")).unlink()


def forget_features(small: World) -> None:
    with small.catalog.transaction() as db:
        db.execute("DELETE FROM chunk_rows WHERE rowid = (SELECT max(rowid) FROM chunk_rows)")


def mark_clip(small: World) -> None:
    with small.catalog.transaction() as db:
        db.execute("UPDATE clips SET code = 'missing' WHERE rowid = 1")


def retag(small: World) -> None:
    with small.catalog.transaction() as db:
        db.execute('UPDATE files SET tags = \'{"artist": "A"}\' WHERE track = 1')


def damage(small: World) -> None:
    for file in (small.root / "home" / ".unchanged").iterdir():
        file.write_text('{"key": 1}')


CHANGES = (
    add_song,
    touch,
    remove_song,
    change_lyrics,
    add_lyrics_file,
    remove_chunk,
    forget_features,
    mark_clip,
    retag,
    damage,
)


@pytest.mark.parametrize("change", CHANGES, ids=[each.__name__ for each in CHANGES])
def test_a_change_is_noticed(small: World, n_read: list[object], change: Callable[[World], None]) -> None:
    change(small)
    small.ingest()
    assert len(n_read) == 1


def test_another_request_is_answered_for_itself(small: World, n_read: list[object]) -> None:
    fewer = small.ingest(exclude=("copy.*",))
    assert len(n_read) == 1 and fewer.passed_over.n_excluded == 1
    assert small.ingest().passed_over.n_excluded == 0


def test_another_groove_looks_itself(
    small: World, n_read: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(again, "__version__", "another")
    small.ingest()
    assert len(n_read) == 1


def test_songs_of_another_library_are_looked_for_each_time(small: World, n_read: list[object]) -> None:
    other = small.root / "other"
    (small.library / "high").rename(other)
    for _ in range(2):
        result = small.ingest()
        assert len(result.reach.unreachable) == 5
    assert len(n_read) == 2
