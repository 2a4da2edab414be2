"""The tables of options in README and guide are those of the parser (docs/options.py)."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from groovecli.cli.app import COMMANDS

ROOT = Path(__file__).parent.parent


def _program() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_options", ROOT / "docs" / "options.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


options = _program()


@pytest.mark.parametrize("path", options.FILES, ids=lambda path: path.name)
def test_tables_are_up_to_date(path: Path) -> None:
    text = path.read_text("utf-8")
    assert options.filled(text) == text, "run: just docs"


def test_every_command_that_works_on_music_has_a_table() -> None:
    text = "".join(path.read_text("utf-8") for path in options.FILES)
    tables = set(re.findall(r"<!-- options: (.+?) -->", text))
    without = {
        "analyses",
        "demo",
        "doctor",
        "config",
        "completion",
        "help",
        "models",
        "models list",
        "models show",
        "models remove",
    }
    assert tables >= set(COMMANDS) - without


def test_a_row_has_all_names_the_meaning_and_the_default() -> None:
    rows = list(options.options_of("cluster"))
    assert rows[0] == "| option | what it does | default |"
    (seed,) = [row for row in rows if "`--seed N`" in row]
    assert seed.endswith(" | 0 |")
    (jobs,) = [row for row in rows if "--jobs" in row]
    assert jobs.startswith("| `-j, --jobs N` | ")
    assert not any("[default" in row or "--help" in row or "--json" in row for row in rows)


def test_what_stands_between_the_marks_is_replaced_and_all_else_stays() -> None:
    text = "a\n<!-- options: config -->\nold\n<!-- end -->\nb <!-- end -->\n"
    once = options.filled(text)
    assert once.startswith("a\n<!-- options: config -->\n\n| option |")
    assert "old" not in once and once.endswith("<!-- end -->\nb <!-- end -->\n")
    assert options.filled(once) == once


def test_commands_are_listed_with_one_sentence_each() -> None:
    rows = [row for row in list(options.commands())[2:] if "**" not in row]
    assert {row.split("`")[1].removeprefix("groove ") for row in rows} == set(COMMANDS)
    assert all(row.count(" | ") == 1 and row.endswith(" |") for row in rows)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Seed. [default: 0; 0 to 9]", ("Seed.", "0 (0 to 9)")),
        (
            "Windows per step. [30 for time-cnn; 1 or more]",
            ("Windows per step.", "30 for time-cnn (1 or more)"),
        ),
        ("Clips per genre. [1 or more]", ("Clips per genre.", "(1 or more)")),
        ("Hold out. [default: as split; or not]", ("Hold out.", "as split; or not")),
        ("Folder. [default: playlists]", ("Folder.", "playlists")),
        ("Draw [a, b]: two numbers.", ("Draw [a, b]: two numbers.", "")),
        ("Don't ask.", ("Don't ask.", "")),
    ],
)
def test_a_default_and_its_limits_are_parted_from_the_meaning(text: str, parts: tuple[str, str]) -> None:
    assert options._parted(text) == parts
