"""How well maps keep what is near, how still they stand, and how fast their page is.

    python benchmarks/map.py VECTORS [--songs N ...] [--rivals] [--page] [--moves]

VECTORS is what `groove embed MUSIC --out songs.npz` wrote. With `--songs`, vectors of that many songs are
made up, as in `similar.py`. Of 2,000 songs at most, the share of the 10 nearest by all numbers that are
among the 10 nearest on the map, and trustworthiness (Venna and Kaski 2001) of 10 neighbours, are
printed, and the seconds of one processor. `--moves` also lays out nine tenths first and says how far the
songs of these move when the others come: between maps that begin at the last one, and between maps that
are only turned to it. `--rivals` also measures openTSNE and UMAP, where they are installed. `--page` makes
a page of the songs and, in a headless Chromium, the time until it is ready and the frames per second
while the map is dragged.
"""

from __future__ import annotations

import os

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import similar
import songs
from groovecli.playlists.layout import Points, laid_out, reduced, turned
from groovecli.playlists.proximity import unit
from groovecli.reports.map.content import Column, Content
from groovecli.reports.map.page import write_map
from groovecli.reports.web.frame import Foot

Floats = NDArray[np.float64]
_NEAR, _ASKED, _AT_ONCE = 10, 2_000, 100


def main() -> None:
    """Lay each library out, and measure."""
    parser = songs.program(__doc__)
    parser.add_argument(
        "vectors", metavar="VECTORS", type=Path, nargs="?", help="what `groove embed` wrote"
    )
    parser.add_argument("--songs", metavar="N", type=int, nargs="+", default=[], help="made-up songs")
    parser.add_argument("--rivals", action="store_true", help="measure openTSNE and UMAP, too")
    parser.add_argument("--page", action="store_true", help="make a page, and drag it in Chromium")
    parser.add_argument("--moves", action="store_true", help="how far songs move when others come")
    asked = parser.parse_args()
    for name, vectors in _libraries(asked.vectors, asked.songs, has_vectors=not asked.page):
        if asked.page:
            page(len(vectors))
            continue
        points = reduced(vectors)
        print(f"{name}: {len(vectors):,} songs", flush=True)
        for method, lay_out in _methods(asked.rivals).items():
            measure(method, vectors, points, lay_out)
        if asked.moves:
            moves(points)


def _libraries(
    vectors: Path | None, sizes: list[int], *, has_vectors: bool
) -> Iterator[tuple[str, NDArray[np.float32]]]:
    if vectors is not None:
        yield vectors.stem, _unit(np.load(vectors)["vectors"])
    for n in sizes:
        with tempfile.TemporaryDirectory() as folder:
            made = similar.made(Path(folder), n)[:] if has_vectors else np.ones((n, 2), np.float32)
            yield "made up", _unit(made)


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    return unit(vectors).astype(np.float32)


def _methods(has_rivals: bool) -> dict[str, Callable[[Points], Floats]]:
    own: dict[str, Callable[[Points], Floats]] = {"groove": laid_out}
    return own | {"openTSNE": _open_tsne, "UMAP": _umap} if has_rivals else own


def _open_tsne(points: Points) -> Floats:
    from openTSNE import TSNE

    return np.asarray(TSNE(random_state=0, n_jobs=1, initialization="pca").fit(points), np.float64)


def _umap(points: Points) -> Floats:
    from umap import UMAP

    return np.asarray(UMAP(random_state=0).fit_transform(points), np.float64)


def measure(
    method: str, vectors: NDArray[np.float32], points: Points, lay_out: Callable[[Points], Floats]
) -> None:
    """Print how well a method keeps what is near, and what it takes."""
    began = time.process_time()
    places = lay_out(points)
    took_s = time.process_time() - began
    share, trust = kept(vectors, places)
    print(
        f"  {method:<10}{100 * share:5.1f} % of {_NEAR} nearest kept, trustworthiness {trust:.3f},"
        f" {took_s:.1f} s",
        flush=True,
    )


def kept(vectors: NDArray[np.float32], places: Floats, n_near: int = _NEAR) -> tuple[float, float]:
    """Share of the nearest songs that are near on the map, and its trustworthiness."""
    n = len(vectors)
    n_near = min(n_near, (n - 1) // 2)
    rows = np.sort(np.random.default_rng(0).choice(n, min(n, _ASKED), replace=False))
    shares, faults = [], 0.0
    for start in range(0, len(rows), _AT_ONCE):
        some = rows[start : start + _AT_ONCE]
        true = _order(vectors, some)
        near = _order(places, some)[:, :n_near]
        ranks = np.empty_like(true)
        np.put_along_axis(ranks, true, np.arange(true.shape[1])[None].repeat(len(some), 0), 1)
        of_near = np.take_along_axis(ranks, near, 1)
        shares += (of_near < n_near).mean(axis=1).tolist()
        faults += float(np.maximum(of_near - n_near + 1, 0).sum())
    trust = 1 - 2 / (len(rows) * n_near * (2 * n - 3 * n_near - 1)) * faults
    return float(np.mean(shares)), trust


def _order(vectors: NDArray[np.floating], rows: NDArray[np.intp]) -> NDArray[np.intp]:
    """All songs from near to far of some of them, which come last themselves."""
    own = vectors.astype(np.float64) if vectors.shape[1] == 2 else vectors
    square = (own**2).sum(axis=1)
    distances = square[rows, None] - 2 * own[rows] @ own.T + square[None]
    distances[np.arange(len(rows)), rows] = np.inf
    order: NDArray[np.intp] = distances.argsort(axis=1)
    return order


def moves(points: Points) -> None:
    """Print how far songs move when a tenth more come, as a share of the map's width."""
    n = len(points)
    is_old = np.ones(n, bool)
    is_old[np.random.default_rng(1).choice(n, max(1, n // 10), replace=False)] = False
    before = laid_out(points[is_old])
    last = np.full((n, 2), np.nan)
    last[is_old] = before
    width = float(np.ptp(before, axis=0).max())
    for how, given in (("begun at the last map", last), ("only turned to it", None)):
        now = turned(laid_out(points, last=given), last)[is_old]
        moved = 100 * np.linalg.norm(now - before, axis=1) / width
        print(f"  {how}: songs move {np.median(moved):.1f} %, nine of ten {np.quantile(moved, 0.9):.1f} %")


_DRAG = """new Promise((done) => {
    const from = performance.now(), before = groove.map.frames();
    const step = (k) => {
        groove.map.view.x += 8 * Math.sin(k / 10);
        groove.map.later();
        const took = performance.now() - from;
        if (took < 3000) requestAnimationFrame(() => step(k + 1));
        else done(1000 * (groove.map.frames() - before) / took);
    };
    step(0);
})"""
_DRAWN = "(() => { for (let k = 0; k < 30; k++) groove.map.draw(); return 30; })()"


def page(n: int) -> None:
    """Print how large a map of n made-up songs is, how soon it is ready, and how it moves."""
    sys.path.insert(0, str(Path(__file__).parent.parent))
    from tests.browser.chromium import Browser, find

    program = find()
    if program is None:
        raise SystemExit("no Chromium in PATH")
    browser = Browser(program)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "map.html")
        size = write_map(path, f"{n} songs", _content(n, Path(folder)), foot=Foot("benchmark"))
        with browser.page(path, width=1600, height=1000) as tab:
            ready_ms = float(tab.until("document.documentElement.dataset.ready", 60))
            rate = float(tab.run(_DRAG))
            tab.call("Performance.disable")
            tab.call("Performance.enable", timeDomain="threadTicks")
            before_s = _busy_s(tab)
            n_drawn = int(tab.run(_DRAWN))
            drawn_ms = 1000 * (_busy_s(tab) - before_s) / n_drawn
    browser.close()
    print(
        f"page of {n:,} songs: {size / n:.1f} bytes per song, ready after {ready_ms / 1000:.2f} s,"
        f" {rate:.1f} frames per second; {drawn_ms:.1f} ms of the processor draw one"
    )


def _busy_s(tab: Any) -> float:
    """Processor time of the page's thread so far, whatever else the machine does."""
    metrics = {each["name"]: each["value"] for each in tab.call("Performance.getMetrics")["metrics"]}
    return float(metrics["TaskDuration"])


def _content(n: int, folder: Path) -> Content:
    """Songs by artists with fifteen songs each, on albums of ten, in forty heaps."""
    rng = np.random.default_rng(0)
    of = rng.integers(0, 40, n)
    artist, album = np.arange(n) // 15, np.arange(n) // 10
    paths = [
        folder / f"Artist number {a}" / f"Album title {b}" / f"{i % 10:02} Some title of song {i}.mp3"
        for i, (a, b) in enumerate(zip(artist.tolist(), album.tolist(), strict=True))
    ]
    columns = (("genre", "genre", of), ("album", "album title", album), ("artist", "artist number", artist))
    return Content(
        places=rng.normal(size=(40, 2))[of] * 20 + rng.normal(size=(n, 2)) * 3,
        neighbours=rng.integers(0, n, (n, 10)),
        paths=paths,
        titles=[f"Some title of song {i}" for i in range(n)],
        seconds=[200.0] * n,
        columns=tuple(
            Column(key, key, tuple(f"{name} {k}" for k in range(int(each.max()) + 1)), each + 1)
            for key, name, each in columns
        ),
    )


if __name__ == "__main__":
    main()
