"""What is in the wheel, its name, the packages that a person is told to install, and shipped folders."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from email import message_from_bytes
from itertools import chain
from pathlib import Path

import pytest

from groovecli import __version__
from groovecli import home as paths
from groovecli.errors import GrooveError
from groovecli.models.shelf import shipped_models

ROOT = Path(__file__).parent.parent
NAME = "groovecli"  # on PyPI, `groove` is a stranger's program that intercepts network traffic
FETCHED = {"musicnn==0.1.0"}  # a wheel that groove takes by its SHA-256; nothing in it is run
COMPARED = {"bliss-audio", "pymusly"}  # programs that benchmarks/peers.py runs beside groove
TOLD_IN = (
    "src/groovecli/**/*.py",
    "docs/**/*.*",
    "README.md",
    "CHANGELOG.md",
    "benchmarks/**/*.py",
    "justfile",
    ".ci/run",
)
_PIP = re.compile(r"\bpip3?\s+(?:install|download)\s+([^`\"\n&|;#)]+)")
_WITH_VALUE = {
    "-c",
    "--constraint",
    "-r",
    "--requirement",
    "-d",
    "--dest",
    "-i",
    "--index-url",
    "--extra-index-url",
    "--timeout",
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return zipfile.ZipFile(next(folder.glob("*.whl")))


def test_the_wheel_holds_models_music_completions_and_licences(wheel: zipfile.ZipFile) -> None:
    names = wheel.namelist()
    assert sum(name.startswith("groovecli/demo/") and name.endswith(".opus") for name in names) == 30
    assert "groovecli/demo/ATTRIBUTION.csv" in names
    assert "groovecli/pretrained/groove-net/model.safetensors" in names
    assert "groovecli/pretrained/groove-net/README.md" in names
    assert "groovecli/completions/groove.bash" in names
    assert "groovecli/py.typed" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert any(name.endswith("ATTRIBUTION.csv") and "dist-info" in name for name in names)


def test_shipped_folders_are_found_in_the_package_and_beside_src(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "src" / "groovecli"
    package.mkdir(parents=True)
    monkeypatch.setattr(paths, "PACKAGE", package)
    with pytest.raises(GrooveError, match="pretrained"):
        paths.shipped("pretrained")
    (tmp_path / "pretrained").mkdir()
    assert paths.shipped("pretrained") == tmp_path / "pretrained"
    (package / "pretrained").mkdir()
    assert paths.shipped("pretrained") == package / "pretrained"


def test_the_shipped_model_is_small_and_describes_itself() -> None:
    (model,) = shipped_models()
    assert model.path.stat().st_size < 8_000_000
    assert len(model.description.genres) == 10
    assert model.description.split_by == "artist"
    assert model.description.licence
    assert (model.path.parent / "README.md").is_file()


def test_the_distribution_has_a_name_of_its_own_and_the_command_is_groove(wheel: zipfile.ZipFile) -> None:
    below = f"{NAME}-{__version__}.dist-info"
    about = message_from_bytes(wheel.read(f"{below}/METADATA"))
    assert (about["Name"], about["Version"]) == (NAME, __version__)
    assert (
        "groove = groovecli.__main__:main" in wheel.read(f"{below}/entry_points.txt").decode().splitlines()
    )


def test_pyav_is_of_a_version_that_was_tried(wheel: zipfile.ZipFile) -> None:
    """A new one may drop what groove asks of it, as 19 did: pip must not bring one by itself."""
    metadata = message_from_bytes(wheel.read(f"groovecli-{__version__}.dist-info/METADATA"))
    (pyav,) = [each for each in metadata.get_all("Requires-Dist", []) if re.match(r"av\b", each)]
    assert re.search(r"<\d+", pyav) and re.search(r">=\d+", pyav)


def told(text: str) -> Iterator[str]:
    """What a text says to install or to download by pip."""
    spans_joined = re.sub(r"`[^`]+`", lambda span: " ".join(span[0].split()), text)
    for arguments in _PIP.findall(spans_joined):
        words = iter(shlex.split(arguments))
        for word in words:
            if word in _WITH_VALUE:
                next(words, None)
            elif not word.startswith("-"):
                yield word


def is_known(requirement: str) -> bool:
    """Whether it is groove, with extras that it has, or a package that groove is tested with."""
    found = re.fullmatch(r"([A-Za-z0-9._-]+)(?:\[([^]]+)\])?(?:[=<>!~].*)?", requirement)
    if requirement in FETCHED | COMPARED or found is None:
        return found is not None
    name, extras = found[1], (found[2] or "").split(",")
    if name in (".", NAME):
        there = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
        return set(extras) <= {"", *there}
    constraints = (ROOT / "constraints.txt").read_text().splitlines()
    tested = {line.partition("==")[0] for line in constraints if not line.startswith("#")}
    return _plain(name) in map(_plain, tested)


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_only_groove_and_what_it_is_tested_with_is_told_to_be_installed() -> None:
    files = [
        path for path in chain.from_iterable(map(ROOT.glob, TOLD_IN)) if path.suffix not in (".svg", ".png")
    ]
    found = {(path.relative_to(ROOT), word) for path in files for word in told(path.read_text("utf-8"))}
    assert {word for _, word in found} >= {".", ".[dev]", "h5py", "gensim", "pyarrow", "onnx"}
    told_as_they_are = [each for each in sorted(found) if "{" not in each[1]]  # the rest is filled in
    assert [each for each in told_as_they_are if not is_known(each[1])] == []


@pytest.mark.parametrize(
    "text",
    [
        "`pip install 'groove[onnx]'`",
        "    pip install groove",
        "`pip\ninstall groovecli[nothing]`",
        "error(\"pip install 'groove[msd]'\")",
        "pip install -c constraints.txt . && pip install tensorflow==1.0",
        "`pip download --no-deps\n musicnn==0.2.0`",
    ],
)
def test_a_stranger_s_package_is_seen(text: str) -> None:
    assert not all(map(is_known, told(text)))


@pytest.mark.parametrize(
    "text",
    [
        "    pip install -c constraints.txt -e '.[dev]' && pytest",
        "`pip install groovecli[onnx,msd]`",
        "`pip download --no-deps musicnn==0.1.0` elsewhere",
        "pip install --quiet -c constraints.txt scikit_learn>=1.6  # and groove",
    ],
)
def test_known_packages_are_let_through(text: str) -> None:
    assert list(told(text))
    assert all(map(is_known, told(text)))
