"""Fit the weights of `find_tempo` to songs of known tempo, and print them for tempo_weights.py.

    python benchmarks/fit_tempo.py [--share F]

The weights: 420 songs of seed 1, and 336 of seed 11 with a singer and noise; songs in rubato are left
out. A song's probability is that of all tempos within 3 % of its own, or of no beat; its weight is how
common its tempo is (log-normal around 115, half an octave), since tempos are drawn evenly. The confidence:
252 songs of seed 2 and 210 of seed 12. benchmarks/describe.py measures on others.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from groovecli.describe.onsets import onsets
from groovecli.describe.tempo import near, pieces
from groovecli.describe.tempo_evidence import evidence, likeness, tempos
from rendered import SR, Plan, plans, render
from songs import program

Array = NDArray[np.float64]

USUAL_BPM, SPREAD_OCTAVES = 115.0, 0.5
BEATLESS_WEIGHT = 0.6
RIDGE = 1.0
WITHIN, RIGHT_WITHIN = 0.03, 0.04


def seen(y: NDArray[np.float32], sr: int = SR) -> Array:
    """The mean evidence of a song's pieces [shape=(156, 36)]."""
    curves = [onsets(piece, sr) for piece in pieces(y, sr)]
    mean: Array = np.mean([evidence(curve, likeness(curve)) for curve in curves], axis=0)
    return mean


def with_prior(songs: Sequence[Array]) -> Array:
    """Evidence, octaves from the usual tempo, their square; a row for no beat [shape=(n, 157, 39)]."""
    n_tempos, n_kinds = songs[0].shape
    octaves = np.log2(tempos() / USUAL_BPM)
    x = np.zeros((len(songs), n_tempos + 1, n_kinds + 3))
    x[:, :-1, :n_kinds] = songs
    x[:, :-1, n_kinds], x[:, :-1, n_kinds + 1] = octaves, np.square(octaves)
    x[:, -1, -1] = 1
    return x


def right_rows(drawn: Sequence[Plan], within: float) -> NDArray[np.bool_]:
    """Which rows are right for each song [shape=(n, 157)]."""
    rows = np.zeros((len(drawn), len(tempos()) + 1), bool)
    for row, plan in zip(rows, drawn, strict=True):
        if plan.bpm is None:
            row[-1] = True
        else:
            row[:-1] = np.abs(tempos() / plan.bpm - 1) < within
    return rows


def usual(drawn: Sequence[Plan]) -> Array:
    """How much each song counts."""
    bpms = np.array([plan.bpm or USUAL_BPM for plan in drawn])
    common = np.exp(-0.5 * np.square(np.log2(bpms / USUAL_BPM) / SPREAD_OCTAVES))
    return np.where([plan.bpm is None for plan in drawn], BEATLESS_WEIGHT, common)


def fit(x: Array, is_right: NDArray[np.bool_], weights: Array) -> Array:
    """Weights of the columns of `x`: a conditional logit with a ridge."""
    weights = weights / weights.mean()

    def loss(w: Array) -> tuple[float, Array]:
        scores = x @ w
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        whole, right = odds.sum(axis=1), (odds * is_right).sum(axis=1)
        surplus = odds / whole[:, None] - odds * is_right / right[:, None]
        slope = np.einsum("ng,ngf->f", surplus * weights[:, None], x) + RIDGE * w
        return float(-(weights * np.log(right / whole)).sum() + RIDGE / 2 * (w @ w)), slope

    found: Array = minimize(
        loss, np.zeros(x.shape[2]), jac=True, method="L-BFGS-B", options={"maxiter": 500}
    ).x
    return found


def fit_confidence(x: Array, w: Array, drawn: Sequence[Plan]) -> Array:
    """Intercept and slope of a logistic curve from a tempo's probability to how often it is right."""
    logits, hits, weights = [], [], []
    for rows, plan, weight in zip(x, drawn, usual(drawn), strict=True):
        if plan.bpm is None:
            continue
        odds = np.exp(rows[:-1] @ w)
        around = near(odds / odds.sum())
        chance = float(np.clip(around.max(), 1e-6, 1 - 1e-6))
        logits.append(np.log(chance / (1 - chance)))
        hits.append(abs(tempos()[around.argmax()] / plan.bpm - 1) <= RIGHT_WITHIN)
        weights.append(weight)
    at, hit, counts = np.array(logits), np.array(hits), np.array(weights)

    def loss(ab: Array) -> float:
        z = ab[0] + ab[1] * at
        return float((counts * np.logaddexp(0, np.where(hit, -z, z))).sum())

    found: Array = minimize(loss, np.array([0.0, 1.0]), method="Nelder-Mead").x
    return found


def module(w: Array, confidence: Array) -> str:
    """The text of tempo_weights.py."""
    n = 12
    rows = [", ".join(f"{value:.3f}" for value in w[i : i + n]) for i in range(0, 3 * n, n)]
    parts = ("all bands", "low bands", "high bands")
    lines = [f"    *({row}),  # {part}" for row, part in zip(rows, parts, strict=True)]
    prior = ", ".join(f"{value:.3f}" for value in w[3 * n :])
    return "\n".join(
        [
            f"TEMPO = ({prior})",
            "EVIDENCE = (",
            *lines,
            ")",
            f"CONFIDENCE = ({confidence[0]:.3f}, {confidence[1]:.3f})",
        ]
    )


def fitted(train: Iterable[tuple[Plan, Array]], held_out: Iterable[tuple[Plan, Array]]) -> str:
    """Fit weights, then the confidence, to songs' plans and evidence."""
    used = [(plan, each) for plan, each in train if plan.kind != "rubato"]
    drawn = [plan for plan, _ in used]
    w = fit(with_prior([each for _, each in used]), right_rows(drawn, WITHIN), usual(drawn))
    others = list(held_out)
    x = with_prior([each for _, each in others])
    return module(w, fit_confidence(x, w, [plan for plan, _ in others]))


def main() -> None:
    """Print the module."""
    parser = program(__doc__)
    parser.add_argument("--share", metavar="F", type=float, default=1.0, help="of the songs (1)")
    share = parser.parse_args().share

    def heard(n_clean: int, clean: int, n_messy: int, messy: int) -> Iterable[tuple[Plan, Array]]:
        drawn = chain(plans(int(share * n_clean), clean), plans(int(share * n_messy), messy, messy=True))
        return ((plan, seen(render(plan).y)) for plan in drawn)

    start_s = time.process_time()
    print(fitted(heard(420, 1, 336, 11), heard(252, 2, 210, 12)))
    print(f"# in {time.process_time() - start_s:.1f} s")


if __name__ == "__main__":
    main()
