"""Which workers on other machines there are, and where these see the music."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from groovecli.messages.cluster import no_address, worker_root_alone, worker_root_of_several


@dataclass(frozen=True)
class Cluster:
    """A Dask cluster, and where its workers see the folders of music.

    Parameters
    ----------
    scheduler : str
        Address of its scheduler, such as tcp://host:8786.
    here, there : tuple of Path
        Absolute folders on this machine, and in the same order where the workers see them.
    """

    scheduler: str
    here: tuple[Path, ...] = ()
    there: tuple[Path, ...] = ()


def cluster_of(scheduler: str, libraries: Sequence[Path], worker_root: Path | None) -> Cluster | None:
    """A cluster whose workers see the library where it is here, or at `worker_root`; None without one.

    Raises
    ------
    UsageError
        The scheduler is no address; or there is a `worker_root` and no scheduler, or several libraries.
    """
    if scheduler and "://" not in scheduler:
        raise no_address(scheduler)
    if worker_root is None:
        return Cluster(scheduler) if scheduler else None
    if not scheduler:
        raise worker_root_alone()
    if len(libraries) != 1:
        raise worker_root_of_several(len(libraries))
    root = Path(os.path.abspath(libraries[0]))
    return Cluster(scheduler, (root.parent if root.is_file() else root,), (worker_root,))
