"""From one song to another, and why two songs are alike: on tones whose pitch rises."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

import groovecli
from groovecli.actions.between import Between, BetweenRequest, run
from groovecli.actions.similar.run import SimilarRequest
from groovecli.actions.similar.run import run as similar
from groovecli.actions.why import playlist as in_playlist
from groovecli.actions.why.facts import About, facts
from groovecli.actions.why.passages import alike
from groovecli.actions.why.run import Why, WhyRequest
from groovecli.actions.why.run import run as why
from groovecli.audio.read import probe
from groovecli.audio.tags import Tags
from groovecli.describe.description import Key, Loudness, SongDescription, Tempo
from groovecli.errors import LibraryError, StorageError, UsageError
from groovecli.library.tracks import FileState, Track
from groovecli.models.pieces import Pieces
from groovecli.playlists.reading import songs_in
from tests.conftest import write_song
from tests.small import QUICK, World, world
from tests.test_similar import tagged


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("small"), {"low": 200.0, "mid": 700.0, "high": 2000.0}) as made:
        for number, song in enumerate(sorted(made.library.rglob("*.wav"))):
            tagged(song, f"Artist {number}", f"Song {number}")
        made.ingest()
        made.train(QUICK)
        request = SimilarRequest(made.library / "low" / "0.wav", model="quick", n_clips=1)
        similar(replace(request, library=made.library), made.context())
        yield made


def way(small: World, start: Path, end: Path, **changes: object) -> Between:
    request = BetweenRequest(start, end, n_songs=6, model="quick", n_clips=1)
    return run(replace(request, **changes), small.context())


def compared(small: World, one: Path, other: Path, **changes: object) -> Why:
    request = WhyRequest(one, other, model="quick", n_clips=1)
    return why(replace(request, **changes), small.context())


def song(small: World, name: str) -> Path:
    return small.library / f"{name}.wav"


def test_the_way_begins_and_ends_where_it_should_and_no_song_comes_again(small: World) -> None:
    found = way(small, song(small, "low/0"), song(small, "high/5"))
    paths = [track.path for track in found.tracks]
    assert paths[0] == song(small, "low/0") and paths[-1] == song(small, "high/5")
    assert 2 < len(paths) <= 6 and len(set(paths)) == len(paths) == len(found.steps) + 1
    assert found.n_compared == 18 and found.evenness >= 1 and found.n_wanted == 6
    back = way(small, song(small, "high/5"), song(small, "low/0"))
    assert back.tracks[0].path == paths[-1] and back.tracks[-1].path == paths[0]


def test_two_songs_are_a_way_and_a_playlist_has_it(small: World, tmp_path: Path) -> None:
    out = tmp_path / "way.m3u8"
    found = way(small, song(small, "low/0"), song(small, "high/5"), n_songs=2, out=out)
    assert found.out == out and songs_in(out) == (song(small, "low/0"), song(small, "high/5"))
    with pytest.raises(UsageError, match="is there already"):
        way(small, song(small, "low/0"), song(small, "high/5"), out=out)
    (tmp_path / "file").touch()
    with pytest.raises(StorageError):
        way(small, song(small, "low/0"), song(small, "low/1"), out=tmp_path / "file" / "x.m3u8")


def test_there_is_no_way_between_copies(small: World, tmp_path: Path) -> None:
    one, copy, again = song(small, "low/0"), tmp_path / "copy.wav", tmp_path / "again.flac"
    shutil.copy(one, copy)
    y, sr = sf.read(one)
    sf.write(again, y * 0.9, sr)
    tagged(again, *_names(one))
    for other in (one, copy, again):
        with pytest.raises(UsageError, match="are the same song"):
            way(small, one, other)
    with pytest.raises(UsageError, match="is a folder"):
        way(small, one, one.parent)


def _names(path: Path) -> tuple[str, str]:
    from groovecli.audio.tag_reading import read_tags

    tags = read_tags(path)
    return tags.artist.upper(), tags.title


def test_songs_that_vanished_or_are_left_out_are_not_gone_through(small: World, tmp_path: Path) -> None:
    ends = song(small, "low/0"), song(small, "high/5")
    only_mid = way(small, *ends, exclude=("low/", "high/"))
    assert {track.path.parent.name for track in only_mid.tracks[1:-1]} <= {"mid"}
    library = tmp_path / "library"
    shutil.copytree(small.library / "mid", library / "mid")
    none = way(small, *ends, library=library)
    assert {track.path.parent.parent for track in none.tracks[1:-1]} <= {library}


def test_songs_that_vanished_are_said(small: World) -> None:
    ends, away = (song(small, "low/0"), song(small, "mid/5")), small.library.parent / "away"
    (small.library / "high").rename(away)
    try:
        found = way(small, *ends)
    finally:
        away.rename(small.library / "high")
    assert not way(small, *ends).gone
    assert found.gone and {each.path.parent for each in found.gone} == {small.library / "high"}
    assert not {track.path for track in found.tracks} & {each.path for each in found.gone}


def test_ends_that_are_no_songs(small: World, tmp_path: Path) -> None:
    bad = tmp_path / "bad.wav"
    sf.write(bad, np.zeros(96000), 8000)
    with pytest.raises(LibraryError, match="is silent"):
        way(small, song(small, "low/0"), bad)
    with pytest.raises(LibraryError, match="no song was analysed"):
        way(small, song(small, "low/0"), song(small, "low/1"), n_clips=2)


# Why


def test_two_songs_are_compared_with_what_is_usual(small: World) -> None:
    near = compared(small, song(small, "low/0"), song(small, "low/1"))
    far = compared(small, song(small, "low/0"), song(small, "high/0"))
    assert near.likeness > far.likeness and near.distance < far.distance
    assert near.share_farther > far.share_farther
    assert near.one.rank and far.one.rank and near.one.rank < far.one.rank <= 17
    assert near.one.track.path not in [pick.track.path for pick in near.one.nearest]
    assert len(near.one.nearest) == len(near.other.nearest) == 3
    assert {fact.name for fact in near.facts if fact.is_shared} >= {"sounds like"}
    assert near.passages and near.passages[0].one_s >= 0 and not near.problems


def test_a_preview_plays_what_is_alike_in_turn(small: World, tmp_path: Path) -> None:
    found = compared(small, song(small, "low/0"), song(small, "low/1"), preview=tmp_path / "p.mp3")
    assert found.preview == tmp_path / "p.mp3"
    seconds = 2 * sum(passage.length_s for passage in found.passages)
    assert 0.6 * seconds < probe(found.preview).duration_s <= seconds + 0.2
    with pytest.raises(UsageError, match="cannot tell"):
        compared(small, song(small, "low/0"), song(small, "low/1"), preview=tmp_path / "p.ogg")


def test_a_song_is_compared_with_itself_and_with_one_from_elsewhere(small: World, tmp_path: Path) -> None:
    itself = compared(small, song(small, "low/0"), song(small, "low/0"))
    assert itself.distance < 1e-6 and itself.one.rank is None and itself.passages == ()
    assert itself.is_same and itself.likeness == 1
    copy = tmp_path / "one" / "copy.wav"
    copy.parent.mkdir()
    shutil.copy(song(small, "low/0"), copy)
    alone = compared(small, copy, song(small, "low/0"), library=copy.parent)
    assert alone.is_same and alone.likeness == 1 and alone.share_farther is None
    new = write_song(tmp_path / "new.wav", 12, sr=8000, hz=701, seed=991)
    found = compared(small, new, song(small, "mid/0"))
    assert found.one.rank is not None and found.other.rank is None and not found.is_same


def test_pieces_that_are_alike_share_no_second() -> None:
    track = Track("00", Path("a.mp3"), FileState(1, 1), 60.0)
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(12, 5))
    one = Pieces(track, tuple(5.0 * i for i in range(12)), 10.0, vectors)
    other = Pieces(track, tuple(5.0 * i for i in range(12)), 10.0, vectors[::-1])
    found = alike(one, other, "cosine")
    assert len(found) == 3 and found[0].distance == pytest.approx(0, abs=1e-9)
    for a in found:
        assert a.one_s == 55.0 - a.other_s or a.distance > 0
        assert all(a is b or min(abs(a.one_s - b.one_s), abs(a.other_s - b.other_s)) >= 10 for b in found)


def test_a_piece_of_a_short_song_ends_with_it() -> None:
    one, other = (Track("00", Path("a.mp3"), FileState(1, 1), seconds) for seconds in (1.8, 60.0))
    vectors = np.ones((1, 5))
    (found,) = alike(Pieces(one, (0.0,), 10.0, vectors), Pieces(other, (30.0,), 10.0, vectors), "cosine")
    assert (found.one_s, found.one_end_s, found.other_s, found.other_end_s) == (0.0, 1.8, 30.0, 40.0)


def said(one: About, other: About) -> dict[str, tuple[str, bool]]:
    return {fact.name: (fact.text, fact.is_shared) for fact in facts(one, other)}


def test_facts_in_words() -> None:
    fast = SongDescription(Tempo(150.4, 0.9), Key(9, True), Loudness(-8.0), 3500.0)
    slow = SongDescription(Tempo(75.0, 0.9), Key(0), Loudness(-20.0), 1000.0)
    one = About(Tags("A", "X", "", "Rock; Pop"), {"rock": 0.9}, 1984, fast)
    other = About(Tags("a", "x", "", "Jazz"), {"jazz": 0.5, "rock": 0.4}, 1999, slow)
    assert said(one, other) == {
        "artist": ("artist A", True),
        "album": ("album X", True),
        "genre tag": ("genre tag rock (A), jazz (B)", False),
        "year": ("year 1984 (A), 1999 (B)", False),
        "sounds like": ("sounds like rock 90 % (A), jazz 50 % (B)", False),
        "tempo": ("tempo fast (150 BPM) (A), slow (75 BPM) (B)", False),
        "key": ("key A minor (A), C major (B)", False),
        "loudness": ("loudness loud (-8.0 LUFS) (A), quiet (-20.0 LUFS) (B)", False),
        "sound": ("sound bright (3,500 Hz) (A), dark (1,000 Hz) (B)", False),
    }
    assert all(is_shared for _, is_shared in said(one, one).values())
    assert said(About(), About()) == {} and said(one, About()) == {}


# Playlists


def test_a_song_is_compared_with_the_playlists_of_a_folder(small: World, tmp_path: Path) -> None:
    for genre in ("low", "high"):
        lines = "\n".join(str(path) for path in sorted((small.library / genre).glob("*.wav")))
        (tmp_path / f"{genre}.m3u8").write_text(f"#PLAYLIST:{genre} tones\n{lines}")
    (tmp_path / "other.m3u").write_text("nowhere.mp3\n")
    (tmp_path / "dir.m3u8").mkdir()
    request = in_playlist.WhyInRequest(
        song(small, "low/0"), tmp_path / "low.m3u8", model="quick", n_clips=1
    )
    found = in_playlist.run(request, small.context())
    assert found.is_in and found.playlist.n_songs == 6 and len(found.nearest) == 3
    assert [rated.path.name for rated in found.others] == ["high.m3u8"]
    assert (found.playlist.name, found.others[0].name) == ("low tones", "high tones")
    assert found.margin is not None and found.margin > 0
    wrong = in_playlist.run(replace(request, playlist=tmp_path / "high.m3u8"), small.context())
    assert not wrong.is_in and wrong.margin is not None and wrong.margin < 0
    (tmp_path / "alone").mkdir()
    (tmp_path / "alone" / "x.m3u8").write_text(str(song(small, "low/0")))
    with pytest.raises(LibraryError, match="has no other song"):
        in_playlist.run(replace(request, playlist=tmp_path / "alone" / "x.m3u8"), small.context())
    for bad in ("dir.m3u8", "none.m3u8"):
        with pytest.raises(LibraryError, match=r"is a folder, not a playlist|cannot be read"):
            in_playlist.run(replace(request, playlist=tmp_path / bad), small.context())


def test_they_are_exported() -> None:
    assert groovecli.between is run and groovecli.why is why and groovecli.why_in is in_playlist.run
