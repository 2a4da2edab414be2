"""What commands say after Ctrl-C: how far they came, how to go on, and nothing that looks finished."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from groovecli.cli import interrupts
from groovecli.cli.progress import TerminalMonitor
from groovecli.errors import Interrupted
from groovecli.messages import actions, datasets, library
from groovecli.messages.words import GO_ON, STARTS_AGAIN
from groovecli.models import pieces
from groovecli.playlists import checking
from tests.cli.conftest import groove
from tests.conftest import DEMO

METAL = sorted((DEMO / "metal").glob("*.opus"))


pytestmark = pytest.mark.usefixtures("one_by_one")


@pytest.fixture
def stages(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The stages that a command comes to."""
    seen: list[str] = []
    progress = TerminalMonitor.progress

    def noted(self: TerminalMonitor, stage: str, done: int, total: int) -> None:
        progress(self, stage, done, total)
        seen.extend([stage] * (stage not in seen))

    monkeypatch.setattr(TerminalMonitor, "progress", noted)
    return seen


def stop_at(monkeypatch: pytest.MonkeyPatch, stage: str, n: int) -> None:
    """Press Ctrl-C after `n` steps of a stage."""
    progress = TerminalMonitor.progress

    def pressed(self: TerminalMonitor, name: str, done: int, total: int) -> None:
        progress(self, name, done, total)
        if name == stage and done == n and not self.stopped:
            self.interrupt(2, None)

    monkeypatch.setattr(TerminalMonitor, "progress", pressed)


def commands(out: Path) -> dict[str, tuple[object, ...]]:
    return {
        "classify": ("classify", DEMO / "metal"),
        "embed": ("embed", DEMO / "metal", "--out", out / "songs.npz"),
        "cluster": ("cluster", DEMO / "metal", "--out", out / "lists"),
        "add-genre": ("add-genre", "thrash", DEMO / "metal", "--train"),
        "ingest": ("ingest", DEMO),
    }


@pytest.mark.parametrize("command", sorted(commands(Path())))
def test_stopped_while_files_are_read_nothing_else_is_begun(
    command: str, home: Path, tmp_path: Path, stages: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stop_at(monkeypatch, "scan", 2)
    stopped = groove(*commands(tmp_path)[command], "--jobs", "1")
    assert stopped.exit_code == 130 and stopped.stdout == "" and stages == ["scan"]
    assert set(tmp_path.iterdir()) <= {home}
    n_files = len(list((DEMO if command == "ingest" else DEMO / "metal").rglob("*.opus")))
    go_on = GO_ON if home.exists() else STARTS_AGAIN
    go_on = f"nothing was written; {go_on}" if command == "embed" else go_on
    assert stopped.stderr.splitlines()[-1] == f"stopped: 2 of {n_files} files are read; {go_on}"


def test_stopped_while_clips_are_cut_ingest_shows_no_dataset(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    n_songs = len(list(DEMO.rglob("*.opus")))
    with monkeypatch.context() as patched:
        stop_at(patched, "cut", 3)
        stopped = groove("ingest", DEMO, "--jobs", "1")
    assert (stopped.exit_code, stopped.stdout) == (130, "")
    assert stopped.stderr.splitlines()[-1] == f"stopped: 3 of {n_songs} songs are done; {GO_ON}"
    stop_at(monkeypatch, "cut", 5)
    more = groove("ingest", DEMO, "--jobs", "1", "--json")
    assert json.loads(more.stdout)["interrupted"] is True and f"5 of {n_songs} songs" in more.stderr
    assert home.exists()


def test_a_dry_run_keeps_nothing_and_starts_again(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stop_at(monkeypatch, "scan", 2)
    stopped = groove("add-genre", "thrash", DEMO / "metal", "--train", "--dry-run", "--jobs", "1")
    last = stopped.stderr.splitlines()[-1]
    assert (stopped.exit_code, stopped.stdout) == (130, "")
    assert last == f"stopped: 2 of {len(METAL)} files are read; {STARTS_AGAIN}"


@pytest.mark.parametrize(
    "said",
    [
        actions.stopped_hearing(),
        actions.stopped_embedding(),
        actions.stopped_between_networks(),
        actions.stopped_between_splits(),
        actions.stopped_training("net"),
        datasets.stopped_reading(),
        datasets.stopped_reading_lyrics(),
        datasets.stopped_computing(),
        library.stopped_comparing(),
    ],
)
def test_how_to_go_on_is_said_in_the_same_words(said: Interrupted) -> None:
    assert said.hint == GO_ON


@pytest.mark.parametrize("number", [2, 15])
def test_why_stops_while_it_listens(number: int, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert groove("embed", DEMO / "metal", "--out", home / "songs.npz").exit_code == 0
    cuts = pieces.imap_cuts

    def pressed(*tasks: object, monitor: TerminalMonitor, **options: object) -> object:
        monitor.interrupt(number, None)
        return cuts(*tasks, monitor=monitor, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(pieces, "imap_cuts", pressed)
    stopped = groove("why", *METAL[:2])
    assert stopped.exit_code == 128 + number and stopped.stdout == ""
    assert stopped.stderr.splitlines()[-1].startswith("stopped")
    stopped = groove("why", *METAL[:2], "--json")
    error = json.loads(stopped.stdout)["error"]
    assert error["code"] == stopped.exit_code == 128 + number and "0 of 1 songs" in error["what"]


@pytest.mark.parametrize("n_songs", [0, 3])
@pytest.mark.parametrize("number", [2, 15])
def test_check_playlist_stops(
    n_songs: int, number: int, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While files are read, or after three songs of the first were looked for."""
    for name in ("a", "b"):
        (tmp_path / f"{name}.m3u8").write_text("".join(f"{n}.mp3\n" for n in range(20)))
    asked: list[bytes] = []

    def stopped(_: TerminalMonitor) -> bool:
        return len(asked) >= n_songs

    def has(_: checking.Disk, path: bytes) -> bool:
        asked.append(path)
        return False

    monkeypatch.setattr(TerminalMonitor, "stopped", property(stopped))
    monkeypatch.setattr(checking.Disk, "has", has)
    monkeypatch.setitem(interrupts._state, "code", interrupts.CODES[signal.Signals(number)])
    found = groove("check-playlist", tmp_path)
    assert found.exit_code == 128 + number and found.stdout == "" and len(asked) <= n_songs + 5
    assert found.stderr.splitlines()[-1].startswith("stopped")
    assert not home.exists()
