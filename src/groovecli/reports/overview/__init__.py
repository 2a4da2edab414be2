"""The report of a library as a page and as plain values: how healthy its space is, what it holds."""
