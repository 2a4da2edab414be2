"""A query to its terms: `slow sad piano`, `jazz not vocals`, `"blue train" 1957`, `120 bpm in C minor`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from groovecli.words.lexicon import Lexicon, Meaning, Phrase
from groovecli.words.text import one_of, parts_of, plain, words_of

MOST_LETTERS = 500
_WIDTH_BPM = 0.04  # of a tempo: what counts as the same
_NOT, _NO = frozenset(["not", "without", "except", "minus"]), frozenset(["no", "non"])
_LONGEST = 4  # words of a phrase behind a `not`
_FIRST_MARK = 0xF0000  # private letters, each for what is no word
_MARKS = re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff]")
_MINUS = re.compile(r"(?:(?<=\s)|^)[-\u2212](?=[\w\"\u201c\u201e\u00ab\U000f0000-\U000fffff])")


@dataclass(frozen=True)
class Tempo:
    """From `low` to `high` beats a minute."""

    low: float
    high: float


@dataclass(frozen=True)
class InKey:
    """A key: semitones above C, None for any; and whether it is minor."""

    tonic: int | None
    is_minor: bool


@dataclass(frozen=True)
class Years:
    """From the first year to the last."""

    first: int
    last: int


@dataclass(frozen=True)
class Text:
    """Words of a file's tags; in this order and side by side where they are quoted."""

    words: tuple[str, ...]
    is_exact: bool = False


Wanted = Meaning | Tempo | InKey | Years | Text


@dataclass(frozen=True)
class Term:
    """A word or phrase of a query: as it was said, what it means, whether songs should have it or not."""

    said: str
    wanted: Wanted
    is_wanted: bool = True
    phrase: Phrase = frozenset()


@dataclass(frozen=True)
class Query:
    """The terms of a query, equal for any order of its words, and the words that say nothing."""

    terms: tuple[Term, ...]
    filler: tuple[str, ...] = ()


def read_query(text: str, lexicon: Lexicon) -> Query:
    """Read a query; what means nothing in the lexicon is looked for in tags."""
    whole = unicodedata.normalize("NFKC", text)
    text, marked = _marked(_MARKS.sub(" ", whole))
    tokens = list(_tokens(_MINUS.sub(" not ", text)))
    terms: list[Term] = []
    filler = _drop_behind_not(tokens, lexicon)
    left: dict[str, str] = {}
    place = 0
    while place < len(tokens):
        n = _n_negated(tokens, place, lexicon, marked)
        if n:
            some = tokens[place + 1 : place + 1 + n]
            terms += _terms(some, lexicon, marked)
        elif (token := tokens[place]) in marked:
            terms.append(marked[token])
        elif token in lexicon.decades:
            terms.append(_decade(token, lexicon))
        elif one_of(token) in lexicon.filler:
            filler.append(token)
        else:
            left.setdefault(one_of(token), token)
        place += 1 + n
    terms += _of_words(left, lexicon)
    known = {(term.said, term.is_wanted): term for term in terms}
    return Query(tuple(sorted(known.values(), key=lambda term: _place(term, whole))), tuple(filler))


def _place(term: Term, text: str) -> tuple[bool, int]:
    """Where a term stands: as people said it, and what they do not want last."""
    first = term.said.split()[0]
    return not term.is_wanted, plain(text).find(plain(first))


def _tokens(text: str) -> Iterator[str]:
    """Words, and marks between them."""
    for part in re.split("([\U000f0000-\U000fffff])", text):
        if len(part) == 1 and ord(part) >= _FIRST_MARK:
            yield part
        else:
            yield from parts_of(part)


def _drop_behind_not(tokens: list[str], lexicon: Lexicon) -> list[str]:
    """Take out words that say nothing behind a `not`: `without any drums`; what was taken out."""
    dropped: list[str] = []
    for place in range(len(tokens) - 1, 0, -1):
        if tokens[place - 1] in _NOT and one_of(tokens[place]) in lexicon.filler:
            dropped.insert(0, tokens.pop(place))
    return dropped


def _n_negated(tokens: Sequence[str], place: int, lexicon: Lexicon, marked: dict[str, Term]) -> int:
    """How many tokens a `not` at a place holds for; 0 where there is none."""
    after = tokens[place + 1 : place + 1 + _LONGEST]
    if tokens[place] not in _NOT | _NO or not after:
        return 0
    if after[0] in marked:
        return 1
    for n in range(len(after), 0, -1):
        if not any(token in marked for token in after[:n]) and _known(after[:n], lexicon):
            return n
    return 1 if tokens[place] in _NOT else 0


def _known(tokens: Sequence[str], lexicon: Lexicon) -> bool:
    words = tuple(map(one_of, tokens))
    if len(tokens) == 1 and tokens[0] in lexicon.decades:
        return True
    return words[-1] not in lexicon.filler and lexicon.phrase(words) in lexicon.meanings


def _terms(tokens: Sequence[str], lexicon: Lexicon, marked: dict[str, Term]) -> list[Term]:
    """The terms of what stands behind a `not`."""
    if tokens[0] in marked:
        found = [marked[tokens[0]]]
    elif len(tokens) == 1 and tokens[0] in lexicon.decades:
        found = [_decade(tokens[0], lexicon)]
    else:
        found = _of_words({one_of(token): token for token in tokens}, lexicon)
    return [Term(term.said, term.wanted, False, term.phrase) for term in found]


def _of_words(left: dict[str, str], lexicon: Lexicon) -> list[Term]:
    """Words to phrases, the longest first, whatever their order; the others are texts.

    left : words as singulars, each with what was said
    """
    terms, waiting = [], dict(left)
    while True:
        there = frozenset(waiting)
        found = {phrase for word in there for phrase in lexicon.by_word.get(word, ()) if phrase <= there}
        if not found:
            break
        best = min(found, key=lambda phrase: (-len(phrase), sorted(phrase)))
        said = " ".join(shown for word, shown in left.items() if word in best)
        terms.append(Term(said, lexicon.meanings[best], phrase=best))
        for word in best:
            del waiting[word]
    for word, shown in waiting.items():
        terms.append(Term(shown, Text((word,)), phrase=frozenset((word,))))
    return terms


# What is no word: quoted texts, tempos, keys, years


_TONICS = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}
_SHARPS = {"#": 1, "\u266f": 1, "sharp": 1, "b": -1, "\u266d": -1, "flat": -1}
_OPEN, _CLOSE = '"\u201c\u201d\u201e\u00ab', '"\u201c\u201d\u00bb'
_QUOTED = re.compile(f"[{_OPEN}]([^{_OPEN}{_CLOSE}]+)[{_CLOSE}]")
_BPM = re.compile(
    r"\b(\d{2,3}(?:\.\d+)?)\s*(?:(?:-|\u2013|to)\s*(\d{2,3}(?:\.\d+)?)\s*)?bpm\b|\bbpm\s*(\d{2,3}(?:\.\d+)?)\b",
    re.IGNORECASE,
)
_KEY = re.compile(
    r"(?<!\w)(?:in\s+)?(?:([a-g])(?:\s*([#\u266f\u266db])|[\s-]+(sharp|flat))?[\s-]+)?"
    r"(major|minor|maj|min|dur|moll)(?!\w)",
    re.IGNORECASE,
)
_CAMELOT = re.compile(r"(?<!\w)(1[0-2]|[1-9])([ab])(?!\w)", re.IGNORECASE)
_YEARS = re.compile(r"(?<!\w)((?:1[89]|20)\d\d)\s*[-\u2013]\s*((?:1[89]|20)\d\d)(?!\w)")
_DECADE = re.compile(r"(?<!\w)['\u2019]?((?:18|19|20)?\d0)['\u2019]?s(?!\w)", re.IGNORECASE)
_YEAR = re.compile(r"(?<!\w)(1[89]\d\d|20\d\d)(?!\w)")
_OLDEST = 30


def _marked(text: str) -> tuple[str, dict[str, Term]]:
    """The text with a mark for each of these, and what the marks stand for."""
    marked: dict[str, Term] = {}

    def put(make: Callable[[re.Match[str]], Wanted | None]) -> Callable[[re.Match[str]], str]:
        def mark(match: re.Match[str]) -> str:
            wanted = make(match)
            if wanted is None:
                return match[0]
            sign = chr(_FIRST_MARK + len(marked))
            marked[sign] = Term(" ".join(match[0].split()), wanted)
            return f" {sign} "

        return mark

    rows: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Wanted | None]], ...] = (
        (_QUOTED, _quoted),
        (_BPM, _tempo),
        (_KEY, _key),
        (_CAMELOT, _camelot),
        (_YEARS, lambda m: Years(*sorted((int(m[1]), int(m[2]))))),
        (_DECADE, lambda m: _ten_years(int(m[1]))),
        (_YEAR, lambda m: Years(int(m[1]), int(m[1]))),
    )
    for pattern, make in rows:
        text = pattern.sub(put(make), text)
    return text, marked


def _quoted(match: re.Match[str]) -> Text | None:
    words = words_of(match[1])
    return Text(words, is_exact=True) if words else None


def _tempo(match: re.Match[str]) -> Tempo:
    low, high = sorted(float(part) for part in (match[1] or match[3], match[2] or match[1] or match[3]))
    return Tempo(low * (1 - _WIDTH_BPM), high * (1 + _WIDTH_BPM))


def _key(match: re.Match[str]) -> InKey:
    is_minor = match[4].lower() in ("minor", "min", "moll")
    if not match[1]:
        return InKey(None, is_minor)
    change = _SHARPS.get((match[2] or match[3] or "").lower(), 0)
    return InKey((_TONICS[match[1].lower()] + change) % 12, is_minor)


def _camelot(match: re.Match[str]) -> InKey:
    is_minor = match[2].lower() == "a"
    major = 7 * (int(match[1]) - 8) % 12  # 8B is C major
    return InKey((major + 9) % 12 if is_minor else major, is_minor)


def _decade(word: str, lexicon: Lexicon) -> Term:
    return Term(word, _ten_years(lexicon.decades[word]))


def _ten_years(number: int) -> Years:
    """`80` and `1980` to their ten years."""
    first = number if number > 99 else number + (2000 if number < _OLDEST else 1900)
    return Years(first, first + 9)
