"""What `groove ingest` says."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from groovecli.cli import render
from groovecli.cli.views import reach
from groovecli.messages import words

if TYPE_CHECKING:
    from groovecli.actions.ingest import IngestResult
    from groovecli.datasets.lyrics import LyricsFound

_N_NAMED = 10  # genres


def to_json(result: IngestResult) -> dict[str, Any]:
    """Plain values of an ingest."""
    return {
        "schema": 1,
        "dataset": result.settings.name,
        "split_by": result.settings.split_by,
        "seed": result.settings.seed,
        "depth": result.settings.depth,
        "genres": {
            genre: {"songs": dict(count.songs), "clips": dict(count.clips)}
            for genre, count in result.genres.items()
        },
        "skipped": render.paths_json(result.skipped),
        "passed_over": result.passed_over.to_json(),
        "renamed": dict(result.renamed),
        "left_out": dict(result.left_out),
        "padded": result.n_padded,
        "fewer_clips": result.n_fewer_clips,
        "untagged": result.n_untagged,
        "shared_artists": result.n_shared_artists,
        "loosened": list(result.loosened),
        "new_clips": result.n_new_clips,
        "lyrics": lyrics_json(result.lyrics),
        "seconds": round(result.seconds, 2),
        "interrupted": result.interrupted,
        **result.reach.to_json(),
    }


def lyrics_json(found: LyricsFound) -> dict[str, Any]:
    """Plain values of a dataset's lyrics."""
    return {
        "songs": found.n_songs,
        "new": found.n_new,
        "gone": found.n_gone,
        "given": found.n_given,
        "several_languages": [
            {"path": str(each.path), "taken": each.language, "others": list(each.others)}
            for each in found.chosen
        ],
        "unusable": render.paths_json(found.unusable),
    }


def show(result: IngestResult, library: Path | None = None) -> None:
    """Print what a dataset holds now, and what was left out; `library` is where its songs are from.

    Of one that Ctrl-C stopped nothing is shown: its clips are not all there, so that figures would mislead.
    """
    if result.interrupted:
        return
    counts = list(result.genres.values())
    sides = list(counts[0].songs) if counts else ["train", "test"]
    rows: list[tuple[object, ...]] = [
        (genre, *(c.songs[side] for side in sides), *(c.clips[side] for side in sides))
        for genre, c in result.genres.items()
    ]
    songs = [sum(c.songs[side] for c in counts) for side in sides]
    clips = [sum(c.clips[side] for c in counts) for side in sides]
    rows.append(("all", *songs, *clips))
    render.table(
        "",
        ("genre", *(f"{side} songs" for side in sides), *(f"{side} clips" for side in sides)),
        rows,
        ranks=(0, *(1 for _ in sides), *(2 for _ in sides)),
    )
    render.passed_over(result.passed_over)
    render.rejected("skipped", result.skipped)
    reach.show(result.reach, said={item.path for item in result.skipped})
    render.rejected("songs that are used, but not their lyrics", result.lyrics.unusable)
    for line in [*_notes(result), *_lyrics_notes(result.lyrics)]:
        render.note(line)
    _warn(result, library)
    render.note(_pace(result))
    render.summary(_in_short(result, sum(songs), sum(clips)))


def _in_short(result: IngestResult, n_songs: int, n_clips: int) -> str:
    """What the dataset holds, and how it is split."""
    settings = result.settings
    what = f"{words.count(n_songs, 'song')} of {words.count(len(result.genres), 'genre')}"
    split = f"split by {settings.split_by}{words.leaky(settings.split_by == 'clip', 'leaky')}"
    clips = words.count(n_clips, "clip")
    return f"dataset {settings.name}: {what}, {clips}, {split}, seed {settings.seed}"


def _pace(result: IngestResult) -> str:
    text = f"{words.count(result.n_new_clips, 'new clip')} in {words.duration(result.seconds)}"
    rate = result.n_new_clips / result.seconds if result.seconds else 0
    return f"{text} ({rate:.1f} clips/s)" if result.n_new_clips else text


def _notes(result: IngestResult) -> list[str]:
    """What was done to songs that are not as usual."""
    settings = result.settings
    lines = [f"{genre} counts as {other}: one genre" for genre, other in result.renamed.items()]
    if result.n_padded:
        lines.append(
            f"{words.count(result.n_padded, 'song')} a little shorter than a clip ({settings.clip_s:g} s):"
            " looped"
        )
    if result.n_fewer_clips:
        lines.append(
            f"{words.count(result.n_fewer_clips, 'song')} too short for {settings.clips_per_song} clips:"
            " cut into fewer"
        )
    if result.n_untagged:
        by = settings.split_by
        lines.append(
            f"{words.count(result.n_untagged, 'song')} without {words.a(by)} tag: each counts as"
            f" {words.a(by)} of its own"
        )
    if result.loosened:
        lines.append(
            f"albums by several artists link most songs of {', '.join(result.loosened)}: there only the"
            " songs of one artist are kept together"
        )
    return lines


def _warn(result: IngestResult, library: Path | None) -> None:
    """Say what is left out, and what makes an accuracy look too good."""
    settings = result.settings
    for genre, why in result.left_out.items():
        render.warning(f"{genre} is left out: it {why}")
    if few := _few_songs(result):
        render.warning(few)
    source = shlex.quote(str(library)) if library else "MUSIC"
    if settings.split_by == "clip":
        render.warning(
            "leaky split: clips of one song are in both training and test; accuracy will look far too good"
        )
        render.hint(f"groove ingest {source} --dataset by-artist --split-by artist")
    elif result.n_shared_artists and settings.split_by in ("song", "album", "artist"):
        n = words.count(result.n_shared_artists, "artist")
        are = "is" if result.n_shared_artists == 1 else "are"
        before = " (these songs were split before)" if settings.split_by == "artist" else ""
        render.warning(f"{n} {are} in both training and test{before}; accuracy will look too good")
        name = "anew" if settings.split_by == "artist" else "by-artist"
        render.hint(f"groove ingest {source} --dataset {name} --split-by artist")


def _few_songs(result: IngestResult) -> str:
    """Which genres have too few songs to be told apart well; empty where none has."""
    from groovecli.evaluation.enough import FEWEST_OF_A_GENRE

    n_songs = {genre: sum(count.songs.values()) for genre, count in result.genres.items()}
    few = [f"{genre} ({n})" for genre, n in n_songs.items() if n < FEWEST_OF_A_GENRE]
    if not few:
        return ""
    more = f" and {words.count(len(few) - _N_NAMED, 'genre')} more" if len(few) > _N_NAMED else ""
    return f"few songs: {', '.join(few[:_N_NAMED])}{more}; give {FEWEST_OF_A_GENRE} or more of each genre"


def _lyrics_notes(found: LyricsFound) -> list[str]:
    lines = []
    if found.n_songs or found.n_gone:
        gone = f", {found.n_gone} no longer have any" if found.n_gone else ""
        lines.append(
            f"{words.count(found.n_songs, 'song')} with lyrics ({found.n_new} new or changed{gone})"
        )
    if found.n_given == 0:
        lines.append("the files of --musixmatch have no song of this dataset")
    if found.chosen:
        first = found.chosen[0]
        others = ", ".join(each or "none said" for each in first.others)
        lines.append(
            f"{words.count(len(found.chosen), 'song')} with lyrics in several languages: the song's own is"
            f" used, else the longest, such as {first.path} ({first.language or 'none said'}, not {others})"
        )
    return lines
