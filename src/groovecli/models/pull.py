"""Models that others published: fetched once from PyPI, checked, and kept as groove's own files.

Nothing that is fetched runs: a wheel is a zip file, of which only files whose SHA-256 is known here
are read.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from torch import nn

from groovecli.errors import GrooveError
from groovecli.features.registry import feature
from groovecli.files import sha256_hex, storage_errors, write_bytes
from groovecli.messages.models import (
    cannot_fetch,
    name_taken,
    not_as_published,
    nothing_to_pull,
    wheel_unreadable,
)
from groovecli.models.file import CARD, WEIGHTS, Description, StoredModel, describe
from groovecli.models.tensorflow import read_bundle
from groovecli.models.weights import build_for, save_model
from groovecli.networks.musicnn import MSD_TAGS, MTT_TAGS, from_tensorflow
from groovecli.networks.registry import model_spec

_TIMEOUT_S = 15


@dataclass(frozen=True)
class PublishedFile:
    """A file in a wheel, and its SHA-256."""

    path: str
    sha256: str


@dataclass(frozen=True)
class Checkpoint:
    """One published set of weights: the model that it becomes, its files, and what is known of it.

    `roc_auc` and `pr_auc` are its authors' figures over the tags of their test songs.
    """

    name: str
    index: PublishedFile
    data: PublishedFile
    tags: tuple[str, ...]
    dataset: str
    created: str
    roc_auc: float
    pr_auc: float


@dataclass(frozen=True)
class Publication:
    """A wheel on PyPI, the network whose weights are in it, and under which licence."""

    network: str
    requirement: str
    wheel: PublishedFile
    megabytes: int
    licence: PublishedFile
    licence_name: str
    checkpoints: tuple[Checkpoint, ...]


@dataclass(frozen=True)
class Pulled:
    """The models of a source, and whether they had to be fetched."""

    models: tuple[StoredModel, ...]
    is_new: bool


PUBLICATIONS = {
    "musicnn": Publication(
        network="musicnn",
        requirement="musicnn==0.1.0",
        wheel=PublishedFile(
            "musicnn-0.1.0-py3-none-any.whl",
            "f38a4890c648c1ddbb141c5d96d2b0a8cfcd36746002d896989f7b88beb65cfa",
        ),
        megabytes=29,
        licence=PublishedFile(
            "musicnn-0.1.0.dist-info/LICENSE.md",
            "60c4194f702ddd969f969577743546327b4e9db560c07ec286be5cec27f55fcd",
        ),
        licence_name="ISC",
        checkpoints=(
            Checkpoint(
                name="musicnn-msd",
                index=PublishedFile(
                    "musicnn/MSD_musicnn/.index",
                    "87f3e0f3550c8d3bafc840374003e5c8af5eeb5ecf6add61af09a7822d3282c8",
                ),
                data=PublishedFile(
                    "musicnn/MSD_musicnn/.data-00000-of-00001",
                    "8579734ee6388f799ed0def4bbd0d1fdcbeaf213ef2a9dc860917bd76a303de6",
                ),
                tags=MSD_TAGS,
                dataset="million-song-dataset",
                created="2019-08-01",
                roc_auc=0.8802,
                pr_auc=0.2891,
            ),
            Checkpoint(
                name="musicnn-mtt",
                index=PublishedFile(
                    "musicnn/MTT_musicnn/.index",
                    "da2d7bb670b2b31e9bc441bb1bd75eca31b5b061f963cc1f9630c1aff3238f57",
                ),
                data=PublishedFile(
                    "musicnn/MTT_musicnn/.data-00000-of-00001",
                    "041f3935e981a65cea739842d30c188d3a7d2adf4410955c8668eb3de4a5acab",
                ),
                tags=MTT_TAGS,
                dataset="magnatagatune",
                created="2019-08-01",
                roc_auc=0.9067,
                pr_auc=0.3831,
            ),
        ),
    )
}


def source(name: str) -> Publication:
    """The published models called `name`, or those that one called so is among.

    Raises
    ------
    UsageError
        There are none; the nearest name is said.
    """
    known = {each: publication for publication in PUBLICATIONS.values() for each in _names(publication)}
    if name not in known:
        raise nothing_to_pull(name, known, PUBLICATIONS)
    return known[name]


def _names(publication: Publication) -> tuple[str, ...]:
    return publication.network, *(checkpoint.name for checkpoint in publication.checkpoints)


def is_here(publication: Publication, models: Path) -> bool:
    """Whether all models of a source are in the folder `models`, so that nothing must be fetched.

    Raises
    ------
    ModelError
        A model of another network has one of their names.
    """
    here = [_is_pulled(publication, checkpoint, models) for checkpoint in publication.checkpoints]
    return all(here)


def _is_pulled(publication: Publication, checkpoint: Checkpoint, models: Path) -> bool:
    path = _path(checkpoint, models)
    try:
        network = describe(path).network
    except GrooveError:  # not here, or damaged
        return False
    if network != publication.network:
        raise name_taken(checkpoint.name, network)
    return True


def pull(publication: Publication, models: Path, wheel: Path | None = None) -> Pulled:
    """Fetch published models into the folder `models`, unless they are there.

    `wheel` is a file that was fetched before.

    Everything is checked and converted before anything is written.

    Raises
    ------
    ModelError
        They can't be fetched, or are not what their authors published.
    StorageError
        groove's home can't be written.
    """
    is_new = not is_here(publication, models)
    if is_new:
        archive = _opened(publication, _read(wheel) if wheel else _fetched(publication))
        licence = _member(archive, publication.licence).decode("utf-8", "replace").strip()
        made = [(each, _converted(publication, each, archive, licence)) for each in publication.checkpoints]
        for checkpoint, (network, description) in made:
            _write(_path(checkpoint, models).parent, network, description)
    paths = (_path(each, models) for each in publication.checkpoints)
    stored = (StoredModel(path, describe(path)) for path in paths)
    return Pulled(tuple(stored), is_new)


def _path(checkpoint: Checkpoint, models: Path) -> Path:
    return models / checkpoint.name / WEIGHTS


def _read(wheel: Path) -> bytes:
    try:
        return wheel.read_bytes()
    except OSError as error:
        raise wheel_unreadable(wheel, error.strerror) from error


def _fetched(publication: Publication) -> bytes:
    """The wheel from PyPI, by pip: it knows the user's proxies, mirrors and certificates.

    Without dependencies, which would be an old TensorFlow; and never as a source archive, which pip
    would run.
    """
    with (
        storage_errors(Path(tempfile.gettempdir())),
        tempfile.TemporaryDirectory(prefix="groove-") as folder,
    ):
        command = [
            *(sys.executable, "-m", "pip", "download", "--quiet", "--no-input"),
            *("--disable-pip-version-check", "--retries", "1", "--timeout", str(_TIMEOUT_S)),
            *("--no-deps", "--only-binary", ":all:", "--dest", folder, publication.requirement),
        ]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
        path = Path(folder) / publication.wheel.path
        if done.returncode or not path.is_file():
            raise cannot_fetch(publication.requirement, _reason(done.stderr))
        return path.read_bytes()


def _reason(stderr: str) -> str:
    """What pip says last, in one line."""
    lines = [line.removeprefix("ERROR:").strip() for line in stderr.splitlines() if line.strip()]
    return lines[-1] if lines else "it says nothing"


def _opened(publication: Publication, wheel: bytes) -> zipfile.ZipFile:
    _check(wheel, publication.wheel)
    return zipfile.ZipFile(io.BytesIO(wheel))


def _member(archive: zipfile.ZipFile, member: PublishedFile) -> bytes:
    content = archive.read(member.path)
    _check(content, member)
    return content


def _check(content: bytes, wanted: PublishedFile) -> None:
    digest = sha256_hex(content)
    if digest != wanted.sha256:
        raise not_as_published(wanted.path, digest, wanted.sha256)


def _converted(
    publication: Publication, checkpoint: Checkpoint, archive: zipfile.ZipFile, licence: str
) -> tuple[nn.Module, Description]:
    """A checkpoint as a network and what its file will say of itself.

    The date is the checkpoint's, so that pulled again it is the same file, with the same embeddings.
    """
    spec = model_spec(publication.network)
    description = Description(
        name=checkpoint.name,
        network=publication.network,
        features=tuple(feature(name) for name in spec.features),
        genres=(),
        dropout=spec.defaults.dropout,
        created=checkpoint.created,
        dataset=checkpoint.dataset,
        split_by="as published",
        data={"tags": list(checkpoint.tags)},
        training={"source": f"{publication.requirement} on PyPI", "paper": spec.paper},
        metrics={"roc_auc": checkpoint.roc_auc, "pr_auc": checkpoint.pr_auc},
        licence=f"{publication.licence_name}\n\n{licence}",
    )
    network = build_for(description)
    tensors = read_bundle(_member(archive, checkpoint.index), _member(archive, checkpoint.data))
    network.load_state_dict(from_tensorflow(tensors))
    return network, description


def _write(folder: Path, network: nn.Module, description: Description) -> None:
    """Write a model and its card, or nothing."""
    try:
        write_bytes(folder / CARD, _card(description).encode())
        save_model(folder / WEIGHTS, network, description)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _card(about: Description) -> str:
    spec, tags, (roc_auc, pr_auc) = about.spec, about.learnt_from.tags, about.figures.published
    return f"""# Model card: {about.name}

{spec.name} ({spec.paper}), with the weights that its authors published. It names no genres of yours.
It serves `groove embed` and `groove cluster` once you choose it: `groove models use {about.name}`.

| | |
|---|---|
| Input | `{spec.features[0]}`: 3 s, mono, 16,000 Hz, 96 mel bands x 187 frames |
| Gives | {spec.embedding_dim} numbers per window, and the probabilities of {len(tags)} tags |
| Learnt from | {about.dataset}, by its authors |
| Their figures, over tags | ROC-AUC {roc_auc:.4f}, PR-AUC {pr_auc:.4f} |
| From | {about.recipe.source}, checked by SHA-256, its TensorFlow checkpoint converted |

Tags: {", ".join(tags)}.

## Licence

{about.licence}
"""
