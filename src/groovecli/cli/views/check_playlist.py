"""What `groove check-playlist` says."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from groovecli.cli import render
from groovecli.messages import words

if TYPE_CHECKING:
    from groovecli.actions.check_playlist import PlaylistsChecked
    from groovecli.playlists.checking import Check
    from groovecli.playlists.reading import Item

_LISTED = 20
_NOT_HELPED = ("missing", "too-many", "outside", "case", "accents")  # by a list for the player


def show(found: PlaylistsChecked) -> None:
    """Print how many songs each player finds, and which it misses, and why."""
    counts = _counts(found)
    rows = [(player, f"{n_found:,}", f"{n_missed:,}") for player, (n_found, n_missed) in counts.items()]
    if any(check.n_songs for check in found.checks):
        render.table(_amount(found), ("player", "finds", "misses"), rows, left=1, ranks=(0, 0, 0))
    lines = [line for check in found.checks for line in _lines(check)]
    for line in lines[:_LISTED]:
        render.answer(line)
    if len(lines) > _LISTED:
        render.note(f"and {len(lines) - _LISTED} more; --json lists them all")
    for check in found.checks:
        if check.streams:
            n = words.count(len(check.streams), "address", "addresses")
            render.note(f"not looked up: {n} on the network in {check.listed.path}")
    for note in found.notes:
        render.note(note)
    render.rejected("failed", found.failed)
    render.summary(_in_short(found))
    if player := _helped(found):
        render.hint(f"groove cluster MUSIC --for {player}")


def _counts(found: PlaylistsChecked) -> dict[str, tuple[int, int]]:
    """For each player how many songs it finds and misses."""
    counts: dict[str, tuple[int, int]] = {}
    for check in found.checks:
        for verdict in check.verdicts:
            n_found, n_missed = counts.get(verdict.player.title, (0, 0))
            counts[verdict.player.title] = (n_found + verdict.n_found, n_missed + len(verdict.missed))
    return counts


def _amount(found: PlaylistsChecked) -> str:
    n_songs = words.count(sum(check.n_songs for check in found.checks), "song")
    return f"{n_songs} in {words.count(len(found.checks), 'playlist')}"


def _lines(check: Check) -> Iterator[str]:
    """The songs that are missed: by which players and why, together where all are missed alike."""
    alike: dict[str, list[Item]] = {}
    for item, reasons in _by_song(check).items():
        why = "; ".join(f"{', '.join(titles)}: {why}" for why, titles in reasons.items())
        alike.setdefault(why, []).append(item)
    if len(alike) == 1 and check.n_songs == len(*alike.values()) > 1:
        yield f"{check.listed.path}, all {check.n_songs:,} songs: {next(iter(alike))}"
        return
    whys = {item: why for why, items in alike.items() for item in items}
    for item in sorted(whys, key=lambda item: item.number):
        where = f"{check.listed.path}, {'line' if check.listed.is_of_lines else 'song'} {item.number}"
        yield f"{where}, {render.shown(os.fsdecode(item.text))}: {whys[item]}"


def _by_song(check: Check) -> dict[Item, dict[str, list[str]]]:
    """Each song that is missed: for each reason the players."""
    found: dict[Item, dict[str, list[str]]] = {}
    for verdict in check.verdicts:
        for miss in verdict.missed:
            found.setdefault(miss.item, {}).setdefault(miss.why, []).append(verdict.player.title)
    return found


def _in_short(found: PlaylistsChecked) -> str:
    if not any(check.n_songs for check in found.checks):
        return f"no songs in {words.count(len(found.checks), 'playlist')}"
    missed = sum(len(_by_song(check)) for check in found.checks)
    if not missed:
        players = {verdict.player.title for check in found.checks for verdict in check.verdicts}
        return f"{players.pop() if len(players) == 1 else 'every player'} finds every song"
    who = ", ".join(player for player, (_, n_missed) in _counts(found).items() if n_missed)
    return f"{words.count(missed, 'song')} not found by: {who}"


def _helped(found: PlaylistsChecked) -> str:
    """The first player that would find more in a list of groove's that is written for it."""
    for check in found.checks:
        if check.listed.path not in found.own:
            continue
        for verdict in check.verdicts:
            if any(miss.code not in _NOT_HELPED for miss in verdict.missed):
                return verdict.player.name
    return ""


def to_json(found: PlaylistsChecked) -> dict[str, Any]:
    """Plain values: for each playlist and player the songs that it misses, and why."""
    return {
        "schema": 1,
        "playlists": [_check_json(check) for check in found.checks],
        "failed": render.paths_json(found.failed),
        "notes": list(found.notes),
    }


def _check_json(check: Check) -> dict[str, Any]:
    return {
        "file": str(check.listed.path),
        "songs": check.n_songs,
        "addresses": len(check.streams),
        "players": [
            {
                "player": verdict.player.name,
                "found": verdict.n_found,
                "missed": [
                    {
                        "number": miss.item.number,
                        "location": os.fsdecode(miss.item.text),
                        "reason": miss.why,
                        "code": miss.code,
                    }
                    for miss in verdict.missed
                ],
            }
            for verdict in check.verdicts
        ],
    }
