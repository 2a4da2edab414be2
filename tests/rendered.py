"""benchmarks/rendered.py as a module of the tests: songs whose tempo and key are known."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType


def _rendered() -> ModuleType:
    path = Path(__file__).parent.parent / "benchmarks" / "rendered.py"
    spec = importlib.util.spec_from_file_location("rendered", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules.setdefault("rendered", module)  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


_MODULE = _rendered()
KINDS, SR, Plan = _MODULE.KINDS, _MODULE.SR, _MODULE.Plan
plans, render, click_track = _MODULE.plans, _MODULE.render, _MODULE.click_track
