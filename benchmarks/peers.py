"""groove beside two programs that also say which songs sound alike: seconds per song, and precision.

    python -m venv PEERS && PEERS/bin/pip install bliss-audio pymusly      # pymusly also needs ffmpeg
    python benchmarks/peers.py [MUSIC] --python PEERS/bin/python [--songs N] [--seconds S] [--rounds R]

A program that isn't installed is left out, and that is said. N rendered songs, mp3 at 320 kbit/s, are
analysed by each in turn, on one thread; seconds are the processor's, of their helpers too, without what
starting takes. bliss and musly hear whole songs, groove 45 s of each.

With MUSIC, a folder of genre folders, all its songs are analysed. Printed is then the share of a song's
ten nearest songs by other artists that are of its genre, with an interval of 95 % by bootstrap over
artists, for each program by its own distance: cosine and mutual proximity (groove), Euclidean (bliss),
the similarity of method "timbre" (musly). Songs that one of the programs can't read are left out for all.
The included model was trained on the songs of docs/results.md: on these its figure is too good. bliss and
musly were trained on none.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import made_music
import neighbours
import processes
from groovecli.library.walk import list_audio
from groovecli.playlists.proximity import distances_between, mutual_farness
from rounds import Figure, interleaved, program, report

# A peer's way, as its own documentation shows it: argv is the file to write, then songs.
_FRAME = """
import resource, sys
import numpy as np
out, *paths = sys.argv[1:]
def used_s():
    of = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(used.ru_utime + used.ru_stime for used in of)
{start}
heard, things = [], []
began = used_s()
for path in paths:
    try:
        things.append(hear(path))
        heard.append(path)
    except Exception as error:
        print(path, error, file=sys.stderr)
seconds = used_s() - began
np.savez(out, paths=heard, seconds=seconds / max(1, len(heard)), farness=farness(things))
"""
_BLISS = """
from bliss_audio import Song
def hear(path):
    return np.array(Song(path).analysis)
def farness(things):
    table = np.array(things)
    return np.array([np.linalg.norm(table - row, axis=1) for row in table])
"""
_MUSLY = """
from pymusly import MuslyJukebox
jukebox = MuslyJukebox(method="timbre")
def hear(path):
    return jukebox.track_from_audiofile(path, 0)
def farness(things):
    some = np.random.default_rng(0).permutation(len(things))[:1000]
    jukebox.set_style([things[i] for i in some])
    pairs = list(zip(jukebox.add_tracks(things), things))
    return np.array([jukebox.compute_similarity(pair, pairs) for pair in pairs])
"""
PEERS = {"bliss-audio": ("bliss_audio", _BLISS), "pymusly": ("pymusly", _MUSLY)}
"""Each peer by the name of its package: its module, and its way."""

_OF_SOUND = 720  # numbers of groove-net's vectors; the others are probabilities of its genres

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Heard:
    """What a program made of songs.

    Parameters
    ----------
    seconds : float
        Of the processor, per song.
    farness : dict
        Under the name of a distance, how far each song is from each [shape=(songs, songs)].
    """

    paths: list[str]
    seconds: float
    farness: dict[str, Floats]


def installed(python: str) -> dict[str, str]:
    """The ways of those peers that a Python has; the others are named."""
    ways = {}
    for name, (module, way) in PEERS.items():
        done = subprocess.run([python, "-c", f"import numpy, {module}"], capture_output=True, text=True)
        if done.returncode:
            print(f"{name}: left out: {done.stderr.strip().splitlines()[-1]}", flush=True)
        else:
            ways[name] = way
    return ways


def by_peer(name: str, way: str, python: str, folder: Path, paths: Sequence[Path]) -> Heard:
    """Let a peer hear songs."""
    out = folder / f"{name}.npz"
    command = [python, "-c", _FRAME.format(start=way), str(out), *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{name} failed: {done.stderr[-500:]}")
    with np.load(out) as file:
        return Heard(file["paths"].tolist(), float(file["seconds"]), {name: file["farness"]})


def by_groove(folder: Path, music: Path, n_songs: int) -> Heard:
    """Let groove hear all songs of a folder; what starting takes is known by one song alone."""
    out, alone = folder / "groove.npz", folder / "alone"
    alone.mkdir(exist_ok=True)
    first = list_audio(music).files[0]
    link = alone / first.name
    if not link.exists():
        link.symlink_to(first.absolute())
    costs = []
    for songs_folder in (alone, music):
        with tempfile.TemporaryDirectory(dir=folder) as home:
            words = ("embed", str(songs_folder), "--out", str(out), "--jobs", "1")
            costs.append(processes.groove(words, Path(home)).cpu_s)
    with np.load(out) as file:
        vectors, paths = file["vectors"].astype(np.float64), [str(path) for path in file["paths"]]
    return Heard(
        paths,
        (costs[1] - costs[0]) / max(1, n_songs - 1),
        {
            "groove, cosine": distances_between(vectors, vectors, "cosine"),
            "groove, mutual proximity": mutual_farness(vectors, "cosine"),
            "groove, mutual proximity, sound alone": mutual_farness(vectors[:, :_OF_SOUND], "cosine"),
        },
    )


def rates(
    folder: Path, ways: dict[str, str], python: str, n_songs: int, seconds: float, n_rounds: int
) -> list[Figure]:
    """Seconds per rendered song, of each program."""
    music = folder / "music"
    paths = made_music.library(music, n_songs, seconds=seconds, styles=("mp3 320",))
    programs: dict[str, Callable[[], float]] = {"groove": lambda: by_groove(folder, music, n_songs).seconds}
    for name, way in ways.items():
        programs[name] = partial(_seconds, name, way, python, folder, paths)
    times = interleaved(programs, n_rounds)
    return [
        Figure(f"{name}: one song of {seconds:g} s, one thread", tuple(of), "s")
        for name, of in times.items()
    ] + [
        Figure.ratio(f"groove against {name}, the same songs", times["groove"], times[name])
        for name in ways
    ]


def _seconds(name: str, way: str, python: str, folder: Path, paths: Sequence[Path]) -> float:
    return by_peer(name, way, python, folder, paths).seconds


def precisions(folder: Path, ways: dict[str, str], python: str, music: Path) -> list[Figure]:
    """How right each program's nearest ten songs are."""
    paths = [path.absolute() for path in list_audio(music).files]
    of_all = [by_groove(folder, music.absolute(), len(paths))]
    of_all += [by_peer(name, way, python, folder, paths) for name, way in ways.items()]
    common = sorted(set.intersection(*(set(heard.paths) for heard in of_all)))
    genres, artists = neighbours.genres_and_artists([Path(path) for path in common])
    print(f"{len(common)} of {len(paths)} songs, {artists.max() + 1} artists, {genres.max() + 1} genres")
    figures = []
    for heard in of_all:
        place = {path: i for i, path in enumerate(heard.paths)}
        order = np.array([place[path] for path in common])
        for name, farness in heard.farness.items():
            right = neighbours.precisions(farness[np.ix_(order, order)], genres, artists)
            print(f"{name}: {neighbours.figure(right, artists)}", flush=True)
            low, high = neighbours.interval(right, artists)
            figures.append(
                Figure(f"{name}: precision at 10, other artists", (low, 100 * right.mean(), high), "%")
            )
    return figures


def main() -> None:
    """Print seconds and precisions."""
    parser = program(__doc__)
    parser.add_argument("music", metavar="MUSIC", type=Path, nargs="?", help="folder of genre folders")
    parser.add_argument("--python", default=sys.executable, help="the Python that has the peers (this one)")
    parser.add_argument("--songs", metavar="N", type=int, default=8, help="how many songs to make (8)")
    parser.add_argument("--seconds", metavar="S", type=float, default=120.0, help="length of each (120)")
    asked = parser.parse_args()
    ways = installed(asked.python)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        figures = rates(folder, ways, asked.python, asked.songs, asked.seconds, asked.rounds)
        if asked.music:
            figures += precisions(folder, ways, asked.python, asked.music)
    report(figures, asked.rows)


if __name__ == "__main__":
    main()
