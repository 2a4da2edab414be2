"""Text on a screen: nothing wider than it, no name folded, no word broken; in a pipe nothing lost."""

from __future__ import annotations

import json
import re
import shlex
from contextlib import redirect_stdout
from io import StringIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groovecli.cli import render, screen
from groovecli.cli.tables import KEPT, laid_out
from groovecli.cli.typesetting import command_lines, n_cells, shortened, wrapped
from groovecli.errors import GrooveError, Interrupted
from tests.cli.screens import printed, shown_on, wide

LETTERS = st.characters(categories=("L", "N", "P", "S"))
WORDS = st.text(LETTERS, min_size=1, max_size=30)
NAMES = st.lists(WORDS, min_size=1, max_size=6).map(" ".join)
SCREENS = st.integers(20, 200)
NUMBERS = st.integers(0, 10**6).map(str)
ROWS = st.lists(st.tuples(NAMES, NAMES, NUMBERS, NUMBERS), max_size=6)
HEADS = ("genre", "sounds like", "songs", "clips")


def plain(text: str) -> str:
    return re.sub(r"\033\[[\d;]*m", "", text)


# Names


@given(NAMES, SCREENS)
def test_a_shortened_name_fits_and_keeps_its_ends(name: str, width: int) -> None:
    short = shortened(name, width)
    assert n_cells(short) <= width
    if n_cells(name) <= width:
        assert short == name
    else:
        head, _, tail = short.partition("…") if "…" not in name else (short, "", "")
        assert name.startswith(head) or "…" in name
        assert name.endswith(tail)


def test_letters_of_two_columns_are_never_cut_in_half() -> None:
    assert shortened("春の海はひねもすのたり", 10) == "春の…たり"
    assert shortened("abcdefghij", 7) == "abc…hij"
    assert shortened("abcdefghij", 7, "...") == "ab...ij"
    assert shortened("abcdefghij", 2, "...") == ".."


# Tables


@given(ROWS, SCREENS)
def test_a_table_is_never_wider_than_the_screen(rows: list[tuple[str, ...]], width: int) -> None:
    layout = laid_out(HEADS, rows, right={2, 3}, width=width)
    lines = ["  ".join(cells) for cells in (layout.head, *layout.rows)]
    assert max(map(n_cells, lines)) <= width
    assert len(layout.columns) + layout.n_dropped == len(HEADS)
    assert 0 in layout.columns


@given(ROWS)
def test_in_a_pipe_a_table_has_every_cell(rows: list[tuple[str, ...]]) -> None:
    layout = laid_out(HEADS, rows, right={2, 3})
    assert layout.n_dropped == 0
    assert [tuple(cell.strip(" ") for cell in row) for row in layout.rows] == rows


@given(ROWS, SCREENS)
def test_names_keep_letters_until_columns_have_gone(rows: list[tuple[str, ...]], width: int) -> None:
    layout = laid_out(HEADS, rows, right={2, 3}, ranks=(0, 1, 0, 2), width=width)
    if 1 in layout.columns:  # it would have gone before
        for row, cells in zip(rows, layout.rows, strict=True):
            assert all(n_cells(cells[n]) >= min(KEPT, n_cells(row[n])) for n in (0, 1))


def test_columns_go_by_rank() -> None:
    rows = [("a" * 30, "b" * 30, "1", "2")]
    widths = {80: (0, 1, 2, 3), 64: (0, 1, 2, 3), 57: (0, 1, 2), 56: (0, 2), 40: (0, 2)}
    for width, columns in widths.items():
        assert laid_out(HEADS, rows, right={2, 3}, ranks=(0, 1, 0, 2), width=width).columns == columns


def test_numbers_are_right_and_empty_columns_are_left_away() -> None:
    layout = laid_out(("", "", "n"), [("a", "", "7"), ("bb", "", "1,234")], right={2})
    assert layout.rows == (("a ", "    7"), ("bb", "1,234"))
    assert layout.n_dropped == 0


def test_what_has_no_room_is_said() -> None:
    rows = [("x" * 30, "y" * 30, 1)]
    narrow = printed(lambda: render.table("title", ("a", "b", "c"), rows, left=2), 40)
    assert narrow.splitlines()[0] == "title" and "+2 columns: --wide or --json" in narrow
    assert "+" not in wide(lambda: render.table("title", ("a", "b", "c"), rows, left=2), 40)
    assert "y" * 30 in printed(lambda: render.table("title", ("a", "b", "c"), rows, left=2), None)


# Sentences


@given(st.lists(WORDS, min_size=1, max_size=40), SCREENS)
def test_sentences_wrap_at_words(parts: list[str], width: int) -> None:
    lines = wrapped(" ".join(parts), width)
    assert " ".join(" ".join(lines).split(" ")).split() == " ".join(parts).split()
    for line in lines:
        assert n_cells(line) <= width or len(re.findall(r"[^\s`]+", line)) == 1 or "`" in line
    assert wrapped(" ".join(parts), None) == [" ".join(parts)]


def test_commands_and_units_stay_in_one_piece() -> None:
    assert wrapped("take more songs with `groove ingest MUSIC` now", 30) == [
        "take more songs with",
        "  `groove ingest MUSIC` now",
    ]
    assert wrapped("it is right on about 17 % of songs", 23) == ["it is right on about", "  17 % of songs"]
    assert wrapped("30 songs: rock 19, folk 9, unknown 2", 34) == [
        "30 songs: rock 19, folk 9,",
        "  unknown 2",
    ]


@given(st.lists(st.text(st.characters(codec="ascii", categories=("L", "P", "Zs")), max_size=20)), SCREENS)
def test_a_command_over_lines_is_still_that_command(arguments: list[str], width: int) -> None:
    command = shlex.join(["groove", *arguments])
    lines = command_lines(command, width, hanging=6)
    assert all(line.endswith(" \\") for line in lines[:-1])
    text = " ".join(line.removesuffix(" \\") for line in lines)
    assert shlex.split(text) == ["groove", *arguments]


def test_a_hint_has_a_line_of_its_own() -> None:
    failure = GrooveError("there is no model 'x'", "see `groove models`")
    assert printed(lambda: render.error(failure), None) == (
        "error: there is no model 'x'\nhint: see `groove models`\n"
    )
    assert printed(lambda: render.error(GrooveError("no")), None) == "error: no\n"


def test_what_ctrl_c_stopped_is_one_line_and_no_error() -> None:
    stopped = Interrupted("37 of 971 songs are done", "the same command goes on")
    said = "stopped: 37 of 971 songs are done; the same command goes on\n"
    assert printed(lambda: render.error(stopped), None) == said
    assert printed(lambda: render.error(Interrupted("stopped before all")), None) == "stopped: before all\n"


def test_quiet_leaves_out_all_but_answers_and_errors() -> None:
    def say() -> None:
        render.be_quiet(True)
        try:
            for line in (render.note, render.warning, render.hint, render.next_step):
                line("groove x")
            render.listed("removed", [])
            render.answer("an answer")
            render.error(GrooveError("no"))
        finally:
            render.be_quiet(False)

    assert printed(say, 80) == "an answer\nerror: no\n"


def test_control_characters_and_odd_names_are_shown() -> None:
    assert printed(lambda: render.answer("\033[31m[bold]\tx"), None) == "\\x1b[31m[bold]\\tx\n"
    assert printed(lambda: render.note("caf\udce9"), 80, FORCE_COLOR="1") == "caf\udce9\n"


def test_a_name_of_a_megabyte_is_shortened() -> None:
    assert render.shown("x" * 1_000_000) == f"{'x' * 200} ... (1,000,000 letters)"
    assert render.shown("x" * 4096) == "x" * 4096


def test_fields_go_below_a_name_where_there_is_no_room_beside_it() -> None:
    pairs = [("name", "a sentence of several words"), ("n" * 30, "more")]
    assert printed(lambda: render.fields(pairs[:1]), None) == "name  a sentence of several words\n"
    assert printed(lambda: render.fields(pairs[:1]), 30) == "name  a sentence of several\n      words\n"
    assert printed(lambda: render.fields(pairs), 40) == (
        f"name\n  a sentence of several words\n{'n' * 30}\n  more\n"
    )


# Colours


def say_all() -> None:
    render.heading("models")
    render.warning("few songs")
    render.hint("see `groove models` or train: groove train")
    render.next_step("groove train")
    render.note("wrote x.html")
    render.error(GrooveError("no"))
    render.table("", ("genre",), [("rock",)])
    render.aligned([("17 %", "folk/a.mp3")], ranks=(0, 0), styles=(render.UNIT, render.PATH))


def test_colours_are_for_states_and_from_the_sixteen() -> None:
    text = printed(say_all, 80, NO_COLOR="")
    assert "\033[33mwarning:\033[0m few songs" in text
    assert "see \033[36m`groove models`\033[0m or train: \033[36mgroove train\033[0m" in text
    assert "next: \033[36mgroove train\033[0m" in text
    assert "\033[32mwrote\033[0m x.html" in text and "\033[31merror:\033[0m no" in text
    assert "\033[1mgenre\033[0m" in text and "17 \033[2m%\033[0m  \033[2mfolk/\033[0ma.mp3" in text
    assert set(re.findall(r"\033\[([\d;]*)m", text)) <= {"0", "1", "2", "31", "32", "33", "36"}
    assert plain(text) == printed(say_all, 80)


@pytest.mark.parametrize(
    ("mode", "columns", "environment", "has_color"),
    [
        ("auto", 80, {}, True),
        ("auto", None, {}, False),
        ("auto", 80, {"NO_COLOR": "1"}, False),
        ("auto", 80, {"TERM": "dumb"}, False),
        ("auto", None, {"FORCE_COLOR": "1"}, True),
        ("auto", 80, {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ("auto", None, {"FORCE_COLOR": "0"}, False),
        ("always", None, {"NO_COLOR": "1", "TERM": "dumb"}, True),
        ("never", 80, {"FORCE_COLOR": "1"}, False),
    ],
)
def test_who_wants_colours_gets_them(
    mode: str, columns: int | None, environment: dict[str, str], has_color: bool
) -> None:
    render.set_color(mode)
    try:
        text = printed(say_all, columns, **{"NO_COLOR": "", "FORCE_COLOR": ""} | environment)
    finally:
        render.set_color("auto")
    assert ("\033[" in text) is has_color


# Widths


def test_the_width_of_a_screen() -> None:
    for asked, width, line in (
        ("60", 60, 60),
        ("200", 200, 100),
        ("0", 78, 78),
        ("x", 78, 78),
        ("3", 20, 20),
    ):
        with shown_on(80, COLUMNS=asked) as stream:
            assert (screen.width(stream), screen.line_width(stream)) == (width, line)
    with shown_on(None, COLUMNS="60") as stream:
        assert screen.width(stream) is None and screen.line_width(stream) is None


def test_a_stream_that_is_closed_is_no_terminal() -> None:
    with shown_on(80) as stream:
        assert screen.is_animated(stream)
        assert not screen.is_terminal(None)
        stream.close()
    with shown_on(80, TERM="dumb") as stream:
        assert screen.is_terminal(stream) and not screen.is_animated(stream)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), VALUES, min_size=1, max_size=4), st.lists(VALUES, max_size=3))
def test_rows_one_by_one_are_the_same_json(rest: dict[str, Any], rows: list[Any]) -> None:
    with redirect_stdout(StringIO()) as whole:
        render.as_json({**rest, "rows": rows})
    with redirect_stdout(StringIO()) as by_row:
        render.as_json({**rest, "rows": iter(rows)})
    assert by_row.getvalue() == whole.getvalue() == json.dumps({**rest, "rows": rows}, indent=2) + "\n"
