"""How many re-encoded copies `groove duplicates` finds, which other songs it takes for one, how fast it is.

    python benchmarks/duplicates.py MUSIC [SONGS] [--copies DIR] [--sizes N ...] [--one-length N ...]

Of SONGS songs (50) below MUSIC, drawn by seed 0, three copies each: mp3 at 64 kbit/s, Opus at 48 kbit/s
and Vorbis at quality 2. They lie in a temporary folder, or in DIR for another time. The library is
MUSIC and the copies. A song and its copies are six pairs. Other pairs that count as one recording, or as
versions of one song, are printed: who knows the songs sees whether they are true.

The times are of the search for songs to compare, among n songs put together from the vectors of MUSIC's:
a twentieth of them once more, with lengths as songs have them, and with one length for all.
"""

from __future__ import annotations

import os

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")

import random
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np

import copies
import songs
from copies import Sound
from groovecli.actions.context import Context
from groovecli.actions.embed import embed
from groovecli.actions.once import compared, only
from groovecli.audio.tags import Tags
from groovecli.evaluation.metrics import exact_interval
from groovecli.library.tracks import FileState, Track
from groovecli.library.walk import list_audio
from groovecli.messages.words import with_interval
from groovecli.playlists.repeats import Limits, same_titles, suspects
from groovecli.playlists.rows import Vectors

_SIZES = (10_000, 100_000, 400_000)
_OF_ONE_LENGTH = (10_000, 50_000)
COPIES: dict[str, tuple[str, Callable[[Path, Sound, int], Path]]] = {
    "mp3, 64 kbit/s": (".mp3", lambda path, y, sr: copies.mp3(path, y, sr, kbits=64)),
    "Opus, 48 kbit/s": (".opus", lambda path, y, sr: copies.opus(path, y, sr, kbits=48)),
    "Vorbis, quality 2": (".ogg", lambda path, y, sr: copies.vorbis(path, y, sr, quality=2)),
}


def main() -> None:
    """Pairs found and false ones, then times."""
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    parser = songs.program(__doc__)
    parser.add_argument("music", metavar="MUSIC", type=Path, help="folder of songs")
    parser.add_argument(
        "songs", metavar="SONGS", type=int, nargs="?", default=50, help="songs to copy (50)"
    )
    parser.add_argument(
        "--copies", metavar="DIR", type=Path, help="folder of the copies, made where missing"
    )
    parser.add_argument("--sizes", metavar="N", type=int, nargs="+", default=_SIZES, help="songs to search")
    parser.add_argument(
        "--one-length", metavar="N", type=int, nargs="+", default=_OF_ONE_LENGTH, help="songs of one length"
    )
    asked = parser.parse_args()
    paths = sorted(path.absolute() for path in list_audio(asked.music).files)
    chosen = random.Random(0).sample(paths, min(asked.songs, len(paths)))
    with tempfile.TemporaryDirectory() as folder, Context(jobs=1) as context:
        place = asked.copies or Path(folder)
        origin = {path: path for path in paths} | _copied(chosen, place)
        vectors = _found([asked.music.absolute(), place], origin, context)
    for n in asked.sizes:
        _time(vectors, n, is_real=True)
    for n in asked.one_length:
        _time(vectors, n, is_real=False)


def _copied(chosen: list[Path], folder: Path) -> dict[Path, Path]:
    """The copies of some songs, and the song that each is of."""
    folder.mkdir(parents=True, exist_ok=True)
    origin = {}
    for number, song in enumerate(chosen):
        missing = {}
        for suffix, make in COPIES.values():
            path = folder.absolute() / f"{number:02}-{suffix[1:]}{suffix}"
            origin[path] = song
            if not path.exists():
                missing[path] = make
        if missing:
            y, sr = copies.read(song)
            for path, make in missing.items():
                make(path.with_suffix(""), y, sr)
    return origin


def _found(folders: list[Path], origin: dict[Path, Path], context: Context) -> Vectors:
    """Print what is found in a library, and give its vectors."""
    embedded = embed(context.load(), folders, context.catalog, jobs=1)
    first = {track.id: number for number, track in reversed(list(enumerate(embedded.tracks)))}
    numbers = np.array(sorted(first.values()), np.intp)
    tracks = [embedded.tracks[number] for number in numbers]
    started = time.process_time()
    found = compared(tracks, only(embedded.stored, numbers), context)
    seconds = time.process_time() - started
    n_of = Counter(origin[track.path] for track in tracks)
    n_true = sum(n * (n - 1) // 2 for n in n_of.values())
    pairs = [(tracks[pair.first], tracks[pair.second], pair) for pair in found.alike]
    true = [pair for one, other, pair in pairs if origin[one.path] == origin[other.path]]
    others = [each for each in pairs if each[2] not in true]
    n_copies = len(tracks) - len(n_of)
    print(f"{len(tracks)} files, {n_copies} of them copies; {found.n_compared} compared by fingerprint,")
    print(f"{found.n_made} fingerprints were made now; {seconds:.1f} s of this process")
    print(f"pairs of a song and its copies: {len(true)} of {n_true} found")
    n_found = Counter(origin[one.path] for one, _, pair in pairs if pair in true)
    copied = [song for song, n in n_of.items() if n > 1]
    whole = sum(n_found[song] == n_of[song] * (n_of[song] - 1) // 2 for song in copied)
    if copied:
        share = with_interval(exact_interval(whole, len(copied)))
        print(f"songs of which all pairs are found: {whole} of {len(copied)}, {share}")
    for name, (suffix, _) in COPIES.items():
        made = {path for path in origin if path != origin[path] and path.suffix == suffix}
        own = [pair for one, other, pair in pairs if pair in true and made & {one.path, other.path}]
        far = max((pair.distance for pair in own), default=0.0)
        least = min((pair.likeness or 0.0 for pair in own), default=0.0)
        print(f"  with {name:18} {len(own):4}; vectors {far:.3f} apart at most, alike {least:.2f} at least")
    songs_of = {frozenset((origin[one.path], origin[other.path])) for one, other, _ in others}
    print(f"other songs that count as one: {len(songs_of)} pairs of {len(n_of) * (len(n_of) - 1) // 2:,}")
    for one, other, pair in others:
        if origin[one.path] == one.path and origin[other.path] == other.path:
            print(f"  {pair.kind:10} {one.path.name} | {other.path.name}")
    return embedded.vectors


def _time(vectors: Vectors, n: int, *, is_real: bool) -> None:
    """How long the search among n songs takes."""
    rng = np.random.default_rng(0)
    one, other = (rng.integers(0, len(vectors), n) for _ in range(2))
    n_again = n // 20
    one[:n_again], other[:n_again] = one[n_again : 2 * n_again], other[n_again : 2 * n_again]
    rows = np.empty((n, vectors.shape[1]), np.float32)
    for start in range(0, n, 4096):
        part = slice(start, start + 4096)
        rows[part] = 0.6 * vectors[one[part]] + 0.4 * vectors[other[part]]
    lengths = np.maximum(30, rng.normal(230, 80, n)) if is_real else np.full(n, 30.0)
    lengths[:n_again] = lengths[n_again : 2 * n_again]
    state = FileState(1, 1)
    tracks = [Track(str(i), Path(f"/{i}"), state, float(lengths[i]), Tags(title=str(i))) for i in range(n)]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.process_time()
    found = suspects(tracks, rows, same_titles(tracks), Limits())
    seconds = time.process_time() - started
    more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    how = "lengths of songs" if is_real else "one length"
    print(f"{n:7} songs, {how:16} {len(found):7} to compare, in {seconds:.1f} s and {more:.0f} MiB more")


if __name__ == "__main__":
    main()
