"""What is in the wheel, and where shipped folders are found."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from groovecli import home as paths
from groovecli.errors import GrooveError
from groovecli.models.file import shipped_models

ROOT = Path(__file__).parent.parent


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
