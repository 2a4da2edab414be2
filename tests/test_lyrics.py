"""Words of songs: from text, from tags of every format, from files beside, from musiXmatch."""

from __future__ import annotations

import os
import unicodedata
import zipfile
from pathlib import Path

import mutagen
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mutagen.apev2 import APEv2
from mutagen.id3 import SYLT, TLAN, TXXX, USLT, Frame
from mutagen.mp4 import MP4FreeForm

from groovecli.audio.lyrics import Lyrics, bag_of_words, read_lyrics
from groovecli.errors import DatasetError
from groovecli.library.sources.musixmatch import read_musixmatch
from tests.encode import chirp, write, write_av
from tests.retag import id3v1

TEXT = "Été, don’t go\nDON'T GO"
BAG = {"été": 1, "don't": 2, "go": 2}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Don’t don't DONʼT don`t", {"don't": 4}),
        ("'cause I’m lovin' it", {"cause": 1, "i'm": 1, "lovin": 1, "it": 1}),
        ("Straße STRASSE", {"strasse": 2}),
        ("e\u0301te\u0301 ÉTÉ", {"été": 2}),
        ("हिन्दी में", {"हिन्दी": 1, "में": 1}),
        ("hel\u00adlo\u200d", {"hello": 1}),
        ("99 ½ 1st 80's ४२", {"1st": 1, "80's": 1}),
        ("rock-n-roll, snake_case...", {"rock": 1, "n": 1, "roll": 1, "snake": 1, "case": 1}),
        ("one two\r\nthree\rfour\u2028five", dict.fromkeys(("one", "two", "three", "four", "five"), 1)),
        ("", {}),
        ("' ’ - 12 …", {}),
    ],
)
def test_words(text: str, words: dict[str, int]) -> None:
    assert bag_of_words(text) == words


@pytest.mark.parametrize(
    "text",
    [
        "[01:23.45]go now",
        "[01:23.45][1:02:03] [00:01]go now",
        "<00:01.00> go <00:02.50> now <00:03.00>",
        "[00:01]<00:01.00>go no<00:02.50>w",
        "[ar:Some One]\r[ti:A [live] song]\r[offset: +500]\r[00:01]go now",
        "[Chorus]\ngo now\n[Verse 2: Some One]",
        "(Chorus)\ngo now (x2)",
        "go now (2x) x3 ×4 (x 12)",
        "[x2] go now (Pre-Chorus x2) (Verse 1:)",
        "Verse 1: go now\nCHORUS:\n(repeat)",
        "go now (Instrumental)\n(Instrumental Break)",
        "[00:00.00] 作词 : 某人\n[00:01.00] 编曲：某人\n[00:09.00]go now",
    ],
)
def test_marks_are_no_words(text: str) -> None:
    assert bag_of_words(text) == {"go": 1, "now": 1}


def test_words_that_look_like_marks_count() -> None:
    words = ["go", "x", "marks", "the", "2xl", "bridge", "solo", "tú", "and", "chorus"]
    assert list(bag_of_words("(go) x marks the 2xl bridge, solo tú\nand chorus")) == words


@given(st.text())
def test_words_of_any_text(text: str) -> None:
    bag = bag_of_words(text)
    assert bag_of_words(f"{text}\n{text}") == {word: 2 * n for word, n in bag.items()}
    for word, n in bag.items():
        assert n > 0
        assert not word.startswith("'")
        assert any(map(str.isalpha, word))
        assert all(c == "'" or unicodedata.category(c)[0] in "LMN" for c in word)


@given(st.lists(st.from_regex(r"[a-zà-öα-ωа-я]{3,9}('[a-z]{1,3})?", fullmatch=True)))
def test_words_come_back(words: list[str]) -> None:
    assert bag_of_words(" ".join(words).upper()) == bag_of_words(" ".join(words))
    assert sum(bag_of_words(", ".join(words)).values()) == len(words)


@pytest.mark.parametrize("text", ["[", "(", "(chorus ", "1", "[ar:", "<1:", "x ", "pre-", "'", " "])
def test_no_text_takes_long(text: str) -> None:
    bag_of_words(text * ((1 << 18) // len(text)))


def tag(path: Path, key: str, text: str = TEXT) -> None:
    file = mutagen.File(path)
    if file.tags is None:
        file.add_tags()
    if path.suffix in (".mp3", ".wav", ".aiff"):
        file.tags.add(USLT(encoding=1, lang=key, desc="a: b", text=text))
    elif key.startswith("----"):
        file[key] = [MP4FreeForm(text.encode())]
    else:
        file[key] = [text]
    file.save()


@pytest.mark.parametrize(
    ("ending", "key"),
    [
        (".mp3", "eng"),
        (".mp3", "XXX"),
        (".wav", "fra"),
        (".aiff", "deu"),
        (".flac", "LYRICS"),
        (".flac", "UnsyncedLyrics"),
        (".ogg", "unsynced lyrics"),
        (".opus", "Lyrics"),
        (".m4a", "\xa9lyr"),
        (".m4a", "----:com.apple.iTunes:LYRICS"),
        (".wma", "WM/Lyrics"),
    ],
)
def test_tags_of_every_format(tmp_path: Path, ending: str, key: str) -> None:
    path = write(tmp_path / f"a{ending}", chirp(0.5, 48000), 48000)
    (tmp_path / "a.lrc").write_text("beside")
    assert read_lyrics(path).words == {"beside": 1}
    tag(path, key)
    assert read_lyrics(path).words == BAG


def test_ape_tags(tmp_path: Path) -> None:
    path = write_av(tmp_path / "a.wv", chirp(0.5, 8000), 8000, "wavpack", "wv")
    tags = APEv2()
    tags["Lyrics"] = TEXT
    tags.save(path)
    assert read_lyrics(path).words == BAG


@pytest.mark.parametrize(
    ("kind", "pieces", "bag"),
    [
        (1, ["é", "té, ", "don’t", " go", "\nDON'T ", "GO"], BAG),
        (1, ["Été, don’t go", "DON'T GO"], BAG),
        (5, ["Am", "\nF"], {}),
    ],
)
def test_synchronised_lyrics(tmp_path: Path, kind: int, pieces: list[str], bag: dict[str, int]) -> None:
    path = write(tmp_path / "a.mp3", chirp(0.5, 8000), 8000)
    file = mutagen.File(path)
    file.add_tags()
    text = [(piece, 10 * number) for number, piece in enumerate(pieces)]
    file.tags.add(SYLT(encoding=1, lang="eng", format=2, type=kind, desc="", text=text))
    file.save()
    assert read_lyrics(path).words == bag


def test_the_best_tag_counts_alone(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp3", chirp(0.5, 8000), 8000)
    tag(path, "eng", "")
    tag(path, "fra", "oui")
    file = mutagen.File(path)
    file.tags.add(TXXX(encoding=3, desc="Lyrics", text=["no"]))
    file.save()
    assert read_lyrics(path).words == {"oui": 1}


@pytest.mark.parametrize(
    "content", [b"", b"text", b"ID3\x04\0\0\x7f\x7f\x7f\x7f" + b"\0" * 50, b"OggS\0" * 90]
)
@pytest.mark.parametrize("ending", [".mp3", ".flac", ".ogg", ".m4a", ".wma", ".wav", ""])
def test_damaged_tags_are_none(tmp_path: Path, content: bytes, ending: str) -> None:
    path = tmp_path / f"a{ending}"
    path.write_bytes(content)
    assert read_lyrics(path).words == {}
    assert read_lyrics(tmp_path / "missing.mp3").words == {}
    (tmp_path / "a.txt").write_text(TEXT, "utf-8")
    assert read_lyrics(path).words == BAG


SYLT_LINE = [("oui oui", 10), ("non", 20)]


def with_frames(path: Path, *frames: Frame) -> Path:
    """A song with these ID3 frames."""
    write(path, chirp(0.5, 8000), 8000)
    file = mutagen.File(path)
    file.add_tags()
    for frame in frames:
        file.tags.add(frame)
    file.save()
    return path


def uslt(lang: str, text: str, *, desc: str = "", encoding: int = 3) -> USLT:
    return USLT(encoding=encoding, lang=lang, desc=desc, text=text)


@pytest.mark.parametrize(
    ("main", "taken", "others"),
    [
        ([], "deu", ("eng", "spa")),  # the longest
        (["eng"], "eng", ("deu", "spa")),
        (["spa", "eng"], "spa", ("eng", "deu")),
        (["fra", "eng"], "eng", ("deu", "spa")),
        (["ger"], "deu", ("eng", "spa")),
        (["Spanish"], "spa", ("eng", "deu")),
        (["engspa"], "eng", ("deu", "spa")),
        (["fra"], "deu", ("eng", "spa")),
        (["XXX"], "deu", ("eng", "spa")),
    ],
)
def test_texts_in_several_languages(
    tmp_path: Path, main: list[str], taken: str, others: tuple[str, ...]
) -> None:
    texts = {"eng": "no no", "ger": "niemals nie", "spa": "no"}
    frames = [uslt(lang, text) for lang, text in texts.items()]
    song = with_frames(tmp_path / "a.mp3", *frames, TLAN(encoding=3, text=main))
    found = read_lyrics(song)
    assert (found.language, found.others, found.origin) == (taken, others, "tags")
    assert found.words == bag_of_words(texts["ger" if taken == "deu" else taken])


def test_synchronised_lyrics_in_the_main_language_count_before_others(tmp_path: Path) -> None:
    sylt = SYLT(encoding=3, lang="fra", format=2, type=1, desc="", text=SYLT_LINE)
    english = uslt("eng", "a much longer text")
    song = with_frames(tmp_path / "a.mp3", english, sylt, TLAN(encoding=3, text=["fr"]))
    found = read_lyrics(song)
    assert (found.words, found.language, found.others) == ({"oui": 2, "non": 1}, "fra", ("eng",))


@pytest.mark.parametrize(
    ("codes", "taken", "others"),
    [
        (("eng", "que"), "que", ("eng",)),
        (("eng", "XXX"), "", ()),
        (("ENG", "eng"), "", ()),
        (("eng", "\0\0\0"), "", ()),
    ],
)
def test_codes_that_are_rare_or_say_nothing(
    tmp_path: Path, codes: tuple[str, str], taken: str, others: tuple[str, ...]
) -> None:
    frames = [uslt(code, "la " * (n + 1), desc=str(n)) for n, code in enumerate(codes)]
    found = read_lyrics(with_frames(tmp_path / "a.mp3", *frames))
    assert (found.words, found.language, found.others) == ({"la": 2}, taken, others)


def test_the_longest_of_texts_in_one_language_counts(tmp_path: Path) -> None:
    song = with_frames(tmp_path / "a.mp3", uslt("eng", "a b", desc="x"), uslt("eng", "a b c", desc="y"))
    found = read_lyrics(song)
    assert (found.words, found.language, found.others) == ({"a": 1, "b": 1, "c": 1}, "", ())


@pytest.mark.parametrize(("ending", "key"), [(".flac", "language"), (".ogg", "LANGUAGE")])
def test_languages_of_vorbis_comments(tmp_path: Path, ending: str, key: str) -> None:
    path = write(tmp_path / f"a{ending}", chirp(0.5, 48000), 48000)
    tag(path, "lyrics-eng", "a longer text")  # as FFmpeg writes them
    tag(path, "lyrics-XXX", "what is this text")
    tag(path, "lyrics-fra", "oui")
    found = read_lyrics(path)
    assert (len(found.words), found.language, found.others) == (4, "", ("eng", "fra"))
    tag(path, key, "French")
    found = read_lyrics(path)
    assert (found.words, found.language, found.others) == ({"oui": 1}, "fra", ("eng",))


@pytest.mark.parametrize(
    "note",
    [
        "[Instrumental]",
        "(Instrumental)",
        "Instrumental",
        "INSTRUMENTAL.",
        "♪ Instrumental ♪",
        "***instrumental***",
        "[00:00.00]♪ Instrumental ♪",
        "[ar:Some One]\n[00:01.00] This song is an instrumental",
        "This is an instrumental track.\n(no lyrics)",
        "No lyrics",
        "Dieses Lied ist ein Instrumentalstück",
        "Chanson instrumentale",
        "Música instrumental, sin letra",
        "Brano strumentale",
        "Utwór instrumentalny",
        "Инструментальная композиция",
        "Без слов",
        "インストゥルメンタル",
        "[00:00.00] 作曲 : 某人\n[00:05.00]纯音乐，请欣赏",
        "此歌曲为没有填词的纯音乐，请您欣赏",
        "이 곡은 연주곡입니다",
        "♪",
    ],
)
def test_notes_that_there_are_no_words(tmp_path: Path, note: str) -> None:
    song = with_frames(tmp_path / "a.mp3", uslt("eng", note))
    (tmp_path / "a.lrc").write_text(note, "utf-8")
    assert read_lyrics(song) == Lyrics()
    (tmp_path / "a.txt").write_text(TEXT, "utf-8")
    assert read_lyrics(song) == Lyrics(BAG, "a.txt")


@pytest.mark.parametrize(
    "text",
    ["my instrumental love", "no words can say", "this song is for you", "music without you", "solo"],
)
def test_songs_about_songs_have_words(tmp_path: Path, text: str) -> None:
    song = with_frames(tmp_path / "a.mp3", uslt("eng", text))
    assert read_lyrics(song).words == dict.fromkeys(text.split(), 1)


RUSSIAN = "Я иду один по тёмной улице домой, а за окном опять идёт холодный дождь"
JAPANESE = "夜明けの街を一人で歩いてる\n君の声がまだ耳に残っているから"


@pytest.mark.parametrize(("text", "encoding"), [(RUSSIAN, "cp1251"), (JAPANESE, "cp932")])
def test_tags_in_old_encodings(tmp_path: Path, text: str, encoding: str) -> None:
    data = text.encode(encoding)
    expected = Lyrics(bag_of_words(text), "tags", encoding=encoding)
    as_latin_1 = uslt("eng", data.decode("latin-1"), encoding=0)
    assert read_lyrics(with_frames(tmp_path / "a.mp3", as_latin_1)) == expected
    song = write(tmp_path / "b.mp3", chirp(0.5, 8000), 8000)
    lyrics3 = b"LYRICSBEGIN" + data + b"LYRICSEND" + id3v1()
    song.write_bytes(song.read_bytes() + lyrics3)
    assert read_lyrics(song) == expected


def test_western_tags_say_no_encoding(tmp_path: Path) -> None:
    text = "Été, ça va déjà mieux à l'aube, cœur naïf"
    song = with_frames(tmp_path / "a.mp3", uslt("fra", text.replace("œ", "oe"), encoding=0))
    assert read_lyrics(song) == Lyrics(bag_of_words(text.replace("œ", "oe")), "tags")


def test_tags_that_cannot_be_told_are_said(tmp_path: Path) -> None:
    noise = bytes(range(0x80, 0x100)).decode("latin-1")
    song = with_frames(tmp_path / "a.mp3", uslt("eng", noise, encoding=0))
    assert read_lyrics(song) == Lyrics(problem="the lyrics in the tags are in an unknown encoding")
    (tmp_path / "a.lrc").write_text("beside")
    found = read_lyrics(song)
    assert (found.words, found.origin, bool(found.problem)) == ({"beside": 1}, "a.lrc", True)


ENDINGS = [".lrc", ".LRC", ".Lrc", ".lRC", ".txt", ".TXT", ".Txt", ".txT"]


@pytest.mark.parametrize("ending", [f"{full}{ending}" for full in ("", ".mp3") for ending in ENDINGS])
@pytest.mark.parametrize(
    ("encoding", "guessed"),
    [("utf-8", ""), ("utf-8-sig", ""), ("utf-16", ""), ("utf-16-be", "utf-16-be"), ("cp1252", "cp1252")],
)
def test_files_beside(tmp_path: Path, ending: str, encoding: str, guessed: str) -> None:
    song = tmp_path / "01. A.B [live].mp3"
    beside = song.with_name(f"01. A.B [live]{ending}")
    beside.write_text(TEXT, encoding)
    assert read_lyrics(song) == Lyrics(BAG, beside.name, encoding=guessed)


def test_the_nearest_file_with_words_counts(tmp_path: Path) -> None:
    song = tmp_path / "a.mp3"
    names = ["a.txt", "a.mp3.txt", "a.lrc", "a.mp3.lrc"]
    for n, name in enumerate(names):
        (tmp_path / name).write_text(f"[00:01.00]{'la ' * (n + 1)}")
        assert read_lyrics(song) == Lyrics({"la": n + 1}, name)
    (tmp_path / names[-1]).write_text("[ar:Some One]\n[00:01.00]\n")
    assert read_lyrics(song).origin == "a.lrc"
    assert read_lyrics(tmp_path / "a.flac").origin == "a.lrc"


def test_faults_are_no_letters(tmp_path: Path) -> None:
    text = "Le vent emporte au loin mes mots d'été, où sont passés tes yeux bleus à présent"
    text = f"{text}\n{text}"
    (tmp_path / "a.txt").write_bytes(text.encode("cp1252") + b" go\x8d \x81")
    assert read_lyrics(tmp_path / "a.mp3").words == {**bag_of_words(text), "go": 1}


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"a\0b", "a.txt is not text, or in an unknown encoding (save it as UTF-8)"),
        (bytes(range(1, 256)) * 9, "a.txt is not text, or in an unknown encoding (save it as UTF-8)"),
        (b"go " * 400_000, "a.txt is larger than 1 MB"),
        (b"\xff\xfe", ""),
        (b"", ""),
    ],
)
def test_files_that_cannot_be_used_are_said(tmp_path: Path, content: bytes, problem: str) -> None:
    (tmp_path / "a.txt").write_bytes(content)
    assert read_lyrics(tmp_path / "a.mp3") == Lyrics(problem=problem)


def test_a_file_that_cannot_be_used_is_said_beside_one_that_can(tmp_path: Path) -> None:
    (tmp_path / "a.lrc").write_bytes(b"a\0b")
    (tmp_path / "a.txt").write_text("go")
    found = read_lyrics(tmp_path / "a.mp3")
    assert (found.words, found.origin, found.problem[:5]) == ({"go": 1}, "a.txt", "a.lrc")


def test_a_file_that_the_system_refuses_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "a.lrc").write_text("go")
    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert read_lyrics(tmp_path / "a.mp3") == Lyrics(problem="a.lrc can't be read: Permission denied")


def test_a_folder_or_a_pipe_holds_no_lyrics(tmp_path: Path) -> None:
    (tmp_path / "a.lrc").mkdir()
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "a.txt")
    assert read_lyrics(tmp_path / "a.mp3") == Lyrics()


TRAIN = """# comment
%i,the,you,été
TRAAAAV128F421A322,4623710,1:6,2:4,4:1
#
TRAAABD128F429CF47,6477168,3:10
"""
TEST = "%i,the,you,été\r\nTRAAAEF128F4273421,3759847,1:1\r\n\r\n"
SONGS = {
    "TRAAAAV128F421A322": {"i": 6, "the": 4, "été": 1},
    "TRAAABD128F429CF47": {"you": 10},
    "TRAAAEF128F4273421": {"i": 1},
}


def test_musixmatch(tmp_path: Path) -> None:
    paths = [tmp_path / "train.txt", tmp_path / "test.txt"]
    for path, text in zip(paths, (TRAIN, TEST), strict=True):
        path.write_bytes(text.encode())
    assert read_musixmatch(paths) == SONGS
    assert read_musixmatch(paths, {"TRAAABD128F429CF47", "other"}) == {"TRAAABD128F429CF47": {"you": 10}}
    assert read_musixmatch([]) == {}


def test_musixmatch_zipped(tmp_path: Path) -> None:
    path = tmp_path / "train.txt.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mxm_dataset_train.txt", TRAIN)
    assert list(read_musixmatch([path])) == list(SONGS)[:2]
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("other.txt", TRAIN)
    with pytest.raises(DatasetError, match=r"2 \.txt files"):
        read_musixmatch([path])


SONG = "TRAAAAV128F421A322,4623710,1:6"


@pytest.mark.parametrize(
    ("content", "line", "why"),
    [
        (f"{SONG}\n%a,b\n", 1, "line of words"),
        ("# comment\n", 1, "line of words"),
        ("", 0, "line of words"),
        (f"%a,b\n{SONG},3:1", 2, "3:1 is no word of 2"),
        (f"%a,b\n#\n{SONG},0:1", 3, "0:1"),
        (f"%a,b\n{SONG},2:0", 2, "2:0"),
        (f"%a,b\n{SONG},2", 2, "pairs"),
        (f"%a,b\n{SONG},2:-1", 2, "pairs"),
        (f"%a,b\n{SONG},2:" + "9" * 5000, 2, "pairs"),
        (f"%a,b\n{SONG}\nTRAAAAV128F4,1,1:1", 3, "track id"),
        ("%a,b\nartist,title\n", 2, "track id"),
        ("%été\n".encode("latin-1"), 1, "utf-8"),
        (f"%a,b\n{SONG}".encode("utf-16"), 1, "utf-8"),
        (b"x" * (3 << 20), 1, "line of words"),
    ],
)
def test_other_formats_are_refused(tmp_path: Path, content: str | bytes, line: int, why: str) -> None:
    path = tmp_path / "mxm.txt"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(DatasetError, match=why) as refused:
        read_musixmatch([path])
    assert f"{path}, line {line}: " in refused.value.what


def test_unreadable_files_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.txt"):
        with pytest.raises(DatasetError, match="cannot read"):
            read_musixmatch([path])
    damaged = tmp_path / "damaged.zip"
    with zipfile.ZipFile(damaged, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", TRAIN * 99)
    data = damaged.read_bytes()
    damaged.write_bytes(data[:60] + b"\xff" * 20 + data[80:])
    with pytest.raises(DatasetError, match="damaged"):
        read_musixmatch([damaged])
