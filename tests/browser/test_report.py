"""A report in Chromium: bars by mouse and by keys, songs that play, bad names, few songs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import overviews
from tests.browser import looks
from tests.browser.chromium import Browser, Page
from tests.pages import HOSTILE

SAID = "document.querySelector('#tempo-said').textContent"
CHART = ".histogram svg[aria-describedby=tempo-said]"
FOCUS = f"document.querySelector('{CHART}').focus()"


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return overviews.write(tmp_path_factory.mktemp("report"))


@pytest.fixture
def page(chromium: Browser, path: Path) -> Iterator[Page]:
    with chromium.page(path) as opened:
        yield opened


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", looks.WIDTHS)
def test_a_report_can_be_read(chromium: Browser, axe: Path, path: Path, width: int, dark: bool) -> None:
    with chromium.page(path, width=width, dark=dark) as page:
        looks.check(page, axe)
        page.run("groove.all('details').forEach((each) => { each.open = true; })")
        page.run(FOCUS)
        looks.check(page, axe)


def test_all_is_reached_by_keyboard(page: Page) -> None:
    assert looks.unreached(page) == []


def test_a_bar_that_is_pointed_at_is_said(page: Page) -> None:
    at_first = page.run(SAID)
    wanted = page.run("document.querySelector('#tempo-2').getAttribute('aria-label')")
    x, y = page.middle("#tempo-2 .hit")
    page.mouse("mouseMoved", x, y)
    page.until(f"{SAID} === {wanted!r}")
    assert wanted != at_first and "BPM" in wanted
    page.mouse("mouseMoved", 2, 2)
    page.until(f"{SAID} === {at_first!r}")


def test_arrows_walk_through_bars(page: Page) -> None:
    page.run(FOCUS)
    labels: list[str] = page.run(f"groove.all('{CHART} [role=option]').map((e) => e.ariaLabel)")
    assert page.run(SAID) == labels[0]
    for key, place in (("ArrowRight", 1), ("ArrowLeft", 0), ("ArrowLeft", 0), ("End", -1)):
        page.press(key)
        assert page.run(SAID) == labels[place]
    chosen = f"document.querySelector('{CHART}').getAttribute('aria-activedescendant')"
    assert page.run(chosen) == f"tempo-{len(labels) - 1}"
    assert page.run(f"groove.all('{CHART} [aria-selected=true]').length") == 1


def test_hubs_play_and_gone_songs_say_so(page: Page) -> None:
    page.click(".play")
    page.until("document.querySelector('audio').src.includes('/music/')")
    assert page.run("document.querySelectorAll('.play').length") > 1
    assert page.run("document.body.textContent.includes('(no file there)')")


def test_bad_names_are_text(page: Page) -> None:
    assert page.run("document.images.length") == 0
    assert HOSTILE in page.run("document.querySelector('h1').textContent")
    assert page.errors == []


@pytest.mark.parametrize(("n", "n_genres"), [(1, 1), (2, 2), (30, 3)])
def test_a_report_of_few_songs(chromium: Browser, tmp_path: Path, n: int, n_genres: int) -> None:
    with chromium.page(overviews.write(tmp_path, n, n_genres), width=390) as page:
        looks.check(page, None)
