"""What the benchmarks share: their arguments, and the songs of a library that they look at."""

from __future__ import annotations

import argparse
import random
from collections import defaultdict
from itertools import chain, islice, zip_longest
from pathlib import Path

from groovecli.library.labels import by_folder
from groovecli.library.walk import list_audio


def program(doc: str | None) -> argparse.ArgumentParser:
    """A parser without arguments yet; `doc` is the program's docstring."""
    return argparse.ArgumentParser(
        description=doc, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )


def parser(
    doc: str | None, *, n_songs: int, songs_help: str, needs_music: bool = True
) -> argparse.ArgumentParser:
    """The arguments that the programs on a library have in common."""
    common = program(doc)
    common.add_argument(
        "music",
        metavar="MUSIC",
        type=Path,
        nargs=None if needs_music else "?",
        help="folder with one folder per genre",
    )
    common.add_argument("--model", metavar="NAME", help="model to measure (default: the one that serves)")
    common.add_argument("--songs", metavar="N", type=int, default=n_songs, help=songs_help)
    common.add_argument("--seed", metavar="S", type=int, default=0, help="of every random draw (0)")
    return common


def spread(music: Path, n_songs: int, *, seed: int) -> list[Path]:
    """Up to `n_songs` songs below `music`, drawn evenly from its genre folders as far as these go."""
    rng = random.Random(seed)
    folders: dict[str, list[Path]] = defaultdict(list)
    for path, genre in by_folder(music, list_audio(music).files).genres.items():
        folders[genre].append(path.absolute())
    for paths in folders.values():
        rng.shuffle(paths)
    in_turn = chain.from_iterable(zip_longest(*(folders[genre] for genre in sorted(folders))))
    return list(islice((path for path in in_turn if path is not None), n_songs))
