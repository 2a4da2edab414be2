"""Groups of songs -> named playlist files, in a folder that may hold others.

A manifest in the folder says what groove wrote, by SHA-256, and which songs each list has. Only a file
that is still as groove wrote it is ever replaced or removed. A list keeps its id, file and name.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from groovecli.files import sha256_hex, storage_errors
from groovecli.library.tracks import PLAYLISTS_MANIFEST, PLAYLISTS_PAGE, PREVIEW_SUFFIX, Rejected
from groovecli.paths import StrPath, as_path
from groovecli.playlists import journal
from groovecli.playlists.changes import changes
from groovecli.playlists.formats.format import ONE_FILE, Format
from groovecli.playlists.formats.m3u import M3U8
from groovecli.playlists.lasting import Lasting, lasting, new_id, songs_key
from groovecli.playlists.manifest import About, Manifest, OldList, song_line
from groovecli.playlists.names import safe_name
from groovecli.playlists.naming import RELATIVE, Naming
from groovecli.playlists.playlist import Playlist
from groovecli.playlists.results import Stayed as Stayed
from groovecli.playlists.results import WriteResult as WriteResult
from groovecli.playlists.results import Written as Written
from groovecli.playlists.standing import Kept as Kept
from groovecli.playlists.standing import Standing, listed_in
from groovecli.playlists.true_names import has_true_name
from groovecli.reasons import Reason

NAME_FORMAT = "name_format"
"""The option that names follow: another one names lists again."""
Preview = Callable[[Playlist], bytes | None]
Page = Callable[[WriteResult], bytes | None]


def write_playlists(
    playlists: Sequence[Playlist],
    folder: StrPath,
    *,
    naming: Naming = RELATIVE,
    format: Format = M3U8,
    preview: Preview | None = None,
    page: Page | None = None,
    dry_run: bool = False,
    about: About | None = None,
    again: bool = False,
) -> WriteResult:
    """Write playlists to a folder, in place of those of an earlier run; all of them or none.

    A list with mostly the songs of an earlier one is that list: it keeps its file, and its name while it
    fits. One whose file was deleted stays deleted, one that a person changed stays as it is. A file
    whose bytes would be the same is not written.

    Parameters
    ----------
    playlists : sequence of Playlist
    folder : str or Path
        Made where it is missing.
    naming : Naming
        How the files say where the songs are.
    format : Format
        What kind of file.
    preview : callable, optional
        Makes what is heard of a playlist, as the bytes of an MP3 file, or None where it can't.
    page : callable, optional
        Makes a page of what is in the folder, as the bytes of its file, or None where it need not change.
    dry_run : bool
        Write and remove nothing; the result is what would happen.
    about : About, optional
        What to remember of the library, the model and the options; else what is remembered stays.
    again : bool
        Write all playlists: deleted ones too, and those that a person changed under another name.

    Returns
    -------
    result : WriteResult
        `Written.name` is the name that the playlist got.

    Raises
    ------
    StorageError
        The folder can't be written, and is as it was.
    LibraryError
        A newer groove wrote its manifest.
    """
    folder = as_path(folder, "write_playlists", "folder")
    if dry_run:
        return _Run(playlists, Standing(folder), naming, format, about, again=again).result(preview, None)
    with journal.at_work(folder):
        run = _Run(playlists, Standing(folder), naming, format, about, again=again)
        staged = journal.Staged(folder)
        try:
            result = run.result(preview, staged)
            data = None if page is None else page(result)
            if data is not None:
                staged.write(PLAYLISTS_PAGE, data)
            if staged.changes:
                staged.commit()
            else:
                journal.note_unchanged(folder)
                result = replace(result, is_unchanged=True)
        finally:
            staged.drop()
        return result


class _Run:
    """One writing: which files the lists get, and what else becomes of the folder."""

    def __init__(
        self,
        playlists: Sequence[Playlist],
        standing: Standing,
        naming: Naming,
        format: Format,
        about: About | None,
        *,
        again: bool,
    ) -> None:
        self.standing, self.naming, self.format = standing, naming, format
        self.about = about or standing.manifest.about
        self.lists: Lasting = lasting(playlists, standing, again=again)
        self.files: dict[str, str] = {}  # of the folder after the run, with their SHA-256
        self._ids = {each.id for each in self.lists.old}
        self._names_before = {each.id: each.name for each in standing.manifest.lists}

    def result(self, preview: Preview | None, staged: journal.Staged | None) -> WriteResult:
        """What is in the folder after the run; stages it where it is to happen."""
        lists, standing = self.lists, self.standing
        standing.keep_edited()
        for number in sorted(lists.away):
            standing.keep(lists.old[number].file, Reason.AWAY)
        stayed = [self._stayed(number) for number in sorted(lists.frozen - lists.ceded)]
        numbers = [n for n in range(len(lists.playlists)) if lists.is_written(n)]
        named = self._named(numbers, has_preview=preview is not None)
        made = self._write(named, preview, staged)
        written = [each for each, _ in made]
        removed = self._removed(self._renamed(named), staged)
        found = [each for _, each in made] + stayed + list(self._deleted())
        self._remember(found, staged)
        there = tuple(self._there())
        names = {number: (each.id, each.name) for number, each in zip(named, written, strict=True)}
        return WriteResult(
            tuple(written),
            tuple(standing.kept),
            tuple(self._unwritable),
            removed,
            tuple(named.values()),
            tuple(self._left_out(set(named))),
            tuple(each.name for each in lists.old if each.is_deleted),
            changes(lists, names, self._names_before, {each.id: len(each.songs) for each in there}),
            there,
        )

    # Names

    def _named(self, numbers: Sequence[int], *, has_preview: bool) -> dict[int, Playlist]:
        """The playlists under the names that they get: those that keep theirs have the first choice."""
        own = () if self.format.render_all else (self.format.suffix,)
        suffixes = (*own, PREVIEW_SUFFIX) if has_preview else own
        self._stems: dict[int, str] = {}
        names = {number: name for number in numbers if (name := self._lasting_name(number, suffixes))}
        for number in numbers:
            if number not in names:
                name = self.standing.free_name(safe_name(self.lists.playlists[number].name), suffixes)
                names[number] = self._stems[number] = name
        return {number: replace(self.lists.playlists[number], name=names[number]) for number in numbers}

    def _lasting_name(self, number: int, suffixes: Sequence[str]) -> str:
        """The name that a playlist keeps, and in `_stems` its file's; empty where a new one is due."""
        old = self.lists.of(number)
        if old is None or not (old.is_given or self._is_named_as_before(old, number)):
            return ""
        stem = os.path.splitext(old.file)[0] if old.file else safe_name(old.name)
        own = [stem + suffix for suffix in suffixes if suffix != PREVIEW_SUFFIX]
        if not self.standing.is_free(own):
            return ""
        self.standing.take([*own, stem + PREVIEW_SUFFIX])
        self._stems[number] = stem
        return old.name

    def _is_named_as_before(self, old: OldList, number: int) -> bool:
        """Whether a list's name is true, or will be when its songs return, and of the same format."""
        was, now = self.standing.manifest.about, self.about
        format = was.options.get(NAME_FORMAT, "")
        if format != now.options.get(NAME_FORMAT, ""):
            return False
        genres = {entry.genre for each in self.lists.playlists for entry in each.entries}
        playlist, waits = self.lists.playlists[number], bool(self.lists.waits_for(number))
        return waits or has_true_name(old, playlist, was.library, genres, is_free=bool(format))

    # Files

    def _write(
        self, named: dict[int, Playlist], preview: Preview | None, staged: journal.Staged | None
    ) -> list[tuple[Written, OldList]]:
        common = self._write_common(list(named.values()), staged)
        self._unwritable: list[Path] = []
        made = []
        for number, playlist in named.items():
            if common is None:
                rendered = self.format.render(playlist, self.standing.folder, self.naming)
                file, left_out = self._stems[number] + self.format.suffix, rendered.left_out
                file, is_new = self._put(file, rendered.data, staged)
            else:
                file, is_new, left_out = common
            out = set(left_out)
            left = [entry.path for entry in playlist.entries if entry.path in out]
            self._unwritable += left
            found = self._old_list(number, playlist, "" if common else file)
            found = self._with_preview(found, number, playlist, preview, staged)
            path = self.standing.folder / found.preview if found.preview else None
            n_songs = len(playlist.entries) - len(left)
            written = Written(
                playlist.name, self.standing.folder / file, n_songs, path, found.id, is_new=is_new
            )
            made.append((written, found))
        return made

    def _write_common(
        self, playlists: Sequence[Playlist], staged: journal.Staged | None
    ) -> tuple[str, bool, tuple[Path, ...]] | None:
        """Write the one file of a format that holds all playlists in one."""
        if self.format.render_all is None or not playlists:
            return None
        rendered = self.format.render_all(playlists, self.standing.folder, self.naming)
        own = [name for name in self.standing.ours if name.endswith(self.format.suffix)]
        suffix = self.format.suffix
        file = own[0] if own else self.standing.free_name(ONE_FILE, (suffix,)) + suffix
        return (*self._put(file, rendered.data, staged), rendered.left_out)

    def _put(self, name: str, data: bytes, staged: journal.Staged | None) -> tuple[str, bool]:
        """Let a file have these bytes, unless it has them; its name, and whether it changes."""
        name = self.standing.spelled(name)
        self.files[name] = sha256_hex(data)
        is_new = self.standing.ours.get(name) != self.files[name]
        if is_new and staged is not None:
            staged.write(name, data)
        return name, is_new

    def _with_preview(
        self,
        found: OldList,
        number: int,
        playlist: Playlist,
        preview: Preview | None,
        staged: journal.Staged | None,
    ) -> OldList:
        """A list with its preview: the one that it has, under its file's name, or a new one."""
        old, ours = self.lists.of(number), self.standing.ours
        has = old.preview if old is not None and old.preview in ours else ""
        key = songs_key(playlist.entries)
        if preview is not None and not (has and old is not None and old.preview_of == key):
            mp3 = preview(playlist)
            if mp3 is not None:
                file, _ = self._put(self._stems[number] + PREVIEW_SUFFIX, mp3, staged)
                return replace(found, preview=file, preview_of=key)
        if not has or old is None:
            return found
        file = self._stems[number] + PREVIEW_SUFFIX
        is_named = has != self._stem_before(old) + PREVIEW_SUFFIX
        if is_named or (self.standing.others([file]) and file != has):
            file = has  # a person called it so, or has a file of that name
        if file != has and staged is not None:
            staged.take(file, self.standing.folder / has)
        self.files[file] = ours[has]
        return replace(found, preview=file, preview_of=old.preview_of)

    def _stem_before(self, old: OldList) -> str:
        """The name of a list's file after the last run, whatever it is called now."""
        files = (each.file for each in self.standing.manifest.lists if each.id == old.id)
        return os.path.splitext(next(files, old.file))[0]

    def _renamed(self, named: Mapping[int, Playlist]) -> set[str]:
        """The files of lists that have another name now."""
        pairs = [(self.lists.of(number), playlist) for number, playlist in named.items()]
        renamed = [old for old, playlist in pairs if old is not None and old.name != playlist.name]
        return {name for old in renamed for name in (old.file, old.preview) if name}

    def _removed(self, renamed: set[str], staged: journal.Staged | None) -> tuple[Path, ...]:
        """Remove groove's files of earlier runs that are none of this one; say those not `renamed`."""
        old = [name for name in sorted(self.standing.ours) if name not in self.files]
        for name in old:
            if staged is not None:
                staged.remove(name)
        return tuple(self.standing.folder / name for name in old if name not in renamed)

    # What is remembered

    def _old_list(self, number: int, playlist: Playlist, file: str) -> OldList:
        """What is remembered of a list that is written."""
        old, library = self.lists.of(number), self.about.library
        lines = [song_line(entry, library) for entry in playlist.entries]
        absent = [song_line(entry, library) for entry in playlist.beside]
        if old is not None:
            absent += [line for line in (*old.songs, *old.absent) if self.lists.find.of(line) is None]
        listed = set(lines)
        absent = [line for line in dict.fromkeys(absent) if line not in listed]
        is_back_later = old is not None and old.exemplar in self.lists.waits_for(number)
        return OldList(
            old.id if old is not None else new_id(playlist, library, self._ids),
            playlist.name,
            file,
            tuple(lines),
            tuple(absent),
            old.exemplar if old is not None and is_back_later else song_line(playlist.exemplar, library),
            is_given=old is not None and old.is_given,
        )

    def _stayed(self, number: int) -> OldList:
        """What is remembered of a list that stays as it is: with the songs that would have joined it."""
        old = self._joined(number)
        for name in (old.file, old.preview):
            if name and name in self.standing.ours:
                self.files[name] = self.standing.ours[name]
                self.standing.take([name])
        return old

    def _there(self) -> Iterator[Stayed]:
        """The lists that are not written, as their files are."""
        for number in sorted(self.lists.frozen):
            old = self.lists.old[number]
            path = self.standing.folder / old.file
            if old.file and path.is_file():
                yield Stayed(old.id, old.name, path, listed_in(path))

    def _joined(self, number: int) -> OldList:
        old, library = self.lists.old[number], self.about.library
        if number not in self.lists.numbers:
            return old
        playlist = self.lists.playlists[self.lists.numbers.index(number)]
        known = {row for row in map(self.lists.find.of, old.songs) if row is not None}
        rows = self.lists.rows[self.lists.numbers.index(number)]
        more = [
            song_line(entry, library)
            for row, entry in zip(rows, playlist.entries, strict=True)
            if row not in known
        ]
        return replace(old, absent=tuple(dict.fromkeys((*old.absent, *more))))

    def _deleted(self) -> Iterator[OldList]:
        for number, old in enumerate(self.lists.old):
            if old.is_deleted:
                yield self._joined(number)

    def _remember(self, lists: Sequence[OldList], staged: journal.Staged | None) -> None:
        """Stage the manifest, unless it says the same."""
        files = self.standing.edited | self.files
        data = Manifest(self.about, files, tuple(lists)).to_bytes()
        path = self.standing.folder / PLAYLISTS_MANIFEST
        with storage_errors(path):
            is_same = path.is_file() and path.read_bytes() == data
        if staged is not None and not is_same:
            staged.write(PLAYLISTS_MANIFEST, data)

    def _left_out(self, written: set[int]) -> Iterator[Rejected]:
        """The songs of playlists whose list is deleted, or stays as it is and hasn't got them."""
        for number, playlist in enumerate(self.lists.playlists):
            old = self.lists.of(number)
            if number in written or old is None:
                continue
            path = self.standing.folder / old.file
            listed = set() if old.is_deleted else set(listed_in(path))
            is_away = self.lists.numbers[number] in self.lists.away and old.file not in self.standing.edited
            reason = Reason.IN_AWAY if is_away else Reason.IN_EDITED
            reason = Reason.IN_DELETED if old.is_deleted else reason
            for entry in playlist.entries:
                if Path(os.path.abspath(entry.path)) not in listed:
                    yield Rejected(entry.path, reason, old.name)
