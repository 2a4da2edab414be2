"""The parser's complaints in groove's own voice: what happened, and the command that helps."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Any

from typer.exceptions import TyperException

from groovecli.cli.help import allowed, kind_of, metavar, visible_names
from groovecli.cli.settings import file_values
from groovecli.errors import UsageError
from groovecli.messages import options as messages

KINDS = (TyperException,)
_EXTRA = re.compile(r"Got unexpected extra argument(?:s|\(s\))? \((.*)\)", re.DOTALL)
_NO_COMMAND = re.compile(r"No such command '(.*?)'\.?", re.DOTALL)
_NO_SUCH_VALUE = re.compile(r"Option '(.*?)' does not take a value\.?", re.DOTALL)
_NO_VALUE = re.compile(r"Option '(.*?)' requires (an argument|\d+ arguments)\.?", re.DOTALL)
_KINDS_OF_VALUES = {"N": "a whole number", "X": "a number"}


def is_help(error: Any) -> bool:
    """Whether it is no complaint, but the help that a group without a command shows."""
    return type(error).__name__ == "NoArgsIsHelpError"


def translated(error: Any, path: str) -> UsageError:
    """A complaint of the parser as an error of groove's, of the command `path` unless it names another."""
    ctx: Any = getattr(error, "ctx", None)
    kind = type(error).__name__
    path = ctx.command_path if ctx else path
    if kind == "NoSuchOption":
        return messages.no_such_option(error.option_name, _alike(error.option_name, ctx), path)
    if kind == "MissingParameter":
        return messages.missing(_said(error.param), path, ctx.command.epilog if ctx else None)
    if kind == "BadParameter":
        return _bad_value(error, path)
    text = str(error.message)
    if match := _NO_COMMAND.match(text):
        return messages.no_such_command(match[1], get_close_matches(match[1], ctx.command.commands), path)
    if match := _NO_VALUE.match(text):
        return messages.value_missing(match[1], path)
    if match := _NO_SUCH_VALUE.match(text):
        return messages.takes_no_value(match[1], path)
    if match := _EXTRA.match(text):
        return messages.too_many(match[1], path)
    if text.startswith("Missing command"):
        return messages.command_missing(path)
    return UsageError(text.rstrip("."), f"see `{path} --help`")


def _bad_value(error: Any, path: str) -> UsageError:
    """A value of another kind, or out of range; the parser does not say which value it was."""
    kind, limits = _KINDS_OF_VALUES.get(kind_of(error.param)), allowed(error.param)
    if kind is None:
        return UsageError(f"{_said(error.param)}: {str(error.message).rstrip('.')}", f"see `{path} --help`")
    takes = ", ".join(filter(None, (kind, limits)))
    return messages.must_be(_said(error.param), takes, path, origin=_origin(error))


def _origin(error: Any) -> str:
    """Where a value stands that was not typed: a variable of the environment, or a file of settings."""
    source = error.ctx.get_parameter_source(error.param.name) if error.ctx else None
    if source is None or source.name not in ("ENVIRONMENT", "DEFAULT_MAP"):
        return ""
    if source.name == "ENVIRONMENT":
        return str(error.param.envvar)
    return file_values()[error.param.name].origin


def _said(param: Any) -> str:
    """How a person calls a parameter."""
    if param.param_type_name == "argument":
        return metavar(param)
    names = visible_names(param) or param.opts
    return str(max(names, key=len))


def _alike(option: str, ctx: Any) -> list[str]:
    """The command's options that are spelt much like another."""
    names = {name: name for name in ("--quiet", "--debug", "--color", "--wide", "--help")}
    for param in ctx.command.params if ctx else ():
        if param.param_type_name == "option" and not param.hidden:
            names |= {name: _said(param) for name in param.opts} | {
                name: name for name in param.secondary_opts
            }
    return [names[name] for name in get_close_matches(option, names, n=1, cutoff=0.75)]
