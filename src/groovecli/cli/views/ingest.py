"""What `groove ingest` says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from groovecli.cli import render
from groovecli.messages import words

if TYPE_CHECKING:
    from groovecli.actions.ingest import IngestResult
    from groovecli.datasets.lyrics import LyricsFound


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


def show(result: IngestResult) -> None:
    """Print what a dataset holds now, and what was left out."""
    settings = result.settings
    counts = list(result.genres.values())
    sides = list(counts[0].songs) if counts else []
    rows: list[tuple[object, ...]] = [
        (genre, *(c.songs[side] for side in sides), *(c.clips[side] for side in sides))
        for genre, c in result.genres.items()
    ]
    totals = [sum(c.songs[side] for c in counts) for side in sides]
    rows.append(("all", *totals, *(sum(c.clips[side] for c in counts) for side in sides)))
    first, *others = sides or ["train"]
    render.table(
        f"dataset {settings.name}: split by {settings.split_by}"
        + words.leaky(settings.split_by == "clip", "leaky")
        + f", seed {settings.seed}",
        ("genre", f"songs: {first}", *others, f"clips: {first}", *others),
        rows,
    )
    render.passed_over(result.passed_over)
    render.rejected("skipped", result.skipped)
    render.rejected("songs that are used, but not their lyrics", result.lyrics.unusable)
    for genre, why in result.left_out.items():
        render.note(f"left out: {genre} {why}")
    for line in _notes(result):
        render.note(line)
    rate = result.n_new_clips / result.seconds if result.seconds else 0
    render.note(
        f"{result.n_new_clips} new clips in {words.duration(result.seconds)}"
        + (f" ({rate:.1f} clips/s)" if result.n_new_clips else "")
    )


def _notes(result: IngestResult) -> list[str]:
    settings = result.settings
    lines = [f"{genre} counts as {other}: one genre" for genre, other in result.renamed.items()]
    if result.n_padded:
        lines.append(
            f"padded to {settings.clip_s:g} s by repeating them: {words.count(result.n_padded, 'song')}"
        )
    if result.n_fewer_clips:
        lines.append(
            f"too short for {settings.clips_per_song} clips, so that they gave fewer:"
            f" {words.count(result.n_fewer_clips, 'song')}"
        )
    if result.n_untagged:
        lines.append(
            f"without {settings.split_by} tag, so that each stands for itself in the split:"
            f" {words.count(result.n_untagged, 'song')}"
        )
    if result.loosened:
        lines.append(
            f"albums by several artists tie most songs of {', '.join(result.loosened)} together, so that"
            " only the songs of one artist are kept together there"
        )
    if result.n_shared_artists and settings.split_by in ("song", "album"):
        lines.append(
            f"in training and in test, which flatters: {words.count(result.n_shared_artists, 'artist')};"
            " `--split-by artist` (in another --dataset) keeps them apart"
        )
    if result.n_shared_artists and settings.split_by == "artist":
        lines.append(
            f"in training and in test, as their songs had sides already: "
            f"{words.count(result.n_shared_artists, 'artist')}; ingest into another --dataset to draw anew"
        )
    lines += _lyrics_notes(result.lyrics)
    if settings.split_by == "clip":
        lines.append("leaky split: clips of one song stand in training and in test")
    return lines


def _lyrics_notes(found: LyricsFound) -> list[str]:
    lines = []
    if found.n_songs or found.n_gone:
        gone = f", {found.n_gone} no longer have any" if found.n_gone else ""
        lines.append(f"songs with lyrics: {found.n_songs} ({found.n_new} new or changed{gone})")
    if found.n_given == 0:
        lines.append("the files of --musixmatch have no song of this dataset")
    if found.chosen:
        first = found.chosen[0]
        others = ", ".join(each or "none said" for each in first.others)
        lines.append(
            f"lyrics in several languages, of which the song's own, else the longest are taken:"
            f" {words.count(len(found.chosen), 'song')}, such as {first.path}"
            f" ({first.language or 'none said'}, not {others})"
        )
    return lines
