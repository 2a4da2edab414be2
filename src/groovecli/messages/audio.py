"""Why a file could not be decoded, in words that say what is wrong with the file; read after its path."""

from __future__ import annotations

NO_AUDIO = "no audio in it"
NO_SAMPLES = "no samples in it"
NO_AUDIO_THERE = "no audio there"
DAMAGED = "it is damaged, or no audio"
UNKNOWN_KIND = "it is damaged, or of a kind that groove cannot decode"
TOO_LARGE = "its header asks for more memory than there is: it is damaged"
NO_LENGTH = "its header does not say how long it is"
CHAIN = "it is several Ogg files in one"
UNTRUE_HEADER = "its Xing header is not that of the whole file"


def ends_before(moment_s: float) -> str:
    """Nothing sounds from some moment on."""
    return f"it ends before {moment_s:.0f} s"
