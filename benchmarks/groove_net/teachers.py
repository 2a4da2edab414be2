"""Published taggers, as their authors describe them, to be judged by; weights come as safetensors.

musicnn is groove's own module; here are FCN-5 (Won, Ferraro, Bogdanov & Serra, "Evaluation of CNN-based
Automatic Music Tagging Models", 2020) and EfficientAT's mn04 (Schmid, Koutini & Widmer, 2023).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from efficientat import trunk
from safetensors.torch import load_file
from torch import Tensor

from groovecli.networks.musicnn import MusiCNN, from_tensorflow

SR = 16000
_FCN_FRAMES = 1813  # 29 s
_EAT_SR, _EAT_FRAMES, _EAT_STEP = 32000, 1000, 250
_PATCH = 187


def power(y: Tensor, n_fft: int, hop_length: int, window: Tensor, pad_mode: str) -> Tensor:
    """Power spectrogram (bins, frames)."""
    n = len(window)
    spectrum = torch.stft(y, n_fft, hop_length, n, window, pad_mode=pad_mode, return_complex=True)
    return spectrum.abs() ** 2


class Musicnn:
    """200 numbers for each 3 s."""

    def __init__(self, path: Path, filters: Tensor) -> None:
        tensors = {name: tensor.numpy() for name, tensor in load_file(path).items()}
        self.network = MusiCNN(((96, _PATCH),), 0, 0.0).eval()
        self.network.load_state_dict(from_tensorflow(tensors))
        self.filters = filters

    def __call__(self, y: Tensor, _: Tensor) -> Tensor:
        """(patches, 200), of samples at 16 kHz."""
        mel = self.filters @ power(y, 512, 256, torch.hann_window(512), "constant")
        bands = torch.log10(10000 * mel + 1)
        patches = torch.stack(torch.split(bands, _PATCH, dim=1)[: bands.shape[1] // _PATCH])
        return torch.cat([self.network(part).embedding for part in torch.split(patches, 4)])


class Fcn:
    """64 numbers for 29 s at the start and at the end."""

    _POOLS = ((2, 4), (2, 4), (2, 4), (3, 5), (4, 4))

    def __init__(self, path: Path) -> None:
        self.w = load_file(path)

    def _norm(self, x: Tensor, name: str) -> Tensor:
        parts = ("running_mean", "running_var", "weight", "bias")
        mean, var, weight, bias = (self.w[f"{name}.{part}"] for part in parts)
        return F.batch_norm(x, mean, var, weight, bias)

    def __call__(self, y: Tensor, _: Tensor) -> Tensor:
        """(1 or 2, 64), of samples at 16 kHz."""
        filters = self.w["spec.mel_scale.fb"].T
        mel = filters @ power(y, 512, 256, self.w["spec.spectrogram.window"], "constant")
        image = 10 * torch.log10(mel.clamp(min=1e-10))
        image = image.repeat(1, -(-_FCN_FRAMES // image.shape[1]))
        starts = sorted({0, image.shape[1] - _FCN_FRAMES})
        x = torch.stack([image[:, start : start + _FCN_FRAMES] for start in starts])[:, None]
        x = self._norm(x, "spec_bn")
        for number, pool in enumerate(self._POOLS, 1):
            layer = f"layer{number}"
            x = F.conv2d(x, self.w[f"{layer}.conv.weight"], self.w[f"{layer}.conv.bias"], padding=1)
            x = F.max_pool2d(F.relu(self._norm(x, f"{layer}.bn")), pool)
        return x.flatten(1)


class EfficientAt:
    """384 numbers for each 10 s, 2.5 s apart."""

    def __init__(self, path: Path) -> None:
        self.trunk = trunk(path)
        self.filters = _kaldi_filters()

    def __call__(self, _: Tensor, y: Tensor) -> Tensor:
        """(windows, 384), of samples at 32 kHz."""
        y = y[1:] - 0.97 * y[:-1]
        mel = self.filters @ power(y, 1024, 320, torch.hann_window(800, periodic=False), "reflect")
        image = (torch.log(mel + 1e-5) + 4.5) / 5
        starts = range(0, image.shape[1] - _EAT_FRAMES + 1, _EAT_STEP)
        x = torch.stack([image[:, start : start + _EAT_FRAMES] for start in starts])[:, None]
        return torch.cat([self.trunk(part).mean(dim=(2, 3)) for part in torch.split(x, 4)])


def _kaldi_filters(n_bands: int = 128, n_fft: int = 1024, high: float = 15000.0) -> Tensor:
    """Triangles that are even in mel (bands, bins), the last bin left out, as Kaldi makes them."""
    mels = 1127 * np.log(1 + np.arange(n_fft // 2) * _EAT_SR / n_fft / 700)
    step = 1127 * np.log(1 + high / 700) / (n_bands + 1)
    left = np.arange(n_bands)[:, None] * step
    triangles = np.maximum(0, np.minimum((mels - left) / step, (left + 2 * step - mels) / step))
    return torch.from_numpy(np.pad(triangles, ((0, 0), (0, 1))).astype(np.float32))
