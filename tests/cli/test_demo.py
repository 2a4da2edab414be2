"""`groove demo` as a new user runs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.cli.conftest import groove


def test_demo_runs_the_main_line_and_leaves_its_results(home: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "groovecli", "demo"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    shown = [line for line in done.stderr.splitlines() if line.startswith("$ groove ")]
    names = [line.split()[2] for line in shown]
    assert names == ["classify", "cluster", "embed", "ingest", "train", "evaluate"]
    first, _, rest = done.stderr.partition("$ groove ingest")
    assert "model: groove-net (" in first and "time-cnn" not in first
    assert "Ten test songs say little" in rest
    assert "(0.0 % by chance)" not in done.stdout
    folder = tmp_path / "groove-demo"
    for file in ("report/index.html", "report/evaluation.json", "songs.npz", "songs.png"):
        assert (folder / file).stat().st_size > 0
    playlists = list((folder / "playlists").glob("*.m3u8"))
    songs = [
        line
        for playlist in playlists
        for line in playlist.read_text("utf-8").splitlines()
        if not line.startswith("#")
    ]
    assert len(songs) == 30
    assert all((folder / "playlists" / song).is_file() for song in songs)
    assert len(list((folder / "playlists").glob("*.preview.mp3"))) == len(playlists)
    assert not home.exists()


def test_demo_leaves_another_folder_alone(home: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    result = groove("demo", "--out", tmp_path / "mine")
    assert result.exit_code == 2
    assert "holds other files" in result.stderr
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["letter.txt"]
