"""What workers may use, as options and settings say it: memory, and how many workers it leaves."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groovecli.actions.context import Context
from groovecli.cli.settings import n_bytes
from groovecli.errors import UsageError
from groovecli.home import Home
from groovecli.workers.limits import (
    MAIN_BYTES,
    WORKER_BYTES,
    Limits,
    current,
    limited,
    n_fitting,
    n_workers,
)
from tests.cli.conftest import groove
from tests.conftest import DEMO

SONG = next((DEMO / "metal").glob("*.opus"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None),
        ("500M", 500_000_000),
        ("2G", 2_000_000_000),
        ("2 gb", 2_000_000_000),
        ("1.5GiB", 1_610_612_736),
        ("1gib", 1 << 30),
        ("1T", 10**12),
        ("800000000", 800_000_000),
    ],
)
def test_sizes_as_people_write_them(text: str, expected: int | None) -> None:
    assert n_bytes(text) == expected


@pytest.mark.parametrize("text", ["much", "0", "0G", "-1G", "2X", "G", "1,5G", "2G2"])
def test_what_is_no_size_is_said(text: str) -> None:
    with pytest.raises(UsageError, match="is no size"):
        n_bytes(text)


@given(jobs=st.integers(1, 500), memory=st.integers(1, 10**12))
def test_workers_fit_into_the_memory_and_one_is_left(jobs: int, memory: int) -> None:
    n = n_fitting(jobs, memory)
    assert 1 <= n <= jobs
    assert n == 1 or MAIN_BYTES + n * WORKER_BYTES <= memory
    assert n == jobs or MAIN_BYTES + (n + 1) * WORKER_BYTES > memory


def test_without_a_limit_there_are_as_many_as_were_asked_for() -> None:
    assert n_fitting(7, None) == n_workers(7) == 7
    assert n_fitting(0, None) == n_workers(0) >= 1


def test_limits_end_with_their_block(tmp_path: Path) -> None:
    before = current()
    with Context(Home(tmp_path), file_timeout_s=3, max_memory=10**9):
        assert (current().file_timeout_s, current().max_memory) == (3, 10**9)
        with limited(Limits(5)):
            assert current().file_timeout_s == 5
        assert current().file_timeout_s == 3
    assert current() == before


def test_fewer_workers_are_said(home: Path) -> None:
    done = groove("classify", SONG, "--jobs", "4", "--max-memory", "1.3G")
    assert done.exit_code == 0 and "2 of 4 workers, for --max-memory 1.3G" in done.stderr


def test_too_little_memory_is_said(home: Path) -> None:
    done = groove("classify", SONG, "--jobs", "1", "--max-memory", "500M")
    assert done.exit_code == 0
    assert "warning: one worker may need more than --max-memory 500M" in done.stderr.replace("\n", " ")


@pytest.mark.parametrize(
    ("option", "value"), [("--max-memory", "much"), ("--file-timeout", "0"), ("--file-timeout", "abc")]
)
def test_wrong_limits_are_errors_of_usage(home: Path, option: str, value: str) -> None:
    done = groove("classify", SONG, option, value)
    assert done.exit_code == 2 and option in done.stderr


def test_settings_hold_limits_too(home: Path) -> None:
    Path("groove.toml").write_text('file_timeout = 7\nmax_memory = "1G"\n')
    done = groove("classify", SONG, "--jobs", "2")
    assert done.exit_code == 0 and "1 of 2 workers, for --max-memory 1G" in done.stderr
