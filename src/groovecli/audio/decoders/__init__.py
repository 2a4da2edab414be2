"""Libraries that decode audio files; each decoder is a file and a row in `registry.py`."""
