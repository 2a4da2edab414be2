"""Batches for training: their order, whole on a device, and read ahead."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils.data import DataLoader

from groovecli.datasets import resident, sources
from groovecli.datasets.resident import Resident, fits
from groovecli.datasets.sources import Source, item_batches, source_of
from groovecli.datasets.streamed import Streamed
from groovecli.datasets.windows import Batch, WindowDataset
from groovecli.errors import DatasetError
from groovecli.training.batches import Batches, first
from tests.test_training import HYPER, Windows, same, trainer, weights

CPU = torch.device("cpu")


class Numbered:
    """Items of two features that tell their number, as many times as there are threads to ask for it."""

    def __init__(self, n: int, broken: int | None = None) -> None:
        self.labels = np.arange(n) + 1000
        self.broken, self.asked, self.threads = broken, 0, set[int]()

    def __len__(self) -> int:
        return len(self.labels)

    def __getitems__(self, chosen: Sequence[int]) -> Batch:
        self.asked += 1
        self.threads.add(threading.get_ident())
        items = np.asarray(chosen)
        if self.broken in items.tolist():
            raise DatasetError("a chunk is damaged", "ingest again")
        image = torch.from_numpy(items.astype(np.uint8)).reshape(-1, 1, 1).repeat(1, 2, 3)
        return (image, torch.from_numpy(items.astype(np.float32))[:, None]), torch.from_numpy(
            self.labels[items]
        )


def all_sources(data: Any) -> list[Source]:
    return [Resident(data, CPU), Streamed(data, CPU), Streamed(data, CPU, 3)]


@given(
    n=st.integers(1, 50),
    size=st.integers(1, 20),
    seed=st.none() | st.integers(0, 9),
    ordered=st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_batches_are_those_of_torchs_loader(n: int, size: int, seed: int | None, ordered: bool) -> None:
    """And random numbers after them, such as dropout's, are the same."""
    order = np.random.default_rng(n).integers(0, n, 2 * n) if ordered else None
    generator = None if seed is None or ordered else torch.Generator().manual_seed(seed)
    torch.manual_seed(5)
    loader = DataLoader(
        range(n),  # type: ignore[arg-type]
        size,
        sampler=None if order is None else order.tolist(),
        shuffle=generator is not None,
        generator=generator,
        collate_fn=list,
    )
    expected, then = list(loader), float(torch.rand(()))
    torch.manual_seed(5)
    found = item_batches(n, size, order=order, shuffle_seed=None if ordered else seed)
    assert [part.tolist() for part in found] == expected
    assert float(torch.rand(())) == then


@given(st.lists(st.lists(st.integers(0, 39), min_size=1, max_size=9), max_size=12))
@settings(max_examples=40, deadline=None)
def test_each_source_gives_the_same_batches(parts: list[list[int]]) -> None:
    data = Numbered(40)
    items = [np.array(part, np.int64) for part in parts]
    for source in all_sources(data):
        batches = list(Batches(source, items, [len(part) for part in parts]))
        assert len(batches) == len(parts)
        for ((codes, values), labels), n in batches:
            assert n == len(labels)
            assert codes.dtype == torch.uint8 and codes.shape == (n, 2, 3)
            assert (labels - 1000).tolist() == values[:, 0].tolist() == codes[:, 1, 2].tolist()
        assert [(labels - 1000).tolist() for (_, labels), _ in batches] == parts


def test_what_is_given_can_be_changed() -> None:
    """A batch is no view of the data, which the next epoch reads again."""
    for source in all_sources(Numbered(4)):
        for _ in range(2):
            (codes, _), _ = source.batch(next(source.given([np.arange(4)])))  # type: ignore[call-overload]
            assert codes[:, 0, 0].tolist() == [0, 1, 2, 3]
            codes.fill_(9)


def test_reading_ahead_is_bounded_and_ends_with_who_reads() -> None:
    data = Numbered(1000)
    parts = item_batches(1000, 1)
    batches = Batches(Streamed(data, CPU, 2), parts, [1] * 1000)  # type: ignore[arg-type]
    assert len(list(first(batches, 3))) == 3
    assert 3 <= data.asked <= 20
    assert threading.get_ident() not in data.threads
    assert not [t for t in threading.enumerate() if t.name.startswith("groove-reader")]


@pytest.mark.parametrize("n_threads", [0, 3])
def test_a_damaged_file_is_an_error_where_its_batch_is_due(n_threads: int) -> None:
    data = Numbered(10, broken=7)
    batches = Batches(Streamed(data, CPU, n_threads), item_batches(10, 2), [2] * 5)  # type: ignore[arg-type]
    seen = []
    with pytest.raises(DatasetError, match="damaged"):
        seen.extend(n for _, n in batches)
    assert len(seen) == 3
    with pytest.raises(DatasetError, match="damaged"):
        Resident(data, CPU)  # type: ignore[arg-type]


def test_what_fits_is_taken_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    data: Any = Numbered(100)
    n_bytes = Resident(data, CPU).n_bytes
    assert n_bytes == 100 * (6 + 4)
    monkeypatch.setattr(resident, "_CPU_BYTES", n_bytes)
    assert isinstance(source_of(data, CPU), Resident)
    monkeypatch.setattr(resident, "_CPU_BYTES", n_bytes - 1)
    assert isinstance(source_of(data, CPU), Streamed)
    assert not fits(data, torch.device("mps"))
    assert isinstance(source_of(Numbered(0), CPU), Streamed)  # type: ignore[arg-type]
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda _: (2 * n_bytes, 10**12))
    assert fits(data, torch.device("cuda"))  # half of what is free
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda _: (2 * n_bytes - 2, 10**12))
    assert not fits(data, torch.device("cuda"))


@pytest.mark.parametrize("changes", [{}, {"subset": 9, "redraw_every": 2}, {"resample": (6, 6)}], ids=str)
def test_both_ways_give_the_same_weights(monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any]) -> None:
    """To the last bit, and a run that goes on in the other way gives them, too."""
    hyper = replace(HYPER, **changes)
    runs = []
    for way in (Resident, Streamed, lambda data, device: Streamed(data, device, 2)):
        monkeypatch.setattr("groovecli.training.loop.source_of", way)
        run = trainer(hyper=hyper)
        list(run.epochs())
        runs.append(weights(run.finish()))
    assert same(runs[0], runs[1]) and same(runs[0], runs[2])
    monkeypatch.setattr("groovecli.training.loop.source_of", Resident)
    begun = trainer(hyper=replace(hyper, epochs=2))
    list(begun.epochs())
    monkeypatch.setattr("groovecli.training.loop.source_of", Streamed)
    second = trainer(hyper=hyper)
    second.restore(begun.state())
    list(second.epochs())
    assert same(weights(second.finish()), runs[0])


def test_a_source_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []

    def counted(data: Any, device: torch.device) -> Source:
        made.append(len(data))
        return sources.source_of(data, device)

    monkeypatch.setattr("groovecli.training.loop.source_of", counted)
    run = trainer()
    list(run.epochs())
    run.finish()
    assert made == [18, 7]
    assert not run._sources  # what it took is free again


def test_cached_clips_are_taken_whole(tmp_path: Path) -> None:
    """The bytes of the chunk files, one feature of the song beside the windows of another."""
    from tests.test_datasets import with_both, written

    spec, words = Windows(1).specs[0], replace(Windows(1).specs[0], name="other")
    images = [np.full(spec.stored_shape, n, np.uint8) for n in range(5)]
    clips = with_both(written(tmp_path / "a.pkl", images), written(tmp_path / "b.pkl", images[::-1]))
    data = WindowDataset(tmp_path, clips, (spec, words), ("a",))
    (here, there), labels = Resident(data, CPU).batch((torch.tensor([4, 0, 4]),))
    assert here[:, 0, 0].tolist() == [4, 0, 4] and there[:, 0, 0].tolist() == [0, 4, 0]
    assert labels.tolist() == [0, 0, 0] and here.dtype == torch.uint8
