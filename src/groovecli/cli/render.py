"""Results to text: answers on stdout, notes and errors on stderr, nothing unescaped."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from groovecli.cli import interrupts, screen
from groovecli.cli.grid import PATH as PATH
from groovecli.cli.grid import UNIT as UNIT
from groovecli.cli.grid import WHOLE as WHOLE
from groovecli.cli.grid import aligned as aligned
from groovecli.cli.grid import fields as fields
from groovecli.cli.grid import more_columns as more_columns
from groovecli.cli.grid import table as table
from groovecli.cli.sentences import say, say_command, say_item
from groovecli.cli.sentences import shown as shown
from groovecli.errors import GrooveError, Interrupted
from groovecli.messages import words

if TYPE_CHECKING:
    from pathlib import Path

    from groovecli.library.tracks import Rejected
    from groovecli.library.walk import PassedOver

_LISTED = 20
_HEADS = {"wrote": "green", "failed:": "yellow"}
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


def is_narrow() -> bool:
    """Whether the answer goes to a screen on which tables leave out what has no room."""
    return is_on_screen() and not screen.is_wide()


def is_on_screen() -> bool:
    """Whether a person looks at the answer; else it goes to a file or to another program."""
    return screen.is_terminal(sys.stdout)


def answer(text: str) -> None:
    """Print a line of the answer; on a terminal it wraps at words."""
    say(text, sys.stdout)


def below(path: Path, library: Path) -> str:
    """A path from a library on, where it is in there: as a person tells it from others."""
    return str(path.relative_to(library)) if path.is_relative_to(library) else str(path)


def heading(text: str) -> None:
    """Print what the lines below are of."""
    say(text, sys.stdout, style="bold")


def summary(text: str) -> None:
    """Print what came of the command, in its last line."""
    say(text, sys.stdout, style="bold")


def as_json(value: Mapping[str, Any]) -> None:
    """Print the answer as JSON; file names that are not UTF-8 keep their bytes as escapes.

    An iterator among its values is written as a list, a row at a time: that of a large library is never in
    memory.
    """
    interrupts.answering()
    lead = "{"
    for name, each in value.items():
        sys.stdout.write(f"{lead}\n  {json.dumps(name)}: ")
        for part in _json_rows(each) if isinstance(each, Iterator) else [_json(each, 2)]:
            sys.stdout.write(part)
        lead = ","
    print("\n}")


def _json_rows(rows: Iterator[Any]) -> Iterator[str]:
    """A list as JSON, row by row."""
    lead = "["
    for row in rows:
        yield f"{lead}\n    {_json(row, 4)}"
        lead = ","
    yield "[]" if lead == "[" else "\n  ]"


def _json(value: Any, indent: int) -> str:
    """A value as JSON, its further lines indented."""
    return json.dumps(value, indent=2).replace("\n", "\n" + " " * indent)


def note(text: str) -> None:
    """Print a line that is no answer; on a terminal it wraps at words."""
    if not is_quiet():
        head = next((head for head in _HEADS if text.startswith(f"{head} ")), "")
        rest = text.removeprefix(f"{head} ") if head else text
        say(rest, sys.stderr, head=head, head_style=_HEADS.get(head, ""))


def warning(text: str) -> None:
    """Print what may not be as the user thinks it is."""
    if not is_quiet():
        say(text, sys.stderr, head="warning:", head_style="yellow")


def hint(text: str) -> None:
    """Print what helps: a sentence with commands in `back-ticks`, or a command that begins with groove."""
    if is_quiet():
        return
    if text.startswith("groove "):
        say_command("hint:", text, sys.stderr)
    else:
        say(text, sys.stderr, head="hint:")


def next_step(command: str) -> None:
    """Say what to run next."""
    if not is_quiet():
        say_command("next:", command, sys.stderr)


def stopped(how_far: str, go_on: str) -> None:
    """Print how far a command was when Ctrl-C stopped it, and how to go on."""
    more = f"; {go_on}" if go_on else ""
    say(f"{how_far}{more}", sys.stderr, head="stopped:", head_style="yellow")


def error(failure: GrooveError) -> None:
    """Print what failed, and what helps in a line of its own; what Ctrl-C stopped did not fail."""
    if isinstance(failure, Interrupted):
        stopped(failure.what.removeprefix("stopped "), failure.hint)
        return
    say(failure.what, sys.stderr, head="error:", head_style="red")
    if failure.hint:
        say(failure.hint, sys.stderr, head="hint:")


def unforeseen(fault: Exception) -> GrooveError:
    """An error that nobody foresaw, in a line."""
    what = (str(fault).splitlines() or [""])[0]
    return GrooveError(f"{type(fault).__name__}: {what}", FAULT_HINT)


def listed(title: str, paths: Sequence[Path]) -> None:
    """List files, the first of many."""
    if not paths:
        return
    note(f"{title}: {words.count(len(paths), 'file')}")
    for path in paths[:_LISTED]:
        _item(path)
    if len(paths) > _LISTED:
        note(f"  and {len(paths) - _LISTED} more; --json lists them all")


def lines(title: str, texts: Sequence[str]) -> None:
    """List lines about something, the first of many."""
    if not texts:
        return
    note(f"{title}:")
    for text in texts[:_LISTED]:
        _item(text)
    if len(texts) > _LISTED:
        note(f"  and {len(texts) - _LISTED} more; --json lists them all")


def rejected(title: str, files: Sequence[Rejected]) -> None:
    """List files that were not used, with the reasons, the most common ones counted."""
    if not files:
        return
    note(f"{title}: {words.count(len(files), 'file')}")
    for item in files[:_LISTED]:
        _item(item.path, item.text)
    if len(files) > _LISTED:
        reasons = Counter(item.text.split(":")[0] for item in files[_LISTED:]).most_common(3)
        common = "; ".join(f"{n:,} of them: {reason}" for reason, n in reasons)
        note(f"  and {len(files) - _LISTED} more ({common}); --json lists them all")


def _item(name: object, text: str = "") -> None:
    if not is_quiet():
        say_item(name, text, sys.stderr)


def passed_over(found: PassedOver) -> None:
    """Say what in the folders was not looked at."""
    for line in found.lines:
        note(line)


def paths_json(files: Iterable[Rejected]) -> list[dict[str, str]]:
    """Rejected files as plain values."""
    return [item.to_json() for item in files]
