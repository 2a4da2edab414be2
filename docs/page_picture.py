"""Draw the guide's picture of a page from a real run: `python docs/page_picture.py`; needs Chromium.

Runs `groove report` on the demo music with the included model, and writes docs/guide/report.png.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.browser.chromium import PROGRAMS, Browser, find

from groovecli.home import shipped

OUT = Path(__file__).parent / "guide" / "report.png"
WIDTH, HEIGHT = 1024, 1100
_COLOURS = 64


def main() -> None:
    """Write the top of the page as a small PNG."""
    program = find()
    if program is None:
        raise SystemExit(f"no {', '.join(PROGRAMS)} in PATH")
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(shipped("demo"), Path(folder, "Music"))
        command = [sys.executable, "-m", "groovecli", "report", "Music", "--describe"]
        home = {"GROOVE_HOME": str(Path(folder, "home"))}
        subprocess.run(command, cwd=folder, env={**os.environ, **home}, check=True, capture_output=True)
        browser = Browser(program)
        with browser.page(Path(folder, "report.html"), width=WIDTH, height=HEIGHT) as page:
            page.screenshot(OUT)
        browser.close()
    with Image.open(OUT) as picture:
        picture.convert("RGB").quantize(_COLOURS).save(OUT, optimize=True)


if __name__ == "__main__":
    main()
