"""`groove models show`."""

from __future__ import annotations

from groovecli.cli import options, render


def show(name: options.ModelName, json: options.Json = False) -> None:
    """Show everything about a model."""
    from groovecli.actions.context import Context
    from groovecli.cli.views import models as views

    shelf = Context().shelf
    model = shelf.find(name)
    uses = shelf.serving().uses_of(model)
    if json:
        own = {**model.description.to_json(), "path": str(model.path), "shipped": model.is_shipped}
        render.as_json({"schema": 1, **own, "in_use_for": list(uses), "card": model.card})
        return
    views.show_model(model, uses)
