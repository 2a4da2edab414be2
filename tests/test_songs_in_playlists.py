"""The songs that a playlist file names."""

from __future__ import annotations

import json
import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groovecli.errors import LibraryError
from groovecli.playlists.formats.format import Format
from groovecli.playlists.formats.registry import FORMATS
from groovecli.playlists.naming import RELATIVE
from groovecli.playlists.playlist import Entry, Playlist
from groovecli.playlists.reading import list_name, songs_in


def test_paths_comments_urls_and_streams(tmp_path: Path) -> None:
    (tmp_path / "lists").mkdir()
    playlist = tmp_path / "lists" / "a.m3u"
    playlist.write_bytes(
        b"\xef\xbb\xbf#EXTM3U\r\n#EXTINF:1,x\r\n../a b.mp3\r\n\n/c.mp3\n"
        b"file:///d%20e.mp3\nhttp://radio/x\n../a b.mp3\nsub/f\xe9.mp3\n./#1.mp3\n"
    )
    odd = os.fsdecode(b"f\xe9.mp3")
    assert songs_in(playlist) == (
        tmp_path / "a b.mp3",
        Path("/c.mp3"),
        Path("/d e.mp3"),
        tmp_path / "lists" / "sub" / odd,
        tmp_path / "lists" / "#1.mp3",
    )


def test_a_list_is_called_as_its_file_says(tmp_path: Path) -> None:
    path = tmp_path / "file.m3u8"
    for head, name in (
        ("#EXTM3U\n#PLAYLIST: Late  night\r\n", "Late night"),
        ("#PLAYLIST:\n", "file"),
        ("", "file"),
    ):
        path.write_text(f"{head}a.mp3\n", newline="")
        assert list_name(path) == name
    jspf = tmp_path / "other.jspf"
    for playlist, name in (({"title": "Calm"}, "Calm"), ({"title": 3}, "other"), ({}, "other")):
        jspf.write_text(json.dumps({"playlist": {**playlist, "track": []}}))
        assert list_name(jspf) == name
    with pytest.raises(LibraryError):
        list_name(tmp_path / "none.m3u")


def test_what_can_t_be_read_is_an_error(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.m3u"):
        with pytest.raises(LibraryError):
            songs_in(path)


NAMES = st.text(st.characters(codec="utf-8", exclude_characters="/\0\r\n"), min_size=1, max_size=20).filter(
    lambda name: name not in (".", "..") and len(name.splitlines()) == 1
)


@pytest.mark.parametrize("format", FORMATS.values(), ids=FORMATS)
@given(st.lists(NAMES, min_size=1, max_size=5, unique=True))
def test_what_groove_writes_is_read_back(format: Format, names: list[str]) -> None:
    with TemporaryDirectory() as folder:
        entries = tuple(Entry(Path(folder, "music", name), 1.0, "", "", "") for name in names)
        path = Path(folder, "lists", f"x{format.suffix}")
        path.parent.mkdir()
        playlist = Playlist("x", entries, entries[0])
        if format.render_all is None:
            rendered = format.render(playlist, path.parent, RELATIVE)
        else:
            rendered = format.render_all([playlist], path.parent, RELATIVE)
        path.write_bytes(rendered.data)
        listed = {entry.path for entry in entries} - set(rendered.left_out)
        assert set(songs_in(path)) == listed
