"""What `groove classify` says."""

from __future__ import annotations

import os
import shlex
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from groovecli.cli import render
from groovecli.messages import words
from groovecli.messages.actions import nothing_to_hear

if TYPE_CHECKING:
    from groovecli.models.results import Classified, Named, SongGenre

_MAX_TOTALS = 12
_LEAST_PATH = 24
_SHOWN = 0.005  # a smaller share would read 0 %
_STRANGE = "*"
_UNSURE = "unsure"
_FEWEST_TO_CLUSTER = 10


def show_json(classified: Classified, top: int) -> None:
    """Print the genres of songs as JSON."""
    render.as_json(
        {
            "schema": 1,
            "model": classified.model,
            "about_model": classified.about and classified.about.to_json(),
            "hint": classified.hint or None,
            "min_confidence": classified.min_confidence,
            "results": (_song_json(song, top) for song in classified.results),
            "failed": render.paths_json(classified.failed),
            "notes": list(classified.notes),
            **_error_json(classified),
            "passed_over": classified.passed_over.to_json(),
        }
    )
    note_unknown(classified)


def _song_json(song: SongGenre, top: int) -> dict[str, Any]:
    """A song's genres as plain values."""
    from groovecli.reports import descriptions

    return {
        "path": str(song.path),
        "verdict": song.verdict,
        "genre": song.genre,
        "guess": song.guess,
        "confidence": song.confidence,
        "unsure": song.is_unsure,
        "probabilities": dict(song.probabilities),
        "top": list(song.probabilities)[:top],
        "familiar": song.is_familiar,
        "description": descriptions.to_json(song.said),
        **_parent_json(song.parent),
    }


def _error_json(classified: Classified) -> dict[str, Any]:
    """The error of an answer without a song; nothing beside songs."""
    if classified.results or not classified.failed:
        return {}
    error = nothing_to_hear(len(classified.failed))
    return {"error": {"what": error.what, "hint": error.hint, "code": int(error.exit_code)}}


def _parent_json(parent: Named | None) -> dict[str, Any]:
    """The likeliest parent and all parents' probabilities; null where genres have none."""
    return {
        "parent_verdict": parent and parent.verdict,
        "parent": parent and parent.genre,
        "parent_guess": parent and parent.guess,
        "parent_confidence": parent and parent.confidence,
        "parent_probabilities": parent and dict(parent.probabilities),
    }


def show(classified: Classified, top: int) -> None:
    """Print the genres of songs: in columns on a terminal, in a pipe a song a line with its whole path."""
    on_screen = render.is_on_screen()
    folder = _common_folder(classified)
    say = render.answer if on_screen else render.note
    say(classified.first_line)
    if classified.hint:
        render.hint(classified.hint)
    if on_screen:
        render.answer(_headline(classified, folder))
        _show_columns(classified, top, folder)
    else:
        for song in classified.results:
            strange = " (unlike anything the model learnt from)" if song.is_familiar is False else ""
            render.answer(f"{song.path}: {'; '.join(_levels(song, top))}{strange}")
    for line in classified.notes:
        render.note(line)
    render.passed_over(classified.passed_over)
    render.rejected("failed", classified.failed)
    note_unknown(classified, mark=f"{_STRANGE} " if on_screen else "")
    if classified.results:
        (render.summary if on_screen else render.note)(totals(classified))


def next_step(classified: Classified, paths: Sequence[Path]) -> str:
    """What to do with a folder of songs whose genres are known."""
    folder = str(paths[0])
    if len(paths) > 1 or len(classified.results) < _FEWEST_TO_CLUSTER or not os.path.isdir(folder):
        return ""
    return f"groove cluster {shlex.quote(folder)} --out playlists"


def _headline(classified: Classified, folder: Path | None) -> str:
    """How many songs there are, and in which folder."""
    where = f" in {folder}" if folder else ""
    return f"{words.count(len(classified.results), 'song')}{where}"


def _common_folder(classified: Classified) -> Path | None:
    """The folder that all songs are in; None where there is none worth saying."""
    folders = {song.path.parent for song in classified.results}
    try:
        common = Path(os.path.commonpath(folders))
    except ValueError:  # there is no song, or they are on several drives
        return None
    return None if common in (Path(), Path(common.anchor)) else common


def _show_columns(classified: Classified, top: int, folder: Path | None) -> None:
    """Print a song a line: its genre, how sure that is, what else it may be, where it is."""
    others = [_others(song, top) for song in classified.results]
    n = max(map(len, others), default=0)
    rows = [
        (
            *_name(song),
            *(also[k] if k < len(also) else "" for k in range(n)),
            _STRANGE if song.is_familiar is False else "",
            song.path.relative_to(folder) if folder else song.path,
        )
        for song, also in zip(classified.results, others, strict=True)
    ]
    render.aligned(
        rows,
        right={1},
        ranks=(0, 0, *range(1, n + 1), 0, 0),
        styles=("", render.UNIT, *("dim",) * n, "yellow", render.PATH),
        least=dict.fromkeys(range(2, n + 2), render.WHOLE) | {n + 3: _LEAST_PATH},
    )


def _name(song: SongGenre) -> tuple[str, str]:
    """What a song is called at the first level of genres, and how sure that is."""
    level = song.parent or song
    share = words.percent(level.confidence, 0) if level.probabilities else ""
    return (_UNSURE if level.is_unsure else level.genre), share


def _others(song: SongGenre, top: int) -> list[str]:
    """The other genres that a song may be of; at two levels its sub-genres."""
    ranked = list(song.probabilities.items())[:top]
    if song.parent and song.probabilities:
        if song.parent.is_unsure:
            also = [_with_share(*each) for each in ranked]
            return [song.parent.guess, *also]
        return [f"unknown ({ranked[0][0]})"] if song.is_unknown else [_with_share(*each) for each in ranked]
    also = [_with_share(*each) for each in ranked[1:] if each[1] >= _SHOWN]
    return [ranked[0][0], *also] if song.is_unknown or song.is_unsure else also


def totals(classified: Classified) -> str:
    """How many songs there are of each genre, the most first: '30 songs: rock 19, folk 9, unknown 2'."""
    levels = [song.parent or song for song in classified.results]
    called = [(_UNSURE if level.is_unsure else level.genre, level) for level in levels]
    last = Counter(name for name, level in called if name == _UNSURE or level.verdict != "named")
    names = Counter(name for name, level in called if name != _UNSURE and level.verdict == "named")
    most = names.most_common(_MAX_TOTALS)
    rest = names.total() - sum(n for _, n in most)
    parts = [f"{genre} {n:,}" for genre, n in most]
    if rest:
        parts.append(f"{words.count(len(names) - len(most), 'other genre')} {rest:,}")
    parts += [f"{name} {n:,}" for name, n in last.items()]
    return f"{words.count(len(classified.results), 'song')}: {', '.join(parts)}"


def _levels(song: SongGenre, top: int) -> list[str]:
    levels = (song.parent, song) if song.parent and song.probabilities else (song,)
    return [_in_words(level, top) for level in levels]


def _in_words(named: Named, top: int) -> str:
    """A name with the likeliest genres: 'rock 81 %, folk 9 %', 'unknown (rock 41 %)', 'silent'."""
    ranked = list(named.probabilities.items())[:top]
    text = ", ".join(_with_share(*each) for each in ranked)
    return f"{named.genre} ({text})" if named.is_unknown else text or named.genre


def _with_share(genre: str, share: float) -> str:
    return f"{genre} {words.percent(share, 0)}"


def note_unknown(classified: Classified, *, mark: str = "") -> None:
    """Say how many songs are unknown, or may be no music; `mark` is what stands beside the latter."""
    unknown, n_songs = classified.unknown, len(classified.results)
    if classified.strange:
        n = f"{len(classified.strange)} of {words.count(n_songs, 'song')}"
        are = "is" if len(classified.strange) == 1 else "are"
        render.note(f"{mark}{n} {are} unlike all songs that the model was trained on: perhaps not music")
    if any((song.parent or song).is_unsure for song in classified.results):
        render.note(f"{_UNSURE}: no genre reaches 50 %; the likeliest genres follow")
    if not unknown:
        return
    text = (
        f"{len(unknown)} of {words.count(n_songs, 'song')} {'is' if len(unknown) == 1 else 'are'}"
        f" below --min-confidence {classified.min_confidence:g}: unknown"
    )
    n_half = sum(song.parent is not None and not song.parent.is_unknown for song in unknown)
    render.note(f"{text}; the parent genre of {n_half} of them is known" if n_half else text)
