"""`groove models`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groovecli.cli import options, render

if TYPE_CHECKING:
    from groovecli.checkpoints import StoredModel


def models(json: options.Json = False) -> None:
    """List trained and shipped models, and the networks that can be trained."""
    from groovecli.checkpoints import shipped_models, trained_models
    from groovecli.models.catalog import MODELS

    stored = trained_models() + shipped_models()
    if json:
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
            {**m.description.to_json(), "path": str(m.path), "shipped": m.is_shipped} for m in stored
        ]
        render.as_json({"schema": 1, "models": descriptions, "networks": networks})
        return
    render.table(
        "models, the latest first",
        ("name", "network", "genres", "trained on", "split by", "validation"),
        [_row(model) for model in stored],
        left=5,
    )
    rows = [(spec.name, spec.summary, ", ".join(spec.features), spec.paper) for spec in MODELS.values()]
    render.table("networks to train", ("name", "what it does", "features", "paper"), rows, left=4)


def _row(model: StoredModel) -> tuple[str, ...]:
    about = model.description
    accuracy = about.metrics.get("validation_accuracy")
    loss = about.metrics.get("validation_loss")
    figure = render.percent(accuracy) if accuracy is not None else f"loss {loss:.4f}" if loss else ""
    split = about.split_by + (" (leaky)" if about.data.get("leaky") else "")
    origin = f"{about.dataset} (shipped)" if model.is_shipped else about.dataset
    return about.name, about.network, ", ".join(about.genres) or "none", origin, split, figure
