"""What the benchmarks on a library of music count, the copies that they make, and that all of them run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from groovecli.audio import read as audio
from groovecli.audio.tags import Tags
from groovecli.library.tracks import FileState, Track
from tests.conftest import write_song
from tests.encode import chirp

ROOT = Path(__file__).parent.parent
BENCHMARKS = ROOT / "benchmarks"
# No programs: others import them.
HELPERS = {"beatnet", "copies", "learners", "made_music", "processes", "rendered", "rounds", "songs"}
MUSIC = "MUSIC"  # stands for the folder of tones
VECTORS = "VECTORS"  # stands for what `groove embed` wrote
PAGE = "PAGE"  # stands for a file to be written
WORDS, STEMS = "WORDS", "STEMS"  # stand for word vectors, and for musiXmatch's bags
SMALLEST = {
    "all": ("--only", "training_rate", "--rounds", "1", "--page", PAGE),
    "audit": (MUSIC, "--share", "0.2", "--draws", "1"),
    "between": (VECTORS, "--pairs", "3", "--length", "4"),
    "clustering": ("kmeans", "60"),
    "cuda_rates": (
        *("--device", "cpu", "--clips", "4", "--rounds", "1"),
        *("--only", "time-cnn 30", "--only", "batches"),
    ),
    "decoding": ("--only", "flac", "--songs", "1", "--rounds", "1"),
    "crowded": ("--songs", "8", "--seconds", "31", "--rounds", "1"),
    "describe": ("--songs", "21", "--music", MUSIC, "--every", "8"),
    "describe_key": ("--songs", "21", "--music", MUSIC),
    "describe_cost": (MUSIC, "--songs", "1", "--rounds", "1", "--seconds", "20"),
    "duplicates": (MUSIC, "1", "--sizes", "200", "--one-length", "200"),
    "embedding_rate": (MUSIC, "--songs", "1", "--rounds", "1", "--seconds", "20"),
    "few_songs": (
        *(MUSIC, "--row", "3:low,high", "--draws", "1", "--jobs", "1"),
        *("--with-time-cnn", "--minutes", "0.001", "--cnn-draws", "1"),
    ),
    "fit_tempo": ("--share", "0.1"),
    "health": ("--songs", "60"),
    "heard": ("--songs", "8", "--rounds", "1"),
    "ingest_rate": ("--seconds", "31", "--rounds", "1"),
    "loudness": (MUSIC, "--songs", "1"),
    "map": (VECTORS, "--moves"),
    "memory": ("--scale", "0.02"),
    "neighbours": (VECTORS, "--only", "none", "--only", "mutual, normal"),
    "peers": (MUSIC, "--songs", "2", "--seconds", "20", "--rounds", "1"),
    "playlists": (VECTORS, "--only", "groove, mutual", "--draws", "1"),
    "replicas": (MUSIC, "1", "--sizes", "200", "--pairs", "50"),
    "robustness": (MUSIC, "--songs", "1", "--only", "mp3, 64 kbit/s", "--jobs", "1"),
    "scale": ("60", "--only", "embed, nothing new", "--only", "neighbours of a song"),
    "search": ("--made", "300"),
    "similar": ("--songs", "300"),
    "small_libraries": (VECTORS, "--sizes", "20", "--draws", "2"),
    "stable_playlists": (MUSIC, "--method", "kmeans", "--draws", "1"),
    "start_up": ("--rounds", "1"),
    "stems": (WORDS, STEMS),
    "training_rate": ("1", "--rounds", "1"),
}
"""What each benchmark is given here, where it runs in seconds."""
FIGURE = re.compile(r"\d+\.\d+ (s|ms|MB|%|songs/s|times)|\d+\.\d+$", re.MULTILINE)
# Imports all files of a folder at once, for torch takes seconds, and asks the programs for help.
ASK_FOR_HELP = """
import runpy, sys
from pathlib import Path

sys.path.insert(0, sys.argv[1])
for path in sorted(Path(sys.argv[1]).glob("*.py")):
    sys.argv = [str(path), "--help"]
    try:
        runpy.run_path(str(path), run_name="__main__")
        print("imported", path.stem)
    except SystemExit as end:
        print("ended", path.stem, end.code)
"""


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


@pytest.fixture(scope="module")
def tones(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library of two genres of four songs each, long enough for a clip of 30 s."""
    library = tmp_path_factory.mktemp("tones")
    for genre, hz in {"low": 200.0, "high": 2000.0}.items():
        for number in range(4):
            path = library / genre / f"{number}.wav"
            write_song(path, 28, sr=8000, hz=hz * (1 + number / 50), seed=int(hz) + number)
    return library


def run(command: list[str], home: Path) -> str:
    """Run a program as a person would, and give what it prints."""
    names = [name for name in os.environ if not name.startswith("GROOVE_")]
    env = {name: os.environ[name] for name in names} | {
        "GROOVE_HOME": str(home),
        "GROOVE_JOBS": "1",
        "OMP_NUM_THREADS": "1",
        "MPLBACKEND": "Agg",
    }
    done = subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=env, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_benchmark_is_run() -> None:
    assert {path.stem for path in BENCHMARKS.glob("*.py")} - HELPERS == set(SMALLEST)


@pytest.mark.benchmark_smoke
@pytest.mark.parametrize("name", SMALLEST)
def test_a_benchmark_prints_figures(name: str, tones: Path, tmp_path: Path) -> None:
    vectors = tmp_path / "songs.npz"
    drawn = np.random.default_rng(0).normal(size=(40, 8))
    np.savez(vectors, vectors=drawn, paths=[f"/music/{n % 2}/{n}.mp3" for n in range(40)])
    words, stems = tmp_path / "glove.txt", tmp_path / "mxm.txt"
    words.write_text("i 1 2\nbaby 3 4\n")
    stems.write_text("%i,babi\nTRAAAAV128F421A322,1,1:1,2:1\n")
    places = {MUSIC: str(tones), VECTORS: str(vectors), WORDS: str(words), STEMS: str(stems)}
    places[PAGE] = str(tmp_path / "page.md")
    arguments = [places.get(part, part) for part in SMALLEST[name]]
    printed = run([f"benchmarks/{name}.py", *arguments], tmp_path)
    assert FIGURE.search(printed), printed


@pytest.fixture(scope="module")
def rounds() -> Iterator[ModuleType]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BENCHMARKS))
        import rounds

        yield rounds


def test_ways_run_in_turn_and_the_first_round_does_not_count(rounds: ModuleType) -> None:
    order: list[str] = []
    ways = {name: lambda name=name: float(len(order.append(name) or order)) for name in "ab"}
    times = rounds.interleaved(ways, 2)
    assert order == list("baabba")
    assert times == {"a": [3.0, 6.0], "b": [4.0, 5.0]}
    order.clear()
    assert rounds.interleaved(ways, 1, warms_up=False) == {"a": [1.0], "b": [2.0]}


def test_a_figure_says_whether_it_is_what_was_wanted(rounds: ModuleType, tmp_path: Path) -> None:
    ratio = rounds.Figure.ratio("x", [2.0, 9.0, 4.0], [1.0, 3.0, 1.0], at_most=2.0)
    assert ratio.values == (2.0, 3.0, 4.0)
    assert ratio.line == "x: 3.00 times (2.00 to 4.00); at most 2.00 times; 50 % too much"
    assert rounds.Figure("x", (50.0,), "ms", at_most=50.0).line == "x: 50.00 ms; at most 50.00 ms; met"
    assert rounds.Figure("x", (1.5,), at_least=2.0).verdict == "25 % too little"
    assert rounds.Figure("x", (1234.5,), "MB").line == "x: 1,234 MB"
    rows = tmp_path / "rows.jsonl"
    assert rounds.read_figures(rows) == []
    for _ in range(2):
        rounds.report([ratio], rows)
    assert rounds.read_figures(rows) == [ratio, ratio]


def test_made_music_is_in_the_formats_that_people_have(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BENCHMARKS))
        import made_music
    paths = made_music.library(tmp_path, 4 * len(made_music.FORMATS), seconds=4)
    assert {path.parent.name for path in paths} == set(made_music.GENRES)
    for style, path in zip(made_music.FORMATS, paths[::4], strict=True):
        assert audio.probe(path).duration_s == pytest.approx(4, abs=0.1), style
        head = path.read_bytes()[:4000]
        assert (b"Xing" in head) == (style == "mp3 VBR")
    assert len({path.read_bytes() for path in paths}) == len(paths)


@pytest.mark.benchmark_smoke
def test_programs_that_made_the_shipped_model_say_what_they_want(tmp_path: Path) -> None:
    """No more: they need the teachers' weights and a library of 971 songs, which are not in the project."""
    folder = BENCHMARKS / "groove_net"
    printed = run(["-c", ASK_FOR_HELP, str(folder)], tmp_path)
    programs = {path.stem for path in folder.glob("*.py") if "__main__" in path.read_text()}
    assert programs
    for path in folder.glob("*.py"):
        expected = f"ended {path.stem} 0" if path.stem in programs else f"imported {path.stem}"
        assert expected in printed.splitlines()
