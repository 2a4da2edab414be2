"""What `groove describe` says."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from groovecli.cli import render
from groovecli.messages import words

if TYPE_CHECKING:
    from groovecli.actions.describe import Described, DescribedSong
    from groovecli.describe.description import SongDescription

_NO_BEAT, _NO_KEY, _SILENT, _SHORT = "no beat", "no key", "silent", "too short to measure"
_LEAST_S = 0.4  # what loudness is measured of
_OR = 0.25  # share of the second tempo from which it is shown beside the first
_HEADS = ("song", "tempo", "sure", "key", "sure", "loudness", "range", "brightness")
_RANKS = (0, 0, 2, 0, 2, 0, 3, 1)


def to_json(described: Described, out: Path | None) -> dict[str, Any]:
    """Plain values of songs that were described."""
    from groovecli.describe.description import VERSION
    from groovecli.reports import descriptions

    return {
        "schema": 1,
        "describer": VERSION,
        "results": [
            {"path": str(song.track.path), **(descriptions.to_json(song.said) or {})}
            for song in described.songs
        ],
        "measured_now": described.n_new,
        "out": str(out) if out else None,
        "interrupted": described.interrupted,
        "failed": render.paths_json(described.failed),
        "passed_over": described.passed_over.to_json(),
    }


def show(described: Described, out: Path | None) -> None:
    """Print a song a line: in columns on a terminal, in a pipe with its whole path."""
    songs, on_screen = described.songs, render.is_on_screen()
    if songs and on_screen:
        folder = _folder(songs)
        rows = [(str(song.track.path.relative_to(folder)), *_cells(song.said)) for song in songs]
        render.table("", _HEADS, rows, ranks=_RANKS)
    for song in () if on_screen else songs:
        render.answer(f"{song.track.path}: {in_words(song.said)}")
    for song in songs:
        if song.ends_early:
            s = song.said.measured_s
            render.note(f"{song.track.path} ends early: measured as far as it goes, {words.duration(s)}")
    render.passed_over(described.passed_over)
    render.rejected("failed", described.failed)
    if songs:
        if out:
            render.note(f"wrote {out}")
        now = "" if described.n_new == len(songs) else f", {described.n_new:,} of them measured now"
        (render.summary if on_screen else render.note)(f"{words.count(len(songs), 'song')}{now}")


def _folder(songs: tuple[DescribedSong, ...]) -> Path:
    """The folder that all songs are in."""
    folders = {song.track.path.parent for song in songs}
    try:
        return Path(os.path.commonpath(folders))
    except ValueError:  # on several drives, or of both kinds of paths
        return Path()


def in_words(said: SongDescription) -> str:
    """'128 BPM or 64 (87 % sure), C minor 5A (70 % sure), -14.2 LUFS, range 8.1 LU, 2,410 Hz'."""
    tempo, sure_tempo, key, sure_key, loudness, span, brightness = _cells(said)
    parts = [
        f"{tempo} ({sure_tempo} sure)" if sure_tempo else tempo,
        f"{key} ({sure_key} sure)" if sure_key else key,
        loudness,
        f"range {span}" if span else "",
        f"brightness {brightness}" if brightness else "",
    ]
    return ", ".join(filter(None, parts))


def _cells(said: SongDescription) -> tuple[str, str, str, str, str, str, str]:
    """Tempo, how sure that is, key, how sure that is, loudness, its range, brightness; "" for nothing."""
    tempo, key, loudness = said.tempo, said.key, said.loudness
    if loudness.integrated_lufs is None:
        return "", "", "", "", _SHORT if said.measured_s < _LEAST_S else _SILENT, "", ""
    also = f" or {tempo.other_bpm:.0f}" if tempo.other_bpm and tempo.other_weight >= _OR else ""
    return (
        _NO_BEAT if tempo.bpm is None else f"{tempo.bpm:.0f}{also} BPM",
        "" if tempo.bpm is None else words.percent(tempo.confidence, 0),
        _NO_KEY if key.name is None else f"{key.name} {key.camelot}",
        "" if key.name is None else words.percent(key.confidence, 0),
        f"{loudness.integrated_lufs:.1f} LUFS",
        "" if loudness.range_lu is None else f"{loudness.range_lu:.1f} LU",
        "" if said.brightness_hz is None else f"{said.brightness_hz:,.0f} Hz",
    )
