"""A library as a map: what is known of its songs, where they stand, the playlists on it, the page."""
