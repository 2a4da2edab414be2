"""What goes wrong with networks: their names, and inputs of shapes that they can't take."""

from __future__ import annotations

import difflib
from collections.abc import Collection

from groovecli.errors import ModelError, UsageError

Shapes = tuple[tuple[int, ...], ...]


def no_such_network(name: str, others: Collection[str]) -> UsageError:
    """No network has this name; `others` are the networks that exist."""
    near = difflib.get_close_matches(name, others, 1)
    return UsageError(
        f"there is no network {name!r}; there are: {', '.join(others)}",
        f"did you mean {near[0]!r}?" if near else "`groove models` says what each network does",
    )


def weights_are_published(name: str, trainable: Collection[str]) -> UsageError:
    """A network that others trained is to be trained; `trainable` are those that can be."""
    return UsageError(
        f"{name} can't be trained here: it comes trained by its authors",
        f"download it with `groove models pull {name}`, or train one of {', '.join(trainable)}",
    )


def ships_trained(name: str) -> UsageError:
    """The included network is to be trained."""
    return UsageError(
        f"{name} is included ready to use and can't be trained",
        "to teach it your own genres: `groove train --network transfer`",
    )


def other_bands(n_bands: int, shapes: Shapes) -> ModelError:
    """Musicnn gets something else than its mel bands."""
    return ModelError(f"musicnn needs {n_bands} bands of any number of frames, not {shapes}")


def other_pair_of_images(n_bands: int, n_fine_bands: int, shapes: Shapes) -> ModelError:
    """Groove-net gets something else than its two images."""
    return ModelError(
        f"groove-net takes an image of {n_bands} bands and one of {n_fine_bands}, not {shapes}"
    )


def too_few_bands(name: str, at_least: int, shapes: Shapes) -> ModelError:
    """A recurrent network gets several inputs, or an image that is too low for its pooling."""
    return ModelError(
        f"{name} needs one input (1, bands, frames) of {at_least} bands or more, not {shapes}"
    )


def sides_do_not_divide(multiple: int, n_bands: int, n_frames: int) -> ModelError:
    """Conv-autoencoder can't halve an image of these sides as often as it has to."""
    return ModelError(
        f"conv-autoencoder needs sides of a multiple of {multiple}, not {n_bands} x {n_frames}"
    )


def no_image_that_divides(multiple: int, shapes: Shapes) -> ModelError:
    """Joint-autoencoder gets several inputs, or an image that it can't halve often enough."""
    return ModelError(
        f"joint-autoencoder needs one input (1, bands, frames), both multiples of {multiple}, not {shapes}"
    )


def no_chroma_with_lyrics(n_columns: int, shapes: Shapes) -> ModelError:
    """The networks of chroma and lyrics get something else, or too few frames."""
    wanted = f"(8 frames or more, {n_columns}) and (width of the lyrics,)"
    return ModelError(f"dense, seq-cnn and seq-lstm need {wanted}, not {shapes}")


def no_samples(name: str, shapes: Shapes) -> ModelError:
    """A network of the waveform gets something else."""
    return ModelError(f"{name} needs one input (samples,), not {shapes}")


def too_few_samples(name: str, shapes: Shapes) -> ModelError:
    """A network of the waveform gets something else, or too short a one."""
    return ModelError(f"{name} needs one input (samples,), long enough for two steps, not {shapes}")
