"""Every network there is, as rows; nothing here imports torch."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from groovecli.messages.networks import no_such_network, ships_trained, weights_are_published
from groovecli.networks.spec import Hyperparameters, ModelSpec, Objective, Published, Shape

__all__ = [
    "MODELS",
    "NETWORKS",
    "Hyperparameters",
    "ModelSpec",
    "Objective",
    "Published",
    "Shape",
    "model_spec",
    "trainable_spec",
]


def _smith() -> Iterator[ModelSpec]:
    yield ModelSpec(
        name="time-cnn",
        summary="convolution along time over 323 mel bands; names genres",
        paper="Smith: Music Classification With Deep Learning",
        features=("mel-323",),
        objective="classify",
        embedding_dim=256,
        similarity="cosine",
        factory="time_cnn:TimeCNN",
        defaults=Hyperparameters(
            "sgd", learning_rate=0.001, batch_size=30, epochs=100, momentum=0.9, dropout=0.2
        ),
        published=Published(
            accuracy=0.8006,
            text="80.06 % of test clips (77.00 % validation, 100 % training)",
            of="clip",
            n_genres=6,
            split_by="song",
            validation_by="clip",
            validation_share=0.1,
            test_share=1 / 7,
        ),
        bf16_on_cuda=True,
    )


def _bertrand() -> Iterator[ModelSpec]:
    yield ModelSpec(
        name="conv-autoencoder",
        summary="squeezes spectrograms into 64 numbers; needs no genres",
        paper="Bertrand & Friedland: Autogroove",
        features=("spec-256",),
        objective="reconstruct",
        embedding_dim=64,
        similarity="euclidean",
        factory="conv_autoencoder:ConvAutoencoder",
        defaults=Hyperparameters(
            "adam", learning_rate=0.001, batch_size=64, epochs=22, subset=60_000, redraw_every=2
        ),
        published=Published(None, "none published", "clip", 0, "window", "window", 0.05, 0.1),
        channels_last_on_cuda=True,
        bf16_on_cuda=True,
    )


def _lengyel() -> Iterator[ModelSpec]:
    """Trained with Adam at Keras's rate; only `seq-cnn`'s batch, epochs and penalties are given."""
    text = {
        "dense": "about 40 %; average precision 0.44, F1 0.42",
        "seq-cnn": "50 to 55 %; average precision 0.48, F1 0.52",
        "seq-lstm": "about 30 % (40 to 45 % with a smaller batch); average precision 0.32, F1 0.48",
    }
    accuracy = {"dense": 0.40, "seq-cnn": 0.55, "seq-lstm": 0.30}
    rows = (
        ("dense", "dense layers over a song's first 30 s of chroma and timbre, and its lyrics", 0.0, 32),
        ("seq-cnn", "convolutions along chroma and along timbre, and lyrics", 1e-4, 10),
        ("seq-lstm", "small recurrent networks along chroma and along timbre, and lyrics", 0.0, 32),
    )
    for name, summary, penalty, batch_size in rows:
        yield ModelSpec(
            name=name,
            summary=summary,
            paper="Lengyel, Devulapalli & Li: Understanding Music with Deep Learning",
            features=("chroma-timbre", "lyrics"),
            objective="classify",
            embedding_dim=50,
            similarity="cosine",
            factory="chroma_lyrics:" + {"dense": "Dense", "seq-cnn": "SeqCNN", "seq-lstm": "SeqLSTM"}[name],
            defaults=Hyperparameters(
                "adam",
                learning_rate=0.001,
                batch_size=batch_size,
                epochs=20,
                l1=penalty / 10,
                l2=penalty,
                resample=(4000, 1000),
                min_songs=10,
            ),
            published=Published(accuracy[name], text[name], "song", 16, "song", "song", 0.3, 6 / 32),
        )


def _hebbar() -> Iterator[ModelSpec]:
    """Optimiser, rate, batch and epochs are not in the paper: Adam 1e-3, batch 32, 30 epochs."""
    rows: tuple[tuple[str, str, str, int, str, float | None, str], ...] = (
        ("mel-lstm", "one recurrent layer along 3 s of mel bands", "mel-120", 64,
         "recurrent_mel:MelLSTM", 0.43, "43 % of test segments (52 % training)"),
        ("cldnn", "convolutions over mel bands, then two recurrent layers", "mel-120", 64,
         "recurrent_mel:CLDNN", None, "none published"),
        ("joint-autoencoder", "squeezes 3 s of mel bands into 250 numbers that also name the genre",
         "mel-120", 250, "joint_autoencoder:JointAutoencoder", 0.52,
         "52 % of test segments with dropout, 50 % without (97 % training)"),
        ("soundnet", "convolutions over raw audio", "wave-8k", 128,
         "soundnet:SoundNet", 0.62, "62 % of test segments (76 % training)"),
        ("soundnet-lstm", "convolutions over raw audio, then two recurrent layers", "wave-8k", 128,
         "soundnet:SoundNetLSTM", 0.66, "66 % of test segments (81 % training)"),
        ("soundnet-deep-lstm", "more and smaller convolutions over raw audio, then two recurrent layers",
         "wave-8k", 128, "soundnet:DeepSoundNetLSTM", None, "none published"),
    )  # fmt: skip
    for name, summary, feature, dim, factory, accuracy, text in rows:
        is_joint = name == "joint-autoencoder"
        yield ModelSpec(
            name=name,
            summary=summary,
            paper="Hebbar & Srinivasa: music2vec",
            features=(feature,),
            objective="joint" if is_joint else "classify",
            embedding_dim=dim,
            similarity="cosine",
            factory=factory,
            defaults=Hyperparameters(
                "adam", learning_rate=0.001, batch_size=32, epochs=30, dropout=0.5 if is_joint else 0.0
            ),
            published=Published(accuracy, text, "window", 8, "window", "window", 0.05, 0.1),
        )


def _sawhney() -> Iterator[ModelSpec]:
    """The rates, batch and epochs are the deep network's; the paper gives no others."""
    rows: tuple[tuple[str, str, Objective, int, str, float | None, str], ...] = (
        ("two-layer", "one hidden layer over 0.9 s of pooled audio", "classify", 128,
         "pooled:TwoLayer", 0.364, "36.4 % of test segments (38.1 % validation, 52.0 % training)"),
        ("vanilla-autoencoder", "squeezes 0.9 s of pooled audio into 64 numbers; needs no genres",
         "reconstruct", 64, "pooled:VanillaAutoencoder", None, "none published"),
        ("deep-softmax-autoencoder", "squeezes 0.9 s of pooled audio into 64 numbers, which name the genre",
         "joint", 64, "pooled:DeepSoftmaxAutoencoder", 0.653,
         "65.3 % of test segments (64.1 % validation, 94.9 % training)"),
    )  # fmt: skip
    for name, summary, objective, dim, factory, accuracy, text in rows:
        yield ModelSpec(
            name=name,
            summary=summary,
            paper="Sawhney, Vasavada & Wang: Latent Feature Extraction for Musical Genres from Raw Audio",
            features=("wave-pooled",),
            objective=objective,
            embedding_dim=dim,
            similarity="euclidean" if objective == "reconstruct" else "cosine",
            factory=factory,
            defaults=Hyperparameters(
                "adam",
                learning_rate=0.0001,
                batch_size=512,
                epochs=200,
                dropout=0.1 if objective == "joint" else 0.0,
                reconstruction_weight=0.9,
            ),
            published=Published(accuracy, text, "window", 4, "window", "window", 0.125, 0.125),
            squared_error="sum" if objective == "joint" else "mean",
        )


def _pons() -> Iterator[ModelSpec]:
    """The facts on its training are in the configuration beside its weights."""
    yield ModelSpec(
        name="musicnn",
        summary="timbres and rhythms in 3 s of mel bands; 50 tags, and 200 numbers that tell songs apart",
        paper="Pons & Serra: musicnn",
        features=("mel-96-musicnn",),
        objective="tag",
        embedding_dim=200,
        similarity="cosine",
        factory="musicnn:MusiCNN",
        defaults=Hyperparameters(
            "adam", learning_rate=0.001, batch_size=32, epochs=6000, weight_decay=1e-5, dropout=0.5
        ),
        published=None,
        n_together=4,
        is_trainable=False,
    )


def _groove() -> Iterator[ModelSpec]:
    """The rate and the epochs are those of `--unfreeze`; without it the genres alone are fitted."""
    rows = (
        ("transfer", "your own genres on top of groove-net", "groove-net", True),
        (
            "groove-net",
            "groove's own: genres, and numbers that tell songs apart",
            "",
            False,
        ),
    )
    for name, summary, starts_from, is_trainable in rows:
        yield ModelSpec(
            name=name,
            summary=summary,
            paper="groove; layers: Won et al.: FCN-5, Pons & Serra: musicnn, Schmid et al.: EfficientAT",
            features=("mel-2x96", "mel-128"),
            objective="classify",
            embedding_dim=720,
            similarity="cosine",
            factory="groove_net:GrooveNet",
            defaults=Hyperparameters("adam", learning_rate=0.0001, batch_size=32, epochs=10, dropout=0.3),
            published=None,
            n_together=1,
            averages="logits",
            joins_genres=True,
            joins_clips=True,
            starts_from=starts_from,
            is_trainable=is_trainable,
        )


def _rows(*makers: Callable[[], Iterator[ModelSpec]]) -> dict[str, ModelSpec]:
    return {spec.name: spec for rows in makers for spec in rows()}


NETWORKS = _rows(_smith, _bertrand, _lengyel, _hebbar, _sawhney, _groove, _pons)
"""All networks, by name."""

MODELS = {name: spec for name, spec in NETWORKS.items() if spec.is_trainable}
"""Those that groove trains."""


def model_spec(name: str) -> ModelSpec:
    """The row of the network called `name`.

    Raises
    ------
    UsageError
        There is no such network; the nearest name is said.
    """
    if name not in NETWORKS:
        raise no_such_network(name, NETWORKS)
    return NETWORKS[name]


def trainable_spec(name: str) -> ModelSpec:
    """The row of the network called `name`, which groove can train.

    Raises
    ------
    UsageError
        There is no such network, or its weights are as they were published.
    """
    if name not in NETWORKS:
        raise no_such_network(name, MODELS)
    spec = NETWORKS[name]
    if spec.objective == "tag":
        raise weights_are_published(name, MODELS)
    if not spec.is_trainable:
        raise ships_trained(name)
    return spec
