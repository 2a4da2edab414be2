"""`groove remove-genre`, and names that `add-genre` takes, as a user types them."""

from __future__ import annotations

import shutil

import pytest

from tests.cli.conftest import Workshop, groove, groove_json


def test_a_genre_goes_and_the_music_stays(workshop: Workshop) -> None:
    before = {path for path in workshop.library.rglob("*") if path.is_file()}
    chunks = list((workshop.home / "datasets" / "default").rglob("metal/**/*.pkl"))
    assert chunks
    found = groove_json("remove-genre", "METAL", "--yes")
    assert found["removed"] == ["metal"] and found["songs"] == 6
    assert found["left"] == ["electronic", "folk", "orchestral"]
    assert not any(chunk.exists() for chunk in chunks)
    assert {path for path in workshop.library.rglob("*") if path.is_file()} == before
    refused = groove("remove-genre", "metal", "--yes")
    assert refused.exit_code == 2
    assert "there is no genre 'metal'; there are: electronic, folk, orchestral" in refused.stderr


def test_it_can_be_ingested_again(workshop: Workshop) -> None:
    assert groove("remove-genre", "metal", "--yes").exit_code == 0
    result = groove_json("ingest", workshop.library, "--jobs", "1")
    assert list(result["genres"]) == ["electronic", "folk", "metal", "orchestral"]


def test_a_dry_run_only_says(workshop: Workshop) -> None:
    said = groove("remove-genre", "metal", "--dry-run")
    assert said.exit_code == 0 and said.stdout == "would remove metal (6 songs) from dataset default\n"
    assert groove_json("remove-genre", "metal", "--dry-run")["would_remove"] == ["metal"]


def test_without_an_answer_nothing_goes(workshop: Workshop) -> None:
    refused = groove("remove-genre", "metal")
    assert refused.exit_code == 2 and "nobody answered" in refused.stderr
    assert groove_json("remove-genre", "metal", "--dry-run")["songs"] == 6


def test_what_is_left_is_said_where_it_is_too_little(workshop: Workshop) -> None:
    for genre in ("metal", "folk"):
        groove("remove-genre", genre, "--yes")
    last = groove("remove-genre", "electronic", "--yes")
    assert "left: orchestral; a network needs two" in last.stderr


@pytest.mark.parametrize("name", ["", "  ", "unknown", "Silent"])
def test_names_that_no_genre_can_have(name: str, workshop: Workshop) -> None:
    refused = groove("add-genre", name, workshop.library / "metal")
    assert refused.exit_code == 2, refused.output
    assert "a genre needs a name" in refused.stderr or "no genre can be called" in refused.stderr


def test_another_case_is_the_genre_that_is_there(workshop: Workshop) -> None:
    shutil.copytree(workshop.library / "metal", workshop.library.parent / "more", dirs_exist_ok=True)
    said = groove("add-genre", "METAL", workshop.library.parent / "more", "--jobs", "1")
    assert said.exit_code == 0, said.output
    assert "METAL counts as metal: one genre" in said.stderr
    assert "METAL" not in said.stdout


def test_a_genre_of_songs_that_have_another_one_is_not_made(workshop: Workshop) -> None:
    done = groove("add-genre", "noise", workshop.library / "metal", "--jobs", "1")
    assert done.exit_code == 3
    assert "no song could be added: dataset default has no such genre" in done.stderr
    assert "next:" not in done.stderr


def test_train_takes_any_case(workshop: Workshop) -> None:
    assert groove("train", "--genres", "FOLK,Metal", "--epochs", "1", "--name", "two").exit_code == 0
    assert groove_json("models", "show", "two")["genres"] == ["folk", "metal"]
    refused = groove("train", "--genres", "folk,polka", "--epochs", "1")
    assert refused.exit_code == 2 and "no genre 'polka'" in refused.stderr
