"""`audit`: songs in the wrong genre are found, planned and written; nothing is changed."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from groovecli import ApplyRequest, AuditRequest, Context, Home, apply, audit
from groovecli.actions.audit import run as action
from groovecli.actions.audit.found import Audit
from groovecli.audio.tag_writing import tagged_values, write_values
from groovecli.datasets.groups import Groups
from groovecli.errors import LibraryError, UsageError
from groovecli.evaluation.misfiled import Doubts, doubts
from groovecli.library.scan import find_tracks
from groovecli.library.tracks import Track
from groovecli.models.results import Embedded
from groovecli.monitor import SILENT
from tests.cli.conftest import groove, groove_json
from tests.conftest import write_song
from tests.tagged import state

GENRES = ("Jazz", "rock", "soul")
N = 12


def write(path: Path, number: int, genre: str = "") -> Path:
    write_song(path, 0.1, sr=8000, seed=number)
    if genre:
        write_values(path, {"genre": (genre,)})
    return path


@pytest.fixture
def music(tmp_path: Path) -> Path:
    """Three genres of twelve songs, each in a sub-folder; the names say what they sound like."""
    folder = tmp_path / "music"
    for n, genre in enumerate(GENRES):
        for number in range(N):
            write(folder / genre / "album" / f"{genre} {number}.wav", n * N + number)
    return folder


@pytest.fixture
def context(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Context]:
    """A model to which a song sounds like the genre with which its name begins."""

    def embedded(_: object, library: Path, catalog: Any, **__: Any) -> Embedded:
        found = find_tracks(library, catalog, jobs=1, monitor=SILENT)
        vectors = np.stack([vector(track) for track in found.tracks])
        return Embedded("m", found.tracks, vectors, found.rejected, False, passed_over=found.passed_over)

    monkeypatch.setattr(action, "embed", embedded)
    with Context(Home(home), jobs=1) as made:
        yield made


def vector(track: Track) -> np.ndarray:
    rng = np.random.default_rng(int(track.id[:8], 16))
    own = GENRES.index(track.path.name.split()[0])
    found: np.ndarray = (5 * np.eye(len(GENRES), 12)[own] + rng.normal(size=12)).astype(np.float32)
    return found


def run(music: Path, context: Context, **more: Any) -> Audit:
    return audit(AuditRequest(music, **more), context)


def misfile(music: Path, name: str, genre: str) -> Path:
    (source,) = music.rglob(name)
    target = music / genre / "album" / name
    source.rename(target)
    return target


def test_misfiled_songs_are_first_with_the_nearest(music: Path, context: Context) -> None:
    wrong = {misfile(music, "rock 3.wav", "soul"), misfile(music, "Jazz 5.wav", "rock")}
    before = state(music)
    found = run(music, context)
    assert {song.track.path for song in found.songs[:2]} == wrong
    for song in found.songs[:2]:
        assert song.guess == song.track.path.name.split()[0] and song.confidence > 0.5 > song.own
        assert [near.genre for near in song.near] == [song.guess] * 3
    assert (found.n_songs, found.n_judged) == (3 * N, 3 * N)
    assert state(music) == before
    assert len(run(music, context, n_songs=1).songs) == 1


def test_a_plan_puts_them_where_they_belong(music: Path, context: Context, tmp_path: Path) -> None:
    misfile(music, "rock 3.wav", "soul")
    write(music / "rock" / "album" / "rock 3.wav", 999)  # another song of that name is there
    plan, out = tmp_path / "plan.json", tmp_path / "listen.m3u8"
    found = run(music, context, plan=plan, out=out, n_songs=1)
    (change,) = json.loads(plan.read_text())["changes"]
    assert change["path"] == "soul/album/rock 3.wav" and change["to"] == "rock/album/rock 3 (2).wav"
    assert "soul/album/rock 3.wav" in out.read_text() and found.n_planned == 1
    done = apply(ApplyRequest(plan), context)
    assert done.n_moved == 1 and (music / "rock" / "album" / "rock 3 (2).wav").is_file()
    assert not [song for song in run(music, context).songs if song.track.path.name == "rock 3 (2).wav"]


def unclear(monkeypatch: pytest.MonkeyPatch, place: int = 0) -> None:
    """The song in that place of the ranking fits no genre for sure."""

    def some(*given: Any, **more: Any) -> Doubts:
        found = doubts(*given, **more)
        ranking = list(found.ranking)
        ranking[place] = replace(ranking[place], is_sure=False)
        return replace(found, ranking=tuple(ranking))

    monkeypatch.setattr(action, "doubts", some)


def test_a_song_that_fits_no_genre_for_sure_is_listed_and_not_planned(
    music: Path, context: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = {misfile(music, "rock 3.wav", "soul"), misfile(music, "Jazz 5.wav", "rock")}
    unclear(monkeypatch)
    plan, out = tmp_path / "plan.json", tmp_path / "listen.m3u8"
    found = run(music, context, plan=plan, out=out, n_songs=2)
    assert {song.track.path for song in found.songs} == wrong
    (change,) = json.loads(plan.read_text())["changes"]
    assert found.n_planned == 1 and music / change["path"] == found.songs[1].track.path
    assert found.songs[0].track.path.name in out.read_text()
    plan.unlink()
    alone = run(music, context, plan=plan, n_songs=1)
    assert alone.plan is None and not plan.exists() and len(alone.songs) == 1
    said = groove("--wide", "audit", music, "--plan", plan, "--count", "1", "--jobs", "1")
    assert f"unclear ({alone.songs[0].guess} " in said.stdout and "groove apply" not in said.stderr
    assert "not in the plan: 1 song" in said.stderr
    (listed,) = groove_json("audit", music, "--count", "1", "--jobs", "1")["listed"]
    assert listed["sure"] is False


def test_the_next_command_plans_what_was_listed(music: Path, context: Context, tmp_path: Path) -> None:
    misfile(music, "rock 3.wav", "soul")
    given = [
        "--genres",
        "rock,soul",
        "--exclude",
        "*rock 7*",
        "--seed",
        "3",
        "--count",
        "1",
        "--places",
        "2",
    ]
    done = groove("--wide", "audit", music, *given, "--jobs", "1")
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("next: ")]
    words = shlex.split(line.removeprefix("next: groove audit "))
    for option, value in zip(given[::2], given[1::2], strict=True):
        assert words[words.index(option) + 1] == value
    again = groove("--wide", "audit", *words[: words.index("--plan")], "--jobs", "1")
    assert again.stdout == done.stdout
    plain = groove("--wide", "audit", music, "--jobs", "1").stderr
    assert f"next: groove audit {music} --plan plan.json --out listen.m3u8\n" in plain


def test_genre_tags_are_audited_too(tmp_path: Path, context: Context) -> None:
    music = tmp_path / "tagged"
    for n, genre in enumerate(GENRES):
        for number in range(N):
            wrong = (genre, number) == ("rock", 4)
            spelt = "Soul" if wrong else genre.title()
            write(music / f"{genre} {number}.wav", n * N + number, spelt)
    plan = tmp_path / "plan.json"
    found = run(music, context, label_from="tag", plan=plan, n_songs=1)
    (song,) = found.songs
    assert (song.track.path.name, song.label, song.guess) == ("rock 4.wav", "soul", "rock")
    (change,) = json.loads(plan.read_text())["changes"]
    assert change["genre"] == ["Rock"] and change["why"].endswith("was: Soul")
    assert len(apply(ApplyRequest(plan), context).done) == 1
    assert tagged_values(song.track.path, ("genre",)) == {"genre": ("Rock",)}


def test_genres_by_one_artist_are_named(
    music: Path, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    def grouped(songs: Any, _: str) -> Groups:
        return Groups({key: "one" if genre == "soul" else key for key, (_, genre) in songs.items()})

    monkeypatch.setattr(action, "grouped", grouped)
    found = run(music, context)
    assert found.unjudged == {"soul": N} and found.n_judged == 2 * N
    monkeypatch.setattr(action, "judgeable", lambda *_: np.array([True, False, False]))
    with pytest.raises(LibraryError, match="can't be audited: 1 genre"):
        run(music, context)


def test_a_copy_elsewhere_does_not_tell_of_the_song(music: Path, context: Context) -> None:
    target = music / "soul" / "album" / "rock 3.wav"
    target.write_bytes((music / "rock" / "album" / "rock 3.wav").read_bytes())
    found = run(music, context)
    assert found.songs[0].track.path == target
    assert all(near.track.id != found.songs[0].track.id for near in found.songs[0].near)


def test_what_can_t_be_audited(music: Path, context: Context, tmp_path: Path) -> None:
    with pytest.raises(LibraryError):
        run(tmp_path / "nowhere", context)
    few = tmp_path / "few"
    write(few / "Jazz" / "Jazz 1.wav", 1)
    with pytest.raises(LibraryError):
        run(few, context)
    for name, ending in (("plan", ".json"), ("out", ".m3u8")):
        path = tmp_path / f"there{ending}"
        path.write_text("mine")
        with pytest.raises(UsageError) as caught:
            run(music, context, **{name: path})
        assert "--force" in caught.value.hint
        assert path.read_text() == "mine"
    with pytest.raises(UsageError):
        run(music, context, genres=("polka",))


def test_no_song_in_doubt_writes_nothing(music: Path, context: Context, tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    found = run(music, context, plan=plan)
    assert found.plan is None or found.n_planned == len(found.songs)
    assert os.path.exists(plan) == bool(found.songs)


def test_what_is_printed(music: Path, context: Context, tmp_path: Path) -> None:
    misfile(music, "rock 3.wav", "soul")
    plan = tmp_path / "plan.json"
    done = groove("--wide", "audit", music, "--plan", plan, "--count", "1", "--jobs", "1")
    assert done.exit_code == 0, done.output
    assert "soul/album/rock 3.wav" in done.stdout and "rock, rock, rock" in done.stdout
    assert "nothing was changed" in done.stdout and f"groove apply {plan} --dry-run" in done.stderr
    (music / "Jazz" / "broken.mp3").write_bytes(b"no sound" * 99)
    found = groove_json("audit", music, "--jobs", "1", code=3)
    assert found["judged"] == 3 * N and len(found["failed"]) == 1
    assert found["listed"][0]["guess"] == "rock" and len(found["listed"][0]["near"]) == 3


@pytest.mark.parametrize("name", ["so.opus", "plan", "plan.m3u8"])
def test_a_plan_is_json_and_never_a_song(name: str, music: Path, context: Context, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"a song")
    with pytest.raises(UsageError, match="cannot tell"):
        run(music, context, plan=tmp_path / name, force=True)
    assert (tmp_path / name).read_bytes() == b"a song"
