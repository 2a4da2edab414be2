"""A step of learning as one CUDA graph: its many small operations are started together."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

import torch
from torch import Tensor, nn

from groovecli.datasets.sources import Given
from groovecli.features.spec import FeatureSpec, ImageSpec
from groovecli.messages.training import no_graph

N_WARM_UP = 3
"""Steps that run plainly before one is captured: they make what a graph can't, such as Adam's averages."""

Figures = tuple[Tensor, Tensor]
"""A batch's mean loss, and how many of its windows were named right."""
Step = Callable[[Given, int], Figures]
"""Learns from what stands for a batch and the number of its windows."""


class Recorder(Protocol):
    """What captures a function's work on a device, so that it can be done again."""

    def warm_up(self, function: Callable[[], Figures]) -> Figures:
        """Call a function as it will be captured."""

    def capture(self, function: Callable[[], Figures]) -> tuple[Callable[[], None], Figures]:
        """What does a function's work again, into the figures: nothing is done yet."""


class CudaRecorder:
    """Captures by a CUDA graph.

    After "Whole-network capture" in PyTorch's notes on CUDA semantics: warm-up and capture run on streams
    of their own, and gradients are made within the graph.
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._side = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]

    def warm_up(self, function: Callable[[], Figures]) -> Figures:
        """As Recorder says; steps before and after wait for it."""
        main = torch.cuda.current_stream(self._device)
        self._side.wait_stream(main)
        with torch.cuda.stream(self._side):
            figures = function()
        main.wait_stream(self._side)
        return figures

    def capture(self, function: Callable[[], Figures]) -> tuple[Callable[[], None], Figures]:
        """As Recorder says; other threads may go on with the device meanwhile."""
        main, seeds = torch.cuda.current_stream(self._device), torch.cuda.get_rng_state(self._device)
        graph = torch.cuda.CUDAGraph()
        try:
            with (
                torch.cuda.device(self._device),
                torch.cuda.graph(graph, stream=self._side, capture_error_mode="thread_local"),
            ):
                figures = function()
        except Exception:
            torch.cuda.set_stream(main)  # PyTorch stays on the other one where a capture ends badly
            with suppress(RuntimeError):
                torch.cuda.set_rng_state(seeds, self._device)
            raise
        return graph.replay, figures


class Captured:
    """A step that is captured once it has run a few times, and done again for each batch of that shape.

    Batches of other shapes, such as an epoch's last one, go through the step itself. The figures that it
    gives are overwritten by the next step. Where capturing fails, `say` is told why, and all steps run
    plainly.
    """

    def __init__(self, step: Step, recorder: Recorder) -> None:
        self._step, self._recorder = step, recorder
        self.say: Callable[[str], None] = lambda _: None
        self._is_possible = True
        self.forget()

    def forget(self) -> None:
        """Drop the graph, since what it works on was replaced."""
        self._n_warm = 0
        self._place: Given = ()
        self._replay: Callable[[], None] | None = None
        self._figures: Figures | None = None

    @property
    def is_captured(self) -> bool:
        """Whether there is a graph."""
        return self._replay is not None

    def __call__(self, given: Given, n: int) -> Figures:
        """Learn from a batch of `n` windows."""
        if not self._place:
            self._place = tuple(x.clone() for x in given)
        fits = all(a.shape == b.shape for a, b in zip(given, self._place, strict=True))
        if not (self._is_possible and fits):
            return self._step(given, n)
        if self._n_warm < N_WARM_UP:
            self._n_warm += 1
            return self._recorder.warm_up(lambda: self._step(given, n))
        for there, here in zip(self._place, given, strict=True):
            there.copy_(here, non_blocking=True)
        if self._replay is None and not self._capture(n):
            return self._step(given, n)
        assert self._replay is not None and self._figures is not None
        self._replay()
        return self._figures

    def _capture(self, n: int) -> bool:
        """Capture the step, which does nothing yet; whether that went well."""
        try:
            self._replay, self._figures = self._recorder.capture(lambda: self._step(self._place, n))
        except Exception as error:  # of many kinds: whatever is wrong with a graph, plain steps are right
            self._is_possible = False
            self.say(no_graph((str(error) or type(error).__name__).splitlines()[0]))
        return self._is_possible


def is_capturable(model: nn.Module, specs: tuple[FeatureSpec, ...]) -> bool:
    """Whether a network's step is one for a graph: of images, and none that goes from frame to frame."""
    recurs = any(isinstance(module, nn.RNNBase) for module in model.modules())
    return not recurs and all(isinstance(spec, ImageSpec) for spec in specs)
