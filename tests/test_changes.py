"""Songs moved and tagged, and taken back byte for byte, whatever the disk does."""

from __future__ import annotations

import errno
import json
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from groovecli.errors import DatasetError, LibraryError, StorageError
from groovecli.files import exclusive
from groovecli.library.changes import moving, replacing, steps
from groovecli.library.changes.journal import records, unfinished
from groovecli.library.changes.run import Run, changing, take_back
from groovecli.reasons import Reason
from tests.tagged import many, song, state

VALUES = {"genre": ("Drum & Bäss",)}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    many(folder, 30)
    return folder / "music"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test here takes the power away."""
    monkeypatch.setattr(os, "fsync", lambda _: None)


@pytest.fixture
def music(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "music"))


@pytest.fixture
def changes(tmp_path: Path) -> Path:
    return tmp_path / "home" / "changes"


def songs(music: Path) -> list[Path]:
    return sorted(path for path in music.rglob("*") if path.is_file())


def tag_all(changes: Path, music: Path, **more: Any) -> Run:
    with changing(changes, command="tag", library=music, key="k") as run:
        for path in songs(music):
            assert steps.tag(run.journal, path, VALUES, **more) is None
    return run


def test_all_is_tagged_and_taken_back(changes: Path, music: Path) -> None:
    before = state(music)
    tag_all(changes, music)
    after = state(music)
    assert before.keys() == after.keys()
    assert all(before[name][0] != after[name][0] for name in before)
    assert all(before[name][2] == after[name][2] for name in before)
    done = take_back(changes, music)
    assert len(done.steps) == len(before) and not done.left and not done.failed
    assert state(music) == before
    with pytest.raises(LibraryError, match="nothing to undo"):
        take_back(changes, music)


def test_times_can_be_kept(changes: Path, music: Path) -> None:
    before = state(music)
    tag_all(changes, music, keeps_time=True)
    assert {name: each[1] for name, each in state(music).items()} == {n: e[1] for n, e in before.items()}
    take_back(changes, None)
    assert state(music) == before


def test_all_is_moved_and_taken_back(changes: Path, music: Path) -> None:
    before = state(music)
    with changing(changes, command="apply", library=music, key="k") as run:
        for path in songs(music):
            target = music / "new folder" / path.parent.name / path.name
            assert steps.move(run.journal, path, target) is None
    assert {Path(name).name for name in state(music)} == {Path(name).name for name in before}
    assert not songs(music / "rock")
    take_back(changes, music)
    assert state(music) == before
    assert not (music / "new folder").exists()


def test_runs_are_taken_back_one_by_one(changes: Path, music: Path) -> None:
    first, second = songs(music)[:2]
    states = [state(music)]
    for path in (first, second):
        with changing(changes, command="tag", library=music, key=str(path)) as run:
            assert steps.tag(run.journal, path, VALUES) is None
        states.append(state(music))
    for expected, n_earlier in ((states[1], 1), (states[0], 0)):
        assert take_back(changes, music).n_earlier == n_earlier
        assert state(music) == expected


def test_each_library_has_its_own_last_run(changes: Path, music: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(music, tmp_path / "other"))
    before = state(music)
    tag_all(changes, music)
    tag_all(changes, other)
    take_back(changes, music)
    assert state(music) == before != state(other)


@pytest.mark.parametrize("give_up", [False, True])
@pytest.mark.parametrize("is_linked", [False, True])
def test_a_song_that_a_later_run_moved_waits_for_its_undo(
    changes: Path, music: Path, give_up: bool, is_linked: bool
) -> None:
    before = state(music)
    rock = music / "rock"
    with changing(changes, command="tag", library=rock, key="1") as run:
        for path in songs(rock):
            assert steps.tag(run.journal, path, VALUES) is None
    way = music
    if is_linked:
        way = music.parent / "link"
        way.symlink_to(music)
    moved = songs(rock)[:3]
    with changing(changes, command="apply", library=way, key="2") as run:
        for path in moved:
            source = way / "rock" / path.name
            assert steps.move(run.journal, source, way / "jazz" / "x" / path.name) is None
    first = take_back(changes, rock, give_up=give_up)
    assert sorted(item.path for item in first.failed) == moved and not first.given_up
    assert {item.reason for item in first.failed} == {Reason.LATER_RUN}
    assert f"`groove undo {way}` takes back `groove apply`" in first.failed[0].text
    assert len(take_back(changes, None).steps) == 3
    assert len(take_back(changes, rock).steps) == 3
    assert state(music) == before and records(changes) == []


def test_a_run_belongs_to_the_folders_above_it(changes: Path, music: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(music)
    path = songs(music / "rock")[0]
    before = state(music)
    for library in (music, tmp_path, tmp_path / "link", music / "rock", tmp_path / "link" / "rock"):
        with changing(changes, command="tag", library=music / "rock", key="k") as run:
            steps.tag(run.journal, path, VALUES)
        assert len(take_back(changes, library).steps) == 1
        assert state(music) == before
    with changing(changes, command="tag", library=tmp_path / "link", key="k") as run:
        steps.tag(run.journal, path, VALUES)
    with pytest.raises(LibraryError, match="rock alone") as error:
        take_back(changes, music / "rock")
    assert f"groove undo {tmp_path / 'link'}" in error.value.hint
    for other in (tmp_path / "mus", music / "ro", tmp_path / "nowhere"):
        with pytest.raises(LibraryError, match="nothing to undo in"):
            take_back(changes, other)
    assert len(take_back(changes, music).steps) == 1


def test_nothing_done_leaves_no_record(changes: Path, music: Path) -> None:
    with changing(changes, command="tag", library=music, key="k"):
        pass
    assert records(changes) == []


# What stays as it is


def test_a_file_is_never_moved_over_another(changes: Path, music: Path) -> None:
    one, other = songs(music)[:2]
    before = state(music)
    with changing(changes, command="apply", library=music, key="k") as run:
        problem = steps.move(run.journal, one, other)
    assert problem is not None and problem.reason == Reason.TAKEN
    assert state(music) == before and records(changes) == []


def test_files_that_came_meanwhile_are_not_replaced_by_undo(changes: Path, music: Path) -> None:
    path = songs(music)[0]
    with changing(changes, command="apply", library=music, key="k") as run:
        steps.move(run.journal, path, music / "x" / path.name)
    path.write_bytes(b"mine")
    done = take_back(changes, music)
    assert [item.reason for item in done.failed] == [Reason.TAKEN]
    assert path.read_bytes() == b"mine" and (music / "x" / path.name).exists()
    path.unlink()
    assert len(take_back(changes, music).steps) == 1
    assert path.exists() and not (music / "x").exists()


def test_what_a_person_edited_since_stays(changes: Path, music: Path) -> None:
    tag_all(changes, music)
    first, second, *_ = songs(music)
    first.write_bytes(b"edited")
    second.unlink()
    done = take_back(changes, music)
    assert [item.reason for item in done.left] == [Reason.EDITED]
    assert [item.reason for item in done.failed] == [Reason.MISSING]
    assert first.read_bytes() == b"edited" and not second.exists()
    assert [step.song for step in records(changes)[0].steps] == [second]


def test_songs_out_of_reach_are_tried_again(changes: Path, music: Path) -> None:
    before = state(music)
    tag_all(changes, music)
    away = music.parent / "away"
    (music / "rock").rename(away)
    done = take_back(changes, music)
    assert done.failed and all(item.path.parent.name == "rock" for item in done.failed)
    away.rename(music / "rock")
    assert not take_back(changes, music).failed
    assert state(music) == before


@pytest.mark.parametrize("act", ["move", "tag"])
def test_an_undo_waits_for_a_drive_with_songs_in_its_mount_point(
    changes: Path, music: Path, act: str, tmp_path: Path
) -> None:
    drive = tmp_path / "drive"
    drive.mkdir()
    for path in songs(music)[:16]:
        path.rename(drive / path.name)
    before = state(drive)
    with changing(changes, command=act, library=drive, key="k") as run:
        for path in songs(drive):
            if act == "tag":
                assert steps.tag(run.journal, path, VALUES) is None
            else:
                assert steps.move(run.journal, path, drive / f"new {path.name}") is None
    drive.rename(tmp_path / "away")
    drive.mkdir()
    done = take_back(changes, None)
    assert (len(done.steps), len(done.left), len(done.failed)) == (0, 0, 16)
    drive.rmdir()
    (tmp_path / "away").rename(drive)
    assert len(take_back(changes, None).steps) == 16
    assert state(drive) == before and records(changes) == []


def test_a_killed_run_on_a_drive_that_is_away_can_be_undone_later(changes: Path, music: Path) -> None:
    before = state(music)
    tag_all(changes, music)
    file = records(changes)[0].folder / "steps.jsonl"
    file.write_bytes(file.read_bytes().rpartition(b'{"end"')[0])
    music.rename(music.parent / "away")
    assert len(take_back(changes, None).failed) == 30
    (music.parent / "away").rename(music)
    assert len(take_back(changes, None).steps) == 30 and state(music) == before


def test_what_can_t_be_restored_is_counted_once_and_can_be_given_up(changes: Path, music: Path) -> None:
    states = [state(music)]
    one = songs(music)[0]
    with changing(changes, command="tag", library=music, key="1") as run:
        assert steps.tag(run.journal, one, VALUES) is None
    with changing(changes, command="tag", library=music, key="2") as run:
        for path in songs(music)[1:]:
            assert steps.tag(run.journal, path, VALUES) is None
    shutil.rmtree(music / "rock")
    n_gone = sum(name.startswith("rock") for name in states[0])
    next(iter(records(changes)[1].folder.glob("*.delta"))).unlink()
    first = take_back(changes, music)
    n_failed = len(first.failed)
    assert n_gone <= n_failed <= n_gone + 1 and len(first.steps) == 29 - n_failed
    again = take_back(changes, music)
    assert (len(again.steps), len(again.failed)) == (0, n_failed)
    forced = take_back(changes, music, give_up=True)
    assert not forced.steps and not forced.failed
    assert [item.path for item in forced.given_up] == [item.path for item in first.failed]
    last = take_back(changes, music)
    assert [step.song for step in last.steps] == [one] and last.n_earlier == 0
    assert records(changes) == []


def test_a_run_that_is_half_undone_is_not_gone_on_with(changes: Path, music: Path) -> None:
    tag_all(changes, music)
    gone = songs(music)[0]
    gone.unlink()
    take_back(changes, music)
    tag_all(changes, music)
    assert len(records(changes)) == 2


@pytest.mark.parametrize("act", ["move", "tag"])
def test_read_only_songs_and_links_are_left_alone(changes: Path, music: Path, act: str) -> None:
    one, other, third = songs(music)[:3]
    one.chmod(0o444)
    if act == "move":
        other.unlink()
        other.symlink_to(third)
    before = state(music)
    with changing(changes, command=act, library=music, key="k") as run:
        found = [
            steps.move(run.journal, path, music / "x" / path.name)
            if act == "move"
            else steps.tag(run.journal, path, VALUES)
            for path in (one, other)
        ]
    assert found[0] is not None and found[0].reason == Reason.READ_ONLY
    if act == "move":
        assert found[1] is not None and found[1].reason == Reason.LINK
        assert state(music) == before


def test_a_link_s_target_is_tagged(changes: Path, music: Path, tmp_path: Path) -> None:
    path = songs(music)[0]
    link = tmp_path / f"link{path.suffix}"
    link.symlink_to(path)
    before = state(music)
    with changing(changes, command="tag", library=music, key="k") as run:
        assert steps.tag(run.journal, link, VALUES) is None
    assert link.is_symlink() and state(music) != before
    take_back(changes, None)
    assert state(music) == before


def test_another_sound_is_never_written(
    changes: Path, music: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = state(music)

    def spoil(path: Path, values: object) -> None:
        data = bytearray(path.read_bytes())
        data[-9] ^= 255
        path.write_bytes(data)

    monkeypatch.setattr(steps, "write_values", spoil)
    with changing(changes, command="tag", library=music, key="k") as run:
        problem = steps.tag(run.journal, next(p for p in songs(music) if p.suffix == ".flac"), VALUES)
    assert problem is not None and problem.reason == Reason.OTHER_SOUND
    assert state(music) == before


def test_a_song_that_changes_meanwhile_is_not_replaced(
    changes: Path, music: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = songs(music)[0]
    write = steps.write_values

    def while_another_writes(staged: Path, values: Any) -> None:
        write(staged, values)
        path.write_bytes(b"theirs")

    monkeypatch.setattr(steps, "write_values", while_another_writes)
    with changing(changes, command="tag", library=music, key="k") as run:
        problem = steps.tag(run.journal, path, VALUES)
    assert problem is not None and problem.reason == Reason.CHANGED_SINCE
    assert path.read_bytes() == b"theirs"
    assert not list(music.rglob(".groove-*"))


# The same file: links, rights, attributes


def test_hard_links_stay_one_file(changes: Path, music: Path, tmp_path: Path) -> None:
    before = state(music)
    for path in songs(music):
        os.link(path, tmp_path / path.name)
    tag_all(changes, music)
    for path in songs(music):
        assert path.samefile(tmp_path / path.name)
        assert state(music)[str(path.relative_to(music))][0] != before[str(path.relative_to(music))][0]
    take_back(changes, music)
    assert state(music) == before
    assert all(path.samefile(tmp_path / path.name) for path in songs(music))


def test_rights_and_attributes_stay(changes: Path, music: Path) -> None:
    path = songs(music)[0]
    path.chmod(0o640)
    try:
        os.setxattr(path, "user.mood", b"calm")
    except (OSError, AttributeError):
        pytest.skip("this file system has no attributes")
    with changing(changes, command="tag", library=music, key="k") as run:
        steps.tag(run.journal, path, VALUES)
    for _ in range(2):
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
        assert os.getxattr(path, "user.mood") == b"calm"
        if records(changes):
            take_back(changes, music)


# Disks


def refusing(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, number: int) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(module, name, refuse)


@pytest.mark.parametrize("name", ["stage", "put"])
@pytest.mark.parametrize("is_linked", [False, True])
def test_a_full_disk_ends_the_run_and_leaves_the_song(
    changes: Path, music: Path, monkeypatch: pytest.MonkeyPatch, name: str, is_linked: bool
) -> None:
    path = songs(music)[0]
    if is_linked:
        os.link(path, music.parent / "other")
    before = state(music)
    with monkeypatch.context() as patch:
        refusing(patch, steps, name, errno.ENOSPC)
        with (
            pytest.raises(StorageError, match="No space"),
            changing(changes, command="tag", library=music, key="k") as run,
        ):
            steps.tag(run.journal, path, VALUES)
    assert state(music) == before and unfinished(changes) == []


def test_a_disk_that_fills_in_the_midst_of_a_write_gives_the_old_bytes_back(
    changes: Path, music: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = songs(music)[0]
    os.link(path, music.parent / "other")  # so that its own bytes are written
    before = state(music)

    def half(staged: Path, target: Path, **_: Any) -> None:
        with target.open("r+b") as file:
            file.write(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(steps, "put", half)
    with (
        pytest.raises(StorageError),
        changing(changes, command="tag", library=music, key="k") as run,
    ):
        steps.tag(run.journal, path, VALUES)
    assert state(music) == before


def test_a_journal_without_room_touches_no_song(
    changes: Path, music: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from groovecli.library.changes import journal

    before = state(music)
    with (
        pytest.raises(StorageError),
        changing(changes, command="tag", library=music, key="k") as run,
    ):
        refusing(monkeypatch, journal, "write_bytes", errno.ENOSPC)
        with journal.storage_errors(changes):
            steps.tag(run.journal, songs(music)[0], VALUES)
    assert state(music) == before


def test_one_song_that_can_t_be_written_does_not_stop_the_others(
    changes: Path, music: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = songs(music)[0]
    with changing(changes, command="tag", library=music, key="k") as run:
        with monkeypatch.context() as patch:
            refusing(patch, steps, "stage", errno.EACCES)
            problem = steps.tag(run.journal, path, VALUES)
        assert problem is not None and problem.reason == Reason.NOT_WRITTEN
        assert steps.tag(run.journal, songs(music)[1], VALUES) is None


@pytest.fixture
def far(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Let folders called "far" be on another file system."""
    link = os.link

    def refuse(source: Any, target: Any, **more: Any) -> None:
        if ("far" in Path(source).parts) != ("far" in Path(target).parts):
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        link(source, target, **more)

    monkeypatch.setattr(moving.os, "link", refuse)
    yield monkeypatch.undo


def test_moves_to_another_file_system_are_copied_and_compared(
    changes: Path, music: Path, far: Callable[[], None]
) -> None:
    before = state(music)
    with changing(changes, command="apply", library=music, key="k") as run:
        for path in songs(music):
            assert steps.move(run.journal, path, music / "far" / path.name) is None
    moved = state(music / "far")
    assert sorted(moved.values()) == sorted(before.values())
    take_back(changes, music)
    assert state(music) == before


def test_a_copy_that_differs_is_dropped(
    changes: Path, music: Path, far: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = state(music)

    def spoilt(source: Path, staged: Path) -> None:
        replacing.stage(source, staged)
        staged.write_bytes(b"other")

    monkeypatch.setattr(moving, "stage", spoilt)
    with (
        pytest.raises(StorageError),
        changing(changes, command="apply", library=music, key="k") as run,
    ):
        steps.move(run.journal, songs(music)[0], music / "far" / "a.mp3")
    assert state(music) == before


def test_without_hard_links_a_move_is_a_rename(
    changes: Path, music: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusing(monkeypatch, moving.os, "link", errno.EPERM)
    before = state(music)
    one, other = songs(music)[:2]
    with changing(changes, command="apply", library=music, key="k") as run:
        assert steps.move(run.journal, one, music / "x" / one.name) is None
        problem = steps.move(run.journal, other, music / "x" / one.name)
        assert problem is not None and problem.reason == Reason.TAKEN
    take_back(changes, music)
    assert state(music) == before


# The journal


def test_two_processes_do_not_change_songs_at_once(changes: Path, music: Path) -> None:
    with exclusive(changes), pytest.raises(DatasetError):
        tag_all(changes, music)


def test_a_torn_last_line_is_as_if_it_were_not_there(changes: Path, music: Path) -> None:
    before = state(music)
    tag_all(changes, music)
    file = records(changes)[0].folder / "steps.jsonl"
    file.write_bytes(file.read_bytes() + b'{"n": 99, "kind": "mo')
    take_back(changes, music)
    assert state(music) == before


def test_a_damaged_record_is_said(changes: Path, music: Path) -> None:
    tag_all(changes, music)
    (records(changes)[0].folder / "about.json").write_text("[]")
    with pytest.raises(LibraryError, match="damaged"):
        take_back(changes, None)


ANY: dict[str, Any] = {
    "kind": ["jump", None, 3],
    "path": [None, 3, [], "", "song.mp3", "/a\0b", "/a\ud800"],
    "staged": [None, 3, "", "/any/file"],
    "was": [None, 3],
    "sha256": [None, 3],
    "mtime_ns": [None, "x", 1 << 70],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, some in ANY.items() for value in some])
@pytest.mark.parametrize("is_killed", [False, True])
def test_a_damaged_step_is_said_and_touches_nothing(
    changes: Path, music: Path, name: str, value: Any, is_killed: bool
) -> None:
    before = state(music)
    with changing(changes, command="tag", library=music, key="k") as run:
        steps.tag(run.journal, songs(music)[0], VALUES)
    after = state(music)
    file = records(changes)[0].folder / "steps.jsonl"
    lines = [json.loads(line) for line in file.read_bytes().splitlines()]
    damaged = [line | {name: value} if name in line else line for line in lines][
        : -1 if is_killed else None
    ]
    file.write_text("".join(f"{json.dumps(line)}\n" for line in damaged))
    with pytest.raises(LibraryError, match="damaged"):
        take_back(changes, None)
    assert state(music) == after
    file.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    take_back(changes, None)
    assert state(music) == before


@pytest.mark.parametrize("folders", [3, [3], ["/any"], ["x"]])
def test_a_damaged_move_removes_no_folder(changes: Path, music: Path, folders: Any) -> None:
    with changing(changes, command="apply", library=music, key="k") as run:
        steps.move(run.journal, songs(music)[0], music / "x" / "a.mp3")
    file = records(changes)[0].folder / "steps.jsonl"
    first, _, rest = file.read_bytes().partition(b"\n")
    file.write_bytes(json.dumps(json.loads(first) | {"made": folders}).encode() + b"\n" + rest)
    with pytest.raises(LibraryError, match="damaged"):
        take_back(changes, None)


def test_a_damaged_record_deletes_no_file_that_it_names(changes: Path, music: Path) -> None:
    one, other = songs(music)[:2]
    with changing(changes, command="tag", library=music, key="k") as run:
        steps.tag(run.journal, one, VALUES)
    file = records(changes)[0].folder / "steps.jsonl"
    lines = [json.loads(line) for line in file.read_bytes().splitlines()][:-1]
    lines[0]["staged"] = str(other)
    file.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    with pytest.raises(LibraryError, match="damaged"):
        take_back(changes, None)
    assert other.exists()


def test_folders_of_a_killed_undo_go(changes: Path, music: Path) -> None:
    before = state(music)
    path = songs(music)[0]
    with changing(changes, command="apply", library=music, key="k") as run:
        steps.move(run.journal, path, music / "x" / "y" / path.name)
    file = records(changes)[0].folder / "steps.jsonl"
    file.write_bytes(file.read_bytes() + b'{"undo": 0, "in_place": false}\n')
    (music / "x" / "y" / path.name).rename(path)
    take_back(changes, None)
    assert state(music) == before and not (music / "x").exists()


def test_a_damaged_delta_restores_nothing_else(changes: Path, music: Path) -> None:
    tag_all(changes, music)
    after = state(music)
    for blob in records(changes)[0].folder.glob("*.delta"):
        blob.write_bytes(blob.read_bytes()[:-3] + b"\0\0\0")
    done = take_back(changes, music)
    assert not done.steps and len(done.failed) == len(after)
    assert state(music) == after


def test_a_stopped_run_goes_on_as_one(changes: Path, music: Path) -> None:
    before = state(music)
    for n in (3, 100):
        with changing(changes, command="tag", library=music, key="k") as run:
            for path in songs(music)[:n] if n == 3 else songs(music)[3:]:
                steps.tag(run.journal, path, VALUES)
            run.is_stopped = n == 3
    assert len(records(changes)) == 1
    take_back(changes, music)
    assert state(music) == before


def test_lines_are_plain_json(changes: Path, tmp_path: Path) -> None:
    path = tmp_path / "music" / os.fsdecode(b"\xff.mp3")
    song(tmp_path / "music" / "a.mp3", ".mp3").rename(path)
    before = state(path.parent)
    with changing(changes, command="tag", library=path.parent, key="k") as run:
        steps.tag(run.journal, path, VALUES)
    lines = (records(changes)[0].folder / "steps.jsonl").read_text().splitlines()
    assert json.loads(lines[0])["path"] == str(path)
    take_back(changes, None)
    assert state(path.parent) == before
