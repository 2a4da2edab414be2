"""Values that travel between machines: paths below a root follow the root."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groovecli.errors import UsageError
from groovecli.workers.cluster import Cluster, cluster_of
from groovecli.workers.parcels import opened, packed

HERE, THERE = Path("/home/me/Music"), Path("/mnt/music")
# Any bytes but "/" and those that end a name.
PARTS = st.lists(
    st.binary(min_size=1, max_size=8)
    .map(lambda name: name.replace(b"/", b"_").replace(b"\0", b"_").decode("utf-8", "surrogateescape"))
    .filter(lambda name: name not in (".", "..")),
    max_size=4,
)


@dataclass(frozen=True)
class Item:
    path: Path
    others: tuple[Path, ...]


@given(PARTS)
def test_paths_below_a_root_follow_it_there_and_back(parts: list[str]) -> None:
    path = HERE.joinpath(*parts)
    item = Item(path, (path, Path("/etc/hosts")))
    there = opened(packed(item, [HERE]), [THERE])
    assert there == Item(THERE.joinpath(*parts), (THERE.joinpath(*parts), Path("/etc/hosts")))
    assert opened(packed(there, [THERE]), [HERE]) == item


def test_a_name_that_begins_like_a_root_is_not_below_it() -> None:
    path = Path("/home/me/Music 2/a.mp3")
    assert opened(packed(path, [HERE]), [THERE]) == path


def test_the_root_itself_follows() -> None:
    assert opened(packed(HERE, [HERE]), [THERE]) == THERE


def test_clusters_have_one_folder_of_music(tmp_path: Path) -> None:
    song = tmp_path / "a.mp3"
    song.touch()
    assert cluster_of("", [tmp_path], None) is None
    with pytest.raises(UsageError, match="--scheduler must be an address, not host"):
        cluster_of("host", [tmp_path], None)
    assert cluster_of("tcp://x:1", [tmp_path, song], None) == Cluster("tcp://x:1")
    for given_path in (tmp_path, song):
        assert cluster_of("tcp://x:1", [given_path], THERE) == Cluster("tcp://x:1", (tmp_path,), (THERE,))
    for scheduler, libraries in (("", [tmp_path]), ("tcp://x:1", [tmp_path, song])):
        with pytest.raises(UsageError):
            cluster_of(scheduler, libraries, THERE)
