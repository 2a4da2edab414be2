"""Plans come back as they were written, and nothing in an edited one is believed."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groovecli import ApplyRequest, Context, Home, UndoRequest, apply, undo
from groovecli.actions.apply import Applied
from groovecli.audio.payload import audio_hash
from groovecli.audio.tag_writing import tagged_values
from groovecli.errors import GrooveError, LibraryError, StorageError, UsageError
from groovecli.library.changes import steps
from groovecli.library.changes.journal import Journal
from groovecli.library.changes.plan import Change, Plan, read_plan, target_of, write_plan
from groovecli.library.scan import file_state, find_tracks
from groovecli.library.tracks import FileState
from groovecli.monitor import SILENT
from groovecli.reasons import Problem, Reason
from tests.tagged import many, state

NAMES = st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=20)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)


@pytest.fixture
def music(tmp_path: Path) -> Path:
    many(tmp_path, 6)
    return tmp_path / "music"


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Context]:
    with Context(Home(tmp_path / "home"), jobs=1) as made:
        yield made


def songs(music: Path) -> list[Path]:
    return sorted(music.rglob("*.*"))


def change(music: Path, path: Path, **more: Any) -> Change:
    found = file_state(path)
    assert found is not None
    return Change(path.relative_to(music).as_posix(), audio_hash(path), found, **more)


def moves(music: Path) -> list[Change]:
    return [change(music, path, to=f"new/{path.name}", why="because") for path in songs(music)]


def written(music: Path, changes: list[Change]) -> Path:
    path = music.parent / "plan.json"
    write_plan(path, Plan(music, "groove-net", tuple(changes)))
    return path


def edited(file: Path, number: int, **values: Any) -> Path:
    """Let a plan's change have other values; None takes one away."""
    plan = json.loads(file.read_text())
    entry = {**plan["changes"][number], **values}
    plan["changes"][number] = {name: value for name, value in entry.items() if value is not None}
    file.write_text(json.dumps(plan))
    return file


def run(path: Path, context: Context, **more: Any) -> Applied:
    return apply(ApplyRequest(path, **more), context)


@given(st.lists(st.tuples(NAMES, NAMES, st.booleans()), max_size=5))
def test_any_plan_comes_back(names: list[tuple[str, str, bool]]) -> None:
    made = [
        Change(
            f"a/{one}",
            f"{n:032x}",
            FileState(n, 10**18 + n),
            to=f"b/{other}" if is_move else "",
            genre=() if is_move else ("Jazz", "Folk"),
            why="jazz 90 %",
        )
        for n, (one, other, is_move) in enumerate(names)
        if {one, other}.isdisjoint({".", ".."}) and len(os.fsencode(one)) < 250
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plan.json"
        write_plan(path, Plan(Path("/music"), "m", tuple(made)))
        read = read_plan(path)
    assert read.changes == tuple(made) and not read.unfit
    assert (read.library, read.model) == (Path("/music"), "m")


def test_names_that_are_not_utf8_come_back(tmp_path: Path) -> None:
    made = Change(os.fsdecode(b"a/\xff.mp3"), "0" * 32, FileState(1, 2), to=os.fsdecode(b"b/\xff.mp3"))
    write_plan(tmp_path / "plan.json", Plan(tmp_path, "m", (made,)))
    assert read_plan(tmp_path / "plan.json").changes == (made,)


@given(st.text(max_size=40))
def test_no_target_leaves_the_library(to: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "music"
        library.mkdir()
        found = target_of(library, Change("a/x.mp3", "", FileState(1, 1), to=to))
        if isinstance(found, Path):
            assert Path(os.path.realpath(found)).is_relative_to(os.path.realpath(library))
            assert ".." not in found.parts and found.suffix.lower() == ".mp3"
        else:
            assert found.reason == Reason.NO_PLACE


@pytest.mark.parametrize(
    "to",
    [
        *("/etc/x.mp3", "../x.mp3", "a/../../x.mp3", "", "a//x.mp3", "a/./x.mp3", "x\0.mp3"),
        *(".hidden/x.mp3", "a/.x.mp3", "a/x.txt", "a/x", f"{'n' * 256}.mp3", "é" * 128 + ".mp3"),
        *("/".join(["d" * 200] * 25) + "/x.mp3", "link/x.mp3", "a/\ud800.mp3"),
    ],
)
def test_targets_that_can_t_be(tmp_path: Path, to: str) -> None:
    library = tmp_path / "music"
    library.mkdir()
    (library / "link").symlink_to(tmp_path)
    found = target_of(library, Change("a/x.mp3", "", FileState(1, 1), to=to))
    assert isinstance(found, Problem) and found.reason == Reason.NO_PLACE


def test_a_plan_is_applied_seen_by_the_catalogue_and_undone(music: Path, context: Context) -> None:
    found = find_tracks(music, context.catalog, jobs=1, monitor=SILENT)
    before, plan = state(music), written(music, moves(music))
    dry = run(plan, context, dry_run=True)
    assert len(dry.done) == 6 and state(music) == before and not context.home.changes.exists()
    done = run(plan, context)
    assert (done.n_moved, done.refused) == (6, ())
    paths = [each.target for each in done.done if each.target]
    known = context.catalog.known_files(paths)
    assert {known[path].id for path in paths} == {track.id for track in found.tracks}  # type: ignore[union-attr]
    assert all(known[path].state == file_state(path) for path in paths)
    again = run(plan, context)
    assert (len(again.done), again.n_before, again.refused) == (0, 6, ())
    assert len(undo(UndoRequest(music), context).steps) == 6
    assert state(music) == before
    assert len(context.catalog.known_files(songs(music))) == 6


def test_genres_are_written_and_undone(music: Path, context: Context) -> None:
    find_tracks(music, context.catalog, jobs=1, monitor=SILENT)
    before = state(music)
    plan = written(music, [change(music, path, genre=("Folk", "Blues")) for path in songs(music)])
    done = run(plan, context)
    assert len(done.done) == 6 and done.n_moved == 0
    assert all(tagged_values(path, ("genre",)) == {"genre": ("Folk", "Blues")} for path in songs(music))
    known = context.catalog.known_files(songs(music))
    assert all(track.state == file_state(path) for path, track in known.items())
    assert {track.tags.genre for track in known.values()} == {"Folk"}  # type: ignore[union-attr]
    assert run(plan, context).n_before == 6
    undo(UndoRequest(), context)
    assert state(music) == before


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"to": "../x.mp3"}, Reason.NO_PLACE),
        ({"to": 3}, Reason.MALFORMED),
        ({"to": ""}, Reason.MALFORMED),
        ({"to": None}, Reason.MALFORMED),
        ({"genre": ["Jazz"]}, Reason.MALFORMED),
        ({"to": None, "genre": []}, Reason.MALFORMED),
        ({"to": None, "genre": ["a\nb"]}, Reason.MALFORMED),
        ({"to": None, "genre": [1]}, Reason.MALFORMED),
        ({"path": "../music/x"}, Reason.MALFORMED),
        ({"path": None}, Reason.MALFORMED),
        ({"id": 3}, Reason.MALFORMED),
        ({"size": "1"}, Reason.MALFORMED),
        ({"id": "0" * 32}, Reason.CHANGED_SINCE),
        ({"size": 1}, Reason.CHANGED_SINCE),
        ({"path": "rock/none.mp3"}, Reason.MISSING),
    ],
)
def test_an_edited_change_is_refused_and_the_others_are_made(
    music: Path, context: Context, values: dict[str, Any], reason: Reason
) -> None:
    done = run(edited(written(music, moves(music)), 0, **values), context)
    assert [item.reason for item in done.refused] == [reason]
    assert done.n_moved == 5


def test_an_empty_target_takes_no_genre_away(music: Path, context: Context) -> None:
    tagged = written(music, [change(music, path, genre=("Folk",)) for path in songs(music)])
    run(tagged, context)
    before = state(music)
    plan = edited(written(music, moves(music)[:1]), 0, to="")
    for dry_run in (True, False):
        done = run(plan, context, dry_run=dry_run)
        assert not done.done and "has an empty" in done.refused[0].text
    assert state(music) == before


@pytest.mark.parametrize("is_planned", [False, True])
def test_no_folder_is_promised_where_a_file_is(music: Path, context: Context, is_planned: bool) -> None:
    one, other = moves(music)[:2]
    if is_planned:
        changes = [one, replace(other, to=f"{one.to}/x/{Path(other.path).name}")]
    else:
        (music / "new").write_bytes(b"mine")
        changes = [other]
    plan = written(music, changes)
    found = [run(plan, context, dry_run=dry_run) for dry_run in (True, False)]
    for done in found:
        assert [item.reason for item in done.refused] == [Reason.NO_PLACE]
        assert len(done.done) == is_planned


def test_a_file_of_the_plan_is_no_folder_of_it(music: Path, context: Context) -> None:
    one, other = moves(music)[:2]
    suffix = Path(other.path).suffix
    changes = [replace(one, to=f"new{suffix}/{Path(one.path).name}"), replace(other, to=f"new{suffix}")]
    dry = run(written(music, changes), context, dry_run=True)
    assert (dry.n_moved, [item.reason for item in dry.refused]) == (1, [Reason.TAKEN])


def test_a_genre_may_be_one_text(music: Path, context: Context) -> None:
    plan = edited(written(music, moves(music)), 0, to=None, genre="Folk")
    assert run(plan, context).done[0].genre == ("Folk",)


def test_songs_that_moved_or_changed_meanwhile(music: Path, context: Context) -> None:
    plan = written(music, moves(music))
    one, other, third, *_ = songs(music)
    one.rename(music / "elsewhere.mp3")
    other.write_bytes(other.read_bytes() + b"x")
    third.unlink()
    context.catalog.remember(find_tracks(music, None, jobs=1, monitor=SILENT).tracks)
    reasons = {item.path: item.reason for item in run(plan, context).refused}
    assert reasons[other] == Reason.CHANGED_SINCE
    assert reasons[one] == Reason.MOVED_SINCE
    assert reasons[third] in (Reason.MISSING, Reason.MOVED_SINCE)


def test_targets_that_are_taken(music: Path, context: Context) -> None:
    changes = moves(music)
    changes[1] = replace(changes[1], to=changes[0].to.rpartition(".")[0] + Path(changes[1].path).suffix)
    changes.append(changes[2])
    there = music / changes[3].to
    there.parent.mkdir()
    there.write_bytes(b"mine")
    done = run(written(music, changes), context)
    reasons = sorted(item.reason for item in done.refused)
    assert reasons == sorted([Reason.IN_PLAN_BEFORE, Reason.TAKEN])
    assert there.read_bytes() == b"mine"


def test_two_songs_to_one_path(music: Path, context: Context) -> None:
    one = songs(music)[0]
    twin = one.with_name(f"twin{one.suffix}")
    twin.write_bytes(one.read_bytes() + b"")
    changes = [change(music, path, to=f"new/one{path.suffix}") for path in (one, twin)]
    for dry_run in (True, False):
        done = run(written(music, changes), context, dry_run=dry_run)
        assert (done.n_moved, [item.reason for item in done.refused]) == (1, [Reason.TAKEN])


def test_lyrics_beside_a_song_are_named(music: Path, context: Context) -> None:
    path = songs(music)[0]
    lyrics = path.with_suffix(".lrc")
    lyrics.write_text("la")
    assert run(written(music, [change(music, path, to=f"new/{path.name}")]), context).beside == (lyrics,)


def test_another_library_s_plan_is_refused(music: Path, context: Context, tmp_path: Path) -> None:
    plan = written(music, moves(music))
    music.rename(tmp_path / "moved")
    with pytest.raises(LibraryError, match="is not there"):
        run(plan, context)
    music.mkdir()
    with pytest.raises(LibraryError, match="fits another library"):
        run(plan, context)


@pytest.mark.parametrize(
    "text",
    [
        *("", "{", "[]", "null", "3", '{"changes": []}', '{"groove_plan": "1"}', "[" * 100_000),
        *('{"groove_plan": 1, "library": "music", "changes": []}', '{"groove_plan": 1, "library": "/m"}'),
        '{"groove_plan": 9, "library": "/m", "changes": []}',
        '{"groove_plan": 1, "library": "/' + "m" * 5000 + '", "changes": []}',
        '{"groove_plan": 1, "library": "' + "/mm" * 5000 + '", "changes": []}',
        '{"groove_plan": 1, "library": "/\\ud800", "changes": []}',
    ],
)
def test_what_is_no_plan(tmp_path: Path, context: Context, text: str) -> None:
    path = tmp_path / "plan.json"
    path.write_text(text)
    with pytest.raises(UsageError):
        run(path, context)
    with pytest.raises(UsageError):
        run(tmp_path / "none.json", context)
    with pytest.raises(UsageError):
        run(tmp_path, context)


@given(st.recursive(st.none() | st.integers() | st.text(max_size=5), lambda c: st.lists(c, max_size=3)))
def test_any_list_of_changes_is_read(changes: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plan.json"
        path.write_text(json.dumps({"groove_plan": 1, "library": folder, "changes": changes}))
        try:
            assert not read_plan(path).changes
        except GrooveError as error:
            assert not isinstance(changes, list), error


def test_a_full_disk_says_how_far_it_came(
    music: Path, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = written(music, [change(music, path, genre=("Folk",)) for path in songs(music)])
    stage, n = steps.stage, [0]
    before = state(music)

    def third_fails(path: Path, staged: Path) -> None:
        n[0] += 1
        if n[0] == 3:
            raise OSError(28, "No space left on device")
        stage(path, staged)

    monkeypatch.setattr(steps, "stage", third_fails)
    with pytest.raises(StorageError, match=r"No space left.*; 2 songs done before that"):
        run(plan, context)
    done = run(plan, context)
    assert (len(done.done), done.n_before) == (4, 2)
    undo(UndoRequest(), context)  # both as one
    assert state(music) == before


@pytest.mark.parametrize("is_move", [False, True])
def test_a_full_disk_of_groove_s_own_counts_each_song_that_changed(
    music: Path, context: Context, monkeypatch: pytest.MonkeyPatch, is_move: bool
) -> None:
    from groovecli.actions import apply as action

    before = state(music)
    plan = written(
        music, moves(music) if is_move else [change(music, p, genre=("Folk",)) for p in songs(music)]
    )
    n = [0]

    def second_fails(*_: Any) -> None:
        n[0] += 1
        if n[0] == 2:
            raise StorageError("groove's own disk is full", "")

    monkeypatch.setattr(action, "follow_move" if is_move else "follow_tags", second_fails)
    with pytest.raises(StorageError, match="2 songs done before that"):
        run(plan, context)
    assert len(undo(UndoRequest(), context).steps) == 2
    assert state(music) == before


def test_a_move_that_was_killed_between_its_two_names_is_done_before(music: Path, context: Context) -> None:
    plan, unlink = written(music, moves(music)), Path.unlink
    two = [change.path for change in read_plan(plan).changes][:2]

    class Killed(BaseException):
        pass

    def killed(path: Path, missing_ok: bool = False) -> None:
        if path == music / two[1]:
            raise Killed
        unlink(path, missing_ok)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "unlink", killed)
        patch.setattr(Journal, "end", lambda *_: None)
        with pytest.raises(Killed):
            run(plan, context)
    assert (music / two[1]).samefile(music / "new" / Path(two[1]).name)
    done = run(plan, context)
    assert (done.n_moved, done.n_before, done.refused) == (4, 2, ())
    assert [each.path for each in done.cut_off] == [music / two[1]]
