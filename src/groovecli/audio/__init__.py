"""Files of sound to samples, tags, lyrics and identity; a decoder is a file in `decoders/`."""
