"""Estimates: a few songs are measured, all are counted, and no dataset is made."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from groovecli.actions import estimate
from groovecli.datasets.intake import IngestRequest
from groovecli.datasets.tables import dataset_names
from groovecli.errors import LibraryError, UsageError
from tests.cli.conftest import groove, groove_json
from tests.small import World, world


@pytest.fixture
def small(tmp_path: Path) -> Iterator[World]:
    """Ten songs that groove does not know yet."""
    with world(tmp_path, n_songs=5) as made:
        yield made


def of_ingest(small: World) -> estimate.Estimate:
    return estimate.of_ingest(IngestRequest(small.library, clip_s=3.0), small.context())


def test_an_ingest_is_measured_and_no_dataset_is_made(
    small: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(estimate, "SAMPLE", 4)
    (small.library / "low" / "empty.wav").touch()
    found = of_ingest(small)
    assert (found.n_files, found.n_done, found.n_waiting, found.n_measured) == (11, 0, 11, 4)
    assert found.seconds > 0
    assert dataset_names(small.catalog) == []
    assert not (small.root / "home" / "datasets").exists()
    small.ingest()
    n_bytes = sum(path.stat().st_size for path in (small.root / "home" / "datasets").rglob("*.pkl"))
    assert found.n_bytes == pytest.approx(n_bytes, rel=0.4)
    (small.library / "low" / "new.wav").write_bytes((small.library / "low" / "0.wav").read_bytes()[:-4000])
    again = of_ingest(small)
    assert (again.n_done, again.n_measured) == (11, 1)  # the empty file waits for a change


def test_an_embed_keeps_what_it_heard(small: World) -> None:
    answer = groove_json("embed", small.library / "low", "--dry-run", "--jobs", "1")
    assert (answer["waiting"], answer["measured"], answer["dry_run"]) == (5, 5, True)
    answer = groove_json("embed", small.library / "low", "--dry-run", "--jobs", "1")
    assert (answer["done"], answer["waiting"], answer["seconds"]) == (5, 0, 0)
    assert "nothing to do" in groove("embed", small.library / "low", "--dry-run").stdout


def test_files_that_fail_are_said(small: World) -> None:
    (small.library / "low" / "text.mp3").write_text("no music")
    result = groove("ingest", small.library, "--dry-run", "--jobs", "1")
    assert result.exit_code == 3
    assert "text.mp3" in result.stderr


def test_what_cannot_be_measured(small: World, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(LibraryError, match="no music"):
        estimate.of_ingest(IngestRequest(tmp_path / "empty"), small.context())
    with pytest.raises(UsageError, match="--source gtzan"):
        estimate.of_ingest(IngestRequest(small.library, source="gtzan"), small.context())
