"""From a folder of music to a dataset, end to end, whatever is in the folder."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import mutagen
import numpy as np
import pytest
import soundfile as sf

from groovecli.actions import ingest
from groovecli.actions.context import Context
from groovecli.actions.ingest import IngestResult
from groovecli.audio import read as audio
from groovecli.datasets import cache
from groovecli.datasets.cache import Computed, compute_missing
from groovecli.datasets.chunks import read_chunk
from groovecli.datasets.dataset import Dataset, open_dataset
from groovecli.datasets.intake import IngestRequest
from groovecli.datasets.tables import Tables
from groovecli.errors import DatasetError, Interrupted, LibraryError, StorageError, UsageError
from groovecli.features.registry import extract, feature
from groovecli.home import Home
from groovecli.library.catalog import Catalog
from groovecli.monitor import SILENT, Monitor
from tests.conftest import write_song

pytestmark = pytest.mark.usefixtures("home")


def run(library: Path, *, jobs: int = 1, monitor: Monitor = SILENT, **options: Any) -> IngestResult:
    """Ingest with clips of three seconds, where nothing else is said."""
    request = IngestRequest(library, **{"clip_s": 3.0, **options})
    with Context(jobs=jobs, monitor=monitor) as context:
        return ingest.run(request, context)


def opened() -> Catalog:
    return Catalog(Home.default().catalog)


@contextmanager
def opened_dataset() -> Iterator[Dataset]:
    with opened() as catalog:
        yield open_dataset(catalog, Home.default(), "default")


def chunk_files(dataset: str = "default") -> dict[str, bytes]:
    folder = Home.default().dataset(dataset)
    return {
        str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("chunk-*.pkl"))
    }


def cached(dataset: str = "default") -> dict[tuple[str, str, int], bytes]:
    """The stored feature of each (feature, song, clip), which has to be there once."""
    found: dict[tuple[str, str, int], bytes] = {}
    for path in sorted(Home.default().dataset(dataset).rglob("chunk-*.pkl")):
        chunk = read_chunk(path)
        for row, (track, index) in enumerate(zip(chunk.tracks, chunk.indices, strict=True)):
            key = (path.parents[2].name, track.decode(), int(index))
            assert key not in found
            found[key] = chunk.features[row].tobytes()
    return found


def reasons(result: IngestResult) -> dict[str, str]:
    return {f"{item.path.parent.name}/{item.path.name}": item.text for item in result.skipped}


def sides() -> dict[str, str]:
    with opened_dataset() as dataset:
        return {track: song.side for track, song in dataset.songs.items()}


# What a dataset holds


def test_the_demo_library(demo: Path) -> None:
    result = run(demo, clip_s=30.0, clips_per_song=1)
    assert sorted(result.genres) == ["ambient", "electronic", "folk", "metal", "orchestral"]
    for count in result.genres.values():
        assert dict(count.songs) == dict(count.clips) == {"train": 5, "test": 1}
    assert (result.skipped, dict(result.left_out), result.n_failed) == ((), {}, 0)
    assert (result.n_new_clips, result.n_padded, result.n_fewer_clips) == (30, 0, 0)
    assert result.n_shared_artists > 0
    assert len(cached()) == 30
    assert {len(value) for value in cached().values()} == {323 * 323}


def test_the_cache_holds_the_features_of_the_stored_clips(library: Path) -> None:
    run(library, features=("mel-323",))
    spec = feature("mel-323", 3.0)
    found = cached()
    with opened_dataset() as dataset:
        tracks, clips = dataset.tracks, dataset.clips
    assert len(clips) == 12 * 2 == len(found)  # of 12 s, 3 s clips: at most floor(1 + 9 / 5)
    for item in clips[::5]:
        x, sr = sf.read(tracks[item.clip.track_id][0].path, dtype="float32")
        start = round(item.clip.start_s * sr)
        y = audio.resample(x[start : start + 3 * sr], sr, spec.sr)
        expected = extract(audio.fit(y, spec.n_clip_samples), spec)
        got = np.frombuffer(found[spec.key, item.clip.track_id, item.clip.index], np.uint8)
        assert np.abs(got.astype(int) - expected.ravel().astype(int)).max() <= 1


def test_a_second_time_does_only_what_is_new(library: Path) -> None:
    first = run(library)
    before, before_sides, features = chunk_files(), sides(), cached()
    again = run(library)
    assert again.n_new_clips == 0
    assert (again.genres, chunk_files()) == (first.genres, before)
    for number in range(6, 9):
        write_song(library / "low" / f"{number}.wav", 12, sr=8000, hz=300, seed=number)
    more = run(library)
    assert more.n_new_clips == 6
    assert cached().items() >= features.items()  # begun chunk files are filled up
    others = {name: data for name, data in before.items() if "/low/" not in name}
    assert others and chunk_files().items() >= others.items()
    assert sides().items() >= before_sides.items()
    assert sum(more.genres["low"].songs.values()) == 9
    assert run(library, clips_per_song=1).n_new_clips == 0


def test_moved_and_retagged_songs_are_no_new_songs(library: Path) -> None:
    run(library)
    before = chunk_files()
    shutil.move(library / "low" / "0.wav", library / "low" / "another name.wav")
    file = mutagen.File(library / "low" / "1.wav")
    file.add_tags()
    file.tags.add(mutagen.id3.TIT2(text=["a title"]))
    file.save()
    assert run(library).n_new_clips == 0
    assert chunk_files() == before


def test_a_genre_added_later_touches_no_other(library: Path, tmp_path: Path) -> None:
    run(library)
    before = chunk_files()
    for number in range(4):
        write_song(tmp_path / "polka" / f"{number}.wav", 12, sr=8000, hz=900, seed=50 + number)
    result = run(tmp_path / "polka", genre="Polka!")
    assert sorted(result.genres) == ["Polka!", "high", "low"]
    assert sum(result.genres["Polka!"].songs.values()) == 4
    assert chunk_files().items() >= before.items()


def test_a_feature_asked_for_later_is_of_the_same_clips(tmp_path: Path) -> None:
    for number in range(10):
        write_song(tmp_path / "l" / "ab"[number % 2] / f"{number}.wav", 11, sr=8000, hz=300, seed=number)
    run(tmp_path / "l", clip_s=10.0)
    before = chunk_files()
    spec = feature("spec-256", 10.0)
    with opened_dataset() as dataset:
        done = compute_missing(dataset, [feature("mel-323", 10.0), spec], jobs=1)
        assert done.n_clips == 10
        assert dataset.tables.places(spec.key).keys() == {
            (item.clip.track_id, item.clip.index) for item in done.dataset.clips
        }
        assert compute_missing(done.dataset, [spec], jobs=1).n_clips == 0
    assert chunk_files().items() >= before.items()
    assert {len(v) for (name, *_), v in cached().items() if name == spec.key} == {256 * 256}


def test_the_same_seed_gives_the_same_bytes_whatever_the_jobs(library: Path, tmp_path: Path) -> None:
    contents = []
    for jobs, seed, name in ((1, 7, "a"), (2, 7, "b"), (1, 8, "c")):
        run(library, jobs=jobs, seed=seed, dataset=name)
        contents.append(chunk_files(name))
    assert contents[0] == contents[1]
    assert contents[0] != contents[2]
    moved = tmp_path / "elsewhere"
    shutil.copytree(library, moved)
    run(moved, seed=7, dataset="d")
    assert chunk_files("d") == contents[0]


# What is asked for


def test_clips_per_genre_fill_training_and_a_sixth_for_testing(library: Path) -> None:
    result = run(library, clips_per_genre=6)
    assert all(dict(count.clips) == {"train": 6, "test": 1} for count in result.genres.values())
    result = run(library, clips_per_genre=6000)
    assert sum(sum(count.clips.values()) for count in result.genres.values()) == 12 * 2


def test_fewer_clips_than_asked_are_counted(library: Path) -> None:
    assert run(library, clips_per_song=9).n_fewer_clips == 12


def test_another_split_on_the_same_dataset_is_an_error(library: Path) -> None:
    run(library)
    for option, value in {"split_by": "artist", "seed": 5, "test_share": 0.5, "clip_s": 4.0}.items():
        with pytest.raises(DatasetError, match="was made with --") as caught:
            run(library, **{option: value})
        assert "--dataset" in caught.value.hint
    assert run(library, split_by="artist", dataset="other").n_untagged == 12


def test_a_split_by_clip_has_songs_on_both_sides(library: Path) -> None:
    result = run(library, split_by="clip", test_share=0.4)
    assert set(sides().values()) == {"both"}
    for count in result.genres.values():
        assert sum(count.clips.values()) == 12
        assert count.clips["test"] == 5
    assert run(library).n_new_clips == 0


def test_a_genre_of_one_artist_is_said_to_be_one(tmp_path: Path) -> None:
    library = tmp_path / "l"
    for number in range(15):
        song = write_song(library / "abc"[number % 3] / f"{number}.flac", 4, sr=8000, seed=number)
        file = mutagen.File(song)
        file["artist"] = "one" if number % 3 == 2 else f"artist {number}"
        file.save()
    result = run(library, split_by="artist")
    why = "is all of one artist, so that it can't stand in training and in test"
    assert dict(result.left_out) == {"c": why}


def test_artists_stay_together(tmp_path: Path) -> None:
    library = tmp_path / "l"
    for number in range(24):
        song = write_song(library / "ab"[number % 2] / f"{number}.flac", 4, sr=8000, seed=number)
        file = mutagen.File(song)
        file["artist"] = f"artist {number // 5}"
        file.save()
    result = run(library, split_by="artist")
    assert (result.n_shared_artists, result.n_untagged) == (0, 0)
    artists: dict[str, set[str]] = defaultdict(set)
    with opened_dataset() as dataset:
        for track, found in dataset.tracks.items():
            artists[found[0].tags.artist].add(dataset.songs[track].side)
    assert all(len(found) == 1 for found in artists.values())
    assert run(library, dataset="by-song").n_shared_artists > 0


def test_genres_by_tag(tmp_path: Path) -> None:
    library = tmp_path / "l"
    for number in range(12):
        song = write_song(library / f"artist {number}" / "album" / "a.flac", 4, sr=8000, seed=number)
        file = mutagen.File(song)
        if number:
            file["genre"] = ["Rock; Pop", "JAZZ"][number % 2]
        file.save()
    with pytest.raises(LibraryError, match="the 12 folders in") as caught:
        run(library)
    assert "--label-from tag" in caught.value.hint
    result = run(library, label_from="tag")
    assert {genre: sum(count.songs.values()) for genre, count in result.genres.items()} == {
        "rock": 5,
        "jazz": 6,
    }
    assert reasons(result) == {"album/a.flac": "has no genre in its tags"}
    assert result.n_failed == 0


def test_chosen_genres_alone_are_read(library: Path) -> None:
    write_song(library / "third" / "a.wav", 12, sr=8000)
    result = run(library, genres=("LOW", "high"))
    assert sorted(result.genres) == ["high", "low"]
    with opened() as catalog:
        assert not any("third" in str(path) for path in catalog.known_files())
    with pytest.raises(UsageError, match="there are: high, low, third") as caught:
        run(library, genres=("lo",))
    assert "'low'" in caught.value.hint


def test_too_many_or_too_small_genres_are_refused_unless_insisted_on(library: Path) -> None:
    for number in range(40):
        shutil.copytree(library / "low", library / f"copy {number}")
    with pytest.raises(LibraryError, match=r"the 42 folders in .* look like artists"):
        run(library)
    for path in library.glob("copy*"):
        shutil.rmtree(path)
    for path in library.glob("*/[3-5].wav"):
        path.unlink()
    with pytest.raises(LibraryError, match="most hold 3 songs or fewer"):
        run(library)
    assert sorted(run(library, insist=True).genres) == ["high", "low"]


def test_folders_of_artists_are_answered_with_whole_commands(library: Path) -> None:
    for path in library.glob("*/[3-5].wav"):
        path.unlink()
    music = library.rename(library.with_name("my music"))
    given = {"dataset": "own", "split_by": "artist", "exclude": ("demo tapes/",), "seed": 7}
    with pytest.raises(LibraryError) as caught:
        run(music, **given, label_from=None, clip_s=10.0)
    command = f"groove ingest '{music}' --dataset own --split-by artist --seed 7 --clip-seconds 10.0"
    command += " --exclude 'demo tapes/'"
    ways = re.findall("`(.*?)`", caught.value.hint)
    assert ways == [f"{command} --label-from tag", f"{command} --genres A,B", f"{command} --yes"]
    with pytest.raises(LibraryError) as caught:
        run(music, depth=2, clip_s=None)
    command = f"groove ingest '{music}'"
    ways = re.findall("`(.*?)`", caught.value.hint)
    assert ways == [
        f"{command} --depth 1",
        f"{command} --depth 2 --genres A,B",
        f"{command} --depth 2 --yes",
    ]


@pytest.mark.parametrize(
    "options",
    [
        {"test_share": 0.0},
        {"test_share": 1.0},
        {"clip_s": 1.0},
        {"features": ("mel-999",)},
        {"dataset": "../up"},
        {"features": ("mel-323", "spec-256")},  # needs ten seconds
    ],
)
def test_senseless_options_are_refused_before_anything_is_made(
    library: Path, options: dict[str, Any]
) -> None:
    with pytest.raises(UsageError):
        run(library, **options)
    assert not (Home.default().path / "datasets").exists()


# What can be wrong with a library


def test_a_library_that_is_missing_or_empty(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="does not exist"):
        run(tmp_path / "none")
    (tmp_path / "empty").mkdir()
    with pytest.raises(LibraryError, match="no music in"):
        run(tmp_path / "empty")


def test_a_genre_of_one_song_is_left_out(library: Path) -> None:
    write_song(library / "lonely" / "a.wav", 12, sr=8000, seed=77)
    result = run(library)
    assert sorted(result.genres) == ["high", "low"]
    assert result.left_out["lonely"] == "has 1 song of the 2 that it needs to stand in training and in test"
    assert result.n_failed == 1
    write_song(library / "lonely" / "b.wav", 12, sr=8000, seed=78)
    assert sorted(run(library).genres) == ["high", "lonely", "low"]


def test_one_genre_is_too_few(library: Path) -> None:
    shutil.rmtree(library / "high")
    with pytest.raises(LibraryError, match="only one genre is left: low"):
        run(library)
    with opened() as catalog:
        assert Tables(catalog, "default").settings() is None


def test_what_cannot_be_a_song_is_listed(library: Path) -> None:
    low = library / "low"
    (low / "empty.mp3").touch()
    (low / "text.flac").write_text("text\n" * 99)
    write_song(low / "short.wav", 2.6, sr=8000)
    write_song(low / "nearly.wav", 2.8, sr=8000)
    write_song(library / "loose.wav", 12, sr=8000)
    shutil.copy(low / "0.wav", low / "0 copy.wav")
    shutil.copy(low / "1.wav", library / "high" / "1 again.wav")
    sf.write(low / "silent.wav", np.zeros(96_000, np.float32), 8000)
    result = run(library)
    why = reasons(result)
    assert why["low/empty.mp3"] == "is empty (0 bytes)"
    assert why["low/text.flac"].startswith("cannot be decoded")
    assert why["low/short.wav"] == "is too short: 2.6 s for clips of 3 s"
    assert why["library/loose.wav"] == "is in no genre folder"
    assert why["low/0.wav"] == f"is a duplicate of {low / '0 copy.wav'}"
    other = library / "high" / "1 again.wav"
    assert why["low/1.wav"] == f"is a duplicate of a song in high: {other}; both are left out"
    assert why["high/1 again.wav"] == f"is a duplicate of a song in low: {low / '1.wav'}; both are left out"
    assert why["low/silent.wav"] == "is silent (2 of 2 clips)"
    assert (len(why), result.n_padded, dict(result.left_out)) == (8, 1, {})
    assert result.n_failed == 3  # silence is none
    assert sum(result.genres["low"].songs.values()) == 6  # 0 and 2 to 5, and the padded one
    assert run(library).skipped == result.skipped
    assert run(library).n_new_clips == 0


def test_a_nearly_long_enough_song_is_repeated_to_fill_its_clip(library: Path) -> None:
    write_song(library / "low" / "nearly.wav", 27.5, sr=8000)
    for number in range(5):
        for genre in ("low", "high"):
            write_song(library / genre / f"long {number}.wav", 31, sr=8000, seed=number, hz=len(genre) * 99)
    result = run(library, clip_s=30.0)
    assert result.n_padded == 1
    assert sum(why.startswith("is too short: 12.0 s") for why in reasons(result).values()) == 12


def test_a_genre_whose_songs_cannot_be_decoded_is_left_out(library: Path) -> None:
    for number in range(6):
        silence = np.zeros(96_000 + number, np.float32)
        (library / "mute").mkdir(exist_ok=True)
        sf.write(library / "mute" / f"{number}.wav", silence, 8000)
    result = run(library)
    assert "no usable song" in result.left_out["mute"]
    assert dict(result.genres["mute"].songs) == {"train": 0, "test": 0}


@pytest.mark.parametrize("seed", range(8))
def test_a_genre_is_not_lost_with_the_only_song_of_a_side(library: Path, seed: int) -> None:
    """Two of seven songs turn out to be silent after they were drawn, at times all there are to test."""
    for number in range(7):
        write_song(library / "third" / f"{number}.wav", 4, sr=8000, seed=40 + number, hz=990)
    for number in (0, 1):
        sf.write(library / "third" / f"{number}.wav", np.zeros(32_000 + number, np.float32), 8000)
    result = run(library, seed=seed)
    assert result.left_out == {}
    assert sum(result.genres["third"].songs.values()) == 5
    assert min(result.genres["third"].songs.values()) >= 1
    before, files = sides(), cached()
    assert run(library).n_new_clips == 0
    assert (sides(), cached()) == (before, files)


def test_a_side_that_stays_without_a_song_is_filled_by_the_next(library: Path) -> None:
    run(library)
    third = library / "third"
    write_song(third / "good.wav", 4, sr=8000, seed=41)
    sf.write(third / "silent.wav", np.zeros(32_000, np.float32), 8000)
    assert "third" in run(library, insist=True).left_out
    write_song(third / "another.wav", 4, sr=8000, seed=42)
    result = run(library, insist=True)
    assert result.left_out == {}
    assert dict(result.genres["third"].songs) == {"train": 1, "test": 1}


def test_songs_that_are_shorter_than_they_say_are_listed(library: Path) -> None:
    for number in range(3):
        whole = write_song(library / "low" / f"cut {number}.mp3", 60, sr=8000, seed=900 + number)
        whole.write_bytes(whole.read_bytes()[: whole.stat().st_size // 10])
    result = run(library, clips_per_song=12)
    cut = {name: why for name, why in reasons(result).items() if "cut" in name}
    assert len(cut) == 3
    assert all("ends early: after 6 s" in why and "of 12 clips" in why for why in cut.values())


def test_odd_genre_names(library: Path) -> None:
    names = ("[red]Rock[live]", "Ünïcode: no", "-dash", os.fsdecode(b"caf\xe9"))
    for place, odd in enumerate(names):
        (library / f"song {place}").mkdir()
        for number in range(6):
            write_song(
                library / f"song {place}" / f"{number}.wav", 12, sr=8000, seed=10 * place + 200 + number
            )
        (library / f"song {place}").rename(library / odd)
    result = run(library)
    assert sorted(result.genres) == ["-dash", "[red]Rock[live]", "caf?", "high", "low", "Ünïcode: no"]
    assert result.n_failed == 0


# What can go wrong on the way


def test_a_file_that_is_gone_meanwhile_is_tried_again(
    library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when a disk is unplugged between the scan and the cut."""
    away = library.parent / "away.wav"

    def unplug(*args: Any, **options: Any) -> Computed:
        shutil.move(library / "low" / "2.wav", away)
        return compute_missing(*args, **options)

    with monkeypatch.context() as patched:
        patched.setattr(ingest, "compute_missing", unplug)
        result = run(library)
    assert reasons(result) == {"low/2.wav": "cannot be read: No such file or directory (2 of 2 clips)"}
    shutil.move(away, library / "low" / "2.wav")
    again = run(library)
    assert (again.n_new_clips, again.skipped) == (2, ())


def test_chunks_that_someone_deleted_are_made_again(library: Path) -> None:
    run(library, clips_per_song=1)
    run(library, clips_per_song=2)
    before = cached()
    for path in list(chunk_files())[::2]:
        (Home.default().dataset("default") / path).unlink()
    assert run(library).n_new_clips > 0
    assert cached() == before
    shutil.rmtree(Home.default().dataset("default"))
    assert run(library).n_new_clips == 24
    assert cached() == before


def complete(library: Path) -> dict[tuple[str, str, int], bytes]:
    run(library, dataset="whole")
    return cached("whole")


def test_a_full_disk_midway_loses_nothing(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, calls = os.fsync, 0

    def full(descriptor: int) -> None:
        nonlocal calls
        calls += 1
        if calls > 2:
            raise OSError(28, "No space left on device")
        real(descriptor)

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(StorageError, match="No space left"):
            run(library)
    assert len(chunk_files()) == 2
    assert not list(Home.default().path.rglob("*.tmp"))
    assert 0 < run(library).n_new_clips < 24
    assert cached() == complete(library)


class StopAfter(Monitor):
    """A user who presses Ctrl-C after some steps of a stage."""

    def __init__(self, stage: str, n: int) -> None:
        self.stage, self.n, self.seen = stage, n, 0

    def progress(self, stage: str, done: int, total: int) -> None:  # noqa: ARG002
        self.seen = max(self.seen, done if stage == self.stage else 0)

    @property
    def stopped(self) -> bool:
        return self.seen >= self.n


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_was_cut_when_the_user_stopped_is_kept(library: Path, jobs: int, one_by_one: None) -> None:
    result = run(library, jobs=jobs, monitor=StopAfter("cut", 5))
    assert result.n_new_clips == len(cached())
    assert result.n_new_clips >= 10  # workers are ahead
    assert result.left_out == {}
    assert run(library, jobs=jobs).n_new_clips == 24 - result.n_new_clips
    assert cached() == complete(library)


@pytest.mark.parametrize("n_rows", [1, 2, 3, 1000])
def test_where_a_run_was_stopped_makes_no_difference_to_chunk_files(
    library: Path, monkeypatch: pytest.MonkeyPatch, n_rows: int
) -> None:
    """Also at the border between two chunk files: here each has few rows."""
    monkeypatch.setattr(cache, "MAX_BYTES", n_rows * 323 * 323 + 1000)
    run(library, dataset="whole")
    for n_songs in (1, 2, 4, 1, 3):
        run(library, jobs=1, monitor=StopAfter("cut", n_songs))
    run(library)
    assert chunk_files() == chunk_files("whole")


def test_what_a_crash_left_in_a_chunk_file_is_written_again(
    library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(library, dataset="whole")
    run(library, jobs=1, monitor=StopAfter("cut", 2))
    with monkeypatch.context() as patched:
        patched.setattr(Tables, "add_chunk", crash)
        with pytest.raises(ZeroDivisionError):
            run(library)
    run(library)
    assert chunk_files() == chunk_files("whole")


def crash(*_: object) -> None:
    raise ZeroDivisionError


def test_what_was_scanned_when_the_user_stopped_is_remembered(library: Path, one_by_one: None) -> None:
    with pytest.raises(Interrupted):
        run(library, monitor=StopAfter("scan", 3))
    with opened() as catalog:
        assert len(catalog.known_files()) == 3
        assert Tables(catalog, "default").settings() is None
    assert sum(sum(count.songs.values()) for count in run(library).genres.values()) == 12


class Interrupting(Monitor):
    """Press Ctrl-C twice after some songs are cut."""

    def progress(self, stage: str, done: int, total: int) -> None:  # noqa: ARG002
        if stage == "cut" and done == 8:
            raise KeyboardInterrupt


def test_a_second_interrupt_keeps_what_is_finished(library: Path, one_by_one: None) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(library, monitor=Interrupting())
    assert len(cached()) == 14
    assert run(library).n_new_clips == 10
    assert cached() == complete(library)


PROGRAM = """
import sys, time
from pathlib import Path
from groovecli.actions import ingest
from groovecli.actions.context import Context
from groovecli.datasets import cache
from groovecli.datasets.intake import IngestRequest
real = cache.write_chunk
def slowly(*args):
    real(*args)
    print("wrote", flush=True)
    time.sleep(0.2)
cache.write_chunk = slowly
with Context(jobs=1) as context:
    ingest.run(IngestRequest(Path(sys.argv[1]), clip_s=3.0), context)
"""


def start(library: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", PROGRAM, str(library)], stdout=subprocess.PIPE)


@pytest.mark.parametrize("n_written", [1, 3])
def test_a_killed_process_loses_nothing(library: Path, n_written: int) -> None:
    """Killed between a chunk and its entry in the catalogue."""
    with start(library) as process:
        assert process.stdout is not None
        for _ in range(n_written):
            assert process.stdout.readline() == b"wrote\n"
        process.send_signal(signal.SIGKILL)
    (Home.default().dataset("default") / ".groove-left.tmp").touch()
    run(library)
    assert cached() == complete(library)
    assert not list(Home.default().path.rglob("*.tmp"))


def test_two_at_once_do_not_spoil_each_others_chunks(library: Path) -> None:
    with start(library) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"wrote\n"
        with pytest.raises(DatasetError, match="another groove command is working"):
            run(library)
        process.stdout.read()
    assert process.returncode == 0
    assert run(library).n_new_clips == 0
    assert cached() == complete(library)
