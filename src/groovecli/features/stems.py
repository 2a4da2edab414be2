"""The stems that musiXmatch's bags for the Million Song Dataset hold instead of words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from groovecli.messages.features import no_stemmer

_PUNCTUATION = dict.fromkeys(map(ord, ",'\";:.?!(){}/\\_|-@#*"))
_LEFT_OF = {"can't": "ca", "won't": "wo", "shan't": "sha"}  # what they are without "n't" is no other word
_CONTRACTIONS = ("'m", "'re", "'ve", "'d", "'ll", "'s", "n't")
_RARER = 6  # times the rank of the most common word; 91 % are then as in musiXmatch's table, else 84 %


def stems_of(words: Iterable[str]) -> dict[str, str]:
    """Stem -> the word that it stands for, of words that are casefolded, the most common first.

    musiXmatch took contractions apart (*don't* -> *do not*, *baby's* -> *baby*), dropped punctuation and
    stemmed by Porter2, whatever the language (lyrics_to_bow.py of Bertin-Mahieux et al. 2011). So here
    contractions have no stem, but for what *can't*, *won't* and *shan't* leave, and a word with
    punctuation counts only where no other has its stem: *u.s.* is not *us*. Of several words the shortest
    that is about as common as the first counts, for that is what singers say: *go*, not the news' *going*.

    Raises
    ------
    GrooveError
        The package PyStemmer is missing.
    """
    try:
        from Stemmer import Stemmer
    except ImportError as error:
        raise no_stemmer() from error
    stemmer = Stemmer("english")
    plain: dict[str, list[tuple[int, str]]] = {}
    others: dict[str, list[tuple[int, str]]] = {}
    for rank, word in enumerate(words, 1):
        left = _prepared(word)
        stem = stemmer.stemWord(left)
        if len(stem) > 1 or word == stem:  # "ieds" is not "i"
            found = plain if left == word or word in _LEFT_OF else others
            found.setdefault(stem, []).append((rank, word))
    return {stem: _shortest(ranked) for stem, ranked in (others | plain).items()}


def _prepared(word: str) -> str:
    """What is left of a word to be stemmed."""
    if word.isalnum():
        return word
    if word in _LEFT_OF:
        return _LEFT_OF[word]
    return "" if word.endswith(_CONTRACTIONS) else word.translate(_PUNCTUATION)


def _shortest(ranked: Sequence[tuple[int, str]]) -> str:
    """The shortest word of those that are not far rarer than the first."""
    most = _RARER * ranked[0][0]
    return min((word for rank, word in ranked if rank <= most), key=len)
