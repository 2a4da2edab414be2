"""What the user has: files, tracks, labels, the catalogue; a published data set is a file in `sources/`."""
