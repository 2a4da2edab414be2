"""What the documents tell a person to type can be typed: commands, options, imports."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterator
from functools import cache
from itertools import chain, groupby, product
from pathlib import Path
from typing import Any

import pytest
import typer
from typer._click.exceptions import UsageError

from groovecli.cli.app import COMMANDS, app

ROOT = Path(__file__).parent.parent
GUIDE = tuple(sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs" / "guide").glob("*.md")))
DOCUMENTS = ("README.md", "CHANGELOG.md", *GUIDE, "docs/results.md", "docs/decisions.md")
PYTHON = "docs/guide/python.md"
PLACEHOLDER = re.compile(r"[A-Z][A-Z_]*(,[A-Z]+)*|[A-Z]/[A-Z]")  # as a value: FILE, NAME, P, K/N
Words = tuple[str, ...]


def lines_of_code(text: str) -> list[str]:
    """The indented lines, those that go on behind a backslash joined."""
    lines = re.sub(r"\\\n\s*", "", text).splitlines()
    return [line.strip() for line in lines if line.startswith("    ")]


def commands_in(line: str) -> Iterator[Words]:
    """The commands of a line of a shell, without `groove`; comments and other programs left out."""
    if "groove" not in line:  # what a command printed may have one quotation mark
        return
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    for is_end, words in groupby(lexer, lambda word: word in {"&&", "||", ";", "|"}):
        program, *rest = words
        if not is_end and program == "groove":
            yield tuple(rest)


def snippets_in(text: str) -> Iterator[Words]:
    """Commands between backticks, without `groove`; `a|b` and COMMAND stand for several."""
    prose = "\n".join(line for line in text.splitlines() if not line.startswith("    "))
    for snippet in re.findall(r"`([^`]+)`", prose):
        if snippet.split()[0] == "groove" and len(snippet.split()) > 1:
            ways = [list(COMMANDS) if w == "COMMAND" else w.split("|") for w in shlex.split(snippet)[1:]]
            yield from (tuple(" ".join(way).split()) for way in product(*ways))


@cache
def parser(*, whole: bool) -> Any:
    """groove's own parser, whose commands do nothing; arguments may be missing unless `whole`."""
    root = typer.main.get_command(app)
    for command in _with_all_below(root):
        command.callback = lambda **_: None
        for param in command.params:
            param.required = param.required and whole
    return root


def _with_all_below(command: Any) -> Iterator[Any]:
    yield command
    yield from chain.from_iterable(map(_with_all_below, getattr(command, "commands", {}).values()))


def parse(words: Words, *, whole: bool) -> None:
    """Parse a command as groove does and run nothing; a UsageError says what is wrong.

    A placeholder is taken for 1, which numbers, names and paths may be.
    """
    given = ["1" if PLACEHOLDER.fullmatch(word) else word for word in words]
    parser(whole=whole).main(given, prog_name="groove", standalone_mode=False)


def _read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


LINES = sorted(
    {words for name in DOCUMENTS for line in lines_of_code(_read(name)) for words in commands_in(line)}
)
SNIPPETS = sorted({words for name in DOCUMENTS for words in snippets_in(_read(name))})


@pytest.mark.parametrize("words", LINES, ids=" ".join)
def test_a_line_of_code_parses(words: Words) -> None:
    parse(words, whole=True)


@pytest.mark.parametrize("words", SNIPPETS, ids=" ".join)
def test_a_snippet_parses(words: Words) -> None:
    parse(words, whole=False)


@pytest.mark.parametrize("name", ["README.md", *GUIDE])
def test_options_that_are_named_alone_are_some_command_s(name: str) -> None:
    there = {
        option
        for command in _with_all_below(parser(whole=True))
        for p in command.params
        for option in p.opts
    }
    there.add("--help")
    said = set(re.findall(r"`(--[a-z0-9-]+)[^`]*`", _read(name)))
    assert said <= there


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("groove clasify song.mp3", "No such command"),
        ("groove models lst", "No such command"),
        ("groove classify song.mp3 --tops 3", "No such option"),
        ("groove models show groove-net --jsn", "No such option"),
        ("groove train --modle NAME", "No such option"),
        ("groove classify song.mp3 --top three", "Invalid value"),
        ("groove config extra", "unexpected extra argument"),
        ("groove ingest", "Missing argument"),
        ("pip install . && groove dmo", "No such command"),
    ],
)
def test_a_wrong_line_does_not_parse(line: str, error: str) -> None:
    (words,) = commands_in(line)
    with pytest.raises(UsageError) as caught:
        parse(words, whole=True)
    assert error in caught.value.format_message()


def test_snippets_are_found_across_lines_and_for_each_choice() -> None:
    text = "`groove\nmodels pull NAME`, `groove completion bash|zsh`, not `groove.toml`.\n\n    groove `x`"
    expected = [("models", "pull", "NAME"), ("completion", "bash"), ("completion", "zsh")]
    assert list(snippets_in(text)) == expected


def test_lines_are_found_without_comments_and_joined() -> None:
    lines = lines_of_code(
        "groove no\n\n    groove train \\\n        --epochs 3   # all of it\n    pip x && groove demo\n"
    )
    found = [words for line in lines for words in commands_in(line)]
    assert found == [("train", "--epochs", "3"), ("demo",)]


@pytest.mark.parametrize("name", ["README.md", "docs/contributing.md", "docs/results.md", *GUIDE])
def test_links_lead_to_files_and_headings(name: str) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", _read(name)):
        place, _, heading = target.partition("#")
        path = (ROOT / name).parent / place if place else ROOT / name
        assert path.exists(), target
        if heading:
            assert heading in {_anchor(line) for line in path.read_text("utf-8").splitlines()}, target


def _anchor(line: str) -> str:
    """The name of a heading in links: lower case, blanks as hyphens, no punctuation."""
    return (
        re.sub(r"[^\w -]", "", line.lstrip("# ").lower()).replace(" ", "-") if line.startswith("#") else ""
    )


def test_the_index_of_the_guide_has_every_page() -> None:
    pages = {Path(name).name for name in GUIDE} - {"README.md"}
    links = re.findall(r"\]\(([^)]+)\)", _read("docs/guide/README.md"))
    assert {Path(link).name for link in links} == pages


def test_two_commands_set_groove_up_with_the_versions_of_the_constraints() -> None:
    section = _read("README.md").partition("\n## Install\n")[2].partition("\n## ")[0]
    fetch, install, develop = lines_of_code(section)
    assert fetch.startswith("git clone ") and fetch.endswith(" && . .venv/bin/activate")
    assert install == "pip install -c constraints.txt . && groove demo"
    assert develop == "pip install -c constraints.txt -e '.[dev]' && pytest"
    assert re.search(r"(?m)^torch==\d", _read("constraints.txt"))


def test_what_the_guide_imports_is_there() -> None:
    imports = [line for line in lines_of_code(_read(PYTHON)) if re.match(r"(from|import) ", line)]
    assert len(imports) > 1
    exec("\n".join(imports), {})


def test_the_guides_python_runs(demo: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As it stands there, with a song and a folder of two genres in the working folder."""
    code = "\n".join(line[4:] for line in _read(PYTHON).splitlines() if line.startswith("    ") or not line)
    for genre in ("metal", "orchestral"):
        shutil.copytree(demo / genre, Path("music", genre))
    songs = sorted(Path("music").rglob("*.opus"))
    shutil.copy(songs[0], "song.mp3")  # an ending of another format does not matter
    exec(compile(code, PYTHON, "exec"), {})
    named, like, *lines = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"song\.mp3: [a-z]+ \d+%", named)
    names = {song.name for song in songs}
    assert like.removeprefix("like ") in names
    likeness, alike = zip(*(line.split(" ", 1) for line in lines[:3]), strict=True)
    assert 1 > float(likeness[0]) >= float(likeness[1]) >= float(likeness[2])
    assert len(set(alike) & names) == 3 and like.removeprefix("like ") not in alike
    lists = list(Path("playlists").glob("*.m3u8"))
    said = [line for line in lines[3:] if " songs like " in line]
    assert sorted(line.split(":")[0] for line in said) == sorted(map(str, lists)) != []
    *epochs, figure, error = [line for line in lines[3:] if line not in said]
    assert [line[:9] for line in epochs if "loss" in line] == ["epoch 1/3", "epoch 2/3", "epoch 3/3"]
    assert "cut: 12 done" in epochs and "epoch 3: 3 done" in epochs
    assert re.fullmatch(r"\d+% \(\d+% to \d+%\) of \d songs", figure)
    assert error == "ClassifyRequest: n_clips takes a whole number from 1 to 100, not 0"
    assert home.is_dir()
