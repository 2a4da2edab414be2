"""`groove map` from a library: what is on it, what is said, a map that stands still."""

from __future__ import annotations

import json
import re
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
from groovecli.actions.map.known import _by_decade, _by_edges, named_column
from groovecli.actions.map.run import Mapped, MapRequest, run
from groovecli.errors import Interrupted, LibraryError, UsageError
from groovecli.playlists.reading import list_name, songs_in
from tests.conftest import write_song
from tests.small import QUICK, Stopper, World, world
from tests.test_map_page import unpacked
from tests.test_similar import tagged


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Eight low and eight high tones, by four artists."""
    with world(tmp_path_factory.mktemp("small"), n_songs=8) as small:
        for number, song in enumerate(sorted(small.library.rglob("*.wav"))):
            tagged(song, ("Ann", "Bob", "Cid", "Dee")[number % 4], f"Song {number}")
        small.ingest()
        small.train(QUICK)
        yield small


@pytest.fixture
def small(made: World, tmp_path: Path) -> World:
    """The same with a library that may be changed."""
    shutil.copytree(made.library, tmp_path / "library")
    return replace(made, root=tmp_path)


def mapped(small: World, **changes: Any) -> Mapped:
    request = MapRequest(small.library, small.root / "map.html", model="quick", n_clips=1)
    with small.at_home():
        return run(replace(request, **changes), small.context())


def data(found: Mapped) -> dict[str, Any]:
    page = found.out.read_text("utf-8")
    (text,) = re.findall(r'id="map-data">(.*?)</script>', page, re.DOTALL)
    read: dict[str, Any] = json.loads(text)
    return read


def test_a_library_becomes_a_map(small: World) -> None:
    found = mapped(small)
    assert (found.n_songs, found.n_kept, found.failed) == (16, None, ())
    assert "share the genre" in found.title and found.colours[:2] == ("genre", "playlist")
    packed = data(found)
    assert packed["n"] == 16 and len(packed["files"]) == 16 and packed["folders"][0].startswith("library/")
    assert found.n_bytes == found.out.stat().st_size
    names = [column["key"] for column in packed["columns"]]
    assert names[-1] == "artist" and "folder" not in names  # the same as the genre
    near = unpacked(packed["near"]).reshape(16, 10)
    assert all(i not in row for i, row in enumerate(near.tolist()))


def test_songs_are_in_the_order_of_their_names(small: World) -> None:
    packed = data(mapped(small))
    artists = packed["columns"][-1]
    of = [artists["labels"][each - 1] for each in unpacked(artists["of"])]
    assert of == sorted(of)


def test_the_same_map_comes_again(small: World) -> None:
    first = mapped(small).out.read_bytes()
    found = mapped(small)
    assert found.n_kept == 16 and found.out.read_bytes() == first
    fresh = mapped(small, fresh=True)
    assert fresh.n_kept is None and fresh.out.read_bytes() == first


def test_new_songs_join_the_last_map(small: World) -> None:
    mapped(small)
    write_song(small.library / "low" / "new.wav", 12, sr=8000, hz=210, seed=9)
    found = mapped(small)
    assert (found.n_songs, found.n_kept) == (17, 16)


def test_a_damaged_last_map_is_said(small: World, made: World) -> None:
    mapped(small)
    for file in made.home.maps.glob("*.npz"):
        file.write_bytes(b"no")
    found = mapped(small)
    assert found.n_kept is None and "damaged" in found.notes[0]


def test_playlists_that_are_given_are_the_areas(small: World) -> None:
    lists = small.root / "lists"
    lists.mkdir()
    (lists / "Lows.m3u8").write_text("".join(f"../library/low/{n}.wav\n" for n in range(8)))
    (lists / "Gone.m3u8").write_text("../library/nothing.wav\n")
    found = mapped(small, playlists=lists)
    assert found.playlists == ("Lows",) and "1 playlist without a song" in found.notes[0]
    packed = data(found)
    column = next(each for each in packed["columns"] if each["key"] == "playlist")
    assert column["labels"] == ["Lows"] and (unpacked(column["of"]) == 1).sum() == 8
    with pytest.raises(LibraryError):
        mapped(small, playlists=small.root / "none.m3u8")


def test_areas_are_the_playlists_that_cluster_makes(small: World) -> None:
    """Duplicates and what is no song stand in no list, and lists are named alike."""
    copy = small.library / "high" / "again.wav"
    sound, sr = sf.read(small.library / "low" / "0.wav")
    sf.write(copy, sound * 0.9, sr)
    tagged(copy, "Ann", "Song 8")
    long = small.library / "low" / "set.wav"
    sf.write(long, np.random.default_rng(0).normal(size=21 * 60 * 100) / 9, 100)
    with small.at_home():
        request = ClusterRequest(small.library, small.root / "lists", model="quick", n_clips=1)
        made = cluster(replace(request, seed=3), small.context())
    lists = {each.path: set(songs_in(each.path)) for each in made.written}
    assert long not in set().union(*lists.values())
    found = mapped(small, seed=3)
    packed = data(found)
    column = next(each for each in packed["columns"] if each["key"] == "playlist")
    drawn: dict[str, set[Path]] = {}
    for row, which in enumerate(unpacked(column["of"])):
        if which:
            folder = packed["folders"][unpacked(packed["folder"])[row]]
            drawn.setdefault(column["labels"][which - 1], set()).add(
                small.root / folder / packed["files"][row]
            )
    assert drawn == {list_name(path): songs for path, songs in lists.items()}
    assert any("not in playlists" in note for note in found.notes)


def test_a_playlist_is_called_as_its_file_says(small: World) -> None:
    path = small.root / "file.m3u8"
    path.write_text(
        "#EXTM3U\n#PLAYLIST:  Late  night \n" + "".join(f"library/low/{n}.wav\n" for n in range(8))
    )
    assert mapped(small, playlists=path).playlists == ("Late night",)


def test_files_of_one_sound_are_one_dot_and_bad_ones_are_said(small: World) -> None:
    shutil.copy(small.library / "low" / "0.wav", small.library / "low" / "again.wav")
    (small.library / "low" / "bad.mp3").write_text("no music")
    found = mapped(small)
    assert found.n_songs == 16 and [item.path.name for item in found.failed] == ["bad.mp3"]
    assert any("same sound" in note for note in found.notes)


def test_one_song_is_a_map_and_none_is_an_error(small: World) -> None:
    for song in sorted(small.library.rglob("*.wav"))[1:]:
        song.unlink()
    found = mapped(small)
    assert found.n_songs == 1 and found.title.startswith("1 song")
    for song in small.library.rglob("*.wav"):
        song.unlink()
    with pytest.raises(LibraryError):
        mapped(small)


def test_other_files_are_not_replaced(small: World) -> None:
    out = small.root / "map.html"
    out.write_text("my own page")
    with pytest.raises(UsageError, match="did not write it"):
        mapped(small)
    assert mapped(small, force=True).out == out
    with pytest.raises(UsageError, match=r"end in \.html"):
        mapped(small, out=small.root / "map.png")


def test_ctrl_c_while_tags_are_read(small: World) -> None:
    with small.at_home(), pytest.raises(Interrupted):
        run(
            MapRequest(small.library, small.root / "map.html", model="quick", n_clips=1),
            small.context(monitor=Stopper("read tags", 1)),
        )
    assert not (small.root / "map.html").exists()


def test_years_and_numbers_are_in_order() -> None:
    years = _by_decade([1999, None, 1931, 1985, *range(1950, 2021, 10)])
    assert years.labels[0] == "before 1960" and years.labels[-1] == "2020 to 2029"
    assert years.of[:4].tolist() == [5, 0, 1, 4] and years.is_ordered
    tempos = _by_edges("tempo", "tempo", [None, 60.0, 70.0, 400.0], (70, 90))
    assert tempos.labels == ("under 70", "70 to 90", "90 and more")
    assert tempos.of.tolist() == [0, 1, 2, 3]
    assert named_column("a", "a", ["b", "", "A"]).of.tolist() == [2, 0, 1]
