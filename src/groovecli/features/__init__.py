"""Samples to inputs of networks, by numpy and scipy alone; a kind is a file and a row in `registry.py`."""
