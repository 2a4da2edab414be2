"""The help of every command, as it is read; its rules; the manual page; names that options had before."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from groovecli.cli import manual
from groovecli.cli.app import COMMANDS, app
from groovecli.cli.help import WIDTH, first_line, panels, visible_names
from groovecli.cli.options import ALWAYS, OLD_NAMES
from tests.cli.conftest import groove
from tests.golden import assert_as_kept
from tests.test_docs import parse

ROOT = Path(__file__).parent.parent.parent
TEXTS = Path(__file__).parent / "help"
MOST_LETTERS = 60


def context_of(command: str) -> Any:
    below: Any = typer.main.get_command(app)
    context = below.make_context("groove", ["help"], resilient_parsing=True)
    for word in command.split():
        below = below.commands[word]
        context = type(context)(below, info_name=word, parent=context)
    return context


def params_of(command: str) -> Iterator[Any]:
    for param in context_of(command).command.params:
        if not getattr(param, "hidden", False):
            yield param


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_is_as_it_was_read(command: str, home: Path) -> None:
    shown = groove(*command.split(), "--help")
    assert shown.exit_code == 0
    assert_as_kept(TEXTS / f"{command.replace(' ', '-') or 'groove'}.txt", shown.stdout)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command_is_also_that_of_groove_help(command: str, home: Path) -> None:
    assert groove("help", *command.split()).stdout == groove(*command.split(), "--help").stdout


def test_groove_help_alone_lists_the_commands(home: Path) -> None:
    shown = groove("help").stdout
    assert shown == groove("--help").stdout
    assert all(f"  {name} " in shown for name in COMMANDS if " " not in name)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_told_in_a_line_with_an_example_that_parses(command: str) -> None:
    about = context_of(command).command
    line = first_line(about.help)
    assert len(line) <= MOST_LETTERS and line[0].isupper() and "..." not in line
    assert about.epilog.startswith(f"groove {command}")
    parse(tuple(shlex.split(about.epilog)[1:]), whole=True)


@pytest.mark.parametrize("command", COMMANDS)
def test_what_an_option_does_is_told_in_a_line(command: str) -> None:
    for param in params_of(command):
        assert param.help, param.name
        assert len(param.help) <= MOST_LETTERS, param.help
        assert param.help.endswith("."), param.help
        assert "[default" not in param.help and "Again" not in param.help


@pytest.mark.parametrize("command", COMMANDS)
def test_every_help_ends_with_what_every_command_takes(command: str) -> None:
    *_, (title, rows) = panels(context_of(command))
    names = " ".join(name for name, _ in rows)
    assert title == ALWAYS
    assert all(name in names for name in ("-q, --quiet", "--debug", "--color", "-h, --help"))


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_fits_the_screen_and_breaks_no_word(command: str, home: Path) -> None:
    shown = groove(*command.split(), "--help").stdout
    assert max(map(len, shown.splitlines())) <= WIDTH
    words = set(re.findall(r"[^\s]+", " ".join(text for _, text in all_rows(command))))
    assert words <= set(shown.split())


def all_rows(command: str) -> Iterator[tuple[str, str]]:
    for _, rows in panels(context_of(command)):
        yield from rows


def test_train_has_its_options_in_panels() -> None:
    titles = [title for title, _ in panels(context_of("train"))]
    assert titles[0] == "Everyday" and titles[-2:] == ["Machine", ALWAYS]
    assert {"Data", "Optimiser", "Losses", "Advanced"} < set(titles)
    assert "[100 for time-cnn; 1 or more]" in dict(panels(context_of("train")))["Everyday"][3][1]


def test_one_letter_and_one_name_mean_one_thing_everywhere() -> None:
    meanings: dict[str, set[str]] = {}
    for command in COMMANDS:
        for param in params_of(command):
            if param.param_type_name == "option":
                names = visible_names(param)
                for name in names:
                    if not name.startswith("--"):
                        meanings.setdefault(name, set()).add(max(names, key=len))
    assert meanings == {
        "-d": {"--dataset"},
        "-j": {"--jobs"},
        "-m": {"--model"},
        "-n": {"--count"},
        "-o": {"--out"},
        "-y": {"--yes"},
    }


def test_old_names_are_taken_and_not_shown(home: Path) -> None:
    shown = " ".join(text for command in COMMANDS for row in all_rows(command) for text in row[:1])
    for line in (
        "classify a.mp3 --top 2 --clips 1",
        "cluster a --out b --min-size 3",
        "train --model dense --overwrite",
        "train -m dense",
        "compare --models dense,time-cnn",
        "ingest a --yes",
        "ingest a -y",
        "models export groove-net --onnx a.onnx",
        "evaluate --honest --model time-cnn --minutes 1",
    ):
        parse(tuple(line.split()), whole=True)
    for option in ("--top", "--clips ", "--min-size", "--overwrite", "--models", "--honest", "--onnx"):
        assert option not in shown
    there = {name for command in COMMANDS for param in params_of(command) for name in param.opts}
    assert {name for _, name in OLD_NAMES} <= there


# The manual page


def test_the_manual_page_is_that_of_the_commands(home: Path) -> None:
    assert manual.page() == (ROOT / "docs" / "groove.1").read_text("utf-8"), "`just manual` writes it anew"


def test_the_manual_page_has_each_command_and_option() -> None:
    page = manual.page().replace("\\-", "-")
    for command in COMMANDS:
        assert f".SS groove {command}" in page
        for name, text in all_rows(command):
            assert f"\\fB{name}\\fR" in page
            assert text.lstrip(".'") in page


@pytest.mark.skipif(not shutil.which("groff"), reason="groff is not installed")
def test_the_manual_page_is_clean_roff() -> None:
    done = subprocess.run(
        ["groff", "-man", "-ww", "-Tutf8"], input=manual.page(), capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    assert "groove models export" in re.sub(r".\x08|\x1b\[\d*m", "", done.stdout)
