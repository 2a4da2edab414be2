"""Songs like some songs: from the catalogue, or from a library that is analysed first."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import mutagen
import numpy as np
import pytest
import soundfile as sf

import groovecli
from groovecli.actions.hear import stored_as
from groovecli.actions.similar.run import Similar, SimilarRequest, run
from groovecli.errors import Interrupted, LibraryError, StorageError, UsageError
from groovecli.library.heard import heard_by
from groovecli.library.statistics import failures
from groovecli.playlists.picks import called
from groovecli.playlists.reading import songs_in
from groovecli.reasons import Reason
from tests.conftest import melody, write_song
from tests.small import QUICK, Stopper, World, world


def tagged(song: Path, artist: str, title: str) -> Path:
    tags = mutagen.File(song)
    if tags.tags is None:
        tags.add_tags()
    if song.suffix == ".wav":
        from mutagen.id3 import TIT2, TPE1

        tags.tags.add(TPE1(encoding=3, text=artist))
        tags.tags.add(TIT2(encoding=3, text=title))
    else:
        tags["artist"], tags["title"] = artist, title
    tags.save()
    return song


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Eight low and eight high tones, by two artists a song's turn, all of them analysed."""
    with world(tmp_path_factory.mktemp("small"), n_songs=8) as made:
        for number, song in enumerate(sorted(made.library.rglob("*.wav"))):
            tagged(song, ("Ann", "Bob", "Cid", "Dee")[number % 4], f"Song {number}")
        made.ingest()
        made.train(QUICK)
        like(made, made.library / "low" / "0.wav", library=made.library)
        yield made


def like(
    small: World, *songs: Path, context: dict[str, object] | None = None, **changes: object
) -> Similar:
    request = SimilarRequest(songs, model="quick", n_clips=1, per_artist=20)
    return run(replace(request, **changes), small.context(**context or {}))


def names(found: Similar) -> list[str]:
    return [f"{pick.track.path.parent.name}/{pick.track.path.stem}" for pick in found.picks]


def test_the_nearest_come_first_and_not_the_song_itself(small: World) -> None:
    found = like(small, small.library / "low" / "0.wav")
    assert len(found.picks) == 15 and found.n_compared == 16 and found.model == "quick"
    assert "low/0" not in names(found)
    assert [name[:3] for name in names(found)[:7]] == ["low"] * 7
    likeness = [pick.likeness for pick in found.picks]
    assert likeness == sorted(likeness, reverse=True) and 0 <= likeness[-1] <= likeness[0] <= 1
    assert found.failed == found.gone == ()


def test_a_song_from_elsewhere_joins_nothing(small: World, tmp_path: Path) -> None:
    song = write_song(tmp_path / "new.wav", 12, sr=8000, hz=2000, seed=77)
    assert [name[:4] for name in names(like(small, song, n_songs=5))] == ["high"] * 5


def test_several_songs_weights_and_a_folder(small: World) -> None:
    low, high = small.library / "low" / "0.wav", small.library / "high" / "0.wav"
    for weights, genre in (((9.0, 1.0), "low"), ((1.0, 9.0), "high")):
        assert names(like(small, low, high, weights=weights))[0].startswith(genre)
    folder = like(small, small.library / "low")
    assert len(folder.seeds.tracks) == 8
    assert names(folder) and not any(name.startswith("low/") for name in names(folder))


def test_pushed_away_songs_are_farther_and_not_listed(small: World) -> None:
    songs = (small.library / "low" / "0.wav", small.library / "high" / "0.wav")
    found = like(small, *songs, avoid=small.library / "high" / "1.wav", n_songs=5)
    assert names(found) and all(name.startswith("low") for name in names(found))


def test_an_artist_and_a_playlist_are_seeds(small: World, tmp_path: Path) -> None:
    found = like(small, artists=("ann",))
    assert {track.tags.artist for track in found.seeds.tracks} == {"Ann"} and len(found.seeds.tracks) == 4
    assert "Ann" not in {pick.track.tags.artist for pick in found.picks}
    with pytest.raises(LibraryError) as caught:
        like(small, artists=("anne",))
    assert "--artist Ann" in caught.value.hint
    out = tmp_path / "x.m3u8"
    like(small, small.library / "low" / "0.wav", n_songs=3, out=out)
    assert b"Written by groove. It is yours" in out.read_bytes() and b"next run" not in out.read_bytes()
    again = like(small, playlists=out)
    assert [track.path for track in again.seeds.tracks] == list(songs_in(out))
    out.write_text("#EXTM3U\n")
    with pytest.raises(LibraryError, match="names no song"):
        like(small, playlists=out)


def test_a_folder_in_a_playlist_is_no_song_and_is_not_walked(small: World, tmp_path: Path) -> None:
    write_song(tmp_path / "folder" / "a.wav", 12, sr=8000, hz=900, seed=900)
    song, playlist = small.library / "low" / "0.wav", tmp_path / "x.m3u8"
    playlist.write_text(f"folder\n/\n{song}\n")
    found = like(small, playlists=playlist)
    assert [track.path for track in found.seeds.tracks] == [song] and found.n_compared == 16
    assert [item.path for item in found.failed] == [tmp_path / "folder", Path("/")]
    assert {item.text for item in found.failed} == {"is a folder, not a file"}
    playlist.write_text("folder\n")
    with pytest.raises(LibraryError, match="is a folder"):
        like(small, playlists=playlist)


def test_asking_about_a_song_changes_no_answer(small: World, tmp_path: Path) -> None:
    song, bad = write_song(tmp_path / "new.wav", 12, sr=8000, hz=220, seed=88), tmp_path / "bad.wav"
    bad.write_text("no music")
    before = like(small, small.library / "low" / "0.wav")
    first, again = (like(small, song, bad) for _ in range(2))
    assert first.picks == again.picks and first.n_compared == before.n_compared == 16
    assert like(small, small.library / "low" / "0.wav").picks == before.picks
    assert not list(failures(small.catalog, [tmp_path])) and song not in small.catalog.known_files()


def test_songs_with_damaged_vectors_are_said_and_not_listed(small: World, tmp_path: Path) -> None:
    song = small.library / "low" / "0.wav"
    (matrix,) = small.home.embeddings.glob("quick*.f16")
    whole = matrix.read_bytes()
    row = 2 * small.catalog.rows("SELECT dim FROM matrices")[0][0]
    try:
        matrix.write_bytes(whole[: 14 * row])  # the library's 16 songs come first
        found = like(small, song)
        assert (found.n_compared, found.n_damaged) == (14, 2)
        assert len(found.picks) == 13
        matrix.write_bytes(whole[: 3 * row] + bytes(2 * row) + whole[5 * row :])
        found = like(small, song)
        assert (found.n_compared, found.n_damaged) == (14, 2)
        matrix.write_bytes(bytes(len(whole)))
        with pytest.raises(LibraryError, match="vectors of all 16 songs"):
            like(small, song)
    finally:
        matrix.write_bytes(whole)


def test_a_damaged_row_that_no_look_before_met_is_not_listed(
    small: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    song = small.library / "low" / "0.wav"
    nearest = like(small, song).picks[0].track
    ((place, _),) = small.catalog.vectors_at(
        small.catalog.rows("SELECT model FROM matrices")[0][0], [nearest.id]
    ).values()
    (matrix,) = small.home.embeddings.glob("quick*.f16")
    whole = matrix.read_bytes()
    row = 2 * small.catalog.rows("SELECT dim FROM matrices")[0][0]
    monkeypatch.setattr(
        "groovecli.library.heard.are_sound", lambda _, places, __: np.ones(len(places), bool)
    )
    try:
        damaged = bytearray(whole)
        damaged[place * row + row - 1] ^= 1
        matrix.write_bytes(damaged)
        found = like(small, song)
        assert found.n_damaged == 1 and nearest not in [pick.track for pick in found.picks]
    finally:
        matrix.write_bytes(whole)


def test_a_song_is_at_its_real_place_and_not_behind_a_link(small: World, tmp_path: Path) -> None:
    (small.library / "a link").symlink_to(small.library / "low")
    song = small.library / "low" / "0.wav"
    try:
        like(small, small.library / "a link")  # first by name in the catalogue
        found = like(small, song, n_songs=100, per_artist=100)
        assert found.picks and all("a link" not in str(pick.track.path) for pick in found.picks)
    finally:
        (small.library / "a link").unlink()


def test_a_copy_is_not_both_wanted_and_unwanted(small: World, tmp_path: Path) -> None:
    song = small.library / "low" / "0.wav"
    shutil.copy(song, tmp_path / "copy.wav")
    with pytest.raises(UsageError, match="with --not"):
        like(small, song, avoid=tmp_path / "copy.wav")
    assert like(small, small.library / "low", avoid=tmp_path / "copy.wav").picks


def test_artists_are_capped_and_files_left_out(small: World) -> None:
    found = like(small, small.library / "low" / "0.wav", per_artist=1)
    artists = [pick.track.tags.artist for pick in found.picks]
    assert sorted(filter(None, artists)) == ["Ann", "Bob", "Cid", "Dee"]
    left = names(like(small, artists=("Ann",), exclude=("low/",)))
    assert left and not any(name.startswith("low/") for name in left)
    with pytest.raises(UsageError):
        like(small, artists=("Ann",), exclude=("[z-a]",))


def test_a_recording_without_tags_is_listed_once(small: World, tmp_path: Path) -> None:
    """Told by its sound alone, however loud and in which format."""
    library = tmp_path / "library"
    shutil.copytree(small.library, library)
    for name in ("2", "3"):
        y, sr = sf.read(library / "low" / f"{name}.wav")
        sf.write(library / "low" / f"Track {name}.flac", y * 0.8, sr)
    of_two = like(small, library / "low" / "2.wav", library=library)
    assert "low/Track 2" not in names(of_two)
    assert len({"low/3", "low/Track 3"} & set(names(of_two))) == 1
    of_copy = like(small, library / "low" / "Track 2.flac", library=library)
    assert "low/2" not in names(of_copy) and of_copy.picks


def test_a_recording_is_listed_once(small: World, tmp_path: Path) -> None:
    library = tmp_path / "library"
    shutil.copytree(small.library, library)
    shutil.copy(library / "low" / "1.wav", library / "low" / "copy.wav")
    y, sr = sf.read(library / "low" / "2.wav")
    sf.write(library / "low" / "again.flac", y * 0.9, sr)
    title = mutagen.File(library / "low" / "2.wav").tags["TIT2"].text[0]
    artist = mutagen.File(library / "low" / "2.wav").tags["TPE1"].text[0]
    tagged(library / "low" / "again.flac", artist.upper(), title)
    found = like(small, library / "low" / "0.wav", library=library)
    assert found.n_compared == 17 and len(found.picks) == 15
    assert len({(pick.track.tags.artist.upper(), pick.track.tags.title) for pick in found.picks}) == 15
    assert all(pick.track.path.is_relative_to(library) for pick in found.picks)


def test_variation_changes_the_list_and_a_seed_gives_it_again(small: World) -> None:
    song = small.library / "low" / "0.wav"
    lists = [names(like(small, song, n_songs=3, variation=1.0, seed=seed)) for seed in (0, 0, 1, 2)]
    assert lists[0] == lists[1] and len(set(map(tuple, lists))) > 1


def test_a_playlist_is_written_and_nothing_is_replaced(small: World, tmp_path: Path) -> None:
    song, out = small.library / "low" / "0.wav", tmp_path / "lists" / "x.m3u8"
    found = like(small, song, n_songs=4, out=out)
    assert found.out == out and songs_in(out) == tuple(pick.track.path for pick in found.picks)
    out.write_text("mine")
    with pytest.raises(UsageError, match="is there already"):
        like(small, song, out=out)
    assert out.read_text() == "mine"
    like(small, song, n_songs=4, out=out, force=True, absolute=True)
    assert all(line.startswith(("#", "/")) for line in out.read_text().splitlines())


def test_a_place_that_can_t_be_written_is_found_before_the_work(small: World, tmp_path: Path) -> None:
    song = tmp_path / "not there.wav"
    (tmp_path / "file").touch()
    with pytest.raises(StorageError):
        like(small, song, out=tmp_path / "file" / "x.m3u8")
    for name in ("x.doc", "x"):
        with pytest.raises(UsageError, match="cannot tell"):
            like(small, song, out=tmp_path / name)


@pytest.mark.parametrize("kind", ["silent", "text", "missing", "empty"])
def test_seeds_that_are_no_songs(small: World, tmp_path: Path, kind: str) -> None:
    bad = tmp_path / "bad.wav"
    if kind == "silent":
        sf.write(bad, np.zeros(96000), 8000)
    elif kind != "missing":
        bad.write_text("no music" if kind == "text" else "")
    with pytest.raises(LibraryError, match=r"bad\.wav"):
        like(small, bad)
    found = like(small, bad, small.library / "low" / "0.wav", n_songs=2)
    assert [item.path for item in found.failed] == [bad] and len(found.picks) == 2


def test_songs_that_vanished_are_said_and_not_listed(small: World, tmp_path: Path) -> None:
    library = tmp_path / "library"
    for number in range(6):
        write_song(library / f"{number}.wav", 12, sr=8000, hz=900 + number, seed=500 + number)
    like(small, library / "0.wav", library=library)
    nearest = like(small, library / "0.wav", n_songs=3).picks[0].track.path
    assert nearest.parent == library
    nearest.unlink()
    found = like(small, library / "0.wav", n_songs=3)
    assert [item.path for item in found.gone] == [nearest] and len(found.picks) == 3
    shutil.rmtree(library)
    gone = {item.path.parent for item in like(small, small.library / "low" / "0.wav").gone}
    assert library in gone and small.library / "low" not in gone


def test_an_artists_name_in_place_of_a_song_is_understood(small: World, tmp_path: Path) -> None:
    for given in ("Ann", "ann"):
        with pytest.raises(LibraryError, match=f"{given}: no such file or folder") as found:
            like(small, Path(given))
        assert found.value.hint == "groove similar --artist Ann"
    with pytest.raises(LibraryError) as found:
        like(small, Path("Nobody"))
    assert "--artist" not in found.value.hint


def test_what_is_wrong_with_a_request_is_said(small: World, tmp_path: Path) -> None:
    song = small.library / "low" / "0.wav"
    with pytest.raises(LibraryError, match="no song was analysed with quick"):
        like(small, song, n_clips=2)
    with pytest.raises(UsageError, match="no song is given"):
        like(small)
    with pytest.raises(UsageError, match="2 weights for 1 song"):
        like(small, song, weights=(1.0, 2.0))
    only = tmp_path / "only" / "a.wav"
    shutil.copytree(song.parent, only.parent, ignore=lambda _, names: [n for n in names if n != "0.wav"])
    with pytest.raises(LibraryError, match="is the only song"):
        like(small, only.parent / "0.wav", library=only.parent)


def test_stopped_it_says_so(small: World, tmp_path: Path) -> None:
    song = write_song(tmp_path / "new.wav", 12, sr=8000, hz=333, seed=9)
    with pytest.raises(Interrupted):
        like(small, song, context={"monitor": Stopper("scan", 1)})


def test_it_is_exported() -> None:
    assert groovecli.similar is run


def test_artists_and_titles_of_folders_count_where_tags_do_not(small: World, tmp_path: Path) -> None:
    music = tmp_path / "music"
    for artist in ("Eve", "Fay"):
        for number in range(3):
            path = music / artist / "Album" / f"{number:02} Night {number}.wav"
            path.parent.mkdir(parents=True, exist_ok=True)
            sf.write(path, melody(12, sr=8000, seed=40 * (artist == "Eve") + number), 8000)
    seed = music / "Eve" / "Album" / "01 Night 1.wav"
    found = like(small, seed, library=music, per_artist=1)
    assert found.name == "Eve - Night 1"
    assert sorted(pick.track.tags.artist for pick in found.picks) == ["Eve", "Fay"]
    assert all(called(pick.track).startswith(("Eve - Night ", "Fay - Night ")) for pick in found.picks)
    out = tmp_path / "x.m3u8"
    of_fay = like(small, artists=("Fay",), n_songs=2, out=out)
    assert len(of_fay.seeds.tracks) == 3 and {track.tags.artist for track in of_fay.seeds.tracks} == {"Fay"}
    labels = [line.split(",", 1)[1] for line in out.read_text().splitlines() if line.startswith("#EXTINF")]
    assert labels == [called(pick.track) for pick in of_fay.picks]


def test_what_is_no_song_is_left_out_said_and_let_in_when_asked(
    small: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    music = tmp_path / "music"
    shutil.copytree(small.library, music)
    write_song(music / "low" / "jingle.wav", 5, sr=8000, hz=203, seed=77)
    seed = music / "low" / "0.wav"
    assert "low/jingle" in names(like(small, seed, library=music))  # most songs are under 60 s here
    monkeypatch.setattr("groovecli.playlists.eligible._LEAST_S", 11.0)
    found = like(small, seed, library=music)
    assert "low/jingle" not in names(found)
    assert [(item.path.name, item.reason) for item in found.left_out] == [("jingle.wav", Reason.SHORT)]
    assert "low/jingle" in names(like(small, seed, library=music, include=("short",)))
    assert like(small, music / "low" / "jingle.wav").picks  # a seed may be anything
    with pytest.raises(UsageError, match="no kind of songs 'duplicates'"):
        like(small, seed, include=("duplicates",))


def test_what_is_unlike_music_is_left_out_unless_most_is(
    small: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed = small.library / "low" / "0.wav"
    first, *_ = like(small, seed).picks
    heard = heard_by(small.catalog, stored_as(small.context().load("quick"), 1))
    assert heard is not None
    (vector,) = heard.rows[np.array([first.place])]
    near = "groovecli.actions.similar.odd.strange_to"
    monkeypatch.setattr(near, lambda _: lambda rows: np.abs(rows - vector).max(axis=1) < 1e-6)
    found = like(small, seed)
    assert [(item.path, item.reason) for item in found.left_out] == [(first.track.path, Reason.UNLIKE)]
    assert first.place not in [pick.place for pick in found.picks]
    monkeypatch.setattr(near, lambda _: lambda rows: np.ones(len(rows), bool))
    assert not like(small, seed).left_out


def test_an_artist_whose_song_was_moved_is_found_where_it_is_now(small: World) -> None:
    song, moved = small.library / "low" / "0.wav", small.library / "low" / "moved.wav"
    song.rename(moved)
    try:
        like(small, small.library / "low" / "1.wav", library=small.library)
        found = like(small, artists=("ann",))
        assert not found.failed
        assert {track.path for track in found.seeds.tracks} >= {moved} and len(found.seeds.tracks) == 4
    finally:
        moved.rename(song)


@pytest.mark.parametrize("weight", [0.0, -1.0, 1.5e6, 1e300, float("inf"), float("nan")])
def test_a_weight_is_a_number_that_can_be_added(weight: float) -> None:
    with pytest.raises(UsageError, match="above 0, at most 1,000,000"):
        SimilarRequest(["a.mp3"], weights=(weight,))
