"""What `--report DIR` writes: pictures that show something, and a page that shows them all."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import torch
from matplotlib import image
from sklearn.metrics import average_precision_score

from groovecli.datasets.cache import with_features
from groovecli.errors import StorageError
from groovecli.evaluation.judged import Judged
from groovecli.evaluation.measure import Measured, measure, scored
from groovecli.evaluation.neighbours import Space, space
from groovecli.evaluation.results import Evaluated
from groovecli.features.power import scaled_power, spread_power
from groovecli.features.registry import feature
from groovecli.models.loaded import LoadedModel
from groovecli.networks.build import build
from groovecli.reports import tables
from groovecli.reports.evaluation import write_evaluation
from groovecli.reports.figures import of_evaluation, of_training, write_figures, write_plot
from groovecli.reports.plots.scores import Curve, plot_precision_recall
from groovecli.reports.plots.sounds import (
    Reconstruction,
    Span,
    plot_heat_maps,
    plot_layers,
    plot_reconstructions,
    plot_spread,
)
from groovecli.reports.sections import listed as listing
from groovecli.reports.sections.listed import listed, room
from groovecli.reports.sections.space import sample
from groovecli.reports.subject import Songs, curves
from groovecli.reports.text import TextTable, as_html
from groovecli.reports.training import write_training
from groovecli.reports.web.frame import Section
from groovecli.training.loop import Epoch
from groovecli.training.record import history_of
from groovecli.training.request import TrainRequest
from tests.cli.conftest import groove, groove_json
from tests.conftest import tone
from tests.small import QUICK, World, describing, loaded, untrained, world

ODD = '<script>alert("$x$") & \U0001f3b5 日本'
MAPS = {"embeddings-pca", "embeddings-tsne"}
OF_GENRES = {"confusion", "precision-recall", "logits-pca", "logits-tsne"}
OF_CONFIDENCE = {"reliability", "coverage"}
FILES = ["evaluation.json", "index.html"]


class Reader(HTMLParser):
    """The text, the pictures, the links and the headings of a page."""

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
    assert 200 < height < 6000 and 200 < width < 6000, path
    assert pixels[..., :3].std() > 0.02, path


def check_page(files: Sequence[Path]) -> Reader:
    """The page is all in one file, no more than 300 kB; each picture has a text in its place."""
    page = files[-1]
    assert [path.suffix for path in files if path.suffix != ".json"] == [".html"]
    assert page.stat().st_size < 300_000
    read = Reader(page)
    assert all(picture["alt"] and str(picture["src"]).startswith("data:") for picture in read.images)
    assert not read.tags & {"iframe", "object", "embed", "form"}
    assert not [link for link in read.links if "://" in link]
    return read


def check_figures(folder: Path, of: Evaluated) -> set[str]:
    """Each figure is there as PNG and as SVG; their names."""
    files = write_figures(folder, of_evaluation(of))
    for path in files:
        if path.suffix == ".png":
            check_picture(path)
        else:
            assert "<svg" in path.read_text("utf-8")
    names = {path.stem for path in files}
    assert {path.name for path in files} == {f"{name}{end}" for name in names for end in (".png", ".svg")}
    return names


def measured_by(made: World, model: LoadedModel, **changes: object) -> Measured:
    about = model.description
    dataset = with_features(made.dataset(), about.features, jobs=1)
    return measure(dataset, model, of_genres=about.genres, **changes)


def evaluated(
    made: World,
    model: LoadedModel,
    measured: Measured | None = None,
    history: tuple[Epoch, ...] = (),
) -> Evaluated:
    measured = measured or measured_by(made, model)
    evaluation = scored(model, measured) if model.description.genres else None
    return Evaluated(model, measured, evaluation, space(model, measured), history, seed=0)


def report(
    made: World,
    model: LoadedModel,
    folder: Path,
    measured: Measured | None = None,
    history: tuple[Epoch, ...] = (),
) -> tuple[Path, ...]:
    return write_evaluation(folder, evaluated(made, model, measured, history))


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
        ("time-cnn", OF_GENRES | {"layers"}),
        ("two-layer", OF_GENRES),
        ("deep-softmax-autoencoder", OF_GENRES | {"reconstructions"}),
    ],
)
def test_a_classifier_has_all_that_suits_it(
    small: World, tmp_path: Path, network: str, names: set[str]
) -> None:
    model = model_of(small, network)
    files = report(small, model, tmp_path / "new" / "report")
    assert [path.name for path in files] == FILES
    assert check_figures(tmp_path / "figures", evaluated(small, model)) == names | MAPS
    read = check_page(files)
    for name in names - OF_GENRES:
        assert f">{name}</a>" in files[-1].read_text()
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
    card = re.search(r'<div class="card (good|unsure|bad)">.*?</nav>', body)
    assert right and card and right.start() < card.start() < body.index("<table")
    said = re.sub("<[^>]*>", " ", card[0])
    assert re.search(rf" {right[1]} of 8\s+test songs right \(95 % sure: \d to \d\)", said)
    assert "than guessing (4 of 8)." in said and "always saying high, the largest genre." in said
    assert card[1] == ("bad" if int(right[1]) <= 4 else "unsure")


def test_confidence_is_drawn_of_enough_songs(
    small: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "FEWEST_FOR_CONFIDENCE", 8)
    model = model_of(small, "two-layer")
    assert check_figures(tmp_path / "figures", evaluated(small, model)) >= OF_GENRES | OF_CONFIDENCE
    read = check_page(report(small, model, tmp_path))
    for words in ("points off on average", "--min-confidence", "80 % right", "90 % right", "too sure"):
        assert words in read.text
    assert "few songs: " not in read.text


@pytest.mark.parametrize(
    ("network", "names"), [("conv-autoencoder", {"tanh"}), ("vanilla-autoencoder", set())]
)
def test_an_autoencoder_has_reconstructions_and_no_genres(
    small: World, tmp_path: Path, network: str, names: set[str]
) -> None:
    model = model_of(small, network, ())
    files = report(small, model, tmp_path)
    assert [path.name for path in files] == FILES
    found = check_figures(tmp_path / "figures", evaluated(small, model))
    assert found == names | MAPS | {"reconstructions"}
    read = check_page(files)
    assert "accuracy" not in read.text and "reconstruction error" in read.text
    assert re.search(r"\d; (low|high), from \d+ s; error \d+ %", read.text)  # songs' names are their files'
    n_images = len([each for each in read.images if "reconstruction: " in str(each["alt"])])
    assert n_images == (4 if network == "conv-autoencoder" else 0)
    assert "8 test songs of dataset default, split by song" in read.text
    figures = json.loads(files[0].read_text())
    assert figures["space"]["reconstruction_error"] > 0
    assert figures["model"] == "some" and figures["leaky"] is False and "per_song" not in figures


def test_a_network_that_eats_chroma_has_heat_maps(small: World, tmp_path: Path) -> None:
    hyper = {"epochs": 1, "min_songs": 0, "resample": None}
    result = small.train(TrainRequest(network="seq-cnn", name="chroma", hyper=hyper))
    of = evaluated(small, loaded(result))
    assert check_figures(tmp_path / "figures", of) >= {"chroma-timbre"} | OF_GENRES
    assert "chroma and timbre of" in check_page(write_evaluation(tmp_path, of)).text


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
        names = check_figures(tmp_path / "figures", evaluated(small, model, one))
        assert "embeddings-pca" in names and "embeddings-tsne" not in names
        assert "–" in check_page(files).text and "Map of 1 test song" in Reader(files[-1]).text
        assert "7 test songs that the model was trained on are left out" in Reader(files[-1]).text


def test_songs_that_are_gone_leave_a_picture_out(tmp_path: Path) -> None:
    with world(tmp_path, n_songs=5) as lost:
        lost.ingest(clip_s=10.0, test_share=0.5, features=("spec-256",))
        shutil.rmtree(lost.library)
        of = evaluated(lost, model_of(lost, "conv-autoencoder", ()))
        assert "tanh" not in check_figures(tmp_path / "figures", of)
        files = write_evaluation(tmp_path / "report", of)
        assert '"p":null' in files[-1].read_text() and "tanh" not in check_page(files).text


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
        page = files[-1].read_text()
        assert "<img src=x" not in page and page.count("<script") == 4
        assert read.text.count(ODD) >= 2 and "$\\frac{" in read.text
        check_figures(tmp_path / "figures", evaluated(odd, model, measured))


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
    monkeypatch.setattr(listing, "_MOST_DOTS", 7)
    read = check_page(report(small, model_of(small, "two-layer"), tmp_path))
    assert "Map of 7 test songs" in read.text and "7 songs of 8, drawn at random" in read.text


def test_a_page_lists_songs_on_the_map_and_then_mistakes(tmp_path: Path) -> None:
    songs = [Judged(f"{n}", None, "a", "ab"[n % 2], n / 3000, "x" * 99) for n in range(3000)]
    found = listed(songs, ("a", "b"), tmp_path, on_map=[4, 2])
    assert 300 < len(found.songs) < 700 and len(json.dumps(found.data)) < 70_000
    assert [found.numbers["4"], found.numbers["2"]] == [0, 1]
    mistakes = found.songs[2:]
    assert all(song["g"] == 1 for song in mistakes)
    assert [song["c"] for song in mistakes] == sorted((song["c"] for song in mistakes), reverse=True)
    assert len(listed(songs, ("a", "b"), tmp_path, most_bytes=1000).songs) < 10


def test_a_map_shows_as_many_mistakes_as_there_are() -> None:
    """Of more songs than it draws, a random part: not those that the page lists first."""
    on_map = sample(np.zeros((3000, 4)), 300, seed=0)
    assert len(set(on_map)) == 300 and 0.4 < np.mean([number < 1500 for number in on_map]) < 0.6
    assert sample(np.zeros((3000, 1)), 300, seed=0) == []


def test_large_sections_leave_less_room() -> None:
    empty, full = room([]), room([Section("", "x" * 230_000)])
    assert (empty.n_bytes, empty.n_dots) == (60_000, 300)
    assert full.n_bytes < 20_000 and full.n_dots < 150
    assert room([Section("", "x" * 400_000)]).n_dots == 30


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
        assert [path.name for path in files] == ["index.html"]
        read = check_page(files)
        (plot,) = write_plot(tmp_path / "curve.png", of_training(result))
        check_picture(plot)
        for words in ("2 epochs", "learning rate", "0.0001", "adam", "clips per genre"):
            assert words in read.text, words
        assert re.search(r"high \d+, low \d+", read.text)
        history = history_of(result.path)
        assert history == result.epochs
        whole = report(made, loaded(result), tmp_path / "report", history=history)
        read = check_page(whole)
        assert "epoch 2 is kept" in read.text or "epoch 1 is kept" in read.text
        assert "learning rate" in read.text
        assert "curve" in check_figures(
            tmp_path / "figures", evaluated(made, loaded(result), None, history)
        )


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
        check_page([tmp_path / "training" / "index.html"])
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


def test_a_table_of_text_is_escaped_and_none_without_rows() -> None:
    table = str(as_html(TextTable(ODD, (ODD, "b"), ((ODD, "\udcff"),), note=ODD)))
    assert "<script" not in table and table.count("&lt;script&gt;") == 5 and "\ufffd" in table
    assert as_html(TextTable("nothing in it", ("a", "b"), ())) is None


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
