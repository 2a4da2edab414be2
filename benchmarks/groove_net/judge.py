"""How right groove-net is about artists and sources that taught it nothing.

    python benchmarks/groove_net/judge.py WORK STUDENTS --music MUSIC --teachers TEACHERS \\
        --table debian-music.csv --unpacked PACKAGES [--autoencoder] [--mfcc] [--strange FOLDER]

STUDENTS holds what `fit.py` wrote. Each song is judged by the student that was fitted to nothing by its
artist, with that student's own temperature. Beside it stand each published tagger and all four: a
class-balanced logistic regression on the mean and spread of their embeddings, of the same folds. Neighbours
and clusters are within each fold's songs, so that one student made all vectors that are compared. So
are copies: how many are right, how many of the songs that were named with a confidence of at least 0.5
keep their genre, and how many are nearest to their own song. The taggers are left out where `rivals.py`
was not run.
`--autoencoder` asks the conv-autoencoder in groove's home, trained there without genres. The proxy are
weakly labelled tracks of packages. `--mfcc` adds a support vector machine on MFCC statistics.
`--strange FOLDER` is for files without music: it tells which of them are unlike all training songs.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from listen import COPIES, finds, network_of, whole
from music import GENRES, N_FOLDS, Piece, arguments, folds, of_library, of_packages
from numpy.typing import NDArray
from rivals import TEACHERS
from safetensors.torch import load_file
from scipy.spatial.distance import cdist
from scipy.special import softmax
from sklearn.cluster import KMeans
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from groovecli.actions.context import Context
from groovecli.evaluation.calibration import expected_calibration_error
from groovecli.evaluation.metrics import confusion, scores
from groovecli.evaluation.neighbours import neighbour_precision
from groovecli.library.scan import scan
from groovecli.models.familiarity import familiar_with
from groovecli.models.listen import over
from groovecli.models.pooling import pooled_logits, pooled_vectors
from groovecli.models.results import CLIPS_PER_SONG, SongAnswers
from groovecli.monitor import SILENT
from groovecli.networks.groove_net import GrooveNet
from groovecli.networks.registry import model_spec

sys.path.append(str(Path(__file__).parents[1]))
from learners import fit_svm, mfccs

SPEC = model_spec("groove-net")
_SURE = 0.5


@dataclass
class Said:
    """What students say of songs: logits, vectors, and what is true."""

    logits: NDArray[np.float64]
    vectors: NDArray[np.float64]
    labels: NDArray[np.int64]
    artists: NDArray[np.str_]
    fold: NDArray[np.int64]


def student(path: Path, teachers: Path) -> GrooveNet:
    """groove-net as it was fitted."""
    network = network_of(teachers)
    network.load_state_dict(load_file(path))
    return network


@torch.inference_mode()
def listen(
    network: GrooveNet, found: NDArray[np.float32]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Songs' logits and vectors, by what the layers find in them."""
    embedding = network.embed(network.standard(torch.from_numpy(found).float()))
    logits = network.genres(embedding).numpy()
    songs = np.arange(len(found))
    return pooled_logits(logits, songs, SPEC), pooled_vectors(embedding.numpy(), songs, SPEC, logits)


def found_in(work: Path, piece: Piece) -> NDArray[np.float32]:
    """What the layers find in a piece as groove hears it, and in its copies."""
    found: NDArray[np.float32] = np.load(work / "found" / f"{piece.key}.npy")
    return found


def by_students(
    work: Path, pieces: list[Piece], fold: dict[str, int], students: list[GrooveNet], copy: int = 0
) -> Said:
    """Each song, or a copy of it, as the student says that heard nothing by its artist."""
    numbers = np.array([fold[piece.key] for piece in pieces])
    found = np.stack([found_in(work, piece)[copy] for piece in pieces])
    said = [listen(one, found) for one in students]
    songs = np.arange(len(pieces))
    logits, vectors = (np.stack(parts)[numbers, songs] for parts in zip(*said, strict=True))
    labels = np.array([GENRES.index(piece.genre) for piece in pieces])
    return Said(logits, vectors, labels, np.array([piece.artist for piece in pieces]), numbers)


def against(said: Said, copies: Said) -> str:
    """How copies of songs do beside these."""
    shares, guess = softmax(said.logits, axis=1), copies.logits.argmax(axis=1)
    sure = shares.max(axis=1) >= _SURE
    kept = (guess == shares.argmax(axis=1))[sure]
    near = [
        cdist(copies.vectors[here], said.vectors[here], SPEC.similarity).argmin(axis=1)
        == np.arange(here.sum())
        for here in (said.fold == n for n in range(N_FOLDS))
    ]
    right = (guess == said.labels).mean()
    itself = f"{np.concatenate(near).mean():.3f} nearest to themselves"
    return f"{right:.3f} right, {kept.mean():.3f} of {sure.sum()} sure ones kept, {itself}"


def by_probe(
    work: Path, pieces: list[Piece], said: Said, teachers: tuple[str, ...]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Guesses of a probe on teachers' embeddings, and the standardised means."""
    files = [np.load(work / "rivals" / f"{piece.key}.npz") for piece in pieces]
    along = [[file[name].astype(float) for name in teachers] for file in files]
    means = np.stack([np.concatenate([t.mean(axis=0) for t in some]) for some in along])
    spreads = np.stack([np.concatenate([t.std(axis=0) for t in some]) for some in along])
    table = np.hstack([means, spreads])
    guess = np.zeros(len(pieces), int)
    for n in range(N_FOLDS):
        probe = make_pipeline(
            StandardScaler(), LogisticRegression(C=0.003, class_weight="balanced", max_iter=1000)
        )
        fitted = probe.fit(table[said.fold != n], said.labels[said.fold != n])
        guess[said.fold == n] = fitted.predict(table[said.fold == n])
    return guess, StandardScaler().fit_transform(means)


def by_mfcc(pieces: list[Piece], said: Said) -> tuple[NDArray[np.int64], Said, NDArray[np.float64]]:
    """Guesses of a support vector machine on MFCC statistics, and these."""
    table = np.stack([mfccs(piece.path) for piece in pieces])
    guess = np.zeros(len(pieces), int)
    for n in range(N_FOLDS):
        fitted = fit_svm(table[said.fold != n], said.labels[said.fold != n])
        guess[said.fold == n] = fitted.predict(table[said.fold == n])
    return guess, said, StandardScaler().fit_transform(table)


def by_autoencoder(pieces: list[Piece]) -> NDArray[np.float64]:
    """The vectors of the conv-autoencoder in groove's home."""
    model = Context(device="cpu").load("conv-autoencoder")
    tracks = scan([piece.path for piece in pieces], jobs=1).tracks
    said = over(model, tracks, CLIPS_PER_SONG, jobs=2, stage="embed", monitor=SILENT)
    vectors = {track.id: answer.embedding for track, answer in said if isinstance(answer, SongAnswers)}
    return np.stack([vectors[piece.key] for piece in pieces]).astype(float)


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


def row(name: str, guess: NDArray[np.int64], said: Said, vectors: NDArray[np.float64]) -> None:
    """Print accuracy, macro-F1 and the space of one network."""
    songs = np.arange(len(guess)).astype(str)
    found = scores(said.labels, guess, songs, len(GENRES), seed=0)
    precision, nmi, ari = space(vectors, said)
    line = f"{name:12} {found.accuracy.value:.3f} ({found.accuracy.low:.3f}-{found.accuracy.high:.3f})"
    line += f"  F1 {found.macro_f1.value:.3f} ({found.macro_f1.low:.3f}-{found.macro_f1.high:.3f})"
    print(f"{line}  P@10 {precision:.3f}  NMI {nmi:.3f}  ARI {ari:.3f}", flush=True)


def strange(
    work: Path, pieces: list[Piece], said: Said, students: list[GrooveNet], other: Path | None
) -> str:
    """How many songs, copies of them and other files are like nothing that a student was fitted to.

    Each song is asked of the student that was fitted to nothing by its artist.
    """
    found = np.stack([found_in(work, piece) for piece in pieces])
    rows = {"songs": 0, "15 s": 1 + COPIES.index("15 s"), "degraded": 1 + COPIES.index("degraded")}
    counts = dict.fromkeys((*rows, "other files"), 0)
    paths = sorted(path for path in other.iterdir() if path.is_file()) if other else []
    others = [found_in_file(path, students[0]) for path in paths]
    for n, one in enumerate(students):
        known = familiar_with(embedded(one, found[said.fold != n, 0]))
        assert known is not None
        for name, row_of in rows.items():
            counts[name] += int((~known.knows(embedded(one, found[said.fold == n, row_of]))).sum())
        counts["other files"] += sum(int((~known.knows(embedded(one, found))).sum()) for found in others)
    each = ", ".join(f"{name} {count}" for name, count in counts.items())
    return (
        f"unlike anything learnt: {each} of {len(pieces)} songs and {len(students)} x {len(others)} files"
    )


def embedded(network: GrooveNet, found: NDArray[np.float32]) -> NDArray[np.float64]:
    """Songs' numbers, without their genres."""
    dim = SPEC.embedding_dim
    return listen(network, found)[1][:, :dim]


@torch.inference_mode()
def found_in_file(path: Path, network: GrooveNet) -> NDArray[np.float32]:
    """What the layers, which all students share, find in a file."""
    return finds(network, [whole(Piece("0" * 32, path, "", ""))])


def of_proxy(students: list[GrooveNet], found: NDArray[np.float32], proxy: list[Piece]) -> str:
    """How many tracks of other sources are right, and the mean of that over their genres."""
    labels = np.array([GENRES.index(piece.genre) for piece in proxy])
    right = np.mean([listen(one, found)[0].argmax(axis=1) == labels for one in students], axis=0)
    of_genres = [right[labels == n] for n in np.unique(labels)]
    names = [GENRES[n] for n in np.unique(labels)]
    each = ", ".join(
        f"{name} {some.mean():.3f} of {len(some)}" for name, some in zip(names, of_genres, strict=True)
    )
    mean = np.mean([some.mean() for some in of_genres])
    return f"proxy of other sources: {right.mean():.3f} of {len(proxy)}, mean of genres {mean:.3f} ({each})"


def main() -> None:
    """Judge five students."""
    parser = arguments(__doc__, "students", "--music", "--teachers", "--table", "--unpacked")
    parser.add_argument("--autoencoder", action="store_true")
    parser.add_argument("--mfcc", action="store_true")
    parser.add_argument("--strange", type=Path)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    pieces = of_library(asked.music)
    fold = folds(pieces)
    songs = [piece for piece in pieces if piece.genre in GENRES]
    students = [student(asked.students / f"fold-{n}.safetensors", asked.teachers) for n in range(N_FOLDS)]
    said = by_students(asked.work, songs, fold, students)
    row("groove-net", said.logits.argmax(axis=1), said, said.vectors)
    for n in range(N_FOLDS):
        here = said.fold == n
        print(f"  fold {n}: {(said.logits.argmax(axis=1) == said.labels)[here].mean():.3f} of {here.sum()}")
    for copy in dict.fromkeys(COPIES):
        copies = by_students(asked.work, songs, fold, students, 1 + COPIES.index(copy))
        print(f"  {copy}: {against(said, copies)}")
    rivals = (*((name,) for name in TEACHERS), TEACHERS) if (asked.work / "rivals").exists() else ()
    for teachers in rivals:
        guess, vectors = by_probe(asked.work, songs, said, teachers)
        row("+".join(teachers) if len(teachers) == 1 else "all four", guess, said, vectors)
    if asked.mfcc:
        row("MFCC + SVM", *by_mfcc(songs, said))
    if asked.autoencoder:
        precision, nmi, ari = space(by_autoencoder(songs), said)
        print(f"conv-autoencoder P@10 {precision:.3f}  NMI {nmi:.3f}  ARI {ari:.3f}")
    shares = softmax(said.logits, axis=1)
    right = shares.argmax(axis=1) == said.labels
    print(f"expected calibration error {expected_calibration_error(shares.max(axis=1), right):.3f}")
    print(confusion(said.labels, shares.argmax(axis=1), len(GENRES)))
    print(strange(asked.work, songs, said, students, asked.strange))
    heard = asked.work / "found"
    proxy = [p for p in of_packages(asked.table, asked.unpacked) if (heard / f"{p.key}.npy").exists()]
    print(of_proxy(students, np.stack([found_in(asked.work, one)[0] for one in proxy]), proxy))


if __name__ == "__main__":
    main()
