"""A song's lyrics as the mean of its words' vectors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from groovecli.features.kind import Kind
from groovecli.features.spec import FeatureSpec


@dataclass(frozen=True, kw_only=True)
class LyricsSpec(FeatureSpec):
    """The mean of a song's word vectors.

    Parameters
    ----------
    width : int
        Length of a word vector.
    vectors : str
        Which word vectors: their hash; empty where it is not decided yet.
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


KIND = Kind(
    "lyrics",
    LyricsSpec,
    None,
    (LyricsSpec(name="lyrics", kind="lyrics", width=100),),
)
