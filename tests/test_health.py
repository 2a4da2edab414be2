"""How healthy a space is: near songs, hubs, playlists against genres, playlists made again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given as given_by
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

from groovecli.evaluation.health.agreement import _ari, _nmi, _table, agreement, same_groups
from groovecli.evaluation.health.measure import Health, Songs, health
from groovecli.evaluation.health.nearby import NOBODY, nearby
from groovecli.evaluation.health.precision import UNKNOWN, precision
from groovecli.evaluation.neighbours import neighbour_precision
from groovecli.playlists.nearest import Metric
from groovecli.playlists.proximity import distances_between, mutual_farness, unit

GROUPS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3)), min_size=2, max_size=60)


def songs(n: int = 120, n_genres: int = 4, seed: int = 0) -> Songs:
    """Songs of genres that lie apart, two by each artist."""
    rng = np.random.default_rng(seed)
    of = np.arange(n) // 2 % n_genres
    rows = rng.normal(size=(n, 8)) + 3 * rng.normal(size=(n_genres, 8))[of]
    genres = tuple(f"genre {number}" for number in of)
    artists = np.arange(n, dtype=np.intp) // 2
    return Songs(rows.astype(np.float32), "cosine", artists, genres, {"folders": genres})


def numbers(labels: tuple[str, ...]) -> np.ndarray:
    found: np.ndarray = np.unique(labels, return_inverse=True)[1].astype(np.intp)
    return found


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_lists_are_those_of_all_pairs(metric: Metric) -> None:
    given = songs()
    n = len(given)
    near = nearby(given.rows, metric, given.artists, np.ones(n, bool))
    plain = distances_between(given.rows, given.rows, metric)
    corrected = mutual_farness(given.rows, metric)
    for far, all_of, others in (
        (plain, near.all.plain, near.others.plain),
        (corrected, near.all.corrected, near.others.corrected),
    ):
        is_own = given.artists[:, None] == given.artists[None]
        for barred, found in ((np.eye(n, dtype=bool), all_of), (is_own, others)):
            wanted = np.argsort(np.where(barred, np.inf, far), axis=1, kind="stable")[:, :10]
            assert (np.sort(found) == np.sort(wanted)).mean() > 0.99


def test_lists_of_few_songs_are_short() -> None:
    given = songs(4)
    near = nearby(given.rows, "cosine", given.artists, np.array([True, True, True, False]))
    assert (near.all.plain[:, 3:] == NOBODY).all() and (near.all.plain[:, :3] != NOBODY).all()
    assert near.others.corrected[0, 0] == 2 and near.others.corrected[0, 1] == NOBODY


def test_precision_is_that_of_the_evaluation() -> None:
    given = songs(80, 5, seed=3)
    genres = numbers(given.genres)
    near = nearby(given.rows, "cosine", given.artists, np.ones(len(given), bool))
    found = precision(near.others, genres, given.artists, sorted(set(given.genres)))
    assert found is not None
    wanted, by_chance = neighbour_precision(
        unit(given.rows), np.array(given.genres), given.artists.astype(str)
    )
    assert found.plain.value == pytest.approx(wanted, abs=0.003)
    assert found.by_chance == pytest.approx(by_chance)
    for share in (found.plain, found.corrected, *(each.share for each in found.genres)):
        assert share.low <= share.value <= share.high
    shares = [each.share.value for each in found.genres]
    assert shares == sorted(shares, reverse=True) and sum(each.n_songs for each in found.genres) == 80
    assert found.most == 1.0 and found.n_artists == sum(each.n_artists for each in found.genres) == 40
    assert found.difference.value == pytest.approx(found.corrected.value - found.plain.value)


def test_small_genres_have_a_limit() -> None:
    given = songs(24, 4)  # six of each genre, four of them by others
    near = nearby(given.rows, "cosine", given.artists, np.ones(24, bool))
    found = precision(near.others, numbers(given.genres), given.artists, sorted(set(given.genres)))
    assert found is not None and found.most == pytest.approx(0.4)
    assert all(each.share.value <= each.most + 1e-9 for each in found.genres)


def test_songs_without_a_genre_are_in_no_comparison() -> None:
    given = songs(60)
    genres, names = numbers(given.genres), sorted(set(given.genres))
    genres[:20] = UNKNOWN
    near = nearby(given.rows, "cosine", given.artists, genres != UNKNOWN)
    found = precision(near.others, genres, given.artists, names)
    others = nearby(given.rows[20:], "cosine", given.artists[20:], np.ones(40, bool)).others
    rest = precision(others, genres[20:], given.artists[20:], names)
    assert found is not None and rest is not None
    assert found.n_songs == 40 and found.plain.value == rest.plain.value
    assert not np.isin(near.others.corrected, np.arange(20)).any()


def test_one_artist_alone_is_no_question() -> None:
    given, alone = songs(40), np.zeros(40, np.intp)
    near = nearby(given.rows, "cosine", alone, np.ones(40, bool))
    assert precision(near.others, numbers(given.genres), alone, sorted(set(given.genres))) is None


@given_by(GROUPS)
def test_agreement_is_that_of_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    one, other = (np.unique(each, return_inverse=True)[1] for each in zip(*pairs, strict=True))
    table = _table(one, other, (int(one.max()) + 1, int(other.max()) + 1))
    assert _ari(table) == pytest.approx(adjusted_rand_score(one, other))
    assert _nmi(table) == pytest.approx(normalized_mutual_info_score(one, other), abs=1e-9)
    assert same_groups(one, other) == pytest.approx(adjusted_rand_score(one, other))


def test_agreement_has_an_interval_and_leaves_out_songs_without_a_genre() -> None:
    rng = np.random.default_rng(0)
    playlists, artists = np.repeat([0, 1, 2], 40), np.arange(120) // 3
    genres = np.where(rng.random(120) < 0.2, rng.integers(0, 3, 120), playlists)
    found = agreement(playlists, genres, artists)
    assert found is not None and found.n_songs == 120 and found.n_genres == 3
    for each in (found.nmi, found.ari):
        assert 0 < each.low < each.value < each.high <= 1
    genres[:30] = -1
    less = agreement(playlists, genres, artists)
    assert less is not None and less.n_songs == 90
    assert agreement(playlists, np.zeros(120, np.intp), artists) is None
    assert agreement(playlists, np.full(120, -1), artists) is None


def test_hubs_and_orphans() -> None:
    given = songs(200)
    rows = given.rows.copy()
    rows[7] = rows.mean(axis=0)  # in the middle of all
    given = replace(given, rows=rows)
    found = health(given, 500)
    assert (found.n_songs, found.n_library) == (200, 500) and found.hubs is not None
    near = nearby(given.rows, "cosine", given.artists, np.ones(200, bool)).all
    counts = np.bincount(near.corrected.ravel(), minlength=200)
    lists = [each.n_lists for each in found.hubs.hubs]
    assert lists == sorted(lists, reverse=True) and lists[0] == counts.max() == found.hubs.most
    assert found.hubs.n_orphans == (counts == 0).sum()
    assert all(counts[each.song] == 0 and each.nearest != each.song for each in found.hubs.orphans)
    plain = np.bincount(near.plain.ravel(), minlength=200)
    assert (found.hubs.most_plain, found.hubs.n_orphans_plain) == (plain.max(), (plain == 0).sum())


def test_the_correction_helps_where_there_are_hubs() -> None:
    rows = np.random.default_rng(0).normal(size=(300, 100)).astype(np.float32)
    given = Songs(rows, "euclidean", np.arange(300, dtype=np.intp), ("",) * 300, {})
    found = health(given, 300).hubs
    assert found is not None
    assert found.n_orphans < found.n_orphans_plain / 2 and found.most < found.most_plain / 2


def test_playlists_are_made_of_some_songs_and_near_ones_of_all() -> None:
    """Twenty songs far from all others would be a playlist of their own."""
    given = songs()
    rows = given.rows.copy()
    rows[:20] = rows[:20] + 50
    listed = np.arange(20, 120, dtype=np.intp)
    made, alone = (
        replace(given, rows=rows, listed=listed),
        replace(
            given,
            rows=rows[20:],
            artists=given.artists[20:],
            genres=given.genres[20:],
            labels={"folders": given.genres[20:]},
        ),
    )
    found, wanted = health(made, 120), health(alone, 100)
    assert (found.n_songs, found.n_playlists) == (120, wanted.n_playlists)
    assert found.agreement == wanted.agreement and found.stability == wanted.stability
    assert found.precision != wanted.precision
    assert health(replace(made, listed=listed[:0]), 120).n_playlists == 0


def test_genres_that_lie_apart_are_found_again() -> None:
    found = health(songs(), 120)
    assert found.precision is not None and found.precision.corrected.low > 0.8
    assert found.agreement["folders"].ari.value > 0.5
    assert found.stability is not None and found.stability.by_seed == 1.0
    assert len(found.stability.by_songs) == 3 and 0 < found.stability.of_songs <= 1


def test_the_same_seed_gives_the_same() -> None:
    assert health(songs(), 120, seed=5) == health(songs(), 120, seed=5)


@pytest.mark.parametrize("n", [1, 2, 11, 19])
def test_of_few_songs_nothing_is_said(n: int) -> None:
    given = songs(n)
    found = health(replace(given, genres=("",) * n, labels={}), n)
    assert found == Health(n, n, found.n_playlists, None, None, {}, None)


def test_songs_without_a_genre_have_hubs_all_the_same() -> None:
    found = health(replace(songs(40), genres=("",) * 40, labels={"tags": ("",) * 40}), 40)
    assert found.precision is None and found.agreement == {} and found.hubs is not None


def test_of_one_genre_nothing_is_said() -> None:
    found = health(replace(songs(40), genres=("rock",) * 40, labels={"folders": ("rock",) * 40}), 40)
    assert found.precision is None and found.agreement == {} and found.hubs is not None


def test_songs_that_are_all_the_same() -> None:
    given = songs(30)
    found = health(replace(given, rows=np.ones_like(given.rows)), 30)
    assert found.n_playlists == 1 and found.stability is not None and found.stability.of_songs == 1.0
