"""Hold the texts that a person reads to plain words: `python docs/words.py [FILE...]`.

It looks through the prose of README, CHANGELOG, docs and model cards, and through the docstrings,
comments and strings of src/groovecli and benchmarks. It prints each word of the list below with its
place and what to write instead, and ends with 1 if it finds one. In README and the guide it also
finds sentences of more than 20 words.
"""

from __future__ import annotations

import ast
import io
import json
import re
import sys
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
MAX_WORDS = 20

_EACH = (
    "song|genre|clip|window|second|minute|hour|file|network|model|fold|class|command|word|epoch|step|core"
    "|byte|frame|pixel|kind|branch|segment"
)
_VERBS = "of|that|is|was|has|by|in|to|sees|draws|needs|gives|begins|names?|named|takes|finds|reads"
_UNITS = (
    "songs?|clips?|vectors?|numbers?|folders?|files?|windows?|seconds?|minutes?|frames?|threads?|rows?"
    "|lines?|bits|one byte|labels?|values?|exit codes?|formats?|data sets?|kinds?|one|points|places?"
    "|families|family|decoders?|spans?|weights?|modules?"
    "|genres?|words?|times?|tests?|copies|ms|µs|s|KB|MB|KiB|MiB"
)


@dataclass(frozen=True)
class Rule:
    """Words that a reader stumbles over (a regular expression), and what to write instead."""

    words: str
    instead: str


RULES = (
    Rule(r"eats?|eaten", "input, reads"),
    Rule(r"(lie|lies|lay|lying) apart", "is kept in FOLDER"),
    Rule(r"flatter(s|ed|ing)?", "looks too good, is too high"),
    Rule(r"(make|makes|made) no sense|no sense", "say what was given and what it takes"),
    Rule(r"no use here", "say what was given and what it takes"),
    Rule(r"Again:", "Run again to ..."),
    Rule(r"ship(?!\.py)|ships|shipped", "included"),
    Rule(
        rf"({_UNITS}) an? ({_EACH})(?! ({_VERBS})\b)",
        "per song, for each song",
    ),
    Rule(r"(there|have|has|had|recordings?) twice", "duplicate"),
    Rule(r"replicas?(?!\.py|:)", "duplicate"),
    Rule(r"(networks?|models?|groove-net) (knows?|believes?|thinks?)", "say what it computes"),
    Rule(r"insists?", "goes on anyway"),
    Rule(r"(these|this|those|that) over (these|this|those|that)", "a list in order"),
    Rule(r"from nothing", "from scratch"),
    Rule(r"wants? (hundreds|thousands|\d+)", "needs"),
    Rule(r"[Ww]ho always says", "always saying"),
    Rule(r"(?<!here\s)(is|are) no (failures?|songs?|genres?|texts?|number|music)", "is not a, isn't"),
    Rule(r"anew", "again, from scratch"),
    Rule(r"where else", "otherwise"),
    Rule(r"(is|are|was|were) called so", "say the name"),
    Rule(r"of then|the then", "of that time"),
    Rule(r"where there is some", "if there is one"),
    Rule(r"paths that resolve", "opens in any player"),
    Rule(r"at the (network's )?door", "at the input"),
    Rule(r"hangs? on|hung on", "depends on"),
)

# Phrases in which a word of the list is right.
ALLOWED: tuple[str, ...] = ()

# Files whose owner has not mended them yet. Take a file out once `just words FILE` finds nothing.
NOT_YET: tuple[str, ...] = ()

_FIND = [
    (re.compile(r"(?<![\w-])(?:" + rule.words.replace(" ", r"\s+") + r")(?![\w-])"), rule) for rule in RULES
]
_CODE = re.compile(r"(`+).+?\1")


@dataclass(frozen=True)
class Finding:
    """A word or a sentence to write otherwise."""

    path: Path
    line: int
    words: str
    instead: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.words!r} -> {self.instead}"


def texts() -> list[Path]:
    """The files that are looked through, relative to the root."""
    patterns = (
        "*.md",
        "docs/**/*.md",
        "docs/*.ipynb",
        "docs/*.py",
        "pretrained/*/README.md",
        "src/groovecli/**/*.py",
        "benchmarks/**/*.py",
    )
    found = {path.relative_to(ROOT) for pattern in patterns for path in ROOT.glob(pattern)}
    return sorted(found - {Path("docs/words.py")})


def findings(path: Path) -> list[Finding]:
    """Everything that a file says in words of the list."""
    text = (ROOT / path).read_text("utf-8")
    if path.suffix == ".py":
        said = list(_said_in_python(text))
    elif path.suffix == ".ipynb":
        said = list(_said_in_notebook(text))
    else:
        said = [(number, line) for number, line in _prose(text)]
    found = [finding for number, line in said for finding in _words_in(path, number, line)]
    if path == Path("README.md") or path.is_relative_to("docs/guide"):
        found += [Finding(path, n, s, f"at most {MAX_WORDS} words") for n, s in long_sentences(text)]
    return found


def _words_in(path: Path, number: int, text: str) -> Iterator[Finding]:
    plain = _CODE.sub("`x`", text)
    for phrase in ALLOWED:
        plain = plain.replace(phrase, "")
    for pattern, rule in _FIND:
        for match in pattern.finditer(plain):
            line = number + plain.count("\n", 0, match.start())
            yield Finding(path, line, " ".join(match.group().split()), rule.instead)


def _prose(text: str) -> Iterator[tuple[int, str]]:
    """Paragraphs of Markdown and the numbers of their first lines, without code and generated tables."""
    start, paragraph, fenced = 0, list[str](), False
    text = re.sub(
        r"<!-- (options|commands).*?<!-- end -->",
        lambda found: "\n" * found[0].count("\n"),
        text,
        flags=re.S,
    )
    for number, line in enumerate([*text.splitlines(), ""], 1):
        fenced ^= line.startswith("```")
        is_code = fenced or line.startswith("```") or (line.startswith("    ") and not paragraph)
        if line.strip() and not is_code:
            start = start or number
            paragraph.append(line.strip())
        elif paragraph:
            yield start, "\n".join(paragraph)
            start, paragraph = 0, []


def _said_in_python(text: str) -> Iterator[tuple[int, str]]:
    """Docstrings, strings and comments."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
            yield node.lineno, node.value
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def _said_in_notebook(text: str) -> Iterator[tuple[int, str]]:
    for number, cell in enumerate(json.loads(text)["cells"], 1):
        if cell["cell_type"] == "markdown":
            yield number, "".join(cell["source"])


def long_sentences(text: str) -> Iterator[tuple[int, str]]:
    """Sentences of Markdown with more than 20 words; code between backticks counts as one word.

    A table, a heading and an item of a list end a sentence.
    """
    for start, paragraph in _prose(text):
        for offset, block in _blocks(paragraph):
            plain = re.sub(r"\]\([^)]*\)", "]", _CODE.sub("`x`", block))
            for sentence in re.split(r"(?<=[.!?:;])[*)]*\s+(?=[A-Z0-9`*(\[])", plain):
                if len(re.findall(r"[\w`'%]+(?:[-.,/][\w`'%]+)*", sentence)) > MAX_WORDS:
                    yield start + offset, " ".join(sentence.split())


def _blocks(paragraph: str) -> Iterator[tuple[int, str]]:
    """The items and paragraphs of a block of lines; tables, headings and comments are left out."""
    start, block = 0, list[str]()
    for number, line in enumerate([*paragraph.split("\n"), "|"]):
        if line.startswith(("|", "#", "<", "- ", "* ")) or re.match(r"\d+\. ", line):
            if block:
                yield start, "\n".join(block)
            start, block = number, []
        if not line.startswith(("|", "#", "<")):
            block.append(line)


def main() -> None:
    """Print what is found in the files that are named, else in all that are mended."""
    asked = [Path(name).resolve().relative_to(ROOT) for name in sys.argv[1:]]
    paths = asked or [path for path in texts() if path.as_posix() not in NOT_YET]
    found = [finding for path in paths for finding in findings(path)]
    print("\n".join(map(str, found)) or f"{len(paths)} files are in plain words")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
