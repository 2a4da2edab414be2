"""What `--report DIR` writes: pictures that show something, and a page that shows them all."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pytest
import torch
from matplotlib import image
from sklearn.metrics import average_precision_score

from groovecli.datasets.cache import with_features
from groovecli.errors import StorageError
from groovecli.evaluation.measure import Measured, measure, scored
from groovecli.evaluation.neighbours import Space, space
from groovecli.evaluation.results import Evaluated
from groovecli.features.power import scaled_power, spread_power
from groovecli.features.registry import feature
from groovecli.models.file import LoadedModel
from groovecli.networks.build import build
from groovecli.reports import pictures, tables
from groovecli.reports.evaluation import write_evaluation, write_training
from groovecli.reports.page import Page, Picture, Table, write_page
from groovecli.reports.plots.scores import Curve, plot_precision_recall
from groovecli.reports.plots.sounds import (
    Reconstruction,
    Span,
    plot_heat_maps,
    plot_layers,
    plot_reconstructions,
    plot_spread,
)
from groovecli.reports.subject import Songs, curves
from groovecli.training.loop import Epoch
from groovecli.training.record import history_of
from groovecli.training.request import TrainRequest
from tests.cli.conftest import groove, groove_json
from tests.conftest import tone
from tests.small import QUICK, World, describing, loaded, untrained, world

ODD = '<script>alert("$x$") & \U0001f3b5 日本'
MAPS = {"embeddings-pca.png", "embeddings-tsne.png"}
OF_GENRES = {"confusion.png", "precision-recall.png", "logits-pca.png", "logits-tsne.png"}
OF_CONFIDENCE = {"reliability.png", "coverage.png"}


class Reader(HTMLParser):
    """The text, the pictures and the tags of a page."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.text = ""
        self.images: list[dict[str, str | None]] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag == "img":
            self.images.append(dict(attrs))
        self.links += [value for name, value in attrs if name in ("src", "href") and value]

    def handle_data(self, data: str) -> None:
        self.text += data


def check_picture(path: Path) -> None:
    """It is a PNG of a sensible size on which something is drawn."""
    pixels = image.imread(path)
    height, width = pixels.shape[:2]
    assert 200 < height < 4000 and 200 < width < 4000, path
    assert pixels[..., :3].std() > 0.02, path


def check_page(files: Sequence[Path]) -> Reader:
    """The page shows every picture that was written, and no other; each has a text in its place."""
    *others, page = files
    read = Reader(page)
    shown = [str(picture["src"]) for picture in read.images]
    assert [unquote(name) for name in shown] == [path.name for path in others if path.suffix == ".png"]
    assert {link for link in read.links if not link.startswith("file:///")} == set(shown)
    assert all(picture["alt"] for picture in read.images)
    assert not read.tags & {"script", "link", "iframe", "object"}
    for path in others:
        if path.suffix == ".png":
            check_picture(path)
    return read


def measured_by(made: World, model: LoadedModel, **changes: object) -> Measured:
    about = model.description
    dataset = with_features(made.dataset(), about.features, jobs=1)
    return measure(dataset, model, of_genres=about.genres, **changes)


def report(
    made: World,
    model: LoadedModel,
    folder: Path,
    measured: Measured | None = None,
    history: tuple[Epoch, ...] = (),
) -> tuple[Path, ...]:
    measured = measured or measured_by(made, model)
    evaluation = scored(model, measured) if model.description.genres else None
    place = space(model, measured)
    return write_evaluation(folder, Evaluated(model, measured, evaluation, place, history, seed=0))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("small"), n_songs=8) as made:
        made.ingest(clip_s=10.0, test_share=0.5, features=())
        yield made


def model_of(small: World, network: str, genres: tuple[str, ...] = ("high", "low")) -> LoadedModel:
    description = describing(network, genres=genres, clip_s=10.0)
    return loaded(untrained(small.root / f"{network}.safetensors", description))


# Evaluations


@pytest.mark.parametrize(
    ("network", "names"),
    [
        ("time-cnn", OF_GENRES | {"layers.png"}),
        ("two-layer", OF_GENRES),
        ("deep-softmax-autoencoder", OF_GENRES | {"reconstructions.png"}),
    ],
)
def test_a_classifier_has_all_that_suits_it(
    small: World, tmp_path: Path, network: str, names: set[str]
) -> None:
    files = report(small, model_of(small, network), tmp_path / "new" / "report")
    assert {path.name for path in files} == names | MAPS | {"evaluation.json", "index.html"}
    read = check_page(files)
    assert "8 test songs of dataset default, split by song" in read.text
    for words in ("per song", "per clip", "macro-F1", "average precision", "NMI", "precision", "recall"):
        assert words in read.text
    assert ("per window" in read.text) == (network != "time-cnn")
    figures = json.loads(files[0].read_text())
    assert figures["schema"] == 1 and figures["per_song"]["n"] == 8
    assert "few songs: F1" in read.text and "confidence from 100 on" in read.text
    for words in ("calibration error", "--min-confidence", "80 % right"):
        assert words not in read.text
    calibration = figures["calibration"]
    assert sum(each["n"] for each in calibration["bins"]) == calibration["coverage"][-1]["n"] == 8
    assert figures["space"]["n_songs"] == 8
    assert figures["space"]["precision_at_10"] is None  # of seven others, ten nearest are no choice


def test_a_page_begins_with_its_finding(small: World, tmp_path: Path) -> None:
    page = report(small, model_of(small, "two-layer"), tmp_path)[-1].read_text()
    body = page[page.index("<body>") :]
    right = re.search(r"<h1>some: (\d) of 8 test songs right</h1>", body)
    card = re.search(r'<div class="card (good|bad)"><p>(.*?)</p><p>(.*?)</p></div>', body)
    assert right and card and right.start() < card.start() < body.index("<table")
    assert card[1] == "bad" and card[2].endswith("than guessing (4 of 8).")
    assert re.fullmatch(
        rf"{right[1]} of 8 test songs right \(95 % sure: \d to \d\); guessing is always saying high, the"
        r" largest genre\.",
        card[3],
    )
    assert "%" not in re.sub("confidence.*|95 % sure", "", card[0])


def test_confidence_is_drawn_of_enough_songs(
    small: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "FEWEST_FOR_CONFIDENCE", 8)
    files = report(small, model_of(small, "two-layer"), tmp_path)
    assert {path.name for path in files} >= OF_GENRES | OF_CONFIDENCE
    read = check_page(files)
    for words in ("calibration error", "--min-confidence", "80 % right", "90 % right", "too sure"):
        assert words in read.text
    assert "few songs: " not in read.text


@pytest.mark.parametrize(
    ("network", "names"), [("conv-autoencoder", {"tanh.png"}), ("vanilla-autoencoder", set())]
)
def test_an_autoencoder_has_reconstructions_and_no_genres(
    small: World, tmp_path: Path, network: str, names: set[str]
) -> None:
    model = model_of(small, network, ())
    files = report(small, model, tmp_path)
    assert {path.name for path in files} == names | MAPS | {
        "reconstructions.png",
        "evaluation.json",
        "index.html",
    }
    read = check_page(files)
    assert "accuracy" not in read.text and "reconstruction error" in read.text
    (picture,) = (each for each in read.images if each["src"] == "reconstructions.png")
    for text in (str(picture["alt"]), read.text):  # the songs' names are their files'
        assert re.search(r"\d \((low|high), from \d+ s; error \d+ %\)", text)
    assert ("the reconstruction below" in read.text) == (network == "conv-autoencoder")
    assert "8 test songs of dataset default, split by song" in read.text
    figures = json.loads(files[0].read_text())
    assert figures["space"]["reconstruction_error"] > 0
    assert figures["model"] == "some" and figures["leaky"] is False and "per_song" not in figures


def test_a_network_that_eats_chroma_has_heat_maps(small: World, tmp_path: Path) -> None:
    hyper = {"epochs": 1, "min_songs": 0, "resample": None}
    result = small.train(TrainRequest(network="seq-cnn", name="chroma", hyper=hyper))
    files = report(small, loaded(result), tmp_path)
    assert {path.name for path in files} >= {"chroma-timbre.png"} | OF_GENRES
    check_page(files)


def test_the_same_seed_draws_the_same(small: World, tmp_path: Path) -> None:
    model = model_of(small, "two-layer")
    first, second = report(small, model, tmp_path / "1"), report(small, model, tmp_path / "2")
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_one_song_alone(small: World, tmp_path: Path) -> None:
    for network, genres in (("time-cnn", ("high", "low")), ("conv-autoencoder", ())):
        model = model_of(small, network, genres)
        songs = np.unique(measured_by(small, model).songs).tolist()
        one = measured_by(small, model, trained_on=frozenset(songs[1:]))
        files = report(small, model, tmp_path / network, one)
        names = {path.name for path in files}
        assert "embeddings-pca.png" in names and "embeddings-tsne.png" not in names
        assert "–" in check_page(files).text
        assert "7 test songs that the model was trained on are left out" in Reader(files[-1]).text


def test_songs_that_are_gone_leave_a_picture_out(tmp_path: Path) -> None:
    with world(tmp_path, n_songs=5) as lost:
        lost.ingest(clip_s=10.0, test_share=0.5, features=("spec-256",))
        shutil.rmtree(lost.library)
        files = report(lost, model_of(lost, "conv-autoencoder", ()), tmp_path / "report")
        assert "tanh.png" not in {path.name for path in files}
        check_page(files)


@pytest.mark.filterwarnings("error")
def test_names_are_text_and_nothing_else(tmp_path: Path) -> None:
    genres = {ODD: 200.0, "$\\frac{": 2000.0}
    with world(tmp_path, genres, n_songs=5) as odd:
        for path in sorted(odd.library.rglob("*.wav")):
            path.rename(path.with_name(f'{path.stem} "><img src=x> $ {ODD}.wav'))
        odd.ingest(clip_s=10.0, test_share=0.5, features=())
        model = model_of(odd, "time-cnn", tuple(sorted(genres)))
        measured = replace(measured_by(odd, model), notes=(ODD,))
        files = report(odd, model, tmp_path / "report", measured)
        read = check_page(files)
        assert "<script" not in files[-1].read_text() and "<img src=x" not in files[-1].read_text()
        assert read.text.count(ODD) >= 2 and "$\\frac{" in read.text
        assert any(ODD in str(picture["alt"]) for picture in read.images)


def test_a_leaky_split_is_called_so(tmp_path: Path) -> None:
    with world(tmp_path, n_songs=5) as leaky:
        leaky.ingest(clip_s=3.0, split_by="clip", clips_per_song=3, test_share=0.4)
        result = leaky.train(QUICK, name="leaky", hyper={**QUICK.hyper, "epochs": 1})
        read = check_page(report(leaky, loaded(result), tmp_path / "report"))
        assert "LEAKY SPLIT" in read.text and "too high" in read.text
        assert "LEAKY SPLIT" in check_page(write_training(tmp_path / "training", result)).text


def test_so_many_songs_and_no_more_are_drawn(
    small: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "_MOST_SONGS", 7)
    files = report(small, model_of(small, "two-layer"), tmp_path)
    alternatives = [str(picture["alt"]) for picture in check_page(files).images]
    assert sum("7 songs as points" in text for text in alternatives) == 4


def test_a_folder_that_cannot_be_written(small: World, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError):
        report(small, model_of(small, "two-layer"), tmp_path / "file" / "report")


def test_the_curve_encloses_the_average_precision() -> None:
    rng = np.random.default_rng(0)
    truth, shares = rng.integers(0, 3, 90), rng.dirichlet(np.ones(3), 90).round(1)
    names = ("a", "b", "c", "none of the songs")
    genres = np.array(names)[truth]
    logits = np.zeros((90, 4))
    songs = Songs(genres, np.zeros((90, 2)), logits, np.pad(shares, ((0, 0), (0, 1))))
    found = curves(songs, names)
    assert list(found) == ["a", "b", "c"]
    for number, curve in enumerate(found.values()):
        assert curve.area == pytest.approx(average_precision_score(truth == number, shares[:, number]))
        assert np.sum(np.diff(curve.recall) * curve.precision[1:]) == pytest.approx(curve.area)
        assert curve.recall[0] == 0 and curve.recall[-1] == 1 and (np.diff(curve.recall) > 0).all()


def test_the_layers_end_in_what_the_network_says() -> None:
    torch.manual_seed(0)
    network = build("time-cnn", [(1, 323, 323)], n_genres=4, dropout=0.2).eval()
    x = torch.rand(2, 1, 323, 323)
    stages = network.stages(x)
    assert [tuple(made.shape[1:]) for made in stages.values()] == [
        (20, 5, 327), (20, 2, 163), (40, 2, 163), (40, 1, 81), (1024,), (256,), (4,),
    ]  # fmt: skip
    output = network(x)
    assert torch.equal(output.logits, stages["genres"]) and torch.equal(output.embedding, stages["dense 2"])


def test_power_before_the_tanh_is_what_it_spreads_out() -> None:
    spec = feature("spec-256")
    y = tone(10, sr=44100)[: spec.n_window_samples]
    before, after = scaled_power(y, spec), spread_power(y, spec)
    assert before.shape == after.shape == (256, 256) and before.max() == 1 and before.min() >= 0
    assert np.allclose(after, np.tanh(1e6 * before.astype(np.float64)), atol=1e-6)
    assert not scaled_power(np.zeros_like(y), spec).any()


# Trainings


def test_a_training_has_its_curve_and_its_settings(tmp_path: Path) -> None:
    with world(tmp_path, n_songs=5) as made:
        made.ingest()
        result = made.train(QUICK, hyper={**QUICK.hyper, "epochs": 2})
        files = write_training(tmp_path / "report", result)
        assert [path.name for path in files] == ["curve.png", "index.html"]
        read = check_page(files)
        for words in ("2 epochs", "learning rate", "0.0001", "adam", "clips per genre"):
            assert words in read.text, words
        assert re.search(r"high \d+, low \d+", read.text)
        history = history_of(result.path)
        assert history == result.epochs
        whole = report(made, loaded(result), tmp_path / "report", history=history)
        read = check_page(whole)
        assert "curve.png" in {path.name for path in whole} and "learning rate" in read.text


@pytest.mark.parametrize("text", [None, "", "[]", "{}", '{"epochs": 3}', '{"epochs": [{"number": 1}]}'])
def test_a_training_of_which_nothing_is_known(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "figures.json").write_text(text)
    assert history_of(tmp_path / "model.safetensors") == ()


# Commands


def test_the_commands_write_reports(tmp_path: Path) -> None:
    with world(tmp_path, n_songs=5) as made:
        made.ingest(clip_s=10.0, test_share=0.5, features=())
        train = groove(
            "train", "--model", "vanilla-autoencoder", "--epochs", "1", "--report", tmp_path / "training"
        )
        assert train.exit_code == 0 and "training/index.html" in train.stderr
        check_page((tmp_path / "training" / "curve.png", tmp_path / "training" / "index.html"))
        found = groove_json("evaluate", "vanilla-autoencoder", "--report", tmp_path / "report")
        assert found == json.loads((tmp_path / "report" / "evaluation.json").read_text())
        assert found["space"]["reconstruction_error"] > 0 and found["schema"] == 1
        shown = groove("evaluate", "vanilla-autoencoder")
        assert "split by song" in shown.stdout and "reconstruction error" in shown.stdout
        assert "cluster" in shown.stderr
        assert groove("train", "--model", "two-layer", "--epochs", "1").exit_code == 0
        shown = groove("evaluate")
        assert shown.stdout.startswith("two-layer-1: ") and "per window" not in shown.stdout
        assert "NMI" not in shown.stdout and "all tables: --full" in shown.stderr
        assert "per window" in groove("evaluate", "--full").stdout
        assert groove_json("evaluate")["space"]["reconstruction_error"] is None


# Pages and pictures by themselves


def test_a_page_escapes_all_that_it_is_given(tmp_path: Path) -> None:
    table = Table(ODD, (ODD, "b"), ((ODD, "\udcff"),))
    empty = Table("nothing in it", ("a", "b"), ())
    picture = Picture(tmp_path / 'a "<b>& 100%.png', ODD, ODD, ODD)
    path = write_page(tmp_path, Page(ODD, (ODD,), (ODD,), (table, empty), (picture,), (table,)))
    text, read = path.read_text("utf-8"), Reader(path)
    assert "script" not in read.tags and '"$x$"' not in text and "nothing in it" not in text
    assert read.text.count(ODD) == 12
    assert read.images == [{"src": "a%20%22%3Cb%3E%26%20100%25.png", "alt": ODD}]
    assert '<meta charset="utf-8">' in text and "width=device-width" in text and "http" not in text


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", [f"_a\nb\x00\x1b\udcff $\\frac{{ {ODD}" + "x" * 500, ""])
def test_every_picture_takes_any_name(tmp_path: Path, name: str) -> None:
    rng = np.random.default_rng(0)
    rising = np.array([0.0, 0.5, 1.0])
    found = {name: Curve(rising, np.ones(3), 1.0), "b": Curve(rising, rising, 0.4)}
    plot_precision_recall(tmp_path / "1.png", found, title=name)
    rows = rng.random((32, 40), np.float32)
    span = Span(3.0, "kHz", 22.05)
    plot_spread(tmp_path / "2.png", rows, rows, span, title=name)
    pair = Reconstruction(name, name, rows, rows / 2)
    plot_reconstructions(tmp_path / "3.png", [pair], span, title=name)
    wave = Reconstruction(name, name, rows[0], rows[1])
    plot_reconstructions(tmp_path / "4.png", [wave, wave], span, title=name)
    plot_heat_maps(tmp_path / "5.png", rows.T[:, :12], rows.T[:, :12], 3.0, title=name)
    stages = {"convolution": rng.random((20, 5, 40), np.float32), "dense": rng.random(200, np.float32)}
    plot_layers(tmp_path / "6.png", rows, stages, {name: 0.9, "b": 0.1}, span, title=name)
    assert len(list(tmp_path.iterdir())) == 6
    for path in tmp_path.iterdir():
        check_picture(path)


@pytest.mark.filterwarnings("error")
def test_silence_can_be_drawn(tmp_path: Path) -> None:
    rows, span = np.zeros((16, 30), np.float32), Span(3.0, "mel band", 16)
    pair = Reconstruction("silence", "none", rows, rows)
    assert pair.error == 0
    plot_spread(tmp_path / "1.png", rows, rows, span, title="silence")
    plot_reconstructions(tmp_path / "2.png", [pair], span, title="silence")
    plot_reconstructions(
        tmp_path / "3.png", [replace(pair, before=rows[0], after=rows[0])], span, title="s"
    )
    plot_heat_maps(tmp_path / "4.png", np.zeros((30, 12)), np.zeros((30, 12)), None, title="silence")
    stages = {"convolution": np.zeros((3, 2, 30), np.float32), "dense": np.zeros(5, np.float32)}
    plot_layers(tmp_path / "5.png", rows, stages, {"a": 1.0}, span, title="silence")
    assert len(list(tmp_path.iterdir())) == 5


def test_an_error_is_a_share_of_the_variance() -> None:
    wave = np.array([1, -1, 1, -1], np.float32)
    assert Reconstruction("", "", wave, np.zeros(4, np.float32)).error == 1
    assert Reconstruction("", "", wave, wave).error == 0


def test_figures_that_are_not_there_are_left_out() -> None:
    found = tables.space_figures(Space(None, None, None, None, 1))
    assert list(found.values()) == ["–", "–"]
    found = tables.space_figures(Space(0.5, 0.1, 0.2, 0.25, 20))
    assert list(found.values()) == ["50 %", "0.20", "25.0 %"] and "(10 % by chance)" in next(iter(found))
    few = tables.space_figures(Space(0.5, 0.1, 0.2, 0.25, 19))
    assert list(few.values()) == ["–", "–", "25.0 %"] and "chance)" not in next(iter(few))
    assert Epoch.__dataclass_fields__.keys() >= {"loss", "validation_loss"}
