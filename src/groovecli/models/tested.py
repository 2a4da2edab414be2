"""What a model's own test gave, kept beside its weights, and the line that names a model by it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from groovecli.files import read_json, storage_errors, write_json
from groovecli.messages.models import model_note, newer_is_better, test_in_words
from groovecli.models.file import StoredModel

TEST, CURVE, BY_GENRE = "test.json", "curve", "curve_by_genre"
_BETTER = ("better", "better-by-unknown")
_JUDGEMENTS = ("worse", "no-better", *_BETTER)


@dataclass(frozen=True)
class Accuracy:
    """Share of test songs that are right, with its 95 % interval, in [0, 1]."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class OwnTest:
    """How many test songs a model named right, and what that was judged to mean.

    The fields up to `judgement` are those of `evaluation.verdict.Verdict`.

    Parameters
    ----------
    guess : float
        Share of the same songs that is right when always saying `guess_genre`, their largest genre.
    judgement : str
        worse, no-better, better-by-unknown (too few songs to say how much) or better.
    dataset, split_by : str
        Whose test songs they were, and how they were split off.
    day : str
        When it was measured, as 2026-11-29.
    measured : str
        What was measured, where that is not just this model on these songs.
    """

    n_right: int
    n_songs: int
    accuracy: Accuracy
    guess: float
    guess_genre: str
    judgement: str
    dataset: str
    split_by: str
    leaky: bool = False
    day: str = ""
    measured: str = ""

    @property
    def is_better(self) -> bool:
        """Whether the model is better than guessing."""
        return self.judgement in _BETTER

    @property
    def text(self) -> str:
        """How many songs it named right, against guessing."""
        return test_in_words(self)

    def to_json(self) -> dict[str, Any]:
        """Plain values, for `--json` and for the file."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> OwnTest:
        """What `to_json` gave; a ValueError, TypeError or KeyError at anything else."""
        known = {name: values[name] for name in cls.__dataclass_fields__ if name in values}
        known["accuracy"] = Accuracy(*(float(values["accuracy"][end]) for end in ("value", "low", "high")))
        tested = cls(**known)
        if tested.judgement not in _JUDGEMENTS or not 0 <= int(tested.n_right) <= int(tested.n_songs):
            raise ValueError("no test")
        return tested


def keep_test(
    folder: Path,
    verdict: Mapping[str, Any],
    *,
    dataset: str,
    split_by: str,
    leaky: bool,
    measured: str = "",
    curve: Sequence[tuple[float, int, float]] = (),
) -> OwnTest:
    """Write what a test gave into a model's folder; `verdict` as `Verdict.to_json` has it.

    `curve` has rows of a least confidence, how many songs have it, and the share of these that is right.

    Raises
    ------
    StorageError
        The folder can't be written.
    """
    day = datetime.now(UTC).date().isoformat()
    about = {"dataset": dataset, "split_by": split_by, "leaky": leaky, "day": day, "measured": measured}
    tested = OwnTest.from_json({**verdict, **about})
    write_json(folder / TEST, tested.to_json() | ({CURVE: [list(row) for row in curve]} if curve else {}))
    return tested


def forget_test(folder: Path) -> None:
    """Remove what a test of weights gave that are no longer there.

    Raises
    ------
    StorageError
        The folder can't be written.
    """
    with storage_errors(folder):
        (folder / TEST).unlink(missing_ok=True)


def own_test_of(stored: StoredModel) -> OwnTest | None:
    """What a model's own test gave; None where it was never measured, or the file can't be read."""
    values = read_json(stored.path.parent / TEST)
    if isinstance(values, dict):
        with suppress(KeyError, TypeError, ValueError):
            return OwnTest.from_json(values)
    return None


@dataclass(frozen=True)
class ModelNote:
    """Which model answers, when it was made, and what its own test gave; None where it has none."""

    name: str
    created: str
    test: OwnTest | None
    is_included: bool = False

    @property
    def text(self) -> str:
        """The line that an answer begins with."""
        return model_note(self.name, self.created[:10], self.test, is_included=self.is_included)

    def to_json(self) -> dict[str, Any]:
        """Plain values, for `--json`."""
        test = self.test.to_json() if self.test else None
        return {"name": self.name, "created": self.created, "included": self.is_included, "test": test}


def note_of(stored: StoredModel) -> ModelNote:
    """What there is to say of a model before it answers."""
    return ModelNote(stored.name, stored.description.created, own_test_of(stored), stored.is_shipped)


def better_in_words(stored: StoredModel) -> str:
    """That a measured model of the user's could serve."""
    test = own_test_of(stored)
    assert test is not None
    return newer_is_better(stored.name, test)
