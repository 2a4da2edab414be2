"""What goes wrong when songs are looked for by words."""

from __future__ import annotations

from collections.abc import Sequence

from groovecli.errors import LibraryError, ModelError, UsageError

_EXAMPLE = "for example `groove search slow sad piano`"


def no_words(words: str, filler: Sequence[str]) -> UsageError:
    """There is no word, or none that says anything."""
    if filler:
        return UsageError(f"{words!r} says nothing about the music", f"add words for it, {_EXAMPLE}")
    if words.strip():
        return UsageError(f"there is no word in {words!r}", f"give words, {_EXAMPLE}")
    return UsageError("no words are given", f"give words, {_EXAMPLE}")


def too_long(n_letters: int, most: int) -> UsageError:
    """A whole text is given for words."""
    return UsageError(f"the words have {n_letters:,} letters", f"give {most} letters or fewer, {_EXAMPLE}")


def too_many_words(n_words: int, most: int) -> UsageError:
    """More words than songs can be ranked by."""
    return UsageError(f"there are {n_words} words", f"give {most} or fewer, {_EXAMPLE}")


def nothing_understood(
    unknown: Sequence[tuple[str, Sequence[str]]], unmeasured: Sequence[str]
) -> LibraryError:
    """Nothing could be done with any of the words."""
    near = [word for _, words in unknown for word in words]
    if unmeasured and not unknown:
        return LibraryError(
            f"no song was measured for: {', '.join(unmeasured)}",
            "measure your music first, once: `groove describe ~/Music`",
        )
    said = ", ".join([*(word for word, _ in unknown), *unmeasured])
    hint = f"perhaps you mean: {', '.join(near)}" if near else "try words for moods, instruments and genres"
    return LibraryError(f"these words are not known, and in no tag of your music: {said}", hint)


def no_words_of_model(name: str) -> ModelError:
    """A model's vectors are not those that words are computed from."""
    return ModelError(
        f"{name} has no words: they come from groove-net and models trained on top of it (`transfer`)",
        "leave `--model` out",
    )
