"""The machine: what computes, on how many cores, and with how much memory."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import psutil
import torch

from groovecli.actions.doctor.check import Check, problem, warning
from groovecli.messages.words import count
from groovecli.models.devices import choose_device
from groovecli.workers.pool import n_workers

_LEAST_MEMORY = 1 << 30
_GIB = 1 << 30


def checks() -> Iterator[Check]:
    """Device, cores and memory."""
    yield _device()
    yield _cores()
    yield _memory()


def _device() -> Check:
    device = choose_device("auto")
    try:
        works = float(torch.ones(3, device=device).sum()) == 3
        why = "it computes wrong sums"
    except RuntimeError as error:
        works, why = False, str(error).splitlines()[0]
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else device.type
    facts = {"device": device.type, "torch": torch.__version__}
    if not works:
        return problem(
            "device", f"{name} can't be used: {why}", "use the processor: `--device cpu`", **facts
        )
    if device.type == "cpu" and torch.version.cuda is None and shutil.which("nvidia-smi"):
        return warning(
            "device",
            f"the processor: PyTorch {torch.__version__} can't use the NVIDIA card here",
            "install PyTorch for CUDA, as pytorch.org/get-started says",
            **facts,
        )
    return Check("device", f"{name}, PyTorch {torch.__version__}", facts=facts)


def _cores() -> Check:
    n_usable, n_there = n_workers(0), os.cpu_count() or 1
    threads = count(torch.get_num_threads(), "thread")
    text = f"{n_usable} of {n_there} may be used; networks take {threads}"
    return Check("cores", text, facts={"n_usable": n_usable, "n_cores": n_there})


def _memory() -> Check:
    memory = psutil.virtual_memory()
    text = f"{memory.available / _GIB:.1f} GB of {memory.total / _GIB:.1f} GB free"
    facts = {"available": memory.available, "total": memory.total}
    if memory.available < _LEAST_MEMORY:
        return warning("memory", text, "end other programs, or use fewer workers: `--jobs 1`", **facts)
    return Check("memory", text, facts=facts)
