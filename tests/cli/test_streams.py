"""Standard streams that are closed, full, read by nobody, or in another encoding, for every command."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import mutagen
import pytest
from hypothesis import given
from hypothesis import strategies as st

from groovecli.cli import streams
from groovecli.cli.app import COMMANDS
from tests.cli.conftest import Workshop
from tests.conftest import DEMO, write_song

ROOT = Path(__file__).parent.parent.parent

# The quick ones meet each state, the others the two that differ most.
QUICK: dict[str, tuple[str, ...]] = {
    "models": (),
    "models list": ("--json",),
    "models show": ("groove-net",),
    "models use": ("groove-net",),
    "models remove": ("nothing", "--yes"),
    "models pull": ("nothing",),
    "remove-genre": ("folk", "--dry-run"),
    "status": ("--failed",),
    "clean": ("--dry-run",),
    "check-playlist": ("nothing.m3u8",),
    "verify": (),
    "apply": ("nothing.json",),
    "undo": (),
    "analyses": (),
    "analyses import": ("nothing.zip",),
    "config": (),
    "completion": ("bash",),
    "help": ("models", "use"),
    "demo": ("--out", "{library}"),
    "between": ("nothing.mp3", "none.mp3"),
    "why": ("nothing.mp3", "none.mp3"),
}
LONG: dict[str, tuple[str, ...]] = {
    "classify": ("{song}",),
    "search": ("piano", "--in", "{library}/folk"),
    "similar": ("{song}", "--in", "{library}/folk"),
    "embed": ("{song}", "--out", "{out}/songs.npz"),
    "duplicates": ("{library}/folk",),
    "audit": ("{library}",),
    "tag": ("{song}", "--dry-run", "--min-precision", "0"),
    "cluster": ("{library}/folk", "--out", "{out}/lists"),
    "map": ("{library}/folk", "--out", "{out}/map.html"),
    "report": ("{library}/folk", "--out", "{out}/report.html"),
    "describe": ("{song}",),
    "evaluate": ("net",),
    "ingest": ("{library}",),
    "train": ("--epochs", "1"),
    "leakage": ("--network", "time-cnn", "--minutes", "0.01"),
    "compare": ("--network", "time-cnn", "--epochs", "1"),
    "add-genre": ("ambient", "{demo}/ambient"),
    "doctor": (),
    "analyses export": ("{out}/analyses.zip", "--no-features"),
    "models export": ("net", "--out", "{out}/net.onnx"),
}
STATES = [
    ("left", "file"),
    ("closed", "file"),
    ("file", "closed"),
    ("closed", "closed"),
    ("file", "full"),
    ("file", "left"),
    ("full", "file"),
]


def test_every_command_is_tried() -> None:
    assert set(QUICK) | set(LONG) == set(COMMANDS)


def outcomes(cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.cli.streams"],
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def arguments(command: str, options: tuple[str, ...], workshop: Workshop, out: Path) -> list[str]:
    song = next((workshop.library / "folk").glob("*.opus"))
    places = {"library": workshop.library, "song": song, "out": out, "demo": DEMO}
    return [*command.split(), *(option.format(**places) for option in options)]


def check(case: dict[str, Any], outcome: dict[str, Any], usual: dict[str, Any]) -> None:
    assert "Traceback" not in outcome["stderr"], case
    assert "fault in groove" not in outcome["stderr"], case
    if case["stdout"] == "full" and usual["stdout"]:
        assert outcome["code"] == 1, case
        if case["stderr"] == "file":
            assert "standard output: No space left on device" in outcome["stderr"], case
    else:
        assert outcome["code"] == usual["code"], case


def test_quick_commands_in_each_state(workshop: Workshop, tmp_path: Path) -> None:
    lines = [arguments(command, options, workshop, tmp_path) for command, options in QUICK.items()]
    lines += [["--help"], ["--version"], ["nonsense"], ["classify", "--help"]]
    states = [("file", "file"), *STATES]
    cases = [{"args": args, "stdout": out, "stderr": err} for args in lines for out, err in states]
    found = outcomes(cases)
    usual: dict[str, Any] = {}
    for case, outcome in zip(cases, found, strict=True):
        if (case["stdout"], case["stderr"]) == ("file", "file"):
            usual = outcome
            assert outcome["code"] in (0, 1, 2), (case, outcome)
        check(case, outcome, usual)
        if case["stdout"] == "file":
            assert outcome["stdout"] == usual["stdout"], case


def test_long_commands_whose_reader_left_or_whose_disk_is_full(workshop: Workshop, tmp_path: Path) -> None:
    done, full = {"code": 0, "stdout": "said"}, {"code": 1, "stdout": "said"}
    cases = [
        {"args": arguments(command, options, workshop, tmp_path), "stdout": out, "stderr": err}
        for command, options in LONG.items()
        for out, err in (("left", "full"), ("full", "file"))
        if out == "left" or command == "classify"
    ]
    for case, outcome in zip(cases, outcomes(cases), strict=True):
        check(case, outcome, full if case["stdout"] == "full" else done)
    assert (tmp_path / "net.onnx").is_file()


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """Songs with names in Japanese, one whose name is not UTF-8, and titles in Japanese."""
    library = tmp_path / "foreign"
    for number in range(6):
        song = write_song(library / "日本" / f"歌 {number}.flac", 4, sr=8000, hz=200 + 99 * number)
        tags = mutagen.File(song)
        tags["title"], tags["artist"] = f"題 {number}", "歌手"
        tags.save()
    shutil.copy(DEMO / "ATTRIBUTION.csv", library / "日本" / "本.mp3")
    write_song(library / "日本" / "a.wav", 4, sr=8000).rename(
        os.fsdecode(os.fsencode(library) + b"/caf\xe9.wav")
    )
    return library


def test_names_that_an_encoding_lacks_are_escaped(home: Path, foreign: Path, tmp_path: Path) -> None:
    lists = tmp_path / "lists"
    clusters = f"--out {lists} --min-size 1 --method kmeans --clusters 7".split()
    commands = [
        ["classify", str(foreign)],
        ["classify", str(foreign), "--json"],
        ["cluster", str(foreign), *clusters],
        ["ingest", str(foreign)],
    ]
    cases = [{"args": args, "stdout": "file", "stderr": "file", "encoding": "cp1252"} for args in commands]
    named, as_json, clustered, ingested = outcomes(cases)
    assert [case["code"] for case in (named, as_json, clustered, ingested)] == [3, 3, 3, 1]
    assert r"\u65e5\u672c/\u6b4c 0.flac: " in named["stdout"]
    assert "/caf\xe9.wav: " in named["stdout"]
    assert r"\u672c.mp3: cannot be decoded" in named["stderr"]
    paths = [result["path"] for result in json.loads(as_json["stdout"])["results"]]
    assert str(foreign / "日本" / "歌 5.flac") in paths
    assert os.fsdecode(os.fsencode(foreign) + b"/caf\xe9.wav") in paths
    assert len(list(lists.glob("*.m3u8"))) == 7
    assert r"\u6b4c\u624b" in clustered["stdout"]
    assert "/caf\xe9.wav" in ingested["stderr"]


def test_playlists_in_a_locale_whose_names_lack_letters(home: Path, foreign: Path, tmp_path: Path) -> None:
    options = "--out lists --min-size 1 --method kmeans --clusters 7 --preview"
    done = subprocess.run(
        [sys.executable, "-m", "groovecli", "cluster", str(foreign), *options.split()],
        env={**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 3, done.stderr
    assert len(list((tmp_path / "lists").glob("*.m3u8"))) == 7
    assert len(list((tmp_path / "lists").glob("*.mp3"))) == 7


ENCODINGS = st.sampled_from(
    ["utf-8", "ascii", "cp1252", "latin-1", "cp932", "utf-16", "utf-16-le", "utf-32"]
)


@given(st.text(st.characters(), max_size=20), ENCODINGS)
def test_any_text_has_bytes_in_any_encoding(text: str, encoding: str) -> None:
    data = text.encode(encoding, streams.ERRORS)
    assert isinstance(data, bytes)
    if all(not "\ud800" <= letter <= "\udfff" for letter in text):
        back = data.decode(encoding)
        assert back.encode("ascii", "backslashreplace") == text.encode("ascii", "backslashreplace")


@given(st.binary(max_size=20), ENCODINGS.filter(lambda name: name in ("ascii", "utf-8")))
def test_names_that_are_no_text_keep_their_bytes(name: bytes, encoding: str) -> None:
    assert name.decode(encoding, "surrogateescape").encode(encoding, streams.ERRORS) == name


def test_a_pipe_that_would_block_is_waited_for(home: Path) -> None:
    code = (
        "import os; os.set_blocking(1, False)\n"
        "from groovecli.cli import streams; streams.prepare()\n"
        "print('x' * 1_000_000, flush=True)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert len(done.stdout) == 1_000_001


def test_files_do_not_take_the_place_of_closed_streams(home: Path) -> None:
    code = "from groovecli.cli import streams; streams.prepare(); exit(open('file', 'w').fileno() < 3)"
    command = f'{sys.executable} -c "{code}" <&- >&- 2>&-; echo $?'
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=True)
    assert done.stdout == "0\n"
