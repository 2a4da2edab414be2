"""A medley is an MP3 of the songs' middles, equally loud."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import mutagen
import numpy as np
import pytest
import soundfile as sf
from mutagen import id3

from groovecli.audio.mark import is_marked, marked
from groovecli.audio.medley import _segment, medley
from groovecli.errors import LibraryError
from groovecli.library.scan import find_tracks
from groovecli.monitor import SILENT
from groovecli.playlists.folder import PREVIEW_SUFFIX, write_playlists
from groovecli.playlists.playlist import Entry, Playlist
from groovecli.reasons import Reason

from .conftest import write_song

SR = 22050


def song(
    path: Path, hz: float, *, gain: float = 1.0, middle_hz: float | None = None, seconds: float = 9
) -> Path:
    """A tone, another one in its middle third."""
    path.parent.mkdir(exist_ok=True)
    t = np.arange(round(seconds * SR)) / SR
    y = 0.5 * np.sin(2 * np.pi * hz * t)
    if middle_hz is not None:
        third = len(y) // 3
        y[third : 2 * third] = 0.5 * np.sin(2 * np.pi * middle_hz * t[third : 2 * third])
    sf.write(path, gain * y, SR)
    return path


def heard(mp3: bytes | None) -> np.ndarray:
    assert mp3 is not None
    y, sr = sf.read(io.BytesIO(mp3))
    assert (sf.info(io.BytesIO(mp3)).format, sr, y.ndim) == ("MP3", SR, 1)
    return y


def loudest_hz(y: np.ndarray) -> float:
    return float(np.abs(np.fft.rfft(y)).argmax() * SR / len(y))


def level_dbfs(y: np.ndarray) -> float:
    return float(20 * np.log10(np.sqrt(np.mean(y**2))))


def test_medley_is_the_middles_faded_into_one_another(tmp_path: Path) -> None:
    first = song(tmp_path / "a.wav", 300, middle_hz=600)
    second = song(tmp_path / "b.wav", 900, middle_hz=1500)
    result = medley([first, second], each_s=3, crossfade_s=1, sr=SR)
    y = heard(result.mp3)
    assert len(y) / SR == 5
    assert abs(loudest_hz(y[: 2 * SR]) - 600) < 5
    assert abs(loudest_hz(y[3 * SR :]) - 1500) < 5
    shared = np.abs(np.fft.rfft(y[2 * SR : 3 * SR]))  # 1 s: its bins are Hz
    assert shared[600] > 100 * np.median(shared) and shared[1500] > 100 * np.median(shared)
    assert (result.paths, result.skipped) == ((first, second), ())


def test_songs_are_equally_loud(tmp_path: Path) -> None:
    paths = [song(tmp_path / "quiet.wav", 300, gain=0.02), song(tmp_path / "loud.wav", 500, gain=1.9)]
    y = heard(medley(paths, each_s=3, crossfade_s=1, sr=SR).mp3)
    assert abs(level_dbfs(y[SR // 4 : 2 * SR]) + 18) < 0.5
    assert abs(level_dbfs(y[3 * SR : -SR // 4]) + 18) < 0.5


def test_peaks_are_not_clipped(tmp_path: Path) -> None:
    y = np.zeros(6 * SR)
    y[:: SR // 4] = 0.9  # clicks: as loud as -18 dBFS, they would be far over full scale
    sf.write(tmp_path / "clicks.wav", y, SR)
    assert np.abs(heard(medley([tmp_path / "clicks.wav"], each_s=4, sr=SR).mp3)).max() < 1
    sf.write(tmp_path / "silence.wav", np.zeros(6 * SR), SR)
    assert np.abs(heard(medley([tmp_path / "silence.wav"], each_s=4, sr=SR).mp3)).max() < 1e-3


def test_samples_over_full_scale_do_not_wrap() -> None:
    piece = _segment(np.array([1.5, -1.5, 0.5], np.float32), SR)
    assert list(piece.get_array_of_samples()) == [32767, -32767, 16384]


def test_songs_that_cannot_be_decoded_are_skipped(tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp3"
    broken.write_bytes(b"no sound")
    missing = tmp_path / "missing.flac"
    good = [song(tmp_path / f"{n}.wav", 300 + n) for n in range(3)]
    result = medley([broken, good[0], missing, *good[1:]], n_songs=2, each_s=2, crossfade_s=1, sr=SR)
    assert result.paths == tuple(good[:2])
    assert [one.path for one in result.skipped] == [broken, missing]
    assert all(one.problem.text and one.problem.reason.is_fault for one in result.skipped)
    assert len(heard(result.mp3)) / SR == 3
    nothing = medley([broken, missing], sr=SR)
    assert nothing.mp3 is None
    assert len(nothing.skipped) == 2
    assert medley([]).mp3 is None


def test_songs_shorter_than_the_fade_are_heard(tmp_path: Path) -> None:
    paths = [write_song(tmp_path / f"{seconds}.wav", seconds) for seconds in (0.5, 4, 0.001)]
    result = medley(paths, each_s=3, crossfade_s=2, sr=SR)
    assert result.paths == tuple(paths)
    assert abs(len(heard(result.mp3)) / SR - 3.25) < 0.01


def test_playlist_gets_its_preview(tmp_path: Path, demo: Path) -> None:
    songs = sorted(demo.rglob("*.opus"))[:2]
    entries = tuple(Entry(path, 30, "", "", "") for path in songs)
    result = write_playlists(
        [Playlist("P", entries, entries[0])],
        tmp_path,
        preview=lambda one: (
            medley([entry.path for entry in one.entries], each_s=2, crossfade_s=1, sr=SR).mp3
        ),
    )
    path = result.written[0].preview
    assert path == tmp_path / f"P{PREVIEW_SUFFIX}"
    assert abs(sf.info(path).duration - 3) < 0.01


def test_no_warning_of_a_missing_ffmpeg(tmp_path: Path) -> None:
    path = song(tmp_path / "a.wav", 300)
    code = (
        "from pathlib import Path; from groovecli.audio.medley import medley; "
        f"medley([Path({str(path)!r})])"
    )
    done = subprocess.run(
        [sys.executable, "-W", "always", "-c", code],
        capture_output=True,
        text=True,
        env={"PATH": ""},
        check=True,
    )
    assert "ffmpeg" not in done.stderr


def test_a_preview_is_no_song_wherever_it_is_copied(tmp_path: Path) -> None:
    first = song(tmp_path / "songs" / "a.wav", 300)
    mp3 = medley([first], each_s=3, sr=SR, title="Jazz (preview)", album="Jazz").mp3
    assert mp3 is not None
    copied = tmp_path / "songs" / "my favourite.mp3"
    copied.write_bytes(mp3)
    assert is_marked(copied)
    tags = mutagen.File(copied)
    assert [str(tags[key]) for key in ("TIT2", "TPE1", "TALB")] == ["Jazz (preview)", "groove", "Jazz"]
    assert str(tags["TXXX:GROOVE"]) == "preview of a playlist"
    found = find_tracks([tmp_path / "songs"], None, jobs=1, monitor=SILENT)
    assert ([track.path for track in found.tracks], found.rejected) == ([first], ())
    found = find_tracks([copied], None, jobs=1, monitor=SILENT)
    assert found.tracks == ()
    assert [(item.path, item.reason) for item in found.rejected] == [(copied, Reason.PREVIEW)]
    assert not Reason.PREVIEW.is_fault
    first.unlink()
    with pytest.raises(LibraryError, match=r"no music in .* \(passed over: 1 preview of playlists\)"):
        find_tracks([tmp_path / "songs"], None, jobs=1, monitor=SILENT)


@pytest.mark.parametrize("encoding", range(4))
@pytest.mark.parametrize("version", [3, 4])
def test_the_mark_survives_other_programs(tmp_path: Path, encoding: int, version: int) -> None:
    file = tmp_path / "a.mp3"
    file.write_bytes(marked(heard_nothing(), ""))
    tags = id3.ID3(file)
    tags.add(id3.TALB(encoding=3, text=["Ψ" * 2000]))
    for frame in tags.values():
        frame.encoding = encoding if isinstance(frame, id3.TXXX) else 1
    tags.save(file, v2_version=version)
    assert is_marked(file)


def heard_nothing() -> bytes:
    file = io.BytesIO()
    sf.write(file, np.zeros(SR), SR, format="MP3")
    return file.getvalue()


@pytest.mark.parametrize("data", [b"", b"ID3", b"ID3\x04\0\0\x7f\x7f\x7f\x7f", b"\xff\xfb" * 50])
def test_files_without_the_mark(tmp_path: Path, data: bytes) -> None:
    for name in ("a.mp3", "b.flac"):
        (tmp_path / name).write_bytes(data)
        assert not is_marked(tmp_path / name)
