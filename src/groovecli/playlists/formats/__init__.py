"""Files that players open; one format a file."""
