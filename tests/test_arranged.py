"""Clusters become playlists: in order, capped, and named by tags, folders and what was measured."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import mutagen
import numpy as np
import pytest
from mutagen.id3 import ID3, TMOO, TXXX

from groovecli.actions.arranged import Arrangement, arranged, entries_of, own_lists, too_many, words_of
from groovecli.audio.moods import read_moods
from groovecli.audio.tags import Tags
from groovecli.describe.description import Loudness, SongDescription, Tempo
from groovecli.describe.rows import keep_descriptions
from groovecli.library.catalog import Catalog
from groovecli.library.tracks import FileState, Track
from groovecli.playlists.clusters import Cluster, Clustering
from groovecli.playlists.playlist import Entry
from groovecli.reasons import Reason
from tests.conftest import write_song

LIBRARY = Path("/music")
SLOW = SongDescription(Tempo(70.0, 0.9), loudness=Loudness(-12.0, 9.0), brightness_hz=2000.0)
FAST = SongDescription(Tempo(160.0, 0.9), loudness=Loudness(-12.0, 9.0), brightness_hz=2000.0)


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with Catalog(tmp_path / "catalog.db") as made:
        yield made


def entry(number: int, artist: str = "", genre: str = "jazz") -> Entry:
    return Entry(LIBRARY / f"{number:02}.mp3", 200.0, artist, f"title {number}", genre, f"{number:032x}")


def clustering(*groups: range) -> Clustering:
    return Clustering(tuple(Cluster(tuple(rows), rows[0]) for rows in groups), (), "mutual", ())


def on_a_line(n: int) -> np.ndarray:
    return np.linspace(0, 1, n, dtype=np.float32)[:, None]


def test_each_song_of_a_cluster_is_in_its_playlist_once_and_the_exemplar_first(catalog: Catalog) -> None:
    entries = [entry(i, "ab"[i % 2], "jazz" if i < 6 else "folk") for i in range(12)]
    lists = arranged(clustering(range(6), range(6, 12)), entries, on_a_line(12), catalog, Arrangement())
    assert [each.name for each in lists] == ["Jazz", "Folk"]
    assert [each.entries[0] for each in lists] == [entries[0], entries[6]] == [e.exemplar for e in lists]
    assert {e.path for each in lists for e in each.entries} == {e.path for e in entries}
    titles = arranged(clustering(range(12)), entries[::-1], on_a_line(12), catalog, Arrangement("title"))
    assert [e.title for e in titles[0].entries] == sorted(e.title for e in entries)


def test_songs_over_the_cap_belong_to_their_list_and_are_said(catalog: Catalog) -> None:
    entries = [entry(i, artist) for i, artist in enumerate("aaabbbccc")]
    lists = arranged(clustering(range(9)), entries, on_a_line(9), catalog, Arrangement(per_artist=2))
    assert lists[0].beside == (entries[2], entries[5], entries[8])
    assert len(lists[0].entries) == 6
    said = list(too_many(lists))
    assert (said[0].path, said[0].reason) == (entries[2].path, Reason.CAPPED)
    assert said[0].text.endswith("is left out of Jazz, which has enough songs of its artist")
    assert not list(own_lists(lists))


def test_an_artists_own_list_keeps_its_songs_and_says_so(catalog: Catalog) -> None:
    entries = [entry(i, artist) for i, artist in enumerate(["Nina Simone"] * 5 + ["b", "b", "b"])]
    lists = arranged(clustering(range(8)), entries, on_a_line(8), catalog, Arrangement(per_artist=2))
    assert lists[0].name == "Nina Simone" and lists[0].beside == (entries[7],)
    assert list(own_lists(lists)) == ["Nina Simone is a playlist of one artist: 5 songs by Nina Simone"]


def test_lists_of_one_genre_are_named_by_what_was_measured(catalog: Catalog) -> None:
    entries = [entry(i, str(i)) for i in range(12)]
    groups = clustering(range(4), range(4, 8), range(8, 12))
    unknown = arranged(groups, entries, on_a_line(12), catalog, Arrangement())
    assert [each.name for each in unknown] == ["Jazz like 0", "Jazz like 4", "Jazz like 8"]
    keep_descriptions(catalog, {entries[i].id: SLOW if i < 4 else FAST for i in range(8)})
    lists = arranged(groups, entries, on_a_line(12), catalog, Arrangement())
    assert [each.name for each in lists] == ["Slow jazz", "Fast jazz", "Jazz like 8"]
    named = arranged(groups, entries, on_a_line(12), catalog, Arrangement(name_format="{words}, {songs}"))
    assert [each.name for each in named] == ["Slow, 4", "Fast, 4", "4"]


def test_words_are_of_songs_far_from_the_middle() -> None:
    assert list(words_of(SLOW)) == ["slow"] and list(words_of(FAST)) == ["fast"]
    assert list(words_of(SongDescription())) == []
    unsure = SongDescription(Tempo(70.0, 0.2), loudness=Loudness(-7.0, 5.0), brightness_hz=4000.0)
    assert list(words_of(unsure)) == ["loud", "bright"]
    calm = SongDescription(loudness=Loudness(-20.0, 3.0), brightness_hz=900.0)
    assert list(words_of(calm)) == ["quiet", "calm", "dark"]


def test_entries_have_artists_and_titles_of_folders_without_tags() -> None:
    path = LIBRARY / "Nina Simone" / "Pastel Blues" / "10 Sinnerman.mp3"
    tracks = [
        Track("0", path, FileState(1, 1), 1.0),
        Track("1", path.with_name("11 Be My Husband.mp3"), FileState(1, 1), 1.0, Tags("N. Simone")),
    ]
    first, second = entries_of(tracks, ["jazz", ""], LIBRARY)
    assert (first.artist, first.title, first.genre) == ("Nina Simone", "Sinnerman", "jazz")
    assert (second.artist, second.title, second.id) == ("N. Simone", "Be My Husband", "1")


@pytest.mark.parametrize("ending", ["flac", "mp3"])
def test_moods_are_read_once_each(tmp_path: Path, ending: str) -> None:
    path = write_song(tmp_path / f"song.{ending}", 1.0)
    assert read_moods(path) == ()
    if ending == "mp3":
        tags = ID3()
        tags.add(TMOO(encoding=3, text=["Sad; Calm", "sad"]))
        tags.add(TXXX(encoding=3, desc="OTHER", text=["Happy"]))
        tags.save(path)
    else:
        file = mutagen.File(path)
        file["MOOD"] = ["Sad; Calm", "sad", "a sentence that is much too long for a mood", "12"]
        file.save()
    assert read_moods(path) == ("sad", "calm")
    assert read_moods(tmp_path / "none.mp3") == ()


def test_years_and_moods_name_lists_of_one_genre(tmp_path: Path, catalog: Catalog) -> None:
    entries = []
    for number, year in enumerate([1971, 1975, 1979, 1991, 1992, 1999]):
        path = write_song(tmp_path / f"{number}.flac", 0.5)
        file = mutagen.File(path)
        file["DATE"] = str(year)
        file.save()
        entries.append(Entry(path, 1.0, str(number), "t", "jazz", f"{number:032x}"))
    lists = arranged(clustering(range(3), range(3, 6)), entries, on_a_line(6), catalog, Arrangement())
    assert [each.name for each in lists] == ["1970s jazz", "1990s jazz"]
