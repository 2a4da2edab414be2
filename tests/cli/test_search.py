"""`groove search` as a person runs it."""

from __future__ import annotations

from pathlib import Path

import pytest

from groovecli.actions.search.said import Match
from groovecli.cli.views.search import said_of
from tests.cli.conftest import Workshop, groove, groove_json


@pytest.fixture
def library(workshop: Workshop) -> Path:
    assert groove("search", "piano", "--in", workshop.library / "folk").exit_code == 0
    return workshop.library


def test_a_list_as_text_and_as_json(library: Path, tmp_path: Path) -> None:
    said = groove("search", "piano", "ambient", "-n", 3, "-o", "x.m3u8")
    assert said.exit_code == 0, said.output
    lines = said.stdout.splitlines()
    assert len(lines) == 3 and all(line.endswith(" %") and "folk" in line for line in lines)
    assert "3 songs for piano, ambient, out of" in said.stderr and (tmp_path / "x.m3u8").is_file()
    found = groove_json("search", "ambient piano", "-n", 3)
    assert [song["path"] for song in found["songs"]] == [line.rpartition(": ")[0] for line in lines]
    assert {term["said"]: term["by"][0] for term in found["terms"]} == {
        "piano": "AudioSet",
        "ambient": "musicnn",
    }
    assert groove("search", "piano", "-o", "x.m3u8").exit_code == 2


def test_a_word_that_nothing_knows_is_said_counted_and_in_the_code(library: Path) -> None:
    said = groove("search", "piano", "pianno", "slow", "-n", 1)
    assert said.exit_code == 3 and "left out" in said.stderr and "pianno" in said.stderr
    assert "did you mean piano" in said.stderr and "groove describe" in said.stderr
    found = groove_json("search", "piano pianno slow", "-n", 1, code=3)
    assert found["unknown"][0]["said"] == "pianno" and found["unmeasured"] == ["slow"]
    assert groove("search", "pianno").exit_code == 1
    assert groove("search", "piano", "--in", library / "nowhere").exit_code == 1


@pytest.mark.parametrize(
    ("match", "text"),
    [
        (Match("piano", 0.9, "0.62", "AudioSet"), "piano 0.62 (AudioSet)"),
        (Match("slow", 0.9, "72 BPM", "measured"), "slow 72 BPM"),
        (Match("120 bpm", 0.9, "121 BPM", "measured", is_number=True), "121 BPM"),
        (Match("davis", 0.9, "artist", "tags"), "davis (artist)"),
        (Match("davis", 0.1, "", "tags"), "no davis"),
        (Match("slow", 0.5, "", ""), "slow: not known"),
        (Match("drums", 0.1, "0.03", "AudioSet", is_wanted=False), "not drums 0.03 (AudioSet)"),
    ],
)
def test_what_a_song_has_in_words(match: Match, text: str) -> None:
    assert said_of(match) == text
