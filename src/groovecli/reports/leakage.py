"""A recipe's figures under several splits as tables, as JSON and as a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from groovecli.evaluation.figures import to_json as evaluation_json
from groovecli.evaluation.results import Leakage, SplitRow, across, recipe_json
from groovecli.evaluation.verdict import verdict
from groovecli.library.copies import Replica
from groovecli.messages import evaluation as messages
from groovecli.messages import words
from groovecli.messages.evaluation import is_few, share, share_with_reach
from groovecli.messages.words import NONE, count, leaky, percent
from groovecli.reports.text import TextTable

_FEW = f"{NONE}: too few songs."
_BY = {"artist": "New artists", "song": "New songs", "clip": "Split by clip"}


def tables(leakage: Leakage) -> tuple[TextTable, TextTable]:
    """The figures, one split per row, and the duplicates."""
    return _splits_table(leakage), _duplicates_table(leakage)


def findings(leakage: Leakage) -> tuple[str, ...]:
    """What the figures mean: the honest accuracy, what it looks like with leaks, whether that is luck."""
    *others, last = leakage.rows
    n_fewest = fewest(leakage)
    first = messages.right_under(leakage.request.network, right_of(last, n_fewest), last.split_by)
    found, counted = leakage.verdict, is_few(n_fewest)
    right = messages.right(found.n_right, found.n_songs, found.accuracy, counted=counted)
    meant = f"{_BY[last.split_by]}: {right}. {sentence(leakage)}"
    if not others:
        return first, meant
    accuracies = [(row.split_by, right_of(row, n_fewest)) for row in reversed(others)]
    apart = [(row.split_by, gap.is_apart) for row, gap in zip(others, leakage.gaps, strict=True)]
    return f"{first} {messages.looks_like(accuracies)}", messages.apart(apart[::-1]), meant


def sentence(leakage: Leakage) -> str:
    """Whether the accuracy under the most honest split is better than guessing."""
    found, counted = leakage.verdict, is_few(fewest(leakage))
    return messages.judged(found.judgement, found.n_right, found.n_guess, found.n_songs, counted=counted)


def in_short(leakage: Leakage) -> str:
    """What came of it, in one line."""
    last, n_fewest = leakage.rows[-1], fewest(leakage)
    n_pairs = len(leakage.replicas.pairs)
    right = right_of(last, n_fewest)
    return messages.leakage_in_short(leakage.request.network, right, last.split_by, n_pairs)


def fewest(leakage: Leakage) -> int:
    """Test songs of the split that has the fewest: if these are counted, all are, as they are compared."""
    return min(row.figures.n_songs for row in leakage.rows)


def right_of(row: SplitRow, n_fewest: int) -> str:
    """How many songs are right under a split; counted where the smallest split has few."""
    assert row.figures.evaluation is not None
    per_song = row.figures.evaluation.per_song
    return share(per_song.accuracy.value, per_song.n, n_fewest)


def _splits_table(leakage: Leakage) -> TextTable:
    title = (
        f"{leakage.request.network} on dataset {leakage.dataset.name}, trained under each split, seed"
        f" {leakage.request.seed}; 95 % intervals"
    )
    columns = [
        "split",
        "songs right",
        "clips right",
        "macro-F1, songs",
        "test songs",
        "epochs",
        "duplicates in both",
    ]
    rows = []
    for row in leakage.rows:
        evaluation = row.figures.evaluation
        assert evaluation is not None
        n_songs = evaluation.per_song.n
        name = f"by {row.split_by}{leaky(row.figures.leaky)}"
        figures = [
            share_with_reach(verdict(evaluation).accuracy, n_songs),
            share_with_reach(evaluation.per_clip.accuracy, evaluation.per_clip.n, n_songs),
            NONE if is_few(n_songs) else share_with_reach(evaluation.per_song.macro_f1, n_songs),
        ]
        if evaluation.parents:
            figures.append(share_with_reach(evaluation.parents.per_song.accuracy, n_songs))
        epochs = f"{row.figures.epochs} (best {row.figures.best_epoch})"
        n_across = sum(across(row.sides, pair) for pair in leakage.replicas.pairs)
        rows.append((name, *figures, str(row.figures.n_songs), epochs, str(n_across)))
    if rows and len(rows[0]) > len(columns):
        columns.insert(4, "main genres, songs")
    few = any(is_few(row.figures.n_songs) for row in leakage.rows)
    return TextTable(title, tuple(columns), tuple(rows), note=_FEW if few else "")


def _duplicates_table(leakage: Leakage) -> TextTable:
    title = "Duplicates: how alike (0 % is chance), and the side of each file under each split"
    splits = _all_sides(leakage)
    columns = ("file", "duplicate", "alike", "later by", *splits)
    rows = tuple(
        (
            str(pair.first.path),
            str(pair.second.path),
            percent(pair.likeness, 0),
            f"{pair.offset_s:+.2f} s",
            *(_both(sides, pair) for sides in splits.values()),
        )
        for pair in leakage.replicas.pairs
    )
    return TextTable(title, columns, rows, in_words=True)


def _all_sides(leakage: Leakage) -> dict[str, Mapping[str, str]]:
    """Sides by track id: of the dataset's own split, and of those drawn."""
    own = f"own (by {leakage.dataset.split_by})"
    return {own: leakage.own_sides, **{f"by {row.split_by}": row.sides for row in leakage.rows}}


def _both(sides: Mapping[str, str], pair: Replica) -> str:
    first, second = (sides.get(track.id, "left out") for track in (pair.first, pair.second))
    return first if first == second else f"{first} / {second}"


def lines(leakage: Leakage) -> Iterator[str]:
    """The differences between the splits, and the duplicates, in words."""
    few = any(is_few(row.figures.n_songs) for row in leakage.rows)
    for gap in () if few else leakage.gaps:
        difference = words.points_with_interval(gap)
        yield f"split by {gap.split_by} instead of by {gap.than}: {difference} of songs right"
    pairs = leakage.replicas.pairs
    text = f"duplicates: {count(len(pairs), 'pair')} among {leakage.replicas.n_songs:,} songs"
    if pairs:
        counts = (
            f"{sum(across(sides, pair) for pair in pairs)} {name}"
            for name, sides in _all_sides(leakage).items()
        )
        text += f"; in both training and test: {', '.join(counts)}"
    yield text


def to_json(leakage: Leakage) -> dict[str, Any]:
    """Plain values, for `--json` and the report."""
    splits = _all_sides(leakage)
    return {
        "schema": 1,
        "verdict": {
            **leakage.verdict.to_json(),
            "network": leakage.request.network,
            "split_by": leakage.rows[-1].split_by,
            "apart": [gap.is_apart for gap in leakage.gaps],
            "text": " ".join(findings(leakage)),
        },
        "dataset": leakage.dataset.name,
        **leakage.reach.to_json(),
        "recipe": recipe_json(leakage.request),
        "splits": [_row_json(row, leakage) for row in leakage.rows],
        "gaps": [asdict(gap) for gap in leakage.gaps],
        "replicas": [
            {
                "first": str(pair.first.path),
                "second": str(pair.second.path),
                "likeness": pair.likeness,
                "offset_s": pair.offset_s,
                "sides": {
                    name: [sides.get(pair.first.id), sides.get(pair.second.id)]
                    for name, sides in splits.items()
                },
                "across": [name for name, sides in splits.items() if across(sides, pair)],
            }
            for pair in leakage.replicas.pairs
        ],
        "songs_compared": leakage.replicas.n_songs,
        "unread": [item.to_json() for item in leakage.replicas.unread],
        "notes": list(leakage.notes),
    }


def _row_json(row: SplitRow, leakage: Leakage) -> dict[str, Any]:
    return {
        "split_by": row.split_by,
        "leaky": row.figures.leaky,
        "epochs": row.figures.epochs,
        "best_epoch": row.figures.best_epoch,
        "training_s": row.figures.training_s,
        "n_songs": row.figures.n_songs,
        "replicas_across": sum(across(row.sides, pair) for pair in leakage.replicas.pairs),
        "evaluation": evaluation_json(row.figures.evaluation) if row.figures.evaluation else None,
    }
