"""Files that players open; one format a file, a row in `registry.py`."""
