"""Files that players open; each format is a file and a row in `registry.py`."""
