"""The endings of audio files, by the decoder that opens them; nothing here imports one."""

from __future__ import annotations

_MP4 = (".m4a", ".m4b", ".m4r", ".mp4", ".m4v", ".f4a", ".mov", ".3gp", ".3g2", ".aac", ".alac")
_VIDEO = (".mka", ".mkv", ".webm", ".weba", ".avi", ".flv", ".mpg", ".mpeg", ".wmv", ".asf", ".ogv", ".ogm")
OF_SOUNDFILE = (
    *(".mp3", ".mp2", ".mp1", ".mpa", ".flac", ".ogg", ".oga", ".ogx", ".opus"),
    *(".wav", ".wave", ".w64", ".rf64", ".bwf", ".aif", ".aiff", ".aifc", ".au", ".snd", ".caf", ".voc"),
)
OF_PYAV = (
    *(*_MP4, *_VIDEO, ".wma", ".ape", ".wv", ".mpc", ".mp+", ".mpp", ".tta", ".tak", ".shn", ".spx"),
    *(".dsf", ".dff", ".ac3", ".eac3", ".ec3", ".dts", ".dtshd", ".thd", ".mlp", ".amr", ".awb"),
    *(".oma", ".aa3", ".at3", ".ra", ".rm"),
)
SUFFIXES = frozenset((*OF_SOUNDFILE, *OF_PYAV))
"""All of them, in lower case."""
