"""What goes wrong with the report of a library, and what it says in words."""

from __future__ import annotations

from pathlib import Path
from shlex import quote

from groovecli.errors import UsageError
from groovecli.messages.words import FEWEST_FOR_PERCENT, Interval, count, interval, percent

FEW = 100
"""Songs, under which figures are little more than luck."""


def no_report_there(path: Path) -> UsageError:
    """A report is to be written where another file is."""
    return UsageError(
        f"{path} is there already, and groove did not write it as a report",
        "choose another name, or replace the file with `--force`",
    )


def sampled(n: int, n_all: int) -> str:
    """A large library, of which some songs were measured."""
    return f"Near songs and playlists are measured on {n:,} of {n_all:,} songs, drawn at random."


def files_sampled(n: int, n_all: int) -> str:
    """A large library, of which some files were opened."""
    return f"Formats, sample rates and years are those of {n:,} of {n_all:,} files, drawn at random."


def few_songs(n: int) -> str:
    """So few songs that figures may be luck."""
    return f"Only {count(n, 'song')}: these figures may be luck."


def no_genre_folders(n_folders: int, median: float) -> str:
    """Folders that are artists or albums, so that nothing is compared with them."""
    return (
        f"The {count(n_folders, 'folder')} of this library look like artists or albums:"
        f" half of them hold {median:g} songs or fewer. Playlists are not compared with them."
    )


def same_sound(n: int) -> str:
    """Files that have the same sound as another one."""
    return f"{count(n, 'file')} with the same sound as another one: each sound counts as one song."


# Findings


def of_ten(share: float) -> str:
    """0.72 -> '7 times of 10'."""
    n = round(10 * share)
    return f"{n} times of 10" if n > 1 else "once of 10 times" if n else "less than once of 10 times"


def shares_genre(share: Interval, by_chance: float, most: float = 1.0) -> str:
    """The finding where genres are known."""
    if share.low <= by_chance:
        return "Songs next to each other share the genre no more often than at random"
    of_most = "" if round(10 * most) == 10 else f"; {10 * most:.0f} is the most possible"
    return f"Songs next to each other share the genre {of_ten(share.value)}{of_most}"


def no_genres(n_songs: int, n_orphans: int | None) -> str:
    """The finding where they aren't."""
    if n_orphans is None:
        return f"{count(n_songs, 'song')}: too few to say which are near each other"
    reached = n_songs - n_orphans
    return f"{reached:,} of {count(n_songs, 'song')} are among the ten nearest of another song"


def precision_is(share: Interval, n_songs: int, by_chance: float, most: float) -> str:
    """What a precision means."""
    limit = (
        "" if round(100 * most) == 100 else f" The most possible: {percent(most, 0)}, as genres are small."
    )
    return (
        f"Interval of 95 %: {interval(share)} %. Songs drawn at random: {percent(by_chance, 0)}.{limit}"
        f" Measured on {count(n_songs, 'song')}, each compared with other artists' songs alone."
    )


def correction(plain: float, corrected: Interval, difference: Interval) -> str:
    """What the correction for hubs does to the precision."""
    before, after = percent(plain), percent(corrected.value)
    if difference.low <= 0 <= difference.high:
        return f"Correcting for hubs changes little: {before} before, {after} after"
    verb = "raises" if difference.value > 0 else "lowers"
    return f"Correcting for hubs {verb} the share from {before} to {after}"


def best_and_worst(best: str, worst: str, n: int) -> str:
    """Which genres hold together."""
    if n == 1:
        return f"Only {best} has songs by several artists"
    return f"{best} holds together best, {worst} least"


def hubs(most: int, n: int) -> str:
    """How much one song dominates."""
    return f"The song in most lists of ten is in {most:,} of {n:,}; the average is 10"


def orphans(n_orphans: int, n: int) -> str:
    """How many songs nobody leads to."""
    if not n_orphans:
        return "Every song is among the ten nearest of another"
    share = f" ({percent(n_orphans / n)})" if n >= FEWEST_FOR_PERCENT else ""
    return f"{n_orphans:,} of {count(n, 'song')}{share} are in nobody's list of ten"


def before_and_after(before: int, after: int, what: str) -> str:
    """Numbers without and with the correction."""
    return f"{what}: {before:,} without the correction for hubs, {after:,} with it."


def playlists(n: int, seed: float, songs: float) -> str:
    """How far playlists last."""
    one, other = _how_alike(seed), _how_alike(songs)
    if one == other:
        return f"{count(n, 'playlist')}: {one} with another seed, and without a tenth of the songs"
    return f"{count(n, 'playlist')}: {one} with another seed, {other} without a tenth of the songs"


def _how_alike(ari: float) -> str:
    """An adjusted Rand index in words."""
    steps = ((0.995, "the same"), (0.8, "nearly the same"), (0.5, "similar"))
    return next((text for least, text in steps if ari >= least), "different")


def nothing_drawn(n: int) -> str:
    """Why another seed changes nothing."""
    return f"Of up to {n:,} songs nothing is drawn at random, so the seed changes nothing."


def in_no_playlist(n: int) -> str:
    """Songs that are in the report and that `groove cluster` puts into no playlist."""
    return (
        f"Not in playlists, as with `groove cluster`: {count(n, 'song')}"
        " (duplicates, other versions, speech, too long or too short)."
    )


def playlists_of_few(n: int) -> str:
    """The same of too few songs to make them again."""
    return count(n, "playlist")


def describe_hint(library: Path, n: int, n_songs: int) -> str:
    """How to learn tempo, key and loudness of the other songs."""
    return (
        f"Measured for {n:,} of {count(n_songs, 'song')}."
        f" `groove report {quote(str(library))} --describe` measures the others."
    )


# What a library holds


def holds(n_songs: int, hours: float) -> str:
    """The size of a library."""
    length = f"{hours:,.0f} hours" if hours >= 2 else f"{60 * hours:,.0f} minutes"
    return f"{count(n_songs, 'song')}, {length}"


def largest(what: str, label: str, n: int, n_known: int, n_labels: int, of: str) -> str:
    """Which of some things most songs have."""
    if n_labels == 1:
        songs = f"The only {of}" if n_known == 1 else f"All {count(n_known, of)}"
        return f"{songs}: {label}"
    share = percent(n / n_known, 0) if n_known >= FEWEST_FOR_PERCENT else f"{n} of {n_known}"
    return f"The most common {what} of {n_labels} is {label}: {share} of {count(n_known, of)}"


def middle(low: str, high: str, unit: str, n_known: int, of: str) -> str:
    """Between which figures half of the songs are."""
    if n_known == 1:
        return f"1 {of}: {low} {unit}".rstrip()
    if low == high:
        return f"At least half of {count(n_known, of)}: {low} {unit}".rstrip()
    return f"Half of {count(n_known, of)} are between {low} and {high} {unit}".rstrip()


def lacking(n_failed: int, n: int) -> str:
    """The finding over what is missing."""
    if not n:
        return "Nothing is missing: all files can be read and have tags"
    if n_failed:
        return f"{count(n_failed, 'file')} can't be read"
    return "All files can be read; some lack tags"
