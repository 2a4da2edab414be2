"""Word vectors: learnt, read through gensim, stored and found again."""

from __future__ import annotations

import gzip
import pickle
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from gensim.models import KeyedVectors, Word2Vec
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save

from groovecli.errors import DatasetError, GrooveError, ModelError
from groovecli.features import word_vectors as words
from groovecli.features.stems import stems_of
from groovecli.features.word_vectors import (
    Bag,
    Coverage,
    WordVectors,
    learnt,
    read_vectors,
    store,
    stored,
)

SEA = ["sea", "wave", "sail", "shore"]
CITY = ["street", "neon", "taxi", "crowd"]
some_words = st.text("abcde", min_size=1, max_size=2)
some_bags = st.lists(st.dictionaries(some_words, st.integers(1, 9), max_size=6), max_size=8)


def made(names: str, seed: int = 0, width: int = 3) -> WordVectors:
    vectors = np.random.default_rng(seed).normal(size=(len(names.split()), width))
    return WordVectors(tuple(names.split()), vectors.astype(np.float32))


def test_the_mean_weighs_by_share() -> None:
    vectors = WordVectors(("a", "b"), np.array([[1, 0], [0, 2]], np.float32))
    assert vectors.mean({"a": 3, "b": 1}).tolist() == [0.75, 0.5]
    assert vectors.mean({"a": 1, "unknown": 3}).tolist() == [0.25, 0]  # its share is of all words
    for empty in ({}, {"unknown": 2}):
        assert vectors.mean(empty).tolist() == [0, 0]
    assert vectors.mean({"a": 10**30}).tolist() == [1, 0]
    assert vectors.mean({}).dtype == vectors.mean({"a": 1}).dtype == np.float32


@given(st.dictionaries(some_words, st.integers(1, 1000)), st.randoms())
def test_the_mean_of_any_bag(bag: dict[str, int], random: object) -> None:
    vectors = made("a b c aa bb cc")
    expected = np.zeros(3)
    for word, n in bag.items():
        if word in vectors.words:
            expected += n * vectors.vectors[vectors.words.index(word)] / sum(bag.values())
    shuffled = list(bag.items())
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert vectors.mean(bag).tobytes() == vectors.mean(dict(shuffled)).tobytes()
    np.testing.assert_allclose(vectors.mean(bag), expected, atol=1e-6)
    np.testing.assert_allclose(vectors.mean({w: 7 * n for w, n in bag.items()}), expected, atol=1e-6)


def test_the_coverage_of_songs() -> None:
    vectors = WordVectors(("a", "b", "zero"), np.array([[1, 0], [0, 2], [0, 0]], np.float32))
    bags = [{"a": 3, "x": 1}, {"x": 2, "zero": 4}, {"b": 1}, {}]
    found = vectors.coverage(iter(bags))
    assert found == Coverage(n_songs=3, n_known_songs=2, n_words=11, n_known_words=4)
    assert (found.song_share, found.word_share) == (2 / 3, 4 / 11)
    nothing = vectors.coverage([{}])
    assert (nothing, nothing.song_share, nothing.word_share) == (Coverage(0, 0, 0, 0), None, None)


@given(some_bags)
def test_songs_that_are_covered_have_a_mean(bags: list[dict[str, int]]) -> None:
    vectors = made("a b c aa bb cc")
    found = vectors.coverage(bags)
    assert found.n_known_songs == sum(bool(vectors.mean(bag).any()) for bag in bags)
    assert found.n_known_songs <= found.n_songs == sum(map(bool, bags))
    assert found.n_known_words <= found.n_words


def test_stems_have_the_vectors_of_words() -> None:
    vectors = made("u.s. i going us go baby can't can ieds don't babies rock'n'roll hip-hop ! babi été")
    stems = vectors.by_stem()
    row = dict(zip(vectors.words, vectors.vectors.tolist(), strict=True))
    assert dict(zip(stems.words, stems.vectors.tolist(), strict=True)) == {
        "i": row["i"],
        "us": row["us"],  # not that of "u.s."
        "go": row["go"],  # shorter, and about as common as "going"
        "babi": row["baby"],  # not the rare "babi"
        "ca": row["can't"],
        "can": row["can"],
        "rocknrol": row["rock'n'roll"],
        "hiphop": row["hip-hop"],
        "été": row["été"],
    }
    assert list(stems.words) == ["i", "us", "go", "babi", "ca", "can", "rocknrol", "hiphop", "été"]


def test_a_word_that_is_far_rarer_is_not_what_a_stem_stands_for() -> None:
    filling = " ".join(f"x{n}" for n in range(12))
    assert stems_of(f"trying try {filling} tri".split())["tri"] == "try"
    assert stems_of(f"trying {filling} try".split())["tri"] == "trying"


# From musiXmatch's table of what its stems stand for.
@pytest.mark.parametrize(
    ("stem", "word"),
    [
        ("everyth", "everything"),
        ("onli", "only"),
        ("hatr", "hatred"),
        ("creatur", "creature"),
        ("día", "día"),
    ],
)
def test_stems_as_musixmatch_has_them(stem: str, word: str) -> None:
    assert stems_of([word]) == {stem: word}


@given(st.lists(st.text("abeginsy'-", max_size=8), unique=True))
def test_any_words_have_stems(words: list[str]) -> None:
    vectors = made(" ".join(filter(None, words)))
    stems = vectors.by_stem()
    assert len(set(stems.words)) == len(stems.words) <= len(vectors.words)
    assert {row.tobytes() for row in stems.vectors} <= {row.tobytes() for row in vectors.vectors}


def test_without_a_stemmer_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "Stemmer", None)
    with pytest.raises(GrooveError) as refused:
        made("a b").by_stem()
    assert refused.value.hint == "install it: `pip install PyStemmer`"


def test_the_id_changes_with_all_it_holds() -> None:
    first = made("a b c d", width=2)
    others = [
        made("a b c e", width=2),
        made("b a c d", width=2),
        made("a b c d", seed=1, width=2),
        made("a b c", width=2),
        WordVectors(first.words[:2], first.vectors.reshape(2, 4)),
        WordVectors((), np.zeros((0, 2), np.float32)),
        WordVectors((), np.zeros((0, 3), np.float32)),
    ]
    ids = {v.id for v in (first, *others)}
    assert len(ids) == len(others) + 1
    assert made("a b c d", width=2).id == first.id
    assert WordVectors(first.words, np.asfortranarray(first.vectors)).id == first.id
    assert all(len(i) == 16 and int(i, 16) >= 0 for i in ids)


def test_the_id_is_the_same_in_all_versions() -> None:
    assert WordVectors(("a", "é"), np.array([[1, 2], [3, 4]], np.float32)).id == "a085280bc744fb40"


def two_topics(n_songs: int = 60) -> list[Bag]:
    rng = np.random.default_rng(0)
    return [
        {"the": 9, **{str(w): 1 for w in rng.choice((SEA, CITY)[n % 2], 2, replace=False)}}
        for n in range(n_songs)
    ]


def test_words_of_the_same_songs_are_near() -> None:
    vectors = learnt(two_topics(), width=2)
    assert vectors.words[0] == "the"
    assert set(vectors.words) == {"the", *SEA, *CITY}
    row = dict(zip(vectors.words, vectors.vectors, strict=True))
    assert not row["the"].any()  # in all songs, so it says nothing
    near = [row[a] @ row[b] for topic in (SEA, CITY) for a in topic for b in topic if a != b]
    far = [row[a] @ row[b] for a in SEA for b in CITY]
    assert min(near) > 0.9
    assert max(map(abs, far)) < 0.1
    np.testing.assert_allclose([np.linalg.norm(row[w]) for w in SEA + CITY], 1, rtol=1e-5)
    sea, wave, taxi = (vectors.mean({word: 1, "the": 1}) for word in ("sea", "wave", "taxi"))
    assert sea @ wave > sea @ taxi


@given(some_bags, st.randoms(), st.integers(1, 12))
def test_vectors_learnt_of_any_bags(bags: list[dict[str, int]], random: object, width: int) -> None:
    vectors = learnt(bags, width)
    n_songs_with = {w: sum(w in bag for bag in bags) for bag in bags for w in bag}
    assert set(vectors.words) == {word for word, n in n_songs_with.items() if n >= 2}
    assert [n_songs_with[w] for w in vectors.words] == sorted(map(n_songs_with.get, vectors.words))[::-1]
    assert vectors.vectors.shape == (len(vectors.words), width)
    assert vectors.vectors.dtype == np.float32
    lengths = np.linalg.norm(vectors.vectors, axis=1)
    assert np.all((lengths == 0) | np.isclose(lengths, 1, rtol=1e-5))
    assert not vectors.vectors[:, len(vectors.words) :].any()
    shuffled = [dict(sorted(bag.items(), key=lambda _: random.random())) for bag in bags]  # type: ignore[attr-defined]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert learnt(iter(shuffled), width).id == vectors.id


def _output(code: str) -> str:
    root = Path(__file__).parent.parent
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root
    )
    return done.stdout.strip()


def test_the_seed_and_the_process_leave_the_words_alone() -> None:
    code = "from tests.test_words import *; print(learnt(two_topics()).id)"
    assert _output(code) == learnt(two_topics()).id
    assert learnt(two_topics(), seed=1).words == learnt(two_topics()).words


def test_the_most_common_words_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "_MOST_WORDS", 3)
    bags = [{"b": 1, "a": 1, "c": 1}, {"b": 1, "d": 1, "c": 1}, {"b": 1, "d": 1, "a": 1}]
    assert learnt(bags).words == ("b", "a", "c")


@pytest.mark.parametrize("bags", [[], [{}, {}], [{"a": 2}], [{"a": 1}, {"b": 1}]])
def test_no_words_are_learnt_of_nothing(bags: list[Bag]) -> None:
    vectors = learnt(bags)
    assert (vectors.words, vectors.vectors.shape, vectors.width) == ((), (0, 100), 100)
    assert vectors.mean({"a": 1}).tolist() == [0] * 100


def trained() -> KeyedVectors:
    texts = [[*SEA, "don't", "été"], [*CITY, "été"]] * 9
    return Word2Vec(texts, vector_size=7, min_count=1, seed=1, workers=1).wv


def glove(path: Path, wv: KeyedVectors) -> None:
    lines = [f"{w} {' '.join(f'{x:.6f}' for x in wv[w])}" for w in wv.index_to_key]
    path.write_text("\n".join(lines) + "\n", "utf-8")


Writer = Callable[[Path, KeyedVectors], None]
WRITERS: dict[str, Writer] = {
    "a.bin": lambda path, wv: wv.save_word2vec_format(path, binary=True),
    "a.bin.gz": lambda path, wv: wv.save_word2vec_format(path, binary=True),
    "a.vec": lambda path, wv: wv.save_word2vec_format(path, binary=False),
    "a.txt.gz": lambda path, wv: wv.save_word2vec_format(path, binary=False),
    "glove.7d.txt": glove,
    "a #1 [100%]?.txt": glove,
}


@pytest.mark.parametrize("name", WRITERS)
def test_vectors_of_every_format(tmp_path: Path, name: str) -> None:
    wv = trained()
    WRITERS[name](tmp_path / name, wv)
    vectors = read_vectors(tmp_path / name)
    assert vectors.words == tuple(wv.index_to_key)
    assert vectors.vectors.dtype == np.float32
    np.testing.assert_allclose(vectors.vectors, wv.vectors, atol=1e-6)
    first = read_vectors(tmp_path / name, n_words=4)
    assert first.words == vectors.words[:4]
    np.testing.assert_array_equal(first.vectors, vectors.vectors[:4])


def test_the_original_tools_line_ends(tmp_path: Path) -> None:
    numbers = np.arange(6, dtype="<f4").reshape(2, 3)
    rows = [word + b" " + row.tobytes() + b"\n" for word, row in zip((b"</s>", b"a"), numbers, strict=True)]
    (tmp_path / "a.bin").write_bytes(b"2 3\n" + b"".join(rows))
    vectors = read_vectors(tmp_path / "a.bin")
    assert vectors.words == ("</s>", "a")
    np.testing.assert_array_equal(vectors.vectors, numbers)


@given(
    st.integers(2, 4).flatmap(
        lambda width: st.dictionaries(
            st.text("abé'1", min_size=1, max_size=4),
            st.lists(st.floats(-9, 9, width=32), min_size=width, max_size=width),
            min_size=1,
        )
    ),
    st.booleans(),
)
def test_any_word2vec_file_comes_back(
    tmp_path_factory: pytest.TempPathFactory, rows: dict[str, list[float]], is_binary: bool
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.w2v"
    wv = KeyedVectors(len(next(iter(rows.values()))))
    wv.add_vectors(list(rows), np.array(list(rows.values()), np.float32))
    wv.save_word2vec_format(path, binary=is_binary)
    vectors = read_vectors(path)
    assert dict(zip(vectors.words, vectors.vectors.tolist(), strict=True)) == rows


def test_words_are_casefolded_the_first_counts(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("The 1 0\nthe 2 0\nParis 3 0\nThe 4 0\n")
    vectors = read_vectors(tmp_path / "a.txt")
    assert vectors.words == ("the", "paris")
    assert vectors.vectors[:, 0].tolist() == [1, 3]


def _refused_files() -> dict[str, bytes]:
    floats = np.ones(3, "<f4").tobytes()
    return {
        "empty": b"",
        "text": b"once upon a time\n",
        "json": b'{"a": [1, 2]}',
        "zero-words": b"0 3\n",
        "zero-width": b"2 0\na\nb\n",
        "huge-header": b"9999999999 9999\na " + floats,
        "wide-header": b"1 99999999999\na 1 2\n",
        "truncated.bin": b"2 3\na " + floats + b"b " + floats[:-1],
        "truncated.vec": b"2 3\na 1 2 3\n",
        "cut.vec": b"2 3\na 1 2 3\nb 1\n",
        "cut-glove": b"a 1 2 3\nb 1",
        "shorter": b"a 1 2 3\nb 1 2\n",
        "longer.vec": b"1 2\na 1 2 3\n",
        "no-number": b"a 1 2\nb 1 x\n",
        "space-in-word": b"a 1 2\nb c 1 2\n",
        "tabs": b"2 3\na\t1\t2\t3\nb\t1\t2\t3\n",
        "commas": b"a,1,2,3\nb,1,2,3\n",
        "nan": b"a 1 nan\n",
        "infinite": b"a 1 1e400\n",
        "nan.bin": b"1 3\na " + np.full(3, np.nan, "<f4").tobytes(),
        "latin-1": "é 1 2\n".encode("latin-1"),
        "latin-1.bin": "1 3\né ".encode("latin-1") + floats,
        "utf-16": "a 1 2\n".encode("utf-16"),
        "pickle": pickle.dumps({"a": [1.0, 2.0]}),
        "packed": gzip.compress(b"a 1 2\n"),
        "not-packed.gz": b"a 1 2\n",
        "cut.gz": gzip.compress(b"a 1 2\nb 3 4\n")[:-9],
        "other.gz": gzip.compress(b"something else"),
        "npy": b"\x93NUMPY\x01\0v\0",
    }


@pytest.mark.parametrize("name", _refused_files())
def test_other_files_are_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(_refused_files()[name])
    with pytest.raises(DatasetError) as refused:
        read_vectors(path)
    assert str(path) in refused.value.what
    assert "word2vec" in refused.value.hint
    assert not refused.value.what.endswith(": ")


def test_archives_folders_and_missing_files_are_refused(tmp_path: Path) -> None:
    archive = tmp_path / "glove.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("glove.txt", "a 1 2\n")
    for path in (archive, tmp_path, tmp_path / "missing.bin"):
        with pytest.raises(DatasetError, match=path.name):
            read_vectors(path)


@pytest.mark.parametrize("name", ["a.bin", "a.vec"])
def test_no_truncated_file_passes(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    WRITERS[name](path, trained())
    data = path.read_bytes()
    for n in range(0, len(data) - 12, 7):
        path.write_bytes(data[:n])
        with pytest.raises(DatasetError):
            read_vectors(path)


def test_nothing_is_unpickled(tmp_path: Path) -> None:
    trained().save(str(tmp_path / "native.kv"))  # gensim's own format is a pickle
    with pytest.raises(DatasetError):
        read_vectors(tmp_path / "native.kv")


def test_without_gensim_the_error_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "gensim.models", None)
    with pytest.raises(GrooveError) as refused:
        read_vectors(tmp_path / "a.bin")
    assert refused.value.hint == "install it: `pip install gensim`"


@pytest.mark.parametrize("vectors", [made("a don't été 😀"), learnt([])], ids=["some", "none"])
def test_stored_vectors_come_back(tmp_path: Path, vectors: WordVectors) -> None:
    folder = tmp_path / "vectors"
    path = store(folder, vectors)
    assert path == store(folder, vectors) == folder / f"{vectors.id}.safetensors"
    found = stored(folder, vectors.id)
    assert (found.words, found.id) == (vectors.words, vectors.id)
    np.testing.assert_array_equal(found.vectors, vectors.vectors)
    assert stored(folder, vectors.id) is found


def test_missing_vectors_say_what_to_do_and_may_come(tmp_path: Path) -> None:
    vectors = made("x y z")
    for id in (vectors.id, "", "../../etc/passwd", vectors.id.upper() + "\n"):
        with pytest.raises(ModelError) as missing:
            stored(tmp_path, id)
        assert missing.value.what == f"the model needs the word vectors {id}, which are not here"
        assert "copy that file" in missing.value.hint
    store(tmp_path, vectors)
    assert stored(tmp_path, vectors.id).words == vectors.words


def _swapped(vectors: WordVectors) -> bytes:
    return save({"vectors": vectors.vectors[::-1].copy()}, metadata={"groove_words": '["p", "q"]'})


@pytest.mark.parametrize(
    "damage",
    [
        lambda _: b"",
        lambda _: b"\xff" * 99,
        _swapped,
        lambda v: save({"vectors": v.vectors}),
        lambda v: save({"vectors": v.vectors}, metadata={"groove_words": "7"}),
        lambda v: save({"vectors": v.vectors}, metadata={"groove_words": '{"p": 1'}),
        lambda v: save({"vectors": v.vectors}, metadata={"groove_words": "[" * 10**5}),
        lambda v: save({"vectors": v.vectors}, metadata={"groove_words": '[["p"], {}]'}),
        lambda v: save({"other": v.vectors}, metadata={"groove_words": '["p", "q"]'}),
        lambda v: save({"vectors": v.vectors[0].copy()}, metadata={"groove_words": '["p", "q"]'}),
        lambda v: save({"vectors": v.vectors.astype("f8")}, metadata={"groove_words": '["p", "q"]'}),
    ],
)
def test_damaged_vectors_are_refused(tmp_path: Path, damage: Callable[[WordVectors], bytes]) -> None:
    vectors = made("p q")
    path = store(tmp_path, vectors)
    whole = path.read_bytes()
    path.write_bytes(damage(vectors))
    with pytest.raises(ModelError, match="damaged") as refused:
        stored(tmp_path, vectors.id)
    assert str(path) in refused.value.what
    path.write_bytes(whole)  # no error is kept
    assert stored(tmp_path, vectors.id).words == ("p", "q")


def test_importing_costs_no_heavy_package() -> None:
    heavy = {"scipy", "sklearn", "gensim", "chardet", "Stemmer"}
    modules = "groovecli.features.word_vectors, groovecli.audio.lyrics"
    code = f"import sys, {modules}; print({heavy} & {{*sys.modules}})"
    assert _output(code) == "set()"
