"""A song's lyrics as the mean of its words' vectors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from groovecli.features.kind import Kind
from groovecli.features.recipe import Recipe
from groovecli.features.spec import FeatureSpec
from groovecli.files import key_of


@dataclass(frozen=True, kw_only=True)
class LyricsSpec(FeatureSpec):
    """The mean of a song's word vectors.

    Parameters
    ----------
    width : int
        Length of a word vector.
    vectors : str
        Which word vectors: their hash; empty where lyrics are left out, and all is zero.
    """

    width: int
    vectors: str = ""

    per_song: ClassVar[bool] = True

    @property
    def stored_shape(self) -> tuple[int]:
        """(width,)."""
        return (self.width,)

    @property
    def input_shape(self) -> tuple[int]:
        """(width,)."""
        return (self.width,)


def eats_lyrics(specs: Iterable[FeatureSpec]) -> bool:
    """Whether lyrics are an input of a network, and not left out."""
    return any(isinstance(spec, LyricsSpec) and spec.vectors for spec in specs)


def bag_key(bag: Mapping[str, int]) -> str:
    """16 hexadecimal digits that change with any word and any count; empty where there are no words."""
    return key_of(sorted(bag.items()), 16) if bag else ""


def key_of_file(path: Path) -> str:
    """`bag_key` of a song's lyrics, read from its file or beside it."""
    from groovecli.audio import lyrics as text  # with mutagen and PyAV

    return bag_key(text.read_lyrics(path).words)


def _recipe(spec: LyricsSpec) -> Recipe:  # noqa: ARG001
    """As `audio.lyrics.bag_of_words`; the words' vectors are added by who knows where they lie."""
    from groovecli.audio import lyrics as text

    count = {
        "apostrophes": "".join(map(chr, text.APOSTROPHES)),
        "is_header": text.HEADER.pattern,
        "is_credit": text.CREDIT.pattern,
        "remove": text.SYLLABLE.pattern,
        "separate": text.MARK.pattern,
    }
    return {"of": "lyrics", "count": count}


KIND = Kind(
    "lyrics",
    LyricsSpec,
    None,
    (LyricsSpec(name="lyrics", kind="lyrics", width=100),),
    _recipe,
)
