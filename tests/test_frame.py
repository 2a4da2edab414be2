"""The frame of pages without a browser: whole HTML, names that stay text, colours that stay a genre's."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groovecli.reports.colours import GENRES_DARK, GENRES_LIGHT, SHAPES, Scheme
from groovecli.reports.web import html
from groovecli.reports.web.frame import Foot, Frame, document, write_page
from groovecli.reports.web.html import address, data, tag
from groovecli.reports.web.songs import Song, play
from tests.conftest import write_song
from tests.pages import HOSTILE, NAMES, sample

VOID = {"meta", "link", "img", "br", "input"}


class Checker(HTMLParser):
    """Fails where elements are not closed in order; gathers what tests ask for."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, element: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((element, dict(attributes)))
        if element not in VOID:
            self.open.append(element)

    def handle_endtag(self, element: str) -> None:
        assert self.open.pop() == element

    def handle_data(self, text: str) -> None:
        self.texts.append((self.open[-1] if self.open else "", text))

    def of(self, element: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == element]


@pytest.fixture
def page(tmp_path: Path) -> str:
    write_song(tmp_path / "a song.wav", 220.0)
    return document(sample(tmp_path))


def test_hostile_names_are_text(page: str) -> None:
    read = Checker(page)
    assert read.of("img") == []
    assert all(not key.startswith("on") for _, attributes in read.tags for key in attributes)
    assert len(read.of("script")) == 3  # values, page.js, the page's own
    assert len(read.of("style")) == 1
    said = "".join(text for element, text in read.texts if element not in ("script", "style"))
    assert said.count(HOSTILE) > 5 and "\x1b" not in page and "\udcff" not in page


def test_only_scripts_of_the_page_may_run(page: str) -> None:
    policy = next(each["content"] for each in Checker(page).of("meta") if each.get("http-equiv")) or ""
    scripts = re.findall("<script>(.*?)</script>", page, re.DOTALL)
    hashes = (base64.b64encode(hashlib.sha256(each.encode()).digest()).decode() for each in scripts)
    allowed = " ".join(f"'sha256-{each}'" for each in hashes)
    assert len(scripts) == 2
    assert f"script-src {allowed};" in policy
    assert "default-src 'none'" in policy and "http" not in policy


def test_a_page_calls_nothing_by_an_address_of_the_network(page: str) -> None:
    links = [each.get(key) for _, each in Checker(page).tags for key in ("src", "href") if each.get(key)]
    assert {link for link in links if link and not link.startswith("#")} == {
        "data:,",
        "a%20song.wav",
        "evaluation.json",
    }
    assert "://" not in re.sub("<code>.*?</code>", "", page)


def test_a_page_says_where_it_is_from(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for words in ("nothing was sent", "by artist", "<dd>0</dd>", "evaluation.json", "groove 0."):
        assert words in page
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    assert "1970-01-01" in document(sample(tmp_path))


def test_a_page_of_nothing() -> None:
    read = Checker(document(Frame("nothing", (), Foot())))
    assert [text for element, text in read.texts if element == "h1"] == ["nothing"]
    assert not read.of("nav") and not read.of("section")


def test_a_page_is_written_whole(tmp_path: Path) -> None:
    path = write_page(tmp_path / "new" / "index.html", sample(tmp_path))
    assert path.read_bytes().decode() == document(sample(tmp_path))


def test_further_sources_are_allowed_beside_the_others() -> None:
    more = {"script-src": "'unsafe-eval'", "worker-src": "blob:"}
    page = document(Frame("map", (), Foot(), sources=more))
    assert re.search("script-src &#x27;sha256-[^ ]*&#x27; &#x27;unsafe-eval&#x27;;", page)
    assert "worker-src blob:" in page


@given(st.text(st.characters(codec=None), max_size=40))
def test_any_text_comes_back(value: str) -> None:
    read = Checker(str(tag("p", value, title=value)))
    ((_, attributes),) = read.tags
    expected = html.plain(value)
    written = json.loads(re.sub("</?script.*?>", "", data("x", [value])))
    assert (attributes["title"] or "") == expected and html.plain(written[0]) == expected
    assert "".join(text for _, text in read.texts).replace("\r", "\n") == expected.replace("\r", "\n")


def test_bytes_that_are_no_utf_8_are_shown() -> None:
    assert tag("p", b"caf\xe9", Path("caf\udce9")) == "<p>caf\ufffdcaf\ufffd</p>"


def test_a_song_is_called_by_where_it_lies_from_the_page(tmp_path: Path) -> None:
    song = tmp_path / "Music" / "a#b? 50%.wav"
    write_song(song, 220.0)
    folder = tmp_path / "reports" / "new"
    assert address(song, folder) == "../../Music/a%23b%3F%2050%25.wav"
    assert Song.at(song, "a", folder).address == address(song, folder)
    assert address(tmp_path / "a:b\udcff", tmp_path) == "a%3Ab%FF"


def test_a_song_that_is_gone_says_so(tmp_path: Path) -> None:
    for path in (None, tmp_path / "none.wav"):
        song = Song.at(path, "gone", tmp_path)
        assert "no file there" in play(song) and "button" not in play(song)


def test_genres_keep_their_colours() -> None:
    some = Scheme.of(["rock", "folk", "jazz"])
    assert [some.number(each) for each in ("folk", "jazz", "rock", "pop")] == [0, 1, 2, None]
    assert Scheme.of(["jazz", "rock", "folk", "folk"]) == some
    assert some.variable("rock") == "var(--g2)" and some.shape("rock") == "triangle"


def test_of_many_genres_the_largest_have_colours() -> None:
    names = [f"g{n:02}" for n in range(60)]
    scheme = Scheme.of(names, {name: n for n, name in enumerate(names)})
    assert list(scheme.numbers) == names[-7:] and scheme.variable("g00") == "var(--other)"
    assert len(set(scheme.numbers.values())) == 7
    assert Scheme.of(names) == Scheme.of(names[::-1])
    assert list(Scheme.of(names[:8]).numbers) == names[:8]


def test_colours_are_seen_on_their_ground() -> None:
    def luminance(colour: str) -> float:
        parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for ground, colours in (("#ffffff", GENRES_LIGHT), ("#15181d", GENRES_DARK)):
        for colour in colours:
            light, dark = sorted((luminance(colour), luminance(ground)), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 2.9, colour
    assert len(SHAPES) == len(GENRES_LIGHT) == len(GENRES_DARK) == 8


def test_the_names_are_the_worst() -> None:
    assert any(len(name) == 70 for name in NAMES)
