"""Tags that one look misses: of other formats, several sets in a file, several values in a tag."""

from __future__ import annotations

import shutil
import struct
from dataclasses import asdict
from pathlib import Path

import mutagen
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mutagen.asf import ASFUnicodeAttribute
from mutagen.id3 import ID3, TCON, TPE1, TXXX
from mutagen.mp4 import MP4FreeForm

from groovecli.audio.lyrics import read_lyrics
from groovecli.audio.tag_reading import read_tags
from groovecli.audio.tags import Tags
from tests.encode import chirp, write, write_av
from tests.retag import EXPECTED, apev2, chunk, id3v1, id3v2, lyrics3, metadata, remux

BY_AV = {
    ".aac": ("aac", "adts"),
    ".ac3": ("ac3", "ac3"),
    ".caf": ("pcm_s16le", "caf"),
    ".mka": ("libopus", "matroska"),
    ".mov": ("aac", "mov"),
    ".tta": ("tta", "tta"),
    ".webm": ("libopus", "webm"),
    ".wv": ("wavpack", "wv"),
}
BY_SOUNDFILE = (".mp3", ".flac", ".ogg", ".opus", ".wav", ".aiff", ".m4a", ".wma")
APE = apev2(
    Artist=[EXPECTED.artist, "Gil"],
    Album=EXPECTED.album,
    Title=EXPECTED.title,
    Genre=[EXPECTED.genre, "Pop"],
    Album_Artist=[EXPECTED.album_artist, "x"],
)


@pytest.fixture(scope="module")
def songs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A song of each format, without tags."""
    folder, sound = tmp_path_factory.mktemp("songs"), chirp(0.3, 48000)
    made = {ending: write(folder / f"a{ending}", sound, 48000) for ending in BY_SOUNDFILE}
    made |= {ending: write_av(folder / f"a{ending}", sound, 48000, *how) for ending, how in BY_AV.items()}
    return made


def _with(path: Path, song: Path, *, before: bytes = b"", behind: bytes = b"") -> Path:
    path.write_bytes(before + song.read_bytes() + behind)
    return path


@pytest.mark.parametrize("ending", [*BY_AV, *BY_SOUNDFILE])
def test_tags_around_any_format(songs: dict[str, Path], tmp_path: Path, ending: str) -> None:
    path, song = tmp_path / f"a{ending}", songs[ending]
    assert read_tags(song) == Tags()
    assert read_tags(_with(path, song, before=id3v2())) == EXPECTED
    assert read_tags(_with(path, song, behind=APE)) == EXPECTED
    assert read_tags(_with(path, song, behind=APE + id3v1("x", "y"))) == EXPECTED
    assert read_tags(_with(path, song, behind=APE + lyrics3("la") + id3v1("x", "y"))) == EXPECTED
    assert read_tags(_with(path, song, behind=id3v1())) == Tags(artist="Ann", title="Song", genre="Jazz")


@pytest.mark.parametrize("ending", [".mp3", ".aac", ".tta"])
def test_a_second_id3_tag_says_what_the_first_leaves_open(
    songs: dict[str, Path], tmp_path: Path, ending: str
) -> None:
    both = id3v2(Tags(title="First")) + id3v2()
    tags = read_tags(_with(tmp_path / f"a{ending}", songs[ending], before=both))
    assert tags == Tags("Ann", "Début", "First", "Jazz", "Various")


@pytest.mark.parametrize("ending", [".ape", ".mpc", ".mp3"])
def test_tags_of_what_is_no_sound(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a{ending}"
    path.write_bytes(id3v2() + b"MAC \x96\x0f\0\0" + bytes(200))
    assert read_tags(path) == EXPECTED


@pytest.mark.parametrize(
    ("ending", "container", "options"),
    [
        (".mka", "matroska", {}),
        (".webm", "webm", {}),
        (".caf", "caf", {}),
        (".m4a", "mp4", {"movflags": "use_metadata_tags"}),  # Apple's `mdta`
    ],
)
def test_tags_of_containers(
    songs: dict[str, Path], tmp_path: Path, ending: str, container: str, options: dict[str, str]
) -> None:
    path = remux(songs[ending], tmp_path / f"a{ending}", container, metadata(), **options)
    assert read_tags(path) == EXPECTED


@pytest.mark.parametrize(("ending", "container"), [(".wav", "wav"), (".mov", "mov")])
def test_tags_of_containers_without_an_album_artist(
    songs: dict[str, Path], tmp_path: Path, ending: str, container: str
) -> None:
    path = remux(songs[ending], tmp_path / f"a{ending}", container, metadata())
    assert read_tags(path) == Tags("Ann", "Début", "Song", "Jazz")


def test_info_of_wav_that_is_not_utf8(songs: dict[str, Path], tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    info = chunk(b"LIST", b"INFO" + chunk(b"IART", "Björk\0".encode("cp1252"), "<"), "<")
    assert read_tags(_with(path, songs[".wav"], behind=info)).artist == "Björk"


def test_own_chunks_of_aiff(songs: dict[str, Path], tmp_path: Path) -> None:
    path = tmp_path / "a.aiff"
    aiff = songs[".aiff"].read_bytes()
    body = aiff[8:] + chunk(b"NAME", b"Song") + chunk(b"AUTH", b"Ann")
    path.write_bytes(b"FORM" + struct.pack(">I", len(body)) + body)
    assert read_tags(path) == Tags(artist="Ann", title="Song")


def test_m4a_whose_meta_atom_has_no_version(songs: dict[str, Path], tmp_path: Path) -> None:
    path = remux(songs[".m4a"], tmp_path / "a.m4a", "mp4", metadata())
    data = bytearray(path.read_bytes())
    place = data.index(b"meta") + 4
    del data[place : place + 4]
    for name in (b"moov", b"udta", b"meta"):
        place = data.index(name) - 4
        data[place : place + 4] = struct.pack(">I", struct.unpack_from(">I", data, place)[0] - 4)
    path.write_bytes(data)
    assert read_tags(path) == EXPECTED


@pytest.mark.parametrize("ending", [".mp3", ".wv"])
def test_an_item_of_ape_that_is_not_utf8(songs: dict[str, Path], tmp_path: Path, ending: str) -> None:
    tag = (
        apev2(Title="Jó", Artist="Ann", Comment="é")
        .replace("ó".encode(), b"\xf3!")
        .replace(b"\xc3\xa9", b"\xe9\xe9")
    )
    path = _with(tmp_path / f"a{ending}", songs[ending], behind=tag)
    assert read_tags(path) == Tags(artist="Ann", title="Jó!")


@pytest.mark.parametrize("named", [".mp3", ".flac", ".ogg", ".wav", ".m4a", ".wma", ".ape"])
@pytest.mark.parametrize("ending", [".mp3", ".flac", ".ogg", ".opus", ".wav", ".m4a", ".wma"])
def test_files_under_another_ending(
    songs: dict[str, Path], tmp_path: Path, ending: str, named: str
) -> None:
    path = shutil.copy(songs[ending], tmp_path / f"a{ending}")
    file = mutagen.File(path)
    if file.tags is None:
        file.add_tags()
    if isinstance(file.tags, ID3):
        file.tags.add(TPE1(encoding=3, text=["Ann"]))
    else:
        file[{".m4a": "\xa9ART", ".wma": "Author"}.get(ending, "artist")] = ["Ann"]
    file.save()
    assert read_tags(path.rename(tmp_path / f"b{named}")).artist == "Ann"


@pytest.mark.parametrize("name", ["ALBUMARTIST", "Album Artist", "album_artist", "ALBUM ARTIST"])
@pytest.mark.parametrize("ending", [".mp3", ".flac", ".opus", ".m4a", ".wma", ".wv", ".mka"])
def test_spellings_of_the_album_artist(
    songs: dict[str, Path], tmp_path: Path, ending: str, name: str
) -> None:
    path = tmp_path / f"a{ending}"
    if ending in (".wv", ".mka"):
        _with(path, songs[ending], behind=apev2(**{name: "Various"}))
    else:
        file = mutagen.File(shutil.copy(songs[ending], path))
        if ending == ".mp3":
            file.add_tags()
            file.tags.add(TXXX(encoding=3, desc=name, text=["Various"]))
        elif ending == ".m4a":
            file[f"----:com.apple.iTunes:{name}"] = [MP4FreeForm(b"Various")]
        else:
            file[name] = ["Various"]
        file.save()
    assert read_tags(path).album_artist == "Various"


def test_the_first_of_several_values(songs: dict[str, Path], tmp_path: Path) -> None:
    flac, m4a = (mutagen.File(shutil.copy(songs[e], tmp_path / f"a{e}")) for e in (".flac", ".m4a"))
    flac.update({"artist": ["", "Miles", "Gil"], "genre": ["255", "17", "Pop"]})
    flac.save()
    m4a.update({"\xa9ART": ["Miles", "Gil"], "\xa9gen": ["Jazz", "Pop"]})
    m4a.save()
    wma = mutagen.File(shutil.copy(songs[".wma"], tmp_path / "a.wma"))
    wma["Author"] = [ASFUnicodeAttribute("Miles"), ASFUnicodeAttribute("Gil")]
    wma.save()
    mp3 = mutagen.File(shutil.copy(songs[".mp3"], tmp_path / "a.mp3"))
    mp3.add_tags()
    mp3.tags.add(TPE1(encoding=3, text=["Miles", "Gil"]))
    mp3.tags.add(TCON(encoding=3, text=["(255)", "(17)(13)"]))
    mp3.save()
    tags = [read_tags(tmp_path / f"a{ending}") for ending in (".flac", ".m4a", ".wma", ".mp3")]
    assert [each.artist for each in tags] == ["Miles"] * 4
    assert [each.genre for each in tags] == ["Rock", "Jazz", "", "Rock"]


@pytest.mark.parametrize("ending", [".mp3", ".wv", ".tta"])
def test_ape_with_several_values(songs: dict[str, Path], tmp_path: Path, ending: str) -> None:
    tags = read_tags(_with(tmp_path / f"a{ending}", songs[ending], behind=APE))
    assert (tags.artist, tags.genre) == ("Ann", "Jazz")


def _element(name: int, content: bytes) -> bytes:
    length = (len(content) | 1 << 28).to_bytes(4, "big")
    return name.to_bytes((name.bit_length() + 7) // 8, "big") + length + content


def _tag(targets: bytes, *texts: tuple[str, str]) -> bytes:
    """A Matroska tag."""
    simple = (
        _element(0x67C8, _element(0x45A3, key.encode()) + _element(0x4487, text.encode()))
        for key, text in texts
    )
    return _element(0x7373, _element(0x63C0, targets) + b"".join(simple))


@pytest.mark.parametrize("live", ["0", "1"])  # the second of unknown length
def test_matroska_tags_of_album_song_and_chapter(songs: dict[str, Path], tmp_path: Path, live: str) -> None:
    album, song, chapter = b"\x68\xca\x81\x32", b"\x68\xca\x81\x1e", b"\x63\xc4\x81\x07"
    tags = _tag(song + chapter, ("TITLE", "First part"))
    tags += _tag(album, ("TITLE", "Début"), ("ARTIST", "Various"), ("GENRE", "Jazz"))
    tags += _tag(song, ("ARTIST", "Ann"), ("ARTIST", "Gil"), ("SORT_WITH", "x"))
    path = remux(songs[".mka"], tmp_path / "a.mka", "matroska", {"title": "Song"}, live=live)
    data = path.read_bytes()
    place = data.index(b"\x1f\x43\xb6\x75") if live == "1" else len(data)
    data = data[:place] + _element(0x1254C367, tags) + data[place:]
    path.write_bytes(data)
    assert read_tags(path) == EXPECTED


@pytest.mark.parametrize(
    ("ending", "before", "behind"),
    [
        (".mp3", b"", apev2(Lyrics="go now")),
        (".mp3", b"", lyrics3("go now") + id3v1()),
        (".mp3", b"", b"LYRICSBEGINgo nowLYRICSEND" + id3v1()),
        (".tta", b"", apev2(Lyrics="go now")),
        (".flac", id3v2(), apev2(Unsynced_Lyrics="go now")),
    ],
)
def test_lyrics_around_the_sound(
    songs: dict[str, Path], tmp_path: Path, ending: str, before: bytes, behind: bytes
) -> None:
    path = _with(tmp_path / f"a{ending}", songs[ending], before=before, behind=behind)
    assert read_lyrics(path).words == {"go": 1, "now": 1}


def test_lyrics_of_matroska(songs: dict[str, Path], tmp_path: Path) -> None:
    path = remux(songs[".mka"], tmp_path / "a.mka", "matroska", {"LYRICS": "go\nnow"})
    assert read_lyrics(path).words == {"go": 1, "now": 1}


def test_names_in_lyrics3(songs: dict[str, Path], tmp_path: Path) -> None:
    fields = {"EAR": "An artist of more than thirty letters", "EAL": "Album"}
    path = _with(tmp_path / "a.mp3", songs[".mp3"], behind=lyrics3("la", **fields) + id3v1())
    assert read_tags(path) == Tags(artist=fields["EAR"], album="Album", title="Song", genre="Jazz")


MAGIC = (
    b"\x1a\x45\xdf\xa3\x80\x18\x53\x80\x67\xff\x12\x54\xc3\x67\xff\x73\x73\xff\x67\xc8\xff",
    b"RIFF\xff\xff\xff\xffWAVELIST",
    b"FORM\0\0\0\x60AIFFNAME",
    b"caff\0\1\0\0info",
    b"\0\0\0\x60moov",
    b"ID3\4\0\0\0\0\0\x40TPE1",
)
FOOTER = b"APETAGEX\xd0\7\0\0\x60\0\0\0\3\0\0\0" + bytes(12)
ENDS = (b"", FOOTER, b"LYR00003x000025LYRICS200", b"LYRICSEND", b"TAG" + bytes(125))


@given(st.sampled_from(MAGIC), st.binary(max_size=200), st.sampled_from(ENDS))
def test_any_bytes_have_tags_or_none(
    songs: dict[str, Path], magic: bytes, middle: bytes, end: bytes
) -> None:
    path = songs[".mp3"].with_name("any.mp3")
    path.write_bytes(magic + middle + b"LYRICSBEGIN" + end)
    tags = read_tags(path)
    assert all("\n" not in text and text == text.strip() for text in asdict(tags).values())
    assert read_lyrics(path) is not None
