"""The help of commands: one line, one example, options in panels; plain text, for it has to be fast."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from groovecli.cli.options import ALWAYS, OF_NETWORK, OLD_NAMES

OPTIONS = "Options"
WIDTH = 78
_BEYOND = 10**6
_HIDDEN = ("install_completion", "show_completion")  # `groove completion` is the way
_FIRST_COLUMN = 26
_ALWAYS = (
    ("-q, --quiet", "Print the answer and errors only."),
    ("--wide", "Print every column, however narrow the screen."),
    ("--color WHEN", "auto, always or never. [default: auto]"),
    ("--debug", "Show where in the program an error came from."),
)
_METAVARS = {"int": "N", "float": "X", "path": "PATH", "file": "PATH", "directory": "PATH"}


class Help:
    """Base of groove's commands and groups: how their help and their usage are written."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """The usage line behind the command's name."""
        pieces = [_usage(param) for param in ctx.command.params if param.param_type_name == "argument"]
        return ["[OPTIONS]", *pieces, *self.more_usage()]

    def more_usage(self) -> list[str]:
        """What stands last in the usage line."""
        return []

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help of a command."""
        command = ctx.command
        formatter.width = min(formatter.width, WIDTH)
        usage = " ".join((ctx.command_path, *self.collect_usage_pieces(ctx)))
        formatter.write(f"{heading('Usage:')} {usage}\n\n")
        for line in inspect.cleandoc(command.help or "").splitlines():
            formatter.write_text(line) if line else formatter.write("\n")
        if command.epilog:
            formatter.write(f"\n{heading('Example:')} {command.epilog}\n")
        self.format_more(ctx, formatter)
        shown = list(panels(ctx))
        width = max(len(name) for _, rows in shown for name, _ in rows)
        for panel, rows in shown:
            write_panel(formatter, panel, rows, width)

    def format_more(self, ctx: Any, formatter: Any) -> None:
        """Write what stands before the options."""


def heading(text: str) -> str:
    """A heading, bold where a person looks at it."""
    is_plain = "NO_COLOR" in os.environ or os.environ.get("TERM") == "dumb" or not sys.stdout.isatty()
    return text if is_plain else f"\033[1m{text}\033[0m"


def write_panel(formatter: Any, title: str, rows: Iterable[tuple[str, str]], width: int) -> None:
    """Write a heading with its rows in two columns, the first as wide as in the other panels."""
    width = min(width, _FIRST_COLUMN)
    formatter.write(f"\n{heading(title + ':')}\n")
    formatter.current_indent += 2
    formatter.write_dl([(name.ljust(width), text) for name, text in rows], col_max=_FIRST_COLUMN)
    formatter.current_indent -= 2


def panels(ctx: Any) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """A command's arguments and options by panel, as they stand in its help."""
    by_panel: dict[str, list[tuple[str, str]]] = {}
    for param in ctx.command.params:
        is_shown = not getattr(param, "hidden", False) and param.name not in _HIDDEN
        if is_shown and (record := option_row(param, ctx)):
            is_argument = param.param_type_name == "argument"
            panel = "Arguments" if is_argument else param.rich_help_panel or OPTIONS
            by_panel.setdefault(panel, []).append(record)
    always = by_panel.pop(ALWAYS, [])
    yield from by_panel.items()
    yield ALWAYS, [*always, *_ALWAYS, ("-h, --help", "Show this help.")]


def option_row(param: Any, ctx: Any) -> tuple[str, str] | None:
    """An argument or option as its help has it: names and metavar, and what it does with its default."""
    if param.param_type_name == "argument":
        return metavar(param) + ("..." if param.nargs != 1 else ""), _text(param, ctx)
    names = visible_names(param)
    if not names:
        return None
    text = ", ".join(sorted(names, key=len))
    if param.secondary_opts:
        text += f" / {param.secondary_opts[0]}"
    if not param.is_flag:
        text += f" {metavar(param)}"
    return text, _text(param, ctx)


def visible_names(param: Any) -> list[str]:
    """An option's names without those that it had before."""
    return [name for name in param.opts if (param.name, name) not in OLD_NAMES]


def metavar(param: Any) -> str:
    """What stands for a parameter's value."""
    if param.metavar:
        return str(param.metavar)
    if param.param_type_name == "argument":
        return str(param.name).upper()
    return kind_of(param)


def kind_of(param: Any) -> str:
    """What kind of value a parameter takes: N for whole numbers, X for numbers, PATH or TEXT."""
    kind = str(param.display_type(None)).lower()
    return next((metavar for word, metavar in _METAVARS.items() if word in kind), "TEXT")


def _usage(param: Any) -> str:
    name = metavar(param)
    many = "..." if param.nargs != 1 else ""
    return f"{name}{many}" if param.required else f"[{name}{many}]"


def _text(param: Any, ctx: Any) -> str:
    facts = "; ".join(filter(None, (_default(param, ctx), _limits(param))))
    return f"{param.help or ''}{f' [{facts}]' if facts else ''}"


def _default(param: Any, ctx: Any) -> str:
    """A parameter's default in words; empty where there is none to speak of."""
    if param.required:
        return "required" if param.param_type_name == "option" else ""
    if isinstance(param.show_default, str):
        return _of_network(param) if param.show_default == OF_NETWORK else f"default: {param.show_default}"
    value = param.get_default(ctx, call=False)
    if value is None or value is False or value == "" or isinstance(value, list | tuple):
        return ""
    if param.is_flag if param.param_type_name == "option" else False:
        return f"default: {param.opts[0] if value else param.secondary_opts[0]}"
    return f"default: {value:g}" if isinstance(value, float) else f"default: {value}"


def _of_network(param: Any) -> str:
    """The value that the network which is trained by default has."""
    from groovecli.networks.registry import MODELS

    value = getattr(MODELS["time-cnn"].defaults, param.name)
    text = "none" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
    return f"{text} for time-cnn"


def _limits(param: Any) -> str:
    """What a parameter takes, without a limit that no person meets."""
    return allowed(param) if (getattr(param, "max", None) or 0) < _BEYOND else ""


def allowed(param: Any) -> str:
    """The numbers that a parameter takes: '1 or more', '0 to 1'; empty where it takes all."""
    low, high = getattr(param, "min", None), getattr(param, "max", None)
    if low is not None and high is not None:
        return f"{low:g} to {high:.10g}"
    if low is not None:
        return f"{low:g} or more"
    return "" if high is None else f"{high:g} or less"


def first_line(text: str | None) -> str:
    """The line of a command in a list of commands."""
    return inspect.cleandoc(text or "").partition("\n")[0].rstrip(".")
