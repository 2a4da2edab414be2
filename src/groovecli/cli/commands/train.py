"""`groove train`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from groovecli.cli import options, render
from groovecli.cli.progress import working
from groovecli.cli.views import train as views
from groovecli.errors import ExitCode
from groovecli.messages.options import no_part, no_resampling

if TYPE_CHECKING:
    pass


def train(
    model: Annotated[
        str, typer.Option("--model", "-m", help="Network to train; see `groove models`.")
    ] = "time-cnn",
    name: Annotated[
        str | None, typer.Option(help="Name of the trained model. [default: NETWORK-NUMBER]")
    ] = None,
    genres: Annotated[str | None, typer.Option(help="Only these genres of the dataset.")] = None,
    epochs: Annotated[int | None, typer.Option(min=1, help="[default: the paper's]")] = None,
    minutes: Annotated[float | None, typer.Option(help="Stop after N minutes.", metavar="N")] = None,
    batch_size: Annotated[int | None, typer.Option(min=1, help="[default: the paper's]")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="[default: the paper's]")] = None,
    optimizer: Annotated[str | None, typer.Option(help="sgd or adam. [default: the paper's]")] = None,
    momentum: Annotated[float | None, typer.Option(help="Of sgd. [default: the paper's]")] = None,
    weight_decay: Annotated[float | None, typer.Option(help="[default: the paper's]")] = None,
    dropout: Annotated[float | None, typer.Option(help="[default: the paper's]")] = None,
    l1: Annotated[
        float | None, typer.Option(help="Penalty on the dense layers' weights. [default: the paper's]")
    ] = None,
    l2: Annotated[
        float | None, typer.Option(help="Penalty on their squares. [default: the paper's]")
    ] = None,
    reconstruction_weight: Annotated[
        float | None, typer.Option(help="Share of it in a joint loss. [default: the paper's]")
    ] = None,
    resample: Annotated[
        str | None,
        typer.Option(
            metavar="N,M",
            help="Draw M songs of each genre, N of one far ahead; or none. [default: the paper's]",
        ),
    ] = None,
    min_songs: Annotated[
        int | None, typer.Option(help="Drop genres with fewer songs to learn from. [default: the paper's]")
    ] = None,
    subset: Annotated[
        int | None,
        typer.Option(metavar="N", help="Windows that an epoch sees; 0 is all. [default: the paper's]"),
    ] = None,
    redraw_every: Annotated[
        int | None, typer.Option(help="Epochs until these are drawn anew. [default: the paper's]")
    ] = None,
    chunk_by_chunk: Annotated[
        bool, typer.Option("--chunk-by-chunk", help="Read the cache file after file: for slow disks.")
    ] = False,
    word_vectors: Annotated[
        Path | None,
        typer.Option(help="word2vec or GloVe file, for lyrics. [default: learnt from your own lyrics]"),
    ] = None,
    no_lyrics: Annotated[
        bool, typer.Option("--no-lyrics", help="Let a network that reads lyrics hear sound alone.")
    ] = False,
    report: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Draw the training, and write a page with its settings, there."),
    ] = None,
    part: Annotated[
        str, typer.Option(metavar="K/N", help="Train on the K-th of N equal parts of the clips.")
    ] = "1/1",
    validation_by: Annotated[
        str | None,
        typer.Option(
            help="Hold out whole songs, albums or artists, or clips. [default: as the dataset is split]"
        ),
    ] = None,
    validation_share: Annotated[float, typer.Option(help="Share of training songs held out.")] = 0.1,
    class_weights: Annotated[
        bool, typer.Option("--class-weights/--no-class-weights", help="Let each genre count the same.")
    ] = False,
    recalibrate: Annotated[
        bool,
        typer.Option(
            "--recalibrate/--no-recalibrate", help="Estimate BatchNorm's statistics anew at the end."
        ),
    ] = True,
    unfreeze: Annotated[
        bool,
        typer.Option(
            "--unfreeze",
            help="transfer: fine-tune the whole network, where else only the genres are learnt.",
        ),
    ] = False,
    precision: Annotated[str, typer.Option(help="auto (bf16 on CUDA), float32 or bf16.")] = "auto",
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Train --name anew though there is a model of that name.")
    ] = False,
    half: Annotated[bool, typer.Option("--half", help="Store weights as float16, half the size.")] = False,
    licence: Annotated[str, typer.Option(help="Licence to write into the model's file.")] = "",
    resume: Annotated[
        bool,
        typer.Option("--resume", help="Go on with the latest training of the network, or with --name."),
    ] = False,
    device: options.Device = "auto",
    seed: options.Seed = 0,
    dataset: options.Dataset = "default",
    jobs: options.Jobs = 0,
    json: options.Json = False,
) -> None:
    """Train a network on an ingested library. Ctrl-C keeps what there is; --resume goes on."""
    from groovecli.actions.train import run
    from groovecli.datasets.splits import SPLIT_BY
    from groovecli.reports.evaluation import write_training
    from groovecli.training.request import TrainRequest

    hyper = {
        "epochs": epochs,
        "batch_size": batch_size,
        "learning_rate": learning_rate,
        "optimizer": options.choice("--optimizer", optimizer, "sgd", "adam"),
        "momentum": momentum,
        "weight_decay": weight_decay,
        "dropout": dropout,
        "l1": l1,
        "l2": l2,
        "reconstruction_weight": reconstruction_weight,
        "min_songs": min_songs,
        "subset": subset,
        "redraw_every": redraw_every,
    }
    request = TrainRequest(
        network=model,
        dataset=dataset,
        name=name,
        genres=options.names(genres),
        hyper={key: value for key, value in hyper.items() if value is not None} | _resample(resample),
        part=_part(part),
        validation_by=options.choice("--validation-by", validation_by, *SPLIT_BY),
        validation_share=validation_share,
        seed=seed,
        precision=precision,
        recalibrate=recalibrate,
        unfreeze=unfreeze,
        class_weights=class_weights,
        half=half,
        licence=licence,
        minutes=minutes,
        word_vectors=str(word_vectors.absolute()) if word_vectors else None,
        lyrics=not no_lyrics,
        by_chunk=chunk_by_chunk,
    )
    with working(jobs=jobs, device=device, seed=seed) as context:
        result = run(request, context, resume=resume, overwrite=overwrite)
    files = write_training(report, result) if report else ()
    if json:
        render.as_json(views.to_json(result))
    else:
        views.show(result)
    for file in files:
        render.note(f"wrote {file}")
    if result.interrupted:
        render.note(f"interrupted; go on with: groove train --resume --name {result.description.name}")
        raise typer.Exit(ExitCode.INTERRUPTED)
    if result.is_out_of_time:
        render.note(f"go on with: groove train --resume --name {result.description.name}")
    if gain := views.gain(result):
        render.note(gain)
    follow_up = "evaluate" if result.description.genres else "cluster LIBRARY --out playlists --model"
    render.next_step(f"groove {follow_up} {result.description.name}")


def _part(text: str) -> tuple[int, int]:
    k, _, n = text.partition("/")
    if not (k.isdecimal() and n.isdecimal()):
        raise no_part(text)
    return int(k), int(n)


def _resample(text: str | None) -> dict[str, Any]:
    """What --resample says, as a hyperparameter; nothing where the paper's is meant."""
    if text is None:
        return {}
    if text == "none":
        return {"resample": None}
    largest, _, others = text.partition(",")
    if not (largest.isdecimal() and others.isdecimal()):
        raise no_resampling(text)
    return {"resample": (int(largest), int(others))}
