"""Which clips a training gets, and the bytes that it is given."""

from __future__ import annotations

import warnings
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from groovecli.audio.clips import Clip
from groovecli.audio.tags import Tags
from groovecli.datasets.chunks import read_chunk, write_chunk
from groovecli.datasets.dataset import Dataset, read_dataset
from groovecli.datasets.examples import Example, examples, held_out, part
from groovecli.datasets.tables import DatasetSettings, Place, SideClip, Song, Tables
from groovecli.datasets.windows import WindowDataset
from groovecli.errors import DatasetError, UsageError
from groovecli.features.lyrics import LyricsSpec
from groovecli.features.registry import FEATURES, extract, feature
from groovecli.features.spec import FeatureSpec, ImageSpec
from groovecli.home import Home
from groovecli.library.catalog import Catalog
from groovecli.library.tracks import FileState, Track
from groovecli.networks.inputs import to_inputs
from groovecli.reasons import Problem, Reason
from tests.conftest import tone
from tests.small import World, world

MEL = feature("mel-323", 3.0)
NOWHERE = (Place("nowhere", 0),)
SETTINGS = DatasetSettings("d", "song", 0.2, 0, 3.0, "folder", 3, None)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("small")) as made:
        made.ingest()
        yield made


# examples


def test_examples_are_the_usable_clips_of_a_side(small: World) -> None:
    dataset = small.dataset()
    songs = dataset.songs
    for side in ("train", "test"):
        found = examples(dataset, (MEL,), side)
        assert {clip.track_id for clip in found} == {s.track_id for s in songs.values() if s.side == side}
        assert all(clip.genre == songs[clip.track_id].genre for clip in found)
        assert [clip.key for clip in found] == sorted({clip.key for clip in found})
    assert examples(dataset, (feature("mel-323", 4.0),), "train") == []
    other = read_dataset(small.catalog, small.home, replace(dataset.settings, name="other"))
    assert examples(other, (MEL,), "train") == []


def test_a_clip_with_a_problem_is_no_example(small: World, tmp_path: Path) -> None:
    with world(tmp_path, n_songs=5) as other:
        other.ingest()
        dataset = other.dataset()
        before = examples(dataset, (MEL,), "train")
        bad = before[0]
        dataset.tables.mark_clips({Clip(bad.track_id, bad.index, 0.0): Problem(Reason.SILENT)})
        assert examples(dataset.reread(), (MEL,), "train") == before[1:]
    assert examples(small.dataset(), (MEL,), "train")


# part

lists_of_clips = st.lists(
    st.tuples(st.sampled_from("abc"), st.integers(0, 20), st.integers(0, 3)), unique_by=lambda x: x[1:]
).map(
    lambda rows: [
        Example(f"{song:032x}", index, genre, NOWHERE)
        for genre, song, index in sorted(rows, key=lambda row: row[1:])
    ]
)


@given(clips=lists_of_clips, n=st.integers(1, 7), seed=st.integers(0, 99))
def test_parts_are_disjoint_stratified_and_everything_together(
    clips: list[Example], n: int, seed: int
) -> None:
    parts = [part(clips, k, n, seed=seed) for k in range(1, n + 1)]
    assert sorted(c.key for p in parts for c in p) == sorted(c.key for c in clips)
    for genre in {clip.genre for clip in clips}:
        sizes = [sum(clip.genre == genre for clip in p) for p in parts]
        assert max(sizes) - min(sizes) <= 1


def test_a_part_follows_from_its_seed_and_not_from_the_chunk_files() -> None:
    clips = [Example(f"{n:032x}", 0, "ab"[n % 2], (Place("one", n),)) for n in range(40)]
    elsewhere = [replace(clip, places=(Place(f"chunk-{clip.track_id}", 0),)) for clip in clips]
    keys = {seed: [c.key for c in part(clips, 2, 5, seed=seed)] for seed in (0, 1)}
    assert [c.key for c in part(elsewhere, 2, 5, seed=0)] == keys[0]
    assert keys[0] != keys[1]
    assert keys[0] == sorted(keys[0])


@pytest.mark.parametrize(("k", "n"), [(0, 5), (6, 5), (1, 0), (-1, -1)])
def test_a_part_that_is_none_is_refused(k: int, n: int) -> None:
    with pytest.raises(UsageError, match=f"--part must be K/N .*, not {k}/{n}"):
        part([], k, n, seed=0)


# held_out


def dataset_of(artists: dict[str, str]) -> Dataset:
    """A dataset of which each track has the artist of its tag."""
    tracks = {
        t: [Track(t, Path("x"), FileState(1, 1), 30.0, Tags(artist=a, album=a))] for t, a in artists.items()
    }
    with Catalog(Path(":memory:")) as catalog:
        return Dataset(Home(Path("nowhere")), SETTINGS, {}, tracks, Tables(catalog, "d"))


songs_with_artists = st.lists(
    st.tuples(st.sampled_from("abcd"), st.sampled_from(["", "x", "y", "z", "u", "v"]), st.integers(1, 3)),
    min_size=1,
    max_size=24,
)


@settings(max_examples=150, deadline=None)
@given(
    songs=songs_with_artists,
    by=st.sampled_from(["song", "album", "artist", "clip"]),
    share=st.floats(0.02, 0.6),
    seed=st.integers(0, 9),
)
def test_held_out_groups_stand_on_one_side_and_no_genre_is_emptied(
    songs: list[tuple[str, str, int]], by: Any, share: float, seed: int
) -> None:
    artists = {f"{n:032x}": artist for n, (_, artist, _) in enumerate(songs)}
    clips = [
        Example(f"{n:032x}", i, genre, NOWHERE) for n, (genre, _, count) in enumerate(songs)
        for i in range(count)
    ]  # fmt: skip
    train, validation = held_out(dataset_of(artists), clips, by, share, seed=seed)
    assert sorted(c.key for c in train + validation) == sorted(c.key for c in clips)
    assert {clip.genre for clip in train} == {clip.genre for clip in clips}
    if by != "clip":
        assert not {c.track_id for c in train} & {c.track_id for c in validation}
    if by in ("album", "artist"):
        sides = [{artists[c.track_id] for c in side} - {""} for side in (train, validation)]
        assert not sides[0] & sides[1]


def test_an_artist_who_is_a_whole_genre_stays_in_training_with_all_songs() -> None:
    artists = {f"{n:032x}": "solo" for n in range(3)} | {f"{n:032x}": f"other {n}" for n in range(3, 9)}
    genres = ["alone", "common", "common"] + ["common"] * 6
    clips = [Example(track, 0, genre, NOWHERE) for track, genre in zip(artists, genres, strict=True)]
    for seed in range(30):
        _, validation = held_out(dataset_of(artists), clips, "artist", 0.6, seed=seed)
        assert validation
        assert not {"solo"} & {artists[clip.track_id] for clip in validation}


def test_held_out_is_about_its_share_of_each_genre_and_follows_the_seed() -> None:
    clips = [Example(f"{n:032x}", i, "ab"[n % 2], NOWHERE) for n in range(100) for i in range(3)]
    drawn = [held_out(dataset_of({}), clips, "song", 0.1, seed=seed)[1] for seed in (0, 0, 1)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert Counter(clip.genre for clip in drawn[0]) == {"a": 15, "b": 15}


def test_held_out_by_clip_may_take_clips_of_one_song() -> None:
    clips = [Example(f"{n:032x}", i, "ab"[n % 2], NOWHERE) for n in range(4) for i in range(10)]
    train, validation = held_out(dataset_of({}), clips, "clip", 0.2, seed=0)
    assert len(validation) == 8
    assert {c.track_id for c in train} & {c.track_id for c in validation}


# Clips with several features

PLAIN = LyricsSpec(name="lyrics", kind="lyrics", width=5)
TUNE = feature("chroma-timbre")


@given(
    computed=st.dictionaries(
        st.tuples(st.integers(0, 3), st.integers(0, 2)), st.sampled_from(["", "wave", "song", "both"])
    ),
    side=st.sampled_from(["train", "validation", "test", None]),
)
@settings(max_examples=60, deadline=None)
def test_an_example_has_a_place_for_each_feature(
    computed: dict[tuple[int, int], str], side: str | None
) -> None:
    """Each clip its own of a clip's feature, and that of its song's first clip of a song's."""
    sides = ("train", "train", "validation", "test")
    clips = [Clip(f"{song:032x}", index, 0.0) for song in range(4) for index in range(3)]
    wave = feature("wave-8k", 4.0)
    with Catalog(Path(":memory:")) as catalog:
        tables = Tables(catalog, "d")
        tables.add_songs(
            [Song(f"{n:032x}", "ab"[n % 2], name) for n, name in enumerate(sides)],
            [SideClip(clip, sides[int(clip.track_id, 16)]) for clip in clips],
        )
        for (song, index), what in computed.items():
            for spec, name in ((wave, "wave"), (TUNE, "song")):
                if what in (name, "both"):
                    chunk = f"{name}-{song}-{index}.pkl"
                    tables.add_chunk(spec.key, chunk, [Clip(f"{song:032x}", index, 0.0)])
        dataset = read_dataset(catalog, Home(Path("nowhere")), SETTINGS)
        found = examples(dataset, (wave, TUNE), side)
        songs = examples(dataset, (TUNE,), side)
    has = {
        name: {key for key, what in computed.items() if what in (name, "both")} for name in ("wave", "song")
    }
    wanted = {
        (song, index): (Place(f"wave-{song}-{index}.pkl", 0), Place(f"song-{song}-0.pkl", 0))
        for song, index in has["wave"]
        if (song, 0) in has["song"] and side in (None, sides[song])
    }
    assert {(int(clip.track_id, 16), clip.index): clip.places for clip in found} == wanted
    assert [(int(clip.track_id, 16), clip.index) for clip in songs] == sorted(
        (song, index) for song, index in has["song"] if index == 0 and side in (None, sides[song])
    )


# WindowDataset


def windows(small: World, genres: tuple[str, ...] = ("high", "low"), **changes: Any) -> WindowDataset:
    dataset = small.dataset()
    return WindowDataset(dataset.folder, examples(dataset, (MEL,), "train"), (MEL,), genres, **changes)


def test_items_are_the_cached_bytes_in_order(small: World) -> None:
    data = windows(small)
    assert len(data) == len(data.clips) > 10
    (codes,), labels = data.__getitems__(range(len(data)))
    assert codes.dtype == torch.uint8 and codes.shape == (len(data), 323, MEL.n_frames)
    for number, clip in enumerate(data.clips):
        (place,) = clip.places
        chunk = read_chunk(small.dataset().folder / place.chunk)
        assert chunk.tracks[place.row].decode() == clip.track_id
        assert chunk.indices[place.row] == clip.index
        assert (codes[number].numpy() == chunk.features[place.row, 0]).all()
    assert [("high", "low")[n] for n in labels] == [clip.genre for clip in data.clips]


def test_a_batch_equals_its_items(small: World) -> None:
    data, chosen = windows(small), [5, 0, 5, 3]
    (codes,), labels = data.__getitems__(chosen)
    for place, index in enumerate(chosen):
        (one,), label = data[index]
        assert torch.equal(one, codes[place]) and label == labels[place]


def test_labels_follow_the_given_order_and_strangers_are_minus_one(small: World) -> None:
    straight, turned, half = (
        windows(small, g).labels for g in (("high", "low"), ("low", "high"), ("low",))
    )
    assert (straight + turned == 1).all()
    assert set(half) == {-1, 0} and ((half == 0) == (straight == 1)).all()


def written(path: Path, features: list[np.ndarray], genre: str = "a") -> list[Example]:
    """Clips, one song each, whose feature lies in a chunk file."""
    clips = [Clip(f"{n:032x}", 0, 0.0) for n in range(len(features))]
    write_chunk(path, clips, features)
    return [Example(clip.track_id, 0, genre, (Place(path.name, n),)) for n, clip in enumerate(clips)]


def with_both(*sides: list[Example]) -> list[Example]:
    """Clips with the places of several lists' clips."""
    return [
        replace(clips[0], places=tuple(c.places[0] for c in clips)) for clips in zip(*sides, strict=True)
    ]


def test_a_clip_gives_its_windows_in_turn(tmp_path: Path) -> None:
    spec = feature("spec-256", 30.0)
    features = [np.full(spec.stored_shape, 10 * n, np.uint8) for n in range(2)]
    for array in features:
        array += np.arange(3, dtype=np.uint8)[:, None, None]
    data = WindowDataset(tmp_path, written(tmp_path / "c.pkl", features), (spec,), ("a",))
    assert len(data) == 6
    (codes,), labels = data.__getitems__(range(6))
    assert codes[:, 0, 0].tolist() == [0, 1, 2, 10, 11, 12]
    assert labels.tolist() == [0] * 6


def test_a_waves_windows_are_stretches_of_it(tmp_path: Path) -> None:
    spec = feature("wave-8k", 7.0)
    samples = [np.arange(spec.stored_shape[0], dtype=np.float32) + 100_000 * n for n in range(2)]
    data = WindowDataset(tmp_path, written(tmp_path / "c.pkl", samples), (spec,), ("a",))
    (found,), _ = data.__getitems__(range(len(data)))
    assert len(data) == 2 * spec.n_windows > 2
    assert found.dtype == torch.float32 and found.shape[1:] == spec.input_shape
    for number, window in enumerate(found):
        clip, place = divmod(number, spec.n_windows)
        first = 100_000 * clip + spec.first_sample(place)
        assert (window.numpy() == np.arange(first, first + len(window))).all()


def test_each_window_comes_with_what_is_of_the_whole_song(tmp_path: Path) -> None:
    """A feature of one window goes with every window of the other."""
    wave = feature("wave-8k", 7.0)
    waves = written(tmp_path / "wave.pkl", [np.full(wave.stored_shape, n, np.float32) for n in range(3)])
    words = written(tmp_path / "words.pkl", [np.full(5, 10 * n, np.float32) for n in range(3)])
    data = WindowDataset(tmp_path, with_both(waves, words), (wave, PLAIN), ("a",))
    (heard, read), _ = data.__getitems__(range(len(data)))
    assert len(heard) == len(read) == 3 * wave.n_windows
    assert read.shape[1:] == (5,)
    assert (heard[:, 0] * 10 == read[:, 0]).all() and set(read.flatten().tolist()) == {0, 10, 20}
    turned = WindowDataset(tmp_path, with_both(words, waves), (PLAIN, wave), ("a",))
    for a, b in zip(turned.__getitems__([4, 0])[0], data.__getitems__([4, 0])[0][::-1], strict=True):
        assert torch.equal(a, b)
    images = written(
        tmp_path / "image.pkl", [np.full(MEL.stored_shape, 10 * n, np.uint8) for n in range(3)]
    )
    seen = WindowDataset(tmp_path, with_both(waves, images), (wave, MEL), ("a",))
    (heard, looked), _ = seen.__getitems__(range(len(seen)))
    assert (heard[:, 0] * 10 == looked[:, 0, 0]).all() and looked.shape[1:] == (323, MEL.n_frames)


@given(chosen=st.lists(st.integers(0, 5), min_size=1, max_size=9), seed=st.integers(0, 9))
@settings(max_examples=20, deadline=None)
def test_only_the_chosen_windows_are_items(
    chosen: list[int], seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    spec = feature("spec-256", 30.0)
    folder = tmp_path_factory.mktemp("chunks")
    numbers = np.arange(6, dtype=np.uint8).reshape(2, 3, 1, 1)
    clips = written(folder / "c.pkl", list(np.broadcast_to(numbers, (2, *spec.stored_shape))))
    clips[1] = replace(clips[1], genre="b")
    some = WindowDataset(folder, clips, (spec,), ("a", "b"), np.array(chosen))
    assert len(some) == len(chosen)
    shuffled = np.random.default_rng(seed).permutation(len(some))
    (codes,), labels = some.__getitems__(shuffled)
    seen = [(int(x), int(y)) for x, y in zip(codes[:, 0, 0], labels, strict=True)]
    assert sorted(seen) == sorted((window, window // 3) for window in chosen)
    (codes,), labels = some.__getitems__(range(len(chosen)))
    assert codes[:, 0, 0].tolist() == chosen
    assert labels.tolist() == some.labels.tolist() == some.clip_numbers.tolist()


def test_batches_are_the_readers_own(small: World) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # torch warns of arrays that can't be written, such as maps
        (codes,), _ = windows(small)[0]
    codes.fill_(7)
    assert not torch.equal(windows(small)[0][0][0], codes)


def test_a_chunk_that_is_not_what_the_catalogue_says_is_refused(tmp_path: Path) -> None:
    mine, other = Clip("a" * 32, 0, 0.0), Clip("b" * 32, 0, 0.0)
    write_chunk(tmp_path / "shape.pkl", [mine], [np.zeros((1, 323, 9), np.uint8)])
    write_chunk(tmp_path / "type.pkl", [mine], [np.zeros(MEL.stored_shape, np.float32)])
    write_chunk(tmp_path / "song.pkl", [other], [np.zeros(MEL.stored_shape, np.uint8)])
    write_chunk(tmp_path / "short.pkl", [mine], [np.zeros(MEL.stored_shape, np.uint8)])
    (tmp_path / "text.pkl").write_text("no pickle")
    for name, row in (("shape", 0), ("type", 0), ("song", 0), ("short", 1), ("text", 0), ("gone", 0)):
        clip = Example(mine.track_id, 0, "a", (Place(f"{name}.pkl", row),))
        with pytest.raises(DatasetError, match=name) as caught:
            WindowDataset(tmp_path, [clip], (MEL,), ("a",))[0]
        assert "groove ingest" in caught.value.hint


def test_each_features_chunk_is_checked_against_its_own_spec(tmp_path: Path) -> None:
    words = written(tmp_path / "words.pkl", [np.zeros(5, np.float32)])
    clips = with_both(words, written(tmp_path / "wide.pkl", [np.zeros(6, np.float32)]))
    assert len(WindowDataset(tmp_path, words, (PLAIN,), ("a",))[0][0]) == 1
    with pytest.raises(DatasetError, match=r"wide\.pkl holds float32 features of shape \(6,\)"):
        WindowDataset(tmp_path, clips, (PLAIN, PLAIN), ("a",))[0]


# to_inputs

IMAGES = [spec for spec in FEATURES.values() if isinstance(spec, ImageSpec)]


def to_input(codes: torch.Tensor, spec: FeatureSpec) -> torch.Tensor:
    (x,) = to_inputs([codes], (spec,))
    return x


@pytest.mark.parametrize("spec", IMAGES, ids=lambda spec: spec.name)
@given(seed=st.integers(0, 999))
@settings(max_examples=15, deadline=None)
def test_inputs_are_the_decoded_values(spec: ImageSpec, seed: int) -> None:
    codes = np.random.default_rng(seed).integers(0, 256, (2, 8, 9), dtype=np.uint8)
    codes[0, 0, 0], codes[0, 0, 1] = 0, 255
    plain = replace(spec, scale="none")
    x = to_input(torch.from_numpy(codes.copy()), plain)
    assert x.shape == (2, 1, 8, 9) and x.dtype == torch.float32
    assert np.allclose(x[:, 0].numpy(), spec.decode(codes), atol=1e-4)
    assert x.min() == pytest.approx(spec.low) and x.max() == pytest.approx(spec.high)


@given(seed=st.integers(0, 999))
@settings(max_examples=15, deadline=None)
def test_moved_to_the_unit_range_low_is_0_and_high_is_1(seed: int) -> None:
    spec = FEATURES["mel-120"]
    assert isinstance(spec, ImageSpec) and spec.scale == "unit"
    codes = np.random.default_rng(seed).integers(0, 256, (2, 8, 9), dtype=np.uint8)
    codes[0, 0, 0], codes[0, 0, 1] = 0, 255
    x = to_input(torch.from_numpy(codes), spec)
    wanted = (spec.decode(codes) - spec.low) / (spec.high - spec.low)
    assert np.allclose(x[:, 0].numpy(), wanted, atol=1e-5)
    assert x.min() == 0 and x.max() == pytest.approx(1, abs=1e-6)


@given(seed=st.integers(0, 999), top=st.integers(1, 256))
@settings(max_examples=25, deadline=None)
def test_divided_by_its_mean_an_image_is_positive_of_mean_one(seed: int, top: int) -> None:
    codes = np.random.default_rng(seed).integers(0, top, (3, 16, 17), dtype=np.uint8)
    codes[0] = 0
    x = to_input(torch.from_numpy(codes), FEATURES["mel-323"])
    assert x.min() >= 0
    assert torch.allclose(x.mean(dim=(1, 2, 3)), torch.ones(3), atol=1e-4)


def test_what_is_no_image_stays_as_it_is() -> None:
    specs = (TUNE, PLAIN)
    stored = [torch.rand(2, *spec.stored_shape) for spec in specs]
    for x, before, spec in zip(to_inputs(stored, specs), stored, specs, strict=True):
        assert torch.equal(x, before) and x.shape[1:] == spec.input_shape


def test_inputs_keep_the_order_of_the_features() -> None:
    codes, vector = torch.full((1, 4, 4), 255, dtype=torch.uint8), torch.ones(1, 5)
    image, words = to_inputs([codes, vector], (IMAGES[0], PLAIN))
    assert image.shape == (1, 1, 4, 4) and torch.equal(words, vector)


def test_silence_gives_zeros_and_no_nan() -> None:
    silence = extract(np.zeros(MEL.n_clip_samples, np.float32), MEL)
    loud = extract(tone(3.0), MEL)
    x = to_input(torch.from_numpy(np.concatenate([silence, loud])), MEL)
    assert (x[0] == 0).all()
    assert torch.isfinite(x).all() and x[1].mean() == pytest.approx(1, abs=1e-4)


def test_a_cached_song_is_its_spectrogram(small: World) -> None:
    """From the file to the network's input: the tone's band is the loudest, so nearest to zero."""
    loudest = defaultdict(set)
    data = windows(small)
    for number in range(len(data)):
        (codes,), label = data[number]
        x = to_input(codes[None], MEL)[0, 0]
        loudest[int(label)].add(int(x.mean(dim=1).argmin()))
    assert max(loudest[1]) < min(loudest[0])  # low tones below high ones
