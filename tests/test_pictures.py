"""Pictures: titles that fit, and letters that matplotlib's own font lacks."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from matplotlib.font_manager import fontManager
from matplotlib.image import imread

from groovecli.reports.colours import GENRES_LIGHT, LIGHT, Scheme
from groovecli.reports.plots import scores
from groovecli.reports.plots.canvas import canvas, look
from groovecli.reports.plots.fonts import families_for

TITLE = "transfer-12: 83.3 % of songs, split by artist (leaky)"
LETTERS = "日本"


@pytest.mark.parametrize("n_genres", [2, 10])
@pytest.mark.parametrize("genre", ["jazz", "a genre with a name so long that it takes all the room"])
@pytest.mark.parametrize("title", [TITLE, "x" * 200, "日本 " * 60])
def test_a_confusion_has_its_whole_title(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, n_genres: int, genre: str, title: str
) -> None:
    figures: list[Any] = []
    monkeypatch.setattr(scores, "canvas", lambda *size: kept(figures, *size))
    counts = np.eye(n_genres, dtype=np.int64)
    scores.plot_confusion(
        tmp_path / "a.png", counts, [f"{n} {genre}" for n in range(n_genres)], title=title
    )
    (figure,) = figures
    (text,) = figure.texts
    assert text.get_text().replace("\n", "").replace(" ", "") == title.replace(" ", "")
    check_fits(figure, text)


def check_fits(figure: Any, text: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of letters that no font has
        figure.draw_without_rendering()
        box = text.get_window_extent()
    assert 0 <= box.x0 < box.x1 <= figure.bbox.width


def kept(figures: list[Any], *size: Any) -> Any:
    context = canvas(*size)

    class Kept:
        def __enter__(self) -> Any:
            figures.append(context.__enter__())
            return figures[-1]

        def __exit__(self, *error: Any) -> Any:
            return context.__exit__(*error)

    return Kept()


def test_titles_of_axes_fit_too(tmp_path: Path) -> None:
    with canvas(tmp_path / "a.png", 4, 3) as figure:
        axes = figure.subplots()
        axes.set_yticks([0], ["a long name at the left of the axes"])
        title = axes.set_title(TITLE)
    assert "\n" in title.get_text()
    check_fits(figure, title)


@pytest.fixture
def font(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An installed font of which matplotlib's list does not know, with black boxes for two letters."""
    path = tmp_path / "groove-cjk.ttf"
    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    for corner in ((0, 800), (800, 800), (800, 0)):
        pen.lineTo(corner)
    pen.closePath()
    names = [".notdef", *(f"uni{ord(letter):04X}" for letter in LETTERS)]
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap(dict(zip(map(ord, LETTERS), names[1:], strict=True)))
    builder.setupGlyf(dict.fromkeys(names, pen.glyph()))
    builder.setupHorizontalMetrics(dict.fromkeys(names, (900, 0)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Groove CJK", "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    builder.save(path)
    (tmp_path / "broken.ttf").write_text("no font")
    fonts = [str(tmp_path / "broken.ttf"), str(path)]
    monkeypatch.setattr("matplotlib.font_manager.findSystemFonts", lambda: fonts)
    monkeypatch.setattr(fontManager, "ttflist", [*fontManager.ttflist])  # it goes with its file
    families_for.cache_clear()
    yield path
    families_for.cache_clear()


def test_fonts_are_sought_for_letters_that_are_lacking(font: Path) -> None:
    assert families_for(frozenset("plain – é")) == ()
    assert families_for(frozenset(f"a{LETTERS}")) == ("Groove CJK",)
    assert families_for(frozenset("\U0002f800\ue000\n")) == ()


def test_names_are_drawn_in_an_installed_font(
    font: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    points = np.array([[0, 0], [1, 1]], np.float32)
    scores.plot_scatter(tmp_path / "with.png", points, ["日本", "日本"], title="日本")
    families_for.cache_clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("matplotlib.font_manager.findSystemFonts", list)
        scores.plot_scatter(tmp_path / "without.png", points, ["日本", "日本"], title="日本")
    dark = [int((imread(tmp_path / f"{name}.png")[..., 0] < 0.2).sum()) for name in ("with", "without")]
    assert dark[0] > dark[1] + 500
    assert capfd.readouterr() == ("", "")


def test_genres_look_in_pictures_as_on_pages() -> None:
    scheme = Scheme.of(["folk", "jazz"])
    assert look(scheme, "folk") == {"color": GENRES_LIGHT[0], "marker": "o"}
    assert look(scheme, "jazz") == {"color": GENRES_LIGHT[1], "marker": "s"}
    assert look(scheme, "rock")["color"] == LIGHT["other"]


def test_a_picture_obeys_the_ending_of_each_file(tmp_path: Path) -> None:
    paths = [tmp_path / f"a.{ending}" for ending in ("png", "svg", "pdf")]
    with canvas(paths, 8, 6) as figure:
        figure.subplots().set_title("a title")
    png, svg, pdf = (path.read_bytes() for path in paths)
    assert png.startswith(b"\x89PNG") and b"a title" in svg and pdf.startswith(b"%PDF")
    assert imread(paths[0]).shape[:2] == (1200, 1600)
