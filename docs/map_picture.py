"""Draw the picture of the map that leads README and guide: `python docs/map_picture.py`.

`groove map` runs on the demo music with the included model; a headless Chromium opens the page, clicks a
song, and takes the picture: docs/map.png.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from groovecli.home import shipped

ROOT = Path(__file__).parent.parent
SONG = "Shawn Parrotte – Graveyard"


def main() -> None:
    """Make the map, open it, click, take the picture."""
    sys.path.insert(0, str(ROOT))
    from tests.browser.chromium import Browser, find

    program = find()
    if program is None:
        raise SystemExit("no Chromium in PATH")
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(shipped("demo"), Path(folder, "Music"))
        subprocess.run(
            [sys.executable, "-m", "groovecli", "map", "Music"],
            cwd=folder,
            env={**os.environ, "GROOVE_HOME": str(Path(folder, "home"))},
            check=True,
        )
        browser = Browser(program)
        with browser.page(Path(folder, "map.html"), width=1200, height=820) as page:
            page.until("document.documentElement.dataset.ready", 20)
            x, y = page.run("groove.map.at(groove.map.find(song))", song=SONG)
            page.mouse("mouseMoved", x, y)
            page.mouse("mousePressed", x, y, button="left", clickCount=1)
            page.mouse("mouseReleased", x, y, button="left", clickCount=1)
            page.until("document.querySelector('audio').currentTime > 0")
            page.run("new Promise((done) => setTimeout(done, 500))")
            page.screenshot(ROOT / "docs" / "map.png")
        browser.close()


if __name__ == "__main__":
    main()
