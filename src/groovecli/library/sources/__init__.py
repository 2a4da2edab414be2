"""Published data sets as libraries; one data set a file, a row in `registry.py`."""
