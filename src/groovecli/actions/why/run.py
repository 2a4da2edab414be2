"""Why two songs are near, or are not."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from groovecli.actions.context import Context, check_call
from groovecli.actions.hear import stored_as
from groovecli.actions.similar.odd import Odd
from groovecli.actions.similar.opened import Opened, open_library
from groovecli.actions.similar.seeds import Asked, Floats, heard_seeds
from groovecli.actions.similar.sounds import Sounds
from groovecli.actions.why.facts import About, Fact, facts
from groovecli.actions.why.passages import Passage, alike
from groovecli.audio.year import read_year
from groovecli.checked import Checked, Places
from groovecli.describe.rows import known_descriptions
from groovecli.errors import AudioError
from groovecli.files import check_writable, write_bytes
from groovecli.library.catalog import Catalog
from groovecli.library.tracks import Rejected, Track
from groovecli.library.walk import PassedOver
from groovecli.messages.options import file_there, no_such_ending
from groovecli.messages.similar import is_folder, preview_over_song
from groovecli.models.loaded import LoadedModel
from groovecli.models.pieces import heard_pieces
from groovecli.models.results import CLIPS_PER_SONG
from groovecli.paths import StrPath
from groovecli.playlists.eligible import rules_for
from groovecli.playlists.picks import Pick, Rules, allowed, called
from groovecli.playlists.proximity import SAME, distances_between, unit

N_NEAREST = 3
_LAST_RANK = 1_000
_ENDING = ".mp3"


@dataclass(frozen=True)
class WhyRequest(Checked):
    """Two songs that are compared, and where to write a preview of what is alike in them, if anywhere.

    A preview that is there is replaced with `force`; a song never is.
    """

    song: StrPath
    other: StrPath
    preview: StrPath | None = None
    library: StrPath | None = None
    n_clips: Places = CLIPS_PER_SONG
    model: str | None = None
    force: bool = False


@dataclass(frozen=True)
class Side:
    """One of two songs that are compared.

    `rank` says the how manieth nearest song of the library the other one is to it, 1 for the nearest;
    None beyond 1,000, or where that one is not in the library. `nearest` are its nearest songs.
    """

    track: Track
    rank: int | None
    nearest: tuple[Pick, ...]


@dataclass(frozen=True)
class Why:
    """How near two songs are, and why.

    `share_farther` is the share of pairs of the library's songs that are farther from each other; None
    where the library is one song.
    `passages` are what is most alike in them, and `problems` say why there are none. They are
    `is_one_recording` where one is the other, encoded, cut or mastered differently.
    """

    model: str
    one: Side
    other: Side
    likeness: float
    distance: float
    share_farther: float | None
    n_compared: int
    facts: tuple[Fact, ...]
    passages: tuple[Passage, ...] = ()
    problems: tuple[str, ...] = ()
    preview: Path | None = None
    failed: tuple[Rejected, ...] = ()
    passed_over: PassedOver = field(default_factory=PassedOver)
    n_damaged: int = 0
    left_out: tuple[Rejected, ...] = ()
    is_one_recording: bool = False

    @property
    def is_same(self) -> bool:
        """Whether the two are one song, perhaps in two files."""
        return self.one.track.id == self.other.track.id or self.distance < SAME


def run(request: WhyRequest, context: Context) -> Why:
    """Compare two songs.

    Raises
    ------
    UsageError
        One of them is a folder, the preview has another ending than .mp3, or a file is there: one of the
        songs, or any without `force`.
    ModelError
        There is no such model, or it is damaged.
    LibraryError
        No song was analysed yet, or one of the two can't be used.
    StorageError
        The preview can't be written.
    Interrupted
        The user stopped it.
    """
    check_call("why", request, WhyRequest, context)
    preview = None if request.preview is None else Path(request.preview)
    songs = (Path(request.song), Path(request.other))
    check_preview(preview, songs, context.catalog, force=request.force)
    for song in (request.song, request.other):
        if os.path.isdir(song):
            raise is_folder(Path(song))
    model = context.load(request.model)
    library = None if request.library is None else Path(request.library)
    opened = open_library(model, context, library=library, n_clips=request.n_clips, command="why A B")
    check_preview(preview, songs, context.catalog, force=request.force)  # now that all songs are known
    opened.vectors.open()
    seeds = [
        heard_seeds(model, [Asked((Path(song),))], context, n_clips=request.n_clips)
        for song in (request.song, request.other)
    ]
    (one, other), (a, b) = [each.tracks[0] for each in seeds], [each.vectors[0] for each in seeds]
    passages, problems = _passages(model, one, other, context)
    if preview is not None and passages:
        write_preview(preview, one, other, passages)
    places = opened.heard.places_of([one.id, other.id])
    odd = Odd(model, opened, rules_for(()))
    distance = float(distances_between(a[None], b[None], opened.vectors.metric)[0, 0])
    return Why(
        model=opened.model,
        one=_side(opened, one, a, other, places, odd, context),
        other=_side(opened, other, b, one, places, odd, context),
        likeness=float(opened.likeness(one, a, [other], b[None])[0]),
        distance=distance,
        share_farther=opened.vectors.share_farther(distance),
        n_compared=len(opened),
        facts=facts(*_about(model, (one, other), context.catalog, request.n_clips)),
        passages=passages,
        problems=problems,
        preview=preview if passages else None,
        failed=opened.failed,
        passed_over=opened.passed_over,
        n_damaged=opened.n_damaged,
        left_out=odd.rejected,
        is_one_recording=_are_one(opened, (one, other), (a, b), context),
    )


def _are_one(
    opened: Opened, tracks: tuple[Track, Track], vectors: tuple[Floats, Floats], context: Context
) -> bool:
    """Whether two songs are one recording: the same audio, or by their fingerprints."""
    one, other = tracks
    sounds = Sounds(opened.heard.rows, context)
    sounds.know([one], vectors[0][None])
    return one.id == other.id or "recording" in sounds.kinds(other, unit(vectors[1][None])[0])


def check_preview(preview: Path | None, songs: tuple[Path, Path], catalog: Catalog, *, force: bool) -> None:
    """Find out before the work whether a preview can be written, if one is to be: never over a song."""
    if preview is None:
        return
    if preview.suffix.lower() != _ENDING:
        raise no_such_ending(preview, (_ENDING,))
    check_writable(preview)
    if not os.path.lexists(preview):
        return
    places = {Path(os.path.abspath(preview)), Path(os.path.realpath(preview))}
    if catalog.known_files(places) or any(_is_one_file(preview, song) for song in songs):
        raise preview_over_song(preview)
    if not force:
        raise file_there(preview)


def _is_one_file(one: Path, other: Path) -> bool:
    try:
        return os.path.samefile(one, other)
    except OSError:  # one of them leads nowhere
        return False


def write_preview(preview: Path, one: Track, other: Track, passages: tuple[Passage, ...]) -> None:
    """Write a medley that plays what is alike in two songs in turn."""
    from groovecli.audio.medley import turns

    pieces = [
        piece
        for passage in passages
        for piece in ((one.path, passage.one_s), (other.path, passage.other_s))
    ]
    title = f"{called(one)} / {called(other)} (preview)"
    write_bytes(preview, turns(pieces, passages[0].length_s, title=title))


def _side(
    opened: Opened,
    track: Track,
    vector: Floats,
    other: Track,
    places: Mapping[str, int],
    odd: Odd,
    context: Context,
) -> Side:
    is_inside, wanted = track.id in places, places.get(other.id)
    rules, sounds = Rules(_LAST_RANK), Sounds(opened.heard.rows, context)
    rules.know(track)
    sounds.know([track], vector[None])
    near = opened.from_near_to_far(vector, is_inside=is_inside)
    songs = (pick for pick in near if pick.track.id == other.id or not odd.is_one(pick))
    nearest = tuple(islice(allowed(songs, rules, sounds.has), N_NEAREST))
    rank = None
    if wanted is not None and wanted != places.get(track.id):
        ranked = opened.vectors.ranked(vector, is_inside=is_inside)
        others = (near.place for near in ranked if near.place != places.get(track.id))
        rank = next((n for n, place in enumerate(islice(others, _LAST_RANK), 1) if place == wanted), None)
    return Side(track, rank, nearest)


def _passages(
    model: LoadedModel, one: Track, other: Track, context: Context
) -> tuple[tuple[Passage, ...], tuple[str, ...]]:
    """What is most alike in two songs, or why that can't be said."""
    if model.description.takes_songs or one.id == other.id:
        return (), ()
    try:
        ours, theirs = (
            heard_pieces(model, track, jobs=context.jobs, monitor=context.monitor) for track in (one, other)
        )
    except AudioError as error:
        return (), (error.what,)
    return alike(ours, theirs, model.description.spec.similarity), ()


def _about(
    model: LoadedModel, tracks: tuple[Track, Track], catalog: Catalog, n_clips: int
) -> tuple[About, About]:
    """What is known of two songs."""
    said = catalog.answers(stored_as(model, n_clips), [track.id for track in tracks])
    measured = known_descriptions(catalog, [track.id for track in tracks])
    names = model.description.genres

    def about(track: Track) -> About:
        answer = said.get(track.id)
        shares = None if answer is None else answer.probabilities
        genres = {} if shares is None else dict(zip(names, shares.tolist(), strict=False))
        ranked = dict(sorted(genres.items(), key=lambda item: -item[1]))
        return About(track.tags, ranked, read_year(track.path), measured.get(track.id))

    return about(tracks[0]), about(tracks[1])
