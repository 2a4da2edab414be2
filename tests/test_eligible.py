"""Which songs playlists are made of."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groovecli.audio.tags import Tags
from groovecli.errors import UsageError
from groovecli.library.recordings import Alike
from groovecli.library.tracks import FileState, Track
from groovecli.playlists.eligible import KINDS, Eligible, Rules, eligible, rules_for
from groovecli.reasons import Reason


def song(number: int, seconds: float = 200.0, *, own: str = "", kbits: int = 128, title: str = "") -> Track:
    state = FileState(round(kbits * 125 * seconds) if np.isfinite(seconds) else 1, 1)
    return Track(own or str(number), Path(f"/music/{number}.mp3"), state, seconds, Tags(title=title))


def choose(
    tracks: list[Track],
    *,
    unlike: Iterable[int] = (),
    alike: Iterable[tuple[int, int, str]] = (),
    include: Iterable[str] = (),
    max_minutes: float = 20,
) -> Eligible:
    """Choose among songs of which some pairs, by number, are alike."""
    is_unlike = np.isin(np.arange(len(tracks)), list(unlike))
    pairs = [Alike(a, b, kind, 0.9, 0.01) for a, b, kind in alike]  # type: ignore[arg-type]

    def compare(numbers: np.ndarray) -> list[Alike]:
        return [pair for pair in pairs if {pair.first, pair.second} <= set(numbers.tolist())]

    return eligible(tracks, is_unlike, compare, rules_for(include, max_minutes))


def reasons(found: Eligible) -> dict[str, Reason]:
    return {item.path.stem: item.reason for item in found.left_out}


def test_single_songs_of_usual_length_are_kept() -> None:
    found = choose([song(i) for i in range(4)])
    assert (found.kept.tolist(), found.left_out, found.notes) == ([0, 1, 2, 3], (), ())


def test_what_is_no_song_is_left_out_and_says_why() -> None:
    tracks = [*(song(i) for i in range(5)), song(5, 43 * 60), song(6, 20), song(7)]
    found = choose(tracks, unlike=[7])
    assert found.kept.tolist() == [0, 1, 2, 3, 4]
    assert reasons(found) == {"5": Reason.LONG, "6": Reason.SHORT, "7": Reason.UNLIKE}
    texts = [item.text for item in found.left_out]
    assert texts[:2] == ["is longer than 20 min", "is shorter than 60 s"]
    assert not any(item.reason.is_fault for item in found.left_out)


@pytest.mark.parametrize(("kind", "number"), [("long", 5), ("short", 6), ("unlike", 7)])
def test_each_kind_can_be_let_in(kind: str, number: int) -> None:
    tracks = [*(song(i) for i in range(5)), song(5, 43 * 60), song(6, 20), song(7)]
    assert choose(tracks, unlike=[7], include=[kind]).kept.tolist() == [0, 1, 2, 3, 4, number]
    assert len(choose(tracks, unlike=[7], include=["all"]).kept) == 8


def test_the_longest_length_is_the_users() -> None:
    tracks = [song(i, 60.0 * i + 90) for i in range(6)]
    assert choose(tracks, max_minutes=3.5).kept.tolist() == [0, 1, 2]
    assert choose(tracks, max_minutes=0.5).kept.tolist() == []


def test_short_songs_stay_where_most_are() -> None:
    assert len(choose([song(i, 30) for i in range(5)] + [song(9)]).kept) == 6


def test_a_library_unlike_the_models_music_is_kept_and_says_so() -> None:
    found = choose([song(i) for i in range(5)], unlike=[0, 1, 2])
    assert (len(found.kept), found.notes) == (
        5,
        ("3 songs of 5 are unlike the model's music; they are not left out",),
    )


def test_a_model_that_can_not_tell_leaves_nothing_out() -> None:
    assert len(eligible([song(0), song(1)], None, lambda _: (), Rules()).kept) == 2


def test_one_recording_is_kept_once_by_its_best_file() -> None:
    tracks = [song(0), song(1, kbits=320), song(2)]
    found = choose(tracks, alike=[(0, 1, "recording")])
    assert found.kept.tolist() == [1, 2]
    assert found.left_out[0].text == "is a duplicate of /music/1.mp3 (320 against 128 kbit/s)"
    assert choose(tracks, alike=[(0, 1, "recording")], include=["duplicates"]).kept.tolist() == [0, 1, 2]


def test_versions_can_be_let_in_by_themselves() -> None:
    tracks = [song(0, title="Song"), song(1, title="Song (Live)"), song(2, kbits=320, title="Song")]
    alike = [(0, 1, "version"), (0, 2, "recording"), (1, 2, "version")]
    assert choose(tracks, alike=alike).kept.tolist() == [2]
    assert choose(tracks, alike=alike, include=["versions"]).kept.tolist() == [1, 2]
    assert choose(tracks, alike=alike, include=["duplicates", "versions"]).kept.tolist() == [0, 1, 2]


def test_the_same_audio_is_one_song_whatever_is_asked_for() -> None:
    tracks = [song(0, own="x"), song(1, own="x", title="named"), song(2)]
    found = choose(tracks, include=["all"])
    assert found.kept.tolist() == [1, 2] and reasons(found) == {"0": Reason.SAME_AUDIO}


def test_a_song_that_is_left_out_takes_no_duplicate_with_it() -> None:
    """The better file is too long to be in a list: the other one is."""
    tracks = [song(0, 1199), song(1, 1201, kbits=320), song(2)]
    assert choose(tracks, alike=[(0, 1, "recording")]).kept.tolist() == [0, 2]


def test_a_length_that_nobody_knows_is_neither_long_nor_short() -> None:
    assert len(choose([song(0, np.nan), *(song(i) for i in range(1, 4))]).kept) == 4


def test_there_is_no_other_kind() -> None:
    with pytest.raises(UsageError, match="no kind of songs 'speech' to include"):
        rules_for(["long", "speech"])
    assert rules_for(["all"]).include == frozenset(KINDS)


@given(
    lengths=st.lists(st.sampled_from([10.0, 100.0, 200.0, 5000.0]), max_size=10),
    unlike=st.sets(st.integers(0, 9)),
    alike=st.lists(
        st.tuples(st.integers(0, 9), st.integers(0, 9), st.sampled_from(["recording", "version"]))
    ),
    include=st.sets(st.sampled_from(KINDS)),
)
@settings(max_examples=80, deadline=None)
def test_every_song_is_kept_or_left_out_once(
    lengths: list[float], unlike: set[int], alike: list[tuple[int, int, str]], include: set[str]
) -> None:
    tracks = [song(i, length) for i, length in enumerate(lengths)]
    pairs = [(a, b, kind) for a, b, kind in alike if a != b and max(a, b) < len(tracks)]
    found = choose(tracks, unlike=unlike, alike=pairs, include=include)
    kept = [tracks[i].path for i in found.kept.tolist()]
    assert sorted([*kept, *(item.path for item in found.left_out)]) == sorted(t.path for t in tracks)
    assert found.kept.tolist() == sorted(found.kept.tolist())
