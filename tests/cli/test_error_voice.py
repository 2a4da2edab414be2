"""What a person gets wrong is answered in one voice: what happened, then the command that helps."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from tests.cli.conftest import groove
from tests.conftest import write_song
from tests.golden import assert_as_kept

TEXTS = Path(__file__).parent / "errors.txt"

# In a fresh home, in a folder with song.wav, text.txt, an empty folder and a library of two genres.
WRONG = """
clasify song.wav
similar song.wav
playlists
dupes
scan music
info
list
predict song.wav
test
version
hlep
help nothing
help models nothing
models lst
models use --nope
frobnicate
classify
classify empty
classify song.wav --top
classify song.wav --count 0
classify song.wav --count many
classify song.wav --places 200
classify song.wav --min-confidence 3
classify song.wav --modle dense
classify song.wav --model nothing
classify song.wav --model time-cnn
classify song.wav --model musicnn-mtt
classify song.wav --model ../x
classify song.wav --device tpu
classify song.wav --jobs -1
classify song.wav --json=yes
classify music --exclude [z-a]
classify song.wav --color blue
classify nowhere.mp3
classify text.txt text.txt
similar
similar song.wav=none
similar song.wav --out list.doc
similar song.wav --out music
similar song.wav --out song.wav.m3u8/list.m3u8 --in nowhere
similar --playlist empty.m3u8
similar song.wav --variation 2
similar song.wav --exclude [z-a]
search
search music
search !!!
search piano
search piano --out list.doc
search piano --model nothing
search piano -vocals
between song.wav
between song.wav song.wav --count 1
between music song.wav
why song.wav
why song.wav song.wav --playlist list.m3u8
why song.wav --playlist list.m3u8 --preview a.mp3
why song.wav song.wav --preview a.wav
cluster
cluster nowhere
cluster song.wav
cluster empty
cluster music --method best
cluster music --format wpl
cluster music --clusters 0
cluster music --genres polka
cluster music --include speech
cluster music --max-minutes 0
cluster music --max-minutes -1
audit
audit nowhere
audit empty
audit song.wav
audit music --label-from mood
audit music --count 0
audit music --plan music
audit music --plan song.wav
audit music --out list.doc
apply
apply nowhere.json
apply song.wav
apply text.txt --dry-run
undo
undo nowhere
tag
tag song.wav --min-precision 2
tag song.wav --replace --add
tag song.wav --no-genre
tag song.wav --no-genre --playlists empty
duplicates
duplicates nowhere
duplicates empty
duplicates music --out list.doc
duplicates music --out song.wav
duplicates song.wav
embed music
embed music --plot map.gif
embed music --out songs.xls
embed music --out songs.csv --plot songs.gif
embed music --out songs.csv --plot-method umap
ingest
ingest nowhere
ingest empty
ingest song.wav
ingest music extra
ingest music --genres polka
ingest music --split-by genre
ingest music --test-share 2
ingest music --label-from name
ingest music --depth 3
ingest music --depth 2 --label-from tag
ingest music --clip-seconds 0.1
ingest music --clips-per-song 0
ingest music --feature mel
ingest music --feature lyrics
ingest music --source spotify
ingest music --split-file split.csv
ingest music --source fma --exclude *live*
ingest music --dataset a/b
ingest music --seed -1
train
train --network resnet
train --network groove-net
train --network musicnn-mtt
train --epochs 0
train --genres ,
models use --for embed
models use groove-net --for all,nothing
train --minutes 0
train --minutes soon
train --learning-rate fast
train --optimizer rmsprop
train --part 3/2
train --part three
train --resample many
train --precision half
train --unfreeze
train --no-lyrics --word-vectors x.txt
evaluate
evaluate groove-net
evaluate nothing
evaluate --minutes 3
evaluate a --model b
leakage
leakage --network nothing
leakage --minutes 0
leakage a --model b
compare
compare --network time-cnn,resnet
compare --protocol book
add-genre
add-genre metal
add-genre metal nowhere
add-genre metal music/rock
add-genre "" music/rock --train
remove-genre
remove-genre metal
models show nothing
models show ../x
models use nothing
models use time-cnn
models use groove-net --default
models remove groove-net --yes
models remove nothing --yes
models pull nothing
models export nothing --out x.onnx
models export groove-net --out x.pt
completion
completion tcsh
config extra
demo --out music
--wibble
"""
LINES = WRONG.strip().splitlines()


@pytest.fixture
def place(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "here"
    (folder / "empty").mkdir(parents=True)
    write_song(folder / "song.wav", 1, sr=8000)
    (folder / "text.txt").write_text("no music")
    (folder / "empty.m3u8").write_text("#EXTM3U\n")
    for genre in ("rock", "jazz"):
        (folder / "music" / genre).mkdir(parents=True)
        (folder / "music" / genre / "1.wav").write_bytes(b"x")
    monkeypatch.chdir(folder)
    monkeypatch.setattr("groovecli.cli.progress._LINE_EVERY_S", 1e9)  # a busy machine says how far it is
    return folder


def test_each_is_an_error_and_a_hint(place: Path) -> None:
    texts = []
    for line in LINES:
        done = groove(*shlex.split(line))
        assert done.exit_code in (1, 2), line
        assert "Traceback" not in done.output and "Usage:" not in done.output, line
        said = done.stderr.replace(str(place), "HERE").splitlines()
        assert any(part.startswith("error: ") for part in said), (line, said)
        texts.append("\n".join([f"$ groove {line}", *said, f"[{done.exit_code}]"]))
    assert_as_kept(TEXTS, "\n\n".join(texts) + "\n")


def test_they_are_many_and_none_twice() -> None:
    assert len(set(LINES)) == len(LINES) >= 60


@pytest.mark.parametrize("line", ["classify nowhere --jsn --json", "train --json", "similar x --json"])
def test_an_error_is_json_for_who_asked_for_json(place: Path, line: str) -> None:
    done = groove(*line.split())
    fault = json.loads(done.stdout)
    assert set(fault) == {"schema", "error"} and set(fault["error"]) == {"what", "hint", "code"}
    assert fault["error"]["code"] == done.exit_code
    assert done.stderr.splitlines()[:2] == [
        f"error: {fault['error']['what']}",
        f"hint: {fault['error']['hint']}",
    ]


def test_json_as_a_name_is_no_wish_for_json(place: Path) -> None:
    done = groove("classify", "--", "--json")
    assert done.exit_code == 1 and done.stdout == ""
