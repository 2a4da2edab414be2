"""A clip's windows as images, one byte per pixel."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from groovecli.features.recipe import Recipe, Step, linear, of_sound, sample_windows, step
from groovecli.features.spec import Codes, ImageSpec

Image = Callable[[NDArray[np.float32], ImageSpec], NDArray[np.float32]]
"""One window's samples (n,) and the spec -> values (bands, frames) in [spec.low, spec.high]."""


def images(image: Image) -> Callable[[NDArray[np.float32], ImageSpec], Codes]:
    """A function from a clip's samples to the images of its windows, as codes of `spec.stored_shape`."""

    def of_clip(y: NDArray[np.float32], spec: ImageSpec) -> Codes:
        codes = np.empty(spec.stored_shape, np.uint8)
        for number, code in enumerate(codes):
            start = spec.first_sample(number)
            code[:] = spec.encode(image(y[start : start + spec.n_window_samples], spec))
        return codes

    return of_clip


def image_recipe(steps: Callable[[ImageSpec], Sequence[Step]]) -> Callable[[ImageSpec], Recipe]:
    """The recipe of images: `steps` make one of a window's samples; then its 256 levels and its scale."""

    def of_spec(spec: ImageSpec) -> Recipe:
        levels = step("levels", low=spec.low, high=spec.high)
        return of_sound(spec, [sample_windows(spec), *steps(spec), levels, *_scale(spec)])

    return of_spec


def _scale(spec: ImageSpec) -> list[Step]:
    """What `networks.inputs.to_inputs` does to the values."""
    width = spec.high - spec.low
    return {
        "none": [],
        "mean": [step("over_mean")],
        "unit": [linear(1 / width, -spec.low / width)],
    }[spec.scale]
