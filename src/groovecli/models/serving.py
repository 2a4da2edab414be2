"""Which model serves what, and what the user chose."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from groovecli.errors import GrooveError, ModelError
from groovecli.models.file import StoredModel

USES = ("classify", "embed", "cluster")


@dataclass(frozen=True)
class Choice:
    """Names of the models that `groove models use` chose; None where none was.

    `classify` names genres, `embed` tells songs apart (for `groove embed` and `groove cluster`).
    """

    classify: str | None = None
    embed: str | None = None

    @property
    def name(self) -> str | None:
        """The one that was chosen, for genres before likeness where there are two."""
        return self.classify or self.embed

    def with_model(self, name: str | None, uses: Collection[str]) -> Choice:
        """The choice with another model for some uses, or with none."""
        classify = name if "classify" in uses else self.classify
        return Choice(classify, name if {"embed", "cluster"} & set(uses) else self.embed)

    def without(self, name: str) -> Choice:
        """The choice without a model, whatever it was for."""
        return Choice(*(None if chosen == name else chosen for chosen in (self.classify, self.embed)))

    def to_json(self) -> dict[str, str]:
        """Plain values, for the file."""
        return {use: name for use, name in vars(self).items() if name is not None}

    @classmethod
    def from_json(cls, values: object) -> Choice:
        """What `to_json` gave, or an older groove's one model for all; a ValueError at anything else."""
        if not isinstance(values, dict):
            raise ValueError("it holds no choice")
        one = values.get("model")
        names = (values.get("classify", one), values.get("embed", one))
        if names == (None, None) or not all(name is None or isinstance(name, str) for name in names):
            raise ValueError("it names no model")
        return cls(*names)


@dataclass(frozen=True)
class Serving:
    """Which model serves where none is named; None where there is none that can.

    `faults` says why, for the uses that have none; `choice` is what `groove models use` chose.
    """

    classify: StoredModel | None
    embed: StoredModel | None
    choice: Choice
    faults: Mapping[str, GrooveError] = field(default_factory=dict)

    @property
    def chosen(self) -> str | None:
        """Name of the model that was chosen, if one was."""
        return self.choice.name

    def uses_of(self, model: StoredModel) -> tuple[str, ...]:
        """The commands that a model serves."""
        names_genres = self.classify is not None and self.classify.path == model.path
        tells_apart = self.embed is not None and self.embed.path == model.path
        return (*(("classify",) if names_genres else ()), *(("embed", "cluster") if tells_apart else ()))

    def fault_lines(self) -> list[str]:
        """Why a use has no model, and what helps: each reason once."""
        lines: dict[str, None] = {}
        for error in self.faults.values():
            lines[f"{error.what}; {error.hint}" if error.hint else error.what] = None
        return list(lines)

    def faults_json(self) -> dict[str, dict[str, str]]:
        """Why a use has no model, as plain values."""
        return {use: {"what": error.what, "hint": error.hint} for use, error in self.faults.items()}


@dataclass(frozen=True)
class Damaged:
    """A model file that can't be read, and why."""

    path: Path
    error: ModelError

    @property
    def name(self) -> str:
        """The name of its folder."""
        return self.path.parent.name

    def is_newer_than(self, model: StoredModel | None) -> bool:
        """Whether it was written after a model, as far as the disk tells; after none it was."""
        try:
            return model is None or self.path.stat().st_mtime_ns > model.path.stat().st_mtime_ns
        except OSError:
            return False

    def to_json(self) -> dict[str, str]:
        """Plain values, for `--json`."""
        return {
            "name": self.name,
            "path": str(self.path),
            "what": self.error.what,
            "hint": self.error.hint,
        }


@dataclass(frozen=True)
class Chosen:
    """A model that was chosen, what for, and what to know of it, in words."""

    model: StoredModel
    uses: tuple[str, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Removed:
    """A model that was removed, and whether it was in use."""

    name: str
    folder: Path
    was_chosen: bool
