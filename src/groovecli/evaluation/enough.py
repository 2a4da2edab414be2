"""How many songs a figure needs behind it; of fewer, tables and pages count or are silent, JSON has it."""

from groovecli.messages.words import FEWEST_FOR_PERCENT

FEWEST_OF_A_GENRE = 5
"""Songs of a new genre, for the share of them that is known: of four, one song more is 25 points."""

FEWEST_FOR_SCORES = FEWEST_FOR_PERCENT
"""Test songs, for figures that are no share of them and can't be counted instead: F1, average precision."""

FEWEST_FOR_CONFIDENCE = 100
"""Test songs, for the calibration error and the least confidence that reaches an accuracy.

The error is over ten bins: of ten songs each, even a model that knows its chances exactly is some 10 points
off by luck, of two songs each 25.
"""

FEWEST_NAMED = 20
"""Songs that a least confidence names, for the share of them that is right: of 20, one song is 5 points."""
