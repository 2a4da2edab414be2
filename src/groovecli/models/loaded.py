"""Models that can answer; torch is imported, and a network built, when one has something to hear."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from groovecli.messages.models import model_damaged
from groovecli.models.file import Description, StoredModel, describe, id_of
from groovecli.models.memory import Memory, read_memory
from groovecli.models.results import BATCH_WINDOWS
from groovecli.models.session import Session, may_have_gpu, session_of

if TYPE_CHECKING:
    import torch
    from torch import nn


_CUDA_WINDOWS = 32  # which CUDA computes about as soon as one; of the included model they take 1 GB


@dataclass(frozen=True)
class Ready:
    """A network that was built, and where it runs."""

    network: nn.Module
    device: torch.device
    session: None = None


class Unread:
    """The network of a model file, built when it is first asked for: what was answered before needs none.

    Its errors are those of `load_model`.
    """

    def __init__(self, path: Path, description: Description, model_id: str, device: str) -> None:
        self._path, self._description, self._id, self._device = path, description, model_id, device
        self._lock = threading.Lock()

    @cached_property
    def _ready(self) -> Ready:
        from groovecli.models.devices import choose_device
        from groovecli.models.weights import built  # imports torch

        try:
            network = built(self._path, self._description)
        finally:  # another file's weights don't fit: the reason is that it is another
            self._check_same()
        device = choose_device(self._device)
        return Ready(network.to(device).eval(), device)

    @cached_property
    def _session(self) -> Session | None:
        if self._device not in ("auto", "cpu") or (self._device == "auto" and may_have_gpu()):
            return None
        session = session_of(self._path, self._description)
        if session is not None:
            self._check_same()
        return session

    def _check_same(self) -> None:
        if id_of(self._description, self._path) != self._id:  # trained again since
            raise model_damaged(self._path, "it was replaced while it was in use")

    @property
    def session(self) -> Session | None:
        """The network by onnxruntime, if that has it and it runs on the processor."""
        with self._lock:
            return self._session

    @property
    def network(self) -> nn.Module:
        """The network with its weights."""
        with self._lock:
            return self._ready.network

    @property
    def device(self) -> torch.device:
        """Where it runs."""
        with self._lock:
            return self._ready.device


@dataclass(frozen=True)
class LoadedModel:
    """A model that can answer.

    `id` changes with its weights, `memory` are the songs it remembers, `vectors` is the folder of the
    word vectors that it may need.
    """

    description: Description
    weights: Ready | Unread
    id: str
    memory: Memory | None = None
    vectors: Path = Path()

    @property
    def session(self) -> Session | None:
        """The network by onnxruntime; None where PyTorch answers. It may have to be read for it."""
        session = self.weights.session
        return session if session is not None and session.specs == self.description.features else None

    @property
    def n_together(self) -> int:
        """How many windows it is shown at once: on the processor as few as its network's row says."""
        n = self.description.spec.n_together
        on_cuda = not self.is_on_processor and self.device.type == "cuda"
        return min(max(n, _CUDA_WINDOWS) if on_cuda else n, BATCH_WINDOWS)

    @property
    def is_on_processor(self) -> bool:
        """Whether the network runs on no GPU."""
        return self.session is not None or self.device.type == "cpu"

    @property
    def network(self) -> nn.Module:
        """The network with its weights, which may have to be read for it."""
        return self.weights.network

    @property
    def device(self) -> torch.device:
        """Where the network runs."""
        return self.weights.device


def open_model(stored: StoredModel, device: str = "auto", vectors: Path = Path()) -> LoadedModel:
    """A model whose network is built on `device` once it has to answer.

    Raises
    ------
    ModelError
        The file does not say what it is, or what is beside it is damaged; its network's own errors come
        when that is built, as `load_model` says.
    UsageError
        There is no such device here.
    """
    if device not in ("auto", "cpu"):  # asked for: whether it is there is said at once
        from groovecli.models.devices import choose_device

        choose_device(device)
    description = describe(stored.path)
    if not stored.description.hears_sound:  # which an older header does not say, and the shelf knows
        description = replace(description, features=stored.description.features)
    model_id = id_of(description, stored.path)
    memory = read_memory(stored.path.parent, description.spec.embedding_dim)
    return LoadedModel(
        description, Unread(stored.path, description, model_id, device), model_id, memory, vectors
    )


def load_model(stored: StoredModel, device: torch.device | str, vectors: Path = Path()) -> LoadedModel:
    """Read a model's weights and build its network on `device`, ready to answer.

    Raises
    ------
    ModelError
        The file is damaged or its weights do not fit its network.
    """
    model = open_model(stored, str(device), vectors)
    return replace(model, weights=Ready(model.network, model.device))
