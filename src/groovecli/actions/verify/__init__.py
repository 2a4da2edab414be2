"""What `groove verify` compares with checksums, each part in a module of its own; `run` has all."""
