"""A dataset's tables in the catalogue, and the dataset as it is read from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from groovecli.audio.clips import Clip
from groovecli.datasets.dataset import open_dataset, read_dataset
from groovecli.datasets.tables import (
    DatasetSettings,
    Place,
    SideClip,
    Song,
    Tables,
    dataset_names,
    known_genres,
)
from groovecli.errors import DatasetError
from groovecli.home import Home
from groovecli.library.catalog import Catalog
from groovecli.library.tracks import FileState, Track
from groovecli.reasons import Problem, Reason

SETTINGS = DatasetSettings("default", "song", 0.2, 0, 30.0, "folder", 3, None)


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with Catalog(tmp_path / "new" / "catalog.db") as found:
        yield found


def test_datasets_songs_and_clips(catalog: Catalog, tmp_path: Path) -> None:
    songs = [Song(f"{n:032x}", "rock", "train") for n in range(3)]
    clips = [SideClip(Clip(songs[0].track_id, n, 1.5 * n), "train") for n in range(2)]
    home, tables, other = Home(tmp_path), Tables(catalog, "default"), Tables(catalog, "other")
    assert tables.settings() is None
    with pytest.raises(DatasetError, match="no dataset 'default' yet"):
        open_dataset(catalog, home, "default")
    tables.put_settings(SETTINGS)
    other.put_settings(replace(SETTINGS, name="other", clips_per_genre=2000))
    assert open_dataset(catalog, home, "default").settings == SETTINGS == tables.settings()
    assert dataset_names(catalog) == ["default", "other"]
    with pytest.raises(DatasetError, match="there is: default, other"):
        open_dataset(catalog, home, "none")
    tables.add_songs(songs, clips)
    tables.add_songs([replace(songs[0], side="test")], [replace(clips[0], side="test")])
    assert tables.songs() == {song.track_id: song for song in songs}
    assert tables.clips() == clips
    assert other.clips() == []
    assert known_genres(catalog) == {song.track_id: "rock" for song in songs}
    assert known_genres(catalog, [songs[0].track_id, "none"]) == {songs[0].track_id: "rock"}


def test_problems_can_be_forgotten_by_their_reason(catalog: Catalog) -> None:
    clips = [Clip("a" * 32, n, 0.0) for n in range(3)]
    tables = Tables(catalog, "d")
    tables.add_songs([Song("a" * 32, "rock", "train")], [SideClip(clip, "train") for clip in clips])
    tables.mark_clips({clips[0]: Problem(Reason.SILENT), clips[1]: Problem(Reason.UNREADABLE, "%")})
    tables.forget_problems(Reason.UNREADABLE)
    assert [item.problem for item in tables.clips()] == [Problem(Reason.SILENT), None, None]


def test_a_song_can_be_taken_out(catalog: Catalog) -> None:
    songs = [Song(name * 32, "rock", "train") for name in "ab"]
    clips = [Clip(song.track_id, 0, 0.0) for song in songs]
    tables, other = Tables(catalog, "d"), Tables(catalog, "other")
    for each in (tables, other):
        each.add_songs(songs, [SideClip(clip, "train") for clip in clips])
        each.add_chunk("mel", "c.pkl", clips)
    tables.forget_songs(["a" * 32])
    assert list(tables.songs()) == ["b" * 32]
    assert [item.clip for item in tables.clips()] == clips[1:]
    assert list(tables.places("mel")) == [("b" * 32, 0)]
    assert len(other.songs()) == len(other.clips()) == 2


def test_chunks(catalog: Catalog) -> None:
    clips = [Clip("a" * 32, n, 0.0) for n in range(4)]
    tables, other = Tables(catalog, "d"), Tables(catalog, "other")
    tables.add_chunk("mel", "mel/rock/train/chunk-00000.pkl", clips[:2])
    tables.add_chunk("mel", "mel/rock/train/chunk-00001.pkl", clips[2:])
    other.add_chunk("mel", "mel/x.pkl", clips)
    assert tables.places("mel")["a" * 32, 3] == Place("mel/rock/train/chunk-00001.pkl", 1)
    assert tables.places("spec") == {}
    assert tables.cached_features() == ["mel"]
    tables.forget_chunks(["mel/rock/train/chunk-00000.pkl"])
    assert tables.chunks() == {"mel/rock/train/chunk-00001.pkl"}
    assert set(tables.places("mel")) == {("a" * 32, 2), ("a" * 32, 3)}
    assert len(other.places("mel")) == 4


def test_a_dataset_remembers_where_it_came_from(catalog: Catalog, tmp_path: Path) -> None:
    Tables(catalog, "default").put_settings(replace(SETTINGS, source="msd", split_by="official"))
    found = open_dataset(catalog, Home(tmp_path), "default").settings
    assert (found.source, found.split_by) == ("msd", "official")


def test_an_error_midway_stores_nothing(catalog: Catalog) -> None:
    def songs() -> Iterator[Song]:
        yield Song("a" * 32, "rock", "train")
        raise ZeroDivisionError

    tables = Tables(catalog, "d")
    with pytest.raises(ZeroDivisionError):
        tables.add_songs(songs(), [])
    assert tables.songs() == {}
    tables.add_songs([Song("a" * 32, "rock", "train")], [])
    assert len(tables.songs()) == 1


def track(number: int, path: str) -> Track:
    return Track(f"{number:032x}", Path(path), FileState(1000, 5), 200.0)


def test_tracks_of_a_dataset_have_all_their_files(catalog: Catalog, tmp_path: Path) -> None:
    song, copy, other = track(1, "/m/b.mp3"), track(1, "/m/a.mp3"), track(2, "/m/c.mp3")
    catalog.remember([song, copy, other])
    Tables(catalog, "default").add_songs([Song(song.id, "rock", "train")], [])
    found = read_dataset(catalog, Home(tmp_path), SETTINGS).tracks
    assert [item.path.name for item in found[song.id]] == ["a.mp3", "b.mp3"]
    assert list(found) == [song.id]


def test_a_dataset_is_what_was_read_until_it_is_read_again(catalog: Catalog, tmp_path: Path) -> None:
    dataset = read_dataset(catalog, Home(tmp_path), SETTINGS)
    song = Song("a" * 32, "rock", "train")
    assert dataset.clips == ()
    dataset.tables.add_songs([song], [SideClip(Clip(song.track_id, 0, 0.0), "train")])
    assert (dataset.songs, dataset.clips) == ({}, ())
    again = dataset.reread()
    assert again.songs == {song.track_id: song} and len(again.clips) == 1


def test_numbers_of_clips_are_those_of_the_clips(catalog: Catalog) -> None:
    tables = Tables(catalog, "default")
    songs = [Song(letter * 32, genre, side) for letter, genre, side in _SIDED]
    clips = [SideClip(Clip(song.track_id, i, 2.0 * i), song.side) for song in songs for i in range(3)]
    tables.add_songs(songs, clips)
    tables.add_chunk("mel", "mel/chunk", [item.clip for item in clips[:4]])
    bad = {item.clip: Problem(Reason.SILENT) for item in clips[:3] + clips[5:6]}
    tables.mark_clips(bad)
    all_clips = tables.clips()
    assert tables.failed_clips() == [item for item in all_clips if item.problem]
    assert tables.n_clips() == Counter(item.clip.track_id for item in all_clips)
    assert tables.unusable_songs() == {songs[0].track_id}
    assert tables.genres() == {"jazz", "rock"}
    assert tables.n_usable() == {
        ("jazz", "test"): (1, 3),
        ("rock", "train"): (1, 2),
        ("rock", "test"): (1, 3),
    }
    assert tables.has_side("test") and not tables.has_side("validation")
    assert tables.uncached("mel") == {(c.clip.track_id, c.clip.index) for c in clips[4:]}
    assert tables.uncached("other") == {(c.clip.track_id, c.clip.index) for c in clips}


_SIDED = (("a", "jazz", "train"), ("b", "rock", "train"), ("c", "rock", "test"), ("d", "jazz", "test"))


def test_tracks_that_were_read_are_not_read_again(catalog: Catalog) -> None:
    first, other = track(1, "a.mp3"), track(2, "b.mp3")
    catalog.remember([first, other])
    stale = replace(other, id=first.id)
    found = catalog.tracks([first.id, other.id], [first, stale])
    assert found[first.id][0] is first
    assert found[other.id] == (other,)


def test_the_state_that_was_seen_is_shared(catalog: Catalog) -> None:
    song = track(1, "/music/a.mp3")
    catalog.remember([song])
    seen = replace(song.state)
    known = catalog.known_files([song.path], {"/music/a.mp3": seen})[song.path]
    assert isinstance(known, Track) and known.state is seen
    old = replace(seen, size=seen.size + 1)
    assert catalog.known_files([song.path], {"/music/a.mp3": old}) == {song.path: song}
