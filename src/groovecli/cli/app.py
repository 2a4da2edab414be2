"""The `groove` command: its subcommands, its settings, and the one catch of every error."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from groovecli import __version__
from groovecli.cli import interrupts, options, render, streams
from groovecli.cli.commands import (
    add_genre,
    classify,
    cluster,
    compare,
    completion,
    demo,
    embed,
    evaluate,
    ingest,
    leakage,
    remove_genre,
    train,
)
from groovecli.cli.commands.config import config
from groovecli.cli.commands.models import export, pull, remove, show, use
from groovecli.cli.commands.models.list import list_models, models
from groovecli.cli.places import about_home, home_refused
from groovecli.cli.settings import file_values
from groovecli.errors import ExitCode, GrooveError
from groovecli.paths import expanded

# A name of two words is a command of a group, whose own name is what it does alone.
COMMANDS: dict[str, Callable[..., Any]] = {
    "ingest": ingest.ingest,
    "train": train.train,
    "evaluate": evaluate.evaluate,
    "leakage": leakage.leakage,
    "compare": compare.compare,
    "classify": classify.classify,
    "embed": embed.embed,
    "cluster": cluster.cluster,
    "add-genre": add_genre.add_genre,
    "remove-genre": remove_genre.remove_genre,
    "models": models,
    "models list": list_models,
    "models show": show.show,
    "models pull": pull.pull,
    "models use": use.use,
    "models remove": remove.remove,
    "models export": export.export,
    "demo": demo.demo,
    "config": config,
    "completion": completion.completion,
}


_ANYWHERE = ("--quiet", "-q", "--debug")


class GrooveCommand(TyperCommand):
    """Takes ~ for the user's home in every path, which shells leave alone in --option=~/folder."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        for name, value in ctx.params.items():
            if isinstance(value, Path):
                ctx.params[name] = expanded(value)
            elif isinstance(value, list | tuple):
                ctx.params[name] = [expanded(each) if isinstance(each, Path) else each for each in value]
        return super().invoke(ctx)


class GrooveGroup(TyperGroup):
    """Turns a GrooveError from any command into one line on stderr and its exit code."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Take --quiet and --debug after the command's name too."""
        end = args.index("--") if "--" in args else len(args)
        early = [arg for arg in args[:end] if arg in _ANYWHERE]
        rest = [arg for arg in args[:end] if arg not in _ANYWHERE]
        return super().parse_args(ctx, early + rest + args[end:])

    def invoke(self, ctx: Any) -> Any:
        """Run a command."""
        try:
            with interrupts.at_work():
                return super().invoke(ctx)
        except GrooveError as error:
            if ctx.params.get("debug"):
                raise
            render.error(about_home(options.as_option(error)))
            raise typer.Exit(error.exit_code) from error
        except PermissionError as error:
            failure = home_refused(error)
            if failure is None or ctx.params.get("debug"):
                raise
            render.error(failure)
            raise typer.Exit(failure.exit_code) from error
        except KeyboardInterrupt:
            render.note("interrupted")
            raise typer.Exit(ExitCode.INTERRUPTED) from None


app = typer.Typer(
    cls=GrooveGroup,
    name="groove",
    help="Learn the genres of your music, name the genre of any song, cut a library into playlists.",
    epilog="Start with: groove demo. Exit codes: 0 done, 1 failed, 2 usage, 3 done but some files failed, "
    "130 interrupted.",
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
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no notes.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,  # noqa: ARG001
) -> None:
    """Settings of every command: the config files' values are defaults."""
    render.be_quiet(quiet)
    values = {name: setting.value for name, setting in file_values().items()}
    ctx.default_map = {}
    for name in COMMANDS:
        below: dict[str, Any] = ctx.default_map
        for word in name.split():
            below = below.setdefault(word, dict(values))


def _register() -> None:
    """Make every command known to typer."""
    groups = {name.split()[0]: typer.Typer() for name in COMMANDS if " " in name}
    for name, function in COMMANDS.items():
        group, _, own = name.rpartition(" ")
        if name in groups:
            app.add_typer(groups[name], name=name)
            groups[name].callback(invoke_without_command=True)(function)
        else:
            (groups[group] if group else app).command(own, cls=GrooveCommand)(function)


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
        if isinstance(error, GrooveError):  # of no command: the help's, or an answer's last lines
            render.error(error)
            raise SystemExit(error.exit_code) from error
        render.unexpected(error)
        raise SystemExit(ExitCode.FAILED) from error
