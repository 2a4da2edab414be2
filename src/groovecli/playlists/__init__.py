"""Vectors and songs to playlists: clusters, names, the folder; each file format is a file in `formats/`."""
