"""The included model: the student of all songs, its temperature, and vectors of its songs.

    python benchmarks/groove_net/ship.py STUDENT.safetensors --music MUSIC

writes pretrained/groove-net: model.safetensors at half precision, songs.npz with the mean embeddings of the
songs whose genres it names, and figures.json with the ids of all songs that it has heard, so that nobody
measures it on them. The model card beside them is written by hand.
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import torch
from listen import SPECS
from music import GENRES, of_library
from safetensors.torch import load_file

from groovecli.datasets.groups import grouped
from groovecli.library.scan import scan
from groovecli.library.tracks import Rejected
from groovecli.models.file import WEIGHTS, Description
from groovecli.models.listen import over
from groovecli.models.loaded import LoadedModel, Ready
from groovecli.models.memory import Memory, artist_hash, write_memory
from groovecli.models.results import CLIPS_PER_SONG
from groovecli.models.weights import build_for, save_model
from groovecli.monitor import SILENT
from groovecli.training.record import write_figures

SHIPPED = Path(__file__).parents[2] / "pretrained" / "groove-net"
LICENCE = "MIT; made of networks under ISC (MTG-UPF) and MIT (MTG-UPF, M. Won; F. Schmid), see the card"


def main() -> None:
    """Write the model that is included."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("student", type=Path)
    parser.add_argument("--music", type=Path, required=True)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    songs = of_library(asked.music)
    description = Description(
        name="groove-net",
        network="groove-net",
        features=SPECS,
        genres=GENRES,
        dropout=0.0,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        dataset="MUSIC",
        split_by="artist",
        data={"leaky": False, "songs": {"train": len(songs), "validation": 0}},
        training={"base": None},
        licence=LICENCE,
    )
    network = build_for(description)
    network.load_state_dict(load_file(asked.student))
    save_model(SHIPPED / WEIGHTS, network, description, half=True)
    write_figures(SHIPPED, (), description, songs=[song.key for song in songs], validation_songs=())
    model = LoadedModel(description, Ready(network.eval(), torch.device("cpu")), "")
    write_memory(SHIPPED, _remembered(model, asked.music))


def _remembered(model: LoadedModel, music: Path) -> Memory:
    """The songs of the genres it names, as it hears them when it is asked for their genre."""
    paths = [path for genre in GENRES for path in sorted((music / genre).iterdir())]
    tracks = scan(paths, jobs=2).tracks
    dim = model.description.spec.embedding_dim
    groups = grouped({track.id: (track, track.path.parent.name) for track in tracks}, "artist").of
    vectors, genres, artists = [], [], []
    for track, said in over(model, tracks, CLIPS_PER_SONG, jobs=2, stage="embed", monitor=SILENT):
        if not isinstance(said, Rejected):
            vectors.append(said.embedding[:dim])
            genres.append(track.path.parent.name)
            artists.append(artist_hash(groups[track.id]))
    return Memory(np.array(vectors), np.array(genres), np.array(artists))


if __name__ == "__main__":
    main()
