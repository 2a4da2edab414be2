"""What `groove search` says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groovecli.actions.search.said import MEASURED, TAGS, Match
from groovecli.cli import render
from groovecli.cli.views.similar import show_damaged
from groovecli.messages import words
from groovecli.playlists.picks import called

if TYPE_CHECKING:
    from groovecli.actions.search.run import Found, Hit


def show_json(found: Found) -> None:
    """Print the songs as JSON."""
    render.as_json(
        {
            "schema": 1,
            "model": found.model,
            "words": found.words,
            "terms": [
                {
                    "said": term.said,
                    "wanted": term.is_wanted,
                    "by": list(term.sources),
                    "unknown_songs": term.n_unknown,
                    "weak": term.is_weak,
                }
                for term in found.terms
            ],
            "unknown": [{"said": word.said, "near": list(word.near)} for word in found.unknown],
            "unmeasured": list(found.unmeasured),
            "filler": list(found.filler),
            "out": str(found.out) if found.out else None,
            "songs": [_json(hit) for hit in found.hits],
            "compared": found.n_compared,
            "found": found.n_found,
            "files_read": found.n_read,
            "gone": render.paths_json(found.gone),
            "failed": render.paths_json(found.failed),
            "passed_over": found.passed_over.to_json(),
            "damaged": found.n_damaged,
        }
    )


def _json(hit: Hit) -> dict[str, object]:
    return {
        "path": str(hit.track.path),
        "artist": hit.track.tags.artist,
        "title": hit.track.tags.title,
        "score": round(hit.score, 4),
        "matches": [
            {
                "said": match.said,
                "wanted": match.is_wanted,
                "share": round(match.share, 4),
                "value": match.value,
                "by": match.by,
            }
            for match in hit.matches
        ],
    }


def show(found: Found) -> None:
    """Print the songs with what they have of each word; in a pipe a path a line."""
    _show_songs(found)
    for word in found.unknown:
        near = f"; did you mean {' or '.join(word.near)}?" if word.near else ""
        render.warning(f"left out, as nothing says what it is: {word.said}{near}")
    if found.unmeasured:
        render.warning(f"left out, as no song was measured for it: {', '.join(found.unmeasured)}")
        render.hint("measure your music first, once: `groove describe ~/Music`")
    for term in found.terms:
        if term.n_unknown:
            n = words.count(term.n_unknown, "song")
            render.note(f"{term.said}: not known for {n}; unknown songs rank in the middle")
        if term.is_weak:
            render.note(f"{term.said}: no song is likely to fit; these are the nearest")
    render.passed_over(found.passed_over)
    render.rejected("not there any more", found.gone)
    render.rejected("failed", found.failed)
    show_damaged(found.n_damaged)
    say = render.summary if render.is_on_screen() else render.note
    n, compared = words.count(len(found.hits), "song"), words.count(found.n_compared, "song")
    if found.n_found is not None and found.n_found > len(found.hits):
        n = f"{len(found.hits):,} of {words.count(found.n_found, 'song')}"
    where = f": {found.out}" if found.out else ""
    say(f"{n} for {', '.join(_names(found))}, out of {compared}, by {found.model}{where}")


def _show_songs(found: Found) -> None:
    """Each song, and below it what it has of each word."""
    if not render.is_on_screen():
        for hit in found.hits:
            render.answer(f"{hit.track.path}: {words.percent(hit.score, 0)}")
        return
    pairs: list[tuple[str, object]] = []
    for hit in found.hits:
        said = ", ".join(map(said_of, hit.matches))
        pairs += [(f"{words.percent(hit.score, 0):>5}", called(hit.track)), ("", said)]
    render.fields(pairs)


def said_of(match: Match) -> str:
    """`piano 0.62 (AudioSet)`, `slow 72 BPM`, `C minor`, `davis (artist)`, `not vocals 0.03 (AudioSet)`."""
    said = match.said if match.is_wanted else f"not {match.said}"
    if not match.by:
        return f"{said}: not known"
    if match.by == MEASURED:
        return match.value if match.is_number and match.is_wanted else f"{said} {match.value}"
    if match.by == TAGS and not match.value:
        return f"no {match.said}"
    return f"{said} ({match.value})" if match.by == TAGS else f"{said} {match.value} ({match.by})"


def _names(found: Found) -> list[str]:
    return [term.said if term.is_wanted else f"not {term.said}" for term in found.terms]
