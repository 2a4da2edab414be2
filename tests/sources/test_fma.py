"""FMA's folders and its table of three header lines."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

import pytest

from groovecli.errors import DatasetError, LibraryError, UsageError
from groovecli.library.sources import fma
from groovecli.library.sources.listing import SourceListing

# The columns of the published tracks.csv, in their order.
ALBUM = (
    "comments date_created date_released engineer favorites id information listens producer tags title"
    " tracks type"
)
ARTIST = (
    "active_year_begin active_year_end associated_labels bio comments date_created favorites id latitude"
    " location longitude members name related_projects tags website wikipedia_page"
)
TRACK = (
    "bit_rate comments composer date_created date_recorded duration favorites genre_top genres genres_all"
    " information interest language_code license listens lyricist number publisher tags title"
)
COLUMNS = [
    (top, name)
    for top, names in (("album", ALBUM), ("artist", ARTIST), ("set", "split subset"), ("track", TRACK))
    for name in names.split()
]
BIO = '<p>Born in "Köln",\nplays\r\n\nsaxophone, and more</p>'

# Song: split, subset, genre.
ROWS = {
    2: ("training", "small", "Hip-Hop"),
    5: ("validation", "small", "Rock"),
    140: ("test", "small", "Rock"),
    1000: ("training", "medium", "Old-Time / Historic"),
    1001: ("test", "medium", ""),
    155320: ("training", "large", "Rock"),
}
SMALL = {2: "Hip-Hop", 5: "Rock", 140: "Rock"}


def write_tracks(file: Path, rows: Mapping[int, tuple[str, str, str]] = ROWS, *, bio: str = BIO) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8", newline="") as text:
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["", *(top for top, _ in COLUMNS)])
        writer.writerow(["", *(name for _, name in COLUMNS)])
        writer.writerow(["track_id", *("" for _ in COLUMNS)])
        for song, (split, subset, genre) in rows.items():
            cells = {("set", "split"): split, ("set", "subset"): subset, ("track", "genre_top"): genre}
            cells[("artist", "bio")] = bio
            writer.writerow([song, *(cells.get(column, "0") for column in COLUMNS)])
    return file


def write_songs(folder: Path, *songs: int) -> Path:
    for song in songs:
        path = place(folder, song)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"nothing opens it here")
    return folder


def place(folder: Path, song: int) -> Path:
    return folder / f"{song // 1000:03d}" / f"{song:06d}.mp3"


def reasons(listing: SourceListing) -> dict[str, str]:
    return {item.path.name: item.text for item in listing.rejected}


@pytest.fixture
def small(tmp_path: Path) -> Path:
    write_tracks(tmp_path / "fma_metadata" / "tracks.csv")
    return write_songs(tmp_path / "fma_small", *SMALL)


def test_the_header_is_the_published_one() -> None:
    assert len(COLUMNS) == 52
    assert [len(names.split()) for names in (ALBUM, ARTIST, TRACK)] == [13, 17, 20]


def test_the_small_set_has_its_genres_and_official_sides(small: Path) -> None:
    found = fma.listing(small)
    assert found.genres == {place(small, song): genre for song, genre in SMALL.items()}
    assert found.sides == {
        place(small, 2): "train",
        place(small, 5): "validation",
        place(small, 140): "test",
    }
    assert found.rejected == ()


def test_the_medium_set_holds_the_small_one(tmp_path: Path) -> None:
    write_tracks(tmp_path / "fma_metadata" / "tracks.csv")
    medium = write_songs(tmp_path / "fma_medium", *SMALL, 1000, 1001)
    found = fma.listing(medium)
    assert found.genres[place(medium, 1000)] == "Old-Time / Historic"
    assert len(found.genres) == len(found.sides) == 4
    assert reasons(found) == {"001001.mp3": "has no top genre in tracks.csv"}


@pytest.mark.parametrize(
    "table",
    ["tracks.csv", "fma_metadata/tracks.csv", "fma_small/tracks.csv", "fma_small/fma_metadata/tracks.csv"],
)
@pytest.mark.parametrize("root", [".", "fma_small"])
def test_the_table_is_found_in_and_beside_the_songs(tmp_path: Path, table: str, root: str) -> None:
    write_tracks(tmp_path / table)
    folder = write_songs(tmp_path / "fma_small", *SMALL)
    assert set(fma.listing(tmp_path / root).genres) == {place(folder, song) for song in SMALL}


def test_a_folder_of_another_name_has_what_is_there(tmp_path: Path) -> None:
    write_tracks(tmp_path / "tracks.csv")
    folder = write_songs(tmp_path / "some", 2, 155320, 777)
    found = fma.listing(folder)
    assert set(found.genres) == {place(folder, 2), place(folder, 155320)}
    assert reasons(found) == {"000777.mp3": "is not in tracks.csv"}


def test_missing_songs_of_the_set_are_said(small: Path) -> None:
    place(small, 5).unlink()
    write_songs(small, 1000)
    found = fma.listing(small)
    assert set(found.genres) == set(found.sides) == {place(small, 2), place(small, 140)}
    assert {item.path: item.text for item in found.rejected} == {
        place(small, 5): "is named in tracks.csv but is not there",
        place(small, 1000): "is in tracks.csv, but in the medium set",
    }


def test_folders_without_songs_are_refused(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="does not exist"):
        fma.listing(tmp_path / "fma_small")
    (tmp_path / "fma_small").mkdir()
    with pytest.raises(LibraryError, match=r"no tracks.csv in or beside .*fma_small") as caught:
        fma.listing(tmp_path)
    assert "fma_metadata.zip" in caught.value.hint
    write_tracks(tmp_path / "tracks.csv")
    with pytest.raises(LibraryError, match=r"holds no song .* tracks.csv"):
        fma.listing(tmp_path)
    (tmp_path / "fma_medium").mkdir()
    with pytest.raises(LibraryError, match="holds fma_small and fma_medium"):
        fma.listing(tmp_path)


def test_a_biography_may_be_long_and_the_limit_is_as_it_was(small: Path) -> None:
    limit = csv.field_size_limit()
    write_tracks(small / "tracks.csv", bio=BIO * 9000)
    assert len(fma.listing(small).genres) == 3
    assert csv.field_size_limit() == limit


def broken(text: str, how: str) -> bytes:
    """A table that someone mended, cut or saved in another way."""
    lines = text.split("\n")
    return {
        "one header line": "\n".join(["track_id,split,subset,genre_top", *lines[3:]]).encode(),
        "two header lines": "\n".join([*lines[:2], *lines[3:]]).encode(),
        "no genre_top": text.replace("genre_top", "genre").encode(),
        "another comma": text.replace(",", ";").encode(),
        "latin-1": text.encode("latin-1"),
        "utf-16": text.encode("utf-16"),
        "empty": b"",
        "cut": text[: text.index("saxophone")].encode(),
        "other split": text.replace("validation,small", "holdout,small").encode(),
        "other subset": text.replace("test,small", "test,tiny").encode(),
        "no number": text.replace("\n140,", "\nx140,").encode(),
    }[how]


@pytest.mark.parametrize(
    ("how", "match"),
    [
        ("one header line", "do not name set/split, set/subset, track/genre_top"),
        ("two header lines", "do not name track_id"),
        ("no genre_top", "do not name track/genre_top"),
        ("another comma", "do not name set/split"),
        ("latin-1", "not CSV in UTF-8"),
        ("utf-16", "not CSV in UTF-8"),
        ("empty", "do not name set/split"),
        ("cut", r"song 1 \('2,"),
        ("other split", r"song 2 \('5,"),
        ("other subset", r"song 3 \('140,"),
        ("no number", r"song 3 \('x140,"),
    ],
)
def test_tables_that_are_not_as_published(small: Path, how: str, match: str) -> None:
    file = write_tracks(small / "tracks.csv")
    file.write_bytes(broken(file.read_text("utf-8"), how))
    with pytest.raises(DatasetError, match=match) as caught:
        fma.listing(small)
    assert str(file) in caught.value.what
    assert "track/genre_top" in caught.value.hint


def test_a_table_that_cannot_be_read(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(DatasetError, match=r"tracks.csv: Permission denied"):
        fma.listing(small)


def test_split_files_take_the_official_split_s_place(small: Path, tmp_path: Path) -> None:
    train, test = tmp_path / "train.txt", tmp_path / "test.txt"
    train.write_text("000/000140.mp3\n")
    test.write_text("2\n")
    found = fma.listing(small, [train, test])
    assert found.sides == {place(small, 140): "train", place(small, 2): "test"}
    assert set(found.genres) == set(found.sides)
    assert reasons(found) == {"000005.mp3": "is not in the split files"}
    with pytest.raises(UsageError, match="no song of the data set in test"):
        fma.listing(small, [train])
    test.write_text("2\n9999\n")
    missing = fma.listing(small, [train, test]).rejected[-1]
    assert (missing.path, missing.text) == (place(small, 9999), "is named in test.txt but is not there")
