"""groove(1), the manual page, from the same commands and options as the help."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any

import typer.main

from groovecli import __version__
from groovecli.cli.app import COMMANDS, app
from groovecli.cli.help import first_line, panels
from groovecli.cli.options import ALWAYS
from groovecli.cli.settings import SETTINGS

_ABOUT = "Every command prints its answer on standard output, the rest on standard error."
_EXIT_CODES = (
    ("0", "Done."),
    ("1", "Failed; the error says why."),
    ("2", "Wrong options or arguments."),
    ("3", "Done, but some files failed; they are listed."),
    ("129", "Stopped by SIGHUP, as where the terminal was closed; the same command goes on."),
    ("130", "Stopped by Ctrl-C; the same command goes on."),
    ("143", "Stopped by SIGTERM; the same command goes on."),
)


def page() -> str:
    """The manual page in roff."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    root: Any = typer.main.get_command(app)
    context: Any = root.make_context("groove", ["help"], resilient_parsing=True)
    yield f'.TH GROOVE 1 "" "groove {__version__}" "User Commands"'
    yield from (".SH NAME", f"groove \\- {_plain(first_line(root.help))}")
    yield from (".SH SYNOPSIS", ".B groove", ".I COMMAND", "[OPTIONS]")
    yield from (".SH COMMANDS", _ABOUT)
    for name in COMMANDS:
        yield from _command(context, name.split())
    yield ".SH OPTIONS OF EVERY COMMAND"
    yield from _rows([("--json", "Print the answer, or the error, as JSON.")])
    yield from _rows(row for panel, rows in panels(context) if panel == ALWAYS for row in rows)
    yield ".SH EXIT STATUS"
    yield from _rows(_EXIT_CODES)
    yield ".SH ENVIRONMENT"
    yield from _rows(
        [("GROOVE_HOME", "Folder where groove keeps models, datasets and what it computed.")]
        + [(setting.envvar, setting.help) for setting in SETTINGS]
    )
    yield ".SH FILES"
    yield from _rows(
        [("groove.toml", "Settings of a working folder. `groove config` lists all places and values.")]
    )


def _command(context: Any, words: list[str]) -> Iterator[str]:
    """A command with its options by panel, without those of every command."""
    below = context
    for word in words:
        command = below.command.commands[word]
        below = type(below)(command, info_name=word, parent=below)
    yield f".SS {_plain(' '.join([below.command_path, *below.command.collect_usage_pieces(below)]))}"
    yield _plain(" ".join(inspect.cleandoc(below.command.help or "").split()))
    yield ".PP"
    yield f"Example: \\fB{_plain(below.command.epilog)}\\fR"
    for panel, rows in panels(below):
        if panel != ALWAYS:
            yield from (".PP", f"{panel}:")
            yield from _rows(rows)


def _rows(rows: Any) -> Iterator[str]:
    """Terms in bold with what they mean."""
    for term, text in rows:
        yield from (".TP", f"\\fB{_plain(term)}\\fR", _plain(text))


def _plain(text: str) -> str:
    """Text as roff prints it letter by letter."""
    text = text.replace("\\", "\\\\").replace("-", "\\-")
    return re.sub(r"^([.'])", r"\\&\1", text, flags=re.MULTILINE)


if __name__ == "__main__":
    print(page(), end="")
