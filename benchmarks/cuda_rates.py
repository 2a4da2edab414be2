"""Windows and songs per second on a GPU with CUDA, each beside its goal; it takes less than eight minutes.

    python benchmarks/cuda_rates.py [--clips N] [--rounds R] [--songs N] [--music DIR] [--only ROW]

Training is groove's own loop over clips of random bytes, written as `groove ingest` writes them: a rate is
that of an epoch's steps, after an epoch that does not count, and the ways take turns. Songs are embedded
as `groove embed` does, on the GPU and on the processor alone with as many workers, and the first pass of
each does not count.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import argparse
import itertools
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from unittest import mock

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, mse_loss
from torch.utils.flop_counter import FlopCounterMode

import songs
from groovecli.actions.context import Context
from groovecli.audio.clips import Clip
from groovecli.datasets.chunks import MAX_BYTES, write_chunk
from groovecli.datasets.examples import Example
from groovecli.datasets.resident import Resident
from groovecli.datasets.sources import Source, item_batches
from groovecli.datasets.streamed import Streamed
from groovecli.datasets.tables import Place
from groovecli.datasets.windows import WindowDataset
from groovecli.features.registry import feature
from groovecli.library import scan
from groovecli.library.tracks import Track
from groovecli.models import listen
from groovecli.models.devices import placed
from groovecli.models.loaded import LoadedModel
from groovecli.models.results import CLIPS_PER_SONG, SongAnswers
from groovecli.monitor import SILENT, Monitor
from groovecli.networks.build import build
from groovecli.networks.registry import model_spec
from groovecli.training.loop import LoopOptions, Trainer

_GENRES = ("a", "b", "c", "d", "e", "f")
_DEMO = Path(__file__).parent.parent / "src/groovecli/demo"
_EMBED_GOAL = 5.0  # times the processor alone
_BANDWIDTH_BYTES = 1 << 28


@dataclass(frozen=True)
class Row:
    """A network at a batch size, and the windows a second that groove's own way is to reach."""

    network: str
    batch: int
    goal: int

    @property
    def name(self) -> str:
        """As the issue's table has it."""
        return f"{self.network} {self.batch}"


ROWS = (
    Row("time-cnn", 30, 40_000),
    Row("time-cnn", 256, 95_000),
    Row("conv-autoencoder", 64, 13_000),
    Row("conv-autoencoder", 256, 13_000),
)


@dataclass(frozen=True)
class Way:
    """How windows get to the network, and how its steps run; `turns` takes the other order of channels."""

    name: str
    source: type[Resident] | type[Streamed] = Resident
    graph: bool = True
    bf16: bool = False
    turns: bool = False


WAYS = (
    Way("read ahead, steps one by one", Streamed, graph=False),
    Way("read ahead, one graph", Streamed),
    Way("on the device, steps one by one", graph=False),
    Way("the same, bf16", graph=False, bf16=True),
    Way("on the device, one graph", graph=True),
    Way("the same, other order of channels", turns=True),
    Way("one graph, bf16 (groove's own)", bf16=True),
)


class Notes(Monitor):
    """Prints what training has to say, such as that no graph could be captured."""

    def note(self, text: str) -> None:
        """Print it."""
        print(f"  note: {text}")


def clips(folder: Path, name: str, n_windows: int) -> WindowDataset:
    """Clips of random bytes with `n_windows` windows of a feature, in chunk files."""
    spec, rng = feature(name), np.random.default_rng(0)
    n = -(-n_windows // spec.n_windows)
    together = max(1, MAX_BYTES // int(np.prod(spec.stored_shape)))
    arrays = [rng.integers(0, 256, spec.stored_shape, np.uint8) for _ in range(min(n, together))]
    examples = []
    for start in range(0, n, together):
        path, numbers = folder / f"{name}-{start}.pkl", range(start, min(start + together, n))
        chunk = [Clip(f"{number:032x}", 0, 0.0) for number in numbers]
        write_chunk(path, chunk, arrays[: len(chunk)])
        examples += [
            Example(clip.track_id, 0, _GENRES[place % len(_GENRES)], (Place(path.name, place),))
            for place, clip in enumerate(chunk)
        ]
    return WindowDataset(folder, examples, (spec,), _GENRES)


def epochs(row: Row, way: Way, data: WindowDataset, device: torch.device) -> Iterator[float]:
    """Windows a second of one epoch after the other."""
    spec = model_spec(row.network)
    hyper = replace(spec.defaults, batch_size=row.batch, epochs=1_000_000, subset=0)
    torch.manual_seed(0)
    network = build(row.network, [data.specs[0].input_shape], n_genres=len(_GENRES), dropout=hyper.dropout)
    order = replace(spec, channels_last_on_cuda=spec.channels_last_on_cuda != way.turns)
    nothing = WindowDataset(Path(), [], data.specs, _GENRES)
    trainer = Trainer(
        placed(network, device, order),
        *(spec, data, nothing, hyper, LoopOptions(bf16=way.bf16, graph=way.graph), device, len(_GENRES)),
    )
    with mock.patch("groovecli.training.loop.source_of", way.source):
        steps = trainer.epochs(Notes())
        first = next(steps)
    yield first.windows_per_s
    for epoch in steps:
        yield epoch.windows_per_s


def training(row: Row, data: WindowDataset, device: torch.device, n_rounds: int) -> float:
    """Print each way's rate, the goal beside groove's own; windows a second of that."""
    print(f"\n{row.name}: {len(data)} windows per epoch, windows/s")
    runs = [epochs(row, way, data, device) for way in WAYS]
    for run in runs:
        next(run)
    rates = np.array([[next(run) for run in runs] for _ in range(n_rounds)])
    for way, own in zip(WAYS, rates.T, strict=True):
        _say(way.name, own, row.goal if way is WAYS[-1] else None)
    return float(np.median(rates[:, -1]))


def _say(name: str, rates: np.ndarray, goal: float | None = None) -> None:
    middle = float(np.median(rates))
    text = f"  {name:36} {middle:9,.0f} ({rates.min():,.0f} to {rates.max():,.0f})"
    print(text + ("" if goal is None else f"  {_against(middle, goal)}"), flush=True)


def _against(rate: float, goal: float) -> str:
    return f"goal {goal:,.0f}: {'met' if rate >= goal else 'missed'}, {rate / goal:.2f} times"


def bounds(row: Row, device: torch.device, rate: float) -> None:
    """Print the shares of the device's arithmetic and of its memory's bandwidth that a rate takes."""
    spec, n = model_spec(row.network), min(row.batch, 32)
    shape = feature(spec.features[0]).input_shape
    network = placed(build(row.network, [shape], n_genres=len(_GENRES)), device, spec)
    n_bytes = 0

    def count(_: nn.Module, given: tuple[Tensor, ...], made: object) -> None:
        nonlocal n_bytes
        if isinstance(made, Tensor):
            n_bytes += (given[0].numel() + made.numel()) * 2  # in bf16

    for module in network.modules():
        if not list(module.children()):
            module.register_forward_hook(count)
    x, labels = torch.rand(n, *shape, device=device), torch.zeros(n, dtype=torch.int64, device=device)
    with FlopCounterMode(display=False) as flops:
        output = network(x)
        found = output.reconstruction
        loss = mse_loss(found, x) if found is not None else cross_entropy(output.logits, labels)
        loss.backward()  # type: ignore[no-untyped-call]
    per_s = rate / n
    arithmetic = flops.get_total_flops() * per_s / _peak_flops(device)
    traffic = 3 * n_bytes * per_s / _peak_bytes(device)  # back: of values and of gradients
    bound = "arithmetic" if arithmetic > traffic else "bandwidth"
    print(
        f"  bound by {bound}: {100 * arithmetic:.1f} % of what products in bf16 reach here,"
        f" {100 * traffic:.1f} % of what copies do, if each layer reads and writes its values once"
    )


def _peak_flops(device: torch.device) -> float:
    n = 8192 if device.type == "cuda" else 512
    x = torch.rand(n, n, device=device, dtype=torch.bfloat16)
    return 2 * n**3 / _best_s(lambda: x @ x, device)


def _peak_bytes(device: torch.device) -> float:
    n = _BANDWIDTH_BYTES if device.type == "cuda" else 1 << 22
    x, y = (torch.zeros(n, dtype=torch.uint8, device=device) for _ in range(2))
    return 2 * n / _best_s(lambda: y.copy_(x), device)


def _best_s(function: Callable[[], object], device: torch.device) -> float:
    """Seconds of the quickest of some calls."""
    times = []
    for _ in range(10):
        _wait(device)
        started = time.perf_counter()
        function()
        _wait(device)
        times.append(time.perf_counter() - started)
    return min(times)


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def loading(data: WindowDataset, device: torch.device, n_rounds: int, goals: dict[int, float]) -> None:
    """Print the rate of batches alone, which should be above the network's: that is the goal."""
    print("\nbatches alone, windows/s")
    ways: Sequence[tuple[str, Source]] = (
        ("on the device", Resident(data, device)),
        ("read ahead", Streamed(data, device)),
    )
    pairs = list(itertools.product(goals, ways))

    def rate(size: int, way: Source) -> float:
        return _epoch(way, data, size, device)

    rates = np.array([[rate(size, way) for size, (_, way) in pairs] for _ in range(n_rounds + 1)])[1:]
    for (size, (name, way)), own in zip(pairs, rates.T, strict=True):
        _say(f"batch {size}, {name}", own, goals[size] if isinstance(way, Resident) else None)


def _epoch(source: Source, data: WindowDataset, size: int, device: torch.device) -> float:
    started = time.perf_counter()
    for given in source.given(item_batches(len(data), size, shuffle_seed=0)):
        source.batch(given)
    _wait(device)
    return len(data) / (time.perf_counter() - started)


def embedding(music: Path, n_songs: int, device: str, n_rounds: int, n_jobs: int) -> None:
    """Print songs per second with the network on the device, and on the processor."""
    paths = songs.spread(music, n_songs, seed=0)
    found = scan.find_tracks(paths, None, jobs=n_jobs, monitor=SILENT).tracks
    tracks = list(itertools.islice(itertools.cycle(found), n_songs))
    print(f"\nsongs embedded: {n_songs}, of {len(found)} files, songs/s")
    contexts = [Context(device=name, jobs=n_jobs) for name in (device, "cpu")]
    models = [context.load(None) for context in contexts]

    def rate(number: int) -> float:
        return _embedded(models[number], tracks, n_jobs)

    for number in (0, 1):
        rate(number)
    rates = np.array([[rate(number) for number in (0, 1)] for _ in range(n_rounds)])
    for name, own in zip((f"network on {device}", "on the processor alone"), rates.T, strict=True):
        _say(name, own)
    times = rates[:, 0] / rates[:, 1]
    met = "met" if np.median(times) >= _EMBED_GOAL else "missed"
    spread = f"{times.min():.2f} to {times.max():.2f}"
    print(f"  {np.median(times):.2f} times ({spread}), goal {_EMBED_GOAL:g}: {met}")


def _embedded(model: LoadedModel, tracks: list[Track], n_jobs: int) -> float:
    started = time.perf_counter()
    heard = listen.over(model, tracks, CLIPS_PER_SONG, jobs=n_jobs, stage="embed", monitor=SILENT)
    said = [outcome for _, outcome in heard]
    assert len(said) == len(tracks) and all(isinstance(outcome, SongAnswers) for outcome in said)
    return len(tracks) / (time.perf_counter() - started)


def _arguments() -> argparse.Namespace:
    parser = songs.program(__doc__)
    names = [*(row.name for row in ROWS), "batches", "embed"]
    parser.add_argument("--clips", metavar="N", type=int, default=12_000, help="windows (12,000)")
    parser.add_argument("--rounds", metavar="R", type=int, default=5, help="rounds of each way (5)")
    parser.add_argument("--songs", metavar="N", type=int, default=512, help="songs to embed (512)")
    parser.add_argument("--music", metavar="DIR", type=Path, default=_DEMO, help="of songs (the demo)")
    parser.add_argument("--jobs", metavar="N", type=int, default=0, help="workers (one for each core)")
    parser.add_argument("--only", metavar="ROW", action="append", choices=names, help=", ".join(names))
    parser.add_argument("--device", default="cuda", help="cpu shows that the program runs (cuda)")
    return parser.parse_args()


def main() -> None:
    """Print every row, and how long it took."""
    asked = _arguments()
    if asked.device == "cuda" and not torch.cuda.is_available():
        sys.exit("there is no GPU with CUDA here; run this on a machine that has one")
    started, device = time.monotonic(), torch.device(asked.device)
    wanted = asked.only or [*(row.name for row in ROWS), "batches", "embed"]
    on = torch.cuda.get_device_name(device) if device.type == "cuda" else "the processor"
    print(f"{on}, {os.cpu_count()} cores, PyTorch {torch.__version__}")
    with tempfile.TemporaryDirectory() as folder:
        rates = {}
        for row in ROWS:
            if row.name in wanted:
                data = clips(Path(folder), model_spec(row.network).features[0], asked.clips)
                rates[row] = training(row, data, device, asked.rounds)
                bounds(row, device, rates[row])
        if "batches" in wanted:
            data = clips(Path(folder), "mel-323", asked.clips)
            goals = {row.batch: rates.get(row, row.goal) for row in ROWS if row.network == "time-cnn"}
            loading(data, device, asked.rounds, goals)
    if "embed" in wanted:
        embedding(asked.music, asked.songs, asked.device, asked.rounds, asked.jobs)
    print(f"\n{time.monotonic() - started:.1f} s in all")


if __name__ == "__main__":
    main()
