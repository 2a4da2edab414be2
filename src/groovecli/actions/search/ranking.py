"""All songs, ranked by the terms of a query."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from groovecli.actions.search.catalogued import found_in_tags
from groovecli.actions.search.files import MOST_READ, FileTags, read_files
from groovecli.actions.search.scored import Scored, Scorer, with_years
from groovecli.actions.similar.opened import Opened
from groovecli.words import scores
from groovecli.words.lexicon import Meaning
from groovecli.words.probes import Probe, in_moods
from groovecli.words.query import Term, Text, Years
from groovecli.words.scores import Shares

_OWN = ("genre", "folder")  # where a person says what a song sounds like
_ALL = ("artist", "album_artist", "title", "album", *_OWN)


@dataclass(frozen=True)
class Ranking:
    """Terms by which songs differ, terms by which they don't, and the overall shares of all songs.

    n_read : files whose tags were read for years and moods; None where no word asked for that
    """

    terms: tuple[Scored, ...]
    left_out: tuple[Scored, ...]
    shares: Shares
    n_read: int | None = None

    @property
    def order(self) -> NDArray[np.intp]:
        """The songs' places, the best first; equal ones as they are in the catalogue."""
        found: NDArray[np.intp] = np.argsort(-self.shares, kind="stable")
        return found

    @property
    def matching(self) -> NDArray[np.bool_] | None:
        """Which songs have some of the words, where only words in tags are wanted; else None.

        How well a sound or a number fits is a matter of degree: all songs have some of it.
        """
        wanted = [each for each in self.terms if each.term.is_wanted]
        if not wanted or not all(isinstance(each.term.wanted, Text) for each in wanted):
            return None
        are = np.zeros(len(self.shares), bool)
        for each in wanted:
            are[list(each.hits)] = True
        return are


def ranking(terms: Sequence[Term], opened: Opened, scorer: Scorer, library: Path | None) -> Ranking:
    """Rank all songs; files are read for years, and for words that are in no other tag."""
    hits = found_in_tags(opened.heard, [_probe(term) for term in terms], library)
    scored = [scorer.score(term, its) for term, its in zip(terms, hits, strict=True)]
    if not any(isinstance(each.term.wanted, Years) or _is_lost(each) for each in scored):
        return _ranking(scored, scorer.n)
    first = _ranking(scored, scorer.n)
    read = read_files(opened, first.order[:MOST_READ].tolist())
    return replace(_ranking([_with(each, read) for each in scored], scorer.n), n_read=read.n_read)


def _ranking(scored: Iterable[Scored], n: int) -> Ranking:
    some = tuple(scored)
    known = tuple(each for each in some if each.is_known)
    left_out = tuple(each for each in some if not each.is_known)
    if not known:
        return Ranking(known, left_out, np.full(n, 0.5))
    return Ranking(known, left_out, scores.overall([each.fits for each in known]))


def _probe(term: Term) -> Probe:
    """Where the words of a term are looked for in tags: those for a sound where a person says the sound."""
    wanted = term.wanted
    if isinstance(wanted, Text):
        return Probe(wanted.words, _ALL, wanted.is_exact)
    if isinstance(wanted, Meaning):
        return Probe(tuple(sorted(term.phrase)), _ALL if wanted.is_noise else _OWN)
    return Probe((), ())


def _is_lost(found: Scored) -> bool:
    """Whether a word is in no tag of the catalogue."""
    return isinstance(found.term.wanted, Text) and not found.hits


def _with(found: Scored, read: FileTags) -> Scored:
    """A term with what was read of files."""
    wanted = found.term.wanted
    if isinstance(wanted, Years):
        return with_years(found, read.years)
    moods = {place: "mood" for place, its in read.moods.items() if in_moods(found.term.phrase, its)}
    if not moods:
        return found
    are = np.zeros(len(found.shares), bool)
    are[list(moods)] = True
    if isinstance(wanted, Text):
        shares = np.maximum(found.shares, scores.matches(are))
        return replace(found, shares=shares, hits=moods | found.hits, n_unknown=0)
    return replace(found, shares=scores.tagged(found.shares, are), hits=moods | found.hits)
