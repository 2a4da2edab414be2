"""What a model learned from, and with which settings; folded away."""

from __future__ import annotations

from groovecli.models.file import Description
from groovecli.reports.tables import of_data, of_training
from groovecli.reports.text import as_html
from groovecli.reports.web.frame import Section
from groovecli.reports.web.parts import details


def settings(description: Description) -> Section:
    """Training songs and hyperparameters."""
    return Section(
        "Settings",
        (
            details("Training songs", as_html(of_data(description))),
            details("All settings of the training", as_html(of_training(description))),
        ),
        "settings",
    )
