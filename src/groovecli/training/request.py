"""A request: what to train, on what data, and how."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from groovecli.checked import Checked, Minutes
from groovecli.datasets.splits import AskedSplit
from groovecli.messages.ground import no_such_hyperparameter
from groovecli.networks.spec import Hyperparameters
from groovecli.paths import TextPath
from groovecli.training.protocols import Protocol

_ANY = Hyperparameters("sgd", learning_rate=0.1, batch_size=1, epochs=1)


@dataclass(frozen=True)
class TrainRequest(Checked):
    """What to train; None where the network's own default is meant.

    `hyper` holds what differs from the paper's hyperparameters. `part` is (K, N): the K-th of N
    equal parts of the training clips. `validation_by` None follows the dataset's split. `half`
    stores weights as float16. `base` is the name of a model to start from, whose genres the dataset
    has, and others too. `word_vectors` is a word2vec or GloVe file; None learns vectors from the
    dataset's lyrics. Without `lyrics` a network that reads them gets zeros. `by_chunk` reads chunk files
    one after the other. `minutes` ends the training with the step in which they are over; an epoch that was
    cut short is dropped unless it is the first. `protocol` splits the dataset's clips again, as a paper
    did. `unfreeze` fine-tunes the whole model that a training starts from, otherwise only its genres.
    """

    network: str = "time-cnn"
    dataset: str = "default"
    name: str | None = None
    genres: tuple[str, ...] = ()
    hyper: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    part: tuple[int, int] = (1, 1)
    validation_by: AskedSplit | None = None
    validation_share: float = 0.1
    seed: int = 0
    precision: str = "auto"
    recalibrate: bool = True
    class_weights: bool = False
    half: bool = False
    licence: str = ""
    base: str | None = None
    minutes: Minutes | None = None
    word_vectors: TextPath | None = None
    lyrics: bool = True
    by_chunk: bool = False
    protocol: Protocol | None = None
    unfreeze: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        known = [field.name for field in dataclasses.fields(Hyperparameters)]
        for name in self.hyper:
            if name not in known:
                raise no_such_hyperparameter(name, known)
        dataclasses.replace(_ANY, **self.hyper)

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> TrainRequest:
        """The request that `to_json` gave."""
        hyper, protocol = dict(fields["hyper"]), fields["protocol"]
        return cls(
            **{
                **fields,
                "part": tuple(fields["part"]),
                "genres": tuple(fields["genres"]),
                "hyper": {k: tuple(v) if isinstance(v, list) else v for k, v in hyper.items()},
                "protocol": protocol and Protocol.from_json(protocol),
            }
        )
