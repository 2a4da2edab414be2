"""How loud a song is, by EBU R128: from the energies of its tenths of a second.

ITU-R BS.1770-5 filters each channel (K-weighting), takes the mean square of blocks of 0.4 s that begin
every 0.1 s, and leaves out blocks that are silent or 10 LU below the rest. Here a tenth of a second is
weighted by its spectrum instead of by the two recursive filters: that takes less than half of the time, and
needs nothing of what came before.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from groovecli.audio.decoders.decoder import Block
from groovecli.describe.description import Loudness
from groovecli.describe.true_peak import true_peak

STEP_S = 0.1
"""How long a tenth is: the step from one block to the next (in seconds)."""

_BLOCK = 4  # tenths: 0.4 s, for the integrated loudness
_SHORT = 30  # 3 s, for the loudness range (EBU Tech 3342)
_OFFSET = -0.691  # dB; a sine of 997 Hz at full scale in one channel is -3.01 LUFS
_SILENT = -70.0  # LUFS; quieter blocks never count
_BELOW = 10.0  # LU below the mean, from which a block does not count for the loudness
_RANGE_BELOW = 20.0  # and for the range
_QUIETEST, _LOUDEST = 0.10, 0.95  # of the blocks, between which the range lies

_SURROUND = 10 ** (1.5 / 10)  # BS.1770: 1.41
_BESIDE = frozenset({"BL", "BR", "BC", "SL", "SR", "SDL", "SDR", "TBL", "TBC", "TBR", "TSL", "TSR"})
_LOW = frozenset({"LFE", "LFE2"})


def channel_weights(channels: Sequence[str]) -> NDArray[np.float64]:
    """What each channel counts: more at the sides and behind, nothing of an effects channel.

    Parameters
    ----------
    channels : sequence of str
        FFmpeg's names, such as "FL" and "LFE".
    """
    return np.array([0.0 if name in _LOW else _SURROUND if name in _BESIDE else 1.0 for name in channels])


def k_weights(sr: int, n_fft: int) -> NDArray[np.float64]:
    """What K-weighting does to the power of each frequency of a real FFT [shape=(n_fft // 2 + 1,)].

    The two filters of BS.1770 at any sample rate, by the bilinear transform of their analogue ones.
    """
    z = np.exp(-2j * np.pi * np.arange(n_fft // 2 + 1) / n_fft)
    shelf = _response(z, *_shelf(sr))
    high_pass = _response(z, *_high_pass(sr))
    return np.asarray(np.abs(shelf * high_pass) ** 2)


def _shelf(sr: int) -> tuple[list[float], list[float]]:
    """The head's effect: 4 dB more above 1.7 kHz."""
    k, q = np.tan(np.pi * 1681.974450955533 / sr), 0.7071752369554196
    high = 10 ** (3.999843853973347 / 20)
    middle = high**0.4996667741545416
    b = [high + middle * k / q + k * k, 2 * (k * k - high), high - middle * k / q + k * k]
    return b, [1 + k / q + k * k, 2 * (k * k - 1), 1 - k / q + k * k]


def _high_pass(sr: int) -> tuple[list[float], list[float]]:
    """Less of what is below 38 Hz; its zeros aren't scaled, as in the standard's table."""
    k, q = np.tan(np.pi * 38.13547087602444 / sr), 0.5003270373238773
    a0 = 1 + k / q + k * k
    return [1.0, -2.0, 1.0], [1.0, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0]


def _response(z: NDArray[np.complex128], b: list[float], a: list[float]) -> NDArray[np.complex128]:
    return (b[0] + b[1] * z + b[2] * z * z) / (a[0] + a[1] * z + a[2] * z * z)


class Meter:
    """Sound of any length to its loudness; memory holds one number a tenth of a second.

    Rate and channels may change on the way, as in a file that was joined of two.
    """

    def __init__(self) -> None:
        self._powers: list[NDArray[np.float64]] = []  # K-weighted mean squares of tenths
        self._left: NDArray[np.float32] | None = None  # less than a tenth
        self._kind: tuple[int, tuple[str, ...]] = (0, ())
        self._peak = 0.0

    def add(self, block: Block) -> None:
        """Measure what comes next."""
        x, sr, channels = block.x, block.sr, block.channels
        self._peak = true_peak(x, sr, self._peak)
        if (sr, channels) != self._kind:
            self._kind, self._left = (sr, channels), None
        if self._left is not None:
            x = np.concatenate([self._left, x], axis=1)
        n_fft = max(1, round(sr * STEP_S))
        n_tenths = x.shape[1] // n_fft
        if n_tenths:
            self._powers.append(_tenths(x[:, : n_tenths * n_fft], sr, n_fft, channel_weights(channels)))
        self._left = x[:, n_tenths * n_fft :]

    def loudness(self) -> Loudness:
        """What was measured; without numbers where all is silent, or shorter than a block."""
        powers = np.concatenate([np.zeros(0), *self._powers])
        integrated = integrated_lufs(powers)
        peak = float(20 * np.log10(self._peak)) if self._peak and integrated is not None else None
        return Loudness(integrated, range_lu(powers), peak)


def _tenths(
    x: NDArray[np.float32], sr: int, n_fft: int, weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """K-weighted mean square of each tenth [shape=(n,)], by Parseval's theorem."""
    spectra = fft.rfft(x.reshape(len(x), -1, n_fft)).view(np.float32)
    np.square(spectra, out=spectra)
    powers = spectra @ _per_part(sr, n_fft)
    return np.asarray(weights @ powers.astype(np.float64))


@lru_cache(maxsize=8)
def _per_part(sr: int, n_fft: int) -> NDArray[np.float32]:
    """What the square of each real and imaginary part of a spectrum adds to the mean square."""
    bins = k_weights(sr, n_fft) * (2 / n_fft**2)  # but for 0 Hz, which counts nothing, each stands for two
    if n_fft % 2 == 0:
        bins[-1] /= 2
    return np.repeat(bins, 2).astype(np.float32)


def integrated_lufs(powers: NDArray[np.float64]) -> float | None:
    """Loudness of K-weighted mean squares of tenths (in LUFS); None where no block counts.

    Source: ITU-R BS.1770-5, annex 1.
    """
    blocks = _moving(powers, _BLOCK)
    blocks = blocks[blocks > _power(_SILENT)]
    if not len(blocks):
        return None
    return _lufs(float(blocks[blocks > 10 ** (-_BELOW / 10) * blocks.mean()].mean()))


def range_lu(powers: NDArray[np.float64]) -> float | None:
    """Loudness range of K-weighted mean squares of tenths (in LU); None of less than 3 s that sound.

    Source: EBU Tech 3342.
    """
    blocks = _moving(powers, _SHORT)
    blocks = blocks[blocks > _power(_SILENT)]
    if not len(blocks):
        return None
    blocks = blocks[blocks > 10 ** (-_RANGE_BELOW / 10) * blocks.mean()]
    low, high = np.quantile(blocks, [_QUIETEST, _LOUDEST])
    return _lufs(float(high)) - _lufs(float(low))


def _moving(powers: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    """The mean of each n neighbours."""
    if len(powers) < n:
        return np.zeros(0)
    sums = np.concatenate([[0.0], np.cumsum(powers)])
    return np.asarray((sums[n:] - sums[:-n]) / n)


def _power(lufs: float) -> float:
    return float(10 ** ((lufs - _OFFSET) / 10))


def _lufs(power: float) -> float:
    return float(_OFFSET + 10 * np.log10(power))
