"""What `cluster` is asked for, and what it gives."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from groovecli.checked import Checked, Count, Minutes, Places
from groovecli.errors import GrooveError
from groovecli.library.tracks import Rejected
from groovecli.library.walk import PassedOver
from groovecli.models.results import CLIPS_PER_SONG
from groovecli.paths import StrPath
from groovecli.playlists.changes import ListChange
from groovecli.playlists.eligible import MAX_MINUTES
from groovecli.playlists.folder import Kept, Written
from groovecli.reasons import Reason

_UNWRITABLE = (Reason.LINE_BREAK, Reason.UNNAMEABLE, Reason.UNMAPPED)


@dataclass(frozen=True)
class ClusterRequest(Checked):
    """Which library to cut into playlists, where to write them, and how.

    `player` gets files as it reads them: the ending, the paths, and the escapes. `format` and the fields
    from `absolute` to `path_map` say it otherwise; without any of these, files are written as in the last
    run. `genres` takes only songs of these, `exclude` leaves out files by patterns; `include` has the kinds
    of songs to let in that are left out otherwise, and songs over `max_minutes` are long: see `eligible`.
    `dry_run` writes nothing, `force` goes on though most of the library's songs are gone. `describe` also
    measures tempo, key and loudness of each song. Lists of an earlier run go on: `replace` makes them
    again, as if there had been none, and in place of another library's or model's. `order` is how songs
    follow each other, `page` also writes a page of the lists, which is kept up to date from then on,
    `per_artist` has the most songs of an artist in a list, and `name_format` says how lists are named: see
    `name_playlists`.
    """

    library: StrPath
    out: StrPath
    method: str = "mutual"
    min_size: Count | None = None
    max_size: Count | None = None
    n_clusters: Count | None = None
    order: str = "smooth"
    per_artist: Count | None = None
    name_format: str = ""
    absolute: bool = False
    preview: bool = False
    seed: int = 0
    n_clips: Places = CLIPS_PER_SONG
    model: str | None = None
    player: str | None = None
    format: str | None = None
    relative_to: StrPath | None = None
    prefix: str = ""
    path_map: tuple[str, ...] = ()
    genres: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    max_minutes: Minutes = MAX_MINUTES
    dry_run: bool = False
    force: bool = False
    describe: bool = False
    replace: bool = False
    page: bool = False


@dataclass(frozen=True)
class Clustered:
    """The playlists written, what was left alone, and which songs are in none.

    `left_out` are songs that no playlist is made of (see `eligible`), silent songs, and songs that are like
    too few others. `exemplars` has, for each
    playlist, the song that the others sound like, `sounds_like` that song's artist and title. Where it
    `is_dry`, nothing was written or removed. `undescribed` are songs that were to be described, too, and
    could not be. `refused` says why the folder's lists were kept instead; then the rest is what would
    happen with the option `insisting`, which its hint names. `deleted` are names of lists that the user
    deleted, `changes` what becomes of each list. `n_in_kept` songs are only in lists that stay as a person
    made them; a run that wrote nothing, since nothing changed, `is_unchanged`.
    """

    model: str
    method: str
    written: tuple[Written, ...]
    exemplars: tuple[Path, ...]
    sounds_like: tuple[str, ...]
    kept: tuple[Kept, ...]
    removed: tuple[Path, ...]
    n_songs: int
    left_out: tuple[Rejected, ...]
    failed: tuple[Rejected, ...]
    passed_over: PassedOver
    notes: tuple[str, ...]
    is_dry: bool = False
    undescribed: tuple[Rejected, ...] = ()
    deleted: tuple[str, ...] = ()
    changes: tuple[ListChange, ...] = ()
    refused: GrooveError | None = None
    page: Path | None = None
    insisting: str = ""
    n_in_kept: int = 0
    is_unchanged: bool = False

    @property
    def in_no_playlist(self) -> tuple[Rejected, ...]:
        """Files that were read and are in no playlist: left out, or with a path that none can hold."""
        unwritable = (item for item in self.failed if item.reason in _UNWRITABLE)
        return (*self.left_out, *unwritable)

    @property
    def n_left_out(self) -> int:
        """How many files are `in_no_playlist`."""
        return len(self.in_no_playlist)

    @property
    def misses_songs(self) -> bool:
        """Whether songs of the last run's playlists are not there."""
        return any(each.lost for each in self.changes) or any(k.reason == Reason.AWAY for k in self.kept)

    @property
    def share(self) -> float | None:
        """Share of the library's songs that are in a playlist; None where there is no song."""
        n_in = sum(written.n_songs for written in self.written) + self.n_in_kept
        return n_in / (n_in + self.n_left_out) if n_in + self.n_left_out else None
