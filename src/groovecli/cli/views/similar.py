"""What `groove similar` says."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from groovecli.cli import render
from groovecli.messages import words
from groovecli.messages.similar import DAMAGED, DAMAGED_HINT
from groovecli.playlists.picks import called

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groovecli.actions.similar.run import Similar
    from groovecli.library.tracks import Rejected
    from groovecli.playlists.picks import Pick


def show_json(found: Similar) -> None:
    """Print the songs as JSON."""
    render.as_json(
        {
            "schema": 1,
            "model": found.model,
            "seeds": [
                {"path": str(track.path), "weight": weight}
                for track, weight in zip(found.seeds.tracks, found.seeds.weights.tolist(), strict=True)
            ],
            "out": str(found.out) if found.out else None,
            "songs": [pick_json(pick) for pick in found.picks],
            "compared": found.n_compared,
            "left_out": render.paths_json(found.left_out),
            "gone": render.paths_json(found.gone),
            "failed": render.paths_json(found.failed),
            "passed_over": found.passed_over.to_json(),
            "damaged": found.n_damaged,
            "nothing": found.nothing or None,
        }
    )


def pick_json(pick: Pick) -> dict[str, object]:
    """A song of a list as plain values."""
    return {
        "path": str(pick.track.path),
        "artist": pick.track.tags.artist,
        "title": pick.track.tags.title,
        "likeness": round(pick.likeness, 4),
        "distance": round(pick.distance, 6),
    }


_OTHERS = "give other songs, or `--in` another folder"


def show(found: Similar, *, is_out: bool = False, is_excluded: bool = False) -> None:
    """Print the songs: on a terminal with their names, in a pipe a path a line.

    `is_out` says whether a playlist was asked for, `is_excluded` whether `--exclude` left songs out.
    """
    show_songs(found.picks)
    render.passed_over(found.passed_over)
    show_left_out(found.left_out)
    render.rejected("not there any more", found.gone)
    render.rejected("failed", found.failed)
    show_damaged(found.n_damaged)
    if found.nothing:
        render.warning(found.nothing)
        helps = "change `--exclude`, or give other songs" if is_excluded else _OTHERS
        render.note("no playlist was written" if is_out else helps)
    say = render.summary if render.is_on_screen() else render.note
    compared = words.count(found.n_compared, "song")
    where = f": {found.out}" if found.out else ""
    n = words.count(len(found.picks), "song")
    say(f"{n} most like {found.name}, out of {compared}, by {found.model}{where}")


def show_left_out(songs: Sequence[Rejected], *, can_include: bool = True) -> None:
    """Say how many songs would be listed and are left out, why, and how to let them in."""
    counts = Counter((song.reason, song.text) for song in songs)
    whys = "; ".join(
        f"{words.count(n, 'song')} {text.removeprefix('is ').partition(':')[0]}"
        for (_, text), n in counts.items()
    )
    kinds = ",".join(dict.fromkeys(str(reason) for reason, _ in counts))
    if songs:
        them = "it" if len(songs) == 1 else "them"
        render.note(f"left out: {whys}" + (f"; `--include {kinds}` lets {them} in" if can_include else ""))


def show_damaged(n_songs: int) -> None:
    """Say how many songs are left out since their vectors are damaged, and what helps."""
    if n_songs:
        render.warning(f"{words.count(n_songs, 'song')}: {DAMAGED}")
        render.hint(f"`{DAMAGED_HINT}` analyses them again")


def show_songs(picks: tuple[Pick, ...]) -> None:
    """Print songs with how near they are."""
    if not render.is_on_screen():
        for pick in picks:
            render.answer(f"{pick.track.path}: {words.percent(pick.likeness, 0)}")
        return
    render.aligned(
        [(words.percent(pick.likeness, 0), called(pick.track), pick.track.path) for pick in picks],
        right={0},
        ranks=(0, 0, 1),
        styles=(render.UNIT, "", render.PATH),
        least={2: render.WHOLE},
    )
