"""The Million Song Dataset's HDF5 files, laid out as its authors' PyTables did."""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groovecli.audio.tags import Tags
from groovecli.errors import AudioError, DatasetError, GrooveError, LibraryError, UsageError
from groovecli.library.sources import msd
from groovecli.library.sources.registry import source_without_sound
from groovecli.library.tracks import Rejected, Track
from groovecli.reasons import Reason
from tests.million import ANALYSIS, METADATA, SONG, write_msd, write_table

CLS = """\
# Please cite: Schreiber, Improving Genre Annotations for the Million Song Dataset (2015)
# trackId\tmajority-genre\t[minority-genre]
#
TRAAAAW128F429D538\tRap
TRAAABD128F429CF47\tRock\tMetal
TRAAADZ128F9348C2E\tNew Age
"""


def edited(path: Path, edit: Callable[[h5py.File], None]) -> Path:
    with h5py.File(path, "a") as file:
        edit(file)
    return path


def reason(path: Path) -> str:
    """Why a song is rejected: no path in it, and no second line."""
    found = msd.identify(path)
    assert isinstance(found, Rejected)
    assert found.path == path
    assert str(path) not in found.text
    assert "\n" not in found.text
    return found.text


@pytest.fixture
def song(tmp_path: Path) -> Path:
    return write_msd(tmp_path / "msd")


def test_a_song_is_known_by_its_track_id(song: Path) -> None:
    found = msd.identify(song)
    assert isinstance(found, Track)
    assert len(found.id) == 32
    assert int(found.id, 16)
    assert found.duration_s == 218.93179
    assert found.tags == Tags(artist="Cåsual", album="Fear Itself", title="I Didn't Mean To")
    assert (found.state.size, found.state.mtime_ns) == (song.stat().st_size, song.stat().st_mtime_ns)
    assert pickle.loads(pickle.dumps(msd.identify)) is msd.identify


def test_its_id_is_the_same_elsewhere_and_no_other_song_s(song: Path, tmp_path: Path) -> None:
    same = write_msd(tmp_path / "copy", n_segments=400)
    other = write_msd(tmp_path / "msd", "TRAAABD128F429CF47")
    ids = [found.id for path in (song, same, other) if isinstance(found := msd.identify(path), Track)]
    assert ids[0] == ids[1] != ids[2]


def test_paths_tell_songs_of_the_data_set(song: Path) -> None:
    assert source_without_sound(song) is msd.MSD
    assert source_without_sound(Path("a/TRABC.H5")) is msd.MSD
    assert source_without_sound(Path("h5.mp3")) is None
    assert msd.msd_id(song) == SONG


def test_tags_are_one_line_of_text_each(tmp_path: Path) -> None:
    path = write_msd(tmp_path, artist_name=b"  A\x01\nB\xff\xc2\x85C", title=b"", release=b"\x00")
    found = msd.identify(path)
    assert isinstance(found, Track)
    assert found.tags == Tags(artist="A B\ufffd C")


def test_segments_are_read_as_they_are(tmp_path: Path) -> None:
    pitches = np.tile(np.linspace(0, 1, 12), (305, 1))
    timbre = np.arange(305 * 12.0).reshape(305, 12) - 1000
    path = write_msd(tmp_path, arrays={"segments_pitches": pitches, "segments_timbre": timbre})
    read = msd.read_segments(path)
    assert [array.dtype for array in read] == [np.float32, np.float32]
    np.testing.assert_array_equal(read[0], pitches.astype(np.float32))
    np.testing.assert_array_equal(read[1], timbre)


@pytest.mark.parametrize(("n_segments", "used"), [(299, False), (300, True), (0, False)])
def test_songs_need_300_segments(tmp_path: Path, n_segments: int, used: bool) -> None:
    path = write_msd(tmp_path, n_segments=n_segments)
    assert [len(array) for array in msd.read_segments(path)] == [n_segments] * 2
    if used:
        assert isinstance(msd.identify(path), Track)
    else:
        assert reason(path) == "has fewer than 300 segments"


@pytest.mark.parametrize("name", ["segments_pitches", "segments_timbre"])
@pytest.mark.parametrize(
    ("array", "match"),
    [
        (np.full((310, 12), np.nan), "that are no numbers"),
        (np.full((310, 12), -np.inf), "that are no numbers"),
        (np.full((310, 12), 1e300), "that are no numbers"),
        (np.zeros((310, 11)), r"of the shape (310, 11), not of 12 columns"),
        (np.zeros(310), r"of the shape (310,), not of 12 columns"),
        (np.zeros((311, 12)), "segments of pitches, but"),
        (np.full((310, 12), b"loud"), "is no HDF5 file, or damaged: could not convert"),
    ],
)
def test_bad_segments_are_rejected(tmp_path: Path, name: str, array: np.ndarray, match: str) -> None:
    path = write_msd(tmp_path, arrays={name: array})
    assert match in reason(path)
    with pytest.raises(AudioError) as caught:
        msd.read_segments(path)
    assert match in caught.value.what
    assert str(path) in caught.value.what


def test_a_header_that_claims_billions_of_segments_is_not_believed(song: Path) -> None:
    def enlarge(file: h5py.File) -> None:
        file["analysis/segments_timbre"].resize(2**40, axis=0)

    assert "of the shape (1099511627776, 12)" in reason(edited(song, enlarge))


def as_group(file: h5py.File) -> None:
    del file["metadata/songs"]
    file.create_group("metadata/songs")


def as_type(file: h5py.File) -> None:
    del file["analysis/segments_pitches"]
    file["analysis/segments_pitches"] = np.dtype("f8")


def without(name: str) -> Callable[[h5py.File], None]:
    return lambda file: file.__delitem__(name)


def with_rows(group: str, n_rows: int) -> Callable[[h5py.File], None]:
    """The data set's summary file has all songs in one table, and no segments."""

    def edit(file: h5py.File) -> None:
        del file[f"{group}/songs"]
        columns = ANALYSIS if group == "analysis" else METADATA
        write_table(file, f"{group}/songs", columns, {}, n_rows=n_rows)

    return edit


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (without("analysis"), "/analysis/songs has no track_id, duration"),
        (without("metadata"), "/metadata/songs has no artist_name, title, release"),
        (without("analysis/segments_timbre"), "it has no /analysis/segments_timbre"),
        (as_group, "/metadata/songs has no artist_name, title, release"),
        (as_type, "it has no /analysis/segments_pitches"),
        (with_rows("analysis", 3), "/analysis/songs has the shape (3,)"),
        (with_rows("metadata", 0), "/metadata/songs has the shape (0,)"),
    ],
)
def test_other_hdf5_files_are_rejected(
    song: Path, edit: Callable[[h5py.File], None], expected: str
) -> None:
    assert expected in reason(edited(song, edit))


@pytest.mark.parametrize("duration", [np.nan, np.inf, 0.0, -3.0])
def test_a_song_has_a_duration(tmp_path: Path, duration: float) -> None:
    assert reason(write_msd(tmp_path, duration=duration)) == f"has a duration of {duration:g} s"


def test_a_song_under_another_s_name_is_rejected(tmp_path: Path) -> None:
    path = write_msd(tmp_path, track_id=b"TRAAABD128F429CF47")
    assert reason(path) == "holds song 'TRAAABD128F429CF47', which is not its name"


def test_what_is_no_hdf5_is_rejected(song: Path, tmp_path: Path) -> None:
    whole = song.read_bytes()
    for data, expected in (
        (whole[: len(whole) // 2], "truncated file"),
        (whole[:100], "is no HDF5 file, or damaged"),
        (b"text\n" * 99, "file signature not found"),
        (b"", "file signature not found"),
    ):
        song.write_bytes(data)
        assert expected in reason(song)
        with pytest.raises(AudioError, match=expected):
            msd.read_segments(song)
    os.mkfifo(tmp_path / "pipe.h5")
    assert reason(tmp_path / "pipe.h5") == "is no file"
    assert reason(tmp_path / "none.h5") == "cannot be read: No such file or directory"
    with pytest.raises(AudioError, match=r"none.h5 cannot be read: No such file"):
        msd.read_segments(tmp_path / "none.h5")


def test_a_file_that_may_not_be_read_is_tried_again(song: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Unable to synchronously open file (a line of addresses)")

    monkeypatch.setattr(h5py, "File", refuse)
    assert msd.identify(song) == Rejected(song, Reason.UNREADABLE, "Permission denied")


@settings(max_examples=200)
@given(st.integers(0, 2**32), st.integers(1, 6))
def test_damage_is_no_crash(seed: int, n_bytes: int) -> None:
    """Bytes of the headers change; whatever comes of it is a song or a reason."""
    path, whole = _damaged[0], _whole[0]
    rng = np.random.default_rng(seed)
    data = bytearray(whole)
    for place in rng.integers(0, min(len(data), 12_000), n_bytes):
        data[place] = rng.integers(256)
    path.write_bytes(data)
    assert isinstance(msd.identify(path), Track | Rejected)


_damaged: list[Path] = []
_whole: list[bytes] = []


@pytest.fixture(autouse=True, scope="module")
def _damage(tmp_path_factory: pytest.TempPathFactory) -> None:
    _damaged[:] = [write_msd(tmp_path_factory.mktemp("damage"))]
    _whole[:] = [_damaged[0].read_bytes()]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two labelled songs, one without label, and what macOS leaves; nothing opens them to list them."""
    folder = tmp_path / "MillionSongSubset"
    names = ("A/A/A/TRAAAAW128F429D538.h5", "A/A/A/TRAAABD128F429CF47.h5", "B/E/Q/TRBEQQQ12903CF7432.h5")
    for name in (*names, "A/A/A/._TRAAAAW128F429D538.h5", "AdditionalFiles/tracks.txt"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


@pytest.mark.parametrize(
    "place", ["msd_tagtraum_cd2c.cls", "MillionSongSubset/msd_tagtraum_cd1.cls", "my.cls"]
)
def test_songs_have_tagtraum_s_genres(root: Path, tmp_path: Path, place: str) -> None:
    (tmp_path / place).write_text(CLS)
    found = msd.listing(root, tmp_path / place if place == "my.cls" else None)
    assert found.genres == {
        root / "A/A/A/TRAAAAW128F429D538.h5": "Rap",
        root / "A/A/A/TRAAABD128F429CF47.h5": "Rock",  # the majority's
    }
    unlabelled = Rejected(root / "B/E/Q/TRBEQQQ12903CF7432.h5", Reason.NO_GENRE, Path(place).name)
    assert (found.sides, found.rejected) == ({}, (unlabelled,))


def test_paths_are_absolute(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "msd_tagtraum_cd2.cls").write_text(CLS)
    monkeypatch.chdir(tmp_path)
    assert msd.listing(Path(root.name)) == msd.listing(root)


def test_a_folder_that_cannot_be_listed_is_said(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "msd_tagtraum_cd2.cls").write_text(CLS)
    scandir = os.scandir

    def refused(path: str) -> object:
        if Path(path) == root / "B":
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refused)
    assert msd.listing(root).rejected == (Rejected(root / "B", Reason.NOT_LISTED, "Permission denied"),)


def test_which_genres_is_not_guessed(root: Path, tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match=r"no msd_tagtraum_\*.cls") as caught:
        msd.listing(root)
    assert "--tagtraum" in caught.value.hint
    for name in ("msd_tagtraum_cd1.cls", "msd_tagtraum_cd2.cls"):
        (tmp_path / name).write_text(CLS)
    with pytest.raises(UsageError, match=r"msd_tagtraum_cd1.cls and msd_tagtraum_cd2.cls") as caught:
        msd.listing(root)
    assert "--tagtraum" in caught.value.hint
    assert msd.listing(root, tmp_path / "msd_tagtraum_cd1.cls").genres


def test_folders_without_songs_or_genres_are_refused(root: Path, tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="none is not a folder"):
        msd.listing(tmp_path / "none")
    with pytest.raises(LibraryError, match=r"no .h5 files in .*AdditionalFiles"):
        msd.listing(root / "AdditionalFiles")
    (tmp_path / "a.cls").write_text("TRZZZZZ128F429D538\tRap\n")
    with pytest.raises(LibraryError, match=r"no song of the 3 in .* has a genre in .*a.cls"):
        msd.listing(root, tmp_path / "a.cls")


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (b"# x\nTRAAAAW128F429D538 Rap\n", r"a.cls, line 2 is not a track id, a tab and a genre:"),
        (b"SOMZWCG12A8C13C480\tRap\n", "line 1"),
        (b"TRAAAAW128F429D538\t \n", "line 1"),
        (b"PK\x03\x04\xff\xff", "not text in UTF-8"),
    ],
)
def test_files_that_are_not_tagtraum_s(root: Path, tmp_path: Path, data: bytes, match: str) -> None:
    (tmp_path / "a.cls").write_bytes(data)
    with pytest.raises(DatasetError, match=match) as caught:
        msd.listing(root, tmp_path / "a.cls")
    assert "tagtraum.com" in caught.value.hint
    with pytest.raises(DatasetError, match="No such file"):
        msd.listing(root, tmp_path / "none.cls")


def test_without_h5py_it_says_how_to_get_it(
    root: Path, song: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "h5py", None)
    for use in (msd.listing, msd.identify, msd.read_segments):
        with pytest.raises(GrooveError, match="needs the package h5py") as caught:
            use(root if use is msd.listing else song)
        assert caught.value.hint == "install it: `pip install h5py`"
