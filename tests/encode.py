"""Sound files in every format, written for the tests by soundfile and by PyAV."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import soundfile as sf

# Ending -> (codec, container) of what PyAV has to write.
AV_FORMATS = {
    ".m4a": ("aac", "mp4"),
    ".alac.m4a": ("alac", "mp4"),
    ".wma": ("wmav2", "asf"),
    ".aac": ("aac", "adts"),
    ".webm": ("libopus", "webm"),
}
SF_FORMATS = (".mp3", ".flac", ".ogg", ".opus", ".wav", ".aiff")
FORMATS = (*SF_FORMATS, *AV_FORMATS)


def chirp(seconds: float, sr: int, *, n_channels: int = 2) -> np.ndarray:
    """A rising tone, so that each moment sounds like no other: (n, channels) float32."""
    t = np.arange(round(seconds * sr)) / sr
    left = 0.4 * np.sin(2 * np.pi * (200 * t + 20 * t**2))
    right = 0.2 * np.sin(2 * np.pi * 330 * t)
    return np.stack([left, right][:n_channels], axis=1).astype(np.float32)


def write(path: Path, x: np.ndarray, sr: int) -> Path:
    """Write (n, channels) samples in the format of the path's ending."""
    path.parent.mkdir(parents=True, exist_ok=True)
    ending = next((e for e in AV_FORMATS if path.name.endswith(e) and e.count(".") == 2), path.suffix)
    if ending in AV_FORMATS:
        return write_av(path, x, sr, *AV_FORMATS[ending])
    kind = {"format": "OGG", "subtype": "OPUS"} if ending == ".opus" else {}
    sf.write(path, x, sr, **kind)
    return path


def write_av(
    path: Path,
    x: np.ndarray,
    sr: int,
    codec: str,
    container: str,
    *,
    vbr: bool = False,
    start_s: int = 0,
    **options: str,
) -> Path:
    """Write (n, channels) samples by an FFmpeg codec, from `start_s` on; `options` are the container's."""
    layout = {1: "mono", 2: "stereo", 8: "7.1"}[x.shape[1]]
    with av.open(str(path), "w", format=container, options=options) as file:
        stream = file.add_stream(codec, rate=sr, layout=layout)
        if not vbr:
            stream.bit_rate = 128_000
        else:
            stream.codec_context.flags |= 2  # AV_CODEC_FLAG_QSCALE
            stream.codec_context.global_quality = 4 * 118
        packed = np.ascontiguousarray(x).reshape(1, -1)  # PyAV fails on planes of eight channels
        frame = av.AudioFrame.from_ndarray(packed, format="flt", layout=layout)
        frame.sample_rate, frame.pts = sr, start_s * sr
        converter = av.AudioResampler(format=stream.format, layout=stream.layout, rate=sr)
        for converted in converter.resample(frame) + converter.resample(None):
            for packet in stream.encode(converted):
                file.mux(packet)
        for packet in stream.encode(None):
            file.mux(packet)
    return path
