"""Names of playlists: from what tells them apart, by a format, with artists and titles from folders."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groovecli.errors import UsageError
from groovecli.playlists.called import Called, called, numbered_folders
from groovecli.playlists.names import FIELDS, check_name_format, name_key, name_playlists
from groovecli.playlists.playlist import Entry
from groovecli.playlists.terms import Traits, telling

LIBRARY = Path("/music")


def song(genre: str = "", artist: str = "", title: str = "t") -> Entry:
    return Entry(Path("a.mp3"), 1.0, artist, title, genre)


# What tells lists apart


def test_terms_are_those_of_most_songs_of_a_list_and_of_few_others() -> None:
    slow, fast, both = Traits(("slow",)), Traits(("fast",)), Traits(("fast", "bright"), (), "1970s")
    assert telling([[slow] * 4, [fast] * 5, [fast, both]]) == [
        ("slow",),
        ("fast",),
        ("1970s", "bright", "fast"),
    ]
    assert telling([[slow], *[[fast] * 4] * 3]) == [("slow",), (), (), ()]
    assert telling([[both] * 3, [slow] * 9]) == [("1970s", "bright", "fast"), ()]
    assert telling([[fast] * 5, [fast] * 5]) == [(), ()]
    assert telling([[Traits()], []]) == [(), ()]


def test_of_songs_of_which_nothing_is_said_nothing_follows() -> None:
    slow = Traits(("slow",), ("sad",), "1980s")
    assert telling([[slow, slow, *[Traits()] * 20], [Traits(("fast",))] * 5])[0] == ("1980s", "sad", "slow")


def test_lists_of_one_genre_are_told_apart_by_what_is_measured_then_by_artist() -> None:
    groups = [[song("jazz", f"{i}{j}") for j in range(4)] for i in range(3)]
    exemplars = [group[0] for group in groups]
    said = [[Traits(("slow", "dark"))] * 4, [Traits(("fast",))] * 4, [Traits()] * 4]
    assert name_playlists(groups, exemplars, traits=said) == ("Dark jazz", "Fast jazz", "Jazz like 20")
    assert name_playlists(groups[:1], exemplars[:1], traits=said[:1]) == ("Jazz",)
    loose = [[song(artist=str(i))] * 3 for i in range(2)]
    assert name_playlists(loose, [g[0] for g in loose]) == ("0", "1")


def test_a_list_that_is_an_artists_own_has_that_name() -> None:
    own = [song("jazz", "Nina Simone", str(i)) for i in range(3)] + [song("jazz", "Miles Davis")]
    other = [song("jazz", str(i)) for i in range(4)]
    assert name_playlists([own, other], [own[0], other[0]]) == ("Nina Simone", "Jazz")
    again = name_playlists([own, own, other], [own[0], own[1], other[0]])
    assert len({name_key(name) for name in again}) == 3


def test_one_song_more_does_not_turn_a_name_round() -> None:
    for n in range(4, 7):
        group = [song("rock", str(i)) for i in range(n)] + [song("jazz", str(-i)) for i in range(10 - n)]
        assert name_playlists([group], [group[0]]) in (("Jazz & rock",), ("Rock",), ("Jazz",))
    five = [song("rock")] * 5 + [song("jazz")] * 5
    names = name_playlists([five, five[::-1]], [song(title="x"), song(title="y")])
    assert names == ("Jazz & rock like x", "Jazz & rock like y")


# Formats


def test_a_format_is_filled_in_and_what_is_empty_leaves_no_trace() -> None:
    group, nothing = [song("jazz", f"artist {i}", "So What") for i in range(3)], Traits()

    def named(format: str) -> str:
        check_name_format(format)
        said = [[nothing] * 3, [nothing]]
        return name_playlists([group, [song("folk")]], [group[0], song()], traits=said, format=format)[0]

    assert named("{genre} - {artist}") == "Jazz - artist 0"
    assert named("{genre} - {decade}") == "Jazz"
    assert named("{decade} - {genre} ({words}), {songs} songs") == "Jazz, 3 songs"
    full, folk = [Traits(("slow",), (), "1970s")], [Traits(("fast",))] * 4
    names = name_playlists(
        [group[:1], group[:1] * 4], group[:2], traits=[full, folk], format="{decade} - {genre} ({words})"
    )
    assert names == ("1970s - jazz (slow)", "Jazz")
    assert named("mine: {name}") == "Mine- Jazz"
    assert named("{title}") == "So What"
    assert named("{decade}") == named("{words}, {decade}") == "Jazz"  # the usual name


@pytest.mark.parametrize(
    "format", ["", "mine", "{", "{}", "{0}", "{gnre}", "{genre!r}", "{genre:9}", "{genre.x}"]
)
def test_a_format_that_cannot_be_filled_in_is_refused(format: str) -> None:
    with pytest.raises(UsageError, match="--name-format"):
        check_name_format(format)


@given(st.lists(st.sampled_from([f"{{{field}}}" for field in FIELDS] + ["-", " ", "(", ")"]), max_size=6))
def test_formats_give_names_that_differ(parts: list[str]) -> None:
    groups = [[song("jazz", "A", "B")] * 3, [song("", "A", "B")] * 3, [song()] * 2]
    names = name_playlists(groups, [group[0] for group in groups], format="".join(parts) + "{songs}")
    assert len({name_key(name) for name in names}) == 3 and all(names)


# Artists and titles


@pytest.mark.parametrize(
    ("path", "artist", "title"),
    [
        ("Artist/Album/01 - Title.mp3", "Artist", "Title"),
        ("Artist/Album/01 Title.mp3", "Artist", "Title"),
        ("Artist/Album/CD 2/2-03 Title.mp3", "Artist", "Title"),
        ("Artist/Album/03. Title.mp3", "Artist", "Title"),
        ("rock/Artist/Album/12 - Forest Sprint.mp3", "Artist", "Forest Sprint"),
        ("Artist/Album/03 - Abba - Waterloo.mp3", "Abba", "Waterloo"),
        ("Various Artists/Hits/04 - Waterloo.mp3", "", "Waterloo"),
        ("rock/Nina Simone - Sinnerman.opus", "Nina Simone", "Sinnerman"),
        ("x/99 Luftballons.mp3", "", "99 Luftballons"),
        ("x/1979.mp3", "", "1979"),
        ("x/4-33.mp3", "", "4-33"),
        ("x/01.mp3", "", "01"),
        ("rock/Artist/Title.mp3", "", "Title"),
        ("12 - Title.mp3", "", "Title"),
    ],
)
def test_what_folders_say_of_a_song_without_tags(path: str, artist: str, title: str) -> None:
    assert called(LIBRARY / path, LIBRARY) == Called(artist, title)


def test_tags_stay() -> None:
    path = LIBRARY / "Artist/Album/01 - Title.mp3"
    assert called(path, LIBRARY, artist="A", title="7 Seconds") == Called("A", "7 Seconds")
    assert called(path, LIBRARY, artist="A") == Called("A", "Title")
    assert called(path, LIBRARY, title="T") == Called("Artist", "T")
    assert called(Path("/elsewhere/a/b/01 - T.mp3"), LIBRARY) == Called("", "T")


def test_a_number_without_a_dot_is_the_tracks_where_the_folder_says_so() -> None:
    album = [LIBRARY / f"Artist/Album/{n} Song.mp3" for n in (9, 10, 11)]
    numbered = numbered_folders([*album, LIBRARY / "x/99 Luftballons.mp3"])
    assert called(album[1], LIBRARY, numbered=numbered) == Called("Artist", "Song")
    assert called(LIBRARY / "x/99 Luftballons.mp3", LIBRARY, numbered=numbered).title == "99 Luftballons"


@given(st.text(st.characters(exclude_characters="/\0"), min_size=1, max_size=20))
def test_every_song_is_called_something(name: str) -> None:
    if name.strip() and name not in (".", ".."):
        assert called(LIBRARY / "a" / "b" / name, LIBRARY).title


@pytest.mark.parametrize(
    ("stem", "artist", "title"),
    [
        ("01 \u2013 Hell", "Artist", "Hell"),
        ("01 \u2014 Hell", "Artist", "Hell"),
        ("01 - 99 Luftballons", "Artist", "99 Luftballons"),
        ("24-7 Spyz - Strange", "24-7 Spyz", "Strange"),
        ("1.5 Hours", "", "1.5 Hours"),
        ("666.667 Club", "", "666.667 Club"),
    ],
)
def test_a_number_is_the_tracks_or_the_titles(stem: str, artist: str, title: str) -> None:
    path = Path("/music/Artist/Album") / f"{stem}.mp3"
    assert called(path, Path("/music")) == Called(artist, title)
