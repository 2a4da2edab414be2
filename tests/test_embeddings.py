"""Embeddings as files and as a picture."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groovecli.audio.tags import Tags
from groovecli.errors import GrooveError, StorageError, UsageError
from groovecli.library.labels import genres_of
from groovecli.library.tracks import FileState, Track
from groovecli.models.results import Embedded
from groovecli.reports import descriptions
from groovecli.reports.plots import scores
from groovecli.reports.plots.scores import plot_confusion, plot_scatter, plot_training_curve
from groovecli.reports.vectors import METHODS, check_format, check_there, plot_vectors, project, write
from groovecli.training.loop import Epoch
from tests.cli.conftest import groove

ODD = (
    b"plain.mp3",
    b"comma, \"quote\" and 'quote'.mp3",
    b"line\nbreak\r\nand\rmore.mp3",
    "Björk – Jóga 日本 🎵.mp3".encode(),
    b"latin-1 caf\xe9 \xff.mp3",
    b" =1+1; [bold] $x$ .mp3",
)


def track(path: bytes | Path, number: int = 0, genre: str = "") -> Track:
    return Track(f"{number:032x}", Path(os.fsdecode(path)), FileState(1, 1), 30.0, Tags(genre=genre))


def embedded(
    paths: Sequence[bytes] = ODD, genres: Sequence[str] = ("",) * len(ODD), dim: int = 5, seed: int = 0
) -> Embedded:
    tracks = tuple(track(b"/music/" + path, number) for number, path in enumerate(paths))
    vectors = np.random.default_rng(seed).normal(size=(len(paths), dim)).astype(np.float32)
    return Embedded("some-model", tracks, vectors, (), False, tuple(genres))


def read(path: Path) -> tuple[list[str], list[str], np.ndarray]:
    """Paths, genres and vectors of a file in any of the formats."""
    if path.suffix == ".npz":
        with np.load(path) as file:
            return file["paths"].tolist(), file["genres"].tolist(), file["vectors"]
    if path.suffix == ".csv":
        with path.open(newline="", encoding="utf-8", errors="surrogateescape") as file:
            head, *rows = list(csv.reader(file))
        assert head[:2] == ["path", "genre"]
        vectors = np.array([row[2:] for row in rows], np.float32).reshape(len(rows), len(head) - 2)
        return [row[0] for row in rows], [row[1] for row in rows], vectors
    table = pq.read_table(path).to_pydict()
    return table["path"], table["genre"], np.array(table["vector"], np.float32)


# Files


@pytest.mark.parametrize("ending", ["npz", "csv", "parquet", "NPZ", "Csv"])
def test_every_format_reads_back_equal(tmp_path: Path, ending: str) -> None:
    out = tmp_path / "new folder" / f"songs.{ending}"
    genres = ["rock", "", "a, b", "日本", "x\ny", "$"]
    found = embedded(genres=genres)
    write(out, found)
    paths, labels, vectors = read(out.rename(out.with_suffix(out.suffix.lower())))
    assert labels == genres
    assert vectors.dtype == np.float32 and np.array_equal(vectors, found.vectors)
    if ending == "parquet":
        assert paths[:4] == [str(t.path) for t in found.tracks[:4]]
        assert paths[4] == "/music/latin-1 caf\\xe9 \\xff.mp3"  # it knows UTF-8 alone
    else:
        assert [Path(path) for path in paths] == [t.path for t in found.tracks]


@given(values=st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=1, max_size=9))
@settings(max_examples=40, deadline=None)
def test_text_keeps_every_digit(values: list[float], tmp_path_factory: pytest.TempPathFactory) -> None:
    out = tmp_path_factory.mktemp("csv") / "x.csv"
    vectors = np.array([values], np.float32)
    write(out, Embedded("m", (track(b"/a"),), vectors, (), False, ("",)))
    assert np.array_equal(read(out)[2], vectors)


@pytest.mark.parametrize("ending", ["npz", "csv", "parquet"])
def test_no_songs_are_an_empty_table(tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"none.{ending}"
    write(out, Embedded("m", (), np.zeros((0, 3), np.float32), (), False))
    paths, genres, _ = read(out)
    assert paths == genres == []


def test_npz_needs_no_pickle_and_says_who_made_it(tmp_path: Path) -> None:
    write(tmp_path / "x.npz", embedded())
    with np.load(tmp_path / "x.npz", allow_pickle=False) as file:
        assert set(file.files) == {"paths", "tracks", "genres", "vectors", "model"}
        assert str(file["model"]) == "some-model"
        assert file["tracks"].tolist() == [t.id for t in embedded().tracks]


@pytest.mark.parametrize("name", ["songs.txt", "songs", "npz", "songs.npz.gz"])
def test_an_ending_that_says_nothing_is_refused_before_anything_is_written(
    tmp_path: Path, name: str
) -> None:
    for attempt in (lambda: check_format(tmp_path / name), lambda: write(tmp_path / name, embedded())):
        with pytest.raises(UsageError) as caught:
            attempt()
        assert ".npz or .csv or .parquet" in caught.value.hint
    assert list(tmp_path.iterdir()) == []


def test_parquet_without_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(GrooveError, match="pyarrow") as caught:
        check_format(Path("x.parquet"))
    assert "pip install" in caught.value.hint
    check_format(Path("x.csv"))


@pytest.mark.parametrize("ending", ["npz", "csv", "parquet"])
def test_a_folder_that_cannot_be_written(tmp_path: Path, ending: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError):
        write(tmp_path / "file" / f"x.{ending}", embedded())


# Genres


def test_the_catalogue_knows_best_then_the_folder_then_the_tag(tmp_path: Path) -> None:
    tracks = [
        track(tmp_path / genre / f"{n}.mp3", number, "Tagged; More")
        for number, (genre, n) in enumerate((g, n) for g in ("rock", "jazz") for n in range(5))
    ]
    loose = track(tmp_path / "loose.mp3", 77, "Polka")
    known = {tracks[0].id: "blues"}
    found = genres_of([*tracks, loose], known, [tmp_path])
    assert found == ["blues"] + ["rock"] * 4 + ["jazz"] * 5 + ["polka"]
    assert genres_of(tracks, {}, []) == ["tagged"] * 10
    assert genres_of(tracks, {}, [tmp_path / "rock" / "0.mp3"]) == ["tagged"] * 10


def test_folders_that_are_artists_are_no_genres(tmp_path: Path) -> None:
    tracks = [track(tmp_path / f"artist {n}" / "song.mp3", n) for n in range(8)]
    assert genres_of(tracks, {}, [tmp_path]) == [""] * 8


# Pictures


@pytest.mark.parametrize("method", ["pca", "tsne"])
@pytest.mark.parametrize("n", [0, 1, 2, 3, 5, 6, 20])
def test_any_number_of_songs_has_its_places(method: str, n: int) -> None:
    vectors = np.random.default_rng(0).normal(size=(n, 8)).astype(np.float32)
    points = project(vectors, method, seed=0)
    assert points.shape == (n, 2) and np.isfinite(points).all()
    assert np.array_equal(points, project(vectors, method, seed=0))


@pytest.mark.parametrize("method", ["pca", "tsne"])
def test_equal_vectors_do_not_end_the_process(method: str) -> None:
    """t-SNE of equal vectors crashes without an exception, so this is tried in another process."""
    code = (
        "import numpy as np; from groovecli.reports.vectors import project;"
        f"print(np.isfinite(project(np.ones((10, 8), np.float32), {method!r}, seed=0)).all())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "True")


@pytest.mark.parametrize("method", ["pca", "tsne"])
def test_groups_far_apart_stay_apart(method: str) -> None:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(24, 16)).astype(np.float32)
    vectors[12:] += 30
    points = project(vectors, method, seed=0)
    distances = np.linalg.norm(points[:, None] - points[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    nearest = distances.argmin(axis=1)
    assert ((nearest < 12) == (np.arange(24) < 12)).all()


def test_an_unknown_projection() -> None:
    with pytest.raises(UsageError, match="'umap'"):
        project(np.zeros((4, 4), np.float32), "umap", seed=0)


@pytest.mark.parametrize("n", [0, 1, 6])
def test_a_picture_is_drawn(tmp_path: Path, n: int) -> None:
    genres = ["rock $", "", "jazz_{", "rock $", "x" * 200, ""][:n]
    plot_vectors(tmp_path / "map.png", embedded(ODD[:n], genres), method="pca", seed=0)
    assert (tmp_path / "map.png").read_bytes().startswith(b"\x89PNG")


def test_more_genres_than_colours(tmp_path: Path) -> None:
    points = np.random.default_rng(0).normal(size=(50, 2)).astype(np.float32)
    plot_scatter(tmp_path / "m.png", points, [f"genre {n}" for n in range(50)], title="$ many $")
    assert (tmp_path / "m.png").stat().st_size > 1000


@pytest.mark.parametrize("n", [8, 9, 12])
def test_genres_without_a_colour_are_one_in_the_legend(
    tmp_path: Path, n: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(
        scores, "_legend_beside", lambda axes, _: said.extend(axes.get_legend_handles_labels()[1])
    )
    names = [f"genre {number:02}" for number in range(n)]
    points = np.random.default_rng(0).normal(size=(n + 1, 2)).astype(np.float32)
    plot_scatter(tmp_path / "m.png", points, [*names, ""], title="x")
    more = [] if n == 8 else [f" {n - 7} other genres"]
    assert said == [*(f" {name}" for name in names[: 8 if n == 8 else 7]), *more, "unknown"]


def test_a_picture_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(IndexError):
        plot_scatter(tmp_path / "m.png", np.zeros((3, 2), np.float32), ["a"], title="")
    assert list(tmp_path.iterdir()) == []
    assert set(METHODS) == {"pca", "tsne"}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", ["日本 🎵", "a\nb\tc", "$\\frac{", "x" * 500, "\udcff", "_hidden"])
def test_any_name_can_be_drawn_without_a_word(tmp_path: Path, name: str) -> None:
    names = [name, "rock"]
    points = np.eye(2, dtype=np.float32)
    plot_scatter(tmp_path / "scatter.png", points, names, title=name)
    plot_confusion(tmp_path / "confusion.png", np.array([[3, 0], [1, 2]]), names, title="t")
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("n", [1, 3])
@pytest.mark.parametrize("has_accuracy", [True, False])
@pytest.mark.parametrize("has_validation", [True, False])
def test_any_training_has_its_curve(
    tmp_path: Path, n: int, has_accuracy: bool, has_validation: bool
) -> None:
    accuracy = 0.5 if has_accuracy else None
    loss = 1.0 if has_validation else None
    epochs = [
        Epoch(k, 1 / k, accuracy, loss, accuracy if has_validation else None, 1.0, 9.0)
        for k in range(1, n + 1)
    ]
    plot_training_curve(tmp_path / "curve.png", epochs, n, title="$ a_b $")
    assert (tmp_path / "curve.png").stat().st_size > 1000


@pytest.mark.parametrize("suffix", [".csv", ".npz", ".parquet"])
def test_only_a_table_that_groove_wrote_so_is_replaced(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"songs{suffix}"
    check_there(path, None, force=False)  # nothing is there
    path.touch()
    check_there(path, None, force=False)  # nothing is in it
    write(path, embedded())
    check_there(path, None, force=False)
    with pytest.raises(UsageError, match="is there already"):
        descriptions.check_there(path, force=False)
    descriptions.write(path, [])
    descriptions.check_there(path, force=False)
    with pytest.raises(UsageError, match="did not write it so"):
        check_there(path, None, force=False)
    for foreign in (b"path,genre,rating\na.mp3,rock,5\n", b"path,genre\n", b"\xff\xfe\0", b"PAR1"):
        path.write_bytes(foreign)
        with pytest.raises(UsageError):
            check_there(path, None, force=False)
        with pytest.raises(UsageError):
            descriptions.check_there(path, force=False)
        check_there(path, None, force=True)
        assert path.read_bytes() == foreign


@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf"])
def test_only_a_picture_that_groove_drew_is_replaced(suffix: str, tmp_path: Path) -> None:
    from matplotlib.figure import Figure

    path = tmp_path / f"map{suffix}"
    plot_vectors(path, embedded(), method="pca", seed=0)
    check_there(None, path, force=False)
    Figure().savefig(path)
    with pytest.raises(UsageError, match="is there already"):
        check_there(None, path, force=False)
    check_there(None, path, force=True)


def test_embed_and_describe_refuse_a_foreign_file_before_the_work(
    demo: Path, home: Path, tmp_path: Path
) -> None:
    (tmp_path / "own.csv").write_text("my,list\n")
    for arguments in (
        ("embed", demo / "folk", "-o", "own.csv"),
        ("describe", demo / "folk", "-o", "own.csv"),
    ):
        said = groove(*arguments)
        assert said.exit_code == 2 and "is there already" in said.stderr
    assert (tmp_path / "own.csv").read_text() == "my,list\n"
