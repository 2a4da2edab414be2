"""Folders of playlists over several runs: what lasts, what a person did, what is taken back."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groovecli.errors import GrooveError, LibraryError, StorageError
from groovecli.library.tracks import PLAYLISTS_MANIFEST
from groovecli.playlists import journal
from groovecli.playlists.clusters import Cluster, Clustering
from groovecli.playlists.folder import WriteResult, write_playlists
from groovecli.playlists.formats.registry import FORMATS
from groovecli.playlists.journal import HIDDEN, at_work
from groovecli.playlists.manifest import About, read_manifest
from groovecli.playlists.matching import grown, match
from groovecli.playlists.playlist import Entry, Playlist
from groovecli.playlists.undo import undo_playlists
from groovecli.reasons import Reason

MUSIC = str(Path(__file__).parent)  # a folder that is there, whatever songs are named in it


def song(number: int, genre: str = "", artist: str = "") -> Entry:
    path = Path(MUSIC) / f"{number}.mp3"
    return Entry(path, 60.0, artist or f"Artist{number}", f"Title{number}", genre, id=f"{number:016x}")


def listed(name: str, numbers: Iterable[int], genre: str = "") -> Playlist:
    entries = tuple(song(number, genre) for number in numbers)
    return Playlist(name, entries, entries[0])


def write(folder: Path, lists: dict[str, Iterable[int]], **options: object) -> WriteResult:
    about = options.pop("about", About(MUSIC, "groove-net", "groove-net-1", {}))
    playlists = [listed(name, numbers) for name, numbers in lists.items()]
    return write_playlists(playlists, folder, about=about, **options)  # type: ignore[arg-type]


def visible(folder: Path) -> dict[str, bytes]:
    """Files of the folder, the manifest too; not the hidden folder."""
    if not folder.is_dir():
        return {}
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.name != HIDDEN}


def names(folder: Path) -> set[str]:
    return set(visible(folder)) - {PLAYLISTS_MANIFEST}


def ids(result: WriteResult) -> dict[str, str]:
    return {one.name: one.id for one in result.written}


def songs_of(path: Path) -> list[int]:
    lines = path.read_text().splitlines()
    return [int(Path(line).stem) for line in lines if not line.startswith("#")]


# Which list is which


def test_each_list_is_the_one_that_it_has_most_songs_in_common_with() -> None:
    old = [range(10), range(10, 30), range(30, 36)]
    assert match(old, [range(12, 30), range(30, 36), range(2, 12), range(40, 50)]) == [1, 2, 0, None]


def test_the_assignment_is_the_best_of_all_lists_together() -> None:
    old = [range(10), range(10, 16)]
    new = [[*range(6), *range(10, 16)], range(6, 10)]  # the first may be either; only it can be the second
    assert match(old, new) == [1, 0]


def test_lists_with_few_songs_in_common_are_two() -> None:
    assert match([range(10)], [range(8, 18)]) == [None]
    assert match([], [range(3)]) == [None] and match([range(3)], []) == []
    assert match([[]], [range(3)]) == [None]


lists_of_rows = st.lists(st.sets(st.integers(0, 30), min_size=1, max_size=12), max_size=6)


@settings(deadline=None)
@given(lists_of_rows, lists_of_rows)
def test_no_old_list_is_two_new_ones(old: list[set[int]], new: list[set[int]]) -> None:
    found = match(old, new)
    taken = [number for number in found if number is not None]
    assert len(set(taken)) == len(taken) and len(found) == len(new)
    assert all(old[o] & n for o, n in zip(found, new, strict=True) if o is not None)
    if old and all(not a & b for i, a in enumerate(old) for b in old[:i]):
        assert match(old, old) == list(range(len(old)))


# Songs stay where they are


def clustered(labels: Sequence[int]) -> Clustering:
    rows = np.array(labels)
    members = [np.flatnonzero(rows == label) for label in np.unique(rows[rows >= 0])]
    groups = tuple(Cluster(tuple(each.tolist()), int(each[0])) for each in members)
    return Clustering(groups, tuple(np.flatnonzero(rows < 0).tolist()), "kmeans", ())


def near(*places: tuple[float, float], n: int = 6) -> np.ndarray:
    rng = np.random.default_rng(0)
    points = [np.array(place) + rng.normal(0, 0.1, (n, 2)) for place in places]
    return np.concatenate(points).astype(np.float32)


def test_songs_stay_in_their_list_and_new_ones_join_the_nearest() -> None:
    vectors = near((0, 0), (5, 5))
    old = np.array([0] * 5 + [-1] + [1] * 5 + [-1])
    fresh = clustered([0, 1] * 6)  # the method would cut them quite otherwise
    found = grown(fresh, vectors, old, [2, 8], min_size=5)
    assert {frozenset(each.members) for each in found.clusters} == {
        frozenset(range(6)),
        frozenset(range(6, 12)),
    }
    assert {each.exemplar for each in found.clusters} == {2, 8}
    assert all(each.members[0] == each.exemplar for each in found.clusters)


def test_new_songs_that_are_alike_make_a_list_of_their_own() -> None:
    vectors = near((0, 0), (5, 5), (9, 0))
    old = np.array([0] * 6 + [1] * 6 + [-1] * 6)
    fresh = clustered([0] * 6 + [1] * 6 + [2] * 6)
    found = grown(fresh, vectors, old, [0, 6], min_size=5)
    assert {frozenset(each.members) for each in found.clusters} >= {frozenset(range(12, 18))}
    few = grown(fresh, vectors, old, [0, 6], min_size=7)
    assert len(few.clusters) == 2 and not few.left_out


def test_what_a_method_leaves_out_stays_out_and_a_list_of_few_songs_goes() -> None:
    vectors = near((0, 0), (5, 5))
    fresh = clustered([0] * 6 + [1] * 5 + [-1])
    old = np.array([0] * 6 + [1, 1] + [-1] * 4)
    found = grown(fresh, vectors, old, [0, 6], min_size=6)
    assert found.left_out == (11,)
    assert [len(each.members) for each in found.clusters] == [11]


def test_no_song_joins_a_list_whose_songs_are_out_of_reach() -> None:
    vectors = near((0, 0), (5, 5))
    fresh = clustered([0] * 6 + [1] * 6)
    old = np.array([0] * 6 + [1] * 2 + [-1] * 4)
    found = grown(fresh, vectors, old, [0, 6], min_size=6, closed={1})
    assert {frozenset(each.members) for each in found.clusters} == {
        frozenset([*range(6), *range(8, 12)]),
        frozenset([6, 7]),
    }


def test_a_list_that_waits_for_songs_does_not_go() -> None:
    vectors = near((0, 0), (5, 5))
    fresh = clustered([0] * 6 + [1] * 6)
    old = np.array([0] * 6 + [1] * 2 + [-1] * 4)
    gone = grown(fresh, vectors, old, [0, 6], min_size=6)
    kept = grown(fresh, vectors, old, [0, 6], min_size=6, kept={1})
    assert 6 not in [each.exemplar for each in gone.clusters]
    assert {frozenset(each.members) for each in kept.clusters} == {
        frozenset(range(6)),
        frozenset(range(6, 12)),
    }


def test_another_library_is_cut_as_if_there_had_been_no_lists() -> None:
    fresh = clustered([0] * 6 + [1] * 6)
    old = np.array([0] * 5 + [-1] * 7)
    assert grown(fresh, near((0, 0), (5, 5)), old, [0], min_size=5) is fresh


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.integers(-1, 4), min_size=12, max_size=12),
    st.lists(st.integers(-1, 3), min_size=12, max_size=12),
)
def test_growing_loses_no_song_and_settles(fresh: list[int], old: list[int]) -> None:
    vectors = np.random.default_rng(1).normal(size=(12, 3)).astype(np.float32)
    made = clustered(fresh)
    rows = np.array(old)
    exemplars = [int(np.flatnonzero(rows == n)[0]) if (rows == n).any() else None for n in range(4)]
    once = grown(made, vectors, rows, exemplars, min_size=2)
    listed = sorted(row for each in once.clusters for row in each.members)
    assert sorted([*listed, *once.left_out]) == list(range(12))
    again = grown(made, vectors, once.labels, [each.exemplar for each in once.clusters], min_size=2)
    if (once.labels >= 0).mean() >= 0.5 and all(len(each.members) > 1 for each in once.clusters):
        assert {each.members for each in again.clusters} == {each.members for each in once.clusters}


# Ids, names, files


def test_a_list_keeps_its_id_file_and_name(tmp_path: Path) -> None:
    first = write(tmp_path, {"Rock & pop": range(10), "Jazz": range(10, 20)})
    second = write(tmp_path, {"Jazz": range(11, 20), "Pop & rock like X": range(11)})
    assert ids(second) == ids(first)
    assert names(tmp_path) == {"Rock & pop.m3u8", "Jazz.m3u8"}
    assert songs_of(tmp_path / "Rock & pop.m3u8") == list(range(11))
    assert {each.kind for each in second.changes} == {"changed"}


def test_a_name_that_is_no_longer_true_goes(tmp_path: Path) -> None:
    first = write(tmp_path, {"Rock": range(10)})
    second = write(tmp_path, {"Metal": range(10)})
    assert list(ids(second).values()) == list(ids(first).values())
    assert names(tmp_path) == {"Metal.m3u8"} and second.removed == ()
    assert [(each.kind, each.was, each.name) for each in second.changes] == [("renamed", "Rock", "Metal")]


@pytest.mark.parametrize(
    ("was", "now", "genres", "stays"),
    [
        ("Blues & electronic", "Blues & folk", {"blues": 6, "folk": 4}, False),
        ("Classical & rap", "Classical", {"classical": 10}, False),
        ("Blues & folk", "Blues", {"blues": 7, "folk": 3}, True),
        ("Blues & folk", "Blues & jazz", {"blues": 5, "jazz": 3, "folk": 2}, True),
        ("Blues & folk", "Blues & jazz", {"blues": 55, "jazz": 40, "folk": 5}, False),
        ("Slow, dark blues & folk", "Blues & folk like X", {"blues": 5, "folk": 5}, True),
        ("Pop & rock", "Pop rock", {"pop rock": 10}, True),
        ("Blues like Artist3", "Blues", {"blues": 10}, True),
        ("Blues like Artist77", "Blues", {"blues": 10}, False),
        ("Folk like Artist3", "Blues like Artist3", {"blues": 10}, False),
        ("Artist0", "Blues", {"blues": 10}, False),
        ("Blues & electronic", "Blues like Artist0", {"": 6, "blues": 4}, True),
    ],
)
def test_a_name_stays_while_what_it_names_leads_the_list(
    tmp_path: Path, was: str, now: str, genres: dict[str, int], stays: bool
) -> None:
    spread = [genre for genre, n in genres.items() for _ in range(n)]
    entries = tuple(song(number, genre) for number, genre in enumerate(spread))
    other = listed("Folk", range(1000, 1010), "folk")
    for name in (was, now):
        about = About(MUSIC, "groove-net", "groove-net-1", {})
        write_playlists([Playlist(name, entries, entries[0]), other], tmp_path, about=about)
    assert names(tmp_path) == {f"{was if stays else now}.m3u8", "Folk.m3u8"}


def test_a_list_is_like_its_song_while_it_has_that_song(tmp_path: Path) -> None:
    write(tmp_path, {"Like Artist0": range(10)})
    assert ids(write(tmp_path, {"Like Artist9": (9, *range(9))})).keys() == {"Like Artist0"}
    assert ids(write(tmp_path, {"Like Artist8": range(1, 10)})).keys() == {"Like Artist8"}


def test_a_list_keeps_its_name_and_exemplar_while_songs_are_out_of_reach(tmp_path: Path) -> None:
    def of(number: int) -> Entry:
        path = Path(MUSIC) / "drive" / f"{number}.mp3" if number < 3 else Path(MUSIC) / f"{number}.mp3"
        return replace(song(number), path=path)

    def as_list(name: str, numbers: Iterable[int]) -> Playlist:
        entries = tuple(map(of, numbers))
        return Playlist(name, entries, entries[0])

    about = About(MUSIC, "groove-net", "groove-net-1", {})
    write_playlists([as_list("Like Artist0", range(10))], tmp_path, about=about)
    exemplar = manifest_of(tmp_path)["lists"][0]["exemplar"]  # type: ignore[index]
    made = write_playlists([as_list("Like Artist8", range(3, 10))], tmp_path, about=about)
    assert names(tmp_path) == {"Like Artist0.m3u8"} and made.changes[0].kind == "changed"
    assert manifest_of(tmp_path)["lists"][0]["exemplar"] == exemplar  # type: ignore[index]
    about = replace(about, options={"name_format": "{artist}"})  # asked for, it is named again
    write_playlists([as_list("Artist8", range(3, 10))], tmp_path, about=about)
    assert names(tmp_path) == {"Artist8.m3u8"}


def test_another_format_of_names_names_all_lists_but_those_that_the_user_named(tmp_path: Path) -> None:
    first = write(tmp_path, {"Rock": range(10), "Jazz": range(10, 20)})
    (tmp_path / "Jazz.m3u8").rename(tmp_path / "Mine.m3u8")
    about = About(MUSIC, "groove-net", "groove-net-1", {"name_format": "{genre}, {artist}"})
    second = write(tmp_path, {"Rock, X": range(10), "Jazz, Y": range(10, 20)}, about=about)
    assert names(tmp_path) == {"Rock, X.m3u8", "Mine.m3u8"}
    assert [one.id for one in second.written] == [one.id for one in first.written]


def test_a_new_list_does_not_take_the_name_of_one_that_stays(tmp_path: Path) -> None:
    first = write(tmp_path, {"Rock": range(10)})
    second = write(tmp_path, {"Rock": range(20, 40), "Rock & pop": range(10)})
    assert ids(second)["Rock"] == ids(first)["Rock"]
    assert songs_of(tmp_path / "Rock.m3u8") == list(range(10))
    assert songs_of(tmp_path / "Rock (2).m3u8") == list(range(20, 40))


def test_what_did_not_change_is_not_written(tmp_path: Path) -> None:
    lists = {"Rock": range(10), "Jazz": range(10, 20)}
    write(tmp_path, lists)
    before = {path: path.stat() for path in tmp_path.rglob("*") if path.is_file() and path.name != ".lock"}
    again = write(tmp_path, lists)
    assert not any(one.is_new for one in again.written)
    assert {path: path.stat().st_mtime_ns for path in before} == {
        path: status.st_mtime_ns for path, status in before.items()
    }
    assert {path: path.stat().st_ino for path in before} == {p: s.st_ino for p, s in before.items()}
    write(tmp_path, lists | {"Rock": range(9)})
    assert (tmp_path / "Jazz.m3u8").stat().st_mtime_ns == before[tmp_path / "Jazz.m3u8"].st_mtime_ns


def test_songs_that_moved_are_known_by_their_sound_and_changed_ones_by_their_path(tmp_path: Path) -> None:
    first = write(tmp_path, {"Rock": range(10), "Jazz": range(10, 20)})
    moved = Playlist(
        "Blues",
        tuple(Entry(Path(f"/else/{n}.ogg"), 1.0, "", "", "", f"{n:016x}") for n in range(10)),
        song(0),
    )
    other = Playlist(
        "Folk", tuple(Entry(song(n).path, 1.0, "", "", "", "f" * 16) for n in range(10, 20)), song(10)
    )
    second = write_playlists([moved, other], tmp_path)
    assert [one.id for one in second.written] == list(ids(first).values())


# What a person does


def test_a_name_that_the_user_gave_stays(tmp_path: Path) -> None:
    first = write(tmp_path, {"Rock": range(10), "Jazz": range(10, 20)})
    (tmp_path / "Rock.m3u8").rename(tmp_path / "For the car.m3u8")
    for lists in ({"Rock": range(10)}, {"Metal": range(12)}, {"Folk": range(8)}):
        result = write(tmp_path, lists | {"Jazz": range(12, 20)})
        assert result.written[0].name == "For the car" and result.written[0].id == ids(first)["Rock"]
        assert names(tmp_path) == {"For the car.m3u8", "Jazz.m3u8"}
        assert b"#PLAYLIST:For the car\n" in (tmp_path / "For the car.m3u8").read_bytes()


def test_a_name_that_the_user_gave_is_a_renaming_once(tmp_path: Path) -> None:
    write(tmp_path, {"Rock": range(10)})
    (tmp_path / "Rock.m3u8").rename(tmp_path / "For the car.m3u8")
    for options in ({"dry_run": True}, {}):  # its first line is rewritten
        result = write(tmp_path, {"Rock": range(10)}, **options)
        assert [(c.kind, c.was, c.name) for c in result.changes] == [("renamed", "Rock", "For the car")]
        assert result.written[0].is_new and result.removed == ()
    assert [each.kind for each in write(tmp_path, {"Rock": range(10)}).changes] == ["same"]


def test_a_name_that_the_user_wrote_into_the_file_stays(tmp_path: Path) -> None:
    write(tmp_path, {"Rock": range(10)})
    path = tmp_path / "Rock.m3u8"
    path.write_bytes(path.read_bytes().replace(b"#PLAYLIST:Rock\n", b"#PLAYLIST:For the car\n"))
    result = write(tmp_path, {"Metal": range(11)})
    assert [(one.name, one.path.name) for one in result.written] == [("For the car", "Rock.m3u8")]
    assert result.kept == () and songs_of(path) == list(range(11))
    assert b"#PLAYLIST:For the car\n" in path.read_bytes()


def test_a_deleted_list_stays_deleted_until_asked_for(tmp_path: Path) -> None:
    lists = {"Rock": range(10), "Jazz": range(10, 20)}
    first = write(tmp_path, lists)
    (tmp_path / "Rock.m3u8").unlink()
    for more in (10, 12):
        result = write(tmp_path, {"Jazz": range(12, 20), "Rock": [*range(10), *range(30, 20 + more)]})
        assert names(tmp_path) == {"Jazz.m3u8"} and result.deleted == ("Rock",)
        assert {each.reason for each in result.left_out} == {Reason.IN_DELETED}
        assert len(result.left_out) == more and "Rock, which you deleted" in result.left_out[0].text
    again = write(tmp_path, lists, again=True)
    assert ids(again) == ids(first) and again.deleted == ()
    assert names(tmp_path) == {"Rock.m3u8", "Jazz.m3u8"}


def test_with_all_lists_deleted_it_starts_again(tmp_path: Path) -> None:
    lists = {"Rock": range(10), "Jazz": range(10, 20)}
    write(tmp_path, lists)
    for name in ("Rock", "Jazz"):
        (tmp_path / f"{name}.m3u8").unlink()
    assert write(tmp_path, lists).deleted == () and names(tmp_path) == {"Rock.m3u8", "Jazz.m3u8"}


def test_new_songs_of_an_edited_list_are_said_and_those_in_it_are_not(tmp_path: Path) -> None:
    write(tmp_path, {"Rock": range(10), "Jazz": range(10, 20)})
    path = tmp_path / "Rock.m3u8"
    path.write_text("\n".join(line for line in path.read_text().splitlines() if "9.mp3" not in line) + "\n")
    edited = path.read_bytes()
    result = write(tmp_path, {"Rock": range(10), "Jazz": range(10, 20)})
    assert [(each.path.name, each.reason) for each in result.left_out] == [("9.mp3", Reason.IN_EDITED)]
    assert path.read_bytes() == edited and names(tmp_path) == {"Rock.m3u8", "Jazz.m3u8"}
    assert [kept.path for kept in result.kept] == [path]


def test_a_list_beside_an_edited_one_lasts_too(tmp_path: Path) -> None:
    write(tmp_path, {"Rock": range(10), "Jazz": range(10, 20)})
    (tmp_path / "Rock.m3u8").write_text((tmp_path / "Rock.m3u8").read_text() + "more.mp3\n")
    first = write(tmp_path, {"Rock": range(10), "Jazz": range(10, 20)}, again=True)
    for more in (11, 12):
        result = write(tmp_path, {"Rock": range(more - 1), "Jazz": range(more, 20)})
        assert ids(result) == ids(first) and ids(result).keys() == {"Rock (2)", "Jazz"}
        assert [kept.path.name for kept in result.kept] == ["Rock.m3u8"] and result.removed == ()
    assert names(tmp_path) == {"Rock.m3u8", "Rock (2).m3u8", "Jazz.m3u8"}


def test_a_preview_follows_its_list_and_is_not_made_again(tmp_path: Path) -> None:
    made = []

    def preview(playlist: Playlist) -> bytes:
        made.append(playlist.name)
        return b"sound of " + playlist.name.encode()

    write(tmp_path, {"Rock": range(10), "Jazz": range(10, 20)}, preview=preview)
    write(tmp_path, {"Rock": range(10), "Jazz": range(10, 21)}, preview=preview)
    assert made == ["Rock", "Jazz", "Jazz"]
    (tmp_path / "Rock.m3u8").rename(tmp_path / "Mine.m3u8")
    result = write(tmp_path, {"Rock": range(10), "Folk": range(10, 21)})
    assert names(tmp_path) == {"Mine.m3u8", "Mine.preview.mp3", "Folk.m3u8", "Folk.preview.mp3"}
    assert {one.preview for one in result.written} == {
        tmp_path / "Mine.preview.mp3",
        tmp_path / "Folk.preview.mp3",
    }
    assert (tmp_path / "Mine.preview.mp3").read_bytes() == b"sound of Rock"


def test_a_preview_that_the_user_renamed_keeps_that_name(tmp_path: Path) -> None:
    write(tmp_path, {"Rock": range(10)}, preview=lambda _: b"sound")
    (tmp_path / "Rock.preview.mp3").rename(tmp_path / "Teaser.preview.mp3")
    for lists in ({"Rock": range(10)}, {"Metal": range(10)}, {"Metal": range(11)}):
        assert write(tmp_path, lists).written[0].preview == tmp_path / "Teaser.preview.mp3"
    assert names(tmp_path) == {"Metal.m3u8", "Teaser.preview.mp3"}


def test_a_list_stays_while_the_folder_of_its_songs_is_gone(tmp_path: Path) -> None:
    music = tmp_path / "music"
    for number in range(20):
        path = music / ("a" if number < 10 else "b") / f"{number}.mp3"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    songs = [Entry(path, 1.0, "", "", "", path.stem) for path in sorted(music.rglob("*.mp3"))]
    half = [Playlist("A", tuple(songs[:10]), songs[0]), Playlist("B", tuple(songs[10:]), songs[10])]
    about = About(str(music), "m", "m-1")
    lists = tmp_path / "lists"
    write_playlists(half, lists, about=about)
    before = visible(lists)
    (music / "b").rename(tmp_path / "elsewhere")
    result = write_playlists(half[:1], lists, about=about)
    assert visible(lists) == before and result.removed == ()
    assert [(each.path.name, each.reason) for each in result.kept] == [("B.m3u8", Reason.AWAY)]
    (tmp_path / "elsewhere").rename(music / "b")
    back = write_playlists(half, lists, about=about)
    assert visible(lists) == before and not any(one.is_new for one in back.written) and back.kept == ()
    for path in (music / "b").iterdir():
        path.unlink()
    (music / "b" / "other.mp3").write_bytes(b"")  # now it's the songs that went, not the drive
    assert write_playlists(half[:1], lists, about=about).removed == (lists / "B.m3u8",)


def test_a_new_song_of_a_list_whose_songs_are_away_is_said_for_that(tmp_path: Path) -> None:
    def listed_of(*numbers: int) -> Playlist:
        folders = (tmp_path / "drive", Path(MUSIC))
        entries = tuple(replace(song(n), path=folders[n < 4] / f"{n}.mp3") for n in numbers)
        return Playlist("Rock", entries, entries[0])

    lists, about = tmp_path / "lists", About(str(tmp_path), "m", "m-1")
    write_playlists([listed_of(*range(10))], lists, about=about)
    result = write_playlists([listed_of(0, 1, 2, 3, -1)], lists, about=about)
    assert [each.reason for each in result.kept] == [Reason.AWAY]
    (left,) = (each for each in result.left_out if each.path.name == "-1.mp3")
    assert left.text == "would be in Rock, most of whose songs can't be found"


# All lists in one file


def test_one_file_for_all_lists_keeps_their_ids_and_names(tmp_path: Path) -> None:
    format = FORMATS["rekordbox"]
    first = write(tmp_path, {"Rock": range(10), "Jazz": range(10, 20)}, format=format)
    (file,) = names(tmp_path)
    second = write(tmp_path, {"Jazz & soul": range(10, 20), "Metal": range(11)}, format=format)
    assert names(tmp_path) == {file}
    assert {one.id for one in second.written} == {one.id for one in first.written}
    assert {one.name for one in second.written} == {"Metal", "Jazz"}
    single = write(tmp_path, {"Jazz": range(10, 20), "Metal": range(11)})
    assert names(tmp_path) == {"Jazz.m3u8", "Metal.m3u8"} and single.removed == (tmp_path / file,)
    assert {one.id for one in single.written} == {one.id for one in first.written}


# Taken back


def test_the_last_run_is_taken_back_byte_for_byte(tmp_path: Path) -> None:
    write(tmp_path, {"Rock": range(10), "Jazz": range(10, 20), "Same": range(40, 50)})
    before, times = visible(tmp_path), {p.name: p.stat().st_mtime_ns for p in tmp_path.iterdir()}
    write(tmp_path, {"Metal": range(10), "Folk": range(20, 30), "Same": range(40, 50)})
    assert names(tmp_path) == {"Metal.m3u8", "Folk.m3u8", "Same.m3u8"}
    after = visible(tmp_path)
    for _ in range(2):  # changes nothing
        write(tmp_path, {"Metal": range(10), "Folk": range(20, 30), "Same": range(40, 50)})
    with pytest.raises(LibraryError, match="changed nothing, so nothing was taken back"):
        undo_playlists(tmp_path)
    assert visible(tmp_path) == after
    undone = undo_playlists(tmp_path)
    assert visible(tmp_path) == before
    for name in before:
        assert (tmp_path / name).stat().st_mtime_ns == times[name]
    assert {path.name for path in undone.restored} == {"Rock.m3u8", "Jazz.m3u8"}
    assert {path.name for path in undone.removed} == {"Metal.m3u8", "Folk.m3u8"}
    assert {path.name for path in undo_playlists(tmp_path).removed} == set(before) - {PLAYLISTS_MANIFEST}
    assert visible(tmp_path) == {}
    with pytest.raises(LibraryError, match="nothing to undo"):
        undo_playlists(tmp_path)


def test_the_last_five_runs_are_taken_back_one_after_the_other(tmp_path: Path) -> None:
    stood = []
    for number in range(8):
        write(tmp_path, {"Rock": range(10 + number), f"More{number}": range(40, 50 + number)})
        stood.append(visible(tmp_path))
    for before in stood[-2:-7:-1]:
        undo_playlists(tmp_path)
        assert visible(tmp_path) == before
    with pytest.raises(LibraryError, match="nothing to undo"):
        undo_playlists(tmp_path)
    assert visible(tmp_path) == stood[2]
    write(tmp_path, {"Jazz": range(60, 70)})
    undo_playlists(tmp_path)
    assert visible(tmp_path) == stood[2]


def test_the_first_run_is_taken_back_to_nothing(tmp_path: Path) -> None:
    (tmp_path / "mine.m3u8").write_text("mine")
    write(tmp_path, {"Rock": range(10)})
    undo_playlists(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"mine.m3u8"}
    with pytest.raises(LibraryError, match="nothing to undo"):
        undo_playlists(tmp_path)


def test_what_was_edited_after_a_run_is_not_taken_back(tmp_path: Path) -> None:
    write(tmp_path, {"Rock": range(10), "Jazz": range(10, 20)})
    write(tmp_path, {"Rock": range(9), "Jazz": range(11, 20)})
    (tmp_path / "Rock.m3u8").write_bytes(b"mine")
    undone = undo_playlists(tmp_path)
    assert (tmp_path / "Rock.m3u8").read_bytes() == b"mine"
    assert [kept.path.name for kept in undone.kept] == ["Rock.m3u8"]
    assert songs_of(tmp_path / "Jazz.m3u8") == list(range(10, 20))
    assert [kept.path.name for kept in write(tmp_path, {"Jazz": range(10, 20)}).kept] == ["Rock.m3u8"]


# Killed, or without room

EVENTS = ("open", "os.rename", "os.link", "os.remove", "os.mkdir", "os.rmdir")


def in_child(folder: Path, act: Callable[[], object], stop: Callable[[], None], at: int) -> int:
    """Run in a process of its own in which the `at`-th change of a file below the folder is missing."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    n_left = at

    def watch(event: str, details: tuple[object, ...]) -> None:
        nonlocal n_left
        is_read = event == "open" and not (len(details) > 2 and int(details[2] or 0) & 3)  # type: ignore[call-overload]
        if event in EVENTS and not is_read and str(folder) in str(details[0]):
            n_left -= 1
            if n_left == 0:
                stop()

    sys.addaudithook(watch)
    try:
        act()
    except GrooveError:
        os._exit(1)
    except BaseException:
        os._exit(2)
    os._exit(0)


def full() -> None:
    raise OSError(28, "No space left on device")


def prepared(folder: Path) -> dict[str, bytes]:
    write(folder, {"Rock": range(10), "Jazz": range(10, 20), "Edited": range(20, 30)})
    (folder / "Edited.m3u8").write_bytes(b"mine")
    (folder / "Own.m3u8").write_bytes(b"mine")
    return visible(folder)


NEW = {"Rock": range(11), "Folk": range(40, 50), "Own": range(50, 60), "Edited": range(20, 31)}


@pytest.mark.parametrize("stop", [lambda: os._exit(9), full], ids=["killed", "full"])
@pytest.mark.parametrize("what", ["run", "undo"])
def test_stopped_anywhere_the_folder_is_as_before_or_as_after(
    tmp_path: Path, what: str, stop: Callable[[], None]
) -> None:
    def act(folder: Path) -> None:
        if what == "run":
            write(folder, NEW)
        else:
            undo_playlists(folder)

    first = tmp_path / "first"
    prepared(first)
    if what == "undo":
        write(first, NEW)
    for number in range(4):  # so that there are changes before it to move
        (first / HIDDEN / f"undo-{number + 2}").mkdir(parents=True, exist_ok=True)
    before = visible(first)
    whole = Path(shutil.copytree(first, tmp_path / "whole"))
    act(whole)
    after = visible(whole)
    assert after != before
    codes, at, n_before, n_after = [], 0, 0, 0
    while at < 8 or any(codes[-8:]):
        at += 1
        folder = Path(shutil.copytree(first, tmp_path / f"f{at:03}"))
        codes.append(in_child(folder, lambda folder=folder: act(folder), stop, at))
        assert codes[-1] in (0, 1, 9)
        now = visible(folder)
        assert all(
            data in (before.get(name), after.get(name))
            for name, data in now.items()
            if name[0] != "." or name == PLAYLISTS_MANIFEST
        )
        with at_work(folder):  # which finishes what is half done
            pass
        now = {name: data for name, data in visible(folder).items() if not name.endswith(".tmp")}
        assert now in (before, after), (at, sorted(now))
        if codes[-1] == 0:
            assert now == after
        n_before += now == before
        n_after += now == after
        if codes[-1] == 1:
            assert now == before
        if now == before:
            act(folder)
            assert visible(folder) == after
    assert n_before > 1 and n_after > 1 and len(codes) < 200


# Bad input


def manifest_of(folder: Path) -> dict[str, object]:
    return json.loads((folder / PLAYLISTS_MANIFEST).read_bytes())  # type: ignore[no-any-return]


def test_a_newer_grooves_manifest_stops_it(tmp_path: Path) -> None:
    write(tmp_path, {"Rock": range(10)})
    newer = manifest_of(tmp_path) | {"schema": 3}
    (tmp_path / PLAYLISTS_MANIFEST).write_text(json.dumps(newer))
    before = visible(tmp_path)
    for dry_run in (True, False):
        with pytest.raises(LibraryError, match="newer groove"):
            write(tmp_path, {"Rock": range(11)}, dry_run=dry_run)
    assert visible(tmp_path) == before


def test_an_older_grooves_manifest_is_read(tmp_path: Path) -> None:
    write(tmp_path, {"Rock": range(10), "Jazz": range(10, 20), "Edited": range(20, 30)})
    files = manifest_of(tmp_path)["files"]
    (tmp_path / PLAYLISTS_MANIFEST).write_text(json.dumps({"schema": 1, "files": files}))
    with (tmp_path / "Edited.m3u8").open("a") as file:
        file.write("more.mp3\n")
    result = write(tmp_path, {"Rock 'n' roll": range(11), "Soul": range(20, 30), "Folk": range(40, 50)})
    assert names(tmp_path) == {"Rock.m3u8", "Edited.m3u8", "Folk.m3u8"}
    assert result.removed == (tmp_path / "Jazz.m3u8",)
    assert songs_of(tmp_path / "Rock.m3u8") == list(range(11))
    assert [kept.path.name for kept in result.kept] == ["Edited.m3u8"]


@pytest.mark.parametrize(
    "change",
    [
        {"lists": 3},
        {"lists": [3, {}, {"id": 1, "name": 2}, {"id": "x"}, None]},
        {
            "lists": [
                {"id": "x", "name": "../../evil", "file": "../evil.m3u8", "songs": [1, "no space", ""]}
            ]
        },
        {"lists": [{"id": "x", "name": "/etc/passwd", "songs": "abc", "is_given": True}]},
        {"files": {"../evil.m3u8": "0" * 64, "/etc/passwd": "0" * 64, ".m3u8": "0" * 64}},
        {"files": None, "about": 3, "model": [], "options": [], "library": 7},
        {"schema": "two"},
    ],
)
def test_an_edited_manifest_does_no_harm(tmp_path: Path, change: dict[str, object]) -> None:
    folder = tmp_path / "lists"
    write(folder, {"Rock": range(10), "Jazz": range(10, 20)})
    outside = tmp_path / "evil.m3u8"
    outside.write_bytes((folder / "Rock.m3u8").read_bytes())
    (folder / PLAYLISTS_MANIFEST).write_text(json.dumps(manifest_of(folder) | change))
    for _ in range(2):
        result = write(folder, {"Rock": range(10), "Jazz": range(10, 20)})
        assert all(one.path.parent == folder for one in result.written)
    assert outside.exists() and set(os.listdir(tmp_path)) == {"lists", "evil.m3u8"}
    assert all(len(songs_of(folder / name)) == 10 for name in names(folder))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "new", "old", "changes", "back", "undo"]), inner)
    ),
    max_leaves=12,
)
NAMED = st.sampled_from(["Rock.m3u8", "\ud800.m3u8", "x" * 300 + ".m3u8", ".m3u8", "a/b.m3u8"])
ALMOST = st.fixed_dictionaries(
    {
        "undo": st.booleans(),
        "changes": JSON
        | st.lists(
            st.fixed_dictionaries(
                {"name": NAMED | JSON, "new": st.sampled_from([None, "new-0", "../x"]), "old": JSON},
                optional={"sha256": JSON, "was": JSON},
            ),
            max_size=3,
        ),
    }
)


@settings(deadline=None, max_examples=80)
@given(JSON | ALMOST, st.sampled_from(["journal.json", "undo/changes.json"]))
def test_a_record_of_any_shape_stops_no_run(
    tmp_path_factory: pytest.TempPathFactory, value: object, file: str
) -> None:
    folder = tmp_path_factory.mktemp("lists")
    (folder / "mine.m3u8").write_text("mine")
    write(folder, {"Jazz": range(10)})
    (folder / HIDDEN / file).write_text(json.dumps(value))
    with suppress(LibraryError):
        undo_playlists(folder)
    (folder / HIDDEN / file).parent.mkdir(parents=True, exist_ok=True)
    (folder / HIDDEN / file).write_text(json.dumps(value))
    assert len(write(folder, {"Jazz": range(10)}).written) == 1
    assert (folder / "mine.m3u8").read_text() == "mine"


@pytest.mark.parametrize("text", ['{"changes": 5}', "[" * 100_000, "{", "3"])
def test_a_damaged_record_is_said(tmp_path: Path, text: str) -> None:
    write(tmp_path, {"Jazz": range(10)})
    (tmp_path / HIDDEN / "undo" / "changes.json").write_text(text)
    with pytest.raises(LibraryError, match="record of what it changed is damaged"):
        undo_playlists(tmp_path)
    write(tmp_path, {"Jazz": range(11)})
    (tmp_path / HIDDEN / "journal.json").write_text(text)
    assert journal.is_damaged(tmp_path)
    assert "its record is damaged" in undo_playlists(tmp_path).notes[0]
    assert not journal.is_damaged(tmp_path) and songs_of(tmp_path / "Jazz.m3u8") == list(range(10))


@pytest.mark.parametrize(
    "value", [{}, {"schema": 2.5}, {"schema": 2, "lists": 5}, {"schema": 2, "files": {}, "lists": 5}, []]
)
def test_a_manifest_without_its_parts_is_damaged(tmp_path: Path, value: object) -> None:
    (tmp_path / PLAYLISTS_MANIFEST).write_text(json.dumps(value))
    assert read_manifest(tmp_path).is_damaged
    write(tmp_path, {"Jazz": range(10)})
    assert not read_manifest(tmp_path).is_damaged


def test_a_journal_leads_out_of_no_folder(tmp_path: Path) -> None:
    folder = tmp_path / "lists"
    write(folder, {"Rock": range(10)})
    mine = tmp_path / "mine.m3u8"
    mine.write_bytes(b"mine")
    for name in ("../mine.m3u8", "mine.txt", "/etc/passwd"):
        change = {"name": name, "new": None, "old": None, "sha256": None, "was": None}
        value = {"undo": True, "back": False, "changes": [change]}
        (folder / HIDDEN / "journal.json").write_text(json.dumps(value))
        with at_work(folder):
            pass
    assert mine.read_bytes() == b"mine" and names(folder) == {"Rock.m3u8"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_only_be_read_is_as_it_was(tmp_path: Path) -> None:
    write(tmp_path, {"Rock": range(10)})
    before = visible(tmp_path)
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(StorageError):
            write(tmp_path, {"Folk": range(20, 30)})
    finally:
        tmp_path.chmod(0o700)
    assert visible(tmp_path) == before


# Whatever comes, in any order

LABELS = st.sampled_from(["Rock", "Jazz", "Folk", "rock & pop", "a/b", ""])
CUTS = st.lists(st.tuples(LABELS, st.integers(1, 8)), min_size=1, max_size=4)
STEPS = st.one_of(
    st.tuples(st.just("run"), CUTS),
    st.tuples(st.sampled_from(["edit", "delete", "rename", "add", "undo"]), st.integers(0, 5)),
)


def one_step(folder: Path, what: str, how: list[tuple[str, int]] | int, mine: dict[str, bytes]) -> None:
    """A run, or what a person does; `mine` are the files that are theirs from then on."""
    if what == "run" and isinstance(how, list):
        ends = np.cumsum([0, *(n for _, n in how)]).tolist()
        lists = [
            listed(name, range(a, b)) for (name, _), a, b in zip(how, ends[:-1], ends[1:], strict=True)
        ]
        result = write_playlists(lists, folder, about=About(MUSIC))
        listed_songs = [row for one in result.written for row in songs_of(one.path)]
        assert len(listed_songs) == len(set(listed_songs))
        assert len(listed_songs) + len({each.path for each in result.left_out}) <= ends[-1]
        return
    if what == "undo":
        with suppress(LibraryError):
            undo_playlists(folder)
        return
    files = sorted(names(folder))
    if what == "add":
        (folder / f"Jazz{how}.m3u8").write_bytes(mine.setdefault(f"Jazz{how}.m3u8", b"mine"))
    elif files and isinstance(how, int):
        path = folder / files[how % len(files)]
        if what == "edit":
            path.write_bytes(path.read_bytes() + b"mine.mp3\n")
            mine[path.name] = path.read_bytes()
        elif what == "delete":
            path.unlink()
            mine.pop(path.name, None)
        elif not (folder / f"Named {how}.m3u8").exists():
            path.rename(folder / f"Named {how}.m3u8")
            if path.name in mine:
                mine[f"Named {how}.m3u8"] = mine.pop(path.name)


@settings(deadline=None, max_examples=40)
@given(st.lists(STEPS, min_size=2, max_size=9))
def test_whatever_happens_what_is_the_users_stays(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, list[tuple[str, int]] | int]]
) -> None:
    folder, mine = tmp_path_factory.mktemp("lists"), dict[str, bytes]()
    for what, how in steps:
        one_step(folder, what, how, mine)
        now = visible(folder)
        assert {name: now.get(name) for name in mine} == mine
