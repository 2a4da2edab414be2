"""What a folder of playlists remembers of a run: how songs were grouped, and how its files are written."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from shlex import quote
from typing import Any

from groovecli.actions.clustered import ClusterRequest
from groovecli.messages.playlists import written_as_before
from groovecli.models.loaded import LoadedModel
from groovecli.playlists.formats.registry import FORMATS
from groovecli.playlists.manifest import About
from groovecli.playlists.naming import path_maps
from groovecli.playlists.players.registry import ANY, PLAYERS
from groovecli.playlists.standing import Standing

_GROUPING = ("method", "min_size", "max_size", "n_clusters", "n_clips", "seed", "name_format")
"""Options by which lists go on as they are while they are the same."""
_TEXTS = ("relative_to", "prefix")


def about_run(model: LoadedModel, request: ClusterRequest, n_songs: int) -> About:
    """What the folder is to remember of a run."""
    options = {name: getattr(request, name) for name in _GROUPING}
    player = request.player if request.player not in (None, ANY.name) else ""
    library = os.path.abspath(request.library)
    paths = dict(_paths_of(request))
    return About(library, model.description.name, model.id, options, n_songs, player or "", paths)


def _paths_of(request: ClusterRequest) -> Iterator[tuple[str, Any]]:
    """How files are written, with folders that are the same wherever groove is run next."""
    if request.format:
        yield "format", request.format
    if request.absolute:
        yield "absolute", True
    if request.relative_to is not None:
        yield "relative_to", os.path.abspath(request.relative_to)
    if request.prefix:
        yield "prefix", request.prefix
    if request.path_map:
        yield "path_map", [f"{here}={there}" for here, there in path_maps(request.path_map)]


def as_before(request: ClusterRequest, standing: Standing) -> tuple[ClusterRequest, str]:
    """The request with the player, paths and format of the last run, if it has none itself; with a note."""
    was = standing.manifest.about
    is_other = was.library != os.path.abspath(request.library)
    if request.player is not None or dict(_paths_of(request)) or (request.replace and is_other):
        return request, ""
    found = dict(_remembered(was))
    if not found:
        return request, ""
    return replace(request, **found), written_as_before(" ".join(_typed(found)))


def _remembered(was: About) -> Iterator[tuple[str, Any]]:
    """What a manifest says, as far as it is what there can be."""
    if was.player in PLAYERS:
        yield "player", was.player
    if was.paths.get("format") in FORMATS:
        yield "format", was.paths["format"]
    if was.paths.get("absolute") is True:
        yield "absolute", True
    for name in _TEXTS:
        if isinstance(text := was.paths.get(name), str) and text:
            yield name, Path(text) if name == "relative_to" else text
    maps = was.paths.get("path_map")
    if isinstance(maps, list) and maps and all(isinstance(each, str) for each in maps):
        yield "path_map", tuple(maps)


def _typed(options: Mapping[str, Any]) -> Iterator[str]:
    """Options as a person types them."""
    for name, value in options.items():
        option = "--for" if name == "player" else f"--{name.replace('_', '-')}"
        if value is True:
            yield option
            continue
        for each in value if isinstance(value, tuple) else (value,):
            yield f"{option} {quote(str(each))}"
