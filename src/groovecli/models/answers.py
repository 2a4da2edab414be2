"""What a model says of windows, by PyTorch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from groovecli.datasets.windows import WindowDataset
from groovecli.messages.models import eats_other_shapes, gives_no_embedding, stopped_answering
from groovecli.models.loaded import LoadedModel
from groovecli.models.results import Answers
from groovecli.monitor import Monitor
from groovecli.networks.inputs import Inputs, to_inputs
from groovecli.networks.output import Output

Windows = torch.Tensor | NDArray[Any]


@torch.inference_mode()
def warm_up(model: LoadedModel) -> None:
    """Build the network, and let CUDA load what it needs, which takes seconds, while other work is done."""
    network = model.network
    if model.device.type == "cuda":
        shapes = (spec.input_shape for spec in model.description.features)
        network(*(torch.zeros(model.n_together, *shape, device=model.device) for shape in shapes))


@torch.inference_mode()
def answers(model: LoadedModel, batches: Iterable[Sequence[Windows]]) -> Answers:
    """Run a model over windows.

    Parameters
    ----------
    batches : iterable of tuples of Tensor or np.ndarray [shape=(batch, *window)]
        Cached windows, one tensor for each of the model's features.

    Raises
    ------
    ModelError
        The windows are not of the model's input features, or it gives no embedding.
    """
    parts = [_batch_answers(model, batch) for batch in batches]

    def joined(arrays: Sequence[NDArray[np.float32] | None]) -> NDArray[np.float32] | None:
        given = [array for array in arrays if array is not None]
        return np.concatenate(given) if given else None

    return Answers(
        joined([part.logits for part in parts]),
        np.concatenate([part.embeddings for part in parts]),
        joined([part.errors for part in parts]),
        joined([part.moments for part in parts]),
    )


def _batch_answers(model: LoadedModel, batch: Sequence[Windows]) -> Answers:
    name, specs = model.description.name, model.description.features
    inputs = to_inputs([torch.as_tensor(windows).to(model.device) for windows in batch], specs)
    for x, spec in zip(inputs, specs, strict=True):
        if x.shape[1:] != spec.input_shape:
            raise eats_other_shapes(name, spec.name, spec.input_shape, tuple(x.shape[1:]))
    output: Output = model.network(*inputs)
    if output.embedding is None:
        raise gives_no_embedding(name)
    errors = moments = None
    if output.reconstruction is not None:
        x = inputs[0].flatten(1)
        errors = _array((output.reconstruction.float().flatten(1) - x).square().mean(dim=1))
        moments = _array(torch.stack([x.mean(dim=1), x.square().mean(dim=1)], dim=1))
    logits = None if output.logits is None else _array(output.logits)
    return Answers(logits, _array(output.embedding), errors, moments)


def _array(tensor: torch.Tensor) -> NDArray[np.float32]:
    array: NDArray[np.float32] = tensor.float().cpu().numpy()
    return array


def batches_of(data: WindowDataset, n: int, stage: str, monitor: Monitor) -> Iterator[Inputs]:
    """The windows of a dataset, `n` at a time.

    Raises
    ------
    Interrupted
        The user stopped it.
    """
    for start in range(0, len(data), n):
        stop = min(start + n, len(data))
        yield data.__getitems__(range(start, stop))[0]
        monitor.progress(stage, stop, len(data))
        if monitor.stopped and stop < len(data):
            raise stopped_answering(stage)
