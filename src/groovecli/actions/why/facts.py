"""What two songs share and what not, in words: from their tags, a model's genres, and what is measured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from groovecli.audio.tags import Tags, primary_genre
from groovecli.describe.description import SongDescription
from groovecli.library.artists import artist_key
from groovecli.messages.words import percent
from groovecli.playlists.picks import artist_of

_SAME_TEMPO = 0.04  # of the faster
_SLOW, _FAST = 90.0, 130.0  # beats a minute
_SAME_LOUDNESS_LU = 2.0
_LOUD, _QUIET = -10.0, -18.0  # LUFS
_SAME_BRIGHTNESS = 0.2
_DARK_HZ, _BRIGHT_HZ = 1500.0, 3000.0
_SAME_YEARS = 3


@dataclass(frozen=True)
class About:
    """What is known of a song; `genres` has a model's probabilities, the likeliest first."""

    tags: Tags = field(default_factory=Tags)
    genres: Mapping[str, float] = field(default_factory=dict)
    year: int | None = None
    measured: SongDescription | None = None


@dataclass(frozen=True)
class Fact:
    """Something that is known of both songs: what it is of each, and whether it is alike."""

    name: str
    one: str
    other: str
    is_shared: bool

    @property
    def text(self) -> str:
        """In words: 'artist Ann', or whose is whose: 'genre tag rock (A), jazz (B)'."""
        return (
            f"{self.name} {self.one}"
            if self.one == self.other
            else f"{self.name} {self.one} (A), {self.other} (B)"
        )


def facts(one: About, other: About) -> tuple[Fact, ...]:
    """All that can be said of both."""
    return (*_tagged(one, other), *_guessed(one, other), *_measured(one, other))


def _tagged(one: About, other: About) -> Iterator[Fact]:
    """Artists and albums where they are shared, genres and years where both have one."""
    a, b = one.tags, other.tags
    if artist_of(a) and artist_of(a) == artist_of(b):
        yield Fact("artist", a.artist, a.artist, True)
    if a.album and artist_key(a.album) == artist_key(b.album):
        yield Fact("album", a.album, a.album, True)
    if (left := primary_genre(a)) and (right := primary_genre(b)):
        yield Fact("genre tag", left, right, left == right)
    if one.year and other.year:
        yield Fact("year", str(one.year), str(other.year), abs(one.year - other.year) <= _SAME_YEARS)


def _guessed(one: About, other: About) -> Iterator[Fact]:
    """The likeliest genres by the model."""
    if one.genres and other.genres:
        (left, share), (right, its) = next(iter(one.genres.items())), next(iter(other.genres.items()))
        yield Fact(
            "sounds like", f"{left} {percent(share, 0)}", f"{right} {percent(its, 0)}", left == right
        )


def _measured(one: About, other: About) -> Iterator[Fact]:
    """Tempo, key, loudness and brightness, where both are measured."""
    if one.measured is None or other.measured is None:
        return
    a, b = one.measured, other.measured
    if a.tempo.bpm and b.tempo.bpm:
        is_same = abs(a.tempo.bpm - b.tempo.bpm) <= _SAME_TEMPO * max(a.tempo.bpm, b.tempo.bpm)
        yield Fact("tempo", _tempo(a.tempo.bpm), _tempo(b.tempo.bpm), is_same)
    if a.key.name and b.key.name:
        yield Fact("key", a.key.name, b.key.name, a.key.camelot == b.key.camelot)
    left, right = a.loudness.integrated_lufs, b.loudness.integrated_lufs
    if left is not None and right is not None:
        yield Fact("loudness", _loud(left), _loud(right), abs(left - right) <= _SAME_LOUDNESS_LU)
    if a.brightness_hz and b.brightness_hz:
        low, high = sorted((a.brightness_hz, b.brightness_hz))
        is_same = high - low <= _SAME_BRIGHTNESS * high
        yield Fact("sound", _bright(a.brightness_hz), _bright(b.brightness_hz), is_same)


def _tempo(bpm: float) -> str:
    return f"{_between(bpm, _SLOW, _FAST, ('slow', 'medium', 'fast'))} ({bpm:.0f} BPM)"


def _loud(lufs: float) -> str:
    return f"{_between(lufs, _QUIET, _LOUD, ('quiet', 'medium', 'loud'))} ({lufs:.1f} LUFS)"


def _bright(hz: float) -> str:
    return f"{_between(hz, _DARK_HZ, _BRIGHT_HZ, ('dark', 'medium', 'bright'))} ({hz:,.0f} Hz)"


def _between(value: float, low: float, high: float, names: tuple[str, str, str]) -> str:
    return names[(value > low) + (value > high)]
