"""A report as plain values, for `--json`."""

from __future__ import annotations

from typing import Any

from groovecli.evaluation.health.agreement import Agreement
from groovecli.evaluation.health.measure import Health
from groovecli.evaluation.health.precision import Precision
from groovecli.evaluation.metrics import Interval
from groovecli.reports.overview.content import Held, Named, Overview


def to_json(overview: Overview) -> dict[str, Any]:
    """All that stands on the page."""
    return {
        "model": overview.model,
        "library": str(overview.library),
        "title": overview.title,
        "songs": overview.n_songs,
        "files": overview.n_files,
        "described": overview.n_described,
        "seconds": round(overview.duration_s, 1),
        "health": _health(overview.health),
        "hubs": [_named(each) for each in overview.hubs],
        "orphans": [_named(each) for each in overview.orphans],
        "holds": {each.key: _held(each) for each in overview.held},
        "missing": {each.key: each.n for each in overview.missing},
        "notes": list(overview.notes),
    }


def _interval(found: Interval) -> dict[str, float]:
    return {"value": round(found.value, 4), "low": round(found.low, 4), "high": round(found.high, 4)}


def _health(health: Health) -> dict[str, Any]:
    hubs, stability = health.hubs, health.stability
    return {
        "measured": health.n_songs,
        "playlists": health.n_playlists,
        "precision_at_10": _precision(health.precision) if health.precision else None,
        "hubs": {
            "most_lists": hubs.most,
            "most_lists_plain": hubs.most_plain,
            "in_no_list": hubs.n_orphans,
            "in_no_list_plain": hubs.n_orphans_plain,
        }
        if hubs
        else None,
        "agreement": {what: _agreement(each) for what, each in health.agreement.items()},
        "stability": {
            "by_seed": round(stability.by_seed, 4),
            "without_a_tenth": [round(each, 4) for each in stability.by_songs],
        }
        if stability
        else None,
    }


def _precision(found: Precision) -> dict[str, Any]:
    return {
        "corrected": _interval(found.corrected),
        "plain": _interval(found.plain),
        "difference": _interval(found.difference),
        "by_chance": round(found.by_chance, 4),
        "most": round(found.most, 4),
        "songs": found.n_songs,
        "artists": found.n_artists,
        "genres": {
            each.genre: {
                **_interval(each.share),
                "by_chance": round(each.by_chance, 4),
                "most": round(each.most, 4),
                "songs": each.n_songs,
                "artists": each.n_artists,
            }
            for each in found.genres
        },
    }


def _agreement(found: Agreement) -> dict[str, Any]:
    return {
        "ari": _interval(found.ari),
        "nmi": _interval(found.nmi),
        "songs": found.n_songs,
        "genres": found.n_genres,
    }


def _named(song: Named) -> dict[str, Any]:
    return {
        "path": str(song.path),
        "name": song.name,
        "lists": song.listed.n_lists,
        "lists_plain": song.listed.n_plain,
        "nearest": str(song.nearest[1]) if song.nearest else None,
    }


def _held(held: Held) -> dict[str, Any]:
    return {
        "of": held.of,
        "unit": held.unit,
        "counts": dict(zip(held.labels, held.counts, strict=True)),
        "unknown": held.n_unknown,
    }
