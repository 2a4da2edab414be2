"""Where networks run: the processor, CUDA or Apple's GPU."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

from groovecli.messages.models import no_such_device
from groovecli.messages.options import no_such_kind
from groovecli.networks.spec import ModelSpec

PRECISIONS = ("auto", "float32", "bf16")


def choose_device(name: str = "auto") -> torch.device:
    """The device called `name`; auto is the fastest there is.

    Raises
    ------
    UsageError
        There is no such device here.
    """
    devices = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        name = next(device for device in ("cuda", "mps", "cpu") if devices[device])
    kind = name.partition(":")[0]
    if not devices.get(kind, False) or not _is_there(name):
        raise no_such_device(name, [device for device, is_there in devices.items() if is_there])
    return torch.device(name)


def _is_there(name: str) -> bool:
    """Whether a device's number, if it has one, is that of a device here."""
    try:
        number = torch.device(name).index or 0
    except RuntimeError:
        return False
    return number < (torch.cuda.device_count() if name.startswith("cuda") else 1)


def choose_precision(name: str, device: torch.device, *, gains: bool) -> bool:
    """Whether to compute in bfloat16: where asked for, and on CUDA by itself where the network `gains`."""
    if name not in PRECISIONS:
        raise no_such_kind("precision", name, PRECISIONS)
    return name == "bf16" or (name == "auto" and gains and device.type == "cuda")


def placed(network: nn.Module, device: torch.device, spec: ModelSpec) -> nn.Module:
    """A network on a device, its weights in the order in which convolutions are quickest there."""
    if device.type == "cuda" and not spec.channels_last_on_cuda:
        return network.to(device)
    moved: nn.Module = network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    return moved


@contextmanager
def torch_threads(n_threads: int) -> Iterator[None]:
    """Let a network on the processor use so many threads, here and in threads that start meanwhile."""
    before = torch.get_num_threads()
    torch.set_num_threads(n_threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)
