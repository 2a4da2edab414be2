"""Where songs stand: where they did on the last map, moved no more than new ones ask for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from groovecli.actions.context import Context
from groovecli.messages import map as messages
from groovecli.playlists.last_map import keep_places, last_places, place_of
from groovecli.playlists.layout import Floats, Points, laid_out, turned


@dataclass(frozen=True)
class Ground:
    """Whose map it is: a library's by a model; a `fresh` one does not begin at the last one."""

    library: Path
    model: str
    seed: int = 0
    fresh: bool = False


@dataclass(frozen=True)
class Standing:
    """Where songs stand [shape=(n, 2)]; how many did on the last map, None without one; what to say."""

    places: Floats
    n_kept: int | None
    notes: tuple[str, ...] = ()


def standing(points: Points, ids: Sequence[str], ground: Ground, context: Context) -> Standing:
    """Lay songs out, and keep where they stand for the next map.

    Raises
    ------
    StorageError
        It can't be kept.
    """
    file = place_of(context.home.maps, ground.library, ground.model)
    last: Floats | None = None
    notes: tuple[str, ...] = ()
    try:
        last = None if ground.fresh else last_places(file, ids)
    except ValueError:
        notes = (messages.last_map_damaged(file),)
    is_known = np.zeros(len(ids), bool) if last is None else np.isfinite(last).all(axis=1)
    if last is not None and is_known.all():
        return Standing(last, len(ids), notes)
    context.monitor.progress("lay out", 0, 1)
    places = laid_out(points, seed=ground.seed, last=last)
    places = turned(places, last) if last is not None else places
    context.monitor.progress("lay out", 1, 1)
    keep_places(file, ids, places, fresh=ground.fresh)
    return Standing(places, None if last is None else int(is_known.sum()), notes)
