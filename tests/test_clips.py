"""Where clips are cut."""

from __future__ import annotations

import itertools
import math

from hypothesis import assume, given
from hypothesis import strategies as st

from groovecli.audio import clips

IDS = st.integers(0, 16**32 - 1).map(lambda n: f"{n:032x}")
SECONDS = st.floats(1, 4000)
LENGTHS = st.sampled_from([3.0, 10.0, 30.0])


@given(SECONDS, LENGTHS)
def test_capacity_is_one_and_one_more_for_each_five_seconds(duration_s: float, clip_s: float) -> None:
    n = clips.capacity(duration_s, clip_s)
    if duration_s < 0.9 * clip_s:
        assert n == 0
    elif duration_s < clip_s:
        assert n == 1
        assert clips.is_padded(duration_s, clip_s)
    else:
        assert n == math.floor(1 + (duration_s - clip_s) / 5)
        assert not clips.is_padded(duration_s, clip_s)


@given(IDS, SECONDS, LENGTHS, st.integers(0, 60), st.integers(0, 9))
def test_clips_lie_within_the_song(track: str, duration_s: float, clip_s: float, n: int, seed: int) -> None:
    for drawn in (
        clips.sample_clips(track, duration_s, clip_s, n, seed=seed),
        clips.spread(track, duration_s, clip_s, n),
    ):
        assert all(clip.track_id == track and clip.start_s >= 0 for clip in drawn)
        assert [clip.index for clip in drawn] == list(range(len(drawn)))
        if duration_s >= clip_s:
            assert all(clip.start_s + clip_s <= duration_s + 1e-6 for clip in drawn)
        else:
            assert all(clip.start_s == 0 for clip in drawn)


@given(IDS, SECONDS, LENGTHS, st.integers(0, 30), st.integers(0, 30))
def test_more_clips_later_keep_the_earlier_ones(
    track: str, duration_s: float, clip_s: float, n: int, more: int
) -> None:
    few = clips.sample_clips(track, duration_s, clip_s, n, seed=3)
    assert clips.sample_clips(track, duration_s, clip_s, n + more, seed=3)[: len(few)] == few
    assert len(few) == min(n, clips.capacity(duration_s, clip_s))


@given(IDS, st.floats(60, 4000), st.integers(2, 40))
def test_clips_are_apart(track: str, duration_s: float, n: int) -> None:
    drawn = sorted(clip.start_s for clip in clips.sample_clips(track, duration_s, 30.0, n, seed=0))
    assume(len(drawn) > 1)
    gaps = [right - left for left, right in itertools.pairwise(drawn)]
    assert min(gaps) > 0.3 * (duration_s - 30) / len(drawn)


def test_songs_and_seeds_differ_and_agree_with_themselves() -> None:
    starts = {
        (track, seed): clips.sample_clips(track * 32, 200, 30, 1, seed=seed)[0].start_s
        for track in "abc"
        for seed in range(3)
    }
    assert len(set(starts.values())) == len(starts)
    assert all(
        clips.sample_clips(t * 32, 200, 30, 1, seed=s)[0].start_s == at for (t, s), at in starts.items()
    )


def test_starts_are_uniform() -> None:
    starts = [clips.sample_clips(f"{i:032x}", 130, 30, 3, seed=0) for i in range(1 << 40, (1 << 40) + 3000)]
    # Ids differ in their last digits alone here, and only the first sixteen count: use hashes.
    assert len({drawn[0].start_s for drawn in starts}) == 1
    spread = [
        clips.sample_clips(f"{i:016x}" + "0" * 16, 130, 30, 1, seed=0)[0].start_s for i in range(3000)
    ]
    counts = [sum(low <= start < low + 10 for start in spread) for low in range(0, 100, 10)]
    assert all(220 < count < 380 for count in counts)


def test_spread_takes_any_song() -> None:
    assert [clip.start_s for clip in clips.spread("a" * 32, 4.0, 30.0, 5)] == [0.0]
    assert [clip.start_s for clip in clips.spread("a" * 32, 130.0, 30.0, 2)] == [25.0, 75.0]


@given(
    st.dictionaries(st.text(min_size=1, max_size=3), st.integers(0, 9), max_size=12),
    st.integers(0, 80),
    st.integers(0, 4),
)
def test_quotas_are_as_even_as_can_be(capacities: dict[str, int], n_total: int, seed: int) -> None:
    quota = clips.quotas(capacities, n_total, seed=seed)
    assert set(quota) == set(capacities)
    assert sum(quota.values()) == min(n_total, sum(capacities.values()))
    assert all(quota[name] <= capacities[name] for name in quota)
    most = max(quota.values(), default=0)
    assert all(quota[name] >= min(capacities[name], most - 1) for name in quota)


@given(SECONDS, LENGTHS, st.integers(1, 40))
def test_stretches_make_a_clip_of_the_whole_song(duration_s: float, clip_s: float, n: int) -> None:
    starts = clips.stretches(duration_s, clip_s, n)
    if duration_s < clip_s:
        assert starts == [0.0]
        return
    length_s, share_s = clip_s / n, duration_s / n
    assert len(starts) == n
    for number, start_s in enumerate(starts):
        middle_s = start_s + length_s / 2
        assert abs(middle_s - (number + 0.5) * share_s) < 0.0011
    assert starts[0] >= 0 and starts[-1] + length_s <= duration_s + 1e-6
    assert all(b - a >= length_s - 0.0011 for a, b in itertools.pairwise(starts))


def test_stretches_of_a_song_as_long_as_a_clip_are_the_song() -> None:
    assert clips.stretches(30.0, 30.0, 3) == [0.0, 10.0, 20.0]
