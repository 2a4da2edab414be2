"""Model files: weights as safetensors, and in their header what they are, as JSON.

Nothing in such a file can run. The weights are in `weights.py`, which imports torch.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from groovecli import __version__
from groovecli.datasets.tables import DatasetSettings
from groovecli.errors import GrooveError, ModelError
from groovecli.features.lyrics import LyricsSpec
from groovecli.features.registry import feature, spec_from_dict
from groovecli.features.spec import AudioSpec, FeatureSpec
from groovecli.files import sha256_hex
from groovecli.home import checked_name
from groovecli.messages.models import (
    eats_other_clips,
    eats_other_sources,
    from_a_newer_groove,
    model_damaged,
    no_model_file,
)
from groovecli.models.header import Figures, LearntFrom, Recipe
from groovecli.networks.registry import ModelSpec, model_spec

FORMAT = 2
WEIGHTS = "model.safetensors"
CARD = "README.md"
HEADER = "groove"
_HOTTEST = 1000.0


@dataclass(frozen=True)
class Description:
    """What a model file says of itself.

    `data` says what it was trained on (dataset, split, songs and clips a side), `training` how
    (hyperparameters, seed, device), `metrics` how well it did. Songs' logits are divided by
    `temperature`, fitted on songs that were held out, so that its confidence can be believed.
    """

    name: str
    network: str
    features: tuple[FeatureSpec, ...]
    genres: tuple[str, ...]
    dropout: float
    created: str
    dataset: str
    split_by: str
    data: Mapping[str, Any] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)
    groove_version: str = __version__
    licence: str = ""
    temperature: float = 1.0

    @property
    def spec(self) -> ModelSpec:
        """The network's row in the catalogue."""
        return model_spec(self.network)

    @property
    def hears_sound(self) -> bool:
        """Whether it can hear files; not where it learnt from a data set's own segments."""
        return any(isinstance(f, AudioSpec) for f in self.features)

    @property
    def clip_s(self) -> float:
        """Length of the clips that it was trained on (in seconds); 0 where it hears no sound."""
        return next((f.clip_s for f in self.features if isinstance(f, AudioSpec)), 0.0)

    @property
    def learnt_from(self) -> LearntFrom:
        """`data`, by name."""
        return LearntFrom(self.data)

    @property
    def recipe(self) -> Recipe:
        """`training`, by name."""
        return Recipe(self.training)

    @property
    def figures(self) -> Figures:
        """`metrics`, by name."""
        return Figures(self.metrics)

    @property
    def depth(self) -> int:
        """Levels of its genres: 2 where they are named `parent/child`."""
        return self.learnt_from.depth

    @property
    def takes_songs(self) -> bool:
        """Whether its whole input is of whole songs: then there is one clip per song."""
        return all(feature.per_song for feature in self.features)

    def to_json(self) -> dict[str, Any]:
        """Plain values, for the header and for `--json`."""
        return {"format": FORMAT, **asdict(self)}

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> Description:
        """The description that `to_json` gave."""
        known = {name: fields[name] for name in cls.__dataclass_fields__ if name in fields}
        known["features"] = _features(fields)
        known["genres"] = tuple(known["genres"])
        description = cls(**known)
        _check(description)
        return description


def _check(description: Description) -> None:
    """Raise a ValueError at what no training writes: anyone may have written a header."""
    d = description
    texts = (d.name, d.network, d.created, d.dataset, d.split_by, d.groove_version, d.licence, *d.genres)
    if not all(isinstance(text, str) for text in texts):
        raise ValueError("it has something else where a text should be")
    if not all(isinstance(mapping, dict) for mapping in (d.data, d.training, d.metrics)):
        raise ValueError("it has something else where figures should be")
    if not (isinstance(d.temperature, int | float) and 0 < d.temperature < _HOTTEST):
        raise ValueError("its temperature is out of range")
    checked_name(d.name, "model")
    if d.spec.has_genres != bool(d.genres) or len(set(d.genres)) < len(d.genres):
        raise ValueError(f"{len(d.genres)} genres do not fit {d.network}")
    if all(isinstance(feature, LyricsSpec) for feature in d.features):
        raise ValueError("it has no sound as input, and nothing in its place")


def _features(fields: Mapping[str, Any]) -> tuple[FeatureSpec, ...]:
    """The specs in a header; format 1 had one feature, of which its name and clip say all."""
    if fields.get("format", 1) < 2:
        old = fields["feature"]
        return (feature(str(old["name"]), float(old["clip_s"])),)
    return tuple(spec_from_dict(values) for values in fields["features"])


@dataclass(frozen=True)
class StoredModel:
    """A model on the disk, its weights not read yet."""

    path: Path
    description: Description
    is_shipped: bool = False

    @property
    def name(self) -> str:
        """The name of its folder, by which it is found; its own but for a folder that was renamed."""
        return self.path.parent.name

    @property
    def card(self) -> str | None:
        """The model card beside it, if there is one that can be read."""
        try:
            return (self.path.parent / CARD).read_text("utf-8")
        except (OSError, ValueError):
            return None


def check_fits(description: Description, settings: DatasetSettings) -> None:
    """Raise a ModelError unless a dataset has a model's input, of clips of the same length."""
    if description.hears_sound != settings.origin.has_sound:
        raise eats_other_sources(description.name, settings.name, hears_sound=description.hears_sound)
    if any(spec.for_clips_of(settings.clip_s) != spec for spec in description.features):
        raise eats_other_clips(description.name, description.clip_s, settings.name, settings.clip_s)


def fitted_to(description: Description, settings: DatasetSettings) -> Description:
    """What a model is on a dataset's clips: one that joins a song's places takes clips of any length."""
    if not (description.spec.joins_clips and settings.origin.has_sound):
        return description
    features = tuple(spec.for_clips_of(settings.clip_s) for spec in description.features)
    return replace(description, features=features)


def describe(path: Path) -> Description:
    """Read what a model file says of itself, without its weights.

    Raises
    ------
    ModelError
        It is no model file of groove's, or one of a newer groove.
    """
    with reading(path), safe_open(path, framework="np") as file:
        return description_of(path, header_of(file.metadata()))


def arrays_of(path: Path) -> dict[str, NDArray[np.generic]]:
    """The weights in a model file as they are there, by name; a ModelError as `describe` raises it."""
    with reading(path), safe_open(path, framework="np") as file:
        return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118


def header_of(metadata: Mapping[str, str] | None) -> dict[str, Any]:
    """What a file's metadata say; a ValueError if they don't say what it is."""
    if not metadata or HEADER not in metadata:
        raise ValueError("it does not say what it is")
    header: dict[str, Any] = json.loads(metadata[HEADER])
    return header


def description_of(path: Path, header: Mapping[str, Any]) -> Description:
    """The description in a header; a ModelError where a newer groove wrote it."""
    if header.get("format", 0) > FORMAT:
        raise from_a_newer_groove(path)
    return Description.from_json(header)


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Whatever goes wrong while a model file is read is a ModelError."""
    try:
        yield
    except FileNotFoundError as error:
        raise no_model_file(path) from error
    except ModelError:
        raise
    except GrooveError as error:
        raise model_damaged(path, error.what) from error
    except KeyError as error:
        raise model_damaged(path, f"it does not say {error}") from error
    except (SafetensorError, OSError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise model_damaged(path, str(error)) from error


def model_id(stored: StoredModel) -> str:
    """What a model's answers are kept under: changes with its weights.

    Raises
    ------
    ModelError
        The file can't be read.
    """
    return id_of(stored.description, stored.path)


def id_of(description: Description, path: Path) -> str:
    """The same, by a description and where the weights are."""
    try:
        return f"{description.name}-{sha256_hex(path.read_bytes(), 12)}"
    except OSError as error:
        raise model_damaged(path, str(error.strerror or error)) from error
