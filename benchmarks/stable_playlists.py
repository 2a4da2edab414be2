"""How many playlists stay what they are when songs are added, and when the seed is another.

    python benchmarks/stable_playlists.py MUSIC [--method NAME ...] [--draws N] [--songs N]

Makes playlists of nine tenths of the songs, drawn at random, then of all, in the same folder; and of
all songs with two seeds. Does each as `groove cluster` does it, and once more with `--replace`, where
songs are grouped as if there had been no playlists, and only ids and names last. Prints which share of
the first playlists keeps its id, its name, 90 % of its songs, and all three, with an exact interval of
95 %. Then grows playlists of half of the songs in five steps to all, and compares their agreement with the
genre folders (NMI) with that of playlists that were made of all songs at once. Playlists go to a temporary
folder; songs are listened to in groove's home, once.
"""

from __future__ import annotations

import os

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")

import random
import re
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

import songs
from groovecli.actions.cluster import Clustered, ClusterRequest, run
from groovecli.actions.context import Context
from groovecli.evaluation.metrics import exact_interval
from groovecli.library.walk import list_audio
from groovecli.playlists.clusters import METHODS
from groovecli.playlists.manifest import OldList, read_manifest

_ADDED = 0.1  # share of the songs that are added
_STEPS = 5
_SAME = 0.9  # share of its songs that a list must keep
_ROWS = ("a tenth added", "a tenth added, --replace", "another seed", "another seed, --replace")
_DEFAULT = ClusterRequest(".", ".").method


@dataclass
class Counts:
    """Of how many lists what lasted."""

    lists: int = 0
    ids: int = 0
    names: int = 0
    songs: int = 0
    all: int = 0

    def add(self, before: tuple[OldList, ...], after: tuple[OldList, ...]) -> None:
        """Count the lists of a first run that a second one kept."""
        now = {each.id: each for each in after}
        for old in before:
            new = now.get(old.id)
            has_name = new is not None and new.name == old.name
            kept = len({*old.songs} & {*(new.songs if new is not None else ())})
            has_songs = kept >= _SAME * len(old.songs)
            self.lists += 1
            self.ids += new is not None
            self.names += has_name
            self.songs += has_songs
            self.all += has_name and has_songs


def main() -> None:
    """Measure each method, or the default."""
    parser = songs.program(__doc__)
    parser.add_argument("music", metavar="MUSIC", type=Path, help="folder of songs")
    parser.add_argument("--method", action="append", choices=METHODS, help=f"repeatable ({_DEFAULT})")
    parser.add_argument("--draws", type=int, default=3, help="times that songs are drawn (3)")
    parser.add_argument("--songs", type=int, help="take so many songs, drawn at random (all)")
    asked = parser.parse_args()
    paths = sorted(list_audio(asked.music).files)
    random.Random(0).shuffle(paths)
    spared = [_pattern(path, asked.music) for path in paths[asked.songs or len(paths) :]]
    paths = paths[: asked.songs]
    with Context() as context, tempfile.TemporaryDirectory() as folder:
        for method in asked.method or [_DEFAULT]:
            request = ClusterRequest(asked.music, folder, method=method, exclude=tuple(spared))
            _measure(request, paths, asked.draws, context)
            _grow(request, paths, asked.draws, context)


def _pattern(path: Path, music: Path) -> str:
    """A pattern of gitignore's that fits one file."""
    return "/" + re.sub(r"([\\*?\[\]!# ])", r"\\\1", str(path.relative_to(music)))


def _measure(request: ClusterRequest, paths: list[Path], n_draws: int, context: Context) -> None:
    found = {row: Counts() for row in _ROWS}
    started, sizes = time.perf_counter(), []
    root = Path(request.out)
    for draw in range(n_draws):
        drawn = random.Random(draw).sample(paths, round(_ADDED * len(paths)))
        patterns = tuple(_pattern(path, Path(request.library)) for path in drawn)
        fewer = replace(request, exclude=(*request.exclude, *patterns), seed=draw)
        whole = replace(request, seed=draw)
        for name, first, second in (
            ("added", fewer, whole),
            ("seed", whole, replace(whole, seed=draw + 100)),
        ):
            for again in (False, True):
                out = root / f"{request.method}-{draw}-{name}-{again}"
                run(replace(first, out=out), context)
                before = read_manifest(out).lists
                done: Clustered = run(replace(second, out=out, replace=again), context)
                row = _ROWS[2 * (name == "seed") + again]
                found[row].add(before, read_manifest(out).lists)
                sizes.append(len(done.written))
    n_each = (time.perf_counter() - started) / (8 * n_draws)
    print(
        f"{request.method}: {len(paths)} songs, {min(sizes)} to {max(sizes)} playlists,"
        f" {n_draws} draws, {n_each:.1f} s per run"
    )
    print(f"{'':26} lists   id       name     songs    all three")
    for row, counts in found.items():
        shares = (100 * each / counts.lists for each in (counts.ids, counts.names, counts.songs))
        found_all = exact_interval(counts.all, counts.lists)
        low, high = 100 * found_all.low, 100 * found_all.high
        print(
            f"{row:26} {counts.lists:5}   "
            + "".join(f"{share:5.1f} %  " for share in shares)
            + f"{100 * found_all.value:.1f} % ({low:.1f} to {high:.1f})",
            flush=True,
        )


def _grow(request: ClusterRequest, paths: list[Path], n_draws: int, context: Context) -> None:
    """Print what becomes of playlists that grow from half of the songs, and of those made at once."""
    found: dict[str, list[tuple[int, float]]] = {"grown in five steps": [], "made at once": []}
    for draw in range(n_draws):
        drawn = random.Random(draw).sample(paths, len(paths) // 2)
        out = Path(request.out) / f"{request.method}-{draw}-grown"
        for step in range(_STEPS + 1):
            absent = drawn[round(len(drawn) * step / _STEPS) :]
            patterns = tuple(_pattern(path, Path(request.library)) for path in absent)
            done = replace(request, out=out, exclude=(*request.exclude, *patterns), seed=draw)
            run(done, context)
        found["grown in five steps"].append(_agreement(read_manifest(out).lists))
        out = out.with_name(f"{out.name}-at-once")
        run(replace(request, out=out, seed=draw), context)
        found["made at once"].append(_agreement(read_manifest(out).lists))
    for name, figures in found.items():
        n_lists, nmi = (sum(values) / n_draws for values in zip(*figures, strict=True))
        print(f"{name:26} {n_lists:5.1f} playlists, NMI {nmi:.3f}", flush=True)


def _agreement(lists: tuple[OldList, ...]) -> tuple[int, float]:
    """How many lists there are, and how well they agree with the songs' folders."""
    from sklearn.metrics import normalized_mutual_info_score

    labels = [(number, Path(line).parent.name) for number, each in enumerate(lists) for line in each.songs]
    numbers, genres = zip(*labels, strict=True)
    return len(lists), float(normalized_mutual_info_score(genres, numbers))


if __name__ == "__main__":
    main()
