"""Songs that are rendered from a seed, so that their tempo and key are known: no sound is needed.

    from rendered import KINDS, plans, render

    for plan in plans(200, seed=0):     # kinds, keys and tempos are drawn evenly
        song = render(plan)             # song.y at song.sr, song.beats_s; plan.bpm, plan.tonic, plan.course

A song has drums, bass, chords and a melody, as its kind wants them; notes are a little early or late and
of uneven loudness, in a room, amid noise. What has no beat has bpm None; what has no key has tonic None.
A song that changes its tempo or key has that of its first 65 % as its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Literal

import numpy as np
import scipy.fft
from numpy.typing import NDArray

SR = 22050
Samples = NDArray[np.float32]
Course = Literal["steady", "drifting", "changing"]

_TABLE = 4096  # samples of one period
_FIRST_PART = 0.65  # of a song that changes: what comes before the change
_MAJOR, _MINOR = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10)
# Chords by degree of the scale; V is major in minor keys too where its degree is written 40.
_PROGRESSIONS = {
    False: (
        (0, 4, 5, 3),
        (0, 5, 1, 4),
        (0, 3, 4, 0),
        (0, 3, 0, 4),
        (1, 4, 0, 0),
        (5, 3, 0, 4),
        (0, 2, 3, 4),
    ),
    True: ((0, 5, 2, 6), (0, 3, 40, 0), (0, 6, 5, 40), (0, 3, 6, 2), (0, 5, 3, 40), (0, 0, 3, 40)),
}

# Drums: where in a bar of so many beats each is struck.
Pattern = Mapping[str, Sequence[float]]
_EIGHTHS = tuple(i / 2 for i in range(8))
_DRUMS: dict[str, tuple[Pattern, ...]] = {
    "rock": (
        {"kick": (0, 2), "snare": (1, 3), "hat": _EIGHTHS},
        {"kick": (0, 1.5, 2), "snare": (1, 3), "hat": _EIGHTHS},
        {"kick": (0, 2, 2.5), "snare": (1, 3), "hat": (0, 1, 2, 3)},
        {"kick": (0, 0.5, 2.5), "snare": (1, 3), "hat": tuple(i / 4 for i in range(16))},
    ),
    "house": (
        {"kick": (0, 1, 2, 3), "clap": (1, 3), "hat": (0.5, 1.5, 2.5, 3.5)},
        {"kick": (0, 1, 2, 3), "hat": tuple(i / 4 for i in range(16))},
    ),
    "break": (
        {"kick": (0, 2.5), "snare": (1, 3), "hat": _EIGHTHS},
        {"kick": (0, 0.5, 2.5), "snare": (1, 1.75, 2.25, 3), "hat": _EIGHTHS},
    ),
    "funk": (
        {"kick": (0, 0.75, 2.5), "snare": (1, 3), "hat": tuple(i / 4 for i in range(16))},
        {"kick": (0, 1.5, 1.75, 2.75), "snare": (1, 2.25, 3), "hat": _EIGHTHS},
    ),
    "half-time": (
        {"kick": (0, 1.5), "snare": (2,), "hat": _EIGHTHS},
        {"kick": (0, 3.5), "snare": (2,), "hat": (0, 1, 2, 3)},
    ),
    "swing": (
        {"ride": (0, 1, 1.5, 2, 3, 3.5), "hat": (1, 3), "kick": (0, 2)},
        {"ride": (0, 1, 1.5, 2, 3, 3.5), "hat": (1, 3), "snare": (1.5,)},
    ),
    "reggae": (
        {"kick": (2,), "snare": (2,), "hat": _EIGHTHS},
        {"kick": (0, 2), "snare": (2,), "hat": (0.5, 1.5, 2.5, 3.5)},
    ),
    "waltz": (
        {"kick": (0,), "snare": (1, 2), "hat": (0, 1, 2)},
        {"kick": (0,), "hat": (1, 2), "ride": (0,)},
        {"kick": (0,), "snare": (2,), "hat": (0, 0.5, 1, 1.5, 2, 2.5)},
    ),
    "six-eight": (  # two beats of three eighths
        {"kick": (0,), "snare": (1,), "hat": tuple(i / 3 for i in range(6))},
        {"kick": (0, 2 / 3), "snare": (1,), "hat": tuple(i / 3 for i in range(6))},
    ),
    "none": ({},),
}  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """How songs of a kind are made.

    Parameters
    ----------
    bpm : (float, float), or None
        Between which tempos; None without beat.
    drums : tuple of str
        Of which one is drawn.
    tonal : bool
        Whether there is a key; otherwise drums alone, or notes at random.
    """

    bpm: tuple[float, float] | None = (60.0, 180.0)
    drums: tuple[str, ...] = ("rock",)
    n_beats: int = 4
    tonal: bool = True
    pitched: bool = True
    course: Course = "steady"
    swung: bool = False
    changes_key: bool = False
    detuned: bool = False
    rubato: bool = False
    off_beat: bool = False


KINDS: dict[str, Kind] = {
    "rock": Kind((75, 180)),
    "house": Kind((110, 140), ("house",)),
    "breaks": Kind((120, 180), ("break",)),
    "funk": Kind((80, 125), ("funk",)),
    "swing": Kind((90, 220), ("swing",), swung=True),
    "half-time": Kind((110, 170), ("half-time",)),
    "reggae": Kind((65, 95), ("reggae",), off_beat=True),
    "waltz": Kind((80, 190), ("waltz",), n_beats=3),
    "six-eight": Kind((45, 80), ("six-eight",), n_beats=2),
    "no drums": Kind((60, 160), ("none",)),
    "drums alone": Kind((70, 180), ("rock", "house", "break", "funk"), tonal=False, pitched=False),
    "drift": Kind((75, 160), ("rock", "none"), course="drifting"),
    "rubato": Kind((55, 110), ("none",), course="drifting", rubato=True),
    "tempo change": Kind((75, 150), ("rock", "funk", "house"), course="changing"),
    "key change": Kind((70, 170), ("rock", "house", "none"), changes_key=True),
    "detuned": Kind((70, 170), ("rock", "funk", "none"), detuned=True),
    "atonal": Kind((70, 160), ("rock", "none"), tonal=False),
    "drone": Kind(None, tonal=False),
    "ambient": Kind(None),
    "noise": Kind(None, tonal=False, pitched=False),
    "speech-like": Kind(None, tonal=False, pitched=False),
}


@dataclass(frozen=True)
class Plan:
    """What is rendered; the same plan is always the same sound.

    Parameters
    ----------
    kind : str
        A name in KINDS.
    bpm : float, or None
        Beats a minute: of the first part where it changes, the median where it drifts.
    tonic : int [range=0..11], or None
        Semitones above C.
    cents : float
        How far all is tuned above A4 = 440 Hz.
    mess : float [range=0..1]
        How loud a singer is who keeps no time, and noise; such as recordings are.
    """

    kind: str
    seed: int
    bpm: float | None = None
    tonic: int | None = None
    is_minor: bool = False
    cents: float = 0.0
    duration_s: float = 45.0
    mess: float = 0.0

    @property
    def course(self) -> Course | None:
        """Whether the tempo stays, drifts or changes."""
        return None if self.bpm is None else KINDS[self.kind].course


@dataclass(frozen=True)
class Rendered:
    """A rendered song: mono, its beats (in seconds)."""

    plan: Plan
    y: Samples = field(repr=False)
    beats_s: NDArray[np.float64] = field(repr=False)
    sr: int = SR


def plans(
    n: int,
    seed: int = 0,
    kinds: Sequence[str] = tuple(KINDS),
    *,
    duration_s: float = 45.0,
    messy: bool = False,
) -> Iterator[Plan]:
    """`n` songs: the kinds in turn, each with keys and tempos spread evenly over what it may have.

    With `messy`, they have more or less of a singer and noise.
    """
    rng, messes = np.random.default_rng([seed, 17]), np.random.default_rng([seed, 19])
    keys, places = rng.permutation(24), rng.permutation(n)
    for i in range(n):
        name = kinds[i % len(kinds)]
        kind = KINDS[name]
        key = int(keys[(i + i // len(kinds)) % 24])
        place = (int(places[i]) + rng.random()) / n  # evenly over the range
        bpm = None if kind.bpm is None else float(kind.bpm[0] * (kind.bpm[1] / kind.bpm[0]) ** place)
        cents = float(rng.choice([-1, 1]) * rng.uniform(20, 40)) if kind.detuned else 0.0
        tonic = key % 12 if kind.tonal else None
        is_minor = kind.tonal and key >= 12
        mess = float(messes.random()) if messy else 0.0
        yield Plan(name, seed * 100_003 + i, bpm, tonic, is_minor, cents, duration_s, mess)


def render(plan: Plan) -> Rendered:
    """The sound of a plan."""
    kind, rng = KINDS[plan.kind], np.random.default_rng([plan.seed, 3])
    n = int(plan.duration_s * SR)
    if plan.bpm is None:
        y, beats = _BEATLESS[plan.kind](plan, rng, n), np.zeros(0)
    else:
        beats = _beats(plan, kind, rng)
        y = _Band(plan, kind, rng, beats, n).play()
    if plan.mess:
        y = _messed(y, plan)
    return Rendered(plan, _mastered(y, rng), beats[beats < plan.duration_s])


def click_track(bpm: float, duration_s: float = 30.0) -> Samples:
    """A metronome: one short beep a beat."""
    y = np.zeros(int(duration_s * SR), np.float32)
    beep = _shaped(_tone(1000.0, int(0.03 * SR), _table(1)), 0.001, 0.01)
    for at_s in np.arange(0, duration_s - 0.05, 60 / bpm):
        start = int(at_s * SR)
        y[start : start + len(beep)] += 0.5 * beep
    return y


def _beats(plan: Plan, kind: Kind, rng: np.random.Generator) -> NDArray[np.float64]:
    """When each beat is; a second longer than the song."""
    assert plan.bpm is not None
    n = int(plan.duration_s / 60 * plan.bpm * 1.6) + 8
    place = np.arange(n) * 60 / plan.bpm / plan.duration_s  # 0..1 in the song, about
    if kind.course == "changing":
        ratio = float(rng.choice([0.75, 0.82, 1.2, 1.3]))
        factor = np.where(place < _FIRST_PART, 1.0, ratio)
    elif kind.rubato:
        phrase = 2 * np.pi * np.arange(n) / (kind.n_beats * 4) + rng.uniform(0, 6)
        factor = 1 + rng.uniform(0.08, 0.15) * np.sin(phrase) + rng.normal(0, 0.025, n)
    elif kind.course == "drifting":
        spread = float(rng.choice([-1, 1]) * rng.uniform(0.08, 0.14))
        factor = 1 + spread * (place - 0.5)
    else:
        factor = np.ones(n)
    steps_s = 60 / plan.bpm / factor
    return rng.uniform(0.0, 0.4) + np.concatenate([[0.0], np.cumsum(steps_s)[:-1]])


class _Band:
    """Plays one plan."""

    def __init__(
        self, plan: Plan, kind: Kind, rng: np.random.Generator, beats_s: NDArray[np.float64], n: int
    ) -> None:
        self.plan, self.kind, self.rng, self.beats_s = plan, kind, rng, beats_s
        self.y = np.zeros(n + 3 * SR, np.float32)
        self.n = n
        self.n_bars = len(beats_s) // kind.n_beats
        self.jitter_s = float(rng.uniform(0.0, 0.012))  # from a machine to loose players
        self.swing = float(rng.uniform(0.6, 0.68)) if kind.swung else 0.5

    def play(self) -> Samples:
        drums = self.kind.drums[int(self.rng.integers(len(self.kind.drums)))]
        if _DRUMS[drums] != ({},):
            self._drums(_DRUMS[drums])
        if self.kind.pitched:
            chords = self._chords()
            self._bass(chords, loud=drums != "none")
            self._harmony(chords)
            self._melody(chords)
        return self.y[: self.n]

    def at(self, beat: float) -> float:
        """When a place in beats is, as the players hit it."""
        whole, part = divmod(beat, 1.0)
        part = part * self.swing / 0.5 if part <= 0.5 else 1 - (1 - part) * (1 - self.swing) / 0.5
        exact = float(np.interp(whole + part, np.arange(len(self.beats_s)), self.beats_s))
        return max(0.0, exact + float(self.rng.normal(0, self.jitter_s)))

    def add(self, sound: Samples, beat: float, gain: float) -> None:
        """Mix a sound in where a place in beats is, a little louder or softer."""
        start = int(self.at(beat) * SR)
        length = min(len(sound), len(self.y) - start)
        if length > 0:
            gain *= float(self.rng.uniform(0.75, 1.1))
            self.y[start : start + length] += np.float32(gain) * sound[:length]

    def _drums(self, patterns: Sequence[Pattern]) -> None:
        pattern = patterns[int(self.rng.integers(len(patterns)))]
        kit = {name: _DRUM[name](self.rng) for name in ("kick", "snare", "hat", "clap", "ride", "tom")}
        gains = {"kick": 0.8, "snare": 0.55, "clap": 0.4, "hat": 0.16, "ride": 0.18, "tom": 0.4}
        mix = float(self.rng.uniform(0.4, 1.0))
        for bar in range(self.n_bars):
            fills = bar % 8 == 7
            for name, places in pattern.items():
                for place in places:
                    if fills and name != "hat" and place >= self.kind.n_beats / 2:
                        continue
                    self.add(kit[name], bar * self.kind.n_beats + place, mix * gains[name])
            if fills:
                for place in np.arange(self.kind.n_beats / 2, self.kind.n_beats, 0.5):
                    drum = "tom" if self.rng.random() < 0.6 else "snare"
                    self.add(kit[drum], bar * self.kind.n_beats + float(place), mix * gains[drum])

    def _chords(self) -> list[tuple[int, ...]]:
        """Notes of each bar's chord, as semitones above C; a root first."""
        changes_at = int(_FIRST_PART * self.plan.duration_s / (self.beats_s[-1]) * self.n_bars)
        progressions = _PROGRESSIONS[self.plan.is_minor]
        degrees = progressions[int(self.rng.integers(len(progressions)))]
        shift = int(self.rng.choice([1, 2, 3, 5, 7])) if self.kind.changes_key else 0
        chords = []
        for bar in range(self.n_bars):
            if self.plan.tonic is None:
                chords.append(tuple(int(p) for p in self.rng.choice(12, 3, replace=False)))
                continue
            tonic = self.plan.tonic + (shift if bar >= changes_at else 0)
            chords.append(_chord(degrees[bar % len(degrees)], tonic, self.plan.is_minor))
        return chords

    def _bass(self, chords: Sequence[tuple[int, ...]], *, loud: bool) -> None:
        table, gain = _table(int(self.rng.integers(3, 9))), 0.3 if loud else 0.2
        beats = self.kind.n_beats
        walking = self.kind.swung
        styles: tuple[Sequence[float], ...] = (
            (0, beats / 2) if beats != 3 else (0,),
            tuple(range(beats)),
            tuple(np.arange(0, beats, 0.5 if beats != 2 else 1 / 3)),
        )
        style = styles[1] if walking else styles[int(self.rng.integers(len(styles)))]
        for bar, chord in enumerate(chords):
            for i, place in enumerate(style):
                pitch = chord[i % len(chord)] if walking else chord[0] if i % 4 != 3 else chord[-1]
                self._note(
                    28 + (pitch - 4) % 12, bar * beats + place, 0.9 * beats / len(style), table, gain, 0.6
                )

    def _harmony(self, chords: Sequence[tuple[int, ...]]) -> None:
        table = _table(int(self.rng.integers(2, 12)))
        beats = self.kind.n_beats
        held: tuple[Sequence[float], ...] = ((0,), (0, beats / 2), tuple(range(beats)))
        places = held[int(self.rng.integers(len(held)))]
        if self.kind.off_beat:
            places = tuple(0.5 + i for i in range(beats))
        elif beats == 3:
            places = (1, 2)
        fade_s = float(self.rng.choice([0.3, 0.8, 3.0]))
        length = 0.3 if self.kind.off_beat else 0.95 * beats / len(places)
        arpeggio = not self.kind.off_beat and self.rng.random() < (
            0.5 if self.kind.drums == ("none",) else 0.25
        )
        step = 0.5 if beats != 2 else 1 / 3
        for bar, chord in enumerate(chords):
            if arpeggio:
                for i, place in enumerate(np.arange(0, beats, step)):
                    pitch = 55 + (chord[i % len(chord)] - 7) % 12
                    self._note(pitch, bar * beats + float(place), 1.5 * step, table, 0.2, fade_s)
                continue
            for place in places:
                for pitch in chord:
                    self._note(52 + (pitch - 4) % 12, bar * beats + place, length, table, 0.12, fade_s)

    def _melody(self, chords: Sequence[tuple[int, ...]]) -> None:
        table = _table(int(self.rng.integers(2, 10)))
        beats, degree = self.kind.n_beats, 0
        scale = _MINOR if self.plan.is_minor else _MAJOR
        for bar, chord in enumerate(chords):
            if self.rng.random() < 0.15:
                continue  # rests a bar
            place = 0.0
            while place < beats:
                choices = (1 / 3, 2 / 3, 1) if beats == 2 else (0.5, 0.5, 1, 1, 1.5, 2)
                length = min(float(self.rng.choice(choices)), beats - place)
                degree = int(np.clip(degree + self.rng.integers(-2, 3), -3, 9))
                if self.plan.tonic is None:
                    pitch = int(self.rng.integers(62, 82))
                elif place == 0 or self.rng.random() < 0.3:  # in the chord where it matters
                    pitch = 67 + (chord[int(self.rng.integers(len(chord)))] - 7) % 12
                else:
                    tonic = self.plan.tonic + self._shift_of(bar, chords)
                    pitch = 60 + tonic + scale[degree % 7] + 12 * (degree // 7)
                if self.rng.random() > 0.12:
                    self._note(pitch, bar * beats + place, 0.95 * length, table, 0.22, 0.7)
                place += length

    def _shift_of(self, bar: int, chords: Sequence[tuple[int, ...]]) -> int:
        """How far the key of a bar is above the first."""
        if not self.kind.changes_key:
            return 0
        period = self._period
        return (chords[bar][0] - chords[bar % period][0]) % 12

    @cached_property
    def _period(self) -> int:
        return 4  # bars of every progression

    def _note(
        self, pitch: float, beat: float, n_beats: float, table: Samples, gain: float, fade_s: float
    ) -> None:
        assert self.plan.bpm is not None
        length = int(n_beats * 60 / self.plan.bpm * SR)
        hz = 440 * 2 ** ((pitch - 69 + self.plan.cents / 100) / 12)
        self.add(_shaped(_tone(hz, length, table), 0.005, fade_s), beat, gain)


def _chord(degree: int, tonic: int, is_minor: bool) -> tuple[int, ...]:
    scale = _MINOR if is_minor else _MAJOR
    if degree == 40:  # the dominant of harmonic minor
        return (tonic + 7) % 12, (tonic + 11) % 12, (tonic + 2) % 12
    return tuple((tonic + scale[(degree + step) % 7]) % 12 for step in (0, 2, 4))


def _samples(y: NDArray[np.floating]) -> Samples:
    return y.astype(np.float32)


@cache
def _table(n_harmonics: int) -> Samples:
    """One period of a tone whose harmonics fall off; more of them are brighter."""
    turn = 2 * np.pi * np.arange(_TABLE) / _TABLE
    weights = np.random.default_rng(n_harmonics).uniform(0.4, 1, n_harmonics)
    period = sum(w / k * np.sin(k * turn) for k, w in enumerate(weights, 1))
    return _samples(period / np.abs(period).max())


def _tone(hz: float, length: int, table: Samples) -> Samples:
    phase = np.arange(length) * (hz / SR * _TABLE)
    return table[phase.astype(np.int64) % _TABLE]


def _shaped(y: Samples, attack_s: float, fade_s: float) -> Samples:
    """A tone that begins within `attack_s`, fades by 1/e in `fade_s` and ends without a click."""
    at_s = np.arange(len(y), dtype=np.float32) / SR
    end_s = len(y) / SR
    shape = np.minimum(at_s / attack_s, 1) * np.exp(-at_s / fade_s) * np.clip((end_s - at_s) / 0.02, 0, 1)
    return _samples(y * shape)


def _kick(rng: np.random.Generator) -> Samples:
    at_s = np.arange(int(0.3 * SR)) / SR
    low, sweep = rng.uniform(42, 60), rng.uniform(40, 140)
    phase = 2 * np.pi * (low * at_s + sweep * 0.03 * (1 - np.exp(-at_s / 0.03)))
    return _samples(np.sin(phase) * np.exp(-at_s / rng.uniform(0.05, 0.12)))


def _noise_hit(low_hz: float, high_hz: float, fade_s: float) -> Callable[[np.random.Generator], Samples]:
    def hit(rng: np.random.Generator) -> Samples:
        fade = fade_s * rng.uniform(0.7, 1.4)
        n = int(6 * fade * SR)
        y = _band(rng.normal(size=n).astype(np.float32), low_hz, high_hz)
        return _samples(y * np.exp(-np.arange(n) / SR / fade))

    return hit


def _snare(rng: np.random.Generator) -> Samples:
    y = _noise_hit(500, 9000, 0.06)(rng)
    at_s = np.arange(len(y)) / SR
    return (y + 0.5 * np.sin(2 * np.pi * rng.uniform(160, 220) * at_s) * np.exp(-at_s / 0.06)).astype(
        np.float32
    )


def _tom(rng: np.random.Generator) -> Samples:
    at_s = np.arange(int(0.35 * SR)) / SR
    return _samples(np.sin(2 * np.pi * rng.uniform(80, 160) * at_s) * np.exp(-at_s / 0.1))


_DRUM: dict[str, Callable[[np.random.Generator], Samples]] = {
    "kick": _kick,
    "snare": _snare,
    "tom": _tom,
    "hat": _noise_hit(5000, 11000, 0.03),
    "ride": _noise_hit(3000, 11000, 0.15),
    "clap": _noise_hit(800, 5000, 0.07),
}


def _band(y: Samples, low_hz: float, high_hz: float) -> Samples:
    """Only what is between two frequencies, at most 1 in size."""
    spectrum = scipy.fft.rfft(y)
    hz = np.arange(len(spectrum)) * SR / len(y)
    spectrum[(hz < low_hz) | (hz > high_hz)] = 0
    kept = scipy.fft.irfft(spectrum, len(y))
    return _samples(kept / max(float(np.abs(kept).max()), 1e-9))


def _drone(plan: Plan, rng: np.random.Generator, n: int) -> Samples:
    """A fifth that is held, slowly louder and softer."""
    del plan
    root = 110 * 2 ** (rng.uniform(0, 12) / 12)
    swell = 1 + 0.3 * np.sin(2 * np.pi * np.arange(n) / SR * rng.uniform(0.03, 0.1))
    return ((_tone(root, n, _table(8)) + 0.6 * _tone(root * 1.4983, n, _table(4))) * swell).astype(
        np.float32
    )


def _ambient(plan: Plan, rng: np.random.Generator, n: int) -> Samples:
    """Chords of a key that fade in and out, each as long as it likes."""
    y, start, i = np.zeros(n + 20 * SR, np.float32), 0, 0
    degrees = _PROGRESSIONS[plan.is_minor][int(rng.integers(3))]
    table = _table(5)
    while start < n:
        length = int(rng.uniform(4, 9) * SR)
        fade = np.minimum(1, np.minimum(np.arange(length), np.arange(length)[::-1]) / (1.5 * SR))
        for pitch in _chord(degrees[i % 4], plan.tonic or 0, plan.is_minor):
            hz = 440 * 2 ** ((48 + pitch - 69 + 12 * int(rng.integers(0, 2))) / 12)
            y[start : start + length] += (0.2 * fade * _tone(hz, length, table)).astype(np.float32)
        start += int(length - 1.2 * SR)
        i += 1
    return y[:n]


def _white(plan: Plan, rng: np.random.Generator, n: int) -> Samples:
    del plan
    return rng.normal(size=n).astype(np.float32)


def _speech(plan: Plan, rng: np.random.Generator, n: int) -> Samples:
    """Syllables of uneven length and pitch, buzz or hiss, with pauses: not words, but as uneven."""
    del plan
    y, start = np.zeros(n + SR, np.float32), 0
    while start < n:
        length = int(rng.uniform(0.08, 0.32) * SR)
        pitch = float(rng.uniform(90, 180))
        voiced = _band(_tone(pitch, length, _table(30)), 200, float(rng.uniform(900, 3000)))
        hiss = _band(rng.normal(size=length).astype(np.float32), 2000, 8000)
        sound = voiced if rng.random() < 0.75 else 0.4 * hiss
        y[start : start + length] += float(rng.uniform(0.3, 1)) * _shaped(sound, 0.02, 0.3)
        start += length + int(rng.exponential(0.25 if rng.random() < 0.2 else 0.03) * SR)
    return y[:n]


def _messed(y: Samples, plan: Plan) -> Samples:
    """With a singer who keeps no time and a wall of noise: up to 1.5 times as loud as the rest."""
    rng = np.random.default_rng([plan.seed, 5])
    voice = _speech(plan, rng, len(y))
    spectrum = scipy.fft.rfft(rng.normal(size=len(y)))
    wall = scipy.fft.irfft(spectrum / np.sqrt(np.arange(len(spectrum)) + 20), len(y))
    wall *= 1 + 0.5 * np.sin(2 * np.pi * rng.uniform(0.05, 0.3) * np.arange(len(y)) / SR)
    loud = float(np.sqrt(np.square(y).mean()))
    for other, most in ((voice, 1.3), (wall, 0.7)):
        share = plan.mess * most * rng.uniform(0.5, 1)
        y = y + share * loud / np.sqrt(np.square(other).mean()) * other
    return _samples(y)


_BEATLESS: dict[str, Callable[[Plan, np.random.Generator, int], Samples]] = {
    "drone": _drone,
    "ambient": _ambient,
    "noise": _white,
    "speech-like": _speech,
}


def _mastered(y: Samples, rng: np.random.Generator) -> Samples:
    """In a room, amid a little noise, softly limited, peak below 1."""
    n_room = int(rng.uniform(0.2, 0.8) * SR)
    decay = np.exp(-np.arange(n_room) / (n_room / 5))
    room = rng.normal(size=n_room) * decay
    room *= rng.uniform(0.05, 0.3) / np.sqrt(np.square(room).sum())
    room[0] += 1
    size = scipy.fft.next_fast_len(len(y) + n_room, real=True)
    wet = scipy.fft.irfft(scipy.fft.rfft(y, size) * scipy.fft.rfft(room, size), size)[: len(y)]
    wet /= max(float(np.abs(wet).max()), 1e-9)
    wet += 10 ** (rng.uniform(-65, -40) / 20) * rng.normal(size=len(y))
    driven = np.tanh(rng.uniform(0.8, 2.5) * wet)
    return _samples(0.9 * driven / max(float(np.abs(driven).max()), 1e-9))
