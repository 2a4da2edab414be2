"""What goes wrong with what the user asks for: options, arguments and settings that make no sense."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from groovecli.errors import UsageError


def no_such_choice(option: str, value: str, choices: Iterable[str]) -> UsageError:
    """An option takes one of a few words and gets another."""
    return UsageError(f"{option} {value!r} is not known", f"choose from {', '.join(choices)}")


def no_such_kind(kind: str, name: str, choices: Iterable[str]) -> UsageError:
    """Nothing of a kind, such as "precision", is called so."""
    return UsageError(f"there is no {kind} {name!r}", f"choose from {', '.join(choices)}")


def no_such_ending(path: Path, endings: Iterable[str]) -> UsageError:
    """A file to write has an ending that stands for no format."""
    return UsageError(f"cannot tell from {path} what to write", f"end it in {', '.join(endings)}")


def no_share(option: str, share: float) -> UsageError:
    """What should be a share of the songs is none."""
    return UsageError(f"{option} {share:g} is not between 0 and 1")


def out_of_range(option: str, value: object) -> UsageError:
    """A number lies where nothing can come of it."""
    return _makes_no_sense(option, str(value))


def no_probability(option: str, value: float) -> UsageError:
    """What should be a probability is none."""
    return _makes_no_sense(option, f"{value:g}", "give a probability, from 0 to 1")


def no_seed(seed: int, largest: int) -> UsageError:
    """A seed is negative, or larger than those that NumPy and scikit-learn take."""
    return _makes_no_sense("--seed", str(seed), f"give a whole number from 0 to {largest}")


def no_depth(depth: int) -> UsageError:
    """Genres have no level of this number."""
    return _makes_no_sense("--depth", str(depth), "give 1 (genres) or 2 (sub-genres too)")


def no_part(text: str) -> UsageError:
    """What should be a part of the songs is no K/N."""
    return _makes_no_sense("--part", text, "give K/N, such as 2/5")


def no_resampling(text: str) -> UsageError:
    """What should be two numbers of windows is neither that nor none."""
    return _makes_no_sense("--resample", text, "give two numbers, as in 4000,1000, or none")


def _makes_no_sense(option: str, value: str, hint: str = "") -> UsageError:
    return UsageError(f"{option} {value} makes no sense", hint)


def nothing_to_unfreeze() -> UsageError:
    """The network has no layers that came trained."""
    return UsageError("--unfreeze is for networks that start from a shipped model", "use --model transfer")


def no_lyrics_to_leave_out(network: str, *, reads: bool) -> UsageError:
    """--no-lyrics comes with word vectors, or for a network that reads none."""
    if reads:
        return UsageError("--no-lyrics and --word-vectors contradict each other", "give one of them")
    return UsageError(f"--no-lyrics has no use here: {network} reads no lyrics")


def feature_of_another_source(feature: str, source: str) -> UsageError:
    """A feature is asked for that only another data set has."""
    return UsageError(
        f"--feature {feature} can't be made of what --source {source} has", "leave it out for the default"
    )


def lyrics_are_not_ingested() -> UsageError:
    """Lyrics are asked for as a feature before their word vectors are known."""
    return UsageError(
        "lyrics can't be ingested as a feature: which word vectors they take is said in training",
        "leave it out; `groove train --model seq-cnn` reads them",
    )


def model_and_network(model: str, network: str) -> UsageError:
    """A model and a network both say which recipe is meant."""
    return UsageError(f"both {model} and --model {network} are given", "choose one of them")


def name_and_default(name: str) -> UsageError:
    """A model and the default are both to be used."""
    return UsageError(f"{name} and --default are two different things", "give one of them")


def only_with_honest(option: str) -> UsageError:
    """An option of --honest comes without it."""
    return UsageError(f"{option} has no use here", "use it with --honest")


def folder_in_use(folder: Path) -> UsageError:
    """The demo's folder holds what is not the demo's."""
    return UsageError(f"{folder} is there and holds something else", "choose another folder with --out")


def nobody_answered() -> UsageError:
    """A question before something is removed ended without yes or no."""
    return UsageError("nobody answered; nothing was removed", "--yes removes without asking")


def settings_unreadable(path: Path, why: str) -> UsageError:
    """A file of settings can't be read, or is no TOML."""
    return UsageError(f"cannot read the settings in {path}: {why}")


def no_such_setting(path: Path, name: str, known: Iterable[str]) -> UsageError:
    """A file of settings sets something that groove does not know."""
    return UsageError(f"{path} sets {name!r}, which is no setting", f"known: {', '.join(known)}")


_KINDS = {"int": "a number", "str": "text"}


def setting_of_another_type(path: Path, name: str, value: object, wanted: str) -> UsageError:
    """A file of settings sets a word where a number is wanted, or the like."""
    return UsageError(f"{path} sets {name} to {value!r}, not {_KINDS.get(wanted, wanted)}")
