"""How well `groove search` finds songs of genres by their names, whatever the order of words, and how fast.

    python benchmarks/search.py MUSIC [--home HOME]
    python benchmarks/search.py --made N ...

MUSIC has genre folders whose songs groove-net has analysed (`groove embed MUSIC`), in GROOVE_HOME or HOME.
For each folder that groove has a word for: the share of right ones among the first 10 and 25 songs, and the
average precision, by the tag heads alone, without genres of a model, tags and folders of files. Intervals
are 95 %, by bootstrap over songs. Then queries in all orders, and with plurals, which must give one list.
`--made` draws vectors of N songs instead and prints the seconds that scoring takes.
"""

from __future__ import annotations

import os

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")

import tempfile
import time
from itertools import permutations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import similar
import songs
from groovecli.actions.context import Context
from groovecli.actions.hear import stored_as
from groovecli.actions.search.catalogued import MEASURED
from groovecli.actions.search.fitting import fitting_model
from groovecli.actions.search.scored import Scorer, Sound, tags_of
from groovecli.home import Home
from groovecli.library.answers import VectorRows
from groovecli.library.heard import Heard, heard_by
from groovecli.models.loaded import LoadedModel
from groovecli.models.results import CLIPS_PER_SONG
from groovecli.words import scores
from groovecli.words.heads import heads
from groovecli.words.lexicon import lexicon_of
from groovecli.words.query import read_query
from groovecli.words.scores import Shares

_DRAWS = 1000
_QUERIES = (
    "sad piano ambient",
    "happy acoustic guitar",
    "female jazz singer",
    "electric guitars drums punk",
)
_PLURALS = (
    ("guitar drum", "guitars drums"),
    ("violin", "Violins"),
    ("hip-hop", "hip hop"),
    ("female vocal", "female vocals"),
)


def scored(rows: VectorRows, model: LoadedModel, words: str) -> Shares | None:
    """How well all songs fit words by their sound alone; None where a word has no tag."""
    lexicon = lexicon_of(heads().tags)
    query = read_query(words, lexicon)
    sound = Sound.read(rows, heads(), tags_of(query.terms, lexicon), model)
    nothing = {name: np.full(len(rows), np.nan) for name in MEASURED}
    scorer = Scorer(len(rows), "", lexicon, sound, nothing)
    found = [scorer.score(term, {}) for term in query.terms]
    known = [each.fits for each in found if each.is_known]
    return scores.overall(known) if known else None


def genres_of(heard: Heard) -> NDArray[np.str_]:
    """The genre folder of each song."""
    return np.array([files[0].path.parent.name for files in heard.files(range(len(heard)))])


def figures(shares: Shares, is_right: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Precision at 10, at 25, and average precision."""
    right = is_right[np.argsort(-shares, kind="stable")]
    precision = np.cumsum(right) / np.arange(1, len(right) + 1)
    return np.array([right[:10].mean(), right[:25].mean(), precision[right].mean() if right.any() else 0.0])


def with_interval(shares: Shares, is_right: NDArray[np.bool_], rng: np.random.Generator) -> str:
    """The three figures, each with its interval."""
    value, n = figures(shares, is_right), len(shares)
    drawn = [figures(shares[i], is_right[i]) for i in (rng.integers(0, n, n) for _ in range(_DRAWS))]
    low, high = np.percentile(drawn, (2.5, 97.5), axis=0)
    return "  ".join(f"{v:.2f} ({a:.2f} to {b:.2f})" for v, a, b in zip(value, low, high, strict=True))


def measure_genres(heard: Heard, model: LoadedModel) -> None:
    """Print the figures of each genre for which there is a word, and their means."""
    rng, genres, all_figures = np.random.default_rng(0), genres_of(heard), []
    print("genre  songs  precision at 10  at 25  average precision")
    for genre in sorted(set(genres.tolist())):
        shares = scored(heard.rows, model, genre)
        if shares is None:
            print(f"{genre}: no word")
            continue
        is_right = genres == genre
        all_figures.append(figures(shares, is_right))
        print(f"{genre:11}  {is_right.sum():4}  {with_interval(shares, is_right, rng)}", flush=True)
    at_10, at_25, average = np.mean(all_figures, axis=0)
    n = len(all_figures)
    print(f"mean of {n}: {at_10:.2f} at 10, {at_25:.2f} at 25, average precision {average:.2f}")


def measure_orders(heard: Heard, model: LoadedModel) -> None:
    """Print how many spellings of queries give one and the same list."""
    pairs = [(" ".join(order), query) for query in _QUERIES for order in permutations(query.split())]
    pairs += _PLURALS
    same = 0
    for one, other in pairs:
        a, b = scored(heard.rows, model, one), scored(heard.rows, model, other)
        same += a is not None and b is not None and np.array_equal(a, b)
    print(f"{same} of {len(pairs)} other orders and plurals give the same list")


def measure_speed(n: int, model: LoadedModel) -> None:
    """Print the seconds of the processor that scoring n songs takes, and the most memory."""
    with tempfile.TemporaryDirectory() as folder:
        rows = similar.made(Path(folder), n)
        began = time.process_time()
        shares = scored(rows, model, "sad piano jazz")
        took = time.process_time() - began
        assert shares is not None
        np.argsort(-shares)
    print(f"{n:,} songs: scored by three words in {took:.2f} s")


def main() -> None:
    """Measure by real songs, or by made ones."""
    parser = songs.program(__doc__)
    parser.add_argument("music", type=Path, nargs="?")
    parser.add_argument("--home", type=Path, help="groove's folder, in which MUSIC is analysed")
    parser.add_argument("--made", metavar="N", type=int, nargs="+", default=[])
    asked = parser.parse_args()
    context = Context(Home(asked.home) if asked.home else Home.default())
    model = fitting_model(context, "groove-net")
    for n in asked.made:
        measure_speed(n, model)
    if asked.music is None:
        return
    heard = heard_by(context.catalog, stored_as(model, CLIPS_PER_SONG))
    assert heard is not None, "analyse MUSIC first: groove embed MUSIC"
    files = [its[0].path if its else Path() for its in heard.files(range(len(heard)))]
    numbers = np.flatnonzero([path.is_relative_to(asked.music) for path in files])
    own = Heard(heard.catalog, heard.numbers[numbers], heard.rows.only(numbers), heard.checksums[numbers])
    measure_genres(own, model)
    measure_orders(own, model)


if __name__ == "__main__":
    main()
