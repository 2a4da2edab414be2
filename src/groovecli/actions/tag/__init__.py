"""What is known of songs, written into their files' tags: asked for, found out, written."""
