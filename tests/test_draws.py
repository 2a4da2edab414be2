"""Which windows an epoch sees, and in which order."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from fractions import Fraction
from itertools import groupby
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groovecli.datasets.examples import Example
from groovecli.datasets.tables import Place
from groovecli.datasets.windows import WindowDataset
from groovecli.features.spec import FeatureSpec
from groovecli.messages.words import drawn
from groovecli.networks.spec import Hyperparameters
from groovecli.training.sampling import draw_of, epoch_order

GENRES = ("a", "b", "c")
FOLDER = Path("no file is read")
quick = settings(max_examples=60, deadline=None)
PLAIN = Hyperparameters("adam", learning_rate=0.001, batch_size=4, epochs=9)


@st.composite
def some_data(draw: st.DrawFn) -> WindowDataset:
    """Clips of up to three genres in up to four chunk files, with one to three windows each."""
    rows = draw(st.lists(st.tuples(st.sampled_from(GENRES), st.integers(0, 3)), min_size=1, max_size=20))
    spec = FeatureSpec(name="some", kind="mel", n_windows=draw(st.integers(1, 3)))
    clips = [Example(f"{n:032x}", 0, g, (Place(f"chunk {c}", n),)) for n, (g, c) in enumerate(rows)]
    n_all = len(clips) * spec.n_windows
    chosen = draw(
        st.none() | st.lists(st.integers(0, n_all - 1), min_size=1, unique=True).map(sorted).map(np.array)
    )
    return WindowDataset(FOLDER, clips, (spec,), GENRES, chosen)


seeds, epochs = st.integers(0, 99), st.integers(1, 12)
resamples = st.tuples(st.integers(1, 9), st.integers(1, 9))


def order(data: WindowDataset, hyper: Hyperparameters, seed: int, epoch: int, **options: bool) -> list[int]:
    found = epoch_order(data, hyper, seed=seed, epoch=epoch, **options)
    assert found is not None
    assert set(found.tolist()) <= set(range(len(data)))
    return found.tolist()


def genre_counts(data: WindowDataset, chosen: list[int]) -> dict[int, int]:
    return dict(Counter(data.labels[chosen].tolist()))


@given(data=some_data(), seed=seeds, epoch=epochs)
@quick
def test_without_a_wish_all_are_seen_in_any_order(data: WindowDataset, seed: int, epoch: int) -> None:
    assert epoch_order(data, PLAIN, seed=seed, epoch=epoch) is None


@given(data=some_data(), seed=seeds, epoch=epochs, resample=resamples)
@quick
def test_a_resampled_epoch_has_so_many_songs_of_each_genre(
    data: WindowDataset, seed: int, epoch: int, resample: tuple[int, int]
) -> None:
    """So many of each in windows of a song each, and others of the largest genre if it leads."""
    n_largest, n_others = (n * data.n_windows for n in resample)
    there = Counter(data.labels.tolist())
    (largest, most), (_, next_most) = (*there.most_common(2), (None, 0))[:2]
    leads = most > next_most and most >= next_most * (Fraction(*resample) ** 0.5 - 1e-9)
    found = genre_counts(data, order(data, replace(PLAIN, resample=resample), seed, epoch))
    assert found == {label: n_largest if leads and label == largest else n_others for label in there}


@pytest.mark.parametrize(
    ("counts", "n_largest", "said"),
    [
        ((80, 80, 80), 1000, "1,000 songs of each genre: none has about 4 times as many as the next"),
        ((159, 80, 80), 1000, "1,000 songs of each genre: none has about 4 times as many as the next"),
        ((80, 10, 160), 4000, "4,000 songs of c, which has 2.0 times as many as the next genre,"
         " and 1,000 of each other genre"),
        ((7, 100, 9), 4000, "4,000 songs of b, which has 11.1 times as many as the next genre,"
         " and 1,000 of each other genre"),
        ((5, 0, 0), 4000, "4,000 songs of a, the only genre"),
    ],
)  # fmt: skip
def test_only_a_genre_that_leads_is_drawn_more_often(
    counts: tuple[int, ...], n_largest: int, said: str
) -> None:
    """The paper's 4,000 and 1,000 are for its rock, 45 % of all songs: nearer to 4 times than to once."""
    labels = np.repeat(np.arange(3), counts)
    draw = draw_of(labels, 4000, 1000)
    assert (draw.n_largest, draw.n_others) == (n_largest, 1000)
    assert draw.largest == np.argmax(counts)
    lead = draw.lead if np.isfinite(draw.lead) else None
    text = drawn(GENRES[draw.largest], lead, draw.n_largest, draw.n_others, asked=4.0, unit="song")
    assert text == f"an epoch draws {said}"


def test_balanced_genres_get_as_many_steps_each_whatever_their_names() -> None:
    """Three of 80 songs each: the first by the alphabet was drawn four times as often."""
    spec = FeatureSpec(name="some", kind="mel")
    clips = [Example(f"{n:032x}", 0, GENRES[n % 3], (Place("c", n),)) for n in range(240)]
    data = WindowDataset(FOLDER, clips, (spec,), GENRES)
    found = genre_counts(data, order(data, replace(PLAIN, resample=(4000, 1000)), 0, 1))
    assert found == {0: 1000, 1: 1000, 2: 1000}


def test_a_small_genre_is_drawn_evenly() -> None:
    """With replacement, each of its songs about as often."""
    spec = FeatureSpec(name="some", kind="mel")
    clips = [Example(f"{n:032x}", 0, "a" if n < 3 else "b", (Place("c", n),)) for n in range(60)]
    data = WindowDataset(FOLDER, clips, (spec,), GENRES)
    counts = Counter(order(data, replace(PLAIN, resample=(10, 3000)), 0, 1))
    assert all(900 < counts[song] < 1100 for song in range(3))
    assert sum(counts[song] for song in range(3, 60)) == 10


@given(data=some_data(), seed=seeds, epoch=epochs, subset=st.integers(1, 70))
@quick
def test_a_subset_holds_no_window_twice(data: WindowDataset, seed: int, epoch: int, subset: int) -> None:
    found = order(data, replace(PLAIN, subset=subset), seed, epoch)
    assert len(found) == len(set(found)) == min(subset, len(data))


@given(data=some_data(), seed=seeds, epoch=epochs, resample=resamples, subset=st.integers(1, 20))
@quick
def test_a_subset_of_a_resampled_epoch_is_drawn_from_it(
    data: WindowDataset, seed: int, epoch: int, resample: tuple[int, int], subset: int
) -> None:
    both = order(data, replace(PLAIN, resample=resample, subset=subset), seed, epoch)
    resampled = Counter(order(data, replace(PLAIN, resample=resample), seed, epoch))
    assert Counter(both) <= resampled
    assert len(both) == min(subset, resampled.total())


@given(
    data=some_data(),
    seed=seeds,
    every=st.integers(1, 4),
    hyper=st.builds(
        lambda resample, subset: replace(PLAIN, resample=resample, subset=subset),
        st.none() | resamples,
        st.integers(1, 20),
    ),
)
@quick
def test_between_two_draws_the_items_stay(
    data: WindowDataset, seed: int, every: int, hyper: Hyperparameters
) -> None:
    hyper = replace(hyper, redraw_every=every)
    drawn = [sorted(order(data, hyper, seed, epoch)) for epoch in range(1, 3 * every + 1)]
    for first in range(0, len(drawn), every):
        assert all(items == drawn[first] for items in drawn[first : first + every])


def test_a_new_draw_has_other_items_and_each_epoch_another_order() -> None:
    spec = FeatureSpec(name="some", kind="mel")
    clips = [Example(f"{n:032x}", 0, GENRES[n % 3], (Place("c", n),)) for n in range(300)]
    data = WindowDataset(FOLDER, clips, (spec,), GENRES)
    for hyper in (replace(PLAIN, subset=60), replace(PLAIN, resample=(20, 20))):
        found = [order(data, replace(hyper, redraw_every=2), 0, epoch) for epoch in range(1, 7)]
        assert len({tuple(items) for items in found}) == 6
        assert len({tuple(sorted(items)) for items in found}) == 3
        assert not any(items == sorted(items) for items in found)


@given(
    data=some_data(),
    seed=seeds,
    epoch=epochs,
    resample=st.none() | resamples,
    subset=st.integers(0, 20),
    by_chunk=st.booleans(),
)
@quick
def test_seed_and_epoch_decide(
    data: WindowDataset,
    seed: int,
    epoch: int,
    resample: tuple[int, int] | None,
    subset: int,
    by_chunk: bool,
) -> None:
    hyper = replace(PLAIN, resample=resample, subset=subset)
    once, again = (epoch_order(data, hyper, seed=seed, epoch=epoch, by_chunk=by_chunk) for _ in range(2))
    assert np.array_equal(once, again) if once is not None else again is None


def test_another_seed_gives_other_items_and_another_order() -> None:
    spec = FeatureSpec(name="some", kind="mel")
    clips = [Example(f"{n:032x}", 0, GENRES[n % 3], (Place(f"{n % 5}", n),)) for n in range(100)]
    data = WindowDataset(FOLDER, clips, (spec,), GENRES)
    for hyper, by_chunk, n_draws in ((replace(PLAIN, subset=50), False, 4), (PLAIN, True, 1)):
        found = [order(data, hyper, seed, 1, by_chunk=by_chunk) for seed in range(4)]
        assert len({tuple(items) for items in found}) == 4
        assert len({tuple(sorted(items)) for items in found}) == n_draws


@given(
    data=some_data(), seed=seeds, epoch=epochs, resample=st.none() | resamples, subset=st.integers(0, 20)
)
@quick
def test_chunk_by_chunk_each_file_is_read_once(
    data: WindowDataset, seed: int, epoch: int, resample: tuple[int, int] | None, subset: int
) -> None:
    """The same windows as without, those of one chunk file after those of another."""
    hyper = replace(PLAIN, resample=resample, subset=subset)
    found = order(data, hyper, seed, epoch, by_chunk=True)
    files = [data.clips[data.clip_numbers[item]].places[0].chunk for item in found]
    assert len([name for name, _ in groupby(files)]) == len(set(files))
    plain = epoch_order(data, hyper, seed=seed, epoch=epoch)
    assert sorted(found) == (list(range(len(data))) if plain is None else sorted(plain.tolist()))


def test_chunk_by_chunk_files_and_their_windows_are_shuffled() -> None:
    spec = FeatureSpec(name="some", kind="mel")
    clips = [Example(f"{n:032x}", 0, "a", (Place(f"{n // 20}", n),)) for n in range(100)]
    data = WindowDataset(FOLDER, clips, (spec,), GENRES)
    found = [order(data, PLAIN, 0, epoch, by_chunk=True) for epoch in range(1, 6)]
    assert len({tuple(item // 20 for item in items[::20]) for items in found}) > 1
    within = [items[start : start + 20] for items in found for start in range(0, 100, 20)]
    assert not any(items == sorted(items) for items in within)
