"""Songs of a list are one by title and sound together, never by tags alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from groovecli.actions.context import Context
from groovecli.actions.similar.sounds import Sounds
from groovecli.audio.tags import Tags
from groovecli.home import Home
from groovecli.library.tracks import FileState, Track
from groovecli.playlists.picks import Pick, Rules, allowed

N = 8


def songs(titles: list[str], *, s_apart: float = 10.0) -> list[Pick]:
    made = (
        Track(
            f"{n:016x}",
            Path(f"{n}.mp3"),
            FileState(1, 1),
            60 + s_apart * n,
            Tags(artist="Miles Davis", title=title),
        )
        for n, title in enumerate(titles)
    )
    return [Pick(track, n, 0.0, 0.0, 1.0) for n, track in enumerate(made)]


def kept(picks: list[Pick], vectors: np.ndarray, home: Path) -> list[int]:
    sounds = Sounds(vectors.astype(np.float32), Context(Home(home)))
    return [pick.place for pick in allowed(iter(picks), Rules(N), sounds.has)]


@pytest.mark.parametrize("s_apart", [10.0, 0.5])
def test_songs_of_one_title_that_sound_otherwise_are_all_listed(s_apart: float, tmp_path: Path) -> None:
    assert kept(songs(["Untitled"] * N, s_apart=s_apart), np.eye(N), tmp_path) == [*range(N)]


def test_one_title_and_one_sound_are_one_song(tmp_path: Path) -> None:
    near = np.eye(N)
    near[1] = near[0] + 0.1 * near[1]  # 0.005 from the first
    titles = ["So What", "So What", *(f"Song {n}" for n in range(2, N))]
    assert kept(songs(titles), near, tmp_path) == [0, *range(2, N)]
    other = ["So What", "Freddie Freeloader", *titles[2:]]
    assert kept(songs(other), near, tmp_path) == [*range(N)]


def test_where_all_songs_sound_alike_they_have_to_be_nearer(tmp_path: Path) -> None:
    """A model whose songs are within 0.01 of each other, of which 0.005 is much."""
    rng = np.random.default_rng(0)
    alike = np.ones((200, 16)) + rng.normal(scale=0.07, size=(200, 16))
    assert len(kept(songs(["Untitled"] * N), alike, tmp_path)) == N
