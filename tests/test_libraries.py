"""Published data sets through ingest: their genres, their official splits, their lyrics."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from groovecli.actions import ingest, train
from groovecli.actions.context import Context
from groovecli.actions.ingest import IngestResult
from groovecli.datasets.dataset import Dataset, open_dataset
from groovecli.datasets.intake import IngestRequest
from groovecli.errors import DatasetError, UsageError
from groovecli.home import Home
from groovecli.library.sources.gtzan import GENRES
from groovecli.training.request import TrainRequest
from tests.conftest import write_song
from tests.million import write_msd
from tests.sources.test_fma import write_tracks
from tests.sources.test_gtzan import write_split


@pytest.fixture
def context(home: Path) -> Iterator[Context]:
    with Context(Home(home), jobs=1, device="cpu") as made:
        yield made


def ingested(context: Context, library: Path, **options: Any) -> IngestResult:
    return ingest.run(IngestRequest(library, **options), context)


def dataset_of(context: Context) -> Dataset:
    return open_dataset(context.catalog, context.home, "default")


def sides(context: Context) -> dict[str, set[str]]:
    """Names of the songs on each side."""
    dataset, found = dataset_of(context), dict[str, set[str]]()
    for song in dataset.songs.values():
        found.setdefault(song.side, set()).add(dataset.tracks[song.track_id][0].path.stem)
    return found


@pytest.fixture(scope="module")
def gtzan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three songs of each genre, one of them corrupt as it is in the published archive."""
    folder = tmp_path_factory.mktemp("gtzan")
    for number, genre in enumerate(GENRES):
        for song in range(3):
            path = folder / "genres" / genre / f"{genre}.{song:05d}.wav"
            write_song(path, 3, sr=8000, hz=200 + 97 * number, seed=10 * number + song)
    (folder / "genres" / "jazz" / "jazz.00054.wav").write_bytes(b"RIFF" + bytes(100))
    return folder


def test_gtzan_is_split_by_song_and_names_its_corrupt_file(context: Context, gtzan: Path) -> None:
    result = ingested(context, gtzan, source="gtzan", clip_s=3.0, test_share=0.34)
    assert sorted(result.genres) == sorted(GENRES)
    assert result.settings.split_by == "song"
    assert all(sum(count.songs.values()) == 3 for count in result.genres.values())
    assert [(r.path.name, r.text) for r in result.skipped] == [
        ("jazz.00054.wav", "is known to be corrupt in GTZAN")
    ]
    assert result.n_failed == 1


def test_gtzans_filtered_split_is_kept_as_it_is(context: Context, gtzan: Path, tmp_path: Path) -> None:
    files = tuple(write_split(tmp_path, train=0, valid=1, test=2))
    result = ingested(context, gtzan, source="gtzan", clip_s=3.0, split_files=files)
    assert result.settings.split_by == "official"
    assert sides(context) == {
        side: {f"{genre}.{number:05d}" for genre in GENRES}
        for number, side in enumerate(("train", "validation", "test"))
    }
    assert result.genres["jazz"].songs == {"train": 1, "validation": 1, "test": 1}
    again = ingested(context, gtzan, source="gtzan", split_files=files)
    assert again.n_new_clips == 0 and again.genres == result.genres


def test_a_network_is_validated_by_the_official_songs(
    context: Context, gtzan: Path, tmp_path: Path
) -> None:
    files = tuple(write_split(tmp_path, train=0, valid=1, test=2))
    ingested(context, gtzan, source="gtzan", clip_s=3.0, split_files=files, genres=("jazz", "rock"))
    request = TrainRequest(hyper={"epochs": 1, "batch_size": 2})
    trained = train.run(request, context).description
    assert trained.data["songs"] == {"train": 2, "validation": 2}
    assert trained.split_by == "official"


def test_fma_comes_with_its_own_split(context: Context, tmp_path: Path) -> None:
    split = ("training", "validation", "test")
    rows = {n: (split[n % 3], "small", ("Rock", "Hip-Hop")[n // 3 % 2]) for n in range(2, 20)}
    write_tracks(tmp_path / "fma_metadata" / "tracks.csv", rows)
    for number in rows:
        if number != 7:
            write_song(
                tmp_path / "fma_small" / "000" / f"{number:06d}.mp3", 4, hz=100.0 * number, seed=number
            )
    result = ingested(context, tmp_path, source="fma", clip_s=3.0)
    assert sorted(result.genres) == ["Hip-Hop", "Rock"]
    there = [number for number in rows if number != 7]
    assert sides(context) == {
        side: {f"{n:06d}" for n in there if n % 3 == number}
        for number, side in enumerate(("train", "validation", "test"))
    }
    assert [r.text for r in result.skipped] == ["is named in tracks.csv but is not there"]


LETTERS = "ABCDEFGHIJKLMNOPQRST"


@pytest.fixture
def msd(tmp_path: Path) -> Path:
    """Twenty songs without sound, of two genres."""
    folder = tmp_path / "msd"
    names = [f"TRAAA{letter}A128F421{n:04X}" for n, letter in enumerate(LETTERS)]
    for n, name in enumerate(names):
        write_msd(folder, name, artist_name=f"artist {n}".encode())
    lines = [f"{name}\t{('Rock', 'Jazz')[n % 2]}\n" for n, name in enumerate(names)]
    (tmp_path / "msd_tagtraum_cd2.cls").write_text("# genres\n" + "".join(lines))
    return folder


def write_words(folder: Path, msd: Path) -> Path:
    """Lyrics for all songs but one."""
    names = sorted(path.stem for path in msd.rglob("*.h5"))[1:]
    lines = [f"{name},{n},{1 + n % 2}:3,3:1" for n, name in enumerate(names)]
    file = folder / "mxm_dataset_train.txt"
    file.write_text("# bags\n%love,guitar,the\n" + "\n".join(lines) + "\n")
    return file


def test_the_million_song_dataset_needs_no_sound(context: Context, msd: Path, tmp_path: Path) -> None:
    words = write_words(tmp_path, msd)
    result = ingested(context, msd, source="msd", musixmatch=(words,), split_by="artist", test_share=0.3)
    assert sum(sum(count.songs.values()) for count in result.genres.values()) == 20
    assert (result.lyrics.n_songs, result.lyrics.n_new, result.lyrics.n_gone) == (19, 19, 0)
    request = TrainRequest("dense", hyper={"epochs": 1, "batch_size": 4, "resample": None, "min_songs": 1})
    trained = train.run(request, context)
    assert trained.n_without_lyrics in (0, 1)
    assert not trained.description.hears_sound
    assert trained.description.genres == ("Jazz", "Rock")


def test_networks_that_need_sound_say_so(context: Context, msd: Path) -> None:
    ingested(context, msd, source="msd")
    with pytest.raises(DatasetError, match="no sound") as caught:
        train.run(TrainRequest("time-cnn"), context)
    assert "seq-cnn" in caught.value.hint
    assert all(clip.problem is None for clip in dataset_of(context).clips)


def test_a_dataset_stays_with_its_source(context: Context, gtzan: Path, msd: Path) -> None:
    ingested(context, gtzan, source="gtzan", clip_s=3.0, test_share=0.34)
    with pytest.raises(DatasetError, match="--source gtzan"):
        ingested(context, msd, source="msd")


@pytest.mark.parametrize(
    ("source", "options"),
    [
        (None, {"split_files": (Path("x.txt"),)}),
        (None, {"tagtraum": Path("x.cls")}),
        ("gtzan", {"musixmatch": (Path("x.txt"),)}),
        ("msd", {"split_files": (Path("x.txt"),)}),
    ],
)
def test_files_without_use_are_refused(
    context: Context, library: Path, source: Any, options: dict[str, Any]
) -> None:
    with pytest.raises(UsageError, match="is only for"):
        ingested(context, library, source=source, **options)


def test_lyrics_are_no_feature_to_ingest(context: Context, library: Path) -> None:
    with pytest.raises(UsageError, match="lyrics"):
        ingested(context, library, features=("lyrics",))
