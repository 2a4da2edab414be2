"""A player of music: which playlists it opens, and how it reads what stands in them."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass


class Trim(enum.Enum):
    """Which space characters of an entry are lost."""

    NONE = enum.auto()
    LEFT = enum.auto()  # spaces and tabs in front
    ENDS = enum.auto()  # any spaces at both ends
    PARTS = enum.auto()  # control characters and spaces at both ends of each folder and file


class Decoding(enum.Enum):
    """What becomes of % signs and addresses."""

    NONE = enum.auto()  # "file://" goes, nothing is decoded
    FILE_URL = enum.auto()  # what begins with "file://" is decoded
    FORM = enum.auto()  # as in web forms, + is a space
    FORM_OR_NOT = enum.auto()  # as in web forms, unless only + would change
    URI = enum.auto()  # as RFC 3986 says
    LIKELY_URI = enum.auto()  # as RFC 3986 says, unless a % has no two digits


@dataclass(frozen=True)
class Reading:
    """How a player reads the entries of a kind of file.

    Parameters
    ----------
    trim, decoding
        What it takes away from an entry, and what it decodes in it.
    fallback : str
        How it decodes what isn't UTF-8; nothing: such an entry is lost.
    falls_back_by_file : bool
        Whether one entry that isn't UTF-8 changes how all are decoded.
    turns_backslashes : bool
        Whether a backslash is read as a slash.
    folds : bool
        Whether it finds names in other case, and with accents in another form.
    """

    trim: Trim = Trim.NONE
    decoding: Decoding = Decoding.NONE
    fallback: str = ""
    falls_back_by_file: bool = False
    turns_backslashes: bool = False
    folds: bool = False


@dataclass(frozen=True)
class Player:
    """A player of music, as far as playlists go.

    Parameters
    ----------
    name, title : str
        What `--for` calls it, and what its makers do.
    format : str
        The format that it gets from `--for`.
    reads : mapping
        How it reads files of each ending.
    is_absolute : bool
        Whether `--for` writes absolute paths.
    keeps_lists : bool
        Whether it also has a folder of playlists, in which paths start from the music folder.
    library_only : bool
        Whether it plays only songs of its music folder.
    follows_links : bool
        Whether ".." of a playlist's folder that is a link is that of the true folder.
    squashes : bool
        Whether ".." does not lead out of its music folder, not even to come back.
    hides : tuple of str
        Endings that it opens, but doesn't show in its list of playlists.
    max_songs : int
        How many entries it takes of one file; 0 is any number.
    source : str
        Where all this was read.
    """

    name: str
    title: str
    format: str
    reads: Mapping[str, Reading]
    is_absolute: bool = False
    keeps_lists: bool = False
    library_only: bool = False
    follows_links: bool = False
    squashes: bool = False
    hides: tuple[str, ...] = ()
    max_songs: int = 0
    source: str = ""
