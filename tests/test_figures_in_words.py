"""Figures as a person reads them."""

from __future__ import annotations

import pytest

from groovecli.messages import words


@pytest.mark.parametrize(
    ("share", "digits", "text"),
    [
        (0.1234, 1, "12.3 %"),
        (-0.004, 0, "0 %"),
        (-0.12, 0, "-12 %"),
        (None, 0, words.NONE),
        (1, 0, "100 %"),
    ],
)
def test_shares_are_per_cents_and_nothing_has_no_sign(share: float | None, digits: int, text: str) -> None:
    assert words.percent(share, digits) == text


def test_ordinals() -> None:
    numbers = (1, 2, 3, 4, 11, 12, 13, 21, 112, 1001)
    assert " ".join(map(words.ordinal, numbers)) == "1st 2nd 3rd 4th 11th 12th 13th 21st 112th 1,001st"
