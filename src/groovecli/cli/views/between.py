"""What `groove between` says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groovecli.cli import render
from groovecli.cli.views.similar import show_damaged, show_left_out
from groovecli.messages import words
from groovecli.playlists.picks import called

if TYPE_CHECKING:
    from groovecli.actions.between import Between


def show_json(found: Between) -> None:
    """Print the way as JSON."""
    render.as_json(
        {
            "schema": 1,
            "model": found.model,
            "out": str(found.out) if found.out else None,
            "songs": [
                {
                    "path": str(track.path),
                    "artist": track.tags.artist,
                    "title": track.tags.title,
                    "step": None if step is None else round(step, 6),
                }
                for track, step in zip(found.tracks, (None, *found.steps), strict=True)
            ],
            "asked": found.n_wanted,
            "longest_step_of_mean": round(found.evenness, 3),
            "compared": found.n_compared,
            "left_out": render.paths_json(found.left_out),
            "gone": render.paths_json(found.gone),
            "failed": render.paths_json(found.failed),
            "passed_over": found.passed_over.to_json(),
            "damaged": found.n_damaged,
        }
    )


def show(found: Between) -> None:
    """Print the way: on a terminal with names, in a pipe a path a line."""
    if render.is_on_screen():
        render.aligned(
            [(n, called(track), track.path) for n, track in enumerate(found.tracks, 1)],
            right={0},
            ranks=(0, 0, 1),
            styles=("dim", "", render.PATH),
            least={2: render.WHOLE},
        )
    else:
        for track in found.tracks:
            render.answer(str(track.path))
    render.passed_over(found.passed_over)
    show_left_out(found.left_out)
    render.rejected("not there any more", found.gone)
    render.rejected("failed", found.failed)
    show_damaged(found.n_damaged)
    if len(found.tracks) < found.n_wanted:
        render.note(f"no more songs fit between the two: {len(found.tracks)} instead of {found.n_wanted}")
    say = render.summary if render.is_on_screen() else render.note
    where = f": {found.out}" if found.out else ""
    compared = words.count(found.n_compared, "song")
    say(
        f"{words.count(len(found.tracks), 'song')}, out of {compared}, by {found.model};"
        f" the longest step is {found.evenness:.1f} times the mean{where}"
    )
