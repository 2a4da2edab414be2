"""What is said of a song for a term, and by whom."""

from __future__ import annotations

from dataclasses import dataclass

TAGS, MEASURED = "tags", "measured"
"""Who says what a song has, where it is no data set and no model."""


@dataclass(frozen=True)
class Match:
    """What a song has of a term: its share, a value in words, and who says so.

    share : float [range=0..1]
        Of the library's songs, how many fit the term less.
    by : str
        A tagger, a data set, a model, "measured" or "tags"; empty where nothing is known of the song.
    value : str
        Empty where the song's tags have it not.
    is_number : bool
        Whether the term asks for such a value (120 bpm), so that the value says it all.
    """

    said: str
    share: float
    value: str
    by: str
    is_wanted: bool = True
    is_number: bool = False
