"""Titles as they are compared, never as they are shown: what song it is, and which version of it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from groovecli.audio.tags import Tags
from groovecli.library.artists import artist_key, first_artist, name_key

# What a word in brackets, or behind a dash, says of a song: its key, and the words for it.
_VERSIONS = {
    "live": (
        r"live|concert|unplugged|en vivo|en directo|ao vivo|en public|dal vivo"
        r"|ライブ|ライヴ|现场|現場|라이브"
    ),
    "remix": r"(?:re)?mix|rmx|rework|bootleg|mashup|dub|リミックス|混音|리믹스",
    "instrumental": r"instrumental|karaoke|インスト\w*|カラオケ|伴奏|纯音乐|純音樂|반주",
    "acoustic": r"acoustic|acoustique|akustik|acústic[oa]|アコースティック|어쿠스틱",
    "edit": r"edit|extended|short version|long version",
    "demo": r"demo|rehearsal|outtake|alternate|take \d+|session",
    "sung otherwise": r"a ?cappella|cover|reprise|orchestral",
}
# What a title may say of the same recording.
_SAME = re.compile(
    r"\b(?:remaster\w*|digital(?:ly)? remaster\w*|mono|stereo|explicit|clean|bonus track"
    r"|(?:album|single|original|lp) (?:version|mix)|deluxe|feat\.?|ft\.?|featuring)\b|リマスター|重制版",
    re.IGNORECASE,
)
_WORDS = {
    key: re.compile(rf"(?<![a-zà-ÿ])(?:{words})(?![a-zà-ÿ])", re.IGNORECASE)
    for key, words in _VERSIONS.items()
}
_BRACKETS = re.compile(r"\s*[(\[{（【［〔]([^()\[\]{}（）【】［］〔〕]*)[)\]}）】］〕]")
_DASH = re.compile(r"\s+[-–—~]\s+(.+)$")


_AS_IT_IS: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Title:
    """A key of a song, equal for spellings of one title, and the kinds of version that it is."""

    song: str
    version: frozenset[str]


@lru_cache(maxsize=20_000)
def title_of(title: str) -> Title:
    """What song a title names, and as which version: `Help! (Live) [2009 Remaster]` is `help`, live."""
    text = " ".join(unicodedata.normalize("NFKC", title).split())  # runs of spaces would take long
    version: set[str] = set()

    def read(match: re.Match[str]) -> str:
        """Take out what says something of the version; leave what is part of the title."""
        said = _SAME.sub("", match[1])
        kinds = {kind for kind, words in _WORDS.items() if words.search(said)}
        version.update(kinds)
        return "" if kinds or _SAME.search(match[1]) else match[0]

    core = _DASH.sub(read, _BRACKETS.sub(read, text))
    return Title(name_key(core) or name_key(text), frozenset(version) or _AS_IT_IS)


def song_key(tags: Tags) -> tuple[str, str] | None:
    """A key that is equal for all versions of one artist's song; None where the tags don't say it."""
    artist = artist_key(first_artist(tags.artist)) or artist_key(first_artist(tags.album_artist))
    song = title_of(tags.title).song
    return (artist, song) if artist and song else None
