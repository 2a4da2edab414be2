"""Which of several files of one recording is the best, and why."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from functools import lru_cache
from pathlib import Path

from groovecli.errors import AudioError
from groovecli.library.tracks import Track

_LOSSLESS = frozenset(
    {".flac", ".wav", ".wave", ".aiff", ".aif", ".aifc", ".au", ".w64", ".rf64", ".ape", ".wv", ".tta"}
)
# Endings that hold both: the codec says which.
_EITHER = frozenset({".m4a", ".mp4", ".m4b", ".wma", ".ogg", ".oga", ".mka", ".mkv", ".caf", ".mov"})
_LOSSLESS_CODECS = ("flac", "alac", "ape", "wavpack", "tta", "wmalossless", "pcm_")
# MP3 needs so many times their bit rate to sound as good, roughly, by public blind listening tests.
_WORTH = {"opus": 1.6, "aac": 1.3, "vorbis": 1.3, "mpc": 1.2}
_NAMES = {"aac": "AAC", "mp3": "MP3", "mp2": "MP2", "mpc": "Musepack", "opus": "Opus", "vorbis": "Vorbis"}
_BY_SUFFIX = {".mp3": "mp3", ".opus": "opus", ".aac": "aac", ".mpc": "mpc", ".mp2": "mp2"}
_COPY = re.compile(r"(?i).*(\(\d{1,2}\)|[ _-](copy|kopie|copie)( ?\(?\d{1,2}\)?)?)|copy( \(\d+\))? of .*")
_PER_DOUBLING = 4  # steps of bit rate: a variable rate, or a picture in the file, is no difference


@dataclass(frozen=True)
class Quality:
    """What speaks for a file, the weightiest first; more is better.

    bit_rate : int
        In kbit/s, from size and duration; 0 for lossless files, where it says how well they are packed.
    sr : int
        Sample rate of lossless files (in Hz), else 0.
    codec : str
        Of lossy files, as FFmpeg names it; empty where it isn't known.
    """

    is_lossless: bool
    sr: int
    bit_rate: int
    duration_s: float
    n_tags: int
    codec: str = ""

    @property
    def rank(self) -> tuple[float, ...]:
        """To sort by: what nobody hears makes no difference."""
        worth = self.bit_rate * _WORTH.get(self.codec, 1.0)  # the rate of an MP3 that sounds as good
        rate = round(_PER_DOUBLING * math.log2(worth)) if worth else 0
        length = round(self.duration_s) if math.isfinite(self.duration_s) else 0
        return self.is_lossless, self.sr, rate, length, self.n_tags


@dataclass(frozen=True)
class Why:
    """What makes one file better than another: a code, and the words for it."""

    code: str
    text: str


@lru_cache(maxsize=20_000)
def quality_of(track: Track) -> Quality:
    """What speaks for a file; only endings that leave it open are looked into."""
    lossless, codec = is_lossless(track.path), codec_of(track.path)
    seconds = track.duration_s
    rate = round(8 * track.state.size / seconds / 1000) if seconds > 0 and not lossless else 0
    sr = _sr(track.path) if lossless else 0
    return Quality(lossless, sr, rate, seconds, _n_tags(track), "" if lossless else codec)


def is_lossless(path: Path) -> bool:
    """Whether a file's codec keeps every sample."""
    return path.suffix.lower() in _LOSSLESS or codec_of(path).startswith(_LOSSLESS_CODECS)


@lru_cache(maxsize=20_000)
def codec_of(path: Path) -> str:
    """What a file's first sound is coded with, as FFmpeg names it; by the ending where that says it."""
    suffix = path.suffix.lower()
    if suffix not in _EITHER:
        return _BY_SUFFIX.get(suffix, "")
    import av  # slow, and few files are compared

    from groovecli.audio.decoders.container import FAILURES

    try:
        with av.open(str(path)) as file:
            names = [stream.codec_context.name for stream in file.streams.audio]
    except FAILURES:
        return ""
    return next((name.removesuffix("float").removeprefix("lib") for name in names), "")


def _sr(path: Path) -> int:
    from groovecli.audio.read import probe

    try:
        return probe(path).sr
    except AudioError:
        return 0


def best_tagged(tracks: Iterable[Track]) -> list[Track]:
    """Files of the very same audio from the best to the worst."""
    return sorted(tracks, key=lambda track: (-_n_tags(track), *by_name(track)))


def by_name(track: Track) -> tuple[bool, int, Path]:
    """To sort equally good files by: a name like `Song (1)` last, then the older file, then by path."""
    return _has_copy_name(track), track.state.mtime_ns, track.path


def _has_copy_name(track: Track) -> bool:
    return _COPY.fullmatch(track.path.stem) is not None


def why_better(best: Track, other: Track) -> Why:
    """What makes the first of two files the better one."""
    if best.id == other.id:
        return _by_tags(best, other)
    one, two = quality_of(best), quality_of(other)
    if one.is_lossless != two.is_lossless:
        return Why("lossless", "lossless")
    ranks = list(zip(one.rank, two.rank, strict=True))
    if ranks[1][0] != ranks[1][1]:
        return Why("sample-rate", f"{one.sr} against {two.sr} Hz")
    if ranks[2][0] != ranks[2][1]:
        return Why("bit-rate", _rates(one, two))
    if ranks[3][0] != ranks[3][1]:
        return Why("length", f"{one.duration_s - two.duration_s:.1f} s longer")
    return _by_tags(best, other)


def _rates(one: Quality, two: Quality) -> str:
    """Both bit rates, with the codecs where these differ."""
    if one.codec == two.codec:
        return f"{one.bit_rate} against {two.bit_rate} kbit/s"
    texts = (f"{each.bit_rate} kbit/s {_NAMES.get(each.codec, each.codec)}".rstrip() for each in (one, two))
    return " against ".join(texts)


def _by_tags(best: Track, other: Track) -> Why:
    one, two = _n_tags(best), _n_tags(other)
    if one != two:
        return Why("tags", f"more tags: {one} against {two}")
    names, ages = (list(pair) for pair in zip(by_name(best)[:2], by_name(other)[:2], strict=True))
    if names[0] != names[1]:
        return Why("name", "the other's name is that of a copy")
    return Why("age", "older file") if ages[0] != ages[1] else Why("path", "first by path")


def _n_tags(track: Track) -> int:
    return sum(1 for tag in astuple(track.tags) if tag)
