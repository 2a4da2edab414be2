"""Models as ONNX files, for programs that have no PyTorch."""

from __future__ import annotations

import importlib.util
import json
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from groovecli.files import check_writable, write_bytes
from groovecli.messages.models import onnx_answers_otherwise, onnx_packages_missing
from groovecli.messages.options import no_such_ending
from groovecli.models.loaded import LoadedModel
from groovecli.models.onnx_recipe import not_from_files, recipe_of
from groovecli.networks.output import Output
from groovecli.networks.spec import Shape

METADATA = "groove"
TOLERANCE = 1e-4
_PACKAGES = ("onnx", "onnxscript", "onnxruntime")
_N_TRACED, _N_CHECKED = 2, 3  # windows; different, so that a fixed batch is found out


@dataclass(frozen=True)
class Port:
    """An input or output: its name, and its shape without the batch."""

    name: str
    shape: Shape


@dataclass(frozen=True)
class Exported:
    """An ONNX file, and how far its answers are from PyTorch's at most.

    `not_from_files` says of each input that can't be made of a song's file why it can't.
    """

    path: Path
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    n_bytes: int
    largest_difference: float
    not_from_files: tuple[str, ...] = ()


def check_export(path: Path) -> None:
    """Raise an error unless such a file can be written.

    Raises
    ------
    UsageError
        The path doesn't end in .onnx.
    GrooveError
        A package is missing.
    StorageError
        The folder can't be written.
    """
    if path.suffix.lower() != ".onnx":
        raise no_such_ending(path, [".onnx"])
    missing = [name for name in _PACKAGES if importlib.util.find_spec(name) is None]
    if missing:
        raise onnx_packages_missing(missing)
    check_writable(path)


def export(model: LoadedModel, path: Path) -> Exported:
    """Write a model as an ONNX file of any batch size, its description in its metadata.

    Its inputs are windows as networks get them, one for each of the model's features and called so;
    its outputs are what the network gives. The metadata hold the recipe, too, by which inputs are made of
    a song's file. Before it is written it is run, and compared with PyTorch.

    Raises
    ------
    UsageError, GrooveError
        As `check_export`.
    ModelError
        As `recipe_of`, or the file would answer otherwise than the model.
    StorageError
        The file can't be written.
    """
    check_export(path)
    recipe = recipe_of(model)
    network = Flat(model.network.cpu().eval(), len(model.description.features))
    shapes = [spec.input_shape for spec in model.description.features]
    names = [spec.name for spec in model.description.features]
    said = json.dumps({**model.description.to_json(), "recipe": recipe})
    with silent():
        content = to_onnx(network, shapes, names, {METADATA: said})
        given = _noise(shapes, _N_CHECKED)
        theirs = _run(content, dict(zip(names, given, strict=True)))
    with torch.inference_mode():
        ours = network.named(*given)
    pairs = [(ours[name].numpy(), theirs[name]) for name in ours]
    largest = max(float(np.abs(a - b).max()) for a, b in pairs)
    if not all(np.allclose(a, b, rtol=TOLERANCE, atol=TOLERANCE) for a, b in pairs):
        raise onnx_answers_otherwise(model.description.name, largest)
    write_bytes(path, content)
    inputs = (Port(name, shape) for name, shape in zip(names, shapes, strict=True))
    outputs = (Port(name, tuple(tensor.shape[1:])) for name, tensor in ours.items())
    return Exported(path, tuple(inputs), tuple(outputs), len(content), largest, not_from_files(recipe))


class Flat(nn.Module):
    """A network that gives a plain tuple of what there is in its Output."""

    def __init__(self, network: nn.Module, n_inputs: int) -> None:
        super().__init__()
        self.network = network
        self.n_inputs = n_inputs

    def forward(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        """Windows -> the outputs that are not None."""
        return tuple(self.named(*inputs).values())

    def named(self, *inputs: Tensor) -> dict[str, Tensor]:
        """The same by name, in order."""
        output: Output = self.network(*inputs)
        return {name: tensor for name, tensor in output._asdict().items() if tensor is not None}


def to_onnx(network: Flat, shapes: list[Shape], names: list[str], metadata: dict[str, str]) -> bytes:
    """A network as an ONNX file's bytes, its weights within."""
    import onnx

    proto = to_program(network, shapes, names).model_proto
    onnx.helper.set_model_props(proto, metadata)
    content: bytes = proto.SerializeToString()
    return content


def to_program(
    network: Flat, shapes: list[Shape], names: list[str], *, optimize: bool = True
) -> torch.onnx.ONNXProgram:
    """A network as an ONNX program of any batch size."""
    traced = _noise(shapes, _N_TRACED)
    with torch.no_grad():
        outputs = list(network.named(*traced))
    program = torch.onnx.export(
        network,
        traced,
        dynamo=True,
        optimize=optimize,
        input_names=names,
        output_names=outputs,
        dynamic_shapes=(tuple({0: torch.export.Dim("batch")} for _ in names),),
        verbose=False,
    )
    assert program is not None
    return program


def _noise(shapes: list[Shape], n: int) -> tuple[Tensor, ...]:
    draw = torch.Generator().manual_seed(0)
    return tuple(torch.rand(n, *shape, generator=draw) for shape in shapes)


def _run(content: bytes, given: dict[str, Tensor]) -> dict[str, NDArray[Any]]:
    import onnxruntime

    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    answers = session.run(None, {name: tensor.numpy() for name, tensor in given.items()})
    return dict(zip((output.name for output in session.get_outputs()), answers, strict=True))


@contextmanager
def silent() -> Iterator[None]:
    """The exporter logs and warns of what concerns its own developers."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
