"""A report's page and its values: all that was measured, bars that say what they are, names as text."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groovecli.actions.report.holdings import by_year, in_order, named, on_scale
from groovecli.evaluation.metrics import Interval
from groovecli.messages import report as messages
from groovecli.reports.overview.json import to_json
from groovecli.reports.overview.page import MARK, frame
from groovecli.reports.web.frame import Foot, document
from groovecli.reports.web.histogram import Counts, histogram, tally
from groovecli.reports.web.marks import is_page
from tests import overviews
from tests.pages import HOSTILE


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    return overviews.write(tmp_path_factory.mktemp("report")).read_text("utf-8")


def test_a_page_has_all_sections_and_is_small(page: str) -> None:
    for text in ("holds together best", "in nobody", "playlists:", "BPM", "A minor", "1990s", "MP3"):
        assert text in page
    assert len(page.encode()) < 300_000
    assert page.count("<title>90 to 100 BPM: ") == 1


def test_names_are_text(page: str) -> None:
    assert "<img src=x" not in page and page.count("</script>") == page.count("<script")
    assert "\x1b" not in page


def test_songs_play_from_where_the_page_is(page: str) -> None:
    assert 'data-src="music/000.wav"' in page and "(no file there)" in page


def test_a_report_is_known_from_other_pages(tmp_path: Path) -> None:
    assert is_page(overviews.write(tmp_path), MARK)
    (tmp_path / "other.html").write_text("<html>my own: report by groove</html>")
    assert not is_page(tmp_path / "other.html", MARK)


def test_a_report_of_which_nothing_is_known(tmp_path: Path) -> None:
    made = overviews.nothing_known(overviews.overview(tmp_path, 2, 1))
    text = document(frame(made, tmp_path, Foot()))
    assert "Nothing is missing" in text and 'class="card' not in text


def test_values_are_those_of_the_page(tmp_path: Path) -> None:
    made = overviews.overview(tmp_path)
    read = json.loads(json.dumps(to_json(made)))
    assert read["songs"] == 120 and read["title"].endswith(HOSTILE)
    assert set(read["health"]["precision_at_10"]["corrected"]) == {"value", "low", "high"}
    assert sum(read["holds"]["tempo"]["counts"].values()) == 120
    assert len(read["hubs"]) == 20 and read["missing"] == {"failed": 2}
    few = to_json(overviews.nothing_known(made))
    assert few["health"]["precision_at_10"] is None and few["health"]["hubs"] is None


# Counts


@given(st.lists(st.none() | st.floats(-1e6, 1e6), max_size=50))
def test_every_number_is_in_one_bar(values: list[float | None]) -> None:
    known = [value for value in values if value is not None]
    found = on_scale("a", "a", values, (0, 10, 20), "BPM")
    if not known:
        assert found is None
        return
    assert found is not None
    assert sum(found.counts) == len(known) and found.n_unknown == len(values) - len(known)
    assert found.counts[0] and found.counts[-1]


def test_numbers_are_between_edges() -> None:
    found = on_scale("a", "a", [5.0, 10.0, 19.9, 40.0, None], (0, 10, 20, 30), "min")
    assert found is not None
    assert found.labels == ("0 to 10", "10 to 20", "20 to 30", "30 and more")
    assert found.counts == (1, 2, 0, 1) and found.n_unknown == 1


@pytest.mark.parametrize("n", range(1, 30))
def test_labels_below_bars_stay_within_the_chart(n: int) -> None:
    """The last one ends at the edge where its middle would be too near to it."""
    chart = str(histogram(Counts("x", "bit rate", ("700 to 1000",) * n, (1,) * n)))
    styles = re.findall(r'<span style="([^"]*)"', chart)
    assert styles
    for style in styles:
        left = re.fullmatch(r"left:([0-9.]+)%", style)
        assert left is None or n <= 5 or 1 < float(left[1]) <= 88


def test_years_are_counted_by_year_or_decade() -> None:
    few, many = by_year([1999, 2001, None]), by_year([1931, 1999, 2001])
    assert few is not None and few.of == "file" and "2 files" in few.title
    assert few is not None and few.labels == ("1999", "2000", "2001") and few.counts == (1, 0, 1)
    assert many is not None and many.labels[0] == "1930s" and many.labels[-1] == "2000s"
    assert by_year([None]) is None and by_year([]) is None


def test_names_are_from_the_largest_and_keys_in_their_order() -> None:
    found = named("a", "genre", ["b", "A", "b", "", None])
    assert found is not None and (found.labels, found.counts) == (("b", "A"), (2, 1))
    assert found.n_unknown == 2 and "b: 2 of 3" in found.title
    keys = in_order("k", "key", ["A", None], ("C", "A"), unknown="")
    assert keys is not None and keys.counts == (0, 1) and keys.is_scale


# Charts


def test_bars_say_what_they_are() -> None:
    given = Counts("tempo", "tempo", ("90 to 100", "100 to 110"), (30, 10), unit="BPM")
    html = histogram(given)
    assert 'aria-label="90 to 100 BPM: 30 songs, 75 %"' in html
    assert html.count('role="option"') == 2 and "Data as a table" in html
    few = histogram(Counts("a", "a", ("x", "y"), (3, 1)))
    assert 'aria-label="x: 3 songs"' in few  # too few for per cents


def test_many_rows_are_folded_away() -> None:
    many = Counts("genres", "genre", tuple(f"g{n}" for n in range(60)), tuple(range(60, 0, -1)))
    assert "All 60" in tally(many) and tally(many).count("<tr>") == 60 + 12 + 2
    few = tally(Counts("genres", "genre", ("a", HOSTILE), (2, 1)))
    assert "<details" not in few and "<img" not in few
    assert "share" not in re.sub("<[^>]+>", " ", few)


# Words


@pytest.mark.parametrize(
    ("low", "value", "text"),
    [
        (0.68, 0.72, "7 times of 10"),
        (0.1, 0.2, "no more often than at random"),
        (0.13, 0.14, "once of 10"),
        (0.03, 0.04, "less than once"),
    ],
)
def test_the_finding_is_in_plain_words(low: float, value: float, text: str) -> None:
    by_chance = 0.01 if value < 0.1 else 0.12
    assert text in messages.shares_genre(Interval(value, low, 0.9), by_chance)


def test_the_finding_says_what_is_possible() -> None:
    share = Interval(0.32, 0.28, 0.37)
    assert messages.shares_genre(share, 0.1, 0.42).endswith("3 times of 10; 4 is the most possible")
    assert "possible" not in messages.shares_genre(share, 0.1, 1.0)
    assert "42 %" in messages.precision_is(share, 30, 0.1, 0.42)


def test_findings_say_what_was_measured() -> None:
    none = Interval(0.0, -0.1, 0.1)
    assert "changes little" in messages.correction(0.7, Interval(0.7, 0.6, 0.8), none)
    assert "raises" in messages.correction(0.7, Interval(0.8, 0.7, 0.9), Interval(0.1, 0.05, 0.15))
    assert messages.playlists(3, 1.0, 1.0).count("the same") == 1
    assert "nearly the same without" in messages.playlists(3, 1.0, 0.9)
    assert "too few" in messages.no_genres(1, None) and messages.no_genres(50, 3).startswith("47 of 50")
    assert messages.largest("format", "MP3", 5, 5, 1, "file") == "All 5 files: MP3"
    assert messages.orphans(0, 30).startswith("Every song")
