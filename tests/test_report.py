"""`groove report` from a library: what it measures, what it counts, what it says of bad files."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile as sf

from groovecli.actions.cluster import ClusterRequest
from groovecli.actions.cluster import run as cluster
from groovecli.actions.report import run as action
from groovecli.actions.report.holdings import opened
from groovecli.actions.report.labels import _compared
from groovecli.actions.report.run import Reported, ReportRequest, run
from groovecli.audio.header import read_header
from groovecli.cli.views import report as views
from groovecli.errors import Interrupted, LibraryError, UsageError
from groovecli.library.tracks import FileState, Track
from groovecli.monitor import SILENT
from tests.conftest import write_song
from tests.small import QUICK, Stopper, World, world
from tests.test_similar import tagged


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Twelve low and twelve high tones, by six artists."""
    with world(tmp_path_factory.mktemp("small"), n_songs=12) as small:
        for number, song in enumerate(sorted(small.library.rglob("*.wav"))):
            tagged(song, f"Artist {number % 6}", f"Song {number}")
        small.ingest()
        small.train(QUICK)
        yield small


@pytest.fixture
def small(made: World, tmp_path: Path) -> World:
    """The same with a library that may be changed."""
    shutil.copytree(made.library, tmp_path / "library")
    return replace(made, root=tmp_path)


def reported(small: World, **changes: Any) -> Reported:
    request = ReportRequest(small.library, small.root / "report.html", model="quick", n_clips=1)
    with small.at_home():
        return run(replace(request, **changes), small.context())


def test_a_library_becomes_a_report(small: World) -> None:
    found = reported(small)
    overview = found.overview
    assert (overview.n_songs, overview.n_files, overview.n_described) == (24, 24, 0)
    assert "share the genre" in overview.title
    near = overview.health.precision
    assert near is not None and near.n_songs == 24 and near.corrected.value > near.by_chance
    held = {each.key: each for each in overview.held}
    assert dict(zip(held["genres"].labels, held["genres"].counts, strict=True)) == {"high": 12, "low": 12}
    assert held["formats"].labels == ("PCM (WAV, AIFF)",) and held["sample_rates"].labels == ("8 kHz",)
    assert "tempo" not in held
    missing = {each.key: each.n for each in overview.missing}
    assert missing["no_album"] == 24 and "no_artist" not in missing
    assert found.n_bytes == found.out.stat().st_size < 300_000
    assert all(song.path.is_file() for song in overview.hubs)


def test_the_same_report_comes_again(small: World) -> None:
    first = reported(small).out.read_bytes()
    assert reported(small).out.read_bytes() == first


def test_songs_are_measured_first_where_asked(small: World) -> None:
    found = reported(small, describe=True, genres=("low",))
    assert found.overview.n_songs == found.overview.n_described == 12
    held = {each.key: each for each in found.overview.held}
    assert held["loudness"].n_known == 12 and found.undescribed == ()


def test_genres_are_from_where_it_is_said(small: World) -> None:
    tags = reported(small, label_from="tag").overview
    assert tags.health.precision is None and "genres" not in {each.key for each in tags.held}
    assert "among the ten nearest of another song" in tags.title
    assert reported(small, label_from="folder").overview.health.precision is not None


def test_playlists_are_those_of_cluster(small: World) -> None:
    """What is no song is in the report, and in none of its playlists."""
    for number in range(2):
        long = small.library / "low" / f"set {number}.wav"
        sf.write(long, np.random.default_rng(number).normal(size=21 * 60 * 100) / 9, 100)
    with small.at_home():
        request = ClusterRequest(small.library, small.root / "lists", model="quick", n_clips=1)
        lists = cluster(request, small.context()).written
    found = reported(small).overview
    assert found.n_songs == 26 and found.health.n_playlists == len(lists)
    assert any("`groove cluster`: 2 songs (" in note for note in found.notes)


def test_the_page_has_all_options_of_its_command(small: World) -> None:
    page = reported(small, describe=True, genres=("low",), exclude=("*7*",)).out.read_text("utf-8")
    command = "--genres low --exclude &#x27;*7*&#x27; --describe --places 1 --model quick</code>"
    assert command in page


def test_bad_files_and_second_files_are_said(small: World, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copy(small.library / "low" / "0.wav", small.library / "low" / "again.wav")
    (small.library / "low" / "<b>bad.mp3").write_text("no music")
    found = reported(small)
    assert (found.overview.n_songs, found.overview.n_files) == (24, 25)
    assert [item.path.name for item in found.failed] == ["<b>bad.mp3"]
    assert any("same sound" in note for note in found.overview.notes)
    page = found.out.read_text("utf-8")
    assert "&lt;b&gt;bad.mp3" in page and "1 file can&#x27;t be read" in page
    views.show(found)
    out, err = capsys.readouterr()
    assert "bad.mp3" in err and "--describe" in err and out.splitlines()[-1].startswith("Songs next")


def test_one_song_is_a_report_and_none_is_an_error(small: World) -> None:
    for song in sorted(small.library.rglob("*.wav"))[1:]:
        song.unlink()
    found = reported(small)
    assert found.overview.n_songs == 1 and "too few" in found.overview.title
    for song in small.library.rglob("*.wav"):
        song.unlink()
    with pytest.raises(LibraryError):
        reported(small)


def test_other_files_are_not_replaced(small: World) -> None:
    out = small.root / "report.html"
    out.write_text("my own page")
    with pytest.raises(UsageError, match="did not write it"):
        reported(small)
    assert reported(small, force=True).out == out
    with pytest.raises(UsageError, match=r"end in \.html"):
        reported(small, out=small.root / "report.pdf")


@pytest.mark.parametrize(("stage", "at"), [("read tags", 1), ("measure", 0), ("measure", 3)])
def test_ctrl_c(small: World, stage: str, at: int) -> None:
    with small.at_home(), pytest.raises(Interrupted):
        run(
            ReportRequest(small.library, small.root / "report.html", model="quick", n_clips=1),
            small.context(monitor=Stopper(stage, at)),
        )
    assert not (small.root / "report.html").exists()


def test_of_a_large_library_some_songs_are_measured(small: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(action, "MOST_MEASURED", 20)
    found = reported(small).overview
    assert (found.health.n_songs, found.health.n_library, found.n_songs) == (20, 24, 24)
    assert any("20 of 24 songs, drawn at random" in note for note in found.notes)


def test_of_many_files_some_are_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_song(tmp_path / "a.wav", 1.0, sr=8000)
    names = ["a.wav" if n % 2 else "gone.wav" for n in range(9)]
    tracks = [Track(str(n), tmp_path / name, FileState(1, 1), 1.0) for n, name in enumerate(names)]
    monkeypatch.setattr("groovecli.actions.report.holdings.MOST_OPENED", 5)
    read = opened(tracks, 0, SILENT)
    assert len(read.headers) == len(read.years) == 5 and read.n_all == 9
    assert read == opened(tracks, 0, SILENT)


def test_headers_are_read_without_decoding(tmp_path: Path) -> None:
    write_song(tmp_path / "a.wav", 1.0, sr=8000)
    header = read_header(tmp_path / "a.wav")
    assert header is not None and (header.codec, header.sr) == ("PCM (WAV, AIFF)", 8000)
    (tmp_path / "b.mp3").write_text("no music")
    assert read_header(tmp_path / "b.mp3") is None and read_header(tmp_path / "gone.mp3") is None


def test_folders_that_are_artists_are_compared_with_nothing() -> None:
    folders = tuple(f"artist {n}" for n in range(60))
    compared, notes = _compared(folders, ("rock", "") * 30)
    assert list(compared) == ["genre tags"] and "look like artists" in notes[0]
    assert list(_compared(("rock", "folk") * 10, ("Rock", "Folk") * 10)[0]) == ["folders and genre tags"]
    assert _compared(("", ""), ("", "")) == ({}, ())
