"""What a map's page holds: numbers packed small, names as text, paths from where the page is."""

from __future__ import annotations

import base64
import json
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from groovecli.reports.map.content import SIDE, Content, _packed, _text, packed_content
from groovecli.reports.map.page import is_map
from groovecli.reports.web.html import data
from tests import maps
from tests.pages import HOSTILE


def unpacked(packed: dict[str, Any]) -> np.ndarray:
    data = np.frombuffer(base64.b64decode(packed["d"]), np.uint8).reshape(-1, packed["w"]).astype(np.int64)
    found: np.ndarray = (data << (8 * np.arange(packed["w"]))).sum(axis=1)
    return found


@given(st.lists(st.integers(0, (1 << 24) - 1)))
def test_numbers_come_back(numbers: list[int]) -> None:
    packed = _packed(np.array(numbers, np.int64))
    assert unpacked(packed).tolist() == numbers
    assert packed["w"] == (1 if max(numbers, default=0) < 256 else 2 if max(numbers) < 65536 else 3)


def test_places_fill_the_map_and_north_is_up(tmp_path: Path) -> None:
    made = replace(maps.content(tmp_path), areas=())
    xy = unpacked(packed_content(made, tmp_path)["xy"]).reshape(-1, 2)
    spans = np.ptp(xy, axis=0)
    assert spans.max() == SIDE and xy.min() >= 0
    assert np.ptp(made.places, axis=0).argmax() == spans.argmax()
    assert made.places[:, 1].argmax() == xy[:, 1].argmin()


def test_paths_begin_at_the_page(tmp_path: Path) -> None:
    packed = packed_content(maps.content(tmp_path), tmp_path / "deep" / "pages")
    assert packed["folders"] == ["../../music/"]
    assert packed["files"][:2] == ["000.wav", "001.wav"]
    assert packed["files"][5] == ["not%20UTF-8%20%FF.wav"]
    assert packed["files"][6] == "two\nlines.wav"


def test_a_title_that_is_the_file_s_name_is_not_said_twice(tmp_path: Path) -> None:
    made = maps.untagged(maps.content(tmp_path))
    titles = packed_content(made, tmp_path)["titles"]
    assert titles[:3] == [3, 3, 3] and titles[5] == made.titles[5]


def test_each_piece_of_an_area_has_its_name(tmp_path: Path) -> None:
    made = maps.content(tmp_path)
    area = replace(made.areas[0], spots=((0.0, 0.0), (5.0, 1.0)))
    (packed,) = packed_content(replace(made, areas=(area,)), tmp_path)["areas"]
    assert len(packed["at"]) == 2 and packed["at"][0][0] < packed["at"][1][0]


def test_names_are_text(tmp_path: Path) -> None:
    page = maps.write(tmp_path).read_text("utf-8")
    assert "<img src=x" not in page and page.count("</script>") == page.count("<script")
    (found,) = re.findall(r'<script type="application/json" id="map-data">(.*?)</script>', page, re.DOTALL)
    assert json.loads(found)["titles"][0] == HOSTILE


@given(st.binary(min_size=1, max_size=12).filter(lambda name: not {0, 10, 13, 47} & set(name)))
@example(maps.UNSEEN.encode())
@example(b"\xff\x7f.wav")
def test_files_are_named_as_the_disk_has_them(name: bytes) -> None:
    page = str(data("map-data", _text(os.fsdecode(b"_" + name))))
    (found,) = re.findall(r">(.*)</script>", page, re.DOTALL)
    said = json.loads(found)
    assert (unquote_to_bytes(said[0]) if isinstance(said, list) else said.encode()) == b"_" + name


def test_a_map_is_known_from_other_pages(tmp_path: Path) -> None:
    assert is_map(maps.write(tmp_path))
    (tmp_path / "other.html").write_text("<html>my own: map by groove</html>")
    assert not is_map(tmp_path / "other.html")


@pytest.mark.parametrize("n", [0, 1, 2])
def test_few_songs_are_packed(tmp_path: Path, n: int) -> None:
    made = maps.content(tmp_path, n, 1)
    packed = packed_content(made, tmp_path)
    assert packed["n"] == n and len(unpacked(packed["xy"])) == 2 * n
    assert isinstance(made, Content)


def test_a_song_takes_about_a_hundred_bytes(tmp_path: Path) -> None:
    few, many = (maps.write(tmp_path, n, name=f"{n}.html").stat().st_size for n in (1000, 3000))
    assert (many - few) / 2000 < 110
