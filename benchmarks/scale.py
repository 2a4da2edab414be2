"""CPU seconds, peak memory and disk of groove on libraries of 10,000 to 400,000 songs.

    python benchmarks/scale.py [N ...] [--folder FOLDER] [--only NAME]

A library of N small files, its rows in the catalogue, its dataset and its vectors are made up, not
analysed; then each command runs on it in a process of its own. With --folder they are kept there, and
taken from there the next time.
"""

from __future__ import annotations

import os

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", GROOVE_JOBS="1", MPLBACKEND="Agg")

import json
import random
import shutil
import subprocess
import sys
import tempfile
import wave
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import songs

if TYPE_CHECKING:
    from groovecli.actions.context import Context
    from groovecli.datasets.dataset import Dataset
    from groovecli.datasets.tables import SideClip
    from groovecli.library.tracks import Track

T = TypeVar("T")

SIZES = (10_000, 50_000, 400_000)
_GENRES = ("blues", "classical", "country", "electronic", "folk", "jazz", "rap", "reggae", "rock", "soul")
_PER_ALBUM, _CENTRES, _AT_ONCE = 12, 40, 10_000
_MB = 1e6
_WORDS = ("night", "river", "blue", "heart", "road", "fire", "winter", "gold", "shadow", "train", "city")


@dataclass(frozen=True)
class Place:
    """Where a library of n songs lies, and groove's folder of it."""

    folder: Path
    n_songs: int

    @property
    def music(self) -> Path:
        """The library."""
        return self.folder / "music"

    @property
    def home(self) -> Path:
        """groove's folder."""
        return self.folder / "home"

    @property
    def sizes(self) -> Path:
        """What the catalogue took, as JSON, by what was in it."""
        return self.folder / "sizes.json"


@dataclass(frozen=True)
class Used:
    """What a process took."""

    cpu_s: float
    peak_mb: float


# A library that is made up


def build(place: Place) -> None:
    """Make the files, and what groove knows of them, unless they are there."""
    if place.sizes.exists():
        return
    shutil.rmtree(place.folder, ignore_errors=True)
    from groovecli.actions.context import Context
    from groovecli.home import Home

    with Context(home=Home(place.home)) as context:
        catalog = context.catalog
        tracks = sorted(_tracks(place), key=lambda track: os.fsencode(track.path))  # as they are scanned
        for part in _parts(tracks, _AT_ONCE):
            catalog.remember(part)
        sizes = {"files": _n_bytes(place.home)}
        _put_vectors(context, [track.id for track in tracks])
        sizes["vectors"] = _n_bytes(place.home)
        _put_dataset(context, place.music, tracks)
    sizes["dataset"] = _n_bytes(place.home)
    place.sizes.write_text(json.dumps(sizes))


def _tracks(place: Place) -> Iterator[Track]:
    """The songs of a library, whose files are written on the way."""
    from groovecli.audio.tags import Tags
    from groovecli.library.scan import file_state
    from groovecli.library.tracks import Track

    rng = random.Random(0)
    for number in range(place.n_songs):
        album, song = divmod(number, _PER_ALBUM)
        if not song:
            genre = _GENRES[album % len(_GENRES)]
            artist = f"{_title(rng)} {album // 3}"
            name = f"{1970 + album % 50} - {_title(rng)}"
            folder = place.music / genre / artist / name
            folder.mkdir(parents=True)
        title = f"{_title(rng)} {number}"  # two of one title would be looked at as duplicates
        path = folder / f"{song + 1:02d} - {title}.mp3"
        key = sha256(str(number).encode()).hexdigest()[:32]
        path.write_text(key)
        state = file_state(path)
        assert state is not None
        tags = Tags(artist=artist, album=name, title=title, genre=genre)
        yield Track(key, path, state, round(rng.uniform(120, 360), 3), tags)


def _parts(items: Iterable[T], n: int) -> Iterator[list[T]]:
    """The items, n at a time."""
    rest = iter(items)
    while part := list(islice(rest, n)):
        yield part


def _title(rng: random.Random) -> str:
    return " ".join(rng.choices(_WORDS, k=rng.randint(1, 4))).capitalize()


def _put_vectors(context: Context, ids: Sequence[str]) -> None:
    """Vectors drawn around centres, as the included model's."""
    import numpy as np

    from groovecli.actions.hear import stored_as
    from groovecli.library.answers import StoredAnswer
    from groovecli.models.results import CLIPS_PER_SONG

    model = context.load()
    spec, n_genres = model.description.spec, len(model.description.genres)
    dim = spec.embedding_dim + (n_genres if spec.joins_genres else 0)
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(_CENTRES, dim)).astype(np.float32)
    for part in _parts(ids, _AT_ONCE):
        chosen = centres[rng.integers(0, _CENTRES, len(part))]
        vectors = chosen + rng.standard_normal(chosen.shape, np.float32)
        shares = rng.dirichlet(np.full(n_genres, 0.3), len(part))
        answers = map(StoredAnswer, vectors, shares)
        context.catalog.add_answers(stored_as(model, CLIPS_PER_SONG), dict(zip(part, answers, strict=True)))


def _put_dataset(context: Context, music: Path, tracks: Sequence[Track]) -> None:
    """The dataset that `groove ingest` would make; its chunk files are empty."""
    from groovecli.datasets.dataset import read_dataset
    from groovecli.datasets.plan import sample_plan
    from groovecli.datasets.tables import DEFAULTS, DatasetSettings

    dataset = read_dataset(context.catalog, context.home, DatasetSettings("default", **DEFAULTS))
    genred = {track.id: (track, track.path.relative_to(music).parts[0]) for track in tracks}
    plan = sample_plan(dataset, genred)
    dataset.tables.put_settings(dataset.settings)
    dataset.tables.add_songs(plan.songs, plan.clips)
    genres = {song.track_id: song.genre for song in plan.songs}
    _put_chunks(dataset, plan.clips, genres)
    _put_lyrics(dataset, tracks)


def _put_chunks(dataset: Dataset, clips: Sequence[SideClip], genres: dict[str, str]) -> None:
    from groovecli.datasets.chunks import MAX_BYTES
    from groovecli.datasets.tables import Written
    from groovecli.features.registry import feature
    from groovecli.home import genre_folder

    spec = feature(dataset.settings.origin.feature)
    n_bytes = 1
    for length in spec.stored_shape:
        n_bytes *= length
    groups = defaultdict(list)
    for item in clips:
        groups[genres[item.clip.track_id], item.side].append(item.clip)
    for (genre, side), own in sorted(groups.items()):
        for number, part in enumerate(_parts(own, max(1, MAX_BYTES // n_bytes))):
            name = f"{spec.key}/{genre_folder(genre)}/{side}/chunk-{number:05d}.pkl"
            path = dataset.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
            dataset.tables.add_chunk(spec.key, name, part, Written(sha256().hexdigest(), 0))


def _put_lyrics(dataset: Dataset, tracks: Sequence[Track]) -> None:
    """What `groove ingest` stores of songs without lyrics."""
    from groovecli.audio.lyrics_files import Beside
    from groovecli.datasets import lyrics

    beside, rows = Beside(), list[Any]()
    for track in tracks:
        paths = (track.path,)
        taken = {"path": str(track.path), "language": "", "others": (), "problem": ""}
        rows.append((lyrics._Row(track.id, paths, lyrics._state(paths, beside), "", taken), {}))
    lyrics._put(dataset, rows)


def _n_bytes(home: Path) -> int:
    """What the catalogue and the vectors take on the disk."""
    import sqlite3

    with sqlite3.connect(home / "catalog.db") as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    files = [home / "catalog.db", *(home / "embeddings").glob("*")]
    return sum(path.stat().st_size for path in files)


# What is measured


_MEASURED = """
import os, sys
pid = os.posix_spawn(sys.executable, [sys.executable, *sys.argv[1:]], os.environ)
_, status, usage = os.wait4(pid, 0)
figures = os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime, usage.ru_maxrss
sys.stderr.write("\\n" + " ".join(map(str, figures)))
"""
"""A small process that starts the program: one counts the memory of that which it was split from, too."""


def used(command: Sequence[str], home: Path) -> Used | None:
    """CPU seconds and peak memory of a Python program; None where it is no command of groove."""
    done = subprocess.run(
        [sys.executable, "-S", "-c", _MEASURED, *command],
        env={**os.environ, "GROOVE_HOME": str(home)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
    )
    text, _, figures = (done.stdout + done.stderr).rpartition("\n")
    code, seconds, peak = int(figures.split()[0]), float(figures.split()[1]), int(figures.split()[2])
    if code == 2 and "has no command" in text:
        return None
    if code:
        raise SystemExit(f"{' '.join(command)}\n{text}")
    return Used(seconds, peak * (1 if sys.platform == "darwin" else 1024) / _MB)


def _groove(*arguments: str) -> tuple[str, ...]:
    return ("-m", "groovecli", *arguments)


def _ingest(place: Place) -> Used | None:
    return used(_groove("ingest", str(place.music), "--yes"), place.home)


def _embed(place: Place) -> Used | None:
    out = place.folder / "all.npz"
    try:
        return used(_groove("embed", str(place.music), "--out", str(out)), place.home)
    finally:
        out.unlink(missing_ok=True)


def _classify(place: Place) -> Used | None:
    return used(_groove("classify", str(place.music), "--json"), place.home)


def _embed_one(place: Place) -> Used | None:
    return _one_song(place.folder, place.home)


def _embed_one_of_none(place: Place) -> Used | None:
    with tempfile.TemporaryDirectory(dir=place.folder) as home:
        return _one_song(place.folder, Path(home))


def _one_song(folder: Path, home: Path) -> Used | None:
    """`groove embed` of a song that nobody knows yet."""
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        song = Path(scratch) / "song.wav"
        with wave.open(str(song), "wb") as file:
            file.setparams((1, 2, 22050, 0, "NONE", ""))
            file.writeframes(random.randbytes(2 * 22050 * 60))
        return used(_groove("embed", str(song), "--out", str(song.with_suffix(".npz"))), home)


def _cluster(place: Place) -> Used | None:
    lists = place.folder / "lists"
    shutil.rmtree(lists, ignore_errors=True)  # those of a run before would be updated
    return used(_groove("cluster", str(place.music), "--out", str(lists)), place.home)


def _status(place: Place) -> Used | None:
    return used(_groove("status", "--json"), place.home)


def _neighbours(place: Place) -> Used | None:
    return used((__file__, "--neighbours", str(place.home)), place.home)


def neighbours(home: Path) -> None:
    """The 20 nearest of a song, among all vectors that the catalogue has."""
    import numpy as np

    from groovecli.library.answers import VectorRows
    from groovecli.library.catalog import Catalog
    from groovecli.playlists.nearest import nearest

    with Catalog(home / "catalog.db") as catalog:
        ((model,),) = catalog.rows("SELECT model FROM matrices ORDER BY n_rows DESC LIMIT 1")
        matrix = catalog.matrix(model)
        assert matrix is not None
        places = np.arange(matrix.n_rows)
        rows = VectorRows(matrix, places, np.zeros_like(places))  # by cosine, the scale doesn't matter
        if nearest(rows, rows[:1], k=20).places[0, 0]:
            raise SystemExit("a song is not its own nearest")


MEASURED: dict[str, Callable[[Place], Used | None]] = {
    "ingest, nothing new": _ingest,
    "the same once more": _ingest,  # from what the one before has kept
    "embed, nothing new": _embed,
    "classify, nothing new": _classify,
    "cluster, vectors cached": _cluster,
    "embed of one song": _embed_one,
    "the same, empty catalogue": _embed_one_of_none,
    "neighbours of a song": _neighbours,
    "status": _status,
}


def measure(place: Place, names: Sequence[str]) -> dict[str, Used]:
    """Print and return what each command takes on one library."""
    built = used((__file__, "--build", str(place.folder), str(place.n_songs)), place.home)
    assert built is not None
    print(f"\n{place.n_songs:,} songs (made or found in {built.cpu_s:.1f} s)", flush=True)
    found = {}
    for name in names:
        took = MEASURED[name](place)
        if took is not None:
            print(f"{name:28} {took.cpu_s:8.1f} s {took.peak_mb:8.0f} MB", flush=True)
            found[name] = took
    for name, n_bytes in json.loads(place.sizes.read_text()).items():
        print(f"{f'disk, with {name}':28} {n_bytes / _MB:19.1f} MB", flush=True)
    return found


def grown(results: dict[int, dict[str, Used]]) -> None:
    """Print what each further song costs, from the smallest library to the largest."""
    small, large = min(results), max(results)
    if small == large:
        return
    print(f"\nfor each song more, from {small:,} to {large:,}")
    for name in results[small].keys() & results[large].keys():
        first, last = results[small][name], results[large][name]
        us = (last.cpu_s - first.cpu_s) / (large - small) * 1e6
        kb = (last.peak_mb - first.peak_mb) / (large - small) * 1e3
        print(f"{name:28} {us:8.1f} us {kb:8.2f} kB")


def main() -> None:
    """Make the libraries and measure each."""
    parser = songs.program(__doc__)
    parser.add_argument("sizes", metavar="N", type=int, nargs="*", help="how many songs (three sizes)")
    parser.add_argument("--folder", metavar="FOLDER", type=Path, help="where to keep the libraries")
    parser.add_argument(
        "--only", metavar="NAME", choices=MEASURED, action="append", help=f"one of {', '.join(MEASURED)}"
    )
    if sys.argv[1:2] == ["--build"]:
        build(Place(Path(sys.argv[2]), int(sys.argv[3])))
        return
    if sys.argv[1:2] == ["--neighbours"]:
        neighbours(Path(sys.argv[2]))
        return
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = (asked.folder or Path(scratch)).absolute()
        names = asked.only or list(MEASURED)
        results = {n: measure(Place(folder / str(n), n), names) for n in asked.sizes or SIZES}
    grown(results)


if __name__ == "__main__":
    main()
