"""How many songs a figure needs behind it; of fewer, tables and pages have a dash, JSON what it is."""

FEWEST_OF_A_GENRE = 5
"""Test songs of a genre, for its precision, recall and F1: of four, one song more is 25 points."""

FEWEST_FOR_CONFIDENCE = 100
"""Test songs, for the calibration error and the least confidence that reaches an accuracy.

The error is over ten bins: of ten songs each, even a model that knows its chances exactly is some 10 points
off by luck, of two songs each 25.
"""

FEWEST_NAMED = 20
"""Songs that a least confidence names, for the share of them that is right: of 20, one song is 5 points."""
