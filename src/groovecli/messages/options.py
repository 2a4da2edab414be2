"""What is wrong with what the user asks for: options, arguments and settings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from groovecli.errors import UsageError


def folder_is_gone() -> UsageError:
    """groove is run in a folder that was removed."""
    return UsageError("the folder that you are in was removed", "go to another one: `cd ~`")


def no_such_choice(option: str, value: str, choices: Iterable[str]) -> UsageError:
    """An option takes one of a few words and gets another."""
    return UsageError(f"{option} {value!r} is not known", f"choose from {', '.join(choices)}")


def no_such_kind(kind: str, name: str, choices: Iterable[str]) -> UsageError:
    """Nothing of a kind, such as "precision", has this name."""
    return UsageError(f"there is no {kind} {name!r}", f"choose from {', '.join(choices)}")


def no_such_ending(path: Path, endings: Iterable[str]) -> UsageError:
    """A file to write has an ending that stands for no format."""
    return UsageError(f"cannot tell from {path} what to write", f"end it in {' or '.join(endings)}")


def file_there(path: Path) -> UsageError:
    """A file is to be written where there is one."""
    return UsageError(f"{path} is there already", "choose another name, or replace it with `--force`")


def not_own_file(path: Path, *, can_force: bool = True) -> UsageError:
    """A file is to be written where there is one that groove did not write."""
    return UsageError(
        f"{path} is there already, and groove did not write it so",
        "choose another name, or replace it with `--force`"
        if can_force
        else "remove it, or choose another place",
    )


def empty_path(option: str) -> UsageError:
    """A file or folder is named by nothing, as where a variable of a script is empty."""
    where = f"{option} is given" if option else "a file or folder is given as"
    return UsageError(f"{where} an empty path", "name a file or folder; the working folder is `.`")


def empty_list() -> UsageError:
    """A list of names is given that holds none."""
    return UsageError("a list of names is empty", "give names, such as rock,jazz, or leave the option out")


def no_pattern(pattern: str) -> UsageError:
    """A file name's pattern can't be read."""
    return UsageError(f"--exclude {pattern!r} is no pattern", "give one such as '*live*' or 'Podcasts/'")


def exclude_of_a_source(source: str) -> UsageError:
    """Files of a published data set are to be left out."""
    return UsageError(f"--exclude does not go with --source {source}", "use it with a folder of music")


def no_share(option: str, share: float) -> UsageError:
    """What should be a share of the songs is none."""
    return _must_be(option, "between 0 and 1", f"{share:g}", "give a share of the songs, such as 0.2")


def out_of_range(option: str, takes: str, value: object) -> UsageError:
    """A number is none of those that an option takes, such as "1 or more"."""
    return _must_be(option, takes, str(value), "leave it out for the default")


def no_probability(option: str, value: float) -> UsageError:
    """What should be a probability is none."""
    return _must_be(option, "a probability, 0 to 1", f"{value:g}", "0.6 says unknown below 60 %")


def no_size(size: str) -> UsageError:
    """What should be a size of memory is none."""
    return UsageError(f"--max-memory {size!r} is no size", "give a size, such as 2G or 500M")


def fewer_workers(n: int, wanted: int, size: str, *, fits: bool) -> str:
    """That there are fewer workers than wanted, or that one alone may take more memory than is allowed."""
    if not fits:
        return f"warning: one worker may need more than --max-memory {size}"
    return f"{n} of {wanted} workers, for --max-memory {size}"


def no_seed(seed: int, largest: int) -> UsageError:
    """A seed is negative, or larger than those that NumPy and scikit-learn take."""
    return _must_be("--seed", f"a whole number, 0 to {largest}", str(seed), "leave it out for 0")


def no_depth(depth: int) -> UsageError:
    """Genres have no level of this number."""
    return _must_be("--depth", "1 or 2", str(depth), "1 has genres alone, 2 sub-genres too")


def no_part(text: str) -> UsageError:
    """What should be a part of the songs is no K/N."""
    return _must_be("--part", "K/N", text, "2/5 is the second of five parts")


def no_resampling(text: str) -> UsageError:
    """What should be two numbers of windows is neither that nor none."""
    return _must_be(
        "--resample",
        "two numbers or none",
        text,
        "such as 4000,1000: of a far larger genre, and of each other",
    )


def _must_be(option: str, what: str, value: str, hint: str) -> UsageError:
    return UsageError(f"{option} must be {what}, not {value}", hint)


def nothing_to_unfreeze() -> UsageError:
    """The network has no layers that came trained."""
    return UsageError(
        "--unfreeze is for networks that start from an included model",
        "`groove train --network transfer --unfreeze` does so",
    )


def no_lyrics_to_leave_out(network: str, *, reads: bool) -> UsageError:
    """--no-lyrics comes with word vectors, or for a network that reads none."""
    if reads:
        return UsageError("--no-lyrics and --word-vectors can't go together", "give one of them")
    return UsageError(f"--no-lyrics does nothing here: {network} reads no lyrics", "leave it out")


def feature_of_another_source(feature: str, source: str) -> UsageError:
    """A feature is asked for that only another data set has."""
    return UsageError(
        f"--source {source} has nothing to compute {feature} from", "leave --feature out for the default"
    )


def lyrics_are_not_ingested() -> UsageError:
    """Lyrics are asked for as a feature before their word vectors are known."""
    return UsageError(
        "lyrics are no feature to compute: `groove ingest` reads them anyway",
        "leave it out; `groove train --network seq-cnn` uses them",
    )


def model_and_network(model: str, network: str) -> UsageError:
    """A model and a network both say which recipe is meant."""
    return UsageError(f"both {model} and --network {network} are given", "choose one of them")


def name_and_default(name: str) -> UsageError:
    """A model and the default are both to be used."""
    return UsageError(f"{name} and --default are two different models", "give one of them")


def not_together(first: str, second: str) -> UsageError:
    """Two options are given of which each says what to do."""
    return UsageError(f"{first} and {second} can't be given together", "leave one of them out")


def two_models(argument: str, option: str) -> UsageError:
    """Two models are named where one is meant."""
    return UsageError(f"two models are named, {argument} and --model {option}", "name one of them")


def only_with_leakage(option: str) -> UsageError:
    """An option of `groove leakage` comes with `groove evaluate`."""
    return UsageError(f"`groove evaluate` has no option {option}", "`groove leakage` has it")


def folder_in_use(folder: Path) -> UsageError:
    """The demo's folder holds what is not the demo's."""
    return UsageError(f"{folder} holds other files", "choose another folder with --out")


def nobody_answered() -> UsageError:
    """A question before something is removed ended without yes or no."""
    return UsageError("nobody answered, so nothing was removed", "--yes removes without asking")


def settings_unreadable(path: Path, why: str) -> UsageError:
    """A file of settings can't be read, or is no TOML."""
    return UsageError(f"cannot read the settings in {path}: {why}", "mend the file, or delete it")


def no_such_setting(path: Path, name: str, known: Iterable[str]) -> UsageError:
    """A file of settings sets something that groove does not know."""
    return UsageError(f"{path} sets {name!r}, which is no setting", f"the settings are {', '.join(known)}")


_KINDS = {"int": "a number", "str": "text"}


def setting_of_another_type(path: Path, name: str, value: object, wanted: str) -> UsageError:
    """A file of settings sets a word where a number is wanted, or the like."""
    kind = _KINDS.get(wanted, wanted)
    return UsageError(f"{path} sets {name} to {value!r}", f"{name} must be {kind}")


# The command line

_NEAREST = {
    "groove classify SONG": "predict genre name tag-genre analyze analyse recognize identify what search",
    "groove cluster MUSIC": (
        "similar like playlist playlists mix radio group sort organize organise related recommend"
        " recommendations"
    ),
    "groove ingest MUSIC": "scan index import add library learn update refresh sync load",
    "groove duplicates MUSIC": "dupes dupe duplicate dedupe dedup doubles copies twins",
    "groove leakage": "leak leaks leaky honest",
    "groove train": "fit model network retrain finetune fine-tune",
    "groove evaluate": "test measure accuracy score eval validate metrics report",
    "groove models": "list ls show info model-list weights",
    "groove models use NAME": "use choose select switch default",
    "groove config": "settings setting configure env status home where doctor stats",
    "groove embed MUSIC --out songs.npz": "vectors vector embedding embeddings export map plot features",
    "groove audit MUSIC": "misfiled mislabelled wrong fix mend tidy cleanup",
    "groove undo": "revert rollback restore back",
    "groove tag MUSIC --dry-run": "retag write-tags tagger",
    "groove demo": "try tutorial start quickstart example examples",
    "groove --version": "version",
    "groove models remove NAME": "delete rm",
    "groove ingest MUSIC --label-from tag": "tags",
}
_WHAT_IS_NEAREST = {word: command for command, words in _NEAREST.items() for word in words.split()}


def no_such_command(name: str, alike: Sequence[str], path: str) -> UsageError:
    """A command is typed that there is not; `alike` are those that are spelt much like it."""
    said = path if path == "groove" else f"`{path}`"
    if nearest := _WHAT_IS_NEAREST.get(name) if path == "groove" else None:
        return UsageError(f"groove has no command {name!r}", f"the nearest is `{nearest}`")
    if alike:
        return UsageError(f"{said} has no command {name!r}", f"did you mean `{path} {alike[0]}`?")
    return UsageError(f"{said} has no command {name!r}", f"`{path} --help` lists the commands")


def no_such_option(name: str, alike: Sequence[str], path: str) -> UsageError:
    """An option is given that the command does not take."""
    if alike:
        return UsageError(f"`{path}` has no option {name}", f"did you mean {alike[0]}?")
    if path == "groove search":  # a word that songs should not have, it may be
        return UsageError(f"`{path}` has no option {name}", "write `not WORD` for songs without it")
    return UsageError(f"`{path}` has no option {name}", f"`{path} --help` lists the options")


def missing(what: str, path: str, example: str | None) -> UsageError:
    """An argument or option is needed and was not given."""
    return UsageError(
        f"{what} is missing", f"for example: `{example}`" if example else f"see `{path} --help`"
    )


def value_missing(option: str, path: str) -> UsageError:
    """An option stands without its value."""
    return UsageError(f"{option} needs a value", f"see `{path} --help`")


def takes_no_value(option: str, path: str) -> UsageError:
    """An option that is on or off comes with a value."""
    return UsageError(f"{option} takes no value", f"see `{path} --help`")


def must_be(option: str, takes: str, path: str, *, origin: str = "") -> UsageError:
    """A number is of another kind, or out of range; `origin` says where it stands, unless it was typed."""
    if origin:
        return UsageError(
            f"{origin}: {option.removeprefix('--')} must be {takes}", f"change it in {origin}"
        )
    return UsageError(f"{option} must be {takes}", f"see `{path} --help`")


def too_many(words: str, path: str) -> UsageError:
    """Something is given behind all that the command takes."""
    return UsageError(
        f"`{path}` does not take {words!r}", f"put names with spaces in quotes; see `{path} --help`"
    )


def command_missing(path: str) -> UsageError:
    """A group of commands is given without a command."""
    return UsageError(f"`{path}` needs a command", f"`{path} --help` lists the commands")


def no_help_for(words: str) -> UsageError:
    """Help is asked for a command that there is not."""
    return UsageError(f"groove has no command {words!r}", "`groove help` lists the commands")


def dry_run_of_a_source(source: str) -> UsageError:
    """How long an ingest would take is asked of a published data set."""
    return UsageError(f"--dry-run can't be used with --source {source}", "leave out --dry-run")
