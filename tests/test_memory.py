"""The songs that a model keeps in mind."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from groovecli.errors import ModelError
from groovecli.models.memory import MEMORY, Memory, artist_hash, read_memory, write_memory


def some(n: int = 6, genres: str = "ab") -> Memory:
    rng = np.random.default_rng(0)
    return Memory(
        rng.normal(size=(n, 4)).astype(np.float32),
        np.array([genres[i % len(genres)] for i in range(n)]),
        np.array([artist_hash(f"artist {i // 2}") for i in range(n)]),
    )


def test_comes_back_at_half_precision(tmp_path: Path) -> None:
    write_memory(tmp_path, some())
    back = read_memory(tmp_path, 4)
    assert back is not None
    assert np.allclose(back.vectors, some().vectors, atol=2e-3)
    assert back.genres.tolist() == some().genres.tolist()
    assert back.artists.tolist() == some().artists.tolist()


def test_genres_with_any_letters_come_back(tmp_path: Path) -> None:
    memory = some(genres=("Žalm/ráno", "R&B\u0000x", "日本"))  # type: ignore[arg-type]
    write_memory(tmp_path, memory)
    back = read_memory(tmp_path, 4)
    assert back is not None and back.genres.tolist() == memory.genres.tolist()


def test_there_may_be_none(tmp_path: Path) -> None:
    assert read_memory(tmp_path, 4) is None


def test_joining_keeps_the_order() -> None:
    joined = some(4).joined(some(2, "c"))
    assert len(joined) == 6
    assert joined.genres.tolist() == ["a", "b", "a", "b", "c", "c"]
    assert joined.labels(("c", "a")).tolist() == [1, -1, 1, -1, 0, 0]


def test_a_hash_tells_artists_apart_and_not_who_they_are() -> None:
    assert artist_hash("artist:abba") == artist_hash("artist:abba") != artist_hash("artist:cher")
    assert "abba" not in artist_hash("artist:abba")
    artist_hash("artist:caf\udce9")  # bytes that are no UTF-8


@pytest.mark.parametrize("damage", ["cut", "text", "shape", "objects", "nan", "missing"])
def test_a_damaged_file_is_refused_in_one_line(tmp_path: Path, damage: str) -> None:
    write_memory(tmp_path, some())
    path = tmp_path / MEMORY
    memory = some()
    tables = {"vectors": memory.vectors, "genres": memory.genres, "artists": memory.artists}
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:200])
    elif damage == "text":
        path.write_text("not a memory")
    elif damage == "shape":
        np.savez(path, **tables | {"genres": memory.genres[:3]})
    elif damage == "objects":
        np.savez(path, **tables | {"genres": np.array([["a"], 2, None, 4, 5, 6], dtype=object)})
    elif damage == "nan":
        np.savez(path, **tables | {"vectors": memory.vectors * np.nan})
    else:
        np.savez(path, vectors=memory.vectors)
    with pytest.raises(ModelError, match="can't be read") as caught:
        read_memory(tmp_path, 4)
    assert "\n" not in caught.value.what


def test_vectors_of_another_network_are_refused(tmp_path: Path) -> None:
    write_memory(tmp_path, some())
    with pytest.raises(ModelError, match="do not fit"):
        read_memory(tmp_path, 5)


def test_a_file_that_unpacks_to_too_much_is_not_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    np.savez_compressed(tmp_path / MEMORY, vectors=np.zeros((1 << 16, 4), np.float32))
    monkeypatch.setattr("groovecli.models.memory._LARGEST", 1 << 16)
    with pytest.raises(ModelError, match="too large"):
        read_memory(tmp_path, 4)
