"""The audio files below a folder, and a count of what is passed over.

Folders are walked before links: a link counts only where it leads out of what was walked.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import groupby, islice
from pathlib import Path
from typing import Any

from groovecli.audio.lyrics_files import TEXT_SUFFIXES
from groovecli.audio.suffixes import SUFFIXES
from groovecli.files import A_FOLDER, other_kind
from groovecli.library.ignore import Rules, rules_in, rules_of
from groovecli.library.tracks import (
    PLAYLISTS_HIDDEN,
    PLAYLISTS_MANIFEST,
    PREVIEW_SUFFIX,
    FileState,
    Rejected,
    state_of,
)
from groovecli.messages.library import BESIDE_MUSIC, cannot_list, no_such_folder, not_a_folder, passed_over
from groovecli.paths import StrPath, as_path
from groovecli.reasons import BROKEN_LINK, Reason

# Trash, snapshots and what servers keep beside music, in lower case; hidden ones go by their dot.
_SYSTEM = frozenset(
    {
        "#recycle",  # Synology
        "@eadir",
        "@tmp",
        "#snapshot",
        "@recycle",  # QNAP
        "@recently-snapshot",
        "@__thumb",
        "~snapshot",  # NetApp
        "$recycle.bin",  # Windows
        "recycler",
        "system volume information",
        "__macosx",  # macOS's archives
        "lost.dir",  # Android
        "lost+found",  # Linux
    }
)


@dataclass(frozen=True)
class Link:
    """A link to a file or folder that is below the same folder anyway, or above it."""

    path: Path
    target: Path

    def to_json(self) -> dict[str, str]:
        """Plain values, for `--json`."""
        return {"path": str(self.path), "target": str(self.target)}


@dataclass(frozen=True)
class PassedOver:
    """Counts of what is below a folder and was passed over.

    `n_system` counts trash, snapshots and folders of the system; `n_hidden` folders and audio files whose
    names begin with a dot; `n_previews` those of playlists; `n_ignored_folders` and `n_ignored_files` what
    ignore files name; `n_excluded` the files and folders that the user excluded; `endings` the files that
    are no audio by their endings. `links_above` lead to a folder that the walked one is in.
    """

    n_system: int = 0
    n_hidden: int = 0
    n_previews: int = 0
    n_ignored_folders: int = 0
    n_ignored_files: int = 0
    n_excluded: int = 0
    links: tuple[Link, ...] = ()
    links_above: tuple[Link, ...] = ()
    endings: Mapping[str, int] = field(default_factory=dict)

    @property
    def lines(self) -> list[str]:
        """Lines for a person, one per kind."""
        links, above = (
            [(link.path, link.target) for link in some] for some in (self.links, self.links_above)
        )
        return passed_over(**{**vars(self), "links": links, "links_above": above})

    def to_json(self) -> dict[str, Any]:
        """Plain values, for `--json`."""
        return {
            "system_folders": self.n_system,
            "hidden": self.n_hidden,
            "previews": self.n_previews,
            "ignored_folders": self.n_ignored_folders,
            "ignored_files": self.n_ignored_files,
            "excluded": self.n_excluded,
            "links": [link.to_json() for link in self.links],
            "links_above": [link.to_json() for link in self.links_above],
            "endings": dict(self.endings),
        }

    def __add__(self, other: PassedOver) -> PassedOver:
        return PassedOver(
            self.n_system + other.n_system,
            self.n_hidden + other.n_hidden,
            self.n_previews + other.n_previews,
            self.n_ignored_folders + other.n_ignored_folders,
            self.n_ignored_files + other.n_ignored_files,
            self.n_excluded + other.n_excluded,
            (*self.links, *other.links),
            (*self.links_above, *other.links_above),
            dict(Counter(self.endings) + Counter(other.endings)),
        )


States = Mapping[str, FileState | None]
"""Size and time of files by path; None where one can't be looked at."""


@dataclass(frozen=True)
class Listing:
    """The audio files below a folder, sorted, what can't be read there, and what is passed over.

    `states` has those of the files that were met in a folder, as they were then.
    """

    files: tuple[Path, ...]
    rejected: tuple[Rejected, ...]
    passed_over: PassedOver = PassedOver()
    states: States = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True)
class Walked:
    """What a walk found: audio files and the texts beside them, which may be lyrics, with their states."""

    songs: States
    texts: States
    rejected: tuple[Rejected, ...]
    passed_over: PassedOver

    @property
    def key(self) -> str:
        """Changes with every name, size and time, and with what is passed over or can't be read."""
        found = sha256()
        for states in (self.songs, self.texts):
            for path in sorted(states):
                state = states[path]
                line = f"{path}\0{state.size}\0{state.mtime_ns}\n" if state else f"{path}\0\n"
                found.update(line.encode(errors="surrogateescape"))
            found.update(b"\0")
        rest = [repr(self.passed_over), *map(repr, self.rejected)]
        found.update("\n".join(rest).encode(errors="backslashreplace"))
        return found.hexdigest()

    def listing(self) -> Listing:
        """The audio files as paths, sorted."""
        files = tuple(_paths(sorted(self.songs, key=os.fsencode)))
        return Listing(files, self.rejected, self.passed_over, self.songs)


def _paths(names: Iterable[str]) -> Iterator[Path]:
    """The same as paths: made from their folder's they take less memory."""
    for folder, files in groupby(names, os.path.dirname):
        parent = Path(folder)
        yield from (parent / os.path.basename(file) for file in files)


def check_folder(folder: StrPath) -> None:
    """Raise a LibraryError unless there is such a folder."""
    folder = as_path(folder, "check_folder", "folder")
    try:
        kind = other_kind(folder)
    except OSError as error:
        raise cannot_list(folder, str(error.strerror)) from error
    if kind != A_FOLDER:
        raise not_a_folder(folder, kind) if folder.exists() else no_such_folder(folder)


def list_audio(folder: StrPath, exclude: Sequence[str] = ()) -> Listing:
    """Files below `folder` with an audio ending, without those that the patterns `exclude` name.

    Left out are hidden ones, those in trash and folders of the system, what ignore files hide, links to
    what is there anyway, and playlists' previews.

    Raises
    ------
    LibraryError
        The folder does not exist or can't be listed.
    UsageError
        Something is no pattern.
    """
    return walked(as_path(folder, "list_audio", "folder"), exclude).listing()


def walked(folder: Path, exclude: Sequence[str] = ()) -> Walked:
    """What is below a folder, as plain paths; see `list_audio`."""
    check_folder(folder)
    try:
        os.listdir(folder)
    except OSError as error:
        raise cannot_list(folder, str(error.strerror)) from error
    walk = _Walk(str(folder), rules_of(str(folder), exclude))
    walk.folder(str(folder), Rules())
    walk.links()
    return Walked(walk.songs, walk.texts, tuple(walk.rejected), walk.passed_over())


class _Walk:
    """One walk: what was found, where it has been, and the links that wait until all folders are done."""

    def __init__(self, root: str, excluded: Rules) -> None:
        self._root = os.path.realpath(root)
        self._excluded = excluded
        self.songs: dict[str, FileState | None] = {}
        self.texts: dict[str, FileState | None] = {}
        self.rejected: list[Rejected] = []
        self._folders: dict[tuple[int, int], str] = {}  # device and inode -> path
        self._walked: set[str] = set()
        self._linked: list[tuple[os.DirEntry[str], Rules]] = []
        self._doubles: list[Link] = []
        self._above: list[Link] = []
        self._counts: Counter[str] = Counter()
        self._endings: Counter[str] = Counter()

    def passed_over(self) -> PassedOver:
        return PassedOver(
            self._counts["system"],
            self._counts["hidden"],
            self._counts["previews"],
            self._counts["ignored folders"],
            self._counts["ignored files"],
            self._counts["excluded"],
            tuple(self._doubles),
            tuple(self._above),
            dict(self._endings.most_common()),
        )

    def folder(self, path: str, rules: Rules) -> None:
        """Walk a folder and those in it, without following links."""
        waiting = [(path, rules)]
        while waiting:
            path, rules = waiting.pop()
            if not self._is_new(path):
                continue
            entries = self._entries(path)
            own, unread = rules_in(path, {entry.name for entry in entries}, rules)
            self.rejected += unread
            if own is None:
                self._counts["ignored folders"] += 1
                continue
            waiting += ((entry.path, own) for entry in self._sorted_out(entries, own))

    def links(self) -> None:
        """Follow the links that lead elsewhere, but not up; of those to one place, the first."""
        listed = set(self.songs) if self._linked else set()
        while self._linked:
            waiting = sorted(self._linked, key=lambda item: os.fsencode(item[0].path))
            self._linked = []
            for entry, rules in waiting:
                folder, name = self._target(entry)
                target = os.path.join(folder, name) if name else folder
                if _leads_to_the_system(target):
                    self._counts["system"] += 1
                elif target in listed or (not name and folder in self._walked):
                    self._doubles.append(Link(Path(entry.path), Path(target)))
                elif not name and self._is_above(folder):
                    self._above.append(Link(Path(entry.path), Path(target)))
                elif name:
                    self.songs[entry.path] = _state(entry)
                    listed.update((entry.path, target))
                else:
                    before = len(self.songs)
                    self.folder(entry.path, rules)
                    listed.update(islice(self.songs, before, None))

    def _is_above(self, folder: str) -> bool:
        """Whether the walked folder is in another one, by real paths: more was not asked for."""
        return self._root.startswith(folder.rstrip("/") + "/")

    def _is_new(self, path: str) -> bool:
        """Whether a folder exists and was not walked yet, under any name; marks it as walked."""
        try:
            status = os.stat(path)
        except OSError:  # it went away meanwhile
            return False
        key = status.st_dev, status.st_ino
        if key in self._folders:
            return False
        self._folders[key] = path
        self._walked.add(path)
        return True

    def _entries(self, path: str) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(path) as entries:
                return list(entries)
        except OSError as error:
            self.rejected.append(Rejected(Path(path), Reason.NOT_LISTED, str(error.strerror)))
            return []

    def _sorted_out(self, entries: list[os.DirEntry[str]], rules: Rules) -> Iterable[os.DirEntry[str]]:
        """Take a folder's files, put its links aside, and yield the folders to walk."""
        has_previews = any(entry.name == PLAYLISTS_MANIFEST for entry in entries)
        for entry in entries:
            is_folder = _is_folder(entry)
            if is_folder and _is_of_system(entry.name):
                self._counts["system"] += 1
            elif entry.name == PLAYLISTS_HIDDEN:
                continue
            elif entry.name.startswith("."):
                self._counts["hidden"] += is_folder or _ending(entry) in SUFFIXES
            elif not is_folder and not self._is_audio(entry, has_previews=has_previews):
                continue
            elif self._excluded.hide(entry.path, is_folder=is_folder):
                self._counts["excluded"] += 1
            elif rules.hide(entry.path, is_folder=is_folder):
                self._counts["ignored folders" if is_folder else "ignored files"] += 1
            elif entry.is_symlink():
                self._linked.append((entry, rules))
            elif is_folder:
                yield entry
            else:
                self.songs[entry.path] = _state(entry)

    def _is_audio(self, entry: os.DirEntry[str], *, has_previews: bool) -> bool:
        ending = _ending(entry)
        if ending not in SUFFIXES:
            if entry.is_symlink() and ending not in BESIDE_MUSIC and not os.path.exists(entry.path):
                self.rejected.append(Rejected(Path(entry.path), Reason.NO_FILE, BROKEN_LINK))
            else:
                self._endings[ending] += 1
            if ending in TEXT_SUFFIXES:
                self.texts[entry.path] = _state(entry)
            return False
        is_preview = has_previews and entry.name.endswith(PREVIEW_SUFFIX)
        self._counts["previews"] += is_preview
        return not is_preview

    def _target(self, entry: os.DirEntry[str]) -> tuple[str, str]:
        """Where a link leads, folder and name; a folder as it was walked, if it was, without a name."""
        real = os.path.realpath(entry.path)
        folder, name = (real, "") if _is_folder(entry) else os.path.split(real)
        try:
            status = os.stat(folder)
        except OSError:  # a broken link
            return folder, name
        return self._folders.get((status.st_dev, status.st_ino), folder), name


def _leads_to_the_system(target: str) -> bool:
    """Whether a link leads among the system's own files, through which all others can be reached."""
    return target.startswith(("/proc/", "/sys/", "/dev/")) or target in ("/proc", "/sys", "/dev")


def _is_of_system(name: str) -> bool:
    return name.lower() in _SYSTEM or name.lower().startswith(".trash")


def _state(entry: os.DirEntry[str]) -> FileState | None:
    try:
        return state_of(entry.stat())
    except OSError:  # a broken link, or it went away meanwhile
        return None


def _ending(entry: os.DirEntry[str]) -> str:
    return os.path.splitext(entry.name)[1].lower()


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link in a circle
        return False
