"""The pages of models in Chromium: 60 genres, the worst names, songs behind counts, a map by keyboard."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from groovecli.reports.web.frame import write_page
from tests.browser import looks
from tests.browser.chromium import Browser, Page
from tests.conftest import write_song
from tests.pages import HOSTILE, comparison, judged, leakage

SIZES = {"some": (10, 120), "many": (60, 1500), "one": (1, 1)}


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The page of each size, beside its music."""
    made = {}
    for name, (n_genres, n_songs) in SIZES.items():
        folder = tmp_path_factory.mktemp(name)
        write_song(folder / "a song.wav", 3, sr=8000)
        made[name] = write_page(folder / "index.html", judged(n_genres, n_songs, folder))
    return made


@pytest.fixture
def page(chromium: Browser, pages: dict[str, Path]) -> Iterator[Page]:
    with chromium.page(pages["some"]) as opened:
        yield opened


def check(chromium: Browser, axe: Path, path: Path, width: int, *, dark: bool) -> None:
    """The page as it opens, and with all that is folded away."""
    assert path.stat().st_size < 300_000
    with chromium.page(path, width=width, dark=dark) as page:
        looks.check(page, axe)
        page.run("groove.all('details').forEach((each) => { each.open = true; })")
        page.until("groove.all('details').every((each) => each.open)")
        assert looks.too_small(page) == [] and looks.cut(page) == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", looks.WIDTHS)
def test_a_page_can_be_read(
    chromium: Browser, axe: Path, pages: dict[str, Path], width: int, dark: bool
) -> None:
    check(chromium, axe, pages["some"], width, dark=dark)


@pytest.mark.parametrize("write", [comparison, leakage])
@pytest.mark.parametrize("width", looks.WIDTHS)
def test_comparisons_can_be_read(
    chromium: Browser, axe: Path, tmp_path: Path, write: Callable[[Path], Path], width: int
) -> None:
    path = write(tmp_path)
    for dark in (False, True):
        check(chromium, axe, path, width, dark=dark)
    with chromium.page(path, width=width) as page:
        assert looks.unreached(page) == []


def test_a_page_of_60_genres_can_be_read(chromium: Browser, axe: Path, pages: dict[str, Path]) -> None:
    check(chromium, axe, pages["many"], 390, dark=False)


def test_a_page_of_one_song_can_be_read(chromium: Browser, axe: Path, pages: dict[str, Path]) -> None:
    with chromium.page(pages["one"], width=390) as page:
        looks.check(page, axe)
        assert looks.unreached(page) == []


def test_all_is_reached_by_keyboard(page: Page) -> None:
    assert looks.unreached(page) == []


def test_a_count_opens_its_songs_by_keyboard(page: Page, axe: Path) -> None:
    page.run("document.querySelector('.confusion button').focus()")
    page.press("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp", "ArrowRight")
    n, said = page.run(
        "[document.activeElement.textContent, document.activeElement.getAttribute('aria-label')]"
    )
    page.press("Enter")
    assert page.run("document.activeElement.textContent").startswith(f"{n} song")
    assert said.partition(": ")[2] in page.run("document.activeElement.textContent")
    assert page.run("document.querySelectorAll('#behind li').length") == int(n)
    assert looks.findings(page, axe) == []
    page.press("Tab")  # to the list, or to its first song
    page.run("document.querySelector('#behind .play')?.focus()")
    page.press("Enter")
    page.until("document.querySelector('audio').currentTime > 0")
    page.press("Escape")
    assert page.run("document.getElementById('behind').hidden")
    assert page.run("document.activeElement.closest('.confusion') !== null")


def test_every_count_is_of_the_songs_behind_it(page: Page) -> None:
    wrong = page.run("""groove.all(".confusion button").filter((cell) => { cell.click();
        return document.querySelectorAll("#behind li").length !== Number(cell.textContent); }).length""")
    assert wrong == 0
    assert page.run("document.images.length") == 0 and page.errors == []


@pytest.mark.parametrize("inside", [".confusion td button", ".map [data-s]"])
def test_arrows_come_to_all(page: Page, inside: str) -> None:
    page.run("document.querySelector(inside).focus()", inside=inside)
    page.press("Home")
    n = page.run("document.querySelectorAll(inside).length", inside=inside)
    page.run("window.seen = new Set([document.activeElement]), 0")
    for _ in range(n):
        page.press("ArrowRight")
        page.run("seen.add(document.activeElement), 0")
    assert page.run("seen.size") == n


def test_the_map_says_and_plays_what_is_pointed_at(page: Page) -> None:
    page.run("document.querySelector('.map').scrollIntoView({block: 'center'})")
    dot = "[...document.querySelectorAll('.map [data-s]')].find((each) => "
    dot += "groove.data('judged').songs[each.dataset.s].p !== null)"
    x, y = page.run(f"(() => {{ const b = {dot}.getBoundingClientRect();"
                    " return [b.x + b.width / 2, b.y + b.height / 2]; })()")  # fmt: skip
    page.mouse("mouseMoved", x, y)
    said = "document.querySelector('.map').nextElementSibling.textContent"
    page.until(f"{said}.match(/^[0-9]+ .*: /s)")
    page.run("document.querySelector('.map [tabindex=\"0\"]').focus()")
    page.press("Home")
    first = page.run(said)
    page.press("ArrowRight")
    assert page.run(said) != first
    page.press("Home")
    assert page.run(said) == first
    page.run(f"{dot}.focus()")
    page.press("Enter")
    page.until("document.querySelector('audio').currentTime > 0")


def test_the_legend_lights_up_a_genre(page: Page) -> None:
    page.click("button[data-look]")
    assert page.run("document.querySelector('.map').classList.contains('some')")
    n = page.run("document.querySelectorAll('.map .lit').length")
    assert 0 < n < page.run("document.querySelectorAll('.map [data-s]').length")
    page.click("button[data-look]")
    assert not page.run("document.querySelector('.map').classList.contains('some')")


def test_hostile_names_are_heard_and_seen_as_text(page: Page) -> None:
    assert page.run("document.body.textContent").count(HOSTILE) > 5
    assert page.run("document.querySelectorAll('img, iframe').length") == 0
