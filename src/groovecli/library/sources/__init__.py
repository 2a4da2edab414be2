"""Published data sets as libraries: which files to use, their genres and their official sides."""
