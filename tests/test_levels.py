"""Genres and sub-genres: names, sums of probabilities, and a dataset of folders in folders."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from groovecli.actions import ingest
from groovecli.actions.context import Context
from groovecli.actions.ingest import IngestResult
from groovecli.datasets.dataset import open_dataset
from groovecli.datasets.intake import IngestRequest
from groovecli.errors import DatasetError, LibraryError, UsageError
from groovecli.evaluation.figures import to_json
from groovecli.evaluation.measure import evaluate
from groovecli.home import genre_folder
from groovecli.library import genres as levels
from groovecli.library import labels
from groovecli.reports import tables
from groovecli.reports.tables import of_confidence, of_scores
from tests.conftest import write_song
from tests.small import QUICK, World, add_songs, loaded, world

LIBRARY = Path("/music")
names = st.text(st.characters(exclude_characters="/\0"), min_size=1, max_size=8)


@given(names, names)
def test_a_sub_genre_knows_its_parent(parent: str, child: str) -> None:
    assert levels.parent_of(levels.sub_genre(parent, child)) == levels.parent_of(parent) == parent


@given(st.dictionaries(st.tuples(names, names), st.floats(0, 1), min_size=1, max_size=12))
def test_parents_get_the_sum_of_their_sub_genres(shares: Mapping[tuple[str, str], float]) -> None:
    fine = {levels.sub_genre(*key): share for key, share in shares.items()}
    found = levels.by_parent(fine)
    for parent, share in found.items():
        assert share == pytest.approx(sum(s for (p, _), s in shares.items() if p == parent))
    assert list(found.values()) == sorted(found.values(), reverse=True)
    parents = levels.parents_of(list(fine))
    summed = parents.summed(np.array([list(fine.values())], np.float32))[0]
    assert dict(zip(parents.names, summed, strict=True)) == pytest.approx(found, abs=1e-5)


def labelled(*files: str, depth: int = 2) -> dict[str, str]:
    found = labels.by_folder(LIBRARY, [LIBRARY / file for file in files], depth=depth)
    return {str(path.relative_to(LIBRARY)): genre for path, genre in found.genres.items()}


def test_two_folders_are_the_genre_and_its_sub_genre() -> None:
    found = labelled("Rock/Punk/a.mp3", "Rock/Punk/Ramones/1976/b.mp3", "Rock/c.mp3", "Jazz/d.mp3", "e.mp3")
    assert found == {
        "Rock/Punk/a.mp3": "Rock/Punk",
        "Rock/Punk/Ramones/1976/b.mp3": "Rock/Punk",
        "Rock/c.mp3": "Rock/other",
        "Jazz/d.mp3": "Jazz",
    }
    flat = labelled("Rock/Punk/a.mp3", "Rock/c.mp3", "Jazz/d.mp3", depth=1)
    assert set(flat.values()) == {"Rock", "Jazz"}


def test_a_parent_chooses_all_its_own() -> None:
    files = [LIBRARY / name for name in ("Rock/Punk/a", "Rock/b", "Jazz/c", "Rap/Trap/d", "Rap/Drill/e")]
    found = labels.by_folder(LIBRARY, files, depth=2)

    def chosen(*wanted: str) -> set[str]:
        return set(labels.selected(found, wanted, depth=2).genres.values())

    assert chosen("rock", "jazz") == {"Rock/Punk", "Rock/other", "Jazz"}
    assert chosen("Rap/trap") == {"Rap/Trap"}
    with pytest.raises(UsageError, match="no genre 'pop'; there are: Jazz, Rap, Rap/Drill"):
        chosen("pop")


@pytest.mark.parametrize(
    ("n_parents", "n_children", "n_songs", "good"),
    [(10, 10, 5, True), (41, 1, 5, False), (2, 41, 5, False), (5, 4, 4, False), (2, 2, 5, True)],
)
def test_artists_at_either_level_are_refused(
    n_parents: int, n_children: int, n_songs: int, good: bool
) -> None:
    files = [
        LIBRARY / str(p) / str(c) / f"{s}.mp3"
        for p in range(n_parents)
        for c in range(n_children)
        for s in range(n_songs)
    ]
    found = labels.by_folder(LIBRARY, files, depth=2)
    if good:
        labels.check_are_genres(LIBRARY, found, "folder", depth=2)
        return
    with pytest.raises(LibraryError, match="don't look like genres with sub-genres") as caught:
        labels.check_are_genres(LIBRARY, found, "folder", depth=2)
    assert "--depth 1" in caught.value.hint and "\n" not in caught.value.what


# Ingest

PITCHES = {"low/hum": 200.0, "low/buzz": 320.0, "high/beep": 1500.0, "high/hiss": 2600.0}


def run(library: Path, **options: Any) -> IngestResult:
    request = IngestRequest(library, **{"clip_s": 3.0, "insist": True, "depth": 2, **options})
    with Context(jobs=1) as context:
        return ingest.run(request, context)


def songs() -> dict[str, str]:
    with Context() as context:
        dataset = open_dataset(context.catalog, context.home, "default")
    return {song.track_id: song.genre for song in dataset.songs.values()}


def test_names_of_any_kind_have_folders_of_their_own(home: Path, tmp_path: Path) -> None:
    library = tmp_path / "music"
    odd = ["R&B – Été/Néo soul", "a b/c  d", "Rock/-", "Rock/x ..", os.fsdecode(b"caf\xe9/\xff\xfe")]
    for number, name in enumerate(odd):
        for song in range(3):
            written = write_song(tmp_path / "song.wav", 4, sr=8000, hz=300, seed=10 * number + song)
            (library / name).mkdir(parents=True, exist_ok=True)
            shutil.move(written, library / name / f"{song}.wav")  # soundfile writes to UTF-8 names alone
    found = run(library)
    assert set(found.genres) == {labels.genre_name(name) for name in odd}
    assert found.n_failed == 0
    for name in found.genres:
        assert list((home / "datasets" / "default").glob(f"*/{genre_folder(name)}/train/chunk-*.pkl"))
    assert len({genre_folder(name) for name in found.genres}) == len(odd)


def test_a_genre_of_three_songs_and_one_of_a_single_song(home: Path, tmp_path: Path) -> None:
    library = tmp_path / "music"
    add_songs(library, {"rock/punk": 300.0, "jazz": 900.0}, 3)
    add_songs(library, {"rock/prog": 500.0}, 1)
    found = run(library)
    assert set(found.genres) == {"rock/punk", "jazz"}
    assert dict(found.left_out) == {
        "rock/prog": "has 1 song of the 2 that it needs to stand in training and in test"
    }


def test_folders_that_differ_by_case_are_one_at_both_levels(home: Path, tmp_path: Path) -> None:
    library = tmp_path / "music"
    add_songs(library, {"Rock": 300.0, "rock/Punk": 500.0, "rock/prog": 700.0, "jazz": 900.0}, 3)
    found = run(library)
    assert set(found.genres) == {"rock/other", "rock/Punk", "rock/prog", "jazz"}
    assert dict(found.renamed) == {"Rock/other": "rock/other"}


def test_a_song_in_two_sub_genres_counts_once(home: Path, tmp_path: Path) -> None:
    library = tmp_path / "music"
    add_songs(library, {"rock/prog": 300.0, "jazz": 900.0}, 4)
    shutil.copytree(library / "rock" / "prog", library / "rock" / "punk")
    add_songs(library, {"rock/ska": 500.0}, 4)
    found = run(library)
    assert sorted(songs().values()) == ["jazz"] * 4 + ["rock/prog"] * 4 + ["rock/ska"] * 4
    assert len(found.skipped) == 4 and found.n_failed == 0
    first = library / "rock" / "prog" / "0.wav"
    assert found.skipped[0].text == f"is a duplicate of {first}"
    shutil.move(library / "rock" / "prog", library / "rock" / "a new name")
    before = songs()
    run(library)
    assert songs() == before  # what a song is called stays


def test_two_genres_of_the_same_songs_are_told_in_one_line(home: Path, tmp_path: Path) -> None:
    library = tmp_path / "music"
    add_songs(library, {"rock": 300.0}, 4)
    shutil.copytree(library / "rock", library / "jazz")
    for depth in (1, 2):
        with pytest.raises(LibraryError, match=r"genre is left.*duplicate of a song in") as e:
            run(library, depth=depth, dataset=f"d{depth}")
        assert "\n" not in e.value.what


def test_depth_is_for_folders_and_stays(home: Path, tmp_path: Path) -> None:
    library = tmp_path / "music"
    add_songs(library, {"rock/punk": 300.0, "jazz": 900.0}, 3)
    with pytest.raises(UsageError, match="--depth 2 can't be used with --label-from tag"):
        run(library, label_from="tag")
    with pytest.raises(UsageError, match="--depth can't be used with --source gtzan"):
        run(library, source="gtzan")
    with pytest.raises(UsageError, match="--depth must be 1 or 2, not 3"):
        run(library, depth=3)
    run(library)
    with pytest.raises(DatasetError, match="made with --depth 2, not 1"):
        run(library, depth=1)
    assert run(library, depth=None).settings.depth == 2


def test_depth_one_is_as_ever(home: Path, tmp_path: Path) -> None:
    library = tmp_path / "music"
    add_songs(library, {"rock/punk": 300.0, "rock/prog": 500.0, "jazz": 900.0}, 3)
    run(library, depth=None)
    assert sorted(songs().values()) == ["jazz"] * 3 + ["rock"] * 6


# Training and measuring


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("levels"), PITCHES, n_songs=6) as made:
        made.ingest(depth=2, test_share=0.34)
        yield made


def test_accuracy_is_measured_at_each_level(small: World, monkeypatch: pytest.MonkeyPatch) -> None:
    result = small.train(QUICK)
    assert result.description.depth == 2
    assert result.description.genres == tuple(sorted(PITCHES))
    found = evaluate(small.dataset(), loaded(result))
    assert found.parents is not None
    assert found.parents.genres == ("high", "low")
    assert found.parents.per_song.accuracy.value >= found.per_song.accuracy.value
    assert found.parents.per_song.n == found.per_song.n
    blocks = found.confusion.reshape(2, 2, 2, 2).sum(axis=(1, 3))
    assert blocks.sum() == found.parents.confusion.sum()
    assert blocks.sum(axis=1).tolist() == found.parents.confusion.sum(axis=1).tolist()
    plain = to_json(found)
    assert plain["parents"]["labels"] == ["high", "low"] and plain["labels"] == sorted(PITCHES)
    assert plain["parents"]["calibration"]["coverage"][-1]["accuracy"] == pytest.approx(
        found.parents.per_song.accuracy.value
    )
    assert found.parents.calibration.levels[1].n >= found.calibration.levels[1].n
    assert of_confidence(found).rows == ()  # so few songs say nothing of it
    monkeypatch.setattr(tables, "FEWEST_FOR_CONFIDENCE", 1)
    names = [row[0] for row in of_confidence(found).rows]
    assert names[:5] == ["0", "0.3", "0.5", "0.7", "0.9"] and len(names) == 14
    assert names[7:9] == ["0, main genres", "0.3, main genres"]
    rows = [row[0] for row in of_scores(found).rows]
    assert rows == ["per song", "per clip"] + [f"per {x}, main genres" for x in ("song", "clip")]


def test_training_takes_a_parent_for_all_its_own(small: World) -> None:
    result = small.train(QUICK, genres=("low",), hyper={"epochs": 1})
    assert result.description.genres == ("low/buzz", "low/hum")
    with pytest.raises(UsageError, match="no genre 'mid'"):
        small.train(QUICK, genres=("low", "mid"))


def test_models_of_one_level_have_no_parents(tmp_path: Path) -> None:
    with world(tmp_path) as made:
        made.ingest()
        result = made.train(QUICK, hyper={"epochs": 1})
        found = evaluate(made.dataset(), loaded(result))
    assert result.description.depth == 1
    assert found.parents is None and to_json(found)["parents"] is None
