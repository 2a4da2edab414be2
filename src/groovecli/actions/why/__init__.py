"""Why two songs are near, or why a song is in a playlist: in figures, in seconds, in words."""
