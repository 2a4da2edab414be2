"""`groove cluster` in a folder that has playlists: --diff, --undo, --replace, and what it says."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.cli.conftest import Workshop, groove, groove_json

OPTIONS = ("--method", "kmeans", "--clusters", "3", "--min-songs", "2")


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}


def test_diff_writes_nothing_and_undo_takes_the_run_back(workshop: Workshop, tmp_path: Path) -> None:
    music, lists = tmp_path / "music", tmp_path / "lists"
    for genre in ("folk", "metal", "electronic"):
        shutil.copytree(workshop.library / genre, music / genre)
    command = ("cluster", music, "--out", lists, *OPTIONS)
    first = groove_json(*command)
    assert {change["change"] for change in first["changes"]} == {"new"} and first["refused"] is None
    assert all(each["id"] and each["changed"] for each in first["playlists"])
    before = contents(lists)
    shutil.copytree(workshop.library / "orchestral", music / "orchestral")
    shown = groove(*command, "--diff")
    assert shown.exit_code == 0 and contents(lists) == before
    assert shown.stdout.splitlines()[-1].startswith(f"nothing was written; in {lists}/, ")
    would = groove_json(*command, "--diff")
    did = groove_json(*command)
    assert would["changes"] == did["changes"] and contents(lists) != before
    came = {path for change in did["changes"] for path in change["come"]}
    assert came == {str(path) for path in (music / "orchestral").iterdir()}
    undone = groove_json(*command, "--undo")
    assert undone["restored"] or undone["removed"]
    assert contents(lists) == before
    assert groove(*command, "--undo").exit_code == 0 and contents(lists) == {}
    again = groove(*command, "--undo")
    assert again.exit_code == 1 and "nothing to undo" in again.stderr


def test_diff_counts_files_that_change_though_no_song_moves(workshop: Workshop, tmp_path: Path) -> None:
    lists = tmp_path / "lists"
    command = ("cluster", workshop.library, "--out", lists, *OPTIONS)
    groove_json(*command)
    before = contents(lists)
    same = groove(*command, "--diff")
    assert same.stdout.splitlines()[-1].endswith("0 playlists would change, and 3 keep their songs")
    anew = groove(*command, "--diff", "--absolute")
    assert "0 playlists would change, 3 files would be rewritten, and 3" in anew.stdout
    assert "would be rewritten, with the same songs (order, paths or format)" in anew.stderr
    other = groove("--wide", *command, "--diff", "--format", "xspf").stdout
    assert "3 files would be rewritten, 3 files would be removed, and 3 keep" in other
    assert contents(lists) == before
    assert (
        groove(*command).stdout.splitlines()[-1].startswith("nothing changed: 3 playlists of 24 songs in ")
    )


def test_another_library_is_said_and_needs_replace(workshop: Workshop, tmp_path: Path) -> None:
    lists = tmp_path / "lists"
    groove_json("cluster", workshop.library / "folk", "--out", lists, *OPTIONS)
    before = contents(lists)
    other = ("cluster", workshop.library / "metal", "--out", lists, *OPTIONS)
    refused = groove(*other)
    assert refused.exit_code == 1 and contents(lists) == before
    assert "error: the " in refused.stderr and "would be removed, of an earlier run" in refused.stderr
    assert "hint: write to another folder" in refused.stderr
    as_json = groove(*other, "--json")
    assert as_json.exit_code == 1 and '"refused": {' in as_json.stdout and contents(lists) == before
    asked = groove(*other, "--diff")
    assert asked.exit_code == 1 and asked.stderr.startswith("error: the ")
    assert "would change with `--replace`" in asked.stdout.splitlines()[-1]
    replaced = groove_json(*other, "--replace")
    assert replaced["refused"] is None and replaced["removed"]
    assert all(Path(path).exists() is False for path in replaced["removed"])


def test_what_a_person_did_is_said(workshop: Workshop, tmp_path: Path) -> None:
    lists = tmp_path / "lists"
    command = ("cluster", workshop.library, "--out", lists, *OPTIONS)
    first = groove_json(*command)
    gone, renamed = (Path(each["file"]) for each in first["playlists"][:2])
    gone.unlink()
    renamed.rename(lists / "For the car.m3u8")
    shown = groove(*command)
    assert shown.exit_code == 0 and not gone.exists() and (lists / "For the car.m3u8").exists()
    assert f"stays deleted: {gone.stem}; `--replace` makes all playlists again" in shown.stderr
    assert f"would be in {gone.stem}, which you deleted" in shown.stderr
    found = groove_json(*command, "--replace")
    assert found["deleted"] == [] and gone.exists()
    assert "For the car" in {each["name"] for each in found["playlists"]}


def test_songs_that_are_away_are_named_and_counted(workshop: Workshop, tmp_path: Path) -> None:
    music, lists = tmp_path / "music", tmp_path / "lists"
    shutil.copytree(workshop.library, music)
    command = ("cluster", music, "--out", lists, "--method", "kmeans", "--clusters", "1")
    (name,) = (each["name"] for each in groove_json(*command)["playlists"])
    (music / "folk").rename(tmp_path / "folk")
    shown = groove(*command)
    assert shown.exit_code == 3 and f"can't be found, left out of {name}: " in shown.stderr
    assert groove(*command).exit_code == 0


def test_options_that_contradict_each_other(tmp_path: Path) -> None:
    for other in ("--diff", "--dry-run", "--replace", "--preview"):
        refused = groove("cluster", tmp_path, "--undo", other)
        assert refused.exit_code == 2 and f"--undo and {other} can't be given together" in refused.stderr
