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
_BEFORE_TRAINING = (
    "So far the included model answered: it needs no training.",
    "Now a network learns these five genres from twenty songs, to show how it is done.",
    "So few songs don't make a good model.",
)
_AFTER_TRAINING = (
    "Ten test songs say little: look at the margin of error beside each figure.",
    "With few songs of your own, start from the included model: `groove train --network transfer`.",
)


def demo(
    ctx: typer.Context,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="Folder to work in.")] = Path(
        "groove-demo"
    ),
) -> None:
    """Try groove on 30 included songs."""
    from groovecli.home import shipped

    started = time.monotonic()
    if out.exists() and not (out / "home").is_dir() and any(out.iterdir()):
        raise folder_in_use(out)
    library = _copied(shipped("demo"), out / "music")
    _shown(f"export GROOVE_HOME={shlex.quote(str(out / 'home'))}")
    os.environ["GROOVE_HOME"] = str((out / "home").absolute())
    groove = ctx.find_root().command
    for command in _at_once(library, out):
        _run(groove, command)
    _explained(_BEFORE_TRAINING)
    for command in _training(library, out):
        _run(groove, command)
    _explained(_AFTER_TRAINING)
    render.note("")
    render.answer(f"play {out / 'playlists'}, open {out / 'report' / 'index.html'}")
    render.summary(f"done in {words.duration(time.monotonic() - started)}: all files are in {out}")
    render.next_step("groove classify ~/Music")


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


def _at_once(library: Path, out: Path) -> list[list[str]]:
    """What the included model does, without training."""
    return [
        ["classify", str(library / "orchestral")],
        ["cluster", str(library), "--out", str(out / "playlists"), "--preview"],
        ["embed", str(library), "--out", str(out / "songs.npz"), "--plot", str(out / "songs.png")],
    ]


def _training(library: Path, out: Path) -> list[list[str]]:
    """A network of one's own, on the demo's genres."""
    return [
        ["ingest", str(library), "--split-by", "artist"],
        ["train", "--epochs", str(_EPOCHS)],
        ["evaluate", "--report", str(out / "report")],
    ]


def _explained(lines: tuple[str, ...]) -> None:
    render.note("")
    for line in lines:
        render.note(f"# {line}")


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
