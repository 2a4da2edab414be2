"""Fill README and the guide with answers from a real run: `python docs/screenshot.py`.

Commands run on the demo music with the included model, in a folder of their own. What they print
stands between `<!-- output: COMMAND -->` and `<!-- end -->`.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from groovecli.home import shipped

COLUMNS = 60
README = Path(__file__).parent.parent / "README.md"
GUIDE = Path(__file__).parent / "guide"
PAGES = (README, GUIDE / "describe.md", GUIDE / "map.md", GUIDE / "report.md")

_MARKED = re.compile(r"(<!-- output: ([^\n]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def main() -> None:
    """Run each command once, and write what it prints."""
    texts = {page: page.read_text("utf-8") for page in PAGES}
    marked = (found[2] for text in texts.values() for found in _MARKED.finditer(text))
    commands = dict.fromkeys(marked)
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(shipped("demo"), Path(folder, "Music"))
        said = {command: _said(command, folder) for command in commands}
    for page, text in texts.items():
        filled = _MARKED.sub(lambda found: found[1] + _block(found[2], said) + found[3], text)
        page.write_text(filled, "utf-8")


def _said(command: str, folder: str) -> str:
    """What a command prints on a terminal of 60 columns, without notes and colours."""
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 200, COLUMNS, 0, 0))
    home = str(Path(folder, "home"))
    with subprocess.Popen(
        [sys.executable, "-m", "groovecli", *command.split()],
        cwd=folder,
        env={**os.environ, "GROOVE_HOME": home, "COLUMNS": str(COLUMNS), "NO_COLOR": "1", "TERM": "xterm"},
        stdout=theirs,
        stderr=subprocess.DEVNULL,
    ) as process:
        os.close(theirs)
        printed = b"".join(_read(ours))
    os.close(ours)
    if process.returncode:
        raise SystemExit(f"groove {command}: exit code {process.returncode}")
    return printed.decode().replace("\r\n", "\n").rstrip()


def _read(terminal: int) -> Iterator[bytes]:
    """All that is printed on a terminal; Linux ends it with an error."""
    with suppress(OSError):
        while block := os.read(terminal, 1 << 16):
            yield block


def _block(command: str, said: dict[str, str]) -> str:
    """Code in Markdown: the command and its answer."""
    lines = [f"$ groove {command}", *said[command].splitlines()]
    return "\n" + "".join(f"    {line}".rstrip() + "\n" for line in lines) + "\n"


if __name__ == "__main__":
    main()
