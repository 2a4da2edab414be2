"""`groove cluster`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from groovecli.cli import options, render
from groovecli.cli.progress import working
from groovecli.errors import ExitCode
from groovecli.messages import words

if TYPE_CHECKING:
    from groovecli.actions.cluster import Clustered


def cluster(
    library: Annotated[Path, typer.Argument(help="Folder of songs.")],
    out: Annotated[Path, typer.Option(help="Folder to write the playlists to.")],
    model: options.Model = None,
    method: Annotated[str, typer.Option(help="affinity, kmeans, agglomerative or hdbscan.")] = "affinity",
    clusters: Annotated[
        int | None,
        typer.Option(min=1, help="How many, for kmeans and agglomerative. [default: sqrt(n / 2)]"),
    ] = None,
    min_size: Annotated[int, typer.Option(min=1, help="Songs in the smallest playlist.")] = 5,
    absolute: Annotated[bool, typer.Option("--absolute", help="Write absolute paths.")] = False,
    format: Annotated[str, typer.Option(help="Kind of playlist file: m3u8.")] = "m3u8",
    preview: Annotated[
        bool, typer.Option("--preview", help="Write a medley of its first songs beside each playlist.")
    ] = False,
    clips: Annotated[int, typer.Option(min=1, help="Places in a song that are heard.")] = 3,
    seed: options.Seed = 0,
    device: options.Device = "auto",
    jobs: options.Jobs = 0,
    json: options.Json = False,
) -> None:
    """Cut a library into playlists of songs that sound alike."""
    from groovecli.actions.cluster import ClusterRequest, run
    from groovecli.playlists.clusters import METHODS

    options.choice("--method", method, *METHODS)
    request = ClusterRequest(
        library, out, method, min_size, clusters, absolute, preview, seed, clips, model, format
    )
    with working(jobs=jobs, device=device, seed=seed) as context:
        clustered = run(request, context)
    if json:
        _show_json(clustered)
    else:
        _show(clustered, out)
    if clustered.failed:
        raise typer.Exit(ExitCode.PARTIAL)


def _show_json(clustered: Clustered) -> None:
    render.as_json(
        {
            "schema": 1,
            "model": clustered.model,
            "method": clustered.method,
            "playlists": [
                {
                    "name": w.name,
                    "file": str(w.path),
                    "songs": w.n_songs,
                    "exemplar": str(exemplar),
                    "preview": str(w.preview) if w.preview else None,
                }
                for w, exemplar in zip(clustered.written, clustered.exemplars, strict=True)
            ],
            "left_out": clustered.n_left_out,
            "in_no_playlist": render.paths_json(clustered.left_out),
            "removed": [str(path) for path in clustered.removed],
            "kept": [{"path": str(k.path), "reason": k.text, "code": k.reason} for k in clustered.kept],
            "failed": render.paths_json(clustered.failed),
            "passed_over": clustered.passed_over.to_json(),
            "notes": list(clustered.notes),
        }
    )


def _show(clustered: Clustered, out: Path) -> None:
    rows = [
        (written.name, exemplar.stem, written.n_songs)
        for written, exemplar in zip(clustered.written, clustered.exemplars, strict=True)
    ]
    render.table(
        f"{words.count(len(rows), 'playlist')} of {words.count(clustered.n_songs, 'song')} in {out},"
        f" by {clustered.model} and {clustered.method}",
        ("playlist", "sounds like", "songs"),
        rows,
        left=2,
    )
    for line in clustered.notes:
        render.note(line)
    render.rejected("in no playlist", clustered.left_out)
    render.listed("removed, of an earlier run", clustered.removed)
    for playlist in clustered.kept:
        render.note(f"left alone: {playlist.path}: {playlist.text}")
    render.passed_over(clustered.passed_over)
    render.rejected("failed", clustered.failed)
