"""Name a song's genres by a file that `groove models export` wrote, without groove.

    pip install numpy soundfile soxr onnxruntime
    python docs/classify_onnx.py MODEL.onnx song.mp3 [--lyrics song.txt] [--embedding]

All numbers come from the recipe in the file; the guide describes it (Models, ONNX).
"""

import argparse
import base64
import json
import math
import re
import sys
import unicodedata
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import soundfile
import soxr

Array = np.ndarray[Any, np.dtype[Any]]
Recipe = dict[str, Any]


def main() -> None:
    """Print each genre and its probability, or the numbers of a model that names none."""
    parser = argparse.ArgumentParser(description="Name a song's genres.")
    parser.add_argument("model", help="ONNX file of groove's")
    parser.add_argument("song", help="sound file that soundfile opens")
    parser.add_argument("--lyrics", type=Path, help="text file in UTF-8")
    parser.add_argument("--embedding", action="store_true", help="print the song's vector instead")
    args = parser.parse_args()
    session = onnxruntime.InferenceSession(args.model, providers=["CPUExecutionProvider"])
    recipe = json.loads(session.get_modelmeta().custom_metadata_map["groove"])["recipe"]
    if missing := [entry["why"] for entry in recipe["inputs"] if entry["of"] is None]:
        sys.exit("\n".join(missing))
    try:
        x, sr = soundfile.read(args.song, dtype="float32", always_2d=True)
        lyrics = args.lyrics.read_text("utf-8-sig") if args.lyrics else ""
    except (OSError, UnicodeDecodeError, soundfile.SoundFileError) as error:
        sys.exit(f"can't be read: {error}")
    x = np.nan_to_num(x)  # damaged files have values that are no numbers
    names, outputs = [port.name for port in session.get_outputs()], []
    for place in places(len(x) / sr, recipe["song"]):
        fed = {entry["name"]: windows(x, sr, place, lyrics, entry, recipe) for entry in recipe["inputs"]}
        if all(len(given) for given in fed.values()):
            n = max(map(len, fed.values()))  # the last window of an input that has fewer is repeated
            fed = {name: given[np.minimum(np.arange(n), len(given) - 1)] for name, given in fed.items()}
            outputs.append(dict(zip(names, session.run(names, fed), strict=True)))
    if not outputs:
        sys.exit(f"{args.song}: silent")
    answer = {name: np.concatenate([one[name] for one in outputs]).astype(np.float64) for name in names}
    for line in lines(answer, recipe["answer"], args.embedding):
        print(line)


def places(duration_s: float, song: Recipe) -> list[list[float]]:
    """Where each clip begins, in seconds; a clip that is joined of stretches has several starts."""
    n, room_s = song["places"], max(0.0, duration_s - song["clip_s"])
    if song["joined"]:
        n = n if duration_s >= song["clip_s"] else 1
        starts = [i * (duration_s / n) + room_s / n / 2 for i in range(n)]
    else:
        n = min(n, 1 + math.floor(room_s / song["apart_s"]))
        starts = [(i + 0.5) / n * room_s for i in range(n)]
    starts = [math.floor(start * 1000) / 1000 for start in starts]  # no clip reaches beyond its song
    return [starts] if song["joined"] else [[start] for start in starts]


def windows(x: Array, sr: int, place: list[float], lyrics: str, entry: Recipe, recipe: Recipe) -> Array:
    """One input at one place (windows, *shape); no windows where nothing sounds."""
    if entry["of"] == "lyrics":
        return mean_vector(lyrics, entry)[None]
    song, starts = recipe["song"], [0.0] if entry["from_start"] else place
    n = round(entry["clip_s"] / len(starts) * sr)
    parts = [mono(x[round(start * sr) :][:n], song["cancelled_below"]) for start in starts]
    parts = [part for part in parts if np.abs(part).max(initial=0) >= song["silent_below"]]
    if not parts:
        return np.empty((0, *entry["shape"]), np.float32)
    if len(starts) > 1:
        parts = [faded(part, round(song["fade_s"] * sr)) for part in parts]
    y = soxr.resample(np.concatenate(parts), sr, entry["sr"], quality="HQ")
    y = np.resize(y, entry["n_samples"])  # what is shorter is repeated
    return made(y, entry["steps"]).reshape(-1, *entry["shape"]).astype(np.float32)


def mono(x: Array, cancelled_below: float) -> Array:
    """The mean of the channels; the loudest one where they cancel one another."""
    y, loudest = x.mean(axis=1), x[:, np.square(x).sum(axis=0).argmax()]
    is_cancelled = y @ y < cancelled_below * (loudest @ loudest) / x.shape[1] ** 2
    return np.clip(loudest if is_cancelled else y, -1, 1)


def faded(y: Array, n: int) -> Array:
    """Faded in and out over `n` samples."""
    ramp = np.minimum(np.arange(len(y)) / (n - 1), 1)
    return (y * ramp * ramp[::-1]).astype(np.float32)


def made(x: Array, steps: list[Recipe]) -> Array:
    """What the steps make of an array whose last axis is time."""
    for step in steps:
        x = STEPS[step["do"]](x, step)
    return x


def power(x: Array, s: Recipe) -> Array:
    """Power of the short-time Fourier transform (..., bins, frames)."""
    x = np.pad(x, [(0, 0)] * (x.ndim - 1) + [(s["padding"], s["padding"])])
    frames = np.lib.stride_tricks.sliding_window_view(x, s["n_fft"], axis=-1)[..., :: s["hop_length"], :]
    spectrum = np.fft.rfft(frames[..., : s["n_frames"], :] * unpacked(s["window"]))
    return np.square(np.abs(spectrum[..., : s["n_bins"]])).swapaxes(-1, -2)


def levels(x: Array, s: Recipe) -> Array:
    """The nearest of 256 levels, as which groove stores it."""
    step = (s["high"] - s["low"]) / 255
    values: Array = np.clip(np.rint((x - s["low"]) / step), 0, 255)
    values *= step
    values += s["low"]
    return values


def unpacked(packed: Recipe) -> Array:
    """Float32 numbers in little-endian order, compressed by zlib, in base64."""
    data = zlib.decompress(base64.b64decode(packed["values"]))
    return np.frombuffer(data, "<f4").reshape(packed["shape"])


def over(x: Array, by: Array) -> Array:
    """`x / by`, and `x` where that is zero."""
    return x / np.where(by == 0, 1, by)


STEPS: dict[str, Callable[[Array, Recipe], Array]] = {
    "windows": lambda x, s: np.stack([x[..., start : start + s["length"]] for start in s["starts"]]),
    "means": lambda x, s: x[: len(x) // s["of"] * s["of"]].reshape(-1, s["of"]).mean(axis=1),
    "loudness": lambda x, s: s["rms"] * over(x, np.sqrt(np.square(x).mean(axis=-1, keepdims=True))),
    "power": power,
    "matrix": lambda x, s: unpacked(s) @ x,
    "stack": lambda x, s: np.concatenate([made(x, part) for part in s["parts"]], axis=-2),
    "transpose": lambda x, _: x.swapaxes(-1, -2),
    "linear": lambda x, s: s["multiply"] * x + s["add"],
    "at_least": lambda x, s: np.maximum(x, s["value"]),
    "log10": lambda x, _: np.log10(x),
    "tanh": lambda x, _: np.tanh(x),
    "minus_peak": lambda x, _: x - x.max(axis=(-2, -1), keepdims=True),
    "below_peak": lambda x, s: np.maximum(x, x.max(axis=(-2, -1), keepdims=True) - s["at_most"]),
    "over_peak": lambda x, s: over(x, x.max(axis=-2 if s["of"] == "frame" else (-2, -1), keepdims=True)),
    "over_mean": lambda x, _: over(x, x.mean(axis=(-2, -1), keepdims=True)),
    "levels": levels,
}


def mean_vector(lyrics: str, entry: Recipe) -> Array:
    """The words' vectors, each weighted by its share of all words; zeros without words."""
    bag = Counter(words(lyrics, entry["count"]))
    shares = np.array([bag[word] for word in entry["words"]], np.float32) / max(1, bag.total())
    return np.asarray(shares @ unpacked(entry["vectors"]))


def words(text: str, count: Recipe) -> Iterator[str]:
    """Runs of letters, marks, digits and inner apostrophes that have a letter."""
    for line in text.splitlines():
        line = unicodedata.normalize("NFC", line.casefold())
        line = " ".join(re.sub(f"[{count['apostrophes']}]", "'", line).split())
        if re.fullmatch(count["is_header"], line):
            continue
        line = re.sub(count["separate"], " ", re.sub(count["remove"], "", line))
        if re.fullmatch(count["is_credit"], line.strip()):
            continue
        kinds = [(c, unicodedata.category(c)) for c in line]
        line = "".join(c if c == "'" or kind[0] in "LMN" else " " for c, kind in kinds if kind != "Cf")
        yield from (word.strip("'") for word in line.split() if any(map(str.isalpha, word)))


def lines(outputs: dict[str, Array], answer: Recipe, wants_embedding: bool) -> list[str]:
    """What is said of a song by the outputs for all its windows."""
    values, vector = outputs[answer["output"]].mean(axis=0), outputs["embedding"].mean(axis=0)
    if answer["output"] == "logits":
        if answer["averages"] == "probabilities":
            mean = softmax(outputs["logits"]).mean(axis=0)
            values = np.log(np.maximum(mean, answer["least_probability"]))
        if answer["genres_times"]:
            vector = np.append(vector, answer["genres_times"] * np.sqrt(softmax(values)))
        values = softmax(values / answer["temperature"])
    if wants_embedding or not answer["names"]:
        return [f"{value:.7g}" for value in vector]
    named = sorted(zip(values, answer["names"], strict=True), reverse=True)
    return [f"{value:.4f}  {name}" for value, name in named]


def softmax(logits: Array) -> Array:
    """Probabilities, along the last axis."""
    powers: Array = np.exp(logits - logits.max(axis=-1, keepdims=True))
    powers /= powers.sum(axis=-1, keepdims=True)
    return powers


if __name__ == "__main__":
    main()
