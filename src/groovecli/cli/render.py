"""Results to text: answers on stdout, notes and errors on stderr, nothing unescaped."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from groovecli.errors import GrooveError
from groovecli.messages import words

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from groovecli.library.tracks import Rejected
    from groovecli.library.walk import PassedOver

_LISTED = 20
_PIPE_WIDTH = 160
_state = {"quiet": False}


def be_quiet(quiet: bool) -> None:
    """Whether notes are left out."""
    _state["quiet"] = quiet


def is_quiet() -> bool:
    """Whether notes are left out."""
    return _state["quiet"]


def stdout() -> Console:
    """The console of answers; wide where nobody looks at it."""
    return _console(stderr=False)


def stderr() -> Console:
    """The console of progress, notes and errors."""
    return _console(stderr=True)


def _console(*, stderr: bool) -> Console:
    from rich.console import Console

    console = Console(stderr=stderr, highlight=False, markup=False, emoji=False, soft_wrap=True)
    if not console.is_terminal:
        console.width = _PIPE_WIDTH
    return console


def shown(value: object) -> str:
    """Text that is safe on a terminal: control characters are written out."""
    text = str(value)
    return "".join(c if c.isprintable() or "\ud800" <= c <= "\udfff" else ascii(c)[1:-1] for c in text)


def answer(text: str) -> None:
    """Print a line of the answer."""
    print(shown(text))


def as_json(value: Any) -> None:
    """Print the answer as JSON; file names that are not UTF-8 keep their bytes as escapes."""
    print(json.dumps(value, indent=2))


def note(text: str) -> None:
    """Print a line that is no answer."""
    if not is_quiet():
        print(shown(text), file=sys.stderr, flush=True)


def error(failure: GrooveError) -> None:
    """Print an error in one line."""
    hint = f"; {failure.hint}" if failure.hint else ""
    print(shown(f"error: {failure.what}{hint}"), file=sys.stderr)


def unexpected(fault: Exception) -> None:
    """Print an error that nobody foresaw, in one line."""
    what = (str(fault).splitlines() or [""])[0]
    hint = "this is a fault in groove; the same command with --debug shows where"
    print(shown(f"error: {type(fault).__name__}: {what}; {hint}"), file=sys.stderr)


def next_step(command: str) -> None:
    """Say what to run next."""
    note(f"next: {command}")


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]], *, left: int = 1) -> None:
    """Print a table: the first `left` columns are text, the others numbers."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    answer(title)
    view = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for number, column in enumerate(columns):
        view.add_column(Text(shown(column)), justify="left" if number < left else "right", overflow="fold")
    for row in rows:
        view.add_row(*(Text(shown(cell)) for cell in row))
    stdout().print(view, soft_wrap=False)


def listed(title: str, paths: Sequence[Path]) -> None:
    """List files, the first of many."""
    if not paths:
        return
    note(f"{title}: {words.count(len(paths), 'file')}")
    for path in paths[:_LISTED]:
        note(f"  {path}")
    if len(paths) > _LISTED:
        note(f"  and {len(paths) - _LISTED} more; --json lists them all")


def rejected(title: str, files: Sequence[Rejected]) -> None:
    """List files that were not used, with the reasons, the most common ones counted."""
    if not files:
        return
    note(f"{title}: {len(files)}")
    for item in files[:_LISTED]:
        note(f"  {item.path}: {item.text}")
    if len(files) > _LISTED:
        reasons = Counter(item.text.split(":")[0] for item in files[_LISTED:]).most_common(3)
        common = ", ".join(f"{n} x {reason}" for reason, n in reasons)
        note(f"  and {len(files) - _LISTED} more ({common}); --json lists them all")


def passed_over(found: PassedOver) -> None:
    """Say what in the folders was not looked at."""
    for line in found.lines:
        note(line)


def paths_json(files: Iterable[Rejected]) -> list[dict[str, str]]:
    """Rejected files as plain values."""
    return [item.to_json() for item in files]


def be_wide(wide: bool) -> None:
    """Whether every column is printed, however narrow the screen."""
    _state["wide"] = wide


def set_color(mode: str) -> None:
    """Whether answers are in colour: auto, always or never."""
    _state["color"] = mode == "always"
