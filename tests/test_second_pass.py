"""A second pass over a library: nothing is written, nothing is heard, and vectors stay where they lie."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.typing import NDArray

from groovecli.actions import embed as embedding
from groovecli.actions import hear
from groovecli.actions.classify import ClassifyRequest
from groovecli.actions.classify import run as classify_run
from groovecli.actions.cluster import ClusterRequest
from groovecli.actions.cluster import run as cluster_run
from groovecli.actions.embed import EmbedRequest, embed
from groovecli.actions.embed import run as embed_run
from groovecli.audio.lyrics_files import Beside
from groovecli.library.answers import StoredAnswer, VectorRows
from groovecli.library.catalog import Catalog
from groovecli.library.statistics import last_runs
from groovecli.models.loaded import LoadedModel
from groovecli.models.results import Embedded, SongAnswers
from groovecli.playlists import rows as passes
from groovecli.playlists.clusters import METHODS, cluster
from groovecli.playlists.rows import LEFT_OUT, UnitRows
from groovecli.reports.vectors import write
from tests.small import QUICK, World, loaded, world


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("small"), n_songs=5) as made:
        made.ingest()
        yield made


@pytest.fixture(scope="module")
def model(small: World) -> LoadedModel:
    return loaded(small.train(QUICK))


@pytest.fixture
def stored(tmp_path: Path) -> VectorRows:
    """Vectors of 5000 songs around twelve centres, in a catalogue, and read in another order."""
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(12, 8)) * 4
    vectors = (centres[rng.integers(0, 12, 5000)] + rng.normal(size=(5000, 8))).astype(np.float32)
    ids = [f"{number:032x}" for number in range(5000)]
    with Catalog(tmp_path / "catalog.db") as catalog:
        catalog.add_answers("m", {key: StoredAnswer(v) for key, v in zip(ids, vectors, strict=True)})
        found = catalog.vectors_at("m", ids)
        matrix = catalog.matrix("m")
    assert matrix is not None
    at = np.array([found[key] for key in reversed(ids)])
    return VectorRows(matrix, at[:, 0], at[:, 1])


def n_changes(small: World) -> int:
    return small.catalog._db.total_changes


def test_an_ingest_of_nothing_new_writes_that_it_ran(small: World) -> None:
    before = n_changes(small)
    assert small.ingest().n_new_clips == 0
    assert n_changes(small) == before + 1


def test_songs_that_were_heard_are_neither_heard_nor_written_again(
    small: World, model: LoadedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = embed(model, small.library, small.catalog, n_clips=1, jobs=1)
    before = n_changes(small)
    monkeypatch.setattr("groovecli.models.listen.over", lambda _, tracks, *__, **___: iter(tracks[:0]))
    again = embed(model, small.library, small.catalog, n_clips=1, jobs=1)
    assert again.tracks == first.tracks and (again.vectors == first.vectors).all()
    assert n_changes(small) == before


def test_a_second_run_writes_that_it_ran_and_nothing_else(small: World, tmp_path: Path) -> None:
    small.train(QUICK)
    paths = [small.library / "low"] * 6
    runs = (
        lambda: embed_run(EmbedRequest(paths, n_clips=1), small.context()),
        lambda: classify_run(ClassifyRequest(paths, n_clips=1), small.context()),
        lambda: cluster_run(
            ClusterRequest(small.library, tmp_path / "lists", n_clips=1, min_size=1), small.context()
        ),
    )
    for run in runs:
        run()
        before = n_changes(small)
        run()
        assert n_changes(small) == before + 1
    cluster, _, classify, _, embedded, _ = last_runs(small.catalog, 6)
    assert cluster.summary == {"paths": [str(small.library)], "songs": 10, "failed": 0}
    first = {"paths": [str(small.library / "low")] * 5, "songs": 5, "failed": 0, "n_paths": 6}
    assert classify.summary == embedded.summary == first
    assert (cluster.command, classify.command, embedded.command) == ("cluster", "classify", "embed")


@pytest.mark.parametrize("ending", [".npz", ".csv"])
def test_vectors_on_the_disk_are_written_as_those_in_memory(
    small: World, model: LoadedModel, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ending: str
) -> None:
    near = embed(model, small.library, small.catalog, n_clips=1, jobs=1)
    monkeypatch.setattr(embedding, "_AT_HAND", 0)
    far = embed(model, small.library, small.catalog, n_clips=1, jobs=1)
    assert isinstance(far.stored, VectorRows) and isinstance(near.stored, np.ndarray)
    assert (far.vectors == near.vectors).all()
    written = [written_as(each, tmp_path / f"{n}{ending}") for n, each in enumerate((near, far))]
    assert written[0] == written[1]


def written_as(embedded: Embedded, path: Path) -> bytes:
    write(path, replace(embedded, genres=("",) * len(embedded.tracks)))
    return path.read_bytes()


def test_a_damaged_vector_is_heard_again(small: World, model: LoadedModel) -> None:
    first = embed(model, small.library, small.catalog, n_clips=1, jobs=1)
    matrix = small.catalog.matrix(hear.stored_as(model, 1))
    assert matrix is not None
    raw = bytearray(matrix.path.read_bytes())
    raw[3] ^= 0x55
    matrix.path.write_bytes(raw)
    n_rows = matrix.n_rows
    again = embed(model, small.library, small.catalog, n_clips=1, jobs=1)
    assert np.allclose(again.vectors, first.vectors, atol=1e-5) and matrix.n_rows == n_rows + 1


def test_answers_are_saved_after_a_while_in_the_order_of_songs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Where a slow model is stopped then makes no difference."""
    vectors = np.eye(6, dtype=np.float32)
    outcomes = [
        ((words, (SimpleNamespace(id=f"{n % 5:032x}"),)), SongAnswers(None, vectors[n]))
        for n, words in enumerate(("a", "b", "a", "a", "b", "b"))
    ]
    matrices = []
    for every_s in (5.0, -1.0):
        monkeypatch.setattr(hear, "_SAVED_EVERY_S", every_s)
        with Catalog(tmp_path / f"{every_s}" / "catalog.db") as catalog:
            keeping = hear._keeping(iter(outcomes), catalog, "m")  # type: ignore[arg-type]
            next(keeping)
            next(keeping)
            assert len(catalog.answers("m", [f"{0:032x}"], words="a")) == (every_s < 0)
            list(keeping)
            assert len(catalog.answers("m", [f"{0:032x}"], words="b")) == 1
            matrix = catalog.matrix("m")
            assert matrix is not None
            matrices.append(matrix.path.read_bytes())
    assert matrices[0] == matrices[1]


def test_rows_are_read_in_any_order(stored: VectorRows) -> None:
    everything = stored[:]
    numbers = np.array([4999, 0, 17, 16, 17])
    assert (stored[numbers] == everything[numbers]).all()
    assert (stored[3:9] == everything[3:9]).all() and stored[:0].shape == (0, 8)
    assert (stored.only(numbers)[1:] == everything[numbers[1:]]).all()


@pytest.mark.parametrize("method", METHODS)
def test_vectors_on_the_disk_make_the_same_clusters(stored: VectorRows, method: str) -> None:
    options = {"method": method, "max_exact": 1000, "n_prototypes": 60}
    assert cluster(UnitRows(stored), **options) == cluster(UnitRows(stored[:]), **options)  # type: ignore[arg-type]


def test_means_are_learnt_from_a_sample_of_a_large_library(
    stored: VectorRows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("groovecli.playlists.clusters._LEARNT_FROM", 2000)
    found = cluster(stored, method="kmeans", max_exact=1000, n_clusters=12)
    assert len(found.labels) == 5000 and not found.left_out and len(found.clusters) > 6
    drawn = passes.sample(stored, 2000, seed=3)
    assert (drawn == passes.sample(stored[:], 2000, seed=3)).all()
    assert len(np.unique(drawn, axis=0)) == 2000


def test_sums_by_parts_are_those_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    vectors: NDArray[np.float32] = rng.normal(size=(100, 4)).astype(np.float32)
    labels = rng.integers(LEFT_OUT, 3, 100)
    monkeypatch.setattr(passes, "_AT_ONCE", 7)
    means = passes.means(vectors, labels)
    assert np.allclose(means, [vectors[labels == label].mean(axis=0) for label in range(3)], atol=1e-6)
    expected = np.linalg.norm(vectors - means[labels], axis=1)
    is_in = labels != LEFT_OUT
    assert (passes.distances(vectors, labels, means)[is_in] == expected[is_in]).all()
    assert passes.are_equal(vectors[:1].repeat(20, axis=0)) and not passes.are_equal(vectors)


@pytest.mark.parametrize(
    ("song", "text"),
    [
        ("a.mp3", "a.lrc"),
        ("a.mp3", "a.mp3.TXT"),
        ("Bjo\u0308rk.flac", "Bj\xf6rk.txt"),
        ("B.ogg", "b.Lrc"),
        (".x.y.mp3", ".x.y.txt"),
    ],
)
def test_folders_of_lyrics_are_listed_once(tmp_path: Path, song: str, text: str) -> None:
    (tmp_path / text).touch()
    beside = Beside()
    assert beside.may_have_lyrics(tmp_path / song)
    assert not beside.may_have_lyrics(tmp_path / "other.mp3")
    assert beside.may_have_lyrics(tmp_path / "none" / "a.mp3")  # can't be listed
