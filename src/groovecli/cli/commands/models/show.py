"""`groove models show`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from groovecli.cli import options, render

if TYPE_CHECKING:
    from groovecli.models.file import StoredModel


def show(name: options.ModelName, json: options.Json = False) -> None:
    """Show everything about a model."""
    from groovecli.actions.context import Context

    shelf = Context().shelf
    model = shelf.find(name)
    uses = shelf.serving().uses_of(model)
    if json:
        own = {**model.description.to_json(), "path": str(model.path), "shipped": model.is_shipped}
        render.as_json({"schema": 1, **own, "in_use_for": list(uses), "card": model.card})
        return
    render.table(model.name, ("", ""), list(_rows(model, uses)), left=2)
    for line in (model.card or "").splitlines():
        render.answer(line)


def _rows(model: StoredModel, uses: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    about = model.description
    yield "network", f"{about.network}: {about.spec.summary}"
    yield "paper", about.spec.paper
    for feature in about.features:
        fields = feature.to_dict()
        yield "eats", f"{fields.pop('name')} ({_joined(fields)})"
    yield "embedding", f"{about.spec.embedding_dim} numbers, compared by {about.spec.similarity} distance"
    yield "genres", ", ".join(about.genres) or "none: it serves embed and cluster"
    yield "in use for", ", ".join(uses) or "nothing unless it is named"
    yield "trained on", f"{about.dataset}, split by {about.split_by}"
    for title, values in (("data", about.data), ("training", about.training), ("metrics", about.metrics)):
        yield from ((f"{title}: {key}", _text(value)) for key, value in values.items())
    yield "dropout", f"{about.dropout:g}"
    yield "created", f"{about.created}, by groove {about.groove_version}"
    yield "licence", " ".join(about.licence.split()) or "none given"
    yield "file", f"{model.path}{' (shipped)' if model.is_shipped else ''}"


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return _joined(value)
    if isinstance(value, list):
        return ", ".join(map(_text, value))
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _joined(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{key} {_text(value)}" for key, value in values.items())
