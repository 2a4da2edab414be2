"""Samples to what networks take, by numpy and scipy alone; one kind a file, a row in `registry.py`."""
