"""Sources of songs: folders of genres, or published data sets with rules of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from groovecli.library.sources.listing import SourceListing
from groovecli.library.tracks import Rejected, Track

Segments = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class SourceFiles:
    """Files that go with a published data set: splits, lyrics, genres."""

    split_files: tuple[Path, ...] = ()
    musixmatch: tuple[Path, ...] = ()
    tagtraum: Path | None = None


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a dataset's songs come from.

    Parameters
    ----------
    name : str
        What `--source` calls it.
    listing : function, optional
        Its root and its files -> what it says of its songs. Without it, genres are folders or tags.
    takes : tuple of str
        The options whose files it has a use for, such as "--split-file".
    has_sound : bool
        Whether its files hold sound; features of sound can't be made of others.
    feature : str
        What `groove ingest` computes where no feature is named.
    instead : mapping of str to str
        Features of sound -> what this source gives instead to networks with such an input.
    has_stems : bool
        Whether its lyrics are stems of words, not words.
    network : str
        What `groove train` is to train on it, where that is not its default.
    clips_per_song : int
        Clips a song where that is not said.
    identify : function, optional
        Opens a file that holds no sound: what stands for a track there.
    lyrics : function, optional
        Files of lyrics and tracks -> words and how often they occur, by track id.
    suffix : str
        How its files end, where they hold segments and no sound.
    read_segments : function, optional
        Such a file -> pitches (n, 12) and timbre (n, 12) of its segments.
    """

    name: str
    listing: Callable[[Path, SourceFiles], SourceListing] | None = None
    takes: tuple[str, ...] = ()
    has_sound: bool = True
    feature: str = "mel-323"
    instead: Mapping[str, str] = field(default_factory=dict)
    has_stems: bool = False
    network: str = ""
    clips_per_song: int = 3
    identify: Callable[[Path], Track | Rejected] | None = None
    lyrics: Callable[[Sequence[Path], Sequence[Track]], Mapping[str, Mapping[str, int]]] | None = None
    suffix: str = ""
    read_segments: Callable[[Path], tuple[Segments, Segments]] | None = None
