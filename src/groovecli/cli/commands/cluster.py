"""`groove cluster`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from groovecli.cli import options, render
from groovecli.cli.progress import watched
from groovecli.errors import ExitCode

if TYPE_CHECKING:
    from groovecli.actions.cluster import Curated


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
    from groovecli.actions.cluster import CurationRequest, curate
    from groovecli.home import catalog_file
    from groovecli.library.catalog import Catalog
    from groovecli.models.devices import choose_device, use_threads
    from groovecli.models.file import find_model, load_model
    from groovecli.playlists.clusters import METHODS

    options.choice("--method", method, *METHODS)
    request = CurationRequest(library, out, method, min_size, clusters, absolute, preview, seed, clips)
    use_threads(1)  # each: songs go through side by side
    loaded = load_model(find_model(model), choose_device(device))
    with Catalog(catalog_file()) as catalog, watched() as monitor:
        curated = curate(catalog, loaded, request, jobs=jobs, monitor=monitor)
    if json:
        _show_json(curated)
    else:
        _show(curated, out)
    if curated.failed:
        raise typer.Exit(ExitCode.PARTIAL)


def _show_json(curated: Curated) -> None:
    render.as_json(
        {
            "schema": 1,
            "model": curated.model,
            "method": curated.method,
            "playlists": [
                {
                    "name": w.name,
                    "file": str(w.path),
                    "songs": w.n_songs,
                    "exemplar": str(exemplar),
                    "preview": str(w.preview) if w.preview else None,
                }
                for w, exemplar in zip(curated.written, curated.exemplars, strict=True)
            ],
            "left_out": curated.n_left_out,
            "kept": [{"path": str(k.path), "reason": k.reason} for k in curated.kept],
            "failed": render.paths_json(curated.failed),
            "notes": list(curated.notes),
        }
    )


def _show(curated: Curated, out: Path) -> None:
    rows = [
        (written.name, exemplar.stem, written.n_songs)
        for written, exemplar in zip(curated.written, curated.exemplars, strict=True)
    ]
    render.table(
        f"{len(rows)} playlists of {render.count(curated.n_songs, 'song')} in {out},"
        f" by {curated.model} and {curated.method}",
        ("playlist", "sounds like", "songs"),
        rows,
        left=2,
    )
    for line in curated.notes:
        render.note(line)
    if curated.n_left_out:
        render.note(f"in no playlist: {render.count(curated.n_left_out, 'song')}")
    for kept in curated.kept:
        render.note(f"left alone: {kept.path}: {kept.reason}")
    render.rejected("failed", curated.failed)
