"""What comparisons of networks and of splits give: figures, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Any

from groovecli.datasets.reach import Reach
from groovecli.datasets.tables import DatasetSettings
from groovecli.evaluation.figures import Evaluation, from_json, to_json
from groovecli.evaluation.judged import Judged, judged, misjudged
from groovecli.evaluation.measure import Measured
from groovecli.evaluation.metrics import Interval, difference
from groovecli.evaluation.neighbours import Space
from groovecli.evaluation.verdict import Verdict, is_apart, lead, verdict
from groovecli.library.copies import Replica, Replicas
from groovecli.messages.evaluation import measured_without_genres
from groovecli.models.loaded import LoadedModel
from groovecli.networks.registry import model_spec
from groovecli.training.loop import Epoch
from groovecli.training.protocols import Unit
from groovecli.training.request import TrainRequest

SPLITS: tuple[Unit, ...] = ("clip", "song", "artist")
"""From the split with the largest leak to the one with the smallest."""
# What is kept of a training besides its hyperparameters.
RECIPE = (
    "precision",
    "recalibrate",
    "class_weights",
    "word_vectors",
    "lyrics",
    "by_chunk",
    "validation_share",
)


@dataclass(frozen=True)
class Row:
    """A network's figures under one split.

    Parameters
    ----------
    evaluation : Evaluation or None
        None for networks that name no genres.
    song_s : float, optional
        From a file to the answer, the median over some songs (in seconds).
    """

    network: str
    protocol: str
    split_by: str
    leaky: bool
    n_genres: int
    n_songs: int
    n_parameters: int
    epochs: int
    best_epoch: int
    training_s: float
    song_s: float | None
    space: Space
    evaluation: Evaluation | None
    n_without_lyrics: int | None
    notes: Sequence[str] = field(default_factory=tuple)

    def to_json(self) -> dict[str, Any]:
        """Plain values, for `--json` and to read the row back."""
        fields = {**vars(self), "space": asdict(self.space), "notes": list(self.notes)}
        return {**fields, "evaluation": to_json(self.evaluation) if self.evaluation else None}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Row:
        """The row that `to_json` gave."""
        evaluation = values["evaluation"]
        return cls(
            **{
                **values,
                "space": Space(**values["space"]),
                "evaluation": from_json(evaluation) if evaluation else None,
            }
        )


@dataclass(frozen=True)
class Comparison:
    """All rows, in the order of the networks, and why some have none; `by_paper` as it was asked for.

    `failed` ends each reason with what helps, which `hints` has alone, by the same names. `reach` has the
    dataset's songs whose files are not there.
    """

    dataset: DatasetSettings
    seed: int
    rows: tuple[Row, ...]
    failed: Mapping[str, str]
    by_paper: bool = False
    hints: Mapping[str, str] = field(default_factory=dict)
    reach: Reach = field(default_factory=Reach)

    @property
    def named(self) -> tuple[Row, ...]:
        """The rows under the dataset's own split of networks that name genres, the best first."""
        rows = [row for row in self.rows if row.protocol == "dataset" and row.evaluation]
        return tuple(sorted(rows, key=lambda row: -_accuracy(row).value))

    @property
    def verdict(self) -> Verdict | None:
        """What the best network's accuracy means, which is the best of several by luck, too."""
        if not self.named:
            return None
        evaluation = self.named[0].evaluation
        assert evaluation is not None
        return verdict(evaluation, n_tried=len(self.named))

    @property
    def rivals(self) -> tuple[Rival, ...]:
        """The other networks that name genres, and how far the best is above each."""
        return tuple(Rival(row, _lead(self.named[0], row)) for row in self.named[1:])


@dataclass(frozen=True)
class Rival:
    """A network that was not the best, and how far the best is above it, in [-1, 1]."""

    row: Row
    behind: Interval

    @property
    def is_apart(self) -> bool:
        """Whether it is behind by more than luck."""
        return is_apart(self.behind)


def _lead(first: Row, second: Row) -> Interval:
    if first.evaluation is None or second.evaluation is None:
        raise measured_without_genres((second if first.evaluation else first).network)
    return lead(first.evaluation, second.evaluation)


@dataclass(frozen=True)
class Gap:
    """By how much the accuracy per song under one split is above that under another, in [-1, 1].

    Its interval is that of `evaluation.metrics.difference`.
    """

    split_by: str
    than: str
    value: float
    low: float
    high: float

    @property
    def is_apart(self) -> bool:
        """Whether it is more than luck."""
        return is_apart(Interval(self.value, self.low, self.high))


@dataclass(frozen=True)
class SplitRow:
    """The figures under one split, and the side of each song by track id: train, test or both."""

    split_by: Unit
    figures: Row
    sides: Mapping[str, str]


@dataclass(frozen=True)
class Leakage:
    """A recipe's figures under several splits, and the duplicates in the dataset.

    Parameters
    ----------
    own_sides : dict
        The side of each song in the dataset's own split, by track id.
    notes : tuple of str
        What a reader of the figures has to know.
    reach : Reach
        The dataset's songs whose files are not there.
    """

    dataset: DatasetSettings
    request: TrainRequest
    rows: tuple[SplitRow, ...]
    own_sides: Mapping[str, str]
    replicas: Replicas
    notes: tuple[str, ...]
    reach: Reach = field(default_factory=Reach)

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """How far each split lies above the most honest one there is."""
        *others, last = self.rows
        return tuple(_gap(row, last) for row in others)

    @property
    def verdict(self) -> Verdict:
        """What the accuracy under the most honest split there is means."""
        figures = self.rows[-1].figures
        if figures.evaluation is None:
            raise measured_without_genres(figures.network)
        return verdict(figures.evaluation)


def across(sides: Mapping[str, str], pair: Replica) -> bool:
    """Whether of two files of one recording something is in training and something in test."""
    pair_sides = {sides.get(pair.first.id, ""), sides.get(pair.second.id, "")}
    return "both" in pair_sides or {"train", "test"} <= pair_sides or {"validation", "test"} <= pair_sides


def _gap(row: SplitRow, than: SplitRow) -> Gap:
    gap = difference(_accuracy(row.figures), _accuracy(than.figures))
    return Gap(row.split_by, than.split_by, gap.value, gap.low, gap.high)


def _accuracy(figures: Row) -> Interval:
    """The accuracy per song."""
    if figures.evaluation is None:
        raise measured_without_genres(figures.network)
    return figures.evaluation.per_song.accuracy


def recipe_json(request: TrainRequest) -> dict[str, Any]:
    """The recipe as plain values."""
    hyper = asdict(replace(model_spec(request.network).defaults, **request.hyper))
    keep = ("network", "dataset", "genres", "seed", "minutes", *RECIPE)
    return {**{name: value for name, value in request.to_json().items() if name in keep}, "hyper": hyper}


@dataclass(frozen=True)
class Evaluated:
    """What was measured of a model.

    `evaluation` is None for a model that names no genres; `history` is how it was trained, empty
    where that is unknown; `seed` was the seed of the bootstrap and of the clusters; `is_included` says
    that the model came with groove; `reach` has the test songs whose files are not there.
    """

    model: LoadedModel
    measured: Measured
    evaluation: Evaluation | None
    space: Space
    history: tuple[Epoch, ...]
    seed: int
    is_included: bool = False
    reach: Reach = field(default_factory=Reach)

    @property
    def other_dataset(self) -> str:
        """The dataset to name to measure this again; "" where it is the model's own."""
        name = self.measured.dataset.name
        return name if self.is_included or name != self.model.description.dataset else ""

    @cached_property
    def judged(self) -> tuple[Judged, ...]:
        """All test songs, and what they were named; their own genre by a model that names none."""
        return judged(self.model.description, self.measured)

    @cached_property
    def misjudged(self) -> tuple[Judged, ...]:
        """The songs whose genre was not told; none of a model that names no genres."""
        return misjudged(self.judged) if self.evaluation else ()
