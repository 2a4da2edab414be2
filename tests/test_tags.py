"""Tags, whatever the format."""

from __future__ import annotations

from pathlib import Path

import mutagen
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mutagen.apev2 import APEv2
from mutagen.id3 import ID3, TALB, TCON, TIT2, TPE1, TPE2

from groovecli.audio.tag_reading import read_tags
from groovecli.audio.tags import Tags, primary_genre
from tests.encode import chirp, write, write_av

EXPECTED = Tags("Björk; [live]", "Début", "Human\u00a0Behaviour", "Art Pop", "Various")


def id3() -> ID3:
    frames = (
        (TPE1, EXPECTED.artist),
        (TALB, EXPECTED.album),
        (TIT2, EXPECTED.title),
        (TCON, EXPECTED.genre),
    )
    tags = ID3()
    for kind, text in (*frames, (TPE2, EXPECTED.album_artist)):
        tags.add(kind(encoding=3, text=[text]))
    return tags


def tag(path: Path) -> None:
    """Write the expected tags in the way of the file's format."""
    file = mutagen.File(path)
    names = {"artist": EXPECTED.artist, "album": EXPECTED.album, "title": EXPECTED.title}
    names |= {"genre": EXPECTED.genre, "albumartist": EXPECTED.album_artist}
    if path.suffix in (".mp3", ".wav", ".aiff"):
        file.tags = None
        file.add_tags()
        for frame in id3().values():
            file.tags.add(frame)
    elif path.suffix == ".m4a":
        file.update(zip(("\xa9ART", "\xa9alb", "\xa9nam", "\xa9gen", "aART"), names.values(), strict=True))
    elif path.suffix == ".wma":
        keys = ("Author", "WM/AlbumTitle", "Title", "WM/Genre", "WM/AlbumArtist")
        file.tags.update(zip(keys, names.values(), strict=True))
    else:
        file.update(names)
    file.save()


@pytest.mark.parametrize(
    "ending", [".mp3", ".flac", ".ogg", ".opus", ".wav", ".aiff", ".m4a", ".alac.m4a", ".wma"]
)
def test_tags_of_every_format(tmp_path: Path, ending: str) -> None:
    path = write(tmp_path / f"a{ending}", chirp(1, 48000), 48000)
    assert read_tags(path).artist == ""
    tag(path)
    assert read_tags(path) == EXPECTED


def test_ape_tags(tmp_path: Path) -> None:
    path = write_av(tmp_path / "a.wv", chirp(1, 8000), 8000, "wavpack", "wv")
    tags = APEv2()
    tags["Artist"], tags["Genre"] = "Ape", "Jazz"
    tags.save(path)
    assert read_tags(path) == Tags(artist="Ape", genre="Jazz")


def test_numbered_id3_genres_have_their_names(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp3", chirp(1, 8000), 8000)
    tags = ID3()
    tags.add(TCON(encoding=3, text=["(17)"]))
    tags.save(path)
    assert read_tags(path).genre == "Rock"


@pytest.mark.parametrize(
    "content", [b"", b"text", b"ID3\x04\0\0\x7f\x7f\x7f\x7f" + b"\0" * 50, b"OggS\0" * 90]
)
@pytest.mark.parametrize("ending", [".mp3", ".flac", ".ogg", ".m4a", ".wma", ".wav", ".txt"])
def test_what_cannot_be_read_has_no_tags(tmp_path: Path, content: bytes, ending: str) -> None:
    path = tmp_path / f"a{ending}"
    path.write_bytes(content)
    assert read_tags(path) == Tags()
    assert read_tags(tmp_path / "missing.mp3") == Tags()


@given(st.text(min_size=1, max_size=60))
def test_any_text_comes_back_on_one_line(text: str) -> None:
    folder = Path(_flac().parent)
    path = folder / "b.flac"
    path.write_bytes(_flac().read_bytes())
    file = mutagen.File(path)
    file["title"] = text
    try:
        file.save()
    except (ValueError, UnicodeError):  # mutagen refuses what UTF-8 can't hold
        return
    title = read_tags(path).title
    assert "\n" not in title
    assert title == title.strip()
    if text.isprintable():
        assert title == text.strip()


_made: list[Path] = []


@pytest.fixture(autouse=True, scope="module")
def _song(tmp_path_factory: pytest.TempPathFactory) -> None:
    _made[:] = [write(tmp_path_factory.mktemp("tags") / "a.flac", chirp(0.2, 8000), 8000)]


def _flac() -> Path:
    return _made[0]


@pytest.mark.parametrize(
    ("tag", "genre"),
    [
        ("Rock; Pop", "rock"),
        ("Hip-Hop/House", "hip-hop"),
        ("Hip-Hop/Rap", "hip-hop/rap"),
        (" Jazz ", "jazz"),
        ("", ""),
        ("Soul\x00Funk", "soul"),
    ],
)
def test_the_first_genre_counts(tag: str, genre: str) -> None:
    assert primary_genre(Tags(genre=tag)) == genre
