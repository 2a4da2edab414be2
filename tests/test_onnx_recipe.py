"""The recipe in ONNX files: docs/classify_onnx.py follows it to the answers that groove gives."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import soundfile as sf
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from torch import nn

from groovecli.actions.classify import classify
from groovecli.audio import clips
from groovecli.audio.lyrics import bag_of_words
from groovecli.audio.read import read
from groovecli.errors import ModelError
from groovecli.features.clip import FADE_S, _faded
from groovecli.features.kind import Kind
from groovecli.features.lyrics import LyricsSpec
from groovecli.features.recipe import packed
from groovecli.features.registry import FEATURES, KINDS, extract, feature
from groovecli.features.spec import AudioSpec
from groovecli.features.word_vectors import WordVectors, store
from groovecli.library.scan import scan
from groovecli.models.devices import choose_device
from groovecli.models.listen import over
from groovecli.models.loaded import LoadedModel, Ready, load_model
from groovecli.models.onnx import export
from groovecli.models.onnx_recipe import recipe_of
from groovecli.models.shelf import shipped_models
from groovecli.models.weights import build_for
from groovecli.monitor import SILENT
from groovecli.networks.inputs import to_inputs
from groovecli.networks.output import Output
from tests.conftest import DEMO, melody
from tests.small import describing, with_network
from tests.test_lyrics import BAG, TEXT

pytest.importorskip("onnx")
pytest.importorskip("onnxscript")
pytest.importorskip("onnxruntime")
PROGRAM = Path(__file__).parent.parent / "docs" / "classify_onnx.py"
OF_SOUND = sorted(name for name, spec in FEATURES.items() if isinstance(spec, AudioSpec))
# Seconds, rate and channels of each song, how loud its melody is, and the noise in it.
SONGS = (
    (4.1, 44100, 2, 1.0, 0.0),
    (5.8, 22050, 1, 0.1, 0.0),
    (21.3, 48000, 2, 0.3, 0.2),
    (45.2, 32000, 1, 0.9, 0.02),
    (61.0, 11025, 2, 0.0, 0.05),
)
CLIPS_S = {
    "groove-net": 45.0,
    "time-cnn": 6.0,
    "mel-lstm": 6.0,
    "soundnet": 6.0,
    "deep-softmax-autoencoder": 6.0,
    "conv-autoencoder": 20.0,
    "seq-cnn": 30.0,
}
WORDS = WordVectors(
    ("dark", "night", "don't", "été"), np.random.default_rng(0).normal(0, 100, (4, 100)).astype(np.float32)
)


def _program() -> ModuleType:
    spec = importlib.util.spec_from_file_location("classify_onnx", PROGRAM)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


program = _program()


class Spread(nn.Module):
    """A network whose genres were never learnt, its logits moved and scaled so that they tell windows
    apart: as they are, they hardly depend on what is heard.
    """

    def __init__(self, model: LoadedModel, songs: Sequence[Path]) -> None:
        super().__init__()
        self.network = model.network
        heard: list[torch.Tensor] = []
        hook = self.network.register_forward_hook(lambda *given: heard.append(given[-1].logits))
        list(over(model, scan(songs, jobs=1).tracks, 3, jobs=1, stage="", monitor=SILENT))
        hook.remove()
        logits = torch.cat(heard)
        self.mean, self.scale = logits.mean(dim=0), logits.std(dim=0)

    def forward(self, *inputs: torch.Tensor) -> Output:
        output: Output = self.network(*inputs)
        assert output.logits is not None
        return output._replace(logits=(output.logits - self.mean) / self.scale)


@dataclass(frozen=True)
class Workshop:
    """Songs with their lyrics, some of the demo's music, and models that are exported once."""

    folder: Path
    songs: tuple[Path, ...]
    music: tuple[Path, ...]
    models: dict[str, LoadedModel] = field(default_factory=dict)

    def model(self, network: str) -> LoadedModel:
        """The shipped one; else one that was never trained."""
        if network == "groove-net":
            [stored] = [model for model in shipped_models() if model.name == network]
            return load_model(stored, choose_device("cpu"))
        about = describing(network, clip_s=CLIPS_S[network])
        specs = tuple(
            replace(spec, vectors=WORDS.id) if isinstance(spec, LyricsSpec)
            else replace(spec, n_frames=40) if network == "mel-lstm"  # each is a step to export
            else spec
            for spec in about.features
        )  # fmt: skip
        genres = ("a", "b", "c") if about.spec.has_genres else ()
        about = replace(about, features=specs, genres=genres, temperature=0.8)
        store(self.folder / "words", WORDS)
        torch.manual_seed(0)
        untrained = build_for(about).eval()
        model = LoadedModel(
            about, Ready(untrained, torch.device("cpu")), "id", vectors=self.folder / "words"
        )
        return with_network(model, Spread(model, self.songs)) if genres else model

    def exported(self, network: str) -> tuple[LoadedModel, Path]:
        path = self.folder / f"{network}.onnx"
        if network not in self.models:
            self.models[network] = self.model(network)
            export(self.models[network], path)
        return self.models[network], path


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    folder = tmp_path_factory.mktemp("onnx")
    songs = []
    rng = np.random.default_rng(0)
    for number, (seconds, sr, n_channels, gain, noise) in enumerate(SONGS):
        y = gain * melody(seconds, sr=sr, seed=number)
        y += rng.normal(0, noise, len(y))
        path = folder / f"{number}.flac"
        sf.write(path, np.stack([y, np.roll(y, 50)][:n_channels], axis=1), sr)
        songs.append(path)
    songs[1].with_suffix(".txt").write_text("[Chorus]\nDark, DARK night\nnowhere\n")
    songs[3].with_suffix(".txt").write_text(TEXT)
    music = []
    for name in ("metal/Obsidian Shell - Fear", "orchestral/Flare Team - Overworld Theme"):
        music.append(folder / f"{Path(name).name}.flac")
        sf.write(music[-1], *read(DEMO / f"{name}.opus"))
    return Workshop(folder, tuple(songs), tuple(music))


def said(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *arguments: object) -> str:
    """What the program prints."""
    monkeypatch.setattr(sys, "argv", [PROGRAM.name, *map(str, arguments)])
    program.main()
    return capsys.readouterr().out


def named(text: str) -> dict[str, float]:
    pairs = [line.split("  ", 1) for line in text.splitlines()]
    return {name: float(value) for value, name in pairs}


def lyrics_of(song: Path) -> list[object]:
    text = song.with_suffix(".txt")
    return ["--lyrics", text] if text.exists() else []


def vector_of(model: LoadedModel, song: Path) -> np.ndarray:
    """The song's vector, as `groove embed` gives it."""
    [(_, answers)] = over(model, scan([song], jobs=1).tracks, 3, jobs=1, stage="embed", monitor=SILENT)
    assert not hasattr(answers, "problem")
    return answers.embedding


@pytest.mark.parametrize("network", [name for name in CLIPS_S if name != "conv-autoencoder"])
def test_the_program_names_genres_as_groove_does(
    network: str, workshop: Workshop, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    model, path = workshop.exported(network)
    songs = [*workshop.songs, *workshop.music] if network == "groove-net" else list(workshop.songs)
    theirs = [named(said(capsys, monkeypatch, path, song, *lyrics_of(song))) for song in songs]
    found = classify(model, songs, jobs=1).results
    assert [song.path for song in found] == songs
    for ours, answer in zip(found, theirs, strict=True):
        assert answer == pytest.approx(ours.probabilities, abs=0.005)
    assert np.ptp([list(dict(sorted(answer.items())).values()) for answer in theirs], axis=0).max() > 0.1


@pytest.mark.parametrize("network", ["conv-autoencoder", "groove-net", "deep-softmax-autoencoder"])
def test_the_program_gives_the_vectors_that_groove_gives(
    network: str, workshop: Workshop, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    model, path = workshop.exported(network)
    options = ["--embedding"] if model.description.genres else []
    vectors = []
    for song in (workshop.songs[0], workshop.songs[4]):
        ours = vector_of(model, song)
        theirs = np.array(said(capsys, monkeypatch, path, song, *options).split(), float)
        assert theirs.shape == ours.shape
        assert np.linalg.norm(theirs - ours) < 0.005 * np.linalg.norm(ours)
        vectors.append(ours)
    assert np.linalg.norm(vectors[0] - vectors[1]) > 0.02 * np.linalg.norm(vectors[0])


def test_without_lyrics_the_words_are_zeros_and_with_them_they_count(
    workshop: Workshop, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    model, path = workshop.exported("seq-cnn")
    song = workshop.songs[3]
    silent = named(said(capsys, monkeypatch, path, song))
    copy = workshop.folder / "without.flac"
    copy.write_bytes(song.read_bytes())
    [ours] = classify(model, [copy], jobs=1).results
    assert silent == pytest.approx(ours.probabilities, abs=0.005)
    assert silent != pytest.approx(named(said(capsys, monkeypatch, path, song, *lyrics_of(song))), abs=0.05)


def test_it_needs_neither_groove_nor_torch_nor_librosa(workshop: Workshop) -> None:
    """Run where these, and all else that groove needs, can't be imported."""
    model, path = workshop.exported("time-cnn")
    others = ["groovecli", "torch", "librosa", "scipy", "av", "mutagen", "sklearn", "onnx", "typer"]
    code = (
        f"import runpy, sys; sys.modules.update(dict.fromkeys({others}));"
        f"sys.argv[0] = {str(PROGRAM)!r}; runpy.run_path(sys.argv[0], run_name='__main__');"
        "print(sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)"
    )
    command = [sys.executable, "-I", "-c", code, path, workshop.songs[2]]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=workshop.folder)
    [ours] = classify(model, [workshop.songs[2]], jobs=1).results
    assert named(done.stdout) == pytest.approx(ours.probabilities, abs=0.005)
    assert all(f"'{name}'" in done.stderr for name in ("numpy", "soundfile", "soxr", "onnxruntime"))


def test_channels_that_cancel_and_places_that_are_silent(
    workshop: Workshop, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    y = melody(60, sr=22050, seed=7)
    y[: 40 * 22050] = 0
    sf.write(workshop.folder / "half.wav", np.stack([y, -0.9 * y], axis=1), 22050)
    for network in ("groove-net", "time-cnn"):
        model, path = workshop.exported(network)
        [ours] = classify(model, [workshop.folder / "half.wav"], jobs=1).results
        theirs = named(said(capsys, monkeypatch, path, workshop.folder / "half.wav"))
        assert theirs == pytest.approx(ours.probabilities, abs=0.005)


def test_a_silent_song_is_said_to_be_so(
    workshop: Workshop, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sf.write(workshop.folder / "silent.wav", np.zeros(22050 * 8), 22050)
    for network in ("time-cnn", "seq-cnn"):
        with pytest.raises(SystemExit, match=r"silent\.wav: silent"):
            said(capsys, monkeypatch, workshop.exported(network)[1], workshop.folder / "silent.wav")


@pytest.mark.parametrize("clip_s", [30.0, 11.7])
@pytest.mark.parametrize("name", OF_SOUND)
def test_the_steps_make_what_the_network_gets(name: str, clip_s: float) -> None:
    """To a level where values are stored in 256 of them, and of few values; of silence, too."""
    spec = feature(name, clip_s)
    assert isinstance(spec, AudioSpec)
    make = KINDS[spec.kind].recipe
    assert make is not None
    recipe = json.loads(json.dumps(make(spec)))
    song = np.resize(melody(clip_s, sr=spec.sr), spec.n_clip_samples)
    for y in (song, np.zeros_like(song)):
        stored = extract(y, spec)
        codes = torch.from_numpy(np.stack([spec.window(stored, n) for n in range(spec.n_windows)]))
        ours = to_inputs([codes], (spec,))[0].numpy()
        theirs = program.made(y, recipe["steps"]).reshape(-1, *spec.input_shape)
        assert theirs.shape == ours.shape and np.isfinite(theirs).all()
        off = np.abs(theirs - ours)
        assert off.max() < (0.017 if spec.dtype == "u1" else 0.002)
        assert off.mean() < 1e-5 * max(1.0, float(np.abs(ours).mean()))


def test_each_kind_says_how_it_is_made() -> None:
    assert [name for name, kind in KINDS.items() if kind.extract and not kind.recipe] == []


@given(st.floats(0.5, 4000), st.integers(1, 5), st.sampled_from([3.0, 30.0, 45.0]))
@example(30.0, 3, 30.0)
@example(29.9996, 3, 30.0)
def test_the_places_are_grooves(duration_s: float, n: int, clip_s: float) -> None:
    song = {"clip_s": clip_s, "places": n, "apart_s": 5.0, "joined": False}
    spread = [[clip.start_s] for clip in clips.spread("0" * 16, duration_s, clip_s, n)]
    assert program.places(duration_s, song) == spread
    joined = program.places(duration_s, {**song, "joined": True})
    assert joined == [pytest.approx(clips.stretches(duration_s, clip_s, n), abs=0.0011)]
    assert min(joined[0]) >= 0


def test_seams_are_faded_as_grooves() -> None:
    y = melody(1.0, sr=8000)
    assert program.faded(y, round(FADE_S * 8000)) == pytest.approx(_faded(y.copy(), 8000), abs=1e-6)
    assert np.abs(program.faded(y, 80) - y).max() > 0.1


COUNT = KINDS["lyrics"].recipe(FEATURES["lyrics"])["count"]  # type: ignore[misc]


PIECES = [*"aé'’`[]():<>x×2 \n\u00ad\u2028", "Verse", "ar"]


@given(st.text() | st.lists(st.sampled_from(PIECES)).map("".join))
@example(TEXT)
@example("[ar:Some One]\n[01:23.45]<00:01.00> go no<00:02.50>w (Pre-Chorus x2) (x 12) 99 ½ हिन्दी")
def test_words_are_counted_as_groove_counts_them(text: str) -> None:
    assert Counter(program.words(text, COUNT)) == Counter(bag_of_words(text))


def test_words_of_a_song_are_weighted_by_their_share() -> None:
    vectors = packed(np.array([[1, 0], [0, 1], [9, 9]]))
    entry = {"count": COUNT, "words": ["été", "go", "no"], "vectors": vectors}
    vector = program.mean_vector(TEXT, entry)
    assert vector.dtype == np.float32
    assert vector.tolist() == pytest.approx([BAG["été"] / 5, BAG["go"] / 5])
    assert program.mean_vector("", entry).tolist() == [0, 0]


def test_tags_are_averaged_over_a_songs_windows() -> None:
    outputs = {"tags": np.array([[0.2, 0.9], [0.4, 0.5]]), "embedding": np.array([[1.0], [2.0]])}
    answer = {"output": "tags", "names": ["calm", "loud"], "genres_times": 0.0}
    assert program.lines(outputs, answer, False) == ["0.7000  loud", "0.3000  calm"]
    assert program.lines(outputs, answer, True) == ["1.5"]


def test_a_taggers_recipe_has_its_tags() -> None:
    about = replace(describing("musicnn", genres=()), data={"tags": ["rock", "loud"]})
    model = LoadedModel(about, Ready(torch.nn.Identity(), torch.device("cpu")), "id")
    assert recipe_of(model)["answer"] == {"output": "tags", "names": ["rock", "loud"], "genres_times": 0.0}


@pytest.fixture
def kinds(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Kind]]:
    """The kinds of features, to be changed."""
    changed = dict(KINDS)
    monkeypatch.setattr("groovecli.models.onnx_recipe.KINDS", changed)
    yield changed


def test_a_kind_without_a_recipe_is_an_error_that_says_so(
    workshop: Workshop, kinds: dict[str, Kind], tmp_path: Path
) -> None:
    kinds["mel"] = replace(KINDS["mel"], recipe=None)
    with pytest.raises(ModelError, match=r"makes its input mel-323") as caught:
        export(workshop.model("time-cnn"), tmp_path / "m.onnx")
    assert "'mel'" in (caught.value.hint or "") and not list(tmp_path.iterdir())


def test_an_input_that_no_song_holds_is_described_and_refused(
    workshop: Workshop,
    kinds: dict[str, Kind],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kinds["mel"] = replace(KINDS["mel"], recipe=None, extract=None)
    model = workshop.model("time-cnn")
    found = export(model, tmp_path / "m.onnx")
    assert found.not_from_files == (
        "mel-323 can't be computed from a song's file: it comes with a data set",
    )
    [entry] = recipe_of(model)["inputs"]
    assert entry["of"] is None and entry["shape"] == [1, 323, 65] and entry["feature"]["n_bands"] == 323
    with pytest.raises(SystemExit, match="can't be computed from a song's file"):
        said(capsys, monkeypatch, tmp_path / "m.onnx", workshop.songs[0])


def test_word_vectors_that_are_gone_are_named(workshop: Workshop, tmp_path: Path) -> None:
    model = replace(workshop.model("seq-cnn"), vectors=tmp_path)
    with pytest.raises(ModelError, match=WORDS.id):
        export(model, tmp_path / "m.onnx")
