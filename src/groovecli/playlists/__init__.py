"""Vectors and songs to playlists: clusters, names, the folder; a file format is a file in `formats/`."""
