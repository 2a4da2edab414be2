"""Runs commands whose standard streams are closed, full, or read by nobody; one process, a fork a command.

Starting Python and importing PyTorch anew for each would take minutes. Reads the cases as JSON from
standard input, and prints what came of them.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from groovecli.actions import add_genre, classify, cluster, compare, embed, evaluate, ingest, train  # noqa: F401
from groovecli.cli.app import main


def redirect(fd: int, how: str, file: str) -> None:
    """Make a stream "closed", "full", "left" by its reader, or a file."""
    if how == "closed":
        os.close(fd)
        return
    if how == "left":
        reader, target = os.pipe()
        os.close(reader)
    else:
        target = os.open("/dev/full" if how == "full" else file, os.O_WRONLY | os.O_CREAT)
    os.dup2(target, fd)
    os.close(target)


def child(case: dict[str, Any], files: list[str]) -> int:
    for fd, name, file in zip((1, 2), ("stdout", "stderr"), files, strict=True):
        stream = getattr(sys, name)
        stream.reconfigure(encoding=case.get("encoding", "utf-8"), errors="strict")
        redirect(fd, case[name], file)
        if case[name] == "closed":
            setattr(sys, name, None)
    sys.argv = ["groove", *case["args"]]
    try:
        main()
    except SystemExit as done:
        return int(done.code or 0)
    return 99


def run(case: dict[str, Any]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        files = [f"{folder}/{name}" for name in ("stdout", "stderr")]
        pid = os.fork()
        if not pid:
            code = 98
            try:
                code = child(case, files)
            finally:
                os._exit(code)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        texts = [Path(file).read_bytes() if os.path.exists(file) else b"" for file in files]
    return {"code": code, "stdout": texts[0].decode("latin-1"), "stderr": texts[1].decode("latin-1")}


if __name__ == "__main__":
    print(json.dumps([run(case) for case in json.load(sys.stdin)]))
