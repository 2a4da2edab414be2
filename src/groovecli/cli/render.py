"""Results to text: answers on stdout, notes and errors on stderr, nothing unescaped."""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from groovecli.cli import screen
from groovecli.cli.tables import laid_out
from groovecli.cli.typesetting import command_lines, wrapped
from groovecli.errors import GrooveError, Interrupted
from groovecli.messages import words

if TYPE_CHECKING:
    from pathlib import Path
    from typing import TextIO

    from groovecli.library.tracks import Rejected
    from groovecli.library.walk import PassedOver

_LISTED = 20
_QUOTED = re.compile(r"`[^`]*`")
_state = {"quiet": False}
FAULT_HINT = "this is a fault in groove: the same command with --debug shows where"


def set_color(mode: str) -> None:
    """Show colours "auto", "always" or "never"."""
    screen.set_color(mode)


def be_wide(is_wide: bool) -> None:
    """Whether tables keep all columns and all letters on a narrow screen too."""
    screen.be_wide(is_wide)


def be_quiet(quiet: bool) -> None:
    """Whether notes are left out."""
    _state["quiet"] = quiet


def is_quiet() -> bool:
    """Whether notes are left out."""
    return _state["quiet"]


def shown(value: object) -> str:
    """Text that is safe on a terminal: control characters are written out."""
    text = str(value)
    return "".join(c if c.isprintable() or "\ud800" <= c <= "\udfff" else ascii(c)[1:-1] for c in text)


def answer(text: str) -> None:
    """Print a line of the answer; on a terminal it wraps at words."""
    _say(text, sys.stdout)


def summary(text: str) -> None:
    """Print what came of the command, in its last line."""
    _say(text, sys.stdout, style="bold")


def as_json(value: Any) -> None:
    """Print the answer as JSON; file names that are not UTF-8 keep their bytes as escapes."""
    print(json.dumps(value, indent=2))


def note(text: str) -> None:
    """Print a line that is no answer; on a terminal it wraps at words."""
    if not is_quiet():
        _say(text, sys.stderr)


def warning(text: str) -> None:
    """Print what may not be as the user thinks it is."""
    if not is_quiet():
        _say(text, sys.stderr, head="warning:", head_style="yellow")


def hint(text: str) -> None:
    """Print what helps; commands in it stand in `back-ticks`."""
    if not is_quiet():
        _say(text, sys.stderr, head="hint:")


def next_step(command: str) -> None:
    """Say what to run next."""
    if not is_quiet():
        _command("next:", command)


def stopped(how_far: str, go_on: str) -> None:
    """Print how far a command was when Ctrl-C stopped it, and how to go on."""
    more = f"; {go_on}" if go_on else ""
    _say(f"{how_far}{more}", sys.stderr, head="stopped:", head_style="yellow")


def error(failure: GrooveError) -> None:
    """Print what failed, and what helps in a line of its own; what Ctrl-C stopped did not fail."""
    if isinstance(failure, Interrupted):
        stopped(failure.what.removeprefix("stopped "), failure.hint)
        return
    _say(failure.what, sys.stderr, head="error:", head_style="red")
    if failure.hint:
        _say(failure.hint, sys.stderr, head="hint:")


def unexpected(fault: Exception) -> None:
    """Print an error that nobody foresaw."""
    what = (str(fault).splitlines() or [""])[0]
    error(GrooveError(f"{type(fault).__name__}: {what}", FAULT_HINT))


def table(
    title: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    left: int = 1,
    ranks: Sequence[int] | None = None,
) -> None:
    """Print a table: the first `left` columns are text, the others numbers.

    On a terminal names are shortened in their middle, then columns are left out, those of the highest of
    `ranks` first, those of rank 0 never. Without ranks the last columns go first, and the first stays.
    """
    stream = sys.stdout
    if title:
        summary(title)
    layout = laid_out(
        [shown(column) for column in columns],
        [[shown(cell) for cell in row] for row in rows],
        n_left=left,
        ranks=ranks,
        width=None if screen.is_wide() else screen.width(stream),
        ellipsis="…" if screen.can_show("…", stream) else "...",
    )
    rule = ("─" if screen.can_show("─", stream) else "-") * layout.width
    lines = [screen.painted(layout.head, "bold", stream), screen.painted(rule, "dim", stream), *layout.rows]
    if layout.n_dropped:
        more = f"+{words.count(layout.n_dropped, 'column')}: --wide or --json"
        lines.append(screen.painted(more, "dim", stream))
    print(*lines, "", sep="\n", file=stream)


def _say(text: str, stream: TextIO, *, head: str = "", head_style: str = "", style: str = "") -> None:
    """Print a sentence, with a word before it that says what it is."""
    whole = shown(f"{head} {text}" if head else text)
    for number, line in enumerate(wrapped(whole, screen.line_width(stream))):
        first = head if not number else ""
        rest = line.removeprefix(first)
        if head == "hint:":
            rest = _QUOTED.sub(lambda found: screen.painted(found.group(), "cyan", stream), rest)
        print(
            screen.painted(first, head_style, stream) + screen.painted(rest, style, stream),
            file=stream,
            flush=stream is sys.stderr,
        )


def _command(head: str, command: str) -> None:
    """Print a command that can be copied whole."""
    stream = sys.stderr
    hanging = len(head) + 1
    for number, line in enumerate(
        command_lines(shown(command), screen.line_width(stream), hanging=hanging)
    ):
        before = f"{head} " if not number else " " * hanging
        print(before + screen.painted(line, "cyan", stream), file=stream, flush=True)


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
