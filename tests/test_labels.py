"""Genres by folder and by tag."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groovecli.audio.tags import Tags
from groovecli.cli import options
from groovecli.errors import LibraryError, UsageError
from groovecli.library import labels
from groovecli.library.genres import checked_genre, chosen_genres, one_spelling, same_genre
from groovecli.library.tracks import FileState, Track
from groovecli.reasons import Reason

LIBRARY = Path("/music")


def files(**counts: int) -> list[Path]:
    return [LIBRARY / genre / f"{i}.mp3" for genre, n in counts.items() for i in range(n)]


def track(name: str, genre: str) -> Track:
    return Track("0" * 32, LIBRARY / name, FileState(1, 1), 30.0, Tags(genre=genre))


def test_the_first_folder_is_the_genre_at_any_depth() -> None:
    loose = LIBRARY / "loose.mp3"
    deep = LIBRARY / "jazz" / "Miles" / "1959" / "a.mp3"
    found = labels.by_folder(LIBRARY, [loose, deep, LIBRARY / "rock" / "b.mp3"])
    assert dict(found.genres) == {deep: "jazz", LIBRARY / "rock" / "b.mp3": "rock"}
    assert [(item.path, item.text) for item in found.loose] == [(loose, "is in no genre folder")]


def test_tags_give_genres_in_lower_case() -> None:
    found = labels.by_tag([track("a", "Rock; Pop"), track("b", "JAZZ"), track("c", "")])
    assert dict(found.genres) == {LIBRARY / "a": "rock", LIBRARY / "b": "jazz"}
    assert [item.text for item in found.loose] == ["has no genre in its tags"]


def test_genres_are_chosen_whatever_their_case() -> None:
    found = labels.by_folder(LIBRARY, files(Rock=2, jazz=3, pop=1))
    assert set(labels.selected(found, ["rock", "JAZZ"]).genres.values()) == {"Rock", "jazz"}


def test_an_unknown_genre_names_those_there_and_the_nearest() -> None:
    with pytest.raises(UsageError, match="no genre 'jaz'; there are: jazz, rock") as caught:
        labels.selected(labels.by_folder(LIBRARY, files(rock=2, jazz=3)), ["jaz"])
    assert caught.value.hint == "did you mean 'jazz'?"
    with pytest.raises(UsageError) as caught:
        chosen_genres(["jazz"], ["polka"])
    assert caught.value.hint == "choose one of these"


def test_composed_and_decomposed_names_are_one_genre() -> None:
    name = "Électronique"
    folder = unicodedata.normalize("NFD", name)
    found = labels.by_folder(LIBRARY, [LIBRARY / folder / "a.mp3"])
    assert set(labels.selected(found, [name]).genres.values()) == {unicodedata.normalize("NFC", name)}
    assert chosen_genres([unicodedata.normalize("NFC", name)], [folder])


@given(st.binary(min_size=1, max_size=20))
def test_a_genre_can_be_stored_and_printed(raw: bytes) -> None:
    name = labels.genre_name(os.fsdecode(raw))
    assert name.encode()
    assert labels.genre_name(name) == name


@pytest.mark.parametrize(
    ("counts", "good"),
    [
        ([5] * 40, True),
        ([5] * 41, False),
        ([4, 4, 9], False),
        ([4, 5, 9], True),
        ([1], False),
        ([], False),
    ],
)
def test_genres_are_few_and_common(counts: list[int], good: bool) -> None:
    names = [str(i) for i, n in enumerate(counts) for _ in range(n)]
    assert labels.looks_like_genres(names) is good


def test_a_library_of_artists_is_refused_with_another_way() -> None:
    artists = labels.by_folder(LIBRARY, files(**{f"artist{i}": 9 for i in range(50)}))
    with pytest.raises(LibraryError, match="the 50 folders") as caught:
        labels.check_are_genres(LIBRARY, artists, "folder")
    assert f"`groove ingest {LIBRARY} --label-from tag`" in caught.value.hint
    assert f"`groove ingest {LIBRARY} --yes`" in caught.value.hint
    with pytest.raises(LibraryError) as caught:
        labels.check_are_genres(LIBRARY, artists, "tag", options=" --dataset own")
    assert f"`groove ingest {LIBRARY} --dataset own --label-from folder`" in caught.value.hint
    assert f"`groove ingest {LIBRARY} --dataset own --label-from tag --yes`" in caught.value.hint


def test_an_audit_s_hints_are_of_audit_and_one_folder_is_one() -> None:
    one = labels.by_folder(LIBRARY, files(artist=2))
    with pytest.raises(LibraryError, match=r"the one folder in .* looks like an artist") as caught:
        labels.check_are_genres(LIBRARY, one, "folder", command="audit")
    assert f"`groove audit {LIBRARY} --label-from tag`" in caught.value.hint
    assert "ingest" not in caught.value.hint
    with pytest.raises(LibraryError) as caught:
        labels.check_are_genres(LIBRARY, labels.Labelled({}, ()), "folder", command="audit")
    assert f"`groove audit {LIBRARY} --label-from tag`" in caught.value.hint


def test_a_library_without_genres_is_refused() -> None:
    for label_from in labels.LABEL_FROM:
        with pytest.raises(LibraryError, match="no genre"):
            labels.check_are_genres(LIBRARY, labels.Labelled({}, ()), label_from)


COMMAS = ["Folk, World, & Country", "Folk", "Rock", "rock & roll", "Funk/Soul"]


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("Folk, World, & Country", {"Folk, World, & Country"}),
        ("folk,world,& country", {"Folk, World, & Country"}),
        ("Rock, Folk, World, & Country", {"Rock", "Folk, World, & Country"}),
        ("folk, ROCK", {"Folk", "Rock"}),
        ("Rock & Roll,Funk/soul", {"rock & roll", "Funk/Soul"}),
    ],
)
def test_a_list_names_genres_whose_names_have_commas(text: str, chosen: set[str]) -> None:
    assert chosen_genres(COMMAS, options.names(text)) == chosen


def test_a_list_with_an_unknown_genre_names_it_alone() -> None:
    there = 'Folk, "Folk, World, & Country", Funk/Soul, Rock, rock & roll'
    with pytest.raises(UsageError, match=f"no genre 'World'; there are: {there}"):
        chosen_genres(COMMAS, options.names("Rock, World"))


@pytest.mark.parametrize("name", ["", "  ", "\t", "unknown", " Silent ", "UNKNOWN"])
def test_names_that_no_genre_can_have(name: str) -> None:
    with pytest.raises(UsageError, match=r"needs a name|can be called"):
        checked_genre(name)


def test_a_genre_of_another_case_is_the_same() -> None:
    assert same_genre("METAL", ["metal", "Jazz"]) == "metal"
    assert same_genre("metal", ["METAL", "metal"]) == "metal"
    assert same_genre("Metallic", ["metal"]) is None


@given(st.lists(st.sampled_from(["Rock", "rock", "ROCK", "jazz", "Jazz"])), st.sets(st.just("rock")))
def test_one_spelling_of_a_genre_is_left(genres: list[str], known: set[str]) -> None:
    others = one_spelling(genres, known)
    left = [others.get(genre, genre) for genre in genres]
    assert len(set(left)) == len({genre.casefold() for genre in genres})
    assert not known or "Rock" not in left
    assert one_spelling(left, known) == {}


def test_folders_of_one_genre_are_one_whatever_their_case() -> None:
    found = labels.by_folder(LIBRARY, files(Rock=2, rock=3, jazz=1))
    named, renamed = labels.named_once(found, set())
    assert set(named.genres.values()) == {"rock", "jazz"} and renamed == {"Rock": "rock"}
    assert labels.named_once(found, {"Rock"})[1] == {"rock": "Rock"}
    deep = [LIBRARY / place for place in ("Rock/punk/1.mp3", "rock/Punk/2.mp3", "rock/prog/3.mp3")]
    named, _ = labels.named_once(labels.by_folder(LIBRARY, deep, depth=2), set(), depth=2)
    assert set(named.genres.values()) == {"rock/Punk", "rock/prog"}


def test_folders_and_tags_that_are_called_as_songs_without_a_genre_are() -> None:
    found = labels.by_folder(LIBRARY, files(Unknown=2, rock=1, silent=1))
    assert set(found.genres.values()) == {"rock"}
    assert {item.reason for item in found.loose} == {Reason.RESERVED}
    assert "has the genre Unknown" in found.loose[0].text
    assert not found.loose[0].reason.is_fault
    tagged = labels.by_tag([track("a", "Silent"), track("b", "rock"), track("c", "Unknown")])
    assert [item.reason for item in tagged.loose] == [Reason.RESERVED, Reason.NO_GENRE_TAG]
