"""The terms of a query, each with how well all songs fit it and what says so."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from groovecli.actions.search.catalogued import Hits
from groovecli.actions.search.said import MEASURED, TAGS, Match
from groovecli.describe.description import Key
from groovecli.library.answers import VectorRows
from groovecli.models.loaded import LoadedModel
from groovecli.models.pooling import genres_times
from groovecli.words import scores
from groovecli.words.heads import Heads, Tag
from groovecli.words.lexicon import Lexicon, Meaning, Measure, Measured
from groovecli.words.query import InKey, Tempo, Term, Text, Years
from groovecli.words.scores import Shares

_TOGETHER = 20_000  # vectors read and multiplied at a time
Values = NDArray[np.floating]


def _as_share(value: float) -> str:
    return f"{value:.2f}"


@dataclass(frozen=True)
class Source:
    """Numbers of all songs, who says them, and how one is shown."""

    by: str
    values: Values
    shown: Callable[[float], str] = _as_share

    @property
    def is_share(self) -> bool:
        """Whether they are probabilities."""
        return self.shown is _as_share


@dataclass(frozen=True)
class Scored:
    """A term with the shares of all songs, the numbers behind them, and the songs whose own tags say it.

    `n_unknown` is of how many songs nothing is known by which they could be told apart; `usual` is as
    `scores.fits` takes it.
    """

    term: Term
    shares: Shares
    sources: tuple[Source, ...] = ()
    hits: Hits = field(default_factory=dict)
    n_unknown: int = 0
    usual: float | None = None

    @property
    def fits(self) -> Shares:
        """How well all songs fit it."""
        return scores.fits(self.shares, self.usual, is_wanted=self.term.is_wanted)

    @property
    def is_known(self) -> bool:
        """Whether songs differ in it."""
        return bool(self.hits) or self.n_unknown < len(self.shares)

    def match(self, place: int) -> Match:
        """What a song has of it: what its own tags say before the source that says most."""
        term, share = self.term, float(self.shares[place])
        is_number = isinstance(term.wanted, Tempo | InKey)
        value, by = self._value(place)
        return Match(term.said, share, value, by, term.is_wanted, is_number)

    def _value(self, place: int) -> tuple[str, str]:
        if place in self.hits:
            return self.hits[place].replace("_", " "), TAGS
        there = [source for source in self.sources if np.isfinite(source.values[place])]
        if not there:
            return "", TAGS if isinstance(self.term.wanted, Text) else ""
        best = max(there, key=lambda source: float(source.values[place]))
        return best.shown(float(best.values[place])), best.by


@dataclass(frozen=True)
class Sound:
    """What is computed of all songs' vectors: probabilities of tags, and of the model's genres."""

    of_tags: Mapping[Tag, Values]
    of_genres: Values

    @classmethod
    def read(cls, rows: VectorRows, heads: Heads, tags: Sequence[Tag], model: LoadedModel) -> Sound:
        """Read the vectors some at a time: no more than a part of them is in memory."""
        times, dim = genres_times(model.description.spec), model.description.spec.embedding_dim
        n_genres = len(model.description.genres) if times else 0
        said = np.zeros((len(tags), len(rows)), np.float32)
        genres = np.zeros((n_genres, len(rows)), np.float32)
        for start in range(0, len(rows), _TOGETHER):
            part = slice(start, start + _TOGETHER)
            vectors = rows[part]
            said[:, part] = heads.probabilities(vectors, tags).T
            if n_genres:
                genres[:, part] = np.square(vectors[:, dim : dim + n_genres] / times).T
        return cls(dict(zip(tags, said, strict=True)), genres)


def tags_of(terms: Iterable[Term], lexicon: Lexicon) -> list[Tag]:
    """All tags that a query asks for."""
    found: dict[Tag, None] = {}
    for term in terms:
        if isinstance(term.wanted, Meaning):
            found |= dict.fromkeys(term.wanted.tags)
        elif isinstance(term.wanted, Years):
            found |= dict.fromkeys(_of_decade(term.wanted, lexicon))
    return list(found)


def _of_decade(wanted: Years, lexicon: Lexicon) -> tuple[Tag, ...]:
    return lexicon.of_decades.get(wanted.first // 10 * 10, ())


@dataclass(frozen=True)
class Scorer:
    """Scores terms by what is known of n songs; `model` is who says genres."""

    n: int
    model: str
    lexicon: Lexicon
    sound: Sound
    measured: Mapping[str, NDArray[np.float64]]

    def score(self, term: Term, hits: Hits) -> Scored:
        """How well all songs fit a term; of years only what their sound says: see `with_years`."""
        wanted = term.wanted
        if isinstance(wanted, Meaning):
            return self._of_meaning(term, wanted, hits)
        if isinstance(wanted, Tempo):
            bpm = self.measured["bpm"]
            return _scored(term, scores.by_tempo(bpm, wanted.low, wanted.high), _source("tempo", bpm))
        if isinstance(wanted, InKey):
            return self._of_key(term, wanted)
        if isinstance(wanted, Years):
            sources = self._sources(_of_decade(wanted, self.lexicon))
            shares = _ranked(sources) if sources else np.full(self.n, 0.5)
            return Scored(term, shares, sources, n_unknown=0 if sources else self.n)
        return Scored(term, scores.matches(self._are(hits)), hits=hits, n_unknown=0 if hits else self.n)

    def _of_meaning(self, term: Term, meaning: Meaning, hits: Hits) -> Scored:
        sources = self._sources(meaning.tags)
        if meaning.genres and len(self.sound.of_genres):
            sources += (Source(self.model, self.sound.of_genres[list(meaning.genres)].sum(axis=0)),)
        if meaning.measure is not None:
            found = self._of_measure(term, meaning.measure)
        else:
            found = Scored(term, _ranked(sources), sources, usual=scores.FEW)
        is_tagged = self._are(hits)
        if meaning.is_noise:  # it may be a word of a title as well
            shares = np.where(is_tagged, scores.FOUND, found.shares)
        else:
            shares = scores.tagged(found.shares, is_tagged)
        return replace(found, shares=shares, hits=hits)

    def _of_measure(self, term: Term, measure: Measure) -> Scored:
        column, confidence = _COLUMNS[measure.of]
        values = self.measured[column]
        shares = scores.ranks(values if measure.is_high else -values)
        if confidence:
            shares = scores.towards(shares, self.measured[confidence])
        return replace(_scored(term, shares, _source(measure.of, values)), usual=scores.SOME)

    def _of_key(self, term: Term, wanted: InKey) -> Scored:
        tonics, is_minor = self.measured["tonic"], self.measured["is_minor"]
        shares = scores.by_key(tonics, is_minor, (wanted.tonic, wanted.is_minor))
        return _scored(
            term,
            shares,
            Source(MEASURED, np.where(np.isfinite(tonics), 12 * is_minor + tonics, np.nan), _key),
        )

    def _sources(self, tags: Iterable[Tag]) -> tuple[Source, ...]:
        return tuple(Source(tag.source, self.sound.of_tags[tag]) for tag in tags)

    def _are(self, hits: Hits) -> NDArray[np.bool_]:
        are = np.zeros(self.n, bool)
        are[list(hits)] = True
        return are


def with_years(found: Scored, years: NDArray[np.float64]) -> Scored:
    """A term of years by the years that were read; by the sound, and less sure, where none was."""
    wanted = found.term.wanted
    assert isinstance(wanted, Years)
    is_read = np.isfinite(years)
    by_sound = scores.towards(found.shares, np.full(len(years), _BY_SOUND))
    shares = np.where(is_read, scores.by_year(years, wanted.first, wanted.last), by_sound)
    hits = {int(place): f"{years[place]:.0f}" for place in np.flatnonzero(is_read)}
    n_unknown = int((~is_read).sum()) if not found.sources else 0
    return replace(found, shares=shares, hits=hits, n_unknown=n_unknown)


_BY_SOUND = 0.5  # of a decade: how sure its sound is
_COLUMNS: dict[Measured, tuple[str, str]] = {  # of descriptions, and how sure it is
    "tempo": ("bpm", "bpm_confidence"),
    "loudness": ("lufs", ""),
    "brightness": ("brightness_hz", ""),
    "dynamics": ("range_lu", ""),
}
_FORMS: dict[Measured, str] = {
    "tempo": "{:.0f} BPM",
    "loudness": "{:.1f} LUFS",
    "brightness": "{:,.0f} Hz",
    "dynamics": "{:.1f} LU",
}


def _source(of: Measured, values: Values) -> Source:
    return Source(MEASURED, values, _FORMS[of].format)


def _key(number: float) -> str:
    return Key(int(number) % 12, is_minor=number >= 12).name or ""


def _scored(term: Term, shares: Shares, source: Source) -> Scored:
    """By one source, which may not know all songs."""
    return Scored(term, shares, (source,), n_unknown=int(np.isnan(source.values).sum()))


def _ranked(sources: Sequence[Source]) -> Shares:
    return scores.together([scores.ranks(source.values) for source in sources])
