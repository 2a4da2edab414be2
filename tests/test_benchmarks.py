"""What the benchmarks on a library of music count, and the copies that they make."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from groovecli.audio import read as audio
from groovecli.audio.tags import Tags
from groovecli.library.tracks import FileState, Track
from tests.encode import chirp

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"


@pytest.fixture(scope="module")
def few_songs() -> Iterator[ModuleType]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BENCHMARKS))
        import few_songs

        yield few_songs


@pytest.fixture(scope="module")
def robustness() -> Iterator[ModuleType]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BENCHMARKS))
        import robustness

        yield robustness


def track(number: int) -> Track:
    tags = Tags(artist=f"artist {number // 2}")
    return Track(f"{number:032x}", Path(f"{number}.opus"), FileState(1, 1), 30.0, tags)


def test_every_alteration_can_be_heard(robustness: ModuleType, tmp_path: Path) -> None:
    y, sr = chirp(20, 24000), 24000
    for number, (name, alter) in enumerate(robustness.ALTERATIONS.items()):
        copy = alter(tmp_path / str(number), y, sr)
        expected_s = 15 if name == "15 s of it" else 20
        assert audio.probe(copy).duration_s == pytest.approx(expected_s, abs=0.1), name


def test_a_mono_song_is_not_made_mono_again(robustness: ModuleType, tmp_path: Path) -> None:
    assert robustness.ALTERATIONS["mono"](tmp_path / "copy", chirp(1, 8000, n_channels=1), 8000) is None


def test_songs_that_keep_genre_and_place_are_counted(robustness: ModuleType) -> None:
    vectors = np.eye(3, dtype=np.float32)
    clean = [robustness.Heard("jazz", 0.4 + 0.2 * i, vectors[i]) for i in range(3)]
    altered = {
        0: robustness.Heard("rock", 0.9, vectors[0]),  # was not confident
        1: robustness.Heard("jazz", 0.1, vectors[2]),
        2: robustness.Heard(),  # could not be used
    }
    row = robustness._row("some", clean, altered, 0.5, "cosine")
    assert (row.kept.count, row.kept.n) == (1, 2)
    assert (row.found.count, row.found.n) == (1, 3)


def test_artists_are_kept_apart_and_draws_are_nested(few_songs: ModuleType) -> None:
    of = few_songs.Songs([track(i) for i in range(60)], np.array(["jazz", "rap"] * 30))
    small, large = (few_songs.make_row(of, n, ("jazz", "rap"), seed=0) for n in (5, 10))
    artists = [{of.tracks[i].tags.artist for i in side} for side in (large.pool, large.test)]
    assert not artists[0] & artists[1]
    assert np.array_equal(small.test, large.test)
    drawn = [few_songs.training_draw(of, row, 0, 1) for row in (small, large)]
    assert set(drawn[0]) < set(drawn[1]) <= set(large.pool)
    assert np.unique(of.genres[drawn[1]], return_counts=True)[1].tolist() == [10, 10]


def test_a_row_with_too_few_songs_is_none(few_songs: ModuleType) -> None:
    of = few_songs.Songs([track(i) for i in range(20)], np.array(["jazz", "rap"] * 10))
    assert few_songs.make_row(of, 10, ("jazz", "rap"), seed=0) is None
