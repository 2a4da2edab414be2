"""Which songs a split keeps together: spellings of one artist, and albums."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groovecli.audio.tags import Tags
from groovecli.datasets.groups import Groups, grouped
from groovecli.datasets.splits import SplitBy
from groovecli.library.artists import artist_key, first_artist, shorter_name
from groovecli.library.titles import title_of
from groovecli.library.tracks import FileState, Track

ARTISTS = [
    "Eminem",
    "Beyoncé",
    "Sinéad O'Connor",
    "Björk",
    "Мумий Тролль",
    "椎名林檎",
    "Sigur Rós",
    "The Cure",
    "İbrahim Tatlıses",
]
GUESTS = [
    *(" feat. Rihanna", " ft. Dido", " featuring Dr. Dre", " FEAT Dido", " (feat. Rihanna)", " [ft. Dido]"),
    *("; Dido", ";Dido", "/Dido", " / Dido", "\x00Dido", "\\\\Dido", " | Dido", " vs. Dido", " f/ Dido"),
    *(" feat.Dido", " (ft.Dido)", "(feat. Dido)", " Ft.Dido", " prod. by Dido", "、Dido"),
]


def song(artist: str = "", album: str = "", album_artist: str = "") -> Tags:
    return Tags(artist=artist, album=album, album_artist=album_artist)


def groups_of(songs: Sequence[Tags], by: SplitBy = "artist", genres: str = "") -> Groups:
    """Groups of songs by their number; a letter of `genres` is the genre of each."""
    genres = genres or "a" * len(songs)
    tracks = [Track(str(i), Path(f"{i}.mp3"), FileState(1, 1), 30.0, tags) for i, tags in enumerate(songs)]
    return grouped({track.id: (track, genre) for track, genre in zip(tracks, genres, strict=True)}, by)


def together(songs: Sequence[Tags], by: SplitBy = "artist") -> bool:
    """Whether songs are one group, beside others that are in no group with them."""
    others = [song(f"other{i}", f"album{i}") for i in range(3 * len(songs))]
    found = groups_of([*songs, *others], by)
    own = {found.of[str(i)] for i in range(len(songs))}
    assert found.loosened == ()
    assert not own & {found.of[str(len(songs) + i)] for i in range(len(others))}
    return len(own) == 1


@st.composite
def spellings(draw: st.DrawFn) -> tuple[str, str]:
    """An artist, and another way to write the same."""
    artist = draw(st.sampled_from(ARTISTS))
    text = draw(st.sampled_from([artist, artist.upper(), artist.lower(), f"  {artist} "]))
    text = unicodedata.normalize(draw(st.sampled_from(["NFC", "NFD", "NFKD"])), text)
    text = text.replace("'", draw(st.sampled_from(["'", "\u2019", "\u2018", "\u02bc", "`", "\uff07"])))
    if draw(st.booleans()):
        text = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)  # full width
    if draw(st.booleans()):
        place = draw(st.integers(0, len(text)))
        text = text[:place] + draw(st.sampled_from(["\u200b", "\u200d", "\ufeff", "\u00ad"])) + text[place:]
    return artist, text + draw(st.sampled_from(["", *GUESTS]))


@given(spellings())
def test_spellings_of_an_artist_are_one_group(pair: tuple[str, str]) -> None:
    assert together([song(pair[0]), song(pair[1])])


@given(st.text(max_size=30))
def test_any_name_has_a_group(name: str) -> None:
    (group,) = groups_of([song(name)]).of.values()
    assert group.startswith(("artist:", "song:"))
    assert artist_key(first_artist(name)) == artist_key(first_artist(name.strip()))


def test_different_artists_are_different_groups() -> None:
    names = [*ARTISTS, "!!!", "+/-", "AC/DC", "Earth", "椎名", "Eminence", "M/A/R/R/S", "Air", "Ai"]
    assert len(set(groups_of([song(name) for name in names]).of.values())) == len(names)


@pytest.mark.parametrize(
    ("names", "first"),
    [
        ("AC/DC", "AC/DC"),
        ("AC/DC/Eminem", "AC/DC"),
        ("U2/Bono", "U2"),
        ("FT Island", "FT Island"),
        ("Feat. Nobody", "Feat. Nobody"),
        ("/Eminem", "Eminem"),
        (";Eminem;", "Eminem"),
        ("Simon & Garfunkel", "Simon & Garfunkel"),
        ("Tyler, the Creator feat. Dido", "Tyler, the Creator"),
        ("\uff25\uff4d\uff49\uff4e\uff45\uff4d\uff1b Dido", "Eminem"),
    ],
)
def test_the_first_artist(names: str, first: str) -> None:
    assert first_artist(names) == first


def test_a_name_is_cut_where_the_library_knows_what_is_before() -> None:
    assert together([song("Eminem & Dr. Dre"), song("Eminem, Dido"), song("Eminem × Dido"), song("Eminem")])
    assert not together([song("Simon & Garfunkel"), song("Simon & Paul")])


def test_album_artists_tie_unless_they_are_various() -> None:
    assert together([song("Dido", album_artist="Eminem"), song("Eminem")])
    assert together([song("", album_artist="Eminem"), song("Eminem")])
    for various in ("Various Artists", "VARIOUS", "V.A.", "VA", "[unknown]"):
        assert not together([song("Dido", album_artist=various), song("Eminem", album_artist=various)])


@pytest.mark.parametrize("name", ["", "  ", "Unknown Artist", "<Unknown>", "[unknown]", "Various Artists"])
def test_who_is_nobody_stands_for_himself(name: str) -> None:
    groups = groups_of([song(name), song(name)])
    assert list(groups.of.values()) == ["song:0", "song:1"]
    assert groups.n_alone == 2


def test_a_genre_that_ties_hold_together_is_loosened() -> None:
    mixes = [song(f"artist{i}", album_artist="DJ") for i in range(6)]
    groups = groups_of([*mixes, song("artist0"), song("x"), song("y")], genres="eeeeeeeff")
    assert groups.loosened == ("e",)
    assert len(set(groups.of.values())) == 8
    assert groups.of["0"] == groups.of["6"]


def test_sides_that_cut_a_group_leave_each_artist_his_own() -> None:
    """Two artists stood on two sides when a song by one on an album of the other came."""
    others = [song(f"other{i}") for i in range(9)]
    groups = groups_of([song("A"), song("B"), song("A", album_artist="B"), song("B"), *others])
    assert len({groups.of[key] for key in "0123"}) == 1
    found = groups.for_sides({"0": "train", "1": "test"})
    assert found["0"] == found["2"] != found["1"] == found["3"]
    assert groups.for_sides({"0": "train", "1": "train", "gone": "test"}) == groups.of


def test_albums_are_of_a_title_and_an_artist() -> None:
    assert together([song("A", "One"), song("a feat. B", "ONE")], "album")
    assert not together([song("A", "One"), song("B", "One")], "album")
    assert together([song("A", "Hits", "Various"), song("B", "Hits", "VA")], "album")
    assert together([song("A", "Hits", "C"), song("B", "hits", "c")], "album")
    assert groups_of([song("A"), song("A")], "album").n_alone == 2


@pytest.mark.parametrize("by", ["song", "clip"])
def test_songs_alone_are_their_own_groups(by: SplitBy) -> None:
    assert groups_of([song("A", "B"), song("A", "B")], by).of == {"0": "song:0", "1": "song:1"}


def test_a_long_run_of_spaces_is_one() -> None:
    name = f"Ann{' ' * 60_000}feat. Bob"  # by patterns alone this took minutes
    assert first_artist(name) == "Ann"
    assert shorter_name(f"Ann{' ' * 60_000}& Bob") == "Ann"
    assert title_of(f"Song{' ' * 60_000}(live)") == title_of("Song (live)")
