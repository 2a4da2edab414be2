"""Songs that a model misjudged, by name: in the figures, on the page, on the terminal."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote_to_bytes, urlsplit

import pytest
import torch

from groovecli.evaluation.figures import from_json, to_json
from groovecli.evaluation.judged import Judged
from groovecli.evaluation.measure import measure, scored
from groovecli.evaluation.neighbours import space
from groovecli.evaluation.results import Evaluated
from groovecli.models.loaded import LoadedModel
from groovecli.networks.output import Output
from groovecli.reports import tables
from groovecli.reports.evaluation import write_evaluation
from groovecli.reports.sections.genres import wrong_songs
from groovecli.reports.web.html import join
from tests.cli.conftest import groove, groove_json
from tests.small import QUICK, World, describing, loaded, untrained, with_network, world

# What a URL, HTML or UTF-8 can trip over; the last is Latin-1.
NAMES = (b"a b #1?.wav", b'it\'s "q" & <b>.wav', "100% ü 日本.wav".encode(), b"bad \xff name.wav")


class AlwaysLow(torch.nn.Module):
    """Calls everything low, and is as sure as 4 to 1."""

    def forward(self, x: torch.Tensor) -> Output:
        shares = torch.tensor([[0.2, 0.8]]).expand(len(x), 2)
        return Output(logits=shares.log(), embedding=torch.zeros(len(x), 256))


class Players(HTMLParser):
    """The songs of a page that play, and what makes its tables scroll."""

    def __init__(self, path: Path | str) -> None:
        super().__init__()
        self.sounds: list[dict[str, str | None]] = []
        self.regions: list[dict[str, str | None]] = []
        self.n_tables = 0
        self.feed(path if isinstance(path, str) else path.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.n_tables += tag == "table"
        if tag == "button" and "data-src" in found:
            self.sounds.append(found)
        if found.get("role") == "region":
            self.regions.append(found)


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Four high songs under odd names, all of them for testing, and low ones."""
    with world(tmp_path_factory.mktemp("odd"), n_songs=8) as made:
        songs = sorted((made.library / "high").iterdir())
        for song, name in zip(songs, [*NAMES] * 2, strict=True):
            folder = os.fsencode(song.parent) + (b"/x" if song in songs[4:] else b"/y")
            os.makedirs(folder, exist_ok=True)
            os.rename(os.fsencode(song), folder + b"/" + name)
        made.ingest(test_share=0.5)
        yield made


def evaluated(made: World) -> Evaluated:
    description = describing(genres=("high", "low"), clip_s=3.0)
    model: LoadedModel = loaded(untrained(made.root / "low.safetensors", description))
    model = with_network(model, AlwaysLow())
    measured = measure(made.dataset(), model)
    return Evaluated(model, measured, scored(model, measured), space(model, measured), (), seed=0)


def test_every_misjudged_song_is_named_with_all_that_is_known(odd: World) -> None:
    found = evaluated(odd)
    tested = {song.track_id for song in odd.dataset().songs.values() if song.side == "test"}
    high = {key: files[0].path for key, files in odd.dataset().tracks.items() if key in tested}
    high = {key: path for key, path in high.items() if "high" in path.parts}
    assert {song.track_id: song.path for song in found.misjudged} == high and len(high) == 4
    for song in found.misjudged:
        assert (song.genre, song.guess, song.is_there) == ("high", "low", True)
        assert song.confidence == pytest.approx(0.8)
    figures = tables.to_json(found)
    assert [song["path"] for song in figures["misjudged"]] == [str(song.path) for song in found.misjudged]
    assert figures["misjudged"][0].keys() == {"path", "track", "genre", "guess", "confidence"}
    assert found.evaluation is not None
    assert to_json(from_json(figures)) == to_json(found.evaluation)  # the songs do not stand in the way


def test_the_page_plays_them_whatever_they_are_called(odd: World, tmp_path: Path) -> None:
    found = evaluated(odd)
    files = write_evaluation(tmp_path, found)
    players = Players(files[-1])
    called = [unquote_to_bytes(str(sound["data-src"])) for sound in players.sounds]
    assert [os.path.normpath(os.fsencode(tmp_path) + b"/" + path) for path in called] == [
        os.fsencode(song.path) for song in found.misjudged if song.path
    ]
    for sound in players.sounds:
        assert str(sound["aria-label"]).startswith("play ")
        url = urlsplit(str(sound["data-src"]))
        assert not url.scheme and not url.query and not url.fragment
    written = json.loads(files[0].read_text())
    assert [song["path"] for song in written["misjudged"]] == [str(song.path) for song in found.misjudged]


def test_all_songs_are_judged_by_name(odd: World) -> None:
    found = evaluated(odd)
    assert len(found.judged) == 8 and sum(song.is_right for song in found.judged) == 4
    assert {song.called for song in found.judged if song.genre == "high"} <= {
        os.fsdecode(name.removesuffix(b".wav")) for name in NAMES
    }


def test_a_song_that_is_gone_is_called_so(tmp_path: Path) -> None:
    here = tmp_path / "here.wav"
    here.touch()
    gone = Judged("1", tmp_path / "gone.wav", "jazz", "rock", 0.9, "gone")
    nowhere = replace(gone, path=None, track_id="TR", called="TRAAAAW128F429D538")
    songs = (gone, replace(gone, path=here), nowhere)
    assert [song.is_there for song in songs] == [False, True, False]
    section = wrong_songs(songs, 9, tmp_path)
    text = str(join(section.body))
    assert text.count("no file there") == 2 and len(Players(text).sounds) == 1
    assert "TRAAAAW128F429D538" in text and "90 %" in text and section.title == "Wrong songs: 3 of 9"


def test_many_wrong_songs_are_folded_and_the_rest_is_counted(tmp_path: Path) -> None:
    gone = Judged("1", None, "jazz", "rock", 0.9, "gone")
    text = str(join(wrong_songs((gone,) * 70, 90, tmp_path).body))
    assert "40 more wrong songs" in text and text.count("no file there") == 60
    assert "10 more songs: press a count above, or see evaluation.json" in text


def test_all_right_has_no_table(tmp_path: Path) -> None:
    section = wrong_songs((), 9, tmp_path)
    assert section.title == "All 9 songs are right" and not str(join(section.body))


def test_every_table_scrolls_and_the_keyboard_gets_there(odd: World, tmp_path: Path) -> None:
    players = Players(write_evaluation(tmp_path, evaluated(odd))[-1])
    assert players.n_tables == len(players.regions) > 4
    for region in players.regions:
        assert region["tabindex"] == "0" and region["aria-label"] and region["class"] == "scroll"


def test_the_command_names_the_surest_mistakes_and_where_the_others_are(odd: World) -> None:
    with odd.at_home():
        odd.train(QUICK, name="hasty", hyper={**QUICK.hyper, "epochs": 1, "learning_rate": 1e-9})
        figures = groove_json("evaluate", "hasty")
        wrong = figures["misjudged"]
        counts = figures["confusion"]
        assert len(wrong) == figures["per_song"]["n"] - sum(counts[n][n] for n in range(2)) > 0
        assert [song["confidence"] for song in wrong] == sorted(
            (song["confidence"] for song in wrong), reverse=True
        )
        shown = groove("evaluate", "hasty", "--full").stdout
        assert (
            f"Wrong songs: {len(wrong)} of {figures['per_song']['n']}, the surest mistakes first" in shown
        )
        assert len(re.findall(r"(?m)^(?:high|low) +(?:high|low) +\d+ %  .*high", shown)) == min(
            len(wrong), 5
        )
        # What a model gets wrong that only guesses is no hint at the songs.
        assert "Wrong songs" not in groove("evaluate", "hasty").stdout
