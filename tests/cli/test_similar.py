"""`groove similar`, `between` and `why` as a person runs them."""

from __future__ import annotations

from pathlib import Path

import mutagen
import numpy as np
import pytest
import soundfile as sf

from groovecli.audio.mark import is_marked
from groovecli.audio.read import load
from groovecli.cli.commands.similar import weighted
from groovecli.errors import UsageError
from tests.cli.conftest import Workshop, groove, groove_json


@pytest.fixture
def songs(workshop: Workshop) -> list[Path]:
    found = sorted((workshop.library / "folk").glob("*.opus"))
    assert groove("similar", found[0], "--in", workshop.library / "folk").exit_code == 0
    return found


def test_a_list_as_text_and_as_json(songs: list[Path], tmp_path: Path) -> None:
    said = groove("similar", songs[0], "-n", 3, "-o", "x.m3u8")
    assert said.exit_code == 0, said.output
    lines = said.stdout.splitlines()
    assert len(lines) == 3 and all(line.endswith(" %") and "folk" in line for line in lines)
    assert "3 songs most like" in said.stderr and (tmp_path / "x.m3u8").is_file()
    found = groove_json("similar", songs[0], "-n", 3)
    assert [
        f"{song['path']}: {song['likeness']:z.0%}".replace("%", " %") for song in found["songs"]
    ] == lines
    assert found["schema"] == 1 and found["seeds"] == [{"path": str(songs[0]), "weight": 1.0}]
    assert groove("similar", songs[0], "-o", "x.m3u8").exit_code == 2
    like = groove("similar", "--playlist", "x.m3u8", "-n", 2, "-o", "y.m3u8")
    assert (
        "#PLAYLIST:Like x\n" in (tmp_path / "y.m3u8").read_text() and "2 songs most like x," in like.stderr
    )
    nothing = groove("similar", songs[0], "--exclude", "*")
    assert nothing.exit_code == 3 and "change `--exclude`" in nothing.stderr
    assert groove("similar", songs[0], "-o", "x.m3u8", "--force").exit_code == 0
    assert groove_json("similar", "--playlist", "x.m3u8", "--not", songs[0], "-n", 1)["out"] is None


def test_a_song_that_can_t_be_used_is_listed_beside_others(songs: list[Path], tmp_path: Path) -> None:
    (tmp_path / "bad.mp3").write_text("no music")
    said = groove("similar", songs[0], "bad.mp3=2", "-n", 2)
    assert said.exit_code == 3 and "failed: 1 file" in said.stderr
    alone = groove("similar", "bad.mp3")
    assert alone.exit_code == 1 and "bad.mp3 cannot be decoded" in alone.stderr


def test_a_short_file_of_vectors_is_said(songs: list[Path], home: Path) -> None:
    (matrix,) = (home / "embeddings").glob("*.f16")
    with matrix.open("r+b") as file:
        file.truncate(matrix.stat().st_size - 1)
    said = groove("similar", songs[0], "-n", 2)
    assert said.exit_code == 3 and "1 song: vectors are damaged" in said.stderr.replace("\n", " ")
    assert "groove embed" in said.stderr and groove_json("similar", songs[0], code=3)["damaged"] == 1
    status = groove("status")
    assert status.exit_code == 3 and "lost its analyses of 1 song" in status.stderr.replace("\n", " ")
    assert groove("embed", songs[0].parent, "--out", "v.csv").exit_code == 0
    assert groove("similar", songs[0], "-n", 2).exit_code == groove("status").exit_code == 0


def test_one_recording_in_two_encodings_is_said(songs: list[Path], tmp_path: Path) -> None:
    copy = tmp_path / "copy.mp3"
    y, sr = load(songs[0], sr=44100), 44100
    sf.write(copy, y, sr, format="MP3")
    assert "one recording in two files" in groove("why", songs[0], copy).stdout.replace("\n", " ")
    assert groove_json("why", songs[0], copy)["one_recording"] is True
    assert groove_json("why", songs[0], songs[1])["one_recording"] is False
    assert groove("between", songs[0], copy).exit_code == 2


def test_a_preview_never_replaces_a_song(songs: list[Path], tmp_path: Path) -> None:
    mine, other, link = (tmp_path / name for name in ("mine.mp3", "other.mp3", "link.mp3"))
    sound = np.sin(np.arange(30 * 22050) / 10)
    for number, path in enumerate((mine, other)):
        sf.write(path, sound * (0.4 + number / 10), 22050, format="MP3")
    link.symlink_to(other)
    before = mine.read_bytes(), other.read_bytes()
    for preview in (mine, link):
        said = groove("why", mine, other, "--preview", preview, "--force")
        assert said.exit_code == 2 and "never replaces" in said.stderr
    assert groove("similar", mine, "--in", tmp_path, "--count", 1).exit_code in (0, 3)
    for preview in (mine, link):  # in the library, though not compared
        said = groove("why", *songs[:2], "--preview", preview, "--force")
        assert said.exit_code == 2 and "never replaces" in said.stderr
    assert (mine.read_bytes(), other.read_bytes()) == before


def test_a_way_as_text_and_as_json(songs: list[Path]) -> None:
    said = groove("between", songs[0], songs[-1], "-n", 4)
    assert said.exit_code == 0, said.output
    lines = said.stdout.splitlines()
    assert lines[0] == str(songs[0]) and lines[-1] == str(songs[-1]) and len(lines) <= 4
    assert "times the mean" in said.stderr
    found = groove_json("between", songs[0], songs[-1], "-n", 40)
    assert [song["step"] is None for song in found["songs"]][:2] == [True, False]
    assert found["asked"] == 40 and len(found["songs"]) <= 6
    assert "no more songs fit" in groove("between", songs[0], songs[-1], "-n", 40).stderr


def test_why_as_text_and_as_json(songs: list[Path], tmp_path: Path) -> None:
    said = groove("why", songs[0], songs[1], "--preview", "p.mp3")
    assert said.exit_code == 0, said.output
    heads = [line.split("  ")[0] for line in said.stdout.splitlines()]
    assert "nearest song to A" in said.stdout
    assert heads[:3] == ["A", "B", "alike"] and {"near A", "near B", "most alike"} <= set(heads)
    assert (tmp_path / "p.mp3").is_file() and "wrote p.mp3" in said.stderr
    tags = mutagen.File(tmp_path / "p.mp3")
    assert (str(tags["TXXX:GROOVE"]), str(tags["TPE1"])) == ("preview of two songs", "groove")
    assert is_marked(tmp_path / "p.mp3")
    before = (tmp_path / "p.mp3").read_bytes()
    refused = groove("why", songs[0], songs[1], "--preview", "p.mp3")
    assert refused.exit_code == 2 and "is there already" in refused.stderr
    assert (tmp_path / "p.mp3").read_bytes() == before
    assert groove("why", songs[0], songs[1], "--preview", "p.mp3", "--force").exit_code == 0
    assert "100 %, the same song" in groove("why", songs[0], songs[0]).stdout
    found = groove_json("why", songs[0], songs[1])
    assert len(found["songs"]) == 2 and len(found["songs"][0]["nearest"]) == 3 and found["alike"]
    assert groove("similar", songs[0], "-n", 3, "-o", "lists/a.m3u8").exit_code == 0
    assert groove("similar", songs[1], "-n", 3, "-o", "lists/b.m3u8").exit_code == 0
    said = groove("why", songs[0], "--playlist", "lists/a.m3u8")
    assert said.exit_code == 0 and "without this song" in said.stdout and "margin" in said.stdout
    found = groove_json("why", songs[0], "--playlist", "lists/a.m3u8")
    assert [Path(other["file"]).name for other in found["others"]] == ["b.m3u8"]


def test_weights_and_names_that_look_like_them(tmp_path: Path) -> None:
    real = tmp_path / "b=3"
    real.touch()
    given = [Path("a.mp3"), Path("a.mp3=2.5"), real, Path("x=y/z.mp3")]
    assert weighted(given) == ([Path("a.mp3"), Path("a.mp3"), real, given[3]], (1.0, 2.5, 1.0, 1.0))
    for wrong in ("a.mp3=", "a.mp3=x", "a.mp3=0", "a.mp3=-1", "a.mp3=nan", "a.mp3=inf", "a.mp3=1e300"):
        with pytest.raises(UsageError, match=r"of a\.mp3 must be a number above 0, at most 1,000,000, not"):
            weighted([Path(wrong)])
    refused = groove("similar", "=2")
    assert refused.exit_code == 2 and "empty path" in refused.stderr


def test_no_song_left_is_said_and_no_playlist_written(songs: list[Path], tmp_path: Path) -> None:
    said = groove("similar", songs[0], "--exclude", "*", "-o", "x.m3u8")
    assert said.exit_code == 3 and not (tmp_path / "x.m3u8").exists()
    assert "no song is left" in said.stderr and "no playlist was written" in said.stderr
    assert "by --exclude" in groove_json("similar", songs[0], "--exclude", "*", code=3)["nothing"]
    everything = groove_json("similar", songs[0].parent, "--in", songs[0].parent, code=3)
    assert everything["songs"] == [] and "are what you asked about" in everything["nothing"]


def test_a_song_that_is_not_there_is_said_as_that(songs: list[Path]) -> None:
    said = groove("similar", "no.mp3")
    assert said.exit_code == 1 and "no.mp3: no such file or folder" in said.stderr
    assert "see that the path is right" in said.stderr
    assert "such as no.mp3: no such file" in groove("similar", "no.mp3", "none.mp3").stderr.replace(
        "\n", " "
    )


def test_what_is_wrong_with_options_is_said_before_a_model_is_loaded(
    songs: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("groovecli.actions.context.Context.load", None)
    assert groove("similar", "--not", songs[0]).exit_code == 2
    assert groove("similar", f"{songs[0]}=much").exit_code == 2
    both = groove("similar", songs[0], "--not", songs[0])
    assert both.exit_code == 2 and "--not" in both.stderr
