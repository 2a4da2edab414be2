"""What songs are called by their folders, whichever libraries there were."""

from __future__ import annotations

from pathlib import Path

from groovecli.library.catalog import Catalog
from groovecli.library.roots import library_roots
from groovecli.library.tracks import FileState, Track
from groovecli.playlists.called import Called
from groovecli.playlists.named import Names
from groovecli.playlists.picks import artist_of, called


def test_the_library_of_the_latest_command_counts(tmp_path: Path) -> None:
    with Catalog(tmp_path / "catalog.db") as catalog:
        assert library_roots(catalog) == ()
        catalog.log_run("classify", {"paths": ["/home"]})  # of songs, not of a library
        catalog.log_run("ingest", {"library": "/music"})
        catalog.log_run("cluster", {"paths": ["music", "/music/jazz"]})
        catalog.log_run("map", {"paths": ["/music"]})
        assert library_roots(catalog) == (Path("/music"), Path("/music/jazz"))


def test_names_come_from_folders_of_the_library_alone(tmp_path: Path) -> None:
    names = Names([tmp_path])
    path = tmp_path / "Ann" / "Album" / "B 02 - Chaos.mp3"
    assert names.of(path.with_name("02 - Chaos.mp3")) == Called("Ann", "Chaos")
    assert names.of(tmp_path / "Album" / "02 - Chaos.mp3") == Called("", "Chaos")
    assert Names([]).of(path.with_name("02 - Chaos.mp3")) == Called("", "Chaos")
    assert names.of(path, artist="Bob", title="Chaos") == Called("Bob", "Chaos")


def test_a_bare_number_is_the_tracks_where_most_files_have_one(tmp_path: Path) -> None:
    folder = tmp_path / "Ann" / "Album"
    folder.mkdir(parents=True)
    (folder / "12 Hours.mp3").touch()
    assert Names([tmp_path]).of(folder / "12 Hours.mp3").title == "12 Hours"
    (folder / "13 Days.mp3").touch()
    (folder / "14.txt").touch()
    track = Track("1", folder / "12 Hours.mp3", FileState(1, 1), 1.0)
    (named,) = Names([tmp_path]).named([track])
    assert called(named) == "Ann - Hours" and artist_of(named.tags) == "ann"
    assert called(track) == "12 Hours"
