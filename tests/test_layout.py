"""Songs on a plane: what is near stays near, a map stands still, any number of songs has one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from groovecli.playlists.last_map import keep_places, last_places, place_of
from groovecli.playlists.layout import laid_out, reduced, turned
from groovecli.playlists.neighbours import neighbours
from groovecli.playlists.outlines import _inside, outlines
from groovecli.playlists.proximity import Library


def groups(n: int, n_groups: int = 3, dim: int = 12, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Vectors in some groups far from each other, and the group of each."""
    rng = np.random.default_rng(seed)
    middles, of = rng.normal(size=(n_groups, dim)) * 4, np.arange(n) % n_groups
    return (middles[of] + rng.normal(size=(n, dim))).astype(np.float32), of


def test_groups_stay_together() -> None:
    vectors, of = groups(60)
    places = laid_out(reduced(vectors))
    distances = np.linalg.norm(places[:, None] - places[None], axis=2) + np.eye(60) * 1e9
    assert (of[distances.argmin(axis=1)] == of).all()


def test_the_same_seed_gives_the_same_bytes() -> None:
    points = reduced(groups(40)[0])
    assert laid_out(points, seed=3).tobytes() == laid_out(points, seed=3).tobytes()


@pytest.mark.parametrize("n", [0, 1, 2, 3, 4, 5, 6, 12])
@pytest.mark.parametrize("kind", ["apart", "equal"])
def test_any_number_of_songs_has_places(n: int, kind: str) -> None:
    vectors = groups(n)[0] if kind == "apart" else np.ones((n, 5), np.float32)
    places = laid_out(reduced(vectors))
    assert places.shape == (n, 2) and np.isfinite(places).all()


def test_damaged_vectors_don_t_spoil_the_others() -> None:
    vectors = groups(40)[0]
    vectors[7] = np.nan
    places = laid_out(reduced(vectors))
    assert np.isfinite(places).all()


def test_many_songs_are_laid_out_in_two_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("groovecli.playlists.layout.N_FIRST", 40)
    vectors, of = groups(120)
    places = laid_out(reduced(vectors))
    distances = np.linalg.norm(places[:, None] - places[None], axis=2) + np.eye(120) * 1e9
    assert (of[distances.argmin(axis=1)] == of).mean() > 0.97


def test_songs_stay_when_others_come() -> None:
    points = reduced(groups(80)[0])
    last = np.full((80, 2), np.nan)
    last[:70] = laid_out(points[:70])
    now = turned(laid_out(points, last=last), last)
    width = np.ptp(last[:70], axis=0).max()
    assert np.median(np.linalg.norm(now[:70] - last[:70], axis=1)) < 0.05 * width


@given(
    angle=st.floats(0, 6.3),
    scale=st.floats(0.1, 10),
    shift=st.tuples(st.floats(-9, 9), st.floats(-9, 9)),
    is_mirrored=st.booleans(),
)
def test_a_map_is_turned_back(
    angle: float, scale: float, shift: tuple[float, float], is_mirrored: bool
) -> None:
    last = np.random.default_rng(0).normal(size=(9, 2))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    other = (last * (1, -1 if is_mirrored else 1)) @ turn * scale + shift
    known = last.copy()
    known[4] = np.nan
    assert np.allclose(turned(other, known), last, atol=1e-6)


def test_what_can_t_turn_a_map_leaves_it() -> None:
    places, last = np.random.default_rng(0).normal(size=(3, 2)), np.full((3, 2), np.nan)
    assert turned(places, last) is places
    last[0] = 0
    assert turned(places, last) is places
    last[:] = 1
    assert turned(places, last) is places


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_neighbours_are_those_of_similar(metric: str) -> None:
    vectors = groups(50, dim=20)[0]
    library = Library(vectors, metric)  # type: ignore[arg-type]
    near = neighbours(library, reduced(vectors), 6)
    for row in range(50):
        ranked = (each.place for each in library.ranked(vectors[row], is_inside=True))
        expected = [place for place in ranked if place != row][:6]
        assert near[row].tolist() == expected


def test_few_songs_have_few_neighbours() -> None:
    assert neighbours(Library(np.ones((1, 4), np.float32), "cosine"), np.ones((1, 4), np.float32)).tolist()
    vectors = groups(3)[0]
    near = neighbours(Library(vectors, "cosine"), reduced(vectors), 5)
    assert near.shape == (3, 5)
    assert all(set(row[:2]) == {0, 1, 2} - {i} and set(row[2:]) == {i} for i, row in enumerate(near))


def test_most_songs_of_a_group_are_inside_its_outline() -> None:
    rng = np.random.default_rng(0)
    places = np.concatenate([rng.normal(size=(50, 2)), rng.normal(size=(50, 2)) + 12])
    members = np.arange(50)
    rings, (middle,) = outlines(places, members)
    inside = sum(_inside(ring, places[members]) for ring in rings)
    assert inside >= 30
    assert sum(_inside(ring, places[50:]) for ring in rings) == 0
    assert np.linalg.norm(middle) < 2.5


def test_each_piece_of_some_size_has_a_spot_the_largest_first() -> None:
    rng = np.random.default_rng(0)
    heaps = [rng.normal(size=(n, 2)) + middle for n, middle in ((20, 0), (50, 30), (2, 60))]
    _, spots = outlines(np.concatenate(heaps), np.arange(72))
    assert len(spots) == 2
    assert np.linalg.norm(np.array(spots[0]) - 30) < 2.5 and np.linalg.norm(spots[1]) < 2.5


@pytest.mark.parametrize("n", [1, 3])
def test_songs_at_one_place_have_an_outline(n: int) -> None:
    rings, (middle,) = outlines(np.ones((n, 2)), np.arange(n))
    assert np.allclose(middle, 1) and all(np.isfinite(ring).all() for ring in rings)


def test_places_are_kept_by_library_and_model(tmp_path: Path) -> None:
    file = place_of(tmp_path / "maps", tmp_path / "music", "net")
    assert last_places(file, ["a"]) is None
    keep_places(file, ["a", "b"], np.array([[1.0, 2.0], [3.0, 4.0]]))
    found = last_places(file, ["b", "new", "a"])
    assert found is not None
    assert np.array_equal(found, [[3, 4], [np.nan, np.nan], [1, 2]], equal_nan=True)
    assert place_of(tmp_path / "maps", tmp_path / "music", "other") != file
    keep_places(file, ["b"], np.array([[5.0, 6.0]]))  # "a" is away, and comes back to its place
    assert np.array_equal(last_places(file, ["a", "b"]), [[1, 2], [5, 6]])  # type: ignore[arg-type]
    keep_places(file, ["b"], np.array([[5.0, 6.0]]), fresh=True)
    assert np.isnan(last_places(file, ["a"])).all()  # type: ignore[arg-type]


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 no", b"x" * 99])
def test_a_damaged_file_of_places_is_said(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "a.npz").write_bytes(damage)
    with pytest.raises(ValueError):
        last_places(tmp_path / "a.npz", ["a"])


def test_places_that_don_t_fit_are_damage(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", ids=np.array(["a"]), places=np.zeros((2, 2)))
    with pytest.raises(ValueError, match="fit"):
        last_places(tmp_path / "a.npz", ["a"])
    np.savez(tmp_path / "b.npz", ids=np.array([{}], object), places=np.zeros((1, 2)))
    with pytest.raises(ValueError):
        last_places(tmp_path / "b.npz", ["a"])
