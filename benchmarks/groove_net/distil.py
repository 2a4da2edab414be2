"""Teach groove-net what four published taggers hear: one student, which one fold's artists don't teach.

    python benchmarks/groove_net/distil.py WORK STUDENT.safetensors --music MUSIC --teachers TEACHERS \\
        --table debian-music.csv --unpacked PACKAGES [--fold K]

Without --fold it learns from all songs, as what ships does. A student starts from EfficientAT's trunk and
learns, from crops of 10 s of pieces and of degraded copies:

- the teachers' embeddings, z-scored over what it may hear: half of the crop's, half of the piece's;
- the genres that a logistic regression on the teachers' embeddings names, which was fitted without the
  piece's artist, and on music of no known genre too;
- a little, the genres of the songs' folders.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from augment import augmented
from music import GENRES, Piece, folds, of_library, of_packages
from numpy.typing import NDArray
from safetensors.torch import save_file
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from teachers import give_trunk
from torch import Tensor, nn

from groovecli.features.catalog import FEATURES
from groovecli.models.groove_net import EMBEDDING_DIM, GrooveNet

TEACHERS = ("msd", "mtt", "eat", "fcn")
SHAPE = FEATURES["mel-96"].input_shape
N_FRAMES = SHAPE[2]
EPOCHS, BATCH, AN_EPOCH = 40, 64, 1600
RATE, WEIGHT_DECAY = 2e-3, 0.02
OF_FOLDERS, OF_PROBE, UNLABELLED = 0.1, 0.5, 0.6
"""Weights of the folders' genres and of the probe's in the loss; how often music of no genre is drawn."""
_CLEAN, _BALANCE, _DROPOUT = 0.35, 0.7, 0.1


@dataclass
class Heard:
    """What is to be learnt from one piece; `soft` is how likely each genre is to the probe."""

    piece: Piece
    mels: list[NDArray[np.float16]]
    said: dict[str, NDArray[np.float32]]
    label: int
    soft: NDArray[np.float32] | None = None

    @property
    def summary(self) -> NDArray[np.float32]:
        """Mean and spread of all that the teachers said."""
        parts = [self.said[name] for name in TEACHERS]
        return np.concatenate([p.mean(axis=0) for p in parts] + [p.std(axis=0) for p in parts])


def load(work: Path, pieces: list[Piece]) -> list[Heard]:
    """The pieces that `listen.py` has been through."""
    found = []
    for piece in pieces:
        path = work / f"{piece.key}.npz"
        if path.exists():
            with np.load(path) as file:
                mels = [file[f"v{n}"] for n in range(len(file.files)) if f"v{n}" in file.files]
                said = {name: file[name].astype(np.float32) for name in TEACHERS}
            label = GENRES.index(piece.genre) if piece.genre in GENRES else -1
            found.append(Heard(piece, mels, said, label))
    return found


def standardise(heard: list[Heard], over: list[Heard]) -> None:
    """z-score each teacher's numbers by what is heard in training."""
    for name in TEACHERS:
        said = np.concatenate([one.said[name] for one in over])
        mean, deviation = said.mean(axis=0), said.std(axis=0) + 1e-3
        for one in heard:
            one.said[name] = (one.said[name] - mean) / deviation


def probe() -> Pipeline:
    """What names genres by teachers' numbers; every genre counts the same."""
    return make_pipeline(
        StandardScaler(), LogisticRegression(C=0.003, class_weight="balanced", max_iter=1000)
    )


def soften(heard: list[Heard]) -> None:
    """What a probe on the teachers says of each piece; of a song, one that has not seen its artist."""
    labelled = [one for one in heard if one.label >= 0]
    vectors = np.stack([one.summary for one in labelled])
    labels = np.array([one.label for one in labelled])
    splitter = StratifiedGroupKFold(4, shuffle=True, random_state=1)
    for train, test in splitter.split(vectors, labels, [one.piece.artist for one in labelled]):
        shares = probe().fit(vectors[train], labels[train]).predict_proba(vectors[test])
        for number, row in zip(test, shares, strict=True):
            labelled[number].soft = row.astype(np.float32)
    whole = probe().fit(vectors, labels)
    for one in heard:
        if one.label < 0:
            one.soft = whole.predict_proba(one.summary[None])[0].astype(np.float32)


def crop(
    one: Heard, rng: np.random.Generator
) -> tuple[NDArray[np.float32], dict[str, NDArray[np.float32]]]:
    """10 s of a version of a piece, in dB, and what each teacher says there."""
    copies = one.mels[1:]
    mel = one.mels[0] if not copies or rng.random() < _CLEAN else copies[rng.integers(len(copies))]
    n = mel.shape[1]
    first = int(rng.integers(max(1, n - N_FRAMES + 1)))
    window = np.tile(mel, (1, 2))[:, first : first + N_FRAMES].astype(np.float32)
    said = {}
    for name, along in one.said.items():
        k = len(along)
        if name == "eat":  # windows as long as the crop
            here = along[round(first / max(1, n - N_FRAMES) * (k - 1))]
        else:
            low = int(first / n * k)
            here = along[low : max(low + 1, int(np.ceil((first + N_FRAMES) / n * k)))].mean(axis=0)
        said[name] = 0.5 * here + 0.5 * along.mean(axis=0)
    return window, said


class Student(nn.Module):
    """groove-net, and a linear layer to each teacher's numbers."""

    def __init__(self, teachers: Path, dims: dict[str, int]) -> None:
        super().__init__()
        self.network = GrooveNet((SHAPE,), len(GENRES), 0.3)
        self.network.keeps_statistics = False
        give_trunk(self.network.trunk, teachers / "efficientat_mn04_as.safetensors")
        self.network.embed[0].register_forward_hook(
            lambda layer, _, found: F.dropout(found, _DROPOUT, layer.training)
        )
        self.teachers = nn.ModuleDict({name: nn.Linear(EMBEDDING_DIM, dim) for name, dim in dims.items()})

    def forward(self, x: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """Logits of genres, and each teacher's numbers."""
        output = self.network(x.contiguous(memory_format=torch.channels_last))
        return output.logits, {name: layer(output.embedding) for name, layer in self.teachers.items()}


def learn(student: Student, heard: list[Heard], *, seed: int = 0, epochs: int = EPOCHS) -> None:
    """Teach a student in place."""
    rng = np.random.default_rng(seed)
    student = student.to(memory_format=torch.channels_last).train()
    counts = np.bincount([one.label for one in heard if one.label >= 0], minlength=len(GENRES))
    of_genre = torch.from_numpy((counts.mean() / counts) ** _BALANCE).float()
    drawn = np.array([1.0 if one.label >= 0 else UNLABELLED for one in heard])
    optimizer = torch.optim.AdamW(student.parameters(), RATE, weight_decay=WEIGHT_DECAY)
    n_steps = epochs * (AN_EPOCH // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=n_steps + 1, pct_start=0.1)
    started = time.monotonic()
    for epoch in range(epochs):
        order = rng.choice(len(heard), AN_EPOCH, p=drawn / drawn.sum(), replace=0.6 * len(heard) < AN_EPOCH)
        losses = []
        for batch in order.reshape(-1, BATCH):
            loss = _loss(student, [heard[i] for i in batch], of_genre, rng)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(student.parameters(), 5.0)
            optimizer.step()
            schedule.step()
            losses.append(loss.detach())
        spent = time.monotonic() - started
        print(f"epoch {epoch + 1}: loss {torch.stack(losses).mean():.3f}, {spent:.0f} s", flush=True)


def _loss(student: Student, batch: list[Heard], of_genre: Tensor, rng: np.random.Generator) -> Tensor:
    crops = [crop(one, rng) for one in batch]
    x = augmented(torch.from_numpy(np.stack([window for window, _ in crops])))
    labels = torch.tensor([one.label for one in batch])
    logits, answers = student(x[:, None])
    shares = logits.log_softmax(dim=1)
    of_teachers = torch.stack(
        [
            F.mse_loss(answers[name], torch.from_numpy(np.stack([said[name] for _, said in crops])))
            for name in TEACHERS
        ]
    ).mean()
    weights = torch.where(labels >= 0, of_genre[labels.clamp(min=0)], 0.0)
    right = shares[torch.arange(len(labels)), labels.clamp(min=0)]
    of_folders = -0.9 * (weights * right).sum() / weights.sum().clamp(min=1)
    soft = torch.from_numpy(np.stack([one.soft for one in batch]))
    return of_teachers + OF_FOLDERS * of_folders - OF_PROBE * (soft * shares).sum(dim=1).mean()


def main() -> None:
    """Teach one student."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("work", type=Path)
    parser.add_argument("student", type=Path)
    parser.add_argument("--music", type=Path, required=True)
    parser.add_argument("--teachers", type=Path, required=True)
    parser.add_argument("--table", type=Path, required=True)
    parser.add_argument("--unpacked", type=Path, required=True)
    parser.add_argument("--fold", type=int)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    songs = of_library(asked.music)
    fold = folds(songs)
    songs = [song for song in songs if asked.fold is None or fold[song.key] != asked.fold]
    heard = load(asked.work, songs + of_packages(asked.table, asked.unpacked, proxy=False))
    standardise(heard, heard)
    soften(heard)
    student = Student(asked.teachers, {name: heard[0].said[name].shape[1] for name in TEACHERS})
    learn(student, heard, epochs=asked.epochs)
    save_file(student.network.state_dict(), asked.student)


if __name__ == "__main__":
    main()
