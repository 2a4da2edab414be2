"""Songs by words: from all that was analysed, or from one library."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from groovecli.actions.context import Context, check_call
from groovecli.actions.search.catalogued import measured_of
from groovecli.actions.search.fitting import fitting_model
from groovecli.actions.search.ranking import Ranking, ranking
from groovecli.actions.search.said import TAGS, Match
from groovecli.actions.search.scored import Scored, Scorer, Sound, tags_of
from groovecli.actions.search.suggested import Unknown, unknown_of
from groovecli.actions.similar.opened import Opened, listed, open_library
from groovecli.actions.similar.sounds import Sounds
from groovecli.actions.similar.written import check_out, write_list
from groovecli.checked import Checked, Count, Places
from groovecli.library.ignore import rules_of
from groovecli.library.tracks import Rejected, Track, reachable
from groovecli.library.walk import PassedOver
from groovecli.messages.search import no_words, nothing_understood, too_long, too_many_words
from groovecli.models.results import CLIPS_PER_SONG
from groovecli.paths import StrPath
from groovecli.playlists.picks import Rules, artist_of, picked
from groovecli.words.heads import heads
from groovecli.words.lexicon import Lexicon, lexicon_of
from groovecli.words.probes import words_in
from groovecli.words.query import MOST_LETTERS, Query, Text, read_query

MOST_TERMS = 20
_TOGETHER = 64  # songs whose files are looked up at once
_WEAK = 0.1  # probability that no song reaches, if a word fits none well


@dataclass(frozen=True)
class SearchRequest(Checked):
    """Which words songs should fit, where, and how many.

    Parameters
    ----------
    words : str
        Such as "slow sad piano", "jazz not vocals", '"blue train" 1957', "120 bpm in C minor".
    library : str or Path, optional
        Only songs of this folder, which is analysed first; else all that were analysed before.

    The other fields are those of `SimilarRequest`.
    """

    words: str
    n_songs: Count = 25
    library: StrPath | None = None
    per_artist: Count = 2
    exclude: tuple[str, ...] = ()
    out: StrPath | None = None
    absolute: bool = False
    force: bool = False
    n_clips: Places = CLIPS_PER_SONG
    model: str | None = None


@dataclass(frozen=True)
class Hit:
    """A song that was found: its number among the library's, its score, and what it has of each term.

    score : float [range=0..1]
        1 if no song fits any term better.
    """

    track: Track
    place: int
    score: float
    matches: tuple[Match, ...]


@dataclass(frozen=True)
class Said:
    """A term that songs were ranked by.

    sources : who says how well songs fit
    n_unknown : songs of which nothing is known by which they could be told apart
    is_weak : whether even the best song is not likely to fit
    """

    said: str
    is_wanted: bool
    sources: tuple[str, ...]
    n_unknown: int
    is_weak: bool


@dataclass(frozen=True)
class Found:
    """Songs that fit words, the best first.

    `n_found` is how many songs have some of the words; None where these ask for a sound or a number,
    which all songs have more or less of. `unknown` are words that nothing could be done with, `unmeasured`
    those for which no song was measured; both were left out. `filler` are words that say nothing. `n_read`
    is of how many files years and moods were read, if a word asked for that.
    """

    model: str
    words: str
    hits: tuple[Hit, ...]
    terms: tuple[Said, ...]
    unknown: tuple[Unknown, ...]
    unmeasured: tuple[str, ...]
    filler: tuple[str, ...]
    n_compared: int
    n_found: int | None = None
    n_read: int | None = None
    gone: tuple[Rejected, ...] = ()
    failed: tuple[Rejected, ...] = ()
    passed_over: PassedOver = field(default_factory=PassedOver)
    out: Path | None = None
    n_damaged: int = 0

    @property
    def is_partial(self) -> bool:
        """Whether a word was left out, a file failed, or a song's vector is damaged."""
        return bool(self.unknown or self.unmeasured or self.failed or self.n_damaged)


def run(request: SearchRequest, context: Context) -> Found:
    """Find the songs that fit words best.

    Raises
    ------
    UsageError
        There are no words, or too many; the playlist has another ending, or is there.
    ModelError
        There is no such model, it is damaged, or words can't be had of its vectors.
    LibraryError
        No song was analysed yet, or no word is understood.
    StorageError
        The playlist can't be written.
    Interrupted
        The user stopped it; what was heard is kept.
    """
    check_call("search", request, SearchRequest, context)
    out = None if request.out is None else Path(request.out)
    if len(request.words) > MOST_LETTERS:
        raise too_long(len(request.words), MOST_LETTERS)
    rules_of(os.sep, request.exclude)
    check_out(out, force=request.force)
    _checked(read_query(request.words, lexicon_of(heads().tags)), request.words)  # before any work
    model = fitting_model(context, request.model)
    lexicon = lexicon_of(heads().tags, model.description.genres)
    query = _checked(read_query(request.words, lexicon), request.words)
    library = None if request.library is None else Path(request.library)
    opened = open_library(
        model,
        context,
        library=library,
        n_clips=request.n_clips,
        command="search WORDS",
        exclude=request.exclude,
    )
    sound = Sound.read(opened.heard.rows, heads(), tags_of(query.terms, lexicon), model)
    scorer = Scorer(len(opened), opened.model, lexicon, sound, measured_of(opened.heard))
    ranked = ranking(query.terms, opened, scorer, library)
    return _written(_found(request, query, opened, ranked, lexicon, context), request)


def _checked(query: Query, words: str) -> Query:
    """The query, if something is asked for."""
    if not query.terms:
        raise no_words(words, query.filler)
    if len(query.terms) > MOST_TERMS:
        raise too_many_words(len(query.terms), MOST_TERMS)
    return query


def _found(
    request: SearchRequest,
    query: Query,
    opened: Opened,
    ranked: Ranking,
    lexicon: Lexicon,
    context: Context,
) -> Found:
    unknown = unknown_of(ranked.left_out, lexicon, opened.heard)
    unmeasured = tuple(s.term.said for s in ranked.left_out if not isinstance(s.term.wanted, Text))
    if not ranked.terms:
        raise nothing_understood([(word.said, word.near) for word in unknown], unmeasured)
    gone: list[Rejected] = []
    named: set[str] = set()
    candidates = listed(
        _from_best(opened, ranked, named),
        Rules(request.per_artist, named),
        gone,
        exclude=request.exclude if request.library is None else (),  # a library's are left out already
        is_again=Sounds(opened.heard.rows, context).has,
    )
    return Found(
        model=opened.model,
        words=request.words,
        hits=picked(candidates, request.n_songs),
        terms=tuple(_said(each) for each in ranked.terms),
        unknown=unknown,
        unmeasured=unmeasured,
        filler=query.filler,
        n_compared=len(opened),
        n_found=None if ranked.matching is None else int(ranked.matching.sum()),
        n_read=ranked.n_read,
        gone=tuple(gone),
        failed=opened.failed,
        passed_over=opened.passed_over,
        n_damaged=opened.n_damaged,
    )


def _from_best(opened: Opened, ranked: Ranking, named: set[str]) -> Iterator[Hit]:
    """The songs that have some of the words, the best first, each in one of its files.

    `named` gets the artists that the words name, before the first song of each.
    """
    order, matching = ranked.order, ranked.matching
    if matching is not None:
        order = order[matching[order]]
    for start in range(0, len(order), _TOGETHER):
        places = order[start : start + _TOGETHER].tolist()
        for place, files in zip(places, opened.files(places), strict=True):
            if files:
                matches = tuple(each.match(place) for each in ranked.terms)
                (track,) = opened.names.named([reachable(files)])
                if _is_named(track, ranked.terms):
                    named.add(artist_of(track.tags))
                yield Hit(track, place, float(ranked.shares[place]), matches)


def _is_named(track: Track, terms: Iterable[Scored]) -> bool:
    """Whether words that are wanted name a song's artist."""
    own = {*words_in(track.tags.artist), *words_in(track.tags.album_artist)}
    texts = (each.term.wanted for each in terms if each.term.is_wanted)
    return any(isinstance(text, Text) and own.issuperset(text.words) for text in texts)


def _said(each: Scored) -> Said:
    sources = [source.by for source in each.sources] + ([TAGS] if each.hits else [])
    best = [float(source.values.max()) for source in each.sources if source.is_share]
    is_weak = bool(best) and each.term.is_wanted and not each.hits and max(best) < _WEAK
    by = tuple(dict.fromkeys(sources))
    return Said(each.term.said, each.term.is_wanted, by, each.n_unknown, is_weak)


def _written(found: Found, request: SearchRequest) -> Found:
    """The same with the playlist that is asked for; without a song there is none."""
    if request.out is None or not found.hits:
        return found
    out, tracks = Path(request.out), [hit.track for hit in found.hits]
    unwritable = write_list(out, found.words, tracks, absolute=request.absolute)
    return replace(found, out=out, failed=(*found.failed, *unwritable))
