"""Analyses that travel between machines: `export` writes them into a file, `merge` takes them from one."""
