"""Options that several commands share: one name, one letter, one meaning everywhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from groovecli.cli.settings import MAX_SEED, SETTINGS
from groovecli.errors import FieldError, GrooveError, UsageError
from groovecli.messages.options import empty_list, no_such_choice, nobody_answered, two_models

_HELP = {setting.name: setting.help for setting in SETTINGS}

MACHINE = "Machine"
ALWAYS = "Always"
"""The panels that close the help of every command."""

OF_NETWORK = "of the network"
"""The default of an option that each network has its own of; the help says that of the first."""

# What an option was called before: its parameter with each old name. Taken, and not shown.
OLD_NAMES = frozenset(
    {
        ("count", "--top"),
        ("places", "--clips"),
        ("min_songs", "--min-size"),
        ("playlists", "--clusters"),
        ("network", "--model"),
        ("network", "--models"),
        ("network", "-m"),
        ("force", "--overwrite"),
        ("force", "--yes"),
        ("force", "-y"),
        ("out", "--onnx"),
    }
)

SEED_HELP = _HELP["seed"]
Dataset = Annotated[
    str, typer.Option("--dataset", "-d", metavar="NAME", help=_HELP["dataset"], envvar="GROOVE_DATASET")
]
Device = Annotated[
    str, typer.Option(metavar="NAME", help=_HELP["device"], envvar="GROOVE_DEVICE", rich_help_panel=MACHINE)
]
Jobs = Annotated[
    int,
    typer.Option("--jobs", "-j", min=0, help=_HELP["jobs"], envvar="GROOVE_JOBS", rich_help_panel=MACHINE),
]
FileTimeout = Annotated[
    int,
    typer.Option(
        metavar="S",
        min=1,
        help=_HELP["file_timeout"],
        envvar="GROOVE_FILE_TIMEOUT",
        rich_help_panel=MACHINE,
    ),
]
MaxMemory = Annotated[
    str,
    typer.Option(
        metavar="SIZE",
        help=_HELP["max_memory"],
        envvar="GROOVE_MAX_MEMORY",
        show_default="no limit",
        rich_help_panel=MACHINE,
    ),
]
Scheduler = Annotated[
    str,
    typer.Option(
        metavar="URL",
        help=_HELP["scheduler"],
        envvar="GROOVE_SCHEDULER",
        show_default="this machine",
        rich_help_panel=MACHINE,
    ),
]
WorkerRoot = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="Folder where the cluster's workers see the music.",
        show_default="the same folder",
        rich_help_panel=MACHINE,
    ),
]
Seed = Annotated[int, typer.Option(min=0, max=MAX_SEED, help=_HELP["seed"], envvar="GROOVE_SEED")]
Precision = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        help="Number format: float32, bf16, or auto (bf16 if a GPU gains).",
        rich_help_panel=MACHINE,
    ),
]
Json = Annotated[
    bool, typer.Option("--json", help="Print the answer, or the error, as JSON.", rich_help_panel=ALWAYS)
]
Model = Annotated[
    str | None,
    typer.Option(
        "--model",
        "-m",
        metavar="NAME",
        help="A trained model, or a network (its latest model).",
        show_default="what `groove models use` chose, else the included one",
    ),
]
ModelOption = Annotated[
    str | None, typer.Option("--model", "-m", metavar="NAME", help="The same as MODEL.")
]
OtherDataset = Annotated[
    str | None,
    typer.Option(
        "--dataset",
        "-d",
        metavar="NAME",
        help="Take this dataset's songs.",
        show_default="the model's own",
        envvar="GROOVE_DATASET",
    ),
]
ModelName = Annotated[
    str, typer.Argument(metavar="MODEL", help="A trained model, or a network (its latest model).")
]
Songs = Annotated[list[Path], typer.Argument(metavar="SONG", help="Songs, or folders of songs.")]
Places = Annotated[
    int, typer.Option("--places", "--clips", min=1, max=100, help="Places in each song to listen to.")
]
Exclude = Annotated[
    list[str] | None,
    typer.Option(metavar="GLOB", help="Leave out files like this, such as '*live*'; repeatable."),
]
IncludeOdd = Annotated[
    list[str] | None,
    typer.Option("--include", metavar="KIND,...", help="Let in: unlike, long, short, all."),
]
PLAYER = "Player"
ForPlayer = Annotated[
    str | None,
    typer.Option(
        "--for",
        metavar="PLAYER",
        help="mpd, navidrome, jellyfin, kodi, vlc, mixxx, rekordbox, any.",
        rich_help_panel=PLAYER,
        show_default="as in the last run, else any",
    ),
]
PlaylistFormat = Annotated[
    str | None,
    typer.Option(
        "--format",
        metavar="NAME",
        help="Kind of file: m3u8, m3u, xspf, jspf, rekordbox.",
        show_default="the player's own",
        rich_help_panel=PLAYER,
    ),
]
Absolute = Annotated[
    bool,
    typer.Option(
        "--absolute", help="Write whole paths, such as /home/me/Music/a.mp3.", rich_help_panel=PLAYER
    ),
]
RelativeTo = Annotated[
    Path | None,
    typer.Option(
        "--relative-to",
        metavar="DIR",
        help="Folder that paths start from.",
        show_default="the playlist's folder",
        rich_help_panel=PLAYER,
    ),
]
Prefix = Annotated[
    str,
    typer.Option("--prefix", metavar="TEXT", help="Text before each path.", rich_help_panel=PLAYER),
]
PathMaps = Annotated[
    list[str] | None,
    typer.Option(
        "--path-map",
        metavar="FROM=TO",
        help="Call the folder FROM, as the player does, TO; repeatable.",
        rich_help_panel=PLAYER,
    ),
]
ListOut = Annotated[
    Path | None,
    typer.Option("--out", "-o", metavar="FILE", help="Playlist to write: .m3u8, .m3u, .xspf, .jspf, .xml."),
]
In = Annotated[
    Path | None,
    typer.Option(
        "--in",
        metavar="MUSIC",
        help="Take songs from this folder, analysed first.",
        show_default="all analysed songs",
    ),
]
PerArtist = Annotated[int, typer.Option("--per-artist", min=1, help="Songs of one artist, at most.")]
ReplaceFile = Annotated[bool, typer.Option("--force", help="Replace a file that groove didn't write so.")]
ReplaceList = Annotated[bool, typer.Option("--force", help="Replace a playlist that is there.")]
Genres = Annotated[
    list[str] | None, typer.Option(metavar="GENRE,...", help="Only these genres, such as rock,jazz.")
]
Minutes = Annotated[
    float | None, typer.Option(metavar="X", help="Stop each training after X minutes, more than 0.")
]
Report = Annotated[Path | None, typer.Option(metavar="DIR", help="Write a page with charts into DIR.")]
WordVectors = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="word2vec or GloVe file, for lyrics.",
        show_default="learned from your own lyrics",
        rich_help_panel="Data",
    ),
]
NoLyrics = Annotated[
    bool, typer.Option("--no-lyrics", help="Train on sound alone.", rich_help_panel="Data")
]
Describe = Annotated[
    bool, typer.Option("--describe/--no-describe", help="Also measure tempo, key and loudness.")
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")]
Measure = Annotated[
    bool, typer.Option("--dry-run", help="Measure 20 songs and say how long all would take.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would happen; change nothing.")]


def one_model(argument: str | None, option: str | None) -> str | None:
    """The model that is given as MODEL or by --model; a UsageError where both are and differ."""
    if argument is not None and option not in (None, argument):
        raise two_models(argument, str(option))
    return argument if argument is not None else option


def names(texts: str | Sequence[str] | None) -> tuple[str, ...]:
    """['rock, jazz', 'folk'] -> ("rock", "jazz", "folk"): lists by comma, by repetition, or both."""
    each = [texts] if isinstance(texts, str) else texts or ()
    found = tuple(name.strip() for text in each for name in text.split(",") if name.strip())
    if each and not found:
        raise empty_list()
    return found


def files(paths: Iterable[Path] | None) -> tuple[Path, ...]:
    """Files given by comma, by repetition, or both; a file whose name has a comma is one."""
    return tuple(
        Path(part)
        for path in paths or ()
        for part in ([path] if path.exists() else str(path).split(","))
        if str(part).strip()
    )


def machine(jobs: int, file_timeout: int, max_memory: str, device: str) -> dict[str, Any]:
    """The options of the machine, as `progress.working` takes them."""
    return {"jobs": jobs, "file_timeout": file_timeout, "max_memory": max_memory, "device": device}


def choice(option: str, value: str | None, *choices: str) -> Any:
    """Return `value` if it is one of `choices` or None, else raise a UsageError."""
    if value is not None and value not in choices:
        raise no_such_choice(option, value, choices)
    return value


def as_option(error: GrooveError, path: str) -> GrooveError:
    """An error of a request's field, which was given as the option of its name to the command `path`."""
    if isinstance(error, FieldError):
        option = _OPTION_OF.get(error.field, error.field.removeprefix("n_").replace("_", "-"))
        complaint = error.complaint.replace("takes ", "must be ", 1)
        return UsageError(f"--{option} {complaint}", error.hint or f"see `{path} --help`")
    return error


_OPTION_OF = {
    "n_clips": "places",
    "networks": "network",
    "min_size": "min-songs",
    "max_size": "max-songs",
    "n_clusters": "playlists",
    "clip_s": "clip-seconds",
}


def is_sure(question: str) -> bool:
    """Ask before something is removed; raise a UsageError where nobody answers."""
    try:
        return typer.confirm(question, err=True)
    except typer.Abort as error:
        typer.echo(err=True)  # the question's line ends
        raise nobody_answered() from error
