"""`tag`: only what is sure enough, nothing that a person wrote, and all of it taken back."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groovecli import Context, Home, TagRequest, UndoRequest, tag, undo
from groovecli.actions.tag import run as action
from groovecli.actions.tag import wanted as known
from groovecli.actions.tag.request import Tagged
from groovecli.audio.tag_writing import tagged_values
from groovecli.describe.description import Key, SongDescription, Tempo
from groovecli.errors import ModelError, UsageError
from groovecli.library.changes import steps
from groovecli.library.changes.journal import Journal
from groovecli.library.genres import SILENT
from groovecli.models.precision import Curve, Point, curve_of
from groovecli.models.results import Classified, SongGenre, silent_song, song_genre
from groovecli.models.shelf import Shelf
from groovecli.models.tested import CURVE, TEST
from groovecli.reasons import Reason
from tests.tagged import many, song, state

CURVED = Curve(
    (Point(0.95, 40, 1.0), Point(0.8, 100, 0.92), Point(0.5, 200, 0.7)),
    {"folk": (Point(0.9, 12, 0.95), Point(0.8, 30, 0.5)), "soul": (Point(0.8, 30, 0.5),)},
)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)


@pytest.fixture
def music(tmp_path: Path) -> Path:
    folder = tmp_path / "music"
    for number in range(3):
        song(folder / "made.flac", ".flac").rename(folder / f"{number}.flac")
    return folder


@pytest.fixture
def context(tmp_path: Path, home: Path) -> Iterator[Context]:
    with Context(Home(home), jobs=1) as made:
        yield made


@pytest.fixture
def says(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the model says of each file by its stem: a genre and its probability; set by the test."""
    said: dict[str, Any] = {}

    def classified(_: object, paths: list[Path], *__: object, **___: object) -> Classified:
        results: list[SongGenre] = []
        for path in paths:
            genre, share, *is_familiar = said.get(path.stem.split()[0], ("jazz", 0.9))
            if genre == SILENT:
                results.append(silent_song(path))
                continue
            named = song_genre(path, {genre: share, "rest": 1 - share})
            results.append(replace(named, is_familiar=is_familiar[0] if is_familiar else None))
        return Classified("m", tuple(results), ())

    monkeypatch.setattr(known, "classify", classified)
    monkeypatch.setattr(known, "curve_of", lambda _: CURVED)
    return said


def run(music: Path, context: Context, **more: Any) -> Tagged:
    return tag(TagRequest(music, **more), context)


def test_only_what_is_sure_enough_is_written(music: Path, context: Context, says: dict[str, Any]) -> None:
    says |= {"0": ("rock", 0.81), "1": ("rock", 0.79), "2": (SILENT, 0.0)}
    before = state(music)
    dry = run(music, context, dry_run=True)
    assert state(music) == before and len(dry.songs) == 1 and dry.is_dry
    done = run(music, context)
    assert [each.path.stem for each in done.songs] == ["0"] and done.min_confidence == 0.8
    assert sorted(item.reason for item in done.kept) == [Reason.NOT_SURE, Reason.SILENT]
    assert {item.text for item in done.kept} >= {"gets no genre: rock 79 % is not sure enough"}
    assert tagged_values(music / "0.flac", ("genre",)) == {"genre": ("rock",)}
    assert "92 % of 100 test songs" in done.line
    again = run(music, context)
    assert (len(again.songs), again.n_before) == (0, 1)
    undo(UndoRequest(music), context)
    assert state(music) == before


def test_a_genre_that_is_right_less_often_needs_more(
    music: Path, context: Context, says: dict[str, Any]
) -> None:
    says |= {"0": ("folk", 0.89), "1": ("folk", 0.9), "2": ("soul", 1.0)}
    done = run(music, context, dry_run=True)
    assert [each.path.stem for each in done.songs] == ["1"]
    assert done.line.endswith("; folk from 90 %, never soul")


def test_songs_unlike_all_music_get_none(music: Path, context: Context, says: dict[str, Any]) -> None:
    says |= {"0": ("rock", 0.99, False)}
    done = run(music / "0.flac", context)
    assert not done.songs and done.kept[0].reason == Reason.UNLIKE


def test_what_a_person_wrote_stays_unless_asked(
    music: Path, context: Context, says: dict[str, Any]
) -> None:
    says |= {str(n): ("rock", 0.99) for n in range(3)}
    run(music / "0.flac", context)
    says |= {str(n): ("jazz", 0.99) for n in range(3)}
    before = state(music)
    done = run(music / "0.flac", context)
    assert [item.reason for item in done.kept] == [Reason.HAS_TAG] and state(music) == before
    added = run(music / "0.flac", context, add=True)
    assert added.songs[0].values == {"genre": ("rock", "jazz")} and added.songs[0].before == {
        "genre": ("rock",)
    }
    assert run(music / "0.flac", context, add=True).n_before == 1
    replaced = run(music / "0.flac", context, replace=True)
    assert replaced.songs[0].values == {"genre": ("jazz",)}
    with pytest.raises(UsageError, match="--replace and --add"):
        run(music, context, replace=True, add=True)


def test_a_genre_in_other_tags_of_the_file_counts(
    tmp_path: Path, context: Context, says: dict[str, Any]
) -> None:
    many(tmp_path, 30)
    (path,) = (tmp_path / "music").rglob("*list.wav")  # in RIFF's own list, not in ID3
    assert run(path, context).kept[0].reason == Reason.HAS_TAG


def test_every_format_at_once(tmp_path: Path, context: Context, says: dict[str, Any]) -> None:
    files = many(tmp_path, 28)
    aac = song(tmp_path / "music" / "x.aac", ".aac")
    before = state(tmp_path / "music")
    done = run(tmp_path / "music", context, min_precision=0.9, replace=True, preserve=True)
    assert len(done.songs) + done.n_before == len(files)
    assert [(item.path, item.reason) for item in done.failed] == [(aac, Reason.NO_TAGS_THERE)]
    after = state(tmp_path / "music")
    assert {name: each[1:] for name, each in after.items()} == {n: e[1:] for n, e in before.items()}
    undo(UndoRequest(), context)
    assert state(tmp_path / "music") == before


def test_tempo_key_and_playlists(
    music: Path, context: Context, says: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from groovecli.actions.describe import Described, DescribedSong

    def described(tracks: Any, *_: Any, **__: Any) -> Described:
        said = SongDescription(Tempo(127.6, 0.95), Key(6, True, 0.95))
        return Described(tuple(DescribedSong(track, said) for track in tracks), (), 0)

    monkeypatch.setattr(known, "describe_all", described)
    path = music / "0.flac"
    done = run(path, context, genre=False, tempo=True, key=True)
    assert done.songs[0].values == {"tempo": ("128",), "key": ("F#m",)} and done.model == ""
    assert tagged_values(path, ("tempo", "key", "genre")) == {"tempo": ("128",), "key": ("F#m",)}
    unsure = run(music / "1.flac", context, genre=False, tempo=True, min_precision=0.96)
    assert not unsure.songs and unsure.kept[0].reason == Reason.NOT_SURE
    assert unsure.kept[0].text == "gets no tag: nothing that was asked for is sure enough"
    with pytest.raises(UsageError, match="nothing to write"):
        run(path, context, genre=False)
    with pytest.raises(UsageError, match="no playlists"):
        run(path, context, playlists=music)


def test_names_of_playlists(music: Path, context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    lists = music.parent / "lists"
    lists.mkdir()
    songs = [f'"- {n}.flac"' for n in (0, 1)]
    (lists / ".groove-playlists.json").write_text(
        f'{{"schema": 2, "library": "{music}", "files": {{}}, "lists": ['
        f'{{"id": "1", "name": "Soft", "songs": [{", ".join(songs)}]}},'
        f'{{"id": "2", "name": "Late", "songs": [{songs[0]}]}}]}}'
    )
    done = run(music, context, genre=False, playlists=lists)
    assert {each.path.stem: each.values for each in done.songs} == {
        "0": {"playlist": ("Soft", "Late")},
        "1": {"playlist": ("Soft",)},
    }


def test_without_a_curve_no_precision_is_promised(
    music: Path, context: Context, says: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ModelError, match="right on 92 % at best, not on 95 %"):
        monkeypatch.setattr(known, "curve_of", lambda _: Curve((Point(0.8, 100, 0.92), Point(0.9, 5, 1.0))))
        run(music, context, min_precision=0.95)
    monkeypatch.setattr(known, "curve_of", lambda _: None)
    with pytest.raises(ModelError, match="no measured curve"):
        run(music, context)
    assert len(run(music, context, min_precision=0).songs) == 3


def test_a_stopped_tag_writes_nothing_more(
    music: Path, context: Context, says: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from groovecli.errors import Interrupted
    from groovecli.monitor import Monitor

    class Stopping(Monitor):
        n = 0

        def progress(self, stage: str, done: int, total: int) -> None:
            self.n += stage == "tag" and done <= total

        @property
        def stopped(self) -> bool:
            return self.n >= 2

    before = state(music)
    with (
        Context(context.home, jobs=1, monitor=Stopping()) as stopping,
        pytest.raises(Interrupted, match="2 of 3"),
    ):
        run(music, stopping)
    assert run(music, context).n_before == 2
    undo(UndoRequest(), context)  # both as one
    assert state(music) == before


def test_a_song_that_a_killed_run_left_half_written_is_repaired_first(
    music: Path, context: Context, says: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def half(_: Path, path: Path, **__: Any) -> None:
        with path.open("r+b") as file:
            file.write(b"half")
        raise Killed

    before = state(music)
    for path in sorted(music.iterdir()):
        os.link(path, music.parent / path.name)  # so that its own bytes are written
    with monkeypatch.context() as patch:
        patch.setattr(steps, "put", half)
        patch.setattr(Journal, "end", lambda *_: None)
        with pytest.raises(Killed):
            run(music, context)
    assert b"half" in {path.read_bytes()[:4] for path in music.iterdir()}
    done = run(music, context)
    assert (len(done.songs) + done.n_before, done.failed, len(done.cut_off)) == (3, (), 1)
    undo(UndoRequest(), context)  # both as one
    assert state(music) == before


# Curves


def test_the_included_model_has_a_curve() -> None:
    curve = curve_of(Shelf(Home("nowhere")).find(None))
    assert curve is not None
    needed = curve.least(0.9)
    assert needed is not None and needed.point.accuracy >= 0.9 and 0.5 < needed.point.confidence < 0.95
    assert needed.of("soul") is None and needed.of("folk") is None
    assert (needed.of("blues") or 1) > needed.point.confidence == needed.of("jazz")
    assert curve.least(1.01) is None


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(1, 500), st.floats(0, 1))), st.floats(0, 1))
def test_a_point_is_as_precise_as_was_asked(rows: list[tuple[float, int, float]], wanted: float) -> None:
    points = tuple(Point(*row) for row in rows)
    needed = Curve(points, {"folk": points[:2]}).least(wanted)
    fit = [row for row in rows if row[1] >= 20 and row[2] >= wanted]
    assert (needed is None) == (not fit)
    if needed is not None:
        assert needed.point.accuracy >= wanted and needed.point.confidence == min(row[0] for row in fit)
        of_folk = [row[0] for row in rows[:2] if row[1] >= 10 and row[2] >= wanted]
        assert needed.of("folk") == (max(min(of_folk), needed.point.confidence) if of_folk else None)
        assert needed.of("rock") == needed.point.confidence


@pytest.mark.parametrize(
    "rows", ["[]", "3", "[3]", "[[1, 2]]", '[["a", 1, 1]]', "[[2.0, 10, 0.5]]", "[[0.5, 0, 1]]"]
)
def test_a_damaged_curve_is_none(tmp_path: Path, rows: str) -> None:
    stored = Shelf(Home("nowhere")).find(None)
    shutil.copy(stored.path, tmp_path / "model.safetensors")
    (tmp_path / TEST).write_text(f'{{"{CURVE}": {rows}}}')
    assert curve_of(replace(stored, path=tmp_path / "model.safetensors")) is None
    assert action.run is tag
