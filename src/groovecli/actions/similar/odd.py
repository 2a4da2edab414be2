"""Songs that answers leave out as playlists do: speech, noise, what is far longer or shorter than songs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from groovecli.actions.once import Strange, strange_to
from groovecli.actions.similar.opened import Opened
from groovecli.library.tracks import Rejected, Track
from groovecli.models.loaded import LoadedModel
from groovecli.playlists.eligible import MOST, SHORT, UNLIKE, Rules, odd_kinds
from groovecli.playlists.picks import Pick

_ASKED = 500  # songs of a library, from which it is told what most of them are


@dataclass
class Odd:
    """Which songs are left out, by the rules of `eligible`; `left_out` notes them.

    Only songs that may be in the answer are looked at, and up to 500 to know what is usual in the library.
    """

    model: LoadedModel
    opened: Opened
    rules: Rules
    left_out: dict[Track, Rejected] = field(default_factory=dict)

    def is_one(self, song: Pick) -> bool:
        """Whether a song is left out."""
        kinds = odd_kinds(song.track, is_unlike=self._is_unlike(song.place), rules=self.rules)
        for kind, found in kinds.items():
            if kind not in self._usual:
                self.left_out[song.track] = found
                return True
        return False

    def or_else(self, other: Callable[[Pick], bool]) -> Callable[[Pick], bool]:
        """What says whether a song is left out, for this or for another reason."""
        return lambda song: self.is_one(song) or other(song)

    @property
    def rejected(self) -> tuple[Rejected, ...]:
        """The songs that were left out, in the order in which they would have been listed."""
        return tuple(self.left_out.values())

    @cached_property
    def _strange(self) -> Strange | None:
        return strange_to(self.model) if self.rules.leave_out(UNLIKE) else None

    def _is_unlike(self, place: int) -> bool:
        rows = self.opened.heard.rows[np.array([place])]
        return self._strange is not None and bool(self._strange(rows)[0])

    @cached_property
    def _usual(self) -> frozenset[str]:
        """The kinds that most songs of the library are: these are no exceptions."""
        n = len(self.opened)
        places = np.linspace(0, n - 1, min(n, _ASKED)).round().astype(np.intp)
        files = [its[0] for its in self.opened.files(places.tolist()) if its]
        n_short = sum(SHORT in odd_kinds(track, is_unlike=False, rules=self.rules) for track in files)
        n_unlike = int(self._strange(self.opened.heard.rows[places]).sum()) if self._strange else 0
        found = {SHORT: n_short > MOST * len(files), UNLIKE: n_unlike > MOST * len(places)}
        return frozenset(kind for kind, is_usual in found.items() if is_usual)
