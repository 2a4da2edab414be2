"""The music that groove-net learns from, and who may hear what.

A library of genre folders (`MUSIC`), and music of Debian's packages, unpacked side by side below one
folder and listed in a table with the columns pkg, path_in_deb, seconds and suggested_label: those of it
that a person labelled stand for other sources and are heard by no training.
"""

from __future__ import annotations

import argparse
import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

from groovecli.library.scan import scan
from groovecli.library.tracks import Track

GENRES = ("blues", "classical", "country", "electronic", "folk", "jazz", "rap", "reggae", "rock", "soul")
N_FOLDS = 5
_SHORTEST_S = 12.0
PROXY_GENRES = {
    "orchestral": "classical",
    "techno_dance": "electronic",
    "dark_ambient_electronic": "electronic",
    "ambient": "electronic",
    "metal": "rock",
    "rock": "rock",
    "acoustic_folk": "folk",
    "jazz_ragtime_piano": "jazz",
}
"""Weak labels of the proxy, as genres."""


def arguments(doc: str | None, *places: str) -> argparse.ArgumentParser:
    """What the programs here are asked: the folder of what was heard, and where all else lies."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("work", type=Path)
    for place in places:
        if place.startswith("--"):
            parser.add_argument(place, type=Path, required=True)
        else:
            parser.add_argument(place, type=Path)
    return parser


@dataclass(frozen=True)
class Piece:
    """A file to learn from or to measure on."""

    key: str
    path: Path
    genre: str
    artist: str


def of_library(music: Path) -> list[Piece]:
    """The songs of a library of genre folders."""
    tracks = scan(sorted(path for path in music.glob("*/*") if path.is_file()), jobs=1).tracks
    return [Piece(track.id, track.path, track.path.parent.name, _artist(track)) for track in tracks]


def _artist(track: Track) -> str:
    """The artist that the tags name, else the file's name before a dash."""
    name = track.tags.artist or track.path.stem.split(" - ")[0]
    return " ".join(name.casefold().split())


def of_packages(table: Path, unpacked: Path) -> list[Piece]:
    """The packages' tracks of which a person, not a tagger, says what they are."""
    with table.open(newline="") as file:
        rows = list(csv.DictReader(file))
    pieces = [
        Piece(f"{row['pkg']}-{number}", unpacked / row["pkg"] / row["path_in_deb"], genre, row["pkg"])
        for number, row in enumerate(rows)
        if (genre := PROXY_GENRES.get(row["suggested_label"])) and float(row["seconds"]) >= _SHORTEST_S
    ]
    return [piece for piece in pieces if piece.path.exists()]


def folds(pieces: list[Piece]) -> dict[str, int]:
    """Number of the fold in which each piece is heard by no training; artists are kept together.

    Pieces of other genres than the ten go with their artist, and into no fold if the artist has no
    piece of the ten.
    """
    of_ten = [piece for piece in pieces if piece.genre in GENRES]
    splitter = StratifiedGroupKFold(N_FOLDS, shuffle=True, random_state=0)
    labels, artists = [p.genre for p in of_ten], [p.artist for p in of_ten]
    by_artist: dict[str, int] = {}
    for fold, (_, test) in enumerate(splitter.split(np.zeros(len(of_ten)), labels, artists)):
        by_artist |= {artists[i]: fold for i in test}
    return {piece.key: by_artist.get(piece.artist, -1) for piece in pieces}
