"""The user's models: their weights are as they were written, and what they remember can be read."""

from __future__ import annotations

from groovecli.actions.context import Context
from groovecli.actions.verify.found import Damage, Findings
from groovecli.errors import ModelError
from groovecli.models.memory import read_memory
from groovecli.models.tensors import check_weights

_LEFT = "left as it is; train it again, or put the file back from a copy"


def check_models(context: Context, found: Findings) -> None:
    """Compare each of the user's models with its checksum, and read what it remembers."""
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
            read_memory(model.path.parent, model.description.spec.embedding_dim)
        except ModelError as error:
            found.damaged.append(Damage("model", model.name, error.what, _LEFT))
