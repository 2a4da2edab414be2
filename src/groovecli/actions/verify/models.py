"""The user's models: their weights are as they were written."""

from __future__ import annotations

from groovecli.actions.context import Context
from groovecli.actions.verify.found import Damage, Findings
from groovecli.errors import ModelError
from groovecli.models.tensors import check_weights

_LEFT = "left as it is; train it again, or put the file back from a copy"


def check_models(context: Context, found: Findings) -> None:
    """Read every model of the user's, and compare its weights with their checksum."""
    if not any(context.home.models.glob("*/*.safetensors")):
        return
    for each in context.shelf.damaged():
        found.damaged.append(Damage("model", each.name, each.error.what, _LEFT))
    for model in context.shelf.trained():
        if found.is_over:
            break
        found.checked("models")
        try:
            check_weights(model)
        except ModelError as error:
            found.damaged.append(Damage("model", model.name, error.what, _LEFT))
