"""Genres added to a model that remembers its songs: nothing is forgotten but what the new one takes."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
import torch

from groovecli.actions.add_genre.teach import Taught, memory_of, teach
from groovecli.actions.classify import classify
from groovecli.datasets.tables import Song, Tables
from groovecli.errors import DatasetError, Interrupted, LibraryError, ModelError
from groovecli.library.scan import scan
from groovecli.models.file import StoredModel
from groovecli.models.loaded import load_model
from groovecli.models.shelf import shipped_model
from groovecli.training.record import training_songs
from tests.conftest import melody, write_song
from tests.small import Stopper, World, world


def write_genre(folder: Path, hz: float, n_songs: int = 6) -> Path:
    for song in range(n_songs):
        write_song(folder / f"{song}.wav", 12, sr=8000, hz=hz * (1 + song / 50), seed=song)
    return folder


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("growth"), n_songs=6) as made:
        made.ingest(clip_s=10.0)
        yield made


@pytest.fixture(scope="module")
def base(small: World) -> StoredModel:
    result = small.train(network="transfer", name="base", hyper={})
    return StoredModel(result.path, result.description)


def grown(small: World, base: StoredModel, genre: str, hz: float, name: str, **options: object) -> Taught:
    songs = write_genre(small.root / genre, hz)
    return teach(base, genre, songs, small.home.models / name, small.context(), **options)


def test_the_new_genre_is_known_and_the_old_ones_still_are(small: World, base: StoredModel) -> None:
    taught = grown(small, base, "bass", 60.0, "with-bass")
    assert taught.description.genres == ("high", "low", "bass")
    assert (taught.n_old, taught.n_new) == (len(memory_of(base) or ()), 6)
    assert taught.forgetting <= 0.02
    model = load_model(StoredModel(taught.path, taught.description), torch.device("cpu"))
    songs = [small.root / "bass" / "0.wav", *sorted(small.library.glob("*/*.wav"))[::4]]
    found = classify(model, songs, n_clips=1, jobs=1).results
    assert all(song.genre == song.path.parent.name for song in found)


def test_it_remembers_old_and_new_songs_and_has_heard_them(small: World, base: StoredModel) -> None:
    taught = grown(small, base, "bass", 60.0, "again")
    memory = memory_of(StoredModel(taught.path, taught.description))
    assert memory is not None and set(memory.genres) == {"high", "low", "bass"}
    assert len(training_songs(taught.path)) == len(training_songs(base.path)) + 6


def test_one_after_another_ends_like_all_at_once(small: World, base: StoredModel) -> None:
    one = grown(small, base, "bass", 60.0, "first")
    both = grown(small, StoredModel(one.path, one.description), "air", 3500.0, "second")
    other = grown(small, base, "air", 3500.0, "third")
    swapped = grown(small, StoredModel(other.path, other.description), "bass", 60.0, "fourth")
    assert both.after == pytest.approx(swapped.after, abs=0.2)
    heads = [load_model(StoredModel(t.path, t.description), torch.device("cpu")) for t in (both, swapped)]
    songs = sorted(small.library.glob("*/*.wav"))[::3]
    said = [{s.path: s.probabilities for s in classify(m, songs, n_clips=1, jobs=1).results} for m in heads]
    for path, shares in said[0].items():
        assert shares == pytest.approx(said[1][path], abs=0.35)
        assert max(shares, key=shares.__getitem__) == max(said[1][path], key=said[1][path].__getitem__)


def test_the_model_it_grew_from_stays(small: World, base: StoredModel) -> None:
    before = {path: path.read_bytes() for path in base.path.parent.iterdir()}
    grown(small, base, "bass", 60.0, "beside")
    assert {path: path.read_bytes() for path in base.path.parent.iterdir()} == before


def test_a_genre_that_takes_too_much_is_refused_unless_forced(small: World, base: StoredModel) -> None:
    """Nearly the same songs under another name: half of them are then named so."""
    into = small.home.models / "twin"
    songs = small.root / "twin"
    songs.mkdir()
    for song in (small.library / "high").glob("*.wav"):
        y, sr = sf.read(song)
        sf.write(songs / song.name, 0.99 * y, sr)
    with pytest.raises(ModelError, match="max-forgetting"):
        teach(base, "twin", songs, into, small.context(), max_forgetting=-0.01)
    assert not into.exists()
    taught = teach(base, "twin", songs, into, small.context(), max_forgetting=None)
    assert taught.path.exists()


def test_songs_of_another_genre_are_not_learnt_again(small: World, base: StoredModel) -> None:
    """Else the model would name them by the new genre, whatever they are in the dataset."""
    songs = small.library / "high"
    with pytest.raises(DatasetError, match=r"has 0 songs to learn 'twin'.*duplicate of a song in high"):
        teach(base, "twin", songs, small.home.models / "double", small.context(), max_forgetting=None)
    mixed = write_genre(small.root / "mixed", 3100.0)
    shutil.copy(next(songs.glob("*.wav")), mixed / "from high.wav")
    taught = teach(base, "mixed", mixed, small.home.models / "mixed", small.context(), max_forgetting=None)
    assert [item.path.name for item in taught.left_out] == ["from high.wav"]
    assert taught.failed == () and taught.n_new == len(list(mixed.glob("*.wav"))) - 1


def test_a_dataset_may_spell_the_genre_in_another_case(small: World, base: StoredModel) -> None:
    songs = write_genre(small.root / "Hum", 130.0)
    tracks = scan(sorted(songs.glob("*.wav")), jobs=1).tracks
    tables = Tables(small.catalog, "other case")
    tables.add_songs([Song(track.id, "HUM", "train") for track in tracks], [])
    try:
        taught = teach(base, "hum", songs, small.home.models / "hum", small.context(), max_forgetting=None)
    finally:
        tables.forget_songs([track.id for track in tracks])
    assert taught.left_out == () and taught.n_new == len(tracks)


def test_a_genre_that_is_known_is_refused(small: World, base: StoredModel) -> None:
    with pytest.raises(DatasetError, match="has the genre 'high' already"):
        teach(base, "high", small.library, small.root / "x", small.context())


def test_three_songs_are_too_few(small: World, base: StoredModel) -> None:
    folder = write_genre(small.root / "three", 90.0, n_songs=3)
    with pytest.raises(DatasetError, match="has 3 songs"):
        teach(base, "three", folder, small.root / "x", small.context())


def test_stopped_midway_it_writes_nothing(small: World, base: StoredModel) -> None:
    songs, into = write_genre(small.root / "stopped", 90.0), small.home.models / "stopped"
    with pytest.raises(Interrupted):
        teach(base, "stopped", songs, into, small.context(monitor=Stopper("embed", 5)))
    assert not into.exists()


def test_a_folder_without_music_is_said_to_be_one(small: World, base: StoredModel) -> None:
    (small.root / "empty").mkdir(exist_ok=True)
    with pytest.raises(LibraryError):
        teach(base, "empty", small.root / "empty", small.root / "x", small.context())


def test_a_file_that_is_no_music_is_listed(small: World, base: StoredModel) -> None:
    songs = write_genre(small.root / "with-bad", 70.0)
    (songs / "bad.wav").write_text("no music")
    taught = teach(base, "odd", songs, small.home.models / "odd", small.context())
    assert [rejected.path.name for rejected in taught.failed] == ["bad.wav"]


def test_a_model_without_memory_says_what_to_do(small: World, tmp_path: Path) -> None:
    result = small.train(network="time-cnn", name="forgetful", hyper={"epochs": 1, "batch_size": 4})
    stored = StoredModel(result.path, result.description)
    assert memory_of(stored) is None
    with pytest.raises(ModelError, match="keeps no songs"):
        teach(stored, "bass", write_genre(tmp_path / "bass", 60.0), tmp_path / "x", small.context())


def test_the_shipped_model_can_be_taught(small: World, tmp_path: Path) -> None:
    import soundfile as sf

    songs = tmp_path / "chip"
    songs.mkdir()
    for number in range(5):
        sf.write(songs / f"{number}.wav", melody(12, seed=number), 22050)
    taught = teach(shipped_model("groove-net"), "chip", songs, tmp_path / "more", small.context())
    assert taught.description.genres[-1] == "chip" and len(taught.description.genres) == 11
    assert np.isfinite([taught.before, taught.after]).all()
    assert taught.forgetting <= 0.02
