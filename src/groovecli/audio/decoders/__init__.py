"""Libraries that decode audio files; one decoder a file, a row in `registry.py`."""
