"""Why a file could not be decoded, in words that say what is wrong with the file; read after its path.

What is wrong with a song's lyrics is a whole sentence.
"""

from __future__ import annotations

NO_AUDIO = "no audio in it"
NO_SAMPLES = "no samples in it"
NO_AUDIO_THERE = "no audio there"
DAMAGED = "it is damaged, or not audio"
UNKNOWN_KIND = "it is damaged, or of a kind that groove can't decode"
TOO_LARGE = "its header asks for more memory than there is: it is damaged"
NO_LENGTH = "its header does not say how long it is"
CHAIN = "it holds several Ogg files"
CHANNELS = "it has more than two channels"
UNTRUE_HEADER = "its Xing header does not fit the whole file"


def ends_before(moment_s: float) -> str:
    """Nothing sounds from some moment on."""
    return f"it ends before {moment_s:.0f} s"


# Lyrics


def lyrics_too_large(name: str, most_mb: int) -> str:
    """A text file beside a song is too long to be lyrics."""
    return f"{name} is larger than {most_mb} MB"


def lyrics_unreadable(name: str, reason: str) -> str:
    """The system refused to read a text file beside a song, for a reason in its words."""
    return f"{name} can't be read: {reason}"


def lyrics_of_unknown_encoding(name: str) -> str:
    """A text file beside a song is binary, or text that makes no words in any encoding."""
    return f"{name} is not text, or in an unknown encoding (save it as UTF-8)"


TAGGED_LYRICS_OF_UNKNOWN_ENCODING = "the lyrics in the tags are in an unknown encoding"
