"""Write the tables of options and of commands into README and the guide: `python docs/options.py`.

Each table lies between `<!-- options: COMMAND -->` (or `<!-- commands -->`) and `<!-- end -->`, and
comes from groove's own parser. What stands there before is replaced.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from groovecli.cli import help
from groovecli.cli.app import COMMANDS, app
from groovecli.cli.options import ALWAYS

ROOT = Path(__file__).parent.parent
FILES = (ROOT / "README.md", *sorted((ROOT / "docs" / "guide").glob("*.md")))

_LIMITS = re.compile(r"^[-\d.e]+ (or (more|less)|to [-\d.e]+)$")
_MARKED = re.compile(r"(<!-- (commands|options: ([a-z -]+)) -->\n).*?(<!-- end -->)", re.DOTALL)


def filled(text: str) -> str:
    """The text of a page with each of its tables written again."""

    def table(found: re.Match[str]) -> str:
        rows = options_of(found[3]) if found[3] else commands()
        return found[1] + "\n" + "\n".join(rows) + "\n\n" + found[4]

    return _MARKED.sub(table, text)


def commands() -> Iterator[str]:
    """A table of all commands, in the panels of `groove --help`, with one line each."""
    yield from ("| command | what it does |", "|---|---|")
    rows = [(row.panel, name, _command(name)) for name, row in COMMANDS.items()]
    for panel in dict.fromkeys(panel for panel, _, _ in rows):
        yield f"| **{panel}** | |"
        for name, command in [(name, command) for of, name, command in rows if of == panel]:
            if not command.hidden:
                yield f"| `groove {name}` | {_safe(help.first_line(command.help))} |"


def options_of(name: str) -> Iterator[str]:
    """A table of a command's arguments and options; those of every command are left out."""
    yield from ("| option | what it does | default |", "|---|---|---|")
    command = _command(name)
    shown = {panel: rows for panel, rows in help.panels(command.context_class(command)) if panel != ALWAYS}
    for panel, rows in shown.items():
        if len(shown) > 1:
            yield f"| **{panel}** | | |"
        for names, text in rows:
            meaning, facts = _parted(text)
            yield f"| `{_safe(names)}` | {_safe(meaning)} | {_safe(facts)} |"


def _command(name: str) -> Any:
    command: Any = typer.main.get_command(app)
    for word in name.split():
        command = command.commands[word]
    return command


def _parted(text: str) -> tuple[str, str]:
    """'Seed. [default: 0; 0 to 9]' -> 'Seed.', '0 (0 to 9)'."""
    found = re.fullmatch(r"(.*?)\s*\[([^\]]*)\]", text, re.DOTALL)
    if found is None:
        return text, ""
    default, _, limits = found[2].removeprefix("default: ").rpartition("; ")
    if not _LIMITS.search(limits):
        default, limits = found[2].removeprefix("default: "), ""
    return found[1], f"{default} ({limits})".strip() if limits else default


def _safe(text: str) -> str:
    """Text that does not end a cell or begin a tag."""
    return text.replace("|", "\\|").replace("<", "&lt;")


def main() -> None:
    """Write the tables of every page."""
    for path in FILES:
        path.write_text(filled(path.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
