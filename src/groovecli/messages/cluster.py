"""What goes wrong with workers on other machines."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from groovecli.errors import GrooveError, UsageError


def dask_is_missing() -> GrooveError:
    """A scheduler is given, and Dask is not installed."""
    return GrooveError("`--scheduler` needs the package distributed", "pip install distributed")


def no_address(text: str) -> UsageError:
    """Something else than an address is given for a scheduler."""
    return UsageError(
        f"--scheduler must be an address, not {text}", "give what `dask scheduler` prints: tcp://HOST:8786"
    )


def no_scheduler(address: str) -> GrooveError:
    """Nothing answers at the address of a scheduler."""
    return GrooveError(
        f"no Dask scheduler answers at {address}",
        "start one with `dask scheduler`, then give the address that it prints: `--scheduler tcp://HOST:8786`",
    )


def no_workers_there(address: str) -> GrooveError:
    """A scheduler has no workers."""
    return GrooveError(
        f"the scheduler at {address} has no workers", f"start one on each machine: `dask worker {address}`"
    )


def workers_lost(address: str) -> GrooveError:
    """All workers are gone, or one after the other was lost over one file."""
    return GrooveError(
        f"the workers of {address} are lost; what they finished is kept",
        f"look at what they printed, start `dask worker {address}`, then run the same command again",
    )


def scheduler_lost(address: str) -> GrooveError:
    """A scheduler went away during the work."""
    return GrooveError(
        f"the scheduler at {address} is lost; what its workers finished is kept",
        "start `dask scheduler` and the workers, then run the same command again",
    )


def worker_lacks_groove(reason: str) -> GrooveError:
    """A worker can't import groove, or has one without workers for other machines."""
    return GrooveError(
        f"a worker of the cluster can't run groove: {reason}",
        "install this version of groove where `dask worker` runs",
    )


def other_versions(machine: str, there: Mapping[str, str], here: Mapping[str, str]) -> GrooveError:
    """A worker has other versions of what results depend on."""
    names = [name for name in here if here[name] != there.get(name)]
    pairs = ", ".join(f"{name} {there.get(name, 'none')} instead of {here[name]}" for name in names)
    return GrooveError(
        f"the worker on {machine} would give other results: {pairs}",
        "install the same versions there",
    )


def not_seen_by_workers(path: Path) -> GrooveError:
    """A file that is on this machine is not where a worker looks for it; nothing is wrong with the file."""
    return GrooveError(
        f"a worker of the cluster does not find {path}",
        "give the folder where the workers see the music: `--worker-root DIR`",
    )


def worker_root_alone() -> UsageError:
    """Where workers see the music is given without a cluster."""
    return UsageError(
        "`--worker-root` is for the workers of a cluster", "add `--scheduler tcp://HOST:8786`"
    )


def worker_root_of_several(n: int) -> UsageError:
    """One place for the workers is given for several folders of music."""
    return UsageError(f"`--worker-root` stands for one folder of music, not for {n}", "give one folder")
