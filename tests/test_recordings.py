"""Groups of files of one recording, and which file of each is the best."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groovecli.audio.tags import Tags
from groovecli.library.quality import is_lossless, quality_of, why_better
from groovecli.library.recordings import Alike, Group, groups_of
from groovecli.library.tracks import FileState, Track
from tests import encode


def track(
    name: str,
    kbits: int = 128,
    *,
    seconds: float = 200.0,
    own: str = "",
    tags: Tags | None = None,
    mtime_ns: int = 1,
) -> Track:
    state = FileState(round(kbits * 1000 * seconds / 8), mtime_ns)
    return Track(own or f"id of {name}", Path(f"/music/{name}"), state, seconds, tags or Tags())


def alike(first: int, second: int, kind: str = "recording") -> Alike:
    return Alike(first, second, kind, 0.9, 0.01)  # type: ignore[arg-type]


def best_of(*tracks: Track) -> tuple[str, str]:
    """The name of the best of files of one recording, and why it is better than the next."""
    pairs = [alike(a, b) for a in range(len(tracks)) for b in range(a + 1, len(tracks))]
    (group,) = groups_of(tracks, pairs)
    return group.best.path.name, group.copies[0].why.code


def test_lossless_files_are_better_than_lossy_ones() -> None:
    assert best_of(track("a.mp3", 320), track("b.flac", 300)) == ("b.flac", "lossless")


def test_a_higher_bit_rate_is_better() -> None:
    small, large = track("a.mp3", 128), track("b.mp3", 320)
    assert best_of(small, large) == ("b.mp3", "bit-rate")
    assert why_better(large, small).text == "320 against 128 kbit/s"


def test_a_little_more_bit_rate_is_no_difference_but_length_and_tags_are() -> None:
    tagged = track("b.mp3", 128, tags=Tags(artist="A", title="T"))
    assert best_of(track("a.mp3", 130), tagged) == ("b.mp3", "tags")
    assert best_of(track("a.mp3"), track("b.mp3", seconds=201.2)) == ("b.mp3", "length")


def test_of_equal_files_the_first_path_is_kept() -> None:
    assert best_of(track("b.mp3"), track("a.mp3")) == ("a.mp3", "path")


def test_bit_rates_are_weighed_by_codec() -> None:
    opus, mp3 = track("b.opus", 45), track("a.mp3", 64)
    assert best_of(mp3, opus) == ("b.opus", "bit-rate")
    assert why_better(opus, mp3).text == "45 kbit/s Opus against 64 kbit/s MP3"
    assert best_of(track("a.opus", 64), track("b.mp3", 192)) == ("b.mp3", "bit-rate")
    assert best_of(track("b.opus", 96), track("a.aac", 96)) == ("b.opus", "bit-rate")
    assert best_of(track("b.aac", 120), track("a.mp3", 160))[1] == "path"  # about as good


@pytest.mark.parametrize(
    "name", ["a (1).mp3", "a - Copy.mp3", "a copy 2.mp3", "a_Kopie.mp3", "Copy of b.mp3"]
)
def test_a_name_of_a_copy_comes_last_then_the_younger_file(name: str) -> None:
    assert best_of(track(name), track("b.mp3", mtime_ns=9)) == ("b.mp3", "name")
    assert best_of(track("a.mp3", mtime_ns=9), track("b.mp3")) == ("b.mp3", "age")
    (group,) = groups_of([track(name, own="x"), track("b.mp3", own="x", mtime_ns=9)], [])
    assert (group.best.path.name, group.copies[0].why.code) == ("b.mp3", "name")


def test_a_title_with_copy_or_a_year_is_no_copys_name() -> None:
    assert best_of(track("a copycat.mp3"), track("b.mp3"))[1] == "path"
    assert best_of(track("a (1999).mp3"), track("b.mp3"))[1] == "path"


def test_files_of_one_audio_are_together_and_the_best_tagged_is_first() -> None:
    bare, full = track("a.mp3", own="x"), track("b.mp3", 140, own="x", tags=Tags(title="T"))
    (group,) = groups_of([bare, full, track("c.mp3")], [])
    assert (group.best, [copy.kind for copy in group.copies]) == (full, ["same-audio"])
    assert group.copies[0].why.text == "more tags: 1 against 0"


def test_all_files_of_an_audio_follow_it_into_its_group() -> None:
    tracks = [track("a.mp3", own="x"), track("b.flac"), track("c.mp3", own="x")]
    (group,) = groups_of(tracks, [alike(0, 1)])
    assert group.best.path.name == "b.flac"
    assert [copy.track.path.name for copy in group.copies] == ["a.mp3", "c.mp3"]
    assert {copy.kind for copy in group.copies} == {"recording"}


def test_songs_that_lead_from_one_to_another_are_not_one() -> None:
    tracks = [track("a.mp3", 320), track("b.mp3", 192), track("c.mp3", 128)]
    (group,) = groups_of(tracks, [alike(0, 1), alike(1, 2)])
    assert [each.path.name for each in group.tracks] == ["a.mp3", "b.mp3"]


def test_the_song_itself_is_kept_before_a_better_file_of_its_live_take() -> None:
    live = track("a.flac", tags=Tags(artist="A", title="Song (Live)"))
    (group,) = groups_of(
        [live, track("b.mp3", tags=Tags(artist="A", title="Song"))], [alike(0, 1, "version")]
    )
    assert (group.best.path.name, group.copies[0].why.code) == ("b.mp3", "original")


def test_a_title_that_names_a_version_is_no_fault_of_a_better_file_of_the_recording() -> None:
    named = Tags(artist="A", title="Song (Live)")
    flac, mp3 = track("b.flac", 900, tags=named), track("a.mp3", 48, tags=Tags(artist="A", title="Song"))
    assert best_of(flac, mp3) == ("b.flac", "lossless")
    between = track("c.mp3", 192, tags=named)
    (group,) = groups_of([flac, between, mp3], [alike(0, 1), alike(1, 2)])  # not alike at one remove
    assert [each.path.name for each in group.tracks] == ["b.flac", "c.mp3"]
    take = track("d.mp3", 320, tags=Tags(artist="A", title="Song"))
    pairs = [alike(0, 1), alike(0, 3, "version"), alike(1, 3, "version"), alike(2, 3)]
    (group,) = groups_of([flac, between, mp3, take], pairs)  # the live take's files are both after the song
    assert (group.best.path.name, group.copies[0].track.path.name) == ("d.mp3", "a.mp3")
    assert {copy.track.path.name: copy.why.code for copy in group.copies}["b.flac"] == "original"


@given(
    n=st.integers(1, 12),
    links=st.lists(
        st.tuples(st.integers(0, 11), st.integers(0, 11), st.sampled_from(["recording", "version"]))
    ),
    rates=st.lists(st.sampled_from([64, 128, 320]), min_size=12, max_size=12),
    ids=st.lists(st.integers(0, 9), min_size=12, max_size=12),
)
@settings(max_examples=60, deadline=None)
def test_no_file_is_in_two_groups_and_each_has_to_do_with_its_best(
    n: int, links: list[tuple[int, int, str]], rates: list[int], ids: list[int]
) -> None:
    tracks = [track(f"{i}.mp3", rates[i], own=str(ids[i])) for i in range(n)]
    pairs = [alike(a, b, kind) for a, b, kind in links if a < n and b < n and ids[a] != ids[b]]
    groups = groups_of(tracks, pairs)
    paths = [each.path for group in groups for each in group.tracks]
    assert len(paths) == len(set(paths))
    linked = {frozenset((tracks[p.first].id, tracks[p.second].id)) for p in pairs}
    for group in groups:
        for copy in group.copies:
            one = {group.best.id, copy.track.id}
            assert len(one) == 1 or one in linked
    assert_same_audio_is_together(tracks, groups)
    assert groups_of(tracks, reversed(pairs)) == groups or any(
        a.kind != b.kind for a in pairs for b in pairs
    )


def assert_same_audio_is_together(tracks: list[Track], groups: tuple[Group, ...]) -> None:
    in_group = {each.path: number for number, group in enumerate(groups) for each in group.tracks}
    for one in tracks:
        for other in tracks:
            if one.id == other.id and one is not other:
                assert in_group[one.path] == in_group[other.path]


@pytest.mark.parametrize(
    ("ending", "expected"),
    [
        (".flac", True),
        (".wav", True),
        (".alac.m4a", True),
        (".m4a", False),
        (".mp3", False),
        (".ogg", False),
    ],
)
def test_the_codec_says_what_is_lossless_not_the_ending_alone(
    tmp_path: Path, ending: str, expected: bool
) -> None:
    path = encode.write(tmp_path / f"song{ending}", encode.chirp(1, 44100), 44100)
    assert is_lossless(path) is expected
    quality = quality_of(Track("x", path, FileState(16000, 1), 1.0, Tags()))
    assert (quality.sr, quality.bit_rate) == ((44100, 0) if expected else (0, 128))
    assert quality.codec == ("" if expected else {".m4a": "aac", ".mp3": "mp3", ".ogg": "vorbis"}[ending])


def test_a_file_that_is_gone_or_broken_has_a_quality_all_the_same(tmp_path: Path) -> None:
    broken = tmp_path / "broken.m4a"
    broken.write_bytes(b"nothing")
    for path in (broken, tmp_path / "gone.flac", tmp_path / "gone.m4a"):
        for seconds in (0.0, np.nan, np.inf):
            assert len(quality_of(Track("x", path, FileState(1, 1), seconds, Tags())).rank) == 5
