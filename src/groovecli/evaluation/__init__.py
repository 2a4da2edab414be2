"""A model and songs to figures: scores, calibration, neighbours."""
