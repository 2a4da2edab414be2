"""The frame in Chromium: widths, light and dark, keyboard, songs that play and that are gone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from groovecli.reports.web.frame import write_page
from tests.browser import looks
from tests.browser.chromium import Browser, Page
from tests.conftest import write_song
from tests.pages import HOSTILE, sample


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("page")
    write_song(folder / "a song.wav", 220.0)
    return write_page(folder / "index.html", sample(folder))


@pytest.fixture
def page(chromium: Browser, path: Path) -> Iterator[Page]:
    with chromium.page(path) as opened:
        yield opened


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", looks.WIDTHS)
def test_a_page_can_be_read(chromium: Browser, axe: Path, path: Path, width: int, dark: bool) -> None:
    with chromium.page(path, width=width, dark=dark) as page:
        looks.check(page, axe)
        ground = page.run("getComputedStyle(document.body).backgroundColor")
        assert ground == ("rgb(21, 24, 29)" if dark else "rgb(255, 255, 255)")


def test_all_is_reached_by_keyboard(page: Page) -> None:
    assert looks.unreached(page) == []


def test_what_scrolls_shows_that_there_is_more(page: Page) -> None:
    page.resize(390)
    page.until("document.querySelector('.wide').classList.contains('more-right')")
    page.run("document.querySelector('.scroll').scrollLeft = 9999")
    page.until("document.querySelector('.wide').className === 'wide more-left'")
    page.run("[...document.querySelectorAll('tr')].forEach((each) => each.remove())")
    page.resize(1600)
    page.until("document.querySelector('.wide').className === 'wide'")
    assert not page.run("document.querySelector('.scroll').hasAttribute('tabindex')")


def test_a_song_plays_and_pauses(page: Page) -> None:
    page.run("document.querySelector('.play').focus()")
    page.press("Enter")
    page.until("document.querySelector('audio').currentTime > 0")
    assert page.run("document.querySelector('.play').ariaPressed") == "true"
    assert page.run("document.querySelector('.now').textContent") == HOSTILE
    page.press(" ")
    page.until("document.querySelector('audio').paused")
    page.click(".close")
    assert page.run("document.querySelector('.player').hidden")


def test_a_page_moved_without_its_music_says_so(chromium: Browser, path: Path, tmp_path: Path) -> None:
    moved = tmp_path / "index.html"
    moved.write_bytes(path.read_bytes())
    with chromium.page(moved) as page:
        page.click(".play")
        page.until("document.querySelector('.player').classList.contains('gone')")
        assert "moved without its music" in page.run("document.querySelector('.now').textContent")


def test_scripts_of_a_page_run_and_no_others(page: Page) -> None:
    assert page.run("document.title") == HOSTILE.replace("\n", " ")
    page.run("(() => { const s = document.createElement('script'); s.textContent = 'window.ran = 1';"
             "document.body.append(s); })()")  # fmt: skip
    assert page.run("window.ran === undefined")
    assert any("Content Security Policy" in each for each in page.errors)


def test_a_song_made_by_a_script_is_text(page: Page) -> None:
    page.run("document.body.append(groove.song({n: name, p: 'x'}))", name=HOSTILE)
    assert page.run("document.querySelector('body > .song a').textContent") == HOSTILE
    assert page.run("document.images.length") == 0


def test_print_is_light_and_open(chromium: Browser, path: Path) -> None:
    with chromium.page(path, dark=True) as page:
        page.call("Emulation.setEmulatedMedia", media="print")
        page.run("dispatchEvent(new Event('beforeprint'))")
        assert page.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert page.run("[...document.querySelectorAll('details')].every((each) => each.open)")
