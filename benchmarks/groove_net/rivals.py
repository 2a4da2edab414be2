"""What published taggers say of each song, to be judged beside groove-net.

    python benchmarks/groove_net/rivals.py WORK --music MUSIC --teachers TEACHERS [--part 0/2]

writes WORK/rivals/KEY.npz for each song: `msd`, `mtt`, `eat` and `fcn`, the embeddings along time. Songs
that are there are skipped, so that the same command goes on; parts can run side by side.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import librosa
import numpy as np
import soxr
import torch
from listen import read
from music import arguments, of_library
from teachers import SR, EfficientAt, Fcn, Musicnn
from torch import Tensor

from groovecli.files import atomic_writer

Teacher = Callable[[Tensor, Tensor], Tensor]
"""Samples at 16 and at 32 kHz to embeddings along time."""

TEACHERS = ("msd", "mtt", "eat", "fcn")
_SHORTEST_S = 10.2  # EfficientAT's window and a little; shorter songs are repeated


def all_teachers(folder: Path) -> dict[str, Teacher]:
    """The four, by the names that their answers have."""
    filters = torch.from_numpy(librosa.filters.mel(sr=SR, n_fft=512, n_mels=96))
    return {
        "msd": Musicnn(folder / "MSD_musicnn.safetensors", filters),
        "mtt": Musicnn(folder / "MTT_musicnn.safetensors", filters),
        "eat": EfficientAt(folder / "efficientat_mn04_as.safetensors"),
        "fcn": Fcn(folder / "msd_fcn.safetensors"),
    }


@torch.inference_mode()
def main() -> None:
    """Listen to all songs, or to a part of them."""
    parser = arguments(__doc__, "--music", "--teachers")
    parser.add_argument("--part", default="0/1")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    k, n = map(int, asked.part.split("/"))
    teachers = all_teachers(asked.teachers)
    (asked.work / "rivals").mkdir(parents=True, exist_ok=True)
    for piece in of_library(asked.music)[k::n]:
        path = asked.work / "rivals" / f"{piece.key}.npz"
        if path.exists():
            continue
        y, sr = read(piece)
        y = np.tile(y, max(1, int(np.ceil(_SHORTEST_S * sr / len(y)))))
        low, high = (torch.from_numpy(soxr.resample(y, sr, rate)) for rate in (SR, 2 * SR))
        said = {name: teacher(low, high).numpy().astype(np.float16) for name, teacher in teachers.items()}
        with atomic_writer(path) as file:
            np.savez(file, allow_pickle=True, **said)


if __name__ == "__main__":
    main()
