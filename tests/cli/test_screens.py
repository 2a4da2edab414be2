"""What is seen of each view at 60, 80 and 120 columns, with few and many genres, CJK and long names.

The screens are kept as text in `screens/`; `GROOVE_NEW_TEXTS=1 pytest tests/cli/test_screens.py` writes
them again, to be read in the diff.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from groovecli.actions.cluster import Clustered
from groovecli.actions.ingest import IngestResult
from groovecli.actions.remove_genre import GenreRemoved
from groovecli.audio.tags import Tags
from groovecli.cli import render
from groovecli.cli.typesetting import n_cells
from groovecli.cli.views import classify, cluster, config, embed, ingest, models, remove_genre
from groovecli.datasets.counts import GenreCount
from groovecli.datasets.lyrics import LyricsFound
from groovecli.datasets.tables import DatasetSettings
from groovecli.errors import Interrupted, UsageError
from groovecli.library.tracks import FileState, Rejected, Track
from groovecli.library.walk import PassedOver
from groovecli.models.file import StoredModel
from groovecli.models.results import Classified, Embedded, silent_song, song_genre
from groovecli.models.serving import Choice, Serving
from groovecli.playlists.folder import Written
from groovecli.reasons import Reason
from tests.cli.screens import WIDTHS, check_screens, printed, shown_on, wide
from tests.small import describing

MUSIC = Path("Music")
FEW = ["ambient", "blues", "classical", "country", "electronic", "folk", "jazz", "metal", "rap", "reggae"]
FEW += ["rock", "soul"]
LONG = "A very long name of a song that somebody tagged in full, part two of 9"  # 70 letters
NAMES: Mapping[str, list[str]] = {
    "12-genres": [f"{genre}/{n:02} - Song {n}.mp3" for n, genre in enumerate(FEW)],
    "60-genres": [f"{n:02} - Song.mp3" for n in range(60)],
    "cjk": [
        "春/歌手 - 春の海.flac",
        "春/歌手 - 長い題の曲、とても長い題の曲、もっと長い題の曲.flac",
        "夏/歌.mp3",
    ],
    "long-names": [f"{LONG[:40]}/{LONG}.mp3", "b [live].mp3"],
}
GENRES: Mapping[str, list[str]] = {
    "12-genres": FEW,
    "60-genres": [f"{FEW[n % 12]} {n // 12 + 1}" for n in range(60)],
    "cjk": ["演歌", "ヴィジュアル系ロック", "pop"],
    "long-names": [LONG, "rock"],
}
CASES = sorted(NAMES)


def classified(case: str) -> Classified:
    """Songs of each genre, the last of them silent, one unknown, one unlike the others, one unsure."""
    genres, songs = GENRES[case], []
    for n, name in enumerate(NAMES[case]):
        weights = np.geomspace(1, 1e-3, len(genres))
        weights[0] = weights[1:].sum() * (0.7 if n == 4 else 1.5)  # 41 or 60 %
        weights = np.roll(weights, n)
        shares = dict(zip(genres, (weights / weights.sum()).tolist(), strict=True))
        least = 1.0 if n == 1 else 0.0
        songs.append(
            song_genre(MUSIC / "new" / name, shares, min_confidence=least, is_familiar=n != 0 or None)
        )
    songs[0] = replace(songs[0], is_familiar=False)
    if len(songs) > 2:
        songs[-1] = silent_song(songs[-1].path)
    failed = (Rejected(MUSIC / "new" / f"{LONG}.mp3", Reason.UNDECODABLE, "it is text"),)
    return Classified("groove-net", tuple(songs), failed, 1.0)


def clustered(case: str) -> Clustered:
    names = [Path(name).stem for name in NAMES[case]]
    written = tuple(
        Written(genre, MUSIC / "lists" / f"{genre}.m3u8", 5 + 100 * n)
        for n, genre in enumerate(GENRES[case])
    )
    return Clustered(
        model="groove-net",
        method="mutual",
        written=written,
        exemplars=tuple(MUSIC / f"{names[n % len(names)]}.mp3" for n in range(len(written))),
        sounds_like=tuple(names[n % len(names)] for n in range(len(written))),
        kept=(),
        removed=(MUSIC / "lists" / f"{LONG}.m3u8",),
        n_songs=sum(each.n_songs for each in written) + 1,
        left_out=(Rejected(MUSIC / NAMES[case][0], Reason.STRAY),),
        failed=(),
        passed_over=PassedOver(n_hidden=2),
        notes=(),
    )


def ingested(case: str, split_by: str = "song", n_shared: int = 9) -> IngestResult:
    counts = {
        genre: GenreCount({"train": 80 + n, "test": 20}, {"train": 3 * (80 + n), "test": 60})
        for n, genre in enumerate(GENRES[case])
    }
    settings = DatasetSettings("default", split_by, 0.2, 0, 30.0, "folder", 3, None)  # type: ignore[arg-type]
    return IngestResult(
        settings=settings,
        genres=counts,
        left_out={"polka": "has 1 song of the 2 that it needs to stand in training and in test"},
        skipped=(Rejected(MUSIC / NAMES[case][0], Reason.EMPTY),),
        passed_over=PassedOver(),
        renamed={"Hip Hop": "hip-hop"},
        n_padded=3,
        n_fewer_clips=1,
        n_new_clips=1200,
        n_untagged=12 if split_by == "artist" else 0,
        loosened=("rock", "jazz"),
        n_shared_artists=n_shared,
        lyrics=LyricsFound(n_songs=30, n_new=2),
        seconds=75.2,
    )


def embedded(case: str) -> Embedded:
    tracks = tuple(Track("a", MUSIC / name, FileState(1, 1), 60.0, Tags()) for name in NAMES[case])
    vectors = np.zeros((len(tracks), 720), np.float32)
    failed = (
        Rejected(MUSIC / f"{LONG}.mp3", Reason.TOO_SHORT, "0.1 s of sound, which is less than a clip"),
    )
    return Embedded("groove-net", tracks, vectors, failed, interrupted=False)


def listed(case: str) -> None:
    stored = [
        StoredModel(Path(f"models/{name}/model.safetensors"), describing(name=name, genres=tuple(genres)))
        for name, genres in (("time-cnn-1", GENRES[case]), (GENRES[case][0], []))
    ]
    models.show_list(stored, Serving(stored[0], stored[0], Choice("time-cnn-1")), ())


VIEWS: Mapping[str, Callable[[str], None]] = {
    "classify": lambda case: classify.show(classified(case), 3),
    "cluster": lambda case: cluster.show(clustered(case), MUSIC / "lists"),
    "embed": lambda case: embed.show(embedded(case), Path("songs.npz"), Path("songs.svg")),
    "ingest": lambda case: ingest.show(ingested(case), MUSIC),
    "models": listed,
}


def small_views() -> None:
    """Views that no library makes longer, one below the other."""
    remove_genre.show(GenreRemoved("default", ("metal",), 6, 18, ("folk",)), dry_run=True)
    rows = [
        ("jobs", "abc (invalid: give a whole number)", "GROOVE_JOBS", "worker processes; 0 is one a core")
    ]
    config.show(rows, Path("/home/me/.local/share/groove"), ["groove.toml", "/home/me/.config/groove.toml"])
    ingest.show(ingested("cjk", "clip"), MUSIC)
    ingest.show(ingested("cjk", "artist", 1), Path("/music/my own"))
    render.error(UsageError("--minutes must be more than 0", "see `groove train --help`"))
    render.error(Interrupted("37 of 971 songs are done", "the same command goes on"))
    render.next_step(
        "groove cluster 'Music/new songs' --out playlists --method agglomerative --clusters 12"
    )


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("view", sorted(VIEWS))
def test_screens_are_as_they_were_read(view: str, case: str) -> None:
    check_screens(f"{view}-{case}", lambda: VIEWS[view](case))


def test_small_screens_are_as_they_were_read() -> None:
    check_screens("small", small_views)


@pytest.mark.parametrize("columns", [40, *WIDTHS, 200])
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("view", sorted(VIEWS))
def test_no_line_is_wider_than_the_screen(view: str, case: str, columns: int) -> None:
    lines = printed(lambda: VIEWS[view](case), columns).splitlines()
    assert [line for line in lines if n_cells(line) > columns] == []


@pytest.mark.parametrize("case", CASES)
def test_in_a_pipe_nothing_is_lost(case: str) -> None:
    songs = classified(case).results
    lines = printed(lambda: VIEWS["classify"](case), None).splitlines()
    for song in songs:
        assert sum(line.startswith(f"{song.path}: ") for line in lines) == 1
    tables = "".join(
        printed(lambda view=view: VIEWS[view](case), None) for view in ("cluster", "ingest", "models")
    )
    for genre in GENRES[case]:
        assert tables.count(genre) >= 3
    assert "…" not in "".join(lines) + tables and "--wide" not in tables


@pytest.mark.parametrize("case", CASES)
def test_wide_leaves_nothing_out_on_a_screen_either(case: str) -> None:
    text = wide(lambda: VIEWS["classify"](case), 60)
    assert all(str(song.path.relative_to(MUSIC / "new")) in text for song in classified(case).results)
    text = wide(lambda: VIEWS["models"](case), 60)
    assert all(genre in text for genre in GENRES[case]) and "columns" not in text


@pytest.mark.parametrize(
    ("view", "summary"),
    [
        ("classify", "12 songs: ambient 1, "),
        ("cluster", "12 playlists of 6,660 songs in Music/lists"),
        ("embed", "12 songs as vectors of 720 numbers by groove-net: songs.npz"),
        ("ingest", "dataset default: 1,266 songs of 12 genres, 3,798 clips"),
        ("models", "2 models; chosen by `groove models use`: time-cnn-1"),
    ],
)
def test_the_last_line_is_the_summary(view: str, summary: str) -> None:
    lines = printed(partial(VIEWS[view], "12-genres"), 200).splitlines()
    last = [line for line in lines if not line.startswith(("next: ", "  "))][-1]
    assert last.startswith(summary)


@pytest.mark.parametrize(
    ("n_few", "said"),
    [
        (0, ""),
        (2, "warning: few songs: ambient (4), blues (4); give 5 or more of each genre"),
        (12, "reggae (4) and 2 genres more; give 5 or more of each genre"),
    ],
)
def test_genres_of_few_songs_are_named(n_few: int, said: str) -> None:
    made = ingested("12-genres")
    few = {genre: GenreCount({"train": 3, "test": 1}, {"train": 9, "test": 3}) for genre in FEW[:n_few]}
    text = printed(lambda: ingest.show(replace(made, genres={**made.genres, **few})), 200)
    assert said in text and ("few songs" in text) is bool(n_few)


def test_totals_say_all_songs() -> None:
    assert classify.totals(classified("cjk")) == "3 songs: 演歌 1, unknown 1, silent 1"
    many = classify.totals(classified("60-genres"))
    assert many.startswith("60 songs: ") and many.endswith(
        "45 other genres 45, unknown 1, unsure 1, silent 1"
    )


def test_both_levels_of_genres_are_on_the_screen() -> None:
    shares = {"rock/punk": 0.3, "rock/hard": 0.3, "jazz/bop": 0.4}
    songs = tuple(
        song_genre(MUSIC / f"{least}.mp3", shares, depth=2, min_confidence=least)
        for least in (0.0, 0.5, 0.9)
    )
    text = printed(lambda: classify.show(Classified("net", songs, (), 0.5), 2), 80)
    assert [" ".join(line.split()) for line in text.splitlines()[2:5]] == [
        "rock 60 % jazz/bop 40 % rock/punk 30 % 0.0.mp3",
        "rock 60 % unknown (jazz/bop) 0.5.mp3",
        "unknown 60 % unknown (jazz/bop) 0.9.mp3",
    ]
    assert text.splitlines()[-1] == "3 songs: rock 2, unknown 1"


def test_a_quotation_in_a_card_is_one_paragraph() -> None:
    with shown_on(80):
        lines = models._card_lines("text\ngoes on\n\n> quoted\n> words\n>\n> more")
    assert lines == ["text goes on", "", "> quoted words", ">", "> more"]
