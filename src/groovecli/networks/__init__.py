"""Networks without weights, one family a file; `registry.py`, which needs no torch, has a row for each."""
