"""Run papers.ipynb again and keep its outputs: `python docs/notebook.py MUSIC --genres rock,jazz`.

MUSIC is a folder with one folder per genre; without it the demo's songs are taken.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import nbformat
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).with_name("papers.ipynb")


def main() -> None:
    """Run every cell in a kernel of its own, and write the notebook if none fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("music", metavar="MUSIC", type=Path, nargs="?")
    parser.add_argument("--genres", default="", help="only these, such as rock,jazz")
    parser.add_argument("--epochs", default="20", help="of each network (20)")
    parser.add_argument("--minutes", default="60", help="the most for one training (60)")
    asked = parser.parse_args()
    os.environ["PAPERS_MUSIC"] = str(asked.music.absolute()) if asked.music else ""
    for name in ("genres", "epochs", "minutes"):
        os.environ[f"PAPERS_{name.upper()}"] = getattr(asked, name)
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    where = {"metadata": {"path": str(NOTEBOOK.parent)}}
    NotebookClient(notebook, timeout=None, resources=where, record_timing=False).execute()
    nbformat.write(notebook, NOTEBOOK)


if __name__ == "__main__":
    main()
