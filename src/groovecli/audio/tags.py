"""The tags of a song that groove uses."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tags:
    """The tags that groove uses; an empty string where a tag is missing."""

    artist: str = ""
    album: str = ""
    title: str = ""
    genre: str = ""
    album_artist: str = ""


def primary_genre(tags: Tags) -> str:
    """The first genre of the genre tag in lower case; several may share one tag."""
    from groovecli.audio.genre_tags import first_genre  # with mutagen, which known tags do without

    return first_genre(tags.genre)
