"""Misfiled songs found: some labels of a library are made wrong, and the ranking is looked through.

    python benchmarks/audit.py MUSIC [--share 0.05] [--draws 3]

MUSIC has genre folders. No file is touched: labels are changed in memory, to a genre drawn at random, for a
share of the songs. Printed is the share of them in the first 5, 10 and 20 % of each list, as the mean over
the draws, and what is counted as likely errors. The lists:

- groove audit: how much likelier the best other genre is, out of fold by artist;
- own label, lowest: the same probabilities, ranked by that of the song's own label alone;
- margin: the same, ranked by the difference of the two probabilities (as confident learning has it);
- model alone: the included model's probability of the label. Of MUSIC's songs it has learnt most with their
  right labels, so there its figures are too high.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from groovecli.actions.context import Context
from groovecli.actions.embed import embed
from groovecli.actions.hear import stored_as
from groovecli.datasets.groups import grouped
from groovecli.evaluation.misfiled import doubts
from groovecli.library.labels import by_folder
from groovecli.models.results import CLIPS_PER_SONG

PARTS = (0.05, 0.1, 0.2)
Scores = NDArray[np.float64]


def moved(
    labels: NDArray[np.int64], n_genres: int, share: float, seed: int
) -> tuple[NDArray[np.int64], set[int]]:
    """Labels of which some are wrong, and the places of these."""
    rng = np.random.default_rng(seed)
    places = rng.choice(len(labels), max(1, round(share * len(labels))), replace=False)
    wrong = labels.copy()
    wrong[places] = (labels[places] + rng.integers(1, n_genres, len(places))) % n_genres
    return wrong, set(places.tolist())


def found_in(order: list[int], places: set[int]) -> list[float]:
    """The share of some places in the first parts of a list."""
    return [len(places.intersection(order[: round(part * len(order))])) / len(places) for part in PARTS]


def by(scores: Scores) -> list[int]:
    """Places from the lowest score to the highest."""
    order: list[int] = np.argsort(scores, kind="stable").tolist()
    return order


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("music", type=Path)
    parser.add_argument("--share", type=float, default=0.05)
    parser.add_argument("--draws", type=int, default=3)
    asked = parser.parse_args()
    music = asked.music.absolute()
    with Context() as context:
        model = context.load()
        heard = embed(model, music, context.catalog)
        of_path = by_folder(music, [track.path for track in heard.tracks]).genres
        rows = [n for n, track in enumerate(heard.tracks) if track.path in of_path]
        tracks = [heard.tracks[n] for n in rows]
        answers = context.catalog.answers(stored_as(model, CLIPS_PER_SONG), [t.id for t in tracks])
    genres = sorted({of_path[track.path] for track in tracks})
    truth = np.array([genres.index(of_path[track.path]) for track in tracks], np.int64)
    dim = model.description.spec.embedding_dim  # without the model's genres: it has learnt these songs
    vectors = heard.vectors[rows, :dim].astype(np.float64)
    artists = grouped({str(n): (track, of_path[track.path]) for n, track in enumerate(tracks)}, "artist").of
    groups = [artists[str(n)] for n in range(len(tracks))]
    alone = np.full((len(tracks), len(genres)), np.nan)
    for number, genre in enumerate(model.description.genres):
        if genre in genres:
            for row, track in enumerate(tracks):
                shares = answers[track.id].probabilities
                alone[row, genres.index(genre)] = np.nan if shares is None else shares[number]
    table: dict[str, list[list[float]]] = {}
    likely, hits, n_wrong = [], [], 0
    for draw in range(asked.draws):
        labels, places = moved(truth, len(genres), asked.share, draw)
        n_wrong = len(places)
        done = doubts(vectors, labels, groups, len(genres), seed=0)
        lists = {"groove audit": [doubt.place for doubt in done.ranking]}
        at = np.array(lists["groove audit"])
        own = np.array([doubt.own for doubt in done.ranking])
        margin = own - [doubt.confidence for doubt in done.ranking]
        lists["own label, lowest"] = at[by(own)].tolist()
        lists["margin"] = at[by(margin)].tolist()
        score = alone[np.arange(len(labels)), labels]
        lists["model alone"] = by(np.where(np.isnan(score), 2.0, score))
        for name, order in lists.items():
            table.setdefault(name, []).append(found_in(order, places))
        flagged = {doubt.place for doubt in done.ranking if doubt.is_likely}
        likely.append(len(flagged))
        hits.append(len(flagged & places))
    print(f"{len(tracks)} songs in {len(genres)} folders, {n_wrong} moved, {asked.draws} draws")
    print("list                 " + "".join(f"first {part:.0%}".rjust(12) for part in PARTS))
    for name, rows_of in table.items():
        print(f"{name:21}" + "".join(f"{share:.1%}".rjust(12) for share in np.mean(rows_of, axis=0)))
    print(f"likely errors: {np.mean(likely):.1f} songs, of which {np.mean(hits):.1f} were moved")


if __name__ == "__main__":
    main()
