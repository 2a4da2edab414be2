"""What song a title names, and which version of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groovecli.audio.tags import Tags
from groovecli.library.titles import song_key, title_of


@pytest.mark.parametrize(
    ("title", "version"),
    [
        ("Help!", ""),
        ("HELP", ""),
        ("Help! (2009 Remaster)", ""),
        ("Help! - Remastered 2015", ""),
        ("Help! [Mono]", ""),
        ("Help! (Live)", "live"),
        ("Help! (Live at the BBC) [2009 Remaster]", "live"),
        ("Help! - Live in Tokyo", "live"),
        ("Help! (Some One Remix)", "remix"),
        ("Help! (Instrumental)", "instrumental"),
        ("Help! - Radio Edit", "edit"),
        ("Help! (Album Version)", ""),
        ("Help! （ライブ）", "live"),
        ("Ｈｅｌｐ！", ""),
    ],
)
def test_versions_of_one_song_have_its_key(title: str, version: str) -> None:
    found = title_of(title)
    assert found.song == "help"
    assert found.version == frozenset({version} - {""})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Live and Let Die", "Let Die"),
        ("Song (Part One)", "Song (Part Two)"),
        ("Song - Part 1", "Song - Part 2"),
        ("Alive", "Alive (Deliverance)"),
        ("夜曲", "夜に駆ける"),
    ],
)
def test_other_songs_have_other_keys(one: str, other: str) -> None:
    assert title_of(one).song != title_of(other).song


def test_words_that_only_contain_a_version_name_none() -> None:
    for title in ("Live and Let Die", "Alive", "Song (Deliver Me)", "Editorial", "Demons (Part 1)"):
        assert title_of(title).version == frozenset()


@pytest.mark.parametrize("title", ["夜曲 (现场)", "夜曲（Live）", "夜曲 [リマスター]", "夜曲 【LIVE】"])
def test_titles_in_chinese_and_japanese_are_read(title: str) -> None:
    assert song_key(Tags(artist="周杰倫", title=title)) == song_key(Tags(artist="周杰倫", title="夜曲"))


def test_who_or_what_is_not_named_has_no_key() -> None:
    assert song_key(Tags(title="Help!")) is None
    assert song_key(Tags(artist="Various Artists", title="Help!")) is None
    assert song_key(Tags(artist="The Beatles")) is None
    assert song_key(Tags(album_artist="Beatles", title="Help!")) == ("beatles", "help")


@given(st.text(max_size=60))
def test_any_title_has_a_key_that_the_case_does_not_change(title: str) -> None:
    found = title_of(title)
    assert title_of(title).song == found.song
    assert bool(found.song) == bool(title_of(f"{title} (Live)").song) or not found.song


def test_a_title_that_is_only_a_version_stays_one() -> None:
    assert title_of("(Live)").song == "live"
