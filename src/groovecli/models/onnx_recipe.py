"""The recipe in an ONNX file: from a song's file to the model's inputs, from its outputs to the answer.

docs/guide/onnx.md describes the format, docs/classify_onnx.py follows it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from groovecli.audio.clips import STEP_S
from groovecli.audio.decoders.decoder import CANCELLED
from groovecli.features.clip import FADE_S, SILENT_PEAK
from groovecli.features.lyrics import LyricsSpec
from groovecli.features.recipe import Recipe, packed
from groovecli.features.registry import KINDS
from groovecli.features.spec import FeatureSpec
from groovecli.features.word_vectors import no_vectors, stored
from groovecli.messages.models import kind_without_recipe, not_from_a_file
from groovecli.models.file import Description
from groovecli.models.loaded import LoadedModel
from groovecli.models.pooling import TINY, genres_times
from groovecli.models.results import CLIPS_PER_SONG

FORMAT = 1


def recipe_of(model: LoadedModel) -> Recipe:
    """All that a program needs to name a song's genres by the model as `groove classify` does.

    Raises
    ------
    ModelError
        One of its features' kinds has no recipe, or its word vectors are not here.
    """
    description = model.description
    inputs = [_input(description, spec, model.vectors) for spec in description.features]
    return {"format": FORMAT, "song": _song(description), "inputs": inputs, "answer": _answer(description)}


def not_from_files(recipe: Recipe) -> tuple[str, ...]:
    """Why a song's file is not enough: one text for each input that is not made of it."""
    return tuple(entry["why"] for entry in recipe["inputs"] if entry["of"] is None)


def _song(description: Description) -> dict[str, Any]:
    """Where a song is heard, and what counts as sound there."""
    return {
        "cancelled_below": CANCELLED,
        "silent_below": SILENT_PEAK,
        "clip_s": description.clip_s,
        "places": 1 if description.takes_songs else CLIPS_PER_SONG,
        "joined": description.spec.joins_clips,
        "apart_s": STEP_S,
        "fade_s": FADE_S,
    }


def _input(description: Description, spec: FeatureSpec, vectors: Path) -> Recipe:
    kind = KINDS[spec.kind]
    entry: Recipe = {"name": spec.name, "shape": [*spec.input_shape]}
    if kind.recipe is None:
        if kind.extract is not None:
            raise kind_without_recipe(description.name, spec.name, spec.kind)
        return entry | {"of": None, "why": not_from_a_file(spec.name), "feature": spec.to_dict()}
    entry |= kind.recipe(spec)
    if isinstance(spec, LyricsSpec):
        words = stored(vectors, spec.vectors) if spec.vectors else no_vectors(spec.width)
        return entry | {"words": [*words.words], "vectors": packed(words.vectors)}
    return entry | {"from_start": spec.per_song and not description.spec.joins_clips}


def _answer(description: Description) -> dict[str, Any]:
    """What is made of the outputs for a song's windows."""
    spec, tags = description.spec, description.learnt_from.tags
    answer = {
        "output": "logits" if spec.has_genres else "tags" if spec.objective == "tag" else "embedding",
        "names": [*description.genres] or [*tags],
        "genres_times": genres_times(spec),
    }
    if not spec.has_genres:
        return answer
    return answer | {
        "averages": spec.averages,
        "least_probability": TINY,
        "temperature": description.temperature,
    }
