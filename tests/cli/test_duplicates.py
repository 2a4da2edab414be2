"""What `groove duplicates` prints, and how it ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from groovecli.messages import words
from tests import encode
from tests.cli.conftest import groove, groove_json
from tests.conftest import melody

SR = 22050
OPTIONS = ("--clips", "1", "--jobs", "1")


@pytest.fixture
def music(tmp_path: Path) -> Path:
    """Three songs, one of them in two formats."""
    folder = tmp_path / "music"
    for number in range(3):
        encode.write(folder / f"{number}.flac", melody(32, sr=SR, seed=number)[:, None], SR)
    encode.write(folder / "1.mp3", melody(32, sr=SR, seed=1)[:, None], SR)
    return folder


def test_the_better_file_is_named_with_the_reason(home: Path, music: Path) -> None:
    done = groove("--wide", "duplicates", music, *OPTIONS)
    assert done.exit_code == 0
    room = words.size((music / "1.mp3").stat().st_size)
    for text in ("1.mp3", "1.flac", "lossless", "same recording", f"1 duplicate ({room}) among 4 songs"):
        assert text in done.stdout
    assert "nothing was deleted" in done.stdout


def test_paths_begin_at_the_library(home: Path, music: Path) -> None:
    lines = groove("--wide", "duplicates", music, *OPTIONS).stdout.splitlines()
    (row,) = [line for line in lines if "1.mp3" in line]
    assert row.split()[:2] == ["1.mp3", "1.flac"]


def test_json_has_the_groups(home: Path, music: Path) -> None:
    out = music.parent / "lists.m3u8"
    found = groove_json("duplicates", music, "--out", out, *OPTIONS)
    (group,) = found["groups"]
    (other,) = group["others"]
    assert (group["best"], other["path"]) == (str(music / "1.flac"), str(music / "1.mp3"))
    assert (other["kind"], other["code"]) == ("recording", "lossless")
    assert other["likeness"] > 0.7 and other["bytes"] == found["bytes"]
    assert (found["songs"], found["duplicates"], found["versions"]) == (4, 1, 0)
    assert found["out"] == str(out) and out.exists()


def test_no_duplicates_are_no_failure_and_write_nothing(home: Path, music: Path) -> None:
    (music / "1.mp3").unlink()
    out = music.parent / "lists.m3u8"
    done = groove("duplicates", music, "--out", out, *OPTIONS)
    assert (done.exit_code, out.exists()) == (0, False)
    assert "no duplicates among 3 songs" in done.stdout


def test_files_that_failed_end_it_with_3(home: Path, music: Path) -> None:
    (music / "broken.mp3").write_bytes(b"nothing of the kind" * 100)
    found = groove_json("duplicates", music, *OPTIONS, code=3)
    assert [Path(item["path"]).name for item in found["failed"]] == ["broken.mp3"]
    assert len(found["groups"]) == 1


def test_cluster_lists_what_it_leaves_out(home: Path, music: Path) -> None:
    out = music.parent / "playlists"
    found = groove_json("cluster", music, "--out", out, *OPTIONS)
    (left,) = found["in_no_playlist"]
    assert (Path(left["path"]).name, left["code"]) == ("1.mp3", "duplicate")
    assert left["reason"] == f"is a duplicate of {music / '1.flac'} (lossless)"
    found = groove_json("cluster", music, "--out", out, "--include", "duplicates", *OPTIONS)
    assert found["in_no_playlist"] == []
    refused = groove("cluster", music, "--out", out, "--max-minutes", "0.1", *OPTIONS)
    assert refused.exit_code == 1 and "--include all" in refused.stderr
