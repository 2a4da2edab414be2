"""Every decoder there is, in the order in which they are tried."""

from __future__ import annotations

from groovecli.audio.decoders.decoder import Decoder
from groovecli.audio.decoders.pyav import PYAV
from groovecli.audio.decoders.soundfile import SOUNDFILE

DECODERS: tuple[Decoder, ...] = (SOUNDFILE, PYAV)
