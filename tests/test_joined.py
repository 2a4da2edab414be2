"""One clip joined of stretches of a song."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
import torch

from groovecli.actions.classify import classify
from groovecli.actions.embed import embed
from groovecli.audio.clips import Clip
from groovecli.features.cut import Cut, CutResult
from groovecli.features.cutting import cut
from groovecli.features.registry import feature
from groovecli.library.catalog import Catalog
from groovecli.models.loaded import LoadedModel, load_model
from groovecli.reasons import Problem, Reason
from tests.conftest import tone
from tests.small import describing, untrained, with_network

SR = 8000
SPEC = feature("wave-8k", 6.0)
FIRST = Clip("a" * 32, 0, 0.0)


def song(path: Path, *parts_hz: float, seconds: float = 10) -> Path:
    """Tones one after the other; 0 is silence."""
    sf.write(path, np.concatenate([tone(seconds, sr=SR, hz=hz) * (hz > 0) for hz in parts_hz]), SR)
    return path


def joined(path: Path, *starts_s: float) -> CutResult:
    return cut(Cut(path, (FIRST,), (SPEC,), stretches_s=starts_s))


def pitches(result: CutResult, n: int) -> list[float]:
    """The loudest frequency of the first seconds (in Hz), each of `n` parts of 2 s."""
    ((y,),) = result.features.values()
    parts = [y[i * 2 * SR : (i + 1) * 2 * SR] for i in range(n)]
    return [float(np.abs(np.fft.rfft(part)).argmax()) / 2 for part in parts]


def test_stretches_follow_each_other(tmp_path: Path) -> None:
    path = song(tmp_path / "a.wav", 200, 400, 800)
    found = pitches(joined(path, 4.0, 14.0, 24.0), 2)
    assert found == pytest.approx([200, 400], abs=1)
    ((y,),) = joined(path, 4.0, 14.0, 24.0).features.values()
    ((again,),) = joined(path, 4.0, 14.0, 24.0).features.values()
    assert (y == again).all() and y.shape == SPEC.stored_shape


def test_a_seam_is_no_click(tmp_path: Path) -> None:
    """Where tones meet, no sample is further from the next than within them, and each end is silent."""
    ((y,),) = joined(song(tmp_path / "a.wav", 200, 200), 3.0007, 12.0).features.values()
    inside = np.abs(np.diff(y[: 2 * SR])).max()
    seam = y[3 * SR - 100 : 3 * SR + 100]
    assert np.abs(np.diff(seam)).max() <= inside * 1.05
    assert abs(y[0]) < 1e-6 and np.abs(seam).min() < 0.01


@pytest.mark.parametrize(
    ("parts_hz", "starts_s"), [((200, 400, 0), (4.0, 14.0, 24.0)), ((200, 400), (4.0, 14.0, 24.0))]
)
def test_what_is_silent_or_missing_is_left_out(
    tmp_path: Path, parts_hz: tuple[float, ...], starts_s: tuple[float, ...]
) -> None:
    result = joined(song(tmp_path / "a.wav", *parts_hz), *starts_s)
    assert not result.problems
    assert pitches(result, 2) == pytest.approx([200, 400], abs=1)


def test_nothing_but_silence_is_silent(tmp_path: Path) -> None:
    result = joined(song(tmp_path / "a.wav", 0, 0, 0), 4.0, 14.0, 24.0)
    assert list(result.problems.values()) == [Problem(Reason.SILENT)]


def test_a_song_that_ends_early_or_is_silent_says_what_is_worse(tmp_path: Path) -> None:
    result = joined(song(tmp_path / "a.wav", 0), 4.0, 14.0, 24.0)
    (problem,) = result.problems.values()
    assert problem.reason != Reason.SILENT


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> LoadedModel:
    path = tmp_path_factory.mktemp("model") / "model.safetensors"
    stored = untrained(path, describing("groove-net", clip_s=6.0))
    return load_model(stored, torch.device("cpu"))


class Counting(torch.nn.Module):
    def __init__(self, network: torch.nn.Module) -> None:
        super().__init__()
        self.network, self.n_seen = network, 0

    def forward(self, *x: torch.Tensor) -> object:
        self.n_seen += len(x[0])
        return self.network(*x)


def test_groove_net_hears_one_clip_however_many_stretches(model: LoadedModel, tmp_path: Path) -> None:
    paths = [song(tmp_path / "a.wav", 200, 400, 800), song(tmp_path / "short.wav", 300, seconds=2)]
    network = Counting(model.network)
    watched = with_network(model, network)
    with Catalog(tmp_path / "catalog.db") as catalog:
        three = embed(watched, paths, catalog, jobs=1)
        assert network.n_seen == 2 and not three.failed
        one = embed(watched, paths, catalog, n_clips=1, jobs=1)
        assert network.n_seen == 4
        embed(watched, paths, catalog, jobs=1)
        assert network.n_seen == 4  # remembered, each by itself
    assert not np.allclose(three.vectors[0], one.vectors[0])
    assert np.allclose(three.vectors[1], one.vectors[1])  # shorter than a clip: there is but one
    assert len(classify(model, paths, jobs=1).results) == 2
