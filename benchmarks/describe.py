"""How often `find_tempo` is right: songs rendered in a known tempo, and a library of music.

    python benchmarks/describe.py [--songs 210] [--seed 4] [--messy] [--librosa] [--beatnet FILE]
        [--music MUSIC [--every 2]]

Rendered songs: for each way the share of tempos within 4 %, and with half, double, a third or three times
allowed; where there is no number it is wrong. Then of what groove does each kind of song, how often its
confidence is right, the second tempo, the course, songs without a beat, and the processor's time. `--messy`
adds a singer who keeps no time, and noise. benchmarks/fit_tempo.py fits to songs of other seeds.
Music has no such truth. There: how often the ways agree, and the two halves of each excerpt.
`--beatnet` is the file of BeatNet's weights (model 1), which are not in the project.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice, pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import beatnet
from groovecli.audio.read import load
from groovecli.describe.description import Tempo
from groovecli.describe.onsets import Onsets, onsets
from groovecli.describe.tempo import find_tempo, pieces
from groovecli.describe.tempo_evidence import likeness, tempos
from groovecli.errors import GrooveError
from groovecli.evaluation.metrics import exact_interval
from groovecli.library.walk import list_audio
from rendered import SR, Plan, plans, render
from songs import program

Samples = NDArray[np.float32]
Way = Callable[[Samples], Tempo]
WITHIN = 0.04
OCTAVES = (1.0, 2.0, 0.5, 3.0, 1 / 3)
BINS = (0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 1.0)
GROOVE = "onsets, fitted weights (what groove does)"
MIDDLE_BPM = (70.0, 150.0)
SHORTEST_S = 20.0  # of an excerpt, so that its halves have a tempo


@dataclass(frozen=True)
class Judged:
    """A rendered song, and what each way says of it."""

    plan: Plan
    said: dict[str, Tempo]


def by_librosa(y: Samples) -> Tempo:
    """librosa's onset strength and tempo, with its defaults."""
    import librosa

    return Tempo(float(librosa.feature.tempo(y=y, sr=SR)[0]))


def by_autocorrelation(curves: Sequence[Onsets]) -> Tempo:
    """Where curves are most alike 1 to 4 beats later; tempos near 115 are favoured."""
    beat_s = 60 / tempos()
    alike = [likeness(curve) for curve in curves]
    score = np.mean([each.at(beat_s * n) for each in alike for n in (1, 2, 3, 4)], axis=0)
    favour = np.exp(-0.5 * np.square(np.log2(tempos() / 115) / 0.8))
    return Tempo(float(tempos()[(np.maximum(score, 0) * favour).argmax()]))


def by_onsets(y: Samples) -> Tempo:
    """groove's curve of onsets without the weights."""
    return by_autocorrelation([onsets(piece, SR) for piece in pieces(y, SR)])


def by_activations(net: beatnet.BeatNet, y: Samples) -> Tempo:
    """BeatNet's activations in place of onsets."""
    curves = [net.activations(piece)[:, None] for piece in pieces(y, SR)]
    return by_autocorrelation([Onsets(curve, beatnet.FRAMES_PER_S) for curve in curves])


def by_path(net: beatnet.BeatNet, y: Samples) -> Tempo:
    """BeatNet's activations and the likeliest path of beats; the median of the pieces' tempos."""
    bpms = []
    for piece in pieces(y, SR):
        beats = beatnet.beat_paths(net.activations(piece)[None], beatnet.FRAMES_PER_S)[0]
        apart = np.diff(beats)
        if len(apart):
            near = apart[np.abs(apart / np.median(apart) - 1) < 0.12]
            bpms.append(60 * beatnet.FRAMES_PER_S / near.mean())
    return Tempo(float(np.median(bpms)) if bpms else None)


def ways_of(asked: argparse.Namespace) -> dict[str, Way]:
    """The ways that can be compared here."""
    ways: dict[str, Way] = {
        GROOVE: partial(find_tempo, sr=SR),
        "onsets, autocorrelation": by_onsets,
    }
    if asked.librosa:
        ways["librosa"] = by_librosa
    if asked.beatnet:
        net = beatnet.BeatNet(asked.beatnet)
        ways["BeatNet, autocorrelation"] = partial(by_activations, net)
        ways["BeatNet, state space"] = partial(by_path, net)
    return ways


def is_near(first: float | None, second: float | None, times: Sequence[float] = (1.0,)) -> bool:
    """Whether a tempo is within 4 % of another, or of so many times the other."""
    if not first or not second:
        return False
    return any(abs(first / (second * each) - 1) <= WITHIN for each in times)


def judge(drawn: Iterator[Plan], ways: dict[str, Way]) -> tuple[list[Judged], dict[str, float]]:
    """What each way says of each song, and its seconds of the processor per song."""
    judged, spent_s = [], dict.fromkeys(ways, 0.0)
    for plan in drawn:
        y, said = render(plan).y, {}
        for name, way in ways.items():
            start_s = time.process_time()
            said[name] = way(y)
            spent_s[name] += time.process_time() - start_s
        judged.append(Judged(plan, said))
    return judged, {name: total / len(judged) for name, total in spent_s.items()}


def share(hits: Sequence[bool]) -> str:
    """A share and its exact interval."""
    if not hits:
        return "-"
    found = exact_interval(sum(hits), len(hits))
    return f"{100 * found.value:.1f} % ({100 * found.low:.1f} to {100 * found.high:.1f})"


def print_ways(judged: Sequence[Judged], spent_s: dict[str, float]) -> None:
    """A row for each way."""
    beaten = [each for each in judged if each.plan.bpm]
    middle = [each for each in beaten if MIDDLE_BPM[0] <= (each.plan.bpm or 0) <= MIDDLE_BPM[1]]
    print(
        f"\n{len(beaten)} songs with a beat,"
        f" {len(middle)} of {MIDDLE_BPM[0]:.0f} to {MIDDLE_BPM[1]:.0f} beats a minute"
    )
    print(
        "| way | within 4 % | octaves allowed | the same, of 70 to 150 | | ms per song |\n"
        "|---|---|---|---|---|---|"
    )
    for name, each_s in spent_s.items():
        cells = [
            share([is_near(each.said[name].bpm, each.plan.bpm, times) for each in of])
            for of in (beaten, middle)
            for times in ((1.0,), OCTAVES)
        ]
        print(f"| {name} | {' | '.join(cells)} | {1000 * each_s:.1f} |")


def print_groove(judged: Sequence[Judged]) -> None:
    """What groove says for each kind, and whether its other fields are right."""
    kinds: dict[str, list[Judged]] = defaultdict(list)
    for each in judged:
        kinds[each.plan.kind].append(each)
    print("\n| kind | within 4 % | octaves allowed | no number | course |\n|---|---|---|---|---|")
    for kind, of in kinds.items():
        said = [each.said[GROOVE] for each in of]
        bpms = [(each.said[GROOVE].bpm, each.plan.bpm) for each in of]
        right, octaves = (sum(is_near(*pair, times) for pair in bpms) for times in ((1.0,), OCTAVES))
        courses = Counter(each.course for each in said if each.course)
        silent = sum(each.bpm is None for each in said)
        cells = (f"{right}/{len(of)}", f"{octaves}/{len(of)}") if of[0].plan.bpm else ("", "")
        text = ", ".join(f"{name} {n}" for name, n in courses.most_common())
        print(f"| {kind} | {' | '.join(cells)} | {silent}/{len(of)} | {text} |")
    numbered = [each for each in judged if each.said[GROOVE].bpm and each.plan.bpm]
    of_two = [
        any(is_near(bpm, each.plan.bpm) for bpm in (each.said[GROOVE].bpm, each.said[GROOVE].other_bpm))
        for each in numbered
    ]
    beatless = [each.said[GROOVE].bpm is None for each in judged if not each.plan.bpm]
    print(f"\nthe first or the second tempo is right, of songs with a number: {share(of_two)}")
    print(f"no number, of songs without a beat: {share(beatless)}")


def print_calibration(judged: Sequence[Judged]) -> None:
    """How often a confidence is right; a number for a song without a beat is wrong."""
    numbered = [each for each in judged if each.said[GROOVE].bpm]
    confidence = np.array([each.said[GROOVE].confidence for each in numbered])
    right = np.array([is_near(each.said[GROOVE].bpm, each.plan.bpm) for each in numbered])
    print_bins("right", confidence, right)


def print_bins(what: str, confidence: NDArray[np.float64], hit: NDArray[np.bool_]) -> None:
    """A row for each range of confidence, and how far they are off on average."""
    print(f"\n| confidence | songs | on average | {what} |\n|---|---|---|---|")
    off = 0.0
    for low, high in pairwise(BINS):
        inside = (confidence >= low) & ((confidence < high) | (high == 1))
        if inside.any():
            mean = confidence[inside].mean()
            off += inside.mean() * abs(mean - hit[inside].mean())
            print(
                f"| {low} to {high} | {inside.sum()} | {100 * mean:.0f} % | {share(hit[inside].tolist())} |"
            )
    print(f"off on average: {100 * off:.1f} %")


@dataclass(frozen=True)
class Heard:
    """An excerpt of music: what each way says of it, and of its halves."""

    genre: str
    said: dict[str, Tempo]
    halves: dict[str, tuple[Tempo, Tempo]]


def listen(music: Path, every: int, ways: dict[str, Way]) -> Iterator[Heard]:
    """Every so-manieth song that can be read and is long enough."""
    for path in islice(sorted(list_audio(music).files), 0, None, every):
        try:
            y = load(path, sr=SR)
        except GrooveError:
            continue
        if len(y) >= SHORTEST_S * SR:
            halves = y[: len(y) // 2], y[len(y) // 2 :]
            said = {name: way(y) for name, way in ways.items()}
            yield Heard(
                path.parent.name,
                said,
                {name: (way(halves[0]), way(halves[1])) for name, way in ways.items()},
            )


def print_music(heard: Sequence[Heard]) -> None:
    """How often the ways agree, where both have a number."""
    names = list(heard[0].said)
    print(f"\n{len(heard)} excerpts")
    print("| way | its halves agree | octaves allowed | names what groove names | octaves allowed |")
    print("|---|---|---|---|---|")
    for name in names:
        halves = [each.halves[name] for each in heard]
        mine = [(each.said[name], each.said[GROOVE]) for each in heard]
        cells = [_agreement(pairs, times) for pairs in (halves, mine) for times in ((1.0,), OCTAVES)]
        print(f"| {name} | {' | '.join(cells)} |")
    both = [
        each for each in heard if all(each.halves[GROOVE][i].bpm for i in (0, 1)) and each.said[GROOVE].bpm
    ]
    agree = np.array([is_near(each.halves[GROOVE][0].bpm, each.halves[GROOVE][1].bpm) for each in both])
    print_bins("halves agree", np.array([each.said[GROOVE].confidence for each in both]), agree)
    print("\n| genre | excerpts | no number | steady | drifting | changing |\n|---|---|---|---|---|---|")
    for genre in sorted({each.genre for each in heard}):
        said = [each.said[GROOVE] for each in heard if each.genre == genre]
        courses = Counter(each.course for each in said)
        counts = [courses[course] for course in (None, "steady", "drifting", "changing")]
        print(f"| {genre} | {len(said)} | {' | '.join(map(str, counts))} |")


def _agreement(pairs: Sequence[tuple[Tempo, Tempo]], times: Sequence[float]) -> str:
    known = [(first.bpm, second.bpm) for first, second in pairs if first.bpm and second.bpm]
    return f"{share([is_near(*pair, times) for pair in known])} of {len(known)}"


def main() -> None:
    """Print the tables."""
    parser = program(__doc__)
    parser.add_argument("--songs", metavar="N", type=int, default=210, help="rendered songs (210)")
    parser.add_argument("--seed", metavar="S", type=int, default=4, help="of the songs (4)")
    parser.add_argument("--messy", action="store_true", help="with a singer and noise")
    parser.add_argument("--librosa", action="store_true", help="librosa's tempo, too")
    parser.add_argument("--beatnet", metavar="FILE", type=Path, help="BeatNet's weights: two more ways")
    parser.add_argument("--music", metavar="MUSIC", type=Path, help="folder of music, too")
    parser.add_argument("--every", metavar="N", type=int, default=2, help="take every Nth song of it (2)")
    asked = parser.parse_args()
    ways = ways_of(asked)
    if asked.songs:
        judged, spent_s = judge(plans(asked.songs, asked.seed, messy=asked.messy), ways)
        print_ways(judged, spent_s)
        print_groove(judged)
        print_calibration(judged)
    if asked.music:
        print_music(list(listen(asked.music, asked.every, ways)))


if __name__ == "__main__":
    main()
