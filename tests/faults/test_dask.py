"""A Dask cluster on this machine: its workers give what one machine does, also where they are lost."""

from __future__ import annotations

import hashlib
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from groovecli.actions import ingest
from groovecli.actions.context import Context
from groovecli.datasets.intake import IngestRequest
from groovecli.errors import ExitCode, GrooveError
from groovecli.home import Home
from groovecli.monitor import SILENT, Monitor
from groovecli.workers import dask_backend
from groovecli.workers.cluster import Cluster, cluster_of
from tests.cli.conftest import groove
from tests.small import LOW_AND_HIGH, add_songs

pytest.importorskip("distributed")
pytestmark = pytest.mark.faults

# What an ingest leaves in the catalogue, but for the times at which it did.
TABLES = {
    "files": "path, size, mtime_ns, track, tags",
    "tracks": "n, id, duration_s",
    "songs": "*",
    "clips": "*",
    "chunk_rows": "*",
    "chunks": "*",
    "failures": "path, stage, size, mtime_ns, code, detail",
}


class Started:
    """A scheduler of Dask's on loopback, and its workers."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{self.port}"
        self.folder = folder
        self.processes: list[subprocess.Popen[bytes]] = []
        self._dask("scheduler", "--host", "127.0.0.1", "--port", str(self.port))

    def add_worker(self) -> subprocess.Popen[bytes]:
        place = str(self.folder / f"worker-{len(self.processes)}")
        return self._dask("worker", self.address, "--nthreads", "1", "--local-directory", place)

    def _dask(self, *arguments: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", *arguments, "--no-dashboard"],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            stderr=(self.folder / "log").open("ab"),
            start_new_session=True,
        )
        self.processes.append(process)
        return process

    def wait(self, n_workers: int) -> None:
        """Wait until so many workers are there."""
        from distributed import Client

        for _ in range(300):
            if not socket.socket().connect_ex(("127.0.0.1", self.port)):
                break
            time.sleep(0.1)
        with Client(self.address, set_as_default=False) as client:  # type: ignore[no-untyped-call]
            if n_workers:
                client.wait_for_workers(n_workers, timeout=60)

    def close(self) -> None:
        for process in self.processes:
            kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """End a process of Dask's with all that it started: a machine that is gone."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.fixture(scope="module")
def dask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    started = Started(tmp_path_factory.mktemp("dask"))
    try:
        started.add_worker()
        started.wait(1)
        yield started
    finally:
        started.close()


@pytest.fixture(scope="module")
def music(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two genres, and a file that holds no sound."""
    library = tmp_path_factory.mktemp("music") / "library"
    add_songs(library, LOW_AND_HIGH)
    (library / "low" / "bad.mp3").write_bytes(b"no sound" * 500)
    return library


@contextmanager
def at(home: Path, cluster: Cluster | None = None, monitor: Monitor = SILENT) -> Iterator[Context]:
    with Context(Home(home), jobs=1, device="cpu", cluster=cluster, monitor=monitor) as context:
        yield context


def stored(home: Path, music: Path, cluster: Cluster | None = None, monitor: Monitor = SILENT) -> Any:
    """What an ingest leaves: rows of the catalogue, and hashes of the chunk files."""
    with at(home, cluster, monitor) as context:
        ingest.run(IngestRequest(music, clip_s=3.0), context)
    with closing(sqlite3.connect(home / "catalog.db")) as database:
        rows = {
            table: sorted(map(repr, database.execute(f"SELECT {columns} FROM {table}")))
            for table, columns in TABLES.items()
        }
    chunks = {
        str(path.relative_to(home)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(home.rglob("*.pkl"))
    }
    assert chunks
    return rows, chunks


@pytest.fixture(scope="module")
def alone(music: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What one machine stores."""
    return stored(tmp_path_factory.mktemp("alone"), music)


class Killing(Monitor):
    """Ends a worker once some songs are done."""

    def __init__(self, worker: subprocess.Popen[bytes]) -> None:
        self.worker = worker

    def progress(self, stage: str, done: int, total: int) -> None:  # noqa: ARG002
        if stage == "cut" and done == 3:
            kill(self.worker)


def test_a_worker_that_is_lost_costs_what_it_had_in_hand(
    dask: Started, music: Path, alone: Any, tmp_path: Path
) -> None:
    worker = dask.add_worker()
    dask.wait(2)
    assert stored(tmp_path, music, Cluster(dask.address), Killing(worker)) == alone
    assert worker.returncode == -signal.SIGKILL


def test_workers_may_see_the_music_at_another_place(
    dask: Started, music: Path, alone: Any, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.symlink_to(music)
    cluster = cluster_of(dask.address, [music], elsewhere)
    assert stored(tmp_path / "home", music, cluster) == alone


def test_a_place_without_the_music_makes_no_file_bad(
    dask: Started, music: Path, alone: Any, tmp_path: Path
) -> None:
    cluster = cluster_of(dask.address, [music], tmp_path / "empty")
    with pytest.raises(GrooveError, match=f"does not find {tmp_path}/empty/"):
        stored(tmp_path / "home", music, cluster)
    assert stored(tmp_path / "home", music) == alone


def test_a_worker_with_other_versions_is_refused(
    dask: Started, music: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = {**dask_backend.versions(), "soxr": "9.9"}
    monkeypatch.setattr(dask_backend, "versions", lambda: ours)
    with pytest.raises(GrooveError, match=r"would give other results: soxr .* instead of 9\.9"):
        stored(tmp_path, music, Cluster(dask.address))


def test_without_a_scheduler_nothing_is_read(music: Path, tmp_path: Path) -> None:
    with pytest.raises(GrooveError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9"):
        stored(tmp_path, music, Cluster("tcp://127.0.0.1:9"))


def test_without_workers_it_does_not_wait_for_ever(
    music: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dask_backend, "_NO_WORKERS_S", 0.5)
    lonely = Started(tmp_path)
    try:
        lonely.wait(0)
        with pytest.raises(GrooveError, match=r"has no workers|are lost"):
            stored(tmp_path / "home", music, Cluster(lonely.address))
    finally:
        lonely.close()


def test_the_last_worker_is_missed(
    dask: Started, music: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dask_backend, "_NO_WORKERS_S", 1.0)
    cluster = Started(tmp_path)
    try:
        worker = cluster.add_worker()
        cluster.wait(1)
        with pytest.raises(GrooveError, match="are lost; what they finished is kept"):
            stored(tmp_path / "home", music, Cluster(cluster.address), Killing(worker))
    finally:
        cluster.close()


def test_embed_gives_the_vectors_of_one_machine(
    dask: Started, music: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    songs, root = [music / "low" / "bad.mp3", music / "low" / "0.wav"], ("--worker-root", music / "low")
    for name, more in (("here", ()), ("there", ("--scheduler", dask.address))):
        monkeypatch.setenv("GROOVE_HOME", str(tmp_path / name))
        done = groove("embed", *songs, "--out", tmp_path / f"{name}.csv", "--device", "cpu", *more)
        assert done.exit_code == ExitCode.PARTIAL, done.output
    assert (tmp_path / "here.csv").read_bytes() == (tmp_path / "there.csv").read_bytes()
    assert groove("embed", *songs, "--out", tmp_path / "x.csv", *root).exit_code == ExitCode.USAGE
