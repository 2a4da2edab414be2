"""A new thing is one file and one row: this adds one of each to a copy of groove and uses them together."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src" / "groovecli"

FILES = {
    "audio/decoders/raw.py": '''
"""Files of nothing but float32 samples at 8000 Hz."""

import numpy as np

from groovecli.audio.decoders.decoder import AudioInfo, Decoder


def _probe(path):
    return AudioInfo(path.stat().st_size / 4 / 8000, 8000, 1)


def _read(path, start_s, length_s):
    y = np.fromfile(path, np.float32)[round(start_s * 8000) :]
    return (y if length_s is None else y[: round(length_s * 8000)]), 8000


RAW = Decoder((".f32",), _probe, _read, (OSError,))
''',
    "library/sources/two.py": '''
"""Folders called a_high and b_low, which are the genres high and low."""

from groovecli.library.sources.listing import SourceListing
from groovecli.library.sources.source import Source


def _listing(root, files):
    return SourceListing({path: path.parent.name[2:] for path in sorted(root.rglob("*.f32"))}, {}, ())


TWO = Source(name="two", listing=_listing, feature="loudness")
''',
    "features/loudness.py": '''
"""How loud a clip is, second by second."""

from dataclasses import dataclass

import numpy as np

from groovecli.features.kind import Kind
from groovecli.features.spec import AudioSpec


@dataclass(frozen=True, kw_only=True)
class LoudnessSpec(AudioSpec):
    """The loudness of `n_steps` equal parts of a clip."""

    n_steps: int

    @property
    def stored_shape(self):
        """(steps,)."""
        return (self.n_steps,)

    @property
    def input_shape(self):
        """(steps,)."""
        return (self.n_steps,)


def _loudness(y, spec):
    parts = np.array_split(y, spec.n_steps)
    return np.array([np.abs(np.diff(part)).mean() for part in parts], np.float32)


KIND = Kind(
    "loudness",
    LoudnessSpec,
    _loudness,
    (LoudnessSpec(name="loudness", kind="loudness", sr=8000, clip_s=30, window_s=3, step_s=3, n_steps=8),),
)
''',
    "networks/tiny.py": '''
"""One dense layer."""

from torch import nn

from groovecli.networks.output import Output


class Tiny(nn.Module):
    """(batch, steps) -> genres."""

    def __init__(self, shapes, n_genres, dropout):
        super().__init__()
        self.embed, self.genres = nn.Linear(shapes[0][0], 4), nn.Linear(4, n_genres)

    def forward(self, x):
        """The logits of a batch."""
        embedding = self.embed(100 * x).tanh()
        return Output(logits=self.genres(embedding), embedding=embedding)
''',
    "playlists/formats/pls.py": '''
"""A playlist as a PLS file."""

from groovecli.playlists.formats.format import Format, Rendered


def render(playlist, folder, naming):
    """Paths are absolute."""
    lines = [f"File{n}={entry.path.absolute()}" for n, entry in enumerate(playlist.entries, 1)]
    return Rendered("\\n".join(["[playlist]", *lines, ""]).encode(), ())


PLS = Format("pls", ".pls", render, lambda data: data.startswith(b"[playlist]"))
''',
    "cli/commands/hello.py": '''
"""`groove hello`."""

from groovecli.cli import options, render


def hello(json: options.Json = False) -> None:
    """Say hello."""
    if json:
        render.as_json({"schema": 1, "said": "hello"})
    else:
        render.answer("hello")
''',
}

# In which file of rows, what stands there, and what stands there with the new row.
ROWS = {
    "audio/decoders/registry.py": ("(SOUNDFILE, PYAV)", "(SOUNDFILE, PYAV, RAW)"),
    "audio/suffixes.py": ("frozenset((*OF_S", 'frozenset((".f32", *OF_S'),
    "library/sources/registry.py": ("(FOLDER, GTZAN, FMA, MSD)", "(FOLDER, GTZAN, FMA, MSD, TWO)"),
    "features/registry.py": ("segments, lyrics)", "segments, lyrics, loudness)"),
    "networks/registry.py": ("_groove, _pons)", "_groove, _pons, _tiny)"),
    "playlists/formats/registry.py": ("(m3u.M3U8, ", "(pls.PLS, m3u.M3U8, "),
    "cli/app.py": (
        '    "demo": Row(',
        '    "hello": Row("hello:hello", GROOVE, "Say hello", "groove hello"),\n    "demo": Row(',
    ),
}
IMPORTS = {
    "audio/decoders/registry.py": "from groovecli.audio.decoders.raw import RAW",
    "library/sources/registry.py": "from groovecli.library.sources.two import TWO",
    "features/registry.py": "from groovecli.features import loudness",
    "networks/registry.py": """

def _tiny() -> Iterator[ModelSpec]:
    yield ModelSpec(
        name="tiny",
        summary="one dense layer",
        paper="none",
        features=("loudness",),
        objective="classify",
        embedding_dim=4,
        similarity="cosine",
        factory="tiny:Tiny",
        defaults=Hyperparameters("adam", learning_rate=0.05, batch_size=8, epochs=30),
        published=None,
    )


""",
    "playlists/formats/registry.py": "from groovecli.playlists.formats import pls",
}


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a copy of groove that has one thing more of each kind, and two genres of tones."""
    folder = tmp_path_factory.mktemp("workshop")
    package = folder / "src" / "groovecli"
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("demo", "__pycache__"))
    (folder / "pretrained").symlink_to(ROOT / "pretrained")
    for place, text in FILES.items():
        assert not (package / place).exists()
        (package / place).write_text(text.lstrip())
    for place, (before, after) in ROWS.items():
        text = (package / place).read_text("utf-8")
        assert text.count(before) == 1, place
        text = text.replace(before, after)
        if place not in IMPORTS:
            (package / place).write_text(text)
            continue
        mark = "\n\ndef _rows(" if place.startswith("networks") else "\nfrom groovecli."
        assert mark in text
        (package / place).write_text(text.replace(mark, f"\n{IMPORTS[place]}{mark}", 1))
    for genre, hz in (("a_high", 1500.0), ("b_low", 150.0)):
        for song in range(8):
            y = 0.4 * np.sin(2 * np.pi * (hz + 10 * song) * np.arange(8000 * 9) / 8000)
            (folder / "music" / genre).mkdir(parents=True, exist_ok=True)
            y.astype(np.float32).tofile(folder / "music" / genre / f"{song}.f32")
    return folder


def start(workshop: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GROOVE_")}
    environment |= {"PYTHONPATH": str(workshop / "src"), "GROOVE_HOME": str(workshop / "home")}
    return subprocess.run(
        [sys.executable, "-m", "groovecli", *arguments, "--json"],
        cwd=workshop,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def run(workshop: Path, *arguments: str) -> dict[str, object]:
    done = start(workshop, *arguments)
    assert done.returncode == 0, done.stderr
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


def test_one_of_each_works_with_the_others(workshop: Path) -> None:
    """Files of a new format, in a new source, as a new feature, for a new network, to a new playlist."""
    ingested = run(workshop, "ingest", "music", "--source", "two", "--clip-seconds", "3", "--yes")
    assert sorted(ingested["genres"]) == ["high", "low"]  # type: ignore[call-overload]
    trained = run(workshop, "train", "--model", "tiny", "--name", "tiny")
    assert trained["model"] == "tiny"
    run(
        workshop,
        "cluster",
        "music",
        "--out",
        "lists",
        "--model",
        "tiny",
        "--format",
        "pls",
        "--min-size",
        "2",
    )
    lists = list((workshop / "lists").glob("*.pls"))
    assert lists and all(path.read_text().startswith("[playlist]\nFile1=/") for path in lists)
    assert run(workshop, "hello") == {"schema": 1, "said": "hello"}
    if all(map(find_spec, ("onnx", "onnxscript", "onnxruntime"))):  # its feature has no recipe yet
        refused = start(workshop, "models", "export", "tiny", "--onnx", "tiny.onnx")
        assert refused.returncode == 1 and "makes its input loudness" in refused.stderr
        assert not (workshop / "tiny.onnx").exists()


def test_the_table_of_the_guide_for_contributors_is_true() -> None:
    """Its folders and its files of rows are there, and are those that the test above touches."""
    text = (ROOT / "docs" / "contributing.md").read_text("utf-8")
    table = text.partition("one file and one row")[2].partition("\n\n`tests")[0]
    places = re.findall(r"`src/groovecli/([\w/]+\.py)`", table)
    files = {place.rpartition("/")[0] for place in places if place.endswith("NAME.py")}
    rows = {place for place in places if not place.endswith("NAME.py")}
    assert rows == set(ROWS)
    assert files == {place.rpartition("/")[0] for place in FILES} | {"actions"}
    assert all((PACKAGE / folder).is_dir() for folder in files)
