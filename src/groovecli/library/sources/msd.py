"""The Million Song Dataset (Bertin-Mahieux et al. 2011): songs as HDF5 files of features, without sound.

Genres are tagtraum's (Schreiber 2015), the majority's where there are two.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from groovecli.audio.tags import Tags
from groovecli.errors import AudioError
from groovecli.files import sha256_hex
from groovecli.library.genres import genre_name
from groovecli.library.sources.archives import UNREADABLE, opened
from groovecli.library.sources.listing import SourceListing
from groovecli.library.sources.musixmatch import read_musixmatch
from groovecli.library.sources.source import Segments, Source
from groovecli.library.tracks import FileState, Rejected, Track
from groovecli.messages.sources import (
    GIVE_TAGTRAUM,
    bad_tagtraum_line,
    cannot_read,
    no_h5py,
    no_msd_folder,
    no_msd_genres,
    no_msd_songs,
    no_tagtraum_file,
    not_utf8,
    several_tagtraum_files,
)
from groovecli.reasons import Reason

SUFFIX = ".h5"
MIN_SEGMENTS = 300  # Lengyel et al. use the first 300 and discard songs with fewer
N_BANDS = 12  # pitch classes; timbre coefficients

_MOST_SEGMENTS = 1_000_000  # more is what a damaged header says
_TAGTRAUM = ("msd_tagtraum_*.cls", "msd_tagtraum_*.cls.zip")
_SUMMARY = "_summary_file"  # what the names of the data set's own tables of all songs end in
_TRACK_ID = re.compile(r"TR[A-Z]{5}[0-9A-F]{11}")
# What h5py raises on damaged files; a KeyError has no more than the name.
_DAMAGE = (OSError, RuntimeError, KeyError, ValueError, TypeError)


def msd_id(path: Path) -> str:
    """A song's track id in the Million Song Dataset, such as `TRAAAAW128F429D538`: the file's name."""
    return path.stem


def listing(root: Path, tagtraum: Path | None = None) -> SourceListing:
    """The songs below a folder that have a genre; there is no official split.

    Parameters
    ----------
    root : Path
        A folder with `.h5` files at any depth, such as the whole data set or its subset.
    tagtraum : Path, optional
        tagtraum's genres; else the one file of theirs that lies in `root` or beside it.

    Raises
    ------
    LibraryError
        There are no songs, no genres for them, or no file of genres.
    UsageError
        There are several files of genres to choose from.
    DatasetError
        The file of genres is not as published.
    GrooveError
        The package h5py is missing.
    """
    _h5py()  # sooner than after minutes of listing
    root = Path(os.path.abspath(root))
    failed: list[OSError] = []
    files = sorted(_walk(root, failed.append))
    if not files:
        raise no_msd_songs(root) if root.is_dir() else no_msd_folder(root)
    labels = tagtraum or _tagtraum_file(root)
    genres = _read_tagtraum(labels)
    used = {path: genres[msd_id(path)] for path in files if msd_id(path) in genres}
    if not used:
        raise no_msd_genres(root, len(files), labels)
    rejected = [Rejected(Path(e.filename), Reason.NOT_LISTED, str(e.strerror)) for e in failed]
    rejected += (_unused(path, labels) for path in files if path not in used)
    return SourceListing(used, {}, tuple(rejected))


def _unused(path: Path, labels: Path) -> Rejected:
    """Why a file gives no song: tagtraum labelled every fourth of the million."""
    if msd_id(path).endswith(_SUMMARY):
        return Rejected(path, Reason.SUMMARY)
    if not _TRACK_ID.fullmatch(msd_id(path)):
        return Rejected(path, Reason.NO_SONG, "the Million Song Dataset")
    return Rejected(path, Reason.NO_GENRE, labels.name)


def _walk(root: Path, on_error: Callable[[OSError], None]) -> Iterator[Path]:
    for folder, _, names in os.walk(root, onerror=on_error):
        # A hidden one is what macOS writes beside a file on a foreign disk.
        yield from (
            Path(folder, name) for name in names if Path(name).suffix.lower() == SUFFIX and name[0] != "."
        )


def _tagtraum_file(root: Path) -> Path:
    """The one file of genres in `root`, else beside it; an archive where it was not unpacked."""
    for folder in (root, root.parent):
        unpacked, packed = (sorted(folder.glob(pattern)) for pattern in _TAGTRAUM)
        files = [*unpacked, *(file for file in packed if file.with_suffix("") not in unpacked)]
        if len(files) > 1:
            raise several_tagtraum_files(folder, [file.name for file in files])
        if files:
            return files[0]
    raise no_tagtraum_file(root)


def _read_tagtraum(file: Path) -> dict[str, str]:
    """Track id -> genre; the minority's genre, a third column in some lines, is not used."""
    genres: dict[str, str] = {}
    for number, line in enumerate(_text_of(file).splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            song, genre = [*line.split("\t"), ""][:2]
            if not _TRACK_ID.fullmatch(song) or not genre.strip():
                raise bad_tagtraum_line(file, number, line)
            genres[song] = genre_name(genre.strip())
    return genres


def _text_of(file: Path) -> str:
    """The file's text, also out of the archive in which it comes."""
    try:
        with opened(file, ".cls") as data:
            return data.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise not_utf8(file, GIVE_TAGTRAUM) from error
    except UNREADABLE as error:
        raise cannot_read(file, getattr(error, "strerror", None) or str(error), GIVE_TAGTRAUM) from error


def identify(path: Path) -> Track | Rejected:
    """Open one song: its id, duration and tags, or why it can't be used.

    A song has the same id wherever its file lies: a hash of its track id in the data set. All of
    its segments are read, so that `read_segments` works later.
    """
    try:
        state = _state(path)
        with _opened(path) as file:
            track_id, duration_s, tags = _described(file, path)
            if len(_segments(file, path)[0]) < MIN_SEGMENTS:
                raise _malformed(path, f"has fewer than {MIN_SEGMENTS} segments")
    except OSError as error:
        return Rejected(path, Reason.UNREADABLE, _reason(error))
    except AudioError as error:
        return Rejected.by(path, error.problem, state)
    return Track(sha256_hex(f"msd:{track_id}".encode(), 32), path, state, duration_s, tags)


def read_segments(path: Path) -> tuple[Segments, Segments]:
    """A song's chroma and timbre, one row for each of its segments.

    Returns
    -------
    pitches : np.ndarray [shape=(n, 12), dtype=float32]
        Chroma from C to B, in [0, 1], where 1 is a segment's strongest.
    timbre : np.ndarray [shape=(n, 12), dtype=float32]
        Coefficients like those of MFCC, in no unit; the first is loudness.

    Raises
    ------
    AudioError
        The file can't be read, is damaged, or is none of the data set's.
    """
    try:
        with _opened(path) as file:
            return _segments(file, path)
    except OSError as error:
        raise AudioError(path, Reason.UNREADABLE, _reason(error)) from error


def _h5py() -> Any:
    try:
        import h5py
    except ImportError as error:
        raise no_h5py() from error
    return h5py


def _state(path: Path) -> FileState:
    status = path.stat()
    return FileState(status.st_size, status.st_mtime_ns)


def _reason(error: OSError) -> str:
    """The system's own words; h5py's message is a line of addresses."""
    return os.strerror(error.errno) if error.errno else str(error)


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """An HDF5 file; raises AudioError on damage, and OSError where the system refuses to read it."""
    h5py = _h5py()
    if not path.is_file() and path.exists():  # a pipe would be waited for
        raise _malformed(path, "is no file")
    try:
        # Without locks, which read-only and network file systems may not have.
        with h5py.File(path, "r", locking=False) as file:
            yield file
    except _DAMAGE as error:
        if isinstance(error, OSError) and error.errno:
            raise
        told = re.search(r"synchronously .*?\((.*)\)", str(error))
        raise _malformed(path, f"is no HDF5 file, or damaged: {told[1] if told else error}") from error


def _described(file: Any, path: Path) -> tuple[str, float, Tags]:
    """Track id, duration (in seconds) and tags."""
    analysis = _row(file, path, "analysis", ("track_id", "duration"))
    metadata = _row(file, path, "metadata", ("artist_name", "title", "release"))
    track_id, duration_s = _text(analysis["track_id"]), float(analysis["duration"])
    if track_id != msd_id(path):  # genres and lyrics go by the file's name
        raise _malformed(path, f"holds song {track_id!r}, which is not its name")
    if not (math.isfinite(duration_s) and duration_s > 0):
        raise _malformed(path, f"has a duration of {duration_s:g} s")
    artist, album, title = (_text(metadata[name]) for name in ("artist_name", "release", "title"))
    return track_id, duration_s, Tags(artist=artist, album=album, title=title)


def _row(file: Any, path: Path, group: str, fields: Collection[str]) -> Any:
    """The one row of a group's table of songs."""
    table = file.get(f"{group}/songs")
    names = getattr(getattr(table, "dtype", None), "names", None) or ()
    lacking = [field for field in fields if field not in names]
    if lacking:
        raise _malformed(
            path,
            f"is not a song of the Million Song Dataset: /{group}/songs has no {', '.join(lacking)}",
        )
    shape = getattr(table, "shape", None)
    if shape != (1,):  # the data set's summary file has them all
        raise _malformed(path, f"is no single song: /{group}/songs has the shape {shape}")
    return table.fields(list(fields))[0]  # the whole row, if damaged, can make HDF5 end the process


def _text(value: Any) -> str:
    """A field of text on one line; HDF5 pads it with zeros."""
    text = value.decode(errors="replace") if isinstance(value, bytes) else str(value)
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _malformed(path: Path, what: str) -> AudioError:
    return AudioError(path, Reason.MALFORMED, what)


def _segments(file: Any, path: Path) -> tuple[Segments, Segments]:
    pitches, timbre = (_array(file, path, name) for name in ("segments_pitches", "segments_timbre"))
    if len(pitches) != len(timbre):
        raise _malformed(path, f"has {len(pitches)} segments of pitches, but {len(timbre)} of timbre")
    return pitches, timbre


def _array(file: Any, path: Path, name: str) -> Segments:
    """One value per segment and band: (n, 12), all finite."""
    stored = file.get(f"analysis/{name}")
    shape = getattr(stored, "shape", None)
    if shape is None:
        raise _malformed(path, f"is not a song of the Million Song Dataset: it has no /analysis/{name}")
    if len(shape) != 2 or shape[1] != N_BANDS or shape[0] > _MOST_SEGMENTS:
        raise _malformed(path, f"has {name} of the shape {shape}, not of {N_BANDS} columns")
    with np.errstate(over="ignore", invalid="ignore"):  # what float32 can't hold becomes infinite
        values = np.asarray(stored[()], np.float32)
    if not np.isfinite(values).all():
        raise _malformed(path, f"has {name} that are no numbers")
    return values


def _lyrics(files: Sequence[Path], tracks: Sequence[Track]) -> dict[str, dict[str, int]]:
    """The bags of words of musiXmatch's files, by track id."""
    ids = {track.id: msd_id(track.path) for track in tracks}
    bags = read_musixmatch(files, wanted=set(ids.values()))
    return {track_id: bags[song] for track_id, song in ids.items() if song in bags}


MSD = Source(
    name="msd",
    listing=lambda root, files: listing(root, files.tagtraum),
    takes=("--musixmatch", "--tagtraum"),
    has_sound=False,
    feature="msd-segments",
    instead={"chroma-timbre": "msd-segments"},
    has_stems=True,
    network="seq-cnn",
    clips_per_song=1,
    identify=identify,
    lyrics=_lyrics,
    suffix=SUFFIX,
    read_segments=read_segments,
)
