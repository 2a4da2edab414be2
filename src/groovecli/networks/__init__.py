"""Networks without weights, one family a file with its rows of the registry."""
