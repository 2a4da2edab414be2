"""What a song sounds like in numbers: tempo, key, loudness, brightness."""
