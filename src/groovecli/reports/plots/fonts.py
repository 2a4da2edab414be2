"""Fonts for names in any script: of those that are installed, the ones with letters that are needed."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

# Plain faces first, and of these the ones that have many letters.
_PREFERRED = (
    r"regular|medium",
    r"sans|gothic|hei|yahei|meiryo|malgun|unicode",
    r"cjk|noto|source|wqy|fallback",
)
_AVOIDED = r"bold|black|heavy|thin|light|italic|oblique|mono|serif|condensed|emoji"


@cache
def families_for(letters: frozenset[str]) -> tuple[str, ...]:
    """Families of installed fonts that together have the letters which matplotlib's own font lacks."""
    from matplotlib import font_manager

    own = font_manager.get_font(font_manager.findfont(font_manager.FontProperties()))
    lacking = {ord(letter) for letter in letters if letter.isprintable()}
    lacking -= own.get_charmap().keys()
    families: list[str] = []
    for path in sorted(font_manager.findSystemFonts(), key=_rank) if lacking else ():
        family, covered = _coverage(path, lacking)
        if covered:
            font_manager.fontManager.addfont(path)  # its list may be older than the font
            families.append(family)
            lacking -= covered
        if not lacking:
            break
    return tuple(families)


def _rank(path: str) -> tuple[bool, int, str]:
    name = Path(path).name.lower()
    n_preferred = sum(bool(re.search(pattern, name)) for pattern in _PREFERRED)
    return bool(re.search(_AVOIDED, name)), -n_preferred, path


def _coverage(path: str, letters: set[int]) -> tuple[str, set[int]]:
    """A font's family, and which of the letters it has; none of a file that can't be drawn from."""
    from matplotlib.ft2font import FT2Font

    try:
        font = FT2Font(path)
    except (OSError, RuntimeError):
        return "", set()
    if not font.scalable:  # pictures of letters, as of emoji
        return "", set()
    return font.family_name, {letter for letter in letters if font.get_char_index(letter)}
