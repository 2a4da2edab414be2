"""What every command of groove has in common: its help, options anywhere, the one catch of every error."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from groovecli.cli import interrupts, options, parser_errors, render, streams
from groovecli.cli.empty_paths import check_paths
from groovecli.cli.help import Help, write_panel
from groovecli.cli.places import about_home, check_working_folder, home_refused
from groovecli.errors import ExitCode, GrooveError, ProcessFailed
from groovecli.paths import expanded

_ANYWHERE = ("--quiet", "-q", "--debug", "--wide")
_COLOR = "--color"


class GrooveCommand(Help, TyperCommand):
    """A command whose paths may begin with ~, which shells leave alone in --option=~/folder."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the arguments; an empty one is no path, though Python takes it for the working folder."""
        check_paths(self.callback or (lambda: None), self.params, args)
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        for name, value in ctx.params.items():
            if isinstance(value, Path):
                ctx.params[name] = expanded(value)
            elif isinstance(value, list | tuple):
                ctx.params[name] = [expanded(each) if isinstance(each, Path) else each for each in value]
        return super().invoke(ctx)


class CommandGroup(Help, TyperGroup):
    """A group of commands, whose help lists them by panel."""

    def more_usage(self) -> list[str]:
        """A command of the group follows."""
        return ["COMMAND" if not self.invoke_without_command else "[COMMAND]"]

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        """The names of the commands, of which none is built for it."""
        return list(self.commands)

    def format_more(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002
        """Write the commands, a panel each."""
        rows: dict[str, Any] = self.commands.rows  # type: ignore[attr-defined]
        width = max(map(len, rows))
        for panel in dict.fromkeys(row.panel for row in rows.values()):
            shown = [(name, row.about) for name, row in rows.items() if row.panel == panel]
            write_panel(formatter, panel, shown, width)


class GrooveGroup(CommandGroup):
    """groove itself: every error, its own and the parser's, is said in one voice."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Take the options of every command after the command's name too."""
        end = args.index("--") if "--" in args else len(args)
        early, rest = _sorted(args[:end])
        if rest[:1] == ["--json"]:  # typed before the command, which has it
            rest = [*rest[1:], "--json"]
        return super().parse_args(ctx, early + rest + args[end:])

    def main(self, args: Any = None, *, standalone_mode: bool = True, **extra: Any) -> Any:  # type: ignore[override]
        """Run groove, and end the process unless `standalone_mode` is False."""
        if not standalone_mode:
            return super().main(args, standalone_mode=False, **extra)
        given = list(sys.argv[1:] if args is None else args)
        try:
            code = super().main(args, standalone_mode=False, **extra)
        except parser_errors.KINDS as error:
            if parser_errors.is_help(error):
                typer.echo(error.format_message(), err=True)
            else:
                say(parser_errors.translated(error, self._path(given)), as_json="--json" in given)
            sys.exit(ExitCode.USAGE)
        except typer.Abort:
            typer.echo(err=True)
            sys.exit(ExitCode.FAILED)
        sys.exit(interrupts.said(code) if isinstance(code, int) else ExitCode.OK)

    def _path(self, given: list[str]) -> str:
        """The command that was given, where the parser does not say it."""
        names = [word for word in given if word in self.commands]
        return f"{self.name or 'groove'} {names[0]}" if names else str(self.name or "groove")

    def invoke(self, ctx: Any) -> Any:
        """Run a command."""
        as_json = "--json" in ctx.args
        for module in (r"joblib\.", r"multiprocessing\.resource_tracker"):
            warnings.filterwarnings(
                "ignore", category=UserWarning, module=module
            )  # errors say it as groove
        try:
            check_working_folder()
            with interrupts.at_work():
                return super().invoke(ctx)
        except GrooveError as error:
            if ctx.params.get("debug"):
                raise
            path = f"groove {ctx.invoked_subcommand}"
            say(about_home(options.as_option(error, path)), as_json=as_json)
            raise typer.Exit(error.exit_code) from error
        except PermissionError as error:
            failure = home_refused(error)
            if failure is None or ctx.params.get("debug"):
                raise
            say(failure, as_json=as_json)
            raise typer.Exit(failure.exit_code) from error
        except KeyboardInterrupt:
            render.note("stopped at once")
            interrupts.answer_as_json()
            raise typer.Exit(ExitCode.INTERRUPTED) from None


def say(error: GrooveError, *, as_json: bool) -> None:
    """Print an error on stderr, and as JSON on stdout for whoever asked for JSON.

    Of several processes the first one does; another one only what it alone knows.
    """
    if isinstance(error, ProcessFailed):
        streams.speak()
    render.error(error)
    if as_json:
        fault = {"what": error.what, "hint": error.hint, "code": interrupts.said(error.exit_code)}
        render.as_json({"schema": 1, "error": fault})


def _sorted(args: list[str]) -> tuple[list[str], list[str]]:
    """The options of every command, and the other arguments."""
    early: list[str] = []
    rest: list[str] = []
    words: Iterator[str] = iter(args)
    for word in words:
        if word in _ANYWHERE or word.startswith(f"{_COLOR}="):
            early.append(word)
        elif word == _COLOR:
            early += [word, *([value] if (value := next(words, None)) is not None else [])]
        else:
            rest.append(word)
    return early, rest
