"""Pictures of figures and of sound, as PNG files drawn without a screen."""

from groovecli.plots.canvas import percent, plain
from groovecli.plots.scores import (
    Curve,
    Mark,
    confusion,
    intervals,
    precision_recall,
    scatter,
    training_curve,
)
from groovecli.plots.sounds import Reconstruction, Span, heat_maps, layers, reconstructions, spread

__all__ = [
    "Curve",
    "Mark",
    "Reconstruction",
    "Span",
    "confusion",
    "heat_maps",
    "intervals",
    "layers",
    "percent",
    "plain",
    "precision_recall",
    "reconstructions",
    "scatter",
    "spread",
    "training_curve",
]
