"""GTZAN's folders and split files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from groovecli.errors import DatasetError, LibraryError, UsageError
from groovecli.library.sources import gtzan
from groovecli.library.sources.gtzan import GENRES
from groovecli.library.sources.listing import SourceListing
from tests.conftest import write_song

SONGS = (0, 1, 2)


def write_gtzan(folder: Path, *, numbers: Sequence[int] = SONGS, ending: str = ".wav") -> Path:
    for genre in GENRES:
        for number in numbers:
            write_song(folder / genre / f"{genre}.{number:05d}{ending}", 1, sr=8000, seed=number)
    return folder


def write_split(folder: Path, ending: str = ".wav", **numbers: int) -> list[Path]:
    """A split file for each side, with one song of each genre, as Kereliuk et al.'s."""
    files = []
    for side, number in numbers.items():
        files.append(folder / f"{side}_filtered.txt")
        files[-1].write_text("".join(f"{g}/{g}.{number:05d}{ending}\n" for g in GENRES))
    return files


def reasons(listing: SourceListing) -> dict[str, str]:
    return {item.path.name: item.text for item in listing.rejected}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_gtzan(tmp_path_factory.mktemp("gtzan"))


@pytest.mark.parametrize("place", [".", "genres", "genres_original", "Data/genres_original"])
def test_the_genre_folders_are_found(tmp_path: Path, place: str) -> None:
    folder = write_gtzan(tmp_path / place, numbers=(7,))
    found = gtzan.listing(tmp_path)
    assert found.genres == {folder / genre / f"{genre}.00007.wav": genre for genre in GENRES}
    assert (found.sides, found.rejected) == ({}, ())


def test_paths_are_absolute(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root.parent)
    assert gtzan.listing(Path(root.name)) == gtzan.listing(root / ".." / root.name) == gtzan.listing(root)


def test_other_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="does not hold GTZAN's genre folders") as caught:
        gtzan.listing(tmp_path)
    assert "blues/blues.00000.wav" in caught.value.hint
    for genre in GENRES[:8]:
        (tmp_path / "genres" / genre).mkdir(parents=True)
    with pytest.raises(LibraryError, match="genres lacks the folders reggae, rock"):
        gtzan.listing(tmp_path)
    for genre in GENRES[8:]:
        (tmp_path / "genres" / genre).mkdir()
    with pytest.raises(LibraryError, match="hold no songs"):
        gtzan.listing(tmp_path)


def test_what_is_no_song_of_gtzan_is_rejected(tmp_path: Path) -> None:
    write_gtzan(tmp_path, numbers=(0,))
    write_song(tmp_path / "blues" / "blues.00000.au", 1, sr=8000)
    write_song(tmp_path / "blues" / "rock.00001.wav", 1, sr=8000)
    (tmp_path / "blues" / "._blues.00000.wav").write_bytes(b"what macOS leaves")
    (tmp_path / "rock" / "notes.txt").write_text("no music")
    found = gtzan.listing(tmp_path)
    assert reasons(found) == {
        "blues.00000.wav": "is a duplicate of blues.00000.au",
        "rock.00001.wav": "is not a song of GTZAN",
    }
    assert sorted(found.genres.values()) == sorted(GENRES)


def test_the_corrupt_song_is_used_where_it_is_whole(tmp_path: Path) -> None:
    write_gtzan(tmp_path, numbers=(53, 54))
    assert len(gtzan.listing(tmp_path).genres) == 20
    (tmp_path / "jazz" / "jazz.00054.wav").write_bytes(b"\0" * 5000)
    found = gtzan.listing(tmp_path)
    assert len(found.genres) == 19
    assert reasons(found) == {"jazz.00054.wav": "is known to be corrupt in GTZAN"}


def test_split_files_give_sides_whatever_the_ending(root: Path, tmp_path: Path) -> None:
    found = gtzan.listing(root, write_split(tmp_path, ".au", train=0, valid=1, test=2))
    assert found.rejected == ()
    assert found.sides == {
        root / genre / f"{genre}.{number:05d}.wav": side
        for genre in GENRES
        for number, side in enumerate(("train", "validation", "test"))
    }
    assert set(found.genres) == set(found.sides)


def test_songs_outside_the_split_are_rejected(root: Path, tmp_path: Path) -> None:
    found = gtzan.listing(root, write_split(tmp_path, train=0, test=2))
    assert set(found.sides.values()) == {"train", "test"}
    assert reasons(found) == {f"{g}.00001.wav": "is not in the split files" for g in GENRES}
    assert set(found.genres) == set(found.sides)


def test_names_without_folder_or_ending_comments_and_numbers_name_songs(root: Path, tmp_path: Path) -> None:
    """Kereliuk et al. published numbers: 1 is blues.00000, 1000 rock.00099."""
    (tmp_path / "training.txt").write_text("\ufeff# a comment\n\nblues.00000\n jazz\\jazz.00001.WAV \r\n")
    (tmp_path / "dev-1.txt").write_text("           2\n         903\n")
    (tmp_path / "GTZAN_TEST.lst").write_text("/data/gtzan/pop/pop.00002.mp3")
    found = gtzan.listing(root, [tmp_path / n for n in ("training.txt", "dev-1.txt", "GTZAN_TEST.lst")])
    assert {path.stem: side for path, side in found.sides.items()} == {
        "blues.00000": "train",
        "jazz.00001": "train",
        "blues.00001": "validation",
        "rock.00002": "validation",
        "pop.00002": "test",
    }


@pytest.mark.parametrize(("name", "comma"), [("split.csv", ","), ("split.tsv", "\t")])
def test_one_table_can_hold_all_sides(root: Path, tmp_path: Path, name: str, comma: str) -> None:
    file = tmp_path / name
    rows = [("Fold", "Split", '"Path"'), ("1", "Train", '"pop/pop.00000.au"'), ("1", "val", "pop.00001")]
    rows += [("2", "testing", "rock/rock.00000.wav")]
    file.write_text("\n".join(comma.join(row) for row in rows) + "\n\n")
    found = gtzan.listing(root, [file])
    assert {path.stem: side for path, side in found.sides.items()} == {
        "pop.00000": "train",
        "pop.00001": "validation",
        "rock.00000": "test",
    }
    assert set(reasons(found).values()) == {"is not in the split file"}


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("file,genre\na.wav,pop\n", "lacks a column 'side' in its first line"),
        ("song,split\na.wav,train\n", "lacks a column 'path'"),
        ("path,side\npop.00000.wav,fold1\n", "line 2 has no song with a side: 'pop.00000.wav,fold1'"),
        ("path,side\n\npop.00000.wav\n", "line 3 has no song"),
        ("path,side\n", "names no song"),
        ("", "lacks a column 'path'"),
    ],
)
def test_tables_that_are_no_splits(root: Path, tmp_path: Path, text: str, match: str) -> None:
    (tmp_path / "split.csv").write_text(text)
    with pytest.raises(DatasetError, match=match):
        gtzan.listing(root, [tmp_path / "split.csv"])


def test_songs_of_the_split_that_are_not_there_are_said(root: Path, tmp_path: Path) -> None:
    files = write_split(tmp_path, train=0, test=2)
    files[0].write_text(files[0].read_text() + "jazz/jazz.00054.wav\n55\n" + "9" * 5000)
    found = gtzan.listing(root, files)
    missing = [item for item in found.rejected if "named" in item.text]
    assert [(item.path, item.text) for item in missing] == [
        (root / "jazz" / "jazz.00054.wav", "is named in train_filtered.txt but is not there"),
        (root / "blues" / "blues.00054.wav", "is named in train_filtered.txt but is not there"),
        (root / ("9" * 5000) / f"{'9' * 5000}.wav", "is named in train_filtered.txt but is not there"),
    ]


def test_the_corrupt_song_in_a_split_is_said_once(tmp_path: Path) -> None:
    write_gtzan(tmp_path, numbers=(54, 55))
    (tmp_path / "jazz" / "jazz.00054.wav").write_bytes(b"\0" * 5000)
    found = gtzan.listing(tmp_path, write_split(tmp_path, train=54, test=55))
    assert reasons(found) == {"jazz.00054.wav": "is known to be corrupt in GTZAN"}


def test_a_split_of_another_data_set_is_refused(root: Path, tmp_path: Path) -> None:
    train, test = write_split(tmp_path, train=0, test=2)
    test.write_text(test.read_text() + "".join(f"000/{n:06d}.mp3\n" for n in range(1001, 1012)))
    with pytest.raises(DatasetError, match=r"11 of the 21 songs in .*test_filtered.txt") as caught:
        gtzan.listing(root, [train, test])
    assert "'000/001001.mp3' in line 11" in caught.value.what


def test_a_song_is_on_one_side_only(root: Path, tmp_path: Path) -> None:
    train, test = write_split(tmp_path, train=0, test=2)
    train.write_text(train.read_text() * 2)  # named twice, but on one side
    assert gtzan.listing(root, [train, test]).sides
    test.write_text(test.read_text() + "pop.00000.au\n")
    with pytest.raises(
        DatasetError, match=r"test_filtered.txt, line 11 puts pop.00000.au in test"
    ) as caught:
        gtzan.listing(root, [train, test])
    assert f"{train}, line 8 puts it in train" in caught.value.what


@pytest.mark.parametrize("name", ["fold1.txt", "latest.txt", "train_test.txt"])
def test_the_name_of_a_split_file_tells_its_side(root: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("pop.00000\n")
    with pytest.raises(UsageError, match="does not tell which side") as caught:
        gtzan.listing(root, [tmp_path / name])
    assert "train.txt" in caught.value.hint


def test_training_and_testing_need_songs(root: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no song of the data set in test"):
        gtzan.listing(root, write_split(tmp_path, train=0, valid=1))


def test_split_files_that_cannot_be_read(root: Path, tmp_path: Path) -> None:
    (tmp_path / "test.txt").write_bytes(b"\xff\xfe\x00p")
    with pytest.raises(DatasetError, match="not text in UTF-8"):
        gtzan.listing(root, [tmp_path / "test.txt"])
    with pytest.raises(DatasetError, match="No such file"):
        gtzan.listing(root, [tmp_path / "train.txt"])
    (tmp_path / "train.txt").write_text("# nothing\n")
    with pytest.raises(DatasetError, match="names no song"):
        gtzan.listing(root, [tmp_path / "train.txt"])
