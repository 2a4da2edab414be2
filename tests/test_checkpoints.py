"""Model files, which model serves, and files that are none."""

from __future__ import annotations

import json
import pickle
import struct
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from groovecli.errors import GrooveError, ModelError, UsageError
from groovecli.features.registry import feature
from groovecli.home import Home
from groovecli.models.file import Description, StoredModel, describe
from groovecli.models.loaded import load_model, open_model
from groovecli.models.shelf import Shelf, shipped_models
from groovecli.models.tensors import check_weights
from groovecli.models.weights import build_for, save_model
from groovecli.networks.build import build
from groovecli.networks.registry import MODELS, ModelSpec
from tests.small import describing, untrained

CPU = torch.device("cpu")
SMALL = describing(clip_s=3.0)


@pytest.fixture
def model_file(tmp_path: Path) -> Path:
    return untrained(tmp_path / "some" / "model.safetensors", SMALL).path


@pytest.fixture
def shipped_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "pretrained"
    folder.mkdir()
    monkeypatch.setattr("groovecli.models.shelf.shipped", lambda _: folder)
    return folder


def put(folder: Path, name: str, network: str = "time-cnn", created: str = "2026-01-01") -> None:
    genres = () if network == "conv-autoencoder" else ("high", "low")
    clip_s = 10.0 if network == "conv-autoencoder" else 3.0
    description = describing(network, name=name, genres=genres, created=created, clip_s=clip_s)
    untrained(folder / name / "model.safetensors", description)


# Round trips


def test_a_description_survives_the_file(tmp_path: Path) -> None:
    full = replace(
        SMALL,
        genres=("ärger", "日本", "a $ b"),
        data={"leaky": False, "songs": {"train": 8}},
        training={"epochs": 3, "part": [1, 2]},
        metrics={"loss": 0.5},
        licence="CC0-1.0",
    )
    stored = untrained(tmp_path / "model.safetensors", full)
    assert describe(stored.path) == full
    assert load_model(stored, CPU).description == full


def test_a_description_says_everything(model_file: Path) -> None:
    fields = describe(model_file).to_json()
    assert json.loads(json.dumps(fields))["format"] == 2
    wanted = {
        "name", "network", "features", "genres", "dropout", "created", "dataset", "split_by", "data",
        "training", "metrics", "groove_version", "licence",
    }  # fmt: skip
    assert wanted < fields.keys()
    assert list(fields["features"]) == [asdict(feature("mel-323", 3.0))]


def test_unknown_fields_of_a_later_groove_are_passed_over() -> None:
    assert Description.from_json({**SMALL.to_json(), "mood": "sunny"}) == SMALL


def test_the_weights_survive_the_file(tmp_path: Path) -> None:
    network = build("time-cnn", [SMALL.features[0].input_shape], n_genres=2)
    network.norm.running_mean += 3
    save_model(tmp_path / "m", network, SMALL)
    loaded = load_model(StoredModel(tmp_path / "m", SMALL), CPU)
    there = loaded.network.state_dict()
    assert all(torch.equal(tensor, there[name]) for name, tensor in network.state_dict().items())
    assert not loaded.network.training
    assert all(p.requires_grad for p in loaded.network.parameters())


def test_a_dense_of_before_there_were_scales_answers_as_it_did(tmp_path: Path) -> None:
    """Its file lacks them: sound and lyrics go as they are into the first layer."""
    about = describing("dense")
    stored = untrained(tmp_path / "model.safetensors", about)
    tensors = load_file(stored.path)
    with safe_open(stored.path, framework="pt") as file:
        header = json.loads(file.metadata()["groove"])
    tensors.pop("scales")
    header.pop("sha256")
    save_file(tensors, stored.path, metadata={"groove": json.dumps(header)})
    network = load_model(stored, CPU).network
    frames, lyrics = torch.randn(3, 300, 24), torch.randn(3, 100)
    with torch.no_grad():
        heard = network.standardise(frames.flatten(0, 1)).view(3, -1)
        read = F.normalize(lyrics, dim=1) * 10
        expected = network.genres(network.dense(torch.cat([heard, read], dim=1)))
        assert torch.equal(network(frames, lyrics).logits, expected)
    save_model(stored.path, network, about)  # as a model that is extended by a genre is
    assert load_model(stored, CPU).network.state_dict()["scales"].tolist() == [1, 1]


def test_half_a_file_answers_nearly_the_same(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = build("time-cnn", [SMALL.features[0].input_shape], n_genres=2).eval()
    network.norm.running_var.fill_(1e6)  # beyond float16
    save_model(tmp_path / "whole", network, SMALL)
    save_model(tmp_path / "half", network, SMALL, half=True)
    sizes = [(tmp_path / name).stat().st_size for name in ("whole", "half")]
    assert sizes[1] < 0.52 * sizes[0]
    assert load_file(tmp_path / "half")["dense1.weight"].dtype == torch.float16
    loaded = load_model(StoredModel(tmp_path / "half", SMALL), CPU).network
    assert {p.dtype for p in loaded.parameters()} == {torch.float32}
    x = torch.rand(2, 1, 323, 33)
    with torch.no_grad():
        assert torch.allclose(network(x).logits, loaded(x).logits, atol=2e-3)


def test_the_shipped_kind_is_under_eight_megabytes(tmp_path: Path) -> None:
    description = describing(genres=tuple("abcdefghij"))
    save_model(tmp_path / "m", build_for(description), description, half=True)
    assert (tmp_path / "m").stat().st_size < 8e6


def test_the_id_changes_with_the_weights(tmp_path: Path) -> None:
    ids = []
    for seed in (0, 0, 0, 0, 1):
        torch.manual_seed(seed)
        save_model(tmp_path / "m", build("time-cnn", [SMALL.features[0].input_shape], n_genres=2), SMALL)
        ids.append(load_model(StoredModel(tmp_path / "m", SMALL), CPU).id)
    assert len(set(ids[:4])) == 1 and ids[3] != ids[4]


def test_a_loaded_model_outlives_its_file(model_file: Path) -> None:
    loaded = load_model(StoredModel(model_file, SMALL), CPU)
    before = [p.clone() for p in loaded.network.parameters()]
    model_file.write_bytes(b"\0" * model_file.stat().st_size)
    assert all(torch.equal(a, b) for a, b in zip(before, loaded.network.parameters(), strict=True))


def test_an_opened_model_is_read_when_it_has_to_answer(model_file: Path) -> None:
    stored = StoredModel(model_file, SMALL)
    assert open_model(stored).id == load_model(stored, CPU).id
    broken = bytearray(model_file.read_bytes())
    broken[-1] ^= 1
    model_file.write_bytes(broken)
    opened = open_model(stored)
    with pytest.raises(ModelError, match="not as they were written"):
        _ = opened.network


def test_a_file_that_was_replaced_meanwhile_is_refused(model_file: Path) -> None:
    """Its answers would be kept as those of the model that was opened."""
    opened = open_model(StoredModel(model_file, SMALL))
    network = build("time-cnn", [SMALL.features[0].input_shape], n_genres=2)
    save_model(model_file, network, SMALL)
    with pytest.raises(ModelError, match="replaced while it was in use"):
        _ = opened.device


# Which model serves


@pytest.mark.usefixtures("home")
def test_no_model_at_all(shipped_folder: Path) -> None:
    with pytest.raises(ModelError, match="no included model") as caught:
        Shelf(Home.default()).find()
    assert "groove models use NAME" in caught.value.hint
    shipped_folder.rmdir()
    with pytest.raises(ModelError, match="no included model"):
        Shelf(Home.default()).find()


@pytest.mark.usefixtures("home")
def test_no_training_serves_before_it_is_chosen(shipped_folder: Path) -> None:
    put(shipped_folder, "ours")
    served = Shelf(Home.default()).find()
    assert served.description.name == "ours" and served.is_shipped
    put(Home.default().models, "first", created="2026-01-01T10:00:00+00:00")
    put(Home.default().models, "second", created="2026-02-01T09:00:00+00:00")
    assert Shelf(Home.default()).find().description.name == "ours"
    assert Shelf(Home.default()).find("first").description.name == "first"
    assert Shelf(Home.default()).find("ours").is_shipped
    put(Home.default().models, "squeeze", "conv-autoencoder", created="2026-03-01T09:00:00+00:00")
    assert Shelf(Home.default()).find().description.name == "ours"
    assert Shelf(Home.default()).find(with_genres=True).description.name == "ours"
    assert Shelf(Home.default()).measurable().description.name == "second"
    assert [m.description.name for m in Shelf(Home.default()).trained()] == ["squeeze", "second", "first"]


@pytest.mark.usefixtures("home")
def test_a_networks_name_is_its_latest_training(shipped_folder: Path) -> None:
    put(shipped_folder, "ours")
    with pytest.raises(
        ModelError, match="time-cnn is a network, and you have trained no model of it"
    ) as caught:
        Shelf(Home.default()).find("time-cnn")
    assert caught.value.hint.endswith("`groove train --network time-cnn`")
    put(Home.default().models, "b", created="2026-01-01")
    put(Home.default().models, "a", created="2026-01-02")
    assert Shelf(Home.default()).find("time-cnn").description.name == "a"
    with pytest.raises(ModelError, match="trained no model"):
        Shelf(Home.default()).find("conv-autoencoder")


@pytest.mark.usefixtures("home", "shipped_folder")
def test_a_model_without_genres_is_refused_where_genres_are_needed() -> None:
    put(Home.default().models, "squeeze", "conv-autoencoder")
    assert Shelf(Home.default()).find("squeeze").description.genres == ()
    for name in ("squeeze", "conv-autoencoder"):
        with pytest.raises(ModelError, match="names no genres"):
            Shelf(Home.default()).find(name, with_genres=True)


@pytest.mark.usefixtures("home", "shipped_folder")
def test_an_unknown_name_is_told_what_there_is() -> None:
    with pytest.raises(ModelError, match="there are: none"):
        Shelf(Home.default()).find("nothing")
    put(Home.default().models, "rocks")
    with pytest.raises(ModelError, match="there are: rocks"):
        Shelf(Home.default()).find("nothing")


@pytest.mark.usefixtures("shipped_folder")
@pytest.mark.parametrize("name", ["../outside", "a/b", "", "..", ".", "/etc", "a\0b", "-x"])
def test_names_that_are_paths_are_refused(home: Path, name: str) -> None:
    put(home, "outside")
    with pytest.raises(UsageError, match="can't be the name of a model"):
        Shelf(Home.default()).find(name)


@pytest.mark.usefixtures("home", "shipped_folder")
def test_a_damaged_model_is_left_out_of_lists_and_told_by_name() -> None:
    put(Home.default().models, "sound")
    put(Home.default().models, "damaged", created="2026-09-09")
    (Home.default().models / "damaged" / "model.safetensors").write_bytes(b"oh")
    assert [m.description.name for m in Shelf(Home.default()).trained()] == ["sound"]
    (damaged,) = Shelf(Home.default()).damaged()
    assert damaged.name == "damaged"
    with pytest.raises(ModelError, match="damaged"):
        Shelf(Home.default()).find("damaged")


# What earlier grooves wrote


def as_format_1(description: Description) -> dict[str, Any]:
    """The header that the first groove wrote of a network that eats mel-323."""
    (spec,) = description.features
    old = {
        name: getattr(spec, name)
        for name in (
            "name",
            "kind",
            "sr",
            "n_fft",
            "hop_length",
            "n_bands",
            "n_frames",
            "clip_s",
            "low",
            "high",
        )
    }
    fields = {
        **description.to_json(),
        "format": 1,
        "feature": {**old, "window_s": 3.0, "divide_by_mean": True},
    }
    del fields["features"]
    return fields


def test_a_model_of_the_first_format_is_the_same_model(model_file: Path) -> None:
    before = load_model(StoredModel(model_file, SMALL), CPU)
    header = json.dumps(as_format_1(SMALL))
    save_file(load_file(model_file), model_file, metadata={"groove": header})
    assert describe(model_file) == SMALL
    after = load_model(StoredModel(model_file, SMALL), CPU)
    x = torch.rand(2, 1, 323, 33)
    with torch.no_grad():
        assert torch.equal(before.network(x).logits, after.network(x).logits)


@pytest.mark.parametrize(
    "change",
    [
        {"name": "mel-9000"},
        {"name": "lyrics"},
        {"name": "spec-256"},
        {"clip_s": 1e9},
        {"clip_s": 4.0},
        {"clip_s": float("nan")},
        {"clip_s": "long"},
        {"clip_s": None},
    ],
    ids=str,
)
def test_first_formats_that_make_no_sense_are_refused(model_file: Path, change: dict[str, Any]) -> None:
    fields = as_format_1(SMALL)
    header = json.dumps({**fields, "feature": {**fields["feature"], **change}})
    save_file(load_file(model_file), model_file, metadata={"groove": header})
    with pytest.raises(ModelError, match="can't be used"):
        load_model(StoredModel(model_file, SMALL), CPU)


def test_the_shipped_model_answers() -> None:
    (stored,) = shipped_models()
    assert stored.description.name == "groove-net"
    assert stored.description.features == (feature("mel-2x96", 45.0), feature("mel-128", 45.0))
    network = load_model(stored, CPU).network
    with torch.no_grad():
        output = network(*(torch.rand(1, *spec.input_shape) for spec in stored.description.features))
    assert output.logits.shape == (1, 10) and output.embedding.shape == (1, 720)


# Every network


@pytest.mark.parametrize("row", MODELS.values(), ids=lambda row: row.name)
def test_any_network_survives_its_file(row: ModelSpec, tmp_path: Path) -> None:
    clip_s = 10.0 if row.name in ("conv-autoencoder", "transfer") else 4.0
    genres = ("high", "low", "mid") if row.has_genres else ()
    description = describing(row.name, genres=genres, clip_s=clip_s)
    loaded = load_model(untrained(tmp_path / "m", description), CPU)
    assert loaded.description == description
    inputs = [torch.rand(2, *spec.input_shape) for spec in description.features]
    with torch.no_grad():
        output = loaded.network(*inputs)
        again = load_model(StoredModel(tmp_path / "m", description), CPU).network(*inputs)
    assert torch.equal(output.embedding, again.embedding)
    assert output.embedding.shape == (2, row.embedding_dim)
    assert (output.logits is None) == (not row.has_genres)
    assert (output.reconstruction is None) == (not row.reconstructs)


def test_what_a_description_says_of_its_inputs() -> None:
    song, clip = describing("seq-cnn"), describing(clip_s=4.0)
    assert song.takes_songs and song.clip_s == 30.0
    assert not clip.takes_songs and clip.clip_s == 4.0


# Files that are none


def rewritten(path: Path, change: dict[str, Any], *, drop: tuple[str, ...] = ()) -> Path:
    """The same weights under a header that says something else."""
    fields = {**describe(path).to_json(), **change}
    header = json.dumps({key: value for key, value in fields.items() if key not in drop})
    save_file(load_file(path), path, metadata={"groove": header})
    return path


def test_a_newer_format_is_refused(model_file: Path) -> None:
    with pytest.raises(ModelError, match="newer groove") as caught:
        describe(rewritten(model_file, {"format": 3}))
    assert caught.value.hint == "upgrade groove"


class Payload:
    """Pickled, it touches a file when it is read."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.mark,)


def bad_files(sound: bytes, mark: Path) -> dict[str, bytes]:
    payload = pickle.dumps(Payload(mark))
    deep = json.dumps({"__metadata__": {"groove": "[" * 100_000}}).encode()
    return {
        "empty": b"",
        "text": b"this is no model\n" * 100,
        "truncated in its header": sound[:100],
        "truncated in its weights": sound[:-1000],
        "longer than it says": sound + b"\0" * 8,
        "a pickle": payload,
        "a pickle behind a length": struct.pack("<Q", len(payload)) + payload,
        "an endless header": struct.pack("<Q", 2**63) + b"{}",
        "a deep header": struct.pack("<Q", len(deep)) + deep,
        "a list": struct.pack("<Q", 2) + b"[]",
        "no description": struct.pack("<Q", 2) + b"{}",
        "an oversized tensor": _with_tensor([2**40, 2**20]),
    }


def _with_tensor(shape: list[int]) -> bytes:
    header = json.dumps({"w": {"dtype": "F32", "shape": shape, "data_offsets": [0, 4]}}).encode()
    return struct.pack("<Q", len(header)) + header + b"\0" * 4


@pytest.mark.parametrize("kind", bad_files(b"", Path()))
def test_files_that_are_no_models_are_refused_and_run_nothing(
    model_file: Path, tmp_path: Path, kind: str
) -> None:
    mark = tmp_path / "it ran"
    path = tmp_path / "bad.safetensors"
    path.write_bytes(bad_files(model_file.read_bytes(), mark)[kind])
    with pytest.raises(ModelError, match=r"the model file .*bad\.safetensors can't be used") as caught:
        load_model(StoredModel(path, SMALL), CPU)
    assert "\n" not in caught.value.what and caught.value.hint
    assert not mark.exists()


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "missing", tmp_path):
        with pytest.raises(ModelError, match=str(path)):
            describe(path)


def test_a_torch_file_is_refused_and_runs_nothing(tmp_path: Path) -> None:
    torch.save(Payload(tmp_path / "it ran"), tmp_path / "m")
    with pytest.raises(ModelError):
        describe(tmp_path / "m")
    assert not (tmp_path / "it ran").exists()


@pytest.mark.parametrize(
    "change",
    [
        {"network": "transformer-9000"},
        {"network": ["time-cnn"]},
        {"network": "conv-autoencoder"},
        {"name": "../../elsewhere"},
        {"name": 7},
        {"created": None},
        {"genres": []},
        {"genres": ["high", 7]},
        {"genres": ["high", "high"]},
        {"genres": ["high", "low", "middle"]},
        {"dropout": 7},
        {"dropout": "much"},
        {"metrics": [1]},
        {"features": {}},
        {"features": []},
        {"features": 7},
        {"features": "mel-323"},
        {"features": ["mel-323"]},
        {"features": [{}]},
        {"features": [asdict(SMALL.features[0])] * 2},
        {"features": [asdict(feature("chroma-timbre"))]},
        {"features": [asdict(feature("lyrics"))]},
        {"features": [asdict(feature("wave-8k", 4.0))]},
        *(
            {"features": [{**asdict(SMALL.features[0]), **wrong}]}
            for wrong in (
                {"n_frames": 10**15},
                {"n_frames": 44},
                {"n_frames": "33"},
                {"n_bands": -323},
                {"sr": 0},
                {"hop_length": 0.5},
                {"kind": "os.system"},
                {"kind": "lyrics"},
                {"kind": ["mel"]},
                {"name": "../mel"},
                {"scale": "twice"},
                {"n_windows": 2},
                {"n_windows": 0},
                {"clip_s": 1e9},
                {"window_s": 0},
                {"window_s": 1e-9},
                {"window_s": float("nan")},
                {"low": 5.0},
                {"mood": "sunny"},
            )
        ),
    ],
    ids=str,
)
def test_descriptions_that_make_no_sense_are_refused(model_file: Path, change: dict[str, Any]) -> None:
    with pytest.raises(ModelError, match="can't be used"):
        load_model(StoredModel(rewritten(model_file, change), SMALL), CPU)


@pytest.mark.parametrize("features", [[], [asdict(feature("lyrics"))]], ids=len)
def test_a_model_that_hears_nothing_is_refused_before_its_weights(
    model_file: Path, features: list[dict[str, Any]]
) -> None:
    with pytest.raises(ModelError, match="it has no sound as input"):
        describe(rewritten(model_file, {"features": features}))


@pytest.mark.parametrize("field", ["name", "network", "features", "genres", "created", "split_by"])
def test_descriptions_that_lack_something_are_refused(model_file: Path, field: str) -> None:
    with pytest.raises(ModelError, match=field):
        describe(rewritten(model_file, {}, drop=(field,)))


def test_weights_that_do_not_fit_or_are_no_numbers_are_refused(model_file: Path) -> None:
    header, weights = {"groove": json.dumps(SMALL.to_json())}, load_file(model_file)

    def refused(changed: dict[str, torch.Tensor], why: str) -> None:
        save_file(changed, model_file, metadata=header)
        with pytest.raises(ModelError, match=why):
            load_model(StoredModel(model_file, SMALL), CPU)

    refused({name: w for name, w in weights.items() if name != "dense2.bias"}, "dense2.bias")
    refused({**weights, "extra": torch.zeros(1)}, "extra")
    refused({**weights, "dense2.bias": torch.zeros(255)}, "dense2.bias")
    refused({**weights, "dense2.bias": torch.full((256,), torch.nan)}, "finite")
    refused({**weights, "dense2.bias": torch.zeros(256, dtype=torch.int32)}, "fit")


@pytest.mark.parametrize("network", [row.name for row in MODELS.values()])
def test_no_network_is_built_for_inputs_that_it_cannot_eat(network: str, tmp_path: Path) -> None:
    fitting = describing(network, genres=("a", "b") if MODELS[network].has_genres else ())
    wrong = (feature("chroma-timbre"), feature("mel-323"), feature("lyrics"))
    path = tmp_path / "m"
    save_model(path, torch.nn.Identity(), replace(fitting, features=wrong))
    with pytest.raises(ModelError, match=f"m can't be used: its weights do not fit {network}"):
        load_model(StoredModel(path, fitting), CPU)


def test_every_error_has_one_root(tmp_path: Path) -> None:
    with pytest.raises(GrooveError):
        describe(tmp_path / "nothing")


@pytest.mark.parametrize("at", [0.5, 0.99])
def test_weights_of_which_a_bit_is_flipped_are_damaged(tmp_path: Path, at: float) -> None:
    stored = untrained(tmp_path / "model.safetensors", describing("time-cnn"))
    check_weights(stored)
    data = bytearray(stored.path.read_bytes())
    data[int(len(data) * at)] ^= 1
    stored.path.write_bytes(data)
    for read in (check_weights, lambda stored: load_model(stored, CPU)):
        with pytest.raises(ModelError, match="its weights are not as they were written"):
            read(stored)


def test_half_of_the_precision_has_a_checksum_too(tmp_path: Path) -> None:
    stored = untrained(tmp_path / "model.safetensors", about := describing("time-cnn"))
    save_model(stored.path, load_model(stored, CPU).network, about, half=True)
    check_weights(stored)
