"""The task of a worker, some clips of one file, and what comes of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from groovecli.audio.clips import Clip
from groovecli.features.spec import FeatureSpec, Stored
from groovecli.library.tracks import FileState
from groovecli.reasons import Problem

if TYPE_CHECKING:
    from groovecli.audio.lyrics import Bag


@dataclass(frozen=True)
class Cut:
    """A task for one file: clips, for some features; its lyrics, read from the file if not given.

    `vectors` is the folder of the word vectors that lyrics are turned into.

    `stretches_s` says where the stretches begin that are joined to its only clip; without them a clip is
    what lies there in the file. Of a file that is known to be shorter than a clip no more is asked
    than its `duration_s`: what gives less than it was asked for is decoded again in another way.
    """

    path: Path
    clips: tuple[Clip, ...]
    specs: tuple[FeatureSpec, ...]
    words: Bag | None = None
    vectors: Path = Path()
    stretches_s: tuple[float, ...] = ()
    duration_s: float = math.inf
    state: FileState | None = None


@dataclass(frozen=True)
class CutResult:
    """Each clip's features in the order of the specs, and why other clips failed."""

    features: Mapping[Clip, tuple[Stored, ...]]
    problems: Mapping[Clip, Problem]
