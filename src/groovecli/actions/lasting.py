"""A folder of playlists that goes on: by its model, with its lists, and only for its library."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from groovecli.actions.context import Context
from groovecli.errors import GrooveError, LibraryError
from groovecli.library.emptied import check_not_emptied, is_enough
from groovecli.library.tracks import Track
from groovecli.messages.playlists import (
    grouped_anew,
    lists_go_on,
    model_of_folder,
    model_of_lists_gone,
    much_grown,
    of_other_library,
    of_other_model,
    songs_of_lists_gone,
)
from groovecli.models.loaded import LoadedModel
from groovecli.playlists.clusters import Clustering
from groovecli.playlists.lasting import away, out_of_reach
from groovecli.playlists.manifest import About, Rows
from groovecli.playlists.matching import grown
from groovecli.playlists.playlist import Entry
from groovecli.playlists.rows import LEFT_OUT
from groovecli.playlists.rows import Rows as Vectors
from groovecli.playlists.standing import Standing

_MUCH_GROWN = 1.5  # times the songs that there were when all were grouped
_SEED = "seed"
_GROUP_NOTHING = {_SEED, "name_format"}  # options that are no reason to group songs again


def model_for(
    standing: Standing, asked: str | None, context: Context, *, again: bool = False
) -> tuple[LoadedModel, str]:
    """The model that is asked for, else the one that made the folder's lists; with a note, or none.

    Raises
    ------
    ModelError
        There is no such model, or the folder's is gone and `again` doesn't say to make its lists again.
    """
    was = standing.manifest.about.model
    if asked is not None or not was or not standing.lists:
        return context.load(asked), ""
    if context.shelf.stored(was) is None:
        if again:
            return context.load(None), ""
        raise model_of_lists_gone(standing.folder, was)
    try:
        serving = context.shelf.find(of_files=True).name
    except GrooveError:  # of no interest here
        serving = was
    return context.load(was), "" if serving == was else model_of_folder(standing.folder, was, serving)


def emptiness(tracks: Sequence[Track], library: Path, context: Context) -> GrooveError | None:
    """What is wrong with a library most of whose songs are gone; None with any other."""
    try:
        check_not_emptied(context.catalog, library, [track.path for track in tracks])
    except LibraryError as error:
        return error
    return None


def refusal(
    standing: Standing,
    about: About,
    entries: Sequence[Entry],
    emptied: GrooveError | None = None,
    *,
    force: bool = False,
    again: bool = False,
) -> tuple[GrooveError | None, str]:
    """Why a folder's lists are kept, if they are, and the option that goes on all the same.

    They are of another library or model, or most songs are gone.

    Parameters
    ----------
    about : About
        What new lists would be made from.
    entries : sequence of Entry
        The songs that they would be made of.
    emptied : GrooveError, optional
        What is wrong with the library, most of whose songs are gone.
    force : bool
        Go on though most songs of the lists are gone.
    again : bool
        Go on whatever the lists are of.
    """
    was, lists = standing.manifest.about, [each for each in standing.lists if not each.is_deleted]
    if again or not lists:
        return emptied, "--force" if emptied else ""
    lines = [line for each in lists for line in each.songs]
    find = Rows(list(entries), was.library)
    missing = [line for line in lines if find.of(line) is None]
    n_known, n_here = len(lines), len(lines) - len(missing)
    if was.library and was.library != about.library and 2 * n_here < n_known:
        return of_other_library(standing.folder, was.library, Path(about.library), len(lists)), "--replace"
    if was.model_id and was.model_id != about.model_id:
        return of_other_model(standing.folder, was.model, about.model, len(lists)), "--replace"
    n_there = n_here + sum(os.path.lexists(find.path(line)) for line in missing)
    if emptied is None and not force and not is_enough(n_known, n_there):
        emptied = songs_of_lists_gone(standing.folder, n_known, n_there)
    return emptied, "--force" if emptied else ""


def going_on(
    standing: Standing,
    about: About,
    entries: Sequence[Entry],
    fresh: Clustering,
    vectors: Vectors,
    min_size: int,
) -> tuple[Clustering, About, tuple[str, ...]]:
    """The folder's lists with what is new in the library, what to remember, and notes.

    `fresh` where there are no lists, and where the options that songs are grouped by were others.
    """
    was = standing.manifest.about
    if not standing.lists:
        return fresh, about, ()
    other = _other_options(was.options, about.options)
    if was.options and other:
        return fresh, about, (grouped_anew(other),)
    find = Rows(list(entries), was.library)
    labels = np.full(len(entries), LEFT_OUT, np.intp)
    for number, each in enumerate(standing.lists):
        for line in (*each.songs, *each.absent):
            row = find.of(line)
            if row is not None and labels[row] == LEFT_OUT:
                labels[row] = number
    exemplars = [find.of(each.exemplar) for each in standing.lists]
    unreached = out_of_reach(standing.lists, find)
    found = grown(
        fresh,
        vectors,
        labels,
        exemplars,
        min_size=min_size,
        closed=away(standing.lists, unreached),
        kept=[number for number, lines in enumerate(unreached) if lines],
    )
    if found is fresh:
        return fresh, about, ()
    notes = []
    if was.options.get(_SEED, about.options.get(_SEED)) != about.options.get(_SEED):
        notes.append(lists_go_on())
    n_grouped = was.n_grouped or len(entries)
    if len(entries) >= _MUCH_GROWN * n_grouped:
        notes.append(much_grown(n_grouped, len(entries)))
    return found, replace(about, n_grouped=n_grouped), tuple(notes)


def _other_options(was: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    return sorted(name for name in {*was, *now} - _GROUP_NOTHING if was.get(name) != now.get(name))
