"""Training: objectives, metrics and the loop."""
