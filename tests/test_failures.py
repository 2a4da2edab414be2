"""Files that failed are not tried again until they change."""

from __future__ import annotations

from pathlib import Path

import pytest

from groovecli.library.catalog import Catalog
from groovecli.library.failures import COMPARE, LISTEN, failed_before, keep_failures
from groovecli.library.tracks import FileState, Rejected, Track
from groovecli.reasons import Reason


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    opened = Catalog(tmp_path / "catalog.db")
    opened.remember([track("a")])
    return opened


def track(name: str, *, size: int = 1) -> Track:
    return Track(f"{name:0>32}", Path(f"/music/{name}.mp3"), FileState(size, 1), 30.0)


@pytest.mark.parametrize("reason", list(Reason))
def test_only_what_lasts_is_remembered(catalog: Catalog, reason: Reason) -> None:
    a = track("a")
    keep_failures(catalog, LISTEN, [(a, Rejected(a.path, reason, "60 s"))])
    lasts = reason in (Reason.UNDECODABLE, Reason.SLOW, Reason.DIED, Reason.LARGE)
    assert list(failed_before(catalog, LISTEN, [a, track("b")])) == [a.path] * lasts


def test_a_changed_file_is_tried_again(catalog: Catalog) -> None:
    a = track("a")
    keep_failures(catalog, LISTEN, [(a, Rejected(a.path, Reason.DIED, "SIGSEGV"))])
    assert failed_before(catalog, LISTEN, [track("a", size=2)]) == {}


def test_stages_know_nothing_of_each_other(catalog: Catalog) -> None:
    a = track("a")
    keep_failures(catalog, LISTEN, [(a, Rejected(a.path, Reason.SLOW, "60 s"))])
    assert failed_before(catalog, COMPARE, [a]) == {}
    [known] = failed_before(catalog, LISTEN, [a]).values()
    assert known == Rejected(a.path, Reason.SLOW, "60 s", a.state)


def test_files_that_were_only_asked_about_are_not_remembered(catalog: Catalog) -> None:
    asked = track("z")
    keep_failures(catalog, LISTEN, [(asked, Rejected(asked.path, Reason.SLOW, "60 s"))])
    assert failed_before(catalog, LISTEN, [asked]) == {}


def test_without_a_catalogue_nothing_is_known() -> None:
    keep_failures(None, LISTEN, [(track("a"), Rejected(track("a").path, Reason.SLOW))])
    assert failed_before(None, LISTEN, [track("a")]) == {}
