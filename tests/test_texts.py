"""The lyrics of a dataset's songs, and the word vectors learnt from them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from groovecli.audio.lyrics import read_lyrics
from groovecli.datasets.cache import compute_missing
from groovecli.datasets.examples import examples
from groovecli.datasets.lyrics import WIDTH, bags, word_vectors
from groovecli.datasets.windows import WindowDataset
from groovecli.errors import DatasetError
from groovecli.features.lyrics import LyricsSpec
from groovecli.features.word_vectors import stored
from tests.small import World, add_lyrics, world


@pytest.fixture
def sung(tmp_path: Path) -> Iterator[World]:
    """Songs with lyrics in text files beside them, each with a word of its own."""
    with world(tmp_path, n_songs=5) as made:
        add_lyrics(made.library)
        for song in made.library.rglob("*.txt"):
            song.write_text(f"{song.read_text()}only{song.parent.name}{song.stem}\n")
        made.ingest()
        yield made


def songs(sung: World, side: str) -> dict[str, Path]:
    """The files of a side's songs by track id."""
    dataset = sung.dataset()
    found = (song.track_id for song in dataset.songs.values() if song.side == side)
    return {track_id: dataset.tracks[track_id][0].path for track_id in found}


def words(found: list) -> set[str]:
    return {word for bag in found for word in bag}


def test_bags_are_those_of_one_sides_files(sung: World) -> None:
    for side, n in (("train", 8), ("test", 2)):
        found = bags(sung.dataset(), side, jobs=1)
        wanted = [read_lyrics(path) for path in songs(sung, side).values()]
        assert len(found) == n
        assert sorted(map(sorted, found)) == sorted(map(sorted, wanted))


def test_songs_without_lyrics_have_no_bag(sung: World) -> None:
    first, *_ = songs(sung, "train").values()
    first.with_suffix(".txt").unlink()
    assert len(bags(sung.dataset(), "train", jobs=1)) == 7
    first.with_suffix(".txt").write_text(" \n")
    assert len(bags(sung.dataset(), "train", jobs=1)) == 7


def test_the_catalogues_lyrics_go_before_the_files(sung: World) -> None:
    (first, path), *_ = songs(sung, "train").items()
    sung.catalog.add_lyrics({first: {"catalogued": 3}})
    found = bags(sung.dataset(), "train", jobs=1)
    assert {"catalogued": 3} in found and len(found) == 8
    assert read_lyrics(path) not in found


def test_numbers_are_made_of_the_catalogues_lyrics_else_of_the_files(sung: World) -> None:
    (catalogued, _), (speechless, _), (read, path), *_ = songs(sung, "train").items()
    sung.catalog.add_lyrics({catalogued: {"sun": 3, "dark": 1}, speechless: {}})
    vectors = word_vectors(sung.dataset(), None, jobs=1)
    spec = LyricsSpec(name="lyrics", kind="lyrics", width=WIDTH, vectors=vectors.id)
    dataset = compute_missing(sung.dataset(), (spec,), jobs=1).dataset
    clips = examples(dataset, (spec,), "train")
    data = WindowDataset(dataset.folder, clips, (spec,), ())
    found = {clip.track_id: data.stored(number, 0) for number, clip in enumerate(clips)}
    assert len(found) == len(clips) == 8
    assert np.array_equal(found[catalogued], vectors.mean({"sun": 3, "dark": 1}))
    assert np.array_equal(found[read], vectors.mean(read_lyrics(path))) and found[read].any()
    assert not found[speechless].any()


def test_a_song_that_the_catalogue_says_has_no_words_is_not_read(sung: World) -> None:
    (first, path), *_ = songs(sung, "train").items()
    sung.catalog.add_lyrics({first: {}})
    found = bags(sung.dataset(), "train", jobs=1)
    assert len(found) == 7 and read_lyrics(path) not in found


def test_vectors_are_learnt_from_training_songs_alone(sung: World) -> None:
    before = word_vectors(sung.dataset(), None, jobs=1)
    for path in songs(sung, "test").values():
        path.with_suffix(".txt").write_text("spoiler spoiler dark sun\nspoiler")
    after = word_vectors(sung.dataset(), None, jobs=1)
    assert after.id == before.id and "spoiler" not in after.words
    for path in songs(sung, "train").values():
        path.with_suffix(".txt").write_text("spoiler dark sun")
    assert set(word_vectors(sung.dataset(), None, jobs=1).words) == {"spoiler", "dark", "sun"}


def test_vectors_are_found_again_by_their_id(sung: World) -> None:
    learnt = word_vectors(sung.dataset(), None, jobs=1)
    assert learnt.width == WIDTH and {"dark", "night", "sun"} <= set(learnt.words)
    again = stored(sung.home.vectors, learnt.id)
    assert again.words == learnt.words and np.array_equal(again.vectors, learnt.vectors)


def test_words_that_songs_share_lie_together(sung: World) -> None:
    found = word_vectors(sung.dataset(), None, jobs=1)
    dark, night, sun = (found.vectors[found.words.index(word)] for word in ("dark", "night", "sun"))
    assert dark @ night > 0.9 > dark @ sun


def test_any_number_of_jobs_learns_the_same(sung: World) -> None:
    ids = {word_vectors(sung.dataset(), None, jobs=jobs).id for jobs in (1, 2)}
    assert len(ids) == 1


def test_vectors_of_a_file_need_no_lyrics(sung: World, tmp_path: Path) -> None:
    for song in sung.library.rglob("*.txt"):
        song.unlink()
    assert word_vectors(sung.dataset(), None, jobs=1).words == ()
    (tmp_path / "v.txt").write_text("2 3\nNight 1 0 0\nsun 0 2 0\n")
    found = word_vectors(sung.dataset(), tmp_path / "v.txt")
    assert found.words == ("night", "sun") and found.width == 3
    assert stored(sung.home.vectors, found.id).words == found.words
    (tmp_path / "v.txt").write_text("no vectors at all")
    with pytest.raises(DatasetError, match=r"v\.txt"):
        word_vectors(sung.dataset(), tmp_path / "v.txt")


def test_where_clips_are_split_every_song_counts(tmp_path: Path) -> None:
    with world(tmp_path, n_songs=3) as leaky:
        add_lyrics(leaky.library)
        leaky.ingest(split_by="clip", insist=True)
        assert len(bags(leaky.dataset(), "train", jobs=1)) == 6
