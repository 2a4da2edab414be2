"""`groove demo`."""

from __future__ import annotations

import os
import shlex
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from groovecli.cli import render
from groovecli.errors import ExitCode
from groovecli.messages import words
from groovecli.messages.options import folder_in_use

_EPOCHS = 12


def demo(
    ctx: typer.Context,
    out: Annotated[Path, typer.Option(help="Folder to work in.")] = Path("groove-demo"),
) -> None:
    """Run the main line on thirty free songs, showing each command before it runs."""
    from groovecli.home import shipped

    started = time.monotonic()
    if out.exists() and not (out / "home").is_dir() and any(out.iterdir()):
        raise folder_in_use(out)
    library = _copied(shipped("demo"), out / "music")
    _shown(f"export GROOVE_HOME={shlex.quote(str(out / 'home'))}")
    os.environ["GROOVE_HOME"] = str((out / "home").absolute())
    for command in _commands(library, out):
        _run(ctx.find_root().command, command)
    render.note("")
    render.answer(
        f"done in {words.duration(time.monotonic() - started)}; look at {out / 'report' / 'index.html'}"
        f" and play {out / 'playlists'}"
    )
    render.next_step("groove ingest ~/Music")


def _copied(source: Path, library: Path) -> Path:
    """The demo songs in a folder that a person can see; what is there stays."""
    import shutil

    from groovecli.files import storage_errors

    with storage_errors(library):
        for folder in sorted(path for path in source.iterdir() if path.is_dir()):
            (library / folder.name).mkdir(parents=True, exist_ok=True)
            for song in sorted(folder.glob("*.opus")):
                if not (library / folder.name / song.name).exists():
                    shutil.copyfile(song, library / folder.name / song.name)
        shutil.copyfile(source / "ATTRIBUTION.csv", library / "ATTRIBUTION.csv")
    return library


def _commands(library: Path, out: Path) -> list[list[str]]:
    song = str(next(library.glob("metal/*.opus")))
    return [
        ["ingest", str(library), "--split-by", "artist"],
        ["train", "--epochs", str(_EPOCHS)],
        ["evaluate", "--report", str(out / "report")],
        ["classify", song],
        ["embed", str(library), "--out", str(out / "songs.npz"), "--plot", str(out / "songs.png")],
        ["cluster", str(library), "--out", str(out / "playlists"), "--preview"],
    ]


def _shown(command: str) -> None:
    render.note("")
    render.note(f"$ {command}")


def _run(groove: Any, arguments: list[str]) -> None:
    """Run a command of groove's as the user would, in this process."""
    _shown(f"groove {shlex.join(arguments)}")
    try:
        code = groove.main(arguments, standalone_mode=False, prog_name="groove")
    except typer.Exit as done:
        code = done.exit_code
    if code not in (None, ExitCode.OK):
        raise typer.Exit(code)
