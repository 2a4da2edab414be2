"""Songs in the Million Song Dataset's own format, made up: one by one, or a data set in small."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np

# All columns of the published tables; PyTables sorts them by name.
METADATA = {
    "analyzer_version": "S32",
    "artist_7digitalid": "i4",
    "artist_familiarity": "f8",
    "artist_hotttnesss": "f8",
    "artist_id": "S32",
    "artist_latitude": "f8",
    "artist_location": "S1024",
    "artist_longitude": "f8",
    "artist_mbid": "S40",
    "artist_name": "S1024",
    "artist_playmeid": "i4",
    "genre": "S1024",
    "idx_artist_terms": "i4",
    "idx_similar_artists": "i4",
    "release": "S1024",
    "release_7digitalid": "i4",
    "song_hotttnesss": "f8",
    "song_id": "S32",
    "title": "S1024",
    "track_7digitalid": "i4",
}
INDICES = (
    "bars_confidence bars_start beats_confidence beats_start sections_confidence sections_start"
    " segments_confidence segments_loudness_max segments_loudness_max_time segments_loudness_start"
    " segments_pitches segments_start segments_timbre tatums_confidence tatums_start"
)
ANALYSIS = {
    "analysis_sample_rate": "i4",
    "audio_md5": "S32",
    "danceability": "f8",
    "duration": "f8",
    "end_of_fade_in": "f8",
    "energy": "f8",
    **{f"idx_{name}": "i4" for name in INDICES.split()},
    "key": "i4",
    "key_confidence": "f8",
    "loudness": "f8",
    "mode": "i4",
    "mode_confidence": "f8",
    "start_of_fade_out": "f8",
    "tempo": "f8",
    "time_signature": "i4",
    "time_signature_confidence": "f8",
    "track_id": "S32",
}
SONG = "TRAAAAW128F429D538"


def write_msd(
    root: Path,
    song: str = SONG,
    *,
    n_segments: int = 310,
    arrays: Mapping[str, np.ndarray] | None = None,
    **values: object,
) -> Path:
    """A song where the data set has it, with the same tables, filters and chunks."""
    folder = root / song[2] / song[3] / song[4]
    folder.mkdir(parents=True, exist_ok=True)
    values = {
        "track_id": song.encode(),
        "duration": 218.93179,
        "artist_name": "Cåsual".encode(),
        "title": b"I Didn't Mean To",
        "release": b"Fear Itself",
        "song_id": b"SOMZWCG12A8C13C480",
        **values,
    }
    rng = np.random.default_rng(int(song[-4:], 16))
    stored = {
        "segments_pitches": rng.uniform(0, 1, (n_segments, 12)),
        "segments_timbre": rng.normal(0, 40, (n_segments, 12)),
        "segments_start": np.arange(n_segments) / 4,
        **(arrays or {}),
    }
    path = folder / f"{song}.h5"
    with h5py.File(path, "w") as file:
        write_table(file, "metadata/songs", METADATA, values)
        write_table(file, "analysis/songs", ANALYSIS, values)
        for name, array in stored.items():
            chunks = (682, *array.shape[1:])
            file.create_dataset(
                f"analysis/{name}", data=array, maxshape=(None, *array.shape[1:]), chunks=chunks, **FILTERS
            )
    return path


FILTERS: dict[str, Any] = {"compression": "gzip", "compression_opts": 1, "shuffle": True}


def write_table(
    file: h5py.File, name: str, columns: Mapping[str, str], values: Mapping[str, object], *, n_rows: int = 1
) -> None:
    table = np.zeros(n_rows, list(columns.items()))
    for column in columns:
        if column in values:
            table[column] = values[column]
    file.create_dataset(name, data=table, maxshape=(None,), chunks=(24,), **FILTERS)


WORDS = {"Rock": "fire road night", "Jazz": "moon blue river", "Rap": "street money microphon"}
COMMON = ("the", "love", "babi", "you", "realli", "and")  # stems, as musiXmatch has them


@dataclass(frozen=True)
class Million:
    """A data set in small: a folder of songs, tagtraum's genres beside it, and musiXmatch's words.

    `genres` has the songs with a genre, `sung` those of them with lyrics.
    """

    songs: Path
    tagtraum: Path
    musixmatch: Path
    genres: Mapping[str, str]
    sung: Sequence[str]


def write_million(
    root: Path,
    n_songs: int = 20,
    *,
    n_unlabelled: int = 0,
    n_speechless: int = 0,
    by_sound: bool = True,
    by_words: bool = True,
    seed: int = 0,
) -> Million:
    """`n_songs` of each of three genres, which their timbre tells apart, or their words, or both do.

    The last `n_speechless` of each genre have no lyrics; other songs have no genre.
    """
    rng = np.random.default_rng(seed)
    names = iter(_names(3 * n_songs + n_unlabelled))
    genres: dict[str, str] = {}
    lyrics: dict[str, list[str]] = {}
    for number, genre in enumerate(WORDS):
        for song in range(n_songs):
            genres[name := next(names)] = genre
            timbre = rng.normal(0, 40, (300, 12)) + by_sound * 60 * (np.arange(12) % 3 == number)
            write_msd(
                root / "songs",
                name,
                arrays={"segments_pitches": rng.uniform(0, 1, (300, 12)), "segments_timbre": timbre},
                artist_name=f"{genre} {song // 2}".encode(),
            )
            if song < n_songs - n_speechless:
                theirs = genre if by_words else list(WORDS)[rng.integers(3)]
                lyrics[name] = [*rng.choice(COMMON, 3, replace=False), *WORDS[theirs].split()[:2]]
    for name in names:
        write_msd(root / "songs", name, n_segments=300)
    cls, mxm = root / "msd_tagtraum_cd2c.cls", root / "mxm_dataset_train.txt"
    cls.write_text("# genres\n" + "".join(f"{name}\t{genre}\n" for name, genre in genres.items()))
    stems = [*COMMON, *" ".join(WORDS.values()).split()]
    bags = (
        f"{name},{number}," + ",".join(f"{stems.index(word) + 1}:{1 + len(word) % 3}" for word in words)
        for number, (name, words) in enumerate(lyrics.items())
    )
    mxm.write_text("# bags of words\n%" + ",".join(stems) + "\n" + "\n".join(bags) + "\n")
    return Million(root / "songs", cls, mxm, genres, tuple(lyrics))


def write_summary(folder: Path, n_songs: int = 3) -> Path:
    """The table of all songs that the data set has beside them."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "subset_msd_summary_file.h5"
    with h5py.File(path, "w") as file:
        write_table(file, "metadata/songs", METADATA, {}, n_rows=n_songs)
        write_table(file, "analysis/songs", ANALYSIS, {}, n_rows=n_songs)
    return path


def _names(n: int) -> list[str]:
    """Track ids: letters that say where a song lies, and a number."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return [f"TR{''.join(letters[(i // 26**p) % 26] for p in range(5))}128F42{i:05X}" for i in range(n)]
