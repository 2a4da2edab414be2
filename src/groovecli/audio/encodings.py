"""The encoding of text that names none, or a wrong one: old lyrics files and old tags."""

from __future__ import annotations

import math
import re
import unicodedata
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

_MARKS = {  # those of UTF-32 first, which begin as UTF-16's do
    BOM_UTF32_LE: "utf-32",
    BOM_UTF32_BE: "utf-32",
    BOM_UTF16_LE: "utf-16",
    BOM_UTF16_BE: "utf-16",
    BOM_UTF8: "utf-8-sig",
}
_WIDE = ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")
_ESCAPED = {b"\x1b$)C": "iso2022_kr", b"\x1b$": "iso2022_jp_2"}  # ASCII by its bytes
_WESTERN = ("cp1252", "iso8859-15")
_CENTRAL = ("cp1250", "cp1254", "cp1257", "iso8859-2")
_CYRILLIC = ("cp1251", "iso8859-5", "koi8-r", "koi8-u", "cp866")
_EASTERN = ("cp1253", "iso8859-7", "cp1255", "cp1256", "cp874")
_ASIAN = ("cp932", "euc_jis_2004", "gb18030", "big5hkscs", "cp949")
_RARE_LATIN = ("mac-roman", "mac-latin2", "mac-turkish", "cp437", "cp850", "cp852", "cp1258")
_RARE = (*_RARE_LATIN, "mac-cyrillic", "mac-greek")
_LATIN = (*_CENTRAL, *_RARE_LATIN)
_USUAL = (*_WESTERN, *_CENTRAL, *_CYRILLIC, *_EASTERN, *_ASIAN)
_WEIGHTS = dict.fromkeys(_USUAL, 1.0) | dict.fromkeys(_RARE, 0.8)
_NEAR = 0.5  # of the best guess's confidence, for another to be tried
_DOUBT = 1.15  # times as likely as a western encoding, for another to be believed
_FEWEST_LETTERS = 3  # that are not ASCII and differ, for the same: Albanian has two
_MOST_BAD = 0.02  # of the characters that are not ASCII, in UTF-8 with a fault
_MOST_ODD = 0.15  # of the words that are not ASCII, where the encoding is right
_SPARED = 0.02  # of all words that may be odd besides, where nothing else fits

_PIECES = re.compile(r"[\s\x21-\x26\x28-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e–—…“”„«»‹›・、。]+")
_INNER = frozenset("'’‘ʼ´`·")
_OUTER = frozenset("†‡‰‚•§¶¡¿")  # in no middle of a word
_SIGNS = frozenset({"", "SIGN", "MARK"})
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x19\x1c-\x1f]")
_MOST_CONTROLS = 0.02  # of a text's bytes
_ALPHABETS = frozenset({"LATIN", "CYRILLIC", "GREEK", "HEBREW", "ARABIC", "HALFWIDTH"})
_CAPITALS = 0.8  # of a text's letters, where it is in capitals
_SAMPLE = 20_000  # bytes, or characters, that are looked at
_DENSE = 0.75  # of a word's Latin letters that are not ASCII


@dataclass(frozen=True)
class Decoded:
    """A text, and the encoding that was guessed for it; "" if the bytes leave no doubt."""

    text: str
    encoding: str = ""


def decoded_text(data: bytes) -> Decoded | None:
    """Text of bytes in an unknown encoding; None if it can't be told, or if the bytes aren't text.

    UTF-8, and UTF-16 or UTF-32 with a mark, are certain. For the rest chardet ranks the encodings, and the
    first counts that makes words of the bytes: of one alphabet each, with no capital or sign in the middle.
    Western ones come first but for one that is far likelier.
    """
    for mark, encoding in _MARKS.items():
        if data.startswith(mark):
            return Decoded(data.decode(encoding, "replace"))
    if b"\0" in data or len(_CONTROLS.findall(data)) > _MOST_CONTROLS * len(data):
        wide = _readings(data, _WIDE)
        return max(wide, key=lambda reading: sum(map(str.isascii, reading.text)), default=None)
    for escape, encoding in _ESCAPED.items():
        if escape in data and (readings := _readings(data, [encoding])):
            return readings[0]
    text = data.decode("utf-8", "replace")
    n_bad = text.count("\ufffd")
    if n_bad <= _MOST_BAD * sum(not c.isascii() for c in text):
        return Decoded(text, "utf-8" if n_bad else "")
    found = _guessed(data[:_SAMPLE])
    return Decoded(data.decode(found, "replace"), found) if found else None


def repaired(text: str, *, is_said: bool) -> Decoded | None:
    """A tag's text in the encoding that it is in; None where it can't be told.

    Old programs wrote any encoding where tags have Latin-1, and others read it so and wrote it as Unicode.
    Text whose encoding is said, as Unicode's is, changes only where it makes no words.
    """
    if (text.isascii() and "\x1b" not in text) or (is_said and _is_plausible(text)):
        return Decoded(text)
    try:
        data = b"".join(c.encode("latin-1" if c < "\u0100" else "cp1252") for c in text)
    except UnicodeEncodeError:  # it has letters that no western encoding has
        return None if "\ufffd" in text and not _is_plausible(text) else Decoded(text)
    found = decoded_text(data)
    if found is None:
        return Decoded(text) if is_said else None
    if found.encoding in _WESTERN:
        return Decoded(text if is_said else found.text)
    return Decoded(found.text, found.encoding or "utf-8")


def _guessed(data: bytes) -> str:
    """The likeliest of the encodings in which the bytes make words, "" where there is none."""
    scores = _scores(data)
    western = max((scores.pop(name, 0.0) for name in _WESTERN), default=0.0)
    least = _NEAR * max(western, *scores.values(), 0.0)
    others = [name for name in sorted(scores, key=lambda name: -scores[name]) if scores[name] > least]
    westerns = sorted(_readings(data, _WESTERN), key=lambda reading: _n_odd(_words(reading.text)))
    if westerns:  # text in another script never looks western, so this is in Latin letters
        n_letters = sum(not c.isascii() for c in set(data.decode("latin-1").casefold()))
        least = _DOUBT * western if n_letters >= _FEWEST_LETTERS else math.inf
        others = [name for name in others if name in _LATIN and scores[name] > least]
    readings = [*_readings(data, others), *westerns] or _readings(data, _WESTERN, _SPARED)
    return readings[0].encoding if readings else ""


def _scores(data: bytes) -> dict[str, float]:
    """How sure chardet is of each encoding, the surest first, less so for rare ones.

    It knows lower case: all in capitals, Cyrillic looks like another encoding's, Czech like none. Where a
    text is in capitals by some encoding, it is asked what the small letters are.
    """
    scores = _asked(data)
    if "cp1252" not in scores:  # for a byte that it lacks, which may be a fault
        scores["cp1252"] = _asked(data.translate(None, b"\x81\x8d\x8f\x90\x9d")).get("cp1252", 0.0)
    for name in _WEIGHTS:
        text = "" if name in _ASIAN else data.decode(name, "ignore")
        if sum(map(str.isupper, text)) > _CAPITALS * sum(map(str.isalpha, text)) > 0:
            scores[name] = _asked(text.lower().encode(name, "ignore")).get(name, 0.0)
    return scores


def _asked(data: bytes) -> dict[str, float]:
    from chardet import detect_all

    ranked = detect_all(
        data,
        ignore_threshold=True,
        prefer_superset=False,  # it takes ISO 8859-5 for a part of cp1251
        compat_names=False,
        include_encodings=_WEIGHTS,
    )
    found = [(str(each["encoding"]), each["confidence"]) for each in ranked]
    return {name: confidence * _WEIGHTS[name] for name, confidence in found if name in _WEIGHTS}


def _readings(data: bytes, encodings: Iterable[str], spared: float = 0.0) -> list[Decoded]:
    """What the bytes are in each encoding in which they make words; `spared` of them need not be any."""
    readings = [Decoded(data.decode(encoding, "replace"), encoding) for encoding in encodings]
    return [reading for reading in readings if _is_plausible(reading.text, spared)]


def _is_plausible(text: str, spared: float = 0.0) -> bool:
    """Whether nearly all words that are not ASCII look like words; that share of all is `spared`."""
    words = _words(text)
    n_foreign = sum(not word.isascii() for word in words)
    return "\0" not in text and _n_odd(words) <= _MOST_ODD * n_foreign + spared * len(words)


def _words(text: str) -> list[str]:
    """What is between spaces and ASCII signs, but for signs such as ♪."""
    return [word for word in _PIECES.split(text[:_SAMPLE]) if any(_kind(c) not in _SIGNS for c in word)]


def _n_odd(words: Sequence[str]) -> int:
    return sum(not word.isascii() and _is_odd(word) for word in words)


def _is_odd(word: str) -> bool:
    """Whether a word has a sign, a capital or another alphabet in its middle, or hardly an ASCII letter."""
    kinds = [_kind(c) for c in word]
    letters = [c for c in word if c.isalpha()]
    is_broken = "BAD" in kinds or "SIGN" in kinds or "MARK" in kinds[1:-1]
    return is_broken or _is_mixed(letters) or _is_dense(letters) or _has_inner_capital(word)


def _is_mixed(letters: Sequence[str]) -> bool:
    """Whether letters are of several alphabets; CJK has ASCII among its own."""
    alphabets = {_kind(c) for c in letters}
    if any(_kind(c) == "LATIN" for c in letters if not c.isascii()):
        return len(alphabets) > 1
    return len(alphabets & _ALPHABETS) > 1


def _is_dense(letters: Sequence[str]) -> bool:
    """Whether letters are Latin, but hardly one is in ASCII."""
    n_foreign = sum(not c.isascii() for c in letters)
    is_latin = all(_kind(c) == "LATIN" for c in letters)
    return is_latin and len(letters) > 2 and n_foreign > _DENSE * len(letters)


def _has_inner_capital(word: str) -> bool:
    return any(a.islower() and b.isupper() and not (a + b).isascii() for a, b in pairwise(word))


@lru_cache(maxsize=4096)
def _kind(character: str) -> str:
    """A letter's alphabet by its name in Unicode; else BAD, SIGN, MARK (at a word's ends) or ""."""
    category = unicodedata.category(character)
    if category in ("Cn", "Co", "Cs", "Cc") or character == "\ufffd":
        return "BAD"
    if category[0] == "L":
        return unicodedata.name(character, "").split(" ")[0]
    if character.isascii() or character in _INNER or category[0] == "M" or category == "Nd":
        return ""
    return "MARK" if character in _OUTER else "" if category[0] == "P" else "SIGN"
