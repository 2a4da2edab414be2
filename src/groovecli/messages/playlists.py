"""What goes wrong when songs are clustered and playlists written."""

from __future__ import annotations

from collections.abc import Sequence

from groovecli.errors import ModelError, UsageError


def no_such_format(name: str, formats: Sequence[str]) -> UsageError:
    """There is no playlist format of that name; `formats` are those that there are."""
    return UsageError(f"there is no playlist format {name!r}", f"choose from {', '.join(formats)}")


# Clusters: options


def no_such_method(name: str, methods: Sequence[str]) -> UsageError:
    """There is no clustering method of that name; `methods` are those that there are."""
    return UsageError(f"there is no clustering method {name!r}", f"choose from {', '.join(methods)}")


def smallest_cluster_too_small(min_size: int) -> UsageError:
    """Clusters are asked to hold no song."""
    return UsageError(
        f"a playlist must have 1 song or more, not {min_size}", "leave the number out for 5 songs"
    )


def too_few_clusters(n_clusters: int) -> UsageError:
    """No cluster is asked for."""
    return UsageError(
        f"there must be 1 playlist or more, not {n_clusters}", "leave the number out to let groove choose"
    )


def number_not_for_method(method: str, n_clusters: int, counted: Sequence[str]) -> UsageError:
    """A number of clusters is asked of a method that takes none; `counted` are those that do."""
    return UsageError(
        f"--method {method} chooses the number of playlists itself, so {n_clusters} can't be asked of it",
        f"leave the number out, or choose --method {' or '.join(counted)}",
    )


# Clusters: vectors


def no_songs_to_cluster() -> UsageError:
    """There is not one vector to cluster."""
    return UsageError("there are no songs to make playlists of", "name a folder with music")


def vectors_not_a_table(shape: Sequence[int]) -> ModelError:
    """An array does not have one row of numbers per song."""
    return ModelError(
        f"vectors must have the shape (songs, numbers), not {tuple(shape)}", "give one row per song"
    )


def vectors_not_finite(n_bad: int, n_vectors: int, first: int) -> ModelError:
    """Distances of some vectors can't be computed; `first` is the row of the first of them."""
    return ModelError(
        f"{n_bad} of {n_vectors} vectors are not finite numbers, the first in row {first}",
        "use another model: `--model groove-net`",
    )
