"""The lyrics of a dataset's songs, and the word vectors learnt from them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from groovecli.audio.lyrics import read_lyrics
from groovecli.datasets.cache import compute_missing
from groovecli.datasets.examples import examples
from groovecli.datasets.lyrics import LyricsFound, give_lyrics, update_lyrics, words_of
from groovecli.datasets.windows import WindowDataset
from groovecli.datasets.word_vectors import WIDTH, bags, word_vectors
from groovecli.errors import DatasetError, Interrupted
from groovecli.features.lyrics import LyricsSpec
from groovecli.features.word_vectors import stored
from tests.small import Stopper, World, add_lyrics, world


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
        wanted = [read_lyrics(path).words for path in songs(sung, side).values()]
        assert len(found) == n
        assert sorted(map(sorted, found)) == sorted(map(sorted, wanted))


def test_songs_without_lyrics_have_no_bag(sung: World) -> None:
    first, *_ = songs(sung, "train").values()
    first.with_suffix(".txt").unlink()
    assert len(bags(sung.dataset(), "train", jobs=1)) == 7
    first.with_suffix(".txt").write_text(" \n")
    assert len(bags(sung.dataset(), "train", jobs=1)) == 7


def test_lyrics_that_came_with_a_data_set_stay_though_files_say_nothing(sung: World) -> None:
    (first, path), *_ = songs(sung, "train").items()
    found = give_lyrics(sung.dataset(), {first: {"given": 3}, "f" * 32: {"elsewhere": 1}})
    assert (found.n_songs, found.n_new, found.n_gone) == (10, 1, 0)
    assert words_of(sung.dataset(), [first]) == {first: {"given": 3}}
    assert read_lyrics(path).words != {"given": 3}


def lyrics_of(sung: World, side: str = "train") -> dict[str, np.ndarray]:
    """The vectors of one side's songs, by track id, by vectors that know three words."""
    (sung.root / "v.txt").write_text("3 3\ndark 1 0 0\nsun 0 2 0\nspoiler 0 0 3\n")
    vectors = word_vectors(sung.dataset(), sung.root / "v.txt")
    spec = LyricsSpec(name="lyrics", kind="lyrics", width=3, vectors=vectors.id)
    dataset = compute_missing(sung.dataset(), (spec,), jobs=1).dataset
    clips = examples(dataset, (spec,), side)
    data = WindowDataset(dataset.folder, clips, (spec,), ())
    return {clip.track_id: data.stored(number, 0) for number, clip in enumerate(clips)}


def test_numbers_follow_the_words_whenever_they_change(sung: World) -> None:
    (changed, path), (speechless, silent), (same, _), *_ = songs(sung, "train").items()
    before = lyrics_of(sung)
    path.with_suffix(".txt").write_text("spoiler spoiler sun sun")
    silent.with_suffix(".txt").unlink()
    after = lyrics_of(sung)
    assert before[changed].any() and before[speechless].any()
    assert after[changed].tolist() == [0, 1, 1.5]
    assert not after[speechless].any()
    assert np.array_equal(after[same], before[same])


def test_files_out_of_reach_keep_their_words(sung: World) -> None:
    before = lyrics_of(sung)
    sung.library.rename(sung.root / "elsewhere")
    found = update_lyrics(sung.dataset(), jobs=1)
    assert (found.n_songs, found.n_new, found.n_gone) == (10, 0, 0)
    assert {key: some.tolist() for key, some in lyrics_of(sung).items()} == {
        key: some.tolist() for key, some in before.items()
    }


def test_an_ingest_says_how_many_lyrics_are_new(sung: World) -> None:
    first, second, *_ = songs(sung, "train").values()
    assert sung.ingest().lyrics == LyricsFound(n_songs=10)
    first.with_suffix(".txt").unlink()
    second.with_suffix(".txt").write_text("another song")
    assert sung.ingest().lyrics == LyricsFound(n_songs=9, n_new=1, n_gone=1)
    first.with_suffix(".lrc").write_text("[00:01.00]back again")
    assert sung.ingest().lyrics == LyricsFound(n_songs=10, n_new=1)


def test_lyrics_are_a_datasets_own(sung: World) -> None:
    """The same sound in two libraries, with other words in each, or none."""
    for name, text in (("other", "quite other words"), ("speechless", None)):
        shutil.copytree(sung.library, sung.root / name)
        for path in (sung.root / name).rglob("*.txt"):
            path.unlink() if text is None else path.write_text(text)
        sung.ingest(library=sung.root / name, dataset=name)
    own, other, speechless = (
        words_of(sung.dataset(name), sung.dataset(name).songs)
        for name in ("default", "other", "speechless")
    )
    assert own.keys() == other.keys() and not speechless
    assert list(other.values()) == 10 * [{"quite": 1, "other": 1, "words": 1}]
    assert all("love" in bag for bag in own.values())


def test_of_copies_in_one_library_the_one_with_lyrics_is_read(sung: World) -> None:
    (first, path), *_ = songs(sung, "train").items()
    copy = path.with_name("a copy.wav")
    shutil.copy(path, copy)
    path.with_suffix(".txt").unlink()
    copy.with_suffix(".txt").write_text("only the copy")
    sung.ingest()
    assert words_of(sung.dataset(), [first]) == {first: {"only": 1, "the": 1, "copy": 1}}
    assert update_lyrics(sung.dataset(), jobs=1) == LyricsFound(n_songs=10)


def test_songs_of_an_older_groove_get_the_lyrics_of_their_files(sung: World) -> None:
    with sung.catalog.transaction() as db:
        db.execute("DELETE FROM words")
    assert update_lyrics(sung.dataset(), jobs=1) == LyricsFound(n_songs=10, n_new=10)
    assert update_lyrics(sung.dataset(), jobs=1) == LyricsFound(n_songs=10)


def test_songs_of_an_older_groove_that_are_out_of_reach_wait(sung: World) -> None:
    with sung.catalog.transaction() as db:
        db.execute("DELETE FROM words")
    sung.library.rename(sung.root / "elsewhere")
    assert update_lyrics(sung.dataset(), jobs=1) == LyricsFound()
    (sung.root / "elsewhere").rename(sung.library)
    assert update_lyrics(sung.dataset(), jobs=1) == LyricsFound(n_songs=10, n_new=10)


def test_songs_of_an_older_groove_get_those_of_their_own_library(sung: World) -> None:
    shutil.copytree(sung.library, sung.root / "a library before")
    for path in (sung.root / "a library before").rglob("*.txt"):
        path.write_text("other words")
    sung.ingest(library=sung.root / "a library before", dataset="other")
    with sung.catalog.transaction() as db:
        db.execute("DELETE FROM words")
    update_lyrics(sung.dataset(), jobs=1)
    update_lyrics(sung.dataset("other"), jobs=1)
    own, other = (words_of(sung.dataset(n), sung.dataset(n).songs).values() for n in ("default", "other"))
    assert all("love" in bag for bag in own)
    assert list(other) == 10 * [{"other": 1, "words": 1}]


@pytest.mark.usefixtures("one_by_one")
def test_a_stop_keeps_what_was_read(sung: World) -> None:
    with sung.catalog.transaction() as db:
        db.execute("DELETE FROM words")
    with pytest.raises(Interrupted, match="reading lyrics"):
        update_lyrics(sung.dataset(), jobs=1, monitor=Stopper("read lyrics", 4))
    assert len(words_of(sung.dataset(), sung.dataset().songs)) == 4
    assert update_lyrics(sung.dataset(), jobs=1) == LyricsFound(n_songs=10, n_new=6)


def test_songs_that_leave_take_their_lyrics_along(sung: World) -> None:
    (first, _), *_ = songs(sung, "train").items()
    sung.dataset().tables.forget_songs([first])
    assert words_of(sung.dataset(), [first]) == {}
    assert update_lyrics(sung.dataset(), jobs=1) == LyricsFound(n_songs=9)


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
