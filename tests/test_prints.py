"""Fingerprints: the same for the same recording, whatever was done to it, and for no other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groovecli.audio import fingerprints as prints
from groovecli.audio import read as audio
from groovecli.audio.fingerprints import Words
from groovecli.errors import AudioError
from tests import encode
from tests.conftest import melody


def words(y: np.ndarray, sr: int = prints.SR) -> Words:
    return prints.words(audio.resample(y.astype(np.float32), sr, prints.SR))


@pytest.fixture(scope="module")
def songs() -> list[np.ndarray]:
    return [melody(32, sr=prints.SR, seed=seed) for seed in range(8)]


@pytest.fixture(scope="module")
def table(songs: list[np.ndarray]) -> list[Words]:
    return [words(song[: 30 * prints.SR]) for song in songs]


def only(table: list[Words], copy: Words) -> prints.Match:
    (match,) = prints.matches([*table, copy])
    return match


def test_different_songs_are_no_replicas(table: list[Words]) -> None:
    assert prints.matches(table) == []
    assert prints.matches([]) == [] == prints.matches(table[:1])


def test_a_word_for_every_twentieth_of_a_second(table: list[Words]) -> None:
    assert {len(some) for some in table} == {584}
    assert {some.dtype.name for some in table} == {"uint32"}


@given(gain=st.floats(0.003, 0.99), song=st.integers(0, 7))
@settings(max_examples=15, deadline=None)
def test_level_changes_nothing(songs: list[np.ndarray], table: list[Words], gain: float, song: int) -> None:
    copy = words(songs[song][: 30 * prints.SR] * gain)
    match = only(table, copy)
    assert (match.first, match.second, match.offset_s) == (song, 8, 0)
    assert match.likeness > 0.99


@given(cut_s=st.floats(0.0, 9.0), song=st.integers(0, 7))
@settings(max_examples=25, deadline=None)
def test_a_copy_that_begins_later_is_found_and_says_by_how_much(
    songs: list[np.ndarray], table: list[Words], cut_s: float, song: int
) -> None:
    """Whatever part of a frame it is cut by, and whichever of the two is cut."""
    copy = words(songs[song][round(cut_s * prints.SR) :])
    match = only(table, copy)
    assert match.first == song and match.offset_s == pytest.approx(-cut_s, abs=0.06)
    assert match.likeness > 0.6
    (other_way,) = prints.matches([copy, *table])
    assert other_way.offset_s == -match.offset_s


@pytest.mark.parametrize("ending", encode.FORMATS)
def test_any_format_is_found(
    tmp_path: Path, songs: list[np.ndarray], table: list[Words], ending: str
) -> None:
    y = audio.resample(songs[3], prints.SR, 48000)
    path = encode.write(tmp_path / f"song{ending}", np.stack([y, y], axis=1), 48000)
    match = only(table, prints.of_file(path))
    assert match.first == 3 and match.likeness > 0.7 and abs(match.offset_s) <= 0.15


@pytest.mark.parametrize("sr", [8000, 16000, 44100])
def test_any_sample_rate_is_found(songs: list[np.ndarray], table: list[Words], sr: int) -> None:
    match = only(table, words(audio.resample(songs[2], prints.SR, sr), sr))
    assert match.first == 2 and match.likeness > 0.9


def test_noise_on_a_copy_makes_it_less_alike(songs: list[np.ndarray], table: list[Words]) -> None:
    noise = np.random.default_rng(0).normal(size=len(songs[1]))
    likeness = [only(table, words(songs[1] + loud * noise)).likeness for loud in (0.0, 0.005, 0.02)]
    assert likeness == sorted(likeness, reverse=True) and likeness[-1] > 0.3


def test_silence_steady_sound_and_scraps_are_like_nothing(tmp_path: Path) -> None:
    n = 30 * prints.SR
    silence, noise = np.zeros(n), np.random.default_rng(0).normal(size=n)
    quiet = [words(silence), words(silence), words(np.r_[noise[:9000], silence[9000:]])]
    assert not words(silence).any()
    assert prints.matches([*quiet, words(noise[:9000])]) == []
    scraps = [words(noise[: round(s * prints.SR)]) for s in (0, 0.2, 0.5, 3, 3)]
    assert [len(some) for some in scraps[:3]] == [0, 0, 0]
    assert prints.matches(scraps) == []  # 3 s are too little to tell
    path = tmp_path / "broken.wav"
    path.write_text("no sound")
    with pytest.raises(AudioError):
        prints.of_file(path)


def test_every_pair_of_three_copies_is_found(table: list[Words]) -> None:
    found = prints.matches([table[0], table[1], table[0], table[0]])
    assert [(m.first, m.second) for m in found] == [(0, 2), (0, 3), (2, 3)]


def test_bits_that_occur_everywhere_tell_nothing() -> None:
    """A word that each song has would make every pair a candidate."""
    rng = np.random.default_rng(0)
    table = [rng.integers(1, 2**32, 584, np.uint32) for _ in range(300)]
    for some in table:
        some[100:110] = 7
    assert prints.matches(table) == []
    flipped = table[5] ^ (np.uint32(1) << rng.integers(0, 32, 584).astype(np.uint32))
    flipped[:50] = table[5][:50]
    (match,) = prints.matches([*table, flipped])
    assert (match.first, match.second) == (5, 300)


def test_the_size_of_a_block_changes_nothing(table: list[Words], monkeypatch: pytest.MonkeyPatch) -> None:
    several = [*table, table[4], table[2]]
    whole = prints.matches(several)
    monkeypatch.setattr(prints, "_BLOCK", 100)
    monkeypatch.setattr(prints, "_BATCH", 7)
    assert prints.matches(several) == whole and len(whole) == 2
