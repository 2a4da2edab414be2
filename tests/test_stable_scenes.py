"""Libraries that change, and the playlists of them that people keep."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from html import escape
from pathlib import Path

import pytest

from groovecli.actions import cluster as action
from groovecli.actions.cluster import Clustered, ClusterRequest
from groovecli.errors import LibraryError, ModelError, StorageError
from groovecli.files import write_json
from groovecli.library.tracks import PLAYLISTS_MANIFEST
from groovecli.playlists.journal import HIDDEN
from groovecli.playlists.undo import undo_playlists
from groovecli.reasons import Reason
from tests.conftest import write_song
from tests.small import QUICK, World, add_songs, world

PITCHES = {"low": 200.0, "middle": 700.0, "high": 2000.0}


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("taught"), PITCHES, n_songs=8) as made:
        made.ingest()
        made.train(QUICK)
        yield made


@pytest.fixture
def own(taught: World, tmp_path: Path) -> World:
    """A library of one's own beside a model that is there."""
    add_songs(tmp_path / "library", PITCHES, 8)
    return replace(taught, root=tmp_path)


def run(own: World, **changes: object) -> Clustered:
    given = {"method": "kmeans", "n_clusters": 3, "min_size": 4, "n_clips": 1, "model": "quick"} | changes
    library = given.pop("library", own.library)
    return action.run(ClusterRequest(library, own.root / "lists", **given), own.context())  # type: ignore[arg-type]


def files(own: World) -> dict[str, bytes]:
    folder = own.root / "lists"
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != HIDDEN}


def songs(own: World) -> dict[str, set[str]]:
    found = {}
    for path in (own.root / "lists").glob("*.m3u8"):
        lines = path.read_text().splitlines()
        found[path.stem] = {line for line in lines if not line.startswith("#")}
    return found


def test_run_again_with_nothing_new_nothing_is_written(own: World) -> None:
    first, before = run(own), files(own)
    times = {path.name: path.stat().st_mtime_ns for path in (own.root / "lists").iterdir()}
    again = run(own)
    assert files(own) == before and len(first.written) == 3
    assert {path.name: path.stat().st_mtime_ns for path in (own.root / "lists").iterdir()} == times
    assert {change.kind for change in again.changes} == {"same"} and again.notes == ()


def test_a_tenth_of_new_songs_leaves_ids_names_and_songs_as_they_were(own: World) -> None:
    first, before = run(own), songs(own)
    for number, hz in enumerate((205.0, 690.0, 1990.0)):
        write_song(own.library / "new" / f"{number}.wav", 12, sr=8000, hz=hz, seed=900 + number)
    second, after = run(own), songs(own)
    assert {(each.id, each.name) for each in second.written} == {
        (each.id, each.name) for each in first.written
    }
    assert all(before[name] <= after[name] for name in before)
    came = [path.name for change in second.changes for path in change.came]
    assert sorted(came) == ["0.wav", "1.wav", "2.wav"]
    assert not any(change.moved or change.left for change in second.changes)


def test_a_library_that_grew_much_is_told_how_to_group_all_songs(own: World) -> None:
    run(own)
    for number in range(12):
        seed = 700 + number
        write_song(own.library / "new" / f"{number}.wav", 12, sr=8000, hz=210 + number, seed=seed)
    for _ in range(2):
        made = run(own)
        assert any("made of 24 songs, and there are 36 now" in note for note in made.notes)
    assert not any("made of" in note for note in run(own, replace=True).notes)
    assert run(own).notes == ()


def test_another_seed_moves_no_song_and_says_so(own: World) -> None:
    first, before = run(own), songs(own)
    second = run(own, seed=7)
    assert songs(own) == before and any("--replace" in note for note in second.notes)
    assert {each.id for each in second.written} == {each.id for each in first.written}


def test_other_options_group_anew_and_ids_last(own: World) -> None:
    first = run(own)
    second = run(own, n_clusters=2)
    assert len(second.written) == 2 and any("--playlists" in note for note in second.notes)
    assert {each.id for each in second.written} <= {each.id for each in first.written}
    assert len(second.removed) >= 1 and "gone" in {change.kind for change in second.changes}


# A half-mounted drive


def test_a_half_mounted_drive_removes_no_list(own: World) -> None:
    first, before = run(own), files(own)
    for genre in ("high", "middle"):
        (own.library / genre).rename(own.root / genre)
        (own.library / genre).mkdir()
    made = run(own)
    assert {path: data for path, data in files(own).items() if path != PLAYLISTS_MANIFEST} == {
        path: data for path, data in before.items() if path != PLAYLISTS_MANIFEST
    }
    assert made.removed == () and {kept.reason for kept in made.kept} == {Reason.AWAY} and made.misses_songs
    for genre in ("high", "middle"):
        (own.library / genre).rmdir()
        (own.root / genre).rename(own.library / genre)
    back = run(own)
    assert files(own) == before and back.kept == ()
    assert {each.id for each in back.written} == {each.id for each in first.written}


def test_a_list_goes_on_without_the_songs_that_are_away_and_says_so(own: World) -> None:
    run(own, n_clusters=1)
    before = files(own)
    (own.library / "high").rename(own.root / "high")
    made = run(own, n_clusters=1)
    (change,) = made.changes
    assert {path.parent.name for path in change.lost} == {"high"} and made.misses_songs
    assert set(change.lost) == set(change.left) and change.n_after == change.n_before - len(change.lost)
    assert not run(own, n_clusters=1).misses_songs  # it was said
    (own.root / "high").rename(own.library / "high")
    back = run(own, n_clusters=1)
    assert not back.misses_songs and back.written[0].n_songs == change.n_before
    assert files(own).keys() == before.keys()


def test_lists_are_as_before_when_songs_return_that_were_away(own: World) -> None:
    first, before = run(own, n_clusters=1), files(own)
    (exemplar,) = first.exemplars
    folder = exemplar.parent
    folder.rename(own.root / "away")
    made = run(own, n_clusters=1)
    assert [change.kind for change in made.changes] == ["changed"]
    assert files(own).keys() == before.keys() and made.exemplars[0].parent != folder
    run(own, n_clusters=1)  # nothing is forgotten by a second run
    (own.root / "away").rename(folder)
    back = run(own, n_clusters=1)
    assert files(own) == before and back.exemplars == first.exemplars


def test_a_library_most_of_which_is_gone_keeps_its_lists(own: World) -> None:
    for number in range(40):
        write_song(
            own.library / "more" / f"{number}.wav", 4, sr=8000, hz=1000 + 5 * number, seed=300 + number
        )
    run(own)
    before = files(own)
    (own.library / "more").rename(own.root / "more")
    for genre in ("high", "middle"):
        (own.library / genre).rename(own.root / genre)
    made = run(own)
    assert isinstance(made.refused, LibraryError) and "are gone" in made.refused.what
    assert "--force" in made.refused.hint and made.insisting == "--force"
    assert made.is_dry and files(own) == before
    done = run(own, force=True)
    assert done.refused is None and done.changes == made.changes
    assert [str(kept.path) for kept in done.kept] == [str(kept.path) for kept in made.kept]
    assert run(own, replace=True).refused is None and files(own) != before


def test_a_deleted_list_does_not_go_again_in_what_replace_would_do(own: World) -> None:
    first = run(own)
    first.written[0].path.unlink()
    run(own)
    add_songs(own.root / "other", {"top": 3000.0}, 8)
    made = run(own, library=own.root / "other")
    assert made.insisting == "--replace"
    assert {change.name for change in made.changes if change.kind == "gone"} == {
        each.name for each in first.written[1:]
    }


# Another library, another model


def test_another_library_in_the_same_folder_keeps_the_lists_and_says_what_would_go(own: World) -> None:
    first, before = run(own), files(own)
    other = own.root / "other"
    for number in range(8):
        write_song(other / f"{number}.wav", 12, sr=8000, hz=400 + 9 * number, seed=500 + number)
    made = run(own, library=other, n_clusters=2)
    assert isinstance(made.refused, LibraryError) and made.is_dry and files(own) == before
    assert str(own.library) in made.refused.what and "--replace" in made.refused.hint
    gone = {change.name for change in made.changes if change.kind == "gone"}
    assert gone == {each.name for each in first.written} and len(made.removed) == len(first.written)
    done = run(own, library=other, n_clusters=2, replace=True)
    assert done.refused is None and set(done.removed) == {
        each.path for each in first.written if each.path not in {w.path for w in done.written}
    }
    assert all("other" in line for lines in songs(own).values() for line in lines)
    action.undo(ClusterRequest(other, own.root / "lists"), own.context())
    assert files(own) == before


def test_a_library_that_moved_is_the_same_library(own: World) -> None:
    first = run(own)
    (own.root / "moved").mkdir()
    own.library.rename(own.root / "moved" / "music")
    made = run(own, library=own.root / "moved" / "music")
    assert made.refused is None
    assert {(w.id, w.name) for w in made.written} == {(w.id, w.name) for w in first.written}
    assert all("moved" in line for lines in songs(own).values() for line in lines)


def test_training_a_model_changes_no_list(taught: World, own: World) -> None:
    run(own)
    before = files(own)
    taught.train(replace(QUICK, seed=9, name="newer"))
    own.context().shelf.use("newer", ("cluster",), force=True)
    try:
        made = run(own, model=None)
        assert made.model == "quick" and files(own) == before
        assert any("go on with quick" in note and "--model newer --replace" in note for note in made.notes)
        refused = run(own, model="newer")
        assert refused.refused is not None and "the model quick, not by newer" in refused.refused.what
        assert files(own) == before
        done = run(own, model="newer", replace=True)
        assert done.refused is None and run(own, model=None).model == "newer"
    finally:
        own.context().shelf.use_default()


def test_a_model_that_is_gone_is_said(taught: World, own: World) -> None:
    taught.train(replace(QUICK, name="passing"))
    run(own, model="passing")
    before = files(own)
    taught.context().shelf.remove("passing")
    with pytest.raises(ModelError, match=r"passing, which made the playlists .* is gone") as caught:
        run(own, model=None)
    assert "--model NAME --replace" in caught.value.hint and files(own) == before
    taught.train(replace(QUICK, seed=5, name="passing"))  # another one of the name
    assert "another version of passing" in str(run(own, model=None).refused)
    taught.context().shelf.remove("passing")
    assert files(own) == before


# Found before the work


def test_a_newer_manifest_is_found_before_the_work(own: World) -> None:
    write_json(own.root / "lists" / PLAYLISTS_MANIFEST, {"schema": 9})
    n_answers = own.catalog.rows("SELECT COUNT(*) FROM answers")
    with pytest.raises(LibraryError, match="newer groove"):
        run(own, model=None)
    assert own.catalog.rows("SELECT COUNT(*) FROM answers") == n_answers


def test_a_folder_that_is_a_file_is_found_before_the_work(own: World) -> None:
    (own.root / "lists").write_text("mine")
    for act in (
        run,
        lambda own: action.undo(ClusterRequest(own.library, own.root / "lists"), own.context()),
    ):
        with pytest.raises((StorageError, LibraryError)):
            act(own)
    assert (own.root / "lists").read_text() == "mine"


def test_a_dry_run_says_what_the_run_then_does(own: World) -> None:
    run(own)
    add_songs(own.library, {"shrill": 3500.0}, 6)
    before = files(own)
    would = run(own, dry_run=True)
    assert files(own) == before
    did = run(own)
    assert (would.changes, would.removed, would.kept) == (did.changes, did.removed, did.kept)
    assert json.loads(files(own)[PLAYLISTS_MANIFEST])["schema"] == 2


def test_a_damaged_record_is_said_and_no_file_is_lost(own: World) -> None:
    run(own)
    before = {name: data for name, data in files(own).items() if not name.startswith(".")}
    (own.root / "lists" / PLAYLISTS_MANIFEST).write_text("{")
    second = run(own)
    assert any("is damaged" in note for note in second.notes)
    after = files(own)
    assert all(after[name] == data for name, data in before.items())
    assert not any("is damaged" in note for note in run(own).notes)


# How files are written


def test_the_player_and_the_paths_of_the_last_run_are_used_and_said(own: World) -> None:
    (own.root / "m").mkdir()
    run(own, player="mpd", path_map=(f"{own.library}=/music",))
    before = files(own)
    again = run(own)
    assert files(own) == before and again.is_unchanged
    said = [note for note in again.notes if "as in the last run" in note]
    assert len(said) == 1 and f"--for mpd --path-map {own.library}=/music" in said[0]
    assert not any("as in the last run" in note for note in run(own, player="mpd", absolute=True).notes)
    assert run(own, dry_run=True).removed == ()
    plain = run(own, player="any")
    assert {path.suffix for path in plain.removed} <= {".m3u"} and len(plain.written) == 3
    assert {written.path.suffix for written in plain.written} == {".m3u8"}
    assert not any("as in the last run" in note for note in run(own).notes)


@pytest.mark.parametrize(
    "paths",
    [[], {"format": "wpl"}, {"absolute": "yes"}, {"path_map": [1]}, {"prefix": 3, "relative_to": {}}],
)
def test_what_a_record_says_of_paths_does_no_harm(own: World, paths: object) -> None:
    run(own)
    file = own.root / "lists" / PLAYLISTS_MANIFEST
    before = files(own)
    write_json(file, json.loads(file.read_text()) | {"paths": paths, "player": "winamp"})
    run(own)
    assert {name: data for name, data in files(own).items() if name != PLAYLISTS_MANIFEST} == {
        name: data for name, data in before.items() if name != PLAYLISTS_MANIFEST
    }


# Lists that a person changed


def test_songs_of_edited_lists_count_as_being_in_one_and_the_list_as_staying(own: World) -> None:
    first = run(own)
    (edited, *_) = (own.root / "lists").glob("*.m3u8")
    edited.write_text(edited.read_text().replace("#EXTM3U", "#EXTM3U\n#mine"))
    found = run(own, dry_run=True)
    assert first.share == found.share == 1.0 and found.n_in_kept == 8
    assert [change.kind for change in found.changes] == ["same"] * 3
    lines = edited.read_text().splitlines()
    edited.write_text("\n".join([*lines[:-2], ""]))
    found = run(own)
    assert (found.n_left_out, found.n_in_kept) == (1, 7) and found.share == pytest.approx(23 / 24)


def test_the_page_follows_the_lists_has_edited_ones_and_is_taken_back(own: World) -> None:
    page = own.root / "lists" / "playlists.html"
    run(own, page=True)
    first = page.read_bytes()
    assert run(own).page == page and page.read_bytes() == first and run(own, page=True).is_unchanged
    (edited, *_) = sorted((own.root / "lists").glob("*.m3u8"))
    edited.write_text(edited.read_text() + "../another song.mp3\n")
    done = run(own)
    text = page.read_text()
    assert escape(edited.stem) in text and "another song" in text and not done.is_unchanged
    assert all(escape(written.name) in text for written in done.written)
    taken = undo_playlists(own.root / "lists")
    assert page in taken.restored and page.read_bytes() == first
    undo_playlists(own.root / "lists")
    assert not page.exists()


def test_a_page_that_is_not_grooves_stays(own: World) -> None:
    run(own)
    page = own.root / "lists" / "playlists.html"
    page.write_text("mine")
    add_songs(own.library, {"new": 1200.0}, 8)
    assert run(own).page is None and page.read_text() == "mine"
