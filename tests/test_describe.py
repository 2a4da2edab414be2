"""Songs are described once: kept by their sound, gone on with, and what can't be measured is said."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile as sf
from hypothesis import given
from hypothesis import strategies as st

from groovecli.actions import describe as action
from groovecli.actions.context import Context
from groovecli.actions.describe import Described, DescribeRequest, run
from groovecli.describe import rows
from groovecli.describe.description import VERSION, Key, Loudness, SongDescription, Tempo
from groovecli.describe.song import Task, describe_file
from groovecli.library.catalog import Catalog
from groovecli.library.descriptions import add_descriptions, described_versions, stored_descriptions
from groovecli.library.gone import forget_gone
from groovecli.library.scan import identify_sound
from groovecli.library.schema import MIGRATIONS
from groovecli.library.tracks import FileState, Track
from groovecli.monitor import SILENT
from groovecli.reasons import Problem, Reason
from groovecli.reports import descriptions as files
from tests.cli.conftest import groove, groove_json
from tests.conftest import melody, write_song
from tests.small import Stopper

SAID = SongDescription(
    Tempo(128.0, 0.9, 64.0, 0.3, "steady"),
    Key(0, True, 0.7, -12.5),
    Loudness(-14.2, 8.1, -0.3),
    2410.0,
    200.0,
)

shares, numbers = st.floats(0, 1), st.floats(-100, 10_000)
positive = st.floats(0.01, 1e6)
tempos = st.builds(
    Tempo,
    st.none() | positive,
    shares,
    st.none() | positive,
    shares,
    st.sampled_from([None, "steady", "drifting", "changing"]),
)
keys = st.builds(Key, st.none() | st.integers(0, 11), st.booleans(), shares, st.floats(-50, 50))
louds = st.builds(Loudness, st.none() | numbers, st.none() | positive, st.none() | numbers)
descriptions = st.builds(SongDescription, tempos, keys, louds, st.none() | positive, positive)


@pytest.fixture
def songs(tmp_path: Path) -> Iterator[Path]:
    """Three songs, one of them in two files, and a file that is no song."""
    folder = tmp_path / "music"
    for number in range(3):
        write_song(folder / f"{number}.wav", 5, sr=8000, hz=300 + 100 * number, seed=number)
    (folder / "copy.wav").write_bytes((folder / "0.wav").read_bytes())
    (folder / "noise.mp3").write_bytes(b"no song" * 100)
    yield folder


def described(folder: Path, home: Path, **changes: Any) -> Described:
    from groovecli.home import Home

    with Context(Home(home), jobs=1, **changes) as context:
        return run(DescribeRequest(folder), context)


def of_file(path: Path) -> SongDescription | Problem:
    found = identify_sound(path)
    assert isinstance(found, Track)
    return describe_file(Task.of(found))


def write(path: Path, y: np.ndarray, sr: int = 44_100) -> Path:
    sf.write(path, y, sr)
    return path


# Rows


@given(descriptions)
def test_a_description_comes_back_as_it_was(said: SongDescription) -> None:
    row = rows.values_of(said)
    assert rows.description_of(row) == said
    assert rows.from_numbers(rows.as_numbers(row)) == row
    with Catalog(Path(":memory:")) as catalog:
        rows.keep_descriptions(catalog, {"a" * 32: said})
        assert rows.known_descriptions(catalog, ["a" * 32, "b" * 32]) == {"a" * 32: said}


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("bpm", -1.0),
        ("bpm", "fast"),
        ("bpm", float("nan")),
        ("bpm_confidence", 1.5),
        ("bpm_confidence", None),
        ("course", "sideways"),
        ("tonic", 12),
        ("tonic", 0.5),
        ("is_minor", 2),
        ("lufs", float("-inf")),
        ("brightness_hz", b"\0"),
        ("measured_s", None),
    ],
)
def test_a_row_that_cannot_be_is_no_description(column: str, value: Any) -> None:
    row = list(rows.values_of(SAID))
    row[rows.COLUMNS.index(column)] = value
    assert rows.description_of(tuple(row)) is None


def test_rows_of_an_older_version_stay_until_the_song_is_described_again(tmp_path: Path) -> None:
    a, b = "a" * 32, "b" * 32
    with Catalog(tmp_path / "catalog.db") as catalog:
        add_descriptions(catalog, VERSION + 1, {b: rows.values_of(SAID)})
        add_descriptions(catalog, VERSION - 1, {key: rows.values_of(SAID) for key in (a, b)})
        assert rows.known_descriptions(catalog, [a, b]) == {}  # not shown as current
        rows.keep_descriptions(catalog, {a: SAID})
        assert described_versions(catalog) == [VERSION - 1, VERSION, VERSION + 1]
        assert list(stored_descriptions(catalog, VERSION - 1, [a, b])) == [b]


def test_an_older_catalogue_gets_the_table(tmp_path: Path) -> None:
    path = tmp_path / "catalog.db"
    with sqlite3.connect(path) as db:
        db.executescript("".join(MIGRATIONS[:7]))
        db.execute("DROP TABLE embeddings")
        db.execute("PRAGMA user_version = 7")
    with Catalog(path) as catalog:
        rows.keep_descriptions(catalog, {"a" * 32: SAID})
        assert rows.known_descriptions(catalog, ["a" * 32])


def test_a_song_that_is_gone_takes_its_description_along(tmp_path: Path) -> None:
    song = Track("a" * 32, tmp_path / "a.mp3", FileState(1, 1), 200.0)
    with Catalog(tmp_path / "catalog.db") as catalog:
        catalog.remember([song])
        rows.keep_descriptions(catalog, {song.id: SAID})
        forget_gone(catalog, [song.path])
        assert described_versions(catalog) == []


# Files


@pytest.mark.parametrize(("sr", "n_channels"), [(8000, 1), (22_050, 2), (48_000, 6), (96_000, 2)])
def test_any_rate_and_channels(tmp_path: Path, sr: int, n_channels: int) -> None:
    y = np.repeat(0.3 * melody(8, sr=sr)[:, None], n_channels, axis=1)
    said = of_file(write(tmp_path / "a.wav", y, sr))
    assert isinstance(said, SongDescription)
    assert said.loudness.integrated_lufs is not None and -60 < said.loudness.integrated_lufs < 0
    assert said.brightness_hz is not None and 200 < said.brightness_hz < 3000
    assert said.measured_s == pytest.approx(8, abs=0.01)


def test_surround_sound_is_weighted_by_its_channels(tmp_path: Path) -> None:
    y = np.zeros((48_000 * 5, 6), np.float32)
    y[:, 3] = melody(5, sr=48_000)  # the LFE alone
    said = of_file(write(tmp_path / "a.wav", y, 48_000))
    assert isinstance(said, SongDescription) and said.loudness.integrated_lufs is None


def test_silence_has_no_numbers(tmp_path: Path) -> None:
    said = of_file(write(tmp_path / "a.wav", np.zeros(44_100 * 5)))
    assert said == SongDescription(measured_s=5.0)


def test_a_long_file_is_measured_to_its_end(tmp_path: Path) -> None:
    y = 0.1 * melody(150, sr=8000)
    y[-400_000:] *= 4
    said = of_file(write(tmp_path / "a.wav", y, 8000))
    half = of_file(write(tmp_path / "b.wav", y[:-400_000], 8000))
    assert isinstance(said, SongDescription) and isinstance(half, SongDescription)
    assert said.loudness.integrated_lufs > half.loudness.integrated_lufs + 6  # type: ignore[operator]
    assert said.measured_s == 150


@pytest.mark.parametrize("ending", ["mp3", "flac", "ogg"])
def test_a_file_that_ends_early_is_measured_as_far_as_it_goes(tmp_path: Path, ending: str) -> None:
    path = write(tmp_path / f"a.{ending}", 0.3 * melody(40, sr=44_100))
    found = identify_sound(path)
    assert isinstance(found, Track)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    said = describe_file(replace(Task.of(found), state=identify_sound(path).state))  # type: ignore[arg-type]
    assert isinstance(said, SongDescription)
    assert 15 < said.measured_s < 25 and said.loudness.integrated_lufs is not None


def test_a_file_that_cannot_be_opened_or_holds_another_song_says_so(tmp_path: Path) -> None:
    path = write_song(tmp_path / "a.wav", 3, seed=1)
    found = identify_sound(path)
    assert isinstance(found, Track)
    write_song(path, 4, seed=2)
    problem = describe_file(Task.of(found))
    assert isinstance(problem, Problem) and problem.reason == Reason.CHANGED
    path.unlink()
    problem = describe_file(Task.of(found))
    assert isinstance(problem, Problem) and problem.reason == Reason.UNREADABLE


# The action


def test_a_single_sample_is_not_called_silent(tmp_path: Path, home: Path) -> None:
    sf.write(tmp_path / "one.wav", np.array([0.5]), 44100)
    sf.write(tmp_path / "none.wav", np.zeros(44100), 44100)
    assert "too short to measure" in groove("describe", tmp_path / "one.wav").stdout
    assert "silent" in groove("describe", tmp_path / "none.wav").stdout


def test_each_sound_is_measured_once(songs: Path, home: Path) -> None:
    first = described(songs, home)
    assert (len(first.songs), first.n_new) == (4, 3)
    assert [each.path.name for each in first.failed] == ["noise.mp3"]
    again = described(songs, home)
    assert again.n_new == 0 and again.songs == first.songs


def test_stopped_it_keeps_what_is_done_and_goes_on(songs: Path, home: Path, one_by_one: None) -> None:
    stopped = described(songs, home, monitor=Stopper("describe", 2))
    assert stopped.interrupted and 0 < stopped.n_new < 3
    assert not described(songs, home).interrupted
    assert described(songs, home).n_new == 0


def test_a_failure_that_lasts_is_kept(songs: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def dead(_: Any, items: list[Task], **__: Any) -> Iterator[Problem]:
        for _item in items:
            yield Problem(Reason.DIED, "SIGSEGV")

    with monkeypatch.context() as patched:
        patched.setattr(action, "imap", dead)
        first = described(songs, home)
    assert not first.songs and len(first.failed) == 5
    again = described(songs, home)
    assert not again.songs
    assert [each.text for each in again.failed] == [each.text for each in first.failed]
    assert groove_json("status", "--failed")["n"] == 5
    groove("status", "--retry")
    assert len(described(songs, home).songs) == 4


def test_without_a_catalogue_nothing_is_kept(songs: Path) -> None:
    found = identify_sound(songs / "1.wav")
    assert isinstance(found, Track)
    done = action.describe_all([found], None, jobs=1, monitor=SILENT)
    assert done.n_new == len(done.songs) == 1


# What is shown and written


def test_as_json_and_as_a_file(songs: Path, home: Path, tmp_path: Path) -> None:
    out = tmp_path / "songs.csv"
    answer = groove_json("describe", songs, "--out", out, "--jobs", "1", code=3)
    names = [Path(song["path"]).name for song in answer["results"]]
    assert names == ["0.wav", "1.wav", "2.wav", "copy.wav"]
    assert answer["results"][0]["loudness"] == answer["results"][3]["loudness"]
    assert (answer["measured_now"], answer["describer"], answer["out"]) == (3, VERSION, str(out))
    with out.open(newline="") as file:
        table = list(csv.DictReader(file))
    assert [float(song["lufs"]) for song in table] == [
        song["loudness"]["integrated_lufs"] for song in answer["results"]
    ]
    text = groove("describe", songs)
    assert text.exit_code == 3
    assert f"{answer['results'][1]['loudness']['integrated_lufs']:.1f} LUFS" in text.stdout
    assert "4 songs, 0 of them measured now" in text.stderr
    assert groove_json("status")["described"] == 3


def test_what_is_missing_is_said(tmp_path: Path, home: Path) -> None:
    write(tmp_path / "a.wav", np.zeros(44_100 * 5))
    assert groove("describe", tmp_path / "a.wav").stdout == f"{tmp_path / 'a.wav'}: silent\n"
    (tmp_path / "b.mp3").write_bytes(b"nothing")
    assert groove("describe", tmp_path / "b.mp3").exit_code == 1
    assert groove("describe", tmp_path / "none").exit_code == 1
    refused = groove("describe", tmp_path / "a.wav", "--out", tmp_path / "a.txt")
    assert refused.exit_code == 2 and ".csv" in refused.stderr


@pytest.mark.parametrize("ending", [".npz", ".csv", ".parquet"])
def test_every_format_has_every_column(tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"a{ending}"
    files.write(out, [(Path("/a\udcff.mp3"), SAID), (Path("b.mp3"), SongDescription())])
    if ending == ".npz":
        with np.load(out) as found:
            assert set(found.files) == {"paths", *files.COLUMNS}
            assert found["key"].tolist() == ["C minor", ""] and np.isnan(found["bpm"][1])
    elif ending == ".csv":
        head, first, second = csv.reader(out.open(newline="", errors="surrogateescape"))
        assert head == ["path", *files.COLUMNS]
        assert first[0] == "/a\udcff.mp3" and "5A" in first and second[head.index("bpm")] == ""
    else:
        import pyarrow.parquet as pq

        table = pq.read_table(out).to_pydict()
        assert table["camelot"] == ["5A", None] and table["lufs"] == [-14.2, None]


def test_embed_describes_where_it_is_asked_to(songs: Path, home: Path, tmp_path: Path) -> None:
    out = tmp_path / "songs.npz"
    assert groove_json("embed", songs, "--out", out, code=3)["described"] == 0
    assert "lufs" not in np.load(out).files
    answer = groove_json("embed", songs, "--out", out, "--describe", code=3)
    assert answer["described"] == 4 and answer["not_described"] == []
    lufs = np.load(out)["lufs"]
    assert np.isfinite(lufs).all() and len(lufs) == 4
    groove("embed", songs, "--out", tmp_path / "songs.csv")
    with (tmp_path / "songs.csv").open(newline="") as file:
        assert float(next(csv.DictReader(file))["lufs"]) == lufs[0]
    said = groove_json("classify", songs / "1.wav")["results"][0]["description"]
    assert said["loudness"]["integrated_lufs"] == lufs[1]


def test_cluster_describes_too(songs: Path, home: Path, tmp_path: Path) -> None:
    (songs / "noise.mp3").unlink()
    answer = groove_json("cluster", songs, "--out", tmp_path / "lists", "--describe", "--min-songs", "1")
    assert answer["not_described"] == []
    assert groove_json("describe", songs)["measured_now"] == 0


def test_a_song_that_was_not_described_has_null(songs: Path) -> None:
    assert json.dumps(files.to_json(None)) == "null"
    assert files.cells(None) == [""] * len(files.COLUMNS)
    assert groove_json("classify", songs / "1.wav")["results"][0]["description"] is None
