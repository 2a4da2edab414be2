"""What `groove audit` says."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING, Any

from groovecli.cli import render
from groovecli.messages import words
from groovecli.messages.command import options_of

if TYPE_CHECKING:
    from groovecli.actions.audit.found import Audit, Doubtful
    from groovecli.actions.audit.run import AuditRequest


def show_json(found: Audit) -> None:
    """Print the songs in doubt as JSON."""
    render.as_json(
        {
            "schema": 1,
            "model": found.model,
            "library": str(found.library),
            "label_from": found.label_from,
            "songs": found.n_songs,
            "judged": found.n_judged,
            "likely_wrong": found.n_likely,
            "listed": [_song_json(song) for song in found.songs],
            "unjudged": found.unjudged,
            "out": str(found.out) if found.out else None,
            "plan": str(found.plan) if found.plan else None,
            "planned": found.n_planned,
            "without_genre": render.paths_json(found.loose),
            "left_out": render.paths_json(found.left_out),
            "failed": render.paths_json(found.failed),
            "passed_over": found.passed_over.to_json(),
        }
    )


def _song_json(song: Doubtful) -> dict[str, Any]:
    return {
        "path": str(song.track.path),
        "genre": song.label,
        "probability": round(song.own, 4),
        "guess": song.guess,
        "confidence": round(song.confidence, 4),
        "sure": song.is_sure,
        "near": [{"path": str(near.track.path), "genre": near.genre} for near in song.near],
    }


def show(found: Audit, request: AuditRequest) -> None:
    """Print the songs in doubt: where each is, what fits better, and where the nearest songs are.

    Where no genre is sure, the likeliest is said to be unclear.
    """
    rows = [
        (
            render.below(song.track.path, found.library),
            f"{song.label} {words.percent(song.own, 0)}",
            _better(song),
            ", ".join(near.genre for near in song.near),
        )
        for song in found.songs
    ]
    if rows:
        render.table(
            "", ("song", "is in", "fits better", "nearest songs are in"), rows, left=4, ranks=(0, 0, 0, 1)
        )
    for genre, n in found.unjudged.items():
        render.note(f"not judged: {words.count(n, 'song')} of {genre}, all by one artist")
    render.passed_over(found.passed_over)
    render.rejected("without a genre", found.loose)
    render.rejected("left out", found.left_out)
    render.rejected("failed", found.failed)
    if found.out:
        render.note(f"wrote {found.out}")
    if found.plan:
        render.note(f"wrote {found.plan} ({words.count(found.n_planned, 'change')})")
    n_unclear = sum(not song.is_sure for song in found.songs)
    if n_unclear and request.plan is not None:
        fit = "fits" if n_unclear == 1 else "fit"
        render.note(f"not in the plan: {words.count(n_unclear, 'song')} that {fit} no genre for sure")
    render.summary(_in_short(found))
    _next(found, request)


def _better(song: Doubtful) -> str:
    best = f"{song.guess} {words.percent(song.confidence, 0)}"
    return best if song.is_sure else f"unclear ({best})"


def _in_short(found: Audit) -> str:
    where = "folder" if found.label_from == "folder" else "genre tag"
    judged = words.count(found.n_judged, "song")
    if not found.n_likely:
        return f"no song of {judged} is likely in the wrong {where}, by {found.model}; nothing was changed"
    listed = "" if len(found.songs) == found.n_likely else f", the {len(found.songs)} most likely listed"
    return (
        f"{found.n_likely:,} of {judged} may be in the wrong {where}{listed}, by {found.model};"
        " nothing was changed"
    )


def _next(found: Audit, request: AuditRequest) -> None:
    if found.plan:
        render.next_step(f"groove apply {quote(str(found.plan))} --dry-run")
    elif found.songs and request.plan is None:
        options = options_of(request)
        library = quote(str(found.library))
        render.next_step(f"groove audit {library}{options} --plan plan.json --out listen.m3u8")
