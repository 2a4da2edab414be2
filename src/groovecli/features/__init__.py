"""From samples to what networks eat: one file a kind, numpy and scipy alone."""
