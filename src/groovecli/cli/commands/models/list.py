"""`groove models list`, and `groove models` alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from groovecli.cli import options, render
from groovecli.messages import words

if TYPE_CHECKING:
    from groovecli.models.file import StoredModel
    from groovecli.models.shelf import Serving


def models(
    ctx: typer.Context,
    json: options.Json = False,
) -> None:
    """List, choose, download and export models."""
    if ctx.invoked_subcommand is None:
        list_models(json)


def list_models(json: options.Json = False) -> None:
    """List your models, and the networks you can train."""
    from groovecli.actions.context import Context
    from groovecli.models.shelf import shipped_models
    from groovecli.networks.registry import MODELS

    shelf = Context().shelf
    stored, now = shelf.trained() + shipped_models(), shelf.serving()
    if json:
        _show_json(stored, now)
        return
    render.table(
        "models, the latest first",
        ("name", "network", "genres", "trained on", "split by", "in use for", "validation"),
        [_row(model, now) for model in stored],
        left=6,
    )
    if now.chosen:
        render.answer(f"chosen by `groove models use`: {now.chosen}")
    if now.chosen and now.embed is None:
        render.note(f"{now.chosen} can't be used any more: see `groove models use --help`")
    rows = [(spec.name, spec.summary, ", ".join(spec.features), spec.paper) for spec in MODELS.values()]
    render.table("networks to train", ("name", "what it does", "features", "paper"), rows, left=4)


def _show_json(stored: list[StoredModel], now: Serving) -> None:
    from groovecli.networks.registry import MODELS

    networks = [
        {
            "name": spec.name,
            "summary": spec.summary,
            "paper": spec.paper,
            "features": list(spec.features),
            "names_genres": spec.has_genres,
            "embedding_dim": spec.embedding_dim,
        }
        for spec in MODELS.values()
    ]
    descriptions = [
        {
            **model.description.to_json(),
            "path": str(model.path),
            "shipped": model.is_shipped,
            "in_use_for": list(now.uses_of(model)),
            "hears_files": model.description.hears_sound,
        }
        for model in stored
    ]
    render.as_json({"schema": 1, "models": descriptions, "chosen": now.chosen, "networks": networks})


def _row(model: StoredModel, now: Serving) -> tuple[str, ...]:
    about = model.description
    accuracy, loss = about.figures.validation_accuracy, about.figures.validation_loss
    figure = words.percent(accuracy) if accuracy is not None else f"loss {loss:.4f}" if loss else ""
    split = about.split_by + words.leaky(about.learnt_from.is_leaky, "leaky")
    origin = f"{about.dataset} (shipped)" if model.is_shipped else about.dataset
    uses = ", ".join(now.uses_of(model)) if about.hears_sound else "evaluate alone"
    return model.name, about.network, ", ".join(about.genres) or "none", origin, split, uses, figure
