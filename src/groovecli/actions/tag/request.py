"""Which songs to tag with what, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from groovecli.audio.tag_writing import Values
from groovecli.checked import Checked, Places, Share
from groovecli.library.changes.run import CutOff
from groovecli.library.tracks import Rejected
from groovecli.library.walk import PassedOver
from groovecli.models.results import CLIPS_PER_SONG
from groovecli.paths import StrPath, StrPaths


@dataclass(frozen=True)
class TagRequest(Checked):
    """Which songs, or folders of songs, to tag, and with what.

    Parameters
    ----------
    genre, tempo, key : bool
        Which of these to write. Tempo and key are measured where they aren't known.
    playlists : str or Path, optional
        A folder of playlists that groove wrote, whose names are written as the songs' group.
    min_precision : float in [0, 1]
        Only what is right so often, as was measured.
    replace, add : bool
        Write where there is a value already: instead of it; or behind it (genres and groups).
    preserve : bool
        Keep the files' times of change.
    """

    paths: StrPaths
    genre: bool = True
    tempo: bool = False
    key: bool = False
    playlists: StrPath | None = None
    min_precision: Share = 0.9
    replace: bool = False
    add: bool = False
    preserve: bool = False
    dry_run: bool = False
    exclude: tuple[str, ...] = ()
    n_clips: Places = CLIPS_PER_SONG
    model: str | None = None


@dataclass(frozen=True)
class TaggedSong:
    """A song with the values that were written, or would be, and those that it had of the same fields."""

    path: Path
    values: Values
    before: Values


@dataclass(frozen=True)
class Tagged:
    """Songs that were tagged, or would be.

    `n_before` had all of it already. `kept` have what a person wrote, or nothing that is sure enough.
    `line` says how sure a genre had to be.
    """

    model: str
    songs: tuple[TaggedSong, ...]
    n_before: int
    kept: tuple[Rejected, ...]
    failed: tuple[Rejected, ...]
    line: str = ""
    min_confidence: float = 0.0
    passed_over: PassedOver = field(default_factory=PassedOver)
    cut_off: tuple[CutOff, ...] = ()
    is_dry: bool = False
