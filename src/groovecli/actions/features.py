"""A dataset with its features, and what of it could not be had."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from groovecli.actions.context import Context
from groovecli.datasets.cache import tried_again, with_features
from groovecli.datasets.dataset import Dataset
from groovecli.datasets.reach import Reach, check_genres, reach_of
from groovecli.features.spec import FeatureSpec
from groovecli.library.genres import chosen_genres


@dataclass(frozen=True)
class Featured:
    """A dataset whose features are cached, but for those of the songs that are out of `reach`."""

    dataset: Dataset
    reach: Reach


def featured(
    dataset: Dataset,
    specs: Sequence[FeatureSpec],
    context: Context,
    *,
    looked_at: str | None = None,
    needed: str | None = None,
    genres: Sequence[str] = (),
) -> Featured:
    """Compute what a dataset lacks, and say which of its songs are out of reach.

    Parameters
    ----------
    looked_at : str, optional
        The side of the split whose songs matter; all do without it.
    needed : str, optional
        The side on which each genre needs a song.
    genres : sequence of str, optional
        The genres that matter, parents for all their sub-genres; all do without them.

    Raises
    ------
    DatasetError
        A genre has no song that can be used; or as `with_features`.
    UsageError
        The dataset has no such genre.
    Interrupted
        The user stopped it.
    """
    there = {song.genre for song in dataset.songs.values()}
    wanted = chosen_genres(there, genres, dataset.settings.depth) if genres else frozenset[str]()
    dataset = tried_again(dataset)
    check_genres(dataset, reach_of(dataset, specs, side=looked_at), needed, wanted)  # before hours of work
    dataset = with_features(dataset, specs, jobs=context.jobs, monitor=context.monitor)
    reach = reach_of(dataset, specs, side=looked_at)
    check_genres(dataset, reach, needed, wanted)
    return Featured(dataset, reach)
