"""No group on both sides, every genre on both where it can be, and no side ever changes."""

from __future__ import annotations

import itertools
from collections import defaultdict

from hypothesis import given, settings
from hypothesis import strategies as st

from groovecli.datasets.splits import Member, Side, is_leaky, sample_sides

GENRES = "abcde"


@st.composite
def libraries(draw_one: st.DrawFn, max_groups: int = 9) -> list[Member]:
    """Some groups, each with songs in a few genres."""
    sizes = st.dictionaries(st.sampled_from(GENRES), st.integers(1, 4), min_size=1, max_size=3)
    groups = draw_one(st.lists(sizes, min_size=1, max_size=max_groups))
    members = [
        (genre, str(number))
        for number, group in enumerate(groups)
        for genre, n in group.items()
        for _ in range(n)
    ]
    return [Member(f"{key:03d}", genre, group) for key, (genre, group) in enumerate(members)]


def sides_of_groups(members: list[Member], sides: dict[str, Side]) -> dict[str, set[Side]]:
    found: dict[str, set[Side]] = defaultdict(set)
    for member in members:
        found[member.group].add(sides[member.key])
    return found


def one_sided(members: list[Member], side_of_group: dict[str, Side]) -> set[str]:
    found: dict[str, set[Side]] = defaultdict(set)
    for member in members:
        found[member.genre].add(side_of_group[member.group])
    return {genre for genre, sides in found.items() if len(sides) == 1}


def fewest_one_sided(members: list[Member], fixed: dict[str, Side]) -> int:
    """How many genres must do without a side, by trying every draw."""
    free = sorted({member.group for member in members} - set(fixed))
    draws = itertools.product(("train", "test"), repeat=len(free))
    return min(len(one_sided(members, {**fixed, **dict(zip(free, sides, strict=True))})) for sides in draws)


@given(libraries(), st.floats(0.05, 0.6), st.integers(0, 5))
def test_a_group_stands_on_one_side(members: list[Member], share: float, seed: int) -> None:
    split = sample_sides(members, test_share=share, seed=seed)
    assert set(split.sides) == {member.key for member in members}
    assert all(len(sides) == 1 for sides in sides_of_groups(members, dict(split.sides)).values())


@settings(max_examples=60)
@given(libraries(), st.floats(0.05, 0.6), st.integers(0, 5))
def test_as_many_genres_as_can_be_have_both_sides(members: list[Member], share: float, seed: int) -> None:
    split = sample_sides(members, test_share=share, seed=seed)
    sides = {member.group: split.sides[member.key] for member in members}
    assert set(split.one_sided) == one_sided(members, sides)
    assert len(split.one_sided) == fewest_one_sided(members, {})


@given(st.lists(st.integers(1, 30), min_size=1, max_size=6), st.floats(0.05, 0.95), st.integers(0, 5))
def test_a_genre_of_two_songs_or_more_has_both_sides(sizes: list[int], share: float, seed: int) -> None:
    members = [Member(f"{g}-{i}", str(g), f"{g}-{i}") for g, n in enumerate(sizes) for i in range(n)]
    split = sample_sides(members, test_share=share, seed=seed)
    assert split.one_sided == tuple(str(g) for g, n in enumerate(sizes) if n == 1)


@given(st.integers(20, 300), st.sampled_from([0.1, 0.2, 0.35, 0.5]), st.integers(0, 5))
def test_the_share_is_near_what_was_asked(n: int, share: float, seed: int) -> None:
    members = [Member(f"{g}{i:04d}", g, f"{g}{i}") for g in "xy" for i in range(n)]
    split = sample_sides(members, test_share=share, seed=seed)
    for genre in "xy":
        n_test = sum(split.sides[m.key] == "test" for m in members if m.genre == genre)
        assert abs(n_test - share * n) <= 1


def test_the_share_is_near_where_artists_have_several_songs() -> None:
    members = [Member(f"{i:04d}", "ab"[i % 2], f"artist {i // 7}") for i in range(1400)]
    split = sample_sides(members, test_share=0.2, seed=0)
    for genre in "ab":
        n_test = sum(split.sides[m.key] == "test" for m in members if m.genre == genre)
        assert 0.17 < n_test / 700 < 0.23


@given(libraries(), st.randoms(use_true_random=False))
def test_order_does_not_matter_and_the_seed_decides(members: list[Member], random: object) -> None:
    split = sample_sides(members, test_share=0.3, seed=1)
    shuffled = list(members)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert sample_sides(shuffled, test_share=0.3, seed=1) == split


def test_another_seed_is_another_draw() -> None:
    members = [Member(f"{i:03d}", "a", f"{i}") for i in range(100)]
    assert sample_sides(members, test_share=0.3, seed=1) != sample_sides(members, test_share=0.3, seed=2)


@given(libraries(), libraries(), st.integers(0, 3))
def test_sides_stay_and_new_songs_join_their_group(
    old: list[Member], added: list[Member], seed: int
) -> None:
    before = sample_sides(old, test_share=0.3, seed=seed)
    new = [Member(f"new {member.key}", member.genre, member.group) for member in added]
    after = sample_sides([*old, *new], test_share=0.3, seed=seed, fixed=before.sides)
    assert all(after.sides[key] == side for key, side in before.sides.items())
    assert all(len(s) == 1 for s in sides_of_groups([*old, *new], dict(after.sides)).values())


@settings(max_examples=60)
@given(libraries(5), libraries(7), st.integers(0, 3))
def test_new_genres_get_both_sides_where_fixed_groups_allow(
    old: list[Member], added: list[Member], seed: int
) -> None:
    before = sample_sides(old, test_share=0.3, seed=seed)
    fixed = {member.group: before.sides[member.key] for member in old}
    new = [
        Member(f"new {m.key}", m.genre, m.group if i % 2 else f"new {m.group}") for i, m in enumerate(added)
    ]
    members = [*old, *new]
    after = sample_sides(members, test_share=0.3, seed=seed, fixed=before.sides)
    assert len(after.one_sided) == fewest_one_sided(members, fixed)


def test_new_songs_fill_the_side_that_is_short() -> None:
    fixed: dict[str, Side] = {f"{i}": "train" for i in range(10)}
    members = [Member(f"{i}", "a", f"{i}") for i in range(20)]
    split = sample_sides(members, test_share=0.4, seed=0, fixed=fixed)
    assert sum(side == "test" for side in split.sides.values()) == 8


def test_songs_that_stand_on_two_sides_already_stay_there() -> None:
    """Retagging can give two songs the same artist after they were drawn."""
    fixed: dict[str, Side] = {"1": "train", "2": "test"}
    split = sample_sides([Member(k, "a", "same") for k in "123"], test_share=0.2, seed=0, fixed=fixed)
    assert (split.sides["1"], split.sides["2"]) == ("train", "test")
    assert split.one_sided == ()


def test_only_a_split_of_clips_leaks() -> None:
    assert [is_leaky(by) for by in ("song", "album", "artist", "clip")] == [False, False, False, True]
