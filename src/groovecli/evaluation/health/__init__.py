"""How healthy a space of sound is on a library: near songs, hubs, playlists against genres, seeds."""
