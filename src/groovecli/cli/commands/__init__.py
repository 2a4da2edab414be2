"""A file per command: parse, one call, render; `app.py` has a row for each."""
