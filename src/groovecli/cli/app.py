"""The `groove` command: its subcommands, its settings, and the one catch of every error."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from groovecli import __version__
from groovecli.cli import options, render, streams
from groovecli.cli.commands import (
    add_genre,
    classify,
    cluster,
    compare,
    completion,
    demo,
    embed,
    evaluate,
    help_command,
    ingest,
    leakage,
    remove_genre,
    train,
)
from groovecli.cli.commands.config import config
from groovecli.cli.commands.models import export, pull, remove, show, use
from groovecli.cli.commands.models.list import list_models, models
from groovecli.cli.group import CommandGroup, GrooveCommand, GrooveGroup, say
from groovecli.cli.settings import file_values
from groovecli.errors import GrooveError

LISTEN, TEACH, RESEARCH, GROOVE = "Listen", "Teach", "Research", "groove"


@dataclass(frozen=True)
class Row:
    """A command: what runs it, in which panel of the help it stands, and one line to type."""

    function: Callable[..., Any]
    panel: str
    example: str


# A name of two words is a command of a group, whose own name is what it does alone.
COMMANDS = {
    "classify": Row(classify.classify, LISTEN, "groove classify song.mp3"),
    "cluster": Row(cluster.cluster, LISTEN, "groove cluster ~/Music --out playlists"),
    "ingest": Row(ingest.ingest, TEACH, "groove ingest ~/Music --split-by artist"),
    "train": Row(train.train, TEACH, "groove train --network transfer"),
    "evaluate": Row(evaluate.evaluate, TEACH, "groove evaluate --report report"),
    "add-genre": Row(add_genre.add_genre, TEACH, "groove add-genre metal ~/metal --train"),
    "remove-genre": Row(remove_genre.remove_genre, TEACH, "groove remove-genre metal --dry-run"),
    "compare": Row(compare.compare, RESEARCH, "groove compare --network time-cnn,dense --minutes 10"),
    "leakage": Row(leakage.leakage, RESEARCH, "groove leakage --network time-cnn --minutes 10"),
    "embed": Row(embed.embed, RESEARCH, "groove embed ~/Music --out songs.npz --plot songs.svg"),
    "demo": Row(demo.demo, GROOVE, "groove demo"),
    "models": Row(models, GROOVE, "groove models"),
    "models list": Row(list_models, GROOVE, "groove models list --json"),
    "models show": Row(show.show, GROOVE, "groove models show groove-net"),
    "models use": Row(use.use, GROOVE, "groove models use time-cnn-1"),
    "models pull": Row(pull.pull, GROOVE, "groove models pull musicnn"),
    "models remove": Row(remove.remove, GROOVE, "groove models remove time-cnn-1"),
    "models export": Row(export.export, GROOVE, "groove models export groove-net --out groove-net.onnx"),
    "config": Row(config, GROOVE, "groove config"),
    "completion": Row(completion.completion, GROOVE, "groove completion bash"),
    "help": Row(help_command.help_command, GROOVE, "groove help classify"),
}

app = typer.Typer(
    cls=GrooveGroup,
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
    render.be_quiet(quiet)
    render.be_wide(wide)
    render.set_color(options.choice("--color", color, "auto", "always", "never"))
    values = {name: setting.value for name, setting in file_values().items()}
    ctx.default_map = {}
    for name in COMMANDS:
        below: dict[str, Any] = ctx.default_map
        for word in name.split():
            below = below.setdefault(word, dict(values))


def _register() -> None:
    """Make every command known to typer."""
    groups = {name.split()[0]: typer.Typer(cls=CommandGroup) for name in COMMANDS if " " in name}
    for name, row in COMMANDS.items():
        group, _, own = name.rpartition(" ")
        if name in groups:
            about = inspect.cleandoc(row.function.__doc__ or "")
            app.add_typer(
                groups[name], name=name, help=about, epilog=row.example, rich_help_panel=row.panel
            )
            groups[name].callback(invoke_without_command=True)(row.function)
        else:
            place, panel = (groups[group], None) if group else (app, row.panel)
            place.command(own, cls=GrooveCommand, epilog=row.example, rich_help_panel=panel)(row.function)


_register()


def main() -> None:
    """Run `groove`."""
    # Waiting OpenMP threads that spin bring a busy machine down; must be set before torch loads.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    streams.prepare()
    try:
        try:
            app(prog_name="groove")
        finally:
            sys.stdout.flush()  # at the interpreter's end it would be too late to say that it failed
    except Exception as error:
        if "--debug" in sys.argv:
            raise
        # One of groove's own is of no command: the help's, or an answer's last lines.
        failure = error if isinstance(error, GrooveError) else render.unforeseen(error)
        say(failure, as_json="--json" in sys.argv)
        raise SystemExit(failure.exit_code) from error
