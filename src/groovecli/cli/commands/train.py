"""`groove train`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from groovecli.cli import options, outputs, render
from groovecli.cli.progress import working
from groovecli.errors import ExitCode
from groovecli.messages import words
from groovecli.messages.options import no_part, no_resampling
from groovecli.workers.ranks import own_rank

if TYPE_CHECKING:
    from groovecli.actions.own_test import Trained


EVERYDAY, OPTIMISER, LOSSES, ADVANCED = "Everyday", "Optimiser", "Losses", "Advanced"


def train(
    network: Annotated[
        str,
        typer.Option(
            "--network",
            "--model",
            "-m",
            metavar="NAME",
            help="Network to train; `groove models` lists them.",
            rich_help_panel=EVERYDAY,
        ),
    ] = "time-cnn",
    name: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Name of the new model.",
            show_default="NETWORK-NUMBER",
            rich_help_panel=EVERYDAY,
        ),
    ] = None,
    minutes: Annotated[
        float | None,
        typer.Option(metavar="X", help="Stop after X minutes, more than 0.", rich_help_panel=EVERYDAY),
    ] = None,
    epochs: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Passes over the training songs.",
            show_default=options.OF_NETWORK,
            rich_help_panel=EVERYDAY,
        ),
    ] = None,
    use: Annotated[
        bool,
        typer.Option(
            "--use", help="Use the model in classify if it beats guessing.", rich_help_panel=EVERYDAY
        ),
    ] = False,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume", help="Go on with the latest training, or --name.", rich_help_panel=EVERYDAY
        ),
    ] = False,
    force: Annotated[
        bool,
        typer.Option(
            "--force",
            "--overwrite",
            help="Replace a model of the same --name, and files of reports.",
            rich_help_panel=EVERYDAY,
        ),
    ] = False,
    report: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write a page with charts into DIR.", rich_help_panel=EVERYDAY),
    ] = None,
    plot: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write the main chart: .png, .svg or .pdf.", rich_help_panel=EVERYDAY
        ),
    ] = None,
    figures: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Write all charts as PNG and SVG into DIR.", rich_help_panel=EVERYDAY
        ),
    ] = None,
    dataset: options.Dataset = "default",
    genres: Annotated[
        list[str] | None,
        typer.Option(metavar="GENRE,...", help="Only these genres of the dataset.", rich_help_panel="Data"),
    ] = None,
    part: Annotated[
        str,
        typer.Option(metavar="K/N", help="Train on the K-th of N equal parts.", rich_help_panel="Data"),
    ] = "1/1",
    min_songs: Annotated[
        int | None,
        typer.Option(
            help="Drop genres with fewer songs.",
            show_default=options.OF_NETWORK,
            rich_help_panel="Data",
        ),
    ] = None,
    validation_by: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Hold out whole songs, albums or artists; or clips.",
            show_default="as the dataset is split",
            rich_help_panel="Data",
        ),
    ] = None,
    validation_share: Annotated[
        float,
        typer.Option(help="Share of training songs to hold out, 0 to 1.", rich_help_panel="Data"),
    ] = 0.1,
    subset: Annotated[
        int | None,
        typer.Option(
            help="Pieces (windows) per epoch; 0 is all.",
            show_default=options.OF_NETWORK,
            rich_help_panel="Data",
        ),
    ] = None,
    redraw_every: Annotated[
        int | None,
        typer.Option(
            help="Draw new windows every N epochs.",
            show_default=options.OF_NETWORK,
            rich_help_panel="Data",
        ),
    ] = None,
    resample: Annotated[
        str | None,
        typer.Option(
            metavar="N,M",
            help="Songs per genre: M, and N if far larger; or none.",
            show_default=options.OF_NETWORK,
            rich_help_panel="Data",
        ),
    ] = None,
    word_vectors: options.WordVectors = None,
    no_lyrics: options.NoLyrics = False,
    batch_size: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Windows per step.",
            show_default=options.OF_NETWORK,
            rich_help_panel=OPTIMISER,
        ),
    ] = None,
    learning_rate: Annotated[
        float | None,
        typer.Option(help="Size of each step.", show_default=options.OF_NETWORK, rich_help_panel=OPTIMISER),
    ] = None,
    optimizer: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="sgd or adam.",
            show_default=options.OF_NETWORK,
            rich_help_panel=OPTIMISER,
        ),
    ] = None,
    momentum: Annotated[
        float | None,
        typer.Option(help="Momentum of sgd.", show_default=options.OF_NETWORK, rich_help_panel=OPTIMISER),
    ] = None,
    weight_decay: Annotated[
        float | None,
        typer.Option(
            help="Decay of all weights.", show_default=options.OF_NETWORK, rich_help_panel=OPTIMISER
        ),
    ] = None,
    dropout: Annotated[
        float | None,
        typer.Option(
            help="Share of units left out at random, 0 to 1.",
            show_default=options.OF_NETWORK,
            rich_help_panel=OPTIMISER,
        ),
    ] = None,
    l1: Annotated[
        float | None,
        typer.Option(
            help="Penalty on dense layers' weights.",
            show_default=options.OF_NETWORK,
            rich_help_panel=LOSSES,
        ),
    ] = None,
    l2: Annotated[
        float | None,
        typer.Option(
            help="Penalty on the squares of dense layers' weights.",
            show_default=options.OF_NETWORK,
            rich_help_panel=LOSSES,
        ),
    ] = None,
    reconstruction_weight: Annotated[
        float | None,
        typer.Option(
            help="Weight of reconstruction against genres, 0 to 1.",
            show_default=options.OF_NETWORK,
            rich_help_panel=LOSSES,
        ),
    ] = None,
    class_weights: Annotated[
        bool,
        typer.Option(
            "--class-weights/--no-class-weights",
            help="Let each genre count the same.",
            rich_help_panel=LOSSES,
        ),
    ] = False,
    unfreeze: Annotated[
        bool,
        typer.Option(
            "--unfreeze",
            help="With transfer: fine-tune the whole network.",
            rich_help_panel=ADVANCED,
        ),
    ] = False,
    recalibrate: Annotated[
        bool,
        typer.Option(
            "--recalibrate/--no-recalibrate",
            help="Measure BatchNorm's averages after training.",
            rich_help_panel=ADVANCED,
        ),
    ] = True,
    chunk_by_chunk: Annotated[
        bool,
        typer.Option(
            "--chunk-by-chunk", help="Read file after file, for slow disks.", rich_help_panel=ADVANCED
        ),
    ] = False,
    half: Annotated[
        bool,
        typer.Option("--half", help="Store weights as float16, half the size.", rich_help_panel=ADVANCED),
    ] = False,
    licence: Annotated[
        str,
        typer.Option(metavar="TEXT", help="Licence to write into the model.", rich_help_panel=ADVANCED),
    ] = "",
    seed: options.Seed = 0,
    device: options.Device = "auto",
    jobs: options.Jobs = 0,
    file_timeout: options.FileTimeout = 60,
    max_memory: options.MaxMemory = "",
    precision: options.Precision = "auto",
    json: options.Json = False,
) -> None:
    """Train a network on an ingested library.

    Ctrl-C saves the model; --resume goes on.
    """
    from groovecli.actions.train import run
    from groovecli.cli.views import train as views
    from groovecli.datasets.splits import SPLIT_BY
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
        network=network,
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
    asked = outputs.Outputs(report, plot, figures)
    asked.check("train", force=force)
    machine = options.machine(jobs, file_timeout, max_memory, device)
    with working(**machine, seed=seed, stages=("cut", "epoch")) as context:
        result = run(request, context, resume=resume, overwrite=force, use=use)
    files = _write(asked, result) if own_rank().is_first else ()
    if json:
        render.as_json(views.to_json(result))
    else:
        views.show(result)
    for file in files:
        render.note(f"wrote {file}")
    _finish(result, views.gain(result))


def _write(asked: outputs.Outputs, result: Trained) -> tuple[Path, ...]:
    """The page and the charts that were asked for."""
    from groovecli.reports.figures import of_training
    from groovecli.reports.training import write_training

    command = outputs.command_line()
    return asked.write(
        lambda folder: write_training(folder, result, result.test, command=command),
        lambda: of_training(result),
    )


def _finish(result: Trained, gain: str) -> None:
    """Say how to go on; the exit code tells whether the training was stopped."""
    if result.interrupted:
        _say_stopped(result)
        raise typer.Exit(ExitCode.INTERRUPTED)
    if result.is_out_of_time:
        render.note(f"go on with: groove train --resume --name {result.description.name}")
    if gain:
        render.hint(gain)
    render.next_step(f"groove {result.next_command}")
    if result.reach.all:
        raise typer.Exit(ExitCode.PARTIAL)


def _say_stopped(result: Trained) -> None:
    n = len(result.epochs)
    done = f"{words.count(n, 'epoch')} {'is' if n == 1 else 'are'} done"
    render.stopped(done, f"go on with `groove train --resume --name {result.description.name}`")


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
