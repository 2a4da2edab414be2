"""Options that mean the same in every command: lists, patterns, dry runs, pictures by ending."""

from __future__ import annotations

from pathlib import Path

import pytest

from groovecli.cli import options
from tests.cli.conftest import Workshop, groove, groove_json


@pytest.mark.parametrize("given", [["rock,jazz"], ["rock", "jazz"], ["rock, jazz", ""], "rock,jazz"])
def test_lists_are_by_comma_or_by_repetition(given: list[str] | str) -> None:
    assert options.names(given) == ("rock", "jazz")


def test_lists_of_files_may_hold_a_file_with_a_comma(tmp_path: Path) -> None:
    odd = tmp_path / "a,b.csv"
    odd.write_text("x")
    assert options.files([odd, Path("c.csv,d.csv")]) == (odd, Path("c.csv"), Path("d.csv"))


def songs_below(folder: Path) -> set[Path]:
    return set(folder.rglob("*.*"))


def test_cluster_says_what_it_would_write_and_writes_nothing(workshop: Workshop, tmp_path: Path) -> None:
    arguments = ("cluster", workshop.library, "--out", tmp_path / "lists")
    would = groove_json(*arguments, "--dry-run")
    assert would["dry_run"] is True and would["playlists"] and not (tmp_path / "lists").exists()
    shown = groove(*arguments, "--dry-run")
    assert shown.stdout.splitlines()[-1].startswith("nothing was written; there would be ")
    did = groove_json(*arguments)
    assert {**did, "dry_run": True} == would
    assert {path.stem for path in (tmp_path / "lists").glob("*.m3u8")} == {
        p["name"] for p in did["playlists"]
    }


def test_cluster_takes_some_genres_only(workshop: Workshop, tmp_path: Path) -> None:
    arguments = ("cluster", workshop.library, "--out", tmp_path, "--min-songs", "1", "--dry-run")
    found = groove_json(*arguments, "--genres", "folk", "--genres", "metal")
    n_songs = sum(len(list((workshop.library / genre).glob("*.opus"))) for genre in ("folk", "metal"))
    assert sum(playlist["songs"] for playlist in found["playlists"]) + found["left_out"] == n_songs
    refused = groove(*arguments, "--genres", "polka")
    assert refused.exit_code == 2 and "no genre 'polka'" in refused.stderr


def test_what_is_excluded_is_left_out_of_every_command(workshop: Workshop, tmp_path: Path) -> None:
    excluded = ("--exclude", "folk/", "--exclude", "metal/")
    named = groove_json("classify", workshop.library, *excluded)
    assert {Path(song["path"]).parent.name for song in named["results"]} == {"electronic", "orchestral"}
    assert named["passed_over"]["excluded"] == 2
    embedded = groove_json("embed", workshop.library, "-o", tmp_path / "songs.csv", *excluded)
    assert embedded["songs"] == len(named["results"])
    clustered = groove_json("cluster", workshop.library, "-o", tmp_path / "lists", *excluded)
    assert clustered["passed_over"]["excluded"] == 2
    ingested = groove_json("ingest", workshop.library, "-d", "two", *excluded)
    assert set(ingested["genres"]) == {"electronic", "orchestral"}


def test_add_genre_says_what_it_would_add(workshop: Workshop, demo: Path) -> None:
    before = groove_json("models")["models"]
    kept = {path: path.stat().st_mtime_ns for path in workshop.home.rglob("*") if path.is_file()}
    arguments = ("add-genre", "ambient", demo / "ambient", "--train", "--dry-run")
    would = groove_json(*arguments)["would_add"]
    n_songs = len(list((demo / "ambient").glob("*.opus")))
    assert (would["genre"], would["songs"], would["dataset"]) == ("ambient", n_songs, "default")
    shown = groove(*arguments)
    assert shown.stdout.startswith(f"would add ambient ({n_songs} songs) to dataset default")
    assert groove_json("models")["models"] == before
    assert {path: path.stat().st_mtime_ns for path in kept} == kept


def test_remove_genre_takes_a_list(workshop: Workshop) -> None:
    would = groove_json("remove-genre", "folk,metal", "electronic", "--dry-run")
    assert would["would_remove"] == ["electronic", "folk", "metal"] and would["left"] == ["orchestral"]


def test_a_model_is_removed_only_in_earnest(workshop: Workshop) -> None:
    would = groove_json("models", "remove", "net", "--dry-run")
    assert would["dry_run"] is True and Path(would["path"]).is_dir()
    assert "would remove net" in groove("models", "remove", "net", "--dry-run").stdout
    assert groove_json("models", "remove", "net", "--yes")["name"] == "net"
    assert not Path(would["path"]).exists()


@pytest.mark.parametrize(
    ("ending", "begins"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF"), ("PNG", b"\x89PNG")]
)
def test_pictures_are_written_as_their_ending_says(
    workshop: Workshop, tmp_path: Path, ending: str, begins: bytes
) -> None:
    plot = tmp_path / f"songs.{ending}"
    shown = groove("embed", workshop.library / "folk", "-o", tmp_path / "songs.npz", "--plot", plot)
    assert shown.exit_code == 0 and plot.read_bytes().startswith(begins)
    assert str(plot) in shown.output and str(tmp_path / "songs.npz") in shown.output


def test_an_svg_has_its_letters_as_text(workshop: Workshop, tmp_path: Path) -> None:
    plot = tmp_path / "songs.svg"
    groove("embed", workshop.library / "folk", "-o", tmp_path / "songs.npz", "--plot", plot)
    assert "6 songs by net (pca)" in plot.read_text("utf-8")


def test_evaluate_measures_some_genres_only(workshop: Workshop) -> None:
    found = groove_json("evaluate", "net", "--genres", "folk,metal")
    assert sum(map(sum, found["confusion"])) == found["per_song"]["n"]
    assert {g for g, score in found["genres"].items() if score["support"]} == {"folk", "metal"}
    assert groove("evaluate", "net", "--genres", "polka").exit_code == 2
