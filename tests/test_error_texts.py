"""The texts of errors, as a person reads them: what happened, then what helps, each on its line.

`data/errors.txt` holds the text of each error of the list, in its order. After a change of a text,
`python -m tests.test_error_texts` writes the file anew, to be read before it is committed.
"""

from __future__ import annotations

import ast
import errno
import inspect
import os
import re
import shlex
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from groovecli.errors import GrooveError, StorageError
from groovecli.files import storage_errors, write_bytes
from groovecli.messages import (
    actions,
    audio,
    cluster,
    datasets,
    features,
    ground,
    library,
    models,
    networks,
    options,
    players,
    playlists,
    similar,
    sources,
    training,
)
from groovecli.models.tested import Accuracy, OwnTest
from groovecli.reasons import Problem, Reason
from tests.cli.conftest import groove
from tests.test_docs import parse, parser

POOR = OwnTest(4, 24, Accuracy(0.17, 0.04, 0.33), 0.21, "rock", "no-better", "default", "song")
HALF = Accuracy(0.5, 0.06, 0.94)
GOLDEN = Path(__file__).parent / "data" / "errors.txt"

ERRORS = [
    # Files and groove's own folder
    ground.cannot_write(Path("out/x.npz"), "No space left on device", errno.ENOSPC),
    ground.cannot_write(Path("out/x.npz"), "Permission denied", errno.EACCES),
    ground.cannot_write(Path("out/x.npz"), "Read-only file system", errno.EROFS),
    ground.cannot_write(Path("file/x.npz"), "Not a directory", errno.ENOTDIR),
    ground.cannot_write(Path("out"), "Is a directory", errno.EISDIR),
    ground.cannot_write(Path("out/x.npz"), "Input/output error", errno.EIO),
    ground.cannot_write(Path("out/x.npz"), "No locks available"),
    ground.cannot_use_home(Path("home/models"), "Permission denied", errno.EACCES),
    ground.cannot_use_home(Path("home/models"), "No space left on device", errno.ENOSPC),
    ground.home_is_no_folder(Path("home"), "a file"),
    ground.cannot_answer("No space left on device"),
    ground.no_home_folder(),
    ground.no_workers("crashed its decoder: SIGKILL"),
    ground.folder_in_use(Path("home/datasets/default")),
    ground.unfit_name("../x", "model"),
    ground.nothing_shipped("pretrained"),
    ground.wrong_field("ClassifyRequest", "n_clips", "a whole number from 1 to 100", 0),
    # The library
    library.no_such_folder(Path("Musik")),
    library.not_a_folder(Path("song.mp3"), None),
    library.cannot_list(Path("music"), "Permission denied"),
    library.no_music_in(Path("photos"), ["no audio by their endings: 3 .raw"]),
    library.library_emptied(Path("music"), 12_000, 40),
    library.no_song_given(),
    library.genre_without_name(),
    library.reserved_genre("unknown"),
    library.unknown_genre("jaz", ("jazz", "rock"), "jazz"),
    library.unknown_genre("polka", ("jazz", "rock"), None),
    library.no_genres_in(Path("music"), "folder"),
    library.no_genres_in(Path("music"), "tag"),
    library.labels_not_genres(
        Path("music"), "folder", n_labels=34, median=1, most_genres=40, least_median=5
    ),
    library.levels_not_genres(
        Path("music"),
        n_folders=(50, 300),
        medians=(4, 1),
        fullest=("rock", 90),
        most_genres=40,
        least_median=5,
    ),
    library.catalog_unusable(Path("home/catalog.db"), "database or disk is full"),
    library.catalog_unusable(Path("home/catalog.db"), "attempt to write a readonly database"),
    library.not_a_catalog(Path("home/catalog.db"), "file is not a database"),
    library.catalog_gone(Path("home/catalog.db")),
    library.newer_catalog(Path("home/catalog.db"), "0.9"),
    library.no_archive(Path("analyses.zip"), "it holds something else"),
    library.no_file_to_import(Path("analyses.zip"), "No such file or directory"),
    library.archive_of_newer_groove(Path("analyses.zip"), "0.9"),
    # Datasets
    datasets.no_such_dataset("default", ()),
    datasets.no_such_dataset("evening", ("default",)),
    datasets.measured_on_own_music("groove-net", ()),
    datasets.measured_on_own_music("groove-net", ("mine", "other")),
    datasets.no_such_part(6, 5),
    datasets.dataset_without_sound("msd", "mel-323"),
    datasets.depth_without_folders("fma"),
    datasets.depth_of_tags(),
    datasets.option_without_use("--tagtraum", ("msd",)),
    datasets.stopped_computing(),
    datasets.genres_out_of_reach(
        "evening", {"folk": (Path("music/folk/a.mp3"), "no such file or folder")}, {"folk": 12}
    ),
    datasets.chunk_missing(Path("chunk-1.pkl")),
    datasets.not_a_chunk(Path("chunk-1.pkl"), "it ends early"),
    # Models
    models.model_damaged(Path("home/models/mine/model.safetensors"), "its weights are not finite numbers"),
    models.latest_is_damaged("mine", "the model file home/models/mine/model.safetensors is", "other"),
    models.latest_is_damaged("mine", "the model file home/models/mine/model.safetensors is", ""),
    models.is_being_made("mine"),
    models.from_a_newer_groove(Path("model.safetensors")),
    models.no_model_yet(),
    models.no_such_model("evenin", ("evening", "groove-net")),
    models.no_such_model("x", ("evening", "groove-net")),
    models.not_pulled("musicnn"),
    models.never_trained("time-cnn"),
    models.chosen_is_gone("mine"),
    models.choice_unreadable(Path("home/model-in-use.json"), "it names no model"),
    models.no_such_use("search", ("classify", "embed", "cluster")),
    models.no_genres_to_serve("squeeze"),
    models.no_better_than_guessing("mine", POOR),
    models.no_better_than_guessing("mine", replace(POOR, n_right=2, n_songs=4, accuracy=HALF, guess=0.25)),
    models.never_tested("mine"),
    models.ships_with_groove("groove-net"),
    models.names_no_genres("squeeze", "vanilla-autoencoder"),
    models.eats_other_clips("mine", 30.0, "short", 3.0),
    models.hears_no_files("segments"),
    models.eats_other_sources("mine", "msd", hears_sound=True),
    models.no_such_device("cuda", ("cpu",)),
    models.onnx_packages_missing(["onnx", "onnxscript"]),
    models.nothing_to_pull("musicn", ("musicnn", "musicnn-msd"), ("musicnn",)),
    models.nothing_to_pull("x", ("musicnn", "musicnn-msd"), ("musicnn",)),
    models.cannot_fetch("musicnn==0.1", "no network"),
    models.not_as_published("model.index", "0123456789abcdef0", "fedcba9876543210f"),
    # Networks and training
    networks.no_such_network("time-cn", ("time-cnn", "dense")),
    networks.weights_are_published("musicnn", ("time-cnn", "dense")),
    networks.ships_trained("groove-net"),
    training.too_few_genres("default", ["rock"], {"rock": 9, "folk": 3}, 5),
    training.would_forget(["jazz"], "mine"),
    training.exploded(float("nan"), "in epoch 3"),
    training.nothing_to_resume("time-cnn"),
    training.no_training_state(Path("home/models/mine/resume.pt")),
    cluster.dask_is_missing(),
    cluster.no_address("host"),
    cluster.no_scheduler("tcp://host:8786"),
    cluster.no_workers_there("tcp://host:8786"),
    cluster.workers_lost("tcp://host:8786"),
    cluster.scheduler_lost("tcp://host:8786"),
    cluster.worker_lacks_groove("No module named 'groovecli'"),
    cluster.other_versions("host", {"soxr": "1.0"}, {"soxr": "1.1"}),
    cluster.not_seen_by_workers(Path("/mnt/music/a.mp3")),
    cluster.worker_root_alone(),
    cluster.worker_root_of_several(2),
    training.process_failed(1, 2, training.exploded(float("nan"), "in epoch 3")),
    training.other_process_ended(),
    training.too_few_devices(4, 2),
    training.device_for_several("cuda:1"),
    training.not_in_several("ingest"),
    actions.too_few_genres(["rock"], {"folk": "has 2 songs"}, [(Path("a.mp3"), "is empty (0 bytes)")]),
    actions.made_otherwise("default", "split-by", "song", "artist"),
    actions.name_taken("mine"),
    actions.dataset_changed("default", "mine"),
    actions.diverged_later("the loss is nan in epoch 3", "mine", 2),
    actions.stopped_before_learning(),
    actions.taught_already("mine", "jazz"),
    actions.too_few_songs(Path("chip"), "chip", 3, 5, [(Path("a.mp3"), "is silent")]),
    actions.would_forget_too_much("mine", "chip", 0.71, 0.66, 0.02),
    actions.no_recipe_to_repeat("groove-net"),
    actions.no_genres_to_flatter("vanilla-autoencoder"),
    actions.row_failed("the loss is nan in epoch 3", Path("home/comparisons/default-1/dense")),
    actions.nothing_sounds(Path("music"), 2, 1),
    actions.stopped_between_networks(),
    # Playlists, features and published data sets
    playlists.no_such_format("m3x", ("m3u8",)),
    playlists.not_for_player("MPD", "xspf", ("m3u8", "m3u")),
    playlists.unknown_ending(Path("party.mp3"), (".m3u8", ".m3u")),
    players.no_such_player("winamp", ("any", "mpd")),
    players.stopped_checking(),
    players.options_contradict(("--absolute", "--prefix")),
    players.no_folder_to_start_from(Path("Musik")),
    players.no_path_map("Music"),
    players.path_map_again("/srv"),
    players.line_break_in("--prefix", "a\nb"),
    players.path_map_fits_nothing("/srv", Path("music")),
    players.no_playlists(Path("music"), (".m3u8", ".m3u")),
    players.no_playlist(Path("song.mp3"), players.NO_PLAYLIST_ENDING),
    players.no_playlist(Path("a.m3u"), players.NOT_TEXT),
    players.no_playlist(Path("a.m3u"), players.IS_UTF16),
    players.no_playlist(Path("a.xspf"), players.NO_XML.format("no element found: line 1, column 9")),
    players.no_playlist(Path("a.jspf"), players.NO_JSON.format("Expecting value: line 1 column 1")),
    players.no_playlist(Path("a.xml"), players.NO_LIST_IN_IT),
    players.no_playlist(Path("a.m3u"), players.IS_LARGE.format(256)),
    playlists.no_such_method("kmean", ("affinity", "kmeans")),
    playlists.too_few_clusters(0),
    playlists.number_not_for_method("affinity", 9, ("kmeans", "agglomerative")),
    playlists.largest_below_smallest(10, 9),
    playlists.bounds_too_close(10, 18),
    playlists.no_such_order("loud", ("smooth", "shuffle")),
    playlists.no_field_in_format("Mix", ("{genre}", "{artist}")),
    playlists.no_such_field("{gnre}", ("{genre}", "{artist}")),
    playlists.no_songs_to_cluster(),
    similar.nothing_analysed("groove-net", "similar SONG"),
    similar.only_song(Path("song.mp3")),
    similar.all_damaged("groove-net", 12_000),
    similar.no_seed(Path("song.mp3"), "is silent", is_missing=False),
    similar.no_seed(Path("song.mp3"), "no such file or folder", is_missing=True),
    similar.no_seeds(3, Path("song.mp3"), "is silent", is_missing=False),
    similar.wanted_and_not(Path("song.mp3")),
    similar.no_song_asked(),
    similar.no_weights(3, 2),
    similar.no_weight("song.mp3", "none", 1e6),
    similar.no_such_artist("Enja", "Enya"),
    similar.no_such_artist("Enja", None),
    similar.empty_playlist(Path("list.m3u8")),
    similar.preview_over_song(Path("song.mp3")),
    options.folder_is_gone(),
    options.file_there(Path("list.m3u8")),
    options.not_own_file(Path("songs.csv")),
    options.not_own_file(Path("report/index.html"), can_force=False),
    similar.is_folder(Path("music")),
    similar.same_songs(Path("a.mp3"), Path("b.mp3")),
    similar.alone_in_playlist(Path("a.mp3"), Path("list.m3u8")),
    similar.why_what(),
    similar.no_preview_of_playlist(),
    features.no_such_feature("mel-1", ("mel-120", "mel-323")),
    features.clip_length_refused(900.0, 1.0, 600.0),
    features.clip_shorter_than_window("mel-323", 1.0, 3.0),
    features.unreadable_vectors(Path("glove.txt"), "line 3 has 2 numbers"),
    sources.cannot_read(Path("tracks.csv"), "Permission denied"),
    sources.side_not_named(Path("songs.txt")),
    sources.empty_side("test"),
    sources.no_gtzan_folders(Path("music"), ("blues", "rock")),
    sources.no_fma_table(Path("music")),
    sources.no_msd_folder(Path("songs.h5")),
    sources.no_tagtraum_file(Path("msd")),
]


def rendered(error: GrooveError) -> str:
    """An error and its hint, each on its line."""
    return f"error: {error.what}\nhint: {error.hint}" if error.hint else f"error: {error.what}"


def golden() -> str:
    """The texts of all errors of the list, an empty line between them."""
    return "\n\n".join(map(rendered, ERRORS)) + "\n"


def test_the_errors_read_as_they_stand_in_the_file() -> None:
    assert golden().split("\n\n") == GOLDEN.read_text("utf-8").split("\n\n")


MODULES = (
    actions, audio, datasets, features, ground, library, models, networks, players, playlists, similar,
    sources, training,
)  # fmt: skip
UNLOVED = re.compile(
    r"\b(makes? no sense|has no use|no use here|eats?|hears?|believes?|knows?|knew|twice|replicas?"
    r"|ships?|shipped|flatters?|insists?|anew)\b"
)
OPTION = re.compile(r"(?<![\w`-])`?(--[a-z][a-z-]+)")


def sayings(module: ModuleType) -> Iterator[str]:
    """The texts of a module that a person may read: its strings but for the docstrings."""
    tree = ast.parse(inspect.getsource(module))
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef)
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.value


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__.rpartition(".")[2])
def test_no_text_has_a_word_that_people_stumble_over(module: ModuleType) -> None:
    assert [text for text in sayings(module) if UNLOVED.search(text)] == []


@pytest.mark.parametrize("reason", Reason)
def test_no_reason_has_a_word_that_people_stumble_over(reason: Reason) -> None:
    text = Problem(reason, "X").text
    assert not UNLOVED.search(text) and len(text.split()) <= 15


COMMANDS = sorted(
    {command for error in ERRORS for command in re.findall(r"`(groove [^`]+)`", error.what + error.hint)}
)


def test_many_hints_are_commands() -> None:
    assert len(ERRORS) >= 60 and len(COMMANDS) >= 15


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_in_a_hint_can_be_typed(command: str) -> None:
    parse(tuple(shlex.split(command))[1:], whole=False)


def test_options_in_errors_are_those_of_some_command() -> None:
    def below(command: Any) -> Iterator[Any]:
        yield command
        for each in getattr(command, "commands", {}).values():
            yield from below(each)

    there = {name for command in below(parser(whole=False)) for p in command.params for name in p.opts}
    said = {option for error in ERRORS for option in OPTION.findall(f"{error.what} {error.hint}")}
    assert said - there == {"--nproc-per-node"} and len(said) > 10  # torchrun's own


# Real causes


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("file/x.npz", "a part of that path is a file: choose a path of folders"),
        ("folder", "that is a folder: choose the name of a file"),
        ("n" * 300, "that name is too long: choose a shorter one"),
    ],
)
def test_the_hint_of_a_failed_write_fits_the_cause(tmp_path: Path, path: str, hint: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder" / "x").mkdir(parents=True)
    with pytest.raises(StorageError) as caught:
        write_bytes(tmp_path / path, b"x")
    assert caught.value.hint == hint


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
def test_a_full_disk_asks_for_space() -> None:
    with pytest.raises(StorageError) as caught, storage_errors(Path("x")):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert caught.value.hint == "free some space on that disk, then run the same command again"


def said(*arguments: object, code: int = 1) -> str:
    """What a command that fails says, in one line."""
    result = groove(*arguments)
    assert result.exit_code == code, result.output
    return " ".join(result.stderr.split())


def test_a_home_that_is_a_file_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, demo: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("GROOVE_HOME", str(tmp_path / "file"))
    text = said("ingest", demo)
    assert f"groove's own folder {tmp_path / 'file'} is a file" in text
    assert "set GROOVE_HOME to a folder" in text


def test_a_fresh_home_says_how_to_measure_on_ones_own_music(home: Path) -> None:
    text = said("evaluate")
    assert "'MUSIC'" not in text and "dataset MUSIC" not in text  # the makers' own
    assert "there is no music here yet to measure groove-net on" in text
    assert "`groove evaluate groove-net --dataset default`" in text
    assert not (home / "models").exists()


def test_a_network_that_is_included_is_not_offered_for_training(home: Path) -> None:
    text = said("train", "--network", "groove-net", code=2)
    assert "groove-net is included ready to use and can't be trained" in text
    assert "`groove train --network transfer`" in text
    offered = said("train", "--network", "nothing-like-it", code=2)
    assert "time-cnn" in offered and "groove-net," not in offered and "musicnn" not in offered


if __name__ == "__main__":
    GOLDEN.write_text(golden(), "utf-8")
