"""`groove train`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from groovecli.cli import options, render
from groovecli.cli.progress import watched
from groovecli.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from groovecli.runs import TrainResult


def train(
    model: Annotated[
        str, typer.Option("--model", "-m", help="Network to train; see `groove models`.")
    ] = "time-cnn",
    name: Annotated[
        str | None, typer.Option(help="Name of the trained model. [default: NETWORK-NUMBER]")
    ] = None,
    genres: Annotated[str | None, typer.Option(help="Only these genres of the dataset.")] = None,
    epochs: Annotated[int | None, typer.Option(min=1, help="[default: the paper's]")] = None,
    batch_size: Annotated[int | None, typer.Option(min=1, help="[default: the paper's]")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="[default: the paper's]")] = None,
    optimizer: Annotated[str | None, typer.Option(help="sgd or adam. [default: the paper's]")] = None,
    momentum: Annotated[float | None, typer.Option(help="Of sgd. [default: the paper's]")] = None,
    weight_decay: Annotated[float | None, typer.Option(help="[default: the paper's]")] = None,
    dropout: Annotated[float | None, typer.Option(help="[default: the paper's]")] = None,
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
    from groovecli.catalog import Catalog
    from groovecli.paths import catalog_file
    from groovecli.runs import TrainRequest
    from groovecli.runs import train as train_network
    from groovecli.splits import SPLIT_BY

    hyper = {
        "epochs": epochs,
        "batch_size": batch_size,
        "learning_rate": learning_rate,
        "optimizer": options.choice("--optimizer", optimizer, "sgd", "adam"),
        "momentum": momentum,
        "weight_decay": weight_decay,
        "dropout": dropout,
    }
    request = TrainRequest(
        network=model,
        dataset=dataset,
        name=name,
        genres=options.names(genres),
        hyper={key: value for key, value in hyper.items() if value is not None},
        part=_part(part),
        validation_by=options.choice("--validation-by", validation_by, *SPLIT_BY),
        validation_share=validation_share,
        seed=seed,
        precision=precision,
        recalibrate=recalibrate,
        class_weights=class_weights,
        half=half,
        licence=licence,
    )
    with Catalog(catalog_file()) as catalog, watched() as monitor:
        result = train_network(
            catalog,
            request,
            device=device,
            jobs=jobs,
            resume=resume,
            overwrite=overwrite,
            monitor=monitor,
        )
    if json:
        render.as_json(to_json(result))
    else:
        show(result)
    if result.interrupted:
        render.note(f"interrupted; go on with: groove train --resume --name {result.description.name}")
        raise typer.Exit(ExitCode.INTERRUPTED)
    follow_up = "evaluate" if result.description.genres else "cluster LIBRARY --out playlists --model"
    render.next_step(f"groove {follow_up} {result.description.name}")


def _part(text: str) -> tuple[int, int]:
    k, _, n = text.partition("/")
    if not (k.isdecimal() and n.isdecimal()):
        raise UsageError(f"--part {text} makes no sense", "give K/N, such as 2/5")
    return int(k), int(n)


def to_json(result: TrainResult) -> dict[str, Any]:
    """Plain values of a training."""
    from dataclasses import asdict

    return {
        "schema": 1,
        "model": result.description.name,
        "path": str(result.path),
        "epochs": [asdict(epoch) for epoch in result.epochs],
        "best_epoch": result.best_epoch,
        "interrupted": result.interrupted,
        "seconds": round(result.seconds, 2),
        "description": result.description.to_json(),
    }


def show(result: TrainResult) -> None:
    """Print how a training went."""
    best = result.epochs[result.best_epoch - 1]
    description = result.description
    epochs, spent = render.count(len(result.epochs), "epoch"), render.duration(result.seconds)
    text = f"{description.name}: {epochs} in {spent}, the best was {result.best_epoch}"
    if best.validation_accuracy is not None:
        by = description.metrics["validation_by"]
        text += f", validation accuracy {render.percent(best.validation_accuracy)} (held out by {by})"
    elif best.validation_loss is not None:
        text += f", validation loss {best.validation_loss:.4f}"
    render.answer(text)
    render.answer(f"model, training curve and figures: {result.path.parent}")
