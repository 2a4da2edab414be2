"""A network by onnxruntime, which starts in a tenth of PyTorch's time and answers sooner: groove-net's.

Its graph is included without weights. A model's own are put in, so that models made of groove-net, which
differ in their genres, have the same graph; the layer of genres is none of it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groovecli.features.spec import ImageSpec
from groovecli.home import shipped
from groovecli.models.file import Description
from groovecli.models.results import Answers
from groovecli.models.tensors import Arrays, read_tensors

GRAPHS = {"groove_net:GrooveNet": "groove-net"}
"""By the network's factory, the folder in `pretrained` with its graph."""
GRAPH, ABOUT = "graph.onnx", "graph.json"
TOLERANCE = 1e-4
"""How far its answers are from PyTorch's at most."""
_HEAD, _LAST = "genres", "embed.bias"  # the layer of genres, and what is before it


@dataclass(frozen=True)
class Graph:
    """A network's graph: its file, the shapes of its inputs, and those of its weights, by name.

    `own` are the shapes of the weights that a model has in another shape. Where the graph's are larger,
    they have zeros: filters in multiples of 16 are quicker than fewer.
    """

    path: Path
    inputs: Mapping[str, tuple[int, ...]]
    weights: Mapping[str, tuple[int, ...]]
    own: Mapping[str, tuple[int, ...]]


class Session:
    """A network that is ready to answer on the processor, for any number of threads.

    Parameters
    ----------
    graph : Graph
    specs : sequence of ImageSpec
        Its inputs.
    arrays : mapping of name to np.ndarray
        The model's weights.
    """

    def __init__(self, graph: Graph, specs: Sequence[ImageSpec], arrays: Arrays) -> None:
        import onnxruntime as ort

        self.specs = tuple(specs)
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1  # songs go through side by side
        options.log_severity_level = 3
        values = [
            ort.OrtValue.ortvalue_from_numpy(_fitted(arrays[name], shape))
            for name, shape in graph.weights.items()
        ]
        options.add_external_initializers(list(graph.weights), values)
        self._session = ort.InferenceSession(graph.path, options, providers=["CPUExecutionProvider"])
        self._weight, self._bias = arrays[f"{_HEAD}.weight"], arrays[f"{_HEAD}.bias"]

    def answers(self, stored: Sequence[NDArray[np.uint8]]) -> Answers:
        """What it says of windows, one at a time: more together take more memory, and no less time.

        Parameters
        ----------
        stored : sequence of np.ndarray [shape=(n, bands, frames), dtype=uint8]
            One a feature.
        """
        embeddings = np.concatenate([self._embedding(windows) for windows in zip(*stored, strict=True)])
        logits = embeddings @ self._weight.T + self._bias if len(self._bias) else None
        return Answers(logits, embeddings)

    def _embedding(self, windows: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        pairs = zip(self.specs, windows, strict=True)
        (embedding,) = self._session.run(None, {spec.name: _values(spec, codes) for spec, codes in pairs})
        return np.asarray(embedding, np.float32)


def session_of(path: Path, description: Description) -> Session | None:
    """A model's network by onnxruntime; None where that has no graph for it, or isn't installed.

    Raises
    ------
    ModelError
        As `read_tensors`.
    """
    folder = GRAPHS.get(description.spec.factory)
    if folder is None or find_spec("onnxruntime") is None:
        return None
    graph = graph_in(shipped("pretrained") / folder)
    specs = [spec for spec in description.features if isinstance(spec, ImageSpec) and spec.scale == "none"]
    if [(spec.name, spec.input_shape) for spec in specs] != list(graph.inputs.items()):
        return None
    arrays = read_tensors(path)
    return Session(graph, specs, arrays) if _fits(graph, arrays, len(description.genres)) else None


@cache
def graph_in(folder: Path) -> Graph:
    """The graph in a folder."""
    about = json.loads((folder / ABOUT).read_text("utf-8"))
    shapes = ({k: tuple(v) for k, v in about[each].items()} for each in ("inputs", "weights", "own"))
    return Graph(folder / GRAPH, *shapes)


def may_have_gpu() -> bool:
    """Whether there may be a GPU of NVIDIA's, asked without importing PyTorch, which knows."""
    if sys.platform == "win32":
        return Path(r"C:\Windows\System32\nvcuda.dll").exists()
    return any(Path(device).exists() for device in ("/dev/nvidiactl", "/dev/dxg", "/dev/kfd"))


def _fits(graph: Graph, arrays: Arrays, n_genres: int) -> bool:
    """Whether weights are those of the network; PyTorch says why not."""
    (dim,) = graph.weights[_LAST]
    head = {f"{_HEAD}.weight": (n_genres, dim), f"{_HEAD}.bias": (n_genres,)}
    shapes = {**graph.weights, **graph.own, **head}
    return all(name in arrays and arrays[name].shape == shape for name, shape in shapes.items())


def _fitted(array: NDArray[Any], shape: tuple[int, ...]) -> NDArray[np.float32]:
    """An array of a shape: what is beyond it goes, what it lacks is zero."""
    own = array[tuple(slice(n) for n in shape)].astype(np.float32)
    return np.ascontiguousarray(np.pad(own, [(0, n - m) for n, m in zip(shape, own.shape, strict=True)]))


def _values(spec: ImageSpec, codes: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Bytes (bands, frames) -> values (1, 1, bands, frames), as `networks.inputs` gives them."""
    scale = np.float32((spec.high - spec.low) / 255)
    return (codes.astype(np.float32) * scale + np.float32(spec.low))[None, None]
