"""Networks without weights, a file per family; `registry.py` has a row for each, without torch."""
