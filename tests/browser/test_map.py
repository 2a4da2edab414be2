"""A map in Chromium: dots, hover, search, songs that play, selections by mouse and by keys, bad names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from groovecli.reports.lists_page import PAGE, ListPart, is_lists_page, lists_page
from groovecli.reports.map.content import Area
from groovecli.reports.map.page import write_map
from groovecli.reports.web.frame import Foot
from groovecli.reports.web.songs import Song
from tests import maps
from tests.browser import looks
from tests.browser.chromium import Browser, Page
from tests.pages import HOSTILE, NAMES

READY = "document.documentElement.dataset.ready"
SAID = "document.querySelector('#said').textContent"
PICKED = "document.querySelector('#picked').textContent"
NOW = "document.querySelector('.now').textContent"
# How many dots' middles have their own colour: what is drawn where a song is.
DRAWN = """(() => {
  const canvas = document.querySelector("#dots"), box = canvas.getBoundingClientRect();
  const ratio = canvas.width / box.width, w = canvas.width;
  const data = canvas.getContext("2d").getImageData(0, 0, w, canvas.height).data;
  const seen = (x, y) => data.slice(4 * (y * w + x), 4 * (y * w + x) + 3).join();
  return [...Array(n).keys()].filter((i) => {
    const [x, y] = groove.map.at(i);
    return seen(Math.round((x - box.left) * ratio), Math.round((y - box.top) * ratio)) !== seen(0, 0);
  }).length;
})()"""
LIST = "(() => { const parts = groove.map.playlist().parts; return new Blob(parts).text(); })()"


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return maps.write(tmp_path_factory.mktemp("map"))


@pytest.fixture
def page(chromium: Browser, path: Path) -> Iterator[Page]:
    with chromium.page(path) as opened:
        opened.until(READY)
        yield opened


def click(page: Page, song: int) -> None:
    page.run("document.querySelector('#stage').scrollIntoView()")
    x, y = page.run("groove.map.at(song)", song=song)
    page.mouse("mouseMoved", x, y)
    page.mouse("mousePressed", x, y, button="left", clickCount=1)
    page.mouse("mouseReleased", x, y, button="left", clickCount=1)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", looks.WIDTHS)
def test_a_map_can_be_read(chromium: Browser, axe: Path, path: Path, width: int, dark: bool) -> None:
    with chromium.page(path, width=width, dark=dark) as page:
        page.until(READY)
        looks.check(page, axe)
        page.run("document.querySelector('#list').focus()")
        page.press("Enter")
        page.until(NOW)
        looks.check(page, axe)


def test_all_is_reached_by_keyboard(page: Page) -> None:
    assert looks.unreached(page) == []


def test_every_song_is_a_dot(page: Page) -> None:
    assert page.run(DRAWN, n=60) == 60


def test_hover_says_who_it_is(page: Page) -> None:
    x, y = page.run("groove.map.at(40)")
    page.mouse("mouseMoved", x, y)
    page.until("!document.querySelector('#tip').hidden")
    name = page.run("groove.map.name(40)")
    assert page.run("document.querySelector('#tip').firstChild.textContent") == name
    page.mouse("mouseMoved", 2, 2)
    page.until("document.querySelector('#tip').hidden")


def test_a_click_plays_and_shows_the_nearest(page: Page) -> None:
    click(page, 0)
    page.until("document.querySelector('audio').currentTime > 0")
    assert page.run("document.querySelector('audio').src").endswith("/music/000.wav")
    assert page.run("document.querySelectorAll('#near button').length") == 10
    page.run("document.querySelector('#near button').focus()")
    page.press("Enter")
    page.until("document.querySelector('audio').src.endsWith('/music/003.wav')")
    page.until("document.querySelector('.player').classList.contains('gone')")
    assert "no file there" in page.run(NOW)


def test_search_finds_and_the_map_follows(page: Page) -> None:
    page.run("document.querySelector('#find').focus()")
    page.type("title 41")
    page.until(f"{SAID}.startsWith('1 of 60')")
    assert page.run("document.querySelectorAll('.row').length") == 1
    page.run("document.querySelector('#find').value = ''")
    page.type("KIND-03")
    page.until(f"{SAID}.startsWith('5 of 60')")
    page.press("Enter")
    page.press("Enter")
    page.until(NOW)


def test_letters_of_any_kind_are_found(page: Page) -> None:
    for n, wanted in enumerate(("音楽", "עברית", "\U0001f3b5", "onerror")):
        page.run("(document.querySelector('#find').value = '', document.querySelector('#find').focus())")
        page.type(wanted)
        page.until(f"{SAID}.includes(' of 60')")
        assert int(page.run(SAID).split()[0]) >= 1, n
        page.run("document.querySelector('#find').value = ''")
        page.run("document.querySelector('#find').dispatchEvent(new Event('input'))")
        page.until(f"{SAID} === '60 songs'")


def test_a_line_around_songs_selects_them(page: Page) -> None:
    page.run("document.querySelector('#stage').scrollIntoView()")
    box: dict[str, float] = page.run("document.querySelector('#stage').getBoundingClientRect().toJSON()")
    left, top, right, bottom = (
        box["left"] + 2, box["top"] + 60, box["right"] - 2, min(box["bottom"], 790) - 2,
    )  # fmt: skip
    page.click("#draw")
    page.run("document.querySelector('#stage').scrollIntoView()")
    page.mouse("mousePressed", left, top, button="left", clickCount=1)
    for x, y in ((right, top), (right, bottom), (left, bottom), (left, top)):
        page.mouse("mouseMoved", x, y, button="left")
    page.mouse("mouseReleased", left, top, button="left", clickCount=1)
    inside = """[...Array(60).keys()].filter((i) => { const [x, y] = groove.map.at(i);
        return x > left && x < right && y > top && y < bottom; }).length"""
    n = page.run(inside, left=left, right=right, top=top, bottom=bottom)
    assert n > 20 and page.run(PICKED) == f"{n} songs selected"


def test_keys_select_and_save_a_playlist(page: Page) -> None:
    page.run("window.saved = '', URL.createObjectURL = (blob) => (blob.text().then((t) => saved = t), '#')")
    page.run("document.querySelector('#list').focus()")
    for _ in range(3):
        page.press("ArrowDown", shift=True)
    page.until(f"{PICKED} === '4 songs selected'")
    page.press("ArrowUp", shift=True)
    page.until(f"{PICKED} === '3 songs selected'")
    page.press("End")
    page.press(" ")
    page.until(f"{PICKED} === '4 songs selected'")
    page.run("document.querySelector('#save').focus()")
    page.press("Enter")
    text = page.until("saved")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert text.startswith("#EXTM3U\n") and lines == [f"music/{n:03}.wav" for n in (0, 1, 2, 59)]
    assert "Saved 4 songs" in page.run(SAID)


def test_paths_are_saved_as_the_disk_has_them(page: Page) -> None:
    page.run("document.querySelector('#pickall').click()")
    data: list[int] = page.run(
        "new Blob(groove.map.playlist().parts).arrayBuffer().then((a) => [...new Uint8Array(a)])"
    )
    written = bytes(data)
    assert b"\nmusic/not UTF-8 \xff.wav\n" in written
    assert f"\nmusic/{maps.UNSEEN}\n".encode() in written
    assert b"two\nlines.wav" not in written and written.count(b"#EXTINF:200,") == 59
    page.run("document.querySelector('#save').click()")
    assert "1 song left out" in page.run(SAID)


def test_bad_names_are_text(page: Page) -> None:
    row = page.run("groove.map.find(name)", name=HOSTILE)
    click(page, row)
    page.until(NOW)
    assert page.run("document.images.length") == 0
    assert HOSTILE in page.run("document.querySelector('#song').textContent")
    assert page.run("document.querySelector('.area').textContent") == NAMES[0]


# How many songs are outside of the map's window.
OUTSIDE = """(() => {
  const box = document.querySelector("#stage").getBoundingClientRect();
  return [...Array(60).keys()].filter((i) => {
    const [x, y] = groove.map.at(i);
    return x < box.left || y < box.top || x > box.right || y > box.bottom;
  }).length;
})()"""
WIDTH = "document.querySelector('#stage').clientWidth"


def resize(page: Page, width: int) -> None:
    before = page.run(WIDTH)
    page.resize(width)
    page.until(f"{WIDTH} !== {before} && groove.map.view.k")
    page.run("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def test_what_is_shown_stays_in_a_window_of_another_size(chromium: Browser, path: Path) -> None:
    with chromium.page(path, width=1600) as page:
        page.until(READY)
        assert page.run(OUTSIDE) == 0
        for width in (390, 844, 1600):
            resize(page, width)
            assert page.run(OUTSIDE) == 0, width
        page.run("groove.map.view.k *= 2, groove.map.view.x -= 300, groove.map.view.y -= 100")
        shown = "[...Array(60).keys()].filter((i) => { const b = document.querySelector('#stage')"
        shown += ".getBoundingClientRect(), [x, y] = groove.map.at(i);"
        shown += " return x > b.left && x < b.right && y > b.top && y < b.bottom; })"
        before, k = page.run(shown), page.run("groove.map.view.k")
        assert 0 < len(before) < 60
        resize(page, 390)
        assert set(before) <= set(page.run(shown))
        resize(page, 1600)
        assert page.run("groove.map.view.k") == pytest.approx(k)  # rotated and back: as it was


def test_labels_are_in_the_window_and_on_each_piece(chromium: Browser, tmp_path: Path) -> None:
    made = maps.content(tmp_path, 60, 12)
    ends = made.places[made.places[:, 0].argmin()], made.places[made.places[:, 0].argmax()]
    spots = tuple((float(x), float(y)) for x, y in ends)
    area = Area("A name as long as a narrow window takes", made.areas[0].rings, spots)
    write_map(tmp_path / "map.html", "x", replace(made, areas=(area,)), foot=Foot("groove map"))
    with chromium.page(tmp_path / "map.html", width=390) as page:
        page.until(READY)
        boxes: list[dict[str, float]] = page.run(
            "[...document.querySelectorAll('.area')].filter((e) => e.style.visibility === 'visible')"
            ".map((e) => e.getBoundingClientRect().toJSON())"
        )
        stage: dict[str, float] = page.run(
            "document.querySelector('#stage').getBoundingClientRect().toJSON()"
        )
    assert boxes
    for box in boxes:
        assert box["left"] >= stage["left"] and box["right"] <= stage["right"]
    with chromium.page(tmp_path / "map.html", width=1600) as page:
        page.until(READY)
        seen = "[...document.querySelectorAll('.area')].filter((e) => e.style.visibility === 'visible')"
        assert page.run(f"{seen}.length") == 2


def test_artists_are_named_whole(chromium: Browser, tmp_path: Path) -> None:
    made = replace(maps.content(tmp_path), artists={0: "<b>Bold</b> & Co"})
    write_map(tmp_path / "map.html", "x", made, foot=Foot("groove map"))
    with chromium.page(tmp_path / "map.html") as page:
        page.until(READY)
        title = made.titles[0]
        assert page.run("groove.map.name(0)") == f"<b>Bold</b> & Co - {title}"
        assert page.run("document.querySelector('.row .soft').textContent") == "<b>Bold</b> & Co"
        page.run("document.querySelector('#pickall').click()")
        assert "#EXTINF:200,<b>Bold</b> & Co - " in page.run(LIST)


def test_colours_are_few_whatever_is_shown(page: Page) -> None:
    legend = "[...document.querySelectorAll('#legend button')].map((each) => each.textContent)"
    names: list[str] = page.run(legend)
    assert len(names) == 8 and names[-1] == "others 25"
    page.run("document.querySelector('#legend button').click()")
    page.until(f"{SAID}.startsWith('5 of 60')")
    choose = """(() => { const s = document.querySelector("#colour");
        s.value = [...s.options].find((o) => o.text === key).value;
        s.dispatchEvent(new Event("change")); })()"""
    page.run(choose, key="year")
    names = page.run(legend)
    assert [name.split(" ")[0] for name in names[:2]] == ["1960s", "1970s"] and "not known" in names[-1]
    assert page.run(SAID) == "60 songs"


def test_a_list_of_many_has_few_rows(chromium: Browser, tmp_path: Path) -> None:
    path = maps.write(tmp_path, 3000, 60)
    with chromium.page(path) as page:
        page.until(READY)
        rows = "document.querySelectorAll('.row').length"
        assert page.run(rows) < 40
        page.run("document.querySelector('#list').focus()")
        page.press("End")
        last: dict[str, Any] = page.run(
            """(() => { const e = document.getElementById(
                document.querySelector("#list").getAttribute("aria-activedescendant"));
                return { at: e.ariaPosInSet, of: e.ariaSetSize }; })()"""
        )
        assert last == {"at": "3000", "of": "3000"} and page.run(rows) < 40


@pytest.mark.parametrize("n", [0, 1, 2])
def test_a_map_of_few_songs(chromium: Browser, tmp_path: Path, n: int) -> None:
    with chromium.page(maps.write(tmp_path, n, 1)) as page:
        page.until(READY)
        assert page.run(DRAWN, n=n) == n
        page.run("document.querySelector('#list').focus()")
        page.press("ArrowDown", "Enter")
        assert page.errors == []


def test_a_moved_map_says_so_and_shows_all(chromium: Browser, path: Path, tmp_path: Path) -> None:
    moved = tmp_path / "map.html"
    moved.write_bytes(path.read_bytes())
    with chromium.page(moved) as page:
        page.until(READY)
        click(page, 0)
        page.until("document.querySelector('.player').classList.contains('gone')")
        assert "moved without its music" in page.run(NOW)
        assert (
            page.run(DRAWN, n=60) == 60 and page.run("document.querySelectorAll('#near li').length") == 10
        )


def test_playlists_are_a_page(chromium: Browser, axe: Path, tmp_path: Path) -> None:
    made = maps.content(tmp_path, 20, 2)
    parts = [
        ListPart(name, "a.m3u8", HOSTILE, HOSTILE, tuple(
            Song.at(path, title, tmp_path) for path, title in zip(made.paths, made.titles, strict=True)
        ), np.arange(20))
        for name in (HOSTILE, NAMES[1])
    ]  # fmt: skip
    path = tmp_path / PAGE
    path.write_bytes(lists_page(parts, made.places, Foot("groove cluster")))
    assert is_lists_page(path)
    for width in looks.WIDTHS:
        with chromium.page(path, width=width, dark=width == 390) as page:
            page.until("document.querySelectorAll('ol li').length === 20")
            looks.check(page, axe)
    with chromium.page(path) as page:
        page.until("document.querySelectorAll('ol li').length === 20")
        page.click("ol .play")
        page.until("document.querySelector('audio').currentTime > 0")
        assert page.run("document.images.length") == 0
        assert page.run("document.querySelectorAll('.piece').length") == 2
