"""Libraries that decode audio files; one decoder a file."""
