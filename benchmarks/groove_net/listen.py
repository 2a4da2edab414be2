"""What the teachers hear in each piece, and the mel bands that a student will hear, in several versions.

    python benchmarks/groove_net/listen.py WORK --music MUSIC --teachers TEACHERS \\
        --table debian-music.csv --unpacked PACKAGES [--part 0/2]

writes WORK/KEY.npz for each piece: `msd`, `mtt`, `eat` and `fcn`, the teachers' embeddings along time,
and `v0`, `v1`, ..., log-mel bands (in dB) of the piece as it is and of degraded copies. Pieces that are
there are skipped, so that the same command goes on; parts can run side by side.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import librosa
import numpy as np
import soundfile as sf
import soxr
import torch
from degrade import Samples, degraded
from music import Piece, of_library, of_packages
from numpy.typing import NDArray
from teachers import SR, EfficientAt, Fcn, Musicnn

from groovecli.features.catalog import FEATURES
from groovecli.features.mel import mel_filters, power_frames
from groovecli.features.spec import ImageSpec
from groovecli.store import atomic_writer, sha256_hex

SPEC = FEATURES["mel-96"]
_SHORTEST_S = 10.2  # a window and a little; shorter pieces are repeated
_N_COPIES = 3
_WORKING_SR = 24000


def log_mel(y: Samples) -> NDArray[np.float16]:
    """Mel bands in dB (bands, frames) at 16 kHz, not yet relative to anything."""
    assert isinstance(SPEC, ImageSpec)
    power = power_frames(y, SPEC.n_fft, SPEC.hop_length, centred=True)
    mel = mel_filters(SPEC.sr, SPEC.n_fft, SPEC.n_bands) @ power.T
    return (10 * np.log10(np.maximum(mel, 1e-10))).astype(np.float16)


def read(piece: Piece) -> tuple[Samples, int]:
    """A piece's samples, mono, at its file's rate."""
    sr = sf.info(piece.path).samplerate
    first, n = int(piece.start_s * sr), int(piece.length_s * sr)
    y, _ = sf.read(piece.path, start=first, frames=n, dtype="float32", always_2d=True)
    y = np.ascontiguousarray((y[:, 0] + y[:, -1]) / 2)
    return np.tile(y, max(1, int(np.ceil(_SHORTEST_S * sr / max(len(y), 1))))), sr


def heard(piece: Piece, teachers: dict[str, object]) -> dict[str, NDArray[np.float16]]:
    """All that is to be learnt from a piece."""
    y, sr = read(piece)
    low, high = (torch.from_numpy(soxr.resample(y, sr, rate)) for rate in (SR, 2 * SR))
    found = {name: teacher(low, high).numpy().astype(np.float16) for name, teacher in teachers.items()}
    found["v0"] = log_mel(low.numpy())
    rng = np.random.default_rng(int(sha256_hex(piece.key.encode(), 8), 16))
    if sr > _WORKING_SR:
        y, sr = soxr.resample(y, sr, _WORKING_SR), _WORKING_SR
    for number in range(1, _N_COPIES + 1):
        copy, rate = degraded(y, sr, rng)
        found[f"v{number}"] = log_mel(soxr.resample(copy, rate, SR).astype(np.float32))
    return found


def all_teachers(folder: Path) -> dict[str, object]:
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
    """Listen to all pieces, or to a part of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("work", type=Path)
    parser.add_argument("--music", type=Path, required=True)
    parser.add_argument("--teachers", type=Path, required=True)
    parser.add_argument("--table", type=Path, required=True)
    parser.add_argument("--unpacked", type=Path, required=True)
    parser.add_argument("--part", default="0/1")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    k, n = map(int, asked.part.split("/"))
    pieces = of_library(asked.music)
    for proxy in (False, True):
        pieces += of_packages(asked.table, asked.unpacked, proxy=proxy)
    teachers = all_teachers(asked.teachers)
    for number, piece in enumerate(pieces[k::n]):
        path = asked.work / f"{piece.key}.npz"
        if path.exists():
            continue
        try:
            found = heard(piece, teachers)
        except (sf.LibsndfileError, RuntimeError) as error:
            print(f"{piece.path}: {error}")
            continue
        with atomic_writer(path) as file:
            np.savez(file, **found)
        if number % 50 == 0:
            print(f"{number} of {len(pieces[k::n])}", flush=True)


if __name__ == "__main__":
    main()
