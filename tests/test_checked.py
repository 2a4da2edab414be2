"""Requests from Python: paths as strings, and usage errors where a field is something else."""

from __future__ import annotations

import dataclasses
import math
import pickle
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import groovecli
from groovecli import (
    AddGenreRequest,
    ApplyRequest,
    AuditRequest,
    BetweenRequest,
    CheckPlaylistRequest,
    ClassifyRequest,
    CleanRequest,
    ClusterRequest,
    CompareRequest,
    Context,
    DescribeRequest,
    DoctorRequest,
    DuplicatesRequest,
    EmbedRequest,
    EvaluateRequest,
    ExportRequest,
    FailedRequest,
    Home,
    ImportRequest,
    IngestRequest,
    LeakageRequest,
    MapRequest,
    Monitor,
    RemoveGenreRequest,
    ReportRequest,
    SearchRequest,
    SimilarRequest,
    StatusRequest,
    TagRequest,
    TrainRequest,
    UndoRequest,
    VerifyRequest,
    WhyInRequest,
    WhyRequest,
)
from groovecli.actions.classify import classify
from groovecli.actions.embed import embed
from groovecli.audio.read import load, probe
from groovecli.audio.tag_reading import read_tags
from groovecli.checked import Checked, Count, Range, Share, fitted, takes
from groovecli.errors import FieldError, UsageError
from groovecli.library.catalog import Catalog
from groovecli.library.scan import expand, find_tracks
from groovecli.library.walk import check_folder, list_audio
from groovecli.monitor import SILENT
from groovecli.networks.spec import Hyperparameters
from groovecli.paths import StrPath, StrPaths, TextPath, Unfit, as_path, as_paths
from groovecli.playlists.folder import write_playlists
from groovecli.reports.vectors import plot_vectors, write
from tests.conftest import write_song

LEAST: dict[type, dict[str, Any]] = {
    AddGenreRequest: {"genre": "dub", "folder": "dub"},
    ApplyRequest: {"plan": "plan.json"},
    AuditRequest: {"library": "music"},
    CheckPlaylistRequest: {"paths": "Jazz.m3u8"},
    BetweenRequest: {"start": "a.mp3", "end": "b.mp3"},
    ClassifyRequest: {"paths": "song.mp3"},
    ClusterRequest: {"library": "music", "out": "playlists"},
    CompareRequest: {},
    Context: {"home": Home("home")},
    DuplicatesRequest: {"library": "music"},
    EmbedRequest: {"paths": "song.mp3"},
    EvaluateRequest: {},
    Home: {"path": "home"},
    LeakageRequest: {},
    MapRequest: {"library": "music"},
    ReportRequest: {"library": "music"},
    IngestRequest: {"library": "music"},
    RemoveGenreRequest: {"genres": ("dub",)},
    TrainRequest: {},
    CleanRequest: {},
    DescribeRequest: {"paths": "song.mp3"},
    DoctorRequest: {},
    ExportRequest: {"out": "a.zip"},
    FailedRequest: {},
    ImportRequest: {"path": "a.zip"},
    SearchRequest: {"words": "slow"},
    SimilarRequest: {"songs": "song.mp3"},
    StatusRequest: {},
    TagRequest: {"paths": "song.mp3"},
    UndoRequest: {},
    VerifyRequest: {},
    WhyInRequest: {"song": "a.mp3", "playlist": "a.m3u8"},
    WhyRequest: {"song": "a.mp3", "other": "b.mp3"},
}
FIELDS = [(kind, field.name) for kind in LEAST for field in dataclasses.fields(kind)]
ACTIONS = {
    name: getattr(groovecli, name) for name, place in groovecli._EXPORTS.items() if place.endswith(":run")
}


def made(kind: type, **changes: Any) -> Any:
    return kind(**{**LEAST[kind], **changes})


def test_every_request_is_among_these() -> None:
    exported = {getattr(groovecli, name) for name in groovecli._EXPORTS if name.endswith("Request")}
    assert exported | {Context, Home} == set(LEAST)


@pytest.mark.parametrize(("kind", "field"), FIELDS, ids=lambda each: getattr(each, "__name__", each))
def test_a_field_of_another_kind_is_named(kind: type, field: str) -> None:
    with pytest.raises(UsageError, match=rf"^{kind.__name__}: {field} takes .+, not an object$"):
        made(kind, **{field: object()})


@pytest.mark.parametrize(
    ("kind", "wrong", "complaint"),
    [
        (ClassifyRequest, {"paths": 3}, "takes a path or several (strings or Paths), not 3"),
        (ClassifyRequest, {"paths": ["a.mp3", None]}, "not ['a.mp3', None]"),
        (ClassifyRequest, {"paths": b"a.mp3"}, "not b'a.mp3'"),
        (ClassifyRequest, {"paths": ""}, "not ''"),
        (ClassifyRequest, {"paths": "a\0b"}, r"not 'a\x00b'"),
        (ClassifyRequest, {"n_clips": 0}, "takes a whole number from 1 to 100, not 0"),
        (ClassifyRequest, {"n_clips": 1.5}, "takes a whole number from 1 to 100, not 1.5"),
        (ClassifyRequest, {"n_clips": True}, "takes a whole number from 1 to 100, not True"),
        (ClassifyRequest, {"model": Path("m")}, "takes a string, not "),
        (ClassifyRequest, {"min_confidence": "0.5"}, "takes a number from 0 to 1, not '0.5'"),
        (ClusterRequest, {"library": None}, "takes a path (a string or a Path), not None"),
        (ClusterRequest, {"absolute": "no"}, "takes True or False, not 'no'"),
        (IngestRequest, {"split_by": "official"}, "takes 'song' or 'album' or 'artist' or 'clip', not"),
        (TrainRequest, {"genres": [1]}, "takes strings, not [1]"),
        (TrainRequest, {"part": (1, 2, 3)}, "takes a whole number and a whole number, not (1, 2, 3)"),
        (TrainRequest, {"protocol": "paper"}, "takes a Protocol, not 'paper'"),
        (TrainRequest, {"hyper": {1: 2}}, "takes a dict with names as keys, not {1: 2}"),
        (TrainRequest, {"word_vectors": 3}, "takes the path of a file (a string or a Path), not 3"),
        (Context, {"home": "home"}, "takes a Home, not 'home'"),
        (Context, {"home": Home}, "takes a Home, not the class Home"),
        (Context, {"monitor": print}, "takes a Monitor, not a builtin_function_or_method"),
        (Context, {"jobs": -1}, "takes a whole number from 0, not -1"),
    ],
)
def test_what_it_takes_and_what_it_got_is_said(kind: type, wrong: dict[str, Any], complaint: str) -> None:
    with pytest.raises(FieldError) as caught:
        made(kind, **wrong)
    assert (caught.value.owner, caught.value.field) == (kind.__name__, next(iter(wrong)))
    assert complaint in caught.value.complaint
    again = pickle.loads(pickle.dumps(caught.value))
    assert (type(again), again.what) == (FieldError, caught.value.what)


@pytest.mark.parametrize("number", [math.nan, math.inf, -1, "1"])
@pytest.mark.parametrize(
    ("kind", "field"),
    [
        *((kind, "n_clips") for kind in (ClassifyRequest, EmbedRequest, ClusterRequest)),
        *((kind, "minutes") for kind in (TrainRequest, LeakageRequest, CompareRequest)),
        (DuplicatesRequest, "n_clips"),
        *((ClusterRequest, field) for field in ("min_size", "max_size", "n_clusters", "per_artist")),
        *((CompareRequest, field) for field in ("epochs", "subset")),
        *((AddGenreRequest, field) for field in ("epochs", "max_forgetting")),
        *((IngestRequest, field) for field in ("clips_per_song", "clips_per_genre")),
    ],
)
def test_numbers_that_can_t_be(kind: type, field: str, number: Any) -> None:
    with pytest.raises(UsageError, match=f"{kind.__name__}: {field} takes a"):
        made(kind, **{field: number})


@pytest.mark.parametrize(
    ("action", "kind", "wrong"),
    [
        ("classify", ClassifyRequest, {"min_confidence": math.nan}),
        ("classify", ClassifyRequest, {"min_confidence": 1.5}),
        ("cluster", ClusterRequest, {"seed": -1}),
        ("compare", CompareRequest, {"seed": -1}),
        ("train", TrainRequest, {"seed": 2**32}),
        ("train", TrainRequest, {"validation_share": math.nan}),
        ("train", TrainRequest, {"part": (3, 2)}),
        ("ingest", IngestRequest, {"test_share": math.nan}),
        ("ingest", IngestRequest, {"clip_s": math.nan}),
        ("ingest", IngestRequest, {"clip_s": math.nan, "features": "chroma-timbre"}),
        ("ingest", IngestRequest, {"depth": 3}),
    ],
)
def test_numbers_that_the_action_refuses(
    tmp_path: Path, action: str, kind: type, wrong: dict[str, Any]
) -> None:
    song = write_song(tmp_path / "music" / "low" / "song.wav", 1, sr=8000)
    place = {"paths": song} if kind is ClassifyRequest else {}
    place = {"library": song.parent.parent} if kind in (ClusterRequest, IngestRequest) else place
    with Context(Home(tmp_path / "home"), jobs=1, device="cpu") as context, pytest.raises(UsageError):
        ACTIONS[action](made(kind, **place, **wrong), context)


@pytest.mark.parametrize("name", sorted(ACTIONS))
def test_an_action_says_which_request_it_takes(name: str, tmp_path: Path) -> None:
    own = re.sub("_(analyses|songs|library)$", "", name).replace("_", "")
    (kind,) = [each for each in LEAST if each.__name__.lower() == own + "request"]
    context = Context(Home(tmp_path))
    with pytest.raises(UsageError, match=rf"^{name} takes an? {kind.__name__}, not 'song\.mp3'$"):
        ACTIONS[name]("song.mp3", context)
    other = made(EmbedRequest if kind is ClassifyRequest else ClassifyRequest)
    with pytest.raises(UsageError, match=rf"{kind.__name__}, not an? {type(other).__name__}$"):
        ACTIONS[name](other, context)
    with pytest.raises(UsageError, match=rf"^{name} takes a Context, not None$"):
        ACTIONS[name](made(kind), None)


def test_hyperparameters_are_those_that_there_are() -> None:
    with pytest.raises(UsageError, match=r"^TrainRequest: hyper takes opt.*, .*epochs.*, not 'nosuch'$"):
        TrainRequest(hyper={"nosuch": 1})
    with pytest.raises(UsageError, match=r"Hyperparameters: epochs takes a whole number, not '3'"):
        TrainRequest(hyper={"epochs": "3"})
    for wrong in ({"epochs": 0}, {"learning_rate": math.nan}, {"batch_size": -4}, {"dropout": 1}):
        with pytest.raises(UsageError):
            TrainRequest(hyper=wrong)
    assert TrainRequest(hyper={"resample": [40, 10]}).hyper == {"resample": [40, 10]}
    assert Hyperparameters("adam", 1, 2, 3, resample=[40, 10]).resample == (40, 10)  # type: ignore[arg-type]


def test_paths_are_strings_or_paths_one_or_several(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    one = (Path("a.mp3"),)
    assert [ClassifyRequest(paths).paths for paths in ("a.mp3", Path("a.mp3"), ["a.mp3"])] == [one] * 3
    assert EmbedRequest(iter(["a.mp3", Path("b.mp3")])).paths == (*one, Path("b.mp3"))
    assert ClassifyRequest(Path("~/a.mp3")).paths == (tmp_path / "a.mp3",)
    assert IngestRequest("~", split_files="~/a", tagtraum="b").split_files == (tmp_path / "a",)
    assert IngestRequest("~").library == Home("~").folder == tmp_path
    assert AddGenreRequest("dub", "dub") == AddGenreRequest("dub", Path("dub"))
    assert TrainRequest(word_vectors="~/v.txt").word_vectors == str(tmp_path / "v.txt")
    assert CompareRequest(word_vectors=Path("v.txt")).word_vectors == str(Path("v.txt").absolute())


def test_no_path_at_all_is_said(tmp_path: Path) -> None:
    """As of a pattern that no file matches."""
    with (
        Context(Home(tmp_path), jobs=1, device="cpu") as context,
        pytest.raises(UsageError, match="no song"),
    ):
        groovecli.classify(ClassifyRequest(tmp_path.glob("*.mp3")), context)


def test_what_is_near_enough_is_taken() -> None:
    assert TrainRequest(genres=["rock", "jazz"], part=[2, 5]).part == (2, 5)  # type: ignore[arg-type]
    assert CompareRequest("dense").networks == ("dense",)  # type: ignore[arg-type]
    request = TrainRequest(minutes=np.float32(2), seed=np.int64(3))  # type: ignore[arg-type]
    assert (type(request.minutes), type(request.seed)) == (float, int)
    assert TrainRequest.from_json(request.to_json()) == request


def test_frozen_requests_stay_frozen() -> None:
    request = ClassifyRequest("song.mp3")
    with pytest.raises(dataclasses.FrozenInstanceError):
        request.n_clips = 5  # type: ignore[misc]
    assert hash(request) == hash(ClassifyRequest([Path("song.mp3")]))
    with pytest.raises(UsageError):
        dataclasses.replace(request, n_clips=0)


def test_a_monitor_is_one_by_its_class() -> None:
    class Own(Monitor):
        pass

    assert isinstance(Context(Home("home"), monitor=Own()).monitor, Own)


texts = st.text(st.characters(exclude_characters="~\0"), min_size=1)


@given(st.lists(texts))
def test_any_paths_are_taken_as_they_are(names: list[str]) -> None:
    assert as_paths(names, "f", "paths") == as_paths(map(Path, names), "f", "paths") == (*map(Path, names),)
    for name in names:
        assert as_paths(name, "f", "paths") == (as_path(name, "f", "path"),)


HINTS: list[Any] = [
    int, float, str, bool, Count, Share, StrPath, StrPaths, TextPath, int | None, tuple[str, ...],
    tuple[int, int], Literal["a", "b"], Annotated[float, Range(-1, 1)], Monitor | None,
]  # fmt: skip
plain = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.complex_numbers(), st.text(), st.binary()
)
values = st.recursive(plain, lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.sets(plain))


@given(st.sampled_from(HINTS), values)
def test_a_value_fits_or_it_does_not(hint: Any, value: Any) -> None:
    """Nothing else is raised, and what fits once fits as it is from then on."""
    try:
        fit = fitted(value, hint)
    except Unfit:
        return
    except UsageError as error:
        assert "no home folder" in error.what
        return
    assert fitted(fit, hint) == fit or fit != fit
    assert takes(hint)


@given(st.integers() | st.floats())
def test_a_share_is_a_finite_number_in_its_range(number: float) -> None:
    try:
        share = fitted(number, Share)
    except Unfit:
        assert not 0 <= number <= 1
    else:
        assert type(share) is float and share == number and 0 <= share <= 1


def test_a_dataclass_of_ones_own() -> None:
    @dataclasses.dataclass(frozen=True)
    class Tempo(Checked):
        bpm: Annotated[float, Range(30, 300)]

    assert Tempo(120).bpm == 120.0
    with pytest.raises(UsageError, match=r"^Tempo: bpm takes a number from 30 to 300, not 12$"):
        Tempo(12)


CALLS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "probe": ("song", probe),
    "load": ("song", lambda path: load(path, sr=8000).tolist()),
    "read_tags": ("song", read_tags),
    "expand": ("folder", expand),
    "find_tracks": ("folder", lambda paths: find_tracks(paths, None, jobs=1, monitor=SILENT)),
    "list_audio": ("folder", list_audio),
    "check_folder": ("folder", check_folder),
    "write_playlists": ("folder", lambda folder: replace(write_playlists([], folder), is_unchanged=False)),
}


@pytest.mark.parametrize("name", CALLS)
def test_functions_below_the_actions_take_strings_too(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    song = write_song(tmp_path / "low" / "song.wav", 1, sr=8000)
    place, function = CALLS[name]
    path = song if place == "song" else song.parent
    expected = function(path)
    assert function(str(path)) == function(f"~/{path.relative_to(tmp_path)}") == expected
    with pytest.raises(UsageError, match=r"(path|paths|folder) takes a path.*, not 3$"):
        function(3)


def test_songs_of_a_string_are_heard_and_written(demo: Path, tmp_path: Path) -> None:
    """The two functions that the actions stand on, and what is written of their results."""
    song = str(next((demo / "metal").glob("*.opus")))
    with Context(Home(tmp_path / "home"), jobs=1, device="cpu") as context:
        model = context.load()
        named = classify(model, song, n_clips=1)
        embedded = embed(model, song, Catalog(str(tmp_path / "c.db")), n_clips=1)
    assert [str(each.path) for each in named.results] == [song]
    assert [str(track.path) for track in embedded.tracks] == [song]
    write(str(tmp_path / "song.npz"), embedded)
    plot_vectors(str(tmp_path / "song.png"), embedded, method="pca", seed=0)
    assert np.load(tmp_path / "song.npz")["vectors"].tolist() == embedded.vectors.tolist()
    assert (tmp_path / "song.png").stat().st_size > 1000
    with pytest.raises(UsageError, match=r"^find_tracks: paths takes a path or several"):
        classify(model, 3)  # type: ignore[arg-type]
