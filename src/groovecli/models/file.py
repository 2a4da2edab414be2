"""Model files: weights as safetensors, and in their header what they are, as JSON.

Nothing in such a file can run.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from groovecli import __version__
from groovecli.datasets.tables import DatasetSettings
from groovecli.errors import GrooveError, ModelError
from groovecli.features.lyrics import LyricsSpec
from groovecli.features.registry import feature, spec_from_dict
from groovecli.features.spec import AudioSpec, FeatureSpec
from groovecli.files import sha256_hex, write_bytes
from groovecli.home import checked_name
from groovecli.messages.models import (
    eats_other_clips,
    eats_other_sources,
    from_a_newer_groove,
    model_damaged,
    no_model_file,
)
from groovecli.models.header import Figures, LearntFrom, Recipe
from groovecli.models.memory import Memory, read_memory
from groovecli.networks.build import build
from groovecli.networks.registry import ModelSpec, model_spec

FORMAT = 2
WEIGHTS = "model.safetensors"
CARD = "README.md"
_HEADER = "groove"
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


@dataclass(frozen=True)
class LoadedModel:
    """A network ready to answer.

    `id` changes with its weights, `memory` are the songs it remembers, `vectors` is the folder of the
    word vectors that it may need.
    """

    description: Description
    network: nn.Module
    device: torch.device
    id: str
    memory: Memory | None = None
    vectors: Path = Path()


def save_model(path: Path, network: nn.Module, description: Description, *, half: bool = False) -> None:
    """Write a model file; `half` stores its weights as float16, half the size.

    Biases and BatchNorm's statistics, which are small in number and may be large in value, stay.
    """
    tensors = {
        name: (tensor.half() if half and tensor.ndim > 1 else tensor).cpu().contiguous()
        for name, tensor in network.state_dict().items()
    }
    write_bytes(path, save(tensors, metadata={_HEADER: json.dumps(description.to_json())}))


def describe(path: Path) -> Description:
    """Read what a model file says of itself, without its weights.

    Raises
    ------
    ModelError
        It is no model file of groove's, or one of a newer groove.
    """
    return _read(path, weights=False)[0]


def load_model(stored: StoredModel, device: torch.device, vectors: Path = Path()) -> LoadedModel:
    """Read a model's weights and build its network on `device`, ready to answer.

    Raises
    ------
    ModelError
        The file is damaged or its weights do not fit its network.
    """
    description, tensors = _read(stored.path, weights=True)
    if not stored.description.hears_sound:  # which an older header does not say, and the shelf knows
        description = replace(description, features=stored.description.features)
    weights = {
        name: tensor.to(torch.float32 if tensor.is_floating_point() else tensor.dtype, copy=True)
        for name, tensor in tensors.items()
    }
    if not all(bool(tensor.isfinite().all()) for tensor in weights.values()):
        raise model_damaged(stored.path, "some of its weights are not finite numbers")
    try:
        with torch.device("meta"):  # takes no memory, whatever the description asks for
            network = build_for(description)
        network.load_state_dict(weights, assign=True)
    except (RuntimeError, ValueError, TypeError, ModelError) as error:
        first = str(error).splitlines()[-1].strip()
        raise model_damaged(
            stored.path, f"its weights do not fit {description.network}: {first}"
        ) from error
    network_id = f"{description.name}-{sha256_hex(stored.path.read_bytes(), 12)}"
    memory = read_memory(stored.path.parent, description.spec.embedding_dim)
    return LoadedModel(description, network.to(device).eval(), device, network_id, memory, vectors)


def build_for(description: Description) -> nn.Module:
    """The untrained network that a description speaks of."""
    return build(
        description.network,
        [feature.input_shape for feature in description.features],
        n_genres=len(description.genres),
        dropout=description.dropout,
    )


def _read(path: Path, *, weights: bool) -> tuple[Description, dict[str, Tensor]]:
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            if _HEADER not in metadata:
                raise ValueError("it does not say what it is")
            header = json.loads(metadata[_HEADER])
            tensors = {name: file.get_tensor(name) for name in file.keys()} if weights else {}  # noqa: SIM118
        if header.get("format", 0) > FORMAT:
            raise from_a_newer_groove(path)
        return Description.from_json(header), tensors
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
