"""Songs by words, among songs whose vectors are made up."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import mutagen
import numpy as np
import pytest
import soundfile as sf

from groovecli.actions.context import Context
from groovecli.actions.hear import stored_as
from groovecli.actions.search.fitting import fitting_model
from groovecli.actions.search.run import Found, SearchRequest, run
from groovecli.audio.tag_reading import read_tags
from groovecli.describe.description import Key, Loudness, SongDescription, Tempo
from groovecli.describe.rows import keep_descriptions
from groovecli.errors import LibraryError, ModelError, UsageError
from groovecli.home import Home
from groovecli.library.answers import StoredAnswer
from groovecli.library.scan import scan
from groovecli.library.tracks import Track
from groovecli.models.loaded import LoadedModel
from groovecli.models.results import CLIPS_PER_SONG
from groovecli.playlists.reading import songs_in
from groovecli.words.heads import MSD_FROM, SOUNDS_FROM, heads
from tests.small import describing, untrained

N = 12


@dataclass(frozen=True)
class Songs:
    """Twelve songs with made-up vectors: the first sounds most of piano, the last is the slowest."""

    context: Context
    tracks: list[Track]
    model: LoadedModel

    def search(self, words: str, **changes: object) -> Found:
        return run(replace(SearchRequest(words, per_artist=20), **changes), self.context)

    def names(self, words: str, **changes: object) -> list[int]:
        return [int(hit.track.path.stem) for hit in self.search(words, **changes).hits]


def tag(path: Path, **values: str) -> None:
    file = mutagen.File(path)
    for name, value in values.items():
        file[name] = value
    file.save()


@pytest.fixture(scope="module")
def songs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Songs]:
    root = tmp_path_factory.mktemp("songs")
    for number in range(N):
        path = root / "music" / ("jazz" if number % 2 else "Other [x]") / f"{number}.flac"
        path.parent.mkdir(parents=True, exist_ok=True)
        sf.write(path, np.random.default_rng(number).normal(size=4000) / 9, 8000)
        tag(
            path,
            artist=f"Artist {'abcdef'[number // 2]}",
            title=f"Number {number}",
            date=str(1980 + number),
        )
    tag(root / "music" / "jazz" / "3.flac", artist="Björk", genre="Piano", mood="wistful")
    with Context(Home(root / "home"), jobs=1, device="cpu") as context:
        model = fitting_model(context, None)
        tracks = sorted(
            scan(sorted((root / "music").glob("*/*.flac")), jobs=1).tracks,
            key=lambda track: int(track.path.stem),
        )
        context.catalog.remember(tracks)
        context.catalog.add_answers(stored_as(model, CLIPS_PER_SONG), answers(tracks))
        keep_descriptions(context.catalog, {t.id: said(n) for n, t in enumerate(tracks[2:], 2)})
        yield Songs(context, tracks, model)


def answers(tracks: list[Track]) -> dict[str, StoredAnswer]:
    """Vectors along which AudioSet's piano gets less likely, and musicnn's `sad` more."""
    by_name = {(tag.source, tag.name): tag for tag in heads().tags}
    sad = heads().msd[0][by_name["musicnn", "sad"].number]
    steps = np.zeros((200, 720))
    steps[:, SOUNDS_FROM:] = np.eye(200) / 100
    piano = by_name["AudioSet", "Piano"]
    uphill = (
        heads().probabilities(steps, [piano])[:, 0]
        - heads().probabilities(np.zeros((1, 720)), [piano])[0, 0]
    )
    found = {}
    for number, track in enumerate(tracks):
        vector = np.zeros(730, np.float32)
        vector[MSD_FROM : MSD_FROM + 200] = sad / np.linalg.norm(sad) * number
        vector[SOUNDS_FROM : SOUNDS_FROM + 200] = uphill / np.linalg.norm(uphill) * (N - number) / 4
        vector[720] = 20.0
        found[track.id] = StoredAnswer(vector, np.eye(10)[0])
    return found


def said(number: int) -> SongDescription:
    return SongDescription(
        Tempo(160.0 - 10 * number, 0.9),
        Key(number, bool(number % 2), 0.9),
        Loudness(-20.0 + number),
        2000.0,
        1.0,
    )


def test_the_best_come_first_with_what_they_have(songs: Songs) -> None:
    found = songs.search("not sad piano", n_songs=3)
    assert found.hits[0].track.path.stem == "0"
    assert found.n_compared == N and found.model == "groove-net" and not found.is_partial
    matches = {match.said: match for match in found.hits[0].matches}
    assert matches["piano"].by == "AudioSet" and float(matches["piano"].value) > 0.01
    assert not matches["sad"].is_wanted
    scores = [hit.score for hit in found.hits]
    assert scores == sorted(scores, reverse=True) and 0 < scores[-1] < scores[0] <= 1


def test_order_and_plural_change_nothing(songs: Songs) -> None:
    lists = [songs.names(words) for words in ("sad piano slow", "slow sad piano", "Pianos, slow - SAD")]
    assert lists[0] == lists[1] == lists[2]


def test_measured_words(songs: Songs) -> None:
    assert songs.names("slow")[0] == 11 and songs.names("fast")[0] == 2 and songs.names("quiet")[0] == 2
    assert songs.names("loud")[:2] == [11, 10] and songs.names("100 bpm")[0] == 6
    assert songs.names("in F# major")[0] == 6 and songs.names("minor")[0] % 2 == 1
    found = songs.search("slow")
    assert found.terms[0].n_unknown == 2 and not found.is_partial
    assert songs.names("slow")[-1] != 0  # of which nothing is known: in the middle


def test_years_of_files(songs: Songs) -> None:
    assert songs.names("1985")[0] == 5
    found = songs.search("nineties")
    assert {int(hit.track.path.stem) for hit in found.hits[:2]} == {10, 11} and found.n_read == N
    assert found.hits[0].matches[0].by == "tags"


def test_tags_and_folders(songs: Songs) -> None:
    assert songs.names("bjork")[0] == 3 and songs.names('"number 7"')[0] == 7
    untagged, by_folder = songs.names("blues"), songs.names("jazz")
    assert by_folder[0] % 2 and sum(n % 2 for n in by_folder[:6]) > sum(n % 2 for n in untagged[:6])
    assert songs.names("wistful")[0] == 3 and songs.search("wistful").hits[0].matches[0].value == "mood"
    match = next(m for hit in songs.search("piano").hits for m in hit.matches if hit.track.path.stem == "3")
    assert (match.value, match.by) == ("genre", "tags")
    assert songs.search("bjork piano").hits[-1].matches[0].value == ""


def test_songs_that_have_none_of_the_words_are_not_listed(songs: Songs, tmp_path: Path) -> None:
    found = songs.search("bjork", out=tmp_path / "x.m3u8")
    assert [hit.track.path.stem for hit in found.hits] == ["3"] and found.n_found == 1
    assert len(songs_in(tmp_path / "x.m3u8")) == 1
    assert set(songs.names('bjork "number 7"')) == {3, 7}
    assert set(songs.names("bjork not sad")) == {3}
    assert songs.search("artist", n_songs=4).n_found == N - 1
    for words in ("bjork piano", "1985", "not bjork"):
        found = songs.search(words)
        assert len(found.hits) == N and found.n_found is None


def test_an_artist_who_is_named_has_no_limit(songs: Songs) -> None:
    assert set(songs.names('"artist a"', per_artist=1)) == {0, 1}
    assert len(songs.search("artist", per_artist=1).hits) == N - 1
    assert len(songs.search("number", per_artist=1).hits) == 7
    assert len(songs.search("jazz number", per_artist=1).hits) == 7


def test_words_that_nothing_knows_are_named(songs: Songs) -> None:
    found = songs.search("piano xylofone фортепиано")
    assert [word.said for word in found.unknown] == ["xylofone", "фортепиано"] and found.is_partial
    assert "xylophone" in found.unknown[0].near and len(found.hits) == N
    assert songs.search("artst piano").unknown[0].near == ("artist",)
    with pytest.raises(LibraryError, match="not known, and in no tag of your music: qwertz"):
        songs.search("qwertz")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("", "no words are given"),
        ("music", "says nothing"),
        ("!?", "there is no word"),
        ("x" * 10_000, "10,000 letters"),
    ],
)
def test_what_is_no_query(songs: Songs, words: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        songs.search(words)


def test_too_many_words_to_rank_by(songs: Songs) -> None:
    with pytest.raises(UsageError, match="there are 21 words"):
        songs.search(" ".join(f"w{n}" for n in range(21)))


def test_playlists_artists_and_exclusion(songs: Songs, tmp_path: Path) -> None:
    found = songs.search("piano", n_songs=3, out=tmp_path / "x.m3u8")
    assert songs_in(tmp_path / "x.m3u8") == tuple(hit.track.path for hit in found.hits)
    with pytest.raises(UsageError, match="is there already"):
        songs.search("piano", out=tmp_path / "x.m3u8")
    by = [read_tags(hit.track.path).artist for hit in songs.search("piano", per_artist=1).hits]
    assert len(by) == len(set(by)) == 7
    assert {n % 2 for n in songs.names("piano", exclude=("Other*",))} == {1}


def test_songs_that_are_gone_are_said(songs: Songs) -> None:
    path = songs.tracks[0].path
    away = path.with_suffix(".away")
    os.rename(path, away)
    try:
        found = songs.search("piano", n_songs=2)
    finally:
        os.rename(away, path)
    assert [item.path for item in found.gone] == [path]
    assert [hit.track.path.stem for hit in found.hits] == ["3", "1"]  # the first by its tag


def test_nothing_analysed_and_nothing_measured(tmp_path: Path, songs: Songs) -> None:
    with Context(Home(tmp_path / "home"), jobs=1, device="cpu") as context:
        with pytest.raises(LibraryError, match="no song was analysed"):
            run(SearchRequest("piano"), context)
        context.catalog.remember(songs.tracks)
        context.catalog.add_answers(stored_as(songs.model, CLIPS_PER_SONG), answers(songs.tracks))
        found = run(SearchRequest("slow piano"), context)
        assert found.unmeasured == ("slow",) and found.is_partial and found.hits
        with pytest.raises(LibraryError, match="no song was measured for: slow"):
            run(SearchRequest("slow"), context)


def test_models_without_words(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    untrained(home.models / "other" / "model.safetensors", describing("time-cnn", name="other"))
    untrained(home.models / "mine" / "model.safetensors", describing("transfer", name="mine", clip_s=45.0))
    with Context(home, jobs=1, device="cpu") as context:
        for name in ("other", "mine"):  # a `transfer` with layers of its own
            with pytest.raises(ModelError, match=f"{name} has no words"):
                run(SearchRequest("piano", model=name), context)
