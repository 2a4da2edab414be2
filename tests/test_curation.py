"""From a library to playlists whose lines lead to songs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from groovecli.actions.cluster import Clustered, ClusterRequest, cluster, run
from groovecli.errors import Interrupted, LibraryError, UsageError
from groovecli.features.word_vectors import WordVectors, store
from groovecli.library.catalog import Catalog
from groovecli.models.loaded import LoadedModel
from groovecli.playlists.playlist import Entry
from groovecli.playlists.rows import UnitRows
from groovecli.reasons import Reason
from tests.conftest import write_song
from tests.small import QUICK, Stopper, World, add_songs, describing, loaded, untrained, world


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("small"), n_songs=10) as made:
        made.ingest()
        yield made


@pytest.fixture(scope="module")
def model(small: World) -> LoadedModel:
    return loaded(small.train(QUICK))


def cut(small: World, model: LoadedModel, out: Path, **changes: object) -> Clustered:
    request = replace(ClusterRequest(small.library, out, n_clips=1), **changes)
    return cluster(model, request, small.context())


def songs_of(playlist: Path) -> list[Path]:
    lines = [line for line in playlist.read_bytes().splitlines() if not line.startswith(b"#")]
    return [Path(os.path.normpath(playlist.parent / os.fsdecode(line))) for line in lines]


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.mark.parametrize("method", ["mutual", "affinity", "kmeans", "agglomerative", "hdbscan"])
def test_every_line_leads_to_a_song_and_every_song_is_accounted_for(
    small: World, model: LoadedModel, tmp_path: Path, method: str
) -> None:
    made = cut(small, model, tmp_path / "playlists", method=method)
    assert made.written and made.n_songs == 20
    listed = [song for playlist in made.written for song in songs_of(playlist.path)]
    assert all(song.is_file() for song in listed)
    assert len(set(listed)) == len(listed) == 20 - made.n_left_out
    assert [len(songs_of(w.path)) for w in made.written] == [w.n_songs for w in made.written]
    for playlist, exemplar in zip(made.written, made.exemplars, strict=True):
        assert exemplar in songs_of(playlist.path)
    assert made.model == "quick" and made.failed == () and made.kept == ()


def test_songs_that_sound_alike_lie_together(small: World, model: LoadedModel, tmp_path: Path) -> None:
    made = cut(small, model, tmp_path / "out", method="kmeans", n_clusters=2)
    genres = [{song.parent.name for song in songs_of(playlist.path)} for playlist in made.written]
    assert sorted(map(sorted, genres)) == [["high"], ["low"]]
    assert {playlist.name for playlist in made.written} == {"High", "Low"}


def test_run_again_nothing_changes(small: World, model: LoadedModel, tmp_path: Path) -> None:
    first = cut(small, model, tmp_path / "out")
    before = contents(tmp_path / "out")
    second = cut(small, model, tmp_path / "out")
    mark = {".groove-playlists/undo/unchanged": b""}  # so that --undo takes no older run back unasked
    assert contents(tmp_path / "out") == before | mark
    assert second.written == tuple(replace(each, is_new=False) for each in first.written)
    assert second.exemplars == first.exemplars
    assert second.removed == () and second.kept == ()


def test_another_catalogue_gives_the_same_bytes(small: World, model: LoadedModel, tmp_path: Path) -> None:
    cut(small, model, tmp_path / "a")
    with Catalog(tmp_path / "fresh.db") as fresh:
        cut(replace(small, catalog=fresh), model, tmp_path / "b")
    ours, theirs = contents(tmp_path / "a"), contents(tmp_path / "b")
    assert [data for name, data in sorted(ours.items()) if name.endswith(".m3u8")] == [
        data for name, data in sorted(theirs.items()) if name.endswith(".m3u8")
    ]


def test_an_edited_playlist_stays(small: World, model: LoadedModel, tmp_path: Path) -> None:
    made = cut(small, model, tmp_path / "out")
    mine = made.written[0].path
    mine.write_bytes(mine.read_bytes() + b"my favourite.mp3\n")
    edited = mine.read_bytes()
    again = cut(small, model, tmp_path / "out")
    assert mine.read_bytes() == edited
    assert [kept.path for kept in again.kept] == [mine]
    assert len(again.written) == len(made.written) - 1 == len(again.exemplars)
    assert mine not in {playlist.path for playlist in again.written}


def test_absolute_paths(small: World, model: LoadedModel, tmp_path: Path) -> None:
    made = cut(small, model, tmp_path / "out", absolute=True)
    for line in made.written[0].path.read_text().splitlines():
        assert line.startswith(("#", str(small.library)))


def test_playlists_inside_the_library_are_no_music(
    small: World, model: LoadedModel, tmp_path: Path
) -> None:
    with world(tmp_path / "w") as own:
        first = cut(own, model, own.library / "playlists", preview=True)
        assert all(w.preview is not None and w.preview.stat().st_size for w in first.written)
        second = cut(own, model, own.library / "playlists", preview=True)
        assert second.n_songs == first.n_songs == 12
    assert small.library.is_dir()


def test_copies_stand_in_one_playlist_once(model: LoadedModel, tmp_path: Path) -> None:
    with world(tmp_path) as own:
        song = own.library / "low" / "0.wav"
        (own.library / "high" / "copy.wav").write_bytes(song.read_bytes())
        made = cut(own, model, tmp_path / "out")
        listed = [song for playlist in made.written for song in songs_of(playlist.path)]
        assert len(listed) == made.n_songs == 12 and made.n_left_out == 1
        (left,) = made.left_out
        assert left.path.name in ("copy.wav", "0.wav") and left.reason == Reason.SAME_AUDIO
        assert not any("cop" in note for note in made.notes)


def test_silent_songs_are_in_no_playlist_and_no_failures(model: LoadedModel, tmp_path: Path) -> None:
    with world(tmp_path) as own:
        sf.write(own.library / "low" / "silence.wav", np.zeros(48000, np.float32), 8000)
        made = cut(own, model, tmp_path / "out")
        assert [(item.path.name, item.text) for item in made.left_out] == [("silence.wav", "is silent")]
        assert made.failed == () and made.n_songs == 12


def test_names_that_are_hard_to_write(model: LoadedModel, tmp_path: Path) -> None:
    with world(tmp_path, n_songs=3) as own:
        names = [b"#hash.wav", b" space.wav", b"caf\xe9.wav", b"http:x.wav", b"line\nbreak.wav"]
        for number, name in enumerate(names):
            song = write_song(tmp_path / "s.wav", 6, hz=300 + number, seed=number)
            song.rename(own.library / os.fsdecode(name))
        made = cut(own, model, tmp_path / "out")
        listed = [song for playlist in made.written for song in songs_of(playlist.path)]
        assert all(song.is_file() for song in listed) and len(listed) == 10
        assert [f.path.name for f in made.failed] == ["line\nbreak.wav"] and made.n_left_out == 1
        assert [f.path.name for f in made.in_no_playlist] == ["line\nbreak.wav"]


@pytest.mark.parametrize(
    ("artist", "title", "called"),
    [
        ("Bad Company", "Left Handed Woman", "Bad Company - Left Handed Woman"),
        (" ", "Untitled", "Untitled"),
        ("Nobody", "", "05 - Song"),
        ("", "", "05 - Song"),
    ],
)
def test_a_playlist_sounds_like_a_song_as_its_tags_call_it(artist: str, title: str, called: str) -> None:
    assert Entry(Path("rock/05 - Song.flac"), 30.0, artist, title, "rock").shown == called


def test_files_that_fail_are_listed_and_the_rest_is_cut(model: LoadedModel, tmp_path: Path) -> None:
    with world(tmp_path) as own:
        (own.library / "low" / "bad.mp3").write_text("no music")
        made = cut(own, model, tmp_path / "out")
        assert made.n_songs == 12 and [f.path.name for f in made.failed] == ["bad.mp3"]


def test_libraries_that_are_none(small: World, model: LoadedModel, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "a.mp3").write_text("no music")
    song = small.library / "low" / "0.wav"
    for library, why in (
        (tmp_path / "nowhere", "does not exist"),
        (song, "is not a folder"),
        (tmp_path / "empty", "no music"),
        (tmp_path / "bad", "no song in .* can be decoded"),
    ):
        with pytest.raises(LibraryError, match=why):
            cut(small, model, tmp_path / "out", library=library)
    with pytest.raises(UsageError):
        cut(small, model, tmp_path / "out", method="magic")
    assert not (tmp_path / "out").exists()


def test_stopped_no_playlist_is_touched(model: LoadedModel, tmp_path: Path) -> None:
    with world(tmp_path) as own:
        request = ClusterRequest(own.library, tmp_path / "out", n_clips=1)
        with pytest.raises(Interrupted):
            cluster(model, request, own.context(monitor=Stopper("embed", 3)))
        assert not (tmp_path / "out").exists()
        assert own.catalog.rows("SELECT * FROM answers")


def test_a_library_grows_and_playlists_follow(model: LoadedModel, tmp_path: Path) -> None:
    with world(tmp_path) as own:
        cut(own, model, tmp_path / "out", method="kmeans", n_clusters=2)
        add_songs(own.library, {"mid": 700.0}, 6)
        made = cut(own, model, tmp_path / "out", method="kmeans", n_clusters=3)
        there = {path for path in (tmp_path / "out").iterdir() if path.suffix == ".m3u8"}
        assert there == {playlist.path for playlist in made.written}
        assert sum(playlist.n_songs for playlist in made.written) == 18


def test_a_network_without_genres_cuts_too(tmp_path: Path) -> None:
    squeeze = describing("conv-autoencoder", name="squeeze", genres=(), clip_s=10.0)
    with world(tmp_path, n_songs=3) as own:
        made = cut(own, loaded(untrained(tmp_path / "m", squeeze)), tmp_path / "out", min_size=2)
        assert made.model == "squeeze" and sum(w.n_songs for w in made.written) == 6


def test_a_network_that_hears_and_reads_whole_songs_cuts_too(tmp_path: Path) -> None:
    with world(tmp_path, n_songs=3) as own:
        vectors = WordVectors(("night", "sun"), np.eye(2, 100, dtype=np.float32))
        store(own.home.vectors, vectors)
        tune, lyrics = describing("dense").features
        reader = describing("dense", name="reader")
        description = replace(reader, features=(tune, replace(lyrics, vectors=vectors.id)))
        model = replace(loaded(untrained(tmp_path / "m", description)), vectors=own.home.vectors)
        made = cut(own, model, tmp_path / "out", min_size=2, n_clips=3, method="kmeans", n_clusters=2)
        assert made.model == "reader" and made.failed == ()
        assert sum(w.n_songs for w in made.written) + made.n_left_out == 6


def test_vectors_are_compared_as_the_model_says() -> None:
    vectors = np.array([[3, 4], [30, 40], [0, 0]], np.float32)
    cosine = UnitRows(vectors)[:]
    assert np.allclose(cosine, [[0.6, 0.8], [0.6, 0.8], [0, 0]]) and cosine.dtype == np.float32


def test_lists_keep_to_what_is_asked_of_them(small: World, model: LoadedModel, tmp_path: Path) -> None:
    made = cut(
        small, model, tmp_path / "out", min_size=3, max_size=7, order="title", name_format="{genre} {songs}"
    )
    assert all(3 <= written.n_songs <= 7 for written in made.written)
    assert made.share == 1 - made.n_left_out / 20
    for written in made.written:
        titles = [song.stem.casefold() for song in songs_of(written.path)]
        assert titles == sorted(titles) and str(written.n_songs) in written.name
    four = cut(small, model, tmp_path / "four", n_clusters=4)
    assert len(four.written) == 4


@pytest.mark.parametrize(
    "changes", [{"order": "loud"}, {"name_format": "{x}"}, {"min_size": 9, "max_size": 10}], ids=str
)
def test_wishes_that_cannot_be_are_refused_before_the_work(
    small: World, tmp_path: Path, changes: dict[str, object]
) -> None:
    request = replace(ClusterRequest(small.library, tmp_path / "out"), **changes)
    with pytest.raises(UsageError):
        run(request, small.context())
    assert not (tmp_path / "out").exists()
