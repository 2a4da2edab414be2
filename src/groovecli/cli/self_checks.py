"""What only the command line knows for `groove doctor`: settings, and the terminal with its letters."""

from __future__ import annotations

import locale
import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from groovecli.cli import screen
from groovecli.cli.settings import config_files, resolve
from groovecli.errors import GrooveError

if TYPE_CHECKING:
    from groovecli.actions.doctor.check import Check

_LETTERS = "é歌"


def checks() -> Iterator[Check]:
    """Where settings come from and which can't be used; the terminal and its encoding."""
    yield from _settings()
    yield _terminal()


def _settings() -> Iterator[Check]:
    from groovecli.actions.doctor.check import Check, problem

    try:
        resolved = resolve()
    except GrooveError as error:
        yield problem("settings", error.what, error.hint)
        return
    for each in resolved:
        if each.problem:
            yield problem(
                "settings", f"{each.name} = {each.value!r} from {each.origin} is invalid", each.problem
            )
    origins = {each.name: each.origin for each in resolved if each.origin != "default"}
    files = [str(path) for path in config_files() if path.is_file()]
    said = ", ".join(f"{name} from {origin}" for name, origin in origins.items()) or "all are the defaults"
    yield Check("settings", said, facts={"origins": origins, "files": files})


def _terminal() -> Check:
    from groovecli.actions.doctor.check import Check, warning

    encoding = getattr(sys.stdout, "encoding", None) or "none"
    facts = {
        "encoding": encoding,
        "locale": locale.setlocale(locale.LC_CTYPE),
        "term": os.environ.get("TERM", ""),
    }
    kind = (
        f"a terminal of {screen.width(sys.stdout)} columns"
        if screen.is_terminal(sys.stdout)
        else "not a terminal"
    )
    text = f"{kind}, encoding {encoding}"
    if not screen.can_show(_LETTERS, sys.stdout):
        return warning(
            "terminal", f"{text}: it lacks letters of song names", "set LANG to C.UTF-8", **facts
        )
    return Check("terminal", text, facts=facts)
