"""What every page has to be: nothing too small or cut, all of it by keyboard, no finding of axe-core."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from tests.browser.chromium import Page

AXE = "GROOVE_AXE"  # the path of axe.min.js, where it is not in node_modules here
WIDTHS = (390, 1024, 1600)
_SERIOUS = ("serious", "critical")

_SMALL = """[...document.querySelectorAll("body *")].filter((e) => {
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    return own && e.checkVisibility({visibilityProperty: true, opacityProperty: true}) &&
        !["SCRIPT", "STYLE"].includes(e.tagName) && parseFloat(getComputedStyle(e).fontSize) < 12;
}).map((e) => e.outerHTML.slice(0, 200))"""

# Cut: wider than its room, and neither a shade where it scrolls, nor an ellipsis and a title.
_CUT = """[...document.querySelectorAll("body, body *")].filter((e) => {
    const style = getComputedStyle(e);
    if (!e.checkVisibility() || e.closest(".sr, svg, audio")) return false;
    if (e.scrollWidth <= e.clientWidth + 1) return false;
    if (e === document.body) return document.documentElement.scrollWidth > innerWidth;
    if (style.overflowX === "visible" || !e.clientWidth) return false;
    if (style.overflowX === "hidden" || style.overflowX === "clip")
        return !(style.textOverflow === "ellipsis" && (e.title || e.closest("[title]")));
    return !(e.tabIndex >= 0 && e.closest(".more-right, .more-left"));
}).map((e) => e.outerHTML.slice(0, 200))"""

# What a click does something to, and the keyboard never comes to.
_FOCUSABLE = """[...document.querySelectorAll(
    "a[href], button, input, select, summary, audio, [tabindex='0']")]
    .filter((e) => e.checkVisibility({visibilityProperty: true}) && !e.disabled && e.tabIndex >= 0)"""


def axe_file() -> Path | None:
    """Where axe-core is; None where it is not installed."""
    given = os.environ.get(AXE)
    path = Path(given) if given else Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
    return path if path.is_file() else None


def findings(page: Page, axe: Path) -> list[str]:
    """What axe-core finds serious or critical, each with the elements that it is of."""
    page.load(axe.read_text("utf-8"))
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    found = page.run("axe.run(document, options).then((r) => r.violations)", options=options)
    return [
        f"{each['id']}: {each['help']}: {[node['html'][:200] for node in each['nodes'][:5]]}"
        for each in found
        if each["impact"] in _SERIOUS
    ]


def too_small(page: Page) -> list[str]:
    """Elements whose own text is under 12 px."""
    return list(page.run(_SMALL))


def cut(page: Page) -> list[str]:
    """Elements of which a part can't be seen, without a sign that there is more."""
    return list(page.run(_CUT))


def unreached(page: Page, most: int = 500) -> list[str]:
    """Elements that ought to be reached by the Tab key, and are not; each that is shows that it is."""
    page.run("window.scrollTo(0, 0), document.activeElement.blur(), 0")
    n = page.run(f"window.wanted = {_FOCUSABLE}, window.wanted.length")
    page.run("window.reached = new Set(), 0")
    seen = """(() => { const e = document.activeElement, s = getComputedStyle(e);
        if (e === document.body) return 0;
        if (e.tagName !== "AUDIO" && s.outlineStyle === "none")
            throw Error("no focus ring: " + e.outerHTML.slice(0, 200));
        reached.add(e); return reached.size; })()"""
    for _ in range(min(2 * n + 5, most)):
        page.press("Tab")
        if page.run(seen) == n:
            break
    return list(page.run("wanted.filter((e) => !reached.has(e)).map((e) => e.outerHTML.slice(0, 200))"))


def check(page: Page, axe: Path | None) -> None:
    """All of the above, and that the page said no error and asked nobody for anything."""
    assert too_small(page) == []
    assert cut(page) == []
    if axe is not None:
        assert findings(page, axe) == []
    assert [each for each in page.requests if not each.startswith(("file:", "data:"))] == []
    assert page.errors == []
