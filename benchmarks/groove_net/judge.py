"""How right groove-net is about artists and sources that taught it nothing.

    python benchmarks/groove_net/judge.py WORK STUDENTS --music MUSIC --table debian-music.csv \\
        --unpacked PACKAGES

STUDENTS holds fold-0.safetensors to fold-4.safetensors of `distil.py`. Each song is judged by the student
that has heard nothing by its artist; the temperature of a fold is fitted on the songs of the others.
Beside it stand each teacher and all four: a class-balanced logistic regression on the mean and spread of
their embeddings, of the same folds. Neighbours and clusters are within each fold's songs, so that one
student made all vectors that are compared. The proxy are weakly labelled tracks of other packages.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from augment import unit
from distil import N_FRAMES, SHAPE, TEACHERS, Heard, load, probe, standardise
from music import GENRES, N_FOLDS, folds, of_library, of_packages
from numpy.typing import NDArray
from safetensors.torch import load_file
from scipy.special import softmax
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

from groovecli.confidence import expected_calibration_error, fit_temperature
from groovecli.models.catalog import model_spec
from groovecli.models.groove_net import GrooveNet
from groovecli.pooling import pooled_logits, pooled_vectors
from groovecli.spaces import neighbour_precision
from groovecli.training.metrics import confusion, scores

SPEC = model_spec("groove-net")
_N_WINDOWS = 4


@dataclass
class Said:
    """What students say of songs: logits, vectors, and what is true."""

    logits: NDArray[np.float64]
    vectors: NDArray[np.float64]
    labels: NDArray[np.int64]
    artists: NDArray[np.str_]
    fold: NDArray[np.int64]


def student(path: Path) -> GrooveNet:
    """A student that was taught."""
    network = GrooveNet((SHAPE,), len(GENRES), 0.0)
    network.load_state_dict(load_file(path))
    return network.eval()


@torch.inference_mode()
def listen(network: GrooveNet, one: Heard) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A song's logits and vector by four windows spread over it."""
    mel = np.tile(one.mels[0], (1, 2)) if one.mels[0].shape[1] < N_FRAMES else one.mels[0]
    starts = np.linspace(0, mel.shape[1] - N_FRAMES, _N_WINDOWS).astype(int)
    windows = np.stack([mel[:, start : start + N_FRAMES] for start in starts]).astype(np.float32)
    output = network(unit(torch.from_numpy(windows))[:, None])
    song = np.zeros(_N_WINDOWS, int)
    logits = output.logits.numpy()
    vector = pooled_vectors(output.embedding.numpy(), song, SPEC, logits)[0]
    return pooled_logits(logits, song, SPEC)[0], vector


def by_students(heard: list[Heard], fold: dict[str, int], students: list[GrooveNet]) -> Said:
    """Each song as the student says that heard nothing by its artist."""
    numbers = np.array([fold[one.piece.key] for one in heard])
    pairs = [listen(students[n], one) for n, one in zip(numbers, heard, strict=True)]
    logits, vectors = (np.stack(column) for column in zip(*pairs, strict=True))
    labels = np.array([one.label for one in heard])
    return Said(logits, vectors, labels, np.array([one.piece.artist for one in heard]), numbers)


def by_probe(heard: list[Heard], said: Said, teachers: tuple[str, ...]) -> tuple[NDArray, NDArray]:
    """Guesses of a probe on teachers' embeddings, and the mean embeddings."""
    means = np.stack([np.concatenate([one.said[t].mean(axis=0) for t in teachers]) for one in heard])
    spreads = np.stack([np.concatenate([one.said[t].std(axis=0) for t in teachers]) for one in heard])
    table = np.hstack([means, spreads])
    guess = np.zeros(len(heard), int)
    for n in range(N_FOLDS):
        fitted = probe().fit(table[said.fold != n], said.labels[said.fold != n])
        guess[said.fold == n] = fitted.predict(table[said.fold == n])
    return guess, means


def space(vectors: NDArray[np.float64], said: Said) -> tuple[float, float, float]:
    """Precision at 10 by other artists, NMI and ARI, each the mean over the folds' songs."""
    figures = []
    for n in range(N_FOLDS):
        here = said.fold == n
        own = vectors[here] / np.linalg.norm(vectors[here], axis=1, keepdims=True)
        labels = said.labels[here]
        precision, _ = neighbour_precision(own, labels.astype(str), said.artists[here])
        clusters = KMeans(len(GENRES), n_init=10, random_state=0).fit_predict(own)
        nmi = normalized_mutual_info_score(labels, clusters)
        figures.append((precision, nmi, adjusted_rand_score(labels, clusters), here.sum()))
    table = np.array(figures, float)
    return tuple(np.average(table[:, :3], axis=0, weights=table[:, 3]))


def calibrated(said: Said) -> NDArray[np.float64]:
    """Probabilities, each fold's with the temperature that fits the others."""
    shares = np.zeros_like(said.logits)
    for n in range(N_FOLDS):
        here = said.fold == n
        temperature = fit_temperature(said.logits[~here], said.labels[~here])
        shares[here] = softmax(said.logits[here] / temperature, axis=1)
    return shares


def row(name: str, guess: NDArray, said: Said, vectors: NDArray) -> None:
    """Print accuracy, macro-F1 and the space of one network."""
    songs = np.arange(len(guess)).astype(str)
    found = scores(said.labels, guess, songs, len(GENRES), seed=0)
    precision, nmi, ari = space(vectors, said)
    line = f"{name:12} {found.accuracy.value:.3f} ({found.accuracy.low:.3f}-{found.accuracy.high:.3f})"
    line += f"  F1 {found.macro_f1.value:.3f} ({found.macro_f1.low:.3f}-{found.macro_f1.high:.3f})"
    print(f"{line}  P@10 {precision:.3f}  NMI {nmi:.3f}  ARI {ari:.3f}", flush=True)


def main() -> None:
    """Judge five students."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("work", type=Path)
    parser.add_argument("students", type=Path)
    parser.add_argument("--music", type=Path, required=True)
    parser.add_argument("--table", type=Path, required=True)
    parser.add_argument("--unpacked", type=Path, required=True)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    songs = of_library(asked.music)
    fold = folds(songs)
    heard = [one for one in load(asked.work, songs) if one.label >= 0]
    standardise(heard, heard)
    students = [student(asked.students / f"fold-{n}.safetensors") for n in range(N_FOLDS)]
    said = by_students(heard, fold, students)
    row("groove-net", said.logits.argmax(axis=1), said, said.vectors)
    for teachers in (*((name,) for name in TEACHERS), TEACHERS):
        guess, vectors = by_probe(heard, said, teachers)
        row("+".join(teachers) if len(teachers) == 1 else "all four", guess, said, vectors)
    shares = calibrated(said)
    right = shares.argmax(axis=1) == said.labels
    print(f"expected calibration error {expected_calibration_error(shares.max(axis=1), right):.3f}")
    temperature = fit_temperature(said.logits, said.labels)
    print(f"temperature of what ships {temperature:.3f}")
    print(confusion(said.labels, shares.argmax(axis=1), len(GENRES)))
    proxy = [
        one
        for one in load(asked.work, of_packages(asked.table, asked.unpacked, proxy=True))
        if one.label >= 0
    ]
    of_proxy = np.mean([[listen(net, one)[0].argmax() == one.label for net in students] for one in proxy])
    print(f"proxy of other sources: {of_proxy:.3f} of {len(proxy)} pieces, mean over the students")
    (asked.students / "temperature.json").write_text(json.dumps(temperature))


if __name__ == "__main__":
    main()
