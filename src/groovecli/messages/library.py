"""What goes wrong with a library: its folders, its genres, and the catalogue of it."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from shlex import quote

from groovecli.errors import DatasetError, Interrupted, LibraryError, StorageError, UsageError
from groovecli.messages.words import GO_ON, count

_GIVE_MUSIC = "give the folder that holds your music"
_N_ENDINGS = 5
_ROOM = 1 << 20  # bytes: less is none for a database
BESIDE_MUSIC = frozenset(
    """
    .jpg .jpeg .jpe .png .gif .bmp .webp .tif .tiff .heic .avif .svg .psd .ico
    .txt .nfo .log .md .rtf .pdf .doc .docx .htm .html .xml .json .csv .db .ini .url .lnk .lrc .srt
    .m3u .m3u8 .pls .xspf .wpl .asx .cue .toc .accurip .sfv .md5 .sha1 .sha256 .ffp .st5 .torrent .par2
    """.split()  # noqa: SIM905
)


# Folders


def no_such_folder(folder: Path) -> LibraryError:
    """A library's folder is missing."""
    return LibraryError(f"{folder} does not exist", _GIVE_MUSIC)


def not_a_folder(folder: Path, kind: str | None) -> LibraryError:
    """A library is a file or something else that holds none; `kind` says what, unless it is a file."""
    return LibraryError(f"{folder} is {f'{kind}, ' if kind else ''}not a folder", _GIVE_MUSIC)


def cannot_list(folder: Path, reason: str) -> LibraryError:
    """The system refused to list a folder, for a reason in its words."""
    return LibraryError(f"cannot list {folder}: {reason}", "make that folder readable, or leave it out")


def no_music_in(library: Path, passed_over: Sequence[str]) -> LibraryError:
    """No file below a library has an audio ending; `passed_over` says what else is there."""
    return LibraryError(f"there is no music in {library}{_behind(passed_over)}", _GIVE_MUSIC)


def library_emptied(library: Path, n_known: int, n_there: int) -> LibraryError:
    """Most of the songs that were known below a folder are not there any more."""
    return LibraryError(
        f"{n_known - n_there:,} of the {n_known:,} songs that groove found in {library} are gone;"
        " nothing was changed",
        "connect the drive that they are on; if they are gone for good, add `--force` to the command",
    )


def no_song_given() -> UsageError:
    """Songs are asked about, and not one path is given."""
    return UsageError("no song is given", "give songs or folders of songs")


def no_songs_in(paths: Sequence[Path], passed_over: Sequence[str]) -> LibraryError:
    """No folder of those that were given as songs holds any; `passed_over` as in `no_music_in`."""
    return LibraryError(
        f"there is no music in {', '.join(map(str, paths))}{_behind(passed_over)}",
        "give songs or folders of songs",
    )


def _behind(lines: Sequence[str]) -> str:
    return f" ({'; '.join(lines)})" if lines else ""


def passed_over(
    *,
    n_system: int,
    n_hidden: int,
    n_previews: int,
    n_ignored_folders: int,
    n_ignored_files: int,
    n_excluded: int,
    links: Sequence[tuple[Path, Path]],
    links_above: Sequence[tuple[Path, Path]],
    endings: Mapping[str, int],
) -> list[str]:
    """What was passed over in a library, a line per kind.

    Parameters
    ----------
    n_system, n_hidden, n_previews, n_ignored_folders, n_ignored_files, n_excluded : int
        Trash and folders of the system; what is hidden; playlists' previews; what ignore files name;
        what `--exclude` names.
    links : sequence of (path, target)
        Links to what is in the library anyway.
    links_above : sequence of (path, target)
        Links to a folder that the library is in.
    endings : mapping of str to int
        Files a kind by their endings, the most common first; pictures and texts are not mentioned.
    """
    lines = []
    if n_system:
        lines.append(f"passed over: {count(n_system, 'folder')} of the system, such as trash")
    if n_hidden:
        lines.append(f"passed over: {n_hidden} hidden files or folders")
    if n_previews:
        lines.append(f"passed over: {count(n_previews, 'preview')} of playlists")
    if n_ignored_folders or n_ignored_files:
        kinds = ((n_ignored_folders, "folder"), (n_ignored_files, "file"))
        ignored = ", ".join(count(n, noun) for n, noun in kinds if n)
        lines.append(f"passed over, as ignore files say: {ignored}")
    if n_excluded:
        lines.append(
            f"passed over, as --exclude says: {count(n_excluded, 'file or folder', 'files or folders')}"
        )
    if links:
        lines.append(f"a link to what is in the library anyway: {_links(links)}")
    if links_above:
        lines.append(f"passed over: a link to a folder above: {_links(links_above)}")
    strange = [(ending, n) for ending, n in endings.items() if ending not in BESIDE_MUSIC]
    if strange:
        named = ", ".join(f"{n} {ending or 'without'}" for ending, n in strange[:_N_ENDINGS])
        more = f", {count(len(strange) - _N_ENDINGS, 'other ending')}" if len(strange) > _N_ENDINGS else ""
        lines.append(f"no audio by their endings: {named}{more}")
    return lines


def _links(links: Sequence[tuple[Path, Path]]) -> str:
    path, target = links[0]
    more = f", and {count(len(links) - 1, 'link')} more" if len(links) > 1 else ""
    return f"{path} -> {target}{more}"


def stopped_comparing() -> Interrupted:
    """The user pressed Ctrl-C while songs were compared with each other."""
    return Interrupted("stopped while comparing songs", GO_ON)


# Genres


def genre_without_name() -> UsageError:
    """A new genre is to have a name without a letter."""
    return UsageError("a genre needs a name with a letter or digit in it", "give one, such as metal")


def reserved_genre(name: str) -> UsageError:
    """A new genre is to be called what songs without a genre are called."""
    return UsageError(
        f"no genre can be called {name!r}: that is what groove calls songs without a genre",
        "choose another name",
    )


def _listed(names: Sequence[str]) -> str:
    """Names with commas between them; in quotes those that have some themselves."""
    return ", ".join(f'"{name}"' if "," in name else name for name in names) or "none"


def unknown_genre(genre: str, genres: Sequence[str], nearest: str | None) -> UsageError:
    """A genre that was asked for is none of `genres`; `nearest` is spelt much like it."""
    return UsageError(
        f"there is no genre {genre!r}; there are: {_listed(genres)}",
        f"did you mean {nearest!r}?" if nearest is not None else "choose one of these",
    )


def words_of(median: float) -> str:
    """Songs of the middle one of some folders."""
    return f"{median:g} {'song' if median == 1 else 'songs'}"


def _with(command: str, library: Path, options: str) -> str:
    return f"groove {command} {quote(str(library))}{options}"


def _some_or_all(command: str) -> str:
    return f"choose some: `{command} --genres A,B`; or go on: `{command} --yes`"


def no_genres_in(
    library: Path, label_from: str, options: str = "", *, command: str = "ingest"
) -> LibraryError:
    """A library has nothing that could be a genre; `label_from` is "folder" or "tag".

    `options` are those of the `command`, with a space before them, that the next one is to have, too.
    """
    command = _with(command, library, options)
    what = "no genre folders with music" if label_from == "folder" else "no genre tags"
    return LibraryError(
        f"{library} has {what} in it",
        "name a folder that holds a folder for each genre, or take genres from the tags:"
        f" `{command} --label-from tag`"
        if label_from == "folder"
        else f"take genres from the folders: `{command} --label-from folder`",
    )


def labels_not_genres(
    library: Path,
    label_from: str,
    options: str = "",
    *,
    n_labels: int,
    median: float,
    most_genres: int,
    least_median: int,
    command: str = "ingest",
) -> LibraryError:
    """Folders or tags are so many, or have so few songs each, that they can't be genres.

    Parameters
    ----------
    label_from : str
        Where the labels come from, "folder" or "tag".
    options : str
        As in `no_genres_in`.
    median : float
        Songs of a label.
    most_genres, least_median : int
        What a library of genres may have.
    """
    command = _with(command, library, options)
    kind, other = ("folder", "tag") if label_from == "folder" else ("genre tag", "folder")
    look = (
        f"the one {kind} in {library} looks like an artist or album, not a genre: it holds"
        f" {words_of(median)}"
        if n_labels == 1
        else f"the {n_labels} {kind}s in {library} look like artists or albums, not genres: most hold"
        f" {words_of(median)} or fewer"
    )
    return LibraryError(
        f"{look} (groove expects at most {most_genres}, with {least_median} songs or more each)",
        f"take genres from the {other}s: `{command} --label-from {other}`;"
        f" {_some_or_all(command + (' --label-from tag' if label_from == 'tag' else ''))}",
    )


def levels_not_genres(
    library: Path,
    options: str = "",
    *,
    n_folders: tuple[int, int],
    medians: tuple[float, float],
    fullest: tuple[str, int],
    most_genres: int,
    least_median: int,
) -> LibraryError:
    """Folders at one of two levels can't be genres, as in `labels_not_genres`.

    Parameters
    ----------
    options : str
        As in `no_genres_in`.
    n_folders : tuple of int
        At the first level, and in these.
    medians : tuple of float
        Songs of a folder, at either level.
    fullest : tuple of str and int
        The folder that most folders lie in, and how many.
    """
    command = _with("ingest", library, options)
    return LibraryError(
        f"the folders in {library} don't look like genres with sub-genres: {n_folders[0]} folders, most"
        f" with {words_of(medians[0])} or fewer; in them {n_folders[1]} folders, most with"
        f" {words_of(medians[1])} or fewer; {fullest[0]} alone holds {fullest[1]} (groove expects at most"
        f" {most_genres} folders at a level, with {least_median} songs or more each)",
        f"leave the second level out: `{command} --depth 1`; {_some_or_all(command + ' --depth 2')}",
    )


# The catalogue


def catalog_unusable(path: Path, reason: str) -> StorageError:
    """SQLite can't read or write the catalogue, for a reason in its words."""
    if path.is_dir():
        return StorageError(
            f"a folder is where groove's catalogue should be: {path}",
            "move that folder away, then run the same command again",
        )
    hint = "see that you may write there; to use another folder, set GROOVE_HOME"
    if "is full" in reason or _is_full(path):
        hint = "free some space on that disk, then run the same command again"
    return StorageError(f"cannot use the catalogue {path}: {reason}", hint)


def _is_full(path: Path) -> bool:
    """Whether a disk has no room, of which SQLite may say "disk I/O error"."""
    try:
        return shutil.disk_usage(path.parent).free < _ROOM
    except OSError:
        return False


def not_a_catalog(path: Path, reason: str) -> DatasetError:
    """SQLite finds another file than a catalogue, or a damaged one."""
    return DatasetError(
        f"the catalogue {path} can't be used: {reason}",
        "`groove verify` keeps that file aside and saves what can be read",
    )


def catalog_gone(path: Path) -> DatasetError:
    """The catalogue has nothing in it, though it once had datasets: their copies are there."""
    return DatasetError(
        f"the catalogue {path} is empty or gone, but there are copies of its datasets",
        "`groove verify` restores them; or move the folder backups away to begin again",
    )


def newer_catalog(path: Path, version: str) -> DatasetError:
    """The catalogue has tables that only a later groove, perhaps of this `version`, knows."""
    return DatasetError(
        f"{path} was written by a newer groove{f' ({version})' if version else ''}", "upgrade groove"
    )


# Analyses that travel


def no_archive(path: Path, why: str) -> DatasetError:
    """A file holds no analyses, or damaged ones."""
    return DatasetError(
        f"{path} can't be imported: {why}",
        "write it again on the other machine: `groove analyses export FILE`",
    )


def no_file_to_import(path: Path, why: str) -> DatasetError:
    """A file to import is not there, or can't be read."""
    return DatasetError(f"{path} can't be read: {why}", "give a file of `groove analyses export FILE`")


def archive_of_newer_groove(path: Path, version: str) -> DatasetError:
    """A file with analyses was written by a later groove, of this `version`."""
    return DatasetError(f"{path} was written by a newer groove ({version})", "upgrade groove")
