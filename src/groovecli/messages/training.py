"""What goes wrong in training: too little to learn from, a loss that explodes, nothing to go on with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from groovecli.errors import DatasetError, Diverged, GrooveError, ModelError, ProcessFailed, UsageError
from groovecli.messages.words import count

_AGAIN = "start again without `--resume`"


def too_few_genres(
    dataset: str, genres: Sequence[str], n_songs: Mapping[str, int], min_songs: int
) -> DatasetError:
    """A dataset has too few genres to tell apart; those of fewer than `min_songs` were dropped.

    `n_songs` has the songs to learn from of each genre that there is.
    """
    few = [f"{genre} ({n})" for genre, n in sorted(n_songs.items()) if genre not in genres]
    dropped = f"; fewer than {min_songs} songs to learn from: {', '.join(few)}" if few else ""
    return DatasetError(
        f"dataset {dataset!r} has {count(len(genres), 'genre')} to train on; two are needed{dropped}",
        "add music with `groove ingest MUSIC`" + (", or lower `--min-songs`" if few else ""),
    )


def would_forget(genres: Iterable[str], base: str) -> DatasetError:
    """The model to start from has genres of which there are no songs to learn from."""
    return DatasetError(
        f"the dataset has no songs of {', '.join(sorted(genres))}, so {base} would lose these genres",
        "add songs of them with `groove ingest MUSIC`, or train a model of your own: `groove train`",
    )


def network_names_no_genres() -> ModelError:
    """A network that gives no logits is trained to name genres."""
    return ModelError("this network names no genres", "train it to reconstruct, or choose another network")


def network_reconstructs_nothing() -> ModelError:
    """A network without a decoder is trained to reconstruct."""
    return ModelError("this network reconstructs nothing", "train it on genres, or choose an autoencoder")


def exploded(loss: float, where: str) -> Diverged:
    """The loss became NaN or exploded; `where` says at which step or epoch."""
    return Diverged(f"the loss is {loss:g} {where}", "try a smaller `--learning-rate`")


def no_graph(why: str) -> str:
    """CUDA could not capture the step of learning."""
    return f"each step's parts are started one by one, not as one CUDA graph, which takes longer: {why}"


def state_missing(path: Path) -> ModelError:
    """A training without a saved state is to be resumed."""
    return ModelError(f"there is no training to go on with: {path} is missing", "leave out `--resume`")


def nothing_to_resume(network: str) -> ModelError:
    """None of a network's trainings has a saved state."""
    return ModelError(f"there is no training of {network} to go on with", "leave out `--resume`")


def no_training_state(path: Path, why: str | None = None) -> ModelError:
    """A file is damaged, or no saved state of a training."""
    because = "" if why is None else f": {why}"
    return ModelError(f"the saved training {path} can't be used{because}", _AGAIN)


def from_another_groove(path: Path) -> ModelError:
    """A saved state has a format of another version."""
    return ModelError(f"the saved training {path} is of another version of groove", _AGAIN)


def process_failed(number: int, n: int, error: GrooveError) -> ProcessFailed:
    """One of several processes that train together failed alone, and ends the training."""
    return ProcessFailed(f"process {number + 1} of {n} failed: {error.what}", error.hint)


def other_process_ended() -> ProcessFailed:
    """A process that trains with this one is gone."""
    return ProcessFailed(
        "another process of this training has ended",
        "see its error above, then go on with `groove train --resume` under torchrun",
    )


def too_few_devices(n: int, n_devices: int) -> UsageError:
    """More processes were started than this machine has CUDA devices."""
    return UsageError(
        f"there are {n} processes for {count(n_devices, 'CUDA device')} on this machine",
        f"start torchrun with `--nproc-per-node {n_devices}`, or add `--device cpu`",
    )


def device_for_several(device: str) -> UsageError:
    """Several processes can't train on this kind of device, or not all on one device."""
    return UsageError(
        f"several processes can't share the device {device}",
        "add `--device cuda` or `--device cpu`, or train without torchrun",
    )


def not_in_several(command: str) -> UsageError:
    """A command other than `train` was started several times at once by torchrun."""
    return UsageError(f"torchrun starts only `groove train`, not `groove {command}`", "leave out torchrun")
