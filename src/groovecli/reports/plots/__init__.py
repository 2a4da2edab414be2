"""Pictures of figures and of sound, as PNG files drawn without a screen."""

from groovecli.reports.plots.canvas import plain
from groovecli.reports.plots.confidence import Label, coverage, reliability
from groovecli.reports.plots.scores import (
    Curve,
    Mark,
    confusion,
    intervals,
    precision_recall,
    scatter,
    training_curve,
)
from groovecli.reports.plots.sounds import Reconstruction, Span, heat_maps, layers, reconstructions, spread

__all__ = [
    "Curve",
    "Label",
    "Mark",
    "Reconstruction",
    "Span",
    "confusion",
    "coverage",
    "heat_maps",
    "intervals",
    "layers",
    "plain",
    "precision_recall",
    "reconstructions",
    "reliability",
    "scatter",
    "spread",
    "training_curve",
]
