"""Files appear whole or not at all."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groovecli.errors import DatasetError, StorageError
from groovecli.files import (
    atomic_writer,
    exclusive,
    key_of,
    other_kind,
    read_json,
    write_bytes,
    write_json,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def test_a_write_makes_its_folders_and_replaces_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "file"
    for data in (b"first", b"second"):
        write_bytes(path, data)
        assert path.read_bytes() == data
    assert list(path.parent.iterdir()) == [path]


def test_an_error_midway_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_bytes(path, b"old")
    with pytest.raises(ZeroDivisionError), atomic_writer(path) as file:
        file.write(b"half of the n")
        raise ZeroDivisionError
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_names_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match="No space left on device") as caught:
        write_bytes(tmp_path / "file", b"x")
    assert str(tmp_path / "file") in caught.value.what
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError):
        write_bytes(tmp_path / "file" / "below", b"x")


def test_permissions_are_an_ordinary_files(tmp_path: Path) -> None:
    old = os.umask(0o027)
    try:
        write_bytes(tmp_path / "file", b"")
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o640


@given(JSON)
def test_json_comes_back(value: object) -> None:
    path = _scratch[0] / "a.json"
    try:
        write_json(path, value)
    except UnicodeEncodeError:  # lone surrogates are no text
        return
    assert read_json(path) == value


_scratch: list[Path] = []


@pytest.fixture(autouse=True, scope="module")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    _scratch[:] = [tmp_path_factory.mktemp("store")]


def test_what_is_no_json_reads_as_none(tmp_path: Path) -> None:
    assert read_json(tmp_path / "none.json") is None
    for content in (b"", b"{", b"\xff\xfe"):
        (tmp_path / "a.json").write_bytes(content)
        assert read_json(tmp_path / "a.json") is None


@given(st.dictionaries(st.text(), st.integers()))
def test_a_fingerprint_does_not_depend_on_order(value: dict[str, int]) -> None:
    turned = dict(reversed(value.items()))
    assert key_of(value) == key_of(turned)
    assert key_of(value) != key_of({**value, "one more": 1})


def test_only_one_process_works_in_a_folder(tmp_path: Path) -> None:
    program = (
        "import sys, pathlib\nfrom groovecli.files import exclusive\n"
        "from groovecli.errors import DatasetError\n"
        "try:\n    with exclusive(pathlib.Path(sys.argv[1])): print('in')\n"
        "except DatasetError: print('out')\n"
    )

    def other() -> str:
        command = [sys.executable, "-c", program, str(tmp_path)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    with exclusive(tmp_path):
        assert other() == "out"
        with pytest.raises(DatasetError, match="another groove"), exclusive(tmp_path):
            pass
    assert other() == "in"


def test_what_a_killed_process_left_is_cleared_away(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    for left in (tmp_path / ".groove-x1.tmp", tmp_path / "deep" / ".groove-x2.tmp", tmp_path / "kept"):
        left.touch()
    with exclusive(tmp_path):
        assert {path.name for path in tmp_path.rglob("*")} == {"deep", "kept", ".lock"}


def test_names_that_are_not_utf8_keep_their_bytes_in_json(tmp_path: Path) -> None:
    value = {"path": os.fsdecode(b"caf\xe9"), "genre": "日本"}
    write_json(tmp_path / "a.json", value)
    assert read_json(tmp_path / "a.json") == value


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
def test_what_lies_at_a_path(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("pipe")
    (tmp_path / "broken").symlink_to("nothing")
    kinds = {
        name: other_kind(tmp_path / name) for name in ("pipe", "file", "link", "broken", "nothing", ".")
    }
    assert kinds == {
        "pipe": "a pipe",
        "file": None,
        "link": "a pipe",
        "broken": "a broken link",
        "nothing": None,
        ".": "a folder",
    }
    assert other_kind(Path("/dev/null")) == "a device"
