"""The list of words that confuse (docs/words.py), and that our texts keep to it."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parent.parent


def _program(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"docs_{name}", ROOT / "docs" / f"{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


words = _program("words")


@pytest.mark.parametrize("path", words.texts(), ids=str)
def test_our_texts_are_in_plain_words(path: Path) -> None:
    if path.as_posix() in words.NOT_YET:
        pytest.skip("its owner has not mended it yet")
    assert [str(finding) for finding in words.findings(path)] == []


def test_files_that_are_not_mended_yet_are_there() -> None:
    assert set(words.NOT_YET) <= {path.as_posix() for path in words.texts()}


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """A function from a name and a text to the lines and words that are found in it."""
    monkeypatch.setattr(words, "ROOT", tmp_path)

    def found(name: str, text: str) -> list[tuple[int, str]]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
        return [(finding.line, finding.words) for finding in words.findings(Path(name))]

    return found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("what a network eats", "eats"),
        ("a leaky split flatters", "flatters"),
        ("its models lie apart", "lie apart"),
        ("--depth 3 makes no sense", "makes no sense"),
        ("that has no use here", "no use here"),
        ("Again: only what is new", "Again:"),
        ("the shipped model", "shipped"),
        ("32 clips a second", "clips a second"),
        ("write one vector a song, and its path", "vector a song"),
        ("0.6 KB a song", "KB a song"),
        ("songs that are there twice", "there twice"),
        ("trained from nothing", "from nothing"),
        ("the loss is no number", "is no number"),
    ],
)
def test_a_word_of_the_list_is_found(read, text: str, said: str) -> None:  # type: ignore[no-untyped-def]
    assert read("CHANGELOG.md", f"# New\n\n{text}\n") == [(3, said)]


@pytest.mark.parametrize(
    "text",
    [
        "it beats the others",
        "leadership and relationships",
        "two songs a day in a week",
        "give each song a number",
        "`shipped` is a name in code, and so is ``eats a `song` ``",
        "decoded twice",
        "python benchmarks/replicas.py",
        "a song is a file",
    ],
)
def test_other_words_are_left_alone(read, text: str) -> None:  # type: ignore[no-untyped-def]
    assert read("CHANGELOG.md", text) == []


def test_words_are_found_across_lines_but_not_in_code(read) -> None:  # type: ignore[no-untyped-def]
    text = "Five songs a\ngenre.\n\n    groove says songs a genre\n\n```\neats\n```\n\nIt eats.\n"
    assert read("docs/a.md", text) == [(1, "songs a genre"), (10, "eats")]


def test_docstrings_strings_and_comments_are_read_but_not_names(read) -> None:  # type: ignore[no-untyped-def]
    text = '"""A network.\n\nIt eats sound.\n"""\n\nshipped = "the shipped model"  # it flatters\n'
    assert sorted(read("src/a.py", text)) == [(3, "eats"), (6, "flatters"), (6, "shipped")]


@pytest.mark.parametrize(
    ("sentence", "n_found"),
    [
        (" ".join(["word"] * 20) + ".", 0),
        (" ".join(["word"] * 21) + ".", 1),
        (" ".join(["word"] * 15) + ". " + "More " + " ".join(["word"] * 15) + ".", 0),
        ("`a b c d e f g` " + " ".join(["word"] * 19) + ".", 0),
        ("| " + " ".join(["word"] * 30) + " |", 0),
        ("- " + " ".join(["word"] * 12) + "\n- " + " ".join(["word"] * 12), 0),
        ("- " + " ".join(["word"] * 12) + "\n  " + " ".join(["word"] * 12), 1),
    ],
)
def test_sentences_of_readme_and_guide_have_at_most_20_words(read, sentence: str, n_found: int) -> None:  # type: ignore[no-untyped-def]
    assert len(read("README.md", sentence)) == n_found
    assert len(read("docs/guide/a.md", sentence)) == n_found
    assert read("docs/results.md", sentence) == []


def test_the_program_says_what_it_finds_and_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(words, "ROOT", tmp_path)
    (tmp_path / "README.md").write_text("It eats.\n")
    monkeypatch.setattr(sys, "argv", ["words.py", str(tmp_path / "README.md")])
    with pytest.raises(SystemExit) as ended:
        words.main()
    assert ended.value.code
    assert capsys.readouterr().out == "README.md:1: 'eats' -> input, reads\n"
