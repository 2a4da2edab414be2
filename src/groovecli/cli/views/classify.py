"""What `groove classify` says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from groovecli.cli import render
from groovecli.messages import words

if TYPE_CHECKING:
    from groovecli.models.results import Classified, Named


def show_json(classified: Classified, top: int) -> None:
    """Print the genres of songs as JSON."""
    render.as_json(
        {
            "schema": 1,
            "model": classified.model,
            "min_confidence": classified.min_confidence,
            "results": [
                {
                    "path": str(song.path),
                    "verdict": song.verdict,
                    "genre": song.genre,
                    "guess": song.guess,
                    "confidence": song.confidence,
                    "probabilities": dict(song.probabilities),
                    "top": list(song.probabilities)[:top],
                    "familiar": song.is_familiar,
                    **_parent_json(song.parent),
                }
                for song in classified.results
            ],
            "failed": render.paths_json(classified.failed),
            "notes": list(classified.notes),
            "passed_over": classified.passed_over.to_json(),
        }
    )


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
    """Print the genres of songs."""
    render.note(f"model {classified.model}")
    for song in classified.results:
        levels = (song.parent, song) if song.parent and song.probabilities else (song,)
        text = "; ".join(_in_words(level, top) for level in levels)
        strange = " (unlike anything the model learnt from)" if song.is_familiar is False else ""
        render.answer(f"{song.path}: {text}{strange}")
    for line in classified.notes:
        render.note(line)
    render.passed_over(classified.passed_over)
    render.rejected("failed", classified.failed)


def _in_words(named: Named, top: int) -> str:
    """A name with the likeliest genres: 'rock 81 %, folk 9 %', 'unknown (rock 41 %)', 'silent'."""
    ranked = list(named.probabilities.items())[:top]
    text = ", ".join(f"{genre} {words.percent(share, 0)}" for genre, share in ranked)
    return f"{named.genre} ({text})" if named.is_unknown else text or named.genre


def note_unknown(classified: Classified) -> None:
    """Say how many songs are unknown, or may be no music."""
    unknown, n_songs = classified.unknown, len(classified.results)
    if classified.strange:
        n = words.count(len(classified.strange), "file")
        render.note(f"{n} of {n_songs} may be no music, or of a kind the model never heard")
    if not unknown:
        return
    text = (
        f"{len(unknown)} of {words.count(n_songs, 'song')} {'is' if len(unknown) == 1 else 'are'}"
        f" below --min-confidence {classified.min_confidence:g}: unknown"
    )
    n_half = sum(song.parent is not None and not song.parent.is_unknown for song in unknown)
    render.note(f"{text}; the parent genre of {n_half} of them is known" if n_half else text)
