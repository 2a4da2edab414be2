"""What words mean: the table, queries in any order, tags from vectors, ranks."""

from __future__ import annotations

import tomllib
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from groovecli.words import lexicon, scores
from groovecli.words.heads import MSD, SOUNDS, Tag, heads
from groovecli.words.lexicon import Lexicon, Meaning, lexicon_of
from groovecli.words.probes import Probe, in_moods
from groovecli.words.query import InKey, Query, Tempo, Term, Text, Years, read_query
from groovecli.words.text import words_of


@pytest.fixture(scope="module")
def known() -> Lexicon:
    return lexicon_of(heads().tags, ("rock", "hip hop", "lullabies/sung"))


def named(term: Term) -> set[str]:
    assert isinstance(term.wanted, Meaning)
    return {tag.name for tag in term.wanted.tags}


def terms(query: Query) -> dict[str, Term]:
    return {term.said: term for term in query.terms}


def test_every_word_of_the_table_means_something(known: Lexicon) -> None:
    table = tomllib.loads(lexicon._TABLE.read_text("utf-8"))
    own = lexicon_of(heads().tags).meanings
    for row in table["word"]:
        for text in (*row["said"], *row["means"]):
            assert known.phrase(words_of(text)) in own, text
    filler = {word for text in table["filler"] for word in words_of(text)}
    assert filler == known.filler


def test_the_heads_are_of_both_taggers_and_small() -> None:
    tags = heads().tags
    assert [sum(tag.source == source for tag in tags) for source in (MSD, SOUNDS)] == [50, 527]
    assert Tag(MSD, "sad", 47) in tags and Tag(SOUNDS, "Speech", 0) in tags
    from groovecli.home import shipped
    from groovecli.words.heads import HEADS

    assert (shipped("pretrained") / HEADS).stat().st_size < 1_000_000


def test_probabilities_come_in_the_order_of_the_tags_and_survive_damage() -> None:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(5, 730)).astype(np.float32)
    tags = heads().tags
    some = [tags[60], tags[3], tags[500]]
    said = heads().probabilities(vectors, some)
    assert said.shape == (5, 3) and ((said >= 0) & (said <= 1)).all()
    assert np.array_equal(said[:, [1]], heads().probabilities(vectors, [tags[3]]))
    assert np.allclose(said[2:3], heads().probabilities(vectors[2:3], some), atol=1e-6)
    vectors[1, 400] = np.nan
    assert np.isfinite(heads().probabilities(vectors, some)).all()
    assert heads().probabilities(vectors, []).shape == (5, 0)


@pytest.mark.parametrize("words", ["sad acoustic guitar", "female jazz singer", "rock and roll drums"])
def test_any_order_of_words_is_the_same_query(known: Lexicon, words: str) -> None:
    def meant(text: str) -> set[frozenset[str]]:
        return {term.phrase for term in read_query(text, known).terms}

    assert all(meant(" ".join(order)) == meant(words) for order in permutations(words.split()))


SPELLINGS = """
Guitars = guitar, hip-hop = hip hop, hiphop = HIP HOP, violins = fiddle, pianos = piano, operas = opera,
choruses = choir, women singing = woman singer, drum'n'bass = dnb, R&B = rnb
"""


@pytest.mark.parametrize("pair", SPELLINGS.strip().split(","))
def test_spellings_mean_the_same(known: Lexicon, pair: str) -> None:
    one, other = pair.split(" = ")
    (a,), (b,) = read_query(one, known).terms, read_query(other, known).terms
    assert a.wanted == b.wanted and isinstance(a.wanted, Meaning)


def test_tags_and_genres_of_one_name_join_and_noises_give_way(known: Lexicon) -> None:
    rock = read_query("rock", known).terms[0]
    assert (
        {"rock", "Rock music"} <= named(rock)
        and isinstance(rock.wanted, Meaning)
        and rock.wanted.genres == (0,)
    )
    assert named(read_query("pop", known).terms[0]) == {"pop", "Pop music"}  # not "Burst, pop"
    rain = read_query("rain", known).terms[0].wanted
    assert isinstance(rain, Meaning) and rain.is_noise
    assert isinstance(read_query("lullabies", known).terms[0].wanted, Meaning)


@pytest.mark.parametrize(
    "text",
    ["jazz not vocals", "jazz -vocals", "not vocals jazz", "jazz without any vocals", "jazz no vocals"],
)
def test_what_is_not_wanted(known: Lexicon, text: str) -> None:
    found = {term.said.split()[-1]: term.is_wanted for term in read_query(text, known).terms}
    assert found == {"jazz": True, "vocals": False}


def test_a_no_is_a_word_where_no_sound_follows(known: Lexicon) -> None:
    assert {t.said: t.is_wanted for t in read_query("no doubt", known).terms} == {"no": True, "doubt": True}
    assert {t.said: t.is_wanted for t in read_query("rock not miles", known).terms} == {
        "rock": True,
        "miles": False,
    }


FACTS = {
    "80s": Years(1980, 1989),
    "1980s": Years(1980, 1989),
    "'60s": Years(1960, 1969),
    "eighties": Years(1980, 1989),
    "00s": Years(2000, 2009),
    "1987": Years(1987, 1987),
    "1990-1985": Years(1985, 1990),
    "in C minor": InKey(0, True),
    "b flat major": InKey(10, False),
    "f#-moll": InKey(6, True),
    "minor": InKey(None, True),
    "8a": InKey(9, True),
    "8B": InKey(0, False),
    '"Kind of Blues"': Text(("kind", "of", "blues"), True),
    "фортепиано": Text(("фортепиано",)),
}


@pytest.mark.parametrize(("text", "wanted"), FACTS.items())
def test_years_keys_and_texts(known: Lexicon, text: str, wanted: object) -> None:
    (term,) = read_query(text, known).terms
    assert term.wanted == wanted and term.is_wanted
    (against,) = read_query(f"not {text}", known).terms
    assert against.wanted == wanted and not against.is_wanted


def test_tempos(known: Lexicon) -> None:
    for text, low, high in (("120 bpm", 120, 120), ("bpm 90", 90, 90), ("130-120 BPM", 120, 130)):
        (term,) = read_query(text, known).terms
        assert isinstance(term.wanted, Tempo)
        assert term.wanted.low < low <= high < term.wanted.high < 1.05 * high


def test_words_that_say_nothing_are_told(known: Lexicon) -> None:
    assert read_query("some music, please", known) == Query((), ("some", "music", "please"))
    assert read_query("  !? \U0001f3b9 ", known) == Query(())


@given(st.text(max_size=200))
def test_any_text_is_a_query(text: str) -> None:
    known = lexicon_of(heads().tags[:60])
    for term in read_query(text, known).terms:
        assert term.said.strip()


@given(st.lists(st.floats(allow_nan=True, width=32), min_size=1, max_size=40))
def test_ranks_keep_the_order_and_have_a_place_for_what_is_missing(values: list[float]) -> None:
    array = np.array(values)
    shares = scores.ranks(array)
    is_there = np.isfinite(array)
    assert ((shares > 0) & (shares < 1)).all() and (shares[~is_there] == 0.5).all()
    there, own = array[is_there], shares[is_there]
    assert ((there[:, None] < there) == (own[:, None] < own)).all()


def test_a_song_must_have_all_words() -> None:
    one, other = scores.ranks(np.array([9.0, 9, 1, 5])), scores.ranks(np.array([1.0, 8, 9, 5]))
    overall = scores.overall([scores.fits(one, scores.FEW), scores.fits(other, scores.FEW)])
    assert overall.argmax() == 1
    backwards = scores.overall([scores.fits(other, scores.FEW), scores.fits(one, scores.FEW)])
    assert np.array_equal(overall, backwards)
    unwanted = scores.fits(one, scores.FEW, is_wanted=False)
    assert unwanted.argmax() == 2
    tagged = scores.tagged(one, np.array([False, False, True, False]))
    assert one[2] < tagged[2] < 1 and (tagged[[0, 1, 3]] == one[[0, 1, 3]]).all()


def test_years_tempos_and_keys_fit_near_ones_a_little() -> None:
    years = scores.by_year(np.array([1985.0, 1991, 1960, np.nan]), 1980, 1989)
    assert years[0] > years[1] > years[2] and years[3] == 0.5
    tempos = scores.by_tempo(np.array([120.0, 128, 60, np.nan]), 115, 125)
    assert tempos[0] > tempos[1] > tempos[2] and tempos[3] == 0.5
    keys = scores.by_key(np.array([0.0, 9, 7, 6, np.nan]), np.array([0.0, 1, 0, 0, np.nan]), (0, False))
    assert keys[0] > keys[1] == keys[2] > keys[3] and keys[4] == 0.5  # C, its relative, its fifth, F sharp
    modes = scores.by_key(np.array([3.0, 3, np.nan]), np.array([0.0, 1, np.nan]), (None, True))
    assert modes[1] > modes[2] > modes[0]


def test_words_in_tags() -> None:
    texts = {"artist": ("Björk & The Doors",), "title": ("Kind of Blue",), "folder": ("Müsik", "80er")}
    for words, fields, is_exact, found in (
        (("bjork",), ("artist",), False, "artist"),
        (("door", "bjork"), ("title", "artist"), False, "artist"),
        (("kind", "of"), ("title",), True, "title"),
        (("of", "kind"), ("title",), True, ""),
        (("musik",), ("folder",), False, "folder"),
        (("blue",), ("artist", "genre"), False, ""),
    ):
        assert Probe(words, fields, is_exact).found_in(texts) == found
    assert in_moods({"sad"}, ("happy", "very sad")) and not in_moods(set(), ("sad",))
    assert Probe(("春",), ("title",)).found_in({"title": ("春の海",)}) == "title"
