"""Names of keys."""

from __future__ import annotations

import pytest

from groovecli.describe.description import Key


@pytest.mark.parametrize(
    ("tonic", "is_minor", "name", "camelot"),
    [
        (0, False, "C major", "8B"),
        (9, True, "A minor", "8A"),
        (0, True, "C minor", "5A"),
        (7, False, "G major", "9B"),
        (11, False, "B major", "1B"),
        (8, True, "G# minor", "1A"),
        (4, False, "E major", "12B"),
        (1, True, "C# minor", "12A"),
    ],
)
def test_a_key_has_its_names(tonic: int, is_minor: bool, name: str, camelot: str) -> None:
    key = Key(tonic, is_minor, 1.0)
    assert (key.name, key.camelot) == (name, camelot)


def test_each_key_has_a_place_of_its_own_on_the_wheel() -> None:
    assert len({Key(tonic, minor).camelot for tonic in range(12) for minor in (False, True)}) == 24


def test_without_a_key_there_is_no_name() -> None:
    assert Key().name is None and Key().camelot is None
