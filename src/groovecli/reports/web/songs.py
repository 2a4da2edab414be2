"""Songs on a page: a button that plays each, and its name as a link for where no script runs."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from groovecli.reports.web.html import Html, address, name, plain, tag

GONE = "no file there"


@dataclass(frozen=True)
class Song:
    """A song by its name; `address` is what the page calls its file by, None where there is none."""

    name: str
    address: str | None

    @classmethod
    def at(cls, path: Path | None, name: str, folder: Path) -> Song:
        """A file's song for a page in `folder`; without an address where the file is not there now."""
        is_there = path is not None and os.path.exists(path)  # False where it may not be looked at
        return cls(name, address(path, folder) if path is not None and is_there else None)

    def to_json(self) -> dict[str, Any]:
        """For `groove.song` in a script."""
        return {"n": plain(self.name), "p": self.address}


def play(song: Song) -> Html:
    """The button, and the name; or the name, and that no file is there."""
    if song.address is None:
        return tag("span", name(song.name), " ", tag("span", f"({GONE})", class_="soft"), class_="song")
    button = tag(
        "button", type="button", class_="play js", data_src=song.address, aria_label=f"play {song.name}"
    )
    return tag("span", button, tag("a", name(song.name), href=song.address), class_="song")
