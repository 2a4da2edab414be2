"""What `groove doctor` looks at, each subject in a module of its own; `run` has them all."""
