"""`groove map` as a person runs it."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Workshop, groove, groove_json


def test_a_map_as_text_and_as_json(workshop: Workshop, tmp_path: Path) -> None:
    folk = workshop.library / "folk"
    said = groove("map", folk)
    assert said.exit_code == 0, said.output
    assert said.stdout == "map.html\n" and (tmp_path / "map.html").is_file()
    assert "6 songs" in said.stderr and "colours: " in said.stderr
    found = groove_json("map", folk, "--out", "other.html")
    assert (found["songs"], found["on_the_last_map"], found["schema"]) == (6, 6, 1)
    assert found["bytes"] == (tmp_path / "other.html").stat().st_size
    assert "6 songs as on the last map or page of playlists, 0 new" in groove("map", folk).stderr


def test_what_can_t_be_mapped(workshop: Workshop, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert groove("map", "empty").exit_code == 1
    assert groove("map", "nothing").exit_code == 1
    assert groove("map", workshop.library, "--out", "map.png").exit_code == 2
    assert groove("map", workshop.library, "--playlists", "empty").exit_code == 1
    (tmp_path / "notes.html").write_text("mine")
    refused = groove("map", workshop.library, "--out", "notes.html")
    assert refused.exit_code == 2 and "--force" in refused.stderr
    assert (tmp_path / "notes.html").read_text() == "mine"


def test_playlists_as_a_page(workshop: Workshop, tmp_path: Path) -> None:
    folk = workshop.library / "folk"
    found = groove_json("cluster", folk, "--out", "lists", "--page")
    page = tmp_path / "lists" / "playlists.html"
    assert found["page"] == str(Path("lists", "playlists.html"))
    text = page.read_text("utf-8")
    assert found["playlists"][0]["name"] in text and "../" in text
    assert "a page of the playlists" in groove("cluster", folk, "--out", "lists", "--page").stderr
    assert groove_json("map", folk)["on_the_last_map"] == 6  # both stand on one map
    page.write_text("mine")
    assert groove("cluster", folk, "--out", "lists", "--page").exit_code == 2
    assert groove("cluster", folk, "--out", "lists").exit_code == 0 and page.read_text() == "mine"
