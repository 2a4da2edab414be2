"""The genres that one tag holds."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groovecli.audio.genre_tags import first_genre, named
from groovecli.audio.tags import Tags, primary_genre

SEPARATORS = ("; ", ";", "/", " / ", ", ", ",", "|", "\\\\", "\\", "\0", " //", ";;")
WHOLE = (
    "Singer/Songwriter",
    "Hip-Hop/Rap",
    "R&B/Soul",
    "Pop/Funk",
    "Folk, World, & Country",
    "Prog-Rock/Art Rock",
)
SIMPLE = ("Rock", "Jazz", "Art Pop", "Drum & Bass", "J-Pop", "60's", "Été", "ロック")


@pytest.mark.parametrize(
    ("tag", "genre"),
    [
        ("Singer/Songwriter", "singer/songwriter"),
        ("singer / songwriter; Pop", "singer/songwriter"),
        ("HIP-HOP/RAP", "hip-hop/rap"),
        ("Hip-Hop/House", "hip-hop"),
        ("Singer/Songwriters", "singer"),
        ("Folk, World, & Country", "folk, world, & country"),
        ("Folk, World, & Country, Rock", "folk, world, & country"),
        ("Folk, Rock", "folk"),
        ("Funk/Soul", "funk / soul"),
        ("Rock\\\\Pop", "rock"),
        ("/Rock", "rock"),
        (";Rock", "rock"),
        (" ; / Rock", "rock"),
        ("(255)", ""),
        ("255", ""),
        ("(256)", ""),
        ("255; Pop", "pop"),
        ("(255)Pop", "pop"),
        ("(17)", "rock"),
        ("17", "rock"),
        ("17/13", "rock"),
        ("(4)Eurodisco", "disco"),
        ("(62)", "pop/funk"),
        ("((Brackets)", "(brackets)"),
        ("(RX)", "remix"),
        ("CR", "cover"),
        ("1984", "1984"),
        ("9" * 5000, "9" * 5000),
        ("Unknown", ""),
        (" ", ""),
        (";/,", ""),
    ],
)
def test_the_first_genre(tag: str, genre: str) -> None:
    assert first_genre(tag) == primary_genre(Tags(genre=tag)) == genre


@given(
    st.lists(
        st.tuples(st.sampled_from(SEPARATORS), st.sampled_from((*WHOLE, *SIMPLE, "17", "(8)"))), min_size=1
    ),
    st.sampled_from(("", *SEPARATORS)),
)
def test_names_in_any_company(parts: list[tuple[str, str]], end: str) -> None:
    text = "".join(separator + name for separator, name in parts) + end
    first = {"17": "Rock", "(8)": "Jazz"}.get(parts[0][1], parts[0][1])
    assert first_genre(text) == first_genre(text.swapcase()) == first.lower()


@given(st.text(st.sampled_from("aB(1)7;/,\\|\0 &RXC"), max_size=30))
def test_any_text(text: str) -> None:
    genre = first_genre(text)
    assert genre == genre.strip().lower()
    assert bool(genre) == any(named(part) for part in re.split(r"[;/,|\\\0]", text))


def test_no_text_takes_long() -> None:
    assert first_genre("/," * 100_000) == ""
    assert first_genre("(1)" * 100_000) == "classic rock"
