"""Write the tables of options and of commands into README and the guide: `python docs/options.py`.

Each table lies between `<!-- options: COMMAND -->` (or `<!-- commands -->`) and `<!-- end -->`, and
comes from groove's own parser. What stands there before is replaced.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import typer

from groovecli.cli.app import COMMANDS, app

ROOT = Path(__file__).parent.parent
FILES = (ROOT / "README.md", *sorted((ROOT / "docs" / "guide").glob("*.md")))
# Every command has these; the page on files and settings explains them.
EVERYWHERE = {"help", "json", "quiet", "debug", "color"}

_MARKED = re.compile(r"(<!-- (commands|options: ([a-z -]+)) -->\n).*?(<!-- end -->)", re.DOTALL)
_DEFAULT = re.compile(r"\s*\[default: ([^\]]*)\]")


def filled(text: str) -> str:
    """The text of a page with each of its tables written again."""

    def table(found: re.Match[str]) -> str:
        rows = options_of(found[3]) if found[3] else commands()
        return found[1] + "\n" + "\n".join(rows) + "\n\n" + found[4]

    return _MARKED.sub(table, text)


def commands() -> Iterator[str]:
    """A table of all commands with the first sentence of each one's help."""
    yield from ("| command | what it does |", "|---|---|")
    for name in COMMANDS:
        command = _command(name)
        if not command.hidden:
            yield f"| `groove {name}` | {_first_sentence(command.help or '')} |"


def options_of(name: str) -> Iterator[str]:
    """A table of a command's arguments and options; those of every command are left out."""
    yield from ("| option | what it does | default |", "|---|---|---|")
    params = [
        p for p in _command(name).params if p.name not in EVERYWHERE and not getattr(p, "hidden", False)
    ]
    panels: dict[str, int] = {}
    for param in params:
        panels.setdefault(_panel(param), len(panels))
    for panel, group in groupby(sorted(params, key=lambda p: panels[_panel(p)]), _panel):
        if len(panels) > 1 and panel:
            yield f"| **{panel}** | | |"
        for param in group:
            yield f"| {_names(param)} | {_meaning(param)} | {_default(param)} |"


def _command(name: str) -> Any:
    command: Any = typer.main.get_command(app)
    for word in name.split():
        command = command.commands[word]
    return command


def _panel(param: Any) -> str:
    return getattr(param, "rich_help_panel", None) or ""


def _names(param: Any) -> str:
    """`-o`, `--out`; an argument has its name in capitals."""
    if param.param_type_name == "argument":
        return f"`{(param.metavar or param.name).strip('{}[].').upper()}`"
    names = sorted([*param.opts, *param.secondary_opts], key=lambda name: name.startswith("--"))
    return ", ".join(f"`{name}`" for name in names)


def _meaning(param: Any) -> str:
    return _safe(_DEFAULT.sub("", param.help or "").strip())


def _default(param: Any) -> str:
    """What the help says of the default, else the value; nothing for switches that are off."""
    said = _DEFAULT.search(param.help or "")
    value = (
        said[1] if said else param.show_default if isinstance(param.show_default, str) else param.default
    )
    if param.required:
        return "needed"
    if value is None or value is False or value in ((), [], ""):
        return ""
    if value is True:
        return "on"
    return _safe(", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value))


def _first_sentence(text: str) -> str:
    return _safe(re.split(r"(?<=\.)\s", " ".join(text.split()))[0])


def _safe(text: str) -> str:
    """Text that does not end a cell or begin a tag."""
    return text.replace("|", "\\|").replace("<", "&lt;")


def main() -> None:
    """Write the tables of every page."""
    for path in FILES:
        path.write_text(filled(path.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
