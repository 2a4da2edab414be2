"""Published data sets as libraries; each is a file and a row in `registry.py`."""
