"""A headless Chromium for tests of pages: one a worker; skipped with a reason where there is none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.chromium import PROGRAMS, VARIABLE, Browser, find
from tests.browser.looks import AXE, axe_file


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser: `with chromium.page(path, width=390, dark=True) as page: ...`."""
    program = find()
    if program is None:
        pytest.skip(f"no {', '.join(PROGRAMS)} in PATH, and no {VARIABLE}")
    browser = Browser(program)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def axe() -> Path:
    """axe-core's file, for `looks.findings` and `looks.check`."""
    path = axe_file()
    if path is None:
        pytest.skip(f"no axe-core: npm install --prefix tests/browser axe-core, or set {AXE}")
    return path
