"""What every action works with: groove's home and catalogue, the machine, and who is watching."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Annotated, Self

from groovecli.checked import Checked, Range
from groovecli.errors import DatasetError, StorageError
from groovecli.home import Home
from groovecli.library.catalog import Catalog
from groovecli.messages.ground import wrong_context, wrong_request
from groovecli.messages.options import no_seed
from groovecli.monitor import SILENT, Monitor
from groovecli.workers.cluster import Cluster
from groovecli.workers.limits import Limits, limited

if TYPE_CHECKING:
    from groovecli.models.file import StoredModel
    from groovecli.models.loaded import LoadedModel
    from groovecli.models.shelf import Shelf

_LOGGED = 5  # paths of a command that are noted
MAX_SEED = 2**32 - 1  # the largest that NumPy's older generators and scikit-learn take


def check_seed(seed: int) -> None:
    """Raise a UsageError unless every random draw can begin with this seed."""
    if not 0 <= seed <= MAX_SEED:
        raise no_seed(seed, MAX_SEED)


def check_call(action: str, request: object, kind: type, context: object) -> None:
    """Raise a UsageError unless an action is given its kind of request and a context."""
    if not isinstance(request, kind):
        raise wrong_request(action, kind.__name__, request)
    if not isinstance(context, Context):
        raise wrong_context(action, context)


def log_songs(catalog: Catalog, command: str, paths: Sequence[Path], n_songs: int, n_failed: int) -> None:
    """Store that a command on songs ran; what it did counts also where that can't be stored."""
    about = {
        "paths": [os.path.abspath(path) for path in paths[:_LOGGED]],
        "songs": n_songs,
        "failed": n_failed,
    }
    if len(paths) > _LOGGED:
        about["n_paths"] = len(paths)
    with suppress(DatasetError, StorageError):
        catalog.log_run(command, about)


@dataclass(frozen=True)
class Context(Checked):
    """Where an action works and with what; a context manager that closes the catalogue at its end.

    `file_timeout_s`, `max_memory` and `cluster` hold within its `with` block.

    Parameters
    ----------
    home : Home
        groove's own folder: GROOVE_HOME, or the platform's, unless another is given.
    jobs : int
        Worker processes; 0 is one for each core.
    file_timeout_s : float > 0
        Processor time that a worker may spend on one file (in seconds).
    max_memory : int, optional
        Bytes that groove and its workers may take together: there are fewer workers where they would
        take more.
    cluster : Cluster, optional
        Workers on other machines, which read files instead of own ones.
    device : str
        Where networks run: "auto", "cpu", "cuda" or "mps".
    seed : int in [0, MAX_SEED]
        Seed of every random draw.
    monitor : Monitor
        Hears of progress, and says when to stop.

    Raises
    ------
    UsageError
        The seed is out of range, or a field is of another kind.
    """

    home: Home = field(default_factory=Home.default)
    jobs: Annotated[int, Range(0)] = 0
    file_timeout_s: Annotated[float, Range(0, is_above=True)] = Limits.file_timeout_s
    max_memory: Annotated[int, Range(1)] | None = None
    cluster: Cluster | None = None
    device: str = "auto"
    seed: int = 0
    monitor: Monitor = SILENT

    def __post_init__(self) -> None:
        super().__post_init__()
        check_seed(self.seed)

    @cached_property
    def catalog(self) -> Catalog:
        """What groove knows of the user's files; opened when it is first asked for.

        Raises
        ------
        DatasetError, StorageError
            As `Catalog` says.
        """
        return Catalog(self.home.catalog)

    @property
    def shelf(self) -> Shelf:
        """The models that are here."""
        from groovecli.models.shelf import Shelf  # imports what reading a library does without

        return Shelf(self.home)

    def load(self, model: str | None = None, *, with_genres: bool = False) -> LoadedModel:
        """The model of a name, else the one that serves, ready to hear files; see `Shelf.find`."""
        return self.loaded(self.shelf.find(model, with_genres=with_genres, of_files=True))

    def loaded(self, stored: StoredModel) -> LoadedModel:
        """A model of the disk; its network is built, on this context's device, when it has to answer."""
        from groovecli.models.loaded import open_model

        return open_model(stored, self.device, self.home.vectors)

    def __enter__(self) -> Self:
        limits = limited(Limits(self.file_timeout_s, self.max_memory, self.cluster))
        limits.__enter__()
        self.__dict__["_limits"] = limits
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        limits = self.__dict__.pop("_limits", None)
        if limits is not None:
            limits.__exit__(kind, error, trace)
        catalog = self.__dict__.pop("catalog", None)  # used again, the context opens it again
        if catalog is not None:
            catalog.__exit__(kind, error, trace)
