"""What `groove why` says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from groovecli.cli import render
from groovecli.cli.views.similar import pick_json, show_damaged, show_left_out
from groovecli.messages import words
from groovecli.playlists.picks import called

if TYPE_CHECKING:
    from groovecli.actions.why.passages import Passage
    from groovecli.actions.why.playlist import Rated, WhyIn
    from groovecli.actions.why.run import Side, Why
    from groovecli.library.tracks import Track


def show_json(found: Why) -> None:
    """Print how alike two songs are as JSON."""
    render.as_json(
        {
            "schema": 1,
            "model": found.model,
            "likeness": round(found.likeness, 4),
            "distance": round(found.distance, 6),
            "same": found.is_same,
            "one_recording": found.is_one_recording,
            "pairs_farther": None if found.share_farther is None else round(found.share_farther, 4),
            "songs": [_side_json(side) for side in (found.one, found.other)],
            "alike": [
                {
                    "starts_s": [passage.one_s, passage.other_s],
                    "ends_s": [round(passage.one_end_s, 3), round(passage.other_end_s, 3)],
                    "length_s": passage.length_s,
                    "distance": round(passage.distance, 6),
                }
                for passage in found.passages
            ],
            "facts": [
                {"name": fact.name, "values": [fact.one, fact.other], "shared": fact.is_shared}
                for fact in found.facts
            ],
            "preview": str(found.preview) if found.preview else None,
            "problems": list(found.problems),
            "compared": found.n_compared,
            "left_out": render.paths_json(found.left_out),
            "failed": render.paths_json(found.failed),
            "passed_over": found.passed_over.to_json(),
            "damaged": found.n_damaged,
        }
    )


def _side_json(side: Side) -> dict[str, Any]:
    return {
        **_song_json(side.track),
        "rank_of_other": side.rank,
        "nearest": [pick_json(pick) for pick in side.nearest],
    }


def _song_json(track: Track) -> dict[str, Any]:
    return {"path": str(track.path), "artist": track.tags.artist, "title": track.tags.title}


def show(found: Why) -> None:
    """Print how alike two songs are, where, in what, and what is nearer."""
    pairs: list[tuple[str, object]] = [
        ("A", called(found.one.track)),
        ("B", called(found.other.track)),
        ("alike", ", ".join((words.percent(found.likeness, 0), *_usual(found)))),
    ]
    if ranks := _ranks(found):
        pairs.append(("order", ranks))
    if found.passages:
        pairs.append(("most alike", _seconds(found.passages[0])))
    pairs += [
        (name, "; ".join(texts))
        for name, is_shared in (("shared", True), ("different", False))
        if (texts := [fact.text for fact in found.facts if fact.is_shared is is_shared])
    ]
    pairs += [
        (f"near {letter}", "; ".join(called(pick.track) for pick in side.nearest))
        for letter, side in (("A", found.one), ("B", found.other))
        if side.nearest
    ]
    render.fields(pairs)
    for problem in found.problems:
        render.note(f"no passages: {problem}")
    if found.preview:
        render.note(f"wrote {found.preview}")
    show_left_out(found.left_out, can_include=False)
    render.passed_over(found.passed_over)
    render.rejected("failed", found.failed)
    show_damaged(found.n_damaged)


def _usual(found: Why) -> Iterator[str]:
    if found.is_same:
        yield "the same song"
    elif found.is_one_recording:
        yield "one recording in two files"
    elif found.share_farther is not None:
        yield _against_pairs(found, found.share_farther)


def _against_pairs(found: Why, share_farther: float) -> str:
    share = words.percent(share_farther, 0 if share_farther < 0.985 else 1)
    return f"nearer than {share} of the pairs among {words.count(found.n_compared, 'song')}"


def _ranks(found: Why) -> str:
    sides = (("B", "A", found.one.rank), ("A", "B", found.other.rank))
    texts = [
        f"{other} is the {'' if rank == 1 else words.ordinal(rank) + ' '}nearest song to {side}"
        for other, side, rank in sides
        if rank
    ]
    return "; ".join(texts)


def _seconds(passage: Passage) -> str:
    a, b = _span(passage.one_s, passage.one_end_s), _span(passage.other_s, passage.other_end_s)
    return f"{a} of A and {b} of B"


def _span(start_s: float, end_s: float) -> str:
    return f"{_clock(start_s)} to {_clock(end_s)}"


def _clock(seconds: float) -> str:
    """75.2 -> '1:15'."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"


def show_playlist_json(found: WhyIn) -> None:
    """Print how near a song is to a playlist as JSON."""
    render.as_json(
        {
            "schema": 1,
            "model": found.model,
            "song": _song_json(found.track),
            "in_playlist": found.is_in,
            "playlist": _rated_json(found.playlist),
            "nearest": [
                {**_song_json(track), "likeness": round(likeness, 4)} for track, likeness in found.nearest
            ],
            "others": [_rated_json(each) for each in found.others],
            "margin": None if found.margin is None else round(found.margin, 4),
            "failed": render.paths_json(found.failed),
            "passed_over": found.passed_over.to_json(),
            "damaged": found.n_damaged,
        }
    )


def _rated_json(rated: Rated) -> dict[str, Any]:
    return {
        "file": str(rated.path),
        "name": rated.name,
        "songs": rated.n_songs,
        "likeness": round(rated.likeness, 4),
    }


def show_playlist(found: WhyIn) -> None:
    """Print how near a song is to a playlist, and to the next one."""
    near = (f"{called(track)} ({words.percent(likeness, 0)})" for track, likeness in found.nearest)
    pairs: list[tuple[str, object]] = [
        ("song", called(found.track)),
        ("playlist", f"{_rated(found.playlist)}{'' if found.is_in else ', without this song'}"),
        ("nearest", "; ".join(near)),
    ]
    if found.others and found.margin is not None:
        pairs.append(("next playlist", _rated(found.others[0])))
        pairs.append(("margin", words.points(found.margin)))
    render.fields(pairs)
    render.passed_over(found.passed_over)
    render.rejected("failed", found.failed)
    show_damaged(found.n_damaged)


def _rated(rated: Rated) -> str:
    n = words.count(rated.n_songs, "song")
    return f"{rated.name} ({n}): alike by {words.percent(rated.likeness, 0)} on average"
