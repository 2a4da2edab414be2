"""What goes wrong with datasets and their cached features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from shlex import quote

from groovecli.errors import DatasetError, Interrupted, UsageError
from groovecli.messages.words import GO_ON, count

_ONLY_FOLDERS = "leave out --depth: it is for genre folders with folders of sub-genres in them"
_MAKE_AGAIN = "delete that file and run `groove ingest MUSIC` again"


def no_such_dataset(name: str, others: Sequence[str]) -> DatasetError:
    """There is no dataset of that name; `others` are those that there are."""
    return DatasetError(
        f"there is no dataset {name!r} yet" + (f" (there is: {', '.join(others)})" if others else ""),
        f"make it from a folder of music: `groove ingest MUSIC --dataset {name}`"
        if name != "default"
        else "make it from a folder of music: `groove ingest MUSIC`",
    )


def measured_on_own_music(model: str, datasets: Sequence[str]) -> DatasetError:
    """An included model is to be measured without a dataset; `datasets` are those that there are."""
    if datasets:
        return DatasetError(
            f"{model} is included, so it has no dataset here; say which of yours to measure it on"
            f" ({', '.join(datasets)})",
            f"`groove evaluate {model} --dataset {datasets[0]}`",
        )
    return DatasetError(
        f"there is no music here yet to measure {model} on",
        "read your music first, with folders named after genres: `groove ingest MUSIC`"
        " (or genres from the tags: `groove ingest MUSIC --label-from tag`), then"
        f" `groove evaluate {model} --dataset default`",
    )


def no_such_part(k: int, n: int) -> UsageError:
    """The k-th of n parts is asked for, which can't be."""
    return UsageError(
        f"--part must be K/N with K from 1 to N, not {k}/{n}", "for the second of five: `--part 2/5`"
    )


def dataset_without_sound(name: str, feature: str) -> DatasetError:
    """A feature of sound is asked of a dataset that has none."""
    return DatasetError(
        f"dataset {name!r} has no sound, and {feature} is computed from sound",
        f"choose dense, seq-cnn or seq-lstm: `groove train --network seq-cnn --dataset {name}`",
    )


# Songs that are not there


def genres_out_of_reach(
    dataset: str, lost: Mapping[str, tuple[Path, str]], n_songs: Mapping[str, int]
) -> DatasetError:
    """Genres of a dataset have no song that can be used; for each a file comes with the reason."""
    names = ", ".join(f"{genre} ({count(n_songs[genre], 'song')})" for genre in lost)
    path, why = next(iter(lost.values()))
    return DatasetError(
        f"dataset {dataset!r} has no song left to use of {names}, such as {path}: {why}",
        "connect the drive that they are on, then run the same command again; if they are gone for good:"
        f" `groove remove-genre {quote(next(iter(lost)))}"
        + ("" if dataset == "default" else f" --dataset {dataset}")
        + "`",
    )


# Ingesting


def depth_without_folders(source: str) -> UsageError:
    """Levels of folders are asked of a published data set."""
    return UsageError(f"--depth can't be used with --source {source}", _ONLY_FOLDERS)


def depth_of_tags() -> UsageError:
    """Levels of folders are asked where tags say the genre."""
    return UsageError("--depth 2 can't be used with --label-from tag", _ONLY_FOLDERS)


def option_without_use(option: str, sources: Sequence[str]) -> UsageError:
    """A file is given that the source does not take; `sources` are those that do."""
    return UsageError(
        f"{option} is only for --source {' or '.join(sources)}",
        f"add --source {sources[0]}, or leave out {option}",
    )


def stopped_reading() -> Interrupted:
    """The user pressed Ctrl-C while the files of a library were opened."""
    return Interrupted("stopped while reading the library", GO_ON)


def stopped_reading_lyrics() -> Interrupted:
    """The user pressed Ctrl-C while lyrics were read."""
    return Interrupted("stopped while reading lyrics", GO_ON)


def stopped_computing() -> Interrupted:
    """The user pressed Ctrl-C while features were computed."""
    return Interrupted("stopped while computing features", GO_ON)


# Chunk files


def chunk_missing(path: Path) -> DatasetError:
    """A chunk file was deleted."""
    return DatasetError(f"the cached features {path} are missing", "run `groove ingest MUSIC` again")


def unreadable_chunk(path: Path, reason: str) -> DatasetError:
    """The system refused to read a chunk file, for a reason in its words."""
    return DatasetError(
        f"cannot read {path}: {reason}", "make that file readable, then run the same command again"
    )


def not_a_chunk(path: Path, why: str) -> DatasetError:
    """A chunk file is damaged, or none of groove's."""
    return DatasetError(f"the cached features {path} can't be used: {why}", _MAKE_AGAIN)


def chunk_of_other_things(path: Path) -> DatasetError:
    """A chunk file holds other names than a chunk's, or what is no array."""
    return not_a_chunk(path, "it holds something else")


def chunk_of_other_types(path: Path) -> DatasetError:
    """A chunk file says in another type which clips it is of."""
    return not_a_chunk(path, "its arrays are of other types than a chunk's")


def chunk_of_unequal_lengths(path: Path) -> DatasetError:
    """A chunk file does not have one feature a clip."""
    return not_a_chunk(path, "its arrays differ in length")


def clip_not_in_chunk(path: Path, clip: str, row: int) -> DatasetError:
    """A chunk file is not the one that the catalogue entered: another clip is in the row."""
    return DatasetError(f"the cached features {path} lack clip {clip} in row {row}", _MAKE_AGAIN)


def chunk_of_other_features(
    path: Path, stored: tuple[str, Sequence[int]], wanted: tuple[str, Sequence[int]]
) -> DatasetError:
    """A chunk file is of another feature than the catalogue says: each is a type and a shape."""
    return DatasetError(
        f"{path} holds {stored[0]} features of shape {tuple(stored[1])},"
        f" not {wanted[0]} of {tuple(wanted[1])}",
        _MAKE_AGAIN,
    )
