"""groove: software that knows a person's own music."""

__version__ = "0.1.0"
