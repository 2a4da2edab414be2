"""The `groove` command: its subcommands, its settings, and the one catch of every error."""

from __future__ import annotations

import os
import sys
import time
from typing import Annotated, Any

import typer

from groovecli import __version__
from groovecli.cli import interrupts, options, render, streams
from groovecli.cli.group import GrooveGroup, say
from groovecli.cli.rows import Row, commands_of
from groovecli.cli.settings import file_values
from groovecli.errors import GrooveError
from groovecli.messages.training import not_in_several
from groovecli.workers.ranks import own_rank

_HEARD_S = 5.0
LISTEN, TIDY, TEACH, RESEARCH, GROOVE = "Listen", "Tidy up", "Teach", "Research", "groove"


# A name of two words is a command of a group, whose own name is what it does alone.
COMMANDS = {
    "classify": Row("classify:classify", LISTEN, "Name the genre of songs", "groove classify song.mp3"),
    "similar": Row(
        "similar:similar",
        LISTEN,
        "List the songs that sound most like a song",
        "groove similar song.mp3 --count 10",
    ),
    "between": Row(
        "between:between",
        LISTEN,
        "Lead from one song to another through songs between them",
        "groove between first.mp3 last.mp3 --count 12",
    ),
    "why": Row(
        "why:why", LISTEN, "Say how alike two songs are, where and in what", "groove why one.mp3 other.mp3"
    ),
    "map": Row(
        "map:map_library",
        LISTEN,
        "Draw your music as a map that you can play",
        "groove map ~/Music --out map.html",
    ),
    "search": Row(
        "search:search",
        LISTEN,
        "List the songs that fit words best, such as: slow sad piano",
        "groove search slow sad piano",
    ),
    "cluster": Row(
        "cluster:cluster",
        LISTEN,
        "Make playlists of songs that sound alike",
        "groove cluster ~/Music --out playlists",
    ),
    "describe": Row(
        "describe:describe",
        LISTEN,
        "Measure tempo, key, loudness and brightness of songs",
        "groove describe ~/Music --out songs.csv",
    ),
    "duplicates": Row(
        "duplicates:duplicates",
        TIDY,
        "List files of one recording, and which is the best",
        "groove duplicates ~/Music --out duplicates.m3u8",
    ),
    "audit": Row(
        "audit:audit",
        TIDY,
        "List songs that are likely in the wrong genre folder",
        "groove audit ~/Music --plan plan.json",
    ),
    "apply": Row(
        "apply:apply", TIDY, "Move or tag songs as a plan says", "groove apply plan.json --dry-run"
    ),
    "undo": Row("undo:undo", TIDY, "Take the last `groove apply` or `groove tag` back", "groove undo"),
    "tag": Row(
        "tag:tag",
        TIDY,
        "Write genres into songs' tags where they are sure enough",
        "groove tag ~/Music --dry-run",
    ),
    "check-playlist": Row(
        "check_playlist:check_playlist",
        TIDY,
        "Check which players find the songs of a playlist",
        "groove check-playlist playlists --music ~/Music",
    ),
    "ingest": Row(
        "ingest:ingest",
        TEACH,
        "Read a music library and prepare it for training",
        "groove ingest ~/Music --split-by artist",
    ),
    "train": Row(
        "train:train", TEACH, "Train a network on an ingested library", "groove train --network transfer"
    ),
    "evaluate": Row(
        "evaluate:evaluate",
        TEACH,
        "Measure how many test songs a model names right",
        "groove evaluate --report report",
    ),
    "add-genre": Row(
        "add_genre:add_genre",
        TEACH,
        "Add a genre to a dataset, to a model, or to both",
        "groove add-genre metal ~/metal --train",
    ),
    "remove-genre": Row(
        "remove_genre:remove_genre",
        TEACH,
        "Take genres out of a dataset",
        "groove remove-genre metal --dry-run",
    ),
    "compare": Row(
        "compare:compare",
        RESEARCH,
        "Find the best network for your library",
        "groove compare --network time-cnn,dense --minutes 10",
    ),
    "leakage": Row(
        "leakage:leakage",
        RESEARCH,
        "Check whether an accuracy is real, and find duplicates",
        "groove leakage --network time-cnn --minutes 10",
    ),
    "embed": Row(
        "embed:embed",
        RESEARCH,
        "Write numbers (a vector) for each song, or draw a map",
        "groove embed ~/Music --out songs.npz --plot songs.svg",
    ),
    "demo": Row("demo:demo", GROOVE, "Try groove on 30 included songs", "groove demo"),
    "report": Row(
        "report:report",
        GROOVE,
        "Say how well near songs match, and what your music holds",
        "groove report ~/Music --out report.html",
    ),
    "models": Row(
        "models.list:models", GROOVE, "List, choose, download and export models", "groove models"
    ),
    "models list": Row(
        "models.list:list_models",
        GROOVE,
        "List your models, and the networks you can train",
        "groove models list --json",
    ),
    "models show": Row(
        "models.show:show", GROOVE, "Show everything about a model", "groove models show groove-net"
    ),
    "models use": Row(
        "models.use:use",
        GROOVE,
        "Choose the model that groove uses, or show the choice",
        "groove models use time-cnn-1",
    ),
    "models pull": Row(
        "models.pull:pull",
        GROOVE,
        "Download published models from PyPI, once",
        "groove models pull musicnn",
    ),
    "models remove": Row(
        "models.remove:remove",
        GROOVE,
        "Delete a model and everything in its folder",
        "groove models remove time-cnn-1",
    ),
    "models export": Row(
        "models.export:export",
        GROOVE,
        "Write a model as an ONNX file, for programs without PyTorch",
        "groove models export groove-net --out groove-net.onnx",
    ),
    "status": Row(
        "status:status",
        GROOVE,
        "Show what is analysed, what is missing, and disk use",
        "groove status --failed",
    ),
    "doctor": Row(
        "doctor:doctor",
        GROOVE,
        "Check that groove can work here, and say what to do if not",
        "groove doctor",
    ),
    "verify": Row(
        "verify:verify",
        GROOVE,
        "Check what groove has stored, and repair what is damaged",
        "groove verify --sample 20",
    ),
    "analyses": Row(
        "analyses:analyses",
        GROOVE,
        "Move analyses from one machine to another",
        "groove analyses export analyses.zip",
    ),
    "analyses export": Row(
        "analyses:export",
        GROOVE,
        "Write all analyses into one file, for another machine",
        "groove analyses export analyses.zip",
    ),
    "analyses import": Row(
        "analyses:import_analyses",
        GROOVE,
        "Add another machine's analyses to yours",
        "groove analyses import analyses.zip",
    ),
    "clean": Row(
        "clean:clean",
        GROOVE,
        "Free disk space: say what can go, ask, and remove it",
        "groove clean --dry-run",
    ),
    "config": Row(
        "config:config", GROOVE, "Show settings, and where groove keeps its files", "groove config"
    ),
    "completion": Row(
        "completion:completion",
        GROOVE,
        "Print the completion script of your shell",
        "groove completion bash",
    ),
    "help": Row("help_command:help_command", GROOVE, "Show the help of a command", "groove help classify"),
}


class Groove(GrooveGroup):
    """groove with its commands."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = commands_of(COMMANDS)


app = typer.Typer(
    cls=Groove,
    name="groove",
    help="Sort your music by sound: name genres, make playlists.",
    epilog="groove demo",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"groove {__version__}")
        raise typer.Exit


@app.callback()
def main_options(
    ctx: typer.Context,
    version: Annotated[  # noqa: ARG001
        bool,
        typer.Option(
            "--version",
            callback=_version,
            is_eager=True,
            help="Show the version.",
            rich_help_panel=options.ALWAYS,
        ),
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", hidden=True)] = False,
    wide: Annotated[bool, typer.Option("--wide", hidden=True)] = False,
    color: Annotated[str, typer.Option("--color", hidden=True)] = "auto",
    debug: Annotated[bool, typer.Option("--debug", hidden=True)] = False,  # noqa: ARG001
) -> None:
    """Settings of every command: the config files' values are defaults."""
    rank = own_rank()
    if rank.n > 1 and ctx.invoked_subcommand not in (None, "train"):
        raise not_in_several(ctx.invoked_subcommand)
    render.be_quiet(quiet or not rank.is_first)
    render.be_wide(wide)
    render.set_color(options.choice("--color", color, "auto", "always", "never"))
    values = {name: setting.value for name, setting in file_values().items()}
    ctx.default_map = {}
    for name in COMMANDS:
        below: dict[str, Any] = ctx.default_map
        for word in name.split():
            below = below.setdefault(word, dict(values))


def main() -> None:
    """Run `groove`."""
    # Waiting OpenMP threads that spin bring a busy machine down; must be set before torch loads.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    streams.prepare()
    if own_rank().is_first:
        _run()
        return
    streams.be_silent()
    try:
        _run()
    except SystemExit as end:
        if end.code:  # torchrun ends all processes with it: let the first one say why
            time.sleep(_HEARD_S)
        raise


def _run() -> None:
    try:
        try:
            app(prog_name="groove")
        finally:
            interrupts.end_in_a_hurry()
            interrupts.leave_workers()
            sys.stdout.flush()  # at the interpreter's end it would be too late to say that it failed
    except Exception as error:
        if "--debug" in sys.argv:
            raise
        # One of groove's own is of no command: the help's, or an answer's last lines.
        failure = error if isinstance(error, GrooveError) else render.unforeseen(error)
        say(failure, as_json="--json" in sys.argv)
        raise SystemExit(failure.exit_code) from error
