"""Draw the README's picture from a real run: `python docs/screenshot.py`.

Commands run on the demo music with the shipped model, in a folder of their own; what they print
becomes docs/groove.svg.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

from groovecli.home import shipped

COMMANDS = (
    "classify Music/orchestral --top 2",
    "cluster Music --out playlists",
)


def main() -> None:
    """Run the commands and write the picture."""
    console = Console(record=True, width=100, file=open(os.devnull, "w"))  # noqa: SIM115
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(shipped("demo"), Path(folder, "Music"))
        for command in COMMANDS:
            done = subprocess.run(
                [sys.executable, "-m", "groovecli", *command.split()],
                cwd=folder,
                env={**os.environ, "GROOVE_HOME": str(Path(folder, "home"))},
                capture_output=True,
                text=True,
                check=True,
            )
            console.print(Text(f"$ groove {command}", style="bold green"))
            console.print(Text(done.stdout.rstrip() + "\n"))
    picture = re.sub(r"@font-face \{.*?\}\s*", "", console.export_svg(title="groove"), flags=re.DOTALL)
    Path(__file__).with_name("groove.svg").write_text(picture, "utf-8")  # loads no font from elsewhere


if __name__ == "__main__":
    main()
