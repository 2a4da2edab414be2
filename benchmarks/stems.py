"""How much of musiXmatch's stems has a word vector, as they are and by the words that they are stems of.

    python benchmarks/stems.py glove.txt mxm_dataset_train.txt [--words 200000]

The second file is one of musiXmatch's for the Million Song Dataset, or a list of stems in commas or one a
line, the most common first. Prints the share of the stems that have a vector, the share by rank (the stem
of rank r counts 1 / r, as words about do), the share of the songs' occurrences where the file has songs,
how long the mapping took, and how many stems are words as well, but mostly of another: "babi" of "baby".
"""

from __future__ import annotations

import argparse
import re
import time
from pathlib import Path

from groovecli.audio.lyrics import Bag
from groovecli.features.stems import stems_of
from groovecli.features.word_vectors import WordVectors, read_vectors
from groovecli.library.sources.musixmatch import read_musixmatch


def main() -> None:
    """Read both files, map, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("vectors", type=Path, help="a word2vec or GloVe file")
    parser.add_argument("stems", type=Path, help="musiXmatch's file, or a list of its stems")
    parser.add_argument("--words", type=int, default=200_000, help="how many words of the first file")
    asked = parser.parse_args()
    vectors = read_vectors(asked.vectors, asked.words)
    stems, bags = read_stems(asked.stems)
    started = time.perf_counter()
    mapped = vectors.by_stem()
    took_s = time.perf_counter() - started
    print(f"{len(vectors.words):,} words -> {len(mapped.words):,} stems in {took_s:.2f} s")
    report("as they are", vectors, stems, bags)
    report("by stem", mapped, stems, bags)
    words, known = stems_of(vectors.words), set(vectors.words)
    both = [stem for stem in stems if stem in known and stem in words]
    n_others = sum(words[stem] != stem for stem in both)
    print(f"stems that have both, but another word's vector by stem: {100 * n_others / len(both):.1f} %")


def read_stems(path: Path) -> tuple[list[str], list[Bag]]:
    """The stems, the most common first, and the songs' bags, if the file has any."""
    text = path.read_text("utf-8")
    head = re.search(r"^%(.+)", text, re.MULTILINE)
    if head:
        return head[1].split(","), list(read_musixmatch([path]).values())
    return [stem for stem in re.split(r"[,\s]+", text) if stem], []


def report(name: str, vectors: WordVectors, stems: list[str], bags: list[Bag]) -> None:
    """Print which shares have a vector."""
    known = set(vectors.words)
    weights = {stem: 1 / rank for rank, stem in enumerate(stems, 1)}
    by_rank = sum(weights[stem] for stem in weights if stem in known) / sum(weights.values())
    share = sum(stem in known for stem in stems) / len(stems)
    line = f"{name}: {100 * share:.1f} % of {len(stems):,} stems, {100 * by_rank:.1f} % by rank"
    found = vectors.coverage(bags)
    if found.word_share is not None:
        line += (
            f", {100 * found.word_share:.1f} % of {found.n_words:,} occurrences in {found.n_songs:,} songs"
        )
    print(line)


if __name__ == "__main__":
    main()
