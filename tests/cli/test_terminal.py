"""groove on a real terminal: its width, its colours, and what Ctrl-C says."""

from __future__ import annotations

import os
import re
import struct
import sys
from pathlib import Path

import pytest

from tests.conftest import DEMO, write_song

pty = pytest.importorskip("pty")


def on_terminal(
    columns: int, *arguments: object, until: bytes = b"", **environment: str
) -> tuple[int, str]:
    """The exit code and the output of a command on a terminal; Ctrl-C is pressed when it says `until`."""
    import fcntl
    import termios

    command = [sys.executable, "-m", "groovecli", *map(str, arguments)]
    env = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "NO_COLOR")}
    pid, terminal = pty.fork()
    if not pid:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        os.execve(sys.executable, command, env | {"TERM": "xterm"} | environment)
    output, is_pressed = b"", False
    while True:
        try:
            data = os.read(terminal, 65536)
        except OSError:  # Linux says so where others return nothing
            data = b""
        if not data:
            break
        output += data
        if until and not is_pressed and until in output:
            os.write(terminal, b"\x03")
            is_pressed = True
    _, status = os.waitpid(pid, 0)
    os.close(terminal)
    return os.waitstatus_to_exitcode(status), output.decode("utf-8").replace("\r\n", "\n")


def test_the_width_and_the_colours_are_the_terminals(home: Path) -> None:
    code, narrow = on_terminal(50, "config")
    assert code == 0 and "\033[1m" in narrow
    assert "+1 column: --wide or --json" in narrow and "meaning" not in narrow
    code, dumb = on_terminal(120, "config", TERM="dumb")
    assert code == 0 and "\033[" not in dumb and "meaning" in dumb


def test_ctrl_c_says_in_one_line_how_far_it_was(home: Path, tmp_path: Path) -> None:
    for n in range(24):
        write_song(tmp_path / "songs" / f"{n}.flac", 20, sr=22050, hz=200 + 10 * n)
    code, text = on_terminal(
        80, "classify", tmp_path / "songs", "--jobs", "1", until=b"listening, 2 of 2", NO_COLOR="1"
    )
    last = [line for line in text.splitlines() if line.strip()][-1]
    if code != 0:  # the machine was not so quick that all was done before the key came
        assert code == 130, text
        assert re.search(r"stopped: \d+ of 24 songs are done; the same command starts again$", last)
        assert "finishing what is in hand" in text and "Traceback" not in text


def test_songs_are_columns_and_their_folder_is_said_once(home: Path) -> None:
    code, text = on_terminal(80, "classify", DEMO / "metal", "--clips", "1", NO_COLOR="1")
    assert code == 0
    text = text.rpartition("\033[2K")[2]
    model, head, *songs = text.splitlines()[:8]
    assert model.startswith("model: groove-net (71 % right on 895 test songs; included,")
    assert head.startswith("6 songs in ") and head.count("metal") == 1
    assert all(re.match(r"  \w+ +\d+ %  .*\.opus$", song) for song in songs)
    assert re.search(r"^6 songs: ", text, re.MULTILINE)
