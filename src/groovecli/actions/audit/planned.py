"""Songs in doubt -> the changes that would set them right: another folder, or another genre tag."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from groovecli.actions.audit.found import Doubtful
from groovecli.audio.tags import primary_genre
from groovecli.library.changes.plan import Change
from groovecli.library.labels import LabelFrom, Labelled
from groovecli.library.tracks import Track
from groovecli.messages.words import percent


def planned(
    songs: Iterable[Doubtful], library: Path, label_from: LabelFrom, spelling: Mapping[str, str]
) -> list[Change]:
    """A change for each song; no two move to one path, and none to one where a file is.

    `spelling` has the folder of each genre, or how the tags spell it.
    """
    taken: set[Path] = set()
    return [_change(song, library, label_from, spelling, taken) for song in songs]


def _change(
    song: Doubtful, library: Path, label_from: LabelFrom, spelling: Mapping[str, str], taken: set[Path]
) -> Change:
    track = song.track
    why = f"{song.guess} {percent(song.confidence, 0)}, {song.label} {percent(song.own, 0)}"
    below = os.path.relpath(track.path, library)
    path = below.replace(os.sep, "/")
    if label_from == "tag":
        genre, was = spelling.get(song.guess, song.guess), track.tags.genre
        return Change(path, track.id, track.state, genre=(genre,), why=f"{why}; was: {was}")
    rest = below.split(os.sep, 1)[1]
    target = next(
        each
        for each in _names(library / spelling.get(song.guess, song.guess) / rest)
        if each not in taken and not os.path.lexists(each)
    )
    taken.add(target)
    to = os.path.relpath(target, library).replace(os.sep, "/")
    return Change(path, track.id, track.state, to=to, why=why)


def _names(path: Path) -> Iterator[Path]:
    """A path, then the same with numbers."""
    yield path
    number = 2
    while True:
        yield path.with_name(f"{path.stem} ({number}){path.suffix}")
        number += 1


def spelling_of(
    labelled: Labelled, tracks: Sequence[Track], library: Path, label_from: LabelFrom
) -> dict[str, str]:
    """The folder of each genre, or how tags spell it: what most songs have of those that are the same."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for track in tracks:
        genre = labelled.genres.get(track.path)
        if genre is None:
            continue
        if label_from == "folder":
            counts[genre][os.path.relpath(track.path, library).split(os.sep, 1)[0]] += 1
        elif primary_genre(track.tags) == track.tags.genre.lower():  # no other genre behind it
            counts[genre][track.tags.genre] += 1
    return {genre: of.most_common(1)[0][0] for genre, of in counts.items()}
