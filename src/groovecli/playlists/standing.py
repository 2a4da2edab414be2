"""A folder of playlists as it is found: what groove wrote, what a person changed, what is not groove's."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from groovecli.errors import GrooveError
from groovecli.files import sha256_hex, storage_errors
from groovecli.library.tracks import PREVIEW_SUFFIX
from groovecli.playlists import journal
from groovecli.playlists.formats.registry import FORMATS
from groovecli.playlists.formats.text import one_line
from groovecli.playlists.manifest import SUFFIXES, Manifest, OldList, read_manifest
from groovecli.playlists.names import MAX_CHARACTERS, cut_name, name_key
from groovecli.playlists.reading import songs_in
from groovecli.reasons import Problem, Reason

_HEAD = b"#PLAYLIST:"


@dataclass(frozen=True)
class Kept:
    """A file that was left alone, and why; `instead` is the playlist that took another name beside it."""

    path: Path
    reason: Reason
    instead: str = ""

    @property
    def text(self) -> str:
        """Text for a person, behind the path."""
        return Problem(self.reason).text


class Standing:
    """A folder as it stands before a run.

    `ours` are groove's files by the name that the disk has, with their SHA-256; `edited` those that a
    person changed since. `lists` are the lists of the last run, each under the name and the file that it
    has now; `deleted` those whose file a person removed.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ours: dict[str, str] = {}
        self.edited: dict[str, str] = {}
        self.kept: list[Kept] = []
        self._taken: set[str] = set()  # keys of the names that this run has given
        self._names: dict[str, list[str]] = defaultdict(list)  # on the disk, by key
        with storage_errors(folder):
            for name in sorted(os.listdir(folder)) if folder.is_dir() else ():
                self._names[name_key(name)].append(name)
        self.manifest: Manifest = read_manifest(folder)
        self._find_files()
        lists = self.manifest.lists or tuple(self._lists_of_files())
        self.lists = self._as_they_are(lists)

    def _find_files(self) -> None:
        """Keep the files that are still as in the manifest as groove's; report the others."""
        written: dict[str, list[str]] = defaultdict(list)
        for name, value in (*self.manifest.files.items(), *journal.coming(self.folder).items()):
            written[name_key(name)].append(value)
        for key, known in written.items():
            for name in self._names.get(key, ()):
                own = next((value for value in known if _is_as_written(self.folder / name, value)), None)
                if own is not None:
                    self.ours[name] = own
                else:
                    self.edited[name] = known[0]

    def _lists_of_files(self) -> Iterable[OldList]:
        """The lists of an older groove's manifest: their songs are in their files."""
        for name in sorted((*self.ours, *self.edited)):
            if name.endswith(PREVIEW_SUFFIX):
                continue
            stem, suffix = os.path.splitext(name)
            if FORMATS_BY_SUFFIX[suffix].render_all is not None:
                continue
            preview = stem + PREVIEW_SUFFIX
            songs = tuple(f"- {path}" for path in listed_in(self.folder / name))
            yield OldList(
                sha256_hex(name_key(name).encode(), 8),
                stem,
                name,
                songs,
                preview=preview if preview in self.ours else "",
            )

    # What a person did with the lists

    def _as_they_are(self, lists: Iterable[OldList]) -> tuple[OldList, ...]:
        lists = tuple(self._spelled(each) for each in lists)
        files = map(self._on_disk, self.manifest.files)
        new_names = self._renamed({name for name in files if name not in self.ours and self._is_gone(name)})
        lists = tuple(self._as_it_is(each, new_names) for each in lists)
        own = [each for each in lists if each.file]
        if own and all(each.is_deleted for each in own):  # to start again, not to have none
            return tuple(each for each in lists if not each.is_deleted)
        return lists

    def _spelled(self, old: OldList) -> OldList:
        """A list with its files as the disk spells them."""
        return replace(old, file=self._on_disk(old.file), preview=self._on_disk(old.preview))

    def _on_disk(self, name: str) -> str:
        spellings = self._names.get(name_key(name), [])
        return name if name in spellings or not spellings else spellings[0]

    def _renamed(self, missing: set[str]) -> dict[str, str]:
        """What each missing file is called now, where one with its bytes is there under another name."""
        wanted = {
            self.manifest.files[name]: name for name in sorted(missing) if name in self.manifest.files
        }
        found: dict[str, str] = {}
        if not wanted:
            return found
        for name in sorted(each for names in self._names.values() for each in names):
            if name in self.ours or name in self.edited or not name.endswith((*SUFFIXES, PREVIEW_SUFFIX)):
                continue
            sha256 = _sha256_of(self.folder / name)
            old = wanted.get(sha256 or "")
            is_kind = old is not None and old.endswith(PREVIEW_SUFFIX) == name.endswith(PREVIEW_SUFFIX)
            if old is not None and is_kind and old not in found and sha256 is not None:
                found[old] = name
                self.ours[name] = sha256
        return found

    def _as_it_is(self, old: OldList, new_names: Mapping[str, str]) -> OldList:
        """A list as its files are now: renamed, renamed in its first lines, or deleted."""
        if old.preview and old.preview not in self.ours and old.preview not in self.edited:
            preview = new_names.get(old.preview, "")
            old = replace(old, preview=preview, preview_of=old.preview_of if preview else "")
        if not old.file or old.is_deleted:
            return replace(old, is_deleted=old.is_deleted and self._is_gone(old.file))
        if old.file in new_names:
            file = new_names[old.file]
            return replace(old, file=file, name=os.path.splitext(file)[0], is_given=True)
        if old.file in self.edited:
            name = _name_in(self.folder / old.file, old.name, self.edited[old.file])
            if name:
                self.ours[old.file] = sha256_hex((self.folder / old.file).read_bytes())
                del self.edited[old.file]
                return replace(old, name=name, is_given=True)
        return replace(old, is_deleted=self._is_gone(old.file))

    def _is_gone(self, name: str) -> bool:
        return not self._names.get(name_key(name))

    # Names

    def keep(self, name: str, reason: Reason) -> None:
        """Enter a file that is left alone."""
        path = self.folder / name
        if path not in [file.path for file in self.kept]:
            self.kept.append(Kept(path, reason))

    def keep_edited(self) -> None:
        """Enter all files that a person changed."""
        for name in self.edited:
            self.keep(name, Reason.EDITED)

    def is_free(self, names: Iterable[str]) -> bool:
        """Whether files can have these names: none is another's, or was given in this run."""
        names = tuple(names)
        others = self.others(names)
        for other in others:
            self.keep(other, Reason.EDITED if other in self.edited else Reason.NOT_OURS)
        return not others and not any(name_key(name) in self._taken for name in names)

    def others(self, names: Iterable[str]) -> list[str]:
        """The files of these names that are not groove's."""
        return [each for name in names for each in self._names[name_key(name)] if each not in self.ours]

    def take(self, names: Iterable[str]) -> None:
        """Give names to files of this run."""
        self._taken.update(map(name_key, names))

    def free_name(self, name: str, suffixes: Iterable[str]) -> str:
        """`name`, with a number where a file of that name is not groove's to replace; takes it."""
        suffixes = tuple(suffixes)
        number, free = 1, name
        while not self.is_free(free + suffix for suffix in suffixes):
            number += 1
            free = f"{cut_name(name, MAX_CHARACTERS - 5)} ({number})"
        self.take(free + suffix for suffix in suffixes)
        if free != name:
            self._note_instead(free, [name + suffix for suffix in suffixes])
        return free

    def _note_instead(self, free: str, names: list[str]) -> None:
        """Enter the name that a playlist got with the files that were in its way."""
        in_the_way = {name_key(name) for name in names}
        for number, kept in enumerate(self.kept):
            if name_key(kept.path.name) in in_the_way and not kept.instead:
                self.kept[number] = replace(kept, instead=free)

    def spelled(self, name: str) -> str:
        """A name as the disk has it, where case or accents differ."""
        return self._on_disk(name)


FORMATS_BY_SUFFIX = {each.suffix: each for each in FORMATS.values()}


def listed_in(path: Path) -> tuple[Path, ...]:
    """The songs of a playlist file; none where it can't be read."""
    try:
        return songs_in(path)
    except GrooveError:
        return ()


def _is_as_written(path: Path, sha256: str) -> bool:
    return _sha256_of(path) == sha256


def _sha256_of(path: Path) -> str | None:
    """SHA-256 of a file that bears groove's mark where its format has one; None for any other."""
    if path.is_symlink() or not path.is_file():
        return None
    try:
        data = path.read_bytes()
    except OSError:
        return None
    own = FORMATS_BY_SUFFIX.get(path.suffix)
    return None if own is not None and not own.is_marked(data) else sha256_hex(data)


def _name_in(path: Path, name: str, sha256: str) -> str:
    """The name that a person gave a list in its file, where nothing else was changed; else empty."""
    if path.is_symlink() or not path.is_file():
        return ""
    head, mark, rest = path.read_bytes().partition(_HEAD)
    given, end, rest = rest.partition(b"\n")
    as_it_was = head + mark + one_line(name).encode() + end + rest
    text = given.decode(errors="replace").strip()
    return text if mark and text and sha256_hex(as_it_was) == sha256 else ""
