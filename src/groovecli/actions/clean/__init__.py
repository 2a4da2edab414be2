"""What `groove clean` can free, each kind in a module of its own; `run` has them all."""
