"""What groove can do without: found with its size, and removed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from groovecli.actions.clean.features import FEATURES
from groovecli.actions.clean.item import Item, Kind
from groovecli.actions.clean.leftovers import STRAYS, UNFINISHED
from groovecli.actions.clean.missing import MISSING
from groovecli.actions.clean.models import COMPARISONS, MODELS
from groovecli.actions.clean.vectors import COPIES, VECTORS
from groovecli.actions.context import Context, check_call
from groovecli.checked import Checked
from groovecli.datasets.tables import dataset_names
from groovecli.errors import GrooveError
from groovecli.messages.datasets import no_such_dataset
from groovecli.messages.options import no_such_kind

KINDS = {
    kind.name: kind
    for kind in (UNFINISHED, STRAYS, VECTORS, FEATURES, COMPARISONS, MODELS, COPIES, MISSING)
}
ASKED_FOR = tuple(kind.name for kind in KINDS.values() if kind.is_asked_for)


@dataclass(frozen=True)
class CleanRequest(Checked):
    """What is to go.

    `kinds` are those of `ASKED_FOR` that are to go besides what nobody misses; a `dataset` limits all to
    what is its own. `force` removes what may only be out of reach. A `dry_run` only says what would go.
    """

    kinds: tuple[str, ...] = ()
    dataset: str | None = None
    force: bool = False
    dry_run: bool = False


@dataclass(frozen=True)
class Cleaned:
    """What went, or would go.

    `items` are what went, `failed` what could not, with why. `kept` stays, since it may only be out of
    reach. `others` could go too if they were asked for.
    """

    items: tuple[Item, ...]
    others: tuple[Item, ...]
    kept: tuple[Item, ...] = ()
    failed: tuple[tuple[Item, str], ...] = ()
    freed: int = 0

    @property
    def size(self) -> int:
        """Bytes of what goes."""
        return sum(item.size for item in self.items)


def run(request: CleanRequest, context: Context) -> Cleaned:
    """Remove what nobody misses, and what of the rest is asked for.

    What a model in use, or a command that is at work, needs does not go.

    Raises
    ------
    UsageError
        There is no such kind.
    DatasetError
        There is no such dataset.
    """
    check_call("clean", request, CleanRequest, context)
    for name in request.kinds:
        if name not in ASKED_FOR:
            raise no_such_kind("kind", name, ASKED_FOR)
    if request.dataset is not None and request.dataset not in (known := dataset_names(context.catalog)):
        raise no_such_dataset(request.dataset, known)
    wanted = [kind for kind in KINDS.values() if not kind.is_asked_for or kind.name in request.kinds]
    others = [kind for kind in KINDS.values() if kind not in wanted]
    found, rest = _found(wanted, request, context), _found(others, request, context)
    items = tuple(item for item in found if request.force or not item.doubt)
    kept = tuple(item for item in found if item not in items)
    if request.dry_run:
        return Cleaned(items, rest, kept)
    gone: list[Item] = []
    failed: list[tuple[Item, str]] = []
    freed = 0
    for item in items:
        try:
            freed += KINDS[item.kind].remove(context, item)
            gone.append(item)
        except GrooveError as error:
            failed.append((item, error.in_a_line))
    summary = {"freed": freed, "removed": [[item.kind, item.name] for item in gone]}
    if gone:
        context.catalog.log_run("clean", summary)
    return Cleaned(tuple(gone), rest, kept, tuple(failed), freed)


def _found(kinds: Iterable[Kind], request: CleanRequest, context: Context) -> tuple[Item, ...]:
    return tuple(item for kind in kinds for item in kind.find(context, request.dataset))
