"""How often `find_key` is right: songs rendered in known keys, and a library of music.

    python benchmarks/describe_key.py [--songs 252] [--seed 5] [--librosa] [--music MUSIC]

Rendered songs: for each way the share of keys that are right, and MIREX's weighted score (1 for the key,
0.5 for a fifth off, 0.3 for the relative key, 0.2 for the parallel one); how many songs without a key get
none; how often a confidence is right; how far off the tuning is; the processor's time.
Music has no such truth. There: the ways' agreement with both together, two halves' with each other, also
by confidence, how many songs get no key, and titles such as "Prelude in B minor" (also a semitone lower, as
at baroque pitch).
"""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from groovecli.audio.read import load
from groovecli.describe.chroma import PROFILES, fits
from groovecli.describe.description import Key
from groovecli.describe.key import Evidence, find_key, key_evidence, key_from
from groovecli.errors import GrooveError
from groovecli.evaluation.metrics import exact_interval
from rendered import KINDS, SR, Plan, plans, render
from songs import program, spread

Samples = NDArray[np.float32]
Way = Callable[[Evidence], int]
HALF_S = 15
N_RESAMPLED = 2000
BINS = (0.3, 0.5, 0.7, 0.8, 0.9, 1.0)
GROUPS = ("key change", "detuned", "no drums")
TITLE = re.compile(r"\b([A-G])[ -]?(flat|sharp|b)?[ -](major|minor)\b", re.IGNORECASE)
PITCH_CLASSES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}


def profile(name: str) -> Way:
    """Keys by one profile alone."""
    return lambda evidence: int(fits(evidence.classes, name).argmax())


WAYS: dict[str, Way] = {
    **{f"chroma, {name}": profile(name) for name in PROFILES},
    "S-KEY": lambda evidence: int(evidence.network.argmax()),
    "both": lambda evidence: int(evidence.scores.argmax()),
}
BOTH = "both"


@dataclass(frozen=True)
class Judged:
    """A rendered song, the keys that the ways name (0 to 23, majors first), and the answer."""

    plan: Plan
    named: dict[str, int]
    key: Key
    seconds: float

    @property
    def truth(self) -> int:
        """The key that it was rendered in."""
        assert self.plan.tonic is not None
        return self.plan.tonic + 12 * self.plan.is_minor


def main() -> None:
    """Render, decode, print."""
    parser = program(__doc__)
    parser.add_argument("--songs", metavar="N", type=int, default=252, help="rendered songs (252)")
    parser.add_argument("--seed", metavar="S", type=int, default=5, help="of the rendered songs (5)")
    parser.add_argument("--librosa", action="store_true", help="also librosa's chroma with profiles")
    parser.add_argument("--music", metavar="MUSIC", type=Path, help="folder with one folder per genre")
    parser.add_argument("--music-songs", metavar="N", type=int, default=10**6, help="of MUSIC (all)")
    asked = parser.parse_args()
    on_rendered(asked)
    if asked.music is not None:
        on_music(spread(asked.music, asked.music_songs, seed=0))


def on_rendered(asked: argparse.Namespace) -> None:
    """All figures of the rendered songs."""
    songs = [judged(plan, asked.librosa) for plan in plans(asked.songs, seed=asked.seed)]
    tonal = [song for song in songs if song.plan.tonic is not None]
    keys = len({song.truth for song in tonal})
    print(f"{len(tonal)} rendered songs of {keys} keys, 45 s each")
    for way in tonal[0].named:
        print(f"  {way}: {scored([(song.truth, song.named[way]) for song in tonal])}")
    for kind in GROUPS:
        of_kind = [(song.truth, song.named[BOTH]) for song in tonal if song.plan.kind == kind]
        if of_kind:
            print(f"  {BOTH}, {kind}: {scored(of_kind)}")
    print(f"  given no key: {share(song.key.tonic is None for song in tonal)}")
    off = [abs(song.key.tuning_cents - song.plan.cents) for song in tonal]
    print(f"  tuning is {np.median(off):.1f} cents off (median), {max(off):.1f} at most")
    for kind in (name for name in KINDS if not KINDS[name].tonal):
        none = [song.key.tonic is None for song in songs if song.plan.kind == kind]
        if none:
            print(f"  {kind}: no key in {share(none)}")
    given = [song for song in songs if song.key.tonic is not None]
    by_confidence((song.key.confidence, is_right(song.plan, song.key)) for song in given)
    between = [replace(song.plan, cents=50.0) for song in tonal[::4]]
    right = [is_right(plan, find_key(stretches(render(plan).y), SR)) for plan in between]
    print(f"  a quarter tone sharp: {share(right)} right, as the key below or above")
    print(f"  time of the processor: {1000 * np.median([song.seconds for song in songs]):.1f} ms per song")


def judged(plan: Plan, with_librosa: bool) -> Judged:
    """What all ways say about a rendered song."""
    parts = stretches(render(plan).y)
    start = time.process_time()
    evidence = key_evidence(parts, SR)
    assert evidence is not None
    key = key_from(evidence)
    seconds = time.process_time() - start
    named = {name: way(evidence) for name, way in WAYS.items()}
    if with_librosa:
        named |= by_librosa(np.concatenate(parts))
    return Judged(plan, named, key, seconds)


def stretches(y: Samples) -> list[Samples]:
    """Three of 15 s, as they are cut from a song."""
    return [y[start : start + 15 * SR] for start in range(0, min(len(y), 45 * SR), 15 * SR)]


def by_librosa(y: Samples) -> dict[str, int]:
    """Keys by librosa's constant-Q chroma, tuned by librosa too."""
    import librosa

    classes = librosa.feature.chroma_cqt(y=y, sr=SR).mean(axis=1).astype(np.float64)
    return {f"librosa's chroma, {name}": int(fits(classes, name).argmax()) for name in PROFILES}


def is_right(plan: Plan, key: Key) -> bool:
    """Whether a key is the song's, with its tuning: a quarter tone is between two names."""
    if plan.tonic is None or key.tonic is None or key.is_minor != plan.is_minor:
        return False
    cents = 100 * (key.tonic - plan.tonic) + key.tuning_cents - plan.cents
    return abs((cents + 600) % 1200 - 600) < 25


def mirex(truth: int, named: int) -> float:
    """MIREX's weight of a key beside the true one."""
    up, same_mode = (named - truth) % 12, truth // 12 == named // 12
    if same_mode:
        return {0: 1.0, 5: 0.5, 7: 0.5}.get(up, 0.0)
    return {0: 0.2, 9 if truth < 12 else 3: 0.3}.get(up, 0.0)


def scored(pairs: Sequence[tuple[int, int]]) -> str:
    """Exact and weighted, with 95 % intervals."""
    weights = np.array([mirex(truth, named) for truth, named in pairs])
    rng = np.random.default_rng(0)
    means = weights[rng.integers(len(weights), size=(N_RESAMPLED, len(weights)))].mean(axis=1)
    low, high = np.quantile(means, (0.025, 0.975))
    return (
        f"exact {share(truth == named for truth, named in pairs)},"
        f" weighted {100 * weights.mean():.1f} % ({100 * low:.1f} to {100 * high:.1f})"
    )


def share(those: Iterable[bool]) -> str:
    """A count as a share with its exact interval."""
    flags = list(those)
    figure = exact_interval(sum(flags), len(flags))
    return f"{100 * figure.value:.1f} % ({100 * figure.low:.1f} to {100 * figure.high:.1f}) of {len(flags)}"


def by_confidence(pairs: Iterable[tuple[float, bool]], what: str = "right") -> None:
    """How often a key of a confidence is right."""
    table = np.array([(confidence, right) for confidence, right in pairs])
    low = 0.0
    for high in BINS:
        rows = table[(table[:, 0] >= low) & (table[:, 0] < high)] if len(table) else table
        if len(rows):
            mean = f"{rows[:, 0].mean():.2f}"
            print(f"  confidence {low:.1f} to {high:.1f}, mean {mean}: {what} {share(rows[:, 1] > 0)}")
        low = high
    if len(table):
        print(f"  all: mean confidence {table[:, 0].mean():.2f}, {what} {share(table[:, 1] > 0)}")


def on_music(paths: Sequence[Path]) -> None:
    """All figures of a library."""
    whole: list[tuple[Path, Evidence]] = []
    halves: list[tuple[Evidence, Evidence]] = []
    for path in paths:
        try:
            y = load(path, sr=SR)
        except GrooveError:
            continue
        n = min(len(y) // 2, HALF_S * SR)
        parts = [key_evidence([y[start : start + n]], SR) for start in (0, n)]
        both = key_evidence([y[:n], y[n : 2 * n]], SR)
        if parts[0] is not None and parts[1] is not None and both is not None:
            whole.append((path, both))
            halves.append((parts[0], parts[1]))
    print(f"{len(whole)} songs of MUSIC, two halves of at most {HALF_S} s each")
    for name, way in WAYS.items():
        pairs = [(way(first), way(second)) for first, second in halves]
        print(f"  {name}, halves: {scored(pairs)}")
        print(f"  {name}, as both: {scored([(WAYS[BOTH](e), way(e)) for _, e in whole])}")
    keys = [key_from(evidence) for _, evidence in whole]
    print(f"  no key: {share(key.tonic is None for key in keys)}")
    agreeing(halves)
    titled([(path, key) for (path, _), key in zip(whole, keys, strict=True)])


def agreeing(halves: Sequence[tuple[Evidence, Evidence]]) -> None:
    """Halves that have a key each: how often it is the same, by their mean confidence."""
    pairs = [(key_from(first), key_from(second)) for first, second in halves]
    pairs = [(a, b) for a, b in pairs if a.tonic is not None and b.tonic is not None]
    by_confidence(
        (
            ((a.confidence + b.confidence) / 2, (a.tonic, a.is_minor) == (b.tonic, b.is_minor))
            for a, b in pairs
        ),
        "halves agree",
    )


def titled(songs: Sequence[tuple[Path, Key]]) -> None:
    """Songs whose title names their key."""
    found = [(truth, key) for path, key in songs if (truth := key_in(path.stem)) is not None]
    if not found:
        return
    named = [(truth, -1 if key.tonic is None else key.tonic + 12 * key.is_minor) for truth, key in found]
    lower = [named == (truth - 1) % 12 + truth // 12 * 12 for truth, named in named]
    print(f"  titles with a key: {share(truth == key for truth, key in named)} right")
    right = [a or b for a, b in zip((t == k for t, k in named), lower, strict=True)]
    print(f"  the same, or a semitone lower: {share(right)}")
    print(f"  their mean confidence: {np.mean([key.confidence for _, key in found]):.2f}")


def key_in(title: str) -> int | None:
    """The key that a title names, 0 to 23."""
    match = TITLE.search(title)
    if match is None:
        return None
    step = {"sharp": 1, "flat": -1, "b": -1}.get((match[2] or "").lower(), 0)
    return (PITCH_CLASSES[match[1].upper()] + step) % 12 + 12 * (match[3].lower() == "minor")


if __name__ == "__main__":
    main()
